// Entities: vehicles, pedestrians, objects, trailers, selections and their controllers.
#include "openscenario.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { MOST_TRAILERS = 8, MOST_ACTORS = 4096 };

typedef struct category {
    const char *name;
    uint8_t kind;
} category;

static const category vehicle_categories[] = {
    {"car", CW_ACTOR_CAR},         {"van", CW_ACTOR_VAN},     {"truck", CW_ACTOR_TRUCK},
    {"trailer", CW_ACTOR_TRAILER}, {"bus", CW_ACTOR_BUS},     {"semitrailer", CW_ACTOR_TRAILER},
    {"train", CW_ACTOR_TRAIN},     {"tram", CW_ACTOR_TRAIN},  {"motorbike", CW_ACTOR_MOTORCYCLE},
    {"bicycle", CW_ACTOR_BICYCLE}, {"microcar", CW_ACTOR_CAR}};
static const category pedestrian_categories[] = {
    {"pedestrian", CW_ACTOR_PEDESTRIAN}, {"wheelchair", CW_ACTOR_PEDESTRIAN}, {"animal", CW_ACTOR_ANIMAL}};

static bool find_category(const category *list, size_t count, const char *name, uint8_t *kind) {
    for (size_t i = 0; i < count; i++)
        if (strcmp(list[i].name, name) == 0) {
            *kind = list[i].kind;
            return true;
        }
    return false;
}

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

bool cw_osc_kind_of(const char *type, uint8_t *kind) {
    if (strcmp(type, "vehicle") == 0)
        *kind = CW_ACTOR_CAR;
    else if (strcmp(type, "pedestrian") == 0)
        *kind = CW_ACTOR_PEDESTRIAN;
    else if (strcmp(type, "miscellaneous") == 0 || strcmp(type, "external") == 0)
        *kind = CW_ACTOR_OBSTACLE;
    else
        return find_category(vehicle_categories, COUNT(vehicle_categories), type, kind) ||
               find_category(pedestrian_categories, COUNT(pedestrian_categories), type, kind);
    return true;
}

uint32_t cw_osc_find_actor(const cw_osc *o, const char *name) {
    for (uint32_t i = 0; i < o->actors_count; i++)
        if (strcmp(o->actors[i].name, name) == 0)
            return i;
    return CW_NONE;
}

// node: where an error about the actor is placed, in the scenario itself.
static uint32_t add_actor(cw_osc *o, const cw_node *node, const char *name) {
    if (o->actors_count == MOST_ACTORS) {
        cw_osc_fail(o, node, NULL, CW_ERR_LIMIT, "more than %d entities", MOST_ACTORS);
        return CW_NONE;
    }
    uint32_t index = CW_OSC_ADD(o, actors, 1);
    if (index == CW_NONE || CW_OSC_ADD(o, actor_flags, 1) == CW_NONE || CW_OSC_ADD(o, actor_nodes, 1) == CW_NONE)
        return CW_NONE;
    o->actor_nodes[index] = node;
    o->actors[index] = (cw_actor){.name = name, .model = "", .trailer = CW_NONE, .controller = {.name = ""}};
    return index;
}

// ---- properties and controllers --------------------------------------------------------------------------------------

static bool read_properties(cw_osc *o, const cw_node *node, uint32_t *count, const cw_property **out) {
    const cw_node *list = cw_osc_child(o, node, "Properties");
    uint32_t n = list != NULL ? cw_osc_count(list, "Property") : 0;
    cw_property *items = cw_arena_array(o->arena, n, sizeof *items);
    if (items == NULL)
        return cw_osc_no_memory(o);
    *count = n;
    *out = items;
    if (list == NULL)
        return true;
    uint32_t i = 0;
    for (const cw_node *one = cw_osc_child(o, list, NULL); one != NULL; one = cw_osc_next(o, one, NULL)) {
        if (strcmp(one->name, "Property") != 0)
            cw_osc_see_all(o, one); // File, CustomContent: drawings and other tools' data
        else if (!cw_osc_text(o, one, "name", &items[i].name) || !cw_osc_text(o, one, "value", &items[i].value))
            return false;
        else
            i++;
    }
    return true;
}

// Properties of our own say what no element does: loose (true), lift (m above the ground at the start), deck (m, height of a
// loading platform).
static bool read_physics(cw_osc *o, const cw_node *node, cw_actor *actor) {
    for (uint32_t i = 0; i < actor->property_count; i++) {
        const cw_property *p = &actor->properties[i];
        float *number = strcmp(p->name, "lift") == 0   ? &actor->lift
                        : strcmp(p->name, "deck") == 0 ? &actor->deck
                                                       : NULL;
        double value;
        if (strcmp(p->name, "loose") == 0)
            actor->loose = strcmp(p->value, "true") == 0;
        if (number == NULL)
            continue;
        if (!cw_parse_double(p->value, strlen(p->value), &value) || value < 0 || value > 100)
            return cw_osc_fail(o, node, NULL, CW_ERR_INPUT, "the property '%s' is no height of 0 to 100 m", p->name);
        *number = (float)value;
    }
    return true;
}

static bool read_controller_body(cw_osc *o, const cw_node *node, cw_controller_def *out) {
    cw_osc_skip(o, node, "controllerType");
    return cw_osc_text_or(o, node, "name", "", &out->name) &&
           read_properties(o, node, &out->property_count, &out->properties);
}

bool cw_osc_read_controller(cw_osc *o, const cw_node *node, cw_controller_def *out) {
    *out = (cw_controller_def){.name = ""};
    const cw_node *direct = cw_osc_child(o, node, "Controller");
    const cw_osc_scope *scope = o->scope;
    if (direct != NULL) {
        bool good = cw_osc_open_scope(o, direct, scope, NULL, 0) && read_controller_body(o, direct, out);
        o->scope = scope;
        return good;
    }
    const cw_node *reference = cw_osc_child(o, node, "CatalogReference");
    if (reference == NULL)
        return true;
    cw_osc_visit visit;
    if (!cw_osc_enter(o, reference, "Controller", &visit) || !read_controller_body(o, visit.entry, out))
        return false;
    cw_osc_leave(o, &visit);
    return true;
}

// ---- bodies ----------------------------------------------------------------------------------------------------------

static bool positive(cw_osc *o, const cw_node *node, const char *name, float *out) {
    double value;
    if (!cw_osc_number(o, node, name, &value))
        return false;
    *out = (float)value;
    if (value >= 0 && value <= 1e4)
        return true;
    return cw_osc_fail(o, node, name, CW_ERR_INPUT, "%s=%g must be between 0 and 10000 m", name, value);
}

static bool read_box(cw_osc *o, const cw_node *node, cw_actor *actor) {
    const cw_node *box = cw_osc_need(o, node, "BoundingBox");
    const cw_node *center = box != NULL ? cw_osc_need(o, box, "Center") : NULL;
    const cw_node *size = center != NULL ? cw_osc_need(o, box, "Dimensions") : NULL;
    return size != NULL && cw_osc_float_or(o, center, "x", 0, &actor->center_x) &&
           cw_osc_float_or(o, center, "y", 0, &actor->center_y) &&
           cw_osc_float_or(o, center, "z", 0, &actor->center_z) && positive(o, size, "length", &actor->length) &&
           positive(o, size, "width", &actor->width) && positive(o, size, "height", &actor->height);
}

static bool read_performance(cw_osc *o, const cw_node *node, cw_actor *actor) {
    const cw_node *performance = cw_osc_child(o, node, "Performance");
    if (performance == NULL)
        return true;
    double speed, accel, brake, unused;
    if (!cw_osc_limit(o, performance, "maxSpeed", &speed) || !cw_osc_limit(o, performance, "maxAcceleration", &accel) ||
        !cw_osc_limit(o, performance, "maxDeceleration", &brake) ||
        !cw_osc_limit(o, performance, "maxAccelerationRate", &unused) ||
        !cw_osc_limit(o, performance, "maxDecelerationRate", &unused))
        return false;
    actor->max_speed = speed < INFINITY ? (float)speed : 0;
    actor->max_accel = accel < INFINITY ? (float)accel : 0;
    actor->max_brake = brake < INFINITY ? (float)brake : 0;
    return true;
}

static bool read_axles(cw_osc *o, const cw_node *node, cw_actor *actor) {
    const cw_node *axles = cw_osc_child(o, node, "Axles");
    if (axles == NULL)
        return true;
    const cw_node *front = cw_osc_child(o, axles, "FrontAxle"), *rear = cw_osc_child(o, axles, "RearAxle");
    double front_x = 0, rear_x = 0, steer = 0;
    if (rear != NULL && !cw_osc_number_or(o, rear, "positionX", 0, &rear_x))
        return false;
    if (front != NULL && (!cw_osc_number_or(o, front, "positionX", 0, &front_x) ||
                          !cw_osc_not_negative(o, front, "maxSteering", 0, &steer)))
        return false;
    if (front != NULL && front_x > rear_x) {
        actor->front_axle_x = (float)front_x;
        actor->wheelbase = (float)(front_x - rear_x);
    }
    if (steer > CW_PI / 2) {
        cw_osc_note(o, front, "FrontAxle@maxSteering", "beyond a right angle: read as degrees");
        steer = cw_min(steer, 90) * CW_PI / 180;
    }
    actor->max_steer = (float)steer;
    cw_osc_see_all(o, axles); // wheel diameters, track widths, additional axles
    return true;
}

static bool read_vehicle(cw_osc *o, const cw_node *node, uint32_t index, int depth);

// The reference is resolved when all entities are known; "" and a missing one mean no trailer.
static bool read_trailer(cw_osc *o, const cw_node *node, uint32_t owner, int depth) {
    const cw_node *hitch = cw_osc_child(o, node, "TrailerHitch"), *coupler = cw_osc_child(o, node, "TrailerCoupler");
    if ((hitch != NULL && !cw_osc_float_or(o, hitch, "dx", 0, &o->actors[owner].hitch_x)) ||
        (coupler != NULL && !cw_osc_float_or(o, coupler, "dx", 0, &o->actors[owner].coupler_x)))
        return false;
    if (hitch != NULL)
        cw_osc_see_all(o, hitch);
    if (coupler != NULL)
        cw_osc_see_all(o, coupler);
    const cw_node *holder = cw_osc_child(o, node, "Trailer");
    if (holder == NULL)
        return true;
    const cw_node *reference = cw_osc_child(o, holder, "TrailerRef");
    if (reference != NULL) {
        const char *name;
        if (!cw_osc_text_or(o, reference, "entityRef", "", &name))
            return false;
        if (name[0] == '\0')
            return true;
        uint32_t at = CW_OSC_ADD(o, trailers, 1);
        if (at == CW_NONE)
            return false;
        o->trailers[at] = (cw_osc_trailer){owner, name, o->path, reference->line, reference->column};
        return true;
    }
    const cw_node *body = cw_osc_child(o, holder, "Trailer");
    if (body == NULL)
        body = holder;
    if (depth == MOST_TRAILERS)
        return cw_osc_fail(o, body, NULL, CW_ERR_LIMIT, "more than %d trailers behind each other", MOST_TRAILERS);
    const char *name;
    char full[300];
    if (!cw_osc_text_or(o, body, "name", "trailer", &name))
        return false;
    if (cw_osc_find_actor(o, name) != CW_NONE) {
        snprintf(full, sizeof full, "%.140s.%.140s", o->actors[owner].name, name);
        name = cw_osc_keep(o, full);
        if (name == NULL)
            return false;
    }
    uint32_t index = add_actor(o, o->actor_nodes[owner], name);
    if (index == CW_NONE)
        return false;
    o->actors[owner].trailer = index;
    const cw_node *vehicle = cw_osc_child(o, body, "Vehicle");
    if (vehicle != NULL) {
        const cw_osc_scope *scope = o->scope;
        bool good = cw_osc_open_scope(o, vehicle, scope, NULL, 0) && read_vehicle(o, vehicle, index, depth + 1);
        o->scope = scope;
        return good;
    }
    const cw_node *catalog = cw_osc_need(o, body, "CatalogReference");
    cw_osc_visit visit;
    if (catalog == NULL || !cw_osc_enter(o, catalog, "Vehicle", &visit) ||
        !read_vehicle(o, visit.entry, index, depth + 1))
        return false;
    cw_osc_leave(o, &visit);
    return true;
}

static bool read_vehicle(cw_osc *o, const cw_node *node, uint32_t index, int depth) {
    cw_actor body = o->actors[index];
    const char *type;
    double mass;
    cw_osc_skip(o, node, "model3d");
    cw_osc_skip(o, node, "role");
    if (!cw_osc_text_or(o, node, "name", "", &body.model) || !cw_osc_text(o, node, "vehicleCategory", &type) ||
        !cw_osc_not_negative(o, node, "mass", 0, &mass))
        return false;
    body.mass = (float)mass;
    if (!find_category(vehicle_categories, COUNT(vehicle_categories), type, &body.kind)) {
        body.kind = CW_ACTOR_OTHER;
        cw_osc_note(o, node, type, "unknown vehicle category, taken as another kind of vehicle");
    }
    if (!read_box(o, node, &body) || !read_performance(o, node, &body) || !read_axles(o, node, &body) ||
        !read_properties(o, node, &body.property_count, &body.properties) || !read_physics(o, node, &body))
        return false;
    o->actors[index] = body;
    return read_trailer(o, node, index, depth);
}

static bool read_pedestrian(cw_osc *o, const cw_node *node, uint32_t index) {
    cw_actor *body = &o->actors[index];
    const char *type;
    double mass;
    cw_osc_skip(o, node, "model3d");
    cw_osc_skip(o, node, "model");
    cw_osc_skip(o, node, "role");
    if (!cw_osc_text_or(o, node, "name", "", &body->model) ||
        !cw_osc_text_or(o, node, "pedestrianCategory", "pedestrian", &type) ||
        !cw_osc_not_negative(o, node, "mass", 0, &mass))
        return false;
    body->mass = (float)mass;
    body->kind = CW_ACTOR_PEDESTRIAN;
    if (!find_category(pedestrian_categories, COUNT(pedestrian_categories), type, &body->kind))
        cw_osc_note(o, node, type, "unknown pedestrian category, taken as a pedestrian");
    return read_box(o, node, body) && read_properties(o, node, &body->property_count, &body->properties);
}

static bool read_object(cw_osc *o, const cw_node *node, uint32_t index) {
    cw_actor *body = &o->actors[index];
    double mass;
    cw_osc_skip(o, node, "model3d");
    cw_osc_skip(o, node, "miscObjectCategory");
    if (!cw_osc_text_or(o, node, "name", "", &body->model) || !cw_osc_not_negative(o, node, "mass", 0, &mass))
        return false;
    body->mass = (float)mass;
    body->kind = CW_ACTOR_OBSTACLE;
    return read_box(o, node, body) && read_properties(o, node, &body->property_count, &body->properties) &&
           read_physics(o, node, body);
}

static bool read_body(cw_osc *o, const cw_node *node, uint32_t index) {
    if (strcmp(node->name, "Vehicle") == 0)
        return read_vehicle(o, node, index, 0);
    return strcmp(node->name, "Pedestrian") == 0 ? read_pedestrian(o, node, index) : read_object(o, node, index);
}

static bool read_entity(cw_osc *o, const cw_node *node) {
    const char *name;
    if (!cw_osc_text(o, node, "name", &name))
        return false;
    if (name[0] == '\0' || cw_osc_find_actor(o, name) != CW_NONE)
        return cw_osc_fail(o, node, "name", CW_ERR_INPUT, "the entity '%.60s' is declared twice, or has no name", name);
    uint32_t index = add_actor(o, node, name);
    if (index == CW_NONE)
        return false;
    const cw_node *body = cw_osc_child(o, node, "Vehicle");
    body = body != NULL ? body : cw_osc_child(o, node, "Pedestrian");
    body = body != NULL ? body : cw_osc_child(o, node, "MiscObject");
    const cw_node *external = cw_osc_child(o, node, "ExternalObjectReference");
    const cw_node *reference = cw_osc_child(o, node, "CatalogReference");
    if (body != NULL) {
        const cw_osc_scope *scope = o->scope;
        if (!cw_osc_open_scope(o, body, scope, NULL, 0) || !read_body(o, body, index))
            return false;
        o->scope = scope;
    } else if (reference != NULL) {
        cw_osc_visit visit;
        if (!cw_osc_enter(o, reference, "Vehicle,Pedestrian,MiscObject", &visit) || !read_body(o, visit.entry, index))
            return false;
        cw_osc_leave(o, &visit);
    } else if (external != NULL) {
        return cw_osc_fail(o, external, NULL, CW_ERR_UNSUPPORTED,
                           "'%.60s' is defined outside the scenario: its size is unknown", name);
    } else {
        return cw_osc_fail(o, node, NULL, CW_ERR_INPUT, "the entity '%.60s' says nothing about what it is", name);
    }
    for (const cw_node *one = cw_osc_child(o, node, "ObjectController"); one != NULL;
         one = cw_osc_next(o, one, "ObjectController")) {
        cw_controller_def controller;
        cw_osc_skip(o, one, "name");
        if (!cw_osc_read_controller(o, one, &controller))
            return false;
        if (o->actors[index].has_controller)
            cw_osc_note(o, one, "ObjectController", "an entity with several controllers: the first counts");
        else
            o->actors[index].controller = controller;
        o->actors[index].has_controller = true;
        o->actor_flags[index] |= CW_OSC_CONTROLLED;
    }
    return true;
}

// ---- selections ------------------------------------------------------------------------------------------------------

static const cw_osc_selection *find_selection(const cw_osc *o, const char *name) {
    for (uint32_t i = 0; i < o->selections_count; i++)
        if (strcmp(o->selections[i].name, name) == 0)
            return &o->selections[i];
    return NULL;
}

static bool of_type(const cw_actor *actor, const char *type) {
    bool walks = actor->kind == CW_ACTOR_PEDESTRIAN || actor->kind == CW_ACTOR_ANIMAL;
    if (strcmp(type, "pedestrian") == 0)
        return walks;
    if (strcmp(type, "miscellaneous") == 0)
        return actor->kind == CW_ACTOR_OBSTACLE;
    return strcmp(type, "vehicle") == 0 && !walks && actor->kind != CW_ACTOR_OBSTACLE;
}

static bool read_selection(cw_osc *o, const cw_node *node) {
    const char *name;
    const cw_node *members = cw_osc_need(o, node, "Members");
    if (members == NULL || !cw_osc_text(o, node, "name", &name))
        return false;
    const uint32_t *list = NULL;
    uint32_t count = 0;
    const cw_node *type = cw_osc_child(o, members, "ByType");
    if (type != NULL) {
        const char *wanted;
        if (!cw_osc_text(o, type, cw_osc_has(type, "objectType") ? "objectType" : "type", &wanted))
            return false;
        uint32_t *found = cw_arena_array(o->arena, o->actors_count, sizeof *found);
        if (found == NULL)
            return cw_osc_no_memory(o);
        for (uint32_t i = 0; i < o->actors_count; i++)
            if (of_type(&o->actors[i], wanted))
                found[count++] = i;
        list = found;
    } else if (!cw_osc_entity_list(o, members, &list, &count)) {
        return false;
    }
    uint32_t index = CW_OSC_ADD(o, selections, 1);
    if (index == CW_NONE)
        return false;
    o->selections[index] = (cw_osc_selection){name, count, list};
    return true;
}

// ---- references to entities ------------------------------------------------------------------------------------------

bool cw_osc_entities(cw_osc *o, const cw_node *node, const char *name, const uint32_t **list, uint32_t *count) {
    const char *text;
    if (!cw_osc_text(o, node, name, &text))
        return false;
    const cw_osc_selection *selection = find_selection(o, text);
    if (selection != NULL) {
        *list = selection->actors;
        *count = selection->count;
    } else {
        uint32_t actor = cw_osc_find_actor(o, text);
        if (actor == CW_NONE)
            return cw_osc_fail(o, node, name, CW_ERR_INPUT, "there is no entity '%.60s'", text);
        uint32_t *one = cw_arena_alloc(o->arena, sizeof *one);
        if (one == NULL)
            return cw_osc_no_memory(o);
        *one = actor;
        *list = one;
        *count = 1;
    }
    for (uint32_t i = 0; i < *count; i++)
        o->actor_flags[(*list)[i]] |= CW_OSC_USED;
    return true;
}

bool cw_osc_entity(cw_osc *o, const cw_node *node, const char *name, uint32_t *out) {
    const uint32_t *list = NULL;
    uint32_t count = 0;
    if (!cw_osc_entities(o, node, name, &list, &count))
        return false;
    if (count != 1)
        return cw_osc_fail(o, node, name, CW_ERR_INPUT, "one entity is needed here, not a selection of %u", count);
    *out = list[0];
    return true;
}

bool cw_osc_entity_list(cw_osc *o, const cw_node *node, const uint32_t **list, uint32_t *count) {
    uint32_t *out = cw_arena_array(o->arena, o->actors_count, sizeof *out);
    *count = 0;
    *list = out;
    if (out == NULL)
        return cw_osc_no_memory(o);
    for (const cw_node *one = cw_osc_child(o, node, "EntityRef"); one != NULL; one = cw_osc_next(o, one, "EntityRef")) {
        const uint32_t *some = NULL;
        uint32_t n = 0;
        if (!cw_osc_entities(o, one, "entityRef", &some, &n))
            return false;
        for (uint32_t i = 0; i < n; i++) {
            bool known = false; // an entity counts once: the list never outgrows the actors
            for (uint32_t k = 0; k < *count; k++)
                known |= out[k] == some[i];
            if (!known)
                out[(*count)++] = some[i];
        }
    }
    return true;
}

// ---- all of them -----------------------------------------------------------------------------------------------------

bool cw_osc_read_entities(cw_osc *o, const cw_node *root) {
    const cw_node *list = cw_osc_need(o, root, "Entities");
    if (list == NULL)
        return false;
    for (const cw_node *one = cw_osc_child(o, list, "ScenarioObject"); one != NULL;
         one = cw_osc_next(o, one, "ScenarioObject"))
        if (!read_entity(o, one))
            return false;
    for (uint32_t i = 0; i < o->trailers_count; i++) {
        const cw_osc_trailer *t = &o->trailers[i];
        uint32_t actor = cw_osc_find_actor(o, t->name);
        if (actor == CW_NONE || actor == t->actor) {
            cw_error_set(o->err, CW_ERR_INPUT, t->path, t->line, t->column, "there is no trailer '%.60s'", t->name);
            return false;
        }
        o->actors[t->actor].trailer = actor;
    }
    for (uint32_t i = 0; i < o->actors_count; i++) { // a ring of trailers would never end
        uint32_t steps = 0;
        for (uint32_t at = o->actors[i].trailer; at != CW_NONE; at = o->actors[at].trailer)
            if (++steps > o->actors_count)
                return cw_osc_fail(o, o->actor_nodes[i], NULL, CW_ERR_INPUT, "'%.60s' pulls itself as its trailer",
                                   o->actors[i].name);
    }
    for (const cw_node *one = cw_osc_child(o, list, "EntitySelection"); one != NULL;
         one = cw_osc_next(o, one, "EntitySelection"))
        if (!read_selection(o, one))
            return false;
    for (uint32_t i = 0; i < o->actors_count; i++)
        o->actor_flags[i] &= (uint8_t)~CW_OSC_USED; // a mere selection is no use
    return true;
}

bool cw_osc_check_places(cw_osc *o) {
    for (uint32_t i = 0; i < o->actors_count; i++) // what is pulled stands where its puller does
        for (uint32_t at = i; o->actors[at].trailer != CW_NONE; at = o->actors[at].trailer)
            o->actor_flags[o->actors[at].trailer] |=
                o->actor_flags[at] & (CW_OSC_PLACED | CW_OSC_PLACED_IN_INIT | CW_OSC_ADDED_LATER);
    for (uint32_t i = 0; i < o->actors_count; i++) {
        o->actors[i].starts = (o->actor_flags[i] & CW_OSC_PLACED_IN_INIT) != 0;
        if ((o->actor_flags[i] & (CW_OSC_USED | CW_OSC_PLACED)) == CW_OSC_USED)
            return cw_osc_fail(o, o->actor_nodes[i], "name", CW_ERR_INPUT,
                               "the storyboard uses '%.60s', but nothing gives it a position", o->actors[i].name);
    }
    return true;
}

static bool contains_ego(const char *name) {
    for (; *name != '\0'; name++)
        if (strncasecmp(name, "ego", 3) == 0)
            return true;
    return false;
}

// By name, then the one with a controller, then the first vehicle.
uint32_t cw_osc_choose_ego(const cw_osc *o) {
    for (int pass = 0; pass < 5; pass++)
        for (uint32_t i = 0; i < o->actors_count; i++) {
            const cw_actor *actor = &o->actors[i];
            bool fits = false;
            switch (pass) {
            case 0:
                fits = strcasecmp(actor->name, "ego") == 0;
                break;
            case 1:
                fits = strcasecmp(actor->name, "hero") == 0;
                break;
            case 2:
                fits = contains_ego(actor->name);
                break;
            case 3:
                fits = (o->actor_flags[i] & CW_OSC_CONTROLLED) != 0;
                break;
            default:
                break;
            }
            if (pass == 4)
                fits = true;
            bool vehicle = actor->kind <= CW_ACTOR_BICYCLE && actor->kind != CW_ACTOR_TRAILER;
            if (fits && vehicle && (o->actor_flags[i] & CW_OSC_PLACED) != 0)
                return i;
        }
    return CW_NONE;
}
