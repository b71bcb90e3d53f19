// Pairs of boxes (along the axes) that overlap, among many.
#ifndef CW_WORLD_BROAD_H
#define CW_WORLD_BROAD_H

#include "causeway/base.h"

#define CW_BROAD_CELL 24.0 // m: boxes up to this are cheap, larger ones are compared with everybody

typedef struct cw_broad cw_broad;
// False ends the search.
typedef bool cw_broad_pair(void *context, uint32_t a, uint32_t b);

cw_broad *cw_broad_make(cw_arena *arena, uint32_t most); // NULL: out of memory
void cw_broad_begin(cw_broad *broad);
void cw_broad_add(cw_broad *broad, uint32_t item, double low_x, double high_x, double low_y, double high_y); // m
// Where many need no comparing with each other: first what they are to be compared with is sought, then only bounds near
// something sought need adding: those that reach no farther than `reach` m from their middle, x and y.
void cw_broad_seek(cw_broad *broad, double low_x, double high_x, double low_y, double high_y, double reach);
bool cw_broad_sought(const cw_broad *broad, double x, double y);
void cw_broad_pairs(cw_broad *broad, cw_broad_pair *pair, void *context); // each pair once; touching counts

#endif
