// What the files of road share. Private to road.
#ifndef CAUSEWAY_ROAD_INTERNAL_H
#define CAUSEWAY_ROAD_INTERNAL_H

#include "causeway/road.h"

typedef struct cw_rect {
    double x0, y0, x1, y1; // m; empty when x0 > x1
} cw_rect;

// A stretch of one geometry record on which "the nearest point" is unique: what the grid lists.
typedef struct cw_piece {
    uint32_t road, geometry;
    double s0, s1;       // road s, m
    float t_low, t_high; // all lanes lie within, m
    uint32_t kinds;      // bit set of the lane kinds that occur
} cw_piece;

// Distance along a lane's centre line at road s, counted with rising s.
typedef struct cw_knot {
    double s, d;
} cw_knot;

// What holds for a lane between its knots: its length is linear in s; the t of its centre line does not change.
enum { CW_DISTANCE_LINEAR = 1, CW_CENTER_STEADY = 2 };

struct cw_index {
    const cw_vec2 *frames; // of each geometry record: cosine and sine of its start heading
    // uniform grid over the bounding box; a cell lists the pieces that may cover a point in it
    double x0, y0, cell, inverse;
    uint32_t columns, rows;
    const uint32_t *cell_first; // columns * rows + 1
    const uint32_t *entries;
    uint32_t piece_count;
    const cw_piece *pieces;
    const cw_rect *road_boxes;                   // one each
    const cw_rect *object_boxes;                 // one each
    const uint32_t *roads_by_id, *signals_by_id; // sorted by id, then index
    const cw_knot *knots;
    const uint32_t *lane_knots; // lane_count + 1 offsets
    const uint8_t *uniform;     // for each lane, what holds between its knots: CW_DISTANCE_LINEAR, CW_CENTER_STEADY
};

// A point of the reference line's curve.
typedef struct cw_curve_point {
    double x, y;
    double c, s; // unit tangent
    double heading;
    double curvature; // 1/m
    double bend;      // derivative of the curvature by s, 1/m^2
    double speed;     // |d(x, y)/ds|: 1 but for polynomials that are not parametrised by arc length
} cw_curve_point;

// The point at ds (m) from the record's start.
void cw_curve_at(const cw_map *map, uint32_t geometry, double ds, cw_curve_point *out);
// Offset from a clothoid's start in its own frame (start heading 0): curvature k0 + rate * ds. Error below 1e-11 of ds.
void cw_clothoid_at(double k0, double rate, double ds, double *x, double *y);
// ds of the foot of (x, y) on the record's curve, not clamped for lines and arcs; *t is the signed lateral distance.
// `from` is a first guess, kept within [low, high] for the kinds that iterate.
double cw_curve_project(const cw_map *map, uint32_t geometry, double x, double y, double from, double low, double high,
                        double *t);

// Record of the road that holds s (the last whose s does not exceed it).
uint32_t cw_road_geometry_at(const cw_map *map, const cw_road *road, double s);
uint32_t cw_road_section_at(const cw_map *map, const cw_road *road, double s);
// As cw_road_project from a known place, searching only downhill from there. *over: distance beyond the road's ends along
// the tangent (0 between them).
void cw_road_project_near(const cw_map *map, const cw_road *road, uint32_t geometry, double from, double x, double y,
                          double *s, double *t, double *over);

// The records that begin before `end`: what holds up to there, for a value at the end itself.
cw_span cw_span_until(const cw_map *map, cw_span span, double end);
double cw_cubic_at(const cw_map *map, cw_span span, double s);
// Value and first two derivatives by s.
void cw_cubic_derivatives(const cw_map *map, cw_span span, double s, double out[3]);
// Lane centre t with its first two derivatives by road s.
void cw_lane_center_derivatives(const cw_map *map, const cw_lane *lane, double s, double out[3]);
void cw_lane_borders_of(const cw_map *map, const cw_lane *lane, double s, double *low, double *high);

static inline double cw_travel_sign(const cw_lane *lane) {
    return lane->direction < 0 ? -1.0 : 1.0;
}

// ---- made at build time ----------------------------------------------------------------------------------------------

bool cw_index_frames(cw_map *map, cw_index *index);
bool cw_index_travel(cw_map *map, cw_index *index, cw_lane *lanes); // knots, and the lanes' lengths
bool cw_index_grid(cw_map *map, cw_index *index);                   // boxes, pieces and cells, the map's bounding box
bool cw_index_objects(cw_map *map, cw_index *index);
bool cw_index_ids(cw_map *map, cw_index *index);

#endif
