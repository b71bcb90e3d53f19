// Times and gaps between two bodies on one line.
#include "causeway/rules.h"

#include <assert.h>
#include <math.h>

double cw_ttc(double gap, double closing) {
    if (!(closing > 0))
        return INFINITY;
    return gap > 0 ? gap / closing : 0;
}

double cw_ttc_accel(double gap, double closing, double closing_accel) {
    if (gap <= 0)
        return closing > 0 || closing_accel > 0 ? 0 : INFINITY;
    if (closing_accel == 0)
        return cw_ttc(gap, closing);
    double root = closing * closing + 2 * closing_accel * gap;
    if (root < 0)
        return INFINITY;
    // 2 gap / (closing + sqrt(..)) is the smaller positive root without cancellation
    double below = closing + sqrt(root);
    return below > 0 ? 2 * gap / below : INFINITY;
}

double cw_thw(double gap, double speed) {
    return speed > 0 ? gap / speed : INFINITY;
}

double cw_drac(double gap, double closing) {
    if (!(closing > 0))
        return 0;
    return gap > 0 ? closing * closing / (2 * gap) : INFINITY;
}

double cw_drac_response(double gap, double closing, double response) {
    return closing > 0 ? cw_drac(gap - closing * response, closing) : 0;
}

// Distance gone and speed at time t of a body that keeps its speed until t0 and then brakes to standstill.
static double gone(double speed, double t0, double brake, double t, double *now) {
    if (t <= t0) {
        *now = speed;
        return speed * t;
    }
    double stop = speed / brake, braked = cw_min(t - t0, stop);
    *now = speed - brake * braked;
    return speed * t0 + speed * braked - 0.5 * brake * braked * braked;
}

double cw_least_gap(double gap, double speed, double response, double brake, double lead_speed, double lead_brake) {
    assert(brake > 0 && lead_brake > 0 && speed >= 0 && lead_speed >= 0 && response >= 0);
    // The gap is piecewise quadratic; its least value lies at a break point or where the speeds are equal.
    double times[5] = {0, response, response + speed / brake, lead_speed / lead_brake, 0};
    int count = 4;
    if (brake > lead_brake) { // both braking: speeds equal at
        double t = (speed - lead_speed + brake * response) / (brake - lead_brake);
        if (t > response && t < response + speed / brake && t < lead_speed / lead_brake)
            times[count++] = t;
    }
    double least = gap;
    for (int i = 0; i < count; i++) {
        double v, w;
        double d = gap + gone(lead_speed, 0, lead_brake, times[i], &w) - gone(speed, response, brake, times[i], &v);
        least = cw_min(least, d);
    }
    return least;
}
