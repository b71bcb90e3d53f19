// Where light comes from at a moment: sun, sky, and lamps at night. All of it linear, red, green, blue; a white wall that
// stands in full sun has about 2.
#ifndef CW_SENSE_LIGHT_H
#define CW_SENSE_LIGHT_H

#include "causeway/base.h"
#include "causeway/scene.h"

enum { SKY_SIDE = 256, TONE_STEPS = 4096, LAMPS_MOST = 512 };

// What the air and the ground are like, from an environment.
typedef struct cw_air {
    double sun_azimuth, sun_elevation; // rad: from the map's x axis to the left; above the horizon
    double cloud;                      // 0..1
    double visibility;                 // m, finite
    double rain, snow;                 // falling, mm/h
    double water;                      // mm on the road
    double cover;                      // snow on the ground, 0..1
    double ice;                        // 0..1
} cw_air;

cw_air cw_air_of(const cw_environment *environment, const char *georeference);

// A lamp that lights its surroundings: a cone with a soft edge.
typedef struct cw_lamp {
    float position[3], direction[3]; // m, relative to the rays' origin; unit
    float color[3];                  // at 1 m
    float cos_inner, cos_outer;      // full within, nothing beyond
    float range;                     // m
    float soft;                      // m^2: no brighter than from the distance whose square this is
    uint32_t owner;                  // actor, CW_NONE
} cw_lamp;

typedef struct cw_light_field {
    cw_air air;
    float sun[3], sun_direction[3]; // direction to it
    float up[3], down[3];           // diffuse light on what faces up and down
    float horizon[3];               // of the air far away
    float extinction;               // 1/m
    float exposure;
    float lamps_shine; // what a lamp's emission is times: at night less, or all of them were white
    bool night;        // lamps are on
    bool sun_shines;   // casts shadows
    uint32_t lamp_count;
    cw_lamp lamps[LAMPS_MOST];
    // Half an octahedron over the sky: side x side, red, green, blue and nothing.
    float (*sky)[4];
    uint8_t *tone; // (TONE_STEPS): an 8-bit level by the square root of what is seen
} cw_light_field;

// Sky and tone curve for this air; the tables belong to the field (cw_light_free). False: out of memory.
bool cw_light_bake(cw_light_field *field, const cw_air *air, bool filmic);
void cw_light_free(cw_light_field *field);
// A direction's place on the sky's table, 0..1 each; z >= 0.
static inline void cw_sky_place(float x, float y, float z, float *u, float *v) {
    float sum = (x < 0 ? -x : x) + (y < 0 ? -y : y) + (z < 0 ? -z : z), s = 1.0f / sum;
    *u = 0.5f + 0.5f * (x + y) * s;
    *v = 0.5f + 0.5f * (x - y) * s;
}

#endif
