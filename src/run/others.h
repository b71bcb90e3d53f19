// Road users of the traffic that a driver drives: each with senses, a tracker and a way of its own.
#ifndef CW_RUN_OTHERS_H
#define CW_RUN_OTHERS_H

#include "causeway/run.h"
#include "causeway/sense.h"

struct cw_world;
typedef struct cw_others cw_others;

// For cw_world_def.control: the vehicles of the traffic's pool, each taken with probability `share` by a draw of its own. In
// the arena; NULL: memory is out.
const uint8_t *cw_others_mask(const cw_scene *scene, uint64_t seed, double share, cw_arena *arena);

// Those whom the world has put under control beside the ego; `def` names their driver. All is in the arena.
cw_status cw_others_make(const cw_episode_def *def, struct cw_world *world, const cw_sensor_def *sensor,
                         cw_arena *arena, cw_others **out, cw_error *err);
void cw_others_close(cw_others *others); // NULL is fine, as it is below: nobody is driven
uint32_t cw_others_count(const cw_others *others);
// Each looks, decides and is held to it until the next time. Who comes to the end of the road is taken off it.
void cw_others_decide(cw_others *others, int64_t tick);

// Their states as flat bytes: part of a keyframe. The ways are found again.
size_t cw_others_size(const cw_others *others);
void cw_others_save(const cw_others *others, void *bytes);
void cw_others_restore(cw_others *others, const void *bytes);

#endif
