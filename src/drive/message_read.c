// Messages from a driver: bytes that nobody vouches for. What comes out has finite numbers and known words only.
#include "drive/message.h"

#include <jansson.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const double number_most = 1e6; // m, m/s, rad: beyond any road

const char *const message_names[MESSAGE_KINDS] = {"ready", "drive", "state", "restored", "error"};

// Length of the UTF-8 character at `at`, 0 for bytes that are none.
static unsigned character(const unsigned char *at) {
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    unsigned length = at[0] < 0x80 ? 1 : at[0] < 0xc2 ? 0 : at[0] < 0xe0 ? 2 : at[0] < 0xf0 ? 3 : at[0] < 0xf5 ? 4 : 0;
    uint32_t code = length < 2 ? at[0] : at[0] & (0x7fu >> length);
    for (unsigned i = 1; i < length; i++) {
        if ((at[i] & 0xc0) != 0x80)
            return 0; // the terminating zero too
        code = code << 6 | (at[i] & 0x3fu);
    }
    return code < least[length] || (code >= 0xd800 && code < 0xe000) || code > 0x10ffff ? 0 : length;
}

void message_clean(char *text) {
    unsigned char *out = (unsigned char *)text;
    for (const unsigned char *at = out; *at;) {
        unsigned length = character(at);
        if (length == 0) {
            // At the very end it was cut there.
            const unsigned char *rest = at + 1;
            while ((*rest & 0xc0) == 0x80)
                rest++;
            if (*rest == 0 && *at >= 0xc2)
                break;
            *out++ = '?';
            at++;
        } else if (length == 1 ? *at < 0x20 || *at == 0x7f : length == 2 && at[0] == 0xc2 && at[1] < 0xa0) {
            *out++ = ' ';
            at += length;
        } else {
            memmove(out, at, length);
            out += length;
            at += length;
        }
    }
    *out = 0;
}

// A reader's state: the first thing that is wrong.
typedef struct reading {
    char *why; // [224]
    bool failed;
} reading;

__attribute__((format(printf, 2, 3))) static bool wrong(reading *r, const char *format, ...) {
    if (!r->failed) {
        va_list args;
        va_start(args, format);
        vsnprintf(r->why, 224, format, args);
        va_end(args);
        message_clean(r->why);
    }
    r->failed = true;
    return false;
}

static bool number(reading *r, const json_t *value, const char *name, float *out) {
    double number = json_number_value(value);
    if (!json_is_number(value))
        return wrong(r, "%s is not a number", name);
    if (!(fabs(number) <= number_most))
        return wrong(r, "%s is %g: beyond %g", name, number, number_most);
    *out = (float)number;
    return true;
}

static bool series(reading *r, const json_t *object, const char *name, float *out) {
    const json_t *list = json_object_get(object, name);
    if (!json_is_array(list))
        return wrong(r, "%s is not a list", name);
    if (json_array_size(list) != CW_TRAJECTORY_POINTS)
        return wrong(r, "%s has %zu numbers, not %d", name, json_array_size(list), CW_TRAJECTORY_POINTS);
    for (size_t i = 0; i < CW_TRAJECTORY_POINTS; i++) {
        char one[48];
        snprintf(one, sizeof one, "%s[%zu]", name, i);
        if (!number(r, json_array_get(list, i), one, &out[i]))
            return false;
    }
    return true;
}

// Where no heading was sent: along the way, and as it was while standing.
static void headings(cw_trajectory *t) {
    float x = 0, y = 0, heading = 0;
    for (int i = 0; i < CW_TRAJECTORY_POINTS; i++) {
        float dx = t->x[i] - x, dy = t->y[i] - y;
        if (dx * dx + dy * dy > 1e-4f)
            heading = (float)cw_atan2((double)dy, (double)dx);
        t->heading[i] = heading;
        x = t->x[i];
        y = t->y[i];
    }
}

static bool lamps(reading *r, const json_t *list, uint8_t *out) {
    static const char *const names[] = {"brake", "left", "right", "hazard", "reverse"}; // the bits of CW_LAMP_*
    if (!json_is_array(list))
        return wrong(r, "lamps is not a list");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *text = json_string_value(json_array_get(list, i));
        unsigned bit = 0;
        while (text && bit < 5 && strcmp(text, names[bit]) != 0)
            bit++;
        if (!text || bit == 5)
            return wrong(r, "lamps[%zu] is none of brake, left, right, hazard, reverse", i);
        *out = (uint8_t)(*out | 1u << bit);
    }
    return true;
}

// Which of `count` names the member's text is; 0 where there is no such member.
static bool word(reading *r, const json_t *object, const char *member, unsigned count, const char *(*name)(unsigned),
                 uint8_t *out) {
    const json_t *value = json_object_get(object, member);
    *out = 0;
    if (!value)
        return true;
    const char *text = json_string_value(value);
    for (unsigned i = 0; text && i < count; i++) {
        if (strcmp(text, name(i)) == 0) {
            *out = (uint8_t)i;
            return true;
        }
    }
    return wrong(r, "%s '%s' is unknown", member, text ? text : "(no text)");
}

static const char *longitudinal(unsigned i) {
    return cw_longitudinal_name((cw_longitudinal)i);
}
static const char *lateral(unsigned i) {
    return cw_lateral_name((cw_lateral)i);
}
static const char *cause(unsigned i) {
    return cw_cause_name((cw_cause_kind)i);
}
static const char *relation(unsigned i) {
    return cw_relation_name((cw_relation)i);
}
static const char *quantity(unsigned i) {
    return cw_quantity_name((cw_quantity)i);
}
static const char *kind(unsigned i) {
    static const char *const names[] = {"none", "computed", "learned"};
    return names[i];
}

static bool read_cause(reading *r, const json_t *object, cw_cause *out) {
    *out = (cw_cause){.item = CW_NONE, .effect = NAN};
    if (!json_is_object(object))
        return wrong(r, "a cause is not an object");
    const json_t *signal = json_object_get(object, "signal");
    if (signal && !(json_is_integer(signal) && json_integer_value(signal) >= 0 && json_integer_value(signal) < CW_NONE))
        return wrong(r, "a cause's signal is none");
    out->item = signal ? (uint32_t)json_integer_value(signal) : CW_NONE;
    const json_t *id = json_object_get(object, "id"), *value = json_object_get(object, "value");
    if (id && !(json_is_integer(id) && json_integer_value(id) >= 0 && json_integer_value(id) <= UINT32_MAX))
        return wrong(r, "a cause's id is none");
    out->id = id ? (cw_id)json_integer_value(id) : 0;
    return word(r, object, "kind", CW_CAUSE_SURFACE + 1, cause, &out->kind) &&
           word(r, object, "relation", CW_REL_MISSED + 1, relation, &out->relation) &&
           word(r, object, "quantity", CW_Q_FRICTION + 1, quantity, &out->quantity) &&
           (!value || number(r, value, "value", &out->value));
}

static bool read_reason(reading *r, const json_t *object, cw_reason *out) {
    *out = (cw_reason){0};
    if (!json_is_object(object))
        return wrong(r, "the reason is not an object");
    const json_t *causes = json_object_get(object, "causes"), *said = json_object_get(object, "kind");
    if (causes && (!json_is_array(causes) || json_array_size(causes) > CW_CAUSES))
        return wrong(r, "causes is not a list of at most %d", CW_CAUSES);
    out->kind = 2; // said with the trajectory
    out->count = (uint8_t)json_array_size(causes);
    if ((said && !word(r, object, "kind", 3, kind, &out->kind)) ||
        !word(r, object, "longitudinal", CW_EMERGENCY_BRAKE + 1, longitudinal, &out->longitudinal) ||
        !word(r, object, "lateral", CW_PULL_OVER + 1, lateral, &out->lateral))
        return false;
    for (unsigned i = 0; i < out->count; i++)
        if (!read_cause(r, json_array_get(causes, i), &out->cause[i]))
            return false;
    return true;
}

static bool read_control(reading *r, const json_t *root, message *out) {
    cw_control *control = &out->decision.control;
    const json_t *accel = json_object_get(root, "accel_mps2"), *steer = json_object_get(root, "steer_rad"),
                 *lit = json_object_get(root, "lamps");
    if (!accel != !steer)
        return wrong(r, "accel_mps2 and steer_rad go together");
    out->has_control = accel != NULL;
    return (!accel ||
            (number(r, accel, "accel_mps2", &control->accel) && number(r, steer, "steer_rad", &control->steer))) &&
           (!lit || lamps(r, lit, &control->lamps));
}

static bool read_drive(reading *r, const json_t *root, message *out) {
    cw_decision *d = &out->decision;
    const json_t *step = json_object_get(root, "step");
    if (!json_is_integer(step))
        return wrong(r, "drive has no step");
    *d = (cw_decision){.step = json_integer_value(step), .source = CW_FROM_OUTSIDE, .margin = NAN};
    if (json_is_true(json_object_get(root, "nothing")))
        return true;
    cw_trajectory *t = &d->trajectory;
    if (!series(r, root, "x_m", t->x) || !series(r, root, "y_m", t->y) || !series(r, root, "speed_mps", t->speed))
        return false;
    if (!json_object_get(root, "heading_rad"))
        headings(t);
    else if (!series(r, root, "heading_rad", t->heading))
        return false;
    if (!read_control(r, root, out))
        return false;
    d->valid = true;
    const json_t *reason = json_object_get(root, "reason");
    if (!reason)
        return true;
    // A reason that is none costs the reason, not the drive.
    reading own = {.why = out->text};
    if (read_reason(&own, reason, &d->reason)) {
        d->reason.accel = out->has_control ? d->control.accel : (t->speed[9] - t->speed[0]) / 0.9f;
        d->reason.speed = t->speed[CW_TRAJECTORY_POINTS - 1];
    } else {
        d->reason = (cw_reason){0};
        out->reason_dropped = true;
    }
    return true;
}

static bool read_ready(reading *r, const json_t *root, message *out) {
    const json_t *protocol = json_object_get(root, "protocol");
    if (!json_is_integer(protocol))
        return wrong(r, "ready has no protocol");
    if (json_integer_value(protocol) != MESSAGE_PROTOCOL)
        return wrong(r, "it speaks protocol %lld, this is protocol %d", (long long)json_integer_value(protocol),
                     MESSAGE_PROTOCOL);
    out->saves = json_is_true(json_object_get(root, "saves"));
    return true;
}

static int letter(char c) {
    return c >= 'A' && c <= 'Z'   ? c - 'A'
           : c >= 'a' && c <= 'z' ? c - 'a' + 26
           : c >= '0' && c <= '9' ? c - '0' + 52
           : c == '+'             ? 62
           : c == '/'             ? 63
                                  : -1;
}

static bool read_state(reading *r, const json_t *root, message *out) {
    const json_t *text = json_object_get(root, "bytes");
    const char *at = json_string_value(text);
    size_t length = json_string_length(text);
    if (!at || length % 4 != 0)
        return wrong(r, "state has no bytes in base64");
    size_t padding = length == 0 ? 0 : (size_t)(at[length - 1] == '=') + (size_t)(at[length - 2] == '=');
    size_t count = length / 4 * 3 - padding;
    if (count > MESSAGE_STATE_MOST)
        return wrong(r, "a state of %zu bytes: more than %d", count, MESSAGE_STATE_MOST);
    for (size_t i = 0; i < length; i += 4) {
        uint32_t group = 0;
        for (size_t k = 0; k < 4; k++) {
            int value = i + k >= length - padding ? 0 : letter(at[i + k]);
            if (value < 0)
                return wrong(r, "state has no bytes in base64");
            group = group << 6 | (uint32_t)value;
        }
        for (size_t k = 0; k < 3 && i / 4 * 3 + k < count; k++)
            out->state[i / 4 * 3 + k] = (unsigned char)(group >> (16 - 8 * k));
    }
    out->state_count = (uint32_t)count;
    return true;
}

static bool read_error(const json_t *root, message *out) {
    const char *text = json_string_value(json_object_get(root, "text"));
    const json_t *line = json_object_get(root, "line"), *step = json_object_get(root, "step");
    snprintf(out->text, sizeof out->text, "%s", text && *text ? text : "the driver gives an error without a text");
    message_clean(out->text);
    out->decision.step = json_is_integer(step) ? json_integer_value(step) : INT64_MAX;
    if (json_is_integer(line) && json_integer_value(line) > 0 && json_integer_value(line) <= 100000000)
        out->line = (int)json_integer_value(line);
    return true;
}

static bool read_kind(reading *r, const json_t *root, message *out) {
    const char *type = json_string_value(json_object_get(root, "type"));
    unsigned found = 0;
    if (!type)
        return wrong(r, "it has no type");
    while (found < MESSAGE_KINDS && strcmp(type, message_names[found]) != 0)
        found++;
    out->kind = (message_kind)found;
    switch (out->kind) {
    case MESSAGE_READY:
        return read_ready(r, root, out);
    case MESSAGE_DRIVE:
        return read_drive(r, root, out);
    case MESSAGE_STATE:
        return read_state(r, root, out);
    case MESSAGE_RESTORED:
        return true;
    case MESSAGE_ERROR:
        return read_error(root, out);
    case MESSAGE_KINDS:
        break;
    }
    return wrong(r, "its type '%s' is unknown", type);
}

bool message_read(const char *bytes, size_t count, message *out, char why[224]) {
    reading r = {.why = why};
    json_error_t err;
    why[0] = 0;
    out->saves = out->has_control = out->reason_dropped = false;
    out->decision = (cw_decision){.step = -1};
    out->state_count = 0;
    out->text[0] = 0;
    out->line = 0;
    if (count > MESSAGE_MOST)
        return wrong(&r, "a message of %zu bytes: more than %d", count, MESSAGE_MOST);
    json_t *root = json_loadb(bytes, count, JSON_REJECT_DUPLICATES, &err);
    if (!root)
        return wrong(&r, "no JSON: column %d: %s", err.column, err.text);
    bool read = json_is_object(root) ? read_kind(&r, root, out) : wrong(&r, "it is not a JSON object");
    json_decref(root);
    return read;
}
