// Save and restore of a whole batch: a head that says what it is a snapshot of, the agents, then each world's slot and state.
#include "run/batch_parts.h"

#include <string.h>

typedef struct head {
    uint64_t kind; // of the batch: numbers and tables
    uint64_t size;
} head;

typedef struct slot { // of cw_batch_slot what changes
    uint32_t episode, steps, contacts_seen;
    uint8_t over, started, unused[2];
    char fault[sizeof((cw_batch_slot *)0)->fault];
} slot;

static uint64_t kind_of(const cw_batch *b) {
    uint64_t table = cw_world_state_table_hash(), hash = cw_hash_bytes(0x5a7e, &table, sizeof table);
    hash = cw_hash_bytes(hash, &b->def.seed, sizeof b->def.seed);
    hash = cw_hash_bytes(hash, &b->def.dt_ns, sizeof b->def.dt_ns);
    for (uint32_t i = 0; i < b->world_count; i++) {
        uint64_t sizes[] = {cw_world_state_size(b->worlds[i].world), b->worlds[i].scene->agent_count};
        hash = cw_hash_bytes(hash, sizes, sizeof sizes);
    }
    return hash;
}

size_t cw_batch_state_size(const cw_batch *b) {
    size_t size = sizeof(head) + b->agent_count * sizeof *b->agents;
    for (uint32_t i = 0; i < b->world_count; i++)
        size += sizeof(slot) + cw_world_state_size(b->worlds[i].world);
    return size;
}

static void put(unsigned char **at, const void *from, size_t size) {
    memcpy(*at, from, size);
    *at += size;
}

static void get(const unsigned char **at, void *to, size_t size) {
    memcpy(to, *at, size);
    *at += size;
}

void cw_batch_save(const cw_batch *b, void *bytes) {
    unsigned char *at = bytes;
    head h = {.kind = kind_of(b), .size = cw_batch_state_size(b)};
    put(&at, &h, sizeof h);
    put(&at, b->agents, b->agent_count * sizeof *b->agents);
    for (uint32_t i = 0; i < b->world_count; i++) {
        const cw_batch_slot *w = &b->worlds[i];
        slot s = {.episode = w->episode,
                  .steps = w->steps,
                  .contacts_seen = w->contacts_seen,
                  .over = w->over,
                  .started = w->started};
        memcpy(s.fault, w->fault, sizeof s.fault);
        put(&at, &s, sizeof s);
        cw_world_save(w->world, at);
        at += cw_world_state_size(w->world);
    }
}

cw_status cw_batch_restore(cw_batch *b, const void *bytes, size_t size, cw_error *err) {
    const unsigned char *at = bytes;
    head h = {0};
    if (size >= sizeof h)
        get(&at, &h, sizeof h);
    if (size != cw_batch_state_size(b) || h.size != size || h.kind != kind_of(b))
        return cw_error_set(err, CW_ERR_INPUT, NULL, 0, 0, "batch: this is no snapshot of it");
    get(&at, b->agents, b->agent_count * sizeof *b->agents);
    for (uint32_t i = 0; i < b->world_count; i++) {
        cw_batch_slot *w = &b->worlds[i];
        slot s;
        get(&at, &s, sizeof s);
        w->episode = s.episode;
        w->steps = s.steps;
        w->contacts_seen = s.contacts_seen;
        w->over = s.over;
        w->started = s.started;
        memcpy(w->fault, s.fault, sizeof w->fault);
        w->fault[sizeof w->fault - 1] = '\0';
        cw_world_restore(w->world, at);
        cw_batch_draw_anew(b, w);
        at += cw_world_state_size(w->world);
    }
    return CW_OK;
}
