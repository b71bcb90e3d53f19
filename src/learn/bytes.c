// Smaller weights: matrices as bytes.
#include "causeway/learn.h"
#include "drive/reflex_net.h"

#include <string.h>

static cw_status write(const cw_reflex_net *net, const cw_tensors *tensors, const char *to, cw_error *err) {
    static const char *const keys[] = {"causeway.kind",   "causeway.version", "causeway.observation",
                                       "causeway.config", "causeway.command", "causeway.seed",
                                       "causeway.steps"};
    cw_note notes[sizeof keys / sizeof *keys];
    uint32_t kept = 0, count;
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if ((notes[kept].text = cw_tensors_note(tensors, keys[i])) != NULL)
            notes[kept++].key = keys[i];
    size_t floats;
    cw_net_weights(net->net, &count);
    cw_arena *arena = cw_arena_new(0, 0);
    cw_tensor_out *out = arena ? cw_arena_array(arena, 2 * (size_t)count, sizeof *out) : NULL;
    uint32_t made = out ? cw_net_bytes(net->net, cw_net_floats(net->net, &floats), arena, out) : 0;
    cw_status status = made > 0 ? cw_tensors_write(to, notes, kept, out, made, err)
                                : cw_error_set(err, CW_ERR_MEMORY, to, 0, 0, "out of memory");
    cw_arena_free(arena);
    return status;
}

cw_status cw_reflex_to_bytes(const char *from, const char *to, cw_error *err) {
    cw_reflex_net net;
    cw_tensors *tensors = NULL;
    cw_status status = cw_reflex_net_new(1, CW_NN_AUTO, &net, err);
    if (status == CW_OK)
        status = cw_tensors_open(from, &tensors, err);
    if (status == CW_OK)
        status = cw_reflex_take(&net, from, tensors, err);
    if (status == CW_OK)
        status = write(&net, tensors, to, err);
    cw_tensors_free(tensors);
    cw_reflex_net_free(&net);
    return status;
}
