#include "flaws.h"

#include <math.h>
#include <string.h>

enum { STEPS_MOST = 16, SPOTS = 40 };

void flaws_blur(const cw_camera *camera, uint32_t *color, const float (*flow)[2], double period, uint32_t *copy) {
    int width = camera->lens.width, height = camera->lens.height;
    double share = period > 0 ? camera->shutter / period : 0;
    memcpy(copy, color, (size_t)width * (size_t)height * sizeof *copy);
    for (int i = 0; i < width * height; i++) {
        double u = (double)flow[i][0] * share, v = (double)flow[i][1] * share, length = sqrt(u * u + v * v);
        if (!(length > 0.5)) // and where it is unknown
            continue;
        int column = i % width, row = i / width;
        int steps = length < STEPS_MOST ? (int)length + 1 : STEPS_MOST, red = 0, green = 0, blue = 0;
        for (int k = 0; k <= steps; k++) {
            double x = cw_clamp(column + u * k / steps, 0, width - 1), y = cw_clamp(row + v * k / steps, 0, height - 1);
            uint32_t c = copy[(int)(y + 0.5) * width + (int)(x + 0.5)];
            red += (int)(c >> 16 & 255);
            green += (int)(c >> 8 & 255);
            blue += (int)(c & 255);
        }
        steps++;
        color[i] =
            0xFF000000U | (uint32_t)(red / steps) << 16 | (uint32_t)(green / steps) << 8 | (uint32_t)(blue / steps);
    }
}

// 0..255 from a pixel's number and a key: three of them make noise.
static uint32_t scramble(uint32_t h) {
    h = (h ^ h >> 16) * 0x7FEB352DU;
    h = (h ^ h >> 15) * 0x846CA68BU;
    return h ^ h >> 16;
}

static uint32_t mixed(uint32_t c, const double target[3], double share) {
    uint32_t out = 0xFF000000U;
    for (int k = 0; k < 3; k++) {
        double level = (double)(c >> (16 - 8 * k) & 255);
        out |= (uint32_t)(level + (target[k] - level) * share + 0.5) << (16 - 8 * k);
    }
    return out;
}

// Spots out of focus: dark where they are thick, and thinner to their edges.
static void draw_dirt(const cw_camera *camera, uint32_t *color, uint64_t seed) {
    static const double earth[3] = {46, 40, 32};
    int width = camera->lens.width, height = camera->lens.height, side = width < height ? width : height;
    cw_rng_key key = {
        .seed = seed, .agent = (uint32_t)cw_hash_bytes(7, camera->name, strlen(camera->name)), .purpose = 0xD147};
    for (uint32_t i = 0; i < SPOTS; i++) {
        if (cw_rng_uniform(key, 5 * i) >= camera->dirt)
            continue;
        double x = width * cw_rng_uniform(key, 5 * i + 1), y = height * cw_rng_uniform(key, 5 * i + 2);
        double r = side * (0.02 + 0.13 * cw_rng_uniform(key, 5 * i + 3)),
               thick = 0.45 + 0.5 * cw_rng_uniform(key, 5 * i + 4);
        int x0 = (int)cw_max(0, x - r), x1 = (int)cw_min(width - 1, x + r);
        int y0 = (int)cw_max(0, y - r), y1 = (int)cw_min(height - 1, y + r);
        for (int row = y0; row <= y1; row++)
            for (int column = x0; column <= x1; column++) {
                double q = ((column - x) * (column - x) + (row - y) * (row - y)) / (r * r);
                uint32_t *c = &color[row * width + column];
                if (q < 1)
                    *c = mixed(*c, earth, thick * (1 - q) * (1 + q));
            }
    }
}

static void draw_noise(const cw_camera *camera, uint32_t *color, uint64_t seed, int64_t time_ns) {
    uint64_t draw = cw_rng_u64((cw_rng_key){.seed = seed,
                                            .agent = (uint32_t)cw_hash_bytes(7, camera->name, strlen(camera->name)),
                                            .purpose = 0x401E,
                                            .step = (uint64_t)time_ns},
                               0);
    int pixels = camera->lens.width * camera->lens.height;
    for (int i = 0; i < pixels; i++) {
        uint32_t h = (uint32_t)draw ^ (uint32_t)i * 0x9E3779B1U, c = color[i], out = 0xFF000000U;
        for (int shift = 0; shift < 24; shift += 8) {
            h = scramble(h + 0x68E31DA4U);
            // The sum of four: near enough to a normal deviate, of variance 4 (256^2 - 1) / 12.
            double sum = (double)((h & 255) + (h >> 8 & 255) + (h >> 16 & 255) + (h >> 24)) - 510.0;
            double level = (double)(c >> shift & 255) + sum * (1.0 / 147.8) * camera->noise;
            out |= (uint32_t)cw_clamp(level + 0.5, 0, 255) << shift;
        }
        color[i] = out;
    }
}

void flaws_draw(const cw_camera *camera, uint32_t *color, uint64_t seed, int64_t time_ns) {
    if (camera->dirt > 0)
        draw_dirt(camera, color, seed);
    if (camera->noise > 0)
        draw_noise(camera, color, seed, time_ns);
}
