// The floor of junctions: asphalt under the lanes' surfaces that closes what they leave open between them.
#include "sense/scenery_parts.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double CELL = 0.5;      // m
static const double UNDER = 0.015;   // m below the lanes
static const double LARGEST = 90;    // m^2: a larger hole is an island
static const double BRIDGED = 0.8;   // m: a gap between two surfaces that is closed
static const double SIZE_MOST = 400; // m: a junction that is wider is left as it is

enum { OPEN, COVERED, OUTSIDE, FILLED };

typedef struct board {
    double x0, y0;
    uint32_t columns, rows;
    uint8_t *cell;
    float *z; // of the surface over the cell, or near it
} board;

static size_t at(const board *b, uint32_t x, uint32_t y) {
    return (size_t)y * b->columns + x;
}

// What surrounds the junction's roads, with room on each side.
static bool bounds(scenery *of, const cw_junction *junction, double box[4], double *height) {
    const cw_map *map = of->map;
    box[0] = box[1] = INFINITY;
    box[2] = box[3] = -INFINITY;
    double sum = 0;
    uint32_t n = 0;
    for (uint32_t i = 0; i < junction->roads.count; i++) {
        uint32_t road = map->indices[junction->roads.first + i];
        if (map->roads[road].geometry.count == 0)
            continue;
        for (int k = 0; k <= 8; k++) {
            cw_vec3 p = scenery_place(of, road, map->roads[road].length * k / 8, 0);
            box[0] = cw_min(box[0], p.x - 12);
            box[1] = cw_min(box[1], p.y - 12);
            box[2] = cw_max(box[2], p.x + 12);
            box[3] = cw_max(box[3], p.y + 12);
            sum += p.z;
            n++;
        }
    }
    *height = n ? sum / n : 0;
    return n > 0 && box[2] - box[0] < SIZE_MOST && box[3] - box[1] < SIZE_MOST;
}

static void look_down(const scenery *of, board *b, double height) {
    for (uint32_t y = 0; y < b->rows; y++) {
        for (uint32_t x = 0; x < b->columns; x++) {
            double z;
            uint32_t triangle;
            size_t c = at(b, x, y);
            if (scenery_ground_at(of, b->x0 + (x + 0.5) * CELL, b->y0 + (y + 0.5) * CELL, height, 2.5, &z, &triangle)) {
                b->cell[c] = COVERED;
                if (of->mesh.semantic[triangle] == CW_CLASS_SIDEWALK)
                    z -= 0.12;
                b->z[c] = (float)z;
            }
        }
    }
}

// Narrow gaps: surface on both sides.
static void close_gaps(board *b) {
    int reach = (int)(BRIDGED / CELL) + 1;
    static const int way[2][2] = {{1, 0}, {0, 1}};
    for (uint32_t y = 0; y < b->rows; y++) {
        for (uint32_t x = 0; x < b->columns; x++) {
            if (b->cell[at(b, x, y)] != OPEN)
                continue;
            for (int w = 0; w < 2; w++) {
                int found[2] = {0, 0};
                float z[2] = {0, 0};
                for (int side = 0; side < 2; side++) {
                    for (int k = 1; k <= reach && !found[side]; k++) {
                        int nx = (int)x + (side ? -k : k) * way[w][0], ny = (int)y + (side ? -k : k) * way[w][1];
                        if (nx < 0 || ny < 0 || nx >= (int)b->columns || ny >= (int)b->rows)
                            break;
                        size_t c = at(b, (uint32_t)nx, (uint32_t)ny);
                        if (b->cell[c] == COVERED) {
                            found[side] = k;
                            z[side] = b->z[c];
                        }
                    }
                }
                if (found[0] && found[1] && (found[0] + found[1]) * CELL <= BRIDGED + CELL) {
                    b->cell[at(b, x, y)] = FILLED;
                    b->z[at(b, x, y)] = z[0] < z[1] ? z[0] : z[1];
                    break;
                }
            }
        }
    }
}

// The cells beside one, at most four; returns how many.
static uint32_t beside(const board *b, uint32_t cell, size_t out[4]) {
    assert(b->columns > 0);
    uint32_t n = 0, x = cell % b->columns, y = cell / b->columns;
    if (x + 1 < b->columns)
        out[n++] = cell + 1;
    if (x > 0)
        out[n++] = cell - 1;
    if (y + 1 < b->rows)
        out[n++] = (size_t)cell + b->columns;
    if (y > 0)
        out[n++] = (size_t)cell - b->columns;
    return n;
}

// Marks what can be reached from the rim as outside; what is left open is enclosed.
static void flood(board *b, uint32_t *stack) {
    size_t n = 0;
    for (uint32_t y = 0; y < b->rows; y++)
        for (uint32_t x = 0; x < b->columns; x++)
            if ((x == 0 || y == 0 || x + 1 == b->columns || y + 1 == b->rows) && b->cell[at(b, x, y)] == OPEN) {
                b->cell[at(b, x, y)] = OUTSIDE;
                stack[n++] = (uint32_t)at(b, x, y);
            }
    while (n > 0) {
        size_t next[4];
        uint32_t count = beside(b, stack[--n], next);
        for (uint32_t k = 0; k < count; k++)
            if (b->cell[next[k]] == OPEN) {
                b->cell[next[k]] = OUTSIDE;
                stack[n++] = (uint32_t)next[k];
            }
    }
}

// Each enclosed hole on its own: small ones are filled, with the height of what surrounds them.
static void fill_holes(board *b, uint32_t *stack) {
    for (size_t start = 0; start < (size_t)b->columns * b->rows; start++) {
        if (b->cell[start] != OPEN)
            continue;
        size_t head = 0, n = 0;
        double sum = 0;
        uint32_t rim = 0;
        stack[n++] = (uint32_t)start;
        b->cell[start] = OUTSIDE;
        while (head < n) {
            size_t next[4];
            uint32_t count = beside(b, stack[head++], next);
            for (uint32_t k = 0; k < count; k++)
                if (b->cell[next[k]] == OPEN) {
                    b->cell[next[k]] = OUTSIDE;
                    stack[n++] = (uint32_t)next[k];
                } else if (b->cell[next[k]] == COVERED) {
                    sum += (double)b->z[next[k]];
                    rim++;
                }
        }
        if ((double)n * CELL * CELL > LARGEST || rim == 0)
            continue;
        for (size_t i = 0; i < n; i++) {
            b->cell[stack[i]] = FILLED;
            b->z[stack[i]] = (float)(sum / rim);
        }
    }
}

// Height of a corner of the floor: below all that lies around it.
static double corner(const board *b, uint32_t x, uint32_t y) {
    float z = INFINITY;
    for (uint32_t k = 0; k < 4; k++) {
        uint32_t cx = x - (k & 1), cy = y - (k >> 1);
        if (cx >= b->columns || cy >= b->rows) // also below 0
            continue;
        size_t c = at(b, cx, cy);
        if (b->cell[c] == COVERED || b->cell[c] == FILLED)
            z = b->z[c] < z ? b->z[c] : z;
    }
    return (double)z - UNDER;
}

// A cell is laid where it is filled, and around that under what covers it.
static bool laid(const board *b, uint32_t x, uint32_t y) {
    if (b->cell[at(b, x, y)] == FILLED)
        return true;
    if (b->cell[at(b, x, y)] != COVERED)
        return false;
    for (int dy = -1; dy <= 1; dy++)
        for (int dx = -1; dx <= 1; dx++) {
            int nx = (int)x + dx, ny = (int)y + dy;
            if (nx >= 0 && ny >= 0 && nx < (int)b->columns && ny < (int)b->rows &&
                b->cell[at(b, (uint32_t)nx, (uint32_t)ny)] == FILLED)
                return true;
        }
    return false;
}

static void lay(scenery *of, const board *b) {
    cw_builder_material(&of->mesh, CW_MAT_ASPHALT);
    cw_builder_semantic(&of->mesh, CW_CLASS_ROAD);
    for (uint32_t y = 0; y < b->rows; y++) {
        for (uint32_t x = 0; x < b->columns; x++) {
            if (!laid(b, x, y))
                continue;
            uint32_t end = x + 1; // a row of cells in one piece while it is flat
            double z0 = corner(b, x, y), z1 = corner(b, x, y + 1);
            while (end < b->columns && laid(b, end, y) && fabs(corner(b, end, y) - z0) < 0.002 &&
                   fabs(corner(b, end, y + 1) - z1) < 0.002)
                end++;
            double xa = b->x0 + x * CELL, xb = b->x0 + end * CELL, ya = b->y0 + y * CELL, yb = ya + CELL;
            cw_add_quad(&of->mesh, (cw_vec3){xa, ya, z0}, (cw_vec3){xb, ya, corner(b, end, y)},
                        (cw_vec3){xb, yb, corner(b, end, y + 1)}, (cw_vec3){xa, yb, z1});
            x = end - 1;
        }
    }
}

void scenery_floors(scenery *of) {
    const cw_map *map = of->map;
    scenery_on_ground(of);
    for (uint32_t j = 0; j < map->junction_count && !of->mesh.full && !of->mesh.out_of_memory; j++) {
        double box[4], height;
        if (!bounds(of, &map->junctions[j], box, &height))
            continue;
        board b = {.x0 = floor(box[0]), .y0 = floor(box[1])};
        b.columns = (uint32_t)ceil((box[2] - b.x0) / CELL);
        b.rows = (uint32_t)ceil((box[3] - b.y0) / CELL);
        if (b.columns == 0 || b.rows == 0)
            continue;
        size_t cells = (size_t)b.columns * b.rows;
        b.cell = calloc(cells, 1);
        b.z = calloc(cells, sizeof *b.z);
        uint32_t *stack = malloc(cells * sizeof *stack);
        if (b.cell && b.z && stack) {
            look_down(of, &b, height);
            close_gaps(&b);
            flood(&b, stack);
            fill_holes(&b, stack);
            lay(of, &b);
        } else {
            of->out_of_memory = true;
        }
        free(b.cell);
        free(b.z);
        free(stack);
    }
}
