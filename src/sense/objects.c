// Detections of road users.
#include "causeway/scene.h"
#include "causeway/sense.h"
#include "causeway/world.h"
#include "sense/sight.h"

#include <math.h>

// Bodies and objects that may hide one road user; more than this in one corridor are counted as hiding.
enum { BLOCKERS = 64, SOLIDS = 256 };
enum { DRAW_POSITION = 0x5e05e, DRAW_MISS, DRAW_ERROR };
#define BRAKE_LAMP_ACCEL -1.3f // UN R13-H: lit above it, whatever slows the car down
#define ACTOR_BITS 16

cw_sensor_def cw_sensor_defaults(void) {
    return (cw_sensor_def){
        .range = 150, .field_of_view = (float)(2 * CW_PI), .miss_most = 3, .frame_ns = 100000000, .seed = 1};
}

cw_id cw_sense_id(const struct cw_world *world, uint32_t actor) {
    (void)world;
    return actor + 1;
}

uint32_t cw_sense_actor(const struct cw_world *world, cw_id id) {
    uint32_t index = id & ((1u << ACTOR_BITS) - 1);
    return index == 0 || index > cw_world_actor_count(world) ? CW_NONE : index - 1;
}

// What the sensor sees with, fixed for one frame.
typedef struct view {
    const cw_world *world;
    const cw_scene *scene;
    const cw_sensor_def *def;
    uint32_t observer;
    cw_actor_state self;
    cw_box box;
    cw_vec3 eye;
    double ux, uy; // the observer's heading
    double range;  // m
    bool all_round;
    double cos_half; // of half the field of view
    uint32_t solid_count;
    const cw_solid *solids[SOLIDS];
} view;

static void look(view *v, const cw_world *world, uint32_t observer, const cw_sensor_def *def) {
    v->world = world;
    v->scene = cw_world_scene(world);
    v->def = def;
    v->observer = observer;
    cw_world_actor(world, observer, &v->self);
    v->box = cw_world_box(world, observer);
    v->ux = v->box.ux;
    v->uy = v->box.uy;
    v->eye = (cw_vec3){v->box.x, v->box.y, v->self.z + (double)v->scene->actors[observer].height};
    v->range = cw_min((double)def->range, (double)cw_world_visibility(world));
    v->all_round = (double)def->field_of_view >= 2 * CW_PI - 1e-6;
    v->cos_half = v->all_round ? -1 : cw_cos(0.5 * (double)def->field_of_view);
    v->solid_count = cw_world_solids(world, v->eye.x, v->eye.y, v->range, v->solids, SOLIDS);
}

static bool in_view(const view *v, cw_vec3 point) {
    if (v->all_round)
        return true;
    double dx = point.x - v->eye.x, dy = point.y - v->eye.y;
    return dx * v->ux + dy * v->uy >= v->cos_half * cw_hypot(dx, dy);
}

static cw_blocker blocker_of(const view *v, uint32_t actor, const cw_actor_state *state, cw_box box) {
    const cw_actor *a = &v->scene->actors[actor];
    return (cw_blocker){.box = box,
                        .low = state->z,
                        .high = state->z + (double)a->height,
                        .radius = 0.5 * cw_hypot((double)a->length, (double)a->width)};
}

// What stands between the eye and the target. Returns how many, BLOCKERS + 1 when there are too many.
static uint32_t between(const view *v, uint32_t target, const cw_blocker *aim, cw_blocker *out) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < v->scene->actor_count; ++i) {
        if (i == target || i == v->observer)
            continue;
        cw_actor_state state;
        cw_world_actor(v->world, i, &state);
        if (!state.present || !state.visible || cw_world_is_clear(v->world, i))
            continue;
        // The reference point stands for the box until it is known to be near.
        const cw_actor *a = &v->scene->actors[i];
        double radius = 0.5 * cw_hypot((double)a->length, (double)a->width);
        if (cw_world_is_aside(v->world, i)) {
            cw_box hides = cw_world_sight_box(v->world, i), seen = cw_world_box(v->world, i);
            state.x += hides.x - seen.x;
            state.y += hides.y - seen.y;
        }
        cw_blocker rough = {.box = {.x = state.x, .y = state.y},
                            .radius = radius + fabs((double)a->center_x) + fabs((double)a->center_y)};
        if (!cw_blocker_near(&rough, v->eye, aim->box.x, aim->box.y, aim->radius))
            continue;
        if (count == BLOCKERS)
            return BLOCKERS + 1;
        out[count++] = blocker_of(v, i, &state, cw_world_sight_box(v->world, i));
    }
    for (uint32_t i = 0; i < v->solid_count && !cw_world_is_clear(v->world, CW_NONE); ++i) {
        const cw_solid *solid = v->solids[i];
        cw_blocker b = {.box = solid->box,
                        .low = solid->low,
                        .high = solid->high,
                        .radius = cw_hypot(solid->box.half_length, solid->box.half_width)};
        if (!cw_blocker_near(&b, v->eye, aim->box.x, aim->box.y, aim->radius))
            continue;
        if (count == BLOCKERS)
            return BLOCKERS + 1;
        out[count++] = b;
    }
    return count;
}

static bool clear(const view *v, cw_vec3 point, const cw_blocker *blockers, uint32_t count) {
    if (!in_view(v, point))
        return false;
    for (uint32_t i = 0; i < count; ++i)
        if (cw_blocker_stops(&blockers[i], v->eye, point))
            return false;
    return true;
}

static bool sees(const view *v, uint32_t target, const cw_actor_state *state) {
    cw_blocker aim = blocker_of(v, target, state, cw_world_box(v->world, target));
    double dx = aim.box.x - v->eye.x, dy = aim.box.y - v->eye.y;
    if (dx * dx + dy * dy > v->range * v->range)
        return false;
    cw_blocker blockers[BLOCKERS];
    uint32_t count = between(v, target, &aim, blockers);
    if (count > BLOCKERS)
        return false;
    if (count == 0 && v->all_round)
        return true;
    static const int8_t places[9][2] = {{0, 0}, {1, 1}, {1, -1}, {-1, 1}, {-1, -1}, {1, 0}, {-1, 0}, {0, 1}, {0, -1}};
    double height = aim.high - aim.low;
    // Just inside the outline, so that what touches the body does not hide its faces.
    double l = 0.98 * aim.box.half_length, w = 0.98 * aim.box.half_width;
    for (int level = 0; level < 2; ++level)
        for (int i = 0; i < 9; ++i) {
            double a = l * places[i][0], b = w * places[i][1];
            cw_vec3 point = {aim.box.x + a * aim.box.ux - b * aim.box.uy, aim.box.y + a * aim.box.uy + b * aim.box.ux,
                             aim.low + height * (level == 0 ? 0.95 : 0.5)};
            if (clear(v, point, blockers, count))
                return true;
        }
    return false;
}

bool cw_sense_sees(const struct cw_world *world, uint32_t observer, const cw_sensor_def *def, uint32_t target) {
    view v;
    cw_actor_state state;
    cw_world_actor(world, target, &state);
    if (target == observer || !state.present || !state.visible)
        return false;
    look(&v, world, observer, def);
    return sees(&v, target, &state);
}

static cw_rng_key key_of(const view *v, uint32_t actor, uint32_t purpose, int64_t frame) {
    return (cw_rng_key){.seed = v->def->seed,
                        .world = cw_world_number(v->world),
                        .agent = actor,
                        .purpose = purpose,
                        .step = (uint64_t)frame};
}

static int64_t frame_of(const view *v) {
    return cw_world_time(v->world) / v->def->frame_ns;
}

// Of more than miss_most draws in a row that miss, the later ones count as seen: no memory is needed for it. Nobody is missed
// in the first frame: whoever is there when a run begins has been seen before.
static bool missed(const view *v, uint32_t actor) {
    if (!(v->def->miss_rate > 0) || frame_of(v) == 0)
        return false;
    for (uint32_t k = 0; k <= v->def->miss_most; ++k)
        if (!(cw_rng_uniform(key_of(v, actor, DRAW_MISS, frame_of(v) - (int64_t)k), 0) < (double)v->def->miss_rate))
            return k > 0;
    return false;
}

// An error as large as its bound all the time, of one's own for each road user and bad for long enough to be believed.
static void err(const view *v, uint32_t actor, cw_detection *d) {
    cw_rng_key key = key_of(v, actor, DRAW_ERROR, 0);
    double seconds = (double)(frame_of(v) * v->def->frame_ns) * 1e-9, turn = 2 * CW_PI * cw_rng_uniform(key, 0), sine,
           cosine;
    turn += (cw_rng_uniform(key, 1) - 0.5) * 2 * seconds; // up to 1 rad/s
    cw_sincos(turn, &sine, &cosine);
    double sign = cw_rng_uniform(key, 2) < 0.5 ? -1 : 1;
    d->x = (float)((double)d->x + (double)v->def->position_error * cosine);
    d->y = (float)((double)d->y + (double)v->def->position_error * sine);
    d->vx = (float)((double)d->vx + sign * (double)v->def->speed_error * cosine);
    d->vy = (float)((double)d->vy + sign * (double)v->def->speed_error * sine);
}

static cw_detection detection(const view *v, uint32_t actor, const cw_actor_state *state) {
    const cw_actor *a = &v->scene->actors[actor];
    cw_box box = cw_world_box(v->world, actor);
    double dx = box.x - v->self.x, dy = box.y - v->self.y;
    // Velocity of the box centre: that of the reference point, and the turn about it.
    double along = (double)state->speed - (double)state->yaw_rate * (double)a->center_y;
    double across = (double)state->lateral_speed + (double)state->yaw_rate * (double)a->center_x;
    double vx = along * box.ux - across * box.uy, vy = along * box.uy + across * box.ux;
    uint8_t lamps = state->lamps;
    if (state->accel < BRAKE_LAMP_ACCEL && state->speed > 0)
        lamps |= CW_LAMP_BRAKE;
    if (state->speed < -0.1f)
        lamps |= CW_LAMP_REVERSE;
    cw_detection d = {.id = cw_sense_id(v->world, actor),
                      .kind = a->kind,
                      .indicators = lamps,
                      .x = (float)(dx * v->ux + dy * v->uy),
                      .y = (float)(dy * v->ux - dx * v->uy),
                      .z = (float)(state->z - v->self.z + 0.5 * (double)a->height),
                      .heading = (float)cw_wrap_angle((double)state->heading - (double)v->self.heading),
                      .vx = (float)(vx * v->ux + vy * v->uy),
                      .vy = (float)(vy * v->ux - vx * v->uy),
                      .length = a->length,
                      .width = a->width,
                      // One looks over what one looks through.
                      .height = cw_world_is_clear(v->world, actor) ? 0 : a->height};
    if (v->def->position_noise > 0 || v->def->speed_noise > 0) {
        cw_rng_key key = key_of(v, actor, DRAW_POSITION, frame_of(v));
        double position = (double)v->def->position_noise, speed = (double)v->def->speed_noise;
        d.x = (float)((double)d.x + position * cw_rng_normal(key, 0));
        d.y = (float)((double)d.y + position * cw_rng_normal(key, 1));
        d.vx = (float)((double)d.vx + speed * cw_rng_normal(key, 2));
        d.vy = (float)((double)d.vy + speed * cw_rng_normal(key, 3));
    }
    if (v->def->position_error > 0 || v->def->speed_error > 0)
        err(v, actor, &d);
    return d;
}

uint32_t cw_sense_objects(const struct cw_world *world, uint32_t observer, const cw_sensor_def *def, cw_detection *out,
                          uint32_t most) {
    view v;
    look(&v, world, observer, def);
    uint32_t count = 0;
    for (uint32_t i = 0; i < v.scene->actor_count && count < most; ++i) {
        if (i == observer)
            continue;
        cw_actor_state state;
        cw_world_actor(world, i, &state);
        if (!state.present || !state.visible || !sees(&v, i, &state) || missed(&v, i))
            continue;
        out[count++] = detection(&v, i, &state);
    }
    return count;
}
