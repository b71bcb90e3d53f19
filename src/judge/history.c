// Reading a trace back into rows of actors.
#include "judge/history.h"

#include "agent/columns.h"

#include <math.h>
#include <string.h>

static cw_status out_of_memory(cw_error *err) {
    return cw_error_set(err, CW_ERR_MEMORY, NULL, 0, 0, "out of memory");
}

static const cw_column actor_columns[] = CW_COLUMN_TABLE(CW_ACTOR_COLUMNS);
static const cw_column decision_columns[] = CW_COLUMN_TABLE(CW_DECISION_COLUMNS);
static const cw_column contact_columns[] = CW_COLUMN_TABLE(CW_CONTACT_COLUMNS);
static const cw_column signal_columns[] = CW_COLUMN_TABLE(CW_SIGNAL_COLUMNS);

#define COLUMNS(table) table, (uint32_t)(sizeof table / sizeof *table)

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
    cw_view view = cw_trace_view(trace, CW_ACTORS_CHANNEL, COLUMNS(actor_columns));
    if (view.row_size == 0)
        return cw_error_set(err, CW_ERR_INPUT, NULL, 0, 0, "the trace has no rows of /causeway/actors");
    if (!cw_view_has(&view, "actor") || !cw_view_has(&view, "x_m") || !cw_view_has(&view, "y_m") ||
        !cw_view_has(&view, "heading_rad") || !cw_view_has(&view, "speed_mps"))
        return cw_error_set(err, CW_ERR_INPUT, NULL, 0, 0, "/causeway/actors lacks actor, position, heading or speed");
    h->has_accel = cw_view_has(&view, "accel_mps2");
    h->has_mover = cw_view_has(&view, "mover");
    size_t messages = view.messages, rows = cw_view_rows(&view);
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
        cw_message message = cw_trace_message(trace, view.channel, i);
        if (h->ticks > 0 && message.time_ns <= h->time[h->ticks - 1])
            continue; // an instant is told once
        uint32_t tick = h->ticks++;
        h->time[tick] = message.time_ns;
        const unsigned char *row = message.bytes;
        for (size_t k = 0; k < message.size / view.row_size; k++, row += view.row_size) {
            cw_actor_row read;
            cw_view_row(&view, row, &read);
            uint32_t who = read.actor;
            if (who >= h->actors)
                return cw_error_set(err, CW_ERR_INPUT, NULL, 0, 0, "the trace speaks of actor %u; the scene has %u",
                                    who, h->actors);
            cw_moment *m = &h->moments[next];
            const cw_actor *a = &h->scene->actors[who];
            *m = (cw_moment){.actor = who,
                             .mover = read.mover,
                             .seen = read.seen,
                             .x = read.x_m,
                             .y = read.y_m,
                             .z = (double)read.z_m,
                             .heading = (double)read.heading_rad,
                             .speed = (double)read.speed_mps,
                             .lateral = (double)read.lateral_speed_mps,
                             .accel = (double)read.accel_mps2,
                             .yaw_rate = (double)read.yaw_rate_radps,
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
    cw_view view = cw_trace_view(trace, CW_DECISION_CHANNEL, COLUMNS(decision_columns));
    h->has_decisions = cw_view_has(&view, "accel_mps2");
    uint32_t tick = 0;
    for (size_t i = 0; i < view.messages; i++) {
        cw_message message = cw_trace_message(trace, view.channel, i);
        if (message.size < view.row_size)
            continue;
        while (tick < h->ticks && h->time[tick] < message.time_ns)
            tick++;
        if (tick == h->ticks || h->time[tick] != message.time_ns)
            continue;
        cw_decision_row row;
        cw_view_row(&view, message.bytes, &row);
        h->decided[tick] = (cw_decided){.present = true,
                                        .source = row.source,
                                        .state = row.state,
                                        .refused = row.refused,
                                        .clause = row.clause,
                                        .accel = (double)row.accel_mps2};
    }
    return true;
}

static bool read_contacts(const cw_trace *trace, cw_history *h) {
    cw_view view = cw_trace_view(trace, CW_CONTACT_CHANNEL, COLUMNS(contact_columns));
    h->has_contacts = cw_view_has(&view, "a") && cw_view_has(&view, "b");
    h->touches = cw_arena_array(h->arena, cw_view_rows(&view), sizeof *h->touches);
    if (!h->touches)
        return false;
    for (size_t i = 0; h->has_contacts && i < view.messages; i++) {
        cw_message message = cw_trace_message(trace, view.channel, i);
        const unsigned char *row = message.bytes;
        for (size_t k = 0; k < message.size / view.row_size; k++, row += view.row_size) {
            cw_contact_row read;
            cw_view_row(&view, row, &read);
            uint32_t first = read.a, second = read.b;
            if (h->ego == CW_NONE || (first != h->ego && second != h->ego))
                continue; // contacts among the others are not the ego's
            bool ego_first = first == h->ego;
            uint32_t other = ego_first ? second : first;
            h->touches[h->touch_count++] =
                (cw_touch_row){.time_ns = message.time_ns,
                               .other = other < h->actors ? other : CW_NONE,
                               .object = read.object,
                               .ego_speed = (double)(ego_first ? read.speed_a_mps : read.speed_b_mps),
                               .other_speed = (double)(ego_first ? read.speed_b_mps : read.speed_a_mps),
                               .impact = (double)read.impact_mps,
                               .x = read.x_m,
                               .y = read.y_m};
        }
    }
    return true;
}

static bool read_lights(const cw_trace *trace, cw_history *h) {
    cw_view view = cw_trace_view(trace, CW_SIGNALS_CHANNEL, COLUMNS(signal_columns));
    if (!cw_view_has(&view, "signal") || !cw_view_has(&view, "light"))
        return true;
    h->lights = cw_arena_array(h->arena, cw_view_rows(&view), sizeof *h->lights);
    if (!h->lights)
        return false;
    for (size_t i = 0; i < view.messages; i++) {
        cw_message message = cw_trace_message(trace, view.channel, i);
        const unsigned char *row = message.bytes;
        for (size_t k = 0; k < message.size / view.row_size; k++, row += view.row_size) {
            cw_signal_row read;
            cw_view_row(&view, row, &read);
            h->lights[h->light_count++] = (cw_light_row){message.time_ns, read.signal, read.light};
        }
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
