#include "why_json.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static json_t *hash_json(uint64_t hash) {
    char text[24];
    snprintf(text, sizeof text, "%016" PRIx64, hash);
    return json_string(text);
}

json_t *why_json(const char *path, const cw_episode_def *def) {
    return json_pack("{s:s, s:s, s:o, s:s, s:b, s:I, s:I, s:I, s:[]}", "schema", "causeway.why/1", "trace", path,
                     "scene", hash_json(def->scene->hash), "driver", def->driver->name, "evaluator", def->evaluator,
                     "seed", (json_int_t)def->seed, "dt_ns", (json_int_t)def->dt_ns, "period_ns",
                     (json_int_t)def->period_ns, "decisions");
}

static json_t *rows_json(const cw_why_branch *b) {
    json_t *rows = json_array();
    for (uint32_t i = 0; i < b->row_count; i++) {
        const cw_intervention *row = &b->rows[i];
        json_t *one = json_pack("{s:s, s:I}", "kind", cw_intervention_name((cw_intervention_kind)row->kind), "item",
                                (json_int_t)row->item);
        if (row->kind == CW_ACTOR_ASIDE) {
            json_object_set_new(one, "dx_m", json_real(row->dx));
            json_object_set_new(one, "dy_m", json_real(row->dy));
        }
        json_array_append_new(rows, one);
    }
    return rows;
}

// A run with its certificate: replaying the interventions gives that hash. A route is no row: it has none.
static json_t *branch_json(const cw_why_branch *b, bool direct, bool certified) {
    if (!b->ran)
        return json_null();
    json_t *root = json_pack("{s:b, s:f, s:f, s:f, s:s, s:s}", "changed", b->changed, "moved_m", (double)b->moved,
                             "further_m", (double)b->further, "aside_m", (double)b->aside, "longitudinal",
                             cw_longitudinal_name((cw_longitudinal)b->longitudinal), "lateral",
                             cw_lateral_name((cw_lateral)b->lateral));
    if (certified)
        json_object_set_new(root, "certificate",
                            json_pack("{s:o, s:b, s:I, s:I, s:o}", "interventions", rows_json(b), "direct", direct,
                                      "before", (json_int_t)b->before, "ticks", (json_int_t)b->ticks, "hash",
                                      hash_json(b->hash)));
    return root;
}

static json_t *said_json(const cw_said *said) {
    return json_pack("{s:s, s:s}", "en", said->in[CW_ENGLISH], "ko", said->in[CW_KOREAN]);
}

// Who was where around the ego, each 0.2 s from the decision on: [actor, x, y, heading] of box centres, in m from where the
// ego's was at the decision.
static json_t *film_json(const cw_why_result *r, const cw_scene *scene, const cw_why_pose *poses, uint32_t before,
                         uint32_t ticks) {
    enum { EVERY = 2 };
    const double reach = 70;
    json_t *frames = json_array();
    const cw_why_pose *ego = &r->film[(size_t)before * r->actors + scene->ego];
    double sine, cosine, ahead = (double)scene->actors[scene->ego].center_x;
    cw_sincos(ego->heading, &sine, &cosine);
    double x0 = ego->x + ahead * cosine, y0 = ego->y + ahead * sine;
    for (uint32_t n = 0; n <= ticks; n += EVERY) {
        json_t *frame = json_array();
        const cw_why_pose *now = &poses[(size_t)(before + n) * r->actors + scene->ego];
        for (uint32_t i = 0; i < r->actors; i++) {
            const cw_why_pose *p = &poses[(size_t)(before + n) * r->actors + i];
            cw_sincos(p->heading, &sine, &cosine);
            double forward = (double)scene->actors[i].center_x, left = (double)scene->actors[i].center_y;
            double x = p->x + forward * cosine - left * sine - x0, y = p->y + forward * sine + left * cosine - y0;
            if (p->present && fabs(p->x - now->x) < reach && fabs(p->y - now->y) < reach)
                json_array_append_new(frame,
                                      json_pack("[i, f, f, f]", (int)i, floor(x * 100 + 0.5) / 100,
                                                floor(y * 100 + 0.5) / 100, floor(p->heading * 1000 + 0.5) / 1000));
        }
        json_array_append_new(frames, frame);
    }
    return frames;
}

static json_t *candidate_json(const cw_why_result *r, uint32_t index, const cw_labels *labels, const cw_scene *films) {
    const cw_why_candidate *c = &r->candidates[index];
    cw_said name = {0}, words;
    cw_why_name(c, labels, &name);
    cw_why_say(r, index, labels, &words);
    bool rows = c->cause.kind != CW_CAUSE_ROUTE;
    json_t *root = json_pack("{s:s, s:o, s:b, s:b, s:b, s:s, s:o}", "kind", cw_cause_name((cw_cause_kind)c->cause.kind),
                             "name", said_json(&name), "named", c->named, "seen", c->seen, "scripted", c->scripted,
                             "verdict", cw_why_verdict_name((cw_why_verdict)c->verdict), "words", said_json(&words));
    if (c->actor != CW_NONE)
        json_object_set_new(root, "actor", json_integer(c->actor));
    if (c->note) {
        cw_said note = {0};
        cw_why_note(c->note, &note);
        json_object_set_new(root, "note", said_json(&note));
    }
    json_object_set_new(root, "removal", branch_json(&c->removal, false, rows));
    json_object_set_new(root, "variant", branch_json(&c->variant, false, rows));
    json_object_set_new(root, "direct_removal", branch_json(&c->direct_removal, true, rows));
    json_object_set_new(root, "direct_variant", branch_json(&c->direct_variant, true, rows));
    if (c->has_sensitivity) {
        json_t *list = json_array();
        for (int t = 0; t < CW_WHY_TAUS; t++)
            for (int h = 0; h < CW_WHY_HORIZONS; h++)
                json_array_append_new(list, json_pack("{s:f, s:f, s:b}", "tau_m", cw_why_tau[t], "horizon_s",
                                                      cw_why_horizon[h], "changed", c->sensitivity[t][h]));
        json_object_set_new(root, "sensitivity", list);
    }
    if (films && r->film && c->removal.film)
        json_object_set_new(root, "film",
                            film_json(r, films, c->removal.film, c->removal.before,
                                      c->removal.ticks < r->unchanged.ticks ? c->removal.ticks : r->unchanged.ticks));
    if (c->with_count > 0) {
        json_t *with = json_array();
        for (uint32_t k = 0; k < c->with_count; k++)
            json_array_append_new(with, json_integer(c->with[k]));
        json_object_set_new(root, "with", with);
        json_object_set_new(root, "joint", branch_json(&c->joint, false, rows));
    }
    return root;
}

json_t *why_decision_json(const cw_why_result *r, const cw_labels *labels, const cw_scene *films) {
    char en[512], ko[512];
    cw_reason_words(&r->reason, labels, CW_ENGLISH, en, sizeof en);
    cw_reason_words(&r->reason, labels, CW_KOREAN, ko, sizeof ko);
    static const char *const kinds[] = {"none", "computed", "learned"};
    json_t *root = json_pack(
        "{s:I, s:f, s:f, s:f, s:f, s:{s:s, s:s}, s:s, s:s, s:s, s:I, s:s}", "decision", (json_int_t)r->tick, "time_s",
        (double)r->time_ns * 1e-9, "fork_s", (double)r->fork_ns * 1e-9, "horizon_s", r->horizon, "tau_m", r->tau,
        "words", "en", en, "ko", ko, "longitudinal", cw_longitudinal_name((cw_longitudinal)r->reason.longitudinal),
        "lateral", cw_lateral_name((cw_lateral)r->reason.lateral), "source", cw_source_name((cw_source)r->source),
        "branches", (json_int_t)r->branches, "reason", kinds[r->reason.kind % 3]);
    if (r->untestable) {
        cw_said note = {0};
        cw_why_note(r->untestable, &note);
        json_object_set_new(root, "not_testable", said_json(&note));
        return root;
    }
    json_object_set_new(root, "unchanged", branch_json(&r->unchanged, false, true));
    json_t *list = json_array();
    for (uint32_t i = 0; i < r->count; i++)
        json_array_append_new(list, candidate_json(r, i, labels, films));
    json_object_set_new(root, "candidates", list);
    if (films && r->film && r->unchanged.ran) {
        json_object_set_new(root, "film_step_s", json_real(0.2));
        json_object_set_new(root, "film", film_json(r, films, r->film, r->unchanged.before, r->unchanged.ticks));
    }
    json_object_set_new(root, "placebos",
                        json_pack("{s:i, s:i}", "count", (int)r->placebos, "changed", (int)r->placebos_changed));
    json_object_set_new(root, "sufficient",
                        r->has_sufficiency && r->sufficiency.ran ? json_boolean(r->sufficient) : json_null());
    if (r->has_sufficiency)
        json_object_set_new(root, "only_named", branch_json(&r->sufficiency, false, true));
    return root;
}

bool why_rows_read(const json_t *certificate, cw_intervention **rows, uint32_t *count) {
    const json_t *list = json_object_get(certificate, "interventions");
    *count = 0;
    *rows = NULL;
    size_t n = json_array_size(list);
    if (!json_is_array(list) || n > 100000)
        return false;
    *rows = calloc(n + 1, sizeof **rows);
    if (!*rows)
        return false;
    for (size_t i = 0; i < n; i++) {
        const json_t *one = json_array_get(list, i);
        const char *kind = json_string_value(json_object_get(one, "kind"));
        json_int_t item = json_integer_value(json_object_get(one, "item"));
        uint32_t k = 0;
        while (kind && k < CW_INTERVENTIONS && strcmp(kind, cw_intervention_name((cw_intervention_kind)k)) != 0)
            k++;
        if (!kind || k == CW_INTERVENTIONS || item < 0 || item > UINT32_MAX) {
            free(*rows);
            *rows = NULL;
            return false;
        }
        (*rows)[(*count)++] = (cw_intervention){.kind = k,
                                                .item = (uint32_t)item,
                                                .dx = json_number_value(json_object_get(one, "dx_m")),
                                                .dy = json_number_value(json_object_get(one, "dy_m"))};
    }
    return true;
}

void why_print_json(const json_t *root, unsigned digits) {
    char *text = root ? json_dumps(root, JSON_INDENT(1) | JSON_REAL_PRECISION(digits)) : NULL;
    if (!text)
        abort();
    puts(text);
    free(text);
}
