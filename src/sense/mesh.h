// Triangles with a material each: what cameras, LiDAR and labels see of the scenery and of bodies. Positions are float32
// around an origin that the owner of the mesh states in double.
#ifndef CW_SENSE_MESH_H
#define CW_SENSE_MESH_H

#include "causeway/base.h"

// What a surface is made of: a row of cw_materials. What shines on demand (lamps of vehicles, of lights, of the street) is
// a material of its own, so that whoever draws switches its emission on per instance.
typedef enum cw_material_kind {
    CW_MAT_ASPHALT,
    CW_MAT_ASPHALT_OLD, // shoulders, hard strips, parking: paler
    CW_MAT_CONCRETE,
    CW_MAT_PAVING, // sidewalks
    CW_MAT_KERB,
    CW_MAT_BIKE_LANE,
    CW_MAT_GRAVEL, // ballast of rails
    CW_MAT_RAIL,   // steel
    CW_MAT_GRASS,
    CW_MAT_SOIL,
    CW_MAT_MARK_WHITE,
    CW_MAT_MARK_YELLOW,
    CW_MAT_MARK_BLUE,
    CW_MAT_MARK_GREEN,
    CW_MAT_MARK_RED,
    CW_MAT_MARK_ORANGE,
    CW_MAT_MARK_VIOLET,
    CW_MAT_MARK_BLACK,
    CW_MAT_MARK_WORN_WHITE, // paint through which the asphalt shows
    CW_MAT_MARK_WORN_YELLOW,
    CW_MAT_STUD, // botts' dots
    CW_MAT_PLASTER_WHITE,
    CW_MAT_PLASTER_SAND,
    CW_MAT_PLASTER_GREY,
    CW_MAT_PLASTER_ROSE,
    CW_MAT_BRICK,
    CW_MAT_FACADE_GLASS, // of offices
    CW_MAT_ROOF_TILE,
    CW_MAT_ROOF_SLATE,
    CW_MAT_ROOF_FLAT,
    CW_MAT_WINDOW,     // of buildings, dark
    CW_MAT_WINDOW_LIT, // with light behind it at night
    CW_MAT_DOOR,
    CW_MAT_WOOD,
    CW_MAT_BARK,
    CW_MAT_LEAVES,
    CW_MAT_LEAVES_DARK, // conifers
    CW_MAT_HEDGE,
    CW_MAT_GALVANISED, // guard rails, poles
    CW_MAT_POLE_DARK,  // painted poles, light housings
    CW_MAT_SIGN_WHITE,
    CW_MAT_SIGN_RED,
    CW_MAT_SIGN_YELLOW,
    CW_MAT_SIGN_BLUE,
    CW_MAT_SIGN_GREEN,
    CW_MAT_SIGN_BLACK,
    CW_MAT_SIGN_BACK,
    CW_MAT_SIGNAL_RED, // lenses of traffic lights: shine by the signal's state
    CW_MAT_SIGNAL_YELLOW,
    CW_MAT_SIGNAL_GREEN,
    CW_MAT_STREET_LAMP, // shines at night
    CW_MAT_PAINT,       // of a body: colour by instance (cw_paint)
    CW_MAT_TRIM,        // black plastic
    CW_MAT_CHROME,
    CW_MAT_GLASS, // of vehicles
    CW_MAT_RUBBER,
    CW_MAT_WHEEL_RIM,
    CW_MAT_UNDERBODY,
    CW_MAT_PLATE,        // number plates
    CW_MAT_LAMP_HEAD,    // shines at night
    CW_MAT_LAMP_TAIL,    // red; shines faintly at night
    CW_MAT_LAMP_BRAKE,   // red; CW_LAMP_BRAKE
    CW_MAT_LAMP_LEFT,    // amber; CW_LAMP_LEFT or CW_LAMP_HAZARD
    CW_MAT_LAMP_RIGHT,   // amber; CW_LAMP_RIGHT or CW_LAMP_HAZARD
    CW_MAT_LAMP_REVERSE, // white; CW_LAMP_REVERSE
    CW_MAT_CARGO_WHITE,  // box bodies, tarpaulins
    CW_MAT_SKIN,
    CW_MAT_HAIR,
    CW_MAT_CLOTH_UPPER, // colour by instance (cw_cloth)
    CW_MAT_CLOTH_LOWER, // colour by instance (cw_cloth)
    CW_MAT_SHOE,
    CW_MAT_HELMET,
    CW_MAT_FUR,
    CW_MAT_CARDBOARD,
    CW_MAT_CONE, // fluorescent orange
    CW_MAT_STRIPE_RED,
    CW_MAT_STRIPE_WHITE, // of barriers and cones
    CW_MAT_PAINT_WHITE,  // of bodies that belong to the scenery: parked cars
    CW_MAT_PAINT_BLACK,
    CW_MAT_PAINT_SILVER,
    CW_MAT_PAINT_BLUE,
    CW_MAT_PAINT_RED,
    CW_MAT_KINDS
} cw_material_kind;

typedef struct cw_material {
    const char *name;
    float albedo[3];   // linear, 0..1
    float roughness;   // 0 mirror .. 1 matt
    float metallic;    // 0..1
    float emission[3]; // linear, relative to the albedo of a white wall in daylight; where switched on
} cw_material;

extern const cw_material cw_materials[CW_MAT_KINDS];

// Linear colours of what has one by instance, a function of its number alone.
void cw_paint(uint32_t instance, float out[3]);
void cw_cloth(uint32_t instance, bool lower, float out[3]);

// Semantic classes of labels.
typedef enum cw_class {
    CW_CLASS_NONE,
    CW_CLASS_SKY, // never in a mesh
    CW_CLASS_ROAD,
    CW_CLASS_MARKING,
    CW_CLASS_SIDEWALK,
    CW_CLASS_TERRAIN,
    CW_CLASS_VEGETATION,
    CW_CLASS_BUILDING,
    CW_CLASS_BARRIER, // guard rails, walls, fences
    CW_CLASS_BRIDGE,
    CW_CLASS_POLE,
    CW_CLASS_TRAFFIC_LIGHT,
    CW_CLASS_TRAFFIC_SIGN,
    CW_CLASS_OBJECT, // whatever else stands still
    CW_CLASS_RAIL,
    CW_CLASS_CAR,
    CW_CLASS_VAN,
    CW_CLASS_TRUCK,
    CW_CLASS_BUS,
    CW_CLASS_TRAILER,
    CW_CLASS_TRAIN,
    CW_CLASS_MOTORCYCLE,
    CW_CLASS_BICYCLE,
    CW_CLASS_RIDER,
    CW_CLASS_PEDESTRIAN,
    CW_CLASS_ANIMAL,
    CW_CLASS_CONE,
    CW_CLASS_CARGO,
    CW_CLASSES
} cw_class;

const char *cw_class_name(cw_class of); // "road", "marking", ...

typedef struct cw_mesh {
    uint32_t vertex_count, triangle_count;
    const float (*position)[3]; // (vertices), m: x east or forward, y north or left, z up
    const float (*normal)[3];   // (vertices), unit, towards the side from which it is seen
    const uint32_t (*index)[3]; // (triangles), counter-clockwise seen from outside
    const uint8_t *material;    // (triangles), cw_material_kind
    const uint8_t *semantic;    // (triangles), cw_class
    const uint32_t *object;     // (triangles), scenery: row of its objects; models: 0
} cw_mesh;

// ---- building --------------------------------------------------------------------------------------------------------

// Grows a mesh. Zeroed (but for `frame`, see cw_builder_begin) before use; everything is dropped by cw_builder_free.
typedef struct cw_mesh_builder {
    float (*position)[3], (*normal)[3];
    uint32_t (*index)[3];
    uint8_t *material, *semantic;
    uint32_t *object;
    size_t vertex_count, triangle_count;
    size_t position_room, normal_room, index_room, material_room, semantic_room, object_room;
    size_t triangle_limit;    // 0: UINT32_MAX / 4
    bool out_of_memory, full; // sticky; whatever is added afterwards is dropped
    // What the next triangles are.
    uint8_t now_material, now_semantic;
    uint32_t now_object;
    // What is added is moved by this rigid frame first (cw_builder_frame): columns x, y, z and the place.
    double frame[3][3], place[3];
} cw_mesh_builder;

void cw_builder_begin(cw_mesh_builder *b, size_t triangle_limit);
void cw_builder_free(cw_mesh_builder *b);
// Copies the mesh into the arena and frees the builder. CW_ERR_LIMIT, CW_ERR_MEMORY.
cw_status cw_builder_finish(cw_mesh_builder *b, cw_arena *arena, cw_mesh *out, cw_error *err);

void cw_builder_material(cw_mesh_builder *b, cw_material_kind material);
void cw_builder_semantic(cw_mesh_builder *b, cw_class semantic);
// Local x forward along `heading`, z up, at a place (m, mesh frame). cw_builder_home: the mesh frame itself.
void cw_builder_frame(cw_mesh_builder *b, double x, double y, double z, double heading);
void cw_builder_home(cw_mesh_builder *b);

uint32_t cw_add_vertex(cw_mesh_builder *b, cw_vec3 position, cw_vec3 normal); // normal of any length > 0
void cw_add_triangle(cw_mesh_builder *b, uint32_t i, uint32_t j, uint32_t k); // without area: dropped
// Flat pieces with vertices of their own, counter-clockwise seen from outside.
void cw_add_flat_triangle(cw_mesh_builder *b, cw_vec3 p, cw_vec3 q, cw_vec3 r);
void cw_add_quad(cw_mesh_builder *b, cw_vec3 p, cw_vec3 q, cw_vec3 r, cw_vec3 s);
void cw_add_box(cw_mesh_builder *b, cw_vec3 low, cw_vec3 high); // all six sides
// Walls of a closed polygon (counter-clockwise) from `low` to `high`, and its roof where `lid`. Any simple polygon.
void cw_add_prism(cw_mesh_builder *b, const cw_vec2 *ring, uint32_t count, double low, double high, bool lid);
// A simple polygon, counter-clockwise, at z with upright normals; z NULL: 0.
void cw_add_polygon(cw_mesh_builder *b, const cw_vec2 *ring, const double *z, uint32_t count);
// A tube from one point to another, with smooth sides; ends open or closed by flat lids.
void cw_add_tube(cw_mesh_builder *b, cw_vec3 from, cw_vec3 to, double from_radius, double to_radius, int sides,
                 bool lids);
// An ellipsoid of half axes r. Rings >= 2 between the poles counted inclusive, sides >= 3.
void cw_add_ellipsoid(cw_mesh_builder *b, cw_vec3 centre, cw_vec3 r, int rings, int sides);

#endif
