// What the files that make bodies share. Private to them.
#ifndef CW_SENSE_MODEL_PARTS_H
#define CW_SENSE_MODEL_PARTS_H

#include "sense/model.h"

enum { MODEL_PARTS = 24 };

// A model in the making: one builder for the part in work, parts finished into the arena.
typedef struct modeller {
    cw_model_def def; // with usual values where the caller gave none
    cw_arena *arena;
    cw_error *err;
    cw_status status;
    cw_mesh_builder b;
    cw_model_part parts[MODEL_PARTS];
    uint32_t part_count, gait_count;
    float stride;
    uint8_t semantic;
    double rear, front; // x of the box's ends, m
    double rear_axle, front_axle;
} modeller;

// What was built since the last part becomes one.
void model_part(modeller *m, cw_part_kind kind, double x, double y, double z, double radius);

// A smooth sheet of rows x columns points, row by row; seen from the side where, looking along the rows, columns run to the
// left. `points` row-major.
void model_sheet(cw_mesh_builder *b, const cw_vec3 *points, uint32_t rows, uint32_t columns);
// A wheel around the origin of its own, axle along y, its outer face towards `side` (+1 left, -1 right).
void model_wheel(modeller *m, double radius, double width, int side);
// Flat piece on the plane through p, q, r, s, moved out of it by `out` m.
void model_patch(cw_mesh_builder *b, cw_vec3 p, cw_vec3 q, cw_vec3 r, cw_vec3 s, double out);

bool model_is_named(const cw_model_def *def, const char *word); // the catalog entry's name holds the word

void model_car(modeller *m); // cars and vans
void model_truck(modeller *m);
void model_trailer(modeller *m);
void model_bus(modeller *m);
void model_train(modeller *m);
void model_motorcycle(modeller *m);
void model_bicycle(modeller *m);
void model_pedestrian(modeller *m);
void model_animal(modeller *m);
void model_obstacle(modeller *m); // and whatever is of no other kind

static inline cw_vec3 vec(double x, double y, double z) {
    return (cw_vec3){x, y, z};
}
static inline cw_vec3 mix(cw_vec3 a, cw_vec3 b, double f) {
    return (cw_vec3){cw_lerp(a.x, b.x, f), cw_lerp(a.y, b.y, f), cw_lerp(a.z, b.z, f)};
}

#endif
