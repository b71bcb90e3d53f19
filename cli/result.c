#include "result.h"

#include "cli.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

static json_t *number(double value) {
    return isfinite(value) ? json_real(value) : json_null();
}

static json_t *criteria_json(const cw_verdict *v) {
    json_t *list = json_array();
    for (uint32_t i = 0; i < v->criterion_count; i++) {
        const cw_criterion *c = &v->criteria[i];
        json_t *item = json_pack("{s:s, s:b, s:b, s:b, s:o, s:o, s:s, s:s, s:o}", "name", c->name, "applies",
                                 c->applies, "demanded", c->demanded, "passed", c->passed, "value", number(c->value),
                                 "limit", number(c->limit), "unit", c->unit ? c->unit : "", "text", c->text, "time_s",
                                 c->time_ns < 0 ? json_null() : json_real((double)c->time_ns * 1e-9));
        json_array_append_new(list, item);
    }
    return list;
}

static const char *actor_name(const cw_scene *scene, uint32_t actor) {
    return actor < scene->actor_count ? scene->actors[actor].name : "map object";
}

static json_t *contacts_json(const drive_result *r) {
    json_t *list = json_array();
    for (uint32_t i = 0; i < r->verdict->contact_count; i++) {
        const cw_judged_contact *c = &r->verdict->contacts[i];
        json_array_append_new(list, json_pack("{s:f, s:s, s:f, s:f, s:f, s:s, s:i, s:s, s:b, s:b}", "time_s",
                                              (double)c->time_ns * 1e-9, "with", actor_name(r->scene, c->actor),
                                              "impact_mps", (double)c->impact_mps, "ego_mps", (double)c->ego_mps,
                                              "other_mps", (double)c->other_mps, "fault", cw_fault_name(c->fault),
                                              "clause", c->clause, "broken", c->broken, "nuplan_at_fault",
                                              c->nuplan_at_fault, "rss_blame", c->rss_blame));
    }
    return list;
}

static json_t *reasons_json(const drive_result *r) {
    json_t *list = json_array();
    uint32_t channel = cw_trace_find(r->trace, "/causeway/words");
    if (channel == UINT32_MAX)
        return list;
    for (size_t i = 0; i < cw_trace_count(r->trace, channel); i++) {
        cw_message m = cw_trace_message(r->trace, channel, i);
        json_t *said = json_loadb(m.bytes, m.size, 0, NULL);
        if (!said)
            continue;
        if (json_is_true(json_object_get(said, "change")))
            json_array_append_new(list, json_pack("{s:f, s:O, s:O, s:O}", "time_s", (double)m.time_ns * 1e-9, "en",
                                                  json_object_get(said, "en"), "ko", json_object_get(said, "ko"),
                                                  "tested", json_object_get(said, "tested")));
        json_decref(said);
    }
    return list;
}

json_t *result_json(const drive_result *r) {
    char hash[24];
    snprintf(hash, sizeof hash, "%016" PRIx64, r->episode->hash);
    json_t *metrics = json_object();
    for (uint32_t i = 0; i < r->verdict->metric_count; i++)
        json_object_set_new(metrics, r->verdict->metrics[i].name, number(r->verdict->metrics[i].value));
    json_t *notices = json_array();
    for (uint32_t i = 0; i < r->scene->notice_count; i++) {
        const cw_notice *n = &r->scene->notices[i];
        json_array_append_new(notices, json_pack("{s:s, s:i, s:i, s:s, s:s, s:i}", "path", n->path ? n->path : "",
                                                 "line", n->line, "column", n->column, "name", n->name ? n->name : "",
                                                 "text", n->text ? n->text : "", "count", (int)n->count));
    }
    json_t *root = json_object();
    if (!root)
        return NULL;
    json_object_set_new(root, "schema", json_string("causeway.drive/1"));
    json_object_set_new(root, "scenario", json_string(r->path));
    json_object_set_new(root, "name", json_string(r->scene->name ? r->scene->name : ""));
    json_t *set = json_object();
    for (unsigned i = 0; i < r->set_count; i++) {
        const char *equals = strchr(r->set[i], '=');
        char name[256];
        snprintf(name, sizeof name, "%.*s", (int)(equals - r->set[i]), r->set[i]);
        json_object_set_new(set, name, json_string(equals + 1));
    }
    json_object_set_new(root, "parameters", set);
    json_object_set_new(root, "driver", json_string(r->driver));
    json_object_set_new(root, "evaluator", json_boolean(r->evaluator));
    json_object_set_new(root, "seed", json_integer((json_int_t)r->seed));
    json_object_set_new(root, "passed", json_boolean(r->verdict->passed));
    json_object_set_new(root, "end", json_string(cw_episode_end_name(r->episode->end)));
    json_object_set_new(root, "fault", r->episode->fault[0] ? json_string(r->episode->fault) : json_null());
    json_object_set_new(root, "duration_s", json_real(r->episode->duration));
    json_object_set_new(root, "steps", json_integer((json_int_t)r->episode->steps));
    json_object_set_new(root, "hash", json_string(hash));
    json_object_set_new(root, "goal_time_s",
                        r->episode->goal_time_ns < 0 ? json_null()
                                                     : json_real((double)r->episode->goal_time_ns * 1e-9));
    json_object_set_new(root, "criteria", criteria_json(r->verdict));
    json_object_set_new(root, "contacts", contacts_json(r));
    json_object_set_new(root, "metrics", metrics);
    json_object_set_new(root, "careful_human",
                        r->verdict->human_run ? json_pack("{s:b, s:f}", "avoids", r->verdict->human_avoids,
                                                          "impact_mps", (double)r->verdict->human_impact_mps)
                                              : json_null());
    json_object_set_new(root, "reasons", reasons_json(r));
    json_object_set_new(root, "notices", notices);
    json_object_set_new(root, "decide_us",
                        json_pack("{s:f, s:f, s:f, s:i}", "mean", r->episode->decide_mean_us, "p99",
                                  r->episode->decide_p99_us, "max", r->episode->decide_max_us, "count",
                                  (int)r->episode->decisions));
    return root;
}

static void print_criteria(const cw_verdict *v, FILE *out, bool color) {
    for (uint32_t i = 0; i < v->criterion_count; i++) {
        const cw_criterion *c = &v->criteria[i];
        if (!c->applies)
            continue;
        const char *word = c->passed ? "ok" : c->demanded ? "FAILED" : "not met";
        const char *on = !color ? "" : c->passed ? "\033[32m" : c->demanded ? "\033[31m" : "\033[33m";
        fprintf(out, "  %s%-7s%s  %-22s %s%s\n", on, word, color ? "\033[0m" : "", c->name, c->text,
                c->demanded ? "" : "  (told, not demanded)");
    }
}

static void print_reasons(const drive_result *r, FILE *out) {
    json_t *list = reasons_json(r);
    if (json_array_size(list) > 0)
        fprintf(out, "reasons (computed, untested)\n");
    for (size_t i = 0; i < json_array_size(list); i++) {
        json_t *item = json_array_get(list, i);
        fprintf(out, "  %7.1f s  %s\n", json_real_value(json_object_get(item, "time_s")),
                json_string_value(json_object_get(item, r->language == CW_KOREAN ? "ko" : "en")));
    }
    json_decref(list);
}

void result_print(const drive_result *r, FILE *out) {
    bool color = color_wanted();
    const cw_verdict *v = r->verdict;
    fprintf(out, "%s\n", r->path);
    fprintf(out, "%s%s%s after %.1f s (%s%s%s), driver %s%s, seed %" PRIu64 ", hash %016" PRIx64 "\n",
            !color      ? ""
            : v->passed ? "\033[1;32m"
                        : "\033[1;31m",
            v->passed ? "PASSED" : "FAILED", color ? "\033[0m" : "", r->episode->duration,
            cw_episode_end_name(r->episode->end), r->episode->fault[0] ? ": " : "", r->episode->fault, r->driver,
            r->driven ? (r->evaluator ? ", evaluator on" : ", evaluator off") : "", r->seed, r->episode->hash);
    fprintf(out, "criteria\n");
    print_criteria(v, out, color);
    for (uint32_t i = 0; i < v->contact_count; i++) {
        const cw_judged_contact *c = &v->contacts[i];
        fprintf(out, "contact at %.2f s with %s: impact %.1f km/h, fault %s (rule %u)%s%s\n", (double)c->time_ns * 1e-9,
                actor_name(r->scene, c->actor), (double)c->impact_mps * 3.6, cw_fault_name(c->fault), c->clause,
                c->broken[0] ? ", " : "", c->broken);
    }
    if (v->human_run)
        fprintf(out, "careful human model: %s\n", v->human_avoids ? "avoids contact" : "does not avoid contact");
    print_reasons(r, out);
    fprintf(out, "metrics\n");
    for (uint32_t i = 0; i < v->metric_count; i++)
        if (isfinite(v->metrics[i].value))
            fprintf(out, "  %-28s %10.3f %s\n", v->metrics[i].name, v->metrics[i].value, v->metrics[i].unit);
    if (r->scene->notice_count > 0)
        fprintf(out, "not supported in these files\n");
    for (uint32_t i = 0; i < r->scene->notice_count; i++) {
        const cw_notice *n = &r->scene->notices[i];
        fprintf(out, "  %s:%d:%d: %s: %s%s\n", n->path ? n->path : "", n->line, n->column, n->name, n->text,
                n->count > 1 ? " (several places)" : "");
    }
    if (r->video)
        fprintf(out, "video   %s\n", r->video);
    if (r->report)
        fprintf(out, "report  %s\n", r->report);
    if (r->trace_path)
        fprintf(out, "trace   %s\n", r->trace_path);
}

void result_print_line(const drive_result *r, FILE *out) {
    bool color = color_wanted();
    const cw_verdict *v = r->verdict;
    fprintf(out, "%s%s%s %6.1f s",
            !color      ? ""
            : v->passed ? "\033[1;32m"
                        : "\033[1;31m",
            v->passed ? "PASSED" : "FAILED", color ? "\033[0m" : "", r->episode->duration);
    for (uint32_t i = 0; i < v->criterion_count; i++)
        if (v->criteria[i].applies && v->criteria[i].demanded && !v->criteria[i].passed)
            fprintf(out, "  %s: %s;", v->criteria[i].name, v->criteria[i].text);
    for (unsigned i = 0; i < r->set_count; i++)
        fprintf(out, "  %s", r->set[i]);
    putc('\n', out);
}
