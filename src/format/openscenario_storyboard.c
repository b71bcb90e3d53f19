// The storyboard: init, stories, acts, maneuver groups, maneuvers, events.
#include "openscenario.h"

#include <math.h>
#include <string.h>

// maximumExecutionCount; 1 where it is not stated.
static bool read_most(cw_osc *o, const cw_node *node, uint32_t *out) {
    double most;
    if (!cw_osc_number_or(o, node, "maximumExecutionCount", 1, &most))
        return false;
    if (most < 0 || most != floor(most))
        return cw_osc_fail(o, node, "maximumExecutionCount", CW_ERR_INPUT, "%g is no count", most);
    *out = most < 4294967295.0 ? (uint32_t)most : UINT32_MAX;
    return true;
}

static bool read_event(cw_osc *o, const cw_node *node, uint32_t index) {
    static const char *const priorities[] = {"override", "parallel", "skip", "overwrite"};
    cw_event event = {.maneuver = o->place.maneuver};
    o->place.event = index;
    if (!cw_osc_text(o, node, "name", &event.name) ||
        !cw_osc_word(o, node, "priority", priorities, 4, 0, &event.priority) || !read_most(o, node, &event.most))
        return false;
    if (event.priority == 3) // the word of 1.0 and 1.1
        event.priority = 0;
    event.actions.first = o->actions_count;
    for (const cw_node *one = cw_osc_child(o, node, "Action"); one != NULL; one = cw_osc_next(o, one, "Action")) {
        const char *name;
        if (!cw_osc_text(o, one, "name", &name))
            return false;
        const cw_node *what = cw_osc_child(o, one, NULL);
        if (what == NULL) {
            uint32_t at = CW_OSC_ADD(o, actions, 1);
            if (at == CW_NONE || CW_OSC_ADD(o, action_events, 1) == CW_NONE)
                return false;
            o->actions[at] = (cw_action){.name = name,
                                         .entity = CW_NONE,
                                         .route = CW_NONE,
                                         .trajectory = CW_NONE,
                                         .variable = CW_NONE,
                                         .actor = CW_NONE,
                                         .line = one->line,
                                         .column = one->column};
            o->action_events[at] = index;
            cw_osc_note(o, one, "Action", "an empty action: it ends at once");
        } else if (!cw_osc_read_action(o, what, name, CW_NONE)) {
            return false;
        }
    }
    event.actions.count = o->actions_count - event.actions.first;
    if (!cw_osc_read_trigger(o, node, "StartTrigger", &event.start))
        return false;
    o->events[index] = event;
    o->place.event = CW_NONE;
    return true;
}

static bool read_maneuver(cw_osc *o, const cw_node *node, uint32_t index) {
    cw_maneuver maneuver = {.group = o->place.group};
    o->place.maneuver = index;
    maneuver.events.count = cw_osc_count(node, "Event");
    maneuver.events.first = CW_OSC_ADD(o, events, maneuver.events.count);
    if (maneuver.events.first == CW_NONE || !cw_osc_text(o, node, "name", &maneuver.name))
        return false;
    uint32_t i = maneuver.events.first;
    for (const cw_node *one = cw_osc_child(o, node, "Event"); one != NULL; one = cw_osc_next(o, one, "Event"))
        if (!read_event(o, one, i++))
            return false;
    o->maneuvers[index] = maneuver;
    o->place.maneuver = CW_NONE;
    return true;
}

static bool read_group(cw_osc *o, const cw_node *node, uint32_t index) {
    cw_maneuver_group group = {.act = o->place.act};
    o->place.group = index;
    const cw_node *actors = cw_osc_need(o, node, "Actors");
    if (actors == NULL || !cw_osc_text(o, node, "name", &group.name) || !read_most(o, node, &group.most) ||
        !cw_osc_boolean_or(o, actors, "selectTriggeringEntities", false, &group.triggering_entities) ||
        !cw_osc_entity_list(o, actors, &group.actors, &group.actor_count))
        return false;
    group.maneuvers.count = cw_osc_count(node, "Maneuver") + cw_osc_count(node, "CatalogReference");
    group.maneuvers.first = CW_OSC_ADD(o, maneuvers, group.maneuvers.count);
    if (group.maneuvers.first == CW_NONE)
        return false;
    o->groups[index] = group; // its actors are looked at while the actions are read
    uint32_t i = group.maneuvers.first;
    for (const cw_node *one = cw_osc_child(o, node, NULL); one != NULL; one = cw_osc_next(o, one, NULL)) {
        if (strcmp(one->name, "Maneuver") == 0) {
            const cw_osc_scope *scope = o->scope;
            if (!cw_osc_open_scope(o, one, scope, NULL, 0) || !read_maneuver(o, one, i++))
                return false;
            o->scope = scope;
        } else if (strcmp(one->name, "CatalogReference") == 0) {
            cw_osc_visit visit;
            if (!cw_osc_enter(o, one, "Maneuver", &visit) || !read_maneuver(o, visit.entry, i++))
                return false;
            cw_osc_leave(o, &visit);
        }
    }
    o->place.group = CW_NONE;
    return true;
}

static bool read_act(cw_osc *o, const cw_node *node, uint32_t index) {
    cw_act act = {.story = o->place.story};
    o->place.act = index;
    act.groups.count = cw_osc_count(node, "ManeuverGroup");
    act.groups.first = CW_OSC_ADD(o, groups, act.groups.count);
    if (act.groups.first == CW_NONE || !cw_osc_text(o, node, "name", &act.name))
        return false;
    uint32_t i = act.groups.first;
    for (const cw_node *one = cw_osc_child(o, node, "ManeuverGroup"); one != NULL;
         one = cw_osc_next(o, one, "ManeuverGroup"))
        if (!read_group(o, one, i++))
            return false;
    if (!cw_osc_read_trigger(o, node, "StartTrigger", &act.start) ||
        !cw_osc_read_trigger(o, node, "StopTrigger", &act.stop))
        return false;
    o->acts[index] = act;
    o->place.act = CW_NONE;
    return true;
}

static bool read_story(cw_osc *o, const cw_node *node, uint32_t index) {
    cw_story story = {0};
    const cw_osc_scope *scope = o->scope;
    o->place.story = index;
    story.acts.count = cw_osc_count(node, "Act");
    story.acts.first = CW_OSC_ADD(o, acts, story.acts.count);
    if (story.acts.first == CW_NONE || !cw_osc_open_scope(o, node, scope, NULL, 0) ||
        !cw_osc_text_or(o, node, "name", "", &story.name))
        return false;
    uint32_t i = story.acts.first;
    for (const cw_node *one = cw_osc_child(o, node, "Act"); one != NULL; one = cw_osc_next(o, one, "Act"))
        if (!read_act(o, one, i++))
            return false;
    o->stories[index] = story;
    o->place.story = CW_NONE;
    o->scope = scope;
    return true;
}

// In file order; an action of a selection stands once for each of its members.
static bool read_init(cw_osc *o, const cw_node *node, cw_scene *scene) {
    scene->init.first = o->actions_count;
    const cw_node *actions = cw_osc_child(o, node, "Actions");
    const cw_node *one = actions != NULL ? cw_osc_child(o, actions, NULL) : NULL;
    for (; one != NULL; one = cw_osc_next(o, one, NULL)) {
        if (strcmp(one->name, "Private") != 0) {
            if (!cw_osc_read_action(o, one, NULL, CW_NONE))
                return false;
            continue;
        }
        const uint32_t *list = NULL;
        uint32_t count = 0;
        if (!cw_osc_entities(o, one, "entityRef", &list, &count))
            return false;
        for (uint32_t i = 0; i < count; i++)
            for (const cw_node *action = cw_osc_child(o, one, "PrivateAction"); action != NULL;
                 action = cw_osc_next(o, action, "PrivateAction"))
                if (!cw_osc_read_action(o, action, NULL, list[i]))
                    return false;
    }
    scene->init.count = o->actions_count - scene->init.first;
    return true;
}

bool cw_osc_read_storyboard(cw_osc *o, const cw_node *root, cw_scene *scene) {
    o->place = (cw_osc_place){CW_NONE, CW_NONE, CW_NONE, CW_NONE, CW_NONE};
    const cw_node *board = cw_osc_need(o, root, "Storyboard");
    const cw_node *init = board != NULL ? cw_osc_need(o, board, "Init") : NULL;
    if (init == NULL || !read_init(o, init, scene))
        return false;
    uint32_t count = cw_osc_count(board, "Story");
    uint32_t i = CW_OSC_ADD(o, stories, count);
    if (i == CW_NONE)
        return false;
    for (const cw_node *one = cw_osc_child(o, board, "Story"); one != NULL; one = cw_osc_next(o, one, "Story"))
        if (!read_story(o, one, i++))
            return false;
    return cw_osc_read_trigger(o, board, "StopTrigger", &scene->stop) && cw_osc_resolve_references(o);
}
