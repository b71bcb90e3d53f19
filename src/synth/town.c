// A town from its definition: the plan, the map, and what happens there.
#include "synth.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const uint32_t cookie = 0x746f776e;

cw_town_def cw_town_defaults(uint64_t seed) {
    return (cw_town_def){.seed = seed,
                         .size = 4,
                         .block = 150,
                         .density = 0.7,
                         .lights = 0.6,
                         .roundabouts = 0.3,
                         .gaps = 0.3,
                         .curves = 0.6,
                         .hills = 5,
                         .parking = 0.6,
                         .crosswalks = 0.7,
                         .lane_drops = 0.3,
                         .traffic = 20,
                         .motorway = true,
                         .cookie = cookie};
}

// ---- settings --------------------------------------------------------------------------------------------------------

typedef struct key {
    const char *name;
    size_t offset;
    double low, high;
} key;

#define KEY(name, low, high)                                                                                           \
    { #name, offsetof(cw_town_def, name), low, high }

static const key keys[] = {KEY(block, 130, 300),  KEY(density, 0, 1),    KEY(lights, 0, 1),   KEY(roundabouts, 0, 1),
                           KEY(gaps, 0, 1),       KEY(curves, 0, 1),     KEY(hills, 0, 12),   KEY(parking, 0, 1),
                           KEY(crosswalks, 0, 1), KEY(lane_drops, 0, 1), KEY(traffic, 0, 400)};
enum { KEYS = sizeof keys / sizeof *keys };

static double *member(cw_town_def *def, size_t offset) {
    return (double *)(void *)((char *)def + offset);
}

cw_status cw_town_set(cw_town_def *def, const char *name, const char *value, cw_error *err) {
    double number;
    if (!cw_parse_double(value, strlen(value), &number))
        return cw_error_set(err, CW_ERR_USAGE, NULL, 0, 0, "town.%.40s takes a number, not '%.40s'", name, value);
    double low = 0, high = 1;
    bool whole = true;
    if (strcmp(name, "size") == 0) {
        low = 2;
        high = 12;
    } else if (strcmp(name, "motorway") != 0 && strcmp(name, "left_hand") != 0) {
        const key *k = keys;
        while (k < keys + KEYS && strcmp(k->name, name) != 0)
            k++;
        if (k == keys + KEYS)
            return cw_error_set(err, CW_ERR_USAGE, NULL, 0, 0, "a town has no setting '%.40s'", name);
        low = k->low;
        high = k->high;
        whole = false;
        if (number >= low && number <= high)
            *member(def, k->offset) = number;
    }
    if (!(number >= low && number <= high) || (whole && number != floor(number)))
        return cw_error_set(err, CW_ERR_USAGE, NULL, 0, 0, "town.%.40s takes %s from %g to %g, not %.40s", name,
                            whole ? "a whole number" : "a number", low, high, value);
    if (strcmp(name, "size") == 0)
        def->size = (int)number;
    else if (strcmp(name, "motorway") == 0)
        def->motorway = number == 1;
    else if (whole)
        def->left_hand = number == 1;
    return CW_OK;
}

static cw_status check(const cw_town_def *def, cw_error *err) {
    bool fine = def->size >= 2 && def->size <= 12;
    for (int i = 0; i < KEYS; i++) {
        double value = *member((cw_town_def *)(uintptr_t)def, keys[i].offset);
        fine = fine && value >= keys[i].low && value <= keys[i].high;
    }
    return fine ? CW_OK : cw_error_set(err, CW_ERR_USAGE, NULL, 0, 0, "a town's definition is out of its ranges");
}

// ---- the map ---------------------------------------------------------------------------------------------------------

static cw_map *draw_map(town *t) {
    plan_town(t);
    t->builder = t->failed ? NULL : cw_build_new(NULL, NULL);
    if (t->builder == NULL)
        return NULL;
    cw_build_header(t->builder, (cw_build_text){"town", 4}, 0, 0, 0, 0);
    for (int i = 0; i < t->street_count; i++)
        draw_street(t, i);
    for (int i = 0; i < t->node_count; i++)
        if (t->nodes[i].control == ELBOW)
            draw_elbow(t, i);
    for (int i = 0; i < t->node_count; i++) {
        if (t->nodes[i].control == ROUNDABOUT)
            draw_roundabout(t, i);
        else if (t->nodes[i].control != ELBOW)
            draw_junction(t, i);
    }
    if (t->gate >= 0)
        draw_motorway(t);
    cw_map *map = NULL;
    cw_status status = cw_build_finish(t->builder, "town", &map, NULL);
    cw_build_free(t->builder);
    if (status != CW_OK || !t->failed)
        return map;
    cw_map_free(map);
    return NULL;
}

// ---- the town ---------------------------------------------------------------------------------------------------------

cw_status cw_town_make(const cw_town_def *def, cw_scene **scene, cw_error *err) {
    assert(def->cookie == cookie);
    *scene = NULL;
    cw_status status = check(def, err);
    if (status != CW_OK)
        return status;
    town *t = calloc(1, sizeof *t);
    cw_arena *arena = cw_arena_new(0, 0);
    cw_scene *out = arena != NULL ? cw_arena_alloc(arena, sizeof *out) : NULL;
    cw_map *map = NULL;
    if (t != NULL && out != NULL) {
        t->def = *def;
        t->arena = arena;
        t->programs = cw_arena_array(arena, MOST_NODES, sizeof *t->programs);
        map = t->programs != NULL ? draw_map(t) : NULL;
    }
    bool fine = map != NULL && fill_scene(t, out, map);
    if (t != NULL)
        free(t->samples);
    free(t);
    if (fine) {
        *scene = out;
        return CW_OK;
    }
    cw_map_free(map);
    cw_arena_free(arena);
    return cw_error_set(err, CW_ERR_MEMORY, NULL, 0, 0, "out of memory");
}
