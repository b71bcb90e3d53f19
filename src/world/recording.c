// Recorded actors: samples by time, in between by interpolation.
#include "world/core.h"

#include <math.h>

bool cw_recorded(const cw_world *world, uint32_t actor) {
    return world->scene->actors[actor].sample_count > 0 && !world->control[actor] &&
           !(world->def.drive_ego && actor == world->scene->ego);
}

static double seconds(int64_t ns) {
    return (double)ns / 1e9;
}

static void show(cw_world *world, uint32_t i, double time) {
    const cw_actor *actor = &world->scene->actors[i];
    const cw_sample *samples = actor->samples;
    uint32_t last = actor->sample_count - 1, k = world->s.sample[i];
    cw_state *s = &world->s;
    // Half a nanosecond of slack: times of files are decimal, those of steps are whole nanoseconds.
    const double slack = 5e-10;
    bool was = s->present[i];
    bool there = (last == 0 && actor->stays) || time >= samples[0].time - slack;
    if (time > samples[last].time + slack && !actor->stays)
        there = false;
    if (!there) {
        s->present[i] = 0;
        s->mover[i] = CW_MOVED_BY_NOBODY;
        s->speed[i] = s->accel[i] = s->yaw_rate[i] = 0;
        return;
    }
    while (k < last && samples[k + 1].time <= time + slack)
        ++k;
    s->sample[i] = k;
    s->present[i] = 1;
    s->mover[i] = CW_MOVED_BY_RECORDING;
    const cw_sample *a = &samples[k];
    double old_x = s->x[i], old_y = s->y[i];
    if (k == last) {
        s->x[i] = a->x;
        s->y[i] = a->y;
        s->heading[i] = (double)a->heading;
        bool over = time > a->time + slack;
        s->speed[i] = over || isnan(a->speed) ? 0 : a->speed;
        s->accel[i] = s->yaw_rate[i] = 0;
    } else {
        const cw_sample *b = a + 1;
        double span = b->time - a->time, f = span > 0 ? cw_clamp((time - a->time) / span, 0, 1) : 0;
        double turn = cw_wrap_angle((double)b->heading - (double)a->heading);
        s->x[i] = cw_lerp(a->x, b->x, f);
        s->y[i] = cw_lerp(a->y, b->y, f);
        s->heading[i] = cw_wrap_angle((double)a->heading + f * turn);
        s->yaw_rate[i] = span > 0 ? (float)(turn / span) : 0;
        if (isnan(a->speed) || isnan(b->speed)) {
            double sine, cosine;
            cw_sincos((double)a->heading + 0.5 * turn, &sine, &cosine);
            double v = span > 0 ? ((b->x - a->x) * cosine + (b->y - a->y) * sine) / span : 0;
            s->speed[i] = (float)v;
            s->accel[i] = 0;
        } else {
            s->speed[i] = (float)cw_lerp((double)a->speed, (double)b->speed, f);
            s->accel[i] = span > 0 ? (float)(((double)b->speed - (double)a->speed) / span) : 0;
        }
    }
    if (was)
        s->traveled[i] += cw_hypot(s->x[i] - old_x, s->y[i] - old_y);
    if (!was || (s->step[0] % CW_PLACE_EVERY == 0 && (s->x[i] != old_x || s->y[i] != old_y)))
        cw_world_find_place(world, i);
}

void cw_recording_start(cw_world *world) {
    for (uint32_t i = 0; i < world->scene->actor_count; ++i)
        if (cw_recorded(world, i)) {
            world->recorded_end = i + 1;
            show(world, i, 0);
        }
}

void cw_recording_step(cw_world *world, int64_t time_ns) {
    for (uint32_t i = 0; i < world->recorded_end; ++i)
        if (cw_recorded(world, i) && world->s.mover[i] != CW_MOVED_BY_PHYSICS &&
            (world->scene->actors[i].sample_count > 1 || !world->s.present[i]))
            show(world, i, seconds(time_ns));
}
