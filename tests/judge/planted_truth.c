#include "planted_truth.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

// ---- files in memory -------------------------------------------------------------------------------------------------

typedef struct pen {
    char text[32768];
    size_t used;
} pen;

static void put(pen *p, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void put(pen *p, const char *format, ...) {
    va_list list;
    va_start(list, format);
    int n = vsnprintf(p->text + p->used, sizeof p->text - p->used, format, list);
    va_end(list);
    p->used += (size_t)n;
    assert_true(p->used < sizeof p->text);
}

static void write_map(const truth_road *r, pen *p) {
    const char *side = r->mirror ? "left" : "right";
    int sign = r->mirror ? 1 : -1;
    put(p,
        "<?xml version=\"1.0\"?><OpenDRIVE><header revMajor=\"1\" revMinor=\"6\" name=\"planted\"/>"
        "<road name=\"r\" length=\"2000\" id=\"1\" junction=\"-1\" rule=\"%s\"><type s=\"0\" type=\"rural\"/>"
        "<planView><geometry s=\"0\" x=\"%.17g\" y=\"%.17g\" hdg=\"%.17g\" length=\"2000\"><line/></geometry>"
        "</planView><lanes><laneSection s=\"0\">",
        r->mirror ? "LHT" : "RHT", r->east, r->north, r->turn);
    const char *center = "<center><lane id=\"0\" type=\"none\" level=\"false\"/></center>";
    if (!r->mirror)
        put(p, "%s", center);
    put(p, "<%s>", side);
    for (int i = 1; i <= 3; i++)
        put(p,
            "<lane id=\"%d\" type=\"driving\" level=\"false\"><width sOffset=\"0\" a=\"3.5\" b=\"0\" c=\"0\" "
            "d=\"0\"/></lane>",
            sign * (r->mirror ? 4 - i : i));
    put(p, "</%s>", side);
    if (r->mirror)
        put(p, "%s", center);
    put(p, "</laneSection></lanes>");
    if (r->house_s > 0)
        put(p,
            "<objects><object id=\"house\" type=\"building\" s=\"%.17g\" t=\"%.17g\" zOffset=\"0\" hdg=\"0\" "
            "length=\"30\" width=\"4\" height=\"6\" orientation=\"none\"/></objects>",
            r->house_s + 15, sign * 14.0);
    if (r->light_s > 0)
        put(p,
            "<signals><signal id=\"light\" name=\"light\" s=\"%.17g\" t=\"%.17g\" zOffset=\"3\" dynamic=\"yes\" "
            "orientation=\"+\" country=\"OpenDRIVE\" type=\"1000001\" subtype=\"-1\" value=\"-1\"/></signals>",
            r->light_s, sign * 11.0);
    put(p, "</road></OpenDRIVE>");
}

static void write_kind(truth_kind kind, pen *p) {
    if (kind == TRUTH_WALKER) {
        put(p, "<Pedestrian name=\"w\" mass=\"75\" model=\"w\" pedestrianCategory=\"pedestrian\"><BoundingBox>"
               "<Center x=\"0\" y=\"0\" z=\"0.9\"/><Dimensions width=\"0.5\" length=\"0.5\" height=\"1.8\"/>"
               "</BoundingBox></Pedestrian>");
        return;
    }
    bool bus = kind == TRUTH_BUS;
    put(p,
        "<Vehicle name=\"v\" vehicleCategory=\"%s\"><BoundingBox><Center x=\"%g\" y=\"0\" z=\"%g\"/><Dimensions "
        "width=\"%g\" length=\"%g\" height=\"%g\"/></BoundingBox><Performance maxSpeed=\"50\" maxAcceleration=\"4\" "
        "maxDeceleration=\"9\"/><Axles><FrontAxle maxSteering=\"0.6\" wheelDiameter=\"0.6\" trackWidth=\"1.6\" "
        "positionX=\"2.7\" positionZ=\"0.3\"/><RearAxle maxSteering=\"0\" wheelDiameter=\"0.6\" "
        "trackWidth=\"1.6\" positionX=\"0\" positionZ=\"0.3\"/></Axles></Vehicle>",
        bus ? "bus" : "car", bus ? 5.0 : 1.4, bus ? 1.6 : 0.75, bus ? 2.5 : 1.8, bus ? 12.0 : 4.5, bus ? 3.2 : 1.5);
}

static void write_start(const truth_road *r, const char *name, int lane, double s, double offset, double speed,
                        pen *p) {
    put(p,
        "<Private entityRef=\"%s\"><PrivateAction><TeleportAction><Position><LanePosition roadId=\"1\" laneId=\"%d\" "
        "s=\"%.17g\" offset=\"%.17g\"/></Position></TeleportAction></PrivateAction><PrivateAction>"
        "<LongitudinalAction><SpeedAction><SpeedActionDynamics dynamicsShape=\"step\" dynamicsDimension=\"time\" "
        "value=\"0\"/><SpeedActionTarget><AbsoluteTargetSpeed value=\"%.17g\"/></SpeedActionTarget></SpeedAction>"
        "</LongitudinalAction></PrivateAction></Private>",
        name, r->mirror ? -lane : lane, s, r->mirror ? -offset : offset, speed);
}

static void write_scenario(const truth_road *r, pen *p) {
    const truth_user *list[TRUTH_USERS];
    int count = 0;
    while (count < TRUTH_USERS && r->users[count].name)
        count++;
    for (int i = 0; i < count; i++)
        list[i] = &r->users[r->reversed ? count - 1 - i : i];
    put(p,
        "<?xml version=\"1.0\"?><OpenSCENARIO><FileHeader revMajor=\"1\" revMinor=\"2\" date=\"2026-11-22T00:00:00\" "
        "description=\"planted truth\" author=\"Causeway\"/><CatalogLocations/><RoadNetwork><LogicFile "
        "filepath=\"m.xodr\"/>");
    if (r->light_s > 0)
        put(p, "<TrafficSignals><TrafficSignalController name=\"c\" delay=\"0\"><Phase name=\"red\" duration=\"600\">"
               "<TrafficSignalState trafficSignalId=\"light\" state=\"red\"/></Phase></TrafficSignalController>"
               "</TrafficSignals>");
    put(p, "</RoadNetwork><Entities>");
    for (int i = 0; i <= count; i++) {
        bool ego = r->reversed ? i == count : i == 0;
        const truth_user *u = ego ? NULL : list[r->reversed ? i : i - 1];
        put(p, "<ScenarioObject name=\"%s\">", ego ? "Ego" : u->name);
        write_kind(ego ? TRUTH_CAR : u->kind, p);
        put(p, "</ScenarioObject>");
    }
    put(p, "</Entities><Storyboard><Init><Actions>");
    write_start(r, "Ego", -2, 50, 0, r->ego_speed, p);
    for (int i = 0; i < count; i++)
        write_start(r, list[i]->name, list[i]->lane, list[i]->s, list[i]->offset, list[i]->speed, p);
    put(p, "</Actions></Init><StopTrigger><ConditionGroup><Condition name=\"end\" delay=\"0\" conditionEdge=\"none\">"
           "<ByValueCondition><SimulationTimeCondition value=\"25\" rule=\"greaterOrEqual\"/></ByValueCondition>"
           "</Condition></ConditionGroup></StopTrigger></Storyboard></OpenSCENARIO>");
}

static cw_status open_file(void *context, const char *path, char **bytes, size_t *count, cw_error *err) {
    pen *p = calloc(1, sizeof *p);
    (void)err;
    assert_non_null(p);
    if (strstr(path, "m.xodr"))
        write_map(context, p);
    else
        write_scenario(context, p);
    *bytes = p->text;
    *count = p->used;
    return CW_OK;
}

cw_scene *truth_scene(const truth_road *road) {
    cw_scenario_options options = {.open = open_file, .context = (void *)(uintptr_t)road};
    cw_scene *scene;
    cw_error err = {0};
    if (cw_scene_read_file("planted.xosc", &options, &scene, &err) != CW_OK)
        fail_msg("%s:%d:%d: %s", err.path, err.line, err.column, err.text);
    return scene;
}

// ---- drivers ---------------------------------------------------------------------------------------------------------

static const truth_driver *truth;
static int starts; // of the driver, by now
static cw_id heeds[4], says[4];

static size_t state_size(const cw_driver_def *def) {
    (void)def;
    return 8;
}

static cw_status reset(void *state, const cw_driver_def *def, cw_error *err) {
    (void)def;
    (void)err;
    memset(state, 0, 8);
    starts++;
    return CW_OK;
}

static uint8_t kind_of(const cw_obs *obs, cw_id id) {
    for (uint32_t i = 0; i < obs->track_count; i++)
        if (obs->tracks[i].id == id)
            return (uint8_t)cw_cause_of((cw_user_kind)obs->tracks[i].kind);
    return CW_CAUSE_VEHICLE;
}

static bool is_near(const cw_obs *obs, cw_id id) {
    for (uint32_t i = 0; i < obs->track_count; i++) {
        const cw_track *t = &obs->tracks[i];
        // In its own lane or beside the road: who is moved far aside is nobody to brake for.
        if (t->id == id && (double)t->x > 0 && (double)t->x < truth->near && fabs((double)t->y) < 9)
            return fabs((double)t->y) < 2.5 || t->kind == CW_USER_PEDESTRIAN;
    }
    return false;
}

static bool is_seen(const cw_obs *obs, cw_id id) {
    for (uint32_t i = 0; i < obs->track_count; i++)
        if (obs->tracks[i].id == id)
            return true;
    return false;
}

static uint32_t red_ahead(const cw_obs *obs) {
    for (uint32_t i = 0; i < obs->signal_count; i++) {
        const cw_signal_view *s = &obs->signals[i];
        double far = cw_hypot(s->stop_x - obs->ego.x, s->stop_y - obs->ego.y);
        if (s->light == CW_LIGHT_RED && far < truth->near)
            return s->signal;
    }
    return CW_NONE;
}

static bool brakes(const cw_obs *obs) {
    bool any = false, all = true;
    for (int i = 0; i < 4 && heeds[i]; i++) {
        bool near = is_near(obs, heeds[i]);
        any |= near;
        all &= near;
    }
    switch (truth->condition) {
    case TRUTH_ANY:
        return any;
    case TRUTH_ALL:
        return all;
    case TRUTH_LIGHT:
        return red_ahead(obs) != CW_NONE;
    case TRUTH_UNLESS:
        return is_near(obs, heeds[0]) && !is_seen(obs, heeds[1]);
    default:
        return false;
    }
}

static void decide(void *state, const cw_obs *obs, cw_decision *out) {
    (void)state;
    bool now = brakes(obs) && obs->ego.speed > 0.2F;
    *out = (cw_decision){.valid = true, .step = obs->step, .source = CW_FROM_CLASSICAL};
    out->control.accel = now ? -2.5F : truth->wavers ? 0.01F * (float)starts : 0;
    out->reason = (cw_reason){.kind = 1,
                              .longitudinal = now ? CW_YIELD : CW_KEEP_SPEED,
                              .accel = out->control.accel,
                              .speed = obs->ego.speed};
    for (int i = 0; i < 4 && says[i]; i++)
        out->reason.cause[out->reason.count++] =
            (cw_cause){.kind = kind_of(obs, says[i]), .id = says[i], .item = CW_NONE, .effect = NAN};
    if (truth->condition == TRUTH_LIGHT && red_ahead(obs) != CW_NONE)
        out->reason.cause[out->reason.count++] =
            (cw_cause){.kind = CW_CAUSE_SIGNAL, .relation = CW_REL_RED, .item = red_ahead(obs), .effect = NAN};
}

static cw_id named(const cw_scene *scene, const char *name) {
    for (uint32_t i = 0; name && i < scene->actor_count; i++)
        if (strcmp(scene->actors[i].name, name) == 0)
            return i + 1;
    return 0;
}

static void save_nothing(const void *state, void *bytes) {
    (void)state;
    *(char *)bytes = 0;
}

static bool restore_nothing(void *state, const void *bytes) {
    (void)state;
    (void)bytes;
    return false;
}

const cw_driver *truth_drives(const truth_driver *of, const cw_scene *scene) {
    static const cw_driver driver = {
        .name = "truth", .state_size = state_size, .reset = reset, .decide = decide, .repeatable = true};
    static cw_driver other; // of those who forget or waver
    truth = of;
    starts = 0;
    for (int i = 0; i < 4; i++) {
        heeds[i] = named(scene, of->heeds[i]);
        says[i] = named(scene, of->says[i]);
    }
    if (!of->forgets && !of->wavers)
        return &driver;
    other = driver;
    other.repeatable = !of->wavers;
    other.save = save_nothing;
    other.restore = restore_nothing;
    return &other;
}
