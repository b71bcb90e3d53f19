// Weather, time and surface; traffic signal programs.
#include "openscenario.h"

#include <math.h>
#include <string.h>
#include <strings.h>

// ---- date and time ---------------------------------------------------------------------------------------------------

static bool digits(const char **at, int count, int *out) {
    *out = 0;
    for (int i = 0; i < count; i++, (*at)++) {
        if (**at < '0' || **at > '9')
            return false;
        *out = *out * 10 + (**at - '0');
    }
    return true;
}

// YYYY-MM-DDThh:mm:ss, with a fraction of a second and a zone where they are stated. Seconds since (local) midnight.
bool cw_osc_day_seconds(const char *text, double *seconds) {
    int year, month, day, hour, minute, second;
    if (!digits(&text, 4, &year) || *text++ != '-' || !digits(&text, 2, &month) || *text++ != '-' ||
        !digits(&text, 2, &day) || *text++ != 'T' || !digits(&text, 2, &hour) || *text++ != ':' ||
        !digits(&text, 2, &minute) || *text++ != ':' || !digits(&text, 2, &second))
        return false;
    if (month < 1 || month > 12 || day < 1 || day > 31 || hour > 24 || minute > 59 || second > 60)
        return false;
    double fraction = 0, unit = 0.1;
    if (*text == '.')
        for (text++; *text >= '0' && *text <= '9'; text++, unit /= 10)
            fraction += unit * (*text - '0');
    *seconds = hour * 3600 + minute * 60 + second + fraction;
    if (*text == '\0' || strcmp(text, "Z") == 0)
        return true;
    int zone_hour, zone_minute = 0;
    if (*text != '+' && *text != '-')
        return false;
    text++;
    if (!digits(&text, 2, &zone_hour))
        return false;
    if (*text == ':')
        text++;
    return (*text == '\0' || digits(&text, 2, &zone_minute)) && *text == '\0';
}

// ---- environment -----------------------------------------------------------------------------------------------------

void cw_osc_environment_defaults(cw_environment *out) {
    *out = (cw_environment){.friction_scale = 1,
                            .visibility = INFINITY,
                            .temperature = 293.15,
                            .sun_elevation = 1,
                            .time_of_day = 43200,
                            .date_time = ""};
}

// Where from states nothing, what was before stays.
void cw_osc_environment_merge(cw_environment *into, const cw_environment *from) {
    cw_environment old = *into;
    *into = *from;
    if (!from->has_friction) {
        into->has_friction = old.has_friction;
        into->friction_scale = old.friction_scale;
    }
    if (!from->has_time) {
        into->has_time = old.has_time;
        into->time_of_day = old.time_of_day;
        into->date_time = old.date_time;
    }
    if (!from->has_weather) {
        bool friction = into->has_friction, time = into->has_time;
        double scale = into->friction_scale, day = into->time_of_day;
        const char *date = into->date_time;
        bool wet = into->wet || old.wet;
        *into = old;
        into->has_friction = friction;
        into->friction_scale = scale;
        into->has_time = time;
        into->time_of_day = day;
        into->date_time = date;
        into->wet = wet;
    }
}

static bool read_clouds(cw_osc *o, const cw_node *node, cw_environment *out) {
    static const char *const states[] = {"skyOff", "free", "cloudy", "overcast", "rainy", "skyoff"};
    static const double cover[] = {0, 0, 0.5, 1, 1, 0};
    static const char *const oktas[] = {"zeroOktas", "oneOktas", "twoOktas",   "threeOktas", "fourOktas",
                                        "fiveOktas", "sixOktas", "sevenOktas", "eightOktas", "nineOktas"};
    uint8_t word;
    if (cw_osc_has(node, "fractionalCloudCover")) {
        if (!cw_osc_word(o, node, "fractionalCloudCover", oktas, 10, -1, &word))
            return false;
        out->cloud = word < 8 ? word / 8.0 : 1;
        cw_osc_skip(o, node, "cloudState");
    } else if (cw_osc_has(node, "cloudState")) {
        if (!cw_osc_word(o, node, "cloudState", states, 6, -1, &word))
            return false;
        out->cloud = cover[word];
    }
    return true;
}

static bool read_weather(cw_osc *o, const cw_node *node, cw_environment *out) {
    static const char *const kinds[] = {"dry", "rain", "snow"};
    double unused;
    out->has_weather = true;
    const cw_node *dome = cw_osc_child(o, node, "DomeImage");
    if (dome != NULL)
        cw_osc_see_all(o, dome);
    if (!read_clouds(o, node, out) || !cw_osc_number_or(o, node, "temperature", 293.15, &out->temperature) ||
        !cw_osc_number_or(o, node, "atmosphericPressure", 101325, &unused))
        return false;
    const cw_node *sun = cw_osc_child(o, node, "Sun");
    if (sun != NULL && (!cw_osc_number_or(o, sun, "azimuth", 0, &out->sun_azimuth) ||
                        !cw_osc_number_or(o, sun, "elevation", 1, &out->sun_elevation) ||
                        !cw_osc_number_or(o, sun, "intensity", 0, &out->sun_intensity) ||
                        !cw_osc_number_or(o, sun, "illuminance", out->sun_intensity, &out->sun_intensity)))
        return false;
    const cw_node *fog = cw_osc_child(o, node, "Fog");
    if (fog != NULL) {
        if (!cw_osc_limit(o, fog, "visualRange", &out->visibility))
            return false;
        const cw_node *box = cw_osc_child(o, fog, "BoundingBox");
        if (box != NULL) {
            cw_osc_unsupported(o, box, "Fog/BoundingBox", "the fog is everywhere");
            cw_osc_see_all(o, box);
        }
    }
    const cw_node *rain = cw_osc_child(o, node, "Precipitation");
    if (rain != NULL) {
        // Until 1.0 an intensity from 0 to 1; 1 is taken as 50 mm/h, what weather services call violent rain.
        double intensity;
        if (!cw_osc_word(o, rain, "precipitationType", kinds, 3, 0, &out->precipitation) ||
            !cw_osc_not_negative(o, rain, "intensity", 0, &intensity) ||
            !cw_osc_not_negative(o, rain, "precipitationIntensity", 50 * cw_min(intensity, 1),
                                 &out->precipitation_mmph))
            return false;
        out->wet = out->precipitation != 0 && out->precipitation_mmph > 0;
    }
    const cw_node *wind = cw_osc_child(o, node, "Wind");
    return wind == NULL || (cw_osc_number_or(o, wind, "direction", 0, &out->wind_direction) &&
                            cw_osc_not_negative(o, wind, "speed", 0, &out->wind_speed));
}

static bool read_environment_body(cw_osc *o, const cw_node *node, cw_environment *out) {
    static const char *const wetness[] = {"dry", "moist", "wetWithPuddles", "lowFlooded", "highFlooded"};
    cw_osc_skip(o, node, "name");
    const cw_node *time = cw_osc_child(o, node, "TimeOfDay");
    if (time != NULL) {
        bool animation;
        if (!cw_osc_text(o, time, "dateTime", &out->date_time) ||
            !cw_osc_boolean_or(o, time, "animation", false, &animation))
            return false;
        if (!cw_osc_day_seconds(out->date_time, &out->time_of_day))
            return cw_osc_fail(o, time, "dateTime", CW_ERR_INPUT, "'%.60s' is no date and time", out->date_time);
        out->has_time = true;
    }
    const cw_node *weather = cw_osc_child(o, node, "Weather");
    if (weather != NULL && !read_weather(o, weather, out))
        return false;
    const cw_node *road = cw_osc_child(o, node, "RoadCondition");
    if (road != NULL) {
        uint8_t wet;
        if (!cw_osc_not_negative(o, road, "frictionScaleFactor", 1, &out->friction_scale) ||
            !cw_osc_word(o, road, "wetness", wetness, 5, 0, &wet))
            return false;
        out->has_friction = true;
        if (cw_osc_has(road, "wetness"))
            out->wet = wet != 0;
        const cw_node *properties = cw_osc_child(o, road, "Properties");
        if (properties != NULL)
            cw_osc_see_all(o, properties);
    }
    return true;
}

bool cw_osc_read_environment(cw_osc *o, const cw_node *node, cw_environment *out) {
    cw_osc_environment_defaults(out);
    const cw_node *direct = cw_osc_child(o, node, "Environment");
    if (direct != NULL) {
        const cw_osc_scope *scope = o->scope;
        bool good = cw_osc_open_scope(o, direct, scope, NULL, 0) && read_environment_body(o, direct, out);
        o->scope = scope;
        return good;
    }
    const cw_node *reference = cw_osc_need(o, node, "CatalogReference");
    cw_osc_visit visit;
    if (reference == NULL || !cw_osc_enter(o, reference, "Environment", &visit) ||
        !read_environment_body(o, visit.entry, out))
        return false;
    cw_osc_leave(o, &visit);
    return true;
}

// ---- signals ---------------------------------------------------------------------------------------------------------

enum { OFF, RED, RED_YELLOW, YELLOW, GREEN, FLASHING_YELLOW };

// Lamps from the top: red, yellow, green; of two: red, green; of one: what is lit shows green.
static uint8_t lamps(const char *state) {
    char lit[8] = {0};
    int count = 0;
    for (const char *at = state; *at != '\0' && count < 8; count++) {
        size_t length = strcspn(at, ";");
        lit[count] = (char)(length == 2 && strncasecmp(at, "on", 2) == 0 ? 1
                            : (length == 8 && strncasecmp(at, "flashing", 8) == 0) ||
                                    (length == 8 && strncasecmp(at, "blinking", 8) == 0)
                                ? 2
                                : 0);
        at += length + (at[length] == ';');
    }
    if (count == 1)
        return lit[0] ? GREEN : OFF;
    if (count == 2)
        return lit[0] ? RED : lit[1] ? GREEN : OFF;
    if (lit[0])
        return lit[1] ? RED_YELLOW : RED;
    if (lit[1])
        return lit[1] == 2 ? FLASHING_YELLOW : YELLOW;
    return lit[2] ? GREEN : OFF;
}

static bool holds_word(const char *text, const char *word) {
    size_t n = strlen(word);
    for (; *text != '\0'; text++)
        if (strncasecmp(text, word, n) == 0)
            return true;
    return false;
}

uint8_t cw_osc_light_of(const char *state) {
    if (strchr(state, ';') != NULL || strcasecmp(state, "on") == 0)
        return lamps(state);
    bool red = holds_word(state, "red") || strcasecmp(state, "stop") == 0;
    bool yellow = holds_word(state, "yellow") || holds_word(state, "amber") || strcasecmp(state, "caution") == 0 ||
                  strcasecmp(state, "attention") == 0;
    if (red)
        return yellow ? RED_YELLOW : RED;
    if (yellow)
        return holds_word(state, "flash") || holds_word(state, "blink") ? FLASHING_YELLOW : YELLOW;
    return holds_word(state, "green") || strcasecmp(state, "go") == 0 || strcasecmp(state, "walk") == 0 ? GREEN : OFF;
}

static bool read_phase(cw_osc *o, const cw_node *node, cw_phase *phase) {
    phase->count = cw_osc_count(node, "TrafficSignalState");
    cw_light_state *states = cw_arena_array(o->arena, phase->count, sizeof *states);
    if (states == NULL)
        return cw_osc_no_memory(o);
    phase->states = states;
    if (!cw_osc_text(o, node, "name", &phase->name) ||
        !cw_osc_not_negative(o, node, "duration", INFINITY, &phase->duration))
        return false;
    uint32_t i = 0;
    for (const cw_node *one = cw_osc_child(o, node, "TrafficSignalState"); one != NULL;
         one = cw_osc_next(o, one, "TrafficSignalState"), i++) {
        if (!cw_osc_text(o, one, "trafficSignalId", &states[i].signal) ||
            !cw_osc_text(o, one, "state", &states[i].state))
            return false;
        states[i].light = cw_osc_light_of(states[i].state);
        if (cw_map_find_signal(o->map, states[i].signal) == CW_NONE)
            cw_osc_note(o, one, "trafficSignalId", "the map has no such signal");
    }
    return true;
}

bool cw_osc_read_programs(cw_osc *o, const cw_node *root) {
    const cw_node *network = cw_osc_child(o, root, "RoadNetwork");
    const cw_node *list = network != NULL ? cw_osc_child(o, network, "TrafficSignals") : NULL;
    const cw_node *one = list != NULL ? cw_osc_child(o, list, "TrafficSignalController") : NULL;
    for (; one != NULL; one = cw_osc_next(o, one, "TrafficSignalController")) {
        cw_signal_program program = {.count = cw_osc_count(one, "Phase")};
        cw_phase *phases = cw_arena_array(o->arena, program.count, sizeof *phases);
        if (phases == NULL)
            return cw_osc_no_memory(o);
        program.phases = phases;
        if (!cw_osc_text(o, one, "name", &program.name) || !cw_osc_not_negative(o, one, "delay", 0, &program.delay) ||
            !cw_osc_text_or(o, one, "reference", NULL, &program.reference))
            return false;
        uint32_t i = 0;
        for (const cw_node *phase = cw_osc_child(o, one, "Phase"); phase != NULL;
             phase = cw_osc_next(o, phase, "Phase"), i++) {
            if (!read_phase(o, phase, &phases[i]))
                return false;
            program.period += phases[i].duration;
        }
        uint32_t index = CW_OSC_ADD(o, programs, 1);
        if (index == CW_NONE)
            return false;
        o->programs[index] = program;
    }
    return true;
}
