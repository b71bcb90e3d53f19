// The layout of the vector observation, and what its writer needs to be made.
#include "sense/vector.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { COOKIE = 0x0b5e1, ROAD_MOST = 4096, USERS_MOST = 4096, SIGNALS_MOST = 8 };

// X(name, unit, scale, text)
#define EGO_FIELDS(X)                                                                                                  \
    X("speed", "m/s", 1.0f / 30, "along the heading")                                                                  \
    X("goal_x", "m", 1.0f / 100, "the goal, ahead")                                                                    \
    X("goal_y", "m", 1.0f / 100, "the goal, to the left")                                                              \
    X("length", "m", 1.0f / 10, "of the body")                                                                         \
    X("width", "m", 1.0f / 4, "of the body")                                                                           \
    X("steer", "rad", 1.0f, "road-wheel angle, left")                                                                  \
    X("route_offset", "m", 1.0f / 5, "to the left of the route")                                                       \
    X("route_turn", "1", 1.0f, "sine of the heading against the route's")                                              \
    X("goal_distance", "m", 1.0f / 100, "straight to the goal")                                                        \
    X("goal_cos", "1", 1.0f, "cosine of the direction to the goal")                                                    \
    X("goal_sin", "1", 1.0f, "sine of it, left")                                                                       \
    X("lateral_speed", "m/s", 1.0f / 5, "to the left")                                                                 \
    X("yaw_rate", "rad/s", 1.0f, "to the left")                                                                        \
    X("accel", "m/s^2", 1.0f / 10, "along the heading")                                                                \
    X("last_accel", "1", 1.0f, "action taken last: acceleration")                                                      \
    X("last_steer", "1", 1.0f, "action taken last: steering")
#define USER_FIELDS(X)                                                                                                 \
    X("x", "m", 1.0f / 50, "centre of its box, ahead")                                                                 \
    X("y", "m", 1.0f / 50, "centre of its box, to the left")                                                           \
    X("heading", "rad", (float)(1 / CW_PI), "against the ego's, -pi to pi")                                            \
    X("speed", "m/s", 1.0f / 30, "along its own heading")                                                              \
    X("length", "m", 1.0f / 10, "of the body")                                                                         \
    X("width", "m", 1.0f / 4, "of the body")                                                                           \
    X("kind", "1", 1.0f / 8,                                                                                           \
      "1 car or van, 2 truck, bus, trailer or train, 3 two-wheeler, 4 pedestrian, 5 animal, "                          \
      "6 obstacle, 7 other")
#define ROAD_FIELDS(X)                                                                                                 \
    X("x", "m", 1.0f / 50, "its middle, ahead")                                                                        \
    X("y", "m", 1.0f / 50, "its middle, to the left")                                                                  \
    X("length", "m", 1.0f / 10, "of the segment")                                                                      \
    X("width", "m", 1.0f / 4, "of the lane or the line")                                                               \
    X("cos", "1", 1.0f, "cosine of its direction against the ego's heading; lanes point along travel")                 \
    X("sin", "1", 1.0f, "sine of it, left")                                                                            \
    X("kind", "1", 1.0f / 8, "1 lane, 2 broken line, 3 solid line, 4 road edge, 5 stop line, 6 crosswalk")
#define SIGNAL_FIELDS(X)                                                                                               \
    X("distance", "m", 1.0f / 100, "along the route to where it holds")                                                \
    X("sign", "1", 1.0f, "1: a sign or a stop line, no light")                                                         \
    X("red", "1", 1.0f, "1: red or red-yellow")                                                                        \
    X("yellow", "1", 1.0f, "1: yellow, red-yellow or flashing yellow")                                                 \
    X("green", "1", 1.0f, "1: green")

#define SCALE(name, unit, scale, text) scale,
const float cw_ego_scale[CW_VECTOR_EGO_FIELDS] = {EGO_FIELDS(SCALE)};
const float cw_user_scale[CW_VECTOR_ROW] = {USER_FIELDS(SCALE)};
const float cw_road_scale[CW_VECTOR_ROW] = {ROAD_FIELDS(SCALE)};
const float cw_signal_scale[CW_VECTOR_SIGNAL_FIELDS] = {SIGNAL_FIELDS(SCALE)};
#undef SCALE

#define EGO(name, unit, scale, text) {CW_VECTOR_EGO, name, unit, scale, text},
#define USER(name, unit, scale, text) {CW_VECTOR_USER, name, unit, scale, text},
#define ROAD(name, unit, scale, text) {CW_VECTOR_ROAD, name, unit, scale, text},
#define SIGNAL(name, unit, scale, text) {CW_VECTOR_SIGNAL, name, unit, scale, text},
static const cw_vector_field fields[] = {EGO_FIELDS(EGO) USER_FIELDS(USER) ROAD_FIELDS(ROAD) SIGNAL_FIELDS(SIGNAL)};

enum { FIELDS = sizeof fields / sizeof *fields };
_Static_assert(FIELDS == CW_VECTOR_EGO_FIELDS + 2 * CW_VECTOR_ROW + CW_VECTOR_SIGNAL_FIELDS, "a field in each place");

const cw_vector_field *cw_vector_fields(uint32_t *count) {
    *count = FIELDS;
    return fields;
}

cw_vector_def cw_vector_full(void) {
    return (cw_vector_def){.cookie = COOKIE, .ego = 7, .users = 63, .road = 200, .road_range = 100};
}

cw_vector_def cw_vector_compact(void) {
    return (cw_vector_def){
        .cookie = COOKIE, .ego = CW_VECTOR_EGO_FIELDS, .users = 12, .road = 20, .signals = 2, .road_range = 100};
}

static bool is_made(const cw_vector_def *def) {
    return def->cookie == COOKIE && def->ego >= 1 && def->ego <= CW_VECTOR_EGO_FIELDS && def->users <= USERS_MOST &&
           def->road <= ROAD_MOST && def->signals <= SIGNALS_MOST && def->road_range > 0;
}

uint32_t cw_vector_floats(const cw_vector_def *def) {
    assert(is_made(def));
    return def->ego + CW_VECTOR_ROW * (def->users + def->road) + CW_VECTOR_SIGNAL_FIELDS * def->signals;
}

uint64_t cw_vector_layout_hash(const cw_vector_def *def) {
    assert(is_made(def));
    uint32_t sizes[] = {def->ego, def->users, def->road, def->signals};
    uint64_t hash = cw_hash_bytes(0x1a705, sizes, sizeof sizes);
    hash = cw_hash_bytes(hash, &def->road_range, sizeof def->road_range);
    for (uint32_t i = 0; i < FIELDS; i++) {
        hash = cw_hash_bytes(hash, &fields[i].section, 1);
        hash = cw_hash_bytes(hash, &fields[i].scale, sizeof fields[i].scale);
        hash = cw_hash_bytes(hash, fields[i].name, strlen(fields[i].name) + 1);
        hash = cw_hash_bytes(hash, fields[i].text, strlen(fields[i].text) + 1);
    }
    return hash;
}

// ---- actors ----------------------------------------------------------------------------------------------------------

static float kind_of(uint8_t kind) {
    switch ((cw_actor_kind)kind) {
    case CW_ACTOR_CAR:
    case CW_ACTOR_VAN:
        return 1;
    case CW_ACTOR_TRUCK:
    case CW_ACTOR_BUS:
    case CW_ACTOR_TRAILER:
    case CW_ACTOR_TRAIN:
        return 2;
    case CW_ACTOR_MOTORCYCLE:
    case CW_ACTOR_BICYCLE:
        return 3;
    case CW_ACTOR_PEDESTRIAN:
        return 4;
    case CW_ACTOR_ANIMAL:
        return 5;
    case CW_ACTOR_OBSTACLE:
        return 6;
    default:
        return 7;
    }
}

cw_vector_cast *cw_vector_cast_new(const cw_scene *scene) {
    cw_vector_cast *cast = malloc(sizeof *cast + scene->actor_count * sizeof cast->rows[0]);
    if (!cast)
        return NULL;
    cast->count = scene->actor_count;
    for (uint32_t i = 0; i < cast->count; i++) {
        const cw_actor *a = &scene->actors[i];
        cast->rows[i] = (cw_cast_row){.center_x = a->center_x,
                                      .center_y = a->center_y,
                                      .length = a->length * cw_user_scale[4],
                                      .width = a->width * cw_user_scale[5],
                                      .kind = kind_of(a->kind) * cw_user_scale[6]};
    }
    return cast;
}

void cw_vector_cast_free(cw_vector_cast *cast) {
    free(cast);
}

cw_vector_scratch *cw_vector_scratch_new(uint32_t most) {
    enum { BEYOND = 32, DOUBLES = 7, WORDS = 5 }; // values past the last that whole vectors reach
    size_t n = ((size_t)most + BEYOND + 15) / 16 * 16;
    size_t head = (sizeof(cw_vector_scratch) + 63) & ~(size_t)63;
    size_t size = head + n * (sizeof(cw_vector_user) + DOUBLES * sizeof(double) + WORDS * 4 + sizeof(cw_vector_place));
    cw_vector_scratch *s = aligned_alloc(64, (size + 63) & ~(size_t)63);
    if (!s)
        return NULL;
    memset(s, 0, size);
    s->most = most;
    s->user = (void *)((char *)s + head);
    double *doubles = (void *)(s->user + n);
    double **const doubles_of[DOUBLES] = {&s->x, &s->y, &s->sine, &s->cosine, &s->distance2, &s->sorted, &s->near};
    for (size_t i = 0; i < DOUBLES; i++)
        *doubles_of[i] = doubles + i * n;
    s->rounded = (void *)(doubles + DOUBLES * n);
    s->rank = (void *)(s->rounded + n);
    uint32_t *numbers = (void *)(s->rank + n);
    s->slot = numbers;
    s->pick = numbers + n;
    s->order = numbers + 2 * n;
    s->place = (void *)(numbers + 3 * n);
    return s;
}

void cw_vector_scratch_free(cw_vector_scratch *scratch) {
    free(scratch);
}
