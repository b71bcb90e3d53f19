// Solid map objects as boxes, found by place through a grid.
#include "world/core.h"

#include <math.h>

// m
#define CELL 40.0
#define THICKNESS 0.1
#define POST 0.3
#define UNKNOWN_HEIGHT 2.0
// Lower things (kerbs) are driven and seen over.
#define LEAST_HEIGHT 0.15
enum { CELLS_MOST = 512 };

typedef struct cw_solid_grid {
    uint32_t count, across, up; // cells
    cw_solid *solids;
    double *radius; // of a solid's bounding circle
    double low_x, low_y, cell;
    const uint32_t *first; // across * up + 1 offsets into items
    const uint32_t *items; // ascending within a cell
} cw_solid_grid;

static uint32_t outline_of(const cw_map *map, const cw_object *object, const cw_vec2 **points) {
    uint32_t count = object->outline.count;
    *points = map->points + object->outline.first;
    if (count > 1 && (*points)[0].x == (*points)[count - 1].x && (*points)[0].y == (*points)[count - 1].y)
        --count; // closed by a repeated point
    return count;
}

static cw_box edge_box(cw_vec2 a, cw_vec2 b, double thickness) {
    double dx = b.x - a.x, dy = b.y - a.y, length = cw_hypot(dx, dy);
    bool point = length <= 0;
    return (cw_box){.x = 0.5 * (a.x + b.x),
                    .y = 0.5 * (a.y + b.y),
                    .ux = point ? 1 : dx / length,
                    .uy = point ? 0 : dy / length,
                    .half_length = 0.5 * length,
                    .half_width = 0.5 * thickness};
}

static bool rectangle(const cw_vec2 *p, uint32_t count, cw_box *box) {
    if (count != 4)
        return false;
    double ax = p[1].x - p[0].x, ay = p[1].y - p[0].y, bx = p[3].x - p[0].x, by = p[3].y - p[0].y;
    double a = cw_hypot(ax, ay), b = cw_hypot(bx, by), small = 0.02 * (a + b) + 1e-6;
    if (a <= 0 || b <= 0 || fabs(ax * bx + ay * by) > 0.02 * a * b)
        return false;
    if (fabs(p[0].x + ax + bx - p[2].x) > small || fabs(p[0].y + ay + by - p[2].y) > small)
        return false;
    *box = (cw_box){.x = p[0].x + 0.5 * (ax + bx),
                    .y = p[0].y + 0.5 * (ay + by),
                    .ux = ax / a,
                    .uy = ay / a,
                    .half_length = 0.5 * a,
                    .half_width = 0.5 * b};
    return true;
}

static uint32_t pieces(const cw_map *map, uint32_t object, const cw_solid *like, cw_solid *out) {
    const cw_object *o = &map->objects[object];
    const cw_vec2 *p;
    uint32_t count = outline_of(map, o, &p);
    cw_solid piece = *like;
    if (count < 2) {
        cw_road_point at;
        cw_road_at(map, o->road, o->s, o->t, &at);
        piece.box = (cw_box){.x = count ? p[0].x : at.x, .y = count ? p[0].y : at.y, .ux = 1};
        piece.box.half_length = piece.box.half_width = 0.5 * POST;
        if (out)
            out[0] = piece;
        return 1;
    }
    if (rectangle(p, count, &piece.box)) {
        if (out)
            out[0] = piece;
        return 1;
    }
    uint32_t edges = count == 2 ? 1 : count;
    for (uint32_t i = 0; out && i < edges; ++i) {
        piece.box = edge_box(p[i], p[(i + 1) % count], THICKNESS);
        out[i] = piece;
    }
    return edges;
}

static bool blocks(const cw_object *object) {
    return object->solid && (object->height <= 0 || (double)object->height >= LEAST_HEIGHT);
}

static uint32_t clamp_cell(double value, uint32_t count) {
    return value <= 0 ? 0 : value >= (double)(count - 1) ? count - 1 : (uint32_t)value;
}

typedef struct range {
    uint32_t x0, x1, y0, y1;
} range;

static range cells_of(const cw_solid_grid *grid, double x, double y, double radius) {
    return (range){.x0 = clamp_cell(floor((x - radius - grid->low_x) / grid->cell), grid->across),
                   .x1 = clamp_cell(floor((x + radius - grid->low_x) / grid->cell), grid->across),
                   .y0 = clamp_cell(floor((y - radius - grid->low_y) / grid->cell), grid->up),
                   .y1 = clamp_cell(floor((y + radius - grid->low_y) / grid->cell), grid->up)};
}

bool cw_solids_make(cw_world *world) {
    const cw_map *map = world->map;
    cw_solid_grid *grid = cw_arena_alloc(world->arena, sizeof *grid);
    if (!grid)
        return false;
    world->solids = grid;
    uint32_t count = 0;
    for (uint32_t i = 0; i < map->object_count; ++i)
        if (blocks(&map->objects[i]))
            count += pieces(map, i, &(cw_solid){0}, NULL);
    grid->solids = cw_arena_array(world->arena, count, sizeof *grid->solids);
    grid->radius = cw_arena_array(world->arena, count, sizeof *grid->radius);
    if (!grid->solids || !grid->radius)
        return false;
    double low_x = INFINITY, low_y = INFINITY, high_x = -INFINITY, high_y = -INFINITY;
    for (uint32_t i = 0; i < map->object_count; ++i) {
        const cw_object *o = &map->objects[i];
        if (!blocks(o))
            continue;
        cw_road_point at;
        cw_road_at(map, o->road, o->s, o->t, &at);
        double low = at.z + o->z, height = o->height > 0 ? (double)o->height : UNKNOWN_HEIGHT;
        grid->count +=
            pieces(map, i, &(cw_solid){.low = low, .high = low + height, .object = i}, grid->solids + grid->count);
    }
    for (uint32_t i = 0; i < count; ++i) {
        const cw_box *b = &grid->solids[i].box;
        grid->radius[i] = cw_hypot(b->half_length, b->half_width);
        low_x = cw_min(low_x, b->x - grid->radius[i]);
        low_y = cw_min(low_y, b->y - grid->radius[i]);
        high_x = cw_max(high_x, b->x + grid->radius[i]);
        high_y = cw_max(high_y, b->y + grid->radius[i]);
    }
    world->solid_count = count;
    if (count == 0)
        return true;
    double extent = cw_max(high_x - low_x, high_y - low_y);
    grid->low_x = low_x;
    grid->low_y = low_y;
    grid->cell = cw_max(CELL, extent / (CELLS_MOST - 1));
    grid->across = (uint32_t)((high_x - low_x) / grid->cell) + 1;
    grid->up = (uint32_t)((high_y - low_y) / grid->cell) + 1;
    size_t cells = (size_t)grid->across * grid->up;
    uint32_t *first = cw_arena_array(world->arena, cells + 2, sizeof *first);
    if (!first)
        return false;
    // Counting sort: the counts stand two places on, so that filling leaves the offsets where they belong.
    for (uint32_t i = 0; i < count; ++i) {
        range r = cells_of(grid, grid->solids[i].box.x, grid->solids[i].box.y, grid->radius[i]);
        for (uint32_t y = r.y0; y <= r.y1; ++y)
            for (uint32_t x = r.x0; x <= r.x1; ++x)
                ++first[(size_t)y * grid->across + x + 2];
    }
    for (size_t i = 2; i < cells + 2; ++i)
        first[i] += first[i - 1];
    uint32_t *items = cw_arena_array(world->arena, first[cells + 1], sizeof *items);
    if (!items)
        return false;
    for (uint32_t i = 0; i < count; ++i) {
        range r = cells_of(grid, grid->solids[i].box.x, grid->solids[i].box.y, grid->radius[i]);
        for (uint32_t y = r.y0; y <= r.y1; ++y)
            for (uint32_t x = r.x0; x <= r.x1; ++x)
                items[first[(size_t)y * grid->across + x + 1]++] = i;
    }
    grid->first = first;
    grid->items = items;
    return true;
}

uint32_t cw_world_solids(const cw_world *world, double x, double y, double radius, const cw_solid **out,
                         uint32_t most) {
    const cw_solid_grid *grid = world->solids;
    if (grid->count == 0 || !(radius >= 0) || x != x || y != y)
        return 0;
    range q = cells_of(grid, x, y, radius);
    uint32_t found = 0;
    for (uint32_t cy = q.y0; cy <= q.y1; ++cy)
        for (uint32_t cx = q.x0; cx <= q.x1; ++cx) {
            size_t cell = (size_t)cy * grid->across + cx;
            for (uint32_t k = grid->first[cell]; k < grid->first[cell + 1] && found < most; ++k) {
                const cw_solid *s = &grid->solids[grid->items[k]];
                double r = grid->radius[grid->items[k]], reach = radius + r;
                double dx = s->box.x - x, dy = s->box.y - y;
                if (dx * dx + dy * dy > reach * reach)
                    continue;
                // One that lies in several cells counts in the first of those that are asked.
                range own = cells_of(grid, s->box.x, s->box.y, r);
                if ((own.x0 > q.x0 ? own.x0 : q.x0) != cx || (own.y0 > q.y0 ? own.y0 : q.y0) != cy)
                    continue;
                uint32_t at = found++;
                for (; at > 0 && out[at - 1] > s; --at) // pointers into one array: their order is their number
                    out[at] = out[at - 1];
                out[at] = s;
            }
        }
    return found;
}
