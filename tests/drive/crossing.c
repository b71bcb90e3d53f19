#include "crossing.h"

#include "road/build.h"

#include <assert.h>
#include <string.h>

#define ARM 200.0 // m
#define HALF CROSSING_HALF
#define EDGE 10.0 // m from the middle to where the arms begin

static cw_build_text text(const char *t) {
    return (cw_build_text){.text = t, .length = t ? strlen(t) : 0};
}

// A lane from (x0, y0) to (x1, y1).
static uint32_t lay(cw_map_builder *b, const char *id, const char *junction, const char *beside, cw_vec2 from,
                    cw_vec2 to) {
    double dx = to.x - from.x, dy = to.y - from.y, length = cw_hypot(dx, dy), nx = -dy / length * HALF,
           ny = dx / length * HALF;
    cw_vec2 left[2] = {{from.x + nx, from.y + ny}, {to.x + nx, to.y + ny}};
    cw_vec2 right[2] = {{from.x - nx, from.y - ny}, {to.x - nx, to.y - ny}};
    return cw_build_lanelet_add(b, &(cw_build_lanelet){.id = text(id),
                                                       .junction = text(junction),
                                                       .kind = CW_LANE_DRIVING,
                                                       .limit = (float)CROSSING_LIMIT,
                                                       .count = 2,
                                                       .left = left,
                                                       .right = right,
                                                       .adjacent_left = text(beside),
                                                       .adjacent_right = text(NULL)});
}

// Three in a row, the middle one in the junction; `beside` runs the other way, to the left.
static void chain(cw_map_builder *b, const char *const id[3], const char *const beside[2], cw_vec2 from, cw_vec2 to) {
    cw_vec2 in = {from.x + (to.x - from.x) * (ARM - EDGE) / (2 * ARM),
                  from.y + (to.y - from.y) * (ARM - EDGE) / (2 * ARM)};
    cw_vec2 out = {from.x + to.x - in.x, from.y + to.y - in.y};
    uint32_t a = lay(b, id[0], NULL, beside[0], from, in), m = lay(b, id[1], "j", NULL, in, out),
             z = lay(b, id[2], NULL, beside[1], out, to);
    cw_build_lanelet_link(b, a, true, text(id[1]));
    cw_build_lanelet_link(b, m, false, text(id[0]));
    cw_build_lanelet_link(b, m, true, text(id[2]));
    cw_build_lanelet_link(b, z, false, text(id[1]));
}

cw_map *crossing_map(void) {
    cw_map_builder *b = cw_build_new(NULL, NULL);
    cw_build_junction(b, text("j"), 0);
    static const char *const none[2] = {NULL, NULL};
    chain(b, (const char *const[]){"e0", "e1", "e2"}, (const char *const[]){"w2", "w0"}, (cw_vec2){-ARM, 0},
          (cw_vec2){ARM, 0});
    chain(b, (const char *const[]){"w0", "w1", "w2"}, (const char *const[]){"e2", "e0"}, (cw_vec2){ARM, 2 * HALF},
          (cw_vec2){-ARM, 2 * HALF});
    chain(b, (const char *const[]){"n0", "n1", "n2"}, none, (cw_vec2){2, -ARM}, (cw_vec2){2, ARM});
    chain(b, (const char *const[]){"s0", "s1", "s2"}, none, (cw_vec2){-2, ARM}, (cw_vec2){-2, -ARM});
    cw_map *map = NULL;
    cw_error err = {0};
    cw_status status = cw_build_finish(b, "crossing", &map, &err);
    cw_build_free(b);
    assert(status == CW_OK);
    (void)status;
    return map;
}
