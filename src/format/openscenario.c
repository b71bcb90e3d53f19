// OpenSCENARIO XML 1.0 to 1.3: from bytes to a scene.
#include "openscenario.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const size_t most_arena = (size_t)1 << 30, most_scenario = (size_t)64 << 20;

// ---- the file's head -------------------------------------------------------------------------------------------------

static bool read_header(cw_osc *o, const cw_node *root, cw_scene *scene) {
    int32_t major, minor;
    const cw_node *header = cw_osc_need(o, root, "FileHeader");
    if (header == NULL || !cw_osc_integer(o, header, "revMajor", &major) ||
        !cw_osc_integer(o, header, "revMinor", &minor) || !cw_osc_text_or(o, header, "author", "", &scene->author) ||
        !cw_osc_text_or(o, header, "description", "", &scene->description))
        return false;
    cw_osc_see_all(o, header);
    if (major != 1)
        return cw_osc_fail(o, header, "revMajor", CW_ERR_UNSUPPORTED,
                           "OpenSCENARIO %d.%d is not supported: 1.0 to 1.3 are", major, minor);
    if (minor < 0 || minor > 3)
        cw_osc_note(o, header, "revMinor", "read as version 1.3");
    o->minor = minor < 0 ? 0 : minor;
    o->left_handed = strncmp(scene->description, "CARLA:", 6) == 0;
    char version[32];
    snprintf(version, sizeof version, "1.%d", minor);
    scene->version = cw_osc_keep(o, version);
    return scene->version != NULL;
}

// "Name=value" from the caller; every name must be a parameter of the scenario.
static bool read_set(cw_osc *o, const cw_node *root, cw_osc_given **given, uint32_t *count) {
    *count = o->options != NULL ? o->options->set_count : 0;
    *given = cw_arena_array(o->scratch, *count, sizeof **given);
    if (*given == NULL)
        return cw_osc_no_memory(o);
    const cw_node *list = cw_node_child(root, "ParameterDeclarations");
    for (uint32_t i = 0; i < *count; i++) {
        const char *text = o->options->set[i], *equal = strchr(text, '=');
        if (equal == NULL)
            return cw_osc_fail(o, NULL, NULL, CW_ERR_USAGE, "'%.60s' is not of the form Name=value", text);
        const char *name = cw_arena_text(o->scratch, text, (size_t)(equal - text));
        if (name == NULL)
            return cw_osc_no_memory(o);
        char known[200] = "";
        size_t at = 0;
        bool found = false;
        for (const cw_node *one = list != NULL ? cw_node_child(list, "ParameterDeclaration") : NULL; one != NULL;
             one = cw_node_next(one, "ParameterDeclaration")) {
            const char *declared = cw_node_value(one, "name");
            if (declared == NULL)
                continue;
            found |= strcmp(declared, name) == 0;
            int n = snprintf(known + at, sizeof known - at, "%s%s", at > 0 ? ", " : "", declared);
            at += n > 0 && (size_t)n < sizeof known - at ? (size_t)n : 0;
            known[at] = '\0';
        }
        if (!found)
            return cw_osc_fail(o, NULL, NULL, CW_ERR_USAGE, "the scenario has no parameter '%.60s'; it has: %s", name,
                               at > 0 ? known : "none");
        (*given)[i] = (cw_osc_given){.name = name, .value = equal + 1};
    }
    return true;
}

static bool read_parameters(cw_osc *o, const cw_node *root) {
    cw_osc_given *given;
    uint32_t count;
    const cw_node *variables = cw_osc_child(o, root, "VariableDeclarations");
    if (!read_set(o, root, &given, &count))
        return false;
    // The variables' rows come first; their values may refer to parameters, so that these are read before.
    if (CW_OSC_ADD(o, variables, variables != NULL ? cw_osc_count(variables, "VariableDeclaration") : 0) == CW_NONE ||
        !cw_osc_open_scope(o, root, NULL, given, count))
        return false;
    o->root = o->scope;
    return cw_osc_read_variables(o, root);
}

// ---- the scene -------------------------------------------------------------------------------------------------------

static const void *moved(cw_osc *o, const void *items, uint32_t count, size_t size) {
    void *copy = cw_arena_array(o->arena, count, size);
    if (copy == NULL)
        cw_osc_no_memory(o);
    else if (count > 0)
        memcpy(copy, items, count * size);
    return copy;
}

#define MOVE(field, table, number)                                                                                     \
    (scene->number = o->table##_count, (scene->field = moved(o, o->table, o->table##_count, sizeof *o->table)) != NULL)

static bool move_tables(cw_osc *o, cw_scene *scene) {
    return MOVE(actors, actors, actor_count) && MOVE(stories, stories, story_count) && MOVE(acts, acts, act_count) &&
           MOVE(groups, groups, group_count) && MOVE(maneuvers, maneuvers, maneuver_count) &&
           MOVE(events, events, event_count) && MOVE(actions, actions, action_count) &&
           MOVE(conditions, conditions, condition_count) &&
           MOVE(condition_groups, condition_groups, condition_group_count) &&
           MOVE(variables, variables, variable_count) && MOVE(trajectories, trajectories, trajectory_count) &&
           MOVE(routes, routes, route_count) && MOVE(programs, programs, program_count) &&
           MOVE(attachments, attachments, attachment_count);
}

// The weather at the start, and where the ego is sent.
static bool settle_start(cw_osc *o, cw_scene *scene) {
    cw_osc_environment_defaults(&scene->environment);
    for (uint32_t i = scene->init.first; i < scene->init.first + scene->init.count; i++) {
        const cw_action *a = &o->actions[i];
        if (a->kind == CW_DO_ENVIRONMENT)
            cw_osc_environment_merge(&scene->environment, &a->environment);
        if (a->actor == CW_NONE || a->actor != scene->ego)
            continue;
        if (a->kind == CW_DO_ASSIGN_ROUTE)
            scene->mission_route = a->route;
        if (a->kind == CW_DO_ACQUIRE_POSITION) {
            cw_waypoint *point = cw_arena_alloc(o->arena, sizeof *point);
            uint32_t route = CW_OSC_ADD(o, routes, 1);
            if (point == NULL || route == CW_NONE)
                return cw_osc_no_memory(o);
            point->position = a->position;
            o->routes[route] = (cw_route_def){.name = "", .count = 1, .waypoints = point};
            scene->mission_route = route;
        }
    }
    return true;
}

static const char *base_name(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

static bool read_scenario(cw_osc *o, const cw_node *root, cw_scene *scene) {
    if (strcmp(root->name, "OpenSCENARIO") != 0)
        return cw_osc_fail(o, root, NULL, CW_ERR_INPUT, "the root element is <%.60s>, not <OpenSCENARIO>", root->name);
    if (!read_header(o, root, scene))
        return false;
    const cw_node *other = cw_node_child(root, "ParameterValueDistribution");
    if (other != NULL)
        return cw_osc_fail(o, other, NULL, CW_ERR_UNSUPPORTED,
                           "this is a parameter distribution, not one scenario: give it to --distribution");
    other = cw_node_child(root, "Catalog");
    if (other != NULL)
        return cw_osc_fail(o, other, NULL, CW_ERR_INPUT, "this is a catalog, not a scenario");
    if (!read_parameters(o, root) || !cw_osc_read_locations(o, root) || !cw_osc_read_map(o, root) ||
        !cw_osc_read_programs(o, root) || !cw_osc_read_entities(o, root) || !cw_osc_read_storyboard(o, root, scene) ||
        !cw_osc_check_places(o))
        return false;
    scene->ego = cw_osc_choose_ego(o);
    cw_osc_report_unseen(o, root);
    const cw_notice *first = &o->first_unsupported;
    if (o->unsupported && o->options != NULL && o->options->strict) {
        cw_error_set(o->err, CW_ERR_UNSUPPORTED, first->path, first->line, first->column, "%s: %s", first->name,
                     first->text);
        return false;
    }
    return settle_start(o, scene) && move_tables(o, scene) &&
           (cw_notices_copy(o->notices, o->arena, &scene->notices, &scene->notice_count) || cw_osc_no_memory(o));
}

static void release(cw_osc *o) {
    free(o->actors);
    free(o->stories);
    free(o->acts);
    free(o->groups);
    free(o->maneuvers);
    free(o->events);
    free(o->actions);
    free(o->action_events);
    free(o->conditions);
    free(o->condition_groups);
    free(o->variables);
    free(o->trajectories);
    free(o->routes);
    free(o->programs);
    free(o->attachments);
    free(o->selections);
    free(o->catalogs);
    free(o->folders);
    free(o->references);
    free(o->trailers);
    free(o->flows);
    free(o->actor_flags);
    free(o->actor_nodes);
    free(o->seen);
    cw_notices_free(o->notices);
    cw_arena_free(o->scratch);
}

cw_status cw_openscenario_read(const char *bytes, size_t count, const char *path, const cw_scenario_options *options,
                               cw_scene **scene, cw_error *err) {
    cw_error local = {0};
    cw_osc o = {.options = options, .err = &local, .path = path};
    *scene = NULL;
    o.arena = cw_arena_new(0, most_arena);
    o.scratch = cw_arena_new(0, most_arena);
    o.notices = cw_notices_new();
    cw_scene *out = o.arena != NULL ? cw_arena_alloc(o.arena, sizeof *out) : NULL;
    bool good = out != NULL && o.scratch != NULL && o.notices != NULL;
    if (!good)
        cw_osc_no_memory(&o);
    if (good) {
        const char *base = base_name(path);
        *out = (cw_scene){.origin = CW_FROM_OPENSCENARIO,
                          .duration = INFINITY,
                          .ego = CW_NONE,
                          .dry_friction = 1,
                          .mission_route = CW_NONE,
                          .arena = o.arena};
        o.folder = cw_arena_text(o.arena, path, (size_t)(base - path));
        const char *dot = strrchr(base, '.');
        out->name = cw_arena_text(o.arena, base, dot != NULL ? (size_t)(dot - base) : strlen(base));
        const cw_node *root;
        good = (o.folder != NULL && out->name != NULL) || cw_osc_no_memory(&o);
        good = good && (count <= most_scenario || cw_osc_fail(&o, NULL, NULL, CW_ERR_LIMIT,
                                                              "the scenario has more than %zu bytes", most_scenario));
        good = good && cw_tree_read(bytes, count, path, o.scratch, &root, o.err) == CW_OK;
        if (good)
            cw_osc_see(&o, root);
        good = good && cw_osc_attach(&o, base, bytes, count) && read_scenario(&o, root, out);
    }
    if (good) {
        out->map = o.map;
        good = cw_scene_name_goal(out) || cw_osc_no_memory(&o);
    }
    if (good) {
        out->hash = cw_scene_digest(out);
        if (o.flows_count > 0)
            good = cw_scene_add_flows(out, o.flows, o.flows_count, o.flow_users, o.err) == CW_OK;
    }
    if (good) {
        *scene = out;
    } else {
        cw_map_free(o.map);
        cw_arena_free(o.arena);
    }
    release(&o);
    if (!good && err != NULL && err->code == CW_OK)
        *err = local;
    return good ? CW_OK : local.code != CW_OK ? local.code : CW_ERR_INTERNAL;
}
