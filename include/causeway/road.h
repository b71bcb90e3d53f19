// The road map: lanes, their geometry and the graph that joins them. One map for every format.
//
// A map is immutable once built and may be shared by any number of threads. Geometry is evaluated from the records of
// the file, never tessellated up front. Road coordinates are OpenDRIVE's: s along the reference line (m), t to the left
// of it (m). A lanelet becomes a road of its own with one lane.
#ifndef CAUSEWAY_ROAD_H
#define CAUSEWAY_ROAD_H

#include "causeway/base.h"

#define CW_NONE UINT32_MAX // "no such index", for every index below

// ---- records ---------------------------------------------------------------------------------------------------------

typedef enum cw_geometry_kind { CW_LINE, CW_ARC, CW_SPIRAL, CW_POLY3, CW_PARAM_POLY3 } cw_geometry_kind;

// One piece of a reference line.
typedef struct cw_geometry {
    double s, x, y, heading, length; // start station (m), pose there, length along the curve (m)
    cw_geometry_kind kind;
    bool normalized;   // param_poly3: p in [0, 1] instead of [0, length]
    double k0, k1;     // arc: k0; spiral: curvature at start and end (1/m)
    double u[4], v[4]; // poly3: v = v0 + v1 u + ...; param_poly3: u(p), v(p)
} cw_geometry;

// value(s) = a + b ds + c ds^2 + d ds^3 with ds = s - this record's s.
typedef struct cw_cubic {
    double s, a, b, c, d;
} cw_cubic;

// A run of consecutive records in one of the map's tables.
typedef struct cw_span {
    uint32_t first, count;
} cw_span;

typedef enum cw_road_kind {
    CW_ROAD_UNKNOWN,
    CW_ROAD_RURAL,
    CW_ROAD_MOTORWAY,
    CW_ROAD_TOWN,
    CW_ROAD_LOW_SPEED,
    CW_ROAD_PEDESTRIAN,
    CW_ROAD_BICYCLE
} cw_road_kind;

typedef enum cw_lane_kind {
    CW_LANE_NONE,
    CW_LANE_DRIVING,
    CW_LANE_SHOULDER,
    CW_LANE_SIDEWALK,
    CW_LANE_BORDER,
    CW_LANE_STOP,
    CW_LANE_MEDIAN,
    CW_LANE_BIKING,
    CW_LANE_PARKING,
    CW_LANE_RESTRICTED,
    CW_LANE_CURB,
    CW_LANE_WALKING,
    CW_LANE_ENTRY,
    CW_LANE_EXIT,
    CW_LANE_ON_RAMP,
    CW_LANE_OFF_RAMP,
    CW_LANE_CONNECTING_RAMP,
    CW_LANE_BIDIRECTIONAL,
    CW_LANE_BUS,
    CW_LANE_TAXI,
    CW_LANE_HOV,
    CW_LANE_RAIL,
    CW_LANE_TRAM,
    CW_LANE_SPECIAL,
    CW_LANE_CROSSWALK,
    CW_LANE_KINDS
} cw_lane_kind;

typedef enum cw_mark_kind {
    CW_MARK_NONE,
    CW_MARK_SOLID,
    CW_MARK_BROKEN,
    CW_MARK_SOLID_SOLID,
    CW_MARK_SOLID_BROKEN,
    CW_MARK_BROKEN_SOLID,
    CW_MARK_BROKEN_BROKEN,
    CW_MARK_BOTTS_DOTS,
    CW_MARK_GRASS,
    CW_MARK_CURB,
    CW_MARK_EDGE,
    CW_MARK_CUSTOM
} cw_mark_kind;

typedef enum cw_mark_color {
    CW_COLOR_STANDARD,
    CW_COLOR_WHITE,
    CW_COLOR_YELLOW,
    CW_COLOR_BLUE,
    CW_COLOR_GREEN,
    CW_COLOR_RED,
    CW_COLOR_ORANGE,
    CW_COLOR_VIOLET,
    CW_COLOR_BLACK
} cw_mark_color;

enum { CW_CHANGE_INCREASE = 1, CW_CHANGE_DECREASE = 2, CW_CHANGE_BOTH = 3 }; // by lane id, as OpenDRIVE counts

// A road mark on the outer border of a lane, from s on.
typedef struct cw_road_mark {
    double s;            // road s, m
    uint8_t kind, color; // cw_mark_kind, cw_mark_color
    uint8_t change;      // CW_CHANGE_* allowed across it
    bool bold;
    float width; // m
} cw_road_mark;

typedef struct cw_speed_record {
    double s;    // road s, m
    float limit; // m/s; 0: none stated; INFINITY: "no limit"
} cw_speed_record;

typedef struct cw_grip_record { // of a lane's surface material
    double s;                   // road s, m
    float friction;             // coefficient, dry; 0: none stated
} cw_grip_record;

typedef enum cw_link_kind { CW_LINK_NONE, CW_LINK_ROAD, CW_LINK_JUNCTION } cw_link_kind;

typedef struct cw_road_link {
    uint8_t kind;   // cw_link_kind
    bool at_end;    // road: contact point of the other road is its end
    uint32_t index; // road or junction
} cw_road_link;

typedef struct cw_road {
    const char *id;                                      // the file's own
    const char *name;                                    // "" where the file has none
    double length;                                       // m
    bool left_hand;                                      // traffic keeps left
    uint32_t junction;                                   // CW_NONE when outside junctions
    cw_span geometry, elevation, superelevation, offset; // records, each sorted by s
    cw_span kinds;                                       // cw_road_type records
    cw_span sections;                                    // cw_section
    cw_road_link predecessor, successor;
} cw_road;

typedef struct cw_road_type {
    double s;
    uint8_t kind; // cw_road_kind
    float limit;  // m/s, 0: none stated
} cw_road_type;

// A lane section. Its lanes stand in the lane table from the leftmost (highest id) to the rightmost, centre lane 0 among
// them (kind none, width 0: it carries the centre road mark).
typedef struct cw_section {
    uint32_t road;
    double s0, s1; // m
    cw_span lanes;
    uint32_t center; // index of lane 0
} cw_section;

typedef struct cw_lane {
    uint32_t road, section;
    int32_t id;       // OpenDRIVE's: > 0 left of the reference line, < 0 right; -1 for a lanelet
    uint8_t kind;     // cw_lane_kind
    int8_t direction; // +1: traffic runs with rising s, -1: against it (side and road rule decide)
    bool both_ways;   // traffic in both directions
    bool level;
    uint32_t junction;      // of the road, CW_NONE outside
    double s0, s1;          // road s of the section, m
    double length;          // along the lane's centre line, m
    cw_span width;          // cubic records, road s; border[0..count) instead of width where is_border
    bool is_border;         // the records give the outer border's t instead of a width
    cw_span marks;          // cw_road_mark of the outer border
    cw_span limits;         // cw_speed_record
    cw_span grips;          // cw_grip_record
    uint32_t left, right;   // neighbour lanes of any kind seen along the direction of travel; CW_NONE at the edge.
                            // The centre lane is skipped.
    cw_span next, previous; // in the map's links table: lanes that follow and precede in the direction of travel
    cw_span conflicts;      // in the map's conflict table: those whose `lane` is this one
    const char *file_id;    // a lanelet's own id, else NULL
} cw_lane;

// Two lanes of one junction (or two lanelets) whose areas overlap; each pair stands twice, once from each side.
typedef struct cw_conflict {
    uint32_t lane, other;
    double s_in, s_out;         // where `lane` overlaps the other, in travel distance from the lane's start, m
    double other_in, other_out; // the same on the other lane
    int8_t priority;            // +1: `lane` has priority, -1: the other has, 0: not stated (right before left)
} cw_conflict;

typedef struct cw_junction {
    const char *id;
    uint8_t kind;  // 0 default, 1 direct, 2 virtual, 3 crossing
    cw_span roads; // in the map's index table: connecting roads
} cw_junction;

typedef enum cw_signal_kind {
    CW_SIGNAL_OTHER,
    CW_SIGNAL_LIGHT,
    CW_SIGNAL_PEDESTRIAN_LIGHT,
    CW_SIGNAL_STOP,
    CW_SIGNAL_YIELD,
    CW_SIGNAL_PRIORITY,
    CW_SIGNAL_SPEED_LIMIT,
    CW_SIGNAL_SPEED_LIMIT_END,
    CW_SIGNAL_STOP_LINE,
    CW_SIGNAL_NO_ENTRY,
    CW_SIGNAL_CROSSWALK,
    CW_SIGNAL_RIGHT_BEFORE_LEFT
} cw_signal_kind;

// A sign, a light or a stop line drawn as a signal.
typedef struct cw_signal {
    const char *id, *name;
    const char *country, *type, *subtype;
    uint8_t kind; // cw_signal_kind
    bool dynamic;
    int8_t orientation; // +1: holds for traffic with rising s, -1: against, 0: both
    uint32_t road;
    double s, t, z; // m
    double value;   // as the file states it; speed limits in m/s
    float heading, height, width;
    cw_span stops;          // cw_stop records: the lanes it holds for
    const char *controller; // id of its controller, or NULL
} cw_signal;

// Where a signal, a stop line or a yield line holds on one lane.
typedef struct cw_stop {
    uint32_t lane;
    double s;        // travel distance from the lane's start, m: where to stand at the latest
    uint32_t signal; // CW_NONE: a stop line of the map without a signal
} cw_stop;

// Lanes of a road that a signal is stated to hold for: what the stops were made of. Each signal has one for its own road.
typedef struct cw_signal_reference {
    uint32_t signal, road; // signal CW_NONE: the file named one that is not there
    double s;              // m
    int8_t orientation;
    bool own;         // the signal's own place
    cw_span validity; // in the map's validity table; 0: all lanes of the orientation
} cw_signal_reference;

typedef struct cw_validity { // lane ids from .. to
    int32_t from, to;
} cw_validity;

typedef struct cw_priority {      // who goes first at a junction, where the file states it
    uint32_t junction, high, low; // roads
} cw_priority;

typedef enum cw_object_kind {
    CW_OBJECT_OTHER,
    CW_OBJECT_CROSSWALK,
    CW_OBJECT_POLE,
    CW_OBJECT_BARRIER,
    CW_OBJECT_BUILDING,
    CW_OBJECT_OBSTACLE,
    CW_OBJECT_VEGETATION,
    CW_OBJECT_TREE,
    CW_OBJECT_PARKING,
    CW_OBJECT_ISLAND,
    CW_OBJECT_GANTRY,
    CW_OBJECT_MARK,
    CW_OBJECT_TUNNEL,
    CW_OBJECT_BRIDGE
} cw_object_kind;

// A corner of an outline as the file states it.
typedef struct cw_corner {
    bool road;   // (a, b) is road (s, t); else (u, v) in the object's frame
    double a, b; // m
} cw_corner;

// What an object's outline was made of, for those who write it down again.
typedef struct cw_shape {
    double length, width, radius;   // m, 0 where not stated; radius 0: a box
    bool strip;                     // runs along the road from the object's s to s_end: t to t_end, width to width_end
    bool stop_line;                 // traffic stands before it
    double s_end, t_end, width_end; // m
    cw_span corners;                // in the map's corner table; 0: the box or circle
} cw_shape;

// A thing beside or on the road. Its outline is a closed polygon in map coordinates.
typedef struct cw_object {
    const char *id, *name;
    uint8_t kind;
    uint32_t road;
    double s, t, z;
    float heading, height;
    bool solid;      // blocks a vehicle and sight (barriers, buildings, obstacles, poles, trees)
    cw_span outline; // cw_vec2 in the map's point table; 0 where it has no extent
    cw_span crossed; // crosswalks: cw_crossing records
    cw_shape shape;
} cw_object;

// Where a crosswalk covers a lane, travel distance from the lane's start, m.
typedef struct cw_crossing {
    uint32_t lane, object;
    double s_in, s_out;
} cw_crossing;

// ---- the map ---------------------------------------------------------------------------------------------------------

typedef struct cw_index cw_index; // spatial index, private to road

// How a map that a driver is given differs from the scene's: the same lanes, so that what was found on one holds on the
// other, but for speeds.
typedef enum cw_told { CW_TOLD_OTHER_LIMITS = 1, CW_TOLD_USUAL_LIMITS = 2, CW_TOLD_NO_BENDS = 4 } cw_told;

// Filled through a cw_map_builder (road/build.h), then const.
typedef struct cw_map {
    const char *name, *georeference; // "" where absent
    // The header's offset: add it to map coordinates to reach those of the georeference. Map coordinates are the file's
    // own, so that world positions of a scenario agree with them.
    double origin_x, origin_y, origin_z, origin_heading;
    uint32_t road_count, section_count, lane_count, junction_count, signal_count, object_count;
    const cw_road *roads;
    const cw_section *sections;
    const cw_lane *lanes;
    const cw_junction *junctions;
    const cw_signal *signals;
    const cw_object *objects;
    const cw_geometry *geometry; // tables that the spans above point into
    const cw_cubic *cubics;
    const cw_road_type *road_types;
    const cw_road_mark *marks;
    const cw_speed_record *limits;
    uint32_t grip_count;
    const cw_grip_record *grips;
    const uint32_t *links;
    const cw_conflict *conflicts;
    uint32_t stop_count;
    const cw_stop *stops;       // sorted by lane, then s; the signals' spans lead to a copy behind stop_count
    const uint32_t *lane_stops; // lane_count + 1 offsets into stops
    uint32_t crossing_count;
    const cw_crossing *crossings;
    uint32_t reference_count, priority_count;
    const cw_signal_reference *references; // sorted by road
    const cw_validity *validity;
    const cw_priority *priorities;
    const cw_corner *corners;
    const uint32_t *indices;
    const cw_vec2 *points;
    cw_vec2 low, high; // bounding box of all roads, m
    cw_index *index;
    cw_arena *arena; // owns all of it
    uint64_t hash;   // of everything above but names and memory
    uint32_t told;   // cw_told: what a test of reasons keeps from a driver; 0 in any scene
} cw_map;

void cw_map_free(cw_map *map); // NULL is fine

// ---- geometry --------------------------------------------------------------------------------------------------------

typedef struct cw_road_point {
    double x, y, z;              // m
    double heading, pitch, roll; // rad: of the reference line's tangent; pitch > 0 downhill, roll > 0 right side down
    double curvature;            // 1/m of the reference line, > 0 to the left
} cw_road_point;

// The point at (s, t) of a road; s is clamped to the road.
void cw_road_at(const cw_map *map, uint32_t road, double s, double t, cw_road_point *out);
// The nearest point of the road's reference line: s and signed t. `hint` (or NAN) is where to start.
void cw_road_project(const cw_map *map, uint32_t road, double x, double y, double hint, double *s, double *t);

double cw_lane_width(const cw_map *map, uint32_t lane, double s);    // at road s, m
double cw_lane_center_t(const cw_map *map, uint32_t lane, double s); // t of the lane's centre at road s, m
void cw_lane_borders(const cw_map *map, uint32_t lane, double s, double *t_right, double *t_left); // t, low and high, m
float cw_lane_friction(const cw_map *map, uint32_t lane, double s); // of its material, dry, at road s; 0: none stated
float cw_lane_limit(const cw_map *map, uint32_t lane, double s);    // m/s at road s: lane's, else road's; 0 unknown
// The road mark on the left or right border (seen along the direction of travel) at road s; NULL where none is.
const cw_road_mark *cw_lane_mark(const cw_map *map, uint32_t lane, double s, bool left);
bool cw_lane_drivable(const cw_lane *lane); // cars may drive on it: driving, ramps, entry, exit, bus, bidirectional...
// Does the marking (or the file's adjacency) allow a change to that side at road s?
bool cw_lane_may_change(const cw_map *map, uint32_t lane, double s, bool left);

// Does the neighbour on that side run the same way? False where there is none.
bool cw_lane_same_way(const cw_map *map, uint32_t lane, bool left);

// The successor that turns least; drivable where the lane is. CW_NONE: the lane ends.
uint32_t cw_lane_straight_on(const cw_map *map, uint32_t lane);

// A place on a lane. `s` is road s; `offset` is to the left of the lane's centre *in the direction of travel*, m.
typedef struct cw_lane_place {
    uint32_t lane; // CW_NONE: nowhere
    double s;
    double offset;
} cw_lane_place;

// Pose on the lane with the heading of travel. z, pitch and roll through `out` where wanted (may be NULL).
cw_pose cw_lane_pose(const cw_map *map, cw_lane_place place, cw_road_point *out);
double cw_lane_travel(const cw_map *map, uint32_t lane, double s); // centre-line distance from the lane's start, m
double cw_lane_station(const cw_map *map, uint32_t lane, double travel); // inverse of cw_lane_travel
double cw_lane_curvature(const cw_map *map, uint32_t lane, double s);    // of the centre line along travel, > 0 left

// ---- locate ----------------------------------------------------------------------------------------------------------

typedef struct cw_locate {
    double x, y;
    double z;           // NAN: any level
    double heading;     // NAN: any; else lanes whose travel direction agrees are preferred where several overlap
    uint32_t kinds;     // bit set of 1u << cw_lane_kind; 0: every kind that has width
    cw_lane_place hint; // where it was a moment ago; lane CW_NONE: unknown
    bool under_only;    // where no lane lies under the point, none near by is looked for either
} cw_locate;

cw_locate cw_locate_at(double x, double y); // a query with nothing else known
// The lane under a point. False when no lane of the wanted kinds lies there; *place is then the nearest one within 5 m
// or lane CW_NONE (always, if under_only). Ties (overlapping lanes) go to the hint's lane, its successors, the better heading, the lower index.
bool cw_map_locate(const cw_map *map, const cw_locate *query, cw_lane_place *place);
// All lanes of the wanted kinds under a point, at most `most`; returns how many.
uint32_t cw_map_locate_all(const cw_map *map, const cw_locate *query, cw_lane_place *places, uint32_t most);
// Roads whose bounding box meets the rectangle, at most `most`; for drawing and walls. Returns how many.
uint32_t cw_map_roads_in(const cw_map *map, cw_vec2 low, cw_vec2 high, uint32_t *roads, uint32_t most);
uint32_t cw_map_objects_in(const cw_map *map, cw_vec2 low, cw_vec2 high, uint32_t *objects, uint32_t most);
uint32_t cw_map_find_road(const cw_map *map, const char *id);                      // CW_NONE: no such road
uint32_t cw_map_find_lane(const cw_map *map, uint32_t road, int32_t id, double s); // CW_NONE: no such lane there
uint32_t cw_map_find_signal(const cw_map *map, const char *id);

// ---- the drivable area -----------------------------------------------------------------------------------------------

// Stations from s0 to s1 of a section, at most `longest` m apart, such that straight lines between them are nowhere farther
// than `tolerance` m from any border of a lane. Writes the first `most`; returns how many there are.
uint32_t cw_section_stations(const cw_map *map, uint32_t section, double tolerance, double longest, double *out,
                             uint32_t most);

// Where cars may drive (cw_lane_drivable), whatever the level: within 1 cm of the lanes' borders. NULL when memory is out.
typedef struct cw_area cw_area;
cw_area *cw_area_new(const cw_map *map);
void cw_area_free(cw_area *area); // NULL is fine
bool cw_area_holds(const cw_area *area, double x, double y);
bool cw_area_holds_box(const cw_area *area, const cw_box *box); // all four corners

// ---- route -----------------------------------------------------------------------------------------------------------

// A sequence of lanes in travel order; from one to the next by a link or, in parallel, by a lane change.
typedef struct cw_route {
    uint32_t count;
    const uint32_t *lanes;
    double length; // m, along the lanes, changes count 0
} cw_route;

// Shortest way by travel distance (a lane change costs as much as 50 m) over drivable lanes. `arena` holds the result.
// False when there is none or memory is out.
bool cw_route_find(const cw_map *map, cw_lane_place from, cw_lane_place to, cw_arena *arena, cw_route *out);
// Follow the lane for at least `length` m: straightest successor first; stops where the road does.
bool cw_route_ahead(const cw_map *map, cw_lane_place from, double length, cw_arena *arena, cw_route *out);

// ---- path ------------------------------------------------------------------------------------------------------------

// A route's centre line sampled at equal steps of arc length: what a driver drives along, and what a scripted actor
// follows. Where the route changes lane the path does so with a smooth curve over `change_length`.
typedef struct cw_path {
    uint32_t count;
    double step;                      // m between samples
    double length;                    // (count - 1) * step
    const double *x, *y;              // m
    const float *z, *slope;           // m, rad (> 0 uphill)
    const float *heading, *curvature; // rad (unwrapped along the path), 1/m
    const float *left, *right;        // distance from the path to the borders of its own lane, m, both >= 0
    const float *limit;               // m/s; 0 unknown
    const uint32_t *lane;             // lane under the sample
    const double *lane_travel;        // travel distance on that lane, m
} cw_path;

// step 0: 1 m. Starts at `from` (on the first lane) and ends at road s `end` of the last lane (NAN: its end).
bool cw_path_along(const cw_map *map, const cw_route *route, cw_lane_place from, double end, double step,
                   double change_length, cw_arena *arena, cw_path *out);
// Nearest point on the path: s along it and d to its left. `hint`: where to look (m), NAN: everywhere.
void cw_path_project(const cw_path *path, double x, double y, double hint, double *s, double *d);
// Pose at (s, d); extrapolates straight on beyond the ends.
cw_pose cw_path_pose(const cw_path *path, double s, double d);
double cw_path_curvature(const cw_path *path, double s);

#endif
