#include "outputs.h"

#include "cli.h"

#include "causeway/show.h"

#include <stdio.h>

static bool on_frame(void *context, double done) {
    progress *bar = context;
    if (bar->what)
        progress_show(bar, done * 100, 100);
    return !interrupted;
}

int write_outputs(const drive_result *r, cw_trace *trace, bool quiet) {
    cw_error err = {0};
    if (r->trace_path) {
        if (!cw_show_viewer_channels(trace, r->scene->map, r->scene)) {
            cw_error_set(&err, CW_ERR_MEMORY, r->trace_path, 0, 0, "out of memory");
            return fail(&err);
        }
        if (cw_trace_save(trace, r->trace_path, &err) != CW_OK)
            return fail(&err);
    }
    if (r->report && cw_show_report(trace, r->scene->map, r->scene, r->report, &err) != CW_OK)
        return fail(&err);
    if (r->video) {
        cw_show_def def = cw_show_defaults();
        def.language = r->language;
        def.cameras = r->cameras;
        cw_error left_out = {0};
        def.left_out = &left_out;
        progress bar;
        progress_start(&bar, "drawing the video", "%");
        if (quiet)
            bar.what = NULL;
        cw_status status = cw_show_video(trace, r->scene->map, r->scene, &def, r->video, on_frame, &bar, &err);
        progress_end(&bar);
        if (status != CW_OK)
            return fail(&err);
        if (left_out.code != CW_OK)
            fprintf(stderr, "causeway drive: %s shows no cameras: %s\n", r->video, left_out.text);
    }
    return EXIT_FINE;
}
