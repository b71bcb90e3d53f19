// Between a camera (or a LiDAR) and the kernels that trace its rays, one for each instruction set.
#ifndef CW_SENSE_TRACE_H
#define CW_SENSE_TRACE_H

#include "rays.h"

#ifdef CW_HAVE_EMBREE

enum { SAMPLES_MOST = 4 };

typedef struct trace_eye { // a camera at a moment
    float origin[3];       // m, relative to the rays' origin
    float rotation[9];     // rows: camera's frame to map frame
} trace_eye;

typedef struct trace_picture {
    const cw_rays *rays;
    int width, height, tiles_across, tiles_down;
    int samples;                      // of a pixel; 1: its middle
    const float *table[SAMPLES_MOST]; // (tiles x 3 x lanes): unit directions in the camera's frame; zero: none
    trace_eye now, before;
    const cw_lens *lens;
    float exposure;
    bool show;     // the show grade
    bool straight; // the lens is a pinhole without distortion
    cw_image out;
    // show, else NULL: (height x width)
    float (*light)[4]; // linear, times exposure; and the share of it that is missing where the sky's ray is stopped
    uint32_t *guide;   // which surface << 1 | is the sky's ray stopped
} trace_picture;

// What one ray of a LiDAR brings back.
typedef struct trace_echo {
    float range, intensity; // m; range 0: nothing
    uint32_t place, triangle;
    uint8_t semantic;
} trace_echo;

typedef struct trace_scan {
    const cw_rays *rays;
    const float *table; // (packets x 3 x lanes): unit directions in the LiDAR's frame; zero: none
    trace_eye pose;
    float range, noise; // m
    uint32_t seed;
    trace_echo *echoes; // (packets x lanes)
} trace_scan;

// A tile is a packet of rays: 4 x 4, 4 x 2 or 2 x 2 pixels.
typedef struct trace_kernel {
    int lanes, tile_width, tile_height;
    void (*tiles)(const trace_picture *picture, int first, int end); // tiles in rows
    void (*scan)(const trace_scan *scan, int first, int end);        // packets
    // Pixels whose middle meets the body that rays of SINGLE_MASK meet; none lies outside the cone round `axis` (unit, the
    // camera's frame) whose half angle has this cosine. table[0] alone is read.
    uint32_t (*single)(const trace_picture *picture, const float axis[3], float cosine);
} trace_kernel;

extern const trace_kernel trace_sse2, trace_avx2, trace_avx512;
const trace_kernel *trace_kernel_of(cw_isa isa);

#endif
#endif
