// What a scene says of itself.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "causeway/scene.h"

// Lane keeping is asked for by the ego's own controller or by an action that assigns one, to it or to whoever triggers.
static void who_asks_for_lane_keeping(void **state) {
    (void)state;
    static const struct {
        const char *own, *assigned;
        uint32_t to; // actor, CW_NONE: those who trigger
        const char *controller;
        bool keeps;
    } rows[] = {{"", NULL, 0, "", false},
                {NULL, NULL, 0, "", false},
                {"aAlksController", NULL, 0, "aAlksController", true},
                {"", "ALKSController", 0, "ALKSController", true},
                {"cruise", "ECE_ALKS", 0, "ECE_ALKS", true},
                {"cruise", "other", 0, "cruise", false},
                {"", "ALKS", CW_NONE, "ALKS", true},
                {"", "ALKS", 1, "", false}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cw_actor actors[2] = {{.name = "ego", .controller = {.name = rows[i].own}},
                              {.name = "other", .controller = {.name = "ALKS"}}};
        cw_action action = {.kind = CW_DO_ASSIGN_CONTROLLER, .actor = rows[i].to};
        action.controller.name = rows[i].assigned;
        cw_scene scene = {
            .actor_count = 2, .actors = actors, .action_count = rows[i].assigned != NULL, .actions = &action, .ego = 0};
        assert_string_equal(cw_scene_ego_controller(&scene), rows[i].controller);
        assert_int_equal(cw_scene_keeps_lane(&scene), rows[i].keeps);
        scene.ego = CW_NONE;
        assert_false(cw_scene_keeps_lane(&scene));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(who_asks_for_lane_keeping)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
