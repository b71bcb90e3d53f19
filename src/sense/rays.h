// The inside of cw_rays: what the tracing kernels read. Positions are float32 relative to `origin`.
#ifndef CW_SENSE_RAYS_H
#define CW_SENSE_RAYS_H

#include "causeway/camera.h"
#include "embree.h"
#include "light.h"
#include "mesh.h"
#include "model.h"
#include "scenery.h"

#ifdef CW_HAVE_EMBREE

// Materials whose look depends on whose they are have a slot; the palette holds a row for each slot of each owner.
typedef enum rays_slot {
    SLOT_PAINT,
    SLOT_UPPER,
    SLOT_LOWER,
    SLOT_HEAD,
    SLOT_TAIL,
    SLOT_BRAKE,
    SLOT_LEFT,
    SLOT_RIGHT,
    SLOT_REVERSE,
    BODY_SLOTS,
    SLOT_RED = 0, // of a traffic light
    SLOT_YELLOW,
    SLOT_GREEN,
    SIGNAL_SLOTS,
    NO_SLOT = 255
} rays_slot;

enum { LOOK_FLOATS = 8, PLACE_FLOATS = 12 };

// A row of the palette: albedo, roughness, emission, metallic.
typedef struct rays_look {
    float albedo[3], roughness, emission[3], metallic;
} rays_look;

// A rigid mesh in a frame of its own.
typedef struct rays_shape {
    const float (*position)[3];
    const uint32_t (*index)[3];
    uint32_t vertex_count, triangle_count;
    uint32_t first; // its first triangle in the tables
} rays_shape;

// A moving piece of a body: the body itself, a wheel, or the pose of a gait.
typedef struct rays_piece {
    uint8_t kind; // cw_part_kind
    float pivot[3], radius;
    uint32_t shape; // of the poses: the standing one, then those of the gait
} rays_piece;

typedef struct rays_model {
    cw_model_def def;
    cw_model model; // its meshes stay for their bounding box and normals
    uint32_t piece_count, pose_count, pose_first;
    rays_piece *pieces;
} rays_model;

typedef struct rays_body { // of an actor
    bool made, shown;
    uint32_t model, first_place; // row of `places` of its first piece
} rays_body;

// A shape somewhere: Embree holds its triangles as they stand now, so that a ray meets one tree over everything and is
// never turned into the frame of a body. Its row in the tables has the number of its geometry. Row 0: the scenery.
typedef struct rays_place {
    RTCGeometry geometry;
    uint32_t shape; // CW_NONE: none yet
    uint32_t owner; // actor; CW_NONE: scenery
    uint8_t mask;
    bool enabled;
} rays_place;

struct cw_rays {
    cw_rays_def def;
    cw_isa isa;
    embree embree;
    RTCDevice device;
    cw_arena *arena;    // models
    cw_scenery scenery; // objects and lamps; its mesh
    cw_arena *scenery_arena;
    double origin[3];
    // Triangles of all shapes.
    uint32_t triangle_count;
    size_t info_room, normal_room, object_room;
    uint32_t *info;     // material | semantic << 8 | slot << 16 | shines << 24
    float (*normal)[9]; // of the three corners, unit, frame of the shape; coarse: NULL
    uint32_t *object;   // scenery's alone: row of its objects
    rays_shape *shapes;
    size_t shape_count, shape_room;
    rays_model *models;
    size_t model_count, model_room;
    rays_body *bodies; // (actor_count)
    // Where the shapes are.
    RTCScene top;
    rays_place *places;
    size_t place_count, place_room, frame_room, before_room, first_room, look_room, label_room;
    float (*frame)[PLACE_FLOATS];  // now: rows of the rotation from the shape's frame, then the place, m
    float (*before)[PLACE_FLOATS]; // the same at the moment before
    uint32_t *first;               // first triangle of its shape
    uint32_t *label;               // of its owner, as cw_image.instance has it; the scenery's: 0
    uint32_t *look_first;          // first row of its owner in the palette
    // The palette: materials, then the slots of all actors, then those of all traffic lights.
    rays_look *palette;
    uint32_t palette_count, *object_look; // (scenery.object_count): first row; 0: none
    // The moment.
    bool set, cut;
    int64_t time_ns, before_ns;
    cw_figure *figures, *figures_before; // (actor_count)
    cw_light_field light;
    uint32_t carrier; // whose body is left out of what cameras see at first hand; CW_NONE
    uint32_t single;  // whose body alone rays of SINGLE_MASK meet; CW_NONE
    bool dirty;       // the top scene waits for its commit
};

// Which rays meet a body: those of a camera, those that go on from there, those that look for one body alone.
enum { SEEN_MASK = 1, SHADOW_MASK = 2, SINGLE_MASK = 4 };

// Commits the top scene for pictures from this carrier, and for rays that meet `single` alone (CW_NONE: whom they met last).
void rays_ready(cw_rays *rays, uint32_t carrier, uint32_t single);
// Transform of an actor's frame: rows of the rotation to the map frame and its place relative to origin.
void rays_frame_of(const cw_rays *rays, const cw_figure *figure, float frame[PLACE_FLOATS]);

#endif
#endif
