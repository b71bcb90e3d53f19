#include "drive/reflex_net.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { USER_WIDTH = 48, SELF_WIDTH = 96, TRUNK = 128, KIND = 6 };
static const float first_deviation = -0.7f; // log

cw_status cw_reflex_net_new(uint64_t seed, cw_kernel_set kernels, cw_reflex_net *out, cw_error *err) {
    *out = (cw_reflex_net){.net = cw_net_new(seed, kernels)};
    if (!out->net)
        return cw_error_set(err, CW_ERR_MEMORY, NULL, 0, 0, "no memory for a network");
    cw_net *net = out->net;
    out->self = cw_net_input(net, "self", cw_axes_1("feature", CW_REFLEX_SELF));
    out->users = cw_net_input(net, "users", cw_axes_2("user", CW_REFLEX_USERS, "feature", CW_REFLEX_USER));
    out->mask = cw_net_input(net, "mask", cw_axes_1("user", CW_REFLEX_USERS));
    cw_node self = cw_net_linear(net, "self", out->self, SELF_WIDTH, CW_ACT_RELU);
    cw_node user = cw_net_linear(net, "user.0", out->users, USER_WIDTH, CW_ACT_RELU);
    user = cw_net_linear(net, "user.1", user, USER_WIDTH, CW_ACT_RELU);
    cw_node both = cw_net_join(net, self, cw_net_set_max(net, user, out->mask));
    cw_node trunk = cw_net_linear(net, "trunk.0", both, TRUNK, CW_ACT_RELU);
    trunk = cw_net_linear(net, "trunk.1", trunk, TRUNK, CW_ACT_RELU);
    out->mean = cw_net_linear(net, "mean", trunk, CW_REFLEX_ACTIONS, CW_ACT_NONE);
    out->value = cw_net_linear(net, "value", trunk, 1, CW_ACT_NONE);
    out->deviation = cw_net_vector(net, "deviation", CW_REFLEX_ACTIONS, first_deviation);
    cw_status status = cw_net_finish(net, err);
    if (status != CW_OK) {
        cw_reflex_net_free(out);
        return status;
    }
    // At first it does as the plain follower.
    uint32_t count;
    size_t floats;
    const cw_weight *weights = cw_net_weights(net, &count);
    float *all = cw_net_floats(net, &floats);
    for (uint32_t i = 0; i < count; i++)
        if (strcmp(weights[i].name, "mean.weight") == 0)
            for (size_t k = 0; k < (size_t)weights[i].rows * weights[i].stride; k++)
                all[weights[i].first + k] *= 0.05f;
    cw_net_changed(net);
    return CW_OK;
}

void cw_reflex_net_free(cw_reflex_net *net) {
    cw_net_free(net->net);
    *net = (cw_reflex_net){0};
}

void cw_reflex_put(const cw_reflex_net *net, cw_exec *exec, const float *samples, size_t stride, uint32_t rows) {
    cw_exec_put(exec, net->self, samples, stride, rows);
    cw_exec_put(exec, net->users, samples + CW_REFLEX_SELF, stride, rows);
    const float *users = cw_exec_value(exec, net->users);
    float *mask = cw_exec_value(exec, net->mask);
    for (uint32_t i = 0; i < CW_REFLEX_USERS; i++)
        memcpy(mask + (size_t)i * CW_NN_BLOCK, users + ((size_t)i * CW_REFLEX_USER + KIND) * CW_NN_BLOCK,
               CW_NN_BLOCK * sizeof *mask);
}

const float *cw_reflex_deviation(const cw_reflex_net *net) {
    uint32_t count;
    size_t floats;
    return cw_net_floats(net->net, &floats) + cw_net_weights(net->net, &count)[net->deviation].first;
}

uint64_t cw_reflex_layout(void) {
    static const uint32_t sizes[] = {CW_REFLEX_VERSION, CW_REFLEX_EGO,     CW_REFLEX_MEETS, CW_REFLEX_POINTS,
                                     CW_REFLEX_TRAITS,  CW_REFLEX_SIGNALS, CW_REFLEX_USERS, CW_REFLEX_USER,
                                     CW_REFLEX_SIGNAL,  CW_REFLEX_PLAIN};
    uint64_t hash = cw_hash_bytes(0x7ef1e, sizes, sizeof sizes);
    return cw_hash_bytes(hash, cw_reflex_ahead, sizeof cw_reflex_ahead);
}

cw_status cw_reflex_take(const cw_reflex_net *net, const char *path, const cw_tensors *tensors, cw_error *err) {
    const char *kind = cw_tensors_note(tensors, "causeway.kind"),
               *version = cw_tensors_note(tensors, "causeway.version");
    const char *layout = cw_tensors_note(tensors, "causeway.observation");
    char own_version[16], own_layout[32];
    snprintf(own_version, sizeof own_version, "%d", CW_REFLEX_VERSION);
    snprintf(own_layout, sizeof own_layout, "%016llx", (unsigned long long)cw_reflex_layout());
    if (!kind || strcmp(kind, "reflex") != 0)
        return cw_error_set(err, CW_ERR_INPUT, path, 0, 0, "weights of kind %.40s, not reflex",
                            kind ? kind : "unknown");
    if (!version || strcmp(version, own_version) != 0)
        return cw_error_set(err, CW_ERR_INPUT, path, 0, 0, "weights of version %.20s, this program reads %s",
                            version ? version : "unknown", own_version);
    if (!layout || strcmp(layout, own_layout) != 0)
        return cw_error_set(err, CW_ERR_INPUT, path, 0, 0, "weights for observation %.20s, this program's is %s",
                            layout ? layout : "unknown", own_layout);
    size_t count;
    cw_status status = cw_net_take(net->net, path, tensors, "", cw_net_floats(net->net, &count), err);
    if (status == CW_OK)
        cw_net_changed(net->net);
    return status;
}
