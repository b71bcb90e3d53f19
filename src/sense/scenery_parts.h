// What the files of the scenery share. Private to them. Everything is in the mesh frame unless it says otherwise.
#ifndef CW_SENSE_SCENERY_PARTS_H
#define CW_SENSE_SCENERY_PARTS_H

#include "sense/scenery.h"

#define SCENERY_SUNK 0.008 // m by which lanes that are not for driving lie lower in junctions, where others cross them

// One lane of a cross section: its edges, lift included.
typedef struct lane_edge {
    double t[2];     // low (right), high (left), road t, m
    cw_vec3 edge[2]; // m
} lane_edge;

typedef struct ground ground; // scenery_ground.c
typedef struct land land;     // scenery_land.c

typedef struct scenery_circle {
    double x, y, radius; // m
} scenery_circle;

typedef struct scenery {
    const cw_scenery_def *def;
    const cw_map *map;
    cw_mesh_builder mesh;
    double origin[3];
    cw_area *drivable;
    cw_scenery_object *objects;
    size_t object_count, object_room;
    cw_street_lamp *lamps;
    size_t lamp_count, lamp_room;
    double *stations; // of all sections: `cuts` says which are whose
    size_t station_count, station_room;
    cw_span *cuts;       // (sections)
    lane_edge *profiles; // scratch: of the section asked for last
    lane_edge *row;      // scratch: one cross section
    ground *ground;
    land *land;
    scenery_circle *blocks; // what stands on the land: no tree grows there
    size_t block_count, block_room;
    bool out_of_memory;
} scenery;

// ---- geometry of the map ---------------------------------------------------------------------------------------------

bool scenery_survey(scenery *of); // fills stations and cuts. False: memory is out
// The lanes of a section at road s, from the leftmost to the rightmost as they stand in the map. `out` has room for all.
void scenery_profile(const scenery *of, uint32_t section, double s, lane_edge *out);
// (stations x lanes) at all of the section's stations; valid until the next call. NULL: the section has no length.
const lane_edge *scenery_profiles(scenery *of, uint32_t section, const double **stations, uint32_t *count);
cw_vec3 scenery_place(const scenery *of, uint32_t road, double s, double t);
cw_material_kind scenery_lane_material(uint8_t lane_kind, cw_class *semantic);
uint8_t scenery_road_kind(const cw_map *map, uint32_t road, double s); // cw_road_kind there

// ---- heights ---------------------------------------------------------------------------------------------------------

// The surfaces added so far, seen from above.
bool scenery_ground_open(scenery *of);
void scenery_ground_close(scenery *of);
// The highest surface at (x, y) within `slack` m of near_z. z and triangle may be NULL.
bool scenery_ground_at(const scenery *of, double x, double y, double near_z, double slack, double *z,
                       uint32_t *triangle);
// No surface at (x, y), nor (looked for every 2 m in eight directions) within `reach` m of it.
bool scenery_ground_free(const scenery *of, double x, double y, double reach);

bool scenery_land_open(scenery *of); // after the surfaces: fits the land to them
void scenery_land_close(scenery *of);
double scenery_land_at(const scenery *of, double x, double y); // height of the land; beyond its lattice that of its rim

void scenery_land_extent(const scenery *of, double low[2], double high[2]); // of its lattice, m

// ---- what is added ---------------------------------------------------------------------------------------------------

void scenery_surfaces(scenery *of);
void scenery_floors(scenery *of); // of junctions
void scenery_edges(scenery *of);  // banks and bridges
void scenery_land(scenery *of);
void scenery_marks(scenery *of);
void scenery_paints(scenery *of);   // crossings, stop lines, arrows, bays
void scenery_signals(scenery *of);  // signs and lights
void scenery_things(scenery *of);   // the map's objects but houses and trees
void scenery_houses(scenery *of);   // own and generated; these need the land
void scenery_roadside(scenery *of); // generated lamps and guard rails; needs the land
void scenery_trees(scenery *of);    // own and generated; after the houses

// A new object; its triangles follow. Row 0 (the ground) is there from the start.
void scenery_object(scenery *of, cw_thing thing, cw_class semantic, uint32_t index);
void scenery_on_ground(scenery *of);                                // what follows belongs to row 0
void scenery_block(scenery *of, double x, double y, double radius); // something stands there
// An object's outline in the mesh frame, counter-clockwise; 0: none, or more corners than `most`.
uint32_t scenery_ring(const scenery *of, const cw_object *object, cw_vec2 *ring, uint32_t most);
// The lowest ground (surface or land) under the corners, near a height.
double scenery_base(const scenery *of, const cw_vec2 *ring, uint32_t count, double near_z);
// A guard rail's beam with its posts, from p to q on the ground; `first`: with a post at p too.
void scenery_beam(scenery *of, cw_vec3 p, cw_vec3 q, double height, bool first);

#endif
