// The lights of a recorded world: the states of a lane at the samples become a signal at its stop point, and its program.
#include "recording.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double period = 0.1;   // s
static const double for_good = 1e6; // s that the last state holds: programs go round

// The words of motion data, in the order of their numbers.
static const struct {
    const char *word, *color;
    uint8_t light; // cw_light of agent.h
} states[] = {{"unknown", "off", 0},    {"arrow_stop", "red", 1},    {"arrow_caution", "yellow", 3},
              {"arrow_go", "green", 4}, {"stop", "red", 1},          {"caution", "yellow", 3},
              {"go", "green", 4},       {"flashing_stop", "red", 1}, {"flashing_caution", "flashing", 5}};
enum { STATES = sizeof states / sizeof *states };

static bool read_state(rec_reader *r, uint8_t *out) {
    cw_json *j = &r->json;
    char word[48];
    double number;
    bool text = cw_json_peek(j) == '"';
    size_t at = j->at;
    if (!(text ? cw_json_string(j, word, sizeof word) : cw_json_number(j, &number)))
        return false;
    for (int i = 0; i < STATES; i++)
        if (text ? strcmp(word, states[i].word) == 0 : number == (double)i) {
            *out = (uint8_t)i;
            return true;
        }
    return cw_json_fail(j, at, CW_ERR_INPUT, "a light's state is a word such as 'stop' or 'go', or a number to %d",
                        STATES - 1);
}

// The rows of one light: 0 states, 1 the samples they hold from.
static bool read_rows(rec_reader *r, int which, size_t first, size_t *count) {
    cw_json *j = &r->json;
    uint32_t i = UINT32_MAX;
    if (!cw_json_enter(j, '['))
        return false;
    while (cw_json_more(j, ']', &i)) {
        size_t row = first + i;
        double step;
        if (i == REC_SAMPLES)
            return cw_json_fail(j, j->at, CW_ERR_LIMIT, "more than %d states of a light", REC_SAMPLES);
        if (!(which == 0 ? CW_GROW(r->states, r->state_capacity, row + 1)
                         : CW_GROW(r->steps, r->step_capacity, row + 1)))
            return cw_json_fail(j, j->at, CW_ERR_MEMORY, "out of memory");
        size_t at = (cw_json_peek(j), j->at);
        if (!(which == 0 ? read_state(r, &r->states[row]) : cw_json_number(j, &step)))
            return false;
        if (which == 0)
            continue;
        if (!(step >= 0 && step < REC_SAMPLES && step == floor(step)) || (i > 0 && step <= r->steps[row - 1]))
            return cw_json_fail(j, at, CW_ERR_INPUT, "the samples of a light's states do not rise");
        r->steps[row] = (uint32_t)step;
    }
    *count = i + 1;
    return j->status == CW_OK;
}

// The first of the coordinates: stop points do not move.
static bool read_first(cw_json *j, double *out) {
    uint32_t i = UINT32_MAX;
    double value;
    if (cw_json_peek(j) != '[')
        return cw_json_number(j, out);
    if (!cw_json_enter(j, '['))
        return false;
    while (cw_json_more(j, ']', &i))
        if (!cw_json_number(j, i == 0 ? out : &value))
            return false;
    return j->status == CW_OK;
}

static bool read_light(rec_reader *r, rec_light *light) {
    cw_json *j = &r->json;
    uint32_t i = UINT32_MAX;
    char key[16];
    size_t counts[2] = {0};
    bool has[2] = {0}, has_x = false, has_y = false;
    if (!cw_json_enter(j, '{'))
        return false;
    while (cw_json_more(j, '}', &i)) {
        if (!cw_json_key(j, key, sizeof key))
            return false;
        int which = strcmp(key, "state") == 0 ? 0 : strcmp(key, "time_index") == 0 ? 1 : -1;
        bool x = strcmp(key, "x") == 0, y = strcmp(key, "y") == 0;
        has_x = has_x || x;
        has_y = has_y || y;
        if (which >= 0)
            has[which] = true;
        if (!(which >= 0              ? read_rows(r, which, r->state_count, &counts[which])
              : x                     ? read_first(j, &light->at.x)
              : y                     ? read_first(j, &light->at.y)
              : strcmp(key, "z") == 0 ? read_first(j, &light->at.z)
                                      : cw_json_skip(j)))
            return false;
    }
    if (j->status != CW_OK)
        return false;
    if (!has[0] || !has_x || !has_y)
        return cw_json_fail(j, light->place, CW_ERR_INPUT, "a light without state, x or y");
    if (has[1] && counts[1] != counts[0])
        return cw_json_fail(j, light->place, CW_ERR_INPUT, "a light with %zu states at %zu samples", counts[0],
                            counts[1]);
    if (!(fabs(light->at.x) <= 1e8 && fabs(light->at.y) <= 1e8 && fabs(light->at.z) <= 1e8))
        return cw_json_fail(j, light->place, CW_ERR_INPUT, "a light farther out than the planet is wide");
    for (size_t k = 0; !has[1] && k < counts[0]; k++) {
        if (!CW_GROW(r->steps, r->step_capacity, r->state_count + k + 1))
            return cw_json_fail(j, light->place, CW_ERR_MEMORY, "out of memory");
        r->steps[r->state_count + k] = (uint32_t)k;
    }
    light->first = r->state_count;
    light->count = counts[0];
    r->state_count += counts[0];
    return true;
}

bool rec_read_lights(rec_reader *r) {
    cw_json *j = &r->json;
    uint32_t i = UINT32_MAX;
    if (cw_json_peek(j) != '{') // an empty list where there are none
        return cw_json_skip(j);
    if (!cw_json_enter(j, '{'))
        return false;
    while (cw_json_more(j, '}', &i)) {
        rec_light light = {.place = (cw_json_peek(j), j->at)};
        if (i == REC_OBJECTS)
            return cw_json_fail(j, j->at, CW_ERR_LIMIT, "more than %d lights", REC_OBJECTS);
        if (!cw_json_key(j, light.lane, sizeof light.lane) || !read_light(r, &light))
            return false;
        for (size_t k = 0; k < r->light_count; k++)
            if (strcmp(r->lights[k].lane, light.lane) == 0)
                return cw_json_fail(j, light.place, CW_ERR_INPUT, "a second light of lane %s", light.lane);
        if (!CW_GROW(r->lights, r->light_capacity, r->light_count + 1))
            return cw_json_fail(j, j->at, CW_ERR_MEMORY, "out of memory");
        if (light.count > 0)
            r->lights[r->light_count++] = light;
    }
    return j->status == CW_OK;
}

void rec_light_name(const rec_light *light, char out[40]) {
    snprintf(out, 40, "light-%s", light->lane);
}

// What one light shows: off until its first state, each state until the next, the last for good.
static bool program_of(const rec_reader *r, const rec_light *light, cw_arena *arena, cw_signal_program *out) {
    char name[40];
    rec_light_name(light, name);
    const char *id = cw_arena_text(arena, name, strlen(name));
    cw_phase *phases = cw_arena_array(arena, light->count + 1, sizeof *phases);
    cw_light_state *shown = cw_arena_array(arena, light->count + 1, sizeof *shown);
    if (id == NULL || phases == NULL || shown == NULL)
        return false;
    uint32_t n = 0;
    double now = 0;
    *out = (cw_signal_program){.name = id, .phases = phases};
    for (size_t k = 0; k <= light->count; k++) { // k 0: before the first
        double until = k < light->count ? r->steps[light->first + k] * period : for_good;
        uint8_t state = k > 0 ? r->states[light->first + k - 1] : 0;
        if (n > 0 && shown[n - 1].light == states[state].light) {
            phases[n - 1].duration += until - now;
        } else if (until > now) {
            shown[n] = (cw_light_state){.signal = id, .state = states[state].color, .light = states[state].light};
            phases[n] =
                (cw_phase){.name = states[state].word, .duration = until - now, .count = 1, .states = &shown[n]};
            n++;
        }
        now = until;
    }
    out->count = n;
    out->period = for_good;
    return true;
}

bool rec_make_programs(const rec_reader *r, cw_scene *scene) {
    cw_signal_program *programs = cw_arena_array(scene->arena, r->light_count, sizeof *programs);
    for (size_t i = 0; i < r->light_count; i++)
        if (programs == NULL || !program_of(r, &r->lights[i], scene->arena, &programs[i]))
            return false;
    scene->programs = programs;
    scene->program_count = (uint32_t)r->light_count;
    return true;
}
