// Which bodies may touch: a grid of cells, each body in the cell of its middle, compared with those of its own and the
// neighbouring cells. The order of the pairs follows from the cells alone, so it is no state.
#include "world/broad.h"

#include <math.h>
#include <string.h>

#define FINE 8.0 // m: cells in which it is noted what is sought
enum { FINE_EACH = 16, SEEN_MOST = 4096, ROW = 16 };

typedef struct entry {
    double low_x, high_x, low_y, high_y;
    int32_t x, y; // cell
    uint32_t item, bucket;
} entry;

struct cw_broad {
    uint32_t most, mask, count, big_count;
    uint32_t fine_mask;
    uint8_t *sought; // a bit for each bucket of fine cells
    entry *loose, *sorted;
    uint32_t *first; // per bucket, + 1
    uint32_t *big;   // too large for a cell: compared with everybody
};

static uint32_t buckets_for(uint32_t count) {
    uint32_t buckets = 16;
    while (buckets < 2 * count && buckets < 1u << 24)
        buckets *= 2;
    return buckets;
}

cw_broad *cw_broad_make(cw_arena *arena, uint32_t most) {
    cw_broad *b = cw_arena_alloc(arena, sizeof *b);
    if (!b)
        return NULL;
    uint32_t buckets = buckets_for(most);
    b->most = most;
    b->loose = cw_arena_array(arena, most, sizeof *b->loose);
    b->sorted = cw_arena_array(arena, most, sizeof *b->sorted);
    b->first = cw_arena_array(arena, (size_t)buckets + 1, sizeof *b->first);
    b->big = cw_arena_array(arena, most, sizeof *b->big);
    b->fine_mask = FINE_EACH * buckets - 1;
    b->sought = cw_arena_array(arena, (size_t)FINE_EACH * buckets / 8, 1);
    return b->loose && b->sorted && b->first && b->big && b->sought ? b : NULL;
}

static uint32_t bucket_of(const cw_broad *b, int32_t x, int32_t y) {
    // Rows of cells lie next to each other: neighbours share cache lines.
    return ((uint32_t)x + (uint32_t)y * 0x9E3779B1u) & b->mask;
}

void cw_broad_begin(cw_broad *b) {
    b->count = b->big_count = 0;
    memset(b->sought, 0, ((size_t)b->fine_mask + 1) / 8);
}

static bool exceeds(double low_x, double high_x, double low_y, double high_y) {
    return high_x - low_x > CW_BROAD_CELL || high_y - low_y > CW_BROAD_CELL;
}

static int32_t cell_of(double at, double size) {
    const double far = 1 << 24; // cells; keeps what is rounded towards zero positive
    return (int32_t)(cw_clamp(at / size, -far, far) + far) - (1 << 24);
}

static uint32_t fine_bucket(const cw_broad *b, int32_t x, int32_t y) {
    return ((uint32_t)x + (uint32_t)y * 0x9E3779B1u) & b->fine_mask;
}

void cw_broad_seek(cw_broad *b, double low_x, double high_x, double low_y, double high_y, double reach) {
    int32_t x0 = cell_of(low_x - reach, FINE), x1 = cell_of(high_x + reach, FINE);
    int32_t y0 = cell_of(low_y - reach, FINE), y1 = cell_of(high_y + reach, FINE);
    if ((int64_t)(x1 - x0 + 1) * (y1 - y0 + 1) > SEEN_MOST) { // everything is near it
        memset(b->sought, 0xff, ((size_t)b->fine_mask + 1) / 8);
        return;
    }
    for (int32_t y = y0; y <= y1; y++) {
        // Cells of a row are neighbouring bits: so many as fit are set at once.
        for (int32_t x = x0; x <= x1; x += ROW) {
            uint32_t bucket = fine_bucket(b, x, y), cells = (uint32_t)(x1 - x + 1 < ROW ? x1 - x + 1 : ROW);
            uint32_t bits = ((1u << cells) - 1) << bucket % 8;
            for (uint32_t at = bucket / 8; bits; bits >>= 8, at++)
                b->sought[at & b->fine_mask / 8] |= (uint8_t)bits;
        }
    }
}

bool cw_broad_sought(const cw_broad *b, double x, double y) {
    uint32_t bucket = fine_bucket(b, cell_of(x, FINE), cell_of(y, FINE));
    return b->sought[bucket / 8] >> bucket % 8 & 1;
}

void cw_broad_add(cw_broad *b, uint32_t item, double low_x, double high_x, double low_y, double high_y) {
    if (exceeds(low_x, high_x, low_y, high_y))
        b->big[b->big_count++] = b->count; // it stands in its cell too, for the others that are large
    b->loose[b->count++] = (entry){low_x,
                                   high_x,
                                   low_y,
                                   high_y,
                                   cell_of(0.5 * (low_x + high_x), CW_BROAD_CELL),
                                   cell_of(0.5 * (low_y + high_y), CW_BROAD_CELL),
                                   item,
                                   0};
}

static bool meet(const entry *p, const entry *q) {
    return p->low_x <= q->high_x && q->low_x <= p->high_x && p->low_y <= q->high_y && q->low_y <= p->high_y;
}

static bool is_big(const entry *e) {
    return exceeds(e->low_x, e->high_x, e->low_y, e->high_y);
}

static bool cell(const cw_broad *b, const entry *e, int32_t x, int32_t y, uint32_t from, cw_broad_pair *pair,
                 void *context) {
    uint32_t bucket = bucket_of(b, x, y), end = b->first[bucket + 1];
    for (uint32_t k = from > b->first[bucket] ? from : b->first[bucket]; k < end; k++) {
        const entry *o = &b->sorted[k];
        if (o->x == x && o->y == y && meet(e, o) && !is_big(o) && !pair(context, e->item, o->item))
            return false;
    }
    return true;
}

void cw_broad_pairs(cw_broad *b, cw_broad_pair *pair, void *context) {
    b->mask = buckets_for(b->count) - 1; // often few of those that there is room for
    memset(b->first, 0, ((size_t)b->mask + 2) * sizeof *b->first);
    for (uint32_t i = 0; i < b->count; i++) {
        b->loose[i].bucket = bucket_of(b, b->loose[i].x, b->loose[i].y);
        b->first[b->loose[i].bucket + 1]++;
    }
    for (uint32_t i = 0; i <= b->mask; i++)
        b->first[i + 1] += b->first[i];
    for (uint32_t i = 0; i < b->count; i++)
        b->sorted[b->first[b->loose[i].bucket]++] = b->loose[i];
    for (uint32_t i = b->mask + 1; i > 0; i--)
        b->first[i] = b->first[i - 1];
    b->first[0] = 0;
    for (uint32_t i = 0; i < b->count; i++) {
        const entry *e = &b->sorted[i];
        if (is_big(e))
            continue;
        if (!cell(b, e, e->x, e->y, i + 1, pair, context) || !cell(b, e, e->x + 1, e->y, 0, pair, context) ||
            !cell(b, e, e->x - 1, e->y + 1, 0, pair, context) || !cell(b, e, e->x, e->y + 1, 0, pair, context) ||
            !cell(b, e, e->x + 1, e->y + 1, 0, pair, context))
            return;
    }
    for (uint32_t i = 0; i < b->big_count; i++)
        for (uint32_t k = 0; k < b->count; k++) {
            const entry *p = &b->loose[b->big[i]], *q = &b->loose[k];
            // Two large ones meet once.
            if (k != b->big[i] && meet(p, q) && !(is_big(q) && k < b->big[i]) && !pair(context, p->item, q->item))
                return;
        }
}
