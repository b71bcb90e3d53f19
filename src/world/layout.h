// Where the rows of the state stand.
#ifndef CW_WORLD_LAYOUT_H
#define CW_WORLD_LAYOUT_H

#include "world/state.h"

// Lays the rows out in a block of the world's arena, all zero, and points world->s into it. False when out of memory.
bool cw_state_make(cw_world *world);
uint32_t cw_state_items(const cw_world *world, uint32_t per);
// The bytes of a row of the table.
void *cw_state_row_at(const cw_world *world, uint32_t index, size_t *bytes);
void cw_state_clear(cw_world *world, uint32_t per); // all rows of those items to zero

#endif
