// Reading a trace back into rows of actors.
#include "judge/history.h"

#include <math.h>
#include <string.h>

static cw_status out_of_memory(cw_error *err) {
    return cw_error_set(err, CW_ERR_MEMORY, NULL, 0, 0, "out of memory");
}

// One column of a channel, read by value; NAN (or 0) where the channel has no such column.
typedef struct column {
    size_t offset;
    cw_type type;
} column;

static column find_column(const cw_trace *trace, uint32_t channel, const char *name, cw_type type) {
    return (column){cw_trace_offset(trace, channel, name, type, 1), type};
}

static double read_number(const unsigned char *row, column c) {
    if (c.offset == SIZE_MAX)
        return NAN;
    const unsigned char *at = row + c.offset;
    switch (c.type) {
    case CW_F64: {
        double value;
        memcpy(&value, at, sizeof value);
        return value;
    }
    case CW_F32: {
        float value;
        memcpy(&value, at, sizeof value);
        return (double)value;
    }
    case CW_U8:
        return *at;
    case CW_U32: {
        uint32_t value;
        memcpy(&value, at, sizeof value);
        return value;
    }
    default:
        return NAN;
    }
}

static uint32_t read_u32(const unsigned char *row, column c, uint32_t otherwise) {
    uint32_t value = otherwise;
    if (c.offset != SIZE_MAX)
        memcpy(&value, row + c.offset, sizeof value);
    return value;
}

static uint8_t read_u8(const unsigned char *row, column c, uint8_t otherwise) {
    return c.offset != SIZE_MAX ? row[c.offset] : otherwise;
}

cw_moment *cw_history_moment(const cw_history *h, uint32_t tick, uint32_t actor) {
    if (tick >= h->ticks || actor >= h->actors)
        return NULL;
    uint32_t row = h->rows[(size_t)tick * h->actors + actor];
    return row == CW_NONE ? NULL : &h->moments[row];
}

uint32_t cw_history_tick(const cw_history *h, int64_t time_ns) {
    uint32_t low = 0, high = h->ticks;
    while (low < high) { // first tick after the time
        uint32_t middle = low + (high - low) / 2;
        if (h->time[middle] <= time_ns)
            low = middle + 1;
        else
            high = middle;
    }
    return low > 0 ? low - 1 : 0;
}

double cw_history_seconds(const cw_history *h, uint32_t tick) {
    return (double)h->time[tick] * 1e-9;
}

double cw_box_reach(const cw_box *box, double ux, double uy) {
    return box->half_length * fabs(box->ux * ux + box->uy * uy) + box->half_width * fabs(box->ux * uy - box->uy * ux);
}

uint8_t cw_history_light(const cw_history *h, uint32_t signal, int64_t time_ns, int64_t *since_ns) {
    uint8_t light = CW_LIGHT_UNKNOWN;
    for (uint32_t i = 0; i < h->light_count && h->lights[i].time_ns <= time_ns; i++)
        if (h->lights[i].signal == signal) {
            light = h->lights[i].light;
            if (since_ns)
                *since_ns = h->lights[i].time_ns;
        }
    return light;
}

// ---- the actors' channel ---------------------------------------------------------------------------------------------

static bool finite_state(const cw_moment *m) {
    return isfinite(m->x) && isfinite(m->y) && isfinite(m->heading) && isfinite(m->speed) && fabs(m->heading) < 1e5;
}

static cw_status read_actors(const cw_trace *trace, cw_history *h, cw_error *err) {
    uint32_t channel = cw_trace_find(trace, "/causeway/actors");
    size_t size = channel == UINT32_MAX ? 0 : cw_trace_row_size(trace, channel);
    if (size == 0)
        return cw_error_set(err, CW_ERR_INPUT, NULL, 0, 0, "the trace has no rows of /causeway/actors");
    column actor = find_column(trace, channel, "actor", CW_U32), x = find_column(trace, channel, "x_m", CW_F64),
           y = find_column(trace, channel, "y_m", CW_F64), z = find_column(trace, channel, "z_m", CW_F32),
           heading = find_column(trace, channel, "heading_rad", CW_F32),
           speed = find_column(trace, channel, "speed_mps", CW_F32),
           lateral = find_column(trace, channel, "lateral_speed_mps", CW_F32),
           accel = find_column(trace, channel, "accel_mps2", CW_F32),
           yaw_rate = find_column(trace, channel, "yaw_rate_radps", CW_F32),
           mover = find_column(trace, channel, "mover", CW_U8), seen = find_column(trace, channel, "seen", CW_U8);
    if (actor.offset == SIZE_MAX || x.offset == SIZE_MAX || y.offset == SIZE_MAX || heading.offset == SIZE_MAX ||
        speed.offset == SIZE_MAX)
        return cw_error_set(err, CW_ERR_INPUT, NULL, 0, 0, "/causeway/actors lacks actor, position, heading or speed");
    h->has_accel = accel.offset != SIZE_MAX;
    h->has_mover = mover.offset != SIZE_MAX;
    size_t messages = cw_trace_count(trace, channel), rows = 0;
    for (size_t i = 0; i < messages; i++)
        rows += cw_trace_message(trace, channel, i).size / size;
    if (messages >= UINT32_MAX || rows >= UINT32_MAX)
        return cw_error_set(err, CW_ERR_LIMIT, NULL, 0, 0, "the trace has too many rows to be judged");
    h->time = cw_arena_array(h->arena, messages, sizeof *h->time);
    h->moments = cw_arena_array(h->arena, rows, sizeof *h->moments);
    size_t cells = messages;
    if (h->actors > 0 && messages > SIZE_MAX / h->actors)
        return out_of_memory(err);
    cells *= h->actors;
    h->rows = cw_arena_array(h->arena, cells, sizeof *h->rows);
    if (!h->time || !h->moments || !h->rows)
        return out_of_memory(err);
    memset(h->rows, 0xff, cells * sizeof *h->rows);
    uint32_t next = 0;
    for (size_t i = 0; i < messages; i++) {
        cw_message message = cw_trace_message(trace, channel, i);
        if (h->ticks > 0 && message.time_ns <= h->time[h->ticks - 1])
            continue; // an instant is told once
        uint32_t tick = h->ticks++;
        h->time[tick] = message.time_ns;
        const unsigned char *row = message.bytes;
        for (size_t k = 0; k < message.size / size; k++, row += size) {
            uint32_t who = read_u32(row, actor, CW_NONE);
            if (who >= h->actors)
                return cw_error_set(err, CW_ERR_INPUT, NULL, 0, 0, "the trace speaks of actor %u; the scene has %u",
                                    who, h->actors);
            cw_moment *m = &h->moments[next];
            const cw_actor *a = &h->scene->actors[who];
            *m = (cw_moment){.actor = who,
                             .mover = read_u8(row, mover, 0),
                             .seen = read_u8(row, seen, 0),
                             .x = read_number(row, x),
                             .y = read_number(row, y),
                             .z = read_number(row, z),
                             .heading = read_number(row, heading),
                             .speed = read_number(row, speed),
                             .lateral = read_number(row, lateral),
                             .accel = read_number(row, accel),
                             .yaw_rate = read_number(row, yaw_rate),
                             .place = {.lane = CW_NONE}};
            if (!finite_state(m))
                continue; // a fault of the run that its end names; there is nobody to judge
            if (!isfinite(m->lateral))
                m->lateral = 0;
            m->box =
                cw_box_at((cw_pose){m->x, m->y, m->heading}, (double)a->center_x, (double)a->length, (double)a->width);
            if (a->center_y != 0.0f) {
                m->box.x -= (double)a->center_y * m->box.uy;
                m->box.y += (double)a->center_y * m->box.ux;
            }
            h->rows[(size_t)tick * h->actors + who] = next++;
        }
    }
    return CW_OK;
}

// ---- the other channels ----------------------------------------------------------------------------------------------

static bool read_decisions(const cw_trace *trace, cw_history *h) {
    h->decided = cw_arena_array(h->arena, h->ticks, sizeof *h->decided);
    if (!h->decided)
        return false;
    uint32_t channel = cw_trace_find(trace, "/causeway/decision");
    size_t size = channel == UINT32_MAX ? 0 : cw_trace_row_size(trace, channel);
    if (size == 0)
        return true;
    column accel = find_column(trace, channel, "accel_mps2", CW_F32),
           source = find_column(trace, channel, "source", CW_U8), state = find_column(trace, channel, "state", CW_U8),
           refused = find_column(trace, channel, "refused", CW_U8),
           clause = find_column(trace, channel, "clause", CW_U8);
    h->has_decisions = accel.offset != SIZE_MAX;
    uint32_t tick = 0;
    for (size_t i = 0; i < cw_trace_count(trace, channel); i++) {
        cw_message message = cw_trace_message(trace, channel, i);
        if (message.size < size)
            continue;
        while (tick < h->ticks && h->time[tick] < message.time_ns)
            tick++;
        if (tick == h->ticks || h->time[tick] != message.time_ns)
            continue;
        const unsigned char *row = message.bytes;
        h->decided[tick] = (cw_decided){.present = true,
                                        .source = read_u8(row, source, CW_FROM_NONE),
                                        .state = read_u8(row, state, 0),
                                        .refused = read_u8(row, refused, 0),
                                        .clause = read_u8(row, clause, 0),
                                        .accel = read_number(row, accel)};
    }
    return true;
}

static bool read_contacts(const cw_trace *trace, cw_history *h) {
    uint32_t channel = cw_trace_find(trace, "/causeway/contact");
    size_t size = channel == UINT32_MAX ? 0 : cw_trace_row_size(trace, channel), rows = 0;
    if (size == 0)
        return true;
    column a = find_column(trace, channel, "a", CW_U32), b = find_column(trace, channel, "b", CW_U32),
           object = find_column(trace, channel, "object", CW_U32),
           speed_a = find_column(trace, channel, "speed_a_mps", CW_F32),
           speed_b = find_column(trace, channel, "speed_b_mps", CW_F32),
           impact = find_column(trace, channel, "impact_mps", CW_F32), x = find_column(trace, channel, "x_m", CW_F64),
           y = find_column(trace, channel, "y_m", CW_F64);
    h->has_contacts = a.offset != SIZE_MAX && b.offset != SIZE_MAX;
    size_t messages = cw_trace_count(trace, channel);
    for (size_t i = 0; i < messages; i++)
        rows += cw_trace_message(trace, channel, i).size / size;
    h->touches = cw_arena_array(h->arena, rows, sizeof *h->touches);
    if (!h->touches)
        return false;
    for (size_t i = 0; h->has_contacts && i < messages; i++) {
        cw_message message = cw_trace_message(trace, channel, i);
        const unsigned char *row = message.bytes;
        for (size_t k = 0; k < message.size / size; k++, row += size) {
            uint32_t first = read_u32(row, a, CW_NONE), second = read_u32(row, b, CW_NONE);
            if (h->ego == CW_NONE || (first != h->ego && second != h->ego))
                continue; // contacts among the others are not the ego's
            bool ego_first = first == h->ego;
            uint32_t other = ego_first ? second : first;
            h->touches[h->touch_count++] =
                (cw_touch_row){.time_ns = message.time_ns,
                               .other = other < h->actors ? other : CW_NONE,
                               .object = read_u32(row, object, CW_NONE),
                               .ego_speed = read_number(row, ego_first ? speed_a : speed_b),
                               .other_speed = read_number(row, ego_first ? speed_b : speed_a),
                               .impact = read_number(row, impact),
                               .x = read_number(row, x),
                               .y = read_number(row, y)};
        }
    }
    return true;
}

static bool read_lights(const cw_trace *trace, cw_history *h) {
    uint32_t channel = cw_trace_find(trace, "/causeway/signals");
    size_t size = channel == UINT32_MAX ? 0 : cw_trace_row_size(trace, channel), rows = 0;
    if (size == 0)
        return true;
    column signal = find_column(trace, channel, "signal", CW_U32), light = find_column(trace, channel, "light", CW_U8);
    if (signal.offset == SIZE_MAX || light.offset == SIZE_MAX)
        return true;
    size_t messages = cw_trace_count(trace, channel);
    for (size_t i = 0; i < messages; i++)
        rows += cw_trace_message(trace, channel, i).size / size;
    h->lights = cw_arena_array(h->arena, rows, sizeof *h->lights);
    if (!h->lights)
        return false;
    for (size_t i = 0; i < messages; i++) {
        cw_message message = cw_trace_message(trace, channel, i);
        const unsigned char *row = message.bytes;
        for (size_t k = 0; k < message.size / size; k++, row += size)
            h->lights[h->light_count++] =
                (cw_light_row){message.time_ns, read_u32(row, signal, CW_NONE), read_u8(row, light, CW_LIGHT_UNKNOWN)};
    }
    return true;
}

cw_status cw_history_read(const cw_scene *scene, const cw_trace *trace, const cw_mission *mission, cw_arena *arena,
                          cw_history *h, cw_error *err) {
    *h = (cw_history){
        .scene = scene, .map = scene->map, .arena = arena, .actors = scene->actor_count, .ego = scene->ego};
    cw_status status = read_actors(trace, h, err);
    if (status != CW_OK)
        return status;
    if (!read_decisions(trace, h) || !read_contacts(trace, h) || !read_lights(trace, h) ||
        !cw_history_ego_ticks(h, mission))
        return out_of_memory(err);
    return CW_OK;
}
