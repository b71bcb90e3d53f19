// The way of the driver reflex: its route as points at equal steps, moved aside where the body would not have room on the lane's
// centre. Learner and driver share it.
#ifndef CW_DRIVE_REFLEX_WAY_H
#define CW_DRIVE_REFLEX_WAY_H

#include "causeway/road.h"

#define CW_WAY_STEP 2.0 // m from one point to the next

typedef struct cw_way_point {
    double x, y;       // m, map frame
    float ux, uy;      // direction
    float left, right; // m from the point to where the drivable area ends, at most CW_WAY_ROOM
    uint32_t lane;     // under it before it was moved, CW_NONE: none
    float travel;      // m along that lane
    float aside;       // m by which it was moved to the left
} cw_way_point;

typedef struct cw_way_meeting { // a lane whose traffic crosses the way or joins it
    uint32_t lane;
    float from, to;         // m along the way, where it does
    float its_from, its_to; // m along the lane; beyond its end where another lane after it does
    int8_t priority;        // +1: the way has it, -1: the other, 0: nothing says so
    bool may;               // its traffic may take another turn
} cw_way_meeting;

enum { CW_WAY_ROOM = 4, CW_WAY_MEETINGS = 192 };

// The meetings of a way whose points know their lanes: at most `most`; returns how many.
uint32_t cw_way_meetings(const cw_map *map, const cw_way_point *points, uint32_t count, cw_way_meeting *out,
                         uint32_t most);

// Measures the room beside each of the points, and moves them: to the inside of bends where the body's front would swing out
// beyond its side of the road, and away from where its sides would leave the drivable area. `area` is the map's; NULL: asks the
// lanes, which takes longer. length, width of the body, m.
void cw_way_settle(const cw_map *map, const cw_area *area, float length, float width, cw_way_point *points,
                   uint32_t count);

typedef struct cw_way_foot { // on the way
    uint32_t sample;
    double s, left; // m along it, m to the left of it
    double turn;    // sine of the heading against it
} cw_way_foot;

// The foot of a place on the way near a sample of it.
cw_way_foot cw_way_foot_at(const cw_way_point *points, uint32_t count, uint32_t sample, double x, double y, double sine,
                           double cosine);
// The place s m along the way; straight on beyond its ends.
cw_vec2 cw_way_at(const cw_way_point *points, uint32_t count, double s);
// The sample nearest to s.
const cw_way_point *cw_way_near(const cw_way_point *points, uint32_t count, double s);

#endif
