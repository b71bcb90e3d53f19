// CommonRoad's planning problem: the ego car, where it starts and what counts as its goal.
#include "commonroad.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

// ---- the ego ---------------------------------------------------------------------------------------------------------

// CommonRoad's vehicle 2, a BMW 320i, by its published parameters. A state's position is the middle of the box; the axles
// are taken to lie alike from both ends.
static void set_car(cw_actor *car) {
    *car = (cw_actor){.name = "ego",
                      .model = "BMW 320i",
                      .kind = CW_ACTOR_CAR,
                      .length = 4.508F,
                      .width = 1.61F,
                      .height = 1.42F,
                      .center_x = 1.289F,
                      .center_z = 0.71F,
                      .wheelbase = 2.578F,
                      .front_axle_x = 2.578F,
                      .mass = 1093.3F,
                      .max_speed = 50.8F,
                      .max_accel = 11.5F,
                      .max_brake = 11.5F,
                      .max_steer = 1.066F,
                      .starts = true,
                      .controller = {.name = ""},
                      .trailer = CW_NONE};
}

static double middle(cr_range range) {
    return 0.5 * (range.low + range.high);
}

static bool optional(cr_reader *r, const cw_node *state, const char *name, double *value) {
    const cw_node *node = cw_node_child(state, name);
    cr_range range;
    if (node == NULL)
        return true;
    if (!cr_range_of(r, node, &range))
        return false;
    *value = middle(range);
    return true;
}

static bool read_start(cr_reader *r, const cw_node *state, const cw_actor *ego) {
    cw_scene *scene = r->scene;
    const cw_node *position = cw_node_child(state, "position");
    cw_vec2 point;
    if (position == NULL)
        return cr_fail(r, state, CW_ERR_INPUT, "<initialState> has no <position>");
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
        cr_notice(r, position, "initialState", "an uncertain start is taken at its middle");
        point = (cw_vec2){area.x, area.y};
    }
    double heading = 0, speed = 0, yaw_rate = 0, steer = 0;
    if (!optional(r, state, "orientation", &heading) || !optional(r, state, "velocity", &speed) ||
        !optional(r, state, "yawRate", &yaw_rate) || !optional(r, state, "steeringAngle", &steer))
        return false;
    if (fabs(heading) > 1e5)
        return cr_fail(r, state, CW_ERR_INPUT, "the orientation is out of range");
    double sine, cosine;
    cw_sincos(heading, &sine, &cosine);
    scene->start_x = point.x - (double)ego->center_x * cosine;
    scene->start_y = point.y - (double)ego->center_x * sine;
    scene->start_heading = (float)cw_wrap_angle(heading);
    scene->start_speed = (float)speed;
    scene->start_yaw_rate = (float)yaw_rate;
    scene->start_steer = (float)steer;
    scene->has_start = true;
    return true;
}

// ---- goals -----------------------------------------------------------------------------------------------------------

static bool is_region(const cw_node *node) {
    return strcmp(node->name, "rectangle") == 0 || strcmp(node->name, "circle") == 0 ||
           strcmp(node->name, "polygon") == 0 || strcmp(node->name, "lanelet") == 0;
}

static uint32_t lane_by_id(const cw_map *map, const char *id) {
    for (uint32_t i = 0; i < map->lane_count; i++)
        if (map->lanes[i].file_id != NULL && strcmp(map->lanes[i].file_id, id) == 0)
            return i;
    return CW_NONE;
}

static bool read_region(cr_reader *r, const cw_node *node, cw_region *region) {
    *region = (cw_region){.lane = CW_NONE};
    if (strcmp(node->name, "lanelet") == 0) {
        const char *id = cw_node_value(node, "ref");
        region->kind = 3;
        region->lane = id != NULL ? lane_by_id(r->scene->map, id) : CW_NONE;
        return region->lane != CW_NONE || cr_fail(r, node, CW_ERR_INPUT, "the goal names a lanelet that is not there");
    }
    cr_shape shape;
    // A shape on its own: the reader of shapes looks below a node, so this one stands below a made-up parent.
    cw_node alone = *node;
    alone.next = NULL;
    cw_node parent = {.name = "position", .text = "", .line = node->line, .column = node->column, .child = &alone};
    if (!cr_shape_of(r, &parent, &shape))
        return false;
    if (shape.kind == CR_RECTANGLE) {
        region->box.x = shape.x;
        region->box.y = shape.y;
        cw_sincos(shape.heading, &region->box.uy, &region->box.ux);
        region->box.half_length = 0.5 * shape.length;
        region->box.half_width = 0.5 * shape.width;
    } else if (shape.kind == CR_CIRCLE) {
        region->kind = 1;
        region->x = shape.x;
        region->y = shape.y;
        region->radius = 0.5 * shape.length;
    } else {
        cw_vec2 *points = cr_alloc(r, r->scene->arena, shape.point_count, sizeof *points);
        if (points == NULL)
            return false;
        memcpy(points, shape.points, shape.point_count * sizeof *points);
        region->kind = 2;
        region->points = points;
        region->point_count = shape.point_count;
    }
    return true;
}

static bool read_regions(cr_reader *r, const cw_node *position, cw_goal *goal) {
    uint32_t most = 0;
    for (const cw_node *n = position->child; n != NULL; n = n->next)
        most += is_region(n);
    if (most == 0) {
        cr_notice(r, position, "goal position", "it is none of the known shapes and is read over");
        return true;
    }
    cw_region *regions = cr_alloc(r, r->scene->arena, most, sizeof *regions);
    if (regions == NULL)
        return false;
    for (const cw_node *n = position->child; n != NULL; n = n->next)
        if (is_region(n) && !read_region(r, n, &regions[goal->region_count++]))
            return false;
    goal->regions = regions;
    return true;
}

static bool read_interval(cr_reader *r, const cw_node *state, const char *name, float *low, float *high) {
    const cw_node *node = cw_node_child(state, name);
    cr_range range;
    *low = -INFINITY;
    *high = INFINITY;
    if (node == NULL)
        return true;
    if (!cr_range_of(r, node, &range))
        return false;
    *low = (float)range.low;
    *high = (float)range.high;
    return true;
}

static bool read_goal(cr_reader *r, const cw_node *state, cw_goal *goal) {
    *goal = (cw_goal){.time_high = INFINITY};
    cr_range time;
    if (cw_node_child(state, "time") != NULL) {
        if (!cr_time_of(r, state, &time))
            return false;
        goal->time_low = time.low;
        goal->time_high = time.high;
    }
    const cw_node *position = cw_node_child(state, "position");
    return read_interval(r, state, "velocity", &goal->speed_low, &goal->speed_high) &&
           read_interval(r, state, "orientation", &goal->heading_low, &goal->heading_high) &&
           (position == NULL || read_regions(r, position, goal));
}

bool cr_read_problem(cr_reader *r, const cw_node *problem, cw_actor *ego) {
    set_car(ego);
    const cw_node *state = cw_node_child(problem, "initialState");
    if (state == NULL)
        return cr_fail(r, problem, CW_ERR_INPUT, "<planningProblem> has no <initialState>");
    if (!read_start(r, state, ego))
        return false;
    uint32_t most = 0;
    for (const cw_node *g = cw_node_child(problem, "goalState"); g != NULL; g = cw_node_next(g, "goalState"))
        most++;
    cw_goal *goals = cr_alloc(r, r->scene->arena, most, sizeof *goals);
    if (goals == NULL)
        return false;
    uint32_t count = 0;
    for (const cw_node *g = cw_node_child(problem, "goalState"); g != NULL; g = cw_node_next(g, "goalState"))
        if (!read_goal(r, g, &goals[count++]))
            return false;
    if (count == 0)
        cr_notice(r, problem, "planningProblem", "it states no goal");
    r->scene->goals = goals;
    r->scene->goal_count = count;
    return true;
}

// ---- the ego's own recording -----------------------------------------------------------------------------------------

// Is this obstacle the car that the problem is about? Two cars cannot begin at one place with one heading and one speed.
static bool begins_as_ego(const cw_scene *scene, const cw_actor *ego, const cw_actor *actor) {
    if (actor->sample_count < 2 || actor->from_occupancy || !actor->starts || actor->stays)
        return false;
    const cw_sample *first = &actor->samples[0];
    double sine, cosine;
    cw_sincos((double)first->heading, &sine, &cosine);
    double dx = first->x + (double)actor->center_x * cosine, dy = first->y + (double)actor->center_x * sine;
    cw_sincos((double)scene->start_heading, &sine, &cosine);
    dx -= scene->start_x + (double)ego->center_x * cosine;
    dy -= scene->start_y + (double)ego->center_x * sine;
    return cw_hypot(dx, dy) < 0.05 && fabs(cw_wrap_angle((double)(first->heading - scene->start_heading))) < 0.01 &&
           fabsf(first->speed - scene->start_speed) < 0.05F;
}

void cr_own_recording(cr_reader *r, const cw_node *problem) {
    cw_scene *scene = r->scene;
    cw_actor *actors = (cw_actor *)(uintptr_t)scene->actors, *ego = &actors[0];
    for (uint32_t i = 1; i < scene->actor_count; i++) {
        const cw_actor *own = &actors[i];
        if (!begins_as_ego(scene, ego, own))
            continue;
        char text[160];
        snprintf(text, sizeof text, "obstacle %.40s begins as the ego does: it is the ego's own recording, not traffic",
                 own->name);
        cr_notice(r, problem, "planningProblem", text);
        // Played with --driver file, the ego's box keeps the middle that was recorded.
        cw_sample *samples = (cw_sample *)(uintptr_t)own->samples;
        double forward = (double)own->center_x - (double)ego->center_x;
        for (uint32_t k = 0; k < own->sample_count; k++) {
            double sine, cosine;
            cw_sincos((double)samples[k].heading, &sine, &cosine);
            samples[k].x += forward * cosine;
            samples[k].y += forward * sine;
        }
        ego->samples = samples;
        ego->sample_count = own->sample_count;
        memmove(&actors[i], &actors[i + 1], (scene->actor_count - i - 1) * sizeof *actors);
        scene->actor_count--;
        return;
    }
}
