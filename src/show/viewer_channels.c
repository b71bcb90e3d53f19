// Channels that MCAP viewers draw without being told how: scene entities, transforms, poses and log, as JSON.
#include "causeway/show.h"
#include "ground.h"
#include "names.h"
#include "replay.h"
#include "text.h"
#include "viewer_schema.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double RADIUS = 150.0; // m of map around the ego's path
enum { PLAN_STEP = 4, LEVEL_INFO = 2, LEVEL_WARNING = 3 };

// ---- pieces ----------------------------------------------------------------------------------------------------------

static void put_time(text *out, const char *key, int64_t time_ns) {
    text_put(out, "\"");
    text_put(out, key);
    text_put(out, "\":{\"sec\":");
    text_integer(out, time_ns / 1000000000);
    text_put(out, ",\"nsec\":");
    text_integer(out, time_ns % 1000000000);
    text_put(out, "}");
}

static void put_point(text *out, double x, double y, double z) {
    text_put(out, "{\"x\":");
    text_number(out, x, 3);
    text_put(out, ",\"y\":");
    text_number(out, y, 3);
    text_put(out, ",\"z\":");
    text_number(out, z, 3);
    text_put(out, "}");
}

static void put_rotation(text *out, double heading) {
    double sine, cosine;
    cw_sincos(heading * 0.5, &sine, &cosine);
    text_put(out, "{\"x\":0,\"y\":0,\"z\":");
    text_number(out, sine, 6);
    text_put(out, ",\"w\":");
    text_number(out, cosine, 6);
    text_put(out, "}");
}

static void put_pose(text *out, double x, double y, double z, double heading) {
    text_put(out, "\"pose\":{\"position\":");
    put_point(out, x, y, z);
    text_put(out, ",\"orientation\":");
    put_rotation(out, heading);
    text_put(out, "}");
}

static void put_color(text *out, uint32_t color, double alpha) {
    text_put(out, "\"color\":{\"r\":");
    text_number(out, (color >> 16 & 255) / 255.0, 3);
    text_put(out, ",\"g\":");
    text_number(out, (color >> 8 & 255) / 255.0, 3);
    text_put(out, ",\"b\":");
    text_number(out, (color & 255) / 255.0, 3);
    text_put(out, ",\"a\":");
    text_number(out, alpha, 2);
    text_put(out, "}");
}

// Lists that an entity has none of stand there empty: viewers ask for their length.
static void open_entity(text *out, const char *id, int64_t time_ns) {
    text_put(out, "{");
    put_time(out, "timestamp", time_ns);
    text_put(out, ",\"frame_id\":\"map\",\"id\":\"");
    text_put(out, id);
    text_put(out, "\",\"lifetime\":{\"sec\":0,\"nsec\":0},\"frame_locked\":false,\"metadata\":[],\"arrows\":[],"
                  "\"spheres\":[],\"cylinders\":[],\"triangles\":[],\"texts\":[],\"models\":[]");
}

static void open_line(text *out, double thickness) {
    text_put(out, "{\"type\":0,"); // a strip
    put_pose(out, 0.0, 0.0, 0.0, 0.0);
    text_put(out, ",\"thickness\":");
    text_number(out, thickness, 3);
    text_put(out, ",\"scale_invariant\":false,\"colors\":[],\"indices\":[],\"points\":[");
}

// ---- the map, once ---------------------------------------------------------------------------------------------------

static bool put_map(text *out, const replay *of, const cw_map *map) {
    uint32_t who = of->ego != CW_NONE ? of->ego : 0;
    cw_vec2 *path = malloc(of->ticks * sizeof *path);
    if (path == NULL)
        return false;
    size_t count = 0;
    for (size_t i = 0; i < of->ticks; i++)
        if (replay_at(of, i, who)->present)
            path[count++] = (cw_vec2){replay_at(of, i, who)->x, replay_at(of, i, who)->y};
    ground shapes;
    bool good = ground_open(&shapes, map, path, count, RADIUS);
    free(path);
    open_entity(out, "map", of->times[0]);
    text_put(out, ",\"cubes\":[],\"lines\":[");
    bool first = true;
    for (size_t i = 0; i < shapes.count && good; i++) {
        const ground_shape *shape = &shapes.shapes[i];
        bool surface = shape->kind <= GROUND_ROAD;
        text_put(out, first ? "" : ",");
        first = false;
        open_line(out, surface ? 0.06 : cw_max((double)shape->width, 0.08));
        double z = 4.0 * shape->level + (surface ? 0.0 : 0.02);
        for (uint32_t k = 0; k < shape->count + (shape->closed ? 1 : 0); k++) {
            cw_vec2 p = shapes.points[shape->first + k % shape->count];
            text_put(out, k > 0 ? "," : "");
            put_point(out, p.x, p.y, z);
        }
        text_put(out, "],");
        bool yellow = shape->kind == GROUND_LINE && shape->color == CW_COLOR_YELLOW;
        put_color(out, yellow ? 0xF2C230 : surface ? 0x6B737A : 0xE6EAED, 1.0);
        text_put(out, "}");
    }
    text_put(out, "]}");
    ground_close(&shapes);
    return good;
}

// ---- each tick -------------------------------------------------------------------------------------------------------

static void put_cubes(text *out, const replay *of, size_t tick) {
    bool first = true;
    open_entity(out, "actors", of->times[tick]);
    text_put(out, ",\"lines\":[],\"cubes\":[");
    for (uint32_t i = 0; i < of->actor_count; i++) {
        const replay_state *state = replay_at(of, tick, i);
        const replay_actor *actor = &of->actors[i];
        if (!state->present)
            continue;
        cw_vec2 center = replay_center(actor, state);
        double height = cw_max((double)actor->height, 0.1);
        text_put(out, first ? "{" : ",{");
        first = false;
        put_pose(out, center.x, center.y, (double)state->z + height * 0.5, (double)state->heading);
        text_put(out, ",\"size\":");
        put_point(out, (double)actor->length, (double)actor->width, height);
        text_put(out, ",");
        put_color(out, names_actor_color(actor->kind, i == of->ego), i == of->ego || state->seen ? 1.0 : 0.4);
        text_put(out, "}");
    }
    text_put(out, "]}");
}

static void put_plan(text *out, const replay *of, size_t tick) {
    const replay_plan *plan = replay_plan_at(of, of->times[tick]);
    const replay_state *ego = of->ego != CW_NONE ? replay_at(of, tick, of->ego) : NULL;
    if (plan == NULL || plan->time_ns != of->times[tick] || ego == NULL || !ego->present)
        return;
    double sine, cosine;
    cw_sincos((double)ego->heading, &sine, &cosine);
    text_put(out, ",");
    open_entity(out, "plan", of->times[tick]);
    text_put(out, ",\"cubes\":[],\"lines\":[");
    open_line(out, 0.4);
    put_point(out, ego->x, ego->y, (double)ego->z + 0.05);
    for (int k = PLAN_STEP - 1; k < CW_TRAJECTORY_POINTS; k += PLAN_STEP) {
        double x = (double)plan->x[k], y = (double)plan->y[k];
        if (!(fabs(x) < 1e4 && fabs(y) < 1e4))
            break;
        text_put(out, ",");
        put_point(out, ego->x + x * cosine - y * sine, ego->y + x * sine + y * cosine, (double)ego->z + 0.05);
    }
    text_put(out, "],");
    put_color(out, 0x2FD08C, 0.7);
    text_put(out, "}]}");
}

static bool add(cw_trace *trace, uint32_t channel, int64_t time_ns, text *out) {
    bool good = !out->failed && channel != UINT32_MAX && cw_trace_add(trace, channel, time_ns, out->bytes, out->count);
    out->count = 0;
    return good;
}

static bool add_scene(cw_trace *trace, const replay *of, const cw_map *map, text *out) {
    uint32_t scene =
        cw_trace_messages(trace, "/scene", "json", "foxglove.SceneUpdate", "jsonschema", viewer_scene_schema);
    for (size_t tick = 0; tick < of->ticks; tick++) {
        text_put(out, "{\"deletions\":[],\"entities\":[");
        if (tick == 0) {
            if (!put_map(out, of, map))
                return false;
            text_put(out, ",");
        }
        put_cubes(out, of, tick);
        put_plan(out, of, tick);
        text_put(out, "]}");
        if (!add(trace, scene, of->times[tick], out))
            return false;
    }
    return true;
}

static bool add_ego(cw_trace *trace, const replay *of, text *out) {
    uint32_t transform =
        cw_trace_messages(trace, "/tf", "json", "foxglove.FrameTransform", "jsonschema", viewer_transform_schema);
    uint32_t pose =
        cw_trace_messages(trace, "/ego/pose", "json", "foxglove.PoseInFrame", "jsonschema", viewer_pose_schema);
    for (size_t tick = 0; of->ego != CW_NONE && tick < of->ticks; tick++) {
        const replay_state *ego = replay_at(of, tick, of->ego);
        if (!ego->present)
            continue;
        text_put(out, "{");
        put_time(out, "timestamp", of->times[tick]);
        text_put(out, ",\"parent_frame_id\":\"map\",\"child_frame_id\":\"ego\",\"translation\":");
        put_point(out, ego->x, ego->y, (double)ego->z);
        text_put(out, ",\"rotation\":");
        put_rotation(out, (double)ego->heading);
        text_put(out, "}");
        if (!add(trace, transform, of->times[tick], out))
            return false;
        text_put(out, "{");
        put_time(out, "timestamp", of->times[tick]);
        text_put(out, ",\"frame_id\":\"map\",");
        put_pose(out, ego->x, ego->y, (double)ego->z, (double)ego->heading);
        text_put(out, "}");
        if (!add(trace, pose, of->times[tick], out))
            return false;
    }
    return true;
}

static bool add_line(cw_trace *trace, uint32_t log, text *out, int64_t time_ns, int level, const char *name,
                     const char *message) {
    text_put(out, "{");
    put_time(out, "timestamp", time_ns);
    text_put(out, ",\"level\":");
    text_integer(out, level);
    text_put(out, ",\"name\":\"");
    text_put(out, name);
    text_put(out, "\",\"file\":\"\",\"line\":0,\"message\":");
    text_quoted(out, message, strlen(message));
    text_put(out, "}");
    return add(trace, log, time_ns, out);
}

static const char *name_of(const replay *of, uint32_t actor, cw_language language) {
    return actor < of->actor_count ? of->actors[actor].name : names_of(WORD_MAP_OBJECT, language);
}

// "contact: Ego, Lorry (impact 12.3 km/h)"
static void say_contact(const replay *of, const replay_contact *contact, cw_language language, char *out, size_t size) {
    snprintf(out, size, "%s: %s, %s (%s %.1f km/h)", names_of(WORD_CONTACT, language),
             name_of(of, contact->a, language), name_of(of, contact->b, language), names_of(WORD_IMPACT, language),
             (double)contact->impact * 3.6);
}

// Reasons, events and contacts in order of time.
static bool add_log(cw_trace *trace, const replay *of, text *out) {
    uint32_t log = cw_trace_messages(trace, "/log", "json", "foxglove.Log", "jsonschema", viewer_log_schema);
    const char *language = cw_trace_get(trace, "lang");
    cw_language which = language != NULL && strcmp(language, "ko") == 0 ? CW_KOREAN : CW_ENGLISH;
    size_t word = 0, event = 0, contact = 0;
    bool good = true;
    while (good && (word < of->words_count || event < of->event_count || contact < of->contact_count)) {
        int64_t said = word < of->words_count ? of->words[word].time_ns : INT64_MAX;
        int64_t done = event < of->event_count ? of->events[event].time_ns : INT64_MAX;
        int64_t touched = contact < of->contact_count ? of->contacts[contact].time_ns : INT64_MAX;
        if (touched <= said && touched <= done) {
            char message[256];
            say_contact(of, &of->contacts[contact++], which, message, sizeof message);
            good = add_line(trace, log, out, touched, LEVEL_WARNING, "contact", message);
        } else if (done <= said) {
            good = add_line(trace, log, out, done, LEVEL_INFO, "scenario", of->events[event].text[which]);
            event++;
        } else {
            good = add_line(trace, log, out, said, LEVEL_INFO, "driver", of->words[word].text[which]);
            word++;
        }
    }
    return good;
}

bool cw_show_viewer_channels(cw_trace *trace, const cw_map *map, const cw_scene *scene) {
    assert(trace != NULL && map != NULL);
    if (cw_trace_find(trace, "/scene") != UINT32_MAX)
        return true; // they are there: the trace was read from a file
    replay of;
    cw_error err = {0};
    cw_status status = replay_open(trace, scene, &of, &err);
    if (status != CW_OK)
        return status != CW_ERR_MEMORY; // a trace without actors has nothing to be drawn
    text out = {0};
    bool good = add_scene(trace, &of, map, &out) && add_ego(trace, &of, &out) && add_log(trace, &of, &out);
    free(out.bytes);
    replay_close(&of);
    return good;
}
