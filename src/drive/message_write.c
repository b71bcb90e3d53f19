// Messages to a driver. Numbers are rounded to fixed decimals: short, the same everywhere, and finer than anything that
// perception knows.
#include "drive/message.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { AHEAD_POINTS = 100, METRES = 4, ANGLE = 6 }; // decimals of lengths, speeds and times; of angles and friction
#define AHEAD_STEP 2.0                              // m

void message_text_free(message_text *text) {
    free(text->bytes);
    *text = (message_text){0};
}

static void put(message_text *t, const char *bytes, size_t count) {
    if (t->failed || !CW_GROW(t->bytes, t->capacity, t->count + count)) {
        t->failed = true;
        return;
    }
    memcpy(t->bytes + t->count, bytes, count);
    t->count += count;
}

static void put_text(message_text *t, const char *text) {
    put(t, text, strlen(text));
}

static void put_whole(message_text *t, uint64_t value, bool negative, int decimals) {
    char digits[32];
    int at = (int)sizeof digits, written = 0;
    do {
        digits[--at] = (char)('0' + value % 10);
        value /= 10;
        if (++written == decimals)
            digits[--at] = '.';
    } while (value > 0 || written <= decimals);
    if (negative)
        digits[--at] = '-';
    put(t, digits + at, sizeof digits - (size_t)at);
}

static void put_number(message_text *t, double value, int decimals) {
    double scaled = fabs(value) * (decimals == ANGLE ? 1e6 : 1e4);
    if (!(scaled < 1e18)) { // nothing that JSON can say, or nothing that a road has
        put_text(t, "null");
        return;
    }
    uint64_t whole = (uint64_t)rint(scaled);
    put_whole(t, whole, value < 0 && whole > 0, decimals);
}

// `,"name":` or `"name":` after an opening bracket.
static void put_name(message_text *t, const char *name) {
    char last = t->count > 0 && !t->failed ? t->bytes[t->count - 1] : '{';
    put_text(t, last == '{' || last == '[' ? "\"" : ",\"");
    put_text(t, name);
    put_text(t, "\":");
}

static void put_item(message_text *t) {
    if (!t->failed && t->bytes[t->count - 1] != '[')
        put_text(t, ",");
}

static void member(message_text *t, const char *name, double value) {
    put_name(t, name);
    put_number(t, value, METRES);
}

static void member_angle(message_text *t, const char *name, double value) {
    put_name(t, name);
    put_number(t, value, ANGLE);
}

static void member_integer(message_text *t, const char *name, int64_t value) {
    put_name(t, name);
    put_whole(t, value < 0 ? 0 - (uint64_t)value : (uint64_t)value, value < 0, 0);
}

static void member_bool(message_text *t, const char *name, bool value) {
    put_name(t, name);
    put_text(t, value ? "true" : "false");
}

static void put_index(message_text *t, uint32_t index) { // of a lane
    if (index == CW_NONE)
        put_text(t, "null");
    else
        put_whole(t, index, false, 0);
}

static void member_string(message_text *t, const char *name, const char *value) {
    static const char hex[] = "0123456789abcdef";
    put_name(t, name);
    put_text(t, "\"");
    for (const char *c = value; *c; c++) {
        unsigned char byte = (unsigned char)*c;
        if (byte < 0x20 || byte == '"' || byte == '\\')
            put(t, (const char[]){'\\', 'u', '0', '0', hex[byte >> 4], hex[byte & 15]}, 6);
        else
            put(t, c, 1);
    }
    put_text(t, "\"");
}

static void begin(message_text *t, const char *type) {
    t->count = 0;
    t->failed = false;
    put_text(t, "{");
    member_string(t, "type", type);
}

static void finish(message_text *t) {
    put_text(t, "}\n");
}

void message_write_plain(message_text *t, const char *type) {
    begin(t, type);
    finish(t);
}

void message_write_start(message_text *t, const cw_driver_def *def, double timeout) {
    const cw_body *b = &def->body;
    begin(t, "start");
    member_integer(t, "protocol", MESSAGE_PROTOCOL);
    member_integer(t, "seed", (int64_t)(def->seed & INT64_MAX));
    member(t, "period_s", (double)def->period);
    member(t, "timeout_s", timeout);
    member_integer(t, "points", CW_TRAJECTORY_POINTS);
    member(t, "point_step_s", CW_TRAJECTORY_STEP);
    char options[1024]; // of the command line: any bytes
    size_t length = def->options ? strlen(def->options) : 0;
    if (length >= sizeof options)
        length = sizeof options - 1;
    memcpy(options, def->options ? def->options : "", length);
    options[length] = 0;
    message_clean(options);
    member_string(t, "options", options);
    put_name(t, "body");
    put_text(t, "{");
    member(t, "length_m", (double)b->length);
    member(t, "width_m", (double)b->width);
    member(t, "height_m", (double)b->height);
    member(t, "center_x_m", (double)b->center_x);
    member(t, "wheelbase_m", (double)b->wheelbase);
    member(t, "mass_kg", (double)b->mass);
    member_angle(t, "max_steer_rad", (double)b->max_steer);
    member(t, "max_accel_mps2", (double)b->max_accel);
    member(t, "max_brake_mps2", (double)b->max_brake);
    member(t, "max_speed_mps", (double)b->max_speed);
    put_text(t, "}");
    finish(t);
}

static void put_ego(message_text *t, const cw_ego *e) {
    put_name(t, "ego");
    put_text(t, "{");
    member(t, "x_m", e->x);
    member(t, "y_m", e->y);
    member_angle(t, "heading_rad", (double)e->heading);
    member(t, "speed_mps", (double)e->speed);
    member(t, "lateral_speed_mps", (double)e->lateral_speed);
    member(t, "accel_mps2", (double)e->accel);
    member_angle(t, "yaw_rate_radps", (double)e->yaw_rate);
    member_angle(t, "steer_rad", (double)e->steer);
    put_name(t, "lane");
    put_index(t, e->place.lane);
    member(t, "lane_offset_m", e->place.lane == CW_NONE ? NAN : e->place.offset);
    put_text(t, "}");
}

static void put_side(message_text *t, const char *name, const cw_obs *obs, bool left) {
    const cw_lane_place *place = &obs->ego.place;
    uint32_t other = place->lane == CW_NONE ? CW_NONE
                     : left                 ? obs->map->lanes[place->lane].left
                                            : obs->map->lanes[place->lane].right;
    put_name(t, name);
    if (other == CW_NONE || !cw_lane_drivable(&obs->map->lanes[other])) {
        put_text(t, "null");
        return;
    }
    put_text(t, "{");
    member_integer(t, "lane", other);
    member(t, "width_m", cw_lane_width(obs->map, other, place->s));
    member_bool(t, "same_way", cw_lane_same_way(obs->map, place->lane, left));
    member_bool(t, "may_change", cw_lane_may_change(obs->map, place->lane, place->s, left));
    put_text(t, "}");
}

static void put_metres(message_text *t, const char *name, const float *values, uint32_t count) {
    put_name(t, name);
    put_text(t, "[");
    for (uint32_t i = 0; i < count; i++) {
        put_item(t);
        put_number(t, (double)values[i], METRES);
    }
    put_text(t, "]");
}

static void put_lanes(message_text *t, const char *name, const uint32_t *lanes, uint32_t count) {
    put_name(t, name);
    put_text(t, "[");
    for (uint32_t i = 0; i < count; i++) {
        put_item(t);
        put_index(t, lanes[i]);
    }
    put_text(t, "]");
}

static void put_ahead(message_text *t, const cw_obs *obs) {
    float x[AHEAD_POINTS], y[AHEAD_POINTS];
    uint32_t lane[AHEAD_POINTS], count = cw_obs_ahead(obs, AHEAD_STEP, AHEAD_POINTS, x, y, lane);
    put_name(t, "ahead");
    put_text(t, "{");
    member(t, "step_m", AHEAD_STEP);
    put_metres(t, "x_m", x, count);
    put_metres(t, "y_m", y, count);
    put_lanes(t, "lane", lane, count);
    const cw_lane_place *place = &obs->ego.place;
    float limit = place->lane == CW_NONE ? 0 : cw_lane_limit(obs->map, place->lane, place->s);
    member(t, "width_m", place->lane == CW_NONE ? NAN : cw_lane_width(obs->map, place->lane, place->s));
    member(t, "limit_mps", limit > 0 ? (double)limit : NAN);
    put_text(t, "}");
    put_side(t, "left", obs, true);
    put_side(t, "right", obs, false);
}

static void put_vehicle_frame(message_text *t, const cw_obs *obs, double x, double y) {
    double sine, cosine, dx = x - obs->ego.x, dy = y - obs->ego.y;
    cw_sincos((double)obs->ego.heading, &sine, &cosine);
    member(t, "x_m", dx * cosine + dy * sine);
    member(t, "y_m", dy * cosine - dx * sine);
}

static void put_mission(message_text *t, const cw_obs *obs) {
    const cw_mission *m = obs->mission;
    put_name(t, "mission");
    put_text(t, "{");
    member(t, "set_speed_mps", (double)m->set_speed);
    member_bool(t, "keep_lane", m->keep_lane);
    put_lanes(t, "route", m->route.lanes, m->route.count);
    put_name(t, "goal");
    if (m->has_goal) {
        put_text(t, "{");
        put_vehicle_frame(t, obs, m->goal_x, m->goal_y);
        member_bool(t, "stop", m->stop_at_goal);
        put_text(t, "}");
    } else {
        put_text(t, "null");
    }
    put_text(t, "}");
}

static void put_track(message_text *t, const cw_track *k) {
    static const char *const lamps[] = {"brake", "left", "right", "hazard", "reverse"}; // the bits of CW_LAMP_*
    put_item(t);
    put_text(t, "{");
    member_integer(t, "id", k->id);
    member_string(t, "kind", cw_user_name((cw_user_kind)k->kind));
    member_bool(t, "seen", k->seen);
    member(t, "x_m", (double)k->x);
    member(t, "y_m", (double)k->y);
    member_angle(t, "heading_rad", (double)k->heading);
    member(t, "vx_mps", (double)k->vx);
    member(t, "vy_mps", (double)k->vy);
    member(t, "speed_mps", (double)k->speed);
    member(t, "accel_mps2", (double)k->accel);
    member_angle(t, "yaw_rate_radps", (double)k->yaw_rate);
    member(t, "length_m", (double)k->length);
    member(t, "width_m", (double)k->width);
    member(t, "height_m", (double)k->height);
    member(t, "error_m", (double)k->error);
    put_name(t, "lane");
    put_index(t, k->place.lane);
    put_name(t, "lamps");
    put_text(t, "[");
    for (unsigned i = 0; i < sizeof lamps / sizeof *lamps; i++) {
        if (k->indicators >> i & 1) {
            put_item(t);
            put_text(t, "\"");
            put_text(t, lamps[i]);
            put_text(t, "\"");
        }
    }
    put_text(t, "]}");
}

static void put_signal(message_text *t, const cw_obs *obs, const cw_signal_view *s) {
    static const char *const lights[] = {"off",    "red", "red_yellow", "yellow", "green", "flashing_yellow",
                                         "unknown"}; // cw_light
    put_item(t);
    put_text(t, "{");
    member_integer(t, "signal", s->signal);
    put_name(t, "lane");
    put_index(t, s->lane);
    member_string(t, "light", lights[s->light <= CW_LIGHT_UNKNOWN ? s->light : CW_LIGHT_UNKNOWN]);
    member(t, "since_s", (double)s->since);
    put_vehicle_frame(t, obs, s->stop_x, s->stop_y); // of its stop line
    put_text(t, "}");
}

static void put_wall(message_text *t, const cw_obs *obs, const cw_wall *w) {
    put_item(t);
    put_text(t, "{");
    put_vehicle_frame(t, obs, w->box.x, w->box.y);
    member_angle(t, "heading_rad", cw_wrap_angle(cw_atan2(w->box.uy, w->box.ux) - (double)obs->ego.heading));
    member(t, "length_m", 2 * w->box.half_length);
    member(t, "width_m", 2 * w->box.half_width);
    member(t, "height_m", (double)w->height);
    put_text(t, "}");
}

void message_write_observe(message_text *t, const cw_obs *obs) {
    begin(t, "observe");
    member_integer(t, "step", obs->step);
    member(t, "time_s", (double)obs->time_ns * 1e-9);
    put_ego(t, &obs->ego);
    put_ahead(t, obs);
    put_mission(t, obs);
    put_name(t, "tracks");
    put_text(t, "[");
    for (uint32_t i = 0; i < obs->track_count; i++)
        put_track(t, &obs->tracks[i]);
    put_text(t, "]");
    put_name(t, "signals");
    put_text(t, "[");
    for (uint32_t i = 0; i < obs->signal_count; i++)
        put_signal(t, obs, &obs->signals[i]);
    put_text(t, "]");
    put_name(t, "walls");
    put_text(t, "[");
    for (uint32_t i = 0; i < obs->wall_count; i++)
        put_wall(t, obs, &obs->walls[i]);
    put_text(t, "]");
    put_name(t, "surface");
    put_text(t, "{");
    member_angle(t, "mu_low", (double)obs->surface.mu_low);
    member_angle(t, "mu_high", (double)obs->surface.mu_high);
    member(t, "visibility_m", (double)obs->surface.visibility);
    put_text(t, "}");
    member(t, "range_m", (double)obs->range);
    finish(t);
}

void message_write_restore(message_text *t, const void *bytes, size_t count) {
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const unsigned char *in = bytes;
    begin(t, "restore");
    put_name(t, "bytes");
    put_text(t, "\"");
    for (size_t i = 0; i < count; i += 3) { // base64, RFC 4648
        size_t rest = count - i;
        unsigned a = in[i], b = rest > 1 ? in[i + 1] : 0, c = rest > 2 ? in[i + 2] : 0;
        put(t,
            (const char[]){letters[a >> 2], letters[(a & 3) << 4 | b >> 4],
                           (char)(rest > 1 ? letters[(b & 15) << 2 | c >> 6] : '='),
                           (char)(rest > 2 ? letters[c & 63] : '=')},
            4);
    }
    put_text(t, "\"");
    finish(t);
}
