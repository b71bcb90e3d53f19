// Any scenario file, recognised by its root element; a bare map becomes a scene with one car.
#include "openscenario.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

// ---- the root element ------------------------------------------------------------------------------------------------

typedef struct sniffer {
    const char *at, *end;
    int line, column;
} sniffer;

static void forward(sniffer *s, size_t count) {
    for (; count > 0 && s->at < s->end; count--, s->at++) {
        s->column = *s->at == '\n' ? 1 : s->column + 1;
        s->line += *s->at == '\n';
    }
}

static bool starts(const sniffer *s, const char *text) {
    size_t n = strlen(text);
    return (size_t)(s->end - s->at) >= n && memcmp(s->at, text, n) == 0;
}

static void skip_past(sniffer *s, const char *text) {
    while (s->at < s->end && !starts(s, text))
        forward(s, 1);
    forward(s, strlen(text));
}

// The local name of the first element in name[size]; "" when nothing like one stands at the beginning.
static void find_root(sniffer *s, char *name, size_t size) {
    name[0] = '\0';
    if (starts(s, "\xEF\xBB\xBF"))
        s->at += 3;
    for (;;) {
        while (s->at < s->end && strchr(" \t\r\n", *s->at) != NULL && *s->at != '\0')
            forward(s, 1);
        if (starts(s, "<?"))
            skip_past(s, "?>");
        else if (starts(s, "<!--"))
            skip_past(s, "-->");
        else
            break;
    }
    if (s->at >= s->end || *s->at != '<')
        return;
    size_t n = 0;
    for (const char *c = s->at + 1; c < s->end && n + 1 < size && strchr(" \t\r\n/><=\"'", *c) == NULL; c++) {
        if (*c == ':')
            n = 0; // what stood before was a prefix
        else
            name[n++] = *c;
    }
    name[n] = '\0';
}

// ---- a bare map ------------------------------------------------------------------------------------------------------

// The longest driving lane outside junctions, the first of equals.
static uint32_t choose_lane(const cw_map *map) {
    uint32_t best = CW_NONE;
    for (int pass = 0; pass < 2 && best == CW_NONE; pass++)
        for (uint32_t i = 0; i < map->lane_count; i++) {
            const cw_lane *lane = &map->lanes[i];
            bool fits = cw_lane_drivable(lane) && (pass == 1 || lane->junction == CW_NONE);
            if (fits && lane->length > 0 && (best == CW_NONE || lane->length > map->lanes[best].length + 1e-6))
                best = i;
        }
    return best;
}

// Put on the lane, 10 m from its start, at its speed limit or 50 km/h, whichever is lower.
static void start_on(const cw_map *map, uint32_t lane, cw_action actions[2]) {
    double station = cw_lane_station(map, lane, cw_min(10, map->lanes[lane].length / 4));
    double limit = (double)cw_lane_limit(map, lane, station);
    for (int i = 0; i < 2; i++) {
        actions[i] = cw_scene_no_action();
        actions[i].is_private = true;
        actions[i].actor = 0;
    }
    actions[0].kind = CW_DO_TELEPORT;
    actions[0].position.kind = CW_AT_LANE;
    actions[0].position.road = map->lanes[lane].road;
    actions[0].position.lane = map->lanes[lane].id;
    actions[0].position.s = station;
    actions[1].kind = CW_DO_SPEED;
    actions[1].value = limit > 0 && limit < 50.0 / 3.6 ? limit : 50.0 / 3.6;
}

// NULL when memory is out. The map stays the caller's until it is a scene's.
static cw_scene *build_scene(cw_arena *arena, const cw_map *map, uint32_t lane, const char *path, const char *bytes,
                             size_t count, const cw_notices *notices) {
    cw_scene *out = cw_arena_alloc(arena, sizeof *out);
    cw_actor *car = cw_arena_alloc(arena, sizeof *car);
    cw_action *actions = cw_arena_array(arena, 2, sizeof *actions);
    cw_attachment *file = cw_arena_alloc(arena, sizeof *file);
    if (out == NULL || car == NULL || actions == NULL || file == NULL)
        return NULL;
    const char *base = strrchr(path, '/') != NULL ? strrchr(path, '/') + 1 : path;
    const char *dot = strrchr(base, '.');
    *car = cw_scene_usual_actor(CW_ACTOR_CAR);
    car->name = "ego";
    car->starts = true;
    start_on(map, lane, actions);
    file->path = cw_arena_text(arena, base, strlen(base));
    file->bytes = cw_arena_text(arena, bytes, count);
    file->count = count;
    cw_sha256_hex(bytes, count, file->sha256);
    *out = (cw_scene){.name = cw_arena_text(arena, base, dot != NULL ? (size_t)(dot - base) : strlen(base)),
                      .author = "",
                      .description = "",
                      .version = "",
                      .origin = CW_FROM_OPENDRIVE,
                      .map = map,
                      .actor_count = 1,
                      .actors = car,
                      .duration = INFINITY,
                      .init = {0, 2},
                      .action_count = 2,
                      .actions = actions,
                      .dry_friction = 1,
                      .mission_route = CW_NONE,
                      .attachment_count = 1,
                      .attachments = file,
                      .arena = arena};
    cw_osc_environment_defaults(&out->environment);
    if (out->name == NULL || file->path == NULL || file->bytes == NULL ||
        !cw_notices_copy(notices, arena, &out->notices, &out->notice_count))
        return NULL;
    out->hash = cw_scene_digest(out);
    return out;
}

static cw_status scene_from_map(const char *bytes, size_t count, const char *path, cw_scene **scene, cw_error *err) {
    cw_notices *notices = cw_notices_new();
    cw_map *map = NULL;
    cw_status status = cw_opendrive_read(bytes, count, path, &map, notices, err);
    if (status == CW_OK) {
        cw_arena *arena = cw_arena_new(0, 0);
        uint32_t lane = choose_lane(map);
        if (lane == CW_NONE)
            status = cw_error_set(err, CW_ERR_INPUT, path, 1, 1, "the map has no lane to drive on");
        else if (arena != NULL)
            *scene = build_scene(arena, map, lane, path, bytes, count, notices);
        if (status == CW_OK && *scene == NULL)
            status = cw_error_set(err, CW_ERR_MEMORY, path, 0, 0, "out of memory");
        if (status != CW_OK) {
            cw_map_free(map);
            cw_arena_free(arena);
        }
    }
    cw_notices_free(notices);
    return status;
}

// ---- any file --------------------------------------------------------------------------------------------------------

cw_status cw_scene_read_file(const char *path, const cw_scenario_options *options, cw_scene **scene, cw_error *err) {
    char *bytes, name[64];
    size_t count;
    *scene = NULL;
    cw_status status = options != NULL && options->open != NULL
                           ? options->open(options->context, path, &bytes, &count, err)
                           : cw_file_read(path, 0, &bytes, &count, err);
    if (status != CW_OK)
        return status;
    sniffer s = {bytes, bytes + count, 1, 1};
    find_root(&s, name, sizeof name);
    bool recorded = s.at < s.end && *s.at == '{';
    if (!recorded && options != NULL && (options->ego != NULL || options->remove != NULL))
        status = cw_error_set(err, CW_ERR_USAGE, path, 0, 0, "who is driven or removed is chosen in recordings alone");
    else if (recorded)
        status = cw_recording_read(bytes, count, path, options, scene, err);
    else if (strcmp(name, "OpenDRIVE") == 0)
        status = scene_from_map(bytes, count, path, scene, err);
    else if (strcmp(name, "commonRoad") == 0 || strcmp(name, "CommonRoadSolution") == 0)
        status = cw_commonroad_read(bytes, count, path, options, scene, err);
    else if (strcmp(name, "OpenSCENARIO") == 0 || name[0] == '\0') // what is no XML gets its error there
        status = cw_openscenario_read(bytes, count, path, options, scene, err);
    else
        status = cw_error_set(err, CW_ERR_INPUT, path, s.line, s.column,
                              "<%.60s> is neither OpenSCENARIO nor OpenDRIVE nor CommonRoad", name);
    free(bytes);
    return status;
}
