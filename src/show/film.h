// The cameras of a drive that is over: who was where comes from the replay, pictures from `sense`.
#ifndef CW_SHOW_FILM_H
#define CW_SHOW_FILM_H

#include "causeway/camera.h"
#include "causeway/show.h"
#include "replay.h"

typedef struct film {
    const replay *replay;
    const cw_scene *scene;
    const cw_environment *environment; // NULL: the scene's
    uint32_t carrier;
    cw_pool *pool;
    cw_rays *rays;
    uint32_t count;
    cw_eye *eyes[CW_RIG_CAMERAS_MOST];
    const cw_rig *rig;
    uint32_t *picture; // of the largest camera
    cw_figure *figures;
    uint8_t *lights;
    uint64_t seed;
    bool begun, blurs;       // blurs: the shutter of one is open for a time
    int64_t now, at, period; // ns: asked for by film_set, where everyone is moved to, between frames
} film;

// The rig sits on the ego; without one on the first actor. coarse: few triangles. What is open
// is closed by film_close, on failure too.
cw_status film_open(film *out, const replay *drive, const cw_scene *scene, const cw_film_def *def, bool coarse,
                    cw_error *err);
void film_close(film *of);
// Moves everyone to where they are at this time (s); times go on by film.period.
cw_status film_set(film *of, double time, cw_error *err);
// Is the carrier there now? Without it there are no pictures.
bool film_present(const film *of);
// The picture that is there of a camera, into its place: rows of `stride` pixels. Black where none is; another one's or an
// earlier one where the rig says so.
cw_status film_take(film *of, uint32_t camera, uint32_t *to, size_t stride, cw_error *err);

// Where each camera's picture goes in one that holds all.
typedef struct film_sheet {
    int width, height; // even
    int x[CW_RIG_CAMERAS_MOST], y[CW_RIG_CAMERAS_MOST];
} film_sheet;
film_sheet film_layout(const cw_rig *rig);

#endif
