// CARLA's driving score: route completion times a penalty for each infraction. A failure to yield is not measured.
#include "judge/judging.h"

#include <math.h>
#include <string.h>

static const double pedestrian = 0.5, vehicle = 0.6, fixed = 0.65, red_light = 0.7, stop_sign = 0.8, timeout = 0.7;
static const double moving = 0.1; // m/s: whoever hits a standing ego is not its infraction

void cw_judge_driving_score(cw_judging *j) {
    const cw_verdict *v = j->verdict;
    double score = j->completion;
    for (uint32_t i = 0; i < v->contact_count; i++) { // every one of them counts
        const cw_judged_contact *c = &v->contacts[i];
        if (fabs((double)c->ego_mps) < moving)
            continue;
        if (c->actor == CW_NONE || cw_judging_is_fixed(j, c->actor))
            score *= fixed;
        else
            score *= cw_judging_is_vehicle(j, c->actor) || j->h.scene->actors[c->actor].kind == CW_ACTOR_BICYCLE
                         ? vehicle
                         : pedestrian;
    }
    for (uint32_t i = 0; i < j->red_lights; i++)
        score *= red_light;
    for (uint32_t i = 0; i < j->rolled_stops; i++)
        score *= stop_sign;
    if (j->h.scene->goal_count > 0 && j->def->goal_time_ns < 0 && j->def->end && strcmp(j->def->end, "duration") == 0)
        score *= timeout;
    cw_judging_metric(j, "carla_driving_score", "", score);
}
