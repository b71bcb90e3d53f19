// Bodies: cars, people and whatever else moves or lies about, made from the dimensions of an actor.
#ifndef CW_SENSE_MODEL_H
#define CW_SENSE_MODEL_H

#include "causeway/scene.h"
#include "sense/mesh.h"

typedef struct cw_model_def {
    uint8_t kind;                // cw_actor_kind
    float length, width, height; // m; 0: usual ones
    float center_x;              // of the box from the reference point, m (actors: center_x)
    float wheelbase;             // m; 0: usual
    const char *model; // of the catalog entry, or ""; names what an obstacle or a pedestrian is ("cone", "child")
    uint32_t variant;  // shapes differ by it: hatchback, saloon, estate; hair, skirt
    bool coarse;       // at most about 150 triangles
} cw_model_def;

cw_model_def cw_model_of_actor(const cw_actor *actor, uint32_t variant, bool coarse);

typedef enum cw_part_kind {
    CW_PART_BODY,
    CW_PART_WHEEL,         // turns about its own y axis
    CW_PART_WHEEL_STEERED, // turns, and steers about z
    CW_PART_STAND,         // instead of the gait where speed is 0
    CW_PART_GAIT           // one of `gait_count` poses, in order: that of the phase is drawn
} cw_part_kind;

typedef struct cw_model_part {
    uint8_t kind;   // cw_part_kind
    float pivot[3]; // m in the model frame: the part's mesh is around it
    float radius;   // of a wheel, m: it turns by distance / radius
    cw_mesh mesh;
} cw_model_part;

// Frame: the actor's reference point on the ground, x forward, y left, z up. The lowest point lies at z = 0.
typedef struct cw_model {
    uint8_t kind, semantic; // cw_actor_kind, cw_class
    uint32_t part_count;
    const cw_model_part *parts;
    uint32_t gait_count; // 0: no poses
    float stride;        // m walked (pedalled) in one cycle of the gait
    float low[3], high[3];
} cw_model;

// `arena` holds all of it. CW_ERR_MEMORY.
cw_status cw_model_build(const cw_model_def *def, cw_arena *arena, cw_model *out, cw_error *err);
// Which pose of the gait after `traveled` metres; in [0, gait_count).
uint32_t cw_model_pose(const cw_model *model, double traveled);

#endif
