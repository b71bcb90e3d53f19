#include "replay.h"

#include <math.h>
#include <string.h>

// A trace may come from anywhere: more than this is refused.
#define STATES_MOST ((uint64_t)1 << 26)
enum { ACTORS_MOST = 65536 };

static cw_status no_memory(cw_error *err) {
    return cw_error_set(err, CW_ERR_MEMORY, NULL, 0, 0, "out of memory while reading the trace");
}

// ---- columns ---------------------------------------------------------------------------------------------------------

// Where a column's values stand in a row; `at` SIZE_MAX: not there.
typedef struct column {
    size_t at;
    cw_type type;
} column;

static column find(const cw_trace *trace, uint32_t channel, const char *name, cw_type type, uint32_t count) {
    return (column){cw_trace_offset(trace, channel, name, type, count), type};
}

static double value_of(const char *row, column from, uint32_t index, double otherwise) {
    if (from.at == SIZE_MAX)
        return otherwise;
    const char *at = row + from.at + index * cw_type_size(from.type);
    uint8_t u8;
    uint32_t u32;
    float f32;
    double f64;
    switch (from.type) {
    case CW_U8:
        memcpy(&u8, at, 1);
        return u8;
    case CW_U32:
        memcpy(&u32, at, 4);
        return u32;
    case CW_F32:
        memcpy(&f32, at, 4);
        return (double)f32;
    case CW_F64:
        memcpy(&f64, at, 8);
        return f64;
    default:
        return otherwise;
    }
}

static float float_of(const char *row, column from, float otherwise) {
    return (float)value_of(row, from, 0, (double)otherwise);
}

// What a drawing can use: 0 where it is no number or beyond reason.
static float sane_of(const char *row, column from) {
    float value = float_of(row, from, 0.0F);
    return value > -1e4F && value < 1e4F ? value : 0.0F;
}

static uint8_t byte_of(const char *row, column from) {
    return (uint8_t)value_of(row, from, 0, 0.0);
}

static uint32_t index_of(const char *row, column from) {
    return (uint32_t)value_of(row, from, 0, (double)CW_NONE);
}

// Number of messages of a row channel, 0 when there is none.
static size_t row_messages(const cw_trace *trace, const char *name, uint32_t *channel) {
    *channel = cw_trace_find(trace, name);
    return *channel == UINT32_MAX || cw_trace_row_size(trace, *channel) == 0 ? 0 : cw_trace_count(trace, *channel);
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
    uint32_t channel;
    of->ticks = row_messages(trace, "/causeway/actors", &channel);
    if (of->ticks == 0 || of->actor_count == 0)
        return cw_error_set(err, CW_ERR_INPUT, NULL, 0, 0, "the trace holds no actors: nothing to show");
    if ((uint64_t)of->ticks * of->actor_count > STATES_MOST)
        return cw_error_set(err, CW_ERR_LIMIT, NULL, 0, 0, "the trace holds too many states to show");
    of->times = cw_arena_array(of->arena, of->ticks, sizeof *of->times);
    of->states = cw_arena_array(of->arena, of->ticks * of->actor_count, sizeof *of->states);
    if (of->times == NULL || of->states == NULL)
        return no_memory(err);
    column actor = find(trace, channel, "actor", CW_U32, 1), lamps = find(trace, channel, "lamps", CW_U8, 1);
    column seen = find(trace, channel, "seen", CW_U8, 1), x = find(trace, channel, "x_m", CW_F64, 1);
    column y = find(trace, channel, "y_m", CW_F64, 1), z = find(trace, channel, "z_m", CW_F32, 1);
    column heading = find(trace, channel, "heading_rad", CW_F32, 1);
    column speed = find(trace, channel, "speed_mps", CW_F32, 1);
    column lateral = find(trace, channel, "lateral_speed_mps", CW_F32, 1);
    column accel = find(trace, channel, "accel_mps2", CW_F32, 1);
    column yaw_rate = find(trace, channel, "yaw_rate_radps", CW_F32, 1);
    column steer = find(trace, channel, "steer_rad", CW_F32, 1);
    size_t row_size = cw_trace_row_size(trace, channel);
    for (size_t tick = 0; tick < of->ticks; tick++) {
        cw_message message = cw_trace_message(trace, channel, tick);
        of->times[tick] = message.time_ns;
        const char *end = (const char *)message.bytes + message.size;
        for (const char *row = message.bytes; row < end; row += row_size) {
            uint32_t index = index_of(row, actor);
            double px = value_of(row, x, 0, NAN), py = value_of(row, y, 0, NAN);
            if (index >= of->actor_count || !(fabs(px) < 1e7) || !(fabs(py) < 1e7))
                continue;
            of->states[tick * of->actor_count + index] = (replay_state){
                .present = true,
                .seen = seen.at == SIZE_MAX || byte_of(row, seen) != 0,
                .lamps = byte_of(row, lamps),
                .x = px,
                .y = py,
                .z = sane_of(row, z),
                .heading = sane_of(row, heading),
                .speed = sane_of(row, speed),
                .lateral_speed = sane_of(row, lateral),
                .accel = sane_of(row, accel),
                .yaw_rate = sane_of(row, yaw_rate),
                .steer = sane_of(row, steer),
            };
        }
    }
    of->duration = (double)of->times[of->ticks - 1] * 1e-9;
    return CW_OK;
}

// ---- decisions -------------------------------------------------------------------------------------------------------

static bool read_decisions(replay *of) {
    const cw_trace *trace = of->trace;
    uint32_t c;
    size_t count = row_messages(trace, "/causeway/decision", &c);
    of->decisions = cw_arena_array(of->arena, count + 1, sizeof *of->decisions);
    if (of->decisions == NULL)
        return false;
    column source = find(trace, c, "source", CW_U8, 1), longitudinal = find(trace, c, "longitudinal", CW_U8, 1);
    column lateral = find(trace, c, "lateral", CW_U8, 1), reason_kind = find(trace, c, "reason_kind", CW_U8, 1);
    column cause_count = find(trace, c, "cause_count", CW_U8, 1), kind = find(trace, c, "cause_kind", CW_U8, CW_CAUSES);
    column relation = find(trace, c, "cause_relation", CW_U8, CW_CAUSES);
    column quantity = find(trace, c, "cause_quantity", CW_U8, CW_CAUSES);
    column id = find(trace, c, "cause_id", CW_U32, CW_CAUSES), item = find(trace, c, "cause_item", CW_U32, CW_CAUSES);
    column value = find(trace, c, "cause_value", CW_F32, CW_CAUSES);
    column reason_accel = find(trace, c, "reason_accel_mps2", CW_F32, 1);
    column reason_speed = find(trace, c, "reason_speed_mps", CW_F32, 1);
    column accel = find(trace, c, "accel_mps2", CW_F32, 1), steer = find(trace, c, "steer_rad", CW_F32, 1);
    column margin = find(trace, c, "margin_m", CW_F32, 1), refused = find(trace, c, "refused", CW_U8, 1);
    column clause = find(trace, c, "clause", CW_U8, 1);
    for (size_t i = 0; i < count; i++) {
        cw_message message = cw_trace_message(trace, c, i);
        if (message.size == 0)
            continue;
        const char *row = message.bytes;
        replay_decision *to = &of->decisions[of->decision_count++];
        *to = (replay_decision){.time_ns = message.time_ns,
                                .source = byte_of(row, source),
                                .longitudinal = byte_of(row, longitudinal),
                                .lateral = byte_of(row, lateral),
                                .reason_kind = byte_of(row, reason_kind),
                                .cause_count = byte_of(row, cause_count),
                                .refused = byte_of(row, refused),
                                .clause = byte_of(row, clause),
                                .reason_accel = float_of(row, reason_accel, NAN),
                                .reason_speed = float_of(row, reason_speed, NAN),
                                .accel = float_of(row, accel, NAN),
                                .steer = float_of(row, steer, NAN),
                                .margin = float_of(row, margin, NAN)};
        if (to->cause_count > CW_CAUSES)
            to->cause_count = CW_CAUSES;
        for (uint32_t k = 0; k < to->cause_count; k++) {
            uint32_t number = (uint32_t)value_of(row, id, k, 0.0);
            to->cause[k] = (replay_cause){.kind = (uint8_t)value_of(row, kind, k, 0.0),
                                          .relation = (uint8_t)value_of(row, relation, k, 0.0),
                                          .quantity = (uint8_t)value_of(row, quantity, k, 0.0),
                                          .actor = number >= 1 && number <= of->actor_count ? number - 1 : CW_NONE,
                                          .item = (uint32_t)value_of(row, item, k, (double)CW_NONE),
                                          .value = (float)value_of(row, value, k, NAN)};
        }
    }
    return true;
}

static float place_of(const char *row, column from, uint32_t i) {
    double value = value_of(row, from, i, NAN);
    return fabs(value) < 1e5 ? (float)value : NAN; // also NaN for NaN
}

static bool read_plans(replay *of) {
    const cw_trace *trace = of->trace;
    uint32_t c;
    enum { POINTS = CW_TRAJECTORY_POINTS };
    size_t count = row_messages(trace, "/causeway/plan", &c);
    of->plans = cw_arena_array(of->arena, count + 1, sizeof *of->plans);
    if (of->plans == NULL)
        return false;
    column x = find(trace, c, "plan_x_m", CW_F32, POINTS), y = find(trace, c, "plan_y_m", CW_F32, POINTS);
    column speed = find(trace, c, "plan_speed_mps", CW_F32, POINTS);
    column fx = find(trace, c, "failsafe_x_m", CW_F32, POINTS), fy = find(trace, c, "failsafe_y_m", CW_F32, POINTS);
    column points = find(trace, c, "failsafe_count", CW_U8, 1);
    for (size_t i = 0; i < count; i++) {
        cw_message message = cw_trace_message(trace, c, i);
        if (message.size == 0)
            continue;
        const char *row = message.bytes;
        replay_plan *to = &of->plans[of->plan_count++];
        to->time_ns = message.time_ns;
        to->failsafe_count = byte_of(row, points);
        if (to->failsafe_count > POINTS)
            to->failsafe_count = POINTS;
        for (uint32_t k = 0; k < POINTS; k++) {
            to->x[k] = place_of(row, x, k);
            to->y[k] = place_of(row, y, k);
            to->speed[k] = place_of(row, speed, k);
            to->failsafe_x[k] = place_of(row, fx, k);
            to->failsafe_y[k] = place_of(row, fy, k);
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
            json_true(words, "change"),
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
        const char *text = json_text(json_read(of->arena, message.bytes, message.size), "text", NULL);
        if (text != NULL)
            of->events[of->event_count++] = (replay_event){message.time_ns, text};
    }
    return true;
}

// Rows of all messages of a channel together.
static size_t row_total(const cw_trace *trace, uint32_t channel, size_t messages) {
    size_t rows = 0;
    for (size_t i = 0; i < messages; i++)
        rows += cw_trace_message(trace, channel, i).size / cw_trace_row_size(trace, channel);
    return rows;
}

static bool read_contacts(replay *of) {
    const cw_trace *trace = of->trace;
    uint32_t c;
    size_t messages = row_messages(trace, "/causeway/contact", &c), rows = row_total(trace, c, messages);
    of->contacts = cw_arena_array(of->arena, rows + 1, sizeof *of->contacts);
    if (of->contacts == NULL)
        return false;
    column a = find(trace, c, "a", CW_U32, 1), b = find(trace, c, "b", CW_U32, 1);
    column object = find(trace, c, "object", CW_U32, 1), impact = find(trace, c, "impact_mps", CW_F32, 1);
    column speed_a = find(trace, c, "speed_a_mps", CW_F32, 1), speed_b = find(trace, c, "speed_b_mps", CW_F32, 1);
    column x = find(trace, c, "x_m", CW_F64, 1), y = find(trace, c, "y_m", CW_F64, 1);
    for (size_t i = 0; i < messages; i++) {
        cw_message message = cw_trace_message(trace, c, i);
        const char *end = (const char *)message.bytes + message.size;
        for (const char *row = message.bytes; row < end; row += cw_trace_row_size(trace, c))
            of->contacts[of->contact_count++] = (replay_contact){.time_ns = message.time_ns,
                                                                 .a = index_of(row, a),
                                                                 .b = index_of(row, b),
                                                                 .object = index_of(row, object),
                                                                 .speed_a = float_of(row, speed_a, NAN),
                                                                 .speed_b = float_of(row, speed_b, NAN),
                                                                 .impact = float_of(row, impact, NAN),
                                                                 .x = value_of(row, x, 0, NAN),
                                                                 .y = value_of(row, y, 0, NAN)};
    }
    return true;
}

static bool read_lights(replay *of) {
    const cw_trace *trace = of->trace;
    uint32_t c;
    size_t messages = row_messages(trace, "/causeway/signals", &c), rows = row_total(trace, c, messages);
    of->lights = cw_arena_array(of->arena, rows + 1, sizeof *of->lights);
    if (of->lights == NULL)
        return false;
    column signal = find(trace, c, "signal", CW_U32, 1), light = find(trace, c, "light", CW_U8, 1);
    for (size_t i = 0; i < messages; i++) {
        cw_message message = cw_trace_message(trace, c, i);
        const char *end = (const char *)message.bytes + message.size;
        for (const char *row = message.bytes; row < end; row += cw_trace_row_size(trace, c))
            of->lights[of->light_count++] = (replay_light){message.time_ns, index_of(row, signal), byte_of(row, light)};
    }
    return true;
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
