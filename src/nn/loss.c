// What is to be made small.
#include "nn/kernels.h"

#include <assert.h>
#include <math.h>
#include <string.h>

enum { ROWS = CW_NN_BLOCK, MODES_MOST = 64 };

double cw_loss_mse(const float *value, const float *target, uint32_t elements, uint32_t rows, float scale,
                   float *slope) {
    double sum = 0;
    for (uint32_t i = 0; i < elements; i++)
        for (uint32_t r = 0; r < rows; r++) {
            float d = value[(size_t)i * ROWS + r] - target[(size_t)i * ROWS + r];
            sum += 0.5 * (double)d * (double)d;
            if (slope)
                slope[(size_t)i * ROWS + r] += scale * d;
        }
    return sum;
}

double cw_loss_huber(const float *value, const float *target, uint32_t elements, uint32_t rows, float delta,
                     float scale, float *slope) {
    double sum = 0;
    for (uint32_t i = 0; i < elements; i++)
        for (uint32_t r = 0; r < rows; r++) {
            float d = value[(size_t)i * ROWS + r] - target[(size_t)i * ROWS + r], far = fabsf(d);
            sum += (double)(far <= delta ? 0.5f * d * d : delta * (far - 0.5f * delta));
            if (slope)
                slope[(size_t)i * ROWS + r] += scale * (far <= delta ? d : copysignf(delta, d));
        }
    return sum;
}

double cw_loss_cross_entropy(const float *value, const uint32_t *label, uint32_t classes, uint32_t rows, float scale,
                             float *slope) {
    float most[ROWS], all[ROWS] = {0}, power[ROWS];
    memcpy(most, value, sizeof most);
    for (uint32_t i = 1; i < classes; i++)
        for (uint32_t r = 0; r < ROWS; r++)
            most[r] = value[(size_t)i * ROWS + r] > most[r] ? value[(size_t)i * ROWS + r] : most[r];
    for (int pass = 0; pass < (slope ? 2 : 1); pass++)
        for (uint32_t i = 0; i < classes; i++) {
            for (uint32_t r = 0; r < ROWS; r++)
                power[r] = value[(size_t)i * ROWS + r] - most[r];
            cw_kernels_plain.exponential(ROWS, power, power);
            for (uint32_t r = 0; pass == 0 && r < ROWS; r++)
                all[r] += power[r];
            for (uint32_t r = 0; pass == 1 && r < rows; r++)
                slope[(size_t)i * ROWS + r] += scale * (power[r] / all[r] - (i == label[r] ? 1.0f : 0.0f));
        }
    double sum = 0;
    for (uint32_t r = 0; r < rows; r++) {
        assert(label[r] < classes);
        sum += (double)most[r] + cw_log((double)all[r]) - (double)value[(size_t)label[r] * ROWS + r];
    }
    return sum;
}

// ---- Gaussians -------------------------------------------------------------------------------------------------------------

static const double half_log_2pi = 0.91893853320467274178;

double cw_gaussian_log(const float *mean, const float *log_deviation, const float *action, uint32_t axes) {
    double sum = 0;
    for (uint32_t i = 0; i < axes; i++) {
        double z = ((double)action[i] - (double)mean[i]) * cw_exp(-(double)log_deviation[i]);
        sum -= 0.5 * z * z + (double)log_deviation[i] + half_log_2pi;
    }
    return sum;
}

double cw_loss_mixture(const float *value, const float *target, uint32_t modes, uint32_t axes, uint32_t rows,
                       float scale, float *slope) {
    assert(modes >= 1 && modes <= MODES_MOST);
    const float *mean = value + (size_t)modes * ROWS, *deviation = mean + (size_t)modes * axes * ROWS;
    double total = 0;
    for (uint32_t r = 0; r < rows; r++) {
        double log_share[MODES_MOST], most = -INFINITY, all = 0, highest = -INFINITY, together = 0;
        for (uint32_t m = 0; m < modes; m++)
            highest = cw_max(highest, (double)value[(size_t)m * ROWS + r]);
        for (uint32_t m = 0; m < modes; m++)
            together += cw_exp((double)value[(size_t)m * ROWS + r] - highest);
        for (uint32_t m = 0; m < modes; m++) {
            log_share[m] = (double)value[(size_t)m * ROWS + r] - highest - cw_log(together);
            for (uint32_t i = 0; i < axes; i++) {
                size_t at = ((size_t)m * axes + i) * ROWS + r;
                double z = ((double)target[(size_t)i * ROWS + r] - (double)mean[at]) * cw_exp(-(double)deviation[at]);
                log_share[m] -= 0.5 * z * z + (double)deviation[at] + half_log_2pi;
            }
            most = cw_max(most, log_share[m]);
        }
        for (uint32_t m = 0; m < modes; m++)
            all += cw_exp(log_share[m] - most);
        total -= most + cw_log(all);
        for (uint32_t m = 0; slope && m < modes; m++) {
            double posterior = cw_exp(log_share[m] - most) / all;
            double prior = cw_exp((double)value[(size_t)m * ROWS + r] - highest) / together;
            slope[(size_t)m * ROWS + r] += scale * (float)(prior - posterior);
            for (uint32_t i = 0; i < axes; i++) {
                size_t at = ((size_t)m * axes + i) * ROWS + r, from = (size_t)modes * ROWS;
                double inverse = cw_exp(-(double)deviation[at]);
                double z = ((double)target[(size_t)i * ROWS + r] - (double)mean[at]) * inverse;
                slope[from + at] -= scale * (float)(posterior * z * inverse);
                slope[from + (size_t)modes * axes * ROWS + at] += scale * (float)(posterior * (1 - z * z));
            }
        }
    }
    return total;
}

double cw_loss_ppo(const cw_ppo *ppo, const float *mean, const float *log_deviation, const float *action, uint32_t axes,
                   float old_log, float advantage, float scale, float *mean_slope, float *deviation_slope,
                   float *ratio) {
    double change = cw_clamp(cw_gaussian_log(mean, log_deviation, action, axes) - (double)old_log, -20, 20);
    double r = cw_exp(change), a = (double)advantage, clip = (double)ppo->clip;
    double plain = r * a, clipped = cw_clamp(r, 1 - clip, 1 + clip) * a, entropy = 0;
    // Where the clipped one is the lesser and clipped indeed, nothing is to be gained any more.
    double pull = plain <= clipped ? -plain : 0;
    for (uint32_t i = 0; i < axes; i++) {
        double inverse = cw_exp(-(double)log_deviation[i]), z = ((double)action[i] - (double)mean[i]) * inverse;
        mean_slope[i] += scale * (float)(pull * z * inverse);
        deviation_slope[i] += scale * (float)(pull * (z * z - 1) - (double)ppo->entropy);
        entropy += (double)log_deviation[i] + half_log_2pi + 0.5;
    }
    *ratio = (float)r;
    return -cw_min(plain, clipped) - (double)ppo->entropy * entropy;
}
