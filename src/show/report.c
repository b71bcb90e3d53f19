// The report: the drive's data as JSON, put into the page that viewer/ holds.
#include "report.h"
#include "causeway/judge.h"
#include "causeway/show.h"
#include "ground.h"
#include "names.h"
#include "replay.h"
#include "series.h"
#include "text.h"
#include "viewer.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double RADIUS = 150.0; // m of map around the ego's path
enum { PLAN_STEP = 2, PLAN_POINTS = CW_TRAJECTORY_POINTS / PLAN_STEP };

typedef struct report {
    replay replay;
    ground ground;
    series series;
    cw_vec2 origin; // whole metres near the drive, so that numbers stay short
    const cw_map *map;
    const cw_scene *scene;
    text out;
} report;

// ---- pieces ----------------------------------------------------------------------------------------------------------

static void put_key(text *out, const char *key) {
    char last = out->count > 0 ? out->bytes[out->count - 1] : '{';
    if (last != '{' && last != '[')
        text_put(out, ",");
    text_put(out, "\n\"");
    text_put(out, key);
    text_put(out, "\":");
}

static void put_comma(text *out) {
    if (out->count > 0 && out->bytes[out->count - 1] != '[')
        text_put(out, ",");
}

static void put_words(text *out, const char *words) {
    text_quoted(out, words, strlen(words));
}

static int64_t centimetres(double metres) {
    return (int64_t)floor(metres * 100.0 + 0.5);
}

static int32_t narrow32(double value) {
    return fabs(value) < 2e9 ? (int32_t)floor(value + 0.5) : INT32_MIN;
}

// -32768 stands for "no number".
static int16_t narrow16(double value) {
    return value > -32767.5 && value < 32767.4 ? (int16_t)floor(value + 0.5)
           : value >= 32767.4                  ? INT16_MAX
           : value <= -32767.5                 ? -INT16_MAX
                                               : INT16_MIN;
}

// A base64 string of an array that was filled from malloc; frees it.
static void put_array(text *out, const char *key, void *items, size_t size) {
    put_key(out, key);
    text_put(out, "\"");
    if (items == NULL)
        out->failed = true;
    else
        text_base64(out, items, size);
    text_put(out, "\"");
    free(items);
}

// ---- tracks ----------------------------------------------------------------------------------------------------------

static void put_track(report *r, uint32_t actor) {
    const replay *of = &r->replay;
    size_t first = 0, end = of->ticks;
    while (first < end && !replay_at(of, first, actor)->present)
        first++;
    while (end > first && !replay_at(of, end - 1, actor)->present)
        end--;
    size_t n = end - first;
    int32_t *x = malloc((n + 1) * sizeof *x), *y = malloc((n + 1) * sizeof *y);
    int16_t *h = malloc((n + 1) * sizeof *h), *v = malloc((n + 1) * sizeof *v), *a = malloc((n + 1) * sizeof *a);
    uint8_t *f = malloc(n + 1);
    for (size_t i = 0; i < n && x != NULL && y != NULL && h != NULL && v != NULL && a != NULL && f != NULL; i++) {
        const replay_state *state = replay_at(of, first + i, actor);
        cw_vec2 center = replay_center(&of->actors[actor], state);
        x[i] = narrow32((center.x - r->origin.x) * 100.0);
        y[i] = narrow32((center.y - r->origin.y) * 100.0);
        h[i] = narrow16(cw_wrap_angle((double)state->heading) * 1e4);
        v[i] = narrow16((double)state->speed * 100.0);
        a[i] = narrow16((double)state->accel * 100.0);
        f[i] = (uint8_t)((state->present ? 1 : 0) | (state->seen ? 2 : 0) | (state->lamps & 31) << 2);
    }
    text *out = &r->out;
    put_comma(out);
    text_put(out, "\n{");
    put_key(out, "name");
    put_words(out, of->actors[actor].name);
    put_key(out, "kind");
    text_integer(out, of->actors[actor].kind);
    put_key(out, "length");
    text_number(out, (double)of->actors[actor].length, 2);
    put_key(out, "width");
    text_number(out, (double)of->actors[actor].width, 2);
    put_key(out, "centerX"); // plans start from the reference point, tracks are of the box centre
    text_number(out, (double)of->actors[actor].center_x, 2);
    put_key(out, "color");
    text_integer(out, names_actor_color(of->actors[actor].kind, actor == of->ego));
    put_key(out, "first");
    text_integer(out, (int64_t)first);
    put_array(out, "x", x, n * sizeof *x);
    put_array(out, "y", y, n * sizeof *y);
    put_array(out, "h", h, n * sizeof *h);
    put_array(out, "v", v, n * sizeof *v);
    put_array(out, "a", a, n * sizeof *a);
    put_array(out, "f", f, n);
    text_put(out, "}");
}

static void put_tracks(report *r) {
    const replay *of = &r->replay;
    int32_t *times = malloc(of->ticks * sizeof *times);
    for (size_t i = 0; i < of->ticks && times != NULL; i++)
        times[i] = narrow32((double)of->times[i] * 1e-6);
    put_array(&r->out, "times", times, of->ticks * sizeof *times);
    put_key(&r->out, "ego");
    text_integer(&r->out, of->ego != CW_NONE ? (int64_t)of->ego : -1);
    put_key(&r->out, "actors");
    text_put(&r->out, "[");
    for (uint32_t i = 0; i < of->actor_count; i++)
        put_track(r, i);
    text_put(&r->out, "]");
}

static void put_series(report *r, const char *key, const float *values) {
    size_t n = r->replay.ticks;
    int16_t *narrow = malloc(n * sizeof *narrow);
    for (size_t i = 0; i < n && narrow != NULL; i++)
        narrow[i] = narrow16((double)values[i] * 100.0);
    put_array(&r->out, key, narrow, n * sizeof *narrow);
}

// ---- decisions -------------------------------------------------------------------------------------------------------

static void put_decisions(report *r) {
    const replay *of = &r->replay;
    text *out = &r->out;
    put_key(out, "decisions");
    text_put(out, "[");
    for (size_t i = 0; i < of->decision_count; i++) {
        const replay_decision *d = &of->decisions[i], *before = i > 0 ? d - 1 : NULL;
        // Only where something changed: [ms, source, longitudinal, lateral, refused, clause, [[actor, kind, item]..]].
        bool same = before != NULL && d->source == before->source && d->longitudinal == before->longitudinal &&
                    d->lateral == before->lateral && d->refused == before->refused && d->clause == before->clause &&
                    d->cause_count == before->cause_count;
        for (uint32_t k = 0; same && k < d->cause_count; k++)
            same = d->cause[k].actor == before->cause[k].actor && d->cause[k].kind == before->cause[k].kind &&
                   d->cause[k].item == before->cause[k].item && d->cause[k].relation == before->cause[k].relation;
        if (same)
            continue;
        put_comma(out);
        const int64_t numbers[] = {d->time_ns / 1000000, d->source, d->longitudinal, d->lateral, d->refused, d->clause};
        text_put(out, "[");
        for (size_t k = 0; k < sizeof numbers / sizeof *numbers; k++) {
            put_comma(out);
            text_integer(out, numbers[k]);
        }
        text_put(out, ",[");
        for (uint32_t k = 0; k < d->cause_count; k++) {
            put_comma(out);
            text_put(out, "[");
            text_integer(out, d->cause[k].actor != CW_NONE ? (int64_t)d->cause[k].actor : -1);
            text_put(out, ",");
            text_integer(out, d->cause[k].kind);
            text_put(out, ",");
            text_integer(out, d->cause[k].item != CW_NONE ? (int64_t)d->cause[k].item : -1);
            text_put(out, "]");
        }
        text_put(out, "]]");
    }
    text_put(out, "]");
}

static void put_plans(report *r) {
    const replay *of = &r->replay;
    size_t n = of->plan_count;
    int32_t *times = malloc((n + 1) * sizeof *times);
    int16_t *points = malloc((n * PLAN_POINTS * 3 + 1) * sizeof *points);
    int16_t *safe = malloc((n * PLAN_POINTS * 2 + 1) * sizeof *safe);
    for (size_t i = 0; i < n && times != NULL && points != NULL && safe != NULL; i++) {
        const replay_plan *plan = &of->plans[i];
        times[i] = narrow32((double)plan->time_ns * 1e-6);
        for (int k = 0; k < PLAN_POINTS; k++) {
            int from = k * PLAN_STEP + PLAN_STEP - 1;
            points[(i * PLAN_POINTS + (size_t)k) * 3] = narrow16((double)plan->x[from] * 50.0);
            points[(i * PLAN_POINTS + (size_t)k) * 3 + 1] = narrow16((double)plan->y[from] * 50.0);
            points[(i * PLAN_POINTS + (size_t)k) * 3 + 2] = narrow16((double)plan->speed[from] * 100.0);
            bool there = from < plan->failsafe_count;
            safe[(i * PLAN_POINTS + (size_t)k) * 2] =
                there ? narrow16((double)plan->failsafe_x[from] * 50.0) : INT16_MIN;
            safe[(i * PLAN_POINTS + (size_t)k) * 2 + 1] =
                there ? narrow16((double)plan->failsafe_y[from] * 50.0) : INT16_MIN;
        }
    }
    put_key(&r->out, "tube");
    text_number(&r->out, n > 0 ? (double)of->plans[n - 1].tube : 0.0, 2);
    put_key(&r->out, "planPoints");
    text_integer(&r->out, PLAN_POINTS);
    put_array(&r->out, "planTimes", times, n * sizeof *times);
    put_array(&r->out, "plans", points, n * PLAN_POINTS * 3 * sizeof *points);
    put_array(&r->out, "failsafes", safe, n * PLAN_POINTS * 2 * sizeof *safe);
}

// [from, to (ms), clause, worst margin (m, null), actor] of each run of refusals by one clause; pauses of half a second are
// no end.
static void put_refusals(report *r) {
    const replay *of = &r->replay;
    text *out = &r->out;
    put_key(out, "refusals");
    text_put(out, "[");
    for (size_t i = 0; i < of->decision_count;) {
        const replay_decision *first = &of->decisions[i++];
        if (!first->refused)
            continue;
        int64_t last = first->time_ns;
        float worst = first->margin;
        for (; i < of->decision_count && of->decisions[i].time_ns - last <= 500000000; i++) {
            const replay_decision *d = &of->decisions[i];
            if (d->refused && (d->clause != first->clause || d->clause_actor != first->clause_actor))
                break;
            if (!d->refused)
                continue;
            last = d->time_ns;
            worst = d->margin < worst ? d->margin : worst;
        }
        put_comma(out);
        text_put(out, "[");
        text_integer(out, first->time_ns / 1000000);
        text_put(out, ",");
        text_integer(out, last / 1000000);
        text_put(out, ",");
        text_integer(out, first->clause);
        text_put(out, ",");
        text_number(out, (double)worst, 2);
        text_put(out, ",");
        text_integer(out, first->clause_actor != CW_NONE ? (int64_t)first->clause_actor : -1);
        text_put(out, "]");
    }
    text_put(out, "]");
}

static const char *clause_name(uint8_t clause, cw_language language) {
    return cw_judge_clause(clause, language);
}

static void put_said(report *r) {
    const replay *of = &r->replay;
    text *out = &r->out;
    put_key(out, "words");
    text_put(out, "[");
    for (size_t i = 0; i < of->words_count; i++) {
        put_comma(out);
        text_put(out, "[");
        text_integer(out, of->words[i].time_ns / 1000000);
        text_put(out, ",");
        put_words(out, of->words[i].text[CW_ENGLISH]);
        text_put(out, ",");
        put_words(out, of->words[i].text[CW_KOREAN]);
        text_put(out, of->words[i].change ? ",1]" : ",0]");
    }
    text_put(out, "]");
    put_key(out, "events");
    text_put(out, "[");
    for (size_t i = 0; i < of->event_count; i++) {
        put_comma(out);
        text_put(out, "[");
        text_integer(out, of->events[i].time_ns / 1000000);
        text_put(out, ",");
        put_words(out, of->events[i].text[CW_ENGLISH]);
        text_put(out, ",");
        put_words(out, of->events[i].text[CW_KOREAN]);
        text_put(out, of->events[i].breach ? ",1" : ",0");
        text_put(out, "]");
    }
    text_put(out, "]");
    put_key(out, "lights");
    text_put(out, "[");
    for (size_t i = 0; i < of->light_count; i++) {
        put_comma(out);
        text_put(out, "[");
        text_integer(out, of->lights[i].time_ns / 1000000);
        text_put(out, ",");
        text_integer(out, of->lights[i].signal);
        text_put(out, ",");
        text_integer(out, of->lights[i].light);
        text_put(out, "]");
    }
    text_put(out, "]");
}

static void put_contacts(report *r) {
    const replay *of = &r->replay;
    text *out = &r->out;
    put_key(out, "touches");
    text_put(out, "[");
    for (size_t i = 0; i < of->contact_count; i++) {
        const replay_contact *contact = &of->contacts[i];
        put_comma(out);
        text_put(out, "[");
        text_integer(out, contact->time_ns / 1000000);
        text_put(out, ",");
        text_integer(out, contact->a < of->actor_count ? (int64_t)contact->a : -1);
        text_put(out, ",");
        text_integer(out, contact->b < of->actor_count ? (int64_t)contact->b : -1);
        text_put(out, ",");
        text_number(out, (double)contact->impact, 2);
        text_put(out, ",");
        text_number(out, contact->x - r->origin.x, 2);
        text_put(out, ",");
        text_number(out, contact->y - r->origin.y, 2);
        text_put(out, "]");
    }
    text_put(out, "]");
}

// ---- the map ---------------------------------------------------------------------------------------------------------

// [kind, colour, item kind, level, closed, width, on, off, phase, angle 1e-4 rad, item, x, y, dx, dy, ...]; all in cm.
static void put_shape(report *r, const ground_shape *shape) {
    text *out = &r->out;
    const int64_t numbers[] = {shape->kind,
                               shape->color,
                               shape->item_kind,
                               shape->level,
                               shape->closed,
                               centimetres((double)shape->width),
                               centimetres((double)shape->on),
                               centimetres((double)shape->off),
                               centimetres((double)shape->phase),
                               (int64_t)((double)shape->angle * 1e4),
                               shape->item != CW_NONE ? (int64_t)shape->item : -1};
    put_comma(out);
    text_put(out, "[");
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        put_comma(out);
        text_integer(out, numbers[i]);
    }
    int64_t x = 0, y = 0;
    for (uint32_t i = 0; i < shape->count; i++) {
        cw_vec2 p = r->ground.points[shape->first + i];
        int64_t px = centimetres(p.x - r->origin.x), py = centimetres(p.y - r->origin.y);
        text_put(out, ",");
        text_integer(out, px - x);
        text_put(out, ",");
        text_integer(out, py - y);
        x = px;
        y = py;
    }
    text_put(out, "]");
}

static void put_ground(report *r) {
    text *out = &r->out;
    put_key(out, "ground");
    text_put(out, "[");
    for (size_t i = 0; i < r->ground.count; i++)
        put_shape(r, &r->ground.shapes[i]);
    text_put(out, "]");
    put_key(out, "signs");
    text_put(out, "[");
    for (size_t i = 0; i < r->ground.sign_count; i++) {
        const ground_sign *sign = &r->ground.signs[i];
        put_comma(out);
        text_put(out, "[");
        text_integer(out, sign->signal);
        text_put(out, ",");
        text_integer(out, sign->kind);
        text_put(out, ",");
        text_number(out, (double)sign->value, 2);
        text_put(out, ",");
        text_number(out, sign->x - r->origin.x, 2);
        text_put(out, ",");
        text_number(out, sign->y - r->origin.y, 2);
        text_put(out, "]");
    }
    text_put(out, "]");
}

// ---- words about the run ---------------------------------------------------------------------------------------------

static void put_names(text *out, const char *key, const char *(*name)(uint8_t, cw_language), uint32_t (*color)(uint8_t),
                      int count) {
    put_key(out, key);
    text_put(out, "[");
    for (int i = 0; i < count; i++) {
        put_comma(out);
        text_put(out, "[");
        put_words(out, name((uint8_t)i, CW_ENGLISH));
        text_put(out, ",");
        put_words(out, name((uint8_t)i, CW_KOREAN));
        text_put(out, ",");
        text_integer(out, color != NULL ? (int64_t)color((uint8_t)i) : 0);
        text_put(out, "]");
    }
    text_put(out, "]");
}

static void put_label(text *out, const char *name) {
    put_comma(out);
    text_put(out, "[");
    put_words(out, name);
    text_put(out, ",");
    put_words(out, cw_judge_label(name, CW_ENGLISH));
    text_put(out, ",");
    put_words(out, cw_judge_label(name, CW_KOREAN));
    text_put(out, "]");
}

void report_labels(text *out, const json *verdict) {
    const json *criteria = json_get(verdict, "criteria"), *metrics = json_get(verdict, "metrics");
    const json *contacts = json_get(verdict, "contacts");
    for (const json *item = criteria != NULL ? criteria->first : NULL; item != NULL; item = item->next)
        put_label(out, json_text(item, "name", ""));
    for (const json *item = metrics != NULL ? metrics->first : NULL; item != NULL; item = item->next)
        if (item->key != NULL)
            put_label(out, item->key);
    for (const json *item = contacts != NULL ? contacts->first : NULL; item != NULL; item = item->next)
        put_label(out, json_text(item, "fault", "none"));
    put_label(out, "map object");
}

static void put_labels(report *r) {
    put_key(&r->out, "labels");
    text_put(&r->out, "[");
    report_labels(&r->out, r->replay.verdict);
    text_put(&r->out, "]");
}

static const char *known_digest(const report *r, const char *name, size_t size) {
    for (uint32_t i = 0; r->scene != NULL && i < r->scene->attachment_count; i++) {
        const cw_attachment *item = &r->scene->attachments[i];
        if (item->count == size && strcmp(item->path, name) == 0 && item->sha256[0] != '\0')
            return item->sha256;
    }
    return NULL;
}

static void put_inputs(report *r) {
    text *out = &r->out;
    const char *name, *media_type;
    const void *bytes;
    size_t size;
    put_key(out, "inputs");
    text_put(out, "[");
    for (uint32_t i = 0; cw_trace_attachment(r->replay.trace, i, &name, &media_type, &bytes, &size); i++) {
        if (strcmp(name, "scene.json") == 0 || strcmp(name, "verdict.json") == 0 || strcmp(name, "why.json") == 0)
            continue;
        char digest[65];
        const char *known = known_digest(r, name, size); // hashing a large map takes longer than all the rest
        if (known == NULL)
            cw_sha256_hex(bytes, size, digest);
        put_comma(out);
        text_put(out, "[");
        put_words(out, name);
        text_put(out, ",");
        text_integer(out, (int64_t)size);
        text_put(out, ",");
        put_words(out, known != NULL ? known : digest);
        text_put(out, "]");
    }
    text_put(out, "]");
}

static void put_notices(report *r) {
    text *out = &r->out;
    put_key(out, "notices");
    text_put(out, "[");
    for (uint32_t i = 0; r->scene != NULL && i < r->scene->notice_count; i++) {
        const cw_notice *notice = &r->scene->notices[i];
        put_comma(out);
        text_put(out, "{\"path\":");
        put_words(out, notice->path != NULL ? notice->path : "");
        text_put(out, ",\"line\":");
        text_integer(out, notice->line);
        text_put(out, ",\"column\":");
        text_integer(out, notice->column);
        text_put(out, ",\"name\":");
        put_words(out, notice->name);
        text_put(out, ",\"text\":");
        put_words(out, notice->text);
        text_put(out, ",\"count\":");
        text_integer(out, notice->count);
        text_put(out, "}");
    }
    text_put(out, "]");
}

// An attachment of JSON as it stands, the last one of that name; null where there is none.
static void put_attachment(text *out, const replay *of, const char *wanted) {
    const char *name, *from = NULL, *end = NULL;
    const void *bytes;
    size_t size;
    for (uint32_t i = 0; cw_trace_attachment(of->trace, i, &name, NULL, &bytes, &size); i++)
        if (strcmp(name, wanted) == 0) {
            from = bytes;
            end = from + size;
        }
    if (from == NULL) {
        text_put(out, "null");
        return;
    }
    for (const char *at = from; at <= end; at++) { // "<" can only stand within its strings
        if (at < end && *at != '<')
            continue;
        text_bytes(out, from, (size_t)(at - from));
        if (at < end)
            text_put(out, "\\u003c");
        from = at + 1;
    }
}

static void put_about(report *r) {
    static const char *const keys[] = {"version", "command", "seed",       "scenario",   "driver", "evaluator",
                                       "lang",    "result",  "duration_s", "final_hash", "end",    "fault"};
    text *out = &r->out;
    put_key(out, "name");
    put_words(out, r->replay.name);
    put_key(out, "meta");
    text_put(out, "{");
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        const char *value = cw_trace_get(r->replay.trace, keys[i]);
        if (value == NULL)
            continue;
        put_key(out, keys[i]);
        put_words(out, value);
    }
    text_put(out, "}");
    put_key(out, "verdict");
    report_verdict(out, &r->replay);
    put_key(out, "why"); // tests of reasons: only what is JSON gets into the page
    if (r->replay.why != NULL)
        put_attachment(out, &r->replay, "why.json");
    else
        text_put(out, "null");
}

void report_verdict(text *out, const replay *of) {
    if (of->verdict != NULL)
        put_attachment(out, of, "verdict.json");
    else
        text_put(out, "null");
}

// ---- the page --------------------------------------------------------------------------------------------------------

static void put_data(void *context) {
    report *r = context;
    text *out = &r->out;
    text_put(out, "{\"schema\":\"causeway.report/1\"");
    put_about(r);
    put_names(out, "longitudinal", names_longitudinal, names_longitudinal_color, NAMES_LONGITUDINAL);
    put_names(out, "lateral", names_lateral, NULL, NAMES_LATERAL);
    put_names(out, "clause", clause_name, NULL, 32);
    put_names(out, "source", names_source, names_source_color, NAMES_SOURCE);
    put_labels(r);
    put_tracks(r);
    put_series(r, "gap", r->series.gap);
    put_series(r, "ttc", r->series.ttc);
    put_series(r, "offset", r->series.offset);
    put_decisions(r);
    put_plans(r);
    put_refusals(r);
    put_said(r);
    put_contacts(r);
    put_ground(r);
    put_inputs(r);
    put_notices(r);
    text_put(out, "}");
}

void report_fill(text *out, const char *page, const char *const marks[], void (*const put[])(void *), int count,
                 void *context) {
    for (int i = 0; i < count; i++) {
        const char *at = strstr(page, marks[i]);
        assert(at != NULL);
        text_bytes(out, page, (size_t)(at - page));
        put[i](context);
        page = at + strlen(marks[i]);
    }
    text_put(out, page);
}

static void put_style(void *context) {
    text_put(&((report *)context)->out, viewer_style);
}

static void put_script(void *context) {
    text_put(&((report *)context)->out, viewer_script);
}

static void put_page(report *r) {
    static const char *const marks[] = {"<!--style-->", "<!--data-->", "<!--script-->"};
    static void (*const put[])(void *) = {put_style, put_data, put_script};
    report_fill(&r->out, viewer_page, marks, put, 3, r);
}

static bool survey(report *r) {
    const replay *of = &r->replay;
    uint32_t who = of->ego != CW_NONE ? of->ego : 0;
    cw_vec2 *path = malloc(of->ticks * sizeof *path);
    if (path == NULL)
        return false;
    size_t count = 0;
    for (size_t i = 0; i < of->ticks; i++) {
        const replay_state *state = replay_at(of, i, who);
        if (state->present)
            path[count++] = (cw_vec2){state->x, state->y};
    }
    if (count > 0)
        r->origin = (cw_vec2){floor(path[0].x), floor(path[0].y)};
    bool good = ground_open(&r->ground, r->map, path, count, RADIUS) && series_make(&r->series, of, r->map);
    free(path);
    return good;
}

cw_status report_page(const cw_trace *trace, const cw_map *map, const cw_scene *scene, text *out, cw_error *err) {
    report r = {.map = map, .scene = scene, .out = *out};
    cw_status status = replay_open(trace, scene, &r.replay, err);
    if (status != CW_OK)
        return status;
    if (survey(&r))
        put_page(&r);
    else
        r.out.failed = true;
    *out = r.out;
    ground_close(&r.ground);
    replay_close(&r.replay);
    return CW_OK;
}

cw_status report_write(text *page, const char *path, cw_error *err) {
    cw_status status = page->failed
                           ? cw_error_set(err, CW_ERR_MEMORY, path, 0, 0, "out of memory while writing the report")
                           : cw_file_write(path, page->bytes, page->count, err);
    free(page->bytes);
    return status;
}

cw_status cw_show_report(const cw_trace *trace, const cw_map *map, const cw_scene *scene, const char *path,
                         cw_error *err) {
    assert(trace != NULL && map != NULL && path != NULL);
    text page = {0};
    cw_status status = report_page(trace, map, scene, &page, err);
    return status == CW_OK ? report_write(&page, path, err) : status;
}
