// Drops and flakes near the lens: each lives at a place of the picture by its number and moves with the time.
#include "falling.h"

#include <math.h>

enum { MOST = 1500 };

static void blend(uint32_t *pixel, uint32_t level, double alpha) {
    uint32_t c = *pixel, out = 0xFF000000U;
    for (int shift = 0; shift <= 16; shift += 8) {
        double was = (double)(c >> shift & 255);
        out |= (uint32_t)(was + ((double)level - was) * alpha) << shift;
    }
    *pixel = out;
}

// A line of one pixel's width, softer at its ends.
static void streak(uint32_t *color, int width, int height, double x, double y, double dx, double dy, uint32_t level,
                   double alpha) {
    int steps = (int)cw_max(fabs(dx), fabs(dy)) + 1;
    for (int i = 0; i < steps; i++) {
        double f = (i + 0.5) / steps;
        int column = (int)floor(x + dx * f), row = (int)floor(y + dy * f);
        if (column >= 0 && row >= 0 && column < width && row < height)
            blend(&color[row * width + column], level, alpha * (1.0 - fabs(2.0 * f - 1.0) * 0.7));
    }
}

static void flake(uint32_t *color, int width, int height, double x, double y, double radius, double alpha,
                  uint32_t level) {
    for (int row = (int)floor(y - radius); row <= (int)(y + radius); row++)
        for (int column = (int)floor(x - radius); column <= (int)(x + radius); column++) {
            double q = cw_hypot(column + 0.5 - x, row + 0.5 - y) / (radius + 0.3);
            if (q < 1.0 && column >= 0 && row >= 0 && column < width && row < height)
                blend(&color[row * width + column], level, alpha * (1.0 - q * q));
        }
}

void falling_draw(uint32_t *color, const cw_camera *camera, const cw_light_field *light, int64_t time_ns, float speed) {
    int width = camera->lens.width, height = camera->lens.height;
    bool snow = light->air.snow > 0.0;
    double amount = snow ? light->air.snow * 140.0 : light->air.rain * 45.0;
    if (amount <= 0.0)
        return;
    double time = (double)time_ns * 1e-9, unit = height / 720.0;
    int count = (int)cw_min(amount, MOST);
    uint32_t level = light->night ? 90 : 205;
    // In the picture what falls flees from the point that the camera drives to.
    double ahead = cw_clamp((double)speed / 14.0, -1.5, 1.5), sy, cy;
    cw_sincos(camera->mount.yaw, &sy, &cy);
    for (int i = 0; i < count; i++) {
        cw_rng_key key = {.seed = 0x5A1, .agent = (uint32_t)i, .purpose = 0xFA11};
        double near = 0.3 + 0.7 * cw_rng_uniform(key, 0), fall = (snow ? 0.35 : 2.6) * near;
        double phase = cw_rng_uniform(key, 1) + time * fall, turn = floor(phase);
        phase -= turn;
        key.step = (uint64_t)turn; // at each fall another column
        double x = (cw_rng_uniform(key, 2) * 1.2 - 0.1) * width, y = (phase * 1.2 - 0.1) * height;
        double out_x = (x / width - 0.5) * ahead * cy - 0.4 * ahead * sy, out_y = (y / height - 0.45) * ahead * cy;
        if (snow) {
            double sway = cw_sin(time * 2.0 + 6.0 * cw_rng_uniform(key, 3)) * 6.0 * unit;
            flake(color, width, height, x + sway + out_x * 60.0 * unit, y, cw_max(0.4, 2.2 * near * near * unit),
                  0.75 * near, light->night ? 130 : 245);
        } else {
            double length = 34.0 * near * unit;
            streak(color, width, height, x, y, out_x * length * 1.5, length * (1.0 + out_y), level, 0.16 + 0.14 * near);
        }
    }
}
