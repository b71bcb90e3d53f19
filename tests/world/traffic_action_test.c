// OpenSCENARIO's traffic actions: sources, sinks and swarms, begun and stopped by the storyboard.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "storyboard_play.h"
#include "world/traffic.h"

#include <math.h>

#define CARS                                                                                                           \
    "<TrafficDefinition name='cars'><VehicleCategoryDistribution><VehicleCategoryDistributionEntry category='car' "    \
    "weight='1'/></VehicleCategoryDistribution></TrafficDefinition>"

static const char *traffic_event(const char *name, double at, const char *one) {
    return event(name, "parallel", 1,
                 say("<Action name='%s'><GlobalAction><TrafficAction trafficName='%s'>%s</TrafficAction></GlobalAction>"
                     "</Action>",
                     name, name, one),
                 trigger(after(at)));
}

static const char *source(double rate, double s) {
    return say(
        "<TrafficSourceAction rate='%g' radius='0' velocity='15'><Position>%s</Position>%s</TrafficSourceAction>", rate,
        on_lane(-1, s, 0), CARS);
}

static const char *sink(double s) {
    return say("<TrafficSinkAction radius='30'><Position>%s</Position></TrafficSinkAction>", on_lane(-1, s, 0));
}

// Users of the traffic now; the farthest along the road.
static uint32_t users(const play *p, double *farthest) {
    const cw_world *world = p->world;
    uint32_t count = 0;
    *farthest = -(double)INFINITY;
    for (uint32_t i = 0; i < world->traffic->count; i++) {
        uint32_t actor = cw_agent_actor(world->traffic, i);
        if (!world->s.present[actor])
            continue;
        assert_int_equal(world->scene->actors[actor].kind, CW_ACTOR_CAR);
        count++;
        *farthest = cw_max(*farthest, world->s.x[actor]);
    }
    return count;
}

static const char *out_of_the_way(void) {
    return place("A", on_lane(3, 3900, 0), "");
}

// One in every 4 s, from 2 s on, along the lane.
static void a_source_makes_users_at_its_rate(void **unused) {
    (void)unused;
    play p;
    double far;
    play_begin(&p, PLAY_STRAIGHT, out_of_the_way(), simple("A", traffic_event("in", 2, source(0.25, 20))), NULL, NULL);
    play_until(&p, 1.9);
    assert_int_equal(users(&p, &far), 0);
    play_until(&p, 43);
    assert_in_range(users(&p, &far), 9, 12);
    assert_true(far > 400);
    play_end(&p);
}

static void a_sink_takes_them(void **unused) {
    (void)unused;
    play p;
    double far;
    play_begin(&p, PLAY_STRAIGHT, out_of_the_way(),
               simple("A", say("%s%s", traffic_event("in", 0, source(0.25, 20)), traffic_event("out", 0, sink(300)))),
               NULL, NULL);
    for (int i = 0; i < 60; i++) {
        play_until(&p, i);
        (void)users(&p, &far);
        assert_true(far < 300);
    }
    assert_in_range(users(&p, &far), 2, 7); // those on their way of 20 s
    play_end(&p);
}

static void a_stopped_source_makes_no_more(void **unused) {
    (void)unused;
    play p;
    double far;
    play_begin(&p, PLAY_STRAIGHT, out_of_the_way(),
               simple("A", say("%s%s", traffic_event("in", 0, source(0.25, 20)),
                               event("end", "parallel", 1,
                                     "<Action name='end'><GlobalAction><TrafficAction trafficName='in'>"
                                     "<TrafficStopAction/></TrafficAction></GlobalAction></Action>",
                                     trigger(after(20))))),
               NULL, NULL);
    play_until(&p, 21);
    uint32_t made = users(&p, &far);
    assert_in_range(made, 4, 6);
    play_until(&p, 60);
    assert_int_equal(users(&p, &far), made);
    play_end(&p);
}

// Twelve round the ego that drives: always within the ellipse, as many again as it leaves behind.
static void a_swarm_goes_along_with_its_centre(void **unused) {
    (void)unused;
    play p;
    play_begin(&p, PLAY_STRAIGHT, place("A", on_lane(-1, 600, 0), speed_to("step", "time", 0, 25)),
               simple("A", traffic_event("swarm", 0,
                                         say("<TrafficSwarmAction innerRadius='20' offset='0' semiMajorAxis='200' "
                                             "semiMinorAxis='60' numberOfVehicles='12' velocity='15'>"
                                             "<CentralObject entityRef='A'/>%s</TrafficSwarmAction>",
                                             CARS))),
               NULL, NULL);
    double most = 0;
    for (int i = 1; i < 40; i++) {
        play_until(&p, i);
        double x = play_actor(&p, "A").x, far;
        const cw_world *world = p.world;
        for (uint32_t k = 0; k < world->traffic->count; k++) {
            uint32_t actor = cw_agent_actor(world->traffic, k);
            if (world->s.present[actor] && fabs(world->s.x[actor] - x) > 205)
                fail_msg("%.0f m from the centre", world->s.x[actor] - x);
        }
        most = cw_max(most, users(&p, &far));
    }
    assert_int_equal((int)most, 12);
    double far;
    assert_in_range(users(&p, &far), 8, 12);
    play_end(&p);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_source_makes_users_at_its_rate),
        cmocka_unit_test(a_sink_takes_them),
        cmocka_unit_test(a_stopped_source_makes_no_more),
        cmocka_unit_test(a_swarm_goes_along_with_its_centre),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
