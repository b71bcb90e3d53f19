// Words for a reason: one frame for every language, which picks a pattern by what the reason is made of and fills it.
#include "agent/words.h"
#include <assert.h>
#include <math.h>
#include <string.h>

static const double clearly = 0.3; // m/s^2 from which a sentence says that it brakes or accelerates

// ---- the pen ---------------------------------------------------------------------------------------------------------

static void write_text(cw_pen *pen, const char *text, size_t count) {
    if (pen->length + count >= pen->size) {
        // Cut at a whole character, never within one: UTF-8 goes on with 10xxxxxx.
        count = pen->size > pen->length + 1 ? pen->size - pen->length - 1 : 0;
        while (count > 0 && ((unsigned char)text[count] & 0xC0) == 0x80) {
            count--;
        }
        memcpy(pen->out + pen->length, text, count);
        pen->length += count;
        pen->size = pen->length + 1; // full: what follows would not fit in sense either
    } else {
        memcpy(pen->out + pen->length, text, count);
        pen->length += count;
    }
    pen->out[pen->length] = '\0';
}

// Rounded half away from zero; 0 to 3 decimals.
static void write_number(cw_pen *pen, double value, int decimals) {
    if (!isfinite(value)) {
        write_text(pen, "?", 1);
        return;
    }
    static const double scale[] = {1.0, 10.0, 100.0, 1000.0};
    double units = floor(fabs(value) * scale[decimals] + 0.5);
    units = units > 9e15 ? 9e15 : units;
    uint64_t whole = (uint64_t)units;
    char digits[32];
    size_t at = sizeof digits;
    for (int i = 0; i < decimals; i++) {
        digits[--at] = (char)('0' + whole % 10);
        whole /= 10;
    }
    if (decimals > 0) {
        digits[--at] = '.';
    }
    do {
        digits[--at] = (char)('0' + whole % 10);
        whole /= 10;
    } while (whole > 0);
    if (value < 0.0 && units > 0.0) {
        digits[--at] = '-';
    }
    write_text(pen, digits + at, sizeof digits - at);
}

// ---- patterns --------------------------------------------------------------------------------------------------------

typedef struct filling { // what the braces of a pattern stand for
    double number;       // {n}, and {kmh} as a speed in m/s
    int decimals;
    double accel;      // {a}
    const char *label; // {label}
    cw_named who;      // {who}, by whether there is a label
} filling;

static void write_pattern(cw_pen *pen, const char *pattern, const filling *with);

static void write_brace(cw_pen *pen, const char *name, size_t length, const filling *with) {
    if (length == 1 && *name == 'n') {
        write_number(pen, with->number, with->decimals);
    } else if (length == 1 && *name == 'a') {
        write_number(pen, fabs(with->accel), 1);
    } else if (length == 3 && memcmp(name, "kmh", 3) == 0) {
        write_number(pen, with->number * 3.6, 0);
    } else if (length == 3 && memcmp(name, "who", 3) == 0) {
        write_pattern(pen, with->label ? with->who.labelled : with->who.unlabelled, with);
    } else if (with->label) {
        write_text(pen, with->label, strlen(with->label));
    }
}

static void write_pattern(cw_pen *pen, const char *pattern, const filling *with) {
    for (const char *open; (open = strchr(pattern, '{')) != NULL;) {
        const char *close = strchr(open, '}');
        write_text(pen, pattern, (size_t)(open - pattern));
        write_brace(pen, open + 1, (size_t)(close - open - 1), with);
        pattern = close + 1;
    }
    write_text(pen, pattern, strlen(pattern));
}

// ---- the decision ----------------------------------------------------------------------------------------------------

static const cw_decided_words *decided_words(const cw_words *w, uint8_t longitudinal) {
    const cw_decided_words *const words[] = {&w->keep_speed, &w->follow_lead,    &w->adapt_speed, &w->yield,
                                             &w->stop_for,   &w->wait,           &w->creep,       &w->go,
                                             &w->accelerate, &w->emergency_brake};
    return longitudinal < sizeof words / sizeof *words ? words[longitudinal] : &w->keep_speed;
}

static const char *lateral_words(const cw_words *w, uint8_t lateral) {
    const char *const words[] = {w->keep_lane,    w->turn_left,    w->turn_right, w->go_straight, w->change_left,
                                 w->change_right, w->abort_change, w->nudge_left, w->nudge_right, w->pull_over};
    return lateral < sizeof words / sizeof *words ? words[lateral] : "";
}

static void write_decision(cw_pen *pen, const cw_words *w, const cw_reason *r) {
    const cw_decided_words *words = decided_words(w, r->longitudinal);
    double a = (double)r->accel;
    filling with = {.number = (double)r->speed, .accel = a, .who = w->vehicle};
    write_pattern(pen, a < -clearly ? words->brakes : a > clearly ? words->gains : words->steady, &with);
    write_pattern(pen, lateral_words(w, r->lateral), &with);
}

// ---- causes ----------------------------------------------------------------------------------------------------------

static bool is_distance(const cw_cause *c) {
    return c->quantity == CW_Q_GAP_M || c->quantity == CW_Q_DISTANCE_M;
}

// What the cause's number says after a clause; NULL where it has none that is known.
static const char *tail_of(const cw_tails *tails, const cw_cause *c) {
    switch (c->quantity) {
    case CW_Q_TTC_S:
        return tails->ttc;
    case CW_Q_ARRIVAL_S:
        return c->relation == CW_REL_HAS_PRIORITY ? tails->arrival_first : tails->arrival;
    case CW_Q_SPEED_MPS:
        return tails->speed;
    case CW_Q_HEADWAY_S:
        return c->relation == CW_REL_BESIDE || c->relation == CW_REL_BEHIND ? tails->headway_aside : tails->headway;
    case CW_Q_CURVATURE:
        return tails->curvature;
    case CW_Q_FRICTION:
        return tails->friction;
    default:
        return NULL;
    }
}

static const cw_user_clause *user_clause(const cw_words *w, uint8_t relation) {
    switch (relation) {
    case CW_REL_CUTTING_IN:
        return &w->cutting_in;
    case CW_REL_CUTTING_OUT:
        return &w->cutting_out;
    case CW_REL_CROSSING_LEFT:
        return &w->crossing_left;
    case CW_REL_CROSSING_RIGHT:
        return &w->crossing_right;
    case CW_REL_ONCOMING:
        return &w->oncoming;
    case CW_REL_MERGING:
        return &w->merging;
    case CW_REL_BEHIND:
        return &w->behind;
    case CW_REL_BESIDE:
        return &w->beside;
    case CW_REL_STANDING:
        return &w->standing;
    case CW_REL_ON_CROSSING:
        return &w->on_crossing;
    case CW_REL_HAS_PRIORITY:
        return &w->has_priority;
    case CW_REL_HIDDEN:
        return &w->hidden;
    default:
        return &w->ahead;
    }
}

static const cw_named *user_named(const cw_words *w, uint8_t kind) {
    switch (kind) {
    case CW_CAUSE_PEDESTRIAN:
        return &w->pedestrian;
    case CW_CAUSE_CYCLIST:
        return &w->cyclist;
    case CW_CAUSE_ANIMAL:
        return &w->animal;
    case CW_CAUSE_OBSTACLE:
        return &w->obstacle;
    default:
        return &w->vehicle;
    }
}

static void write_user(cw_pen *pen, const cw_words *w, const cw_cause *c, filling *with) {
    const cw_user_clause *says = user_clause(w, c->relation);
    const char *tail = tail_of(&w->user, c);
    with->who = *user_named(w, c->kind);
    if (is_distance(c) || !tail) {
        write_pattern(pen, is_distance(c) ? says->at : says->ends, with);
        return;
    }
    bool follows = c->quantity == CW_Q_TTC_S || (c->quantity == CW_Q_ARRIVAL_S && c->relation != CW_REL_HAS_PRIORITY);
    write_pattern(pen, follows ? says->so : says->and, with);
    write_pattern(pen, tail, with);
}

static const cw_thing_clause *thing_clause(const cw_words *w, const cw_cause *c, int signal_kind) {
    switch (c->kind) {
    case CW_CAUSE_SIGNAL:
        return c->relation == CW_REL_RED      ? &w->signal_red
               : c->relation == CW_REL_YELLOW ? &w->signal_yellow
                                              : &w->signal_holds;
    case CW_CAUSE_SIGN:
        return signal_kind == CW_SIGNAL_STOP    ? &w->stop_sign
               : signal_kind == CW_SIGNAL_YIELD ? &w->yield_sign
                                                : &w->sign;
    case CW_CAUSE_LIMIT:
        return &w->limit;
    case CW_CAUSE_GEOMETRY:
        return c->relation == CW_REL_END_OF_LANE ? &w->lane_end : &w->bend;
    case CW_CAUSE_ROUTE:
        return c->relation == CW_REL_GOAL ? &w->goal : c->relation == CW_REL_MISSED ? &w->missed : &w->route;
    case CW_CAUSE_OCCLUSION:
        return c->relation == CW_REL_BESIDE ? &w->steps_out : &w->hidden_lane;
    case CW_CAUSE_SURFACE:
        return &w->slippery;
    default:
        return &w->nothing;
    }
}

static void write_thing(cw_pen *pen, const cw_words *w, const cw_cause *c, int signal_kind, filling *with) {
    const cw_thing_clause *says = thing_clause(w, c, signal_kind);
    const char *tail = tail_of(&w->thing, c);
    const char *special = c->quantity == CW_Q_SPEED_MPS  ? says->speed
                          : c->quantity == CW_Q_FRICTION ? says->friction
                                                         : "";
    with->who = c->kind == CW_CAUSE_SIGNAL ? w->signal : w->hider;
    if (special[0] != '\0') {
        write_pattern(pen, special, with);
    } else if (says == &w->nothing || (!tail && !is_distance(c))) {
        write_pattern(pen, says->ends, with);
    } else if (is_distance(c)) {
        write_pattern(pen, says->at, with);
    } else {
        write_pattern(pen, says->and, with);
        write_pattern(pen, tail, with);
    }
}

// The file's own name of what a cause is about; NULL where none is known.
static const char *label_of(const cw_labels *labels, const cw_cause *c) {
    const char *label = NULL;
    if (c->kind == CW_CAUSE_SIGNAL) {
        label = labels && labels->map && c->item < labels->map->signal_count ? labels->map->signals[c->item].id : NULL;
    } else if (labels && labels->user && c->id != 0) {
        label = labels->user(labels->context, c->id);
    }
    return label && label[0] != '\0' ? label : NULL;
}

static void write_cause(cw_pen *pen, const cw_words *w, const cw_cause *c, const cw_labels *labels) {
    bool known = labels && labels->map && c->item < labels->map->signal_count;
    int signal_kind = known ? (int)labels->map->signals[c->item].kind : -1;
    filling with = {.number = (double)c->value,
                    .decimals = c->quantity == CW_Q_CURVATURE  ? 3
                                : c->quantity == CW_Q_FRICTION ? 2
                                                               : 1,
                    .label = label_of(labels, c)};
    switch (c->kind) {
    case CW_CAUSE_VEHICLE:
    case CW_CAUSE_PEDESTRIAN:
    case CW_CAUSE_CYCLIST:
    case CW_CAUSE_ANIMAL:
    case CW_CAUSE_OBSTACLE:
        write_user(pen, w, c, &with);
        break;
    default:
        write_thing(pen, w, c, signal_kind, &with);
        break;
    }
}

size_t cw_reason_words(const cw_reason *reason, const cw_labels *labels, cw_language language, char *out, size_t size) {
    assert(reason && (out || size == 0));
    if (size == 0) {
        return 0;
    }
    const cw_words *w = language == CW_KOREAN ? &cw_words_korean : &cw_words_english;
    cw_pen pen = {.out = out, .size = size, .length = 0};
    out[0] = '\0';
    write_decision(&pen, w, reason);
    uint8_t count = reason->count < CW_CAUSES ? reason->count : CW_CAUSES;
    for (uint8_t i = 0; i < count; i++) {
        const char *before = i == 0 ? w->first : w->next;
        write_text(&pen, before, strlen(before));
        write_cause(&pen, w, &reason->cause[i], labels);
    }
    write_text(&pen, w->stop, strlen(w->stop));
    cw_korean_particles(out);
    return strlen(out);
}
