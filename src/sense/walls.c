// Solid map objects near the observer.
#include "causeway/sense.h"
#include "causeway/world.h"

enum { SOLIDS = 256 };

uint32_t cw_sense_walls(const struct cw_world *world, uint32_t observer, float range, cw_wall *out, uint32_t most) {
    const cw_solid *solids[SOLIDS];
    double distance[SOLIDS];
    uint32_t order[SOLIDS];
    cw_box self = cw_world_box(world, observer);
    if (cw_world_is_clear(world, CW_NONE))
        return 0;
    uint32_t count = cw_world_solids(world, self.x, self.y, (double)range, solids, SOLIDS);
    for (uint32_t i = 0; i < count; ++i) {
        distance[i] = cw_box_distance(&self, &solids[i]->box);
        uint32_t k = i;
        for (; k > 0 && distance[order[k - 1]] > distance[i]; --k)
            order[k] = order[k - 1];
        order[k] = i;
    }
    uint32_t given = count < most ? count : most;
    for (uint32_t i = 0; i < given; ++i) {
        const cw_solid *s = solids[order[i]];
        out[i] = (cw_wall){.box = s->box, .height = (float)(s->high - s->low)};
    }
    return given;
}
