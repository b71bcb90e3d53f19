#include "drive/reflex_policy.h"

#include "drive/reflex_weights.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

typedef struct seat { // room to run in, of one thread at a time
    struct seat *next;
    cw_exec *exec;
} seat;

struct cw_policy {
    cw_policy *next;
    uint64_t hash;
    cw_reflex_net net;
    pthread_mutex_t lock;
    seat *seats; // guarded by lock
};

static pthread_mutex_t loading = PTHREAD_MUTEX_INITIALIZER;
static _Atomic(cw_policy *) policies; // added to at the front alone, under `loading`

cw_policy *cw_policy_of(uint64_t hash) {
    cw_policy *p = atomic_load(&policies);
    while (p && p->hash != hash)
        p = p->next;
    return p;
}

static seat *seat_new(const cw_policy *p) {
    seat *s = calloc(1, sizeof *s);
    if (s && !(s->exec = cw_exec_new(p->net.net, false))) {
        free(s);
        s = NULL;
    }
    return s;
}

static cw_status load(const char *path, const char *bytes, size_t size, uint64_t hash, cw_error *err) {
    cw_policy *p = calloc(1, sizeof *p);
    cw_tensors *tensors = NULL;
    if (!p)
        return cw_error_set(err, CW_ERR_MEMORY, path, 0, 0, "out of memory");
    cw_status status = cw_reflex_net_new(1, CW_NN_AUTO, &p->net, err);
    if (status == CW_OK)
        status = cw_tensors_read(path, bytes, size, &tensors, err);
    if (status == CW_OK)
        status = cw_reflex_take(&p->net, path, tensors, err);
    cw_tensors_free(tensors);
    if (status == CW_OK && !(p->seats = seat_new(p)))
        status = cw_error_set(err, CW_ERR_MEMORY, path, 0, 0, "out of memory");
    if (status != CW_OK) {
        cw_reflex_net_free(&p->net);
        free(p);
        return status;
    }
    pthread_mutex_init(&p->lock, NULL);
    p->hash = hash;
    p->next = atomic_load(&policies);
    atomic_store(&policies, p);
    return CW_OK;
}

cw_status cw_policy_load(const char *path, uint64_t *hash, cw_error *err) {
    char *bytes = NULL;
    size_t size = reflex_weights_size;
    cw_status status = CW_OK;
    if (path && path[0]) {
        status = cw_file_read(path, 64u << 20, &bytes, &size, err);
    } else {
        path = "weights that ship";
        bytes = malloc(size); // aligned, which the program's own copy need not be
        if (bytes)
            memcpy(bytes, reflex_weights, size);
        else
            status = cw_error_set(err, CW_ERR_MEMORY, path, 0, 0, "out of memory");
    }
    if (status != CW_OK)
        return status;
    *hash = cw_hash_bytes(0x7e0, bytes, size);
    pthread_mutex_lock(&loading);
    if (!cw_policy_of(*hash))
        status = load(path, bytes, size, *hash, err);
    pthread_mutex_unlock(&loading);
    free(bytes);
    return status;
}

bool cw_policy_act(cw_policy *p, const float *sample, float action[CW_REFLEX_ACTIONS]) {
    pthread_mutex_lock(&p->lock);
    seat *s = p->seats;
    if (s)
        p->seats = s->next;
    pthread_mutex_unlock(&p->lock);
    if (!s) // more threads at once than ever before
        s = seat_new(p);
    if (!s)
        return false;
    cw_reflex_put(&p->net, s->exec, sample, CW_REFLEX_FLOATS, 1);
    cw_exec_forward(s->exec, 1);
    for (uint32_t i = 0; i < CW_REFLEX_ACTIONS; i++)
        action[i] = cw_exec_value(s->exec, p->net.mean)[i * CW_NN_BLOCK];
    pthread_mutex_lock(&p->lock);
    s->next = p->seats;
    p->seats = s;
    pthread_mutex_unlock(&p->lock);
    return true;
}
