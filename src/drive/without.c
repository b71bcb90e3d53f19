// The plan along its course, simulated by the law alone, as it is and with a thing left out: a road user with all that it
// holds and slows, a light or sign, what the lane states, its bends, what cannot be seen. A car without the thing would be
// driving already as the law then asks, so that its plan begins without easing into it.
#include "drive/without.h"
#include <math.h>
#include <string.h>

enum { SIGNALS_MOST = 64, SHORT = 15, LONG = WITHOUT_STEPS, PAIRED = 3 }; // steps of 0.2 s
static const double renamed_counts = 0.2; // ... where it is called otherwise, with some room
static const double counts = 0.6; // m on average: clearly more than makes the decision another one (docs/WHY.md)
static const double up_jerk = 3.0, down_jerk = 4.5; // m/s^3 in comfort, as proposals are simulated

static double eased(double wanted, double last, double dt) {
    double down = wanted < -3.5 ? 40.0 : down_jerk, up = last < -3.5 ? 20.0 : up_jerk;
    return cw_clamp(wanted, last - down * dt, last + up * dt);
}

// m along from now at each step. asked: what the law asks for as it is; where it asks for something else now, the car would
// be doing that already. NAN: this is as it is. Returns what the law asks for now.
static double drive(const situation *now, const barrier *b, double fraction, double asked, double *way) {
    double s = now->s, v = now->v, accel = now->last_accel, first = 0.0, given = (double)now->ego.accel;
    double follows = FORECAST_DT / (FORECAST_DT + (double)now->params.lag); // brakes and engine answer with their lag
    for (uint32_t i = 0; i < LONG; i++) {
        double wanted = cw_law_accel(now, b, fraction, i, s + now->front, v);
        double from = v < 0.02 && wanted > 0.0 ? cw_max(accel, 0.0) : accel;
        bool settled = i == 0 && fabs(wanted - asked) > 0.05;
        accel = settled ? wanted : eased(wanted, from, i == 0 ? 0.1 : 0.2);
        first = i == 0 ? wanted : first;
        given += (accel - given) * follows;
        double next = cw_max(v + given * FORECAST_DT, 0.0);
        s += 0.5 * (v + next) * FORECAST_DT;
        v = next;
        way[i] = s - now->s;
    }
    return first;
}

static bool same_thing(const because *a, const because *b) {
    if ((a->kind == CW_CAUSE_OCCLUSION) != (b->kind == CW_CAUSE_OCCLUSION)) {
        return false;
    }
    if (a->id != 0 || b->id != 0) {
        return a->id == b->id;
    }
    bool itself = a->kind == CW_CAUSE_SIGNAL || a->kind == CW_CAUSE_SIGN;
    bool way = a->kind == CW_CAUSE_GEOMETRY || a->kind == CW_CAUSE_ROUTE;
    return a->kind == b->kind && (!itself || a->item == b->item) && (!way || a->relation == b->relation);
}

static uint32_t gather(const situation *now, const proposal *p, const barrier *b, const double *way, because *out) {
    static const uint32_t steps[] = {0, 4, 9, 14, 22};
    double fraction = p->fraction < 0.0 ? 1.0 : p->fraction;
    uint32_t count = 0;
    for (uint32_t n = 0; n < sizeof steps / sizeof *steps; n++) {
        uint32_t k = steps[n];
        double s = k > 0 ? way[k - 1] : 0.0, v = k > 0 ? (way[k] - way[k - 1]) / FORECAST_DT : now->v;
        bound bounds[BOUND_MOST];
        uint32_t bound_count =
            cw_law_bounds(now, &p->course, b, fraction, (law_moment){k, now->s + s, cw_max(v, 0.0)}, bounds);
        for (uint32_t i = 0; i < bound_count && count < WORTH_MOST; i++) {
            const because *why = &bounds[i].why;
            if (why->kind == CW_CAUSE_NONE) {
                break; // free driving asks for less than all that follow
            }
            bool known = false;
            for (uint32_t j = 0; j < count; j++) {
                known = known || same_thing(&out[j], why);
            }
            if (!known) {
                out[count++] = *why;
            }
        }
    }
    return count;
}

// What the lane states and its bends ask for hide each other: both are looked at wherever there is one.
static uint32_t gather_lane(const situation *now, const double *way, because *out, uint32_t count) {
    const corridor *c = now->c;
    uint32_t from = (uint32_t)cw_clamp(now->s, 0.0, cw_corridor_length(c));
    double reach = now->s + way[LONG - 1] + now->v * now->v / 3.0 + 10.0;
    bool known_limit = false, known_bend = false;
    for (uint32_t j = 0; j < count; j++) {
        known_limit = known_limit || out[j].kind == CW_CAUSE_LIMIT;
        known_bend = known_bend || (out[j].kind == CW_CAUSE_GEOMETRY && out[j].relation == CW_REL_CURVE);
    }
    uint32_t bend = from;
    for (uint32_t i = from; i < c->count && (double)i < reach; i++) {
        bend = c->bend[i] < c->bend[bend] ? i : bend;
    }
    if (!known_limit && count < WORTH_MOST && c->limit[from] < INFINITY) {
        because why = {.kind = CW_CAUSE_LIMIT,
                       .quantity = CW_Q_SPEED_MPS,
                       .item = cw_corridor_lane(c, (double)from),
                       .value = c->limit[from]};
        out[count++] = why;
    }
    if (!known_bend && count < WORTH_MOST && (double)c->bend[bend] < now->wanted) {
        double ahead = (double)bend - now->s;
        because why = {.kind = CW_CAUSE_GEOMETRY,
                       .relation = CW_REL_CURVE,
                       .quantity = ahead > 2.0 ? CW_Q_DISTANCE_M : CW_Q_SPEED_MPS,
                       .item = cw_corridor_lane(c, (double)bend),
                       .value = ahead > 2.0 ? (float)ahead : c->bend[bend]};
        out[count++] = why;
    }
    return count;
}

typedef struct mind { // the situation with something left out
    situation now;
    corridor lane; // one of its own where the lane is what changes
    cw_obs obs;
    cw_track tracks[CW_TRACKS_MAX];
    cw_signal_view signals[SIGNALS_MOST];
    bool sees;
} mind;

static void copy(mind *m, const situation *now) {
    memcpy(&m->now, now, sizeof m->now);
    m->obs = *now->obs;
    m->obs.track_count = m->obs.track_count < CW_TRACKS_MAX ? m->obs.track_count : CW_TRACKS_MAX;
    m->obs.signal_count = m->obs.signal_count < SIGNALS_MOST ? m->obs.signal_count : SIGNALS_MOST;
    for (uint32_t i = 0; i < m->obs.track_count; i++) {
        m->tracks[i] = now->obs->tracks[i];
    }
    for (uint32_t i = 0; i < m->obs.signal_count; i++) {
        m->signals[i] = now->obs->signals[i];
    }
    m->obs.tracks = m->tracks;
    m->obs.signals = m->signals;
    m->now.obs = &m->obs;
    m->sees = true;
}

static void leave_user_out(mind *m, cw_id id, bool seen_through) {
    uint32_t tracks = 0, forecasts = 0;
    for (uint32_t i = 0; i < m->obs.track_count; i++) {
        if (m->tracks[i].id != id || seen_through) {
            m->tracks[tracks] = m->tracks[i];
            m->tracks[tracks].height = m->tracks[i].id == id ? 0.0F : m->tracks[i].height;
            tracks++;
        }
    }
    for (uint32_t i = 0; i < m->now.forecast_count; i++) {
        forecast *f = &m->now.forecasts[i];
        if (f->id != id || seen_through) {
            if (forecasts != i) {
                memcpy(&m->now.forecasts[forecasts], f, sizeof *f);
            }
            f = &m->now.forecasts[forecasts++];
            f->height = f->id == id ? 0.0F : f->height;
        }
    }
    m->obs.track_count = tracks;
    m->now.forecast_count = forecasts;
}

// The end of a lane, a turn, the goal: what the way itself asks for.
static bool is_way(const because *why) {
    return why->kind == CW_CAUSE_ROUTE || (why->kind == CW_CAUSE_GEOMETRY && why->relation != CW_REL_CURVE);
}

// It is no input of the rules that could be left out: what they made of it is.
static void drop_way(mind *m, const because *why) {
    situation *now = &m->now;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < now->hold_count; i++) {
        if (!is_way(why) || !same_thing(&now->holds[i].why, why)) {
            now->holds[kept++] = now->holds[i];
        }
    }
    now->hold_count = kept;
    kept = 0;
    for (uint32_t i = 0; i < now->cap_count; i++) {
        if (!is_way(why) || !same_thing(&now->caps[i].why, why)) {
            now->caps[kept++] = now->caps[i];
        }
    }
    now->cap_count = kept;
}

static void leave_out(mind *m, const because *why) {
    switch (why->kind) {
    case CW_CAUSE_LIMIT:
    case CW_CAUSE_GEOMETRY:
        if (!is_way(why)) {
            if (m->now.c != &m->lane) {
                memcpy(&m->lane, m->now.c, sizeof m->lane);
                m->now.c = &m->lane;
            }
            cw_corridor_free(&m->lane, why->kind == CW_CAUSE_LIMIT);
        }
        break;
    case CW_CAUSE_ROUTE:
        break;
    case CW_CAUSE_SIGNAL:
    case CW_CAUSE_SIGN:
        for (uint32_t i = 0; i < m->obs.signal_count;) {
            if (m->signals[i].signal == why->item) {
                memmove(&m->signals[i], &m->signals[i + 1], (--m->obs.signal_count - i) * sizeof *m->signals);
            } else {
                i++;
            }
        }
        break;
    case CW_CAUSE_OCCLUSION:
        if (why->id == 0) {
            m->sees = false;
            break;
        }
        leave_user_out(m, why->id, true);
        break;
    default:
        leave_user_out(m, why->id, false);
        break;
    }
}

static double drive_without(const situation *now, const proposal *p, mind *m, const because *one, const because *two,
                            double asked, double *way) {
    copy(m, now);
    leave_out(m, one);
    if (two) {
        leave_out(m, two);
    }
    cw_situation_apply(&m->now, m->sees);
    drop_way(m, one);
    if (two) {
        drop_way(m, two);
    }
    double fraction = p->fraction < 0.0 ? 1.0 : p->fraction;
    barrier b;
    cw_barrier_make(&m->now, &p->course, fraction, p->bold, p->what == PASS ? p->about : 0, &b);
    return drive(&m->now, &b, fraction, asked, way);
}

static double moved(const double *way, const double *other, uint32_t steps) {
    double sum = 0.0;
    for (uint32_t i = 0; i < steps; i++) {
        sum += fabs(way[i] - other[i]);
    }
    return sum / (double)steps;
}

bool cw_without_counts(const worth *w) {
    return w->moved3 > (w->renamed ? renamed_counts : counts);
}

uint32_t cw_without_each(const situation *now, const proposal *p, const barrier *b, const double *planned,
                         worth_renames *renames, const void *context, worth *out) {
    double as_it_is[LONG], way[LONG];
    because things[WORTH_MOST];
    double asked = drive(now, b, p->fraction < 0.0 ? 1.0 : p->fraction, NAN, as_it_is);
    uint32_t count = gather(now, p, b, as_it_is, things);
    count = gather_lane(now, as_it_is, things, count);
    if (planned) {
        memcpy(as_it_is, planned, sizeof as_it_is);
    }
    mind m;
    uint32_t weak[PAIRED], weak_count = 0;
    for (uint32_t i = 0; i < count; i++) {
        double free = drive_without(now, p, &m, &things[i], NULL, asked, way);
        out[i] = (worth){.why = things[i],
                         .asked = free,
                         .moved3 = moved(way, as_it_is, SHORT),
                         .moved6 = moved(way, as_it_is, LONG),
                         .further = way[SHORT - 1] - as_it_is[SHORT - 1],
                         .with = CW_NONE};
        out[i].renamed = renames(context, &out[i]);
        if (!cw_without_counts(&out[i]) && weak_count < PAIRED) {
            weak[weak_count++] = i;
        }
    }
    // What binds as hard as another counts with it: those that come first bind first.
    for (uint32_t i = 0; i < weak_count; i++) {
        for (uint32_t j = i + 1; j < weak_count; j++) {
            worth *one = &out[weak[i]], *two = &out[weak[j]];
            if (one->with != CW_NONE || two->with != CW_NONE) {
                continue;
            }
            (void)drive_without(now, p, &m, &one->why, &two->why, asked, way);
            double both = moved(way, as_it_is, SHORT);
            if (both > counts + cw_max(one->moved3, two->moved3)) {
                one->with = weak[j];
                two->with = weak[i];
                one->further = two->further = way[SHORT - 1] - as_it_is[SHORT - 1];
            }
        }
    }
    return count;
}
