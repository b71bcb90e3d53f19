// The land: a height field that stays just below every road, follows them up and down, dips under bridges, and runs out to
// hills at the horizon. Near the map it is a fine lattice whose flat parts are drawn as large squares; around that a frame
// of ever wider cells.
#include "sense/scenery_parts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    BLOCK = 32,         // cells along a block: the largest square
    BLOCKS_MOST = 4096, // lattice: about four million vertices
    SMOOTHINGS = 80,    // of what lies between roads
    BRIDGE_REACH = 4,   // cells around a crossing in which the upper road does not hold the land up
    FRAME = 9,          // lines of the frame on each side
    HILLS = 0x68696c6c, // purpose of the random draws
};
static const double BELOW = 0.07; // m below the roads
static const double FLAT = 0.02;  // m by which a square may leave the field
static const double LEVEL = 3.5;  // m of height that makes two surfaces two levels
static const double MARGIN = 96;  // m around the map that the lattice covers
// Distances of the frame's lines from the lattice, m.
static const double frame_at[FRAME] = {96, 220, 380, 600, 900, 1300, 1900, 2900, 5000};

struct land {
    double x0, y0, cell;
    uint32_t columns, rows; // vertices: whole blocks and one
    float *height;          // (vertices), m
    float *cap;             // (vertices): most that the roads near by allow; INFINITY: no road
    uint8_t *state;         // (vertices)
    uint32_t *vertex;       // (vertices): number in the mesh, 0: none yet
};

enum { FIXED = 1, LOW = 2, HIGH = 4, USED = 8 };

static size_t at(const land *l, uint32_t x, uint32_t y) {
    return (size_t)y * l->columns + x;
}

// ---- what the roads ask ----------------------------------------------------------------------------------------------

typedef struct span3 {
    double low[3], high[3];
} span3;

static span3 extent(const scenery *of, uint32_t t) {
    span3 s = {{INFINITY, INFINITY, INFINITY}, {-INFINITY, -INFINITY, -INFINITY}};
    for (int c = 0; c < 3; c++) {
        for (int k = 0; k < 3; k++) {
            double v = (double)of->mesh.position[of->mesh.index[t][c]][k];
            s.low[k] = cw_min(s.low[k], v);
            s.high[k] = cw_max(s.high[k], v);
        }
    }
    return s;
}

// Distance of a point from a triangle in the plane, and the height of the triangle's nearest point.
static double from_triangle(const scenery *of, uint32_t t, double x, double y, double *z) {
    cw_vec3 p[3];
    for (int c = 0; c < 3; c++) {
        const float *v = of->mesh.position[of->mesh.index[t][c]];
        p[c] = (cw_vec3){(double)v[0], (double)v[1], (double)v[2]};
    }
    double best = INFINITY;
    bool inside = true;
    for (int i = 0; i < 3; i++) {
        cw_vec3 a = p[i], b = p[(i + 1) % 3];
        double dx = b.x - a.x, dy = b.y - a.y, length2 = dx * dx + dy * dy;
        double f = length2 > 0 ? cw_clamp(((x - a.x) * dx + (y - a.y) * dy) / length2, 0, 1) : 0;
        double d = cw_hypot(x - a.x - f * dx, y - a.y - f * dy);
        inside = inside && dx * (y - a.y) - dy * (x - a.x) >= 0;
        if (d < best) {
            best = d;
            *z = cw_lerp(a.z, b.z, f);
        }
    }
    if (!inside)
        return best;
    double area = (p[1].x - p[0].x) * (p[2].y - p[0].y) - (p[2].x - p[0].x) * (p[1].y - p[0].y);
    if (!(area > 1e-12))
        return best;
    double u = ((x - p[0].x) * (p[2].y - p[0].y) - (p[2].x - p[0].x) * (y - p[0].y)) / area;
    double v = ((p[1].x - p[0].x) * (y - p[0].y) - (x - p[0].x) * (p[1].y - p[0].y)) / area;
    *z = p[0].z + u * (p[1].z - p[0].z) + v * (p[2].z - p[0].z);
    return 0;
}

// Steepest slope of a triangle: by so much the land beside its edge must lie lower still, a cell away.
static void ask(scenery *of, land *l, const uint8_t *surface, float *top) {
    double reach = 1.5 * l->cell;
    for (uint32_t t = 0; t < of->mesh.triangle_count; t++) {
        if (!surface[t])
            continue;
        span3 s = extent(of, t);
        double drop = BELOW + (of->mesh.semantic[t] == CW_CLASS_SIDEWALK ? 0.12 : 0);
        uint32_t x0 = (uint32_t)cw_clamp(ceil((s.low[0] - reach - l->x0) / l->cell), 0, l->columns - 1);
        uint32_t x1 = (uint32_t)cw_clamp(floor((s.high[0] + reach - l->x0) / l->cell), 0, l->columns - 1);
        uint32_t y0 = (uint32_t)cw_clamp(ceil((s.low[1] - reach - l->y0) / l->cell), 0, l->rows - 1);
        uint32_t y1 = (uint32_t)cw_clamp(floor((s.high[1] + reach - l->y0) / l->cell), 0, l->rows - 1);
        double slope = cw_hypot(s.high[0] - s.low[0], s.high[1] - s.low[1]);
        slope = slope > 1 ? (s.high[2] - s.low[2]) / slope : 0;
        for (uint32_t y = y0; y <= y1; y++) {
            for (uint32_t x = x0; x <= x1; x++) {
                double z = 0, away = from_triangle(of, t, l->x0 + x * l->cell, l->y0 + y * l->cell, &z);
                if (away > reach)
                    continue;
                // A vertex holds the land up over a cell around it: half of what the road falls there goes off.
                float cap = (float)(z - drop - slope * l->cell * 0.5);
                size_t v = at(l, x, y);
                l->cap[v] = cap < l->cap[v] ? cap : l->cap[v];
                top[v] = cap > top[v] ? cap : top[v];
            }
        }
    }
}

// Where a road runs over another the land belongs to the lower one, and so does some way along the upper.
static void clear_bridges(land *l, const float *top) {
    for (uint32_t y = 0; y < l->rows; y++) {
        for (uint32_t x = 0; x < l->columns; x++) {
            size_t v = at(l, x, y);
            if (!(l->cap[v] < INFINITY))
                continue;
            l->state[v] |= FIXED;
            if ((double)(top[v] - l->cap[v]) > LEVEL)
                l->state[v] |= LOW;
        }
    }
    for (uint32_t y = 0; y < l->rows; y++) {
        for (uint32_t x = 0; x < l->columns; x++) {
            if (!(l->state[at(l, x, y)] & LOW))
                continue;
            float low = l->cap[at(l, x, y)];
            for (int dy = -BRIDGE_REACH; dy <= BRIDGE_REACH; dy++) {
                for (int dx = -BRIDGE_REACH; dx <= BRIDGE_REACH; dx++) {
                    int nx = (int)x + dx, ny = (int)y + dy;
                    if (nx < 0 || ny < 0 || nx >= (int)l->columns || ny >= (int)l->rows)
                        continue;
                    size_t v = at(l, (uint32_t)nx, (uint32_t)ny);
                    if ((l->state[v] & FIXED) && (double)(l->cap[v] - low) > LEVEL)
                        l->state[v] = (uint8_t)((l->state[v] & ~FIXED) | HIGH);
                }
            }
        }
    }
}

// ---- between the roads -----------------------------------------------------------------------------------------------

// The nearest road's height first, spread ring by ring, then smoothed.
static bool fill_between(land *l) {
    size_t count = (size_t)l->columns * l->rows, head = 0, tail = 0;
    uint32_t *queue = malloc(count * sizeof *queue);
    uint8_t *known = calloc(count, 1);
    float *other = malloc(count * sizeof *other);
    if (!queue || !known || !other) {
        free(queue);
        free(known);
        free(other);
        return false;
    }
    for (size_t v = 0; v < count; v++) {
        if (l->state[v] & FIXED) {
            l->height[v] = l->cap[v];
            known[v] = 1;
            queue[tail++] = (uint32_t)v;
        }
    }
    while (head < tail) {
        uint32_t v = queue[head++], x = v % l->columns, y = v / l->columns;
        static const int way[4][2] = {{1, 0}, {-1, 0}, {0, 1}, {0, -1}};
        for (int k = 0; k < 4; k++) {
            int nx = (int)x + way[k][0], ny = (int)y + way[k][1];
            if (nx < 0 || ny < 0 || nx >= (int)l->columns || ny >= (int)l->rows)
                continue;
            size_t n = at(l, (uint32_t)nx, (uint32_t)ny);
            if (known[n])
                continue;
            known[n] = 1;
            l->height[n] = l->height[v];
            queue[tail++] = (uint32_t)n;
        }
    }
    memcpy(other, l->height, count * sizeof *other);
    // Long waves first: with neighbours 16, 8, 4, 2 and 1 cells away.
    static const int reaches[5] = {16, 8, 4, 2, 1};
    for (int i = 0; i < SMOOTHINGS; i++) {
        int r = reaches[i * 5 / SMOOTHINGS];
        for (uint32_t y = 0; y < l->rows; y++) {
            for (uint32_t x = 0; x < l->columns; x++) {
                size_t v = at(l, x, y);
                if (l->state[v] & FIXED)
                    continue;
                uint32_t xa = x >= (uint32_t)r ? x - (uint32_t)r : 0, ya = y >= (uint32_t)r ? y - (uint32_t)r : 0;
                uint32_t xb = x + (uint32_t)r < l->columns ? x + (uint32_t)r : l->columns - 1;
                uint32_t yb = y + (uint32_t)r < l->rows ? y + (uint32_t)r : l->rows - 1;
                float sum = l->height[at(l, xa, y)] + l->height[at(l, xb, y)] + l->height[at(l, x, ya)] +
                            l->height[at(l, x, yb)];
                float h = 0.25F * sum;
                other[v] = h < l->cap[v] ? h : l->cap[v];
            }
        }
        float *swap = l->height;
        l->height = other;
        other = swap;
    }
    free(queue);
    free(known);
    free(other);
    return true;
}

// Squares of a block long along the lattice's rim, so that the frame's cells meet it in straight lines.
static void straighten_rim(land *l) {
    for (uint32_t y = 0; y < l->rows; y++) {
        for (uint32_t x = 0; x < l->columns; x++) {
            bool along_x = y == 0 || y + 1 == l->rows, along_y = x == 0 || x + 1 == l->columns;
            if (!along_x && !along_y)
                continue;
            uint32_t i = along_x ? x : y, from = i / BLOCK * BLOCK, to = from + BLOCK;
            if (from == i)
                continue;
            size_t a = along_x ? at(l, from, y) : at(l, x, from), b = along_x ? at(l, to, y) : at(l, x, to);
            float f = (float)(i - from) / BLOCK;
            l->height[at(l, x, y)] = l->height[a] + f * (l->height[b] - l->height[a]);
        }
    }
}

// ---- the lattice as squares ------------------------------------------------------------------------------------------

static bool is_flat(const land *l, uint32_t x, uint32_t y, uint32_t size, float most) {
    float a = l->height[at(l, x, y)], b = l->height[at(l, x + size, y)], c = l->height[at(l, x, y + size)],
          d = l->height[at(l, x + size, y + size)];
    for (uint32_t j = 0; j <= size; j++) {
        for (uint32_t i = 0; i <= size; i++) {
            float fx = (float)i / (float)size, fy = (float)j / (float)size;
            float plane = (a * (1 - fx) + b * fx) * (1 - fy) + (c * (1 - fx) + d * fx) * fy;
            float off = plane - l->height[at(l, x + i, y + j)];
            if (off > most || -off > 4 * most)
                return false;
        }
    }
    return true;
}

// Goes through the leaves twice: first marks their corners as used, then adds them as fans over all used points of their
// edges, so that no leaf has a corner in the middle of another's edge.
static void leaves(scenery *of, land *l, uint32_t x, uint32_t y, uint32_t size, bool add);

static uint32_t vertex_of(scenery *of, land *l, uint32_t x, uint32_t y) {
    size_t v = at(l, x, y);
    if (l->vertex[v] == 0) {
        uint32_t xa = x > 0 ? x - 1 : 0, xb = x + 1 < l->columns ? x + 1 : x, ya = y > 0 ? y - 1 : 0,
                 yb = y + 1 < l->rows ? y + 1 : y;
        double dx = (double)(l->height[at(l, xb, y)] - l->height[at(l, xa, y)]) / ((xb - xa) * l->cell);
        double dy = (double)(l->height[at(l, x, yb)] - l->height[at(l, x, ya)]) / ((yb - ya) * l->cell);
        l->vertex[v] =
            1 + cw_add_vertex(&of->mesh, (cw_vec3){l->x0 + x * l->cell, l->y0 + y * l->cell, (double)l->height[v]},
                              (cw_vec3){-dx, -dy, 1});
    }
    return l->vertex[v] - 1;
}

static void fan(scenery *of, land *l, uint32_t x, uint32_t y, uint32_t size) {
    uint32_t ring[4 * BLOCK + 1], n = 0;
    static const int way[4][2] = {{1, 0}, {0, 1}, {-1, 0}, {0, -1}};
    uint32_t cx = x, cy = y;
    for (int side = 0; side < 4; side++) {
        for (uint32_t i = 0; i < size; i++) {
            if (i == 0 || (l->state[at(l, cx, cy)] & USED))
                ring[n++] = vertex_of(of, l, cx, cy);
            cx += (uint32_t)way[side][0];
            cy += (uint32_t)way[side][1];
        }
    }
    if (n == 4) {
        cw_add_triangle(&of->mesh, ring[0], ring[1], ring[2]);
        cw_add_triangle(&of->mesh, ring[0], ring[2], ring[3]);
        return;
    }
    uint32_t middle = vertex_of(of, l, x + size / 2, y + size / 2);
    for (uint32_t i = 0; i < n; i++)
        cw_add_triangle(&of->mesh, middle, ring[i], ring[(i + 1) % n]);
}

static void leaves(scenery *of, land *l, uint32_t x, uint32_t y, uint32_t size, bool add) {
    float most = (float)(of->def->coarse ? 8 * FLAT : FLAT);
    if (size > 1 && !is_flat(l, x, y, size, most)) {
        uint32_t half = size / 2;
        for (uint32_t k = 0; k < 4; k++)
            leaves(of, l, x + (k & 1) * half, y + (k >> 1) * half, half, add);
        return;
    }
    if (add) {
        fan(of, l, x, y, size);
        return;
    }
    for (uint32_t k = 0; k < 4; k++)
        l->state[at(l, x + (k & 1) * size, y + (k >> 1) * size)] |= USED;
}

// ---- the frame -------------------------------------------------------------------------------------------------------

static double lattice_noise(uint64_t seed, double x, double y) {
    double fx = floor(x), fy = floor(y), u = x - fx, v = y - fy, corner[4];
    for (int k = 0; k < 4; k++) {
        cw_rng_key key = {.seed = seed,
                          .world = (uint32_t)(int32_t)(fx + (k & 1)),
                          .agent = (uint32_t)(int32_t)(fy + (k >> 1)),
                          .purpose = HILLS};
        corner[k] = cw_rng_uniform(key, 0);
    }
    u = u * u * (3 - 2 * u);
    v = v * v * (3 - 2 * v);
    return cw_lerp(cw_lerp(corner[0], corner[1], u), cw_lerp(corner[2], corner[3], u), v);
}

static double hill(const scenery *of, double x, double y, double away) {
    double rise = cw_clamp((away - 60) / 2500, 0, 1);
    double n = lattice_noise(of->def->seed, x / 1900 + 0.37, y / 1900 + 0.61) +
               0.4 * lattice_noise(of->def->seed + 1, x / 640, y / 640) - 0.45;
    return rise * cw_max(n, -0.1) * 190;
}

static void add_frame(scenery *of, land *l) {
    uint32_t inner_x = (l->columns - 1) / BLOCK, inner_y = (l->rows - 1) / BLOCK;
    uint32_t nx = inner_x + 1 + 2 * FRAME, ny = inner_y + 1 + 2 * FRAME;
    double *xs = malloc((size_t)(nx + ny) * sizeof *xs);
    double *z = malloc((size_t)nx * ny * sizeof *z);
    uint32_t *vertex = calloc((size_t)nx * ny, sizeof *vertex);
    if (!xs || !z || !vertex) {
        of->out_of_memory = true;
        goto done;
    }
    double *ys = xs + nx;
    for (int axis = 0; axis < 2; axis++) {
        double *line = axis ? ys : xs, start = axis ? l->y0 : l->x0;
        uint32_t inner = axis ? inner_y : inner_x;
        for (uint32_t i = 0; i < FRAME; i++) {
            line[FRAME - 1 - i] = start - frame_at[i];
            line[FRAME + inner + 1 + i] = start + inner * BLOCK * l->cell + frame_at[i];
        }
        for (uint32_t i = 0; i <= inner; i++)
            line[FRAME + i] = start + i * BLOCK * l->cell;
    }
    for (uint32_t j = 0; j < ny; j++) {
        for (uint32_t i = 0; i < nx; i++) {
            uint32_t ci = (uint32_t)cw_clamp((double)i - FRAME, 0, inner_x),
                     cj = (uint32_t)cw_clamp((double)j - FRAME, 0, inner_y);
            double edge = (double)l->height[at(l, ci * BLOCK, cj * BLOCK)];
            double away = cw_hypot(xs[i] - (l->x0 + ci * BLOCK * l->cell), ys[j] - (l->y0 + cj * BLOCK * l->cell));
            z[(size_t)j * nx + i] = edge + (away > 0 ? hill(of, xs[i], ys[j], away) : 0);
        }
    }
    for (uint32_t j = 0; j + 1 < ny; j++) {
        for (uint32_t i = 0; i + 1 < nx; i++) {
            if (i >= FRAME && i < FRAME + inner_x && j >= FRAME && j < FRAME + inner_y)
                continue;
            uint32_t c[4];
            for (uint32_t k = 0; k < 4; k++) {
                uint32_t a = i + (k == 1 || k == 2), b = j + (k >> 1);
                size_t v = (size_t)b * nx + a;
                bool on_lattice = a >= FRAME && a <= FRAME + inner_x && b >= FRAME && b <= FRAME + inner_y;
                if (on_lattice) {
                    c[k] = vertex_of(of, l, (a - FRAME) * BLOCK, (b - FRAME) * BLOCK);
                    continue;
                }
                if (vertex[v] == 0) {
                    uint32_t a0 = a > 0 ? a - 1 : 0, a1 = a + 1 < nx ? a + 1 : a, b0 = b > 0 ? b - 1 : 0,
                             b1 = b + 1 < ny ? b + 1 : b;
                    double dx = (z[(size_t)b * nx + a1] - z[(size_t)b * nx + a0]) / (xs[a1] - xs[a0]);
                    double dy = (z[(size_t)b1 * nx + a] - z[(size_t)b0 * nx + a]) / (ys[b1] - ys[b0]);
                    vertex[v] = 1 + cw_add_vertex(&of->mesh, (cw_vec3){xs[a], ys[b], z[v]}, (cw_vec3){-dx, -dy, 1});
                }
                c[k] = vertex[v] - 1;
            }
            cw_add_triangle(&of->mesh, c[0], c[1], c[2]);
            cw_add_triangle(&of->mesh, c[0], c[2], c[3]);
        }
    }
done:
    free(xs);
    free(z);
    free(vertex);
}

// ---- all of it -------------------------------------------------------------------------------------------------------

static bool measure(scenery *of, land *l) {
    double low[2] = {INFINITY, INFINITY}, high[2] = {-INFINITY, -INFINITY};
    for (size_t v = 0; v < of->mesh.vertex_count; v++) {
        for (int k = 0; k < 2; k++) {
            low[k] = cw_min(low[k], (double)of->mesh.position[v][k]);
            high[k] = cw_max(high[k], (double)of->mesh.position[v][k]);
        }
    }
    l->cell = of->def->coarse ? 8 : 4;
    double blocks[2];
    for (;; l->cell *= 2) {
        for (int k = 0; k < 2; k++)
            blocks[k] = ceil((high[k] - low[k] + 2 * MARGIN) / (BLOCK * l->cell));
        if (blocks[0] * blocks[1] <= BLOCKS_MOST)
            break;
    }
    l->x0 = floor(0.5 * (low[0] + high[0]) - 0.5 * blocks[0] * BLOCK * l->cell);
    l->y0 = floor(0.5 * (low[1] + high[1]) - 0.5 * blocks[1] * BLOCK * l->cell);
    l->columns = (uint32_t)blocks[0] * BLOCK + 1;
    l->rows = (uint32_t)blocks[1] * BLOCK + 1;
    size_t count = (size_t)l->columns * l->rows;
    l->height = calloc(count, sizeof *l->height);
    l->cap = malloc(count * sizeof *l->cap);
    l->state = calloc(count, 1);
    l->vertex = calloc(count, sizeof *l->vertex);
    for (size_t v = 0; v < count && l->cap; v++)
        l->cap[v] = INFINITY;
    return l->height && l->cap && l->state && l->vertex;
}

bool scenery_land_open(scenery *of) {
    land *l = calloc(1, sizeof *l);
    of->land = l;
    if (!l || !measure(of, l))
        return false;
    size_t count = (size_t)l->columns * l->rows;
    float *top = calloc(count, sizeof *top);
    uint8_t *surface = calloc(of->mesh.triangle_count + 1, 1);
    bool fine = top && surface;
    if (fine) {
        for (size_t v = 0; v < count; v++)
            top[v] = -INFINITY;
        for (size_t t = 0; t < of->mesh.triangle_count; t++)
            surface[t] = of->mesh.normal[of->mesh.index[t][0]][2] > 0.3F;
        ask(of, l, surface, top);
        clear_bridges(l, top);
        fine = fill_between(l);
        straighten_rim(l);
    }
    free(top);
    free(surface);
    return fine;
}

void scenery_land_close(scenery *of) {
    if (of->land) {
        free(of->land->height);
        free(of->land->cap);
        free(of->land->state);
        free(of->land->vertex);
        free(of->land);
    }
    of->land = NULL;
}

double scenery_land_at(const scenery *of, double x, double y) {
    const land *l = of->land;
    double fx = cw_clamp((x - l->x0) / l->cell, 0, l->columns - 1.000001),
           fy = cw_clamp((y - l->y0) / l->cell, 0, l->rows - 1.000001);
    uint32_t ix = (uint32_t)fx, iy = (uint32_t)fy;
    fx -= ix;
    fy -= iy;
    double a = (double)l->height[at(l, ix, iy)], b = (double)l->height[at(l, ix + 1, iy)],
           c = (double)l->height[at(l, ix, iy + 1)], d = (double)l->height[at(l, ix + 1, iy + 1)];
    return cw_lerp(cw_lerp(a, b, fx), cw_lerp(c, d, fx), fy);
}

void scenery_land_extent(const scenery *of, double low[2], double high[2]) {
    const land *l = of->land;
    low[0] = l->x0;
    low[1] = l->y0;
    high[0] = l->x0 + (l->columns - 1) * l->cell;
    high[1] = l->y0 + (l->rows - 1) * l->cell;
}

void scenery_land(scenery *of) {
    land *l = of->land;
    scenery_on_ground(of);
    cw_builder_material(&of->mesh, CW_MAT_GRASS);
    cw_builder_semantic(&of->mesh, CW_CLASS_TERRAIN);
    for (int add = 0; add < 2; add++)
        for (uint32_t y = 0; y + 1 < l->rows; y += BLOCK)
            for (uint32_t x = 0; x + 1 < l->columns && !of->mesh.full && !of->mesh.out_of_memory; x += BLOCK)
                leaves(of, l, x, y, BLOCK, add != 0);
    if (!of->mesh.full && !of->mesh.out_of_memory)
        add_frame(of, l);
}
