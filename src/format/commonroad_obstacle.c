// CommonRoad's obstacles: static, dynamic, environment and phantom, with trajectories or occupancy sets.
#include "commonroad.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

// ---- kinds -----------------------------------------------------------------------------------------------------------

static cw_actor_kind kind_of(const char *type, bool is_static) {
    static const struct {
        const char *name;
        cw_actor_kind kind;
    } kinds[] = {
        {"car", CW_ACTOR_CAR},         {"parkedVehicle", CW_ACTOR_CAR},     {"priorityVehicle", CW_ACTOR_CAR},
        {"taxi", CW_ACTOR_CAR},        {"truck", CW_ACTOR_TRUCK},           {"bus", CW_ACTOR_BUS},
        {"bicycle", CW_ACTOR_BICYCLE}, {"pedestrian", CW_ACTOR_PEDESTRIAN}, {"motorcycle", CW_ACTOR_MOTORCYCLE},
        {"train", CW_ACTOR_TRAIN}};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (strcmp(type, kinds[i].name) == 0)
            return kinds[i].kind;
    return is_static ? CW_ACTOR_OBSTACLE : CW_ACTOR_OTHER;
}

static double height_of(cw_actor_kind kind) {
    switch (kind) {
    case CW_ACTOR_TRUCK:
    case CW_ACTOR_BUS:
    case CW_ACTOR_TRAIN:
        return 3.2;
    case CW_ACTOR_PEDESTRIAN:
    case CW_ACTOR_BICYCLE:
        return 1.75;
    default:
        return 1.5;
    }
}

// The file places boxes by their middle. Vehicles are placed by the rear axle here, which lies about 0.29 of the length
// behind the middle of a car; what does not steer stays with its middle.
static double center_of(cw_actor_kind kind, double length) {
    switch (kind) {
    case CW_ACTOR_CAR:
    case CW_ACTOR_VAN:
    case CW_ACTOR_TRUCK:
    case CW_ACTOR_BUS:
        return 0.29 * length;
    case CW_ACTOR_MOTORCYCLE:
    case CW_ACTOR_BICYCLE:
        return 0.3 * length;
    default:
        return 0;
    }
}

// ---- states ----------------------------------------------------------------------------------------------------------

typedef struct obstacle {
    cw_actor *actor;
    cr_shape shape; // in the obstacle's own frame
    cw_sample *samples;
    uint32_t count;
    double heading; // of the last state that stated one
} obstacle;

// Puts the middle of the box at (x, y): the sample is the reference point.
static void add_sample(obstacle *o, double time, double x, double y, double heading, double speed, double half_x,
                       double half_y) {
    double sine, cosine;
    cw_sincos(heading, &sine, &cosine);
    double back = (double)o->actor->center_x;
    cw_sample sample = {.time = time,
                        .x = x - back * cosine,
                        .y = y - back * sine,
                        .heading = (float)cw_wrap_angle(heading),
                        .speed = (float)speed,
                        .half_x = (float)half_x,
                        .half_y = (float)half_y};
    o->heading = heading;
    // States out of order or twice at one time: kept sorted, the later one holds.
    uint32_t at = o->count;
    while (at > 0 && o->samples[at - 1].time > time + 1e-9)
        at--;
    if (at > 0 && fabs(o->samples[at - 1].time - time) <= 1e-9) {
        o->samples[at - 1] = sample;
        return;
    }
    memmove(&o->samples[at + 1], &o->samples[at], (o->count - at) * sizeof *o->samples);
    o->samples[at] = sample;
    o->count++;
}

static double middle(cr_range range) {
    return 0.5 * (range.low + range.high);
}

static void half_extent(const cr_shape *shape, double *half_x, double *half_y) {
    double sine, cosine;
    cw_sincos(shape->heading, &sine, &cosine);
    *half_x = 0.5 * (fabs(cosine) * shape->length + fabs(sine) * shape->width);
    *half_y = 0.5 * (fabs(sine) * shape->length + fabs(cosine) * shape->width);
}

static bool read_state(cr_reader *r, const cw_node *state, obstacle *o) {
    cr_range time, heading, speed, side;
    double half_x = 0, half_y = 0;
    cw_vec2 point;
    if (!cr_time_of(r, state, &time))
        return false;
    const cw_node *position = cw_node_child(state, "position");
    if (position == NULL)
        return cr_fail(r, state, CW_ERR_INPUT, "<%s> has no <position>", state->name);
    const cw_node *exact = cw_node_child(position, "point");
    if (exact != NULL) {
        if (!cr_point(r, exact, &point, NULL))
            return false;
    } else {
        cr_shape area;
        if (!cr_shape_of(r, position, &area))
            return false;
        if (area.kind == CR_NO_SHAPE)
            return cr_fail(r, position, CW_ERR_INPUT, "<position> holds neither a point nor a shape");
        point = (cw_vec2){area.x, area.y};
        half_extent(&area, &half_x, &half_y);
    }
    const cw_node *turn = cw_node_child(state, "orientation"), *along = cw_node_child(state, "velocity"),
                  *across = cw_node_child(state, "velocityY");
    heading = (cr_range){o->heading, o->heading};
    speed = (cr_range){NAN, NAN};
    if ((turn != NULL && !cr_range_of(r, turn, &heading)) || (along != NULL && !cr_range_of(r, along, &speed)))
        return false;
    if (fabs(heading.low) > 1e5 || fabs(heading.high) > 1e5)
        return cr_fail(r, turn, CW_ERR_INPUT, "the orientation is out of range");
    double value = middle(speed), angle = middle(heading);
    if (across != NULL && along != NULL && turn == NULL) { // a point mass: its velocity is a vector in the plane
        if (!cr_range_of(r, across, &side))
            return false;
        double vx = value, vy = middle(side);
        value = cw_hypot(vx, vy);
        if (value > 0.1)
            angle = cw_atan2(vy, vx);
    }
    double box = angle + o->shape.heading, sine, cosine;
    cw_sincos(angle, &sine, &cosine);
    add_sample(o, middle(time), point.x + cosine * o->shape.x - sine * o->shape.y,
               point.y + sine * o->shape.x + cosine * o->shape.y, box, value, half_x, half_y);
    o->heading = angle;
    return true;
}

static bool read_occupancy(cr_reader *r, const cw_node *node, obstacle *o) {
    cr_range time;
    cr_shape area;
    if (!cr_time_of(r, node, &time) || !cr_shape_of(r, node, &area))
        return false;
    if (area.kind == CR_NO_SHAPE)
        return cr_fail(r, node, CW_ERR_INPUT, "<occupancy> has no shape");
    double half_x, half_y, own_x, own_y;
    bool directed = area.kind == CR_RECTANGLE;
    double heading = directed ? area.heading : o->heading;
    half_extent(&area, &half_x, &half_y);
    cr_shape own = {.heading = o->shape.kind == CR_CIRCLE ? 0 : heading, // a circle is as wide all around
                    .length = (double)o->actor->length,
                    .width = (double)o->actor->width};
    half_extent(&own, &own_x, &own_y);
    // Where the area is larger than the body, the body may be anywhere within.
    add_sample(o, middle(time), area.x, area.y, heading, NAN, cw_max(half_x - own_x, 0), cw_max(half_y - own_y, 0));
    return true;
}

// ---- one obstacle ----------------------------------------------------------------------------------------------------

static bool set_body(cr_reader *r, obstacle *o) {
    cw_actor *a = o->actor;
    const cr_shape *shape = &o->shape;
    a->length = (float)cw_max(shape->length, 0.01);
    a->width = (float)cw_max(shape->width, 0.01);
    a->height = (float)height_of((cw_actor_kind)a->kind);
    a->center_z = 0.5F * a->height;
    a->center_x = (float)center_of((cw_actor_kind)a->kind, shape->length);
    uint32_t n = shape->kind == CR_POLYGON ? shape->point_count : shape->kind == CR_CIRCLE ? 12 : 0;
    if (n == 0)
        return true;
    cw_vec2 *outline = cr_alloc(r, r->scene->arena, n, sizeof *outline);
    if (outline == NULL)
        return false;
    for (uint32_t i = 0; i < n; i++) {
        double x, y;
        if (shape->kind == CR_POLYGON) {
            x = shape->points[i].x - shape->x;
            y = shape->points[i].y - shape->y;
        } else {
            cw_sincos(2 * CW_PI * i / n, &y, &x);
            x *= 0.5 * shape->length;
            y *= 0.5 * shape->length;
        }
        outline[i] = (cw_vec2){x + (double)a->center_x, y};
    }
    a->outline = outline;
    a->outline_count = n;
    return true;
}

static size_t count_of(const cw_node *node, const char *name) {
    size_t n = 0;
    for (const cw_node *c = node != NULL ? cw_node_child(node, name) : NULL; c != NULL; c = cw_node_next(c, name))
        n++;
    return n;
}

static bool read_motion(cr_reader *r, const cw_node *node, obstacle *o) {
    const cw_node *initial = cw_node_child(node, "initialState"), *trajectory = cw_node_child(node, "trajectory"),
                  *set = cw_node_child(node, "occupancySet");
    size_t most = 1 + count_of(trajectory, "state") + count_of(set, "occupancy");
    o->samples = cr_alloc(r, r->scene->arena, most, sizeof *o->samples);
    if (o->samples == NULL)
        return false;
    if (initial != NULL && !read_state(r, initial, o))
        return false;
    for (const cw_node *s = trajectory != NULL ? cw_node_child(trajectory, "state") : NULL; s != NULL;
         s = cw_node_next(s, "state"))
        if (!read_state(r, s, o))
            return false;
    for (const cw_node *s = set != NULL ? cw_node_child(set, "occupancy") : NULL; s != NULL;
         s = cw_node_next(s, "occupancy"))
        if (!read_occupancy(r, s, o))
            return false;
    o->actor->from_occupancy = set != NULL;
    if (cw_node_child(node, "signalSeries") != NULL || cw_node_child(node, "initialSignalState") != NULL)
        cr_notice(r, node, "signalState", "horn, brake and turn lights of a recording are read over");
    return true;
}

static bool read_obstacle(cr_reader *r, const cw_node *node, cw_actor *actor) {
    const cw_node *role = cw_node_child(node, "role"), *type = cw_node_child(node, "type");
    bool environment = strcmp(node->name, "environmentObstacle") == 0;
    bool phantom = strcmp(node->name, "phantomObstacle") == 0;
    bool is_static =
        environment || strcmp(node->name, "staticObstacle") == 0 || (role != NULL && strcmp(role->text, "static") == 0);
    const char *id = cw_node_value(node, "id");
    if (id == NULL)
        return cr_fail(r, node, CW_ERR_INPUT, "<%s> has no attribute id", node->name);
    *actor = (cw_actor){.name = cr_keep(r, id),
                        .model = type != NULL ? cr_keep(r, type->text) : "",
                        .controller = {.name = ""},
                        .trailer = CW_NONE};
    actor->kind = (uint8_t)kind_of(type != NULL ? type->text : "", is_static);
    obstacle o = {.actor = actor};
    if (!cr_shape_of(r, node, &o.shape))
        return false;
    if (o.shape.kind == CR_NO_SHAPE && phantom) { // known by where it may be alone
        const cw_node *set = cw_node_child(node, "occupancySet");
        const cw_node *first = set != NULL ? cw_node_child(set, "occupancy") : NULL;
        if (first != NULL && !cr_shape_of(r, first, &o.shape))
            return false;
        o.shape.x = o.shape.y = o.shape.heading = 0;
        o.shape.kind = o.shape.kind == CR_NO_SHAPE ? CR_NO_SHAPE : CR_RECTANGLE;
        actor->kind = CW_ACTOR_OTHER;
    }
    if (o.shape.kind == CR_NO_SHAPE)
        return cr_fail(r, node, CW_ERR_INPUT, "<%s> has no shape", node->name);
    if (!set_body(r, &o))
        return false;
    if (environment) { // its shape stands in map coordinates
        o.samples = cr_alloc(r, r->scene->arena, 1, sizeof *o.samples);
        if (o.samples == NULL)
            return false;
        add_sample(&o, 0, o.shape.x, o.shape.y, o.shape.heading, 0, 0, 0);
    } else if (!read_motion(r, node, &o)) {
        return false;
    }
    if (o.count == 0)
        return cr_fail(r, node, CW_ERR_INPUT, "<%s> is nowhere: it has neither a state nor an occupancy", node->name);
    actor->stays = is_static;
    if (!is_static && o.count == 1) {
        actor->stays = true;
        cr_notice(r, node, "dynamicObstacle", "it has no trajectory: it stands where it begins");
    }
    if (is_static)
        o.samples[0].speed = 0;
    actor->starts = o.samples[0].time <= 1e-9;
    actor->samples = o.samples;
    actor->sample_count = o.count;
    return r->status == CW_OK;
}

bool cr_read_actors(cr_reader *r) {
    static const char *const names[] = {"obstacle", "staticObstacle", "dynamicObstacle", "environmentObstacle",
                                        "phantomObstacle"};
    size_t most = 1;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        most += count_of(r->root, names[i]);
    cw_actor *actors = cr_alloc(r, r->scene->arena, most, sizeof *actors);
    if (actors == NULL)
        return false;
    uint32_t count = 1; // the first place is the ego's
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        for (const cw_node *n = cw_node_child(r->root, names[i]); n != NULL; n = cw_node_next(n, names[i])) {
            if (!read_obstacle(r, n, &actors[count]))
                return false;
            count++;
        }
    }
    r->scene->actors = actors;
    r->scene->actor_count = count;
    return true;
}
