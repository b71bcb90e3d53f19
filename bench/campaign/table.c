#include "table.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { SHOWN = 12 }; // failures of one kind, of one driver on one course, that are listed

static double at_most(uint32_t events, double mean) {
    double term = exp(-mean), sum = term;
    for (uint32_t k = 1; k <= events; k++) {
        term *= mean / k;
        sum += term;
    }
    return sum;
}

double poisson_upper(uint32_t events) {
    double low = 0, high = 3 + 2.0 * events;
    while (at_most(events, high) > 0.05)
        high *= 2;
    for (int i = 0; i < 80; i++) {
        double middle = 0.5 * (low + high);
        if (at_most(events, middle) > 0.05)
            low = middle;
        else
            high = middle;
    }
    return high;
}

static void sum(const ledger *l, const char *driver, course c, int family, round_result *out) {
    *out = (round_result){.gap = INFINITY};
    for (size_t i = 0; i < l->round_count; i++) {
        const ledger_round *r = &l->rounds[i];
        if ((driver && strcmp(r->driver, driver) != 0) || r->course != c ||
            (family >= 0 && r->result.family != (unsigned)family))
            continue;
        out->seconds += r->result.seconds;
        out->metres += r->result.metres;
        out->gap = fmin(out->gap, r->result.gap);
        out->rides += r->result.rides;
        out->discarded += r->result.discarded;
        out->unsafe += r->result.unsafe;
        out->contacts += r->result.contacts;
        out->charged += r->result.charged;
        out->red += r->result.red;
        out->off_road += r->result.off_road;
        out->wrong_way += r->result.wrong_way;
    }
}

static double bound(uint32_t events, double seconds) {
    return poisson_upper(events) / (seconds / 3600);
}

static void write_drivers(FILE *f, const table_def *def, const ledger *l) {
    fputs("| driver | traffic | s | km | rides | broke A1, discarded | unsafe starts | contacts | charged | at most, "
          "per h "
          "| red lights | at most, per h | off road | at most, per h | wrong way |\n"
          "|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|\n",
          f);
    for (int c = 0; c < COURSES; c++)
        for (unsigned d = 0; d < def->driver_count && def->courses[c]; d++) {
            round_result r;
            sum(l, def->drivers[d], (course)c, -1, &r);
            if (r.rides == 0)
                continue;
            fprintf(f, "| %s | %s | %.0f | %.0f | %u | %u | %u | %u | %u | %.3g | %u | %.3g | %u | %.3g | %u |\n",
                    def->drivers[d], course_name((course)c), r.seconds, r.metres / 1000, r.rides, r.discarded, r.unsafe,
                    r.contacts, r.charged, bound(r.charged, r.seconds), r.red, bound(r.red, r.seconds), r.off_road,
                    bound(r.off_road, r.seconds), r.wrong_way);
        }
}

static void write_families(FILE *f, const table_def *def, const ledger *l) {
    fputs("| what the others do | assumed by the evaluator | s | rides | discarded | unsafe starts | contacts | "
          "charged | "
          "off road | wrong way | least gap, m |\n"
          "|---|---|---|---|---|---|---|---|---|---|---|\n",
          f);
    for (unsigned k = 0; k < course_families(COURSE_ADVERSARY); k++) {
        round_result r;
        sum(l, NULL, COURSE_ADVERSARY, (int)k, &r);
        if (r.rides > 0 && def->courses[COURSE_ADVERSARY])
            fprintf(f, "| %s | %s | %.0f | %u | %u | %u | %u | %u | %u | %u | %.2f |\n",
                    course_family(COURSE_ADVERSARY, k), course_promised(COURSE_ADVERSARY, k) ? "yes" : "not yet",
                    r.seconds, r.rides, r.discarded, r.unsafe, r.contacts, r.charged, r.off_road, r.wrong_way, r.gap);
    }
}

static int by_place(const void *a, const void *b) {
    const ledger_event *x = *(const ledger_event *const *)a, *y = *(const ledger_event *const *)b;
    int order = strcmp(x->kind, y->kind);
    if (order == 0)
        order = (int)x->course - (int)y->course;
    if (order == 0)
        order = strcmp(x->driver, y->driver);
    if (order == 0)
        order = x->number < y->number ? -1 : x->number > y->number;
    return order ? order : strcmp(x->command, y->command);
}

static bool same_place(const ledger_event *a, const ledger_event *b) {
    return strcmp(a->kind, b->kind) == 0 && a->course == b->course && strcmp(a->driver, b->driver) == 0;
}

// The first of each kind, driver and course; how many more there are; of contacts that are the others' all, without a line
// to repeat them.
static void write_events(FILE *f, const ledger *l) {
    const ledger_event **sorted = calloc(l->event_count + 1, sizeof *sorted);
    if (!sorted)
        return;
    for (size_t i = 0; i < l->event_count; i++)
        sorted[i] = &l->events[i];
    qsort(sorted, l->event_count, sizeof *sorted, by_place);
    for (size_t i = 0; i < l->event_count;) {
        size_t end = i;
        while (end < l->event_count && same_place(sorted[i], sorted[end]))
            end++;
        fprintf(f, "\n### %s: %s, %s (%zu)\n\n", sorted[i]->kind, sorted[i]->driver, course_name(sorted[i]->course),
                end - i);
        bool others = strcmp(sorted[i]->kind, "contact") == 0;
        for (size_t k = i; k < end && (others || k < i + SHOWN); k++) {
            fprintf(f, "- %s: %s\n", course_family(sorted[k]->course, sorted[k]->family), sorted[k]->text);
            if (!others)
                fprintf(f, "  `%s`\n", sorted[k]->command);
        }
        if (!others && end - i > SHOWN)
            fprintf(f, "- and %zu more\n", end - i - SHOWN);
        i = end;
    }
    free(sorted);
}

void table_write(FILE *f, const table_def *def, const ledger *l) {
    fputs("# Campaign against the evaluator\n\n", f);
    fprintf(
        f,
        "Written by `%s`, seed %" PRIu64 "; asked: %.0f simulated seconds of each driver in each traffic. Every drive "
        "has the evaluator on. *adversary*: others whose behaviour is searched to the edges of assumption set A1, "
        "*town*: 40 others that keep A1 in a procedural town. In half of the rounds perception is as bad as A1 "
        "grants. Drives in which the judge's monitor saw others break A1 and those without a fail-safe at the start "
        "are outside the promise: they are counted and count no seconds. A drive ends at its first contact. *charged*: "
        "the judge's fault is ego or shared. *at most, per h*: exact one-sided 95%% Poisson bound.\n\n",
        def->command, def->seed, def->asked);
    write_drivers(f, def, l);
    if (def->courses[COURSE_ADVERSARY]) {
        fputs("\n## Adversary A1, clause by clause, all drivers\n\n", f);
        write_families(f, def, l);
    }
    fputs("\n## What happened\n", f);
    write_events(f, l);
}
