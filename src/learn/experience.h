// What the crowd went through since the last update: samples in the order of time, with their advantages.
#ifndef CW_LEARN_EXPERIENCE_H
#define CW_LEARN_EXPERIENCE_H

#include "learn/crowd.h"

typedef struct cw_experience {
    uint32_t count, capacity;
    float *samples;                                   // (capacity x CW_REFLEX_FLOATS)
    float *actions;                                   // (capacity x 2)
    float *log, *value, *reward, *advantage, *target; // (capacity)
    float *beyond;                                    // value of what comes after, where no sample does
    uint32_t *next;                                   // the agent's next sample, CW_NONE
} cw_experience;

cw_status cw_experience_new(uint32_t capacity, cw_experience **experience, cw_error *err);
void cw_experience_free(cw_experience *experience); // NULL is fine

// `steps` steps of the crowd by the policy with its noise; replaces what was there, counts who ended.
void cw_experience_gather(cw_experience *experience, cw_crowd *crowd, cw_reflex_net *net, cw_trainer *trainer,
                          const cw_rewards *rewards, uint32_t steps, cw_tally *tally);
// Advantages (Schulman et al. 2016, arXiv:1506.02438) and what the value is to be.
void cw_experience_judge(cw_experience *experience, double discount, double lambda);

#endif
