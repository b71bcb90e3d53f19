// Two drives of one scene on one page: both verdicts in a table, and the two reports whole beside each other.
#include "causeway/show.h"
#include "report.h"
#include "viewer.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

typedef struct against {
    text out, pages[2];
    replay sides[2];
} against;

static void put_text(text *out, const char *words) {
    text_quoted(out, words, strlen(words));
}

static const char *meta(const replay *of, const char *key) {
    const char *value = cw_trace_get(of->trace, key);
    return value != NULL ? value : "";
}

static void put_style(void *context) {
    text_put(&((against *)context)->out, viewer_style);
}

static void put_data(void *context) {
    against *a = context;
    text *out = &a->out;
    text_put(out, "{\"schema\":\"causeway.against_report/1\",\"lang\":");
    put_text(out, meta(&a->sides[0], "lang"));
    text_put(out, ",\"scenario\":");
    put_text(out, meta(&a->sides[0], "scenario"));
    text_put(out, ",\"names\":[");
    for (int i = 0; i < 2; i++) {
        text_put(out, i > 0 ? "," : "");
        put_text(out, meta(&a->sides[i], "driver"));
    }
    text_put(out, "],\"labels\":[");
    for (int i = 0; i < 2; i++)
        report_labels(out, a->sides[i].verdict);
    text_put(out, "],\"verdicts\":[");
    for (int i = 0; i < 2; i++) {
        text_put(out, i > 0 ? "," : "");
        report_verdict(out, &a->sides[i]);
    }
    text_put(out, "],\"pages\":[");
    for (int i = 0; i < 2; i++) {
        text_put(out, i > 0 ? "," : "");
        text_quoted(out, a->pages[i].bytes, a->pages[i].count);
    }
    text_put(out, "]}");
}

cw_status cw_show_against(const cw_trace *const traces[2], const cw_map *map, const cw_scene *scene, const char *path,
                          cw_error *err) {
    assert(traces[0] != NULL && traces[1] != NULL && map != NULL && path != NULL);
    static const char *const marks[] = {"<!--style-->", "<!--data-->"};
    static void (*const put[])(void *) = {put_style, put_data};
    against a = {0};
    cw_status status = CW_OK;
    int open = 0;
    for (int i = 0; i < 2 && status == CW_OK; i++) {
        status = replay_open(traces[i], scene, &a.sides[i], err);
        open += status == CW_OK;
        if (status == CW_OK)
            status = report_page(traces[i], map, scene, &a.pages[i], err);
        a.out.failed = a.out.failed || a.pages[i].failed;
    }
    if (status == CW_OK) {
        if (!a.out.failed)
            report_fill(&a.out, viewer_against, marks, put, 2, &a);
        status = report_write(&a.out, path, err);
    }
    for (int i = 0; i < 2; i++)
        free(a.pages[i].bytes);
    for (int i = 0; i < open; i++)
        replay_close(&a.sides[i]);
    return status;
}
