// What may have caused a decision: what its reason names, and everything else that the driver took in.
#include "judge/why_parts.h"

#include <math.h>

static cw_why_candidate *add(cw_why_result *r) {
    if (r->count == CANDIDATES_MOST)
        return NULL;
    cw_why_candidate *c = &r->candidates[r->count++];
    *c = (cw_why_candidate){.cause = {.item = CW_NONE, .effect = NAN}, .actor = CW_NONE, .seen = true};
    return c;
}

bool why_is_user(uint8_t kind) {
    return kind >= CW_CAUSE_VEHICLE && kind <= CW_CAUSE_OBSTACLE;
}

static uint32_t actor_of(const again *a, cw_id id) {
    uint32_t actor = (id & 0xffff) - 1;
    return id != 0 && actor < a->actors ? actor : CW_NONE;
}

const cw_track *why_track(const cw_obs *obs, cw_id id) {
    for (uint32_t i = 0; i < obs->track_count; i++)
        if ((obs->tracks[i].id & 0xffff) == (id & 0xffff))
            return &obs->tracks[i];
    return NULL;
}

static bool has_signal(const cw_obs *obs, uint32_t signal) {
    for (uint32_t i = 0; i < obs->signal_count; i++)
        if (obs->signals[i].signal == signal)
            return true;
    return false;
}

static const char *const note_unseen = "the driver had not seen it";
static const char *const note_speeds = "this driver does not take a map with other speeds";
static const char *const note_route = "there is no other way to go on";
static const char *const note_end = "the end of a lane or a goal cannot be taken away";
static const char *const note_item = "what it names is not in the scene";

// A named cause that cannot be tested; NULL: it can.
static const char *untestable(const cw_why *why, const cw_cause *cause) {
    bool told = why->def.episode->driver->heeds_told;
    switch (cause->kind) {
    case CW_CAUSE_LIMIT:
        return told ? NULL : note_speeds;
    case CW_CAUSE_GEOMETRY:
        return cause->relation == CW_REL_END_OF_LANE || cause->relation == CW_REL_GOAL ? note_end
               : told                                                                  ? NULL
                                                                                       : note_speeds;
    case CW_CAUSE_ROUTE:
        return cause->relation == CW_REL_GOAL || cause->relation == CW_REL_MISSED ? note_end
               : why->has_straight                                                ? NULL
                                                                                  : note_route;
    case CW_CAUSE_SIGNAL:
    case CW_CAUSE_SIGN:
        return cause->item < why->def.episode->scene->map->signal_count ? NULL : note_item;
    case CW_CAUSE_NONE:
        return note_item;
    default:
        return why_is_user(cause->kind) && actor_of(&why->again, cause->id) == CW_NONE ? note_item : NULL;
    }
}

static void fill_actor(const again *a, cw_why_candidate *c) {
    c->actor = actor_of(a, c->cause.id);
    c->distance = c->ttc = INFINITY;
    if (c->actor == CW_NONE)
        return;
    const cw_track *t = why_track(&a->s.obs, c->cause.id);
    if (t) {
        double x = (double)t->x, y = (double)t->y, far = cw_hypot(x, y);
        double closing = ((double)a->s.obs.ego.speed - (double)t->vx) * x - (double)t->vy * y;
        c->distance = (float)far;
        c->ttc = closing > 0 ? (float)(far * far / closing) : INFINITY;
    }
    uint8_t mover = a->s.poses[(size_t)a->s.before * a->actors + c->actor].mover;
    c->scripted = mover == CW_MOVED_BY_SCENARIO || mover == CW_MOVED_BY_RECORDING;
}

void why_add_named(cw_why *why) {
    const again *a = &why->again;
    cw_why_result *r = &why->result;
    for (uint32_t i = 0; i < r->reason.count && i < CW_CAUSES; i++) {
        const cw_cause *cause = &r->reason.cause[i];
        cw_why_candidate *c = add(r);
        if (!c)
            return;
        c->cause = *cause;
        c->named = true;
        if (why_is_user(cause->kind) || cause->kind == CW_CAUSE_OCCLUSION)
            fill_actor(a, c);
        if (why_is_user(cause->kind))
            c->seen = why_track(&a->s.obs, cause->id) != NULL;
        if (cause->kind == CW_CAUSE_SIGNAL || cause->kind == CW_CAUSE_SIGN)
            c->seen = has_signal(&a->s.obs, cause->item);
        c->note = untestable(why, cause);
        if (c->note)
            c->verdict = CW_WHY_UNTESTABLE;
        else if (!c->seen)
            c->note = note_unseen;
    }
    r->named = r->count;
}

bool why_is_named(const cw_why_result *r, uint8_t kind, cw_id id, uint32_t item) {
    for (uint32_t i = 0; i < r->named; i++) {
        const cw_cause *c = &r->candidates[i].cause;
        // Whoever is named for what it hides is named.
        bool user = why_is_user(kind) && (why_is_user(c->kind) || (c->kind == CW_CAUSE_OCCLUSION && c->id != 0)) &&
                    (c->id & 0xffff) == (id & 0xffff);
        if (user || (!why_is_user(kind) && c->kind == kind && (item == CW_NONE || c->item == item)))
            return true;
    }
    return false;
}

static void add_thing(cw_why_result *r, uint8_t kind, uint8_t relation, uint32_t item) {
    for (uint32_t i = r->named; i < r->count; i++)
        if (r->candidates[i].cause.kind == kind && r->candidates[i].cause.item == item)
            return; // it holds for several lanes
    cw_why_candidate *c = why_is_named(r, kind, 0, item) ? NULL : add(r);
    if (c) {
        c->cause.kind = kind;
        c->cause.relation = relation;
        c->cause.item = item;
    }
}

void why_add_others(cw_why *why) {
    const again *a = &why->again;
    const cw_obs *obs = &a->s.obs;
    const cw_map *map = why->def.episode->scene->map;
    cw_why_result *r = &why->result;
    for (uint32_t i = 0; i < obs->track_count; i++) {
        const cw_track *t = &obs->tracks[i];
        uint32_t actor = actor_of(a, t->id);
        if (actor == CW_NONE || why_is_named(r, (uint8_t)cw_cause_of((cw_user_kind)t->kind), t->id, CW_NONE))
            continue;
        cw_why_candidate *c = add(r);
        if (!c)
            return;
        c->cause.kind = (uint8_t)cw_cause_of((cw_user_kind)t->kind);
        c->cause.id = t->id;
        c->cause.quantity = CW_Q_DISTANCE_M;
        c->cause.value = (float)cw_hypot((double)t->x, (double)t->y);
        fill_actor(a, c);
    }
    for (uint32_t i = 0; i < obs->signal_count; i++) {
        uint32_t signal = obs->signals[i].signal;
        if (signal >= map->signal_count)
            continue;
        cw_signal_kind kind = (cw_signal_kind)map->signals[signal].kind;
        if (kind == CW_SIGNAL_LIGHT || kind == CW_SIGNAL_PEDESTRIAN_LIGHT)
            add_thing(r, CW_CAUSE_SIGNAL, CW_REL_NONE, signal);
        else if (kind == CW_SIGNAL_STOP || kind == CW_SIGNAL_YIELD)
            add_thing(r, CW_CAUSE_SIGN, CW_REL_NONE, signal);
    }
    bool limited = obs->ego.place.lane != CW_NONE && cw_lane_limit(map, obs->ego.place.lane, obs->ego.place.s) > 0;
    if (why->def.episode->driver->heeds_told && limited)
        add_thing(r, CW_CAUSE_LIMIT, CW_REL_NONE, CW_NONE);
    if (why->def.episode->driver->heeds_told && obs->ego.place.lane != CW_NONE)
        add_thing(r, CW_CAUSE_GEOMETRY, CW_REL_CURVE, CW_NONE);
    if ((double)obs->surface.mu_high < why->def.episode->scene->dry_friction - 1e-3)
        add_thing(r, CW_CAUSE_SURFACE, CW_REL_NONE, CW_NONE);
    if (obs->wall_count > 0 || obs->track_count > 0 || obs->surface.visibility < obs->range)
        add_thing(r, CW_CAUSE_OCCLUSION, CW_REL_HIDDEN, CW_NONE);
}
