// The report as a text, for pages that hold more than one.
#ifndef CW_SHOW_REPORT_H
#define CW_SHOW_REPORT_H

#include "replay.h"
#include "text.h"

// Appends the page; `failed` of the text says when memory ran out.
cw_status report_page(const cw_trace *trace, const cw_map *map, const cw_scene *scene, text *out, cw_error *err);
cw_status report_write(text *page, const char *path, cw_error *err); // and frees it
// The page with what `put` says in the place of each mark, in their order; each mark stands in it once.
void report_fill(text *out, const char *page, const char *const marks[], void (*const put[])(void *), int count,
                 void *context);
// [name, English, Korean] of each criterion, metric and fault, each after a comma but where a list begins; names are as the verdict gives them.
void report_labels(text *out, const json *verdict);
void report_verdict(text *out, const replay *of); // the verdict's JSON as it was attached, or null

#endif
