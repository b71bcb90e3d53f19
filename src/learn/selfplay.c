// Self-play: gather, judge, update; new scenes from time to time, those that still fail first; validation; files.
#include "learn/evaluate.h"
#include "learn/folder.h"
#include "learn/ppo.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    COOKIE = 0x5e1f,
    PURPOSE = 0x9c4e,
    ROUND = 12,
    VALIDATION_TOWNS = 16,
    VALIDATION_SCENES = 64,
    VALIDATE_EACH = 4
};

static const float average = 0.995f;     // of the weights that are validated, a step of the optimiser
static const float first_rate = 5e-4f;   // of learning; falls by half
static const double settle_steps = 10e6; // in so many agent-steps, and so on

static const char weights_file[] = "reflex.safetensors", state_file[] = "state.safetensors",
                  metrics_file[] = "metrics.csv";

cw_rewards cw_rewards_defaults(void) {
    return (cw_rewards){.progress = 0.02f,
                        .overspeed = -0.004f,
                        .offset = -0.006f,
                        .shake = -0.0015f,
                        .slide = -0.02f,
                        .jerk = -0.002f,
                        .gap = -0.01f,
                        .near = -0.06f,
                        .dawdle = -0.05f,
                        .red = -5,
                        .contact = -4,
                        .hit = -1,
                        .offroad = -4,
                        .goal = 1};
}

cw_selfplay_def cw_selfplay_defaults(const char *folder) {
    return (cw_selfplay_def){.cookie = COOKIE,
                             .folder = folder,
                             .seed = 1,
                             .minutes = 60,
                             .towns = 12,
                             .worlds = 96,
                             .rollout = 40,
                             .rewards = cw_rewards_defaults(),
                             .command = "causeway train reflex"};
}

typedef struct player {
    const cw_selfplay_def *def;
    cw_folder *folder;
    cw_pool *pool;
    cw_reflex_net net;
    cw_trainer *trainer;
    cw_course *course, *validation;
    cw_crowd *crowd;
    cw_pick *picks;
    uint32_t drawn; // scenes so far
    cw_experience *experience;
    cw_selfplay_progress now;
    uint64_t begun_steps; // of this run
    double best;          // share of clean episodes in validation so far
    cw_exec **execs;      // for validation
    float *kept;          // the weights that learn, while others are looked at
} player;

// ---- scenes --------------------------------------------------------------------------------------------------------------

static cw_pick new_pick(player *p) {
    cw_rng_key key = {.seed = p->def->seed, .purpose = PURPOSE, .step = p->drawn};
    uint32_t town = (uint32_t)(cw_rng_u64(key, 0) % cw_course_towns(p->course));
    return (cw_pick){town, p->drawn++};
}

// Half of the scenes go on, those first in which most have failed; the others are new.
static cw_status renew_scenes(player *p, cw_error *err) {
    uint32_t kept = 0, worlds = p->def->worlds;
    for (; p->crowd && kept < worlds / 2; kept++) {
        uint32_t worst = CW_NONE;
        double most = 0.02;
        for (uint32_t i = kept; i < worlds; i++) {
            double rate = p->crowd->ended[i] ? (double)p->crowd->failed[i] / p->crowd->ended[i] : 0;
            if (rate > most) {
                most = rate;
                worst = i;
            }
        }
        if (worst == CW_NONE)
            break;
        cw_pick pick = p->picks[worst];
        p->picks[worst] = p->picks[kept];
        p->picks[kept] = pick;
        p->crowd->failed[worst] = p->crowd->failed[kept];
        p->crowd->ended[worst] = p->crowd->ended[kept];
    }
    for (uint32_t i = kept; i < worlds; i++)
        p->picks[i] = new_pick(p);
    cw_crowd_free(p->crowd);
    uint64_t seed = cw_hash_bytes(p->def->seed, &p->now.iteration, sizeof p->now.iteration);
    cw_status status = cw_crowd_new(p->course, p->picks, worlds, seed, p->def->threads, false, &p->crowd, err);
    if (status != CW_OK)
        return status;
    uint32_t room = (p->def->rollout + 1) * p->crowd->agents;
    if (p->experience && p->experience->capacity >= room)
        return CW_OK;
    cw_experience_free(p->experience);
    return cw_experience_new(room, &p->experience, err);
}

// What is validated and written to drive by is the moving average of the weights that learn.
static cw_status validate(player *p, cw_error *err) {
    cw_pick picks[VALIDATION_SCENES];
    for (uint32_t i = 0; i < VALIDATION_SCENES; i++)
        picks[i] = (cw_pick){i % VALIDATION_TOWNS, i};
    p->now.validation = (cw_tally){0};
    p->now.validated = true;
    size_t count;
    float *floats = cw_net_floats(p->net.net, &count);
    memcpy(p->kept, floats, count * sizeof *floats);
    memcpy(floats, cw_trainer_average(p->trainer), count * sizeof *floats);
    cw_net_changed(p->net.net);
    cw_status status = cw_crowd_evaluate(p->validation, picks, VALIDATION_SCENES, &p->net, p->pool, p->execs,
                                         p->def->interrupt, &p->now.validation, err);
    memcpy(floats, p->kept, count * sizeof *floats);
    cw_net_changed(p->net.net);
    return status;
}

// ---- files ---------------------------------------------------------------------------------------------------------------

static uint32_t write_notes(player *p, char text[8][64], cw_note *notes) {
    snprintf(text[0], sizeof text[0], "%d", CW_REFLEX_VERSION);
    snprintf(text[1], sizeof text[1], "%016" PRIx64, cw_reflex_layout());
    snprintf(text[2], sizeof text[2], "%" PRIu64, p->def->seed);
    snprintf(text[3], sizeof text[3], "%" PRIu64, p->now.steps);
    snprintf(text[4], sizeof text[4], "%" PRIu64, p->now.iteration);
    snprintf(text[5], sizeof text[5], "%.17g", p->best);
    snprintf(text[6], sizeof text[6], "%.3f", p->now.seconds);
    snprintf(text[7], sizeof text[7], "%u", p->drawn);
    const cw_note all[] = {{"causeway.kind", "reflex"},
                           {"causeway.version", text[0]},
                           {"causeway.observation", text[1]},
                           {"causeway.config", "self 96, users 48 48 max, trunk 128 128, relu"},
                           {"causeway.command", p->def->command},
                           {"causeway.seed", text[2]},
                           {"causeway.steps", text[3]},
                           {"causeway.iteration", text[4]},
                           {"causeway.best", text[5]},
                           {"causeway.seconds", text[6]},
                           {"causeway.drawn", text[7]}};
    memcpy(notes, all, sizeof all);
    return sizeof all / sizeof *all;
}

static cw_status write_weights(player *p, const char *name, bool with_state, cw_error *err) {
    cw_arena *names = cw_arena_new(0, 0);
    uint32_t count;
    size_t floats;
    cw_net_weights(p->net.net, &count);
    cw_tensor_out *out = names ? cw_arena_array(names, 5 * count + 2, sizeof *out) : NULL;
    if (!out) {
        cw_arena_free(names);
        return cw_error_set(err, CW_ERR_MEMORY, NULL, 0, 0, "out of memory");
    }
    char text[8][64];
    cw_note notes[16];
    float step[2];
    uint32_t note_count = write_notes(p, text, notes);
    const float *weights = with_state ? cw_net_floats(p->net.net, &floats) : cw_trainer_average(p->trainer);
    count = cw_net_tensors(p->net.net, "", weights, names, out);
    if (with_state)
        count += cw_trainer_tensors(p->trainer, names, out + count, step);
    cw_status status = cw_tensors_write(cw_folder_file(p->folder, name), notes, note_count, out, count, err);
    cw_arena_free(names);
    return status;
}

static cw_status read_state(player *p, cw_error *err) {
    cw_tensors *tensors;
    const char *path = cw_folder_file(p->folder, state_file);
    cw_status status = cw_tensors_open(path, &tensors, err);
    if (status != CW_OK)
        return status;
    status = cw_reflex_take(&p->net, path, tensors, err);
    if (status == CW_OK)
        status = cw_trainer_take(p->trainer, path, tensors, err);
    static const char *const keys[] = {"causeway.steps",   "causeway.iteration", "causeway.best",
                                       "causeway.seconds", "causeway.drawn",     "causeway.seed"};
    double values[6] = {0};
    for (size_t i = 0; status == CW_OK && i < sizeof keys / sizeof *keys; i++) {
        const char *note = cw_tensors_note(tensors, keys[i]);
        if (!note || !cw_parse_double(note, strlen(note), &values[i]) || !(values[i] >= -1 && values[i] < 1e15))
            status = cw_error_set(err, CW_ERR_INPUT, path, 0, 0, "it has no %s to go on from", keys[i]);
    }
    if (status == CW_OK && values[5] != (double)p->def->seed)
        status = cw_error_set(err, CW_ERR_USAGE, path, 0, 0, "this training has seed %.0f", values[5]);
    p->now.steps = (uint64_t)values[0];
    p->now.iteration = (uint64_t)values[1];
    p->best = values[2];
    p->now.seconds = values[3];
    p->drawn = (uint32_t)values[4];
    cw_tensors_free(tensors);
    return status;
}

static cw_status write_metrics(player *p, cw_error *err) {
    static const char heading[] =
        "iteration,steps,seconds,steps_per_second,loss,value_loss,entropy,clipped_share,episodes,return,goal_rate,"
        "contact_rate,offroad_rate,late_rate,red_rate,validation_episodes,validation_clean_rate,validation_contact_"
        "rate,"
        "validation_offroad_rate,validation_red_rate,validation_late_rate";
    const cw_selfplay_progress *n = &p->now;
    const cw_tally *t = &n->tally, *v = &n->validation;
    double per = t->ended ? 1 / (double)t->ended : 0, per_v = v->ended ? 1 / (double)v->ended : 0;
    char line[1024], more[256] = ",,,,,";
    if (n->validated)
        snprintf(more, sizeof more, "%" PRIu64 ",%.5f,%.5f,%.5f,%.5f,%.5f", v->ended, (double)v->clean * per_v,
                 (double)v->contact * per_v, (double)v->offroad * per_v, (double)v->red * per_v,
                 (double)v->late * per_v);
    snprintf(line, sizeof line,
             "%" PRIu64 ",%" PRIu64 ",%.1f,%.0f,%.6f,%.6f,%.4f,%.4f,%" PRIu64 ",%.4f,%.5f,%.5f,%.5f,%.5f,%.5f,%s",
             n->iteration, n->steps, n->seconds, n->steps_per_second, n->loss, n->value_loss, n->entropy, n->ratio_off,
             t->ended, t->returned * per, (double)t->goal * per, (double)t->contact * per, (double)t->offroad * per,
             (double)t->late * per, (double)t->red * per, more);
    return cw_folder_append(p->folder, metrics_file, heading, line, err);
}

// ---- the loop --------------------------------------------------------------------------------------------------------------

static cw_status iterate(player *p, cw_error *err) {
    const cw_ppo_def ppo = {
        .ppo = {.clip = 0.2f, .entropy = 0.002f}, .epochs = 2, .minibatch = 4096, .value_share = 0.5f};
    double start = cw_seconds();
    p->now.tally = (cw_tally){0};
    p->now.validated = false;
    cw_experience_gather(p->experience, p->crowd, &p->net, p->trainer, &p->def->rewards, p->def->rollout,
                         &p->now.tally);
    cw_experience_judge(p->experience, 0.97, 0.92);
    cw_trainer_adam(p->trainer)->rate = first_rate / (1 + (float)((double)p->now.steps / settle_steps));
    cw_ppo_result result;
    uint64_t seed = cw_hash_bytes(p->def->seed, &p->now.steps, sizeof p->now.steps);
    if (!cw_ppo_update(&ppo, p->experience, &p->net, p->trainer, seed, &result))
        return cw_error_set(err, CW_ERR_INTERNAL, p->def->folder, 0, 0,
                            "the loss has exploded in iteration %" PRIu64 "; the files hold the last good state",
                            p->now.iteration);
    double took = cw_seconds() - start;
    p->now.iteration++;
    p->now.steps += p->experience->count;
    p->now.steps_per_second = p->experience->count / took;
    p->now.loss = result.loss;
    p->now.value_loss = result.value_loss;
    p->now.entropy = result.entropy;
    p->now.ratio_off = result.clipped;
    return CW_OK;
}

// At the end of a round: how it does where it does not learn; the better weights stay.
static cw_status end_round(player *p, cw_error *err) {
    cw_status status = CW_OK;
    if (p->now.iteration / ROUND % VALIDATE_EACH == 0)
        status = validate(p, err);
    if (status == CW_OK && p->now.validated && p->now.validation.ended > 0) {
        double clean = (double)p->now.validation.clean / (double)p->now.validation.ended;
        if (clean > p->best) {
            p->best = clean;
            status = write_weights(p, weights_file, false, err);
        }
    }
    return status;
}

static cw_status train(player *p, cw_error *err) {
    double start = cw_seconds(), before = p->now.seconds;
    cw_status status = renew_scenes(p, err);
    bool over = false;
    while (status == CW_OK && !over) {
        status = iterate(p, err);
        if (status != CW_OK)
            break;
        p->now.seconds = before + cw_seconds() - start;
        bool interrupted = p->def->interrupt && *p->def->interrupt;
        over = interrupted || cw_seconds() - start > 60 * p->def->minutes ||
               (p->def->steps && p->now.steps - p->begun_steps >= p->def->steps);
        bool round = p->now.iteration % ROUND == 0;
        if (round && !interrupted)
            status = end_round(p, err);
        if (status == CW_OK)
            status = write_metrics(p, err);
        if (status == CW_OK && (round || over))
            status = write_weights(p, state_file, true, err);
        if (status == CW_OK && over && p->best < 0)
            status = write_weights(p, weights_file, false, err); // better than none
        if (p->def->progress)
            p->def->progress(p->def->context, &p->now);
        if (status == CW_OK && interrupted)
            status = cw_error_set(err, CW_ERR_INTERRUPTED, p->def->folder, 0, 0, "interrupted; --resume goes on");
        if (status == CW_OK && round && !over)
            status = renew_scenes(p, err);
    }
    return status;
}

static cw_status prepare(player *p, cw_error *err) {
    const cw_selfplay_def *def = p->def;
    cw_status status = cw_seed_may_learn(def->seed, err);
    if (status == CW_OK)
        status = cw_folder_open(def->folder, &p->folder, err);
    if (status == CW_OK && !def->resume && cw_folder_has(p->folder, state_file))
        status = cw_error_set(err, CW_ERR_USAGE, def->folder, 0, 0,
                              "this folder holds a training: --resume goes on with it, -o takes another folder");
    if (status == CW_OK)
        status = cw_reflex_net_new(def->seed, CW_NN_AUTO, &p->net, err);
    if (status != CW_OK)
        return status;
    cw_adam adam = cw_adam_defaults();
    adam.rate = first_rate;
    adam.epsilon = 1e-5f;
    adam.clip = 0.5f;
    adam.average = average;
    p->pool = cw_pool_new(def->threads);
    p->trainer = p->pool ? cw_trainer_new(p->net.net, p->pool, adam) : NULL;
    p->picks = calloc(def->worlds, sizeof *p->picks);
    p->execs = p->pool ? calloc((size_t)cw_pool_threads(p->pool), sizeof(cw_exec *)) : NULL;
    size_t count;
    cw_net_floats(p->net.net, &count);
    p->kept = malloc(count * sizeof *p->kept);
    bool fine = p->trainer && p->picks && p->execs && p->kept;
    for (int i = 0; fine && i < cw_pool_threads(p->pool); i++)
        fine = (p->execs[i] = cw_exec_new(p->net.net, false)) != NULL;
    if (!fine)
        return cw_error_set(err, CW_ERR_MEMORY, NULL, 0, 0, "out of memory");
    if (def->resume)
        status = read_state(p, err);
    if (status == CW_OK)
        status = cw_course_new(CW_SEED_TRAINING, 1000 * def->seed, def->towns, def->seed, &p->course, err);
    for (uint32_t i = 0; status == CW_OK && i < def->map_count; i++)
        status = cw_course_add(p->course, def->maps[i], err);
    if (status == CW_OK)
        status = cw_course_new(CW_SEED_VALIDATION, 0, VALIDATION_TOWNS, 1, &p->validation, err);
    return status;
}

cw_status cw_selfplay_run(const cw_selfplay_def *def, cw_selfplay_progress *last, cw_error *err) {
    assert(def->cookie == COOKIE && def->towns + def->map_count > 0 && def->worlds > 0 && def->rollout > 0);
    player p = {.def = def, .best = -1};
    cw_status status = prepare(&p, err);
    p.begun_steps = p.now.steps;
    if (status == CW_OK)
        status = train(&p, err);
    *last = p.now;
    for (int i = 0; p.execs && i < cw_pool_threads(p.pool); i++)
        cw_exec_free(p.execs[i]);
    free(p.execs);
    cw_experience_free(p.experience);
    cw_crowd_free(p.crowd);
    cw_course_free(p.course);
    cw_course_free(p.validation);
    cw_trainer_free(p.trainer);
    cw_reflex_net_free(&p.net);
    cw_pool_free(p.pool);
    cw_folder_close(p.folder);
    free(p.picks);
    free(p.kept);
    return status;
}
