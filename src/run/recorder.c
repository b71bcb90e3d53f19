#include "run/recorder.h"

#include "causeway/world.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const cw_column actor_columns[] = {
    {"actor", CW_U32, 1, ""},
    {"kind", CW_U8, 1, ""},
    {"mover", CW_U8, 1, ""},
    {"lamps", CW_U8, 1, ""},
    {"seen", CW_U8, 1, ""},
    {"x_m", CW_F64, 1, "m"},
    {"y_m", CW_F64, 1, "m"},
    {"z_m", CW_F32, 1, "m"},
    {"heading_rad", CW_F32, 1, "rad"},
    {"speed_mps", CW_F32, 1, "m/s"},
    {"lateral_speed_mps", CW_F32, 1, "m/s"},
    {"accel_mps2", CW_F32, 1, "m/s^2"},
    {"yaw_rate_radps", CW_F32, 1, "rad/s"},
    {"steer_rad", CW_F32, 1, "rad"},
};
static const cw_column decision_columns[] = {
    {"source", CW_U8, 1, ""},
    {"longitudinal", CW_U8, 1, ""},
    {"lateral", CW_U8, 1, ""},
    {"reason_kind", CW_U8, 1, ""},
    {"cause_count", CW_U8, 1, ""},
    {"cause_kind", CW_U8, CW_CAUSES, ""},
    {"cause_relation", CW_U8, CW_CAUSES, ""},
    {"cause_quantity", CW_U8, CW_CAUSES, ""},
    {"cause_id", CW_U32, CW_CAUSES, ""},
    {"cause_item", CW_U32, CW_CAUSES, ""},
    {"cause_value", CW_F32, CW_CAUSES, ""},
    {"reason_accel_mps2", CW_F32, 1, "m/s^2"},
    {"reason_speed_mps", CW_F32, 1, "m/s"},
    {"accel_mps2", CW_F32, 1, "m/s^2"},
    {"steer_rad", CW_F32, 1, "rad"},
    {"margin_m", CW_F32, 1, "m"},
    {"refused", CW_U8, 1, ""},
    {"clause", CW_U8, 1, ""},
    {"state", CW_U8, 1, ""},
};
static const cw_column plan_columns[] = {
    {"plan_x_m", CW_F32, CW_TRAJECTORY_POINTS, "m"},         {"plan_y_m", CW_F32, CW_TRAJECTORY_POINTS, "m"},
    {"plan_speed_mps", CW_F32, CW_TRAJECTORY_POINTS, "m/s"}, {"failsafe_x_m", CW_F32, CW_TRAJECTORY_POINTS, "m"},
    {"failsafe_y_m", CW_F32, CW_TRAJECTORY_POINTS, "m"},     {"failsafe_count", CW_U8, 1, ""},
};
static const cw_column step_columns[] = {{"hash", CW_U64, 1, ""}};
static const cw_column contact_columns[] = {
    {"a", CW_U32, 1, ""},
    {"b", CW_U32, 1, ""},
    {"object", CW_U32, 1, ""},
    {"speed_a_mps", CW_F32, 1, "m/s"},
    {"speed_b_mps", CW_F32, 1, "m/s"},
    {"impact_mps", CW_F32, 1, "m/s"},
    {"x_m", CW_F64, 1, "m"},
    {"y_m", CW_F64, 1, "m"},
};
static const cw_column signal_columns[] = {{"signal", CW_U32, 1, ""}, {"light", CW_U8, 1, ""}};

#define COLUMNS(table) table, (uint32_t)(sizeof table / sizeof *table)

// Packs values one after the other into a row.
typedef struct packer {
    unsigned char *at;
} packer;
static void put(packer *p, const void *value, size_t size) {
    memcpy(p->at, value, size);
    p->at += size;
}
static void put_u8(packer *p, unsigned value) {
    *p->at++ = (unsigned char)value;
}
static void put_u32(packer *p, uint32_t value) {
    put(p, &value, sizeof value);
}
static void put_f32(packer *p, float value) {
    put(p, &value, sizeof value);
}
static void put_f64(packer *p, double value) {
    put(p, &value, sizeof value);
}

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
    r->actors = cw_trace_rows(trace, "/causeway/actors", COLUMNS(actor_columns));
    r->decision = cw_trace_rows(trace, "/causeway/decision", COLUMNS(decision_columns));
    r->plan = cw_trace_rows(trace, "/causeway/plan", COLUMNS(plan_columns));
    r->step = cw_trace_rows(trace, "/causeway/step", COLUMNS(step_columns));
    r->contact = cw_trace_rows(trace, "/causeway/contact", COLUMNS(contact_columns));
    r->signals = cw_trace_rows(trace, "/causeway/signals", COLUMNS(signal_columns));
    r->state = cw_trace_messages(trace, "/causeway/state", "x-bytes", "", "", "");
    r->words =
        cw_trace_messages(trace, "/causeway/words", "json", "causeway.words/1", "jsonschema",
                          "{\"type\":\"object\",\"properties\":{\"schema\":{\"type\":\"string\"},\"en\":{\"type\":"
                          "\"string\"},\"ko\":{\"type\":\"string\"},\"tested\":{\"type\":\"string\"},\"change\":"
                          "{\"type\":\"boolean\"}}}");
    r->events = cw_trace_messages(trace, "/causeway/events", "json", "causeway.event/1", "jsonschema",
                                  "{\"type\":\"object\",\"properties\":{\"text\":{\"type\":\"string\"}}}");
    r->row_size = cw_trace_row_size(trace, r->actors);
    r->rows = cw_arena_array(arena, scene->actor_count + 1, r->row_size);
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
    uint64_t hash = cw_world_hash(world);
    bool ok = cw_trace_add(r->trace, r->step, now, &hash, sizeof hash);
    const cw_contact *contacts;
    uint32_t count = cw_world_contacts(world, &contacts);
    for (; r->contacts_seen < count; r->contacts_seen++) {
        const cw_contact *c = &contacts[r->contacts_seen];
        unsigned char row[64];
        packer p = {row};
        put_u32(&p, c->a);
        put_u32(&p, c->b);
        put_u32(&p, c->object);
        put_f32(&p, c->speed_a);
        put_f32(&p, c->speed_b);
        put_f32(&p, c->impact_speed);
        put_f64(&p, c->x);
        put_f64(&p, c->y);
        // Contacts of one step need not come in order of their exact times; rows may not go back within a channel.
        size_t before = cw_trace_count(r->trace, r->contact);
        int64_t time = c->time_ns;
        if (before > 0 && cw_trace_message(r->trace, r->contact, before - 1).time_ns > time)
            time = cw_trace_message(r->trace, r->contact, before - 1).time_ns;
        ok = ok && cw_trace_add(r->trace, r->contact, time, row, (size_t)(p.at - row));
    }
    const char *const *texts;
    count = cw_world_events(world, &texts);
    for (uint32_t i = 0; i < count; i++)
        ok = ok && say(r, r->events, now, json_pack("{s:s}", "text", texts[i]));
    for (uint32_t i = 0; i < r->scene->map->signal_count; i++) {
        uint8_t light = cw_world_light(world, i);
        if (light == r->lights[i])
            continue;
        r->lights[i] = light;
        unsigned char row[8];
        packer p = {row};
        put_u32(&p, i);
        put_u8(&p, light);
        ok = ok && cw_trace_add(r->trace, r->signals, now, row, (size_t)(p.at - row));
    }
    return ok;
}

static bool add_actors(cw_recorder *r, const struct cw_world *world, const cw_obs *obs) {
    packer p = {r->rows};
    for (uint32_t i = 0; i < r->scene->actor_count; i++) {
        cw_actor_state a;
        cw_world_actor(world, i, &a);
        if (!a.present)
            continue;
        bool seen = i == r->scene->ego;
        for (uint32_t t = 0; obs && t < obs->track_count; t++)
            seen = seen || (obs->tracks[t].seen && (obs->tracks[t].id & 0xffff) == i + 1);
        put_u32(&p, i);
        put_u8(&p, r->scene->actors[i].kind);
        put_u8(&p, a.mover);
        put_u8(&p, a.lamps);
        put_u8(&p, seen);
        put_f64(&p, a.x);
        put_f64(&p, a.y);
        put_f32(&p, (float)a.z);
        put_f32(&p, a.heading);
        put_f32(&p, a.speed);
        put_f32(&p, a.lateral_speed);
        put_f32(&p, a.accel);
        put_f32(&p, a.yaw_rate);
        put_f32(&p, a.steer);
    }
    return p.at == r->rows ||
           cw_trace_add(r->trace, r->actors, cw_world_time(world), r->rows, (size_t)(p.at - r->rows));
}

static bool add_decision(cw_recorder *r, int64_t now, const cw_decision *d, const cw_verification *why) {
    unsigned char row[512];
    packer p = {row};
    const cw_reason *reason = &d->reason;
    put_u8(&p, d->source);
    put_u8(&p, reason->longitudinal);
    put_u8(&p, reason->lateral);
    put_u8(&p, reason->kind);
    put_u8(&p, reason->count);
    for (int i = 0; i < CW_CAUSES; i++)
        put_u8(&p, reason->cause[i].kind);
    for (int i = 0; i < CW_CAUSES; i++)
        put_u8(&p, reason->cause[i].relation);
    for (int i = 0; i < CW_CAUSES; i++)
        put_u8(&p, reason->cause[i].quantity);
    for (int i = 0; i < CW_CAUSES; i++)
        put_u32(&p, reason->cause[i].id & 0xffff);
    for (int i = 0; i < CW_CAUSES; i++)
        put_u32(&p, reason->cause[i].item);
    for (int i = 0; i < CW_CAUSES; i++)
        put_f32(&p, reason->cause[i].value);
    put_f32(&p, reason->accel);
    put_f32(&p, reason->speed);
    put_f32(&p, d->control.accel);
    put_f32(&p, d->control.steer);
    put_f32(&p, d->margin);
    put_u8(&p, why ? why->accepted < 0 : 0);
    put_u8(&p, why ? why->clause[0] : 0);
    put_u8(&p, why ? why->state : 0);
    return cw_trace_add(r->trace, r->decision, now, row, (size_t)(p.at - row));
}

static bool add_plan(cw_recorder *r, int64_t now, const cw_decision *d, const cw_verification *why) {
    unsigned char row[5 * CW_TRAJECTORY_POINTS * sizeof(float) + 1];
    packer p = {row};
    put(&p, d->trajectory.x, sizeof d->trajectory.x);
    put(&p, d->trajectory.y, sizeof d->trajectory.y);
    put(&p, d->trajectory.speed, sizeof d->trajectory.speed);
    static const cw_trajectory nothing;
    const cw_trajectory *failsafe = why ? &why->failsafe : &nothing;
    put(&p, failsafe->x, sizeof failsafe->x);
    put(&p, failsafe->y, sizeof failsafe->y);
    put_u8(&p, why ? why->failsafe_points : 0);
    return cw_trace_add(r->trace, r->plan, now, row, (size_t)(p.at - row));
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
    // Spoken at each change and at least once a second.
    bool change = !r->anything_spoken || !cw_reason_same(&r->spoken, &decision->reason);
    if (!change && now - r->spoken_ns < 1000000000)
        return ok;
    cw_labels labels = cw_scene_labels(r->scene);
    char english[512], korean[512];
    cw_reason_words(&decision->reason, &labels, CW_ENGLISH, english, sizeof english);
    cw_reason_words(&decision->reason, &labels, CW_KOREAN, korean, sizeof korean);
    r->spoken = decision->reason;
    r->spoken_ns = now;
    r->anything_spoken = true;
    return ok && say(r, r->words, now,
                     json_pack("{s:s, s:s, s:s, s:s, s:b}", "schema", "causeway.words/1", "en", english, "ko", korean,
                               "tested", "untested", "change", change));
}

bool cw_recorder_keyframe(cw_recorder *r, int64_t time_ns, const void *bytes, size_t size) {
    return cw_trace_add(r->trace, r->state, time_ns, bytes, size);
}
