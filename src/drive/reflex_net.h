// The network of the driver reflex: what it reads, what it says, and its weights files. Learner and driver share it.
//
// It reads the body, its route ahead and its character ("self") and a set of road users; it gives the mean of two actions, and,
// for the learner, the value. Actions are relative: acceleration as a share of what the body can do, and steering as what is
// added to the arc onto the route ahead.
#ifndef CW_DRIVE_REFLEX_NET_H
#define CW_DRIVE_REFLEX_NET_H

#include "causeway/nn.h"

enum {
    CW_REFLEX_EGO = 16,    // as the vector observation's ego (docs/BATCH.md)
    CW_REFLEX_POINTS = 8,  // of the route ahead
    CW_REFLEX_TRAITS = 5,  // of the character
    CW_REFLEX_SIGNALS = 2, // as the vector observation's, 5 floats each
    CW_REFLEX_USERS = 12,  // likewise, 7 floats each
    CW_REFLEX_USER = 7,
    CW_REFLEX_SIGNAL = 5,
    CW_REFLEX_SELF = CW_REFLEX_EGO + 2 * CW_REFLEX_POINTS + CW_REFLEX_TRAITS + CW_REFLEX_SIGNALS * CW_REFLEX_SIGNAL,
    CW_REFLEX_OTHERS = CW_REFLEX_USERS * CW_REFLEX_USER,
    CW_REFLEX_FLOATS = CW_REFLEX_SELF + CW_REFLEX_OTHERS, // of a sample
    CW_REFLEX_ACTIONS = 2
};

extern const float cw_reflex_ahead[CW_REFLEX_POINTS]; // m along the route

typedef struct cw_character { // how an agent likes to drive
    float speed;              // m/s it would like
    float haste;              // 0..1: how much it presses on
    float comfort;            // 0..1: how much it minds being shaken
    float gap;                // s it keeps to who drives ahead
    float kind;               // of its body: 0 car, 0.5 two-wheeler, 1 truck or bus
} cw_character;

float cw_reflex_kind(float length, float width); // of such a body, m

// A sample's self: ego (16) and signals (10) scaled as the vector observation, route: x, y in m at cw_reflex_ahead.
void cw_reflex_self(const float *ego, const float *route, const cw_character *character, const float *signals,
                    float *out);
// The control that an action asks for. action: two numbers, held to [-1, 1]. speed m/s; route as above.
void cw_reflex_control(const float *action, float speed, float length, const float *route, float max_accel,
                       float max_brake, float max_steer, float *accel, float *steer);

typedef struct cw_reflex_net {
    cw_net *net;
    cw_node self, users, mask, mean, value;
    uint32_t deviation; // weight: log deviations of the actions
} cw_reflex_net;

// CW_ERR_MEMORY.
cw_status cw_reflex_net_new(uint64_t seed, cw_kernel_set kernels, cw_reflex_net *out, cw_error *err);
void cw_reflex_net_free(cw_reflex_net *net);
// Puts `rows` samples of CW_REFLEX_FLOATS that stand one after the other into the inputs.
void cw_reflex_put(const cw_reflex_net *net, cw_exec *exec, const float *samples, size_t stride, uint32_t rows);
const float *cw_reflex_deviation(const cw_reflex_net *net); // (2)

uint64_t cw_reflex_layout(void); // hash of all that is above: weights of another are refused
// Takes the weights of a file of kind "reflex". CW_ERR_INPUT: another kind, version or layout; wrong shapes.
cw_status cw_reflex_take(const cw_reflex_net *net, const char *path, const cw_tensors *tensors, cw_error *err);
enum { CW_REFLEX_VERSION = 1 };

#endif
