// A camera's lens and where it sits: how a point of space becomes a pixel, and back. Drivers need it to read pictures,
// `sense` to take them.
//
// The camera's frame is the usual optical one: x to the right, y down, z along the view. Pixel (i, j) covers [i, i + 1) x
// [j, j + 1), so that its middle lies at (i + 0.5, j + 0.5); (0, 0) is the picture's upper left corner.
#ifndef CAUSEWAY_LENS_H
#define CAUSEWAY_LENS_H

#include "causeway/base.h"

typedef enum cw_lens_kind { CW_LENS_PINHOLE, CW_LENS_FISHEYE } cw_lens_kind;

enum { CW_LENS_SIDE_MOST = 8192 }; // pixels

// Pinhole: with a = x / z, b = y / z, r^2 = a^2 + b^2 and D = 1 + k0 r^2 + k1 r^4 + k2 r^6, the pixel is at
//   u = cx + fx (a D + 2 p0 a b + p1 (r^2 + 2 a^2)),  v = cy + fy (b D + p0 (r^2 + 2 b^2) + 2 p1 a b)
// (Brown, Photogrammetric Engineering 1966). Fisheye: with the angle q from the axis, the distance from the centre is
//   q (1 + k0 q^2 + k1 q^4 + k2 q^6 + k3 q^8) times fx, fy (Kannala and Brandt, PAMI 2006; k all zero: equidistant).
typedef struct cw_lens {
    uint8_t kind;          // cw_lens_kind
    int width, height;     // pixels
    double fx, fy, cx, cy; // pixels
    double k[4], p[2];     // distortion; p for the pinhole alone
    double reach;          // r (pinhole) or q (fisheye, rad) up to which the picture grows outwards: by cw_lens_finish
} cw_lens;

// Where a sensor sits on a vehicle: vehicle frame (rear axle on the ground, x forward, y left, z up), m; yaw to the left,
// pitch > 0 looks down, roll > 0 right side down; rad.
typedef struct cw_mount {
    double x, y, z, yaw, pitch, roll;
} cw_mount;

// A lens without distortion that sees `view` rad from its left to its right edge (pinhole: below pi; fisheye: up to 2 pi).
cw_lens cw_lens_of_view(cw_lens_kind kind, int width, int height, double view);
// Fills `reach`. CW_ERR_INPUT when no picture comes of it: no size, more than CW_LENS_SIDE_MOST, a focal length that is not
// positive, a centre far off, a distortion that folds the picture inside its own frame.
cw_status cw_lens_finish(cw_lens *lens, cw_error *err);
// The pixel of a point in the camera's frame (m); false behind the camera or beyond `reach`. It may lie outside the picture.
bool cw_lens_project(const cw_lens *lens, const double point[3], double pixel[2]);
// The unit direction in the camera's frame that a pixel looks along; false where the lens gives none (corners of a fisheye).
bool cw_lens_ray(const cw_lens *lens, double u, double v, double direction[3]);
// The same lens at another size of picture: all in proportion.
cw_lens cw_lens_resized(const cw_lens *lens, int width, int height);
// Rows of the rotation from the camera's (optical) frame to the vehicle's.
void cw_mount_rotation(const cw_mount *mount, double rotation[9]);

#endif
