#include "sense/mesh.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double SLIVER = 1e-8; // m^2: a triangle with less than this is none

// ---- the builder -----------------------------------------------------------------------------------------------------

void cw_builder_begin(cw_mesh_builder *b, size_t triangle_limit) {
    *b = (cw_mesh_builder){.triangle_limit = triangle_limit ? triangle_limit : UINT32_MAX / 4};
    cw_builder_home(b);
}

void cw_builder_free(cw_mesh_builder *b) {
    free(b->position);
    free(b->normal);
    free(b->index);
    free(b->material);
    free(b->semantic);
    free(b->object);
    *b = (cw_mesh_builder){0};
}

static void *copy(cw_arena *arena, const void *from, size_t count, size_t size) {
    void *to = cw_arena_array(arena, count, size);
    if (to && count)
        memcpy(to, from, count * size);
    return to;
}

cw_status cw_builder_finish(cw_mesh_builder *b, cw_arena *arena, cw_mesh *out, cw_error *err) {
    cw_status status = CW_OK;
    *out = (cw_mesh){0};
    if (b->full) {
        status =
            cw_error_set(err, CW_ERR_LIMIT, NULL, 0, 0, "the scenery has more than %zu triangles", b->triangle_limit);
    } else if (!b->out_of_memory) {
        size_t v = b->vertex_count, t = b->triangle_count;
        *out = (cw_mesh){.vertex_count = (uint32_t)v,
                         .triangle_count = (uint32_t)t,
                         .position = copy(arena, b->position, v, sizeof *b->position),
                         .normal = copy(arena, b->normal, v, sizeof *b->normal),
                         .index = copy(arena, b->index, t, sizeof *b->index),
                         .material = copy(arena, b->material, t, 1),
                         .semantic = copy(arena, b->semantic, t, 1),
                         .object = copy(arena, b->object, t, sizeof *b->object)};
        b->out_of_memory =
            !out->position || !out->normal || !out->index || !out->material || !out->semantic || !out->object;
    }
    if (b->out_of_memory && status == CW_OK)
        status = cw_error_set(err, CW_ERR_MEMORY, NULL, 0, 0, "out of memory for a mesh");
    if (status != CW_OK)
        *out = (cw_mesh){0};
    cw_builder_free(b);
    return status;
}

void cw_builder_material(cw_mesh_builder *b, cw_material_kind material) {
    b->now_material = (uint8_t)material;
}

void cw_builder_semantic(cw_mesh_builder *b, cw_class semantic) {
    b->now_semantic = (uint8_t)semantic;
}

void cw_builder_frame(cw_mesh_builder *b, double x, double y, double z, double heading) {
    double sine, cosine;
    cw_sincos(heading, &sine, &cosine);
    const double frame[3][3] = {{cosine, sine, 0}, {-sine, cosine, 0}, {0, 0, 1}};
    memcpy(b->frame, frame, sizeof frame);
    b->place[0] = x;
    b->place[1] = y;
    b->place[2] = z;
}

void cw_builder_home(cw_mesh_builder *b) {
    cw_builder_frame(b, 0, 0, 0, 0);
}

static bool stopped(const cw_mesh_builder *b) {
    return b->full || b->out_of_memory;
}

static cw_vec3 turned(const cw_mesh_builder *b, cw_vec3 v) {
    const double(*f)[3] = b->frame;
    return (cw_vec3){f[0][0] * v.x + f[1][0] * v.y + f[2][0] * v.z, f[0][1] * v.x + f[1][1] * v.y + f[2][1] * v.z,
                     f[0][2] * v.x + f[1][2] * v.y + f[2][2] * v.z};
}

uint32_t cw_add_vertex(cw_mesh_builder *b, cw_vec3 position, cw_vec3 normal) {
    if (stopped(b))
        return 0;
    if (b->vertex_count >= 3 * b->triangle_limit) {
        b->full = true;
        return 0;
    }
    size_t n = b->vertex_count;
    if (!CW_GROW(b->position, b->position_room, n + 1) || !CW_GROW(b->normal, b->normal_room, n + 1)) {
        b->out_of_memory = true;
        return 0;
    }
    cw_vec3 p = turned(b, position), d = turned(b, normal);
    double length = sqrt(d.x * d.x + d.y * d.y + d.z * d.z);
    if (!(length > 0)) {
        d = (cw_vec3){0, 0, 1};
        length = 1;
    }
    b->position[n][0] = (float)(p.x + b->place[0]);
    b->position[n][1] = (float)(p.y + b->place[1]);
    b->position[n][2] = (float)(p.z + b->place[2]);
    b->normal[n][0] = (float)(d.x / length);
    b->normal[n][1] = (float)(d.y / length);
    b->normal[n][2] = (float)(d.z / length);
    b->vertex_count = n + 1;
    return (uint32_t)n;
}

static cw_vec3 sub(cw_vec3 a, cw_vec3 b) {
    return (cw_vec3){a.x - b.x, a.y - b.y, a.z - b.z};
}

static cw_vec3 cross(cw_vec3 a, cw_vec3 b) {
    return (cw_vec3){a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x};
}

static double dot(cw_vec3 a, cw_vec3 b) {
    return a.x * b.x + a.y * b.y + a.z * b.z;
}

static double norm(cw_vec3 a) {
    return sqrt(a.x * a.x + a.y * a.y + a.z * a.z);
}

static cw_vec3 corner(const cw_mesh_builder *b, uint32_t i) {
    return (cw_vec3){(double)b->position[i][0], (double)b->position[i][1], (double)b->position[i][2]};
}

void cw_add_triangle(cw_mesh_builder *b, uint32_t i, uint32_t j, uint32_t k) {
    if (stopped(b))
        return;
    assert(i < b->vertex_count && j < b->vertex_count && k < b->vertex_count);
    cw_vec3 p = corner(b, i), n = cross(sub(corner(b, j), p), sub(corner(b, k), p));
    if (!(0.5 * norm(n) >= SLIVER))
        return;
    size_t t = b->triangle_count;
    if (t >= b->triangle_limit) {
        b->full = true;
        return;
    }
    if (!CW_GROW(b->index, b->index_room, t + 1) || !CW_GROW(b->material, b->material_room, t + 1) ||
        !CW_GROW(b->semantic, b->semantic_room, t + 1) || !CW_GROW(b->object, b->object_room, t + 1)) {
        b->out_of_memory = true;
        return;
    }
    b->index[t][0] = i;
    b->index[t][1] = j;
    b->index[t][2] = k;
    b->material[t] = b->now_material;
    b->semantic[t] = b->now_semantic;
    b->object[t] = b->now_object;
    b->triangle_count = t + 1;
}

// ---- flat pieces -----------------------------------------------------------------------------------------------------

void cw_add_flat_triangle(cw_mesh_builder *b, cw_vec3 p, cw_vec3 q, cw_vec3 r) {
    cw_vec3 n = cross(sub(q, p), sub(r, p));
    if (!(norm(n) > 2 * SLIVER))
        return;
    uint32_t i = cw_add_vertex(b, p, n), j = cw_add_vertex(b, q, n), k = cw_add_vertex(b, r, n);
    cw_add_triangle(b, i, j, k);
}

void cw_add_quad(cw_mesh_builder *b, cw_vec3 p, cw_vec3 q, cw_vec3 r, cw_vec3 s) {
    cw_vec3 n = cross(sub(r, p), sub(s, q));
    if (!(norm(n) > 2 * SLIVER))
        return;
    cw_vec3 first = cross(sub(q, p), sub(r, p)), second = cross(sub(r, p), sub(s, p));
    if (dot(first, n) <= 0 || dot(second, n) <= 0) { // folded: each half as it lies
        cw_add_flat_triangle(b, p, q, r);
        cw_add_flat_triangle(b, p, r, s);
        return;
    }
    uint32_t i = cw_add_vertex(b, p, n), j = cw_add_vertex(b, q, n), k = cw_add_vertex(b, r, n),
             l = cw_add_vertex(b, s, n);
    cw_add_triangle(b, i, j, k);
    cw_add_triangle(b, i, k, l);
}

void cw_add_box(cw_mesh_builder *b, cw_vec3 low, cw_vec3 high) {
    cw_vec3 c[8];
    for (int i = 0; i < 8; i++)
        c[i] = (cw_vec3){i & 1 ? high.x : low.x, i & 2 ? high.y : low.y, i & 4 ? high.z : low.z};
    cw_add_quad(b, c[1], c[3], c[7], c[5]); // front
    cw_add_quad(b, c[2], c[0], c[4], c[6]); // back
    cw_add_quad(b, c[3], c[2], c[6], c[7]); // left
    cw_add_quad(b, c[0], c[1], c[5], c[4]); // right
    cw_add_quad(b, c[4], c[5], c[7], c[6]); // top
    cw_add_quad(b, c[0], c[2], c[3], c[1]); // bottom
}

// ---- polygons --------------------------------------------------------------------------------------------------------

static double turn(cw_vec2 a, cw_vec2 b, cw_vec2 c) {
    return (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x);
}

// Ear clipping. `next` and `before` link what is left; an ear is a convex corner whose triangle holds no other corner.
static bool is_ear(const cw_vec2 *ring, const uint32_t *next, uint32_t a, uint32_t i, uint32_t c) {
    if (!(turn(ring[a], ring[i], ring[c]) > 0))
        return false;
    for (uint32_t k = next[c]; k != a; k = next[k]) {
        cw_vec2 p = ring[k];
        bool is_corner = (p.x == ring[a].x && p.y == ring[a].y) || (p.x == ring[c].x && p.y == ring[c].y);
        if (!is_corner && turn(ring[a], ring[i], p) >= 0 && turn(ring[i], ring[c], p) >= 0 &&
            turn(ring[c], ring[a], p) >= 0)
            return false;
    }
    return true;
}

// Slivers may turn over when they are rounded to float32.
static void add_upward(cw_mesh_builder *b, uint32_t i, uint32_t j, uint32_t k) {
    if (stopped(b))
        return;
    cw_vec3 p = corner(b, i), n = cross(sub(corner(b, j), p), sub(corner(b, k), p));
    if (n.z > 0)
        cw_add_triangle(b, i, j, k);
}

void cw_add_polygon(cw_mesh_builder *b, const cw_vec2 *ring, const double *z, uint32_t count) {
    if (count < 3 || stopped(b))
        return;
    uint32_t *links = malloc((size_t)count * 2 * sizeof *links);
    if (!links) {
        b->out_of_memory = true;
        return;
    }
    uint32_t *next = links, *before = links + count, base = (uint32_t)b->vertex_count;
    for (uint32_t i = 0; i < count; i++) {
        next[i] = i + 1 < count ? i + 1 : 0;
        before[i] = i > 0 ? i - 1 : count - 1;
        cw_add_vertex(b, (cw_vec3){ring[i].x, ring[i].y, z ? z[i] : 0}, (cw_vec3){0, 0, 1});
    }
    uint32_t left = count, i = 0, idle = 0;
    while (left > 3 && idle < left && !stopped(b)) {
        if (is_ear(ring, next, before[i], i, next[i])) {
            add_upward(b, base + before[i], base + i, base + next[i]);
            next[before[i]] = next[i];
            before[next[i]] = before[i];
            left--;
            idle = 0;
        } else if (turn(ring[before[i]], ring[i], ring[next[i]]) == 0 && idle > 0) { // a corner on a straight edge
            next[before[i]] = next[i];
            before[next[i]] = before[i];
            left--;
            idle = 0;
        } else {
            idle++;
        }
        i = next[i];
    }
    // What crosses itself runs out of ears: the rest is no area that a map can mean.
    if (left == 3 && turn(ring[before[i]], ring[i], ring[next[i]]) > 0 && !stopped(b))
        add_upward(b, base + before[i], base + i, base + next[i]);
    free(links);
}

void cw_add_prism(cw_mesh_builder *b, const cw_vec2 *ring, uint32_t count, double low, double high, bool lid) {
    for (uint32_t i = 0; i < count; i++) {
        cw_vec2 p = ring[i], q = ring[i + 1 < count ? i + 1 : 0];
        cw_add_quad(b, (cw_vec3){p.x, p.y, low}, (cw_vec3){q.x, q.y, low}, (cw_vec3){q.x, q.y, high},
                    (cw_vec3){p.x, p.y, high});
    }
    if (!lid)
        return;
    double up = b->place[2];
    b->place[2] += high;
    cw_add_polygon(b, ring, NULL, count);
    b->place[2] = up;
}

// ---- round pieces ----------------------------------------------------------------------------------------------------

void cw_add_tube(cw_mesh_builder *b, cw_vec3 from, cw_vec3 to, double from_radius, double to_radius, int sides,
                 bool lids) {
    cw_vec3 axis = sub(to, from);
    double length = norm(axis);
    if (!(length > 0) || stopped(b))
        return;
    axis = (cw_vec3){axis.x / length, axis.y / length, axis.z / length};
    cw_vec3 aside = fabs(axis.z) < 0.9 ? (cw_vec3){0, 0, 1} : (cw_vec3){1, 0, 0};
    cw_vec3 u = cross(aside, axis);
    double scale = norm(u);
    u = (cw_vec3){u.x / scale, u.y / scale, u.z / scale};
    cw_vec3 v = cross(axis, u);
    double lean = (from_radius - to_radius) / length;
    uint32_t base = (uint32_t)b->vertex_count, lid = 0;
    for (int end = 0; end < 2; end++) {
        cw_vec3 c = end ? to : from;
        double r = end ? to_radius : from_radius;
        for (int i = 0; i < sides; i++) {
            double s, k;
            cw_sincos(2 * CW_PI * i / sides, &s, &k);
            cw_vec3 out = {u.x * k + v.x * s, u.y * k + v.y * s, u.z * k + v.z * s};
            cw_add_vertex(b, (cw_vec3){c.x + r * out.x, c.y + r * out.y, c.z + r * out.z},
                          (cw_vec3){out.x + lean * axis.x, out.y + lean * axis.y, out.z + lean * axis.z});
        }
    }
    uint32_t n = (uint32_t)sides;
    for (uint32_t i = 0; i < n && !stopped(b); i++) {
        uint32_t j = (i + 1) % n;
        cw_add_triangle(b, base + i, base + j, base + n + j);
        cw_add_triangle(b, base + i, base + n + j, base + n + i);
    }
    for (int end = 0; end < 2 && lids; end++) {
        double r = end ? to_radius : from_radius;
        if (!(r > 0))
            continue;
        lid = (uint32_t)b->vertex_count;
        double way = end ? 1 : -1;
        for (uint32_t i = 0; i < n; i++) {
            double s, k;
            cw_sincos(2 * CW_PI * i / sides, &s, &k);
            cw_vec3 c = end ? to : from;
            cw_add_vertex(
                b,
                (cw_vec3){c.x + r * (u.x * k + v.x * s), c.y + r * (u.y * k + v.y * s), c.z + r * (u.z * k + v.z * s)},
                (cw_vec3){axis.x * way, axis.y * way, axis.z * way});
        }
        for (uint32_t i = 1; i + 1 < n && !stopped(b); i++) {
            if (end)
                cw_add_triangle(b, lid, lid + i, lid + i + 1);
            else
                cw_add_triangle(b, lid, lid + i + 1, lid + i);
        }
    }
}

void cw_add_ellipsoid(cw_mesh_builder *b, cw_vec3 centre, cw_vec3 r, int rings, int sides) {
    uint32_t base = (uint32_t)b->vertex_count, n = (uint32_t)sides;
    for (int i = 0; i <= rings; i++) {
        double up, out;
        cw_sincos(CW_PI * (-0.5 + (double)i / rings), &up, &out);
        if (i == 0 || i == rings)
            out = 0;
        for (int k = 0; k < sides; k++) {
            double s, c;
            cw_sincos(2 * CW_PI * (k + 0.5 * (i & 1)) / sides, &s, &c);
            cw_vec3 d = {out * c, out * s, up};
            cw_add_vertex(b, (cw_vec3){centre.x + r.x * d.x, centre.y + r.y * d.y, centre.z + r.z * d.z},
                          (cw_vec3){d.x / r.x, d.y / r.y, d.z / r.z});
        }
    }
    for (uint32_t i = 0; i < (uint32_t)rings && !stopped(b); i++) {
        for (uint32_t k = 0; k < n; k++) {
            uint32_t a = base + i * n + k, d = base + i * n + (k + 1) % n, up = a + n, over = d + n;
            if (i & 1) { // this ring is turned by half a side against those above and below
                cw_add_triangle(b, a, d, over);
                cw_add_triangle(b, a, over, up);
            } else {
                cw_add_triangle(b, a, d, up);
                cw_add_triangle(b, d, over, up);
            }
        }
    }
}
