// A scene made ready for rays: scenery once, a mesh for each kind of body, a copy of it for each piece of each body.
#include "rays.h"

#include "causeway/agent.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { COOKIE = 0x4A7502AE, VARIANTS = 6 };

cw_rays_def cw_rays_defaults(const cw_scene *scene) {
    return (cw_rays_def){.cookie = COOKIE, .scene = scene, .seed = 1};
}

const char *cw_isa_name(cw_isa isa) {
    static const char *const names[] = {"best", "sse2", "avx2", "avx512"};
    return names[isa];
}

#ifdef CW_HAVE_EMBREE

static cw_status no_memory(cw_error *err) {
    return cw_error_set(err, CW_ERR_MEMORY, NULL, 0, 0, "out of memory for what cameras see");
}

cw_isa cw_rays_isa(const cw_rays *rays) {
    return rays->isa;
}

size_t cw_rays_triangles(const cw_rays *rays) {
    return rays->triangle_count;
}

static cw_isa machine_isa(cw_isa wanted) {
    cw_isa best = CW_ISA_SSE2;
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        best = CW_ISA_AVX2;
    if (best == CW_ISA_AVX2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
        __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl"))
        best = CW_ISA_AVX512;
#endif
    return wanted == CW_ISA_BEST || wanted > best ? best : wanted;
}

// ---- shapes ----------------------------------------------------------------------------------------------------------

static uint8_t slot_of(uint8_t material) {
    switch (material) {
    case CW_MAT_PAINT:
        return SLOT_PAINT;
    case CW_MAT_CLOTH_UPPER:
        return SLOT_UPPER;
    case CW_MAT_CLOTH_LOWER:
        return SLOT_LOWER;
    case CW_MAT_LAMP_HEAD:
        return SLOT_HEAD;
    case CW_MAT_LAMP_TAIL:
        return SLOT_TAIL;
    case CW_MAT_LAMP_BRAKE:
        return SLOT_BRAKE;
    case CW_MAT_LAMP_LEFT:
        return SLOT_LEFT;
    case CW_MAT_LAMP_RIGHT:
        return SLOT_RIGHT;
    case CW_MAT_LAMP_REVERSE:
        return SLOT_REVERSE;
    case CW_MAT_SIGNAL_RED:
        return SLOT_RED;
    case CW_MAT_SIGNAL_YELLOW:
        return SLOT_YELLOW;
    case CW_MAT_SIGNAL_GREEN:
        return SLOT_GREEN;
    default:
        return NO_SLOT;
    }
}

// Meshes that are added up to one shape, each moved by its pivot.
typedef struct addend {
    const cw_mesh *mesh;
    const float *pivot; // NULL: not moved
} addend;

static bool add_triangles(cw_rays *r, const cw_mesh *mesh) {
    size_t need = (size_t)r->triangle_count + mesh->triangle_count;
    if (need > UINT32_MAX / 4 || !CW_GROW(r->info, r->info_room, need) ||
        (!r->def.coarse && !CW_GROW(r->normal, r->normal_room, need)))
        return false;
    for (uint32_t i = 0; i < mesh->triangle_count; i++) {
        uint32_t at = r->triangle_count + i;
        const cw_material *m = &cw_materials[mesh->material[i]];
        bool shines = m->emission[0] + m->emission[1] + m->emission[2] > 0.0F;
        r->info[at] = (uint32_t)mesh->material[i] | (uint32_t)mesh->semantic[i] << 8 |
                      (uint32_t)slot_of(mesh->material[i]) << 16 | (uint32_t)shines << 24;
        for (int k = 0; k < 3 && !r->def.coarse; k++)
            memcpy(r->normal[at] + 3 * k, mesh->normal[mesh->index[i][k]], sizeof(float[3]));
    }
    r->triangle_count += mesh->triangle_count;
    return true;
}

// The meshes belong to an arena that outlives the shape; several are copied into one.
static bool add_shape(cw_rays *r, const addend *addends, uint32_t count, uint32_t *shape) {
    rays_shape out = {.first = r->triangle_count};
    for (uint32_t i = 0; i < count; i++) {
        if (!add_triangles(r, addends[i].mesh))
            return false;
        out.vertex_count += addends[i].mesh->vertex_count;
        out.triangle_count += addends[i].mesh->triangle_count;
    }
    if (!CW_GROW(r->shapes, r->shape_room, r->shape_count + 1))
        return false;
    if (count == 1 && addends[0].pivot == NULL) {
        out.position = addends[0].mesh->position;
        out.index = addends[0].mesh->index;
    } else {
        float(*position)[3] = cw_arena_array(r->arena, (size_t)out.vertex_count + 1, sizeof *position);
        uint32_t(*index)[3] = cw_arena_array(r->arena, (size_t)out.triangle_count + 1, sizeof *index);
        if (position == NULL || index == NULL)
            return false;
        out.position = (const float(*)[3])position;
        out.index = (const uint32_t(*)[3])index;
        for (uint32_t i = 0, base = 0; i < count; i++) {
            const cw_mesh *mesh = addends[i].mesh;
            for (uint32_t v = 0; v < mesh->vertex_count; v++, position++)
                for (int k = 0; k < 3; k++)
                    (*position)[k] = mesh->position[v][k] + (addends[i].pivot != NULL ? addends[i].pivot[k] : 0.0F);
            for (uint32_t t = 0; t < mesh->triangle_count; t++, index++)
                for (int k = 0; k < 3; k++)
                    (*index)[k] = base + mesh->index[t][k];
            base += mesh->vertex_count;
        }
    }
    r->shapes[r->shape_count] = out;
    *shape = (uint32_t)r->shape_count++;
    return true;
}

// ---- models ----------------------------------------------------------------------------------------------------------

static bool add_piece(cw_rays *r, rays_model *m, const addend *addends, uint32_t count, const cw_model_part *part) {
    uint32_t shape = 0;
    if (!add_shape(r, addends, count, &shape))
        return false;
    rays_piece *piece = &m->pieces[m->piece_count++];
    *piece = (rays_piece){.kind = CW_PART_BODY, .shape = shape};
    if (part != NULL) {
        piece->kind = part->kind;
        piece->radius = part->radius;
        memcpy(piece->pivot, part->pivot, sizeof piece->pivot);
    }
    return true;
}

// Pieces that move by themselves each get a shape; a coarse body is one piece, wheels and all. Poses come last.
static cw_status prepare_model(cw_rays *r, rays_model *m, cw_error *err) {
    cw_status status = cw_model_build(&m->def, r->arena, &m->model, err);
    if (status != CW_OK)
        return status;
    const cw_model *model = &m->model;
    addend *body = cw_arena_array(r->arena, model->part_count + 1, sizeof *body);
    m->pieces = cw_arena_array(r->arena, model->part_count + 1, sizeof *m->pieces);
    if (body == NULL || m->pieces == NULL)
        return no_memory(err);
    uint32_t count = 0;
    for (uint32_t i = 0; i < model->part_count; i++) {
        const cw_model_part *part = &model->parts[i];
        bool wheel = part->kind == CW_PART_WHEEL || part->kind == CW_PART_WHEEL_STEERED;
        if (part->kind == CW_PART_BODY || (wheel && m->def.coarse))
            body[count++] = (addend){&part->mesh, part->pivot};
    }
    bool good = count == 0 || add_piece(r, m, body, count, NULL);
    for (uint32_t i = 0; i < model->part_count && good && !m->def.coarse; i++) {
        const cw_model_part *part = &model->parts[i];
        addend alone = {&part->mesh, NULL};
        if (part->kind == CW_PART_WHEEL || part->kind == CW_PART_WHEEL_STEERED)
            good = add_piece(r, m, &alone, 1, part);
    }
    for (int kind = CW_PART_STAND; kind <= CW_PART_GAIT && good; kind++)
        for (uint32_t i = 0; i < model->part_count && good; i++) {
            const cw_model_part *part = &model->parts[i];
            addend alone = {&part->mesh, part->pivot};
            uint32_t shape = 0;
            if (part->kind != kind)
                continue;
            good = add_shape(r, &alone, 1, &shape);
            if (m->pose_count++ == 0)
                m->pose_first = shape;
        }
    if (good && m->pose_count > 0)
        m->pieces[m->piece_count++] = (rays_piece){.kind = CW_PART_GAIT, .shape = m->pose_first};
    return good ? CW_OK : no_memory(err);
}

static bool same_model(const cw_model_def *a, const cw_model_def *b) {
    return a->kind == b->kind && a->length == b->length && a->width == b->width && a->height == b->height &&
           a->center_x == b->center_x && a->wheelbase == b->wheelbase && a->variant == b->variant &&
           strcmp(a->model, b->model) == 0;
}

static cw_status find_model(cw_rays *r, uint32_t actor, uint32_t *model, cw_error *err) {
    cw_model_def def = cw_model_of_actor(&r->def.scene->actors[actor], actor % VARIANTS, r->def.coarse);
    for (size_t i = 0; i < r->model_count; i++)
        if (same_model(&r->models[i].def, &def)) {
            *model = (uint32_t)i;
            return CW_OK;
        }
    if (!CW_GROW(r->models, r->model_room, r->model_count + 1))
        return no_memory(err);
    r->models[r->model_count] = (rays_model){.def = def};
    cw_status status = prepare_model(r, &r->models[r->model_count], err);
    *model = (uint32_t)r->model_count;
    r->model_count += status == CW_OK;
    return status;
}

// ---- places ----------------------------------------------------------------------------------------------------------

// Gives a place the triangles of a shape; its vertices are wherever the shape has them, until it is moved.
static bool fill_place(cw_rays *r, uint32_t place, uint32_t shape) {
    const embree *e = &r->embree;
    const rays_shape *s = &r->shapes[shape];
    RTCGeometry geometry = r->places[place].geometry;
    float *position = e->rtcSetNewGeometryBuffer(geometry, RTC_BUFFER_TYPE_VERTEX, 0, RTC_FORMAT_FLOAT3,
                                                 sizeof(float[3]), s->vertex_count);
    uint32_t *index = e->rtcSetNewGeometryBuffer(geometry, RTC_BUFFER_TYPE_INDEX, 0, RTC_FORMAT_UINT3,
                                                 sizeof(uint32_t[3]), s->triangle_count);
    if (position == NULL || index == NULL)
        return false;
    memcpy(position, s->position, s->vertex_count * sizeof *s->position);
    memcpy(index, s->index, s->triangle_count * sizeof *s->index);
    r->places[place].shape = shape;
    r->first[place] = s->first;
    return true;
}

static bool add_place(cw_rays *r, uint32_t owner, uint32_t shape, uint32_t look) {
    size_t need = r->place_count + 1;
    if (!CW_GROW(r->places, r->place_room, need) || !CW_GROW(r->frame, r->frame_room, need) ||
        !CW_GROW(r->before, r->before_room, need) || !CW_GROW(r->first, r->first_room, need) ||
        !CW_GROW(r->look_first, r->look_room, need) || !CW_GROW(r->label, r->label_room, need))
        return false;
    const embree *e = &r->embree;
    uint32_t place = (uint32_t)r->place_count++;
    RTCGeometry geometry = e->rtcNewGeometry(r->device, RTC_GEOMETRY_TYPE_TRIANGLE);
    r->places[place] = (rays_place){geometry, CW_NONE, owner, 3, true};
    static const float home[PLACE_FLOATS] = {1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0};
    memcpy(r->frame[place], home, sizeof home);
    memcpy(r->before[place], home, sizeof home);
    r->look_first[place] = look;
    r->label[place] = owner != CW_NONE ? 1 + owner : 0;
    // What moves keeps its tree, fitted to where its triangles are now.
    e->rtcSetGeometryBuildQuality(geometry, owner == CW_NONE ? RTC_BUILD_QUALITY_MEDIUM : RTC_BUILD_QUALITY_REFIT);
    e->rtcSetGeometryMask(geometry, 3);
    e->rtcAttachGeometryByID(r->top, geometry, place);
    if (!fill_place(r, place, shape))
        return false;
    e->rtcCommitGeometry(geometry);
    return e->rtcGetDeviceError(r->device) == RTC_ERROR_NONE;
}

static uint32_t body_look(uint32_t actor) {
    return CW_MAT_KINDS + actor * BODY_SLOTS;
}

static cw_status make_body(cw_rays *r, uint32_t actor, cw_error *err) {
    rays_body *body = &r->bodies[actor];
    cw_status status = find_model(r, actor, &body->model, err);
    if (status != CW_OK)
        return status;
    const rays_model *model = &r->models[body->model];
    body->first_place = (uint32_t)r->place_count;
    for (uint32_t i = 0; i < model->piece_count; i++)
        if (!add_place(r, actor, model->pieces[i].shape, body_look(actor)))
            return no_memory(err);
    body->made = body->shown = true;
    return CW_OK;
}

void rays_frame_of(const cw_rays *r, const cw_figure *figure, float frame[PLACE_FLOATS]) {
    double sy, cy, sp, cp, sr, cr;
    cw_sincos(cw_wrap_angle((double)figure->heading), &sy, &cy);
    cw_sincos((double)figure->pitch, &sp, &cp);
    cw_sincos((double)figure->roll, &sr, &cr);
    const double rows[9] = {cy * cp,
                            -sy * cr + cy * sp * sr,
                            sy * sr + cy * sp * cr, //
                            sy * cp,
                            cy * cr + sy * sp * sr,
                            -cy * sr + sy * sp * cr, //
                            -sp,
                            cp * sr,
                            cp * cr};
    for (int i = 0; i < 9; i++)
        frame[i] = (float)rows[i];
    frame[9] = (float)(figure->x - r->origin[0]);
    frame[10] = (float)(figure->y - r->origin[1]);
    frame[11] = (float)(figure->z - r->origin[2]);
}

// A wheel's own frame within its body's: it turns about y and steers about z.
static void piece_frame(const rays_piece *piece, const cw_figure *figure, const float body[PLACE_FLOATS],
                        float frame[PLACE_FLOATS]) {
    memcpy(frame, body, sizeof(float[PLACE_FLOATS]));
    if (piece->kind != CW_PART_WHEEL && piece->kind != CW_PART_WHEEL_STEERED)
        return;
    double turn = piece->radius > 0 ? figure->traveled / (double)piece->radius : 0.0;
    turn -= 2.0 * CW_PI * floor(turn / (2.0 * CW_PI));
    double st, ct, ss = 0.0, cs = 1.0;
    cw_sincos(turn, &st, &ct);
    if (piece->kind == CW_PART_WHEEL_STEERED)
        cw_sincos((double)figure->steer, &ss, &cs);
    // Steering times turning; forward motion turns z towards x.
    const double local[9] = {cs * ct, -ss, cs * st, ss * ct, cs, ss * st, -st, 0.0, ct};
    for (int i = 0; i < 3; i++) {
        for (int k = 0; k < 3; k++) {
            double sum = 0.0;
            for (int m = 0; m < 3; m++)
                sum += (double)body[3 * i + m] * local[3 * m + k];
            frame[3 * i + k] = (float)sum;
        }
        frame[9 + i] = body[9 + i] + body[3 * i] * piece->pivot[0] + body[3 * i + 1] * piece->pivot[1] +
                       body[3 * i + 2] * piece->pivot[2];
    }
}

// The vertices of a place by its frame.
static void move_place(const cw_rays *r, uint32_t place) {
    const float *f = r->frame[place];
    const rays_shape *s = &r->shapes[r->places[place].shape];
    RTCGeometry geometry = r->places[place].geometry;
    float(*to)[3] = r->embree.rtcGetGeometryBufferData(geometry, RTC_BUFFER_TYPE_VERTEX, 0);
    for (uint32_t i = 0; i < s->vertex_count; i++) {
        const float *p = s->position[i];
        for (int k = 0; k < 3; k++)
            to[i][k] = f[3 * k] * p[0] + f[3 * k + 1] * p[1] + f[3 * k + 2] * p[2] + f[9 + k];
    }
    r->embree.rtcUpdateGeometryBuffer(geometry, RTC_BUFFER_TYPE_VERTEX, 0);
    r->embree.rtcCommitGeometry(geometry);
}

static void show_body(cw_rays *r, uint32_t actor, bool shown) {
    rays_body *body = &r->bodies[actor];
    if (!body->made || body->shown == shown)
        return;
    for (uint32_t i = 0; i < r->models[body->model].piece_count; i++) {
        rays_place *place = &r->places[body->first_place + i];
        if (shown)
            r->embree.rtcEnableGeometry(place->geometry);
        else
            r->embree.rtcDisableGeometry(place->geometry);
    }
    body->shown = shown;
}

static bool move_body(cw_rays *r, uint32_t actor, bool new) {
    const cw_figure *figure = &r->figures[actor];
    rays_body *body = &r->bodies[actor];
    const rays_model *model = &r->models[body->model];
    float frame[PLACE_FLOATS];
    rays_frame_of(r, figure, frame);
    for (uint32_t i = 0; i < model->piece_count; i++) {
        uint32_t place = body->first_place + i;
        const rays_piece *piece = &model->pieces[i];
        float next[PLACE_FLOATS];
        bool posed = false;
        piece_frame(piece, figure, frame, next);
        if (piece->kind == CW_PART_GAIT && model->pose_count > 1) {
            bool walks = fabsf(figure->speed) > 0.05F;
            uint32_t pose = walks ? 1 + cw_model_pose(&model->model, figure->traveled) % (model->pose_count - 1) : 0;
            uint32_t shape = model->pose_first + pose;
            posed = shape != r->places[place].shape;
            if (posed && !fill_place(r, place, shape))
                return false;
        }
        memcpy(r->before[place], new ? next : r->frame[place], sizeof next);
        bool moved = posed;
        for (int k = 0; k < PLACE_FLOATS; k++)
            moved = moved || r->frame[place][k] != next[k];
        if (moved) {
            memcpy(r->frame[place], next, sizeof next);
            move_place(r, place);
        }
    }
    return true;
}

static void mask_body(cw_rays *r, uint32_t actor) {
    if (actor == CW_NONE || !r->bodies[actor].made)
        return;
    int mask = SHADOW_MASK | (actor != r->carrier ? SEEN_MASK : 0) | (actor == r->single ? SINGLE_MASK : 0);
    for (uint32_t i = 0; i < r->models[r->bodies[actor].model].piece_count; i++) {
        rays_place *place = &r->places[r->bodies[actor].first_place + i];
        place->mask = (uint8_t)mask;
        r->embree.rtcSetGeometryMask(place->geometry, place->mask);
        r->embree.rtcCommitGeometry(place->geometry);
    }
    r->dirty = true;
}

void rays_ready(cw_rays *r, uint32_t carrier, uint32_t single) {
    uint32_t other[2] = {r->carrier, r->single};
    if (single == CW_NONE)
        single = r->single;
    bool moved = carrier != r->carrier, chosen = single != r->single;
    r->carrier = carrier;
    r->single = single;
    if (moved) {
        mask_body(r, other[0]);
        mask_body(r, carrier);
    }
    if (chosen) {
        mask_body(r, other[1]);
        mask_body(r, single);
    }
    if (r->dirty)
        r->embree.rtcCommitScene(r->top);
    r->dirty = false;
}

// ---- looks -----------------------------------------------------------------------------------------------------------

static rays_look look_of(uint32_t material) {
    const cw_material *m = &cw_materials[material];
    rays_look look = {.roughness = m->roughness, .metallic = m->metallic};
    memcpy(look.albedo, m->albedo, sizeof look.albedo);
    return look;
}

static void shine(rays_look *look, uint32_t material, float factor) {
    for (int k = 0; k < 3; k++)
        look->emission[k] = cw_materials[material].emission[k] * factor;
}

// Half a second on, half off, as indicators blink.
static bool blinks(int64_t time_ns) {
    return time_ns % 700000000 < 400000000;
}

static void look_of_body(cw_rays *r, uint32_t actor) {
    static const uint8_t materials[BODY_SLOTS] = {CW_MAT_PAINT,     CW_MAT_CLOTH_UPPER, CW_MAT_CLOTH_LOWER,
                                                  CW_MAT_LAMP_HEAD, CW_MAT_LAMP_TAIL,   CW_MAT_LAMP_BRAKE,
                                                  CW_MAT_LAMP_LEFT, CW_MAT_LAMP_RIGHT,  CW_MAT_LAMP_REVERSE};
    rays_look *looks = &r->palette[body_look(actor)];
    uint8_t lamps = r->figures[actor].lamps;
    bool on = blinks(r->time_ns), night = r->light.night;
    bool hazard = (lamps & CW_LAMP_HAZARD) != 0;
    const float shines[BODY_SLOTS] = {[SLOT_HEAD] = night ? 1.0F : 0.0F,
                                      [SLOT_TAIL] = night ? 0.35F : 0.0F,
                                      [SLOT_BRAKE] = (lamps & CW_LAMP_BRAKE) != 0 ? 1.0F
                                                     : night                      ? 0.2F
                                                                                  : 0.0F,
                                      [SLOT_LEFT] = on && (hazard || (lamps & CW_LAMP_LEFT) != 0) ? 1.0F : 0.0F,
                                      [SLOT_RIGHT] = on && (hazard || (lamps & CW_LAMP_RIGHT) != 0) ? 1.0F : 0.0F,
                                      [SLOT_REVERSE] = (lamps & CW_LAMP_REVERSE) != 0 ? 1.0F : 0.0F};
    for (int i = 0; i < BODY_SLOTS; i++) {
        looks[i] = look_of(materials[i]);
        shine(&looks[i], materials[i], shines[i]);
    }
    cw_paint(actor, looks[SLOT_PAINT].albedo);
    cw_cloth(actor, false, looks[SLOT_UPPER].albedo);
    cw_cloth(actor, true, looks[SLOT_LOWER].albedo);
}

static void look_of_signals(cw_rays *r, const uint8_t *lights) {
    for (uint32_t i = 0; i < r->scenery.object_count; i++) {
        if (r->object_look[i] == 0)
            continue;
        rays_look *looks = &r->palette[r->object_look[i]];
        uint8_t light = lights != NULL ? lights[r->scenery.objects[i].index] : CW_LIGHT_OFF;
        bool flash = light == CW_LIGHT_FLASHING_YELLOW && blinks(r->time_ns);
        const bool on[SIGNAL_SLOTS] = {light == CW_LIGHT_RED || light == CW_LIGHT_RED_YELLOW,
                                       light == CW_LIGHT_YELLOW || light == CW_LIGHT_RED_YELLOW || flash,
                                       light == CW_LIGHT_GREEN};
        for (uint32_t k = 0; k < SIGNAL_SLOTS; k++) {
            looks[k] = look_of(CW_MAT_SIGNAL_RED + k);
            shine(&looks[k], CW_MAT_SIGNAL_RED + k, on[k] ? 1.0F : 0.0F);
        }
    }
}

static void look_of_materials(cw_rays *r) {
    for (uint32_t i = 0; i < CW_MAT_KINDS; i++) {
        r->palette[i] = look_of(i);
        if (i == CW_MAT_WINDOW_LIT || i == CW_MAT_STREET_LAMP)
            shine(&r->palette[i], i, r->light.night ? 1.0F : 0.0F);
    }
}

static bool make_palette(cw_rays *r) {
    uint32_t signals = 0, count = r->scenery.object_count;
    r->object_look = calloc((size_t)count + 1, sizeof *r->object_look);
    if (r->object_look == NULL)
        return false;
    uint32_t base = CW_MAT_KINDS + r->def.scene->actor_count * BODY_SLOTS;
    for (uint32_t i = 0; i < count; i++)
        if (r->scenery.objects[i].thing == CW_THING_SIGNAL)
            r->object_look[i] = base + SIGNAL_SLOTS * signals++;
    r->palette_count = base + SIGNAL_SLOTS * signals;
    r->palette = calloc((size_t)r->palette_count + 1, sizeof *r->palette);
    return r->palette != NULL;
}

// ---- lamps -----------------------------------------------------------------------------------------------------------

static void add_lamp(cw_rays *r, cw_lamp lamp) {
    if (r->light.lamp_count < LAMPS_MOST)
        r->light.lamps[r->light.lamp_count++] = lamp;
}

static void street_lamps(cw_rays *r, const cw_moment *moment) {
    double reach = moment->reach > 0 ? cw_min(moment->reach, 250.0) : INFINITY;
    for (uint32_t i = 0; i < r->scenery.lamp_count; i++) {
        const cw_street_lamp *lamp = &r->scenery.lamps[i];
        double x = moment->focus_x - r->origin[0] - (double)lamp->position[0];
        double y = moment->focus_y - r->origin[1] - (double)lamp->position[1];
        if (!(x * x + y * y <= reach * reach))
            continue;
        cw_lamp out = {.direction = {0, 0, -1},
                       .color = {3.4F, 2.6F, 1.6F},
                       .cos_inner = 0.75F,
                       .cos_outer = 0.15F,
                       .range = 40.0F,
                       .soft = 1.0F,
                       .owner = CW_NONE};
        memcpy(out.position, lamp->position, sizeof out.position);
        add_lamp(r, out);
    }
}

// Two head lamps a body would be two of the same: one, between them, of both.
static void body_lamps(cw_rays *r, uint32_t actor) {
    const rays_body *body = &r->bodies[actor];
    const cw_figure *figure = &r->figures[actor];
    const cw_actor *a = &r->def.scene->actors[actor];
    if (a->kind > CW_ACTOR_MOTORCYCLE || a->kind == CW_ACTOR_TRAILER || !body->shown)
        return;
    const float *frame = r->frame[body->first_place];
    float front = a->center_x + a->length * 0.5F, rear = a->center_x - a->length * 0.5F;
    cw_lamp head = {.soft = 40.0F,
                    .color = {30.0F, 28.0F, 24.5F},
                    .cos_inner = 0.97F,
                    .cos_outer = 0.80F,
                    .range = 70.0F,
                    .owner = actor};
    cw_lamp tail = {.soft = 1.0F,
                    .color = {0.10F, 0.01F, 0.008F},
                    .cos_inner = 0.6F,
                    .cos_outer = 0.0F,
                    .range = 8.0F,
                    .owner = actor};
    if ((figure->lamps & CW_LAMP_BRAKE) != 0)
        for (int k = 0; k < 3; k++)
            tail.color[k] *= 5.0F;
    // A low beam looks down a little.
    const float local_head[3] = {0.9965F, 0.0F, -0.0837F}, at_head[3] = {front + 0.05F, 0, 0.65F};
    const float local_tail[3] = {-0.9F, 0.0F, -0.436F}, at_tail[3] = {rear - 0.05F, 0, 0.75F};
    for (int i = 0; i < 3; i++) {
        const float *row = frame + 3 * i;
        head.direction[i] = row[0] * local_head[0] + row[1] * local_head[1] + row[2] * local_head[2];
        tail.direction[i] = row[0] * local_tail[0] + row[1] * local_tail[1] + row[2] * local_tail[2];
        head.position[i] = frame[9 + i] + row[0] * at_head[0] + row[1] * at_head[1] + row[2] * at_head[2];
        tail.position[i] = frame[9 + i] + row[0] * at_tail[0] + row[1] * at_tail[1] + row[2] * at_tail[2];
    }
    add_lamp(r, head);
    add_lamp(r, tail);
}

// ---- a moment --------------------------------------------------------------------------------------------------------

static bool wanted(const cw_moment *moment, const cw_figure *figure) {
    double x = figure->x - moment->focus_x, y = figure->y - moment->focus_y;
    return figure->present && (moment->reach <= 0 || x * x + y * y <= moment->reach * moment->reach);
}

static bool same_air(const cw_air *a, const cw_air *b) {
    return a->sun_azimuth == b->sun_azimuth && a->sun_elevation == b->sun_elevation && a->cloud == b->cloud &&
           a->visibility == b->visibility && a->rain == b->rain && a->snow == b->snow && a->water == b->water &&
           a->cover == b->cover && a->ice == b->ice;
}

cw_status cw_rays_set(cw_rays *r, const cw_moment *moment, bool cut, cw_error *err) {
    const cw_scene *scene = r->def.scene;
    cut = cut || !r->set;
    const cw_environment *environment = moment->environment != NULL ? moment->environment : &scene->environment;
    cw_air air = cw_air_of(environment, scene->map->georeference);
    if ((!r->set || !same_air(&air, &r->light.air)) && !cw_light_bake(&r->light, &air, !r->def.coarse))
        return no_memory(err);
    r->before_ns = r->time_ns;
    r->time_ns = moment->time_ns;
    r->light.lamp_count = 0;
    look_of_materials(r);
    look_of_signals(r, moment->lights);
    for (uint32_t i = 0; i < scene->actor_count; i++) {
        bool shown = wanted(moment, &moment->figures[i]), was = r->bodies[i].made && r->bodies[i].shown;
        r->figures_before[i] = was && !cut ? r->figures[i] : moment->figures[i];
        r->figures[i] = moment->figures[i];
        if (shown && !r->bodies[i].made) {
            cw_status status = make_body(r, i, err);
            if (status != CW_OK)
                return status;
        }
        show_body(r, i, shown);
        if (!shown)
            continue;
        look_of_body(r, i);
        if (!move_body(r, i, cut || !was))
            return no_memory(err);
    }
    if (r->light.night) {
        for (uint32_t i = 0; i < scene->actor_count; i++)
            if (r->bodies[i].made && r->bodies[i].shown)
                body_lamps(r, i);
        street_lamps(r, moment);
    }
    r->set = true;
    r->cut = cut;
    r->dirty = true;
    return CW_OK;
}

// ---- open and close --------------------------------------------------------------------------------------------------

static cw_status open_device(cw_rays *r, cw_error *err) {
    const char *missing;
    if (!embree_open(&r->embree, &missing))
        return cw_error_set(err, CW_ERR_UNSUPPORTED, NULL, 0, 0,
                            "cameras need Embree (%s is missing): apt-get install libembree3-3", missing);
    // One thread: trees are then built the same way each time; our own pool splits the rays.
    static const char *const configs[] = {"", "threads=1,isa=sse2", "threads=1,isa=avx2",
                                          "threads=1,isa=avx512,frequency_level=simd512"};
    r->device = r->embree.rtcNewDevice(configs[r->isa]);
    if (r->device == NULL)
        return cw_error_set(err, CW_ERR_UNSUPPORTED, NULL, 0, 0, "Embree does not run on this machine");
    r->top = r->embree.rtcNewScene(r->device);
    // No light through the seams of the road; a hundred pixels do not show them, and rays are a fifth faster without.
    r->embree.rtcSetSceneFlags(r->top,
                               r->def.coarse ? RTC_SCENE_FLAG_DYNAMIC : RTC_SCENE_FLAG_DYNAMIC | RTC_SCENE_FLAG_ROBUST);
    r->embree.rtcSetSceneBuildQuality(r->top, RTC_BUILD_QUALITY_LOW);
    return CW_OK;
}

static cw_status open_scenery(cw_rays *r, cw_error *err) {
    cw_scenery_def def = cw_scenery_defaults(r->def.scene->map);
    def.seed = r->def.seed;
    def.coarse = r->def.coarse;
    cw_status status = cw_scenery_build(&def, r->scenery_arena, &r->scenery, err);
    if (status != CW_OK)
        return status;
    memcpy(r->origin, r->scenery.origin, sizeof r->origin);
    addend all = {&r->scenery.mesh, NULL};
    uint32_t shape = 0;
    r->object = malloc(((size_t)r->scenery.mesh.triangle_count + 1) * sizeof *r->object);
    if (r->object == NULL || !add_shape(r, &all, 1, &shape) || !make_palette(r) || !add_place(r, CW_NONE, shape, 0))
        return no_memory(err);
    memcpy(r->object, r->scenery.mesh.object, (size_t)r->scenery.mesh.triangle_count * sizeof *r->object);
    return CW_OK;
}

cw_status cw_rays_new(const cw_rays_def *def, cw_rays **out, cw_error *err) {
    assert(def != NULL && def->cookie == COOKIE && def->scene != NULL); // filled by cw_rays_defaults
    *out = NULL;
    cw_rays *r = calloc(1, sizeof *r);
    if (r == NULL)
        return no_memory(err);
    uint32_t count = def->scene->actor_count;
    r->def = *def;
    r->isa = machine_isa(def->isa);
    r->carrier = r->single = CW_NONE;
    r->arena = cw_arena_new(1 << 18, 0);
    r->scenery_arena = cw_arena_new(1 << 20, 0);
    r->bodies = calloc((size_t)count + 1, sizeof *r->bodies);
    r->figures = calloc((size_t)count + 1, sizeof *r->figures);
    r->figures_before = calloc((size_t)count + 1, sizeof *r->figures_before);
    cw_status status = r->arena != NULL && r->scenery_arena != NULL && r->bodies != NULL && r->figures != NULL &&
                               r->figures_before != NULL
                           ? CW_OK
                           : no_memory(err);
    if (status == CW_OK)
        status = open_device(r, err);
    if (status == CW_OK)
        status = open_scenery(r, err);
    if (status != CW_OK) {
        cw_rays_free(r);
        return status;
    }
    *out = r;
    return CW_OK;
}

void cw_rays_free(cw_rays *r) {
    if (r == NULL)
        return;
    if (r->device != NULL) {
        for (size_t i = 0; i < r->place_count; i++)
            r->embree.rtcReleaseGeometry(r->places[i].geometry);
        if (r->top != NULL)
            r->embree.rtcReleaseScene(r->top);
        r->embree.rtcReleaseDevice(r->device);
    }
    cw_light_free(&r->light);
    cw_arena_free(r->arena);
    cw_arena_free(r->scenery_arena);
    void *owned[] = {r->info,    r->normal,         r->object, r->shapes,     r->models,  r->bodies, r->places,
                     r->frame,   r->before,         r->first,  r->look_first, r->palette, r->label,  r->object_look,
                     r->figures, r->figures_before, r};
    for (size_t i = 0; i < sizeof owned / sizeof *owned; i++)
        free(owned[i]);
}

#else

static cw_status unsupported(cw_error *err) {
    return cw_error_set(err, CW_ERR_UNSUPPORTED, NULL, 0, 0,
                        "built without cameras: apt-get install libembree-dev, then build again");
}

cw_status cw_rays_new(const cw_rays_def *def, cw_rays **out, cw_error *err) {
    assert(def != NULL && def->cookie == COOKIE);
    (void)def;
    *out = NULL;
    return unsupported(err);
}

// No rays are ever made, so that none of these is ever called rightly.
void cw_rays_free(cw_rays *rays) {
    (void)rays;
}

cw_isa cw_rays_isa(const cw_rays *rays) {
    (void)rays;
    return CW_ISA_BEST;
}

size_t cw_rays_triangles(const cw_rays *rays) {
    (void)rays;
    return 0;
}

cw_status cw_rays_set(cw_rays *rays, const cw_moment *moment, bool cut, cw_error *err) {
    (void)rays, (void)moment, (void)cut;
    return unsupported(err);
}

#endif
