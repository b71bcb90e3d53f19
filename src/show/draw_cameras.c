// The surround cameras beside the view from above: those that look ahead in a row at the top, those that look back below.
#include "film.h"
#include "stage.h"

#ifdef CW_HAVE_CAIRO

#include <stdlib.h>
#include <string.h>

enum { GAP = 8, COLUMNS = 3, FINER = 2, EVERY = 2, TIMELINE_HEIGHT = 12 };

struct stage_cameras {
    film film;
    cw_rig rig;
    uint32_t *taken[CW_RIG_CAMERAS_MOST]; // the last pictures, (FINER * height x width)
    int width, height, x[CW_RIG_CAMERAS_MOST], y[CW_RIG_CAMERAS_MOST];
    int64_t frame;
    bool begun;
};

static void place(struct stage_cameras *of, const cw_show_def *def) {
    int left = def->width * 368 / 1280;
    of->width = (def->width - left - (COLUMNS + 1) * GAP) / COLUMNS;
    of->height = of->width * 9 / 16;
    // The sheet has the order; its rows are those of the pictures.
    film_sheet sheet = film_layout(&of->rig);
    for (uint32_t i = 0; i < of->rig.camera_count; i++) {
        int column = sheet.x[i] / of->rig.cameras[i].lens.width;
        of->x[i] = left + GAP + column * (of->width + GAP);
        of->y[i] = sheet.y[i] == 0 ? GAP : def->height - TIMELINE_HEIGHT - GAP - of->height;
    }
}

void stage_cameras_close(stage *of) {
    if (of->cameras == NULL)
        return;
    film_close(&of->cameras->film);
    for (uint32_t i = 0; i < CW_RIG_CAMERAS_MOST; i++)
        free(of->cameras->taken[i]);
    free(of->cameras);
    of->cameras = NULL;
}

cw_status stage_cameras_open(stage *of, const cw_scene *scene, cw_error *err) {
    struct stage_cameras *c = of->cameras = calloc(1, sizeof *c);
    if (c == NULL)
        return cw_error_set(err, CW_ERR_MEMORY, NULL, 0, 0, "out of memory for the cameras' pictures");
    uint32_t carrier = of->replay.ego != CW_NONE ? of->replay.ego : 0;
    cw_rig_named("surround6", &scene->actors[carrier], 640, 360, &c->rig);
    place(c, &of->def);
    for (uint32_t i = 0; i < c->rig.camera_count; i++)
        c->rig.cameras[i].lens = cw_lens_resized(&c->rig.cameras[i].lens, c->width, c->height * FINER);
    cw_film_def def = cw_film_defaults(&c->rig);
    def.training = true; // plain shading of fine meshes
    cw_status status = film_open(&c->film, &of->replay, scene, &def, false, err);
    for (uint32_t i = 0; i < c->rig.camera_count && status == CW_OK; i++) {
        c->taken[i] = calloc((size_t)c->width * (size_t)c->height * FINER, sizeof(uint32_t));
        if (c->taken[i] == NULL)
            status = cw_error_set(err, CW_ERR_MEMORY, NULL, 0, 0, "out of memory for the cameras' pictures");
    }
    if (status != CW_OK)
        stage_cameras_close(of);
    return status;
}

// The mean of two rows.
static void shrink(uint32_t *to, const uint32_t *upper, const uint32_t *lower, int width) {
    for (int i = 0; i < width; i++)
        to[i] = ((upper[i] & 0xFEFEFE) >> 1) + ((lower[i] & 0xFEFEFE) >> 1);
}

cw_status draw_cameras(stage *of, double time, cw_error *err) {
    struct stage_cameras *c = of->cameras;
    if (c == NULL)
        return CW_OK;
    cw_status status = CW_OK;
    size_t width = (size_t)c->width;
    if (c->frame++ % EVERY == 0 || !c->begun) { // twelve pictures a second do beside the view from above
        status = film_set(&c->film, time, err);
        for (uint32_t i = 0; i < c->film.count && status == CW_OK; i++)
            status = film_take(&c->film, i, c->taken[i], width, err);
        c->begun = true;
    }
    of->api.surface_flush(of->surface);
    unsigned char *pixels = of->api.image_surface_get_data(of->surface);
    size_t stride = (size_t)of->api.image_surface_get_stride(of->surface);
    for (uint32_t i = 0; i < c->film.count && status == CW_OK; i++)
        for (int y = 0; y < c->height; y++) {
            const uint32_t *from = c->taken[i] + (size_t)y * FINER * width;
            uint32_t *to = (uint32_t *)(void *)(pixels + (size_t)(c->y[i] + y) * stride) + c->x[i];
            shrink(to, from, from + width, c->width);
        }
    of->api.surface_mark_dirty(of->surface);
    return status;
}

double stage_cameras_row(const stage *of) {
    return of->cameras != NULL ? of->cameras->height + 2.0 * GAP : 0.0;
}

#endif
