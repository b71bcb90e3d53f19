#include "replay.h"

#include "agent/columns.h"

#include <math.h>
#include <string.h>

// A trace may come from anywhere: more than this is refused.
#define STATES_MOST ((uint64_t)1 << 26)
enum { ACTORS_MOST = 65536 };

static cw_status no_memory(cw_error *err) {
    return cw_error_set(err, CW_ERR_MEMORY, NULL, 0, 0, "out of memory while reading the trace");
}

// ---- columns ---------------------------------------------------------------------------------------------------------

static const cw_column actor_columns[] = CW_COLUMN_TABLE(CW_ACTOR_COLUMNS);
static const cw_column decision_columns[] = CW_COLUMN_TABLE(CW_DECISION_COLUMNS);
static const cw_column plan_columns[] = CW_COLUMN_TABLE(CW_PLAN_COLUMNS);
static const cw_column contact_columns[] = CW_COLUMN_TABLE(CW_CONTACT_COLUMNS);
static const cw_column signal_columns[] = CW_COLUMN_TABLE(CW_SIGNAL_COLUMNS);

#define COLUMNS(table) table, (uint32_t)(sizeof table / sizeof *table)

// What a drawing can use: 0 where it is no number or beyond reason.
static float sane(float value) {
    return value > -1e4F && value < 1e4F ? value : 0.0F;
}

// ---- actors ----------------------------------------------------------------------------------------------------------

static const char *copy(replay *of, const char *text) {
    const char *mine = text != NULL ? cw_arena_text(of->arena, text, strlen(text)) : NULL;
    return mine != NULL ? mine : "";
}

static const json *attachment(replay *of, const char *wanted) {
    const char *name;
    const void *bytes;
    size_t size;
    for (uint32_t i = 0; cw_trace_attachment(of->trace, i, &name, NULL, &bytes, &size); i++)
        if (strcmp(name, wanted) == 0)
            return json_read(of->arena, bytes, size);
    return NULL;
}

static uint8_t kind_of(const json *actor) {
    const json *kind = json_get(actor, "kind");
    if (kind != NULL && kind->kind == JSON_STRING)
        for (int i = 0; i < CW_USER_KINDS; i++)
            if (strcmp(kind->text, cw_user_name((cw_user_kind)i)) == 0)
                return (uint8_t)i;
    double number = json_number(actor, "kind", CW_USER_CAR);
    return number >= 0.0 && number < CW_USER_KINDS ? (uint8_t)number : (uint8_t)CW_USER_OTHER;
}

static float size_of(const json *actor, const char *with_unit, const char *plain, double otherwise) {
    double value = json_number(actor, with_unit, json_number(actor, plain, otherwise));
    return value > -100.0 && value < 100.0 ? (float)value : (float)otherwise;
}

static bool actors_from_json(replay *of) {
    const json *scene = attachment(of, "scene.json"), *list = json_get(scene, "actors");
    of->name = copy(of, json_text(scene, "name", NULL));
    uint32_t count = 0;
    for (const json *item = list != NULL ? list->first : NULL; item != NULL && count < ACTORS_MOST; item = item->next)
        count++;
    of->actors = cw_arena_array(of->arena, count + 1, sizeof *of->actors);
    if (of->actors == NULL)
        return false;
    of->actor_count = count;
    const json *item = list != NULL ? list->first : NULL;
    for (uint32_t i = 0; i < count; i++, item = item->next)
        of->actors[i] = (replay_actor){.name = json_text(item, "name", ""),
                                       .kind = kind_of(item),
                                       .length = size_of(item, "length_m", "length", 4.5),
                                       .width = size_of(item, "width_m", "width", 1.8),
                                       .height = size_of(item, "height_m", "height", 1.5),
                                       .center_x = size_of(item, "center_x_m", "center_x", 0.0),
                                       .center_y = size_of(item, "center_y_m", "center_y", 0.0)};
    double ego = json_number(scene, "ego", -1.0);
    of->ego = ego >= 0.0 && ego < count ? (uint32_t)ego : CW_NONE;
    return true;
}

static bool actors_from_scene(replay *of, const cw_scene *scene) {
    of->name = copy(of, scene->name);
    of->actors = cw_arena_array(of->arena, (size_t)scene->actor_count + 1, sizeof *of->actors);
    if (of->actors == NULL)
        return false;
    of->actor_count = scene->actor_count;
    for (uint32_t i = 0; i < scene->actor_count; i++) {
        const cw_actor *actor = &scene->actors[i];
        of->actors[i] = (replay_actor){.name = copy(of, actor->name),
                                       .kind = actor->kind,
                                       .length = actor->length,
                                       .width = actor->width,
                                       .height = actor->height,
                                       .center_x = actor->center_x,
                                       .center_y = actor->center_y};
    }
    of->ego = scene->ego < scene->actor_count ? scene->ego : CW_NONE;
    return true;
}

static cw_status read_states(replay *of, cw_error *err) {
    const cw_trace *trace = of->trace;
    cw_view view = cw_trace_view(trace, CW_ACTORS_CHANNEL, COLUMNS(actor_columns));
    of->ticks = view.messages;
    if (of->ticks == 0 || of->actor_count == 0)
        return cw_error_set(err, CW_ERR_INPUT, NULL, 0, 0, "the trace holds no actors: nothing to show");
    if ((uint64_t)of->ticks * of->actor_count > STATES_MOST)
        return cw_error_set(err, CW_ERR_LIMIT, NULL, 0, 0, "the trace holds too many states to show");
    of->times = cw_arena_array(of->arena, of->ticks, sizeof *of->times);
    of->states = cw_arena_array(of->arena, of->ticks * of->actor_count, sizeof *of->states);
    if (of->times == NULL || of->states == NULL)
        return no_memory(err);
    bool all_seen = !cw_view_has(&view, "seen");
    for (size_t tick = 0; tick < of->ticks; tick++) {
        cw_message message = cw_trace_message(trace, view.channel, tick);
        of->times[tick] = message.time_ns;
        const char *end = (const char *)message.bytes + message.size;
        for (const char *row = message.bytes; row < end; row += view.row_size) {
            cw_actor_row read;
            cw_view_row(&view, row, &read);
            if (read.actor >= of->actor_count || !(fabs(read.x_m) < 1e7) || !(fabs(read.y_m) < 1e7))
                continue;
            of->states[tick * of->actor_count + read.actor] = (replay_state){
                .present = true,
                .seen = all_seen || read.seen != 0,
                .lamps = read.lamps,
                .x = read.x_m,
                .y = read.y_m,
                .z = sane(read.z_m),
                .traveled = read.traveled_m > -1e9 && read.traveled_m < 1e9 ? read.traveled_m : 0.0,
                .heading = sane(read.heading_rad),
                .pitch = sane(read.pitch_rad),
                .roll = sane(read.roll_rad),
                .speed = sane(read.speed_mps),
                .lateral_speed = sane(read.lateral_speed_mps),
                .accel = sane(read.accel_mps2),
                .yaw_rate = sane(read.yaw_rate_radps),
                .steer = sane(read.steer_rad),
            };
        }
    }
    of->duration = (double)of->times[of->ticks - 1] * 1e-9;
    return CW_OK;
}

// ---- decisions -------------------------------------------------------------------------------------------------------

// Rows number actors from 1; 0 is nobody.
static uint32_t index_of(const replay *of, uint32_t number) {
    return number >= 1 && number <= of->actor_count ? number - 1 : CW_NONE;
}

static bool read_decisions(replay *of) {
    cw_view view = cw_trace_view(of->trace, CW_DECISION_CHANNEL, COLUMNS(decision_columns));
    of->decisions = cw_arena_array(of->arena, view.messages + 1, sizeof *of->decisions);
    if (of->decisions == NULL)
        return false;
    for (size_t i = 0; i < view.messages; i++) {
        cw_message message = cw_trace_message(of->trace, view.channel, i);
        if (message.size == 0)
            continue;
        cw_decision_row row;
        cw_view_row(&view, message.bytes, &row);
        replay_decision *to = &of->decisions[of->decision_count++];
        *to = (replay_decision){.time_ns = message.time_ns,
                                .source = row.source,
                                .longitudinal = row.longitudinal,
                                .lateral = row.lateral,
                                .reason_kind = row.reason_kind,
                                .cause_count = row.cause_count < CW_CAUSES ? row.cause_count : CW_CAUSES,
                                .refused = row.refused,
                                .clause = row.clause,
                                .clause_actor = index_of(of, row.clause_actor),
                                .reason_accel = row.reason_accel_mps2,
                                .reason_speed = row.reason_speed_mps,
                                .accel = row.accel_mps2,
                                .steer = row.steer_rad,
                                .margin = row.margin_m};
        for (uint32_t k = 0; k < to->cause_count; k++) {
            to->cause[k] = (replay_cause){.kind = row.cause_kind[k],
                                          .relation = row.cause_relation[k],
                                          .quantity = row.cause_quantity[k],
                                          .actor = index_of(of, row.cause_id[k]),
                                          .item = row.cause_item[k],
                                          .value = row.cause_value[k]};
        }
    }
    return true;
}

static float place(float value) {
    return value > -1e5F && value < 1e5F ? value : NAN;
}

static bool read_plans(replay *of) {
    enum { POINTS = CW_TRAJECTORY_POINTS };
    cw_view view = cw_trace_view(of->trace, CW_PLAN_CHANNEL, COLUMNS(plan_columns));
    of->plans = cw_arena_array(of->arena, view.messages + 1, sizeof *of->plans);
    if (of->plans == NULL)
        return false;
    for (size_t i = 0; i < view.messages; i++) {
        cw_message message = cw_trace_message(of->trace, view.channel, i);
        if (message.size == 0)
            continue;
        cw_plan_row row;
        cw_view_row(&view, message.bytes, &row);
        replay_plan *to = &of->plans[of->plan_count++];
        to->time_ns = message.time_ns;
        to->tube = row.tube_m > 0 && row.tube_m < 10 ? row.tube_m : 0;
        to->failsafe_count = row.failsafe_count < POINTS ? row.failsafe_count : POINTS;
        for (uint32_t k = 0; k < POINTS; k++) {
            to->x[k] = place(row.plan_x_m[k]);
            to->y[k] = place(row.plan_y_m[k]);
            to->speed[k] = place(row.plan_speed_mps[k]);
            to->failsafe_x[k] = place(row.failsafe_x_m[k]);
            to->failsafe_y[k] = place(row.failsafe_y_m[k]);
        }
    }
    return true;
}

static bool read_words(replay *of) {
    uint32_t c = cw_trace_find(of->trace, "/causeway/words");
    size_t count = c != UINT32_MAX ? cw_trace_count(of->trace, c) : 0;
    of->words = cw_arena_array(of->arena, count + 1, sizeof *of->words);
    if (of->words == NULL)
        return false;
    for (size_t i = 0; i < count; i++) {
        cw_message message = cw_trace_message(of->trace, c, i);
        const json *words = json_read(of->arena, message.bytes, message.size);
        const char *english = json_text(words, "en", NULL), *korean = json_text(words, "ko", NULL);
        if (english == NULL && korean == NULL)
            continue;
        of->words[of->words_count++] = (replay_words){
            message.time_ns,
            {english != NULL ? english : korean, korean != NULL ? korean : english},
            json_holds(words, "change"),
            REPLAY_UNTESTED,
        };
    }
    return true;
}

static bool read_events(replay *of) {
    uint32_t c = cw_trace_find(of->trace, "/causeway/events");
    size_t count = c != UINT32_MAX ? cw_trace_count(of->trace, c) : 0;
    of->events = cw_arena_array(of->arena, count + 1, sizeof *of->events);
    if (of->events == NULL)
        return false;
    for (size_t i = 0; i < count; i++) {
        cw_message message = cw_trace_message(of->trace, c, i);
        const json *event = json_read(of->arena, message.bytes, message.size);
        const char *text = json_text(event, "text", NULL);
        if (text != NULL)
            of->events[of->event_count++] = (replay_event){
                message.time_ns,
                {text, json_text(event, "ko", text)},
                json_text(event, "breach", NULL) != NULL,
                index_of(of, (uint32_t)cw_clamp(json_number(event, "actor", -1.0) + 1.0, 0.0, ACTORS_MOST))};
    }
    return true;
}

static bool read_contacts(replay *of) {
    cw_view view = cw_trace_view(of->trace, CW_CONTACT_CHANNEL, COLUMNS(contact_columns));
    of->contacts = cw_arena_array(of->arena, cw_view_rows(&view) + 1, sizeof *of->contacts);
    if (of->contacts == NULL)
        return false;
    for (size_t i = 0; i < view.messages; i++) {
        cw_message message = cw_trace_message(of->trace, view.channel, i);
        const char *end = (const char *)message.bytes + message.size;
        for (const char *row = message.bytes; row < end; row += view.row_size) {
            cw_contact_row read;
            cw_view_row(&view, row, &read);
            of->contacts[of->contact_count++] = (replay_contact){.time_ns = message.time_ns,
                                                                 .a = read.a,
                                                                 .b = read.b,
                                                                 .object = read.object,
                                                                 .speed_a = read.speed_a_mps,
                                                                 .speed_b = read.speed_b_mps,
                                                                 .impact = read.impact_mps,
                                                                 .x = read.x_m,
                                                                 .y = read.y_m};
        }
    }
    return true;
}

static bool read_lights(replay *of) {
    cw_view view = cw_trace_view(of->trace, CW_SIGNALS_CHANNEL, COLUMNS(signal_columns));
    of->lights = cw_arena_array(of->arena, cw_view_rows(&view) + 1, sizeof *of->lights);
    if (of->lights == NULL)
        return false;
    for (size_t i = 0; i < view.messages; i++) {
        cw_message message = cw_trace_message(of->trace, view.channel, i);
        const char *end = (const char *)message.bytes + message.size;
        for (const char *row = message.bytes; row < end; row += view.row_size) {
            cw_signal_row read;
            cw_view_row(&view, row, &read);
            of->lights[of->light_count++] = (replay_light){message.time_ns, read.signal, read.light};
        }
    }
    return true;
}

// All named causes hold, or one does not: so it was tested. Words are repeated until another reason is said.
static uint8_t tested_of(const json *decision) {
    const json *list = json_get(decision, "candidates");
    uint8_t tested = REPLAY_UNTESTED;
    for (const json *c = list != NULL ? list->first : NULL; c != NULL; c = c->next) {
        const char *verdict = json_text(c, "verdict", "");
        if (!json_holds(c, "named"))
            continue;
        if (strcmp(verdict, "refuted") == 0 || strcmp(verdict, "sight_only") == 0)
            return REPLAY_REFUTED;
        if (strcmp(verdict, "tested_true") == 0 || strcmp(verdict, "joint") == 0)
            tested = REPLAY_TRUE;
    }
    return tested;
}

static void note_tests(replay *of) {
    const json *list = json_get(of->why, "decisions");
    for (const json *d = list != NULL ? list->first : NULL; d != NULL; d = d->next) {
        int64_t time = (int64_t)(cw_clamp(json_number(d, "time_s", -1), -1, 1e8) * 1e9 + 0.5);
        bool within = false;
        for (size_t i = 0; i < of->words_count; i++) {
            within = of->words[i].time_ns == time || (within && !of->words[i].change);
            if (within)
                of->words[i].tested = tested_of(d);
        }
    }
}

// ---- open and close --------------------------------------------------------------------------------------------------

cw_status replay_open(const cw_trace *trace, const cw_scene *scene, replay *out, cw_error *err) {
    *out = (replay){.trace = trace, .arena = cw_arena_new(1 << 20, (size_t)8 << 30), .ego = CW_NONE, .name = ""};
    cw_status status = CW_OK;
    if (out->arena == NULL || !(scene != NULL ? actors_from_scene(out, scene) : actors_from_json(out)))
        status = no_memory(err);
    if (status == CW_OK)
        status = read_states(out, err);
    if (status == CW_OK && (!read_decisions(out) || !read_plans(out) || !read_words(out) || !read_events(out) ||
                            !read_contacts(out) || !read_lights(out)))
        status = no_memory(err);
    if (status != CW_OK) {
        replay_close(out);
        return status;
    }
    out->verdict = attachment(out, "verdict.json");
    out->why = attachment(out, "why.json");
    note_tests(out);
    if (out->name[0] == '\0')
        out->name = copy(out, cw_trace_get(trace, "scenario"));
    return CW_OK;
}

void replay_close(replay *of) {
    cw_arena_free(of->arena);
    *of = (replay){.ego = CW_NONE};
}

// ---- looking up ------------------------------------------------------------------------------------------------------

const replay_state *replay_at(const replay *of, size_t tick, uint32_t actor) {
    return &of->states[tick * of->actor_count + actor];
}

// The last of `count` items of `size` bytes, each beginning with its time, at or before the time; SIZE_MAX: none.
static size_t last_before(const void *items, size_t size, size_t count, int64_t time_ns) {
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int64_t at;
        memcpy(&at, (const char *)items + middle * size, sizeof at);
        if (at <= time_ns)
            low = middle + 1;
        else
            high = middle;
    }
    return low > 0 ? low - 1 : SIZE_MAX;
}

size_t replay_tick(const replay *of, int64_t time_ns) {
    size_t tick = last_before(of->times, sizeof *of->times, of->ticks, time_ns);
    return tick != SIZE_MAX ? tick : 0;
}

bool replay_between(const replay *of, double time, uint32_t actor, replay_state *out) {
    if (actor >= of->actor_count)
        return false;
    double ns = cw_clamp(time, 0.0, of->duration) * 1e9;
    size_t tick = replay_tick(of, (int64_t)(ns + 0.5));
    const replay_state *a = replay_at(of, tick, actor);
    *out = *a;
    if (!a->present || tick + 1 >= of->ticks)
        return a->present;
    const replay_state *b = replay_at(of, tick + 1, actor);
    double span = (double)(of->times[tick + 1] - of->times[tick]);
    if (!b->present || span <= 0.0)
        return true;
    double f = cw_clamp((ns - (double)of->times[tick]) / span, 0.0, 1.0);
    // A jump (a teleport of the storyboard) is not driven through.
    if (cw_hypot(b->x - a->x, b->y - a->y) > 10.0)
        return true;
    out->x = cw_lerp(a->x, b->x, f);
    out->y = cw_lerp(a->y, b->y, f);
    out->heading = (float)((double)a->heading + f * cw_wrap_angle((double)b->heading - (double)a->heading));
    out->z = (float)cw_lerp((double)a->z, (double)b->z, f);
    out->pitch = (float)cw_lerp((double)a->pitch, (double)b->pitch, f);
    out->roll = (float)cw_lerp((double)a->roll, (double)b->roll, f);
    out->traveled = cw_lerp(a->traveled, b->traveled, f);
    out->speed = (float)cw_lerp((double)a->speed, (double)b->speed, f);
    out->accel = (float)cw_lerp((double)a->accel, (double)b->accel, f);
    out->steer = (float)cw_lerp((double)a->steer, (double)b->steer, f);
    return true;
}

const replay_decision *replay_decision_at(const replay *of, int64_t time_ns) {
    size_t i = last_before(of->decisions, sizeof *of->decisions, of->decision_count, time_ns);
    return i != SIZE_MAX ? &of->decisions[i] : NULL;
}

const replay_plan *replay_plan_at(const replay *of, int64_t time_ns) {
    size_t i = last_before(of->plans, sizeof *of->plans, of->plan_count, time_ns);
    return i != SIZE_MAX ? &of->plans[i] : NULL;
}

const replay_words *replay_words_at(const replay *of, int64_t time_ns) {
    size_t i = last_before(of->words, sizeof *of->words, of->words_count, time_ns);
    return i != SIZE_MAX ? &of->words[i] : NULL;
}

uint8_t replay_light_at(const replay *of, uint32_t signal, int64_t time_ns) {
    size_t i = last_before(of->lights, sizeof *of->lights, of->light_count, time_ns);
    for (size_t k = i != SIZE_MAX ? i + 1 : 0; k-- > 0;)
        if (of->lights[k].signal == signal)
            return of->lights[k].light;
    return CW_LIGHT_UNKNOWN;
}

cw_vec2 replay_center(const replay_actor *actor, const replay_state *state) {
    double sine, cosine;
    cw_sincos((double)state->heading, &sine, &cosine);
    return (cw_vec2){state->x + (double)actor->center_x * cosine - (double)actor->center_y * sine,
                     state->y + (double)actor->center_x * sine + (double)actor->center_y * cosine};
}
