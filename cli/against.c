#include "against.h"

#include "cli.h"

#include "causeway/judge.h"

#include <math.h>
#include <string.h>

// How a criterion came out in a result.
typedef enum outcome { ABSENT, MET, NOT_MET, VIOLATED } outcome;

static const json_t *criterion_of(const json_t *result, const char *name) {
    size_t i;
    json_t *item;
    json_array_foreach(json_object_get(result, "criteria"), i, item) {
        const char *found = json_string_value(json_object_get(item, "name"));
        if (found && strcmp(found, name) == 0)
            return item;
    }
    return NULL;
}

static outcome outcome_of(const json_t *result, const char *name) {
    const json_t *c = criterion_of(result, name);
    if (!c || !json_is_true(json_object_get(c, "applies")))
        return ABSENT;
    return json_is_true(json_object_get(c, "passed"))     ? MET
           : json_is_true(json_object_get(c, "demanded")) ? VIOLATED
                                                          : NOT_MET;
}

// Names of the criteria of both, each once, in order.
static json_t *criteria_of_both(const json_t *first, const json_t *second) {
    json_t *names = json_object();
    const json_t *const sides[] = {first, second};
    for (int k = 0; k < 2; k++) {
        size_t i;
        json_t *item;
        json_array_foreach(json_object_get(sides[k], "criteria"), i, item) {
            const char *name = json_string_value(json_object_get(item, "name"));
            if (name && (outcome_of(first, name) != ABSENT || outcome_of(second, name) != ABSENT))
                json_object_set_new(names, name, json_true());
        }
    }
    return names;
}

static json_t *metrics_of_both(const json_t *first, const json_t *second) {
    json_t *names = json_object();
    const json_t *const sides[] = {first, second};
    for (int k = 0; k < 2; k++) {
        const char *name;
        json_t *value;
        json_object_foreach(json_object_get(sides[k], "metrics"), name, value) if (json_is_number(value))
            json_object_set_new(names, name, json_true());
    }
    return names;
}

static const json_t *metric_of(const json_t *result, const char *name) {
    return json_object_get(json_object_get(result, "metrics"), name);
}

json_t *against_json(json_t *first, json_t *second) {
    json_t *criteria = json_array(), *metrics = json_object(), *names = criteria_of_both(first, second);
    const char *name;
    json_t *one;
    json_object_foreach(names, name, one) if (outcome_of(first, name) != outcome_of(second, name))
        json_array_append_new(criteria, json_string(name));
    json_decref(names);
    names = metrics_of_both(first, second);
    json_object_foreach(names, name, one) {
        const json_t *a = metric_of(first, name), *b = metric_of(second, name);
        if (json_is_number(a) && json_is_number(b))
            json_object_set_new(metrics, name, json_real(json_number_value(b) - json_number_value(a)));
    }
    json_decref(names);
    return json_pack("{s:s, s:O, s:[O, O], s:{s:o, s:o}}", "schema", "causeway.against/1", "scenario",
                     json_object_get(first, "scenario"), "drives", first, second, "differences", "criteria", criteria,
                     "metrics", metrics);
}

// ---- the table -------------------------------------------------------------------------------------------------------

static const char *const said[][CW_LANGUAGES] = {{"-", "-"}, {"ok", "충족"}, {"not met", "미충족"}, {"FAILED", "위반"}};

static void print_side(char letter, const json_t *result, cw_language language, FILE *out) {
    static const char *const evaluator[2][CW_LANGUAGES] = {{"evaluator off", "평가기 끔"},
                                                           {"evaluator on", "평가기 켬"}};
    const char *driver = json_string_value(json_object_get(result, "driver"));
    const char *hash = json_string_value(json_object_get(result, "hash"));
    fprintf(out, "%c: %s, %s, %.1f s, %s %s\n", letter, driver ? driver : "?",
            evaluator[json_is_true(json_object_get(result, "evaluator"))][language],
            json_number_value(json_object_get(result, "duration_s")), language == CW_KOREAN ? "해시" : "hash",
            hash ? hash : "?");
}

static void print_row(FILE *out, const char *name, const char *a, const char *b, const char *difference) {
    char cells[4][160];
    fprintf(out, "  %s %s %s%s%s\n", padded(name, 38, cells[0], sizeof cells[0]),
            padded(a, -12, cells[1], sizeof cells[1]), padded(b, -12, cells[2], sizeof cells[2]),
            difference[0] ? " " : "", difference[0] ? padded(difference, -12, cells[3], sizeof cells[3]) : "");
}

static void number(const json_t *value, char *out, size_t size) {
    if (json_is_number(value))
        snprintf(out, size, "%.3f", json_number_value(value));
    else
        snprintf(out, size, "-");
}

void against_print(const json_t *first, const json_t *second, cw_language language, FILE *out) {
    bool korean = language == CW_KOREAN;
    const char *scenario = json_string_value(json_object_get(first, "scenario"));
    fprintf(out, "%s\n", scenario ? scenario : "");
    print_side('A', first, language, out);
    print_side('B', second, language, out);
    print_row(out, "", "A", "B", "B - A");
    const char *const verdicts[2][CW_LANGUAGES] = {{"FAILED", "실패"}, {"PASSED", "통과"}};
    bool a_passed = json_is_true(json_object_get(first, "passed"));
    bool b_passed = json_is_true(json_object_get(second, "passed"));
    print_row(out, korean ? "판정" : "verdict", verdicts[a_passed][language], verdicts[b_passed][language],
              a_passed != b_passed ? "*" : "");
    const char *name;
    json_t *one, *names = criteria_of_both(first, second);
    json_object_foreach(names, name, one) {
        outcome a = outcome_of(first, name), b = outcome_of(second, name);
        print_row(out, korean ? cw_judge_label(name, language) : name, said[a][language], said[b][language],
                  a != b ? "*" : "");
    }
    json_decref(names);
    fprintf(out, "%s\n", korean ? "지표" : "metrics");
    names = metrics_of_both(first, second);
    json_object_foreach(names, name, one) {
        const json_t *a = metric_of(first, name), *b = metric_of(second, name);
        char cells[3][40] = {"", "", ""};
        number(a, cells[0], sizeof cells[0]);
        number(b, cells[1], sizeof cells[1]);
        double less =
            json_is_number(a) && json_is_number(b) ? json_number_value(b) - json_number_value(a) : (double)NAN;
        if (isfinite(less)) // a trace's numbers have 15 digits: what is less than the table shows is none
            snprintf(cells[2], sizeof cells[2], "%+.3f", fabs(less) < 0.0005 ? 0.0 : less);
        print_row(out, korean ? cw_judge_label(name, language) : name, cells[0], cells[1], cells[2]);
    }
    json_decref(names);
}
