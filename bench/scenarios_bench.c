// Real scenarios driven to a verdict: ALKS, Euro NCAP 2023 and its variations, CommonRoad.
#include "figure.h"

#include "causeway/drive.h"
#include "causeway/format.h"
#include "causeway/judge.h"
#include "causeway/run.h"

#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct outcome {
    bool ran;
    char error[320];
    cw_episode_result episode;
    cw_verdict *verdict;
    const char *contact_with;
    char other[64];
} outcome;

static double metric(const cw_verdict *v, const char *name) {
    for (uint32_t i = 0; i < v->metric_count; i++)
        if (strcmp(v->metrics[i].name, name) == 0)
            return v->metrics[i].value;
    return NAN;
}

static const cw_criterion *criterion(const cw_verdict *v, const char *name) {
    for (uint32_t i = 0; i < v->criterion_count; i++)
        if (strcmp(v->criteria[i].name, name) == 0)
            return &v->criteria[i];
    return NULL;
}

// Drives a file with the classical driver under the evaluator and judges it. The verdict is the caller's.
static outcome drive(const char *path, const cw_scenario_options *options, bool always_human) {
    outcome out = {0};
    cw_error err = {0};
    cw_scene *scene = NULL;
    cw_trace *trace = NULL;
    if (cw_scene_read_file(path, options, &scene, &err) != CW_OK) {
        cw_error_print(&err, out.error, sizeof out.error);
        return out;
    }
    cw_episode_def def = cw_episode_defaults(scene);
    def.driver = cw_driver_find("classical");
    out.verdict = calloc(1, sizeof *out.verdict);
    if (out.verdict && cw_episode_run(&def, &trace, &out.episode, &err) == CW_OK) {
        cw_judge_def judge = {.scene = scene,
                              .trace = trace,
                              .end = cw_episode_end_name(out.episode.end),
                              .goal_time_ns = out.episode.goal_time_ns,
                              .mission = &out.episode.mission,
                              .human = cw_driver_find("human"),
                              .always_human = always_human,
                              .seed = def.seed,
                              .dt_ns = def.dt_ns,
                              .period_ns = def.period_ns};
        out.ran = cw_judge(&judge, out.verdict, &err) == CW_OK;
        if (out.verdict->contact_count > 0 && out.verdict->contacts[0].actor < scene->actor_count)
            snprintf(out.other, sizeof out.other, "%s", scene->actors[out.verdict->contacts[0].actor].name);
        cw_arena_free(out.episode.arena);
    }
    if (!out.ran)
        cw_error_print(&err, out.error, sizeof out.error);
    cw_trace_free(trace);
    cw_scene_free(scene);
    return out;
}

static int by_name(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

// Names of the files in a folder that end so and hold `part`, sorted. The caller frees nothing: the process is short.
static int list_files(const char *folder, const char *ending, const char *part, char **names, int most) {
    DIR *dir = opendir(folder);
    int count = 0;
    for (struct dirent *entry; dir && (entry = readdir(dir)) && count < most;) {
        size_t length = strlen(entry->d_name), tail = strlen(ending);
        if (length > tail && strcmp(entry->d_name + length - tail, ending) == 0 && strstr(entry->d_name, part))
            names[count++] = strdup(entry->d_name);
    }
    if (dir)
        closedir(dir);
    qsort(names, (size_t)count, sizeof *names, by_name);
    return count;
}

static void alks(int argc, char **argv, const char *data) {
    char folder[900], path[1024], name[160];
    snprintf(folder, sizeof folder, "%s/openscenario/alks/logical_scenarios/concrete_scenarios", data);
    char *names[32];
    int count = list_files(folder, "_template.xosc", "alks_scenario_", names, 32);
    int demanded_contacts = 0, ran = 0;
    double decide = 0;
    for (int i = 0; i < count; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        outcome o = drive(path, &(cw_scenario_options){0}, true);
        ran += o.ran;
        snprintf(name, sizeof name, "alks/%.*s", (int)(strlen(names[i]) - strlen("_template.xosc")), names[i]);
        if (!o.ran) {
            printf("%s\t-\t-\t-\tmissed\t%s\n", name, o.error);
            continue;
        }
        const cw_criterion *r157 = criterion(o.verdict, "r157_contact");
        demanded_contacts += o.verdict->contact_count > 0 && r157 && r157->applies && !r157->passed;
        decide = cw_max(decide, o.episode.decide_mean_us);
        figure(name, (double)o.verdict->contact_count, "contacts", TOLD, 0,
               "%s after %.1f s, min TTC %.2f s, strongest braking %.1f m/s2, careful human %s%s%s",
               o.verdict->passed ? "passed" : "FAILED", o.episode.duration, metric(o.verdict, "min_ttc_s"),
               metric(o.verdict, "max_decel_mps2"),
               !o.verdict->human_run     ? "not run"
               : o.verdict->human_avoids ? "avoids"
                                         : "does not avoid",
               o.other[0] ? ", contact with " : "", o.other);
        if (strstr(names[i], "4_1_1") && figure_wanted(argc, argv, "alks_set_speed_held"))
            figure("alks_set_speed_held", 100 * metric(o.verdict, "set_speed_held"), "%", AT_LEAST, 95,
                   "4.1.1 free driving: mean speed over the set speed while nothing is ahead");
        double low = metric(o.verdict, "follow_gap_excess_min_s"), high = metric(o.verdict, "follow_gap_excess_max_s");
        if (strstr(names[i], "4_3_1") && figure_wanted(argc, argv, "alks_follow_gap")) {
            figure("alks_follow_gap_low", low, "s", AT_LEAST, 0, "4.3.1: smallest gap beyond the regulation's minimum");
            figure("alks_follow_gap_high", high, "s", AT_MOST, 1, "4.3.1: largest gap beyond the regulation's minimum");
        }
        if (strstr(names[i], "4_4_2"))
            figure("alks_unavoidable_contact", (double)o.verdict->contact_count, "contacts", AT_MOST, 0,
                   "4.4.2 cut-in that need not be avoided; none is the aim");
        free(o.verdict);
    }
    figure("alks_demanded_contacts", demanded_contacts, "contacts", AT_MOST, 0,
           "%d of %d templates ran; contacts where their absence is demanded", ran, count);
    figure("alks_decide_us", decide, "us", TOLD, 0, "a decision, driver and evaluator, worst mean of the templates");
}

static void ncap(const char *data) {
    static const char *const folders[] = {"AEB_C2C_2023", "AEB_VRU_2023"};
    char folder[900], path[1024], name[160];
    int forward = 0, avoided = 0, ran = 0, all = 0;
    for (size_t f = 0; f < 2; f++) {
        snprintf(folder, sizeof folder, "%s/openscenario/ncap/OpenSCENARIO/NCAP/%s", data, folders[f]);
        char *names[32];
        int count = list_files(folder, "_2023.xosc", "NCAP_", names, 32);
        for (int i = 0; i < count; i++) {
            snprintf(path, sizeof path, "%s/%s", folder, names[i]);
            outcome o = drive(path, &(cw_scenario_options){0}, true);
            snprintf(name, sizeof name, "ncap/%.*s", (int)(strlen(names[i]) - strlen("_2023.xosc") - 5), names[i] + 5);
            all++;
            ran += o.ran;
            if (!o.ran) {
                printf("%s\t-\t-\t-\tmissed\t%s\n", name, o.error);
                continue;
            }
            bool reverse = strstr(names[i], "CPRA") != NULL;
            forward += !reverse;
            avoided += !reverse && o.verdict->contact_count == 0;
            figure(name, o.verdict->contact_count ? (double)o.verdict->contacts[0].impact_mps * 3.6 : 0, "km/h impact",
                   TOLD, 0, "%s%s after %.1f s; careful human %s (%.0f km/h)%s", reverse ? "ego reverses; " : "",
                   o.verdict->contact_count ? "contact" : "no contact", o.episode.duration,
                   !o.verdict->human_run     ? "not run"
                   : o.verdict->human_avoids ? "avoids"
                                             : "does not avoid",
                   (double)o.verdict->human_impact_mps * 3.6, o.verdict->passed ? "" : "; verdict failed");
            free(o.verdict);
        }
    }
    figure("ncap_verdicts", ran, "scenarios", AT_LEAST, 13, "of %d base scenarios ran to a verdict", all);
    figure("ncap_avoided", avoided, "scenarios", AT_LEAST, 9, "no contact, of %d in which the ego drives forward",
           forward);
}

// ---- Euro NCAP with all its variations -------------------------------------------------------------------------------

typedef struct tally {
    unsigned cases, ran, human, human_met; // human: a careful human avoids contact
    unsigned forward, avoided;             // ego drives forward, and no car comes head-on in its lane
} tally;

// What the distribution's file makes of its scenario, each drive judged; a line for each file, and for each contact.
static void vary(const char *folder, const char *file, tally *all) {
    char path[1024], scenario[1400], name[160], set_text[400];
    snprintf(path, sizeof path, "%s/%s", folder, file);
    snprintf(name, sizeof name, "ncap_variations/%.*s", (int)(strlen(file) - strlen("_2023.xosc") - 5), file + 5);
    bool reverse = strstr(file, "CPRA") != NULL, head_on = strstr(file, "CCFho") != NULL;
    char *bytes = NULL;
    size_t size;
    cw_error err = {0};
    cw_distribution *d = NULL;
    cw_status status = cw_file_read(path, 0, &bytes, &size, &err);
    if (status == CW_OK)
        status = cw_distribution_read(bytes, size, path, &d, &err);
    free(bytes);
    if (status != CW_OK) {
        printf("%s\t-\t-\t-\tmissed\t%s\n", name, err.text);
        return;
    }
    snprintf(scenario, sizeof scenario, "%s/%s", folder, cw_distribution_scenario(d));
    tally t = {0};
    float worst = 0;
    for (uint64_t index = 0; index < cw_distribution_count(d); index++) {
        cw_arena *arena = cw_arena_new(0, 0);
        const char *const *set;
        uint32_t set_count;
        bool broken = false;
        outcome o = {0};
        if (arena && cw_distribution_at(d, index, arena, &set, &set_count, &err) == CW_OK) {
            cw_scenario_options options = {.set = set, .set_count = set_count, .constraint_broken = &broken};
            o = drive(scenario, &options, true);
            size_t used = 0;
            set_text[0] = 0;
            for (uint32_t i = 0; i < set_count && used < sizeof set_text; i++)
                used += (size_t)snprintf(set_text + used, sizeof set_text - used, " %s", set[i]);
        }
        cw_arena_free(arena);
        if (broken)
            continue; // a set that the scenario itself excludes
        t.cases++;
        t.ran += o.ran;
        if (!o.ran) {
            printf("%s\t-\t-\t-\tmissed\t%s\n", name, o.error);
            continue;
        }
        const cw_verdict *v = o.verdict;
        bool contact = v->contact_count > 0;
        t.human += v->human_avoids;
        t.human_met += v->human_avoids && !contact;
        t.forward += !reverse && !head_on;
        t.avoided += !reverse && !head_on && !contact;
        if (contact) {
            float impact = v->contacts[0].impact_mps;
            worst = impact > worst ? impact : worst;
            char one[200];
            snprintf(one, sizeof one, "%s/contact", name);
            figure(one, (double)impact * 3.6, "km/h impact", TOLD, 0, "charged to %s; careful human %s (%.0f km/h);%s",
                   v->contacts[0].fault == CW_FAULT_NONE ? "nobody" : cw_fault_name((cw_fault)v->contacts[0].fault),
                   v->human_avoids ? "avoids" : "does not avoid", (double)v->human_impact_mps * 3.6, set_text);
        }
        free(o.verdict);
    }
    cw_distribution_free(d);
    figure(name, (double)t.cases, "cases", TOLD, 0,
           "%s%u ran; a careful human avoids %u, of these avoided %u; worst impact %.0f km/h",
           reverse   ? "ego reverses; "
           : head_on ? "a car comes head-on in ego's lane; "
                     : "",
           t.ran, t.human, t.human_met, (double)worst * 3.6);
    all->cases += t.cases;
    all->ran += t.ran;
    all->human += t.human;
    all->human_met += t.human_met;
    all->forward += t.forward;
    all->avoided += t.avoided;
}

static void ncap_variations(const char *data) {
    static const char *const folders[] = {"AEB_C2C_2023", "AEB_VRU_2023"};
    tally all = {0};
    for (size_t f = 0; f < 2; f++) {
        char folder[900], *names[64];
        snprintf(folder, sizeof folder, "%s/openscenario/ncap/OpenSCENARIO/NCAP/%s/Variations", data, folders[f]);
        int count = list_files(folder, "_2023.xosc", "NCAP_", names, 64);
        for (int i = 0; i < count; i++)
            vary(folder, names[i], &all);
    }
    figure("ncap_variations_ran", all.ran, "cases", AT_LEAST, all.cases,
           "of all sets that the files' distributions make");
    figure("ncap_variations_human", all.human_met, "cases", AT_LEAST, all.human,
           "no contact, of those in which the careful human has none");
    figure("ncap_variations_avoided", all.forward ? 100.0 * all.avoided / all.forward : 0, "%", AT_LEAST, 95,
           "no contact in %u of %u in which the ego drives forward and no car comes head-on in its lane", all.avoided,
           all.forward);
}

// Why a planning problem was not solved, from what the run and its verdict say.
static void tell_cause(const outcome *o, bool solved, char *text, size_t size) {
    static const char *const lines[] = {
        "the scenario begins with it",    "ego's own doing", "struck from behind or standing",
        "the other broke A1, ego braked", "nobody broke A1", "both had a part"};
    const cw_verdict *v = o->verdict;
    if (solved) {
        snprintf(text, size, "goal reached without contact");
    } else if (v->contact_count > 0) {
        const cw_judged_contact *c = &v->contacts[0];
        snprintf(text, size, "contact with %s after %.1f s at %.0f km/h, charged to %s (%s)%s%s%s%s",
                 o->other[0] ? o->other : "the map", (double)c->time_ns * 1e-9, (double)c->impact_mps * 3.6,
                 c->fault == CW_FAULT_NONE ? "nobody" : cw_fault_name((cw_fault)c->fault),
                 c->clause < 6 ? lines[c->clause] : "?", c->broken.in[CW_ENGLISH][0] ? ": " : "",
                 c->broken.in[CW_ENGLISH], c->fault == CW_FAULT_OTHER ? "; recorded traffic does not react to ego" : "",
                 o->episode.goal_time_ns >= 0 ? "; goal reached" : "; goal not reached");
    } else if (o->episode.end == CW_ENDED_FAULT) {
        snprintf(text, size, "fault: %s", o->episode.fault);
    } else {
        const cw_mission *m = &o->episode.mission;
        snprintf(text, size,
                 "goal not reached between %.1f and %.1f s: %.0f m driven at %.1f m/s on average, stood %.1f s, "
                 "evaluator in "
                 "control for %.0f%% of the time",
                 m->goal_time_low, m->goal_time_high, metric(v, "distance_m"), metric(v, "mean_speed_mps"),
                 metric(v, "stationary_in_lane_s"), 100 * metric(v, "failsafe_share"));
    }
}

static void commonroad(const char *data) {
    static const char *const folders[] = {"commonroad-crime", "commonroad-interactive-scenarios", "commonroad-io",
                                          "commonroad-reactive-planner", "commonroad-route-planner"};
    char folder[900], path[1024];
    int problems = 0, reached = 0;
    for (size_t f = 0; f < sizeof folders / sizeof *folders; f++) {
        snprintf(folder, sizeof folder, "%s/commonroad/%s", data, folders[f]);
        char *names[64];
        int count = list_files(folder, ".xml", "", names, 64);
        for (int i = 0; i < count; i++) {
            if (strncmp(names[i], "test_reading", 12) == 0 || strncmp(names[i], "solution", 8) == 0)
                continue;
            snprintf(path, sizeof path, "%s/%s", folder, names[i]);
            cw_error err = {0};
            cw_scene *scene;
            cw_scenario_options options = {0};
            if (cw_scene_read_file(path, &options, &scene, &err) != CW_OK) {
                printf("commonroad/%s\t-\t-\t-\tmissed\t%s\n", names[i], err.text);
                problems++;
                continue;
            }
            // Files whose moving obstacles have no trajectory are left out, as the issue says; the reader notices those.
            bool without = false;
            for (uint32_t n = 0; n < scene->notice_count; n++)
                without = without || strcmp(scene->notices[n].name, "dynamicObstacle") == 0;
            cw_scene_free(scene);
            if (without)
                continue;
            outcome o = drive(path, &(cw_scenario_options){0}, false);
            problems++;
            bool ok = o.ran && o.episode.goal_time_ns >= 0 && o.verdict->contact_count == 0;
            reached += ok;
            char name[160];
            snprintf(name, sizeof name, "commonroad/%.*s", (int)(strlen(names[i]) - 4), names[i]);
            if (!o.ran) {
                printf("%s\t-\t-\t-\tmissed\t%s\n", name, o.error);
                continue;
            }
            char cause[640];
            tell_cause(&o, ok, cause, sizeof cause);
            figure(name, o.episode.goal_time_ns >= 0 ? (double)o.episode.goal_time_ns * 1e-9 : NAN, "s to goal", TOLD,
                   0, "%s; ran %.1f s", cause, o.episode.duration);
            free(o.verdict);
        }
    }
    figure("commonroad_reached", problems ? 100.0 * reached / problems : 0, "%", AT_LEAST, 80,
           "%d of %d planning problems: goal reached without contact", reached, problems);
}

int main(int argc, char **argv) {
    const char *data = test_data();
    if (!data) {
        fprintf(stderr, "scenarios_bench: CAUSEWAY_TEST_DATA is not set\n");
        return 0;
    }
    if (figure_wanted(argc, argv, "alks_scenario_follow_gap_set_speed_held_demanded_contacts_decide_us"))
        alks(argc, argv, data);
    if (figure_wanted(argc, argv, "ncap_verdicts_avoided"))
        ncap(data);
    if (figure_wanted(argc, argv, "ncap_variations_ran_human_avoided"))
        ncap_variations(data);
    if (figure_wanted(argc, argv, "commonroad_reached"))
        commonroad(data);
    return 0;
}
