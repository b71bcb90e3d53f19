// The Intelligent Driver Model and its human variant.
#include "causeway/rules.h"

#include <assert.h>
#include <math.h>

cw_idm_params cw_idm_defaults(void) {
    return (cw_idm_params){
        .speed = 50.0 / 3.6, .time_gap = 1.5, .least_gap = 2, .accel = 1.4, .brake = 2, .hardest = 8};
}

double cw_idm_free(const cw_idm_params *p, double speed) {
    double ratio = speed / cw_max(p->speed, 0.1), square = ratio * ratio;
    // Above the wanted speed the fourth power would brake without measure.
    return ratio <= 1 ? p->accel * (1 - square * square) : -p->brake * cw_min(1, 4 * (ratio - 1));
}

double cw_idm_accel(const cw_idm_params *p, double speed, double gap, double closing) {
    assert(p->accel > 0 && p->brake > 0);
    double free = cw_idm_free(p, speed);
    if (!(gap < INFINITY))
        return free;
    double dynamic = speed * p->time_gap + speed * closing / (2 * sqrt(p->accel * p->brake));
    double wanted = p->least_gap + cw_max(0, dynamic);
    double share = wanted / cw_max(gap, 0.1);
    double accel = cw_min(free, p->accel) - p->accel * share * share;
    return cw_max(accel, -p->hardest);
}

double cw_idm_gap(const cw_idm_params *p, double speed) {
    double ratio = speed / p->speed, square = ratio * ratio;
    return ratio < 1 ? (p->least_gap + speed * p->time_gap) / sqrt(1 - square * square) : (double)INFINITY;
}

double cw_idm_stop(const cw_idm_params *p, double speed, double distance) {
    double need = speed * speed / (2 * cw_max(distance, 0.05));
    if (distance <= 0)
        return -p->hardest;
    // Nothing is done before it takes nearly a comfortable braking; the last metres are crept.
    if (need < 0.7 * p->brake)
        return distance > 2     ? p->accel
               : distance > 0.3 ? cw_clamp((sqrt(2 * 0.5 * (distance - 0.3)) - speed) / 0.5, -p->brake, p->accel)
                                : -p->brake;
    return cw_max(-need, -p->hardest);
}

// ---- the human variant -----------------------------------------------------------------------------------------------

cw_hdm_params cw_hdm_defaults(void) {
    return (cw_hdm_params){.delay_ticks = 4, .gap_error = 0.05, .closing_error = 0.01, .correlation = 20};
}

void cw_hdm_reset(cw_hdm_state *state) {
    *state = (cw_hdm_state){0};
    for (int i = 0; i < CW_HDM_TICKS; i++)
        state->gap[i] = INFINITY;
}

double cw_hdm_accel(const cw_idm_params *idm, const cw_hdm_params *hdm, cw_hdm_state *state, double speed, double gap,
                    double closing, double dt, double noise_gap, double noise_closing) {
    assert(hdm->delay_ticks < CW_HDM_TICKS);
    // Errors of estimation wander: an Ornstein-Uhlenbeck process of unit variance.
    double keep = cw_exp(-dt / hdm->correlation), fresh = sqrt(1 - keep * keep);
    state->error_gap = (float)(keep * (double)state->error_gap + fresh * noise_gap);
    state->error_closing = (float)(keep * (double)state->error_closing + fresh * noise_closing);
    for (int i = CW_HDM_TICKS - 1; i > 0; i--) {
        state->gap[i] = state->gap[i - 1];
        state->closing[i] = state->closing[i - 1];
    }
    state->gap[0] = (float)gap;
    state->closing[0] = (float)closing;
    double old_gap = (double)state->gap[hdm->delay_ticks], old_closing = (double)state->closing[hdm->delay_ticks];
    if (!(old_gap < INFINITY) || !(gap < INFINITY) || fabs(old_gap - gap) > 20)
        return cw_idm_accel(idm, speed, gap, closing); // another leader: nothing is remembered of it
    // Anticipation: what was seen goes on at constant speed difference for the time of reaction.
    double delay = hdm->delay_ticks * dt;
    double seen = old_gap * cw_exp(hdm->gap_error * (double)state->error_gap);
    double rate = old_closing - seen * hdm->closing_error * (double)state->error_closing;
    return cw_idm_accel(idm, speed, cw_max(seen - delay * rate, 0.05), rate);
}
