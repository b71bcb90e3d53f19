// The OpenSCENARIO reader's shared state: where it stands, parameters in scope, and the tables of the scene that grows.
// Private to format; the reader's files are openscenario*.c.
//
// Every function that returns bool gives false only after an error has been set; callers pass it on.
#ifndef CAUSEWAY_FORMAT_OPENSCENARIO_H
#define CAUSEWAY_FORMAT_OPENSCENARIO_H

#include "causeway/format.h"

#include "tree.h"

// ---- parameters ------------------------------------------------------------------------------------------------------

typedef struct cw_osc_parameter {
    const char *name;
    const cw_node *node; // declaration
    const char *given;   // value from outside (--set, ParameterAssignment), or NULL
    const char *text;    // value; known when state is 2
    uint8_t state;       // 0 not yet evaluated, 1 under way, 2 known
    uint32_t variable;   // index in the scene's variables
} cw_osc_parameter;

typedef struct cw_osc_scope {
    const struct cw_osc_scope *outer;
    const char *path; // file of the declarations
    uint32_t count;
    cw_osc_parameter *items;
} cw_osc_scope;

// ---- state -----------------------------------------------------------------------------------------------------------

typedef struct cw_osc_catalog {
    const char *path;    // as the scenario names it
    const char *found;   // where it was found
    const cw_node *root; // NULL: there is no such file
} cw_osc_catalog;

typedef struct cw_osc_selection {
    const char *name;
    uint32_t count;
    const uint32_t *actors;
} cw_osc_selection;

// Where in the storyboard the reader is; indices or CW_NONE.
typedef struct cw_osc_place {
    uint32_t story, act, group, maneuver, event;
} cw_osc_place;

// A reference to a storyboard element, resolved when all of them are known.
typedef struct cw_osc_reference {
    uint32_t condition;
    const char *text;
    cw_osc_place place;
    const char *path;
    int line, column;
} cw_osc_reference;

typedef struct cw_osc_trailer { // a TrailerRef, resolved when all entities are known
    uint32_t actor;
    const char *name;
    const char *path;
    int line, column;
} cw_osc_trailer;

#define CW_OSC_TABLE(type, name)                                                                                       \
    type *name;                                                                                                        \
    uint32_t name##_count;                                                                                             \
    size_t name##_capacity

typedef struct cw_osc {
    cw_arena *arena;   // the scene's
    cw_arena *scratch; // trees, parameter texts
    const cw_scenario_options *options;
    cw_notices *notices;
    cw_error *err;
    const char *path;   // the file that is read now
    const char *folder; // of the scenario: "" or ending in '/'
    const cw_osc_scope *root, *scope;
    int minor;        // revMinor
    bool left_handed; // CARLA: y and heading
    cw_map *map;
    cw_osc_place place;
    int catalog_depth, trajectory_depth, parameter_depth;
    uint32_t catalog_uses;
    bool unsupported; // something was read over
    cw_notice first_unsupported;

    CW_OSC_TABLE(cw_actor, actors);
    CW_OSC_TABLE(cw_story, stories);
    CW_OSC_TABLE(cw_act, acts);
    CW_OSC_TABLE(cw_maneuver_group, groups);
    CW_OSC_TABLE(cw_maneuver, maneuvers);
    CW_OSC_TABLE(cw_event, events);
    CW_OSC_TABLE(cw_action, actions);
    CW_OSC_TABLE(uint32_t, action_events); // event of each action, CW_NONE for init
    CW_OSC_TABLE(cw_condition, conditions);
    CW_OSC_TABLE(cw_condition_group, condition_groups);
    CW_OSC_TABLE(cw_variable, variables);
    CW_OSC_TABLE(cw_trajectory_def, trajectories);
    CW_OSC_TABLE(cw_route_def, routes);
    CW_OSC_TABLE(cw_signal_program, programs);
    CW_OSC_TABLE(cw_flow, flows);
    uint32_t flow_users; // road users that the flows need
    CW_OSC_TABLE(cw_attachment, attachments);
    CW_OSC_TABLE(cw_osc_selection, selections);
    CW_OSC_TABLE(cw_osc_catalog, catalogs);
    CW_OSC_TABLE(const char *, folders); // of the catalogs, resolved
    CW_OSC_TABLE(cw_osc_reference, references);
    CW_OSC_TABLE(cw_osc_trailer, trailers);
    CW_OSC_TABLE(uint8_t, actor_flags); // CW_OSC_* below, parallel to actors
    CW_OSC_TABLE(const cw_node *, actor_nodes);

    const void **seen; // nodes and attributes that were read: what is not is reported
    size_t seen_count, seen_capacity;
    uint32_t variables_own; // the first of `variables`; parameters follow
} cw_osc;

enum { CW_OSC_USED = 1, CW_OSC_PLACED = 2, CW_OSC_ADDED_LATER = 4, CW_OSC_PLACED_IN_INIT = 8, CW_OSC_CONTROLLED = 16 };

// `count` more zeroed elements at the end of a table; the index of the first, CW_NONE when out of memory (error set).
#define CW_OSC_ADD(o, table, count)                                                                                    \
    cw_osc_add((o), (void **)&(o)->table, &(o)->table##_capacity, &(o)->table##_count, (count), sizeof *(o)->table)
uint32_t cw_osc_add(cw_osc *o, void **items, size_t *capacity, uint32_t *held, size_t more, size_t element);

// ---- errors and notices ----------------------------------------------------------------------------------------------

// Always false. attr NULL: at the element. node NULL: the file alone.
bool cw_osc_fail(cw_osc *o, const cw_node *node, const char *attr, cw_status code, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
bool cw_osc_no_memory(cw_osc *o);
// A feature that the run cannot honour: a notice, and an error at the end when the reader is strict.
void cw_osc_unsupported(cw_osc *o, const cw_node *node, const char *name, const char *text);
// Something odd that is read in a stated way.
void cw_osc_note(cw_osc *o, const cw_node *node, const char *name, const char *text);

// ---- elements and attributes -----------------------------------------------------------------------------------------

void cw_osc_see(cw_osc *o, const void *item);              // a node or an attribute counts as read
void cw_osc_see_all(cw_osc *o, const cw_node *node);       // with all that is in it: it does not matter for a run
void cw_osc_report_unseen(cw_osc *o, const cw_node *node); // notices for whatever was not read under `node`
const cw_node *cw_osc_child(cw_osc *o, const cw_node *node, const char *name); // NULL name: any. NULL: none
const cw_node *cw_osc_next(cw_osc *o, const cw_node *node, const char *name);
const cw_node *cw_osc_need(cw_osc *o, const cw_node *node, const char *name); // error set when it is missing
uint32_t cw_osc_count(const cw_node *node, const char *name);
bool cw_osc_has(const cw_node *node, const char *name);             // an attribute
void cw_osc_skip(cw_osc *o, const cw_node *node, const char *name); // an attribute that does not matter for a run

// Values with parameters and expressions resolved. The plain forms need the attribute; *_or take what stands instead.
// Texts live in the scene's arena.
bool cw_osc_text(cw_osc *o, const cw_node *node, const char *name, const char **out);
bool cw_osc_text_or(cw_osc *o, const cw_node *node, const char *name, const char *other, const char **out);
bool cw_osc_number(cw_osc *o, const cw_node *node, const char *name, double *out); // finite, |x| <= 1e12
bool cw_osc_number_or(cw_osc *o, const cw_node *node, const char *name, double other, double *out);
bool cw_osc_float_or(cw_osc *o, const cw_node *node, const char *name, double other, float *out);
bool cw_osc_not_negative(cw_osc *o, const cw_node *node, const char *name, double other, double *out);
bool cw_osc_limit(cw_osc *o, const cw_node *node, const char *name, double *out); // absent or huge: INFINITY; >= 0
bool cw_osc_integer(cw_osc *o, const cw_node *node, const char *name, int32_t *out);
bool cw_osc_integer_or(cw_osc *o, const cw_node *node, const char *name, int32_t other, int32_t *out);
bool cw_osc_boolean_or(cw_osc *o, const cw_node *node, const char *name, bool other, bool *out);
// One of the words; "" in the list marks an unused place. other < 0: the attribute is needed.
bool cw_osc_word(cw_osc *o, const cw_node *node, const char *name, const char *const *words, int count, int other,
                 uint8_t *out);
const char *cw_osc_keep(cw_osc *o, const char *text); // a copy in the scene's arena; NULL after no_memory

// ---- parameters (openscenario_parameter.c) ---------------------------------------------------------------------------

// Resolves "$Name" and "${...}" in one attribute. *text lives in scratch or the tree.
bool cw_osc_resolve(cw_osc *o, const cw_node *node, const cw_node_attr *attr, bool texts, const char **text);
// Opens a scope for the ParameterDeclarations child of `node` (absent: none), inside `outer`; given values are
// name and value in pairs. Evaluates it and checks its constraints. The caller puts o->scope back.
typedef struct cw_osc_given {
    const char *name, *value;
    const cw_node *node; // the ParameterAssignment; NULL: from the command line
} cw_osc_given;
bool cw_osc_open_scope(cw_osc *o, const cw_node *node, const cw_osc_scope *outer, const cw_osc_given *given,
                       uint32_t given_count);
bool cw_osc_read_assignments(cw_osc *o, const cw_node *node, cw_osc_given **given, uint32_t *count);
const cw_osc_parameter *cw_osc_find_parameter(const cw_osc *o, const char *name);
bool cw_osc_read_variables(cw_osc *o, const cw_node *root);
uint32_t cw_osc_find_variable(const cw_osc *o, const char *name);

// ---- catalogs (openscenario_catalog.c) -------------------------------------------------------------------------------

bool cw_osc_read_locations(cw_osc *o, const cw_node *root);
// What a CatalogReference changed; undone by cw_osc_leave.
typedef struct cw_osc_visit {
    const cw_osc_scope *scope;
    const char *path;
    const cw_node *entry;
} cw_osc_visit;
// Finds the entry, which must be one of the comma-separated element names, and enters it: file, scope and parameters.
bool cw_osc_enter(cw_osc *o, const cw_node *reference, const char *kinds, cw_osc_visit *visit);
void cw_osc_leave(cw_osc *o, cw_osc_visit *visit);
bool cw_osc_attach(cw_osc *o, const char *path, const char *bytes, size_t count);
bool cw_osc_read_map(cw_osc *o, const cw_node *root);

// ---- the parts -------------------------------------------------------------------------------------------------------

bool cw_osc_read_entities(cw_osc *o, const cw_node *root);
uint32_t cw_osc_find_actor(const cw_osc *o, const char *name);
// An attribute that names one entity: marked as used.
bool cw_osc_entity(cw_osc *o, const cw_node *node, const char *name, uint32_t *out);
// An attribute that names an entity or a selection. The list lives in the scene's arena.
bool cw_osc_entities(cw_osc *o, const cw_node *node, const char *name, const uint32_t **list, uint32_t *count);
// All EntityRef children, selections expanded.
bool cw_osc_entity_list(cw_osc *o, const cw_node *node, const uint32_t **list, uint32_t *count);
bool cw_osc_read_controller(cw_osc *o, const cw_node *node,
                            cw_controller_def *out); // Controller or CatalogReference in node
bool cw_osc_check_places(cw_osc *o);
uint32_t cw_osc_choose_ego(const cw_osc *o);
bool cw_osc_kind_of(const char *type, uint8_t *kind); // ObjectType of ByType: false when unknown

bool cw_osc_read_traffic(cw_osc *o, const cw_node *node,
                         cw_action *a); // node: TrafficAction; fills `a` and adds a flow
bool cw_osc_read_position(cw_osc *o, const cw_node *node, cw_position *out); // node: Position or the like
bool cw_osc_read_trajectory(cw_osc *o, const cw_node *node,
                            uint32_t *out); // Trajectory, CatalogReference or TrajectoryRef in node
bool cw_osc_read_route(cw_osc *o, const cw_node *node, uint32_t *out); // Route or CatalogReference in node

bool cw_osc_read_environment(cw_osc *o, const cw_node *node,
                             cw_environment *out); // Environment or CatalogReference in node
void cw_osc_environment_defaults(cw_environment *out);
void cw_osc_environment_merge(cw_environment *into, const cw_environment *from);

bool cw_osc_read_trigger(cw_osc *o, const cw_node *parent, const char *name, cw_trigger *out);
bool cw_osc_resolve_references(cw_osc *o);

// Appends the action(s) of a PrivateAction, GlobalAction or UserDefinedAction. actor: the one it concerns, or CW_NONE.
bool cw_osc_read_action(cw_osc *o, const cw_node *node, const char *name, uint32_t actor);
bool cw_osc_read_storyboard(cw_osc *o, const cw_node *root, cw_scene *scene);

bool cw_osc_read_programs(cw_osc *o, const cw_node *root);
// cw_light of agent.h for a signal state as files write it: "red", "GREEN", "off;off;on" (lamps from the top).
uint8_t cw_osc_light_of(const char *state);
bool cw_osc_day_seconds(const char *text, double *seconds); // ISO 8601 date and time

#endif
