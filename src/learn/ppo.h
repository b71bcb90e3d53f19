// An update of the policy from experience.
#ifndef CW_LEARN_PPO_H
#define CW_LEARN_PPO_H

#include "learn/experience.h"

typedef struct cw_ppo_def {
    cw_ppo ppo;
    uint32_t epochs, minibatch;
    float value_share; // of the value's loss
} cw_ppo_def;

typedef struct cw_ppo_result {
    double loss, value_loss, entropy, clipped; // means over the samples of all epochs; clipped: a share
} cw_ppo_result;

// Changes the order of the samples by `seed`. False: the loss is not finite any more; the weights are those before the
// minibatch in which that came out.
bool cw_ppo_update(const cw_ppo_def *def, cw_experience *experience, cw_reflex_net *net, cw_trainer *trainer,
                   uint64_t seed, cw_ppo_result *result);

#endif
