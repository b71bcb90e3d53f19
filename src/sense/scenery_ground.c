// The surfaces built so far, found from above: a grid of their triangles.
#include "sense/scenery_parts.h"

#include <math.h>
#include <stdlib.h>

enum { CELLS_MOST = 4000000 };

struct ground {
    double x0, y0, cell;
    uint32_t columns, rows;
    uint32_t *first, *entries; // cells + 1; triangles
};

static uint32_t column(const ground *g, double x) {
    return (uint32_t)cw_clamp(floor((x - g->x0) / g->cell), 0, g->columns - 1);
}

static uint32_t row(const ground *g, double y) {
    return (uint32_t)cw_clamp(floor((y - g->y0) / g->cell), 0, g->rows - 1);
}

static cw_vec3 point(const scenery *of, uint32_t triangle, int corner) {
    const float *p = of->mesh.position[of->mesh.index[triangle][corner]];
    return (cw_vec3){(double)p[0], (double)p[1], (double)p[2]};
}

static void visit(const scenery *of, ground *g, uint32_t t, bool fill) {
    cw_vec3 p = point(of, t, 0), q = point(of, t, 1), r = point(of, t, 2);
    double x0 = cw_min(p.x, cw_min(q.x, r.x)), x1 = cw_max(p.x, cw_max(q.x, r.x));
    double y0 = cw_min(p.y, cw_min(q.y, r.y)), y1 = cw_max(p.y, cw_max(q.y, r.y));
    for (uint32_t y = row(g, y0); y <= row(g, y1); y++) {
        // Of a row of cells only those that the triangle's extent within the row meets: long strips run askew.
        double low = y == 0 ? -INFINITY : g->y0 + y * g->cell, high = g->y0 + (y + 1) * g->cell;
        if (y + 1 == g->rows)
            high = INFINITY;
        double from = INFINITY, to = -INFINITY;
        cw_vec3 c[4] = {p, q, r, p};
        for (int i = 0; i < 3; i++) {
            double a = 0, b = 1, dy = c[i + 1].y - c[i].y;
            if (dy != 0) {
                double fa = (low - c[i].y) / dy, fb = (high - c[i].y) / dy;
                a = cw_max(a, cw_min(fa, fb));
                b = cw_min(b, cw_max(fa, fb));
            } else if (c[i].y < low || c[i].y > high) {
                continue;
            }
            if (a > b)
                continue;
            double xa = cw_lerp(c[i].x, c[i + 1].x, a), xb = cw_lerp(c[i].x, c[i + 1].x, b);
            from = cw_min(from, cw_min(xa, xb));
            to = cw_max(to, cw_max(xa, xb));
        }
        if (from > to)
            continue;
        from = cw_max(from - 1e-6, x0);
        to = cw_min(to + 1e-6, x1);
        for (uint32_t x = column(g, from); x <= column(g, to); x++) {
            uint32_t *n = &g->first[(size_t)y * g->columns + x + 2];
            if (fill)
                g->entries[g->first[(size_t)y * g->columns + x + 1]++] = t;
            else
                ++*n;
        }
    }
}

bool scenery_ground_open(scenery *of) {
    ground *g = calloc(1, sizeof *g);
    of->ground = g;
    if (!g)
        return false;
    double low[2] = {0, 0}, high[2] = {1, 1};
    for (size_t v = 0; v < of->mesh.vertex_count; v++) {
        for (int k = 0; k < 2; k++) {
            low[k] = cw_min(low[k], (double)of->mesh.position[v][k]);
            high[k] = cw_max(high[k], (double)of->mesh.position[v][k]);
        }
    }
    g->x0 = floor(low[0]) - 1;
    g->y0 = floor(low[1]) - 1;
    g->cell = 4;
    while ((high[0] - g->x0 + 2) / g->cell * ((high[1] - g->y0 + 2) / g->cell) > CELLS_MOST)
        g->cell *= 2;
    g->columns = (uint32_t)((high[0] - g->x0 + 2) / g->cell) + 1;
    g->rows = (uint32_t)((high[1] - g->y0 + 2) / g->cell) + 1;
    size_t cells = (size_t)g->columns * g->rows;
    g->first = calloc(cells + 2, sizeof *g->first);
    if (!g->first)
        return false;
    uint32_t triangles = (uint32_t)of->mesh.triangle_count;
    for (uint32_t t = 0; t < triangles; t++)
        if (of->mesh.material[t] != CW_MAT_KERB || of->mesh.normal[of->mesh.index[t][0]][2] > 0.5F)
            visit(of, g, t, false);
    for (size_t c = 0; c < cells; c++) // counts become ends; filling moves each start up to the next
        g->first[c + 2] += g->first[c + 1];
    g->entries = malloc(((size_t)g->first[cells + 1] + 1) * sizeof *g->entries);
    if (!g->entries)
        return false;
    for (uint32_t t = 0; t < triangles; t++)
        if (of->mesh.material[t] != CW_MAT_KERB || of->mesh.normal[of->mesh.index[t][0]][2] > 0.5F)
            visit(of, g, t, true);
    return true;
}

void scenery_ground_close(scenery *of) {
    if (of->ground) {
        free(of->ground->first);
        free(of->ground->entries);
        free(of->ground);
    }
    of->ground = NULL;
}

// Height of the triangle's plane at the point where it lies in the triangle.
static bool under(const scenery *of, uint32_t t, double x, double y, double *z) {
    cw_vec3 p = point(of, t, 0), q = point(of, t, 1), r = point(of, t, 2);
    double area = (q.x - p.x) * (r.y - p.y) - (r.x - p.x) * (q.y - p.y);
    if (!(area > 1e-12))
        return false;
    double u = ((x - p.x) * (r.y - p.y) - (r.x - p.x) * (y - p.y)) / area;
    double v = ((q.x - p.x) * (y - p.y) - (x - p.x) * (q.y - p.y)) / area;
    if (u < -1e-6 || v < -1e-6 || u + v > 1 + 1e-6)
        return false;
    *z = p.z + u * (q.z - p.z) + v * (r.z - p.z);
    return true;
}

bool scenery_ground_at(const scenery *of, double x, double y, double near_z, double slack, double *z,
                       uint32_t *triangle) {
    const ground *g = of->ground;
    double best = -INFINITY;
    if (x < g->x0 || y < g->y0 || x > g->x0 + g->columns * g->cell || y > g->y0 + g->rows * g->cell)
        return false;
    size_t cell = (size_t)row(g, y) * g->columns + column(g, x);
    for (uint32_t i = g->first[cell]; i < g->first[cell + 1]; i++) {
        double here;
        if (!under(of, g->entries[i], x, y, &here) || here <= best || fabs(here - near_z) > slack)
            continue;
        best = here;
        if (triangle)
            *triangle = g->entries[i];
    }
    if (!(best > -INFINITY))
        return false;
    if (z)
        *z = best;
    return true;
}

bool scenery_ground_free(const scenery *of, double x, double y, double reach) {
    static const double way[8][2] = {{1, 0},  {0.707, 0.707},   {0, 1},  {-0.707, 0.707},
                                     {-1, 0}, {-0.707, -0.707}, {0, -1}, {0.707, -0.707}};
    if (scenery_ground_at(of, x, y, 0, INFINITY, NULL, NULL))
        return false;
    for (double r = cw_min(2.0, reach); r <= reach && reach > 0; r += 2.0)
        for (int i = 0; i < 8; i++)
            if (scenery_ground_at(of, x + way[i][0] * r, y + way[i][1] * r, 0, INFINITY, NULL, NULL))
                return false;
    return true;
}
