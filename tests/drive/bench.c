#include "bench.h"
#include "body.h"
#include "promise.h"

#include <assert.h>
#include <stdlib.h>

bench *begin(double speed) {
    bench *b = calloc(1, sizeof *b);
    b->map = promise_map(false);
    b->e = calloc(1, cw_evaluator_size());
    cw_evaluator_reset(b->e, &(cw_evaluator_def){.map = b->map, .body = test_body(), .period = 0.1f});
    cw_road_point p;
    cw_road_at(b->map, 0, BENCH_AT, -5.25, &p);
    cw_locate query = cw_locate_at(p.x, p.y);
    cw_lane_place place;
    bool found = cw_map_locate(b->map, &query, &place);
    assert(found);
    (void)found;
    b->obs = (cw_obs){.period = 0.1f,
                      .map = b->map,
                      .mission = &b->mission,
                      .tracks = b->tracks,
                      .surface = {0.9f, 1.0f, 1000},
                      .range = 200,
                      .ego = {.x = p.x,
                              .y = p.y,
                              .heading = (float)p.heading,
                              .speed = (float)speed,
                              .place = place,
                              .body = test_body()}};
    b->mission.set_speed = 40;
    b->proposal = (cw_decision){.valid = true, .source = CW_FROM_CLASSICAL};
    for (int i = 0; i < CW_TRAJECTORY_POINTS; i++) {
        b->proposal.trajectory.x[i] = (float)(speed * 0.1 * (i + 1));
        b->proposal.trajectory.speed[i] = (float)speed;
    }
    return b;
}

void end(bench *b) {
    cw_map_free(b->map);
    free(b->e);
    free(b);
}

cw_track *track(bench *b, cw_user_kind kind, double gap, double left, double speed) {
    cw_track *t = &b->tracks[b->obs.track_count++];
    *t = (cw_track){.id = (cw_id)(65536 + b->obs.track_count),
                    .kind = (uint8_t)kind,
                    .seen = true,
                    .length = 4.5f,
                    .width = 1.8f,
                    .height = 1.5f,
                    .vx = (float)speed,
                    .speed = (float)speed,
                    .error = 0.3f,
                    .speed_error = 0.5f,
                    .y = (float)left};
    if (kind == CW_USER_PEDESTRIAN)
        t->length = t->width = 0.5f;
    t->x = (float)(1.4 + 2.25 + gap + 0.5 * (double)t->length);
    return t;
}

cw_verification decide(bench *b, cw_decision *out) {
    const cw_decision *proposals[] = {&b->proposal};
    cw_verification why;
    cw_evaluator_decide(b->e, &b->obs, proposals, 1, out, &why);
    return why;
}

void move_across(bench *b, double left, double turned) {
    cw_road_point p;
    cw_road_at(b->map, 0, BENCH_AT, -5.25 + left, &p);
    b->obs.ego.x = p.x;
    b->obs.ego.y = p.y;
    b->obs.ego.heading = (float)(p.heading + turned);
}
