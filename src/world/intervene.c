// Interventions: what a test of reasons changes in a world.
//
// The table lies over the state and is none of it: after each step what it asks for is laid over what the step left, and
// before the next it is lifted, so that whoever is changed goes on as it would have.
#include "world/core.h"
#include "world/layout.h"

#include <assert.h>
#include <math.h>
#include <string.h>

enum { ABSENT = 1, ASIDE = 2, CLEAR = 4, HIDDEN = 128, GREEN = 2, LIGHT_OFF = 0, LIGHT_GREEN = 4, ROWS_MOST = 160 };

typedef struct cw_changes {
    uint32_t count;
    uint8_t *actor, *signal; // per actor, per signal item: bits of the above
    double *dx, *dy;         // m, per actor: moved aside
    bool laid, all_clear, dry;
    uint32_t limits; // 0, CW_LIMITS_ABSENT or CW_LIMITS_DEFAULT
    bool bends;
    // The map that drivers are told: the scene's but for these.
    cw_map map;
    cw_speed_record *lane_limits;
    cw_road_type *road_types;
    uint32_t lane_limit_count, road_type_count;
    // Where the rows of actors stand, for whoever is forced.
    struct {
        unsigned char *at;
        size_t each;
    } row[ROWS_MOST];
    uint32_t row_count;
    size_t actor_size;
} cw_changes;

const char *cw_intervention_name(cw_intervention_kind kind) {
    static const char *const names[] = {"actor_absent", "actor_aside", "actor_clear",   "signal_absent",
                                        "signal_green", "all_clear",   "limits_absent", "limits_default",
                                        "bends_lifted", "surface_dry"};
    _Static_assert(sizeof names / sizeof *names == CW_INTERVENTIONS, "a name for each");
    return (unsigned)kind < CW_INTERVENTIONS ? names[kind] : "unknown";
}

// ---- making ----------------------------------------------------------------------------------------------------------

static void find_rows(cw_world *world, cw_changes *c) {
    uint32_t count;
    const cw_state_row *table = cw_world_state_table(&count);
    for (uint32_t i = 0; i < count; i++) {
        size_t bytes;
        if (table[i].per != CW_PER_ACTOR)
            continue;
        assert(c->row_count < ROWS_MOST);
        unsigned char *at = cw_state_row_at(world, i, &bytes);
        size_t each = bytes / world->scene->actor_count;
        c->row[c->row_count].at = at;
        c->row[c->row_count++].each = each;
        c->actor_size += each;
    }
}

static uint32_t end_of(cw_span span, uint32_t so_far) {
    uint32_t end = span.first + span.count;
    return span.count > 0 && end > so_far ? end : so_far;
}

static cw_changes *make(cw_world *world) {
    uint32_t actors = world->scene->actor_count;
    const cw_map *map = world->map;
    cw_changes *c = cw_arena_alloc(world->arena, sizeof *c);
    if (!c)
        return NULL;
    c->actor = cw_arena_array(world->arena, actors + 1, 1);
    c->signal = cw_arena_array(world->arena, world->signal_count + 1, 1);
    c->dx = cw_arena_array(world->arena, actors + 1, sizeof *c->dx);
    c->dy = cw_arena_array(world->arena, actors + 1, sizeof *c->dy);
    for (uint32_t i = 0; i < map->lane_count; i++)
        c->lane_limit_count = end_of(map->lanes[i].limits, c->lane_limit_count);
    for (uint32_t i = 0; i < map->road_count; i++)
        c->road_type_count = end_of(map->roads[i].kinds, c->road_type_count);
    c->lane_limits = cw_arena_array(world->arena, c->lane_limit_count + 1, sizeof *c->lane_limits);
    c->road_types = cw_arena_array(world->arena, c->road_type_count + 1, sizeof *c->road_types);
    if (!c->actor || !c->signal || !c->dx || !c->dy || !c->lane_limits || !c->road_types)
        return NULL;
    c->map = *map;
    if (actors > 0)
        find_rows(world, c);
    return c;
}

// ---- the map that drivers are told -----------------------------------------------------------------------------------

// Usual limits, m/s; 0: none is usual.
static float usual_limit(uint8_t road_kind) {
    switch (road_kind) {
    case CW_ROAD_MOTORWAY:
        return 130.0F / 3.6F;
    case CW_ROAD_RURAL:
        return 100.0F / 3.6F;
    case CW_ROAD_LOW_SPEED:
        return 30.0F / 3.6F;
    case CW_ROAD_TOWN:
        return 50.0F / 3.6F;
    default:
        return 0;
    }
}

float cw_world_usual_limit(const cw_map *map, uint32_t lane, double s) {
    const cw_road *road = &map->roads[map->lanes[lane].road];
    float limit = 0;
    for (uint32_t i = 0; i < road->kinds.count; i++) {
        const cw_road_type *type = &map->road_types[road->kinds.first + i];
        if (i == 0 || type->s <= s)
            limit = usual_limit(type->kind);
    }
    return limit;
}

// A road is limited by its kind alone then, not lane by lane.
static void tell_map(const cw_world *world, cw_changes *c) {
    c->map = *world->map;
    c->map.told = (c->bends ? CW_TOLD_NO_BENDS : 0) | (c->limits == CW_LIMITS_ABSENT    ? CW_TOLD_OTHER_LIMITS
                                                       : c->limits == CW_LIMITS_DEFAULT ? CW_TOLD_USUAL_LIMITS
                                                                                        : 0);
    if (!c->limits)
        return;
    for (uint32_t i = 0; i < c->lane_limit_count; i++)
        c->lane_limits[i] = (cw_speed_record){.s = world->map->limits[i].s};
    for (uint32_t i = 0; i < c->road_type_count; i++) {
        c->road_types[i] = world->map->road_types[i];
        c->road_types[i].limit = c->limits == CW_LIMITS_DEFAULT ? usual_limit(c->road_types[i].kind) : 0;
    }
    c->map.limits = c->lane_limits;
    c->map.road_types = c->road_types;
}

const cw_map *cw_world_told_map(const cw_world *world) {
    const cw_changes *c = world->changes;
    return c && (c->limits || c->bends) ? &c->map : world->map;
}

// ---- the table -------------------------------------------------------------------------------------------------------

static void add(const cw_world *world, cw_changes *c, const cw_intervention *row) {
    switch ((cw_intervention_kind)row->kind) {
    case CW_ACTOR_ABSENT:
        // With what it pulls: at most all actors, should they pull each other in a ring.
        for (uint32_t i = row->item, n = 0; i < world->scene->actor_count && n < world->scene->actor_count; n++) {
            c->actor[i] |= ABSENT;
            i = world->s.trailer[i];
        }
        break;
    case CW_ACTOR_ASIDE:
        c->actor[row->item] |= ASIDE;
        c->dx[row->item] = row->dx;
        c->dy[row->item] = row->dy;
        break;
    case CW_ACTOR_CLEAR:
        c->actor[row->item] |= CLEAR;
        break;
    case CW_SIGNAL_ABSENT:
        c->signal[row->item] |= ABSENT;
        break;
    case CW_SIGNAL_GREEN:
        c->signal[row->item] |= GREEN;
        break;
    case CW_ALL_CLEAR:
        c->all_clear = true;
        break;
    case CW_LIMITS_ABSENT:
    case CW_LIMITS_DEFAULT:
        c->limits = row->kind;
        break;
    case CW_BENDS_LIFTED:
        c->bends = true;
        break;
    case CW_DRY_SURFACE:
        c->dry = true;
        break;
    case CW_INTERVENTIONS:
        break;
    }
}

static bool names_item(const cw_world *world, const cw_intervention *row) {
    switch ((cw_intervention_kind)row->kind) {
    case CW_ACTOR_ABSENT:
    case CW_ACTOR_ASIDE:
    case CW_ACTOR_CLEAR:
        return row->item < world->scene->actor_count;
    case CW_SIGNAL_ABSENT:
    case CW_SIGNAL_GREEN:
        return row->item < world->signal_count;
    default:
        return true;
    }
}

bool cw_world_intervene(cw_world *world, const cw_intervention *rows, uint32_t count) {
    if (!world->changes)
        world->changes = make(world);
    cw_changes *c = world->changes;
    if (!c)
        return false;
    cw_changes_lift(world);
    memset(c->actor, 0, world->scene->actor_count + 1);
    memset(c->signal, 0, world->signal_count + 1);
    c->all_clear = c->dry = c->bends = false;
    c->limits = 0;
    c->count = count;
    for (uint32_t i = 0; i < count; i++)
        if (names_item(world, &rows[i]))
            add(world, c, &rows[i]);
    tell_map(world, c);
    cw_changes_lay(world);
    return true;
}

bool cw_world_is_absent(const cw_world *world, uint32_t actor) {
    return world->changes && world->changes->actor[actor] & ABSENT;
}

bool cw_world_is_clear(const cw_world *world, uint32_t actor) {
    const cw_changes *c = world->changes;
    return c && (c->all_clear || (actor != CW_NONE && c->actor[actor] & CLEAR));
}

bool cw_world_is_aside(const cw_world *world, uint32_t actor) {
    return world->changes && world->changes->actor[actor] & ASIDE;
}

bool cw_world_signal_is_absent(const cw_world *world, uint32_t signal) {
    return world->changes && signal < world->signal_count && world->changes->signal[signal] & ABSENT;
}

bool cw_changes_dry(const cw_world *world) {
    return world->changes && world->changes->dry;
}

cw_box cw_world_sight_box(const cw_world *world, uint32_t actor) {
    cw_box box = cw_world_box(world, actor);
    const cw_changes *c = world->changes;
    if (c && c->laid && c->actor[actor] & ASIDE) {
        box.x -= c->dx[actor];
        box.y -= c->dy[actor];
    }
    return box;
}

// ---- within a step ---------------------------------------------------------------------------------------------------

static void shift(cw_world *world, double sign) {
    cw_changes *c = world->changes;
    for (uint32_t i = 0; i < world->scene->actor_count; i++)
        if (c->actor[i] & ASIDE) {
            world->s.x[i] += sign * c->dx[i];
            world->s.y[i] += sign * c->dy[i];
        }
    c->laid = sign > 0;
}

void cw_changes_lift(cw_world *world) {
    if (world->changes && world->changes->laid)
        shift(world, -1);
}

static void clear_absent(cw_world *world) {
    const cw_changes *c = world->changes;
    for (uint32_t i = 0; i < world->scene->actor_count; i++)
        if (c->actor[i] & ABSENT)
            world->s.present[i] = 0;
}

void cw_changes_lay(cw_world *world) {
    cw_changes *c = world->changes;
    if (!c || c->count == 0)
        return;
    clear_absent(world);
    if (!c->laid)
        shift(world, 1);
    for (uint32_t i = 0; i < world->signal_count; i++) {
        if (c->signal[i] & GREEN && world->s.light[i] != LIGHT_OFF)
            world->s.light[i] = LIGHT_GREEN;
        if (c->signal[i] & ABSENT)
            world->s.light[i] = LIGHT_OFF;
    }
}

// Those aside are not there while contacts are looked for, and whoever is absent never is.
void cw_changes_hide(cw_world *world, bool hide) {
    cw_changes *c = world->changes;
    if (!c || c->count == 0)
        return;
    if (hide)
        clear_absent(world);
    for (uint32_t i = 0; i < world->scene->actor_count; i++) {
        if (hide && c->actor[i] & ASIDE && world->s.present[i]) {
            c->actor[i] |= HIDDEN;
            world->s.present[i] = 0;
        } else if (!hide && c->actor[i] & HIDDEN) {
            c->actor[i] &= (uint8_t)~HIDDEN;
            world->s.present[i] = 1;
        }
    }
}

// ---- forcing ---------------------------------------------------------------------------------------------------------

size_t cw_world_actor_size(const cw_world *world) {
    return world->changes->actor_size;
}

void cw_world_actor_save(const cw_world *world, uint32_t actor, void *bytes) {
    unsigned char *out = bytes;
    const cw_changes *c = world->changes;
    for (uint32_t i = 0; i < c->row_count; i++) {
        memcpy(out, c->row[i].at + actor * c->row[i].each, c->row[i].each);
        out += c->row[i].each;
    }
}

void cw_world_actor_restore(cw_world *world, uint32_t actor, const void *bytes) {
    const unsigned char *in = bytes;
    const cw_changes *c = world->changes;
    for (uint32_t i = 0; i < c->row_count; i++) {
        memcpy(c->row[i].at + actor * c->row[i].each, in, c->row[i].each);
        in += c->row[i].each;
    }
}

void cw_world_hold_others(cw_world *world, const void *snapshot, uint32_t actor) {
    const cw_changes *c = world->changes;
    const unsigned char *from = snapshot;
    unsigned char own[ROWS_MOST * 64];
    assert(c->actor_size <= sizeof own);
    cw_world_actor_save(world, actor, own);
    memcpy(world->block, from, world->fixed_size);
    cw_world_actor_restore(world, actor, own);
    world->changes->laid = false;
    cw_changes_lay(world);
}
