// A drive of our own, made up without a driver: a curved road with everything that is drawn on it, a lorry that cuts in,
// a red light with a pedestrian, and at the end a touch.
#ifndef CW_TEST_SHOW_CUTIN_H
#define CW_TEST_SHOW_CUTIN_H

#include "agent/columns.h"
#include "causeway/agent.h"
#include "causeway/assumptions.h"
#include "causeway/record.h"
#include "road/build.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static inline cw_build_text cutin_text(const char *text) {
    return (cw_build_text){text, strlen(text)};
}

static inline void cutin_lane(cw_map_builder *b, int32_t id, cw_lane_kind kind, double width, cw_mark_kind mark,
                              cw_mark_color color) {
    cw_build_lane lane = {.id = id, .kind = kind};
    cw_build_begin_lane(b, &lane);
    if (id != 0)
        cw_build_width(b, &(cw_cubic){.a = width});
    cw_build_mark(b, &(cw_road_mark){.kind = (uint8_t)mark, .color = (uint8_t)color, .change = 3, .width = 0.13F});
    cw_build_end_lane(b);
}

// `dx`, `dy`: where its start lies.
static inline cw_map *cutin_map(double dx, double dy) {
    cw_map_builder *b = cw_build_new(NULL, NULL);
    cw_build_header(b, cutin_text("cut-in"), 0.0, 0.0, 0.0, 0.0);
    cw_build_begin_road(b, &(cw_build_road){.id = cutin_text("1"), .name = cutin_text("main"), .length = 700.0});
    cw_build_geometry(b, &(cw_geometry){.x = dx, .y = dy, .length = 150.0, .kind = CW_LINE});
    const double k = 1.0 / 300.0, turn = 200.0 * k;
    cw_build_geometry(b,
                      &(cw_geometry){.s = 150.0, .x = dx + 150.0, .y = dy, .length = 200.0, .kind = CW_ARC, .k0 = k});
    cw_build_geometry(b, &(cw_geometry){.s = 350.0,
                                        .x = dx + 150.0 + cw_sin(turn) / k,
                                        .y = dy + (1.0 - cw_cos(turn)) / k,
                                        .heading = turn,
                                        .length = 350.0,
                                        .kind = CW_LINE});
    cw_build_road_type(b, &(cw_road_type){.kind = CW_ROAD_TOWN, .limit = 50.0F / 3.6F});
    cw_build_begin_section(b, 0.0);
    cutin_lane(b, 3, CW_LANE_SIDEWALK, 2.5, CW_MARK_CURB, CW_COLOR_WHITE);
    cutin_lane(b, 2, CW_LANE_PARKING, 2.4, CW_MARK_SOLID, CW_COLOR_WHITE);
    cutin_lane(b, 1, CW_LANE_DRIVING, 3.5, CW_MARK_BROKEN, CW_COLOR_WHITE);
    cutin_lane(b, 0, CW_LANE_NONE, 0.0, CW_MARK_SOLID_SOLID, CW_COLOR_YELLOW);
    cutin_lane(b, -1, CW_LANE_DRIVING, 3.5, CW_MARK_BROKEN, CW_COLOR_WHITE);
    cutin_lane(b, -2, CW_LANE_DRIVING, 3.5, CW_MARK_SOLID, CW_COLOR_WHITE);
    cutin_lane(b, -3, CW_LANE_BIKING, 1.6, CW_MARK_SOLID, CW_COLOR_WHITE);
    cutin_lane(b, -4, CW_LANE_SIDEWALK, 2.5, CW_MARK_CURB, CW_COLOR_WHITE);
    cw_build_end_section(b);
    cw_build_signal_add(b, &(cw_build_signal){.id = cutin_text("light"),
                                              .name = cutin_text("light"),
                                              .kind = CW_SIGNAL_LIGHT,
                                              .dynamic = true,
                                              .orientation = 1,
                                              .s = 330.0,
                                              .t = -10.0});
    cw_build_signal_add(b, &(cw_build_signal){.id = cutin_text("limit"),
                                              .name = cutin_text("limit"),
                                              .kind = CW_SIGNAL_SPEED_LIMIT,
                                              .orientation = 1,
                                              .s = 90.0,
                                              .t = -9.5,
                                              .value = 50.0 / 3.6});
    cw_build_object crossing = {.id = cutin_text("crossing"),
                                .name = cutin_text(""),
                                .kind = CW_OBJECT_CROSSWALK,
                                .s = 334.5,
                                .t = -1.35,
                                .length = 4.0,
                                .width = 14.5};
    cw_build_object_add(b, &crossing);
    for (int i = 0; i < 9; i++) {
        cw_build_object house = {.id = cutin_text("house"),
                                 .name = cutin_text(""),
                                 .kind = i % 3 == 2 ? CW_OBJECT_TREE : CW_OBJECT_BUILDING,
                                 .solid = true,
                                 .s = 60.0 + 70.0 * i,
                                 .t = i % 2 == 0 ? 17.0 : -20.0,
                                 .length = 26.0,
                                 .width = 12.0,
                                 .height = 9.0,
                                 .radius = i % 3 == 2 ? 2.5 : 0.0};
        cw_build_object_add(b, &house);
    }
    cw_build_end_road(b);
    cw_map *map = NULL;
    cw_error err = {0};
    cw_build_finish(b, "cutin", &map, &err);
    cw_build_free(b);
    return map;
}

enum { CUTIN_EGO, CUTIN_LORRY, CUTIN_WALKER, CUTIN_CYCLIST, CUTIN_PARKED, CUTIN_ONCOMING, CUTIN_ACTORS };

static inline const char *cutin_scene(void) {
    return "{\"schema\":\"causeway.scene/1\",\"name\":\"Cut-in before a crossing\",\"map\":\"cut-in\",\"ego\":0,"
           "\"actors\":["
           "{\"name\":\"Ego\",\"kind\":\"car\",\"length\":4.6,\"width\":1.85,\"height\":1.5,\"center_x\":1.4,\"center_"
           "y\":0},"
           "{\"name\":\"Lorry\",\"kind\":\"truck\",\"length\":9.5,\"width\":2.5,\"height\":3.5,\"center_x\":3.0,"
           "\"center_y\":0},"
           "{\"name\":\"Child\",\"kind\":\"pedestrian\",\"length\":0.5,\"width\":0.5,\"height\":1.2,\"center_x\":0,"
           "\"center_y\":0},"
           "{\"name\":\"Rider\",\"kind\":\"bicycle\",\"length\":1.8,\"width\":0.6,\"height\":1.8,\"center_x\":0.6,"
           "\"center_y\":0},"
           "{\"name\":\"Parked\",\"kind\":\"van\",\"length\":5.4,\"width\":2.0,\"height\":2.3,\"center_x\":1.6,"
           "\"center_y\":0},"
           "{\"name\":\"Oncoming\",\"kind\":\"car\",\"length\":4.4,\"width\":1.8,\"height\":1.5,\"center_x\":1.3,"
           "\"center_y\":0}]}";
}

static inline const char *cutin_verdict(void) {
    return "{\"schema\":\"causeway.drive/1\",\"passed\":false,\"criteria\":["
           "{\"name\":\"contact\",\"applies\":true,\"demanded\":true,\"passed\":false,\"value\":1.4,\"limit\":0,"
           "\"unit\":\"m/s\","
           "\"time_s\":25.9,\"text\":\"touched Rider at 1.4 m/s; the other is at fault\"},"
           "{\"name\":\"off_road\",\"applies\":true,\"demanded\":true,\"passed\":true,\"value\":0,\"limit\":0,\"unit\":"
           "\"s\","
           "\"text\":\"stayed on the road\"},"
           "{\"name\":\"red_light\",\"applies\":true,\"demanded\":true,\"passed\":true,\"value\":0,\"limit\":0,"
           "\"unit\":\"\","
           "\"text\":\"stopped 1.2 m before the line\"},"
           "{\"name\":\"speed_limit\",\"applies\":true,\"demanded\":true,\"passed\":true,\"value\":0.2,\"limit\":1,"
           "\"unit\":\"m/s\","
           "\"text\":\"at most 0.2 m/s above the limit\"},"
           "{\"name\":\"comfort\",\"applies\":true,\"demanded\":false,\"passed\":false,\"value\":3.4,\"limit\":3,"
           "\"unit\":\"m/s2\","
           "\"text\":\"braked at 3.4 m/s2\"},"
           "{\"name\":\"goal\",\"applies\":false,\"passed\":false,\"text\":\"no goal\"}],"
           "\"metrics\":{\"ttc_min_s\":1.9,\"progress_m\":331.5,\"nuplan_score\":0.87},"
           "\"contacts\":[{\"time_s\":25.9,\"with\":\"Rider\",\"impact_mps\":1.4,\"fault\":\"other\","
           "\"broken\":\"A1.7: rode into a standing vehicle\"}],\"careful_human\":{\"avoids\":true,\"impact_mps\":0},"
           "\"notices\":[{\"path\":\"cutin.xosc\",\"line\":88,\"column\":7,\"name\":\"LightStateAction\",\"text\":"
           "\"read over\",\"count\":2}]}";
}

typedef struct cutin_state {
    double s, t, v, a, lateral;
    bool backwards; // drives against the road
} cutin_state;

// Position along a profile of (until time, acceleration) from a starting speed.
static inline cutin_state cutin_profile(double time, double s, double v, const double (*pieces)[2], int count) {
    double from = 0.0;
    cutin_state state = {.s = s, .v = v};
    for (int i = 0; i < count && from < time; i++) {
        double until = pieces[i][0] < time ? pieces[i][0] : time, span = until - from;
        state.a = pieces[i][1];
        state.s += state.v * span + 0.5 * state.a * span * span;
        state.v += state.a * span;
        from = until;
    }
    return state;
}

static inline double cutin_smooth(double f) {
    return f <= 0.0 ? 0.0 : f >= 1.0 ? 1.0 : f * f * (3.0 - 2.0 * f);
}

static inline cutin_state cutin_actor(int actor, double time) {
    static const double ego[][2] = {{7.0, 0.0}, {8.5, -2.6}, {15.0, 0.0}, {19.0, 0.3}, {24.2, -2.150485}, {1e9, 0.0}};
    static const double lorry[][2] = {{16.0, 0.0}, {1e9, 1.2}};
    static const double rider[][2] = {{24.0, 0.0}, {24.0, 0.0}, {1e9, 0.0}};
    cutin_state state = {0};
    switch (actor) {
    case CUTIN_EGO:
        state = cutin_profile(time, 70.0, 13.88, ego, 6);
        if (state.v < 1e-3)
            state.v = state.a = 0.0;
        state.t = -5.25;
        break;
    case CUTIN_LORRY:
        state = cutin_profile(time, 118.0, 10.2, lorry, 2);
        state.t = -1.75 - 3.5 * cutin_smooth((time - 5.0) / 4.0);
        state.lateral = time > 5.0 && time < 9.0 ? -0.9 : 0.0;
        break;
    case CUTIN_WALKER:
        state = (cutin_state){
            .s = 334.5, .t = 7.0 - 1.35 * (time > 20.5 ? time - 20.5 : 0.0), .v = time > 20.5 ? 1.35 : 0.0};
        break;
    case CUTIN_CYCLIST:
        state = cutin_profile(time, 221.0, 4.2, rider, 3);
        state.t = -7.8 + 0.9 * cutin_smooth((time - 15.0) / 5.0);
        if (state.s > 321.5)
            state.s = 321.5;
        break;
    case CUTIN_PARKED:
        state = (cutin_state){.s = 296.0, .t = 4.7};
        break;
    default:
        state = (cutin_state){.s = 640.0 - 12.0 * time, .t = 1.75, .v = 12.0, .backwards = true};
        break;
    }
    return state;
}

static inline void cutin_say(cw_trace *trace, uint32_t channel, double time, const char *english, const char *korean) {
    char text[512];
    int size =
        snprintf(text, sizeof text, "{\"schema\":\"causeway.words/1\",\"en\":\"%s\",\"ko\":\"%s\",\"change\":true}",
                 english, korean);
    cw_trace_add(trace, channel, (int64_t)(time * 1e9 + 0.5), text, (size_t)size);
}

// The whole drive, 27 s.
static inline cw_trace *cutin_trace(const cw_map *map) {
    enum { POINTS = CW_TRAJECTORY_POINTS, TICKS = 271 };
    static const cw_column actor_columns[] = CW_COLUMN_TABLE(CW_ACTOR_COLUMNS);
    static const cw_column decision_columns[] = CW_COLUMN_TABLE(CW_DECISION_COLUMNS);
    static const cw_column plan_columns[] = CW_COLUMN_TABLE(CW_PLAN_COLUMNS);
    static const cw_column contact_columns[] = CW_COLUMN_TABLE(CW_CONTACT_COLUMNS);
    static const cw_column light_columns[] = CW_COLUMN_TABLE(CW_SIGNAL_COLUMNS);
#define COLUMNS(table) table, (uint32_t)(sizeof table / sizeof *table)
    cw_trace *trace = cw_trace_new();
    uint32_t actors = cw_trace_rows(trace, CW_ACTORS_CHANNEL, COLUMNS(actor_columns));
    uint32_t decisions = cw_trace_rows(trace, CW_DECISION_CHANNEL, COLUMNS(decision_columns));
    uint32_t plans = cw_trace_rows(trace, CW_PLAN_CHANNEL, COLUMNS(plan_columns));
    uint32_t contacts = cw_trace_rows(trace, CW_CONTACT_CHANNEL, COLUMNS(contact_columns));
    uint32_t lights = cw_trace_rows(trace, CW_SIGNALS_CHANNEL, COLUMNS(light_columns));
#undef COLUMNS
    uint32_t words = cw_trace_messages(trace, "/causeway/words", "json", "causeway.words", "jsonschema", "{}");
    uint32_t events = cw_trace_messages(trace, "/causeway/events", "json", "causeway.events", "jsonschema", "{}");
    for (int tick = 0; tick < TICKS; tick++) {
        double time = tick * 0.1;
        int64_t now = tick * (int64_t)100000000;
        cw_actor_row rows[CUTIN_ACTORS];
        cw_road_point ego_place = {0};
        for (uint32_t actor = 0; actor < CUTIN_ACTORS; actor++) {
            cutin_state state = cutin_actor((int)actor, time);
            cw_road_point place;
            cw_road_at(map, 0, state.s, state.t, &place);
            if (actor == CUTIN_EGO)
                ego_place = place;
            double heading = place.heading + (state.backwards ? CW_PI : 0.0);
            if (actor == CUTIN_WALKER)
                heading -= CW_PI * 0.5;
            if (actor == CUTIN_LORRY && state.v > 0.0)
                heading += state.lateral / state.v;
            int lamps = state.a < -0.5 ? CW_LAMP_BRAKE : 0;
            if (actor == CUTIN_LORRY && time > 4.0 && time < 9.0)
                lamps |= CW_LAMP_RIGHT;
            static const uint8_t kinds[] = {CW_USER_CAR,     CW_USER_TRUCK, CW_USER_PEDESTRIAN,
                                            CW_USER_BICYCLE, CW_USER_VAN,   CW_USER_CAR};
            double bend = actor == CUTIN_EGO ? place.curvature : 0.0;
            rows[actor] = (cw_actor_row){.actor = actor,
                                         .kind = kinds[actor],
                                         .mover = 1,
                                         .lamps = (uint8_t)lamps,
                                         .seen = actor != CUTIN_ONCOMING || time > 12.0,
                                         .x_m = place.x,
                                         .y_m = place.y,
                                         .z_m = (float)place.z,
                                         .heading_rad = (float)heading,
                                         .speed_mps = (float)state.v,
                                         .lateral_speed_mps = (float)state.lateral,
                                         .accel_mps2 = (float)state.a,
                                         .yaw_rate_radps = (float)(state.v * bend),
                                         .steer_rad = (float)(2.8 * bend)};
        }
        cw_trace_add(trace, actors, now, rows, sizeof rows);

        cutin_state ego = cutin_actor(CUTIN_EGO, time);
        int longitudinal = CW_KEEP_SPEED, source = CW_FROM_CLASSICAL, kind = CW_CAUSE_NONE, relation = 0;
        uint32_t cause = 0, item = CW_NONE;
        if (time > 5.2 && time < 16.0) {
            longitudinal = time < 8.5 ? CW_ADAPT_SPEED : CW_FOLLOW_LEAD;
            kind = CW_CAUSE_VEHICLE;
            relation = time < 8.5 ? CW_REL_CUTTING_IN : CW_REL_AHEAD;
            cause = CUTIN_LORRY + 1;
        } else if (time >= 19.0) {
            longitudinal = ego.v > 0.0 ? CW_STOP_FOR : CW_WAIT;
            kind = time < 21.0 ? CW_CAUSE_SIGNAL : CW_CAUSE_PEDESTRIAN;
            relation = time < 21.0 ? CW_REL_RED : CW_REL_CROSSING_LEFT;
            cause = time < 21.0 ? 0 : CUTIN_WALKER + 1;
            item = time < 21.0 ? 0 : CW_NONE;
        }
        if (time > 7.4 && time < 8.2)
            source = CW_FROM_FAILSAFE;
        bool caused = kind != CW_CAUSE_NONE;
        cw_decision_row decision = {.source = (uint8_t)source,
                                    .longitudinal = (uint8_t)longitudinal,
                                    .lateral = CW_KEEP_LANE,
                                    .reason_kind = 1,
                                    .cause_count = caused,
                                    .cause_kind = {(uint8_t)kind},
                                    .cause_relation = {(uint8_t)relation},
                                    .cause_quantity = {caused ? CW_Q_GAP_M : CW_Q_NONE},
                                    .cause_id = {cause},
                                    .cause_item = {item, CW_NONE, CW_NONE, CW_NONE},
                                    .cause_value = {12.5F},
                                    .reason_accel_mps2 = (float)ego.a,
                                    .reason_speed_mps = (float)ego.v,
                                    .accel_mps2 = (float)ego.a,
                                    .margin_m = source == CW_FROM_FAILSAFE ? -0.4F : 3.5F,
                                    .clause = source == CW_FROM_FAILSAFE ? CW_CLAUSE_CUT_IN : CW_CLAUSE_NONE,
                                    .clause_actor = source == CW_FROM_FAILSAFE ? CUTIN_LORRY + 1 : 0,
                                    .refused = source == CW_FROM_FAILSAFE};
        cw_trace_add(trace, decisions, now, &decision, sizeof decision);

        cw_plan_row plan = {.tube_m = 0.3F};
        double sine, cosine, stop = 0.0, v = ego.v;
        cw_sincos(ego_place.heading, &sine, &cosine);
        for (int k = 0; k < POINTS; k++) {
            cutin_state later = cutin_actor(CUTIN_EGO, time + 0.1 * (k + 1));
            cw_road_point place;
            cw_road_at(map, 0, later.s, later.t, &place);
            double px = place.x - ego_place.x, py = place.y - ego_place.y;
            plan.plan_x_m[k] = (float)(px * cosine + py * sine);
            plan.plan_y_m[k] = (float)(py * cosine - px * sine);
            plan.plan_speed_mps[k] = (float)later.v;
            stop += v > 0.0 ? v * 0.1 : 0.0;
            v = v > 0.6 ? v - 0.6 : 0.0;
            cw_road_at(map, 0, ego.s + stop, ego.t, &place);
            px = place.x - ego_place.x;
            py = place.y - ego_place.y;
            plan.failsafe_x_m[k] = (float)(px * cosine + py * sine);
            plan.failsafe_y_m[k] = (float)(py * cosine - px * sine);
        }
        plan.failsafe_count = (uint8_t)(10.0 * ego.v / 6.0 + 2.0);
        cw_trace_add(trace, plans, now, &plan, sizeof plan);
    }
    struct {
        double time;
        uint8_t light;
    } phases[] = {{0.0, CW_LIGHT_GREEN}, {16.0, CW_LIGHT_YELLOW}, {19.0, CW_LIGHT_RED}};
    for (int i = 0; i < 3; i++) {
        cw_signal_row row = {.light = phases[i].light};
        cw_trace_add(trace, lights, (int64_t)(phases[i].time * 1e9), &row, sizeof row);
    }
    cutin_say(trace, words, 0.0, "Keeping 50 km/h: the road ahead is free.", "시속 50 km 유지: 앞길이 비어 있음.");
    cutin_say(trace, words, 5.3, "Braking 2.6 m/s2: Lorry cuts in from the left, gap 11.8 m, 1.0 s headway.",
              "2.6 m/s2로 감속: Lorry가 왼쪽에서 끼어듦, 간격 11.8 m, 차간 시간 1.0초.");
    cutin_say(trace, words, 8.6, "Following Lorry ahead at 36 km/h, gap 17.4 m.",
              "앞차 Lorry를 시속 36 km로 따라감, 간격 17.4 m.");
    cutin_say(trace, words, 16.1, "Accelerating to 41 km/h: Lorry pulls away.", "시속 41 km로 가속: Lorry가 멀어짐.");
    cutin_say(trace, words, 19.0, "Stopping for the red light in 28.4 m.", "28.4 m 앞 적신호에 정지.");
    cutin_say(trace, words, 21.0, "Stopping: Child crosses from the left and reaches my lane in 1.8 s.",
              "정지: Child가 왼쪽에서 건너며 1.8초 뒤 내 차로에 들어옴.");
    cutin_say(trace, words, 24.3, "Waiting for Child on the crossing.", "횡단보도 위의 Child를 기다림.");
    static const char cut[] = "{\"text\":\"event CutInEvent starts\"}", red[] = "{\"text\":\"signal light turns red\"}";
    cw_trace_add(trace, events, 5000000000, cut, sizeof cut - 1);
    static const char breach[] = "{\"text\":\"A1 broken: Lorry cuts in\",\"ko\":\"A1 위반: Lorry가 끼어듦\","
                                 "\"breach\":\"cut_in\",\"actor\":1}";
    cw_trace_add(trace, events, 7000000000, breach, sizeof breach - 1);
    cw_trace_add(trace, events, 19000000000, red, sizeof red - 1);
    {
        cw_road_point place;
        cw_road_at(map, 0, 322.3, -6.5, &place);
        cw_contact_row row = {.a = CUTIN_EGO,
                              .b = CUTIN_CYCLIST,
                              .object = CW_NONE,
                              .speed_b_mps = 1.4F,
                              .impact_mps = 1.4F,
                              .x_m = place.x,
                              .y_m = place.y};
        cw_trace_add(trace, contacts, 25900000000, &row, sizeof row);
    }
    cw_trace_attach(trace, "scene.json", "application/json", cutin_scene(), strlen(cutin_scene()));
    cw_trace_attach(trace, "verdict.json", "application/json", cutin_verdict(), strlen(cutin_verdict()));
    cw_trace_attach(trace, "cutin.xosc", "application/xml", "<OpenSCENARIO/>", 15);
    cw_trace_set(trace, "version", "causeway 0.1.0");
    cw_trace_set(trace, "command", "causeway drive cutin.xosc --driver classical --seed 1");
    cw_trace_set(trace, "seed", "1");
    cw_trace_set(trace, "scenario", "cutin.xosc");
    cw_trace_set(trace, "driver", "classical");
    cw_trace_set(trace, "evaluator", "on");
    cw_trace_set(trace, "lang", "en");
    cw_trace_set(trace, "duration_s", "27");
    cw_trace_set(trace, "final_hash", "9f3c2b1a00e4d7c6");
    cw_trace_set(trace, "result", "failed");
    return trace;
}

#endif
