#include "ledger.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void ledger_write_head(FILE *f, uint64_t seed, const char *build) {
    fprintf(f, "campaign\t1\t%" PRIu64 "\t%s\n", seed, build);
}

void ledger_write_event(FILE *f, const ledger_event *e) {
    fprintf(f, "event\t%s\t%s\t%u\t%u\t%s\t%s\t%s\n", e->driver, course_name(e->course), e->number, e->family, e->kind,
            e->text, e->command);
}

void ledger_write_round(FILE *f, const ledger_round *l) {
    const round_result *r = &l->result;
    fprintf(f, "round\t%s\t%s\t%u\t%u\t%.1f\t%.1f\t%.3f\t%u\t%u\t%u\t%u\t%u\t%u\t%u\t%u\n", l->driver,
            course_name(l->course), l->number, r->family, r->seconds, r->metres, r->gap, r->rides, r->discarded,
            r->unsafe, r->contacts, r->charged, r->red, r->off_road, r->wrong_way);
}

// Splits at tabs, in place; returns how many parts.
static unsigned split(char *line, char **parts, unsigned most) {
    unsigned n = 0;
    for (char *at = line; at && n < most;) {
        parts[n++] = at;
        at = strchr(at, '\t');
        if (at)
            *at++ = 0;
    }
    return n;
}

static bool read_course(const char *name, course *out) {
    for (int c = 0; c < COURSES; c++)
        if (strcmp(name, course_name((course)c)) == 0) {
            *out = (course)c;
            return true;
        }
    return false;
}

static bool read_count(const char *text, uint32_t *out) {
    int64_t whole;
    if (!cw_parse_int64(text, strlen(text), &whole) || whole < 0 || whole > UINT32_MAX)
        return false;
    *out = (uint32_t)whole;
    return true;
}

static bool read_number(const char *text, double *out) {
    *out = INFINITY;
    return strcmp(text, "inf") == 0 || cw_parse_double(text, strlen(text), out);
}

static bool read_round(char **p, ledger_round *l) {
    round_result *r = &l->result;
    *l = (ledger_round){0};
    snprintf(l->driver, sizeof l->driver, "%s", p[1]);
    uint32_t *const counts[] = {&r->rides,   &r->discarded, &r->unsafe,   &r->contacts,
                                &r->charged, &r->red,       &r->off_road, &r->wrong_way};
    bool good = read_course(p[2], &l->course) && read_count(p[3], &l->number) && read_count(p[4], &r->family) &&
                r->family < course_families(l->course) && read_number(p[5], &r->seconds) &&
                read_number(p[6], &r->metres) && read_number(p[7], &r->gap);
    for (unsigned i = 0; good && i < sizeof counts / sizeof *counts; i++)
        good = read_count(p[8 + i], counts[i]);
    return good;
}

static bool read_event(char **p, ledger_event *e) {
    *e = (ledger_event){0};
    snprintf(e->driver, sizeof e->driver, "%s", p[1]);
    snprintf(e->kind, sizeof e->kind, "%s", p[5]);
    snprintf(e->text, sizeof e->text, "%s", p[6]);
    snprintf(e->command, sizeof e->command, "%s", p[7]);
    return read_course(p[2], &e->course) && read_count(p[3], &e->number) && read_count(p[4], &e->family) &&
           e->family < course_families(e->course);
}

enum { LINE = 4096, PARTS = 16, ROUND_PARTS = 16, EVENT_PARTS = 8 };

static cw_status read_lines(FILE *f, const char *path, uint64_t seed, const char *build, ledger *out, long *good,
                            cw_error *err) {
    static const char rest[] = "; remove it or name another file";
    char line[LINE], head[LINE], *p[PARTS];
    int number = 0;
    size_t kept = 0; // events of whole rounds
    snprintf(head, sizeof head, "campaign\t1\t%" PRIu64 "\t%s\n", seed, build);
    while (fgets(line, sizeof line, f)) {
        number++;
        if (!strchr(line, '\n'))
            break; // written in part
        if (number == 1 && strcmp(line, head) != 0)
            return cw_error_set(err, CW_ERR_INPUT, path, 1, 0, "this is no campaign of this seed and this build%s",
                                rest);
        line[strcspn(line, "\n")] = 0;
        unsigned n = number == 1 ? 0 : split(line, p, PARTS);
        if (number == 1) {
            *good = ftell(f);
        } else if (n == EVENT_PARTS && strcmp(p[0], "event") == 0) {
            ledger_event e;
            if (!read_event(p, &e) || !CW_GROW(out->events, out->event_capacity, out->event_count + 1))
                return cw_error_set(err, CW_ERR_INPUT, path, number, 0, "this line is no event%s", rest);
            out->events[out->event_count++] = e;
        } else if (n == ROUND_PARTS && strcmp(p[0], "round") == 0) {
            ledger_round r;
            if (!read_round(p, &r) || !CW_GROW(out->rounds, out->round_capacity, out->round_count + 1))
                return cw_error_set(err, CW_ERR_INPUT, path, number, 0, "this line is no round%s", rest);
            out->rounds[out->round_count++] = r;
            kept = out->event_count;
            *good = ftell(f);
        } else {
            return cw_error_set(err, CW_ERR_INPUT, path, number, 0, "this line is neither round nor event%s", rest);
        }
    }
    out->event_count = kept;
    return CW_OK;
}

cw_status ledger_read(const char *path, uint64_t seed, const char *build, ledger *out, cw_error *err) {
    *out = (ledger){0};
    FILE *f = fopen(path, "r");
    if (!f)
        return CW_OK; // nothing is done yet
    long good = 0;
    cw_status status = read_lines(f, path, seed, build, out, &good, err);
    fclose(f);
    if (status == CW_OK && truncate(path, good) != 0)
        status = cw_error_set(err, CW_ERR_IO, path, 0, 0, "cannot be written");
    if (status != CW_OK)
        ledger_free(out);
    return status;
}

void ledger_free(ledger *l) {
    free(l->rounds);
    free(l->events);
    *l = (ledger){0};
}

const ledger_round *ledger_find(const ledger *l, const char *driver, course c, uint32_t number) {
    for (size_t i = 0; i < l->round_count; i++)
        if (l->rounds[i].number == number && l->rounds[i].course == c && strcmp(l->rounds[i].driver, driver) == 0)
            return &l->rounds[i];
    return NULL;
}
