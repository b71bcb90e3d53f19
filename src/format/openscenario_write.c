// A scene as OpenSCENARIO XML 1.3: entities, what happens at the start, when it stops, signal programs.
#include "causeway/format.h"
#include "scribe.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct writer {
    cw_scribe pen;
    const cw_scene *scene;
    cw_status status;
    cw_error *err;
} writer;

static void refuse(writer *w, const char *what) {
    if (w->status == CW_OK)
        w->status = cw_error_set(w->err, CW_ERR_UNSUPPORTED, NULL, 0, 0, "%s cannot be written as OpenSCENARIO", what);
}

// ---- entities --------------------------------------------------------------------------------------------------------

static const char *const vehicle_categories[CW_ACTOR_KINDS] = {"car",     "van",       "truck",  "bus",
                                                               "trailer", "motorbike", "bicycle"};

static void write_box(cw_scribe *p, const cw_actor *a) {
    cw_scribe_start(p, "BoundingBox");
    cw_scribe_start(p, "Center");
    cw_scribe_number(p, "x", (double)a->center_x);
    cw_scribe_number(p, "y", (double)a->center_y);
    cw_scribe_number(p, "z", (double)a->center_z);
    cw_scribe_end(p, "Center");
    cw_scribe_start(p, "Dimensions");
    cw_scribe_number(p, "width", (double)a->width);
    cw_scribe_number(p, "length", (double)a->length);
    cw_scribe_number(p, "height", (double)a->height);
    cw_scribe_end(p, "Dimensions");
    cw_scribe_end(p, "BoundingBox");
}

static void write_properties(cw_scribe *p, uint32_t count, const cw_property *list) {
    if (count == 0)
        return;
    cw_scribe_start(p, "Properties");
    for (uint32_t i = 0; i < count; i++) {
        cw_scribe_start(p, "Property");
        cw_scribe_text(p, "name", list[i].name);
        cw_scribe_text(p, "value", list[i].value);
        cw_scribe_end(p, "Property");
    }
    cw_scribe_end(p, "Properties");
}

// What is not stated (0) is no limit.
static void limit(cw_scribe *p, const char *name, float value) {
    if (value > 0)
        cw_scribe_number(p, name, (double)value);
    else
        cw_scribe_text(p, name, "INF");
}

static void write_axle(cw_scribe *p, const char *name, double x, double steer, double track) {
    cw_scribe_start(p, name);
    cw_scribe_number(p, "maxSteering", steer);
    cw_scribe_number(p, "wheelDiameter", 0.6);
    cw_scribe_number(p, "trackWidth", track);
    cw_scribe_number(p, "positionX", x);
    cw_scribe_number(p, "positionZ", 0.3);
    cw_scribe_end(p, name);
}

static void write_vehicle(cw_scribe *p, const cw_actor *a) {
    cw_scribe_start(p, "Vehicle");
    cw_scribe_text(p, "name", a->model);
    cw_scribe_text(p, "vehicleCategory", vehicle_categories[a->kind]);
    cw_scribe_number(p, "mass", (double)a->mass);
    write_box(p, a);
    cw_scribe_start(p, "Performance");
    limit(p, "maxSpeed", a->max_speed);
    limit(p, "maxAcceleration", a->max_accel);
    limit(p, "maxDeceleration", a->max_brake);
    cw_scribe_end(p, "Performance");
    cw_scribe_start(p, "Axles");
    if (a->wheelbase > 0)
        write_axle(p, "FrontAxle", (double)a->front_axle_x, (double)a->max_steer, 0.85 * (double)a->width);
    write_axle(p, "RearAxle", 0, 0, 0.85 * (double)a->width);
    cw_scribe_end(p, "Axles");
    write_properties(p, a->property_count, a->properties);
    cw_scribe_end(p, "Vehicle");
}

static void write_other(cw_scribe *p, const cw_actor *a) {
    bool walks = a->kind == CW_ACTOR_PEDESTRIAN || a->kind == CW_ACTOR_ANIMAL;
    const char *name = walks ? "Pedestrian" : "MiscObject";
    cw_scribe_start(p, name);
    cw_scribe_text(p, "name", a->model);
    cw_scribe_text(p, walks ? "pedestrianCategory" : "miscObjectCategory",
                   !walks                       ? "obstacle"
                   : a->kind == CW_ACTOR_ANIMAL ? "animal"
                                                : "pedestrian");
    cw_scribe_number(p, "mass", (double)a->mass);
    write_box(p, a);
    write_properties(p, a->property_count, a->properties);
    cw_scribe_end(p, name);
}

static void write_entity(writer *w, const cw_actor *a) {
    cw_scribe *p = &w->pen;
    if (a->sample_count > 0)
        refuse(w, "a recorded actor");
    else if (a->trailer != CW_NONE || a->kind == CW_ACTOR_TRAILER)
        refuse(w, "a trailer");
    else if (a->kind == CW_ACTOR_TRAIN || a->kind == CW_ACTOR_OTHER)
        refuse(w, "a train or a vehicle of unknown kind");
    if (w->status != CW_OK)
        return;
    cw_scribe_start(p, "ScenarioObject");
    cw_scribe_text(p, "name", a->name);
    if (vehicle_categories[a->kind] != NULL)
        write_vehicle(p, a);
    else
        write_other(p, a);
    if (a->has_controller) {
        cw_scribe_start(p, "ObjectController");
        cw_scribe_start(p, "Controller");
        cw_scribe_text(p, "name", a->controller.name);
        cw_scribe_start(p, "Properties");
        cw_scribe_end(p, "Properties");
        cw_scribe_end(p, "Controller");
        cw_scribe_end(p, "ObjectController");
        if (a->controller.property_count > 0)
            refuse(w, "a controller with properties");
    }
    cw_scribe_end(p, "ScenarioObject");
}

// ---- what happens at the start ---------------------------------------------------------------------------------------

static void write_position(writer *w, const cw_position *at) {
    cw_scribe *p = &w->pen;
    const cw_map *map = w->scene->map;
    if ((at->kind != CW_AT_LANE && at->kind != CW_AT_WORLD) || (at->has_heading && at->kind == CW_AT_LANE)) {
        refuse(w, "a position other than on a lane or in the world");
        return;
    }
    cw_scribe_start(p, "Position");
    if (at->kind == CW_AT_LANE) {
        cw_scribe_start(p, "LanePosition");
        cw_scribe_text(p, "roadId", map->roads[at->road].id);
        cw_scribe_whole(p, "laneId", at->lane);
        cw_scribe_number(p, "s", at->s);
        if (at->has_offset)
            cw_scribe_number(p, "offset", at->offset);
        cw_scribe_end(p, "LanePosition");
    } else {
        cw_scribe_start(p, "WorldPosition");
        cw_scribe_number(p, "x", at->x);
        cw_scribe_number(p, "y", at->y);
        if (at->has_z)
            cw_scribe_number(p, "z", at->z);
        if (at->has_heading)
            cw_scribe_number(p, "h", at->heading);
        cw_scribe_end(p, "WorldPosition");
    }
    cw_scribe_end(p, "Position");
}

static void write_speed(writer *w, const cw_action *a) {
    cw_scribe *p = &w->pen;
    if (a->relative || a->dynamics.shape != CW_STEP)
        refuse(w, "a speed that is relative or changes over time");
    cw_scribe_start(p, "LongitudinalAction");
    cw_scribe_start(p, "SpeedAction");
    cw_scribe_start(p, "SpeedActionDynamics");
    cw_scribe_text(p, "dynamicsShape", "step");
    cw_scribe_text(p, "dynamicsDimension", "time");
    cw_scribe_number(p, "value", a->dynamics.value);
    cw_scribe_end(p, "SpeedActionDynamics");
    cw_scribe_start(p, "SpeedActionTarget");
    cw_scribe_start(p, "AbsoluteTargetSpeed");
    cw_scribe_number(p, "value", a->value);
    cw_scribe_end(p, "AbsoluteTargetSpeed");
    cw_scribe_end(p, "SpeedActionTarget");
    cw_scribe_end(p, "SpeedAction");
    cw_scribe_end(p, "LongitudinalAction");
}

static void write_route(writer *w, const cw_route_def *route) {
    static const char *const strategies[] = {"shortest", "fastest", "leastIntersections", "random"};
    cw_scribe *p = &w->pen;
    cw_scribe_start(p, "AssignRouteAction");
    cw_scribe_start(p, "Route");
    cw_scribe_text(p, "name", route->name);
    cw_scribe_text(p, "closed", route->closed ? "true" : "false");
    for (uint32_t i = 0; i < route->count; i++) {
        cw_scribe_start(p, "Waypoint");
        cw_scribe_text(p, "routeStrategy", strategies[route->waypoints[i].strategy]);
        write_position(w, &route->waypoints[i].position);
        cw_scribe_end(p, "Waypoint");
    }
    cw_scribe_end(p, "Route");
    cw_scribe_end(p, "AssignRouteAction");
}

static void write_action(writer *w, const cw_action *a) {
    cw_scribe *p = &w->pen;
    cw_scribe_start(p, "PrivateAction");
    if (a->kind == CW_DO_TELEPORT) {
        cw_scribe_start(p, "TeleportAction");
        write_position(w, &a->position);
        cw_scribe_end(p, "TeleportAction");
    } else if (a->kind == CW_DO_SPEED) {
        write_speed(w, a);
    } else if (a->kind == CW_DO_ACQUIRE_POSITION || a->kind == CW_DO_ASSIGN_ROUTE) {
        cw_scribe_start(p, "RoutingAction");
        if (a->kind == CW_DO_ASSIGN_ROUTE) {
            write_route(w, &w->scene->routes[a->route]);
        } else {
            cw_scribe_start(p, "AcquirePositionAction");
            write_position(w, &a->position);
            cw_scribe_end(p, "AcquirePositionAction");
        }
        cw_scribe_end(p, "RoutingAction");
    } else {
        refuse(w, "an action other than teleport, speed, route and goal");
    }
    cw_scribe_end(p, "PrivateAction");
}

static void write_swarm(writer *w, const cw_flow *f) {
    cw_scribe *p = &w->pen;
    if (!isnan(f->same_way))
        refuse(w, "a swarm with directions");
    cw_scribe_start(p, "TrafficSwarmAction");
    cw_scribe_number(p, "innerRadius", f->inner);
    cw_scribe_whole(p, "numberOfVehicles", f->count);
    cw_scribe_number(p, "offset", f->offset);
    cw_scribe_number(p, "semiMajorAxis", f->semi_major);
    cw_scribe_number(p, "semiMinorAxis", f->semi_minor);
    cw_scribe_start(p, "CentralObject");
    cw_scribe_text(p, "entityRef", w->scene->actors[f->entity].name);
    cw_scribe_end(p, "CentralObject");
    if (!isnan(f->speed_low)) {
        cw_scribe_start(p, "InitialSpeedRange");
        cw_scribe_number(p, "lowerLimit", f->speed_low);
        cw_scribe_number(p, "upperLimit", f->speed_high);
        cw_scribe_end(p, "InitialSpeedRange");
    }
    cw_scribe_end(p, "TrafficSwarmAction");
}

static void write_place(writer *w, const cw_flow *f) {
    bool source = f->kind == CW_FLOW_SOURCE;
    const char *name = source ? "TrafficSourceAction" : "TrafficSinkAction";
    cw_scribe *p = &w->pen;
    cw_scribe_start(p, name);
    cw_scribe_number(p, "radius", f->radius);
    if (isfinite(f->rate))
        cw_scribe_number(p, "rate", f->rate);
    if (source && !isnan(f->speed_low))
        cw_scribe_number(p, "speed", f->speed_low);
    write_position(w, &f->position);
    cw_scribe_end(p, name);
}

static void write_traffic(writer *w, const cw_action *a) {
    cw_scribe *p = &w->pen;
    const cw_flow *f = a->flow < w->scene->traffic.flow_count ? &w->scene->traffic.flows[a->flow] : NULL;
    if (f != NULL && f->share_count > 0)
        refuse(w, "traffic with shares of its own");
    cw_scribe_start(p, "GlobalAction");
    cw_scribe_start(p, "TrafficAction");
    cw_scribe_text(p, "trafficName", a->reference);
    if (f != NULL && f->kind == CW_FLOW_SWARM)
        write_swarm(w, f);
    else if (f != NULL && (f->kind == CW_FLOW_SOURCE || f->kind == CW_FLOW_SINK))
        write_place(w, f);
    else
        refuse(w, "traffic other than swarms, sources and sinks");
    cw_scribe_end(p, "TrafficAction");
    cw_scribe_end(p, "GlobalAction");
}

static void write_init(writer *w) {
    const cw_scene *scene = w->scene;
    cw_scribe *p = &w->pen;
    cw_scribe_start(p, "Init");
    cw_scribe_start(p, "Actions");
    uint32_t end = scene->init.first + scene->init.count, first_private = scene->init.first;
    for (; first_private < end && scene->actions[first_private].kind == CW_DO_TRAFFIC; first_private++)
        write_traffic(w, &scene->actions[first_private]);
    for (uint32_t i = first_private; i < end && w->status == CW_OK;) {
        const cw_action *first = &scene->actions[i];
        if (!first->is_private || first->actor == CW_NONE) {
            refuse(w, "a global action other than traffic, or traffic after it");
            break;
        }
        cw_scribe_start(p, "Private");
        cw_scribe_text(p, "entityRef", scene->actors[first->actor].name);
        for (; i < end && scene->actions[i].is_private && scene->actions[i].actor == first->actor; i++)
            write_action(w, &scene->actions[i]);
        cw_scribe_end(p, "Private");
    }
    cw_scribe_end(p, "Actions");
    cw_scribe_end(p, "Init");
}

// ---- when it stops ---------------------------------------------------------------------------------------------------

static const char *const rules[] = {"greaterThan",    "lessThan",    "equalTo",
                                    "greaterOrEqual", "lessOrEqual", "notEqualTo"};

static void write_distance(writer *w, const cw_condition *c) {
    static const char *const systems[] = {"entity", "lane", "road", "trajectory", "world"};
    static const char *const types[] = {"longitudinal", "lateral", "euclidianDistance"};
    cw_scribe *p = &w->pen;
    cw_scribe_start(p, "ByEntityCondition");
    cw_scribe_start(p, "TriggeringEntities");
    cw_scribe_text(p, "triggeringEntitiesRule", c->all ? "all" : "any");
    for (uint32_t i = 0; i < c->trigger_count; i++) {
        cw_scribe_start(p, "EntityRef");
        cw_scribe_text(p, "entityRef", w->scene->actors[c->triggers[i]].name);
        cw_scribe_end(p, "EntityRef");
    }
    cw_scribe_end(p, "TriggeringEntities");
    cw_scribe_start(p, "EntityCondition");
    cw_scribe_start(p, "DistanceCondition");
    cw_scribe_text(p, "coordinateSystem", systems[c->coordinates]);
    cw_scribe_text(p, "freespace", c->freespace ? "true" : "false");
    cw_scribe_text(p, "relativeDistanceType", types[c->distance]);
    cw_scribe_text(p, "rule", rules[c->rule]);
    cw_scribe_number(p, "value", c->value);
    write_position(w, &c->position);
    cw_scribe_end(p, "DistanceCondition");
    cw_scribe_end(p, "EntityCondition");
    cw_scribe_end(p, "ByEntityCondition");
}

static void write_condition(writer *w, const cw_condition *c) {
    static const char *const edges[] = {"none", "rising", "falling", "risingOrFalling"};
    cw_scribe *p = &w->pen;
    cw_scribe_start(p, "Condition");
    cw_scribe_text(p, "name", c->name);
    cw_scribe_number(p, "delay", c->delay);
    cw_scribe_text(p, "conditionEdge", edges[c->edge]);
    if (c->kind == CW_IF_DISTANCE) {
        write_distance(w, c);
    } else if (c->kind == CW_IF_SIMULATION_TIME) {
        cw_scribe_start(p, "ByValueCondition");
        cw_scribe_start(p, "SimulationTimeCondition");
        cw_scribe_text(p, "rule", rules[c->rule]);
        cw_scribe_number(p, "value", c->value);
        cw_scribe_end(p, "SimulationTimeCondition");
        cw_scribe_end(p, "ByValueCondition");
    } else {
        refuse(w, "a stop trigger that asks for more than time and distance to a place");
    }
    cw_scribe_end(p, "Condition");
}

static void write_stop(writer *w) {
    const cw_scene *scene = w->scene;
    cw_scribe *p = &w->pen;
    cw_scribe_start(p, "StopTrigger");
    for (uint32_t i = 0; i < scene->stop.groups.count && w->status == CW_OK; i++) {
        cw_span group = scene->condition_groups[scene->stop.groups.first + i].conditions;
        cw_scribe_start(p, "ConditionGroup");
        for (uint32_t k = 0; k < group.count; k++)
            write_condition(w, &scene->conditions[group.first + k]);
        cw_scribe_end(p, "ConditionGroup");
    }
    cw_scribe_end(p, "StopTrigger");
}

// ---- signals ---------------------------------------------------------------------------------------------------------

static void write_program(cw_scribe *p, const cw_signal_program *program) {
    cw_scribe_start(p, "TrafficSignalController");
    cw_scribe_text(p, "name", program->name);
    cw_scribe_number(p, "delay", program->delay);
    if (program->reference != NULL)
        cw_scribe_text(p, "reference", program->reference);
    for (uint32_t i = 0; i < program->count; i++) {
        const cw_phase *phase = &program->phases[i];
        cw_scribe_start(p, "Phase");
        cw_scribe_text(p, "name", phase->name);
        cw_scribe_number(p, "duration", phase->duration);
        for (uint32_t k = 0; k < phase->count; k++) {
            cw_scribe_start(p, "TrafficSignalState");
            cw_scribe_text(p, "trafficSignalId", phase->states[k].signal);
            cw_scribe_text(p, "state", phase->states[k].state);
            cw_scribe_end(p, "TrafficSignalState");
        }
        cw_scribe_end(p, "Phase");
    }
    cw_scribe_end(p, "TrafficSignalController");
}

// ---- entry -----------------------------------------------------------------------------------------------------------

static void write_scene(writer *w, const char *map_path) {
    const cw_scene *scene = w->scene;
    cw_scribe *p = &w->pen;
    if (scene->story_count > 0)
        refuse(w, "a scene with stories");
    else if ((scene->goal_count > 0 && scene->stop.groups.count == 0) || scene->has_start)
        refuse(w, "a scene with a planning problem");
    else if (scene->variable_count > 0)
        refuse(w, "a scene with variables");
    cw_scribe_start(p, "OpenSCENARIO");
    cw_scribe_start(p, "FileHeader");
    cw_scribe_whole(p, "revMajor", 1);
    cw_scribe_whole(p, "revMinor", 3);
    cw_scribe_text(p, "date", "2026-01-01T00:00:00");
    cw_scribe_text(p, "description", scene->description);
    cw_scribe_text(p, "author", scene->author);
    cw_scribe_end(p, "FileHeader");
    cw_scribe_start(p, "CatalogLocations");
    cw_scribe_end(p, "CatalogLocations");
    cw_scribe_start(p, "RoadNetwork");
    cw_scribe_start(p, "LogicFile");
    cw_scribe_text(p, "filepath", map_path);
    cw_scribe_end(p, "LogicFile");
    if (scene->program_count > 0) {
        cw_scribe_start(p, "TrafficSignals");
        for (uint32_t i = 0; i < scene->program_count; i++)
            write_program(p, &scene->programs[i]);
        cw_scribe_end(p, "TrafficSignals");
    }
    cw_scribe_end(p, "RoadNetwork");
    cw_scribe_start(p, "Entities");
    const cw_traffic *traffic = &scene->traffic; // its pool comes with the traffic
    for (uint32_t i = 0; i < scene->actor_count && w->status == CW_OK; i++)
        if (i < traffic->first || i >= traffic->first + traffic->count)
            write_entity(w, &scene->actors[i]);
    cw_scribe_end(p, "Entities");
    cw_scribe_start(p, "Storyboard");
    write_init(w);
    if (scene->stop.present)
        write_stop(w);
    cw_scribe_end(p, "Storyboard");
    cw_scribe_end(p, "OpenSCENARIO");
}

cw_status cw_openscenario_write(const cw_scene *scene, const char *map_path, char **bytes, size_t *count,
                                cw_error *err) {
    writer w = {.scene = scene, .err = err};
    *bytes = NULL;
    write_scene(&w, map_path);
    if (w.status == CW_OK && w.pen.failed)
        w.status = cw_error_set(err, CW_ERR_MEMORY, NULL, 0, 0, "out of memory");
    if (w.status != CW_OK) {
        free(w.pen.bytes);
        return w.status;
    }
    *bytes = w.pen.bytes;
    *count = w.pen.count;
    return CW_OK;
}
