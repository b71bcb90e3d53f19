// The state machine: transitions and when they are seen, priorities, executions, edges and delays, stops, conflicts; and
// the whole state saved and restored in the middle of it.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "storyboard_play.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *cruise(void) {
    return place("A", on_lane(-1, 100, 0), speed_to("step", "time", 0, 10));
}

static const char *ramp(double time, double target) {
    return speed_to("linear", "time", time, target);
}

static const char *set_variable(const char *name, const char *change) {
    return say("<GlobalAction><VariableAction variableRef='%s'>%s</VariableAction></GlobalAction>", name, change);
}

#define COUNTERS                                                                                                       \
    "<VariableDeclarations><VariableDeclaration name='n' variableType='double' value='0'/><VariableDeclaration "       \
    "name='word' variableType='string' value='cold'/><VariableDeclaration name='flag' variableType='boolean' "         \
    "value='false'/></VariableDeclarations>"

static const char *add_one(void) {
    return set_variable("n", "<ModifyAction><Rule><AddValue value='1'/></Rule></ModifyAction>");
}

static const char *n_is(double value) {
    return condition("none", 0,
                     say("<ByValueCondition><VariableCondition variableRef='n' value='%g' rule='equalTo'/>"
                         "</ByValueCondition>",
                         value));
}

static void elements_start_and_end(void **state) {
    (void)state;
    play p;
    play_begin(
        &p, PLAY_STRAIGHT, cruise(),
        act("x",
            group("g", "A", 1, maneuver("m", event("e", "override", 1, action("a", ramp(2, 20)), trigger(after(1))))),
            trigger(after(0.5))),
        NULL, NULL);
    assert_near(play_when(&p, "act x starts", 10), 0.5, 1e-9);
    assert_near(play_when(&p, "event e starts", 10), 1, 1e-9);
    assert_true(play_said(&p, "action a starts"));
    assert_near(play_when(&p, "action a ends", 10), 2.99, 1e-9); // by the end of that step: at 3 s
    assert_true(play_said(&p, "event e ends") && play_said(&p, "act x ends"));
    assert_true(play_said(&p, "이벤트 e 끝") && play_said(&p, "액트 x 끝"));
    play_end(&p);
}

// Each state, and when a condition sees it: states at once, what ended by the end of a step at that very time, other
// transitions in the evaluation after, and each in one evaluation alone.
static void states_are_seen(void **state) {
    (void)state;
    static const struct {
        const char *type, *name, *state;
        double time;
    } rows[] = {{"action", "a", "startTransition", 1.01}, {"action", "a", "runningState", 1},
                {"action", "a", "endTransition", 3},      {"action", "a", "completeState", 3},
                {"event", "e", "standbyState", 0},        {"event", "e", "startTransition", 1.01},
                {"event", "e", "endTransition", 3},       {"event", "e", "completeState", 3},
                {"maneuver", "m", "endTransition", 3},    {"maneuverGroup", "g", "completeState", 3},
                {"act", "x", "startTransition", 0.51},    {"act", "x", "endTransition", 3},
                {"story", "story", "runningState", 0}};
    for (size_t k = 0; k < sizeof rows / sizeof rows[0]; k++) {
        play p;
        const char *watched = act(
            "x",
            group("g", "A", 1, maneuver("m", event("e", "override", 1, action("a", ramp(2, 20)), trigger(after(1))))),
            trigger(after(0.5)));
        // Counts each step in which the state is seen.
        const char *watcher =
            act("y",
                group("h", "", 1,
                      maneuver("w", event("f", "parallel", 1000, action("b", add_one()),
                                          trigger(when_state(rows[k].type, rows[k].name, rows[k].state, "none", 0))))),
                "");
        play_begin(&p, PLAY_STRAIGHT, cruise(), say("%s%s", watched, watcher), NULL, COUNTERS);
        // The watcher's own event stands by again one step after each execution.
        assert_near(play_when(&p, "event f starts", 10), rows[k].time, 1e-9);
        play_until(&p, 4);
        if (strstr(rows[k].state, "Transition"))
            assert_false(play_when(&p, "event f starts", 2) >= 0);
        play_end(&p);
    }
}

static const char *two_events(const char *priority, int most) {
    return simple("A",
                  say("%s%s", event("e", "parallel", 1, action("a", ramp(4, 30)), trigger(after(1))),
                      event("f", priority, most,
                            action("b", "<PrivateAction><LateralAction><LaneChangeAction><LaneChangeActionDynamics "
                                        "dynamicsShape='linear' dynamicsDimension='time' value='1'/>"
                                        "<LaneChangeTarget><AbsoluteTargetLane value='-2'/></LaneChangeTarget>"
                                        "</LaneChangeAction></LateralAction></PrivateAction>"),
                            trigger(after(2)))));
}

static void priorities(void **state) {
    (void)state;
    play p;
    play_begin(&p, PLAY_STRAIGHT, cruise(), two_events("override", 1), NULL, NULL);
    assert_near(play_when(&p, "event e is stopped", 9), 2, 1e-9);
    assert_true(play_said(&p, "action a is stopped") && play_said(&p, "event f starts"));
    play_until(&p, 6);
    assert_near(play_actor(&p, "A").speed, 15, 1e-5); // stopped: it keeps the speed that it has
    play_end(&p);

    play_begin(&p, PLAY_STRAIGHT, cruise(), two_events("parallel", 1), NULL, NULL);
    assert_near(play_when(&p, "event f starts", 9), 2, 1e-9);
    play_until(&p, 6);
    assert_near(play_actor(&p, "A").speed, 30, 1e-5);
    assert_near(play_actor(&p, "A").y, -5.25, 1e-9);
    play_end(&p);

    play_begin(&p, PLAY_STRAIGHT, cruise(), two_events("skip", 1), NULL, NULL);
    assert_near(play_when(&p, "event f is skipped", 9), 2, 1e-9);
    play_until(&p, 9);
    assert_near(play_actor(&p, "A").speed, 30, 1e-5);
    assert_near(play_actor(&p, "A").y, -1.75, 1e-9); // its one execution was skipped
    play_end(&p);
}

// An event of another maneuver is no matter of override, but two actions on one domain are: the newer one wins.
static void conflicts(void **state) {
    (void)state;
    play p;
    const char *story =
        act("x",
            group("g", "A", 1,
                  say("%s%s", maneuver("m", event("e", "override", 1, action("a", ramp(10, 30)), "")),
                      maneuver("n", event("f", "override", 1, action("b", ramp(2, 0)), trigger(after(3)))))),
            "");
    play_begin(&p, PLAY_STRAIGHT, cruise(), story, NULL, NULL);
    assert_near(play_when(&p, "event f starts", 9), 3, 1e-9);
    assert_true(play_said(&p, "event e ends")); // the action ends, nobody stops the event
    play_until(&p, 4);
    assert_near(play_actor(&p, "A").speed, 8, 1e-4);
    play_until(&p, 6);
    assert_near(play_actor(&p, "A").speed, 0, 1e-6);
    play_end(&p);
}

static void executions(void **state) {
    (void)state;
    play p;
    play_begin(&p, PLAY_STRAIGHT, cruise(),
               simple("A", event("e", "override", 3, action("a", ramp(0.5, 12)), trigger(after(1)))), n_is(99),
               COUNTERS);
    int starts = 0;
    for (int k = 0; k < 1000; k++) {
        play_step(&p, 1);
        starts += play_said(&p, "event e starts");
    }
    assert_int_equal(starts, 3);
    play_end(&p);

    play_begin(
        &p, PLAY_STRAIGHT, cruise(),
        act("x", group("g", "A", 4, maneuver("m", event("e", "override", 1, action("a", ramp(0.5, 12)), ""))), ""),
        NULL, NULL);
    starts = 0;
    for (int k = 0; k < 1000; k++) {
        play_step(&p, 1);
        starts += play_said(&p, "event e starts");
        if (play_said(&p, "act x ends"))
            assert_int_equal(starts, 4);
    }
    assert_int_equal(starts, 4);
    play_end(&p);
}

// Standing by again a trigger begins anew: its delay runs once more before each execution.
static void triggers_begin_anew(void **state) {
    (void)state;
    play p;
    const char *late = condition("none", 1,
                                 "<ByValueCondition><SimulationTimeCondition value='0.5' "
                                 "rule='greaterOrEqual'/></ByValueCondition>");
    play_begin(&p, PLAY_STRAIGHT, cruise(),
               simple("", event("e", "parallel", 3, action("a", add_one()), trigger(late))), NULL, COUNTERS);
    assert_near(play_when(&p, "event e starts", 9), 1.5, 1e-9);
    assert_near(play_when(&p, "event e starts", 9), 2.51, 1e-9);
    assert_near(play_when(&p, "event e starts", 9), 3.52, 1e-9);
    assert_near(play_when(&p, "event e starts", 3), -1, 0);
    play_end(&p);
}

static double fires(const char *edge, double delay, const char *rule, double value) {
    play p;
    // Speed: 2 m/s until 1 s, up to 10 by 2 s, down to 2 between 5 and 6 s.
    const char *profile = "<PrivateAction><LongitudinalAction><SpeedProfileAction followingMode='position'>"
                          "<SpeedProfileEntry speed='2' time='0'/><SpeedProfileEntry speed='2' time='1'/>"
                          "<SpeedProfileEntry speed='10' time='1'/><SpeedProfileEntry speed='10' time='3'/>"
                          "<SpeedProfileEntry speed='2' time='1'/></SpeedProfileAction></LongitudinalAction>"
                          "</PrivateAction>";
    const char *speed =
        say("<ByEntityCondition><TriggeringEntities triggeringEntitiesRule='any'><EntityRef entityRef='A'/>"
            "</TriggeringEntities><EntityCondition><SpeedCondition value='%g' rule='%s'/>"
            "</EntityCondition></ByEntityCondition>",
            value, rule);
    play_begin(&p, PLAY_STRAIGHT, place("A", on_lane(-1, 10, 0), profile),
               simple("", event("e", "override", 1, action("b", add_one()), trigger(condition(edge, delay, speed)))),
               NULL, COUNTERS);
    double at = play_when(&p, "event e starts", 9);
    play_end(&p);
    return at;
}

static void edges_and_delays(void **state) {
    (void)state;
    assert_near(fires("none", 0, "lessThan", 5), 0, 1e-9);
    assert_near(fires("rising", 0, "lessThan", 5), 5.63, 1e-9); // true at first is no edge
    assert_near(fires("falling", 0, "lessThan", 5), 1.38, 1e-9);
    assert_near(fires("risingOrFalling", 0, "lessThan", 5), 1.38, 1e-9);
    assert_near(fires("rising", 0, "greaterThan", 5), 1.38, 1e-9);
    assert_near(fires("falling", 0, "greaterThan", 5), 5.63, 1e-9);
    assert_near(fires("none", 1.5, "greaterThan", 5), 2.88, 1e-9); // what it was 1.5 s ago
    assert_near(fires("none", 0.25, "lessThan", 5), 0.25, 1e-9);
    assert_near(fires("rising", 2, "greaterThan", 5), 3.38, 1e-9);
    assert_near(fires("falling", 1, "greaterThan", 5), 6.63, 1e-9);
    assert_near(fires("rising", 0, "greaterThan", 50), -1, 0);
}

static void groups_of_conditions(void **state) {
    (void)state;
    play p;
    const char *start = say("<StartTrigger><ConditionGroup>%s%s</ConditionGroup><ConditionGroup>%s%s</ConditionGroup>"
                            "</StartTrigger>",
                            after(2), after(9), after(4), after(3));
    play_begin(&p, PLAY_STRAIGHT, cruise(), simple("", event("e", "override", 1, action("b", add_one()), start)), NULL,
               COUNTERS);
    assert_near(play_when(&p, "event e starts", 20), 4, 1e-9); // (2 and 9) or (4 and 3)
    play_end(&p);

    for (int all = 0; all < 2; all++) {
        const char *speeds =
            say("<Condition name='' delay='0' conditionEdge='none'><ByEntityCondition><TriggeringEntities "
                "triggeringEntitiesRule='%s'><EntityRef entityRef='A'/><EntityRef entityRef='B'/></TriggeringEntities>"
                "<EntityCondition><SpeedCondition value='5' rule='greaterThan'/></EntityCondition></ByEntityCondition>"
                "</Condition>",
                all ? "all" : "any");
        const char *init =
            say("%s%s", place("A", on_lane(-1, 10, 0), ramp(4, 10)), place("B", on_lane(-2, 10, 0), ramp(8, 10)));
        play_begin(&p, PLAY_STRAIGHT, init,
                   simple("", event("e", "override", 1, action("b", add_one()), trigger(speeds))), NULL, COUNTERS);
        assert_near(play_when(&p, "event e starts", 20), all ? 4.01 : 2.01, 1e-9);
        play_end(&p);
    }
}

static void stops(void **state) {
    (void)state;
    play p;
    const char *stop = say("<StopTrigger><ConditionGroup>%s</ConditionGroup></StopTrigger>", after(2));
    play_begin(&p, PLAY_STRAIGHT, cruise(),
               act("x", group("g", "A", 1, maneuver("m", event("e", "override", 1, action("a", ramp(10, 30)), ""))),
                   say("%s%s", trigger(after(0)), stop)),
               when_state("act", "x", "stopTransition", "none", 1), NULL);
    assert_near(play_when(&p, "act x is stopped", 9), 2, 1e-9);
    assert_true(play_said(&p, "event e is stopped"));
    play_until(&p, 9);
    assert_int_equal(cw_world_ended(p.world), CW_END_STOP_TRIGGER);
    assert_near((double)cw_world_time(p.world) * 1e-9, 3.02, 1e-9); // seen at 2.01, one second later, in that step
    assert_near(play_actor(&p, "A").speed, 14, 1e-5);
    play_end(&p);

    play_begin(&p, PLAY_STRAIGHT, cruise(), NULL, NULL, NULL); // an empty stop trigger never stops
    play_until(&p, 5);
    assert_int_equal(cw_world_ended(p.world), CW_GOES_ON);
    play_end(&p);
}

static void variables(void **state) {
    (void)state;
    play p;
    const char *word = condition("none", 0,
                                 "<ByValueCondition><VariableCondition variableRef='word' value='warm' "
                                 "rule='equalTo'/></ByValueCondition>");
    const char *flag = condition("none", 0,
                                 "<ByValueCondition><VariableCondition variableRef='flag' value='true' "
                                 "rule='equalTo'/></ByValueCondition>");
    const char *times = "<ModifyAction><Rule><MultiplyByValue value='2.5'/></Rule></ModifyAction>";
    const char *events = say(
        "%s%s%s%s%s", event("a", "parallel", 1, action("a1", add_one()), trigger(after(1))),
        event("b", "parallel", 1, action("b1", set_variable("n", times)), trigger(n_is(1))),
        event("c", "parallel", 1, action("c1", set_variable("word", "<SetAction value='warm'/>")), trigger(n_is(2.5))),
        event("d", "parallel", 1, action("d1", set_variable("flag", "<SetAction value='true'/>")), trigger(word)),
        event("e", "parallel", 1, action("e1", set_variable("n", "<SetAction value='7'/>")), trigger(flag)));
    play_begin(&p, PLAY_STRAIGHT, cruise(), simple("", events), n_is(7), COUNTERS);
    play_until(&p, 5);
    assert_int_equal(cw_world_ended(p.world), CW_END_STOP_TRIGGER);
    assert_near((double)cw_world_time(p.world) * 1e-9, 1.02, 1e-9); // the chain of events in one step
    play_end(&p);
}

static void entities_come_and_go(void **state) {
    (void)state;
    play p;
    const char *add = say("<GlobalAction><EntityAction entityRef='B'><AddEntityAction><Position>%s</Position>"
                          "</AddEntityAction></EntityAction></GlobalAction>",
                          on_lane(-2, 60, 0));
    const char *remove =
        "<GlobalAction><EntityAction entityRef='B'><DeleteEntityAction/></EntityAction></GlobalAction>";
    const char *hide =
        "<PrivateAction><VisibilityAction graphics='true' traffic='true' sensors='false'/></PrivateAction>";
    const char *lamp = "<PrivateAction><AppearanceAction><LightStateAction><LightType><VehicleLight "
                       "vehicleLightType='indicatorLeft'/></LightType><LightState mode='flashing'/></LightStateAction>"
                       "</AppearanceAction></PrivateAction>";
    const char *jump = say("<PrivateAction><TeleportAction><Position>%s</Position></TeleportAction></PrivateAction>",
                           on_lane(-3, 500, 0));
    const char *events =
        say("%s%s%s", event("d", "parallel", 1, action("d1", remove), trigger(after(1))),
            event("a", "parallel", 1, action("a1", add), trigger(after(2))),
            event("h", "parallel", 1, say("%s%s%s", action("h1", hide), action("h2", lamp), action("h3", jump)),
                  trigger(after(3))));
    play_begin(&p, PLAY_STRAIGHT, say("%s%s", cruise(), place("B", on_lane(-2, 10, 0), "")), simple("A", events), NULL,
               NULL);
    play_until(&p, 1.5);
    assert_false(play_actor(&p, "B").present);
    play_until(&p, 2.5);
    assert_true(play_actor(&p, "B").present);
    assert_near(play_actor(&p, "B").x, 60, 1e-9);
    assert_true(play_actor(&p, "A").visible);
    play_until(&p, 3.5);
    assert_false(play_actor(&p, "A").visible);
    assert_int_equal(play_actor(&p, "A").lamps, 2);
    assert_near(play_actor(&p, "A").x, 505, 1e-6);
    assert_near(play_actor(&p, "A").y, -8.75, 1e-9);
    play_end(&p);
}

// A world restored in the middle goes on as if nothing had been.
static void the_whole_is_saved(void **state) {
    (void)state;
    play p;
    const char *init = say("%s%s", cruise(), place("B", on_lane(-2, 120, 0), speed_to("sinusoidal", "time", 3, 14)));
    play_begin(&p, PLAY_STRAIGHT, init, two_events("parallel", 2),
               when_state("event", "e", "endTransition", "rising", 2.5), COUNTERS);
    cw_world_def def = cw_world_defaults(p.scene);
    def.drive_ego = false;
    cw_world *other = cw_world_new(&def, NULL);
    assert_non_null(other);
    size_t size = cw_world_state_size(p.world);
    unsigned char *bytes = malloc(size);
    play_until(&p, 2.3);
    cw_world_save(p.world, bytes);
    for (int k = 0; k < 77; k++)
        cw_world_step(other);
    cw_world_restore(other, bytes);
    while (cw_world_ended(p.world) == CW_GOES_ON) {
        assert_int_equal(cw_world_hash(p.world), cw_world_hash(other));
        play_step(&p, 1);
        cw_world_step(other);
    }
    assert_int_equal(cw_world_hash(p.world), cw_world_hash(other));
    assert_near((double)cw_world_time(p.world) * 1e-9, 7.51, 1e-9);
    free(bytes);
    cw_world_free(other);
    play_end(&p);
}

static void what_cannot_be_placed(void **state) {
    (void)state;
    const char *all = say("%s%s%s%s", place("A", on_lane(-1, 10, 0), ""), place("C", on_lane(-1, 30, 0), ""),
                          place("P", on_lane(-1, 50, 0), ""),
                          place("B", "<RelativeLanePosition entityRef='A' dLane='7' ds='0'/>", ""));
    assert_non_null(strstr(play_fails(PLAY_STRAIGHT, all, NULL), "'B' cannot be placed"));
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(elements_start_and_end),
                                       cmocka_unit_test(states_are_seen),
                                       cmocka_unit_test(priorities),
                                       cmocka_unit_test(conflicts),
                                       cmocka_unit_test(executions),
                                       cmocka_unit_test(triggers_begin_anew),
                                       cmocka_unit_test(edges_and_delays),
                                       cmocka_unit_test(groups_of_conditions),
                                       cmocka_unit_test(stops),
                                       cmocka_unit_test(variables),
                                       cmocka_unit_test(entities_come_and_go),
                                       cmocka_unit_test(the_whole_is_saved),
                                       cmocka_unit_test(what_cannot_be_placed)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
