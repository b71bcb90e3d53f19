// Counter-based random numbers: Philox4x64-10 (Salmon, Moraes, Dror, Shaw: Parallel random numbers: as easy as 1, 2, 3,
// SC 2011). All 256 bits of the counter and 64 of the key carry cw_rng_key and the draw, so no two keys ever share a block.
#include "causeway/base.h"

#include <math.h>

__extension__ typedef unsigned __int128 wide;

#define ROUNDS 10
#define MULTIPLIER_0 0xD2E7470EE14C6C93u
#define MULTIPLIER_1 0xCA5A826395121157u
#define WEYL_0 0x9E3779B97F4A7C15u // golden ratio
#define WEYL_1 0xBB67AE8584CAA73Bu // sqrt(3) - 1

typedef struct lanes {
    uint64_t word[4];
} lanes;

static lanes philox(cw_rng_key key, uint32_t draw) {
    uint64_t c0 = key.step;
    uint64_t c1 = (uint64_t)key.world << 32 | key.agent;
    uint64_t c2 = (uint64_t)key.purpose << 32 | draw;
    uint64_t c3 = 0;
    uint64_t k0 = key.seed, k1 = 0;
    for (int round = 0; round < ROUNDS; round++) {
        wide p0 = (wide)MULTIPLIER_0 * c0;
        wide p1 = (wide)MULTIPLIER_1 * c2;
        c0 = (uint64_t)(p1 >> 64) ^ c1 ^ k0;
        c1 = (uint64_t)p1;
        c2 = (uint64_t)(p0 >> 64) ^ c3 ^ k1;
        c3 = (uint64_t)p0;
        k0 += WEYL_0;
        k1 += WEYL_1;
    }
    return (lanes){{c0, c1, c2, c3}};
}

uint64_t cw_rng_u64(cw_rng_key key, uint32_t draw) {
    return philox(key, draw).word[0];
}

double cw_rng_uniform(cw_rng_key key, uint32_t draw) {
    return (double)(philox(key, draw).word[0] >> 11) * 0x1p-53;
}

// Box-Muller on lanes that cw_rng_u64 does not show, so a normal is independent of the uniform of the same draw.
double cw_rng_normal(cw_rng_key key, uint32_t draw) {
    lanes block = philox(key, draw);
    double radius_draw = (double)((block.word[1] >> 11) + 1) * 0x1p-53; // (0, 1]
    double turn = (double)(block.word[2] >> 11) * 0x1p-53;
    double radius = sqrt(-2.0 * cw_log(radius_draw));
    return radius * cw_cos(2.0 * CW_PI * turn);
}
