#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scenario.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROAD(id, y)                                                                                                    \
    "<road name='' length='1000' id='" id "' junction='-1'><planView><geometry s='0' x='0' y='" y                      \
    "' hdg='0' length='1000'><line/></geometry></planView><lanes><laneSection s='0'>"                                  \
    "<left><lane id='1' type='driving' level='false'><width sOffset='0' a='3.5' b='0' c='0' d='0'/></lane></left>"     \
    "<center><lane id='0' type='none' level='false'/></center>"                                                        \
    "<right><lane id='-1' type='driving' level='false'><width sOffset='0' a='3.5' b='0' c='0' d='0'/></lane>"          \
    "<lane id='-2' type='driving' level='false'><width sOffset='0' a='3.5' b='0' c='0' d='0'/></lane></right>"         \
    "</laneSection></lanes>"

const char test_map[] = "<?xml version='1.0'?><OpenDRIVE><header revMajor='1' revMinor='6' name='test'/>" ROAD(
    "1", "0") "<signals><signal s='500' t='-6' id='s1' name='' dynamic='yes' orientation='+' zOffset='3' "
              "country='OpenDRIVE' "
              "type='1000001' subtype='-1' value='-1' hOffset='0'/></signals></road>" ROAD("2",
                                                                                           "50") "</road></OpenDRIVE>";

static const char vehicle[] =
    "<Vehicle name='golf' vehicleCategory='car'><BoundingBox><Center x='1.4' y='0' z='0.75'/><Dimensions width='1.8' "
    "length='4.4' height='1.5'/></BoundingBox><Performance maxSpeed='60' maxAcceleration='4' maxDeceleration='9'/>"
    "<Axles><FrontAxle maxSteering='0.5' wheelDiameter='0.6' trackWidth='1.6' positionX='2.7' positionZ='0.3'/>"
    "<RearAxle maxSteering='0' wheelDiameter='0.6' trackWidth='1.6' positionX='0' positionZ='0.3'/></Axles></Vehicle>";

static const char teleport[] =
    "<Private entityRef='%s'><PrivateAction><TeleportAction><Position><LanePosition roadId='1' laneId='-1' s='%d'/>"
    "</Position></TeleportAction></PrivateAction></Private>";

static const char stop_at_end[] =
    "<ConditionGroup><Condition name='end' delay='0' conditionEdge='none'><ByValueCondition><SimulationTimeCondition "
    "value='30' rule='greaterThan'/></ByValueCondition></Condition></ConditionGroup>";

static const char *or_empty(const char *text) {
    return text != NULL ? text : "";
}

const char *scenario_text(const scenario_parts *p) {
    static char text[1 << 17];
    char placed[2][400];
    snprintf(placed[0], sizeof placed[0], teleport, "Ego", 50);
    snprintf(placed[1], sizeof placed[1], teleport, "Lead", 100);
    snprintf(
        text, sizeof text,
        "<?xml version=\"1.0\"?>\n<OpenSCENARIO>\n<FileHeader revMajor='1' revMinor='%s' date='2026-01-01T00:00:00' "
        "description='%s' author='us'/>\n%s\n<CatalogLocations><VehicleCatalog><Directory path='cat'/>"
        "</VehicleCatalog></CatalogLocations>\n<RoadNetwork><LogicFile filepath='map.xodr'/>%s</RoadNetwork>\n"
        "<Entities>\n<ScenarioObject name='Ego'>%s</ScenarioObject>\n<ScenarioObject name='Lead'>%s"
        "</ScenarioObject>\n%s\n</Entities>\n<Storyboard><Init><Actions>\n%s%s\n%s\n</Actions></Init>\n%s\n"
        "<StopTrigger>%s</StopTrigger></Storyboard>\n</OpenSCENARIO>\n",
        p->version != NULL ? p->version : "1", or_empty(p->description), or_empty(p->declarations),
        or_empty(p->signals), vehicle, vehicle, or_empty(p->entities), placed[0], placed[1], or_empty(p->init),
        or_empty(p->stories), p->stop != NULL ? p->stop : stop_at_end);
    return text;
}

cw_status scenario_open(void *context, const char *path, char **bytes, size_t *count, cw_error *err) {
    const char *text = strcmp(path, "map.xodr") == 0 ? test_map : NULL;
    for (const text_file *file = context; file != NULL && file->path != NULL; file++)
        if (strcmp(file->path, path) == 0)
            text = file->text;
    if (text == NULL)
        return cw_error_set(err, CW_ERR_IO, path, 0, 0, "no such file");
    *count = strlen(text);
    *bytes = malloc(*count + 1);
    memcpy(*bytes, text, *count + 1);
    return CW_OK;
}

cw_status scenario_read(const scenario_parts *parts, cw_scene **scene, cw_error *err) {
    cw_scenario_options options = {.set = parts->set,
                                   .set_count = parts->set_count,
                                   .strict = parts->strict,
                                   .data_path = parts->data_path,
                                   .open = scenario_open,
                                   .context = (void *)(uintptr_t)parts->files};
    const char *text = scenario_text(parts);
    *err = (cw_error){0};
    return cw_openscenario_read(text, strlen(text), "test.xosc", &options, scene, err);
}

cw_scene *scenario_must_read(const scenario_parts *parts) {
    cw_scene *scene;
    cw_error err;
    if (scenario_read(parts, &scene, &err) != CW_OK)
        fail_msg("%s:%d:%d: %s", err.path, err.line, err.column, err.text);
    return scene;
}

void scenario_must_fail(const scenario_parts *parts, cw_status code, int line, const char *said) {
    cw_scene *scene;
    cw_error err;
    cw_status status = scenario_read(parts, &scene, &err);
    if (status == CW_OK) {
        cw_scene_free(scene);
        fail_msg("read, but '%s' was expected", said);
    }
    assert_null(scene);
    if (status != code || err.code != code || (line > 0 && err.line != line) || strstr(err.text, said) == NULL)
        fail_msg("code %d at %s:%d:%d: %s (expected code %d, line %d: %s)", (int)status, err.path, err.line, err.column,
                 err.text, (int)code, line, said);
}

const cw_action *scenario_action(const cw_scene *scene, const char *name) {
    for (uint32_t i = 0; i < scene->action_count; i++)
        if (scene->actions[i].name != NULL && strcmp(scene->actions[i].name, name) == 0)
            return &scene->actions[i];
    fail_msg("no action '%s'", name);
    return NULL;
}

const cw_condition *scenario_condition(const cw_scene *scene, const char *name) {
    for (uint32_t i = 0; i < scene->condition_count; i++)
        if (strcmp(scene->conditions[i].name, name) == 0)
            return &scene->conditions[i];
    fail_msg("no condition '%s'", name);
    return NULL;
}

bool scenario_notes(const cw_scene *scene, const char *name) {
    for (uint32_t i = 0; i < scene->notice_count; i++)
        if (strcmp(scene->notices[i].name, name) == 0)
            return true;
    return false;
}

const char *scenario_event(const char *actions, const char *conditions) {
    static char text[1 << 16];
    snprintf(text, sizeof text,
             "<Story name='story'><Act name='act'><ManeuverGroup name='group' maximumExecutionCount='1'><Actors "
             "selectTriggeringEntities='false'><EntityRef entityRef='Ego'/></Actors><Maneuver name='maneuver'>"
             "<Event name='event' priority='overwrite' maximumExecutionCount='2'>\n%s\n<StartTrigger><ConditionGroup>\n"
             "%s\n</ConditionGroup></StartTrigger></Event></Maneuver></ManeuverGroup><StartTrigger/></Act></Story>",
             or_empty(actions), or_empty(conditions));
    return text;
}
