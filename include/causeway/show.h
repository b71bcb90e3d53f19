// Everything that is drawn: the drive from above as frames and as a video, the report as one HTML file, and the channels
// that MCAP viewers draw without being told how. It all reads a trace; nothing here changes a run.
#ifndef CAUSEWAY_SHOW_H
#define CAUSEWAY_SHOW_H

#include "causeway/agent.h"
#include "causeway/base.h"
#include "causeway/record.h"
#include "causeway/road.h"
#include "causeway/scene.h"

typedef struct cw_show_def {
    uint32_t cookie;       // set by cw_show_defaults
    int width, height;     // pixels, even; default 1280 x 720
    int frames_per_second; // default 25
    int quality;           // x264 CRF, 0: 23
    double speed;          // simulated seconds in a second of video; default 1
    bool north_up;         // default false: the ego drives up the picture
    double scale;          // pixels in a metre; 0: chosen from the ego's speed
    double hold;           // s that the last frame stays, with the verdict; default 4
    cw_language language;  // default: English
} cw_show_def;

cw_show_def cw_show_defaults(void);

// Called after each frame with the share that is done, 0..1; false ends the video at once (CW_ERR_INTERRUPTED).
typedef bool cw_show_progress(void *context, double done);

// H.264 in MP4 from above. `scene` may be NULL: sizes and names then come from the trace's scene.json. CW_ERR_UNSUPPORTED
// where cairo or FFmpeg are missing, CW_ERR_INPUT where the trace holds no actors.
cw_status cw_show_video(const cw_trace *trace, const cw_map *map, const cw_scene *scene, const cw_show_def *def,
                        const char *path, cw_show_progress *progress, void *context, cw_error *err);
// One frame at `time` (s) as PNG. Beyond the end of the trace: the last frame, with the verdict.
cw_status cw_show_frame(const cw_trace *trace, const cw_map *map, const cw_scene *scene, const cw_show_def *def,
                        double time, const char *path, cw_error *err);

// One self-contained HTML file: no server, no network. The trace's "lang" decides its first language.
cw_status cw_show_report(const cw_trace *trace, const cw_map *map, const cw_scene *scene, const char *path,
                         cw_error *err);

// The same with two drives of one scene beside each other: both verdicts in a table, both reports whole.
cw_status cw_show_against(const cw_trace *const traces[2], const cw_map *map, const cw_scene *scene, const char *path,
                          cw_error *err);

// Adds the channels /scene, /tf, /ego/pose and /log with the schemas that viewers know, made from what the trace holds.
// `scene` may be NULL. False when out of memory.
bool cw_show_viewer_channels(cw_trace *trace, const cw_map *map, const cw_scene *scene);

#endif
