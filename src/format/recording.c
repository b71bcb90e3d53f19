// Recorded worlds: the JSON form of motion data that GPUDrive and PufferDrive read. Ten samples a second; positions are
// the middle of the box; what is not valid at a sample is not there.
#include "recording.h"
#include "openscenario.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double period = 0.1, goal_radius = 2; // s, m

void rec_notice(rec_reader *r, size_t place, const char *name, const char *text) {
    int line, column;
    cw_json_where(&r->json, place, &line, &column);
    cw_notices_add(r->notices, r->json.path, line, column, name, text);
}

// ---- objects ---------------------------------------------------------------------------------------------------------

// An array with one row for each sample, by `kind`: positions, headings, velocities, valid.
static bool read_samples(rec_reader *r, int kind, size_t first, size_t *count) {
    cw_json *j = &r->json;
    uint32_t i = UINT32_MAX;
    if (!cw_json_enter(j, '['))
        return false;
    while (cw_json_more(j, ']', &i)) {
        size_t at = first + i;
        bool room = kind == 0   ? CW_GROW(r->positions, r->position_capacity, at + 1)
                    : kind == 1 ? CW_GROW(r->headings, r->heading_capacity, at + 1)
                    : kind == 2 ? CW_GROW(r->velocities, r->velocity_capacity, at + 1)
                                : CW_GROW(r->valid, r->valid_capacity, at + 1);
        if (!room)
            return cw_json_fail(j, j->at, CW_ERR_MEMORY, "out of memory");
        if (i == REC_SAMPLES)
            return cw_json_fail(j, j->at, CW_ERR_LIMIT, "more than %d samples of an object", REC_SAMPLES);
        rec_point p;
        bool good = kind == 0   ? rec_read_point(r, &r->positions[at])
                    : kind == 1 ? cw_json_number(j, &r->headings[at])
                    : kind == 2 ? rec_read_point(r, &p)
                                : cw_json_bool(j, &r->valid[at]);
        if (!good)
            return false;
        if (kind == 1 && fabs(r->headings[at]) > 1e5)
            return cw_json_fail(j, j->at, CW_ERR_INPUT, "a heading out of range");
        if (kind == 2)
            r->velocities[at] = (cw_vec2){p.x, p.y};
    }
    *count = i + 1;
    return j->status == CW_OK;
}

static bool read_size(cw_json *j, double *value) {
    size_t at = j->at;
    return cw_json_number(j, value) &&
           ((*value > 0 && *value < 1000) || cw_json_fail(j, at, CW_ERR_INPUT, "a size out of range"));
}

static bool read_object(rec_reader *r) {
    static const char *const rows[] = {"position", "heading", "velocity", "valid"};
    cw_json *j = &r->json;
    uint32_t i = UINT32_MAX;
    char key[32], type[24] = "";
    size_t counts[4] = {0}, first = r->position_count;
    bool has[4] = {0}, has_size[2] = {0};
    cw_json_peek(j);
    rec_object o = {.place = j->at, .height = 1.5, .first = first};
    snprintf(o.id, sizeof o.id, "%zu", r->object_count);
    if (!cw_json_enter(j, '{'))
        return false;
    while (cw_json_more(j, '}', &i)) {
        bool good = cw_json_key(j, key, sizeof key), taken = false;
        for (int k = 0; good && k < 4 && !taken; k++)
            if (strcmp(key, rows[k]) == 0) {
                taken = has[k] = true;
                good = read_samples(r, k, first, &counts[k]);
            }
        if (!good)
            return false;
        if (taken)
            continue;
        double id;
        if (strcmp(key, "length") == 0)
            good = has_size[0] = read_size(j, &o.length);
        else if (strcmp(key, "width") == 0)
            good = has_size[1] = read_size(j, &o.width);
        else if (strcmp(key, "height") == 0)
            good = read_size(j, &o.height);
        else if (strcmp(key, "type") == 0 && cw_json_peek(j) == '"')
            good = cw_json_string(j, type, sizeof type);
        else if (strcmp(key, "mark_as_expert") == 0)
            good = cw_json_bool(j, &o.expert);
        else if (strcmp(key, "goalPosition") == 0)
            good = o.has_goal = rec_read_point(r, &o.goal);
        else if (strcmp(key, "id") == 0 && cw_json_peek(j) != '"')
            good = cw_json_number(j, &id) && snprintf(o.id, sizeof o.id, "%.15g", id) > 0;
        else
            good = cw_json_skip(j);
        if (!good)
            return false;
    }
    if (j->status != CW_OK)
        return false;
    for (int k = 0; k < 4; k++) {
        if (!has[k])
            return cw_json_fail(j, o.place, CW_ERR_INPUT, "an object without %s", rows[k]);
        if (counts[k] != counts[0])
            return cw_json_fail(j, o.place, CW_ERR_INPUT, "an object with %zu positions and %zu of %s", counts[0],
                                counts[k], rows[k]);
    }
    if (!has_size[0] || !has_size[1])
        return cw_json_fail(j, o.place, CW_ERR_INPUT, "an object without length or width");
    o.kind = strcmp(type, "vehicle") == 0      ? CW_ACTOR_CAR
             : strcmp(type, "pedestrian") == 0 ? CW_ACTOR_PEDESTRIAN
             : strcmp(type, "cyclist") == 0    ? CW_ACTOR_BICYCLE
                                               : CW_ACTOR_OTHER;
    o.count = counts[0];
    r->position_count = first + counts[0];
    if (!CW_GROW(r->objects, r->object_capacity, r->object_count + 1))
        return cw_json_fail(j, o.place, CW_ERR_MEMORY, "out of memory");
    r->objects[r->object_count++] = o;
    return true;
}

static bool read_objects(rec_reader *r) {
    uint32_t i = UINT32_MAX;
    r->has_objects = true;
    if (!cw_json_enter(&r->json, '['))
        return false;
    while (cw_json_more(&r->json, ']', &i)) {
        if (i == REC_OBJECTS)
            return cw_json_fail(&r->json, r->json.at, CW_ERR_LIMIT, "more than %d objects", REC_OBJECTS);
        if (!read_object(r))
            return false;
    }
    return r->json.status == CW_OK;
}

// ---- metadata --------------------------------------------------------------------------------------------------------

static bool read_predict(rec_reader *r) {
    cw_json *j = &r->json;
    uint32_t i = UINT32_MAX;
    char key[32];
    if (!cw_json_enter(j, '['))
        return false;
    while (cw_json_more(j, ']', &i)) {
        uint32_t k = UINT32_MAX;
        double track = -1;
        if (!cw_json_enter(j, '{'))
            return false;
        while (cw_json_more(j, '}', &k))
            if (!cw_json_key(j, key, sizeof key) ||
                !(strcmp(key, "track_index") == 0 ? cw_json_number(j, &track) : cw_json_skip(j)))
                return false;
        if (j->status != CW_OK)
            return false;
        if (r->predict_count == REC_OBJECTS)
            return cw_json_fail(j, j->at, CW_ERR_LIMIT, "more than %d tracks to predict", REC_OBJECTS);
        if (!CW_GROW(r->predict, r->predict_capacity, r->predict_count + 1))
            return cw_json_fail(j, j->at, CW_ERR_MEMORY, "out of memory");
        r->predict[r->predict_count++] = track >= 0 && track < 1e9 ? (int64_t)track : -1;
    }
    return j->status == CW_OK;
}

static bool read_metadata(rec_reader *r) {
    cw_json *j = &r->json;
    uint32_t i = UINT32_MAX;
    char key[32];
    double sdc;
    if (!cw_json_enter(j, '{'))
        return false;
    while (cw_json_more(j, '}', &i)) {
        if (!cw_json_key(j, key, sizeof key))
            return false;
        if (strcmp(key, "sdc_track_index") == 0) {
            if (!cw_json_number(j, &sdc))
                return false;
            r->sdc = sdc >= 0 && sdc < 1e9 ? (int64_t)sdc : -1;
        } else if (!(strcmp(key, "tracks_to_predict") == 0 ? read_predict(r) : cw_json_skip(j))) {
            return false;
        }
    }
    return j->status == CW_OK;
}

static bool read_all(rec_reader *r) {
    cw_json *j = &r->json;
    uint32_t i = UINT32_MAX;
    char key[32];
    if (!cw_json_enter(j, '{'))
        return false;
    while (cw_json_more(j, '}', &i)) {
        if (!cw_json_key(j, key, sizeof key))
            return false;
        bool good = strcmp(key, "objects") == 0                          ? read_objects(r)
                    : strcmp(key, "roads") == 0                          ? rec_read_roads(r)
                    : strcmp(key, "metadata") == 0                       ? read_metadata(r)
                    : strcmp(key, "tl_states") == 0                      ? rec_read_lights(r)
                    : strcmp(key, "name") == 0 && cw_json_peek(j) == '"' ? cw_json_string(j, r->name, sizeof r->name)
                                                                         : cw_json_skip(j);
        if (!good)
            return false;
    }
    if (j->status == CW_OK && cw_json_peek(j) != 0)
        return cw_json_fail(j, j->at, CW_ERR_INPUT, "something follows the end of the recording");
    if (j->status == CW_OK && !(r->has_objects && r->has_roads))
        return cw_json_fail(j, 0, CW_ERR_INPUT, "a recording without %s", r->has_objects ? "roads" : "objects");
    return j->status == CW_OK;
}

// ---- the scene -------------------------------------------------------------------------------------------------------

// The middle of the box, as everywhere: vehicles turn about their rear axle.
static double center_of(const rec_object *o) {
    return o->kind == CW_ACTOR_CAR ? 0.29 * o->length : o->kind == CW_ACTOR_BICYCLE ? 0.3 * o->length : 0;
}

static cw_actor actor_of(const rec_object *o) {
    double center = center_of(o);
    bool steers = center > 0;
    return (cw_actor){.model = "",
                      .kind = (uint8_t)o->kind,
                      .length = (float)o->length,
                      .width = (float)o->width,
                      .height = (float)o->height,
                      .center_x = (float)center,
                      .center_z = (float)(0.5 * o->height),
                      .wheelbase = steers ? (float)(2 * center) : 0,
                      .front_axle_x = steers ? (float)(2 * center) : 0,
                      .controller = {.name = ""},
                      .trailer = CW_NONE};
}

static cw_sample sample_of(const rec_reader *r, const rec_object *o, size_t k, double center) {
    const rec_point *p = &r->positions[o->first + k];
    double heading = cw_wrap_angle(r->headings[o->first + k]), sine, cosine;
    cw_sincos((double)(float)heading, &sine, &cosine);
    cw_vec2 v = r->velocities[o->first + k];
    return (cw_sample){.time = (double)k * period,
                       .x = p->x - center * cosine,
                       .y = p->y - center * sine,
                       .heading = (float)heading,
                       .speed = (float)(v.x * cosine + v.y * sine)};
}

// Each run of valid samples is an actor of its own, as what is not valid is not there. Adds them to actors; false: memory.
static bool add_actors(const rec_reader *r, const rec_object *o, cw_arena *arena, cw_actor *actors, uint32_t *count) {
    int part = 0;
    for (size_t k = 0; k < o->count; k++) {
        if (!r->valid[o->first + k])
            continue;
        size_t end = k;
        while (end < o->count && r->valid[o->first + end])
            end++;
        cw_actor *a = &actors[(*count)++];
        *a = actor_of(o);
        char name[48];
        snprintf(name, sizeof name, part == 0 ? "%s" : "%s.%d", o->id, part + 1);
        part++;
        cw_sample *samples = cw_arena_array(arena, end - k, sizeof *samples);
        a->name = cw_arena_text(arena, name, strlen(name));
        if (samples == NULL || a->name == NULL)
            return false;
        for (size_t i = k; i < end; i++)
            samples[i - k] = sample_of(r, o, i, (double)a->center_x);
        a->samples = samples;
        a->sample_count = (uint32_t)(end - k);
        a->starts = k == 0;
        k = end;
    }
    return true;
}

static bool set_mission(const rec_object *o, cw_scene *scene) {
    const cw_actor *ego = &scene->actors[0];
    const cw_sample *s = &ego->samples[0];
    cw_goal *goal = cw_arena_alloc(scene->arena, sizeof *goal);
    cw_region *region = cw_arena_alloc(scene->arena, sizeof *region);
    if (goal == NULL || region == NULL)
        return false;
    scene->has_start = true;
    scene->start_x = s->x;
    scene->start_y = s->y;
    scene->start_heading = s->heading;
    scene->start_speed = s->speed;
    if (!o->has_goal)
        return true;
    *region = (cw_region){.kind = 1, .x = o->goal.x, .y = o->goal.y, .radius = goal_radius};
    *goal = cw_scene_open_goal();
    goal->region_count = 1;
    goal->regions = region;
    scene->goals = goal;
    scene->goal_count = 1;
    return true;
}

// The object of that id; CW_ERR_USAGE where there is none.
static bool find_object(rec_reader *r, const char *id, size_t length, size_t *out) {
    for (size_t i = 0; i < r->object_count; i++)
        if (strlen(r->objects[i].id) == length && memcmp(r->objects[i].id, id, length) == 0) {
            *out = i;
            return true;
        }
    return cw_json_fail(&r->json, 0, CW_ERR_USAGE, "the recording has no object '%.*s'", length < 40 ? (int)length : 40,
                        id);
}

// The one that is named; else of problem 0 the recording car, of problem n the n-th of those to predict.
static bool choose_driven(rec_reader *r, const cw_scenario_options *options, size_t *driven) {
    unsigned problem = options->problem;
    int64_t track = problem == 0 ? r->sdc : problem <= r->predict_count ? r->predict[problem - 1] : -1;
    if (options->ego != NULL) {
        if (!find_object(r, options->ego, strlen(options->ego), driven))
            return false;
        track = (int64_t)*driven;
    }
    if (track < 0 && problem > 0)
        return cw_json_fail(&r->json, 0, CW_ERR_USAGE, "track %u to predict is asked for, the recording has %zu",
                            problem, r->predict_count);
    if (track < 0 || (size_t)track >= r->object_count)
        return cw_json_fail(&r->json, 0, CW_ERR_INPUT, "metadata names no recording car (sdc_track_index)");
    *driven = (size_t)track;
    const rec_object *o = &r->objects[*driven];
    if (o->count == 0 || !r->valid[o->first])
        return cw_json_fail(&r->json, o->place, CW_ERR_INPUT, "the object to drive is not valid at the first sample");
    return true;
}

// Who is removed leaves no samples: objects named, one after the other, or all. The one that is driven stays.
static bool remove_objects(rec_reader *r, const char *names, size_t driven) {
    bool all = strcmp(names, "all") == 0;
    for (size_t i = 0; i < r->object_count && all; i++)
        r->objects[i].removed = i != driven;
    while (!all && *names != '\0') {
        size_t length = strcspn(names, ","), i = 0;
        if (!find_object(r, names, length, &i))
            return false;
        if (i == driven)
            return cw_json_fail(&r->json, r->objects[i].place, CW_ERR_USAGE,
                                "object %s is driven, and cannot be removed", r->objects[i].id);
        r->objects[i].removed = true;
        names += length + (names[length] == ',');
    }
    return true;
}

static bool build_scene(rec_reader *r, const cw_scenario_options *options, const char *bytes, size_t count,
                        cw_scene *scene) {
    size_t driven = 0, most = 0, runs = 1;
    if (!choose_driven(r, options, &driven) || (options->remove != NULL && !remove_objects(r, options->remove, driven)))
        return false;
    for (size_t i = 0; i < r->object_count; i++) {
        const rec_object *o = &r->objects[i];
        most = o->count > most ? o->count : most;
        for (size_t k = 0; k < o->count; k++)
            runs += r->valid[o->first + k] && (k == 0 || !r->valid[o->first + k - 1]);
    }
    cw_actor *actors = cw_arena_array(scene->arena, runs, sizeof *actors);
    cw_attachment *file = cw_arena_alloc(scene->arena, sizeof *file);
    bool fine = actors != NULL && file != NULL;
    uint32_t made = 0;
    fine = fine && add_actors(r, &r->objects[driven], scene->arena, actors, &made);
    if (fine)
        made = 1; // the ego is one actor, however often its track is broken
    for (size_t i = 0; i < r->object_count && fine; i++)
        fine = i == driven || r->objects[i].removed || add_actors(r, &r->objects[i], scene->arena, actors, &made);
    if (fine) {
        const char *base = strrchr(r->json.path, '/') != NULL ? strrchr(r->json.path, '/') + 1 : r->json.path;
        scene->name = cw_arena_text(scene->arena, r->name, strlen(r->name));
        file->path = cw_arena_text(scene->arena, base, strlen(base));
        file->bytes = cw_arena_text(scene->arena, bytes, count);
        file->count = count;
        cw_sha256_hex(bytes, count, file->sha256);
        scene->actors = actors;
        scene->actor_count = made;
        scene->ego = 0;
        scene->duration = most > 1 ? (double)(most - 1) * period : period;
        scene->attachments = file;
        scene->attachment_count = 1;
        scene->map = rec_build_map(r);
        cw_osc_environment_defaults(&scene->environment);
        fine = scene->map != NULL && scene->name != NULL && file->path != NULL && file->bytes != NULL &&
               set_mission(&r->objects[driven], scene) && rec_make_programs(r, scene) &&
               cw_notices_copy(r->notices, scene->arena, &scene->notices, &scene->notice_count);
    }
    if (!fine)
        return cw_json_fail(&r->json, 0, CW_ERR_MEMORY, "out of memory");
    scene->hash = cw_scene_digest(scene);
    return true;
}

cw_status cw_recording_read(const char *bytes, size_t count, const char *path, const cw_scenario_options *options,
                            cw_scene **scene, cw_error *err) {
    static const cw_scenario_options usual = {0};
    *scene = NULL;
    options = options != NULL ? options : &usual;
    rec_reader r = {
        .json = {.bytes = bytes, .path = path, .end = count, .err = err}, .notices = cw_notices_new(), .sdc = -1};
    cw_arena *arena = cw_arena_new(0, 0);
    cw_scene *out = arena != NULL ? cw_arena_alloc(arena, sizeof *out) : NULL;
    bool fine = r.notices != NULL && out != NULL;
    if (!fine)
        cw_json_fail(&r.json, 0, CW_ERR_MEMORY, "out of memory");
    if (fine) {
        *out = (cw_scene){.author = "",
                          .description = "",
                          .version = "",
                          .origin = CW_FROM_RECORDING,
                          .dt = period,
                          .dry_friction = 1,
                          .mission_route = CW_NONE,
                          .arena = arena};
        fine = read_all(&r) && build_scene(&r, options, bytes, count, out);
    }
    if (fine && options->strict && out->notice_count > 0) {
        const cw_notice *n = &out->notices[0];
        r.json.status = cw_error_set(err, CW_ERR_UNSUPPORTED, path, n->line, n->column, "%s: %s", n->name, n->text);
        fine = false;
    }
    if (fine)
        *scene = out;
    else if (out != NULL)
        cw_scene_free(out);
    else
        cw_arena_free(arena);
    cw_notices_free(r.notices);
    void *tables[] = {r.objects, r.positions, r.headings, r.velocities, r.valid, r.roads,
                      r.points,  r.predict,   r.lights,   r.states,     r.steps};
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
        free(tables[i]);
    return r.json.status;
}
