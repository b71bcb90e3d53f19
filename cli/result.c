#include "result.h"

#include "cli.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

static json_t *number(double value) {
    return isfinite(value) ? json_real(value) : json_null();
}

static json_t *criteria_json(const cw_verdict *v, cw_language language) {
    json_t *list = json_array();
    for (uint32_t i = 0; i < v->criterion_count; i++) {
        const cw_criterion *c = &v->criteria[i];
        json_t *item = json_pack(
            "{s:s, s:b, s:b, s:b, s:o, s:o, s:s, s:s, s:s, s:s, s:o}", "name", c->name, "applies", c->applies,
            "demanded", c->demanded, "passed", c->passed, "value", number(c->value), "limit", number(c->limit), "unit",
            c->unit ? c->unit : "", "text", c->said.in[language], "text_en", c->said.in[CW_ENGLISH], "text_ko",
            c->said.in[CW_KOREAN], "time_s", c->time_ns < 0 ? json_null() : json_real((double)c->time_ns * 1e-9));
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
        json_array_append_new(list, json_pack("{s:f, s:s, s:f, s:f, s:f, s:s, s:i, s:s, s:s, s:s, s:b, s:b}", "time_s",
                                              (double)c->time_ns * 1e-9, "with", actor_name(r->scene, c->actor),
                                              "impact_mps", (double)c->impact_mps, "ego_mps", (double)c->ego_mps,
                                              "other_mps", (double)c->other_mps, "fault", cw_fault_name(c->fault),
                                              "clause", c->clause, "broken", c->broken.in[r->language], "broken_en",
                                              c->broken.in[CW_ENGLISH], "broken_ko", c->broken.in[CW_KOREAN],
                                              "nuplan_at_fault", c->nuplan_at_fault, "rss_blame", c->rss_blame));
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
    json_object_set_new(root, "driver_trouble",
                        r->episode->driver_troubles == 0
                            ? json_null()
                            : json_pack("{s:i, s:f, s:s}", "count", (int)r->episode->driver_troubles, "first_s",
                                        (double)r->episode->driver_trouble_ns * 1e-9, "text",
                                        r->episode->driver_trouble));
    json_object_set_new(root, "duration_s", json_real(r->episode->duration));
    json_object_set_new(root, "steps", json_integer((json_int_t)r->episode->steps));
    json_object_set_new(root, "hash", json_string(hash));
    json_object_set_new(root, "goal_time_s",
                        r->episode->goal_time_ns < 0 ? json_null()
                                                     : json_real((double)r->episode->goal_time_ns * 1e-9));
    json_object_set_new(root, "criteria", criteria_json(r->verdict, r->language));
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

// What the text result says around the reasons, in both languages.
typedef enum word {
    SAY_PASSED,
    SAY_FAILED,
    SAY_OK,
    SAY_VIOLATED,
    SAY_NOT_MET,
    SAY_TOLD,
    SAY_CRITERIA,
    SAY_REASONS,
    SAY_METRICS,
    SAY_AVOIDS,
    SAY_AVOIDS_NOT,
    SAY_UNSUPPORTED,
    SAY_PLACES,
    SAY_VIDEO,
    SAY_REPORT,
    SAY_TRACE,
    WORDS
} word;

static const char *say(const drive_result *r, word which) {
    static const char *const words[WORDS][2] = {
        [SAY_PASSED] = {"PASSED", "통과"},
        [SAY_FAILED] = {"FAILED", "실패"},
        [SAY_OK] = {"ok     ", "충족  "},
        [SAY_VIOLATED] = {"FAILED ", "위반  "},
        [SAY_NOT_MET] = {"not met", "미충족"},
        [SAY_TOLD] = {"  (told, not demanded)", "  (참고, 요구 아님)"},
        [SAY_CRITERIA] = {"criteria", "판정 기준"},
        [SAY_REASONS] = {"reasons (computed, untested)", "이유 (계산됨, 미검증)"},
        [SAY_METRICS] = {"metrics", "지표"},
        [SAY_AVOIDS] = {"careful human model: avoids contact", "주의 깊은 사람 모형: 접촉을 피함"},
        [SAY_AVOIDS_NOT] = {"careful human model: does not avoid contact", "주의 깊은 사람 모형: 접촉을 피하지 못함"},
        [SAY_UNSUPPORTED] = {"not supported in these files", "이 파일들에서 지원하지 않는 것"},
        [SAY_PLACES] = {" (several places)", " (여러 곳)"},
        [SAY_VIDEO] = {"video ", "영상  "},
        [SAY_REPORT] = {"report", "보고서"},
        [SAY_TRACE] = {"trace ", "기록  "}};
    return words[which][r->language == CW_KOREAN];
}

// Stable names in English, as in the JSON; labels in other languages.
static const char *name_of(const drive_result *r, const char *name) {
    return r->language == CW_ENGLISH ? name : cw_judge_label(name, r->language);
}

static void print_contact(const drive_result *r, const cw_judged_contact *c, FILE *out) {
    cw_said line = {0};
    const char *who = actor_name(r->scene, c->actor);
    cw_say(&line, "contact at %.2f s with ", "%.2f초에 ", (double)c->time_ns * 1e-9);
    if (c->actor == CW_NONE)
        cw_say_words(&line, who, cw_judge_label(who, CW_KOREAN));
    else
        cw_say_words(&line, who, who);
    cw_say(&line, ": impact %.1f km/h", "와(과) 접촉: 충격 속도 시속 %.1f km", (double)c->impact_mps * 3.6);
    const char *fault = cw_fault_name(c->fault);
    cw_say_words(&line, ", fault ", ", 책임 ");
    cw_say_words(&line, fault, cw_judge_label(fault, CW_KOREAN));
    cw_say(&line, " (rule %u)", " (규칙 %u)", c->clause);
    const char *broken = c->broken.in[r->language];
    fprintf(out, "%s%s%s\n", line.in[r->language], broken[0] ? ", " : "", broken);
}

static void print_criteria(const drive_result *r, FILE *out, bool color) {
    const cw_verdict *v = r->verdict;
    for (uint32_t i = 0; i < v->criterion_count; i++) {
        const cw_criterion *c = &v->criteria[i];
        if (!c->applies)
            continue;
        const char *met = say(r, c->passed ? SAY_OK : c->demanded ? SAY_VIOLATED : SAY_NOT_MET);
        const char *on = !color ? "" : c->passed ? "\033[32m" : c->demanded ? "\033[31m" : "\033[33m";
        char name[160];
        fprintf(out, "  %s%s%s  %s %s%s\n", on, met, color ? "\033[0m" : "",
                padded(name_of(r, c->name), 22, name, sizeof name), c->said.in[r->language],
                c->demanded ? "" : say(r, SAY_TOLD));
    }
}

static void print_reasons(const drive_result *r, FILE *out) {
    json_t *list = reasons_json(r);
    if (json_array_size(list) > 0)
        fprintf(out, "%s\n", say(r, SAY_REASONS));
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
    char text[160];
    fprintf(out, "%s\n", r->path);
    bool korean = r->language == CW_KOREAN;
    const char *const evaluator[2][2] = {{", evaluator off", ", evaluator on"}, {", 평가기 끔", ", 평가기 켬"}};
    fprintf(out, "%s%s%s",
            !color      ? ""
            : v->passed ? "\033[1;32m"
                        : "\033[1;31m",
            say(r, v->passed ? SAY_PASSED : SAY_FAILED), color ? "\033[0m" : "");
    fprintf(out, korean ? ": %.1f초 뒤 끝남" : " after %.1f s", r->episode->duration);
    fprintf(out, " (%s%s%s), %s %s%s, %s %" PRIu64 ", %s %016" PRIx64 "\n",
            name_of(r, cw_episode_end_name(r->episode->end)), r->episode->fault[0] ? ": " : "", r->episode->fault,
            korean ? "운전자" : "driver", r->driver, r->driven ? evaluator[korean][r->evaluator] : "",
            korean ? "시드" : "seed", r->seed, korean ? "해시" : "hash", r->episode->hash);
    fprintf(out, "%s\n", say(r, SAY_CRITERIA));
    print_criteria(r, out, color);
    for (uint32_t i = 0; i < v->contact_count; i++)
        print_contact(r, &v->contacts[i], out);
    if (v->human_run)
        fprintf(out, "%s\n", say(r, v->human_avoids ? SAY_AVOIDS : SAY_AVOIDS_NOT));
    print_reasons(r, out);
    fprintf(out, "%s\n", say(r, SAY_METRICS));
    for (uint32_t i = 0; i < v->metric_count; i++)
        if (isfinite(v->metrics[i].value))
            fprintf(out, "  %s %10.3f %s\n", padded(name_of(r, v->metrics[i].name), 36, text, sizeof text),
                    v->metrics[i].value, v->metrics[i].unit);
    if (r->scene->notice_count > 0)
        fprintf(out, "%s\n", say(r, SAY_UNSUPPORTED));
    for (uint32_t i = 0; i < r->scene->notice_count; i++) {
        const cw_notice *n = &r->scene->notices[i];
        fprintf(out, "  %s:%d:%d: %s: %s%s\n", n->path ? n->path : "", n->line, n->column, n->name, n->text,
                n->count > 1 ? say(r, SAY_PLACES) : "");
    }
    if (r->video)
        fprintf(out, "%s  %s\n", say(r, SAY_VIDEO), r->video);
    if (r->report)
        fprintf(out, "%s  %s\n", say(r, SAY_REPORT), r->report);
    if (r->trace_path)
        fprintf(out, "%s  %s\n", say(r, SAY_TRACE), r->trace_path);
}

void result_print_line(const drive_result *r, FILE *out) {
    bool color = color_wanted();
    const cw_verdict *v = r->verdict;
    fprintf(out, "%s%s%s %6.1f s",
            !color      ? ""
            : v->passed ? "\033[1;32m"
                        : "\033[1;31m",
            say(r, v->passed ? SAY_PASSED : SAY_FAILED), color ? "\033[0m" : "", r->episode->duration);
    for (uint32_t i = 0; i < v->criterion_count; i++)
        if (v->criteria[i].applies && v->criteria[i].demanded && !v->criteria[i].passed)
            fprintf(out, "  %s: %s;", name_of(r, v->criteria[i].name), v->criteria[i].said.in[r->language]);
    for (unsigned i = 0; i < r->set_count; i++)
        fprintf(out, "  %s", r->set[i]);
    putc('\n', out);
}
