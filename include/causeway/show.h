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
    // What six cameras all round see stands beside the view from above, where a scene is given and this build has cameras;
    // default false.
    bool cameras;
    cw_error *left_out; // where they are asked for and cannot be had: why; NULL: nobody asks
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

// ---- the cut-in experiment (causeway/cut_in.h) -------------------------------------------------------------------------

enum { CW_AVOIDABLE_DRIVERS = 8, CW_AVOIDABLE_SPEEDS = 10, CW_AVOIDABLE_GAPS = 60, CW_AVOIDABLE_LATERALS = 18 };
typedef struct cw_avoidable_cell { // over the other's speeds
    uint16_t cases, hits, worse;   // worse: hit though the careful human avoids it
} cw_avoidable_cell;
typedef struct cw_avoidable {
    uint32_t driver_count, speed_count, lateral_count, gap_count[CW_AVOIDABLE_SPEEDS];
    const char *drivers[CW_AVOIDABLE_DRIVERS];
    double speeds[CW_AVOIDABLE_SPEEDS];                  // m/s of the ego
    double gaps[CW_AVOIDABLE_SPEEDS][CW_AVOIDABLE_GAPS]; // m
    double laterals[CW_AVOIDABLE_LATERALS];              // m/s
    uint32_t cases[CW_AVOIDABLE_DRIVERS], hits[CW_AVOIDABLE_DRIVERS], worse[CW_AVOIDABLE_DRIVERS];
    cw_avoidable_cell cells[CW_AVOIDABLE_DRIVERS * CW_AVOIDABLE_SPEEDS * CW_AVOIDABLE_GAPS * CW_AVOIDABLE_LATERALS];
} cw_avoidable;
const cw_avoidable_cell *cw_avoidable_at(const cw_avoidable *a, uint32_t driver, uint32_t speed, uint32_t gap,
                                         uint32_t lateral);
// The avoidable region of each driver as one SVG.
cw_status cw_show_avoidable(const cw_avoidable *a, cw_language language, const char *path, cw_error *err);

// ---- pictures of cameras ---------------------------------------------------------------------------------------------

struct cw_rig; // causeway/camera.h

typedef struct cw_film_def {
    uint32_t cookie;                   // set by cw_film_defaults
    const struct cw_rig *rig;          // on the ego; outlives the call
    bool training;                     // the training grade: coarse meshes, plain shading; default: the show grade
    int frames_per_second;             // default 20
    int quality;                       // x264 CRF, 0: 23
    double speed;                      // simulated seconds in a second of film; default 1
    double from, to;                   // s of the drive; default 0 to its end (INFINITY)
    uint64_t seed;                     // of what the map does not have: houses, trees; default 1
    const cw_environment *environment; // weather instead of the drive's own; NULL: its own
    int threads;                       // 0: one for each processor
} cw_film_def;

cw_film_def cw_film_defaults(const struct cw_rig *rig);
// What the cameras see while the drive goes on, beside each other in one H.264 video: those that look ahead in the upper
// row, those that look back below. `scene` is the drive's own. CW_ERR_UNSUPPORTED where Embree or FFmpeg are missing.
cw_status cw_show_film(const cw_trace *trace, const cw_scene *scene, const cw_film_def *def, const char *path,
                       cw_show_progress *progress, void *context, cw_error *err);
// One video for each camera: folder/NAME.mp4.
cw_status cw_show_films(const cw_trace *trace, const cw_scene *scene, const cw_film_def *def, const char *folder,
                        cw_show_progress *progress, void *context, cw_error *err);
// One picture of all at def->from (s), as PNG.
cw_status cw_show_picture(const cw_trace *trace, const cw_scene *scene, const cw_film_def *def, const char *path,
                          cw_error *err);
// The drive as a labelled data set in the nuScenes format (docs/RENDER.md): what the rig's cameras and LiDARs see
// def->frames_per_second times a second, 3D boxes with their visibility, poses, calibration and a mask of the map; depth,
// classes and instances of each pixel beside it. The tables are written last: a folder without them is not whole. Tokens
// depend on the scene alone. CW_ERR_LIMIT for a drive that comes by more than 1 km^2 of map.
cw_status cw_show_labels(const cw_trace *trace, const cw_scene *scene, const cw_film_def *def, const char *folder,
                         cw_show_progress *progress, void *context, cw_error *err);

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
