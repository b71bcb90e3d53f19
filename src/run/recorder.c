#include "run/recorder.h"

#include "causeway/world.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const cw_column actor_columns[] = CW_COLUMN_TABLE(CW_ACTOR_COLUMNS);
static const cw_column decision_columns[] = CW_COLUMN_TABLE(CW_DECISION_COLUMNS);
static const cw_column plan_columns[] = CW_COLUMN_TABLE(CW_PLAN_COLUMNS);
static const cw_column step_columns[] = CW_COLUMN_TABLE(CW_STEP_COLUMNS);
static const cw_column contact_columns[] = CW_COLUMN_TABLE(CW_CONTACT_COLUMNS);
static const cw_column signal_columns[] = CW_COLUMN_TABLE(CW_SIGNAL_COLUMNS);

#define COLUMNS(table) table, (uint32_t)(sizeof table / sizeof *table)

static const char *user_label(const void *context, cw_id id) {
    const cw_scene *scene = context;
    uint32_t actor = (id & 0xffff) - 1;
    return id != 0 && actor < scene->actor_count ? scene->actors[actor].name : NULL;
}

cw_labels cw_scene_labels(const cw_scene *scene) {
    return (cw_labels){.user = user_label, .context = scene, .map = scene->map};
}

static bool attach_scene(cw_trace *trace, const cw_scene *scene) {
    json_t *actors = json_array();
    for (uint32_t i = 0; i < scene->actor_count; i++) {
        const cw_actor *a = &scene->actors[i];
        json_array_append_new(actors, json_pack("{s:s, s:s, s:i, s:f, s:f, s:f, s:f, s:f, s:f}", "name",
                                                a->name ? a->name : "", "model", a->model ? a->model : "", "kind",
                                                a->kind, "length_m", (double)a->length, "width_m", (double)a->width,
                                                "height_m", (double)a->height, "center_x_m", (double)a->center_x,
                                                "center_y_m", (double)a->center_y, "center_z_m", (double)a->center_z));
    }
    json_t *notices = json_array();
    for (uint32_t i = 0; i < scene->notice_count; i++) {
        const cw_notice *n = &scene->notices[i];
        json_array_append_new(notices, json_pack("{s:s, s:i, s:i, s:s, s:s, s:i}", "path", n->path ? n->path : "",
                                                 "line", n->line, "column", n->column, "name", n->name ? n->name : "",
                                                 "text", n->text ? n->text : "", "count", (int)n->count));
    }
    json_t *root = json_pack(
        "{s:s, s:s, s:I, s:o, s:o}", "schema", "causeway.scene/1", "name", scene->name ? scene->name : "", "ego",
        scene->ego == CW_NONE ? (json_int_t)-1 : (json_int_t)scene->ego, "actors", actors, "notices", notices);
    char *text = root ? json_dumps(root, JSON_INDENT(1)) : NULL;
    bool ok = text && cw_trace_attach(trace, "scene.json", "application/json", text, strlen(text));
    free(text);
    json_decref(root);
    return ok;
}

bool cw_recorder_start(cw_recorder *r, cw_trace *trace, const cw_scene *scene, cw_arena *arena) {
    *r = (cw_recorder){.trace = trace, .scene = scene};
    r->actors = cw_trace_rows(trace, CW_ACTORS_CHANNEL, COLUMNS(actor_columns));
    r->decision = cw_trace_rows(trace, CW_DECISION_CHANNEL, COLUMNS(decision_columns));
    r->plan = cw_trace_rows(trace, CW_PLAN_CHANNEL, COLUMNS(plan_columns));
    r->step = cw_trace_rows(trace, CW_STEP_CHANNEL, COLUMNS(step_columns));
    r->contact = cw_trace_rows(trace, CW_CONTACT_CHANNEL, COLUMNS(contact_columns));
    r->signals = cw_trace_rows(trace, CW_SIGNALS_CHANNEL, COLUMNS(signal_columns));
    r->state = cw_trace_messages(trace, "/causeway/state", "x-bytes", "", "", "");
    r->words =
        cw_trace_messages(trace, "/causeway/words", "json", "causeway.words/1", "jsonschema",
                          "{\"type\":\"object\",\"properties\":{\"schema\":{\"type\":\"string\"},\"en\":{\"type\":"
                          "\"string\"},\"ko\":{\"type\":\"string\"},\"tested\":{\"type\":\"string\"},\"change\":"
                          "{\"type\":\"boolean\"}}}");
    r->events =
        cw_trace_messages(trace, "/causeway/events", "json", "causeway.event/1", "jsonschema",
                          "{\"type\":\"object\",\"properties\":{\"text\":{\"type\":\"string\"},\"ko\":{\"type\":"
                          "\"string\"}}}");
    r->rows = cw_arena_array(arena, scene->actor_count + 1, sizeof *r->rows);
    r->lights = cw_arena_array(arena, scene->map->signal_count + 1, 1);
    if (r->events == UINT32_MAX || !r->rows || !r->lights)
        return false;
    memset(r->lights, 0xff, scene->map->signal_count);
    for (uint32_t i = 0; i < scene->attachment_count; i++)
        if (!cw_trace_attach(trace, scene->attachments[i].path, "application/xml", scene->attachments[i].bytes,
                             scene->attachments[i].count))
            return false;
    return attach_scene(trace, scene);
}

// A JSON object with one text, through jansson's escaping.
static bool say(cw_recorder *r, uint32_t channel, int64_t time_ns, json_t *object) {
    char *text = object ? json_dumps(object, JSON_COMPACT) : NULL;
    bool ok = text && cw_trace_add(r->trace, channel, time_ns, text, strlen(text));
    free(text);
    json_decref(object);
    return ok;
}

bool cw_recorder_step(cw_recorder *r, const struct cw_world *world) {
    int64_t now = cw_world_time(world);
    cw_step_row step = {cw_world_hash(world)};
    bool ok = cw_trace_add(r->trace, r->step, now, &step, sizeof step);
    const cw_contact *contacts;
    uint32_t count = cw_world_contacts(world, &contacts);
    for (; r->contacts_seen < count; r->contacts_seen++) {
        const cw_contact *c = &contacts[r->contacts_seen];
        cw_contact_row row = {.a = c->a,
                              .b = c->b,
                              .object = c->object,
                              .speed_a_mps = c->speed_a,
                              .speed_b_mps = c->speed_b,
                              .impact_mps = c->impact_speed,
                              .x_m = c->x,
                              .y_m = c->y};
        // Contacts of one step need not come in order of their exact times; rows may not go back within a channel.
        size_t before = cw_trace_count(r->trace, r->contact);
        int64_t time = c->time_ns;
        if (before > 0 && cw_trace_message(r->trace, r->contact, before - 1).time_ns > time)
            time = cw_trace_message(r->trace, r->contact, before - 1).time_ns;
        ok = ok && cw_trace_add(r->trace, r->contact, time, &row, sizeof row);
    }
    const cw_said *lines;
    count = cw_world_events(world, &lines);
    for (uint32_t i = 0; i < count; i++)
        ok = ok && say(r, r->events, now,
                       json_pack("{s:s, s:s}", "text", lines[i].in[CW_ENGLISH], "ko", lines[i].in[CW_KOREAN]));
    for (uint32_t i = 0; i < r->scene->map->signal_count; i++) {
        uint8_t light = cw_world_light(world, i);
        if (light == r->lights[i])
            continue;
        r->lights[i] = light;
        cw_signal_row row = {i, light};
        ok = ok && cw_trace_add(r->trace, r->signals, now, &row, sizeof row);
    }
    return ok;
}

static bool add_actors(cw_recorder *r, const struct cw_world *world, const cw_obs *obs) {
    size_t count = 0;
    for (uint32_t i = 0; i < r->scene->actor_count; i++) {
        cw_actor_state a;
        cw_world_actor(world, i, &a);
        if (!a.present)
            continue;
        bool seen = i == r->scene->ego;
        for (uint32_t t = 0; obs && t < obs->track_count; t++)
            seen = seen || (obs->tracks[t].seen && (obs->tracks[t].id & 0xffff) == i + 1);
        r->rows[count++] = (cw_actor_row){.actor = i,
                                          .kind = r->scene->actors[i].kind,
                                          .mover = a.mover,
                                          .lamps = a.lamps,
                                          .seen = seen,
                                          .x_m = a.x,
                                          .y_m = a.y,
                                          .z_m = (float)a.z,
                                          .heading_rad = a.heading,
                                          .speed_mps = a.speed,
                                          .lateral_speed_mps = a.lateral_speed,
                                          .accel_mps2 = a.accel,
                                          .yaw_rate_radps = a.yaw_rate,
                                          .steer_rad = a.steer,
                                          .pitch_rad = a.pitch,
                                          .roll_rad = a.roll,
                                          .traveled_m = a.traveled};
    }
    return count == 0 || cw_trace_add(r->trace, r->actors, cw_world_time(world), r->rows, count * sizeof *r->rows);
}

static bool add_decision(cw_recorder *r, int64_t now, const cw_decision *d, const cw_verification *why) {
    const cw_reason *reason = &d->reason;
    cw_decision_row row = {.source = d->source,
                           .longitudinal = reason->longitudinal,
                           .lateral = reason->lateral,
                           .reason_kind = reason->kind,
                           .cause_count = reason->count,
                           .reason_accel_mps2 = reason->accel,
                           .reason_speed_mps = reason->speed,
                           .accel_mps2 = d->control.accel,
                           .steer_rad = d->control.steer,
                           .margin_m = d->margin,
                           .refused = why && why->accepted < 0,
                           .clause = why ? why->clause[0] : 0,
                           .state = why ? why->state : 0,
                           .clause_actor = why ? why->track[0] & 0xffff : 0};
    for (int i = 0; i < CW_CAUSES; i++) {
        row.cause_kind[i] = reason->cause[i].kind;
        row.cause_relation[i] = reason->cause[i].relation;
        row.cause_quantity[i] = reason->cause[i].quantity;
        row.cause_id[i] = reason->cause[i].id & 0xffff;
        row.cause_item[i] = reason->cause[i].item;
        row.cause_value[i] = reason->cause[i].value;
    }
    return cw_trace_add(r->trace, r->decision, now, &row, sizeof row);
}

static bool add_plan(cw_recorder *r, int64_t now, const cw_decision *d, const cw_verification *why) {
    cw_plan_row row = {0};
    memcpy(row.plan_x_m, d->trajectory.x, sizeof row.plan_x_m);
    memcpy(row.plan_y_m, d->trajectory.y, sizeof row.plan_y_m);
    memcpy(row.plan_speed_mps, d->trajectory.speed, sizeof row.plan_speed_mps);
    if (why) {
        memcpy(row.failsafe_x_m, why->failsafe.x, sizeof row.failsafe_x_m);
        memcpy(row.failsafe_y_m, why->failsafe.y, sizeof row.failsafe_y_m);
        row.failsafe_count = (uint8_t)why->failsafe_points;
        row.tube_m = why->tube;
    }
    return cw_trace_add(r->trace, r->plan, now, &row, sizeof row);
}

bool cw_recorder_decision(cw_recorder *r, const struct cw_world *world, const cw_obs *obs, const cw_decision *decision,
                          const cw_verification *why) {
    int64_t now = cw_world_time(world);
    bool ok = add_actors(r, world, obs);
    if (!decision)
        return ok;
    ok = ok && add_decision(r, now, decision, why) && add_plan(r, now, decision, why);
    if (decision->reason.kind == 0)
        return ok;
    cw_speaks speaks = cw_speech_hear(&r->speech, now, &decision->reason);
    if (speaks == CW_SPEAKS_NOT)
        return ok;
    cw_labels labels = cw_scene_labels(r->scene);
    char english[512], korean[512];
    cw_reason_words(&decision->reason, &labels, CW_ENGLISH, english, sizeof english);
    cw_reason_words(&decision->reason, &labels, CW_KOREAN, korean, sizeof korean);
    return ok && say(r, r->words, now,
                     json_pack("{s:s, s:s, s:s, s:s, s:b}", "schema", "causeway.words/1", "en", english, "ko", korean,
                               "tested", "untested", "change", speaks == CW_SPEAKS_CHANGE));
}

bool cw_recorder_event(cw_recorder *r, int64_t time_ns, const char *text) {
    return say(r, r->events, time_ns, json_pack("{s:s}", "text", text));
}

bool cw_recorder_keyframe(cw_recorder *r, int64_t time_ns, const void *bytes, size_t size) {
    return cw_trace_add(r->trace, r->state, time_ns, bytes, size);
}
