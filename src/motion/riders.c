// Four kinematic steps at once: cw_rider_step lane by lane, the same operations in the same order, so that the bits are its
// own. What it decides by a branch is chosen here of both outcomes.
#include "motion/motion.h"

#include <math.h>

#define GRAVITY 9.81
#define LONGITUDINAL_SHARE 0.95 // as vehicle.c

typedef double v4 __attribute__((vector_size(32), aligned(8), may_alias));
typedef float v4f __attribute__((vector_size(16), aligned(4), may_alias));
typedef int64_t v4i __attribute__((vector_size(32), aligned(8), may_alias));

void cw_rider_four_set(cw_rider_four *four, uint32_t lane, const cw_vehicle_params *p) {
    four->max_steer[lane] = (double)p->max_steer;
    four->steer_rate[lane] = (double)p->steer_rate;
    four->steer_lag[lane] = (double)p->steer_lag;
    four->max_accel[lane] = (double)p->max_accel;
    four->max_brake[lane] = (double)p->max_brake;
    four->max_speed[lane] = (double)p->max_speed;
    four->lag[lane] = (double)p->lag;
    four->jerk[lane] = (double)p->jerk;
    four->drag[lane] = (double)p->drag;
    four->mass[lane] = (double)p->mass;
    four->rolling[lane] = (double)p->rolling;
    four->power[lane] = (double)p->power;
    four->front[lane] = (double)p->stiffness_front;
    four->rear[lane] = (double)p->stiffness_rear;
    four->wheelbase[lane] = (double)p->wheelbase;
}

#if defined __x86_64__
#define AVX2 __attribute__((target("avx2")))
#define BODY static inline __attribute__((always_inline, target("avx2")))
#define SIGN INT64_MIN
#define PICK(mask, a, b) ((v4)(((mask) & (v4i)(a)) | (~(mask) & (v4i)(b))))
#define ONLY(mask, a) ((v4)((mask) & (v4i)(a)))
#define LEAST(a, b) PICK((a) < (b), a, b)
#define MOST(a, b) PICK((a) > (b), a, b)
#define CLAMPED(x, low, high) PICK((x) < (low), low, PICK((x) > (high), high, x))
#define SIZE(a) ((v4)((v4i)(a) & ~SIGN))
#define SIGNED(size, sign) ((v4)(((v4i)(size) & ~SIGN) | ((v4i)(sign)&SIGN)))
#define ALL(value) ((value) - (v4){0})

BODY bool any(const v4i *mask) {
    return ((*mask)[0] | (*mask)[1] | (*mask)[2] | (*mask)[3]) != 0;
}

// cw_heading_sincos
BODY void heading_sincos(const v4 *x, v4 *sine, v4 *cosine) {
    const double rounder = 0x1.8p52;
    v4 shifted = *x * (2 / CW_PI) + rounder, quarter = shifted - rounder;
    v4 r = (*x - quarter * 0x1.921fb544p+0) - quarter * 0x1.0b4611a62633p-34, q = r * r;
    v4 s = r * (1 + q * (-1.0 / 6 +
                         q * (1.0 / 120 + q * (-1.0 / 5040 +
                                               q * (1.0 / 362880 + q * (-1.0 / 39916800 + q * (1.0 / 6227020800)))))));
    v4 c = 1 + q * (-1.0 / 2 +
                    q * (1.0 / 24 +
                         q * (-1.0 / 720 + q * (1.0 / 40320 + q * (-1.0 / 3628800 + q * (1.0 / 479001600 +
                                                                                         q * (-1.0 / 87178291200)))))));
    v4i k = (v4i)shifted, swapped = ((v4i)s ^ (v4i)c) & -(k & 1);
    *sine = (v4)((v4i)s ^ swapped ^ (k << 62 & SIGN));
    *cosine = (v4)((v4i)c ^ swapped ^ ((k + 1) << 62 & SIGN));
}

BODY void small_sincos(const v4 *x, v4 *sine, v4 *cosine) {
    v4 q = *x * *x;
    *sine = *x * (1 + q * (-1.0 / 6 + q * (1.0 / 120 + q * (-1.0 / 5040 + q * (1.0 / 362880)))));
    *cosine = 1 + q * (-1.0 / 2 + q * (1.0 / 24 + q * (-1.0 / 720 + q * (1.0 / 40320 + q * (-1.0 / 3628800)))));
}

#define WIDE(floats) __builtin_convertvector(*(const v4f *)((floats) + i), v4)
#define OF(field) (*(const v4 *)p->field)
#define PUT(floats, value) (*(v4f *)((floats) + i) = __builtin_convertvector(value, v4f))

AVX2 static bool step(const cw_rider_four *p, const cw_rider_columns *at, uint32_t i, const float friction[4],
                      double dt) {
    const v4 zero = {0};
    v4 slope = -WIDE(at->pitch), v = WIDE(at->speed), sine, cosine;
    small_sincos(&slope, &sine, &cosine);
    v4 pull = GRAVITY * sine, down = GRAVITY * cosine;
    v4 grip = __builtin_convertvector(*(const v4f *)friction, v4) * down, most = LONGITUDINAL_SHARE * grip;
    v4i ahead_gear = ~(v < 0);
    v4 gear = PICK(ahead_gear, ALL(1.0), ALL(-1.0));

    // actuators
    v4 asked = WIDE(at->control_accel), wheel_asked = WIDE(at->control_steer), drive = WIDE(at->drive),
       steer = WIDE(at->steer);
    v4 low = -PICK(ahead_gear, OF(max_brake), OF(max_accel)), high = PICK(ahead_gear, OF(max_accel), OF(max_brake));
    v4 change = (CLAMPED(asked, low, high) - drive) * (dt / (OF(lag) + dt)), limit = OF(jerk) * dt;
    v4 act = drive + CLAMPED(change, -limit, limit);
    change = (CLAMPED(wheel_asked, -OF(max_steer), OF(max_steer)) - steer) * (dt / (OF(steer_lag) + dt));
    limit = OF(steer_rate) * dt;
    v4 wheel = steer + CLAMPED(change, -limit, limit);

    // along
    v4i drives = act * gear > 0, moves = v != 0;
    v4 speed = SIZE(v), wanted = PICK(drives, act, PICK(v > 0, -SIZE(act), ONLY(v < 0, SIZE(act))));
    v4 resist = PICK(moves, pull + SIGNED(OF(drag) * v * v / OF(mass), v), pull);
    v4 rolling = LEAST(OF(rolling) * down, most), roll = ONLY(moves, SIGNED(rolling, v));
    v4 engine = PICK(OF(max_accel) * OF(mass) * speed > OF(power), OF(power) / (OF(mass) * speed), OF(max_accel));
    v4 ahead = ONLY(ahead_gear, engine), back = ONLY(~ahead_gear, engine), brake = OF(max_brake);
    ahead = PICK(v <= 0, MOST(ahead, brake), ahead);
    back = PICK(v >= 0, MOST(back, brake), back);
    high = LEAST(ahead - roll, most);
    low = MOST(-back - roll, -most);
    v4 need = wanted + resist;
    v4i above = need > high, below = ~above & (need < low);
    v4 force = PICK(above, high, PICK(below, low, need));
    v4 accel = PICK(above, high - resist, PICK(below, low - resist, wanted));
    v4 next = v + accel * dt, top = MOST(OF(max_speed), speed);
    v4 v1 = PICK(~drives & moves & (next * v <= 0), zero, CLAMPED(next, -top, top));

    // across: the friction circle leaves so much for the turn
    small_sincos(&wheel, &sine, &cosine);
    v4 front = OF(front), rear = OF(rear), base = OF(wheelbase);
    v4 curvature = sine * GRAVITY * front * rear / (cosine * (base * GRAVITY * front * rear + (rear - front) * v * v));
    v4 turn = curvature * v1 * v1, room = MOST(grip * grip - force * force, zero);
    v4i slides = turn * turn > room;
    if (any(&slides))
        for (int k = 0; k < 4; k++)
            if (slides[k])
                curvature[k] = copysign(sqrt(room[k]) / (v1[k] * v1[k]), curvature[k]);
    v4 rate = v1 * curvature;

    // motion along an arc
    v4 mean = 0.5 * (v + v1), heading = *(const v4 *)(at->heading + i);
    turn = mean * curvature * dt;
    v4 middle = heading + 0.5 * turn;
    v4i odd = ~(SIZE(middle) <= 20);
    if (any(&odd))
        return false;
    heading_sincos(&middle, &sine, &cosine);
    v4 chord = dt * (1 - turn * turn / 24);
    *(v4 *)(at->x + i) += (mean * cosine - zero * sine) * chord;
    *(v4 *)(at->y + i) += (mean * sine + zero * cosine) * chord;
    heading += turn;
    v4i round = ~(SIZE(heading) <= CW_PI);
    if (any(&round))
        for (int k = 0; k < 4; k++)
            if (round[k])
                heading[k] = cw_wrap_angle(heading[k]);
    *(v4 *)(at->heading + i) = heading;

    // no more brake than it takes to stand
    act = PICK((v1 == 0) & (act * gear < -1), -gear, act);
    v4f after = __builtin_convertvector(v1, v4f);
    v4 rounded = __builtin_convertvector(after, v4);
    PUT(at->accel, (rounded - v) / dt);
    *(v4 *)(at->traveled + i) += 0.5 * (SIZE(rounded) + speed) * dt;
    *(v4f *)(at->speed + i) = after;
    *(v4f *)(at->lateral_speed + i) = (v4f){0};
    PUT(at->yaw_rate, rate);
    PUT(at->steer, wheel);
    PUT(at->drive, act);
    return true;
}

bool cw_riders_step(const cw_rider_four *p, const cw_rider_columns *at, uint32_t first, const float friction[4],
                    double dt) {
    return __builtin_cpu_supports("avx2") && step(p, at, first, friction, dt);
}
#else
bool cw_riders_step(const cw_rider_four *p, const cw_rider_columns *at, uint32_t first, const float friction[4],
                    double dt) {
    (void)p, (void)at, (void)first, (void)friction, (void)dt;
    return false;
}
#endif
