// What the files of synth share: the plan of a town, and the pen that draws it into a map builder. Private to synth.
//
// Everything is planned for right-hand traffic; for left-hand traffic the pen mirrors the town.
#ifndef CAUSEWAY_SYNTH_PRIVATE_H
#define CAUSEWAY_SYNTH_PRIVATE_H

#include "causeway/synth.h"
#include "road/build.h"

enum { ARMS = 4, MOST_NODES = 180, MOST_STREETS = 400, MOST_PIECES = 5 };

// ---- curves ----------------------------------------------------------------------------------------------------------

// A reference line of a few pieces, tangents meeting.
typedef struct curve {
    int count;
    cw_geometry piece[MOST_PIECES];
    double length; // m
} curve;

curve curve_line(cw_pose from, double length);
curve curve_arc(cw_pose from, double curvature, double length);
// Two arcs from pose to pose.
curve curve_between(cw_pose from, cw_pose to);
// A turn: straight, an arc between two clothoids, straight; where the poses' rays do not cross ahead, two arcs.
curve curve_turn(cw_pose from, cw_pose to);
cw_pose curve_at(const curve *c, double s, double t); // t: m to the left

// ---- plan ------------------------------------------------------------------------------------------------------------

typedef enum street_kind { SIDE_STREET, RING_STREET, MAIN_STREET, RAMP } street_kind;

typedef enum control { RIGHT_FIRST, SIGNS, LIGHTS, ROUNDABOUT, ELBOW } control;

typedef struct arm {   // where a street meets a node
    int street;        // -1: none
    bool at_end;       // the street's end is here
    int in, out;       // lanes that lead to the node and away
    double lane_width; // m
    bool walks;        // sidewalks on both sides
    street_kind kind;
    bool major; // has priority where signs say who goes first
    bool crosswalk;
} arm;

typedef struct node {
    double x, y, z, turn; // m; heading of arm 0, rad; arm k lies k quarter turns to the left of it
    double radius;        // m: where its arms end
    control control;
    arm arms[ARMS];
    int arm_count;
    int number;              // of its junction, the first of a roundabout's; an elbow's road
    const char *light[ARMS]; // signal ids; NULL: none
} node;

typedef struct street {
    int from, to, from_arm, to_arm; // nodes; -1: `outer` lies there
    int outer;                      // number of a junction of the motorway
    street_kind kind;
    int lanes_from, lanes_to; // each way, at either end
    bool one_way;             // along its direction alone
    double lane_width, limit; // m, m/s
    bool parking, walks;
    double crest; // m above the straight line between its ends, in the middle
    curve line;
    double z0, z1;
} street;

typedef struct end_spec { // what lies beyond a road's end
    cw_link_kind kind;
    int number; // road or junction; kind none: nothing
    bool at_end;
} end_spec;

typedef struct sample { // of a road's middle, for keeping houses off it
    double x, y, half;
} sample;

typedef struct town {
    cw_town_def def;
    node nodes[MOST_NODES];
    int node_count;
    street streets[MOST_STREETS];
    int street_count;
    int gate;            // the node where the road to the motorway leaves; -1: none
    double axis;         // m: y of the motorway's middle; x is the gate's
    double motorway_z;   // m
    int motorway_number; // of its first junction
    // the pen
    cw_map_builder *builder;
    int roads, junctions, things; // drawn so far; their numbers are the ids
    cw_arena *arena;              // the scene's
    sample *samples;
    size_t sample_count, sample_capacity;
    cw_signal_program *programs;
    uint32_t program_count;
    bool failed;
} town;

enum { // purposes of random numbers
    DRAW_PLACE = 1,
    DRAW_HILL,
    DRAW_GAP,
    DRAW_CONTROL,
    DRAW_STREET,
    DRAW_HOUSE,
    DRAW_TREE,
    DRAW_CAR,
    DRAW_MISSION,
    DRAW_PROGRAM
};
double draw(const town *t, int purpose, int agent, int number); // uniform in [0, 1)

static const double town_lane = 3.25, ramp_lane = 3.75, walk_width = 2, parking_width = 2.2; // m

cw_pose arm_pose(const node *n, int k); // at the arm's end, heading away from the node
// Joins two arms (a node of -1: nothing there) and gives the street's index; its line is laid later.
int plan_street(town *t, int from, int from_arm, int to, int to_arm, street_kind kind, int lanes_from, int lanes_to);
void plan_town(town *t);
void plan_interchange(town *t);     // motorway.c: terminals, bridge and ramps
void plan_ramps(town *t);           // motorway.c: their lines, once the terminals have their size
void sample_motorway(town *t);      // motorway.c
int arm_rank(const node *n, int k); // how many arms come before it
end_spec street_end(const town *t, const street *s, bool at_end);

// ---- pen -------------------------------------------------------------------------------------------------------------

typedef struct lane_spec {
    int id; // right-hand traffic; 0: the centre line's mark
    cw_lane_kind kind;
    int widths;
    cw_cubic width[5];  // their s is relative to the section
    cw_mark_kind mark;  // on the outer border
    int previous, next; // lane ids linked to; 0: none
} lane_spec;

typedef struct road_spec {
    const char *name;
    const curve *line;
    double z0, z1; // m at the ends, level there
    double crest;
    int junction; // number; -1: none
    double limit; // m/s; 0: none
    cw_road_kind kind;
} road_spec;

// Roads and junctions get their numbers in the order in which they are begun; `pen_begin_road` asserts that they agree.
uint32_t pen_begin_road(town *t, int number, const road_spec *road, end_spec before, end_spec after);
void pen_section(town *t, double s, const lane_spec *lanes, int count);
void pen_end_road(town *t);
void pen_junction(town *t, int number);
void pen_connection(town *t, int incoming, int connecting, const int (*pairs)[2], int count);
cw_cubic eased_width(double from, double to, double length); // level at both ends
// Of the road begun last. `along`: for traffic with rising s.
const char *pen_sign(town *t, const char *type, const char *name, double s, double tt, bool along, int lane_first,
                     int lane_last, bool dynamic, double height);
void pen_box(town *t, cw_object_kind kind, double s, double tt, double heading, double length, double width,
             double height);
void pen_round(town *t, cw_object_kind kind, double s, double tt, double radius, double height);
void pen_sample(town *t, const curve *line, double half);

// ---- what is drawn ---------------------------------------------------------------------------------------------------

// Numbers are given out before anything is drawn: streets have theirs by index from 1 on.
static inline int street_number(int index) {
    return index + 1;
}
void draw_street(town *t, int index);
void draw_junction(town *t, int index);
void draw_roundabout(town *t, int index);
void draw_elbow(town *t, int index);
void draw_motorway(town *t);
void furnish_street(town *t, int index); // houses, trees, parked cars: while its road is open
bool fill_scene(const town *t, cw_scene *scene, const cw_map *map); // scenario.c; false: out of memory
double street_half(const street *s, bool with_walk); // m from the middle to the kerb, or to the far side of the walk

#endif
