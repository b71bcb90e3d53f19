#include "why_cut_in.h"

#include "cli.h"
#include "driver_option.h"
#include "why_json.h"

#include "causeway/cut_in.h"
#include "causeway/drive.h"
#include "causeway/format.h"
#include "causeway/show.h"

#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SLOW = 6, FAST = 4 }; // of the ego's speeds: 10 to 60 km/h by 10, and 70 to 130 by 20

typedef struct one { // a case
    cw_cut_in what;
    const cw_map *map;
    uint32_t speed, gap, lateral;
    cw_cut_in_outcome outcome[CW_AVOIDABLE_DRIVERS];
} one;

typedef struct job {
    const cw_driver *drivers[CW_AVOIDABLE_DRIVERS];
    bool evaluator[CW_AVOIDABLE_DRIVERS];
    cw_map *maps[CW_AVOIDABLE_SPEEDS];
    one *cases;
    size_t count, capacity;
    cw_avoidable *sum;
    cw_status status; // of any case
    cw_error err;
} job;

// A road with two lanes on which the ego's speed is the limit.
static cw_status make_map(double speed, cw_map **map, cw_error *err) {
    char text[2048];
    static const char lane[] =
        "<lane id=\"-%d\" type=\"driving\" level=\"false\"><width sOffset=\"0\" a=\"3.5\" b=\"0\" "
        "c=\"0\" d=\"0\"/><speed sOffset=\"0\" max=\"%.17g\" unit=\"m/s\"/></lane>";
    char lanes[2][400];
    for (int i = 0; i < 2; i++)
        snprintf(lanes[i], sizeof lanes[i], lane, i + 1, speed);
    snprintf(text, sizeof text,
             "<?xml version=\"1.0\"?><OpenDRIVE><header revMajor=\"1\" revMinor=\"6\" name=\"cut-in\"/>"
             "<road name=\"r\" length=\"3000\" id=\"1\" junction=\"-1\" rule=\"RHT\"><type s=\"0\" type=\"motorway\"/>"
             "<planView><geometry s=\"0\" x=\"0\" y=\"0\" hdg=\"0\" length=\"3000\"><line/></geometry></planView>"
             "<lanes><laneSection s=\"0\"><center><lane id=\"0\" type=\"none\" level=\"false\"/></center><right>%s%s"
             "</right></laneSection></lanes></road></OpenDRIVE>",
             lanes[0], lanes[1]);
    return cw_opendrive_read(text, strlen(text), "cut-in.xodr", map, NULL, err);
}

static void add(job *j, const one *c) {
    if (j->count == j->capacity) {
        j->capacity = j->capacity ? 2 * j->capacity : 4096;
        j->cases = realloc(j->cases, j->capacity * sizeof *j->cases);
        if (!j->cases)
            abort();
    }
    j->cases[j->count++] = *c;
}

// Ego from 10 to 60 km/h with gaps of 1 to 59 m, and from 70 to 130 km/h with 1 to 119 m; lateral speeds up to 1.7 m/s;
// the other slower by a multiple of 10 (fast: 20) km/h, 10 km/h at least.
static cw_status list_cases(job *j, bool full, cw_error *err) {
    cw_avoidable *a = j->sum;
    double lateral_step = full ? 0.1 : 0.4;
    while (a->lateral_count < CW_AVOIDABLE_LATERALS && 0.1 + lateral_step * a->lateral_count < 1.75) {
        a->laterals[a->lateral_count] = 0.1 + lateral_step * a->lateral_count;
        a->lateral_count++;
    }
    for (uint32_t s = 0; s < SLOW + FAST; s++) {
        bool slow = s < SLOW;
        double speed = slow ? 10.0 * (s + 1) : 70 + 20.0 * (s - SLOW);
        if (speed < 15)
            continue; // nobody is slower by ten
        uint32_t at = a->speed_count++;
        a->speeds[at] = speed / 3.6;
        cw_status status = make_map(a->speeds[at], &j->maps[at], err);
        if (status != CW_OK)
            return status;
        double step = (slow ? 1 : 2) * (full ? 1 : 4), last = slow ? 59 : 119;
        for (double gap = 1; gap <= last && a->gap_count[at] < CW_AVOIDABLE_GAPS; gap += step)
            a->gaps[at][a->gap_count[at]++] = gap;
        for (double other = speed - (slow ? 10 : 20); other > 9; other -= slow ? 10 : 20)
            for (uint32_t g = 0; g < a->gap_count[at]; g++)
                for (uint32_t l = 0; l < a->lateral_count; l++)
                    add(j, &(one){.what = {a->speeds[at], other / 3.6, a->gaps[at][g], a->laterals[l]},
                                  .map = j->maps[at],
                                  .speed = at,
                                  .gap = g,
                                  .lateral = l});
    }
    return CW_OK;
}

static void run_one(void *context, size_t index, int worker) {
    (void)worker;
    job *j = context;
    one *c = &j->cases[index];
    for (uint32_t d = 0; d < j->sum->driver_count && !interrupted; d++) {
        cw_error err = {0};
        if (cw_cut_in_run(&c->what, c->map, j->drivers[d], j->evaluator[d], &c->outcome[d], &err) != CW_OK) {
            j->err = err;
            j->status = err.code;
        }
    }
}

static void count(job *j) {
    cw_avoidable *a = j->sum;
    for (size_t i = 0; i < j->count; i++) {
        const one *c = &j->cases[i];
        for (uint32_t d = 0; d < a->driver_count; d++) {
            // The careful human is the first of them.
            cw_avoidable_cell *cell =
                (cw_avoidable_cell *)(uintptr_t)cw_avoidable_at(a, d, c->speed, c->gap, c->lateral);
            bool hit = c->outcome[d].hit, worse = hit && !c->outcome[0].hit;
            cell->cases++;
            cell->hits += hit;
            cell->worse += worse;
            a->cases[d]++;
            a->hits[d] += hit;
            a->worse[d] += worse;
        }
    }
}

static uint64_t hash(const job *j, uint32_t driver) {
    uint64_t hash = 1;
    for (size_t i = 0; i < j->count; i++)
        hash = cw_hash_bytes(hash, &j->cases[i].outcome[driver].hash, sizeof hash);
    return hash;
}

static void print_json(const job *j, bool full) {
    json_t *drivers = json_array(), *worse = json_array();
    const cw_avoidable *a = j->sum;
    for (uint32_t d = 0; d < a->driver_count; d++) {
        char text[24];
        snprintf(text, sizeof text, "%016" PRIx64, hash(j, d));
        json_array_append_new(drivers, json_pack("{s:s, s:b, s:i, s:i, s:i, s:s}", "driver", a->drivers[d], "evaluator",
                                                 j->evaluator[d], "cases", (int)a->cases[d], "hits", (int)a->hits[d],
                                                 "hits_that_the_human_avoids", (int)a->worse[d], "hash", text));
    }
    for (size_t i = 0; i < j->count; i++)
        for (uint32_t d = 0; d < a->driver_count; d++) {
            const one *c = &j->cases[i];
            if (c->outcome[d].hit && !c->outcome[0].hit)
                json_array_append_new(worse, json_pack("{s:s, s:f, s:f, s:f, s:f, s:f}", "driver", a->drivers[d],
                                                       "ego_mps", c->what.ego_speed, "other_mps", c->what.other_speed,
                                                       "gap_m", c->what.gap, "lateral_mps", c->what.lateral_speed,
                                                       "impact_mps", (double)c->outcome[d].impact));
        }
    json_t *root = json_pack("{s:s, s:b, s:o, s:o}", "schema", "causeway.cut_in/1", "full", full, "drivers", drivers,
                             "worse_than_human", worse);
    why_print_json(root, 9);
    json_decref(root);
}

static void print_text(const job *j, cw_language language) {
    const cw_avoidable *a = j->sum;
    bool korean = language == CW_KOREAN;
    printf("%-14s %8s %8s %s\n", korean ? "운전자" : "driver", korean ? "경우" : "cases", korean ? "접촉" : "hits",
           korean ? "주의 깊은 사람은 피하는 접촉" : "hits that the careful human avoids");
    for (uint32_t d = 0; d < a->driver_count; d++)
        printf("%-14s %8u %8u %u\n", a->drivers[d], a->cases[d], a->hits[d], a->worse[d]);
    for (size_t i = 0, told = 0; i < j->count && told < 20; i++)
        for (uint32_t d = a->driver_count - 1; d < a->driver_count; d++) { // ours stands last
            const one *c = &j->cases[i];
            if (!c->outcome[d].hit || c->outcome[0].hit)
                continue;
            told++;
            printf(korean ? "  %s: 자차 시속 %.0f km, 상대 %.0f km, 간격 %.0f m, 횡속도 %.1f m/s, 충격 시속 %.1f km\n"
                          : "  %s: ego at %.0f km/h, other at %.0f km/h, gap %.0f m, %.1f m/s sideways: %.1f km/h\n",
                   a->drivers[d], c->what.ego_speed * 3.6, c->what.other_speed * 3.6, c->what.gap,
                   c->what.lateral_speed, (double)c->outcome[d].impact * 3.6);
        }
}

int why_cut_in(const cut_in_options *o) {
    static const char *const models[] = {"human", "fsm", "reg157", "rss"};
    job j = {.sum = calloc(1, sizeof *j.sum)};
    cw_error err = {0};
    driver_choice choice = {0};
    if (!j.sum)
        abort();
    for (uint32_t i = 0; i < 4; i++) {
        j.drivers[i] = cw_driver_find(models[i]);
        j.sum->drivers[j.sum->driver_count++] = models[i];
    }
    cw_status status = choose_driver(o->driver, &choice, &err);
    if (status == CW_OK && (!choice.driver || !choice.driver->repeatable || choice.weights || choice.options))
        status = cw_error_set(&err, CW_ERR_USAGE, NULL, 0, 0, "--cut-in takes a driver of this program: %s", o->driver);
    if (status == CW_OK) {
        uint32_t own = j.sum->driver_count++;
        j.drivers[own] = choice.driver;
        j.evaluator[own] = driver_wants_evaluator(choice.driver);
        j.sum->drivers[own] = o->driver;
        status = list_cases(&j, o->full, &err);
    }
    if (status == CW_OK) {
        cw_pool *pool = cw_pool_new(o->threads);
        if (pool)
            cw_pool_run(pool, j.count, run_one, &j);
        else
            for (size_t i = 0; i < j.count; i++)
                run_one(&j, i, 0);
        cw_pool_free(pool);
        status = j.status;
        err = j.status == CW_OK ? err : j.err;
    }
    int code = EXIT_FINE;
    if (status == CW_OK && !interrupted) {
        count(&j);
        if (o->json)
            print_json(&j, o->full);
        else
            print_text(&j, o->language);
        if (o->report)
            status = cw_show_avoidable(j.sum, o->language, o->report, &err);
        code = j.sum->worse[j.sum->driver_count - 1] > 0 ? EXIT_FAILED : EXIT_FINE;
    }
    if (status != CW_OK)
        code = fail(&err);
    for (uint32_t i = 0; i < CW_AVOIDABLE_SPEEDS; i++)
        cw_map_free(j.maps[i]);
    free(j.cases);
    free(j.sum);
    return interrupted ? EXIT_INTERRUPTED : code;
}
