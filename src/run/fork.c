#include "causeway/fork.h"

#include "run/ride.h"

#include <string.h>

// What of a ride is in no keyframe: it is found again there from the start.
typedef struct bearings {
    cw_mission mission;
    uint32_t version, seen, missed;
    bool made;
    cw_lane_place missed_at;
} bearings;

struct cw_fork {
    cw_arena *arena;
    cw_ride ride;
    cw_ride_tick tick;
    unsigned char *marked;
    bearings start, bearings; // at the start, at the mark
};

static void keep_bearings(const cw_ride *r, bearings *out) {
    *out = (bearings){.mission = r->mission,
                      .version = r->mission_version,
                      .seen = r->mission_seen,
                      .missed = r->missed.count,
                      .made = r->mission_made,
                      .missed_at = r->missed.place};
}

static void take_bearings(cw_ride *r, const bearings *from) {
    r->mission = from->mission;
    r->mission_version = from->version;
    r->mission_seen = from->seen;
    r->mission_made = from->made;
    r->missed.count = from->missed;
    r->missed.place = from->missed_at;
    r->instead = NULL;
}

cw_status cw_fork_open(const cw_episode_def *def, cw_fork **out, cw_error *err) {
    *out = NULL;
    cw_arena *arena = cw_arena_new(1 << 16, 0);
    cw_fork *fork = arena ? cw_arena_alloc(arena, sizeof *fork) : NULL;
    cw_status status = fork ? CW_OK : cw_error_set(err, CW_ERR_MEMORY, NULL, 0, 0, "out of memory");
    if (fork) {
        fork->arena = arena;
        status = cw_ride_open(&fork->ride, def, arena, err);
        if (status == CW_OK) {
            fork->marked = cw_arena_alloc(arena, fork->ride.keyframe_size);
            if (!fork->marked || !cw_world_intervene(fork->ride.world, NULL, 0)) {
                cw_ride_close(&fork->ride);
                status = cw_error_set(err, CW_ERR_MEMORY, NULL, 0, 0, "out of memory");
            } else if (def->driver) {
                cw_ride_refresh_mission(&fork->ride); // as the first decision does
                keep_bearings(&fork->ride, &fork->start);
            }
        }
    }
    if (status != CW_OK) {
        cw_arena_free(arena);
        return status;
    }
    *out = fork;
    return CW_OK;
}

void cw_fork_close(cw_fork *fork) {
    if (fork) {
        cw_ride_close(&fork->ride);
        cw_arena_free(fork->arena);
    }
}

struct cw_world *cw_fork_world(cw_fork *fork) {
    return fork->ride.world;
}

size_t cw_fork_size(const cw_fork *fork) {
    return fork->ride.keyframe_size;
}

void cw_fork_save(const cw_fork *fork, int64_t step, void *bytes) {
    cw_ride_save(&fork->ride, step, bytes);
}

cw_status cw_fork_restore(cw_fork *fork, const void *bytes, size_t size, int64_t *step, cw_error *err) {
    cw_ride *r = &fork->ride;
    cw_world_intervene(r->world, NULL, 0);
    take_bearings(r, &fork->start);
    return cw_ride_restore(r, bytes, size, step, err);
}

void cw_fork_mark(cw_fork *fork) {
    cw_ride_save(&fork->ride, 0, fork->marked);
    keep_bearings(&fork->ride, &fork->bearings);
}

bool cw_fork_back(cw_fork *fork) {
    cw_ride *r = &fork->ride;
    int64_t step;
    cw_world_intervene(r->world, NULL, 0);
    take_bearings(r, &fork->bearings);
    cw_status status = cw_ride_restore(r, fork->marked, r->keyframe_size, &step, NULL);
    take_bearings(r, &fork->bearings); // where a turn was missed, restoring has looked for the way anew
    return status == CW_OK;
}

void cw_fork_follow(cw_fork *fork, const cw_fork *leader) {
    memcpy(fork->marked, leader->marked, leader->ride.keyframe_size);
    fork->bearings = leader->bearings;
}

static cw_fork_tick decide(cw_fork *fork, int64_t number, bool unasked) {
    fork->ride.unasked = unasked;
    cw_ride_decide(&fork->ride, number, &fork->tick);
    const cw_ride_tick *t = &fork->tick;
    return (cw_fork_tick){.driven = t->driven, .obs = t->looks ? &t->obs : NULL, .decision = &t->decision};
}

cw_fork_tick cw_fork_decide(cw_fork *fork, int64_t number) {
    return decide(fork, number, false);
}

cw_fork_tick cw_fork_decide_unasked(cw_fork *fork, int64_t number) {
    return decide(fork, number, true);
}

void cw_fork_ask(cw_fork *fork, const cw_mission *instead) {
    fork->ride.instead = instead;
}

const cw_mission *cw_fork_mission(const cw_fork *fork) {
    return &fork->ride.mission;
}
