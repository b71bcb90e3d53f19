// Pictures and point clouds: the scene as light and laser meet it, traced by Embree.
//
// A cw_rays holds a scene's geometry ready for rays. It is set to a moment - who is where, which light shines - and then
// any number of pictures and scans are taken of it. What comes out repeats for any number of threads on one instruction
// set (cw_rays_isa). It belongs to one thread at a time; its pool splits the work.
#ifndef CAUSEWAY_CAMERA_H
#define CAUSEWAY_CAMERA_H

#include "causeway/base.h"
#include "causeway/lens.h"
#include "causeway/scene.h"

struct cw_world; // causeway/world.h

enum { CW_RIG_CAMERAS_MOST = 16, CW_RIG_LIDARS_MOST = 4, CW_LIDAR_BEAMS_MOST = 128 };

// ---- the scene -------------------------------------------------------------------------------------------------------

typedef enum cw_isa { CW_ISA_BEST, CW_ISA_SSE2, CW_ISA_AVX2, CW_ISA_AVX512 } cw_isa;
const char *cw_isa_name(cw_isa isa); // "avx512"

typedef struct cw_rays_def {
    uint32_t cookie;       // set by cw_rays_defaults
    const cw_scene *scene; // outlives the rays
    uint64_t seed;         // of houses, trees and colours; default 1
    bool coarse;           // few triangles, for pictures of a hundred pixels; default false
    cw_isa isa;            // default: the best that this machine has; a better one than it has is taken for that
    cw_pool *pool;         // splits the work; outlives the rays; NULL: the caller's thread alone (default)
} cw_rays_def;

typedef struct cw_rays cw_rays;

cw_rays_def cw_rays_defaults(const cw_scene *scene);
// CW_ERR_UNSUPPORTED where Embree is missing, with how to install it; CW_ERR_INPUT for a map without any surface.
cw_status cw_rays_new(const cw_rays_def *def, cw_rays **rays, cw_error *err);
void cw_rays_free(cw_rays *rays); // NULL is fine
cw_isa cw_rays_isa(const cw_rays *rays);
size_t cw_rays_triangles(const cw_rays *rays); // of scenery and models together

// ---- a moment --------------------------------------------------------------------------------------------------------

// An actor at a moment. Map frame; reference point as cw_actor_state.
typedef struct cw_figure {
    bool present;
    uint8_t lamps;              // CW_LAMP_* of agent.h
    double x, y, z;             // m
    float heading, pitch, roll; // rad
    float steer;                // rad
    float speed;                // m/s
    double traveled;            // m since the start: what turns the wheels
} cw_figure;

typedef struct cw_moment {
    int64_t time_ns;
    const cw_figure *figures;          // (scene->actor_count)
    const uint8_t *lights;             // (map->signal_count) cw_light; NULL: all off
    const cw_environment *environment; // weather, time and surface in force; NULL: the scene's
    double focus_x, focus_y;           // m: bodies farther than `reach` from there are left out
    double reach;                      // m; 0: none is
} cw_moment;

// Sets the rays to it. What optical flow and motion blur call the moment before is the one set last; `cut`: there is none.
cw_status cw_rays_set(cw_rays *rays, const cw_moment *moment, bool cut, cw_error *err);
// The moment of a world as it is: figures and lights point into `figures` and `lights`, with room for the scene's.
cw_moment cw_moment_of_world(const struct cw_world *world, cw_figure *figures, uint8_t *lights);

// ---- pictures --------------------------------------------------------------------------------------------------------

typedef struct cw_camera {
    char name[32];
    cw_lens lens;
    cw_mount mount;
    double exposure; // factor on top of the automatic one; default 1
    // What a real one adds; zero: nothing.
    double noise;   // of each channel, standard deviation in levels of 255
    double shutter; // s that it is open: what moves is drawn out over the last so many
    double dirt;    // 0..1: how much of the lens dirt covers
    // What is wrong with it, and with its line.
    bool black;            // no picture ever comes
    bool freezes;          // after `frozen_from` the picture of then stays
    double frozen_from;    // s
    double latency;        // s from when a picture is taken to when it is there
    double drop_rate;      // 0..1: so many of its pictures never come
    char swapped_with[32]; // the camera whose pictures come in its place, of the same size; "": its own
} cw_camera;

typedef struct cw_lidar {
    char name[32];
    cw_mount mount;
    uint32_t beam_count;
    float beams[CW_LIDAR_BEAMS_MOST]; // rad above the horizontal
    uint32_t steps;                   // directions of each beam in a turn
    double range;                     // m
    double range_noise;               // m, standard deviation; default 0
} cw_lidar;

// The sensors of a vehicle.
typedef struct cw_rig {
    char name[32];
    uint32_t camera_count, lidar_count;
    cw_camera cameras[CW_RIG_CAMERAS_MOST];
    cw_lidar lidars[CW_RIG_LIDARS_MOST];
} cw_rig;

// The rigs that are there: "surround6" (front, front left and right, rear, rear left and right: all round), "surround4"
// (four fisheyes), "front" (one), each with a LiDAR of 32 beams on the roof; placed on this body. False: no such rig.
bool cw_rig_named(const char *name, const cw_actor *body, int width, int height, cw_rig *out);
// A rig file: JSON, docs/RENDER.md. What cannot be is an error with its place.
cw_status cw_rig_read(const void *bytes, size_t count, const char *path, cw_rig *out, cw_error *err);
// Are all cameras where they can see? CW_ERR_INPUT for one inside the vehicle's body or in the ground.
cw_status cw_rig_check(const cw_rig *rig, const cw_actor *body, cw_error *err);

// Number of the camera whose pictures come in the place of that one's.
uint32_t cw_rig_source(const cw_rig *rig, uint32_t camera);
// When was the picture taken that is there at `time_ns` (ns from 0) of a camera that takes one every `period_ns`, at time_ns
// too? < 0: none has come yet. A pure function of its arguments.
int64_t cw_rig_taken(const cw_rig *rig, uint32_t camera, uint64_t seed, int64_t time_ns, int64_t period_ns);

// (height x width) each, row by row from the top; NULL: not wanted.
typedef struct cw_image {
    uint32_t *color;    // 0xFFRRGGBB
    float *depth;       // m along the view's axis; INFINITY: sky
    uint8_t *semantic;  // cw_class
    uint32_t *instance; // 1 + actor; 1 + actor_count + n: the n-th thing that stands; 0: ground or sky
    float (*normal)[3]; // unit, camera's frame; zero: sky
    float (*flow)[2]; // pixels from here to where the same point was in the picture of the moment before; NAN: nowhere
} cw_image;

typedef enum cw_grade { CW_GRADE_TRAINING, CW_GRADE_SHOW } cw_grade;

// A camera made ready: what each pixel sees.
typedef struct cw_view_table cw_eye;
cw_status cw_eye_new(const cw_rays *rays, const cw_camera *camera, cw_grade grade, cw_eye **eye, cw_error *err);
void cw_eye_free(cw_eye *eye); // NULL is fine
// Takes a picture from the vehicle `carrier` (an actor that is present), whose own body it does not see.
cw_status cw_eye_take(cw_eye *eye, cw_rays *rays, uint32_t carrier, const cw_image *out, cw_error *err);
// How many pixels' middles the body of `actor` would fill with nothing in its way: what of it is seen, over this, is the
// share of it that is visible. 0 for the carrier, and for who is not shown.
cw_status cw_eye_single(cw_eye *eye, cw_rays *rays, uint32_t carrier, uint32_t actor, uint32_t *pixels, cw_error *err);

// ---- LiDAR -----------------------------------------------------------------------------------------------------------

typedef struct cw_lidar_point {
    float position[3]; // m, vehicle's frame
    float velocity[2]; // m/s over ground of the road user that it lies on, along the vehicle's x and y
    float intensity;   // 0..1: what a white wall that faces the LiDAR gives back in clear air is 1
    uint32_t instance; // as in cw_image
    uint8_t semantic;  // cw_class
    uint8_t beam;
} cw_lidar_point;

typedef struct cw_scanner cw_scanner; // a LiDAR made ready
cw_status cw_scanner_new(const cw_rays *rays, const cw_lidar *lidar, cw_scanner **scanner, cw_error *err);
void cw_scanner_free(cw_scanner *scanner);           // NULL is fine
uint32_t cw_scanner_rays(const cw_scanner *scanner); // of one turn
// One turn from where the carrier is now; `out` has room for cw_scanner_rays. In clear air a dark surface (albedo 0.1) that
// faces the LiDAR comes back from its full range; less light comes back from farther, from flat angles, through rain, snow and
// fog, and too little is lost. Nothing comes from beyond the range, or from the carrier's own body.
cw_status cw_scanner_scan(cw_scanner *scanner, cw_rays *rays, uint32_t carrier, cw_lidar_point *out, uint32_t *count,
                          cw_error *err);

#endif
