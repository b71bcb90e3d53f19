// Traffic signals: programs that run by the clock, and what the storyboard overrides.
//
// A program is periodic in both directions of time: its first phase begins at its delay after that of the program it
// refers to (OpenSCENARIO), or at its offset (CommonRoad), and every period before and after.
#include "world/core.h"

#include <math.h>
#include <string.h>

enum { LIGHT_OFF, LIGHT_RED, LIGHT_RED_YELLOW, LIGHT_YELLOW, LIGHT_GREEN, LIGHT_FLASHING_YELLOW, LIGHT_UNKNOWN };

static bool has_word(const char *text, const char *word) {
    size_t length = strlen(word);
    for (const char *p = text; *p; ++p) {
        size_t i = 0;
        while (i < length && p[i] && ((unsigned char)p[i] | 32u) == (unsigned char)word[i])
            ++i;
        if (i == length)
            return true;
    }
    return false;
}

// Up to three lamps as "on;off;flashing", from the top: red, yellow, green. False when the text is not of that form.
static bool lamps(const char *text, uint8_t *light) {
    bool on[3] = {false}, flashing[3] = {false};
    int count = 0;
    for (const char *p = text; *p && count < 3; ++count) {
        const char *end = strchr(p, ';');
        size_t length = end ? (size_t)(end - p) : strlen(p);
        on[count] = (length == 2 && has_word(p, "on")) || (length == 4 && strncmp(p, "true", 4) == 0);
        flashing[count] = length >= 5 && (strncmp(p, "flash", 5) == 0 || strncmp(p, "blink", 5) == 0);
        bool off = (length == 3 && strncmp(p, "off", 3) == 0) || (length == 5 && strncmp(p, "false", 5) == 0);
        if (!on[count] && !flashing[count] && !off)
            return false;
        p += length + (end ? 1 : 0);
    }
    if (count < 2)
        return false;
    bool yellow = on[1], red = on[0], green = count == 3 && on[2];
    *light = flashing[1]     ? LIGHT_FLASHING_YELLOW
             : red && yellow ? LIGHT_RED_YELLOW
             : red           ? LIGHT_RED
             : yellow        ? LIGHT_YELLOW
             : green         ? LIGHT_GREEN
                             : LIGHT_OFF;
    return true;
}

static uint8_t light_of(const char *text) {
    uint8_t light;
    if (lamps(text, &light))
        return light;
    bool red = has_word(text, "red"), yellow = has_word(text, "yellow") || has_word(text, "amber");
    if (has_word(text, "attention"))
        return has_word(text, "stop") ? LIGHT_RED_YELLOW : LIGHT_YELLOW;
    if (yellow && (has_word(text, "flash") || has_word(text, "blink")))
        return LIGHT_FLASHING_YELLOW;
    if (red)
        return yellow ? LIGHT_RED_YELLOW : LIGHT_RED;
    if (yellow || has_word(text, "caution"))
        return LIGHT_YELLOW;
    if (has_word(text, "green") || has_word(text, "go"))
        return LIGHT_GREEN;
    if (has_word(text, "stop"))
        return LIGHT_RED;
    return has_word(text, "off") ? LIGHT_OFF : LIGHT_UNKNOWN;
}

// ---- tables ----------------------------------------------------------------------------------------------------------

// Where each state of a program's phase goes, and when phases end.
typedef struct cw_light_table {
    const uint32_t *phase_first; // program_count + 1 offsets into phases
    const int64_t *phase_end;    // ns since the program's start, cumulative
    const uint32_t *state_first; // per phase, + 1: offsets into slot, text, light
    const uint32_t *slot, *text;
    const uint8_t *light;
    const uint32_t *action_text; // per scene action
    const int64_t *start;        // per program, ns
} cw_light_table;

typedef struct names {
    const char **items;
    uint32_t count;
} names;

static uint32_t add_name(names *list, const char *name) {
    for (uint32_t i = 0; i < list->count; ++i)
        if (strcmp(list->items[i], name) == 0)
            return i;
    list->items[list->count] = name;
    return list->count++;
}

static bool is_light_action(const cw_action *action) {
    return action->kind == CW_DO_SIGNAL_STATE && action->reference;
}

uint32_t cw_world_signal(const cw_world *world, const char *id) {
    if (!id)
        return CW_NONE;
    uint32_t found = cw_map_find_signal(world->map, id);
    if (found != CW_NONE)
        return found;
    for (uint32_t i = world->map->signal_count; i < world->signal_count; ++i)
        if (strcmp(world->signal_names[i], id) == 0)
            return i;
    return CW_NONE;
}

static int64_t whole_ns(double seconds) {
    return (int64_t)rint(cw_clamp(isfinite(seconds) ? seconds : 1e9, 0, 1e9) * 1e9);
}

// First phase of a program begins here; references form chains, at most program_count long.
static int64_t start_of(const cw_scene *scene, uint32_t program) {
    double start = scene->programs[program].delay;
    const char *reference = scene->programs[program].reference;
    for (uint32_t step = 0; reference && step < scene->program_count; ++step) {
        const cw_signal_program *other = NULL;
        for (uint32_t i = 0; i < scene->program_count && !other; ++i)
            if (scene->programs[i].name && strcmp(scene->programs[i].name, reference) == 0)
                other = &scene->programs[i];
        if (!other)
            break;
        start += other->delay;
        reference = other->reference;
    }
    return whole_ns(start);
}

bool cw_lights_make(cw_world *world) {
    const cw_scene *scene = world->scene;
    uint32_t phases = 0, states = 0, named = 0;
    for (uint32_t i = 0; i < scene->program_count; ++i) {
        phases += scene->programs[i].count;
        for (uint32_t k = 0; k < scene->programs[i].count; ++k)
            states += scene->programs[i].phases[k].count;
    }
    for (uint32_t i = 0; i < scene->action_count; ++i)
        named += is_light_action(&scene->actions[i]);
    for (uint32_t i = 0; i < scene->condition_count; ++i)
        named += scene->conditions[i].kind == CW_IF_TRAFFIC_SIGNAL;
    uint32_t map_signals = world->map->signal_count;
    names signals = {cw_arena_array(world->arena, (size_t)named + states + 1, sizeof(char *)), 0};
    names texts = {cw_arena_array(world->arena, (size_t)named + states + 1, sizeof(char *)), 0};
    cw_light_table *table = cw_arena_alloc(world->arena, sizeof *table);
    uint32_t *phase_first = cw_arena_array(world->arena, (size_t)scene->program_count + 1, sizeof *phase_first);
    int64_t *start = cw_arena_array(world->arena, scene->program_count, sizeof *start);
    int64_t *phase_end = cw_arena_array(world->arena, phases, sizeof *phase_end);
    uint32_t *state_first = cw_arena_array(world->arena, (size_t)phases + 1, sizeof *state_first);
    uint32_t *slot = cw_arena_array(world->arena, states, sizeof *slot);
    uint32_t *text = cw_arena_array(world->arena, states, sizeof *text);
    uint8_t *light = cw_arena_array(world->arena, states, sizeof *light);
    uint32_t *action_text = cw_arena_array(world->arena, scene->action_count, sizeof *action_text);
    if (!signals.items || !texts.items || !table || !phase_first || !start || !phase_end || !state_first || !slot ||
        !text || !light || !action_text)
        return false;
    add_name(&texts, "");
    uint32_t phase = 0, state = 0;
    for (uint32_t i = 0; i < scene->program_count; ++i) {
        const cw_signal_program *program = &scene->programs[i];
        phase_first[i] = phase;
        start[i] = start_of(scene, i);
        int64_t end = 0;
        for (uint32_t k = 0; k < program->count; ++k, ++phase) {
            end += whole_ns(program->phases[k].duration);
            phase_end[phase] = end;
            state_first[phase] = state;
            for (uint32_t j = 0; j < program->phases[k].count; ++j, ++state) {
                const cw_light_state *from = &program->phases[k].states[j];
                uint32_t found = cw_map_find_signal(world->map, from->signal);
                slot[state] = found != CW_NONE ? found : map_signals + add_name(&signals, from->signal);
                text[state] = add_name(&texts, from->state ? from->state : "");
                light[state] = from->light;
            }
        }
    }
    phase_first[scene->program_count] = phase;
    state_first[phase] = state;
    for (uint32_t i = 0; i < scene->action_count; ++i) {
        const cw_action *action = &scene->actions[i];
        if (!is_light_action(action))
            continue;
        action_text[i] = add_name(&texts, action->text ? action->text : "");
        if (cw_map_find_signal(world->map, action->reference) == CW_NONE)
            add_name(&signals, action->reference);
    }
    for (uint32_t i = 0; i < scene->condition_count; ++i) {
        const cw_condition *condition = &scene->conditions[i];
        if (condition->kind == CW_IF_TRAFFIC_SIGNAL && condition->reference &&
            cw_map_find_signal(world->map, condition->reference) == CW_NONE)
            add_name(&signals, condition->reference);
    }
    const char **all = cw_arena_array(world->arena, (size_t)map_signals + signals.count, sizeof *all);
    if (!all)
        return false;
    for (uint32_t i = 0; i < map_signals; ++i)
        all[i] = world->map->signals[i].id;
    for (uint32_t i = 0; i < signals.count; ++i)
        all[map_signals + i] = signals.items[i];
    *table = (cw_light_table){.phase_first = phase_first,
                              .phase_end = phase_end,
                              .state_first = state_first,
                              .slot = slot,
                              .text = text,
                              .light = light,
                              .action_text = action_text,
                              .start = start};
    world->signal_names = all;
    world->signal_count = map_signals + signals.count;
    world->light_texts = texts.items;
    world->light_text_count = texts.count;
    world->lights = table;
    return true;
}

// ---- running ---------------------------------------------------------------------------------------------------------

static void show(cw_world *world, uint32_t signal, uint8_t light, uint32_t text) {
    if (world->s.light[signal] != light) {
        world->s.light[signal] = light;
        world->s.light_since[signal] = cw_world_time(world);
    }
    world->s.light_text[signal] = text;
}

static uint32_t phase_at(const cw_world *world, uint32_t program, int64_t time) {
    const cw_light_table *t = world->lights;
    uint32_t first = t->phase_first[program], last = t->phase_first[program + 1];
    int64_t period = t->phase_end[last - 1];
    time -= world->s.program_start[program];
    if (period > 0) {
        time %= period;
        time += time < 0 ? period : 0;
    }
    uint32_t phase = first;
    while (phase + 1 < last && time >= t->phase_end[phase])
        ++phase;
    return phase - first;
}

static void apply(cw_world *world, uint32_t program, uint32_t phase) {
    const cw_light_table *t = world->lights;
    uint32_t row = t->phase_first[program] + phase;
    for (uint32_t i = t->state_first[row]; i < t->state_first[row + 1]; ++i)
        if (world->s.light_action[t->slot[i]] == CW_NONE)
            show(world, t->slot[i], t->light[i], t->text[i]);
}

void cw_lights_step(cw_world *world) {
    for (uint32_t i = 0; i < world->scene->program_count; ++i) {
        if (world->scene->programs[i].count == 0)
            continue;
        uint32_t phase = phase_at(world, i, cw_world_time(world));
        if (phase == world->s.program_phase[i])
            continue;
        world->s.program_phase[i] = phase;
        apply(world, i, phase);
    }
}

void cw_lights_start(cw_world *world) {
    for (uint32_t i = 0; i < world->signal_count; ++i) {
        bool sign = i < world->map->signal_count && !world->map->signals[i].dynamic;
        world->s.light[i] = sign ? LIGHT_OFF : LIGHT_UNKNOWN;
        world->s.light_action[i] = CW_NONE;
    }
    for (uint32_t i = 0; i < world->scene->program_count; ++i) {
        world->s.program_start[i] = world->lights->start[i];
        world->s.program_phase[i] = CW_NONE;
    }
    cw_lights_step(world);
}

void cw_world_set_light(cw_world *world, uint32_t signal, uint32_t action) {
    uint32_t text = world->lights->action_text[action];
    world->s.light_action[signal] = action;
    show(world, signal, light_of(world->light_texts[text]), text);
}

void cw_world_set_phase(cw_world *world, uint32_t program, uint32_t phase) {
    const cw_light_table *t = world->lights;
    uint32_t row = t->phase_first[program] + phase;
    int64_t before = phase > 0 ? t->phase_end[row - 1] : 0;
    world->s.program_start[program] = cw_world_time(world) - before;
    world->s.program_phase[program] = phase;
    for (uint32_t k = t->phase_first[program]; k < t->phase_first[program + 1]; ++k)
        for (uint32_t i = t->state_first[k]; i < t->state_first[k + 1]; ++i)
            world->s.light_action[t->slot[i]] = CW_NONE;
    apply(world, program, phase);
}

const char *cw_world_light_text(const cw_world *world, uint32_t signal) {
    return world->light_texts[world->s.light_text[signal]];
}

uint8_t cw_world_light(const cw_world *world, uint32_t signal) {
    return world->s.light[signal];
}
