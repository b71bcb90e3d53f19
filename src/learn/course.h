// The scenes of self-play: towns made from seeds, cars with goals put on them, lights that run.
#ifndef CW_LEARN_COURSE_H
#define CW_LEARN_COURSE_H

#include "causeway/scene.h"
#include "causeway/synth.h"

typedef struct cw_pick { // one scene: on that town, from that seed
    uint32_t town;
    uint32_t number; // of the draw
} cw_pick;

typedef struct cw_course cw_course;
// `count` towns of that set of seeds, the first of which has number `first`. CW_ERR_USAGE, CW_ERR_MEMORY.
cw_status cw_course_new(cw_seed_set set, uint64_t first, uint32_t count, uint64_t seed, cw_course **course,
                        cw_error *err);
// One more: the map of a scene, which outlives the course, and its programs of lights. CW_ERR_MEMORY.
cw_status cw_course_add(cw_course *course, const cw_scene *scene, cw_error *err);
void cw_course_free(cw_course *course); // NULL is fine
uint32_t cw_course_towns(const cw_course *course);
const cw_area *cw_course_area(const cw_course *course, const cw_map *map); // of one of its towns
// What the batch opens; *picks (count) are copied. The source is the course's and changes with the next call.
const cw_scene_source *cw_course_source(cw_course *course, const cw_pick *picks, uint32_t count);

#endif
