// What the files of the scenery share. Private to them.
#ifndef CW_SENSE_SCENERY_PARTS_H
#define CW_SENSE_SCENERY_PARTS_H

#include "sense/scenery.h"

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
    double *stations; // scratch
    size_t station_room;
    bool out_of_memory;
} scenery;

// One lane of a cross section: its edges in mesh coordinates, lift included.
typedef struct lane_edge {
    double t[2];     // low (right), high (left), road t, m
    cw_vec3 edge[2]; // m, mesh frame
} lane_edge;

// The lanes of a section at road s, from the leftmost to the rightmost as they stand in the map. `out` has room for all.
void scenery_profile(const scenery *of, uint32_t section, double s, lane_edge *out);
// Stations of a section at which its surface is cut: between them chords leave curves, borders and heights by no more
// than the tolerance. Into of->stations; returns how many (0: memory is out).
uint32_t scenery_stations(scenery *of, uint32_t section, double longest);
cw_vec3 scenery_place(const scenery *of, uint32_t road, double s, double t); // mesh frame
cw_material_kind scenery_lane_material(uint8_t lane_kind, cw_class *semantic);
uint8_t scenery_road_kind(const cw_map *map, uint32_t road, double s); // cw_road_kind there

void scenery_surfaces(scenery *of);

#endif
