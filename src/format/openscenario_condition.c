// Triggers and conditions, and the storyboard elements that conditions refer to.
#include "expression.h"
#include "openscenario.h"

#include <stdlib.h>
#include <string.h>

static const char *const rules[] = {"greaterThan",    "lessThan",    "equalTo",
                                    "greaterOrEqual", "lessOrEqual", "notEqualTo"};

static bool read_rule(cw_osc *o, const cw_node *node, cw_condition *out) {
    return cw_osc_word(o, node, "rule", rules, 6, -1, &out->rule);
}

static bool read_value(cw_osc *o, const cw_node *node, cw_condition *out) {
    return cw_osc_number(o, node, "value", &out->value) && read_rule(o, node, out);
}

// ---- by value --------------------------------------------------------------------------------------------------------

// A number is compared as a number, true and false as 1 and 0 where the other side is a boolean, all else as text.
static bool read_compared(cw_osc *o, const cw_node *node, cw_condition *out) {
    if (!cw_osc_text(o, node, "value", &out->text) || !read_rule(o, node, out))
        return false;
    cw_value value = cw_value_of(out->text);
    bool boolean = out->variable != CW_NONE && o->variables[out->variable].kind == 2;
    out->text_rule = value.kind == CW_VALUE_TEXT || (value.kind == CW_VALUE_BOOLEAN && !boolean) ||
                     (out->variable != CW_NONE && o->variables[out->variable].kind == 1);
    out->value = value.kind == CW_VALUE_NUMBER ? value.number : value.flag ? 1 : 0;
    return true;
}

static bool read_element_state(cw_osc *o, const cw_node *node, uint32_t index, cw_condition *out) {
    static const char *const elements[] = {"story", "act", "maneuverGroup", "maneuver", "event", "action"};
    static const char *const states[] = {"standbyState",  "runningState",   "completeState", "startTransition",
                                         "endTransition", "stopTransition", "skipTransition"};
    const char *text;
    out->kind = CW_IF_ELEMENT_STATE;
    if (!cw_osc_word(o, node, "storyboardElementType", elements, 6, -1, &out->element) ||
        !cw_osc_word(o, node, "state", states, 7, -1, &out->state) ||
        !cw_osc_text(o, node, "storyboardElementRef", &text))
        return false;
    uint32_t at = CW_OSC_ADD(o, references, 1);
    if (at == CW_NONE)
        return false;
    out->reference = text;
    o->references[at] = (cw_osc_reference){index, text, o->place, o->path, node->line, node->column};
    return true;
}

static bool read_by_value(cw_osc *o, const cw_node *node, uint32_t index, cw_condition *out) {
    const cw_node *one = cw_osc_need(o, node, NULL);
    if (one == NULL)
        return false;
    const char *kind = one->name;
    if (strcmp(kind, "SimulationTimeCondition") == 0) {
        out->kind = CW_IF_SIMULATION_TIME;
        return read_value(o, one, out);
    }
    if (strcmp(kind, "StoryboardElementStateCondition") == 0)
        return read_element_state(o, one, index, out);
    if (strcmp(kind, "ParameterCondition") == 0) {
        out->kind = CW_IF_PARAMETER;
        const cw_node_attr *attr = cw_node_find(one, "parameterRef");
        if (attr == NULL)
            return cw_osc_fail(o, one, NULL, CW_ERR_INPUT, "<ParameterCondition> needs the attribute 'parameterRef'");
        cw_osc_see(o, attr);
        const cw_osc_parameter *parameter = cw_osc_find_parameter(o, attr->value);
        if (parameter == NULL) { // scenario_runner's criteria are written so: they only carry a name
            out->kind = CW_IF_UNSUPPORTED;
            cw_osc_unsupported(o, one, "ParameterCondition@parameterRef",
                               "no such parameter is declared: the condition never holds");
            cw_osc_see_all(o, one);
            return true;
        }
        out->variable = parameter->variable;
        out->reference = cw_osc_keep(o, parameter->name);
        return out->reference != NULL && read_compared(o, one, out);
    }
    if (strcmp(kind, "VariableCondition") == 0) {
        out->kind = CW_IF_VARIABLE;
        if (!cw_osc_text(o, one, "variableRef", &out->reference))
            return false;
        out->variable = cw_osc_find_variable(o, out->reference);
        if (out->variable == CW_NONE)
            return cw_osc_fail(o, one, "variableRef", CW_ERR_INPUT, "variable '%.60s' is not declared", out->reference);
        return read_compared(o, one, out);
    }
    if (strcmp(kind, "TimeOfDayCondition") == 0) {
        out->kind = CW_IF_TIME_OF_DAY;
        if (!cw_osc_text(o, one, "dateTime", &out->text) || !read_rule(o, one, out))
            return false;
        return cw_osc_day_seconds(out->text, &out->value) ||
               cw_osc_fail(o, one, "dateTime", CW_ERR_INPUT, "'%.60s' is no date and time", out->text);
    }
    if (strcmp(kind, "UserDefinedValueCondition") == 0) {
        out->kind = CW_IF_USER_VALUE;
        cw_osc_unsupported(o, one, kind, "nobody sets the value from outside: the condition never holds");
        return cw_osc_text(o, one, "name", &out->reference) && read_compared(o, one, out);
    }
    if (strcmp(kind, "TrafficSignalCondition") == 0) {
        out->kind = CW_IF_TRAFFIC_SIGNAL;
        if (!cw_osc_text(o, one, "name", &out->reference) || !cw_osc_text(o, one, "state", &out->text))
            return false;
        out->value = cw_osc_light_of(out->text);
        if (cw_map_find_signal(o->map, out->reference) == CW_NONE)
            cw_osc_note(o, one, "TrafficSignalCondition@name", "the map has no such signal");
        return true;
    }
    if (strcmp(kind, "TrafficSignalControllerCondition") == 0) {
        out->kind = CW_IF_TRAFFIC_SIGNAL_CONTROLLER;
        return cw_osc_text(o, one, "trafficSignalControllerRef", &out->reference) &&
               cw_osc_text(o, one, "phase", &out->text);
    }
    out->kind = CW_IF_UNSUPPORTED;
    cw_osc_unsupported(o, one, kind, "a condition that is not known: it never holds");
    cw_osc_see_all(o, one);
    return true;
}

// ---- by entity -------------------------------------------------------------------------------------------------------

// 1.0 says alongRoute; from 1.1 on coordinateSystem and relativeDistanceType take its place.
static bool read_measure(cw_osc *o, const cw_node *node, cw_condition *out) {
    static const char *const systems[] = {"entity", "lane", "road", "trajectory", "world"};
    static const char *const types[] = {"longitudinal", "lateral", "euclidianDistance", "cartesianDistance",
                                        "euclideanDistance"};
    bool along;
    if (!cw_osc_boolean_or(o, node, "alongRoute", false, &along) ||
        !cw_osc_word(o, node, "coordinateSystem", systems, 5, along ? CW_IN_ROAD : CW_IN_ENTITY, &out->coordinates) ||
        !cw_osc_word(o, node, "relativeDistanceType", types, 5, along ? CW_LONGITUDINAL : CW_EUCLIDEAN,
                     &out->distance) ||
        !cw_osc_boolean_or(o, node, "freespace", false, &out->freespace))
        return false;
    if (out->distance > CW_EUCLIDEAN)
        out->distance = CW_EUCLIDEAN;
    if (cw_osc_has(node, "routingAlgorithm")) {
        cw_osc_skip(o, node, "routingAlgorithm");
        const char *algorithm = cw_node_value(node, "routingAlgorithm");
        if (strcmp(algorithm, "undefined") != 0 && strcmp(algorithm, "shortest") != 0 && algorithm[0] != '$')
            cw_osc_unsupported(o, node, "routingAlgorithm", "distances are measured along the shortest way");
    }
    return true;
}

static bool read_direction(cw_osc *o, const cw_node *node, cw_condition *out) {
    static const char *const directions[] = {"total", "longitudinal", "lateral", "vertical"};
    return cw_osc_word(o, node, "direction", directions, 4, 0, &out->direction);
}

static bool read_collision(cw_osc *o, const cw_node *node, cw_condition *out) {
    const cw_node *entity = cw_osc_child(o, node, "EntityRef"), *type = cw_osc_child(o, node, "ByType");
    out->kind = CW_IF_COLLISION;
    if (entity != NULL)
        return cw_osc_entity(o, entity, "entityRef", &out->entity);
    if (type == NULL)
        return true;
    const char *text;
    uint8_t kind;
    if (!cw_osc_text(o, type, cw_osc_has(type, "type") ? "type" : "objectType", &text))
        return false;
    if (!cw_osc_kind_of(text, &kind))
        return cw_osc_fail(o, type, "type", CW_ERR_INPUT, "'%.60s' is no type of object", text);
    out->by_kind = (uint8_t)(kind + 1);
    return true;
}

static bool read_clearance(cw_osc *o, const cw_node *node, cw_condition *out) {
    out->kind = CW_IF_RELATIVE_CLEARANCE;
    if (!cw_osc_not_negative(o, node, "distanceForward", 0, &out->value) ||
        !cw_osc_not_negative(o, node, "distanceBackward", 0, &out->value2) ||
        !cw_osc_boolean_or(o, node, cw_osc_has(node, "freespace") ? "freespace" : "freeSpace", false,
                           &out->freespace) ||
        !cw_osc_boolean_or(o, node, "oppositeLanes", false, &out->opposite_lanes) ||
        !cw_osc_entity_list(o, node, &out->others, &out->other_count))
        return false;
    const cw_node *range = cw_osc_child(o, node, "RelativeLaneRange");
    out->lanes = range == NULL ? UINT64_MAX : 0;
    for (; range != NULL; range = cw_osc_next(o, range, "RelativeLaneRange")) {
        int32_t from, to;
        if (!cw_osc_integer_or(o, range, "from", INT32_MIN, &from) ||
            !cw_osc_integer_or(o, range, "to", INT32_MAX, &to))
            return false;
        for (int32_t n = -32; n < 32; n++)
            if ((n >= from && n <= to) || (n >= to && n <= from))
                out->lanes |= UINT64_C(1) << (32 + n);
    }
    return true;
}

static bool read_angle(cw_osc *o, const cw_node *node, cw_condition *out) {
    static const char *const angles[] = {"heading", "pitch", "roll"};
    static const char *const systems[] = {"entity", "lane", "road", "trajectory", "world"};
    if (!cw_osc_number(o, node, "angle", &out->value) ||
        !cw_osc_not_negative(o, node, "angleTolerance", 0, &out->value2) ||
        !cw_osc_word(o, node, "angleType", angles, 3, 0, &out->direction) ||
        !cw_osc_word(o, node, "coordinateSystem", systems, 5, CW_IN_WORLD, &out->coordinates))
        return false;
    if (o->left_handed)
        out->value = -out->value;
    return true;
}

static bool read_duration(cw_osc *o, const cw_node *node, cw_condition *out) {
    return cw_osc_not_negative(o, node, "duration", 0, &out->value);
}

static bool read_entity_condition(cw_osc *o, const cw_node *node, cw_condition *out) {
    const cw_node *one = cw_osc_need(o, node, NULL);
    if (one == NULL)
        return false;
    const char *kind = one->name;
    if (strcmp(kind, "EndOfRoadCondition") == 0) {
        out->kind = CW_IF_END_OF_ROAD;
        return read_duration(o, one, out);
    }
    if (strcmp(kind, "CollisionCondition") == 0)
        return read_collision(o, one, out);
    if (strcmp(kind, "OffroadCondition") == 0) {
        out->kind = CW_IF_OFFROAD;
        return read_duration(o, one, out);
    }
    if (strcmp(kind, "TimeHeadwayCondition") == 0) {
        out->kind = CW_IF_TIME_HEADWAY;
        return cw_osc_entity(o, one, "entityRef", &out->entity) && read_value(o, one, out) && read_measure(o, one, out);
    }
    if (strcmp(kind, "TimeToCollisionCondition") == 0) {
        out->kind = CW_IF_TIME_TO_COLLISION;
        const cw_node *target = cw_osc_need(o, one, "TimeToCollisionConditionTarget");
        if (target == NULL || !read_value(o, one, out) || !read_measure(o, one, out))
            return false;
        const cw_node *entity = cw_osc_child(o, target, "EntityRef"), *position = cw_osc_child(o, target, "Position");
        if (entity != NULL)
            return cw_osc_entity(o, entity, "entityRef", &out->entity);
        if (position != NULL)
            return cw_osc_read_position(o, position, &out->position);
        return cw_osc_fail(o, target, NULL, CW_ERR_INPUT, "a time to collision needs an entity or a position");
    }
    if (strcmp(kind, "AccelerationCondition") == 0 || strcmp(kind, "SpeedCondition") == 0) {
        out->kind = kind[0] == 'A' ? CW_IF_ACCELERATION : CW_IF_SPEED;
        return read_value(o, one, out) && read_direction(o, one, out);
    }
    if (strcmp(kind, "StandStillCondition") == 0) {
        out->kind = CW_IF_STAND_STILL;
        return read_duration(o, one, out);
    }
    if (strcmp(kind, "RelativeSpeedCondition") == 0) {
        out->kind = CW_IF_RELATIVE_SPEED;
        return cw_osc_entity(o, one, "entityRef", &out->entity) && read_value(o, one, out) &&
               read_direction(o, one, out);
    }
    if (strcmp(kind, "TraveledDistanceCondition") == 0) {
        out->kind = CW_IF_TRAVELED_DISTANCE;
        return cw_osc_number(o, one, "value", &out->value);
    }
    if (strcmp(kind, "ReachPositionCondition") == 0 || strcmp(kind, "DistanceCondition") == 0) {
        const cw_node *position = cw_osc_need(o, one, "Position");
        out->kind = kind[0] == 'R' ? CW_IF_REACH_POSITION : CW_IF_DISTANCE;
        if (position == NULL || !cw_osc_read_position(o, position, &out->position))
            return false;
        if (out->kind == CW_IF_REACH_POSITION)
            return cw_osc_not_negative(o, one, "tolerance", 0, &out->value);
        return read_value(o, one, out) && read_measure(o, one, out);
    }
    if (strcmp(kind, "RelativeDistanceCondition") == 0) {
        out->kind = CW_IF_RELATIVE_DISTANCE;
        return cw_osc_entity(o, one, "entityRef", &out->entity) && read_value(o, one, out) && read_measure(o, one, out);
    }
    if (strcmp(kind, "RelativeClearanceCondition") == 0)
        return read_clearance(o, one, out);
    if (strcmp(kind, "AngleCondition") == 0) {
        out->kind = CW_IF_ANGLE;
        return read_angle(o, one, out);
    }
    if (strcmp(kind, "RelativeAngleCondition") == 0) {
        out->kind = CW_IF_RELATIVE_ANGLE;
        return cw_osc_entity(o, one, "entityRef", &out->entity) && read_angle(o, one, out);
    }
    out->kind = CW_IF_UNSUPPORTED;
    cw_osc_unsupported(o, one, kind, "a condition that is not known: it never holds");
    cw_osc_see_all(o, one);
    return true;
}

static bool read_by_entity(cw_osc *o, const cw_node *node, cw_condition *out) {
    static const char *const rule[] = {"any", "all"};
    uint8_t all;
    const cw_node *triggers = cw_osc_need(o, node, "TriggeringEntities");
    const cw_node *condition = triggers != NULL ? cw_osc_need(o, node, "EntityCondition") : NULL;
    if (condition == NULL || !cw_osc_word(o, triggers, "triggeringEntitiesRule", rule, 2, 0, &all) ||
        !cw_osc_entity_list(o, triggers, &out->triggers, &out->trigger_count))
        return false;
    out->all = all == 1;
    return read_entity_condition(o, condition, out);
}

// ---- triggers --------------------------------------------------------------------------------------------------------

static bool read_condition(cw_osc *o, const cw_node *node) {
    static const char *const edges[] = {"none", "rising", "falling", "risingOrFalling"};
    uint32_t index = CW_OSC_ADD(o, conditions, 1);
    if (index == CW_NONE)
        return false;
    cw_condition c = {.variable = CW_NONE,
                      .element_index = CW_NONE,
                      .entity = CW_NONE,
                      .line = node->line,
                      .column = node->column,
                      .position = cw_scene_nowhere()};
    if (!cw_osc_text_or(o, node, "name", "", &c.name) || !cw_osc_not_negative(o, node, "delay", 0, &c.delay) ||
        !cw_osc_word(o, node, "conditionEdge", edges, 4, 0, &c.edge))
        return false;
    const cw_node *by_value = cw_osc_child(o, node, "ByValueCondition");
    const cw_node *by_entity = cw_osc_child(o, node, "ByEntityCondition");
    if (by_value == NULL && by_entity == NULL)
        return cw_osc_fail(o, node, NULL, CW_ERR_INPUT, "the condition '%.60s' is empty", c.name);
    if (by_value != NULL ? !read_by_value(o, by_value, index, &c) : !read_by_entity(o, by_entity, &c))
        return false;
    o->conditions[index] = c;
    return true;
}

bool cw_osc_read_trigger(cw_osc *o, const cw_node *parent, const char *name, cw_trigger *out) {
    const cw_node *node = cw_osc_child(o, parent, name);
    *out = (cw_trigger){.present = node != NULL};
    if (node == NULL)
        return true;
    out->groups.count = cw_osc_count(node, "ConditionGroup");
    out->groups.first = CW_OSC_ADD(o, condition_groups, out->groups.count);
    if (out->groups.first == CW_NONE)
        return false;
    uint32_t g = out->groups.first;
    for (const cw_node *group = cw_osc_child(o, node, "ConditionGroup"); group != NULL;
         group = cw_osc_next(o, group, "ConditionGroup"), g++) {
        cw_span span = {.first = o->conditions_count};
        for (const cw_node *one = cw_osc_child(o, group, "Condition"); one != NULL;
             one = cw_osc_next(o, one, "Condition"), span.count++)
            if (!read_condition(o, one))
                return false;
        o->condition_groups[g].conditions = span;
    }
    return true;
}

// ---- references to storyboard elements -------------------------------------------------------------------------------

static uint32_t element_count(const cw_osc *o, int kind) {
    const uint32_t counts[] = {o->stories_count,   o->acts_count,   o->groups_count,
                               o->maneuvers_count, o->events_count, o->actions_count};
    return counts[kind];
}

static const char *element_name(const cw_osc *o, int kind, uint32_t index) {
    switch (kind) {
    case CW_ELEMENT_STORY:
        return o->stories[index].name;
    case CW_ELEMENT_ACT:
        return o->acts[index].name;
    case CW_ELEMENT_GROUP:
        return o->groups[index].name;
    case CW_ELEMENT_MANEUVER:
        return o->maneuvers[index].name;
    case CW_ELEMENT_EVENT:
        return o->events[index].name;
    default:
        return o->actions[index].name;
    }
}

// The element one level up; CW_NONE for a story and for init actions.
static uint32_t element_parent(const cw_osc *o, int kind, uint32_t index) {
    switch (kind) {
    case CW_ELEMENT_STORY:
        return CW_NONE;
    case CW_ELEMENT_ACT:
        return o->acts[index].story;
    case CW_ELEMENT_GROUP:
        return o->groups[index].act;
    case CW_ELEMENT_MANEUVER:
        return o->maneuvers[index].group;
    case CW_ELEMENT_EVENT:
        return o->events[index].maneuver;
    default:
        return o->action_events[index];
    }
}

// Does the element's path end with "a::b::c"? Levels may be left out at the front only.
static bool path_fits(const cw_osc *o, int kind, uint32_t index, const char *text) {
    size_t end = strlen(text);
    for (; kind >= 0 && index != CW_NONE; kind--) {
        const char *name = element_name(o, kind, index);
        size_t n = name != NULL ? strlen(name) : 0;
        if (name != NULL && n == end && memcmp(text, name, n) == 0)
            return true;
        if (name == NULL || n + 2 > end || memcmp(text + end - n, name, n) != 0 || text[end - n - 1] != ':' ||
            text[end - n - 2] != ':')
            return false;
        end -= n + 2;
        index = element_parent(o, kind, index);
    }
    return false;
}

// How many levels the element shares with the place of the condition, counted from the story down.
static int nearness(const cw_osc *o, int kind, uint32_t index, const cw_osc_place *place) {
    const uint32_t here[] = {place->story, place->act, place->group, place->maneuver, place->event};
    int shared = 0;
    for (; kind >= 0 && index != CW_NONE; kind--) {
        if (kind <= CW_ELEMENT_EVENT && here[kind] == index) {
            shared = kind + 1;
            break;
        }
        index = element_parent(o, kind, index);
    }
    return shared;
}

// Elements by kind and name, so that many references stay cheap.
typedef struct named_element {
    const char *name;
    uint32_t index;
    uint8_t kind;
} named_element;

static int compare_elements(const void *left, const void *right) {
    const named_element *a = left, *b = right;
    if (a->kind != b->kind)
        return a->kind < b->kind ? -1 : 1;
    int order = strcmp(a->name, b->name);
    return order != 0 ? order : (a->index > b->index) - (a->index < b->index);
}

static named_element *list_elements(cw_osc *o, size_t *count) {
    size_t total = 0;
    for (int kind = 0; kind <= CW_ELEMENT_ACTION; kind++)
        total += element_count(o, kind);
    named_element *list = cw_arena_array(o->scratch, total, sizeof *list);
    *count = 0;
    for (int kind = 0; list != NULL && kind <= CW_ELEMENT_ACTION; kind++)
        for (uint32_t i = 0; i < element_count(o, kind); i++) {
            const char *name = element_name(o, kind, i);
            // Init actions have no name; the further parts of an action share its name's memory.
            if (name == NULL || (kind == CW_ELEMENT_ACTION && i > 0 && name == o->actions[i - 1].name))
                continue;
            list[(*count)++] = (named_element){name, i, (uint8_t)kind};
        }
    if (list != NULL)
        qsort(list, *count, sizeof *list, compare_elements);
    else
        cw_osc_no_memory(o);
    return list;
}

// The first row of that kind and name, or where it would be.
static size_t first_named(const named_element *list, size_t count, uint8_t kind, const char *name) {
    named_element key = {name, 0, kind};
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (compare_elements(&list[middle], &key) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static const char *last_part(const char *text) {
    const char *last = text;
    for (const char *at = strstr(text, "::"); at != NULL; at = strstr(at + 2, "::"))
        last = at + 2;
    return last;
}

bool cw_osc_resolve_references(cw_osc *o) {
    enum { MOST_LOOKS = 20000000 }; // many references to one name that many elements bear
    size_t count, looks = 0;
    const named_element *list = list_elements(o, &count);
    if (list == NULL)
        return false;
    for (uint32_t i = 0; i < o->references_count; i++) {
        const cw_osc_reference *r = &o->references[i];
        cw_condition *c = &o->conditions[r->condition];
        const char *name = last_part(r->text);
        uint32_t best = CW_NONE;
        int best_near = -1, equal = 0;
        // By the path's last part; a name that holds "::" itself is looked up whole.
        for (int pass = 0; pass < (name != r->text ? 2 : 1); pass++) {
            const char *wanted = pass == 0 ? name : r->text;
            for (size_t k = first_named(list, count, c->element, wanted);
                 k < count && list[k].kind == c->element && strcmp(list[k].name, wanted) == 0; k++) {
                if (++looks > MOST_LOOKS) {
                    cw_error_set(o->err, CW_ERR_LIMIT, r->path, r->line, r->column,
                                 "too many storyboard elements have the same name");
                    return false;
                }
                if (!path_fits(o, c->element, list[k].index, r->text))
                    continue;
                int near = nearness(o, c->element, list[k].index, &r->place);
                equal = near == best_near ? equal + 1 : near > best_near ? 1 : equal;
                if (near > best_near) {
                    best = list[k].index;
                    best_near = near;
                }
            }
        }
        c->element_index = best;
        if (best == CW_NONE)
            cw_notices_add(o->notices, r->path, r->line, r->column, "storyboardElementRef",
                           "there is no such element: the condition never holds");
        else if (equal > 1)
            cw_notices_add(o->notices, r->path, r->line, r->column, "storyboardElementRef",
                           "several elements have this name: the first is meant");
    }
    return true;
}
