// The line of the rear axle through tight bends. A car that leads its rear axle along the middle of a narrow lane swings
// its nose over the marking, and bends tighter than its wheel allows cannot be followed at all: there the line moves
// within the lane, as little as makes the bend drivable. Elsewhere it is the lane's middle.
#ifndef CW_DRIVE_LINE_H
#define CW_DRIVE_LINE_H

#include <stdint.h>

// The lane's middle, samples 1 m apart: position, unit tangent, curvature (1/m, > 0 left), half of the lane's width (m).
typedef struct line_frame {
    uint32_t count;
    const double *x, *y;
    const float *ux, *uy, *curvature, *half;
} line_frame;

// The body on it: how far its front reaches ahead of the rear axle, half of its width; the curvature that full lock gives,
// and how fast it gets there.
typedef struct line_body {
    double front, half_width; // m
    double curvature_most;    // 1/m
    double curvature_rate;    // 1/(m s)
} line_body;

// Fills aim[count], m to the left of the middle, and extra[count], 1/m: what the line's curvature has beyond that of a
// curve at the same distance from the middle. Zero where the lane is gentle. pace[count], m/s, is lowered to what lets the
// wheel turn as the line does.
void cw_line_settle(const line_frame *frame, const line_body *body, float *aim, float *extra, float *pace);

#endif
