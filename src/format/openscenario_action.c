// Actions: private, global and user-defined.
#include "expression.h"
#include "openscenario.h"

#include <math.h>
#include <string.h>

static const char *const systems[] = {"entity", "lane", "road", "trajectory", "world"};

static bool is(const cw_node *node, const char *name) {
    return strcmp(node->name, name) == 0;
}

static cw_action blank(const cw_node *node, const char *name, uint32_t actor) {
    cw_action a = cw_scene_no_action();
    a.name = name;
    a.actor = actor;
    a.line = node->line;
    a.column = node->column;
    cw_osc_environment_defaults(&a.environment);
    return a;
}

static bool add(cw_osc *o, const cw_action *action) {
    uint32_t index = CW_OSC_ADD(o, actions, 1);
    if (index == CW_NONE || CW_OSC_ADD(o, action_events, 1) == CW_NONE)
        return false;
    o->actions[index] = *action;
    o->action_events[index] = o->place.event;
    return true;
}

static bool unknown(cw_osc *o, const cw_node *node, cw_action *a, const char *text) {
    a->kind = CW_DO_NOTHING;
    cw_osc_unsupported(o, node, node->name, text);
    cw_osc_see_all(o, node);
    return add(o, a);
}

static void mark(cw_osc *o, const cw_action *a, uint8_t flags) {
    if (o->place.event == CW_NONE)
        flags |= (flags & CW_OSC_PLACED) != 0 ? CW_OSC_PLACED_IN_INIT : 0;
    if (a->actor != CW_NONE) {
        o->actor_flags[a->actor] |= flags;
        return;
    }
    if (o->place.group == CW_NONE)
        return;
    const cw_maneuver_group *group = &o->groups[o->place.group];
    for (uint32_t i = 0; i < group->actor_count; i++)
        o->actor_flags[group->actors[i]] |= flags;
}

// ---- common parts ----------------------------------------------------------------------------------------------------

static bool read_dynamics(cw_osc *o, const cw_node *node, cw_dynamics *out) {
    static const char *const shapes[] = {"step", "linear", "cubic", "sinusoidal"};
    static const char *const dimensions[] = {"time", "distance", "rate"};
    static const char *const modes[] = {"position", "follow"};
    uint8_t follow;
    if (!cw_osc_word(o, node, "dynamicsShape", shapes, 4, -1, &out->shape) ||
        !cw_osc_word(o, node, "dynamicsDimension", dimensions, 3, CW_BY_TIME, &out->dimension) ||
        !cw_osc_word(o, node, "followingMode", modes, 2, 0, &follow) ||
        !cw_osc_number_or(o, node, "value", 0, &out->value))
        return false;
    out->follow = follow == 1;
    if (out->dimension == CW_BY_RATE)
        out->value = fabs(out->value); // the sign follows from the target
    return out->value >= 0 ||
           cw_osc_fail(o, node, "value", CW_ERR_INPUT, "a duration or distance of %g is negative", out->value);
}

static bool read_limits(cw_osc *o, const cw_node *node, cw_limits *out) {
    const cw_node *limits = cw_osc_child(o, node, "DynamicConstraints");
    return limits == NULL || (cw_osc_limit(o, limits, "maxSpeed", &out->max_speed) &&
                              cw_osc_limit(o, limits, "maxAcceleration", &out->max_accel) &&
                              cw_osc_limit(o, limits, "maxDeceleration", &out->max_brake) &&
                              cw_osc_limit(o, limits, "maxAccelerationRate", &out->max_accel_rate) &&
                              cw_osc_limit(o, limits, "maxDecelerationRate", &out->max_brake_rate));
}

static bool read_place(cw_osc *o, const cw_node *node, const char *name, cw_position *out) {
    const cw_node *position = cw_osc_need(o, node, name);
    return position != NULL && cw_osc_read_position(o, position, out);
}

// ---- longitudinal ----------------------------------------------------------------------------------------------------

static bool read_speed(cw_osc *o, const cw_node *node, cw_action *a) {
    static const char *const types[] = {"delta", "factor"};
    a->kind = CW_DO_SPEED;
    const cw_node *dynamics = cw_osc_need(o, node, "SpeedActionDynamics");
    const cw_node *target = dynamics != NULL ? cw_osc_need(o, node, "SpeedActionTarget") : NULL;
    const cw_node *one = target != NULL ? cw_osc_need(o, target, NULL) : NULL;
    if (one == NULL || !read_dynamics(o, dynamics, &a->dynamics))
        return false;
    if (is(one, "AbsoluteTargetSpeed"))
        return cw_osc_number(o, one, "value", &a->value) && add(o, a);
    if (!is(one, "RelativeTargetSpeed"))
        return cw_osc_fail(o, one, NULL, CW_ERR_INPUT, "<%.60s> is no target speed", one->name);
    a->relative = true;
    return cw_osc_entity(o, one, "entityRef", &a->entity) && cw_osc_number(o, one, "value", &a->value) &&
           cw_osc_word(o, one, "speedTargetValueType", types, 2, 0, &a->target_type) &&
           cw_osc_boolean_or(o, one, "continuous", false, &a->continuous) && add(o, a);
}

static bool read_profile(cw_osc *o, const cw_node *node, cw_action *a) {
    static const char *const modes[] = {"position", "follow"};
    uint8_t follow;
    a->kind = CW_DO_SPEED_PROFILE;
    a->entry_count = cw_osc_count(node, "SpeedProfileEntry");
    cw_profile_entry *entries = cw_arena_array(o->arena, a->entry_count, sizeof *entries);
    if (entries == NULL)
        return cw_osc_no_memory(o);
    a->entries = entries;
    if (!cw_osc_word(o, node, "followingMode", modes, 2, 0, &follow) || !read_limits(o, node, &a->limits))
        return false;
    a->dynamics.follow = follow == 1;
    if (cw_osc_has(node, "entityRef")) {
        a->relative = true;
        if (!cw_osc_entity(o, node, "entityRef", &a->entity))
            return false;
    }
    if (a->entry_count == 0)
        return cw_osc_fail(o, node, NULL, CW_ERR_INPUT, "a speed profile needs entries");
    uint32_t i = 0;
    for (const cw_node *one = cw_osc_child(o, node, "SpeedProfileEntry"); one != NULL;
         one = cw_osc_next(o, one, "SpeedProfileEntry"), i++)
        if (!cw_osc_number(o, one, "speed", &entries[i].speed) ||
            !cw_osc_not_negative(o, one, "time", NAN, &entries[i].time))
            return false;
    return add(o, a);
}

static bool read_gap(cw_osc *o, const cw_node *node, cw_action *a) {
    static const char *const places[] = {"any", "leadingReferencedEntity", "trailingReferencedEntity"};
    a->kind = CW_DO_LONGITUDINAL_DISTANCE;
    a->relative = true;
    a->time_gap = cw_osc_has(node, "timeGap");
    if (a->time_gap && cw_osc_has(node, "distance"))
        return cw_osc_fail(o, node, "timeGap", CW_ERR_INPUT, "a distance and a time gap exclude each other");
    if (!a->time_gap && !cw_osc_has(node, "distance"))
        return cw_osc_fail(o, node, NULL, CW_ERR_INPUT, "<LongitudinalDistanceAction> needs 'distance' or 'timeGap'");
    // From 1.1 on the actor follows unless said otherwise; 1.0 does not know the word.
    return cw_osc_entity(o, node, "entityRef", &a->entity) &&
           cw_osc_number(o, node, a->time_gap ? "timeGap" : "distance", &a->value) &&
           cw_osc_boolean_or(o, node, "freespace", false, &a->freespace) &&
           cw_osc_boolean_or(o, node, "continuous", false, &a->continuous) &&
           cw_osc_word(o, node, "coordinateSystem", systems, 5, CW_IN_ENTITY, &a->coordinates) &&
           cw_osc_word(o, node, "displacement", places, 3, o->minor >= 1 ? 2 : 0, &a->displacement) &&
           read_limits(o, node, &a->limits) && add(o, a);
}

// ---- lateral ---------------------------------------------------------------------------------------------------------

static bool read_lane_change(cw_osc *o, const cw_node *node, cw_action *a) {
    a->kind = CW_DO_LANE_CHANGE;
    const cw_node *dynamics = cw_osc_need(o, node, "LaneChangeActionDynamics");
    const cw_node *target = dynamics != NULL ? cw_osc_need(o, node, "LaneChangeTarget") : NULL;
    const cw_node *one = target != NULL ? cw_osc_need(o, target, NULL) : NULL;
    if (one == NULL || !read_dynamics(o, dynamics, &a->dynamics) ||
        !cw_osc_number_or(o, node, "targetLaneOffset", 0, &a->offset))
        return false;
    a->relative = is(one, "RelativeTargetLane");
    if (!a->relative && !is(one, "AbsoluteTargetLane"))
        return cw_osc_fail(o, one, NULL, CW_ERR_INPUT, "<%.60s> is no target lane", one->name);
    return (!a->relative || cw_osc_entity(o, one, "entityRef", &a->entity)) &&
           cw_osc_integer(o, one, "value", &a->lane) && add(o, a);
}

static bool read_lane_offset(cw_osc *o, const cw_node *node, cw_action *a) {
    static const char *const shapes[] = {"step", "linear", "cubic", "sinusoidal"};
    a->kind = CW_DO_LANE_OFFSET;
    const cw_node *dynamics = cw_osc_need(o, node, "LaneOffsetActionDynamics");
    const cw_node *target = dynamics != NULL ? cw_osc_need(o, node, "LaneOffsetTarget") : NULL;
    const cw_node *one = target != NULL ? cw_osc_need(o, target, NULL) : NULL;
    if (one == NULL || !cw_osc_word(o, dynamics, "dynamicsShape", shapes, 4, -1, &a->dynamics.shape) ||
        !cw_osc_not_negative(o, dynamics, "maxLateralAcc", NAN, &a->max_lateral_accel) ||
        !cw_osc_boolean_or(o, node, "continuous", false, &a->continuous))
        return false;
    a->relative = is(one, "RelativeTargetLaneOffset");
    if (!a->relative && !is(one, "AbsoluteTargetLaneOffset"))
        return cw_osc_fail(o, one, NULL, CW_ERR_INPUT, "<%.60s> is no target lane offset", one->name);
    return (!a->relative || cw_osc_entity(o, one, "entityRef", &a->entity)) &&
           cw_osc_number(o, one, "value", &a->value) && add(o, a);
}

static bool read_side_gap(cw_osc *o, const cw_node *node, cw_action *a) {
    static const char *const places[] = {"any", "leftToReferencedEntity", "rightToReferencedEntity"};
    a->kind = CW_DO_LATERAL_DISTANCE;
    a->relative = true;
    return cw_osc_entity(o, node, "entityRef", &a->entity) && cw_osc_number_or(o, node, "distance", 0, &a->value) &&
           cw_osc_boolean_or(o, node, "freespace", false, &a->freespace) &&
           cw_osc_boolean_or(o, node, "continuous", false, &a->continuous) &&
           cw_osc_word(o, node, "coordinateSystem", systems, 5, CW_IN_ENTITY, &a->coordinates) &&
           cw_osc_word(o, node, "displacement", places, 3, 0, &a->displacement) && read_limits(o, node, &a->limits) &&
           add(o, a);
}

// ---- synchronize, routing --------------------------------------------------------------------------------------------

static bool read_synchronize(cw_osc *o, const cw_node *node, cw_action *a) {
    static const char *const types[] = {"delta", "factor"};
    a->kind = CW_DO_SYNCHRONIZE;
    if (!cw_osc_entity(o, node, "masterEntityRef", &a->entity) ||
        !cw_osc_not_negative(o, node, "targetTolerance", 0, &a->tolerance) ||
        !cw_osc_not_negative(o, node, "targetToleranceMaster", 0, &a->tolerance_master) ||
        !read_place(o, node, "TargetPositionMaster", &a->master_position) ||
        !read_place(o, node, "TargetPosition", &a->position))
        return false;
    const cw_node *final = cw_osc_child(o, node, "FinalSpeed");
    const cw_node *one = final != NULL ? cw_osc_need(o, final, NULL) : NULL;
    if (final == NULL)
        return add(o, a);
    if (one == NULL || !cw_osc_number(o, one, "value", &a->value))
        return false;
    a->target_type = 1;
    if (is(one, "RelativeSpeedToMaster")) {
        uint8_t factor;
        if (!cw_osc_word(o, one, "speedTargetValueType", types, 2, 0, &factor))
            return false;
        a->target_type = factor == 1 ? 3 : 2;
    } else if (!is(one, "AbsoluteSpeed")) {
        return cw_osc_fail(o, one, NULL, CW_ERR_INPUT, "<%.60s> is no final speed", one->name);
    }
    const cw_node *distance = cw_osc_child(o, one, "TargetDistanceSteadyState");
    const cw_node *time = cw_osc_child(o, one, "TargetTimeSteadyState");
    a->steady = distance != NULL ? 1 : time != NULL ? 2 : 0;
    if (distance != NULL && !cw_osc_not_negative(o, distance, "distance", 0, &a->value2))
        return false;
    if (distance == NULL && time != NULL && !cw_osc_not_negative(o, time, "time", 0, &a->value2))
        return false;
    return add(o, a);
}

static bool read_follow_trajectory(cw_osc *o, const cw_node *node, cw_action *a) {
    static const char *const modes[] = {"position", "follow"};
    static const char *const domains[] = {"relative", "absolute"};
    a->kind = CW_DO_FOLLOW_TRAJECTORY;
    if (!cw_osc_not_negative(o, node, "initialDistanceOffset", 0, &a->start_offset) ||
        !cw_osc_read_trajectory(o, node, &a->trajectory))
        return false;
    const cw_node *reference = cw_osc_child(o, node, "TimeReference");
    const cw_node *timing = reference != NULL ? cw_osc_child(o, reference, "Timing") : NULL;
    if (reference != NULL)
        cw_osc_child(o, reference, "None");
    if (timing != NULL) {
        uint8_t domain;
        a->has_timing = true;
        if (!cw_osc_word(o, timing, "domainAbsoluteRelative", domains, 2, 0, &domain) ||
            !cw_osc_number_or(o, timing, "offset", 0, &a->time_offset) ||
            !cw_osc_number_or(o, timing, "scale", 1, &a->time_scale))
            return false;
        if (a->time_scale <= 0)
            return cw_osc_fail(o, timing, "scale", CW_ERR_INPUT, "scale=%g must be above 0", a->time_scale);
        a->absolute_time = domain == 1;
    }
    const cw_node *mode = cw_osc_child(o, node, "TrajectoryFollowingMode");
    if (mode != NULL && !cw_osc_word(o, mode, "followingMode", modes, 2, 0, &a->following))
        return false;
    mark(o, a, CW_OSC_PLACED);
    return add(o, a);
}

static bool read_routing(cw_osc *o, const cw_node *node, cw_action *a) {
    const cw_node *one = cw_osc_need(o, node, NULL);
    if (one == NULL)
        return false;
    if (is(one, "AssignRouteAction")) {
        a->kind = CW_DO_ASSIGN_ROUTE;
        return cw_osc_read_route(o, one, &a->route) && add(o, a);
    }
    if (is(one, "FollowTrajectoryAction"))
        return read_follow_trajectory(o, one, a);
    if (is(one, "AcquirePositionAction")) {
        a->kind = CW_DO_ACQUIRE_POSITION;
        return read_place(o, one, "Position", &a->position) && add(o, a);
    }
    if (is(one, "RandomRouteAction")) {
        a->kind = CW_DO_RANDOM_ROUTE;
        cw_osc_unsupported(o, one, "RandomRouteAction", "no turns are drawn: it goes straight on where it can");
        return add(o, a);
    }
    return unknown(o, one, a, "a routing action that is not known: it does nothing");
}

// ---- controllers -----------------------------------------------------------------------------------------------------

static bool read_active(cw_osc *o, const cw_node *node, const char *lateral, const char *longitudinal, cw_action *a) {
    a->operation = (uint8_t)((cw_osc_has(node, lateral) ? 1 : 0) | (cw_osc_has(node, longitudinal) ? 2 : 0));
    return cw_osc_boolean_or(o, node, lateral, false, &a->flag) &&
           cw_osc_boolean_or(o, node, longitudinal, false, &a->flag2);
}

static bool read_activate(cw_osc *o, const cw_node *node, cw_action *a) {
    a->kind = CW_DO_ACTIVATE_CONTROLLER;
    cw_osc_skip(o, node, "animation");
    cw_osc_skip(o, node, "lighting");
    if (!read_active(o, node, "lateral", "longitudinal", a) ||
        !cw_osc_text_or(o, node, cw_osc_has(node, "objectControllerRef") ? "objectControllerRef" : "controllerRef",
                        NULL, &a->reference))
        return false;
    if (a->flag || a->flag2)
        mark(o, a, CW_OSC_CONTROLLED);
    return add(o, a);
}

static bool read_assign(cw_osc *o, const cw_node *node, cw_action *a) {
    a->kind = CW_DO_ASSIGN_CONTROLLER;
    cw_osc_skip(o, node, "activateAnimation");
    cw_osc_skip(o, node, "activateLighting");
    const cw_node *holder = cw_osc_child(o, node, "ObjectController");
    if (!read_active(o, node, "activateLateral", "activateLongitudinal", a) ||
        !cw_osc_read_controller(o, holder != NULL ? holder : node, &a->controller))
        return false;
    a->reference = a->controller.name;
    mark(o, a, CW_OSC_CONTROLLED);
    return add(o, a);
}

static bool read_override(cw_osc *o, const cw_node *node, const cw_action *blank_action) {
    static const char *const parts[] = {"Throttle", "Brake", "Clutch", "ParkingBrake", "SteeringWheel", "Gear"};
    static const char *const names[] = {"throttle", "brake", "clutch", "parkingBrake", "steeringWheel", "gear"};
    bool any = false;
    for (int i = 0; i < 6; i++) {
        const cw_node *part = cw_osc_child(o, node, parts[i]);
        if (part == NULL)
            continue;
        cw_action a = *blank_action;
        a.kind = CW_DO_OVERRIDE_CONTROLLER;
        a.text = names[i];
        any = true;
        // From 1.2 on a brake's or gear's value stands in a child.
        const cw_node *inner = cw_osc_child(o, part, NULL);
        const cw_node *from = inner != NULL ? inner : part;
        if (inner != NULL && is(inner, "BrakeForce"))
            cw_osc_unsupported(o, inner, "BrakeForce", "a force in newtons is not converted: full braking");
        if (inner != NULL && is(inner, "AutomaticGear")) {
            static const char *const gears[] = {"n", "p", "r", "d"};
            uint8_t gear;
            if (!cw_osc_word(o, inner, "gear", gears, 4, -1, &gear))
                return false;
            a.value2 = gear == 2 ? -1 : gear == 3 ? 1 : 0;
        } else if (!cw_osc_number_or(o, from, cw_osc_has(from, "number") ? "number" : "value", 0, &a.value2)) {
            return false;
        }
        if (!cw_osc_boolean_or(o, part, "active", true, &a.flag) ||
            !cw_osc_limit(o, part, cw_osc_has(part, "maxTorque") ? "maxTorque" : "maxRate", &a.value) || !add(o, &a))
            return false;
    }
    return any || cw_osc_fail(o, node, NULL, CW_ERR_INPUT, "nothing to override is named");
}

// In 1.0 one element holds both an assignment and an override; later, one of them or an activation.
static bool read_controller_action(cw_osc *o, const cw_node *node, const cw_action *blank_action) {
    bool any = false;
    for (const cw_node *one = cw_osc_child(o, node, NULL); one != NULL; one = cw_osc_next(o, one, NULL)) {
        cw_action a = *blank_action;
        any = true;
        bool good = is(one, "AssignControllerAction")          ? read_assign(o, one, &a)
                    : is(one, "OverrideControllerValueAction") ? read_override(o, one, &a)
                    : is(one, "ActivateControllerAction")
                        ? read_activate(o, one, &a)
                        : unknown(o, one, &a, "a controller action that is not known: it does nothing");
        if (!good)
            return false;
    }
    return any || cw_osc_fail(o, node, NULL, CW_ERR_INPUT, "<ControllerAction> is empty");
}

// ---- appearance, trailers --------------------------------------------------------------------------------------------

static bool read_light(cw_osc *o, const cw_node *node, cw_action *a) {
    a->kind = CW_DO_LIGHT_STATE;
    const cw_node *type = cw_osc_need(o, node, "LightType");
    const cw_node *one = type != NULL ? cw_osc_need(o, type, NULL) : NULL;
    const cw_node *state = one != NULL ? cw_osc_need(o, node, "LightState") : NULL;
    if (state == NULL ||
        !cw_osc_text(o, one, is(one, "VehicleLight") ? "vehicleLightType" : "userDefinedLightType", &a->reference) ||
        !cw_osc_text(o, state, "mode", &a->text))
        return false;
    cw_osc_see_all(o, node); // colour, intensity, flashing times
    return add(o, a);
}

static bool read_appearance(cw_osc *o, const cw_node *node, cw_action *a) {
    const cw_node *one = cw_osc_need(o, node, NULL);
    if (one == NULL)
        return false;
    if (is(one, "LightStateAction"))
        return read_light(o, one, a);
    if (!is(one, "AnimationAction"))
        return unknown(o, one, a, "an appearance that is not known: it does nothing");
    a->kind = CW_DO_ANIMATION;
    cw_osc_unsupported(o, one, "AnimationAction", "animations are not shown");
    cw_osc_see_all(o, one);
    return add(o, a);
}

static bool read_trailer_action(cw_osc *o, const cw_node *node, cw_action *a) {
    const cw_node *one = cw_osc_need(o, node, NULL);
    if (one == NULL)
        return false;
    if (is(one, "ConnectTrailerAction")) {
        a->kind = CW_DO_CONNECT_TRAILER;
        if (!cw_osc_entity(o, one, cw_osc_has(one, "trailerRef") ? "trailerRef" : "entityRef", &a->entity))
            return false;
        o->actor_flags[a->entity] |= CW_OSC_PLACED;
        return add(o, a);
    }
    a->kind = CW_DO_DISCONNECT_TRAILER;
    return is(one, "DisconnectTrailerAction") ? add(o, a) : unknown(o, one, a, "a trailer action that is not known");
}

// ---- private ---------------------------------------------------------------------------------------------------------

static bool read_private(cw_osc *o, const cw_node *node, cw_action *a) {
    const cw_node *one = cw_osc_need(o, node, NULL);
    if (one == NULL)
        return false;
    a->is_private = true;
    if (is(one, "LongitudinalAction") || is(one, "LateralAction")) {
        const cw_node *inner = cw_osc_need(o, one, NULL);
        if (inner == NULL)
            return false;
        if (is(inner, "SpeedAction"))
            return read_speed(o, inner, a);
        if (is(inner, "SpeedProfileAction"))
            return read_profile(o, inner, a);
        if (is(inner, "LongitudinalDistanceAction"))
            return read_gap(o, inner, a);
        if (is(inner, "LaneChangeAction"))
            return read_lane_change(o, inner, a);
        if (is(inner, "LaneOffsetAction"))
            return read_lane_offset(o, inner, a);
        if (is(inner, "LateralDistanceAction"))
            return read_side_gap(o, inner, a);
        return unknown(o, inner, a, "an action that is not known: it does nothing");
    }
    if (is(one, "VisibilityAction")) {
        a->kind = CW_DO_VISIBILITY;
        const cw_node *sensors = cw_osc_child(o, one, "SensorReferenceSet");
        if (sensors != NULL) {
            cw_osc_unsupported(o, sensors, "SensorReferenceSet", "all sensors are meant");
            cw_osc_see_all(o, sensors);
        }
        return cw_osc_boolean_or(o, one, "traffic", true, &a->flag) &&
               cw_osc_boolean_or(o, one, "sensors", true, &a->flag2) &&
               cw_osc_boolean_or(o, one, "graphics", true, &a->flag3) && add(o, a);
    }
    if (is(one, "SynchronizeAction"))
        return read_synchronize(o, one, a);
    if (is(one, "ActivateControllerAction"))
        return read_activate(o, one, a);
    if (is(one, "ControllerAction"))
        return read_controller_action(o, one, a);
    if (is(one, "TeleportAction")) {
        a->kind = CW_DO_TELEPORT;
        mark(o, a, CW_OSC_PLACED);
        return read_place(o, one, "Position", &a->position) && add(o, a);
    }
    if (is(one, "RoutingAction"))
        return read_routing(o, one, a);
    if (is(one, "AppearanceAction"))
        return read_appearance(o, one, a);
    if (is(one, "TrailerAction"))
        return read_trailer_action(o, one, a);
    return unknown(o, one, a, "an action that is not known: it does nothing");
}

// ---- global ----------------------------------------------------------------------------------------------------------

static bool read_entity_action(cw_osc *o, const cw_node *node, cw_action *a) {
    const cw_node *one = cw_osc_need(o, node, NULL);
    if (one == NULL || !cw_osc_entity(o, node, "entityRef", &a->actor))
        return false;
    if (is(one, "DeleteEntityAction")) {
        a->kind = CW_DO_DELETE_ENTITY;
        return add(o, a);
    }
    if (!is(one, "AddEntityAction"))
        return unknown(o, one, a, "an action on an entity that is not known: it does nothing");
    a->kind = CW_DO_ADD_ENTITY;
    mark(o, a, CW_OSC_PLACED | (o->place.event != CW_NONE ? CW_OSC_ADDED_LATER : 0));
    return read_place(o, one, "Position", &a->position) && add(o, a);
}

// ParameterAction and VariableAction: set, or modify by a rule.
static bool read_change(cw_osc *o, const cw_node *node, bool variable, cw_action *a) {
    const char *name = variable ? "variableRef" : "parameterRef";
    const cw_node_attr *attr = cw_node_find(node, name);
    if (attr == NULL)
        return cw_osc_fail(o, node, NULL, CW_ERR_INPUT, "<%.60s> needs the attribute '%s'", node->name, name);
    cw_osc_see(o, attr);
    a->reference = cw_osc_keep(o, attr->value[0] == '$' ? attr->value + 1 : attr->value);
    if (a->reference == NULL)
        return false;
    if (variable) {
        a->variable = cw_osc_find_variable(o, a->reference);
    } else {
        const cw_osc_parameter *parameter = cw_osc_find_parameter(o, a->reference);
        a->variable = parameter != NULL ? parameter->variable : CW_NONE;
    }
    if (a->variable == CW_NONE)
        return cw_osc_fail(o, node, name, CW_ERR_INPUT, "%s '%.60s' is not declared",
                           variable ? "variable" : "parameter", a->reference);
    const cw_node *one = cw_osc_need(o, node, NULL);
    if (one == NULL)
        return false;
    if (is(one, "SetAction")) {
        a->kind = variable ? CW_DO_SET_VARIABLE : CW_DO_SET_PARAMETER;
        if (!cw_osc_text(o, one, "value", &a->text))
            return false;
        cw_value value = cw_value_of(a->text);
        a->value = value.kind == CW_VALUE_NUMBER ? value.number : value.flag ? 1 : 0;
        if (o->variables[a->variable].kind == 0 && value.kind != CW_VALUE_NUMBER)
            return cw_osc_fail(o, one, "value", CW_ERR_INPUT, "'%.60s' is a number and cannot become '%.60s'",
                               a->reference, a->text);
        return add(o, a);
    }
    const cw_node *rule = is(one, "ModifyAction") ? cw_osc_need(o, one, "Rule") : NULL;
    const cw_node *how = rule != NULL ? cw_osc_need(o, rule, NULL) : NULL;
    if (how == NULL)
        return cw_osc_fail(o, one, NULL, CW_ERR_INPUT, "<%.60s> says nothing that can be done", one->name);
    a->kind = variable ? CW_DO_MODIFY_VARIABLE : CW_DO_MODIFY_PARAMETER;
    a->operation = is(how, "MultiplyByValue") ? 1 : 0;
    if (!is(how, "MultiplyByValue") && !is(how, "AddValue"))
        return cw_osc_fail(o, how, NULL, CW_ERR_INPUT, "<%.60s> is no rule to modify by", how->name);
    return cw_osc_number(o, how, "value", &a->value) && add(o, a);
}

static bool read_infrastructure(cw_osc *o, const cw_node *node, cw_action *a) {
    const cw_node *signal = cw_osc_need(o, node, "TrafficSignalAction");
    const cw_node *one = signal != NULL ? cw_osc_need(o, signal, NULL) : NULL;
    if (one == NULL)
        return false;
    if (is(one, "TrafficSignalStateAction")) {
        a->kind = CW_DO_SIGNAL_STATE;
        if (!cw_osc_text(o, one, "name", &a->reference) || !cw_osc_text(o, one, "state", &a->text))
            return false;
        a->value = cw_osc_light_of(a->text);
        if (cw_map_find_signal(o->map, a->reference) == CW_NONE)
            cw_osc_note(o, one, "TrafficSignalStateAction@name", "the map has no such signal");
        return add(o, a);
    }
    if (!is(one, "TrafficSignalControllerAction"))
        return unknown(o, one, a, "an action on infrastructure that is not known: it does nothing");
    a->kind = CW_DO_SIGNAL_CONTROLLER;
    const cw_node *phase = cw_osc_child(o, one, "Phase");
    if (phase != NULL)
        cw_osc_see_all(o, phase);
    return cw_osc_text(o, one, "trafficSignalControllerRef", &a->reference) && cw_osc_text(o, one, "phase", &a->text) &&
           add(o, a);
}

static bool read_global(cw_osc *o, const cw_node *node, cw_action *a) {
    const cw_node *one = cw_osc_need(o, node, NULL);
    if (one == NULL)
        return false;
    if (is(one, "EnvironmentAction")) {
        a->kind = CW_DO_ENVIRONMENT;
        return cw_osc_read_environment(o, one, &a->environment) && add(o, a);
    }
    if (is(one, "EntityAction"))
        return read_entity_action(o, one, a);
    if (is(one, "ParameterAction") || is(one, "VariableAction"))
        return read_change(o, one, is(one, "VariableAction"), a);
    if (is(one, "InfrastructureAction"))
        return read_infrastructure(o, one, a);
    if (is(one, "TrafficAction"))
        return cw_osc_read_traffic(o, one, a) && add(o, a);
    return unknown(o, one, a, "an action that is not known: it does nothing");
}

bool cw_osc_read_action(cw_osc *o, const cw_node *node, const char *name, uint32_t actor) {
    cw_action a = blank(node, name, actor);
    if (is(node, "PrivateAction"))
        return read_private(o, node, &a);
    if (is(node, "GlobalAction"))
        return read_global(o, node, &a);
    if (!is(node, "UserDefinedAction"))
        return unknown(o, node, &a, "an action that is not known: it does nothing");
    const cw_node *command = cw_osc_child(o, node, "CustomCommandAction");
    a.kind = CW_DO_CUSTOM;
    cw_osc_unsupported(o, node, "CustomCommandAction", "commands of other tools do nothing");
    if (command == NULL)
        return add(o, &a);
    a.text = cw_osc_keep(o, command->text);
    return a.text != NULL && cw_osc_text_or(o, command, "type", "", &a.reference) && add(o, &a);
}
