// What is seen of the map: walls, and signals and stop lines along the route; and that what is solid is hit and hides.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "causeway/format.h"
#include "causeway/sense.h"
#include "world/hand_scene.h"

#include <string.h>

// Two roads in a row, 100 m each, one lane a side; a light at 150 m for rising s, a stop sign for falling s at 50 m; a
// building with an L outline beside the first road and a barrier across the second one's right lane.
static const char xodr[] =
    "<OpenDRIVE><header revMajor='1' revMinor='6' name='t'/>"
    "<road name='' length='100' id='1' junction='-1'><link><successor elementType='road' elementId='2' "
    "contactPoint='start'/></link><planView><geometry s='0' x='0' y='0' hdg='0' "
    "length='100'><line/></geometry></planView>"
    "<lanes><laneSection s='0'><left><lane id='1' type='driving' level='false'><link><successor id='1'/></link><width "
    "sOffset='0' a='3.5' b='0' c='0' d='0'/></lane></left><center><lane id='0' type='none' level='false'/></center>"
    "<right><lane id='-1' type='driving' level='false'><link><successor id='-1'/></link><width sOffset='0' a='3.5' "
    "b='0' "
    "c='0' d='0'/></lane></right></laneSection></lanes>"
    "<objects><object type='building' id='b' name='b' s='50' t='-20' zOffset='0' hdg='0' orientation='none' height='8'>"
    "<outlines><outline id='0' closed='true'><cornerLocal u='0' v='0' z='0' height='8'/><cornerLocal u='10' v='0' "
    "z='0' "
    "height='8'/><cornerLocal u='10' v='-4' z='0' height='8'/><cornerLocal u='4' v='-4' z='0' height='8'/><cornerLocal "
    "u='4' "
    "v='-9' z='0' height='8'/><cornerLocal u='0' v='-9' z='0' height='8'/></outline></outlines></object></objects>"
    "<signals><signal s='50' t='5' id='stop' name='' dynamic='no' orientation='-' type='206' subtype='-1' country='DE' "
    "zOffset='2' value='-1' height='0.6' width='0.6'/></signals></road>"
    "<road name='' length='100' id='2' junction='-1'><link><predecessor elementType='road' elementId='1' "
    "contactPoint='end'/></link><planView><geometry s='0' x='100' y='0' hdg='0' "
    "length='100'><line/></geometry></planView>"
    "<lanes><laneSection s='0'><left><lane id='1' type='driving' level='false'><link><predecessor "
    "id='1'/></link><width "
    "sOffset='0' a='3.5' b='0' c='0' d='0'/></lane></left><center><lane id='0' type='none' level='false'/></center>"
    "<right><lane id='-1' type='driving' level='false'><link><predecessor id='-1'/></link><width sOffset='0' a='3.5' "
    "b='0' "
    "c='0' d='0'/></lane></right></laneSection></lanes>"
    "<objects><object type='barrier' id='w' name='w' s='80' t='-1.75' zOffset='0' hdg='0' orientation='none' "
    "length='1' "
    "width='3' height='1'/></objects>"
    "<signals><signal s='50' t='-5' id='light' name='' dynamic='yes' orientation='+' type='1000001' subtype='-1' "
    "country='OpenDRIVE' zOffset='3' value='-1' height='1' width='0.4'/></signals></road></OpenDRIVE>";

static const cw_light_state states[] = {{"light", "red", CW_LIGHT_RED}, {"light", "green", CW_LIGHT_GREEN}};
static const cw_phase phases[] = {{"stop", 2, 1, &states[0]}, {"go", 2, 1, &states[1]}};
static const cw_signal_program program = {.name = "p", .count = 2, .phases = phases, .period = 4};

typedef struct place {
    hand_scene hand;
    cw_map *map;
    cw_world *world;
} place;

static void open_place(place *p, double x, double y, float heading, float speed, const cw_actor *others,
                       uint32_t count) {
    cw_error err = {0};
    if (cw_opendrive_read(xodr, sizeof xodr - 1, "inline.xodr", &p->map, NULL, &err) != CW_OK)
        fail_msg("%d:%d: %s", err.line, err.column, err.text);
    hand_make(&p->hand, x, y, heading, speed, others, count);
    p->hand.scene.map = p->map;
    p->hand.scene.program_count = 1;
    p->hand.scene.programs = &program;
    cw_world_def def = cw_world_defaults(&p->hand.scene);
    p->world = cw_world_new(&def, &err);
    if (!p->world)
        fail_msg("%s", err.text);
}

static void close_place(place *p) {
    cw_world_free(p->world);
    cw_map_free(p->map);
}

static void near(double value, double wanted, double tolerance) {
    if (!(fabs(value - wanted) <= tolerance))
        fail_msg("%.9g instead of %.9g", value, wanted);
}

static void signals_along_the_way(void **unused) {
    (void)unused;
    place p;
    open_place(&p, 60, -1.75, 0, 10, NULL, 0);
    cw_actor_state s;
    cw_world_actor(p.world, 0, &s);
    assert_true(s.place.lane != CW_NONE && fabs(s.place.offset) < 1e-6 && fabs(s.place.s - 60) < 1e-6);
    cw_signal_view out[8];
    uint32_t lanes[2] = {s.place.lane, p.map->links[p.map->lanes[s.place.lane].next.first]};
    cw_mission route = {.route = {.count = 2, .lanes = lanes, .length = 200}}, none = {0};
    for (int k = 0; k < 2; ++k) {
        assert_int_equal(cw_sense_signals(p.world, 0, k ? &none : &route, 150, out, 8), 1);
        assert_string_equal(p.map->signals[out[0].signal].id, "light");
        assert_int_equal(out[0].lane, lanes[1]);
        assert_int_equal(out[0].light, CW_LIGHT_RED);
        near(out[0].stop_travel, 50, 1e-6);
        near(out[0].stop_x, 150, 1e-6);
        near(out[0].stop_y, -1.75, 1e-6);
    }
    assert_int_equal(cw_sense_signals(p.world, 0, &route, 89, out, 8), 0); // 90 m away
    for (int i = 0; i < 250; ++i)
        cw_world_step(p.world);
    assert_int_equal(cw_sense_signals(p.world, 0, &route, 150, out, 8), 1);
    assert_int_equal(out[0].light, CW_LIGHT_GREEN);
    near((double)out[0].since, 0.5, 1e-6);
    close_place(&p);
    // The other way: the sign, and no light.
    open_place(&p, 90, 1.75, (float)CW_PI, 10, NULL, 0);
    assert_int_equal(cw_sense_signals(p.world, 0, &none, 150, out, 8), 1);
    assert_string_equal(p.map->signals[out[0].signal].id, "stop");
    assert_int_equal(out[0].light, CW_LIGHT_OFF);
    near(out[0].stop_x, 50, 1e-6);
    close_place(&p);
}

// The L is six thin pieces, the barrier one; nearest first.
static void walls_near_by(void **unused) {
    (void)unused;
    place p;
    open_place(&p, 60, -1.75, 0, 0, NULL, 0);
    cw_wall out[16];
    cw_box self = cw_world_box(p.world, 0);
    assert_int_equal(cw_sense_walls(p.world, 0, 60, out, 16), 6);
    uint32_t count = cw_sense_walls(p.world, 0, 150, out, 16);
    assert_int_equal(count, 7);
    for (uint32_t i = 1; i < count; ++i)
        assert_true(cw_box_distance(&self, &out[i - 1].box) <= cw_box_distance(&self, &out[i].box));
    assert_int_equal(cw_sense_walls(p.world, 0, 150, out, 3), 3);
    near((double)out[0].height, 8, 1e-6);
    const cw_solid *solids[16];
    count = cw_world_solids(p.world, 180, 0, 5, solids, 16);
    assert_int_equal(count, 1);
    near(solids[0]->box.x, 180, 1e-6);
    near(solids[0]->box.y, -1.75, 1e-6);
    near(solids[0]->high - solids[0]->low, 1, 1e-6);
    assert_string_equal(p.map->objects[solids[0]->object].id, "w");
    assert_int_equal(cw_world_solids(p.world, 0, 500, 5, solids, 16), 0);
    close_place(&p);
}

// The building hides what stands behind it; the hollow of the L does not hide more than its walls do.
static void walls_hide(void **unused) {
    (void)unused;
    static const cw_sample behind[] = {{.x = 57, .y = -35}}, beside[] = {{.x = 80, .y = -15}};
    cw_actor others[] = {hand_recorded("behind", behind, 1, true), hand_recorded("beside", beside, 1, true)};
    place p;
    open_place(&p, 53, -1.75, 0, 0, others, 2);
    cw_sensor_def def = cw_sensor_defaults();
    assert_false(cw_sense_sees(p.world, 0, &def, 1));
    assert_true(cw_sense_sees(p.world, 0, &def, 2));
    close_place(&p);
}

// Driving into the barrier: exact time, the object's number, and no driving through it.
static void barrier_is_hit(void **unused) {
    (void)unused;
    place p;
    open_place(&p, 160, -1.75, 0, 12, NULL, 0);
    for (int i = 0; i < 400; ++i) {
        if (i % 10 == 0)
            cw_world_control(p.world, 0, i < 200 ? 0 : 2, 0, 0);
        cw_world_step(p.world);
    }
    const cw_contact *c;
    assert_true(cw_world_contacts(p.world, &c) >= 1); // it rebounds, and comes again
    near((double)c[0].time_ns * 1e-9, (179.5 - 160 - 1.4 - 2.25) / 12, 1e-6);
    assert_int_equal(c[0].b, CW_NONE);
    assert_string_equal(p.map->objects[c[0].object].id, "w");
    near((double)c[0].impact_speed, 12, 1e-4);
    near(c[0].x, 179.5, 1e-4);
    cw_actor_state s;
    cw_world_actor(p.world, 0, &s);
    assert_true(s.x < 177 && fabs((double)s.speed) < 0.5);
    close_place(&p);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signals_along_the_way),
        cmocka_unit_test(walls_near_by),
        cmocka_unit_test(walls_hide),
        cmocka_unit_test(barrier_is_hit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
