// Tracing and shading a packet of rays: the body of each kernel (trace_sse2.c, trace_avx2.c, trace_avx512.c), which states
// LANES, TILE_WIDTH, TILE_HEIGHT and KERNEL first.
#include "lanes.h"
#include "trace.h"

#ifdef CW_HAVE_EMBREE

#define JOINED(a, b) a##b
#define JOIN(a, b) JOINED(a, b)
typedef struct JOIN(RTCRayHit, LANES) packet;
typedef struct JOIN(RTCRay, LANES) shadow_packet;
#define INTERSECT JOIN(rtcIntersect, LANES)
#define OCCLUDED JOIN(rtcOccluded, LANES)

typedef struct surface {
    li hit; // lanes that met something
    li place, material, semantic, triangle;
    lf t;
    lf3 p, normal; // normal: towards the eye
    lf3 albedo, emission;
    lf roughness, metallic;
    // The show grade's shading: does the sky's ray meet something near by (the first sample alone asks), what share of the
    // light would then be missing, does the sun shine on it.
    li closed, lit;
    lf dim;
} surface;

// ---- noise on the ground ---------------------------------------------------------------------------------------------

LANE_CODE lf lattice(li x, li y) { // 0..1
    lu h = (lu)x * 0x9E3779B1U ^ (lu)y * 0x85EBCA77U;
    h = (h ^ h >> 15) * 0x2C1B3C6DU;
    h = h ^ h >> 12;
    return lf_from((li)(h & 0xFFFFU)) * (1.0F / 65535.0F);
}

LANE_CODE lf noise(lf x, lf y) {
    lf wx = lf_floor(x), wy = lf_floor(y), fx = x - wx, fy = y - wy;
    li i = li_from(wx), k = li_from(wy);
    fx = fx * fx * (3.0F - 2.0F * fx);
    fy = fy * fy * (3.0F - 2.0F * fy);
    return lf_mix(lf_mix(lattice(i, k), lattice(i + 1, k), fx), lf_mix(lattice(i, k + 1), lattice(i + 1, k + 1), fx),
                  fy);
}

// ---- surfaces --------------------------------------------------------------------------------------------------------

LANE_CODE void set_rays(packet *ray, lf3 o, lf3 d, lf near, lf far, uint32_t mask) {
    lf_store(ray->ray.org_x, o.x);
    lf_store(ray->ray.org_y, o.y);
    lf_store(ray->ray.org_z, o.z);
    lf_store(ray->ray.dir_x, d.x);
    lf_store(ray->ray.dir_y, d.y);
    lf_store(ray->ray.dir_z, d.z);
    lf_store(ray->ray.tnear, near);
    lf_store(ray->ray.tfar, far);
    lf_store(ray->ray.time, (lf){0});
    li_store(ray->ray.mask, li_of((int32_t)mask));
    li_store(ray->ray.flags, (li){0});
    li_store(ray->hit.geomID, li_of(-1));
}

LANE_CODE lf3 turned(const float *frames, li row, lf3 v) { // by the rotation of each lane's place
    li at = row * PLACE_FLOATS;
    lf3 out;
    out.x = lf_gather(frames, at) * v.x + lf_gather(frames, at + 1) * v.y + lf_gather(frames, at + 2) * v.z;
    out.y = lf_gather(frames, at + 3) * v.x + lf_gather(frames, at + 4) * v.y + lf_gather(frames, at + 5) * v.z;
    out.z = lf_gather(frames, at + 6) * v.x + lf_gather(frames, at + 7) * v.y + lf_gather(frames, at + 8) * v.z;
    return out;
}

// The normal between those of the corners.
LANE_CODE lf3 smooth_normal(const cw_rays *r, const packet *ray, li triangle) {
    const float *normals = r->normal[0];
    li at = triangle * 9;
    lf u = lf_load(ray->hit.u), v = lf_load(ray->hit.v), w = 1.0F - u - v;
    lf3 out;
    out.x = lf_gather(normals, at) * w + lf_gather(normals, at + 3) * u + lf_gather(normals, at + 6) * v;
    out.y = lf_gather(normals, at + 1) * w + lf_gather(normals, at + 4) * u + lf_gather(normals, at + 7) * v;
    out.z = lf_gather(normals, at + 2) * w + lf_gather(normals, at + 5) * u + lf_gather(normals, at + 8) * v;
    return out;
}

LANE_CODE void read_surface(const trace_picture *p, const packet *ray, li valid, lf3 o, lf3 d, surface *s) {
    const cw_rays *r = p->rays;
    s->hit = valid & (li_load(ray->hit.geomID) != -1);
    s->place = li_load(ray->hit.geomID) & s->hit;
    li moved = s->hit & (s->place != 0);
    s->triangle = li_load(ray->hit.primID) & s->hit;
    if (li_any(moved))
        s->triangle += li_gather(r->first, s->place);
    s->t = lf_load(ray->ray.tfar);
    s->p = lf3_mad(d, s->t, o);
    li info = li_gather(r->info, s->triangle);
    s->material = info & 255;
    s->semantic = (info >> 8) & 255;
    li slot = (info >> 16) & 255, shines = s->hit & (info >= 1 << 24), special = s->hit & (slot != NO_SLOT),
       row = s->material;
    if (li_any(special)) {
        li base = li_gather(r->look_first, s->place), still = special & (s->place == 0);
        if (li_any(still))
            base = li_pick(still, li_gather(r->object_look, li_gather(r->object, s->triangle & still)), base);
        row = li_pick(special & (base != 0), base + slot, row);
    }
    const float *looks = (const float *)r->palette;
    row *= LOOK_FLOATS;
    s->albedo = (lf3){lf_gather(looks, row), lf_gather(looks, row + 1), lf_gather(looks, row + 2)};
    s->emission = (lf3){{0}, {0}, {0}};
    if (li_any(shines))
        s->emission = (lf3){lf_gather(looks, row + 4), lf_gather(looks, row + 5), lf_gather(looks, row + 6)};
    bool smooth = p->show && r->normal != NULL;
    s->roughness = s->metallic = (lf){0};
    if (p->show) {
        s->roughness = lf_gather(looks, row + 3);
        s->metallic = lf_gather(looks, row + 7);
    }
    lf3 n = smooth ? smooth_normal(r, ray, s->triangle)
                   : (lf3){lf_load(ray->hit.Ng_x), lf_load(ray->hit.Ng_y), lf_load(ray->hit.Ng_z)};
    if (smooth && li_any(moved)) // corners' normals are of the shape's own frame
        n = lf3_pick(moved, turned(r->frame[0], s->place, n), n);
    n = lf3_unit(n);
    lf away = lf3_dot(n, d);
    s->normal = lf3_pick(away > 0.0F, lf3_scaled(n, lf_of(-1.0F)), n);
}

// ---- light -----------------------------------------------------------------------------------------------------------

LANE_CODE lf3 sky_at(const cw_rays *r, lf3 d, bool fine) {
    lf z = lf_max(d.z, lf_of(0.001F)), s = 1.0F / (lf_abs(d.x) + lf_abs(d.y) + z);
    lf u = lf_clamp((0.5F + 0.5F * (d.x + d.y) * s) * SKY_SIDE - 0.5F, 0.0F, SKY_SIDE - 1.001F);
    lf v = lf_clamp((0.5F + 0.5F * (d.x - d.y) * s) * SKY_SIDE - 0.5F, 0.0F, SKY_SIDE - 1.001F);
    const float *sky = r->light.sky[0];
    li at = (li_from(v) * SKY_SIDE + li_from(u)) * 4;
    lf3 c = {lf_gather(sky, at), lf_gather(sky, at + 1), lf_gather(sky, at + 2)};
    if (!fine)
        return c;
    lf fu = u - lf_floor(u), fv = v - lf_floor(v);
    lf3 e = {lf_gather(sky, at + 4), lf_gather(sky, at + 5), lf_gather(sky, at + 6)};
    at += SKY_SIDE * 4;
    lf3 g = {lf_gather(sky, at), lf_gather(sky, at + 1), lf_gather(sky, at + 2)};
    lf3 h = {lf_gather(sky, at + 4), lf_gather(sky, at + 5), lf_gather(sky, at + 6)};
    return lf3_mix(lf3_mix(c, e, fu), lf3_mix(g, h, fu), fv);
}

// Where a ray leaves the scene: sky above, land below, as far as the air lets it be seen.
LANE_CODE lf3 beyond(const cw_rays *r, lf3 o, lf3 d, bool fine) {
    lf3 c = sky_at(r, d, fine);
    li down = d.z < 0.0F;
    if (!li_any(down))
        return c;
    lf far = lf_max(o.z + 4.0F, lf_of(2.0F)) / lf_max(-d.z, lf_of(1e-4F));
    lf through = lf_exp(far * -r->light.extinction);
    lf lit = lf_of(r->light.sun_direction[2] > 0 ? r->light.sun_direction[2] : 0);
    float snow = (float)r->light.air.cover;
    lf3 land = {lf_of(0.10F + snow * 0.7F), lf_of(0.13F + snow * 0.7F), lf_of(0.06F + snow * 0.76F)};
    lf3 e = lf3_mad(lf3_of(r->light.sun), lit, lf3_of(r->light.up));
    return lf3_pick(down, lf3_mix(lf3_of(r->light.horizon), lf3_times(land, e), through), c);
}

// Of those lanes, which see nothing on the way? Rays start a little off the surface.
LANE_CODE li unhidden(const cw_rays *r, struct RTCIntersectContext *context, li wanted, const surface *s, lf3 d,
                      lf far) {
    shadow_packet ray;
    lf off = 0.002F + s->t * 1e-5F;
    lf3 o = lf3_mad(s->normal, off, s->p);
    lf_store(ray.org_x, o.x);
    lf_store(ray.org_y, o.y);
    lf_store(ray.org_z, o.z);
    lf_store(ray.dir_x, d.x);
    lf_store(ray.dir_y, d.y);
    lf_store(ray.dir_z, d.z);
    lf_store(ray.tnear, lf_of(1e-3F));
    lf_store(ray.tfar, far);
    lf_store(ray.time, (lf){0});
    li_store(ray.mask, li_of(SHADOW_MASK));
    li_store(ray.id, (li){0});
    li_store(ray.flags, (li){0});
    _Alignas(64) li valid = wanted;
#if LANES == 16 // Embree's coherent test of 16 rays at once may not come back; that of 8 does
    for (int half = 0; half < LANES; half += 8) {
        struct RTCRay8 eight;
        // Rows of 16 numbers each to rows of 8.
        for (size_t row = 0; row < sizeof eight / 32; row++)
            memcpy((char *)&eight + 32 * row, (char *)&ray + 64 * row + 4 * half, 32);
        r->embree.rtcOccluded8((const int *)&valid + half, r->top, context, &eight);
        memcpy(ray.tfar + half, eight.tfar, sizeof eight.tfar);
    }
#else
    r->embree.OCCLUDED((const int *)&valid, r->top, context, &ray);
#endif
    return wanted & (lf_load(ray.tfar) >= 0.0F);
}

LANE_CODE lf3 lamp_light(const cw_rays *r, struct RTCIntersectContext *context, const surface *s, bool shadows) {
    lf3 sum = {{0}, {0}, {0}};
    for (uint32_t i = 0; i < r->light.lamp_count; i++) {
        const cw_lamp *lamp = &r->light.lamps[i];
        lf3 to = {lamp->position[0] - s->p.x, lamp->position[1] - s->p.y, lamp->position[2] - s->p.z};
        lf q = lf3_dot(to, to);
        li near = s->hit & (q < lamp->range * lamp->range);
        if (!li_any(near))
            continue;
        lf distance = lf_sqrt(lf_max(q, lf_of(1e-6F)));
        to = lf3_scaled(to, 1.0F / distance);
        lf cone = -(to.x * lamp->direction[0] + to.y * lamp->direction[1] + to.z * lamp->direction[2]);
        lf edge = lf_clamp((cone - lamp->cos_outer) * (1.0F / (lamp->cos_inner - lamp->cos_outer)), 0.0F, 1.0F);
        lf fade = lf_max(1.0F - q * (1.0F / (lamp->range * lamp->range)), (lf){0});
        lf power = lf_max(lf3_dot(to, s->normal), (lf){0}) * edge * edge * fade * fade / (q + lamp->soft);
        near = near & (power * (lamp->color[0] + lamp->color[1] + lamp->color[2]) > 2e-4F);
        if (!li_any(near))
            continue;
        if (shadows)
            near = unhidden(r, context, near, s, to, distance - 0.4F);
        sum = lf3_mad(lf3_of(lamp->color), lf_pick(near, power, (lf){0}), sum);
    }
    return sum;
}

// ---- weather on surfaces ---------------------------------------------------------------------------------------------

// How much of a mirror the water on the ground makes of it, before Fresnel; darkens what it wets.
LANE_CODE lf wet_ground(const cw_rays *r, surface *s, bool fine) {
    float water = (float)r->light.air.water;
    li flat = s->hit & (s->normal.z > 0.9F) & (s->place == 0);
    li ground = flat & ((s->semantic == CW_CLASS_ROAD) | (s->semantic == CW_CLASS_MARKING) |
                        (s->semantic == CW_CLASS_SIDEWALK));
    float film = water < 1.0F ? water : 1.0F;
    lf pool = fine ? 0.65F * noise(s->p.x * 0.21F, s->p.y * 0.21F) + 0.35F * noise(s->p.x * 0.83F, s->p.y * 0.83F)
                   : noise(s->p.x * 0.21F, s->p.y * 0.21F);
    lf puddle = lf_clamp((pool - (0.78F - 0.10F * water)) * 9.0F, 0.0F, 1.0F);
    lf amount = lf_pick(ground, lf_max(lf_of(0.45F * film), puddle), (lf){0});
    lf dark = 1.0F - lf_pick(flat, lf_of(0.42F * film), (lf){0});
    s->albedo = lf3_scaled(s->albedo, dark);
    return amount;
}

LANE_CODE void snow_ground(const cw_rays *r, surface *s, bool fine) {
    float cover = (float)r->light.air.cover;
    lf rough = noise(s->p.x * 0.9F, s->p.y * 0.9F);
    if (fine)
        rough = 0.6F * rough + 0.4F * noise(s->p.x * 4.1F, s->p.y * 4.1F);
    li road = (s->semantic == CW_CLASS_ROAD) | (s->semantic == CW_CLASS_MARKING);
    lf depth = lf_pick(road, lf_of(cover * 0.80F), lf_of(cover * 1.5F)) - rough * 0.75F;
    lf lies = lf_clamp(depth * 3.0F + 0.3F, 0.0F, 1.0F) * lf_clamp((s->normal.z - 0.45F) * 4.0F, 0.0F, 1.0F);
    lies = lf_pick(s->hit & (s->place == 0), lies, lies * 0.45F);
    lf3 white = {lf_of(0.84F), lf_of(0.87F), lf_of(0.91F)};
    s->albedo = lf3_mix(s->albedo, white, lies);
}

// What a distance of a few metres shows of asphalt, grass and walls.
LANE_CODE void grain(surface *s) {
    lf near = lf_clamp(1.5F - s->t * 0.03F, 0.0F, 1.0F);
    li ground = (s->semantic == CW_CLASS_ROAD) | (s->semantic == CW_CLASS_SIDEWALK) | (s->semantic == CW_CLASS_MARKING);
    li green = s->semantic == CW_CLASS_TERRAIN;
    li any = s->hit & (s->place == 0) & (ground | green);
    if (!li_any(any))
        return;
    lf wide = noise(s->p.x * 0.35F, s->p.y * 0.35F) - 0.5F, fine = noise(s->p.x * 23.0F, s->p.y * 23.0F) - 0.5F;
    lf mid = noise(s->p.x * 2.7F, s->p.y * 2.7F) - 0.5F;
    lf amount = lf_pick(green, 0.45F * wide + 0.35F * mid + 0.35F * fine * near,
                        0.16F * wide + 0.10F * mid + 0.30F * fine * near);
    s->albedo = lf3_scaled(s->albedo, lf_pick(any, 1.0F + amount, lf_of(1.0F)));
}

// ---- shading ---------------------------------------------------------------------------------------------------------

LANE_CODE lf3 ambient(const cw_light_field *light, lf3 n) {
    return lf3_mix(lf3_of(light->down), lf3_of(light->up), 0.5F + 0.5F * n.z);
}

LANE_CODE lf3 through_air(const cw_rays *r, lf3 c, lf t) {
    return lf3_mix(lf3_of(r->light.horizon), c, lf_exp(t * -r->light.extinction));
}

// What is seen in a mirror: one ray on, shaded without shadows.
LANE_CODE lf3 mirrored(const trace_picture *p, struct RTCIntersectContext *context, li wanted, const surface *s,
                       lf3 d) {
    const cw_rays *r = p->rays;
    packet ray;
    lf3 o = lf3_mad(s->normal, 0.003F + s->t * 1e-5F, s->p);
    set_rays(&ray, o, d, lf_of(1e-3F), lf_of(p->show ? 400.0F : 120.0F), SHADOW_MASK);
    _Alignas(64) li valid = wanted;
    r->embree.INTERSECT((const int *)&valid, r->top, context, &ray);
    surface m;
    read_surface(p, &ray, wanted, o, d, &m);
    lf3 c = beyond(r, o, d, p->show);
    if (li_any(m.hit)) {
        lf sun = lf_max(m.normal.x * r->light.sun_direction[0] + m.normal.y * r->light.sun_direction[1] +
                            m.normal.z * r->light.sun_direction[2],
                        (lf){0});
        lf3 e = lf3_mad(lf3_of(r->light.sun), sun * 0.7F, ambient(&r->light, m.normal));
        if (r->light.night)
            e = lf3_add(e, lamp_light(r, context, &m, false));
        lf3 seen = lf3_add(lf3_times(m.albedo, e), lf3_scaled(m.emission, lf_of(r->light.lamps_shine)));
        c = lf3_pick(m.hit, through_air(r, seen, m.t), c);
    }
    return c;
}

// Light that reaches the eye along d from the surface that it met. spot: 0..1 each, which of the soft light's rays.
LANE_CODE lf3 shade(const trace_picture *p, struct RTCIntersectContext *context, surface *s, lf3 d, lf spot_u,
                    lf spot_v, int sample) {
    const cw_rays *r = p->rays;
    const cw_light_field *light = &r->light;
    lf mirror = {0};
    if (p->show)
        grain(s);
    if (light->air.cover > 0.0)
        snow_ground(r, s, p->show);
    if (light->air.water > 0.0)
        mirror = wet_ground(r, s, p->show);
    lf3 e = ambient(light, s->normal);
    s->closed = s->lit = (li){0};
    s->dim = (lf){0};
    if (p->show) {
        lf3 dark = lf3_times(s->albedo, e);
        s->dim = 0.6F * (dark.x + dark.y + dark.z);
    }
    if (p->show && sample == 0) { // a ray to some part of the sky: corners are darker
        // Cosine-weighted around the normal: the normal plus a point on the unit sphere. A pixel has one of 16 such rays,
        // what they find is averaged over its neighbours (camera.c).
        lf z = spot_v * 2.0F - 1.0F, ring = lf_sqrt(lf_max(1.0F - z * z, (lf){0}));
        lf turn = spot_u * 4.0F - 2.0F; // -2 .. 2: quarters
        lf x = 1.0F - lf_abs(turn), y = lf_pick(turn < 0.0F, lf_abs(x) - 1.0F, 1.0F - lf_abs(x));
        lf scale = ring / lf_sqrt(x * x + y * y + 1e-9F);
        lf3 to = lf3_unit((lf3){s->normal.x + x * scale, s->normal.y + y * scale, s->normal.z + z});
        li tested = s->hit & (s->t < 150.0F);
        s->closed = tested & ~unhidden(r, context, tested, s, to, lf_of(4.0F));
    }
    lf shine = {0};
    if (light->sun_shines) {
        lf3 to = lf3_of(light->sun_direction);
        if (p->show) { // the sun is half a degree wide; haze makes its edge softer still
            // A quarter of its disc for each sample.
            to.x += (0.5F * (float)(sample % 2) + 0.5F * spot_u - 0.5F) * 0.016F;
            // NOLINTNEXTLINE(bugprone-integer-division)
            to.y += (0.5F * (float)(sample / 2) + 0.5F * spot_v - 0.5F) * 0.016F;
            to = lf3_unit(to);
        }
        lf facing = lf3_dot(s->normal, to);
        li wanted = s->hit & (facing > 0.0F);
        if (li_any(wanted)) {
            context->flags = RTC_INTERSECT_CONTEXT_FLAG_COHERENT; // all towards the sun
            // A picture of a hundred pixels shows no shadow that is farther off.
            li tested = wanted & (s->t < (p->show ? 1e4F : 150.0F)), lit = wanted;
            if (li_any(tested))
                lit = lit & (~tested | unhidden(r, context, tested, s, to, lf_of(p->show ? 1e4F : 200.0F)));
            context->flags = RTC_INTERSECT_CONTEXT_FLAG_INCOHERENT;
            s->lit = lit;
            lf direct = lf_pick(lit, facing, (lf){0});
            e = lf3_mad(lf3_of(light->sun), direct, e);
            if (p->show) { // its picture in what is smooth (Blinn)
                lf3 half = lf3_unit((lf3){to.x - d.x, to.y - d.y, to.z - d.z});
                lf c = lf_max(lf3_dot(half, s->normal), (lf){0}), rough = lf_max(s->roughness, lf_of(0.08F));
                lf a = rough * rough, q = a * a, b = c * c * (q - 1.0F) + 1.0F; // GGX
                shine = lf_pick(lit, facing * lf_min(q / (3.1415927F * b * b), lf_of(60.0F)) * 0.25F * 0.04F * 3.14F,
                                (lf){0});
            }
        }
    }
    if (light->night && light->lamp_count > 0)
        e = lf3_add(e, lamp_light(r, context, s, p->show));
    lf3 c = lf3_add(lf3_times(s->albedo, e), lf3_scaled(s->emission, lf_of(light->lamps_shine)));
    c = lf3_mad(lf3_of(light->sun), shine, c);
    // Mirrors: water, and in the show grade whatever is smooth.
    lf facing = lf_clamp(-lf3_dot(d, s->normal), 0.0F, 1.0F), grazing = 1.0F - facing;
    lf g2 = grazing * grazing, fresnel = 0.04F + 0.96F * g2 * g2 * grazing;
    lf strength = mirror * fresnel;
    if (p->show) {
        lf gloss = lf_clamp(1.0F - s->roughness * 2.2F, 0.0F, 1.0F);
        strength = lf_max(strength, gloss * lf_mix(fresnel, lf_of(0.7F), s->metallic));
    }
    li wanted = s->hit & (strength > (p->show ? 0.01F : 0.02F));
    if (li_any(wanted)) {
        lf3 n = s->normal;
        if (p->show && light->air.water > 0.0) { // a film is not a still pool: its mirror is drawn out
            lf stir = (1.0F - lf_clamp(mirror, 0.0F, 1.0F)) * 0.10F;
            li film = mirror > 0.0F;
            n.x = lf_pick(film, n.x + stir * (noise(s->p.x * 31.0F, s->p.y * 31.0F) - 0.5F), n.x);
            n.y = lf_pick(film, n.y + stir * (noise(s->p.x * 31.0F + 77.0F, s->p.y * 31.0F) - 0.5F), n.y);
            n = lf3_unit(n);
        }
        lf3 back = lf3_mad(n, -2.0F * lf3_dot(d, n), d);
        back.z = lf_pick((s->normal.z > 0.9F) & (back.z < 0.01F), lf_of(0.01F), back.z);
        lf3 seen = mirrored(p, context, wanted, s, lf3_unit(back));
        lf3 tint = lf3_mix(lf3_of((const float[3]){1, 1, 1}), s->albedo, p->show ? s->metallic : (lf){0});
        c = lf3_pick(wanted, lf3_mix(c, lf3_times(seen, tint), strength), c);
    }
    if (p->show) // of the light that leaves, what of it could be missing
        s->dim *= (1.0F - strength) / lf_max(c.x + c.y + c.z, lf_of(1e-6F));
    return through_air(r, c, s->t);
}

// ---- pictures --------------------------------------------------------------------------------------------------------

LANE_CODE lf3 rotated(const float *m, lf3 v) {
    return (lf3){lf_mad(v.x, lf_of(m[0]), lf_mad(v.y, lf_of(m[1]), v.z * m[2])),
                 lf_mad(v.x, lf_of(m[3]), lf_mad(v.y, lf_of(m[4]), v.z * m[5])),
                 lf_mad(v.x, lf_of(m[6]), lf_mad(v.y, lf_of(m[7]), v.z * m[8]))};
}

LANE_CODE lf3 unrotated(const float *m, lf3 v) {
    return (lf3){v.x * m[0] + v.y * m[3] + v.z * m[6], v.x * m[1] + v.y * m[4] + v.z * m[7],
                 v.x * m[2] + v.y * m[5] + v.z * m[8]};
}

// Where in the picture before was what is seen now? Camera's frame of then.
LANE_CODE lf3 place_before(const trace_picture *p, const surface *s, lf3 d) {
    const cw_rays *r = p->rays;
    lf3 q = s->p;
    li moved = s->hit & (s->place != 0);
    if (li_any(moved)) {
        const float *now = r->frame[0], *then = r->before[0];
        li at = s->place * PLACE_FLOATS;
        lf3 v = {q.x - lf_gather(now, at + 9), q.y - lf_gather(now, at + 10), q.z - lf_gather(now, at + 11)}, own;
        own.x = lf_gather(now, at) * v.x + lf_gather(now, at + 3) * v.y + lf_gather(now, at + 6) * v.z;
        own.y = lf_gather(now, at + 1) * v.x + lf_gather(now, at + 4) * v.y + lf_gather(now, at + 7) * v.z;
        own.z = lf_gather(now, at + 2) * v.x + lf_gather(now, at + 5) * v.y + lf_gather(now, at + 8) * v.z;
        lf3 back = turned(then, s->place, own);
        back.x += lf_gather(then, at + 9);
        back.y += lf_gather(then, at + 10);
        back.z += lf_gather(then, at + 11);
        q = lf3_pick(moved, back, q);
    }
    const float *o = p->before.origin;
    q = lf3_pick(s->hit, (lf3){q.x - o[0], q.y - o[1], q.z - o[2]}, d); // the sky is infinitely far
    return unrotated(p->before.rotation, q);
}

// Lane i of a tile is pixel (i % TILE_WIDTH, i / TILE_WIDTH) of it.
// Writes a tile's numbers of so many bytes each, lane by lane, to their pixels.
LANE_CODE void write_tile(const trace_picture *p, int tile, void *to, const void *lanes, size_t size) {
    int column = tile % p->tiles_across * TILE_WIDTH, row = tile / p->tiles_across * TILE_HEIGHT;
    int wide = p->width - column < TILE_WIDTH ? p->width - column : TILE_WIDTH;
    int high = p->height - row < TILE_HEIGHT ? p->height - row : TILE_HEIGHT;
    char *at = (char *)to + ((size_t)row * (size_t)p->width + (size_t)column) * size;
    const char *from = lanes;
    for (int k = 0; k < high; k++, at += (size_t)p->width * size, from += TILE_WIDTH * size) {
        if (wide == TILE_WIDTH)
            memcpy(at, from, TILE_WIDTH * size);
        else
            memcpy(at, from, (size_t)wide * size);
    }
}

LANE_CODE void write_labels(const trace_picture *p, int tile, const surface *s, lf3 d, lf3 local) {
    const cw_rays *r = p->rays;
    const cw_image *out = &p->out;
    if (out->depth != NULL) {
        lf depth = lf_pick(s->hit, s->t * local.z, lf_of(INFINITY));
        write_tile(p, tile, out->depth, &depth, sizeof(float));
    }
    if (out->semantic != NULL) {
        li semantic = li_pick(s->hit, s->semantic, li_of(CW_CLASS_SKY));
        uint8_t bytes[LANES];
        for (int i = 0; i < LANES; i++)
            bytes[i] = (uint8_t)semantic[i];
        write_tile(p, tile, out->semantic, bytes, 1);
    }
    if (out->instance != NULL) {
        li still = s->hit & (s->place == 0), id = li_gather(r->label, s->place);
        if (li_any(still)) {
            li thing = li_gather(r->object, s->triangle & still) & still;
            id = li_pick(thing != 0, thing + (int32_t)(r->def.scene->actor_count + 1), id);
        }
        id = id & s->hit;
        write_tile(p, tile, out->instance, &id, sizeof(uint32_t));
    }
    if (out->normal != NULL) {
        lf3 n = unrotated(p->now.rotation, s->normal);
        n = lf3_pick(s->hit, n, (lf3){{0}, {0}, {0}});
        float all[LANES][3];
        for (int i = 0; i < LANES; i++) {
            all[i][0] = n.x[i];
            all[i][1] = n.y[i];
            all[i][2] = n.z[i];
        }
        write_tile(p, tile, out->normal, all, sizeof *all);
    }
    if (out->flow != NULL) {
        lf3 q = place_before(p, s, d);
        const cw_lens *lens = p->lens;
        li lane = li_count(), column = lane % TILE_WIDTH + tile % p->tiles_across * TILE_WIDTH,
           row = lane / TILE_WIDTH + tile / p->tiles_across * TILE_HEIGHT;
        lf x = lf_from(column) + 0.5F, y = lf_from(row) + 0.5F, z = 1.0F / lf_max(q.z, lf_of(1e-6F));
        lf u = q.x * z * (float)lens->fx + (float)lens->cx - x, v = q.y * z * (float)lens->fy + (float)lens->cy - y;
        u = lf_pick(q.z > 1e-6F, u, lf_of(NAN));
        v = lf_pick(q.z > 1e-6F, v, lf_of(NAN));
        float all[LANES][2];
        for (int i = 0; i < LANES; i++) {
            double at[2];
            all[i][0] = u[i];
            all[i][1] = v[i];
            if (!p->straight) {
                bool seen =
                    cw_lens_project(lens, (const double[3]){(double)q.x[i], (double)q.y[i], (double)q.z[i]}, at);
                all[i][0] = seen ? (float)(at[0] - (double)x[i]) : NAN;
                all[i][1] = seen ? (float)(at[1] - (double)y[i]) : NAN;
            }
        }
        write_tile(p, tile, out->flow, all, sizeof *all);
    }
}

// Levels of 8 bits, packed.
LANE_CODE li developed(const trace_picture *p, lf3 c) {
    const float scale = (TONE_STEPS - 1) / 4.0F;
    lf exposure = lf_of(p->exposure);
    li x = li_from(lf_min(lf_sqrt(lf_max(c.x * exposure, (lf){0})) * scale, lf_of(TONE_STEPS - 1)));
    li y = li_from(lf_min(lf_sqrt(lf_max(c.y * exposure, (lf){0})) * scale, lf_of(TONE_STEPS - 1)));
    li z = li_from(lf_min(lf_sqrt(lf_max(c.z * exposure, (lf){0})) * scale, lf_of(TONE_STEPS - 1)));
    const uint8_t *tone = p->rays->light.tone;
    return (int32_t)0xFF000000 | li_gather_bytes(tone, x) << 16 | li_gather_bytes(tone, y) << 8 |
           li_gather_bytes(tone, z);
}

// Where what a pixel sees is one surface with its neighbours': whose it is and how it faces. Nothing: 0.
LANE_CODE li guide_of(const surface *s) {
    li x = li_from((s->normal.x + 1.0F) * 1.99F), y = li_from((s->normal.y + 1.0F) * 1.99F),
       z = li_from((s->normal.z + 1.0F) * 1.99F);
    return (1 + (s->place << 6 | x << 4 | y << 2 | z)) & s->hit;
}

static __attribute__((noinline)) lf3 trace_sample(const trace_picture *p, int tile, int sample, bool color, bool labels,
                                                  surface *out) {
    const cw_rays *r = p->rays;
    const float *table = p->table[sample] + (size_t)tile * 3 * LANES;
    lf3 local = {lf_load(table), lf_load(table + LANES), lf_load(table + 2 * LANES)};
    li valid = lf3_dot(local, local) > 0.0F;
    lf3 c = {{0}, {0}, {0}};
    lf3 d = rotated(p->now.rotation, local), o = lf3_of(p->now.origin);
    struct RTCIntersectContext context;
    rtcInitIntersectContext(&context);
    context.flags = RTC_INTERSECT_CONTEXT_FLAG_COHERENT;
    packet ray;
    set_rays(&ray, o, d, lf_of(0.02F), lf_of(INFINITY), SEEN_MASK);
    _Alignas(64) li asked = valid;
    r->embree.INTERSECT((const int *)&asked, r->top, &context, &ray);
    surface s = {.hit = {0}};
    read_surface(p, &ray, valid, o, d, &s);
    context.flags = RTC_INTERSECT_CONTEXT_FLAG_INCOHERENT; // those that go on from there
    if (color) {
        if (li_any(valid & ~s.hit))
            c = lf3_pick(valid & ~s.hit, beyond(r, o, d, p->show), c);
        if (li_any(s.hit)) {
            lf u = {0}, v = {0};
            if (p->show) { // an ordered pattern of 4 x 4 pixels (Bayer): less noise than chance makes
                li i = li_count(), x = i % TILE_WIDTH + tile % p->tiles_across * TILE_WIDTH;
                li y = i / TILE_WIDTH + tile / p->tiles_across * TILE_HEIGHT, q = x ^ y;
                u = lf_from(((q & 1) << 3) | ((y & 1) << 2) | (q & 2) | ((y & 2) >> 1)) * (1.0F / 16.0F) +
                    (1.0F / 32.0F);
                v = lf_from(((x & 1) << 3) | ((q & 1) << 2) | (x & 2) | ((q & 2) >> 1)) * (1.0F / 16.0F) +
                    (1.0F / 32.0F);
            }
            c = lf3_pick(s.hit, shade(p, &context, &s, d, u, v, sample), c);
        }
    }
    if (labels)
        write_labels(p, tile, &s, d, local);
    *out = s;
    return c;
}

// Do all pixels of the tile see the same surface in the same light, in both of these samples?
LANE_CODE bool plain(const surface *a, const surface *b) {
    li first = (guide_of(a) << 7 | a->material) ^ (a->lit << 31),
       second = (guide_of(b) << 7 | b->material) ^ (b->lit << 31);
    return !li_any((first != first[0]) | (second != first[0]));
}

// The show grade: opposite samples first; the other two only where they are not all alike.
LANE_CODE void show_tile(const trace_picture *p, int tile) {
    surface a, b, other;
    lf3 c = trace_sample(p, tile, 0, true, false, &a);
    c = lf3_add(c, trace_sample(p, tile, SAMPLES_MOST - 1, true, false, &b));
    float share = 0.5F;
    lf dim = a.dim + b.dim;
    if (!plain(&a, &b)) {
        for (int sample = 1; sample < SAMPLES_MOST - 1; sample++) {
            c = lf3_add(c, trace_sample(p, tile, sample, true, false, &other));
            dim = dim + other.dim;
        }
        share = 1.0F / SAMPLES_MOST;
    }
    lf scale = lf_of(p->exposure * share);
    dim = lf_clamp(dim * share, 0.0F, 1.0F);
    li guide = guide_of(&a) << 1 | (a.closed & 1);
    float all[LANES][4];
    for (int i = 0; i < LANES; i++) {
        all[i][0] = c.x[i] * scale[i];
        all[i][1] = c.y[i] * scale[i];
        all[i][2] = c.z[i] * scale[i];
        all[i][3] = dim[i];
    }
    write_tile(p, tile, p->light, all, sizeof *all);
    write_tile(p, tile, p->guide, &guide, sizeof(uint32_t));
}

static void trace_tiles(const trace_picture *p, int first, int end) {
    const cw_image *out = &p->out;
    bool labels = out->depth || out->semantic || out->instance || out->normal || out->flow;
    for (int tile = first; tile < end; tile++) {
        if (p->light != NULL && out->color != NULL) {
            show_tile(p, tile);
            continue;
        }
        surface s;
        lf3 c = trace_sample(p, tile, 0, out->color != NULL, labels, &s);
        if (out->color != NULL) {
            li levels = developed(p, c);
            write_tile(p, tile, out->color, &levels, sizeof(uint32_t));
        }
    }
}

// ---- LiDAR -----------------------------------------------------------------------------------------------------------

// What a surface gives back of a laser's light: its albedo, near infrared as red; signs and plates are made to.
LANE_CODE lf reflectance(const surface *s) {
    li bright =
        (s->material == CW_MAT_PLATE) | ((s->material >= CW_MAT_SIGN_WHITE) & (s->material <= CW_MAT_SIGN_GREEN));
    li glass = (s->material == CW_MAT_GLASS) | (s->material == CW_MAT_WINDOW);
    lf leaf =
        lf_pick((s->semantic == CW_CLASS_VEGETATION) | (s->semantic == CW_CLASS_TERRAIN), lf_of(0.35F), s->albedo.x);
    return lf_pick(bright, lf_of(1.0F), lf_pick(glass, lf_of(0.02F), leaf));
}

static void trace_scans(const trace_scan *scan, int first, int end) {
    const cw_rays *r = scan->rays;
    const trace_picture plain = {.rays = r};
    struct RTCIntersectContext context;
    rtcInitIntersectContext(&context);
    context.flags = RTC_INTERSECT_CONTEXT_FLAG_COHERENT;
    for (int i = first; i < end; i++) {
        const float *table = scan->table + (size_t)i * 3 * LANES;
        lf3 local = {lf_load(table), lf_load(table + LANES), lf_load(table + 2 * LANES)};
        li valid = lf3_dot(local, local) > 0.0F;
        lf3 d = rotated(scan->pose.rotation, local), o = lf3_of(scan->pose.origin);
        packet ray;
        set_rays(&ray, o, d, lf_of(0.05F), lf_of(scan->range), SEEN_MASK);
        _Alignas(64) li asked = valid;
        r->embree.INTERSECT((const int *)&asked, r->top, &context, &ray);
        surface s;
        read_surface(&plain, &ray, valid, o, d, &s);
        if (r->light.air.cover > 0.0)
            snow_ground(r, &s, false);
        lf wet = {0};
        if (r->light.air.water > 0.0) // a mirror sends the light on
            wet = wet_ground(r, &s, false);
        // Out and back through the air. 0.1 from the full range in clear air is the least that is heard, give or take.
        lf back = reflectance(&s) * lf_max(-lf3_dot(d, s.normal), (lf){0}) * (1.0F - 0.8F * wet) *
                  lf_exp(s.t * (-2.0F * r->light.extinction));
        li number = li_count() + i * LANES;
        lf chance = lattice(number, li_of((int32_t)scan->seed));
        lf share = s.t * (1.0F / scan->range);
        li heard = s.hit & (back > (0.085F + 0.03F * chance) * share * share);
        // Drops and flakes near by take some of what is left.
        float lost = (float)(r->light.air.rain * 0.0015 + r->light.air.snow * 0.01);
        heard = heard & (lattice(number, li_of((int32_t)scan->seed + 77)) > lost);
        lf range = s.t;
        if (scan->noise > 0) { // near enough to a normal deviate: the sum of three
            lf sum = lattice(number, li_of((int32_t)scan->seed + 1)) + lattice(number, li_of((int32_t)scan->seed + 2)) +
                     lattice(number, li_of((int32_t)scan->seed + 3));
            range = lf_max(range + (sum - 1.5F) * 2.0F * scan->noise, lf_of(0.01F));
        }
        back = lf_min(back, lf_of(1.0F));
        trace_echo *to = scan->echoes + (size_t)i * LANES;
        for (int k = 0; k < LANES; k++)
            to[k] = (trace_echo){heard[k] ? range[k] : 0, back[k], (uint32_t)s.place[k], (uint32_t)s.triangle[k],
                                 (uint8_t)s.semantic[k]};
    }
}

static uint32_t trace_single(const trace_picture *p, const float axis[3], float cosine) {
    const cw_rays *r = p->rays;
    struct RTCIntersectContext context;
    rtcInitIntersectContext(&context);
    context.flags = RTC_INTERSECT_CONTEXT_FLAG_COHERENT;
    uint32_t count = 0;
    for (int tile = 0; tile < p->tiles_across * p->tiles_down; tile++) {
        const float *table = p->table[0] + (size_t)tile * 3 * LANES;
        lf3 local = {lf_load(table), lf_load(table + LANES), lf_load(table + 2 * LANES)};
        lf along = local.x * axis[0] + local.y * axis[1] + local.z * axis[2];
        li near = (lf3_dot(local, local) > 0.0F) & (along >= cosine);
        if (!li_any(near))
            continue;
        packet ray;
        set_rays(&ray, lf3_of(p->now.origin), rotated(p->now.rotation, local), lf_of(0.02F), lf_of(INFINITY),
                 SINGLE_MASK);
        _Alignas(64) li asked = near;
        r->embree.INTERSECT((const int *)&asked, r->top, &context, &ray);
        count += (uint32_t)__builtin_popcount((unsigned)li_bit_mask(near & (li_load(ray.hit.geomID) != -1)));
    }
    return count;
}

const trace_kernel KERNEL = {LANES, TILE_WIDTH, TILE_HEIGHT, trace_tiles, trace_scans, trace_single};

#endif
