// What a frame is drawn from, and the pieces that draw it. Only where cairo's header was there at build time.
#ifndef CW_SHOW_STAGE_H
#define CW_SHOW_STAGE_H

#include "cairo_api.h"
#include "causeway/show.h"
#include "ground.h"
#include "names.h"
#include "replay.h"

#ifdef CW_HAVE_CAIRO

typedef struct lens {
    double x, y; // m: the place that stands at (screen_x, screen_y)
    double screen_x, screen_y;
    double angle;      // rad: the map direction that points up the picture
    double scale;      // pixels in a metre
    cw_vec2 low, high; // m: a box that holds all that is in view
} lens;

typedef struct stage {
    cairo_api api;
    cairo_surface_t *surface;
    cairo_t *cr;
    cw_show_def def;
    const cw_map *map;
    replay replay;
    ground ground;
    double fastest;                // m/s: top of the plan's colour scale
    struct stage_cameras *cameras; // NULL: none
} stage;

cw_status stage_open(stage *out, const cw_trace *trace, const cw_map *map, const cw_scene *scene,
                     const cw_show_def *def, cw_error *err);
void stage_close(stage *of);
// verdict: 0 hidden .. 1 shown.
cw_status stage_draw(stage *of, double time, double verdict, cw_error *err);

// Colours are 0xRRGGBB.
void stage_color(const stage *of, uint32_t color, double alpha);
void stage_round(const stage *of, double x, double y, double width, double height, double radius); // a path
// Map coordinates to the screen.
cw_vec2 stage_project(const lens *camera, double x, double y);

void draw_ground(stage *of, const lens *camera, double time);
void draw_signs(stage *of, const lens *camera, double time);
void draw_actors(stage *of, const lens *camera, double time);
void draw_trail(stage *of, const lens *camera, double time);
void draw_plans(stage *of, const lens *camera, double time);
void draw_causes(stage *of, const lens *camera, double time);
void draw_cause_names(stage *of, const lens *camera, double time);
void draw_contacts(stage *of, const lens *camera, double time);
void draw_panel(stage *of, double time);
// The cameras' pictures, in rows at the top and the bottom; nothing where there are none.
cw_status draw_cameras(stage *of, double time, cw_error *err);
cw_status stage_cameras_open(stage *of, const cw_scene *scene, cw_error *err);
void stage_cameras_close(stage *of);
double stage_cameras_row(const stage *of);  // pixels that a row of them takes; 0: there are none
void draw_subtitle(stage *of, double time); // the reason, above the lower row
void draw_timeline(stage *of, double time);
void draw_verdict(stage *of, double alpha);
// Colour of a speed on the plan's scale, f in [0, 1].
uint32_t draw_speed_color(double f);

#endif
#endif
