// The state's layout in one block, and what derives from the table: save, restore, hash.
#include "world/layout.h"
#include "world/core.h"

#include <assert.h>
#include <string.h>

_Static_assert(sizeof(cw_contact) == 48, "contact records have no padding: they are hashed as bytes");

static const cw_state_row table[] = {
#define ROW(field, ctype, column, items, values, text)                                                                 \
    {.name = #field, .type = column, .count = values, .per = items, .unit = text},
    CW_STATE_ROWS(ROW)
#undef ROW
};

enum { ROWS = sizeof table / sizeof table[0] };

static const uint8_t sizes[] = {[CW_T_U8] = 1,  [CW_T_I8] = 1,  [CW_T_U16] = 2, [CW_T_U32] = 4, [CW_T_I32] = 4,
                                [CW_T_U64] = 8, [CW_T_I64] = 8, [CW_T_F32] = 4, [CW_T_F64] = 8};

#define CHECK(field, ctype, type, per, count, unit)                                                                    \
    _Static_assert(sizeof(ctype) == (count) * ((type) == CW_T_U8 || (type) == CW_T_I8 ? 1                              \
                                               : (type) == CW_T_U16                   ? 2                              \
                                               : (type) == CW_T_U32 || (type) == CW_T_I32 || (type) == CW_T_F32        \
                                                   ? 4                                                                 \
                                                   : 8) ||                                                             \
                       (count) > 1,                                                                                    \
                   "row " #field ": its C type and its column type differ in size");
CW_STATE_ROWS(CHECK)
#undef CHECK

const cw_state_row *cw_world_state_table(uint32_t *count) {
    *count = ROWS;
    return table;
}

uint64_t cw_world_state_table_hash(void) {
    uint64_t hash = 1;
    for (uint32_t i = 0; i < ROWS; ++i) {
        uint32_t numbers[3] = {table[i].type, table[i].count, table[i].per};
        hash = cw_hash_bytes(hash, table[i].name, strlen(table[i].name) + 1);
        hash = cw_hash_bytes(hash, table[i].unit, strlen(table[i].unit) + 1);
        hash = cw_hash_bytes(hash, numbers, sizeof numbers);
    }
    return hash;
}

uint32_t cw_state_items(const cw_world *world, uint32_t per) {
    const cw_scene *scene = world->scene;
    switch (per) {
    case CW_PER_ONE:
        return 1;
    case CW_PER_ACTOR:
        return scene->actor_count;
    case CW_PER_SIGNAL:
        return world->signal_count;
    case CW_PER_AGENT:
        return scene->traffic.count;
    case CW_PER_FLOW:
        return scene->traffic.flow_count;
    case CW_PER_EVENT:
        return scene->event_count;
    case CW_PER_CONDITION:
        return scene->condition_count;
    case CW_PER_ACT:
        return scene->act_count;
    case CW_PER_VARIABLE:
        return scene->variable_count;
    case CW_PER_STORY:
        return scene->story_count;
    case CW_PER_GROUP:
        return scene->group_count;
    case CW_PER_MANEUVER:
        return scene->maneuver_count;
    case CW_PER_INSTANCE:
        return world->instance_count;
    case CW_PER_WATCH:
        return world->watch_count;
    case CW_PER_PROGRAM:
        return scene->program_count;
    case CW_PER_PAIR:
        return world->pair_most;
    case CW_PER_CONTACT:
        return world->contact_most;
    default:
        return cw_storyboard_items(world, per);
    }
}

static size_t row_size(const cw_world *world, const cw_state_row *row) {
    size_t bytes = (size_t)cw_state_items(world, row->per) * row->count * sizes[row->type];
    return (bytes + 7) & ~(size_t)7;
}

// Rows of contacts come last, whatever their place in the table, so that the rest can be saved and hashed whole.
void *cw_state_row_at(const cw_world *world, uint32_t index, size_t *bytes) {
    size_t offset = 0;
    bool late = table[index].per == CW_PER_CONTACT;
    for (uint32_t i = 0; i < ROWS; ++i) {
        bool other = table[i].per == CW_PER_CONTACT;
        if ((other == late && i < index) || (late && !other))
            offset += row_size(world, &table[i]);
    }
    *bytes = (size_t)cw_state_items(world, table[index].per) * table[index].count * sizes[table[index].type];
    return world->block + offset;
}

void cw_state_clear(cw_world *world, uint32_t per) {
    size_t bytes;
    for (uint32_t i = 0; i < ROWS; ++i)
        if (table[i].per == per) {
            void *at = cw_state_row_at(world, i, &bytes);
            memset(at, 0, bytes);
        }
}

bool cw_state_make(cw_world *world) {
    world->fixed_size = world->block_size = 0;
    for (uint32_t i = 0; i < ROWS; ++i) {
        size_t size = row_size(world, &table[i]);
        world->block_size += size;
        world->fixed_size += table[i].per == CW_PER_CONTACT ? 0 : size;
    }
    world->block = cw_arena_alloc(world->arena, world->block_size);
    if (!world->block)
        return false;
    uint32_t index = 0;
    size_t bytes;
#define PLACE(field, ctype, type, per, count, unit)                                                                    \
    world->s.field = (ctype *)cw_state_row_at(world, index, &bytes);                                                   \
    ++index;
    CW_STATE_ROWS(PLACE)
#undef PLACE
    return true;
}

size_t cw_world_state_size(const cw_world *world) {
    return world->block_size;
}

static size_t contact_bytes(const cw_world *world) {
    uint32_t count = world->s.contact_count[0];
    return (count < world->contact_most ? count : world->contact_most) * sizeof(cw_contact);
}

void cw_world_save(const cw_world *world, void *bytes) {
    size_t used = contact_bytes(world);
    unsigned char *out = bytes;
    memcpy(out, world->block, world->fixed_size);
    memcpy(out + world->fixed_size, world->block + world->fixed_size, used);
    memset(out + world->fixed_size + used, 0, world->block_size - world->fixed_size - used);
}

void cw_world_restore(cw_world *world, const void *bytes) {
    const unsigned char *in = bytes;
    memcpy(world->block, in, world->fixed_size);
    if (world->s.contact_count[0] > world->contact_most)
        world->s.contact_count[0] = world->contact_most;
    memcpy(world->block + world->fixed_size, in + world->fixed_size, contact_bytes(world));
    world->event_count = 0;
    cw_fault_describe(world);
}

uint64_t cw_world_hash(const cw_world *world) {
    uint64_t hash = cw_hash_bytes(0x57a7e, world->block, world->fixed_size);
    size_t used = contact_bytes(world);
    return used ? cw_hash_bytes(hash, world->block + world->fixed_size, used) : hash;
}
