#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "storyboard_play.h"

#include "causeway/format.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char room[1 << 20];
static size_t used;

const char *say(const char *format, ...) {
    va_list list;
    va_start(list, format);
    char *text = room + used;
    int n = vsnprintf(text, sizeof room - used, format, list);
    va_end(list);
    assert_true(n >= 0 && (size_t)n < sizeof room - used);
    used += (size_t)n + 1;
    return text;
}

// ---- maps ------------------------------------------------------------------------------------------------------------

static const char *lane(int id, const char *link) {
    return say("<lane id='%d' type='driving' level='false'>%s<width sOffset='0' a='3.5' b='0' c='0' d='0'/></lane>", id,
               link ? link : "");
}

static const char *lanes(int each) {
    const char *left = "", *right = "";
    for (int i = each; i > 0; i--)
        left = say("%s%s", left, lane(i, say("<link><predecessor id='%d'/><successor id='%d'/></link>", i, i)));
    for (int i = 1; i <= each; i++)
        right = say("%s%s", right, lane(-i, say("<link><predecessor id='%d'/><successor id='%d'/></link>", -i, -i)));
    return say("<lanes><laneSection s='0'><left>%s</left><center><lane id='0' type='none'/></center><right>%s</right>"
               "</laneSection></lanes>",
               left, right);
}

static const char *line(double s, double x, double y, double h, double length, double curvature) {
    return say("<geometry s='%.17g' x='%.17g' y='%.17g' hdg='%.17g' length='%.17g'>%s</geometry>", s, x, y, h, length,
               curvature < 0 || curvature > 0 ? say("<arc curvature='%.17g'/>", curvature) : "<line/>");
}

static const char *road(int id, const char *rule, double length, const char *link, const char *geometry,
                        const char *lane_text, int junction) {
    return say("<road id='%d' name='' length='%.17g' junction='%d' rule='%s'><link>%s</link><planView>%s</planView>%s"
               "</road>",
               id, length, junction, rule, link, geometry, lane_text);
}

// Road 1 runs against the others: its lanes link by the mirrored id.
static const char *chain(void) {
    const char *mirrored =
        "<lanes><laneSection s='0'><left>"
        "<lane id='1' type='driving'><link><predecessor id='-1'/><successor id='-1'/></link><width sOffset='0' a='3.5' "
        "b='0' c='0' d='0'/></lane></left><center><lane id='0' type='none'/></center><right><lane id='-1' "
        "type='driving'><link><predecessor id='1'/><successor id='1'/></link><width sOffset='0' a='3.5' b='0' c='0' "
        "d='0'/></lane></right></laneSection></lanes>";
    const char *first =
        say("<lanes><laneSection s='0'><left>%s</left><center><lane id='0' type='none'/></center><right>"
            "%s</right></laneSection></lanes>",
            lane(1, "<link><successor id='-1'/></link>"), lane(-1, "<link><successor id='1'/></link>"));
    const char *last =
        say("<lanes><laneSection s='0'><left>%s</left><center><lane id='0' type='none'/></center><right>"
            "%s</right></laneSection></lanes>",
            lane(1, "<link><predecessor id='-1'/></link>"), lane(-1, "<link><predecessor id='1'/></link>"));
    return say("%s%s%s",
               road(0, "RHT", 100, "<successor elementType='road' elementId='1' contactPoint='end'/>",
                    line(0, 0, 0, 0, 100, 0), first, -1),
               road(1, "RHT", 100,
                    "<predecessor elementType='road' elementId='2' contactPoint='start'/><successor elementType='road' "
                    "elementId='0' contactPoint='end'/>",
                    line(0, 200, 0, 3.141592653589793, 100, 0), mirrored, -1),
               road(2, "RHT", 100, "<predecessor elementType='road' elementId='1' contactPoint='start'/>",
                    line(0, 200, 0, 0, 100, 0), last, -1));
}

static const char *crossing(void) {
    const char *in = say("<lanes><laneSection s='0'><left>%s</left><center><lane id='0' type='none'/></center><right>%s"
                         "</right></laneSection></lanes>",
                         lane(1, NULL), lane(-1, NULL));
    const char *through = say("<lanes><laneSection s='0'><center><lane id='0' type='none'/></center><right>%s</right>"
                              "</laneSection></lanes>",
                              lane(-1, "<link><predecessor id='-1'/><successor id='-1'/></link>"));
    const char *ahead =
        "<predecessor elementType='road' elementId='0' contactPoint='end'/><successor elementType='road' "
        "elementId='1' contactPoint='start'/>";
    const char *left =
        "<predecessor elementType='road' elementId='0' contactPoint='end'/><successor elementType='road' "
        "elementId='2' contactPoint='start'/>";
    return say(
        "%s%s%s%s%s<junction id='5' name=''><connection id='0' incomingRoad='0' connectingRoad='10' "
        "contactPoint='start'><laneLink from='-1' to='-1'/></connection><connection id='1' incomingRoad='0' "
        "connectingRoad='11' contactPoint='start'><laneLink from='-1' to='-1'/></connection></junction>",
        road(0, "RHT", 100, "<successor elementType='junction' elementId='5'/>", line(0, 0, 0, 0, 100, 0), in, -1),
        road(1, "RHT", 100, "<predecessor elementType='junction' elementId='5'/>", line(0, 120, 0, 0, 100, 0), in, -1),
        road(2, "RHT", 100, "<predecessor elementType='junction' elementId='5'/>",
             line(0, 110, 10, 1.5707963267948966, 100, 0), in, -1),
        road(10, "RHT", 20, ahead, line(0, 100, 0, 0, 20, 0), through, 5),
        road(11, "RHT", 15.707963267948966, left, line(0, 100, 0, 0, 15.707963267948966, 0.1), through, 5));
}

static const char *map_text(play_map map) {
    const char *roads;
    switch (map) {
    case PLAY_CURVE:
        roads = road(0, "RHT", 400, "", say("%s%s", line(0, 0, 0, 0, 100, 0), line(100, 100, 0, 0, 300, 0.01)),
                     lanes(2), -1);
        break;
    case PLAY_CHAIN:
        roads = chain();
        break;
    case PLAY_SPLIT:
        roads = say("%s%s",
                    road(0, "RHT", 300, "<successor elementType='road' elementId='1' contactPoint='start'/>",
                         line(0, 0, 0, 0, 300, 0),
                         say("<lanes><laneSection s='0'><center><lane id='0' type='none'/></center><right>%s%s</right>"
                             "</laneSection></lanes>",
                             lane(-1, NULL), lane(-2, "<link><successor id='-1'/></link>")),
                         -1),
                    road(1, "RHT", 200, "<predecessor elementType='road' elementId='0' contactPoint='end'/>",
                         line(0, 300, -3.5, 0, 200, 0),
                         say("<lanes><laneSection s='0'><center><lane id='0' type='none'/></center><right>%s</right>"
                             "</laneSection></lanes>",
                             lane(-1, "<link><predecessor id='-2'/></link>")),
                         -1));
        break;
    case PLAY_CROSSING:
        roads = crossing();
        break;
    default:
        roads = road(0, map == PLAY_STRAIGHT_LEFT ? "LHT" : "RHT", 4000, "", line(0, 0, 0, 0, 4000, 0), lanes(3), -1);
    }
    return say("<OpenDRIVE><header revMajor='1' revMinor='6'/>%s</OpenDRIVE>", roads);
}

// ---- playing ---------------------------------------------------------------------------------------------------------

static const char *car(const char *name) {
    return say("<ScenarioObject name='%s'><Vehicle name='car' vehicleCategory='car'><BoundingBox><Center x='1' y='0' "
               "z='0.75'/><Dimensions width='2' length='4' height='1.5'/></BoundingBox><Performance maxSpeed='80' "
               "maxAcceleration='10' maxDeceleration='10'/><Axles><FrontAxle maxSteering='0.5' wheelDiameter='0.6' "
               "trackWidth='1.6' positionX='2.6' positionZ='0.3'/><RearAxle maxSteering='0' wheelDiameter='0.6' "
               "trackWidth='1.6' positionX='0' positionZ='0.3'/></Axles><Properties/></Vehicle></ScenarioObject>",
               name);
}

typedef struct files {
    const char *map;
} files;

static cw_status open_file(void *context, const char *path, char **bytes, size_t *count, cw_error *err) {
    const files *f = context;
    size_t n = strlen(path);
    if (n < 4 || strcmp(path + n - 4, "xodr") != 0)
        return cw_error_set(err, CW_ERR_IO, path, 0, 0, "no such file");
    *count = strlen(f->map);
    *bytes = malloc(*count + 1);
    memcpy(*bytes, f->map, *count + 1);
    return CW_OK;
}

static cw_scene *read_scene(play_map map, const char *init, const char *story, const char *stop, const char *extra,
                            cw_error *err) {
    files f = {map_text(map)};
    bool lights = extra && strncmp(extra, "<TrafficSignals", 15) == 0; // these stand in the road network
    const char *text = say(
        "<?xml version='1.0'?><OpenSCENARIO><FileHeader revMajor='1' revMinor='2' date='2024-01-01T00:00:00' "
        "author='us' "
        "description='a play'/><ParameterDeclarations/>%s<CatalogLocations/><RoadNetwork><LogicFile "
        "filepath='m.xodr'/>%s</RoadNetwork><Entities>%s%s%s<ScenarioObject name='P'><Pedestrian name='p' mass='80' "
        "pedestrianCategory='pedestrian'><BoundingBox><Center x='0' y='0' z='0.9'/><Dimensions width='0.5' "
        "length='0.5' "
        "height='1.8'/></BoundingBox><Properties/></Pedestrian></ScenarioObject></"
        "Entities><Storyboard><Init><Actions>%s"
        "</Actions></Init>%s%s</Storyboard></OpenSCENARIO>",
        extra && !lights ? extra : "", lights ? extra : "", car("A"), car("B"), car("C"), init ? init : "",
        story ? say("<Story name='story'>%s</Story>", story) : "",
        stop ? say("<StopTrigger><ConditionGroup>%s</ConditionGroup></StopTrigger>", stop) : "<StopTrigger/>");
    cw_scenario_options options = {.open = open_file, .context = &f};
    cw_scene *scene = NULL;
    if (cw_openscenario_read(text, strlen(text), "play.xosc", &options, &scene, err) != CW_OK)
        return NULL;
    return scene;
}

// Those that the scenario does not place stand far away.
static const char *with_others(const char *init) {
    static const char *const names[] = {"A", "B", "C", "P"};
    const char *all = init ? init : "";
    for (int i = 0; i < 4; i++)
        if (!strstr(all, say("entityRef='%s'>", names[i])))
            all = say("%s%s", all, place(names[i], say("<WorldPosition x='%d' y='-5000'/>", 100 * i), ""));
    return all;
}

void play_begin(play *p, play_map map, const char *init, const char *story, const char *stop, const char *extra) {
    cw_error err = {0};
    p->scene = read_scene(map, with_others(init), story, stop, extra, &err);
    if (!p->scene)
        fail_msg("%d:%d: %s", err.line, err.column, err.text);
    cw_world_def def = cw_world_defaults(p->scene);
    def.drive_ego = false;
    p->world = cw_world_new(&def, &err);
    if (!p->world)
        fail_msg("%s", err.text);
    used = 0;
}

void play_again(play *p, bool drive_ego) {
    cw_world_free(p->world);
    cw_world_def def = cw_world_defaults(p->scene);
    def.drive_ego = drive_ego;
    p->world = cw_world_new(&def, NULL);
    assert_non_null(p->world);
}

const char *play_fails(play_map map, const char *init, const char *story) {
    static char text[256];
    cw_error err = {0};
    cw_scene *scene = read_scene(map, init, story, NULL, NULL, &err);
    cw_world *world = NULL;
    if (scene) {
        cw_world_def def = cw_world_defaults(scene);
        def.drive_ego = false;
        world = cw_world_new(&def, &err);
    }
    snprintf(text, sizeof text, "%s", world ? "" : err.text);
    cw_world_free(world);
    cw_scene_free(scene);
    used = 0;
    return text;
}

void play_end(play *p) {
    cw_world_free(p->world);
    cw_scene_free(p->scene);
    used = 0;
}

void play_step(play *p, int steps) {
    for (int i = 0; i < steps; i++)
        cw_world_step(p->world);
    assert_null(cw_world_fault(p->world));
}

void play_until(play *p, double time) {
    while ((double)cw_world_time(p->world) * 1e-9 < time - 1e-9 && cw_world_ended(p->world) == CW_GOES_ON)
        play_step(p, 1);
}

cw_actor_state play_actor(const play *p, const char *name) {
    cw_actor_state state;
    uint32_t actor = cw_scene_find_actor(p->scene, name);
    assert_int_not_equal(actor, CW_NONE);
    cw_world_actor(p->world, actor, &state);
    return state;
}

bool play_said(const play *p, const char *text) {
    const cw_said *lines;
    uint32_t count = cw_world_events(p->world, &lines);
    for (uint32_t i = 0; i < count; i++)
        for (int k = 0; k < CW_LANGUAGES; k++)
            if (strcmp(lines[i].in[k], text) == 0)
                return true;
    return false;
}

double play_when(play *p, const char *text, double most) {
    double end = (double)cw_world_time(p->world) * 1e-9 + most;
    while ((double)cw_world_time(p->world) * 1e-9 < end && cw_world_ended(p->world) == CW_GOES_ON) {
        double now = (double)cw_world_time(p->world) * 1e-9;
        play_step(p, 1);
        if (play_said(p, text))
            return now;
    }
    return -1;
}

// ---- words -----------------------------------------------------------------------------------------------------------

const char *on_lane(int lane_id, double s, double offset) {
    return say("<LanePosition roadId='0' laneId='%d' s='%.17g' offset='%.17g'/>", lane_id, s, offset);
}

const char *place(const char *actor, const char *position, const char *more) {
    return say("<Private entityRef='%s'><PrivateAction><TeleportAction><Position>%s</Position></TeleportAction>"
               "</PrivateAction>%s</Private>",
               actor, position, more ? more : "");
}

const char *speed_to(const char *shape, const char *dimension, double value, double target) {
    return say("<PrivateAction><LongitudinalAction><SpeedAction><SpeedActionDynamics dynamicsShape='%s' "
               "dynamicsDimension='%s' value='%.17g'/><SpeedActionTarget><AbsoluteTargetSpeed value='%.17g'/>"
               "</SpeedActionTarget></SpeedAction></LongitudinalAction></PrivateAction>",
               shape, dimension, value, target);
}

const char *change_lane(const char *shape, const char *dimension, double value, const char *target) {
    return say("<PrivateAction><LateralAction><LaneChangeAction><LaneChangeActionDynamics dynamicsShape='%s' "
               "dynamicsDimension='%s' value='%.17g'/><LaneChangeTarget>%s</LaneChangeTarget></LaneChangeAction>"
               "</LateralAction></PrivateAction>",
               shape, dimension, value, target);
}

const char *action(const char *name, const char *private_action) {
    return say("<Action name='%s'>%s</Action>", name, private_action);
}

const char *condition(const char *edge, double delay, const char *by) {
    return say("<Condition name='' delay='%.17g' conditionEdge='%s'>%s</Condition>", delay, edge, by);
}

const char *after(double seconds) {
    return condition("none", 0,
                     say("<ByValueCondition><SimulationTimeCondition value='%.17g' rule='greaterOrEqual'/>"
                         "</ByValueCondition>",
                         seconds));
}

const char *when_state(const char *type, const char *name, const char *state, const char *edge, double delay) {
    return condition(edge, delay,
                     say("<ByValueCondition><StoryboardElementStateCondition storyboardElementType='%s' "
                         "storyboardElementRef='%s' state='%s'/></ByValueCondition>",
                         type, name, state));
}

const char *by_entity(const char *actor, const char *entity_condition) {
    return condition("none", 0,
                     say("<ByEntityCondition><TriggeringEntities triggeringEntitiesRule='any'><EntityRef "
                         "entityRef='%s'/></TriggeringEntities><EntityCondition>%s</EntityCondition>"
                         "</ByEntityCondition>",
                         actor, entity_condition));
}

const char *trigger(const char *conditions) {
    return say("<StartTrigger><ConditionGroup>%s</ConditionGroup></StartTrigger>", conditions);
}

const char *event(const char *name, const char *priority, int most, const char *actions, const char *start_trigger) {
    return say("<Event name='%s' priority='%s' maximumExecutionCount='%d'>%s%s</Event>", name, priority, most, actions,
               start_trigger);
}

const char *maneuver(const char *name, const char *events) {
    return say("<Maneuver name='%s'>%s</Maneuver>", name, events);
}

const char *group(const char *name, const char *actors, int most, const char *maneuvers) {
    return say("<ManeuverGroup name='%s' maximumExecutionCount='%d'><Actors selectTriggeringEntities='false'>%s"
               "</Actors>%s</ManeuverGroup>",
               name, most, actors[0] ? say("<EntityRef entityRef='%s'/>", actors) : "", maneuvers);
}

const char *act(const char *name, const char *groups, const char *triggers) {
    return say("<Act name='%s'>%s%s</Act>", name, groups, triggers);
}

const char *simple(const char *actor, const char *events) {
    return act("act", group("group", actor, 1, maneuver("maneuver", events)), trigger(after(0)));
}
