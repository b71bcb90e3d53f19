// Weather in words: a table of what each word sets.
#include "causeway/scene.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const double DEGREE = CW_PI / 180.0;

typedef struct weather_word {
    const char *name;
    double sun;           // degrees above the horizon; NAN: leaves the time as it is
    double cloud;         // NAN likewise
    double friction;      // times the dry road's
    double visibility;    // m
    double mmph;          // rain or snow
    int8_t precipitation; // 0 none, 1 rain, 2 snow; -1: leaves it
    int8_t wet;           // -1: leaves it
} weather_word;

// Friction of wet, snowed-over and icy asphalt against dry: Wallman and Astrom, Friction measurement methods, VTI 911A (2001).
static const weather_word words[] = {
    {"clear", NAN, 0.05, 1.0, INFINITY, 0, 0, 0}, {"cloudy", NAN, 0.5, NAN, NAN, 0, -1, -1},
    {"overcast", NAN, 1.0, NAN, NAN, 0, -1, -1},  {"drizzle", NAN, 0.9, 0.8, 8000, 1.5, 1, 1},
    {"rain", NAN, 1.0, 0.7, 4000, 8, 1, 1},       {"heavy_rain", NAN, 1.0, 0.55, 1200, 30, 1, 1},
    {"wet", NAN, NAN, 0.75, NAN, 0, -1, 1},       {"snow", NAN, 1.0, 0.4, 1200, 3, 2, 0},
    {"ice", NAN, NAN, 0.15, NAN, 0, -1, -1},      {"mist", NAN, NAN, NAN, 500, 0, -1, -1},
    {"fog", NAN, 0.9, NAN, 120, 0, -1, -1},       {"day", 45, NAN, NAN, NAN, 0, -1, -1},
    {"noon", 62, NAN, NAN, NAN, 0, -1, -1},       {"low_sun", 7, NAN, NAN, NAN, 0, -1, -1},
    {"dusk", -2.5, NAN, NAN, NAN, 0, -1, -1},     {"night", -25, NAN, NAN, NAN, 0, -1, -1},
};

static void apply(const weather_word *word, cw_environment *e) {
    if (!isnan(word->sun)) {
        e->sun_elevation = word->sun * DEGREE;
        e->sun_azimuth = (word->sun < 10.0 ? 245.0 : 150.0) * DEGREE; // from north, clockwise: low in the evening
        e->sun_intensity = 1.0;
    }
    if (!isnan(word->cloud))
        e->cloud = word->cloud;
    if (!isnan(word->friction)) {
        e->friction_scale = word->friction;
        e->has_friction = true;
    }
    if (!isnan(word->visibility))
        e->visibility = word->visibility;
    if (word->precipitation >= 0) {
        e->precipitation = (uint8_t)word->precipitation;
        e->precipitation_mmph = word->mmph;
        e->temperature = word->precipitation == 2 ? 271.15 : 288.15;
    }
    if (strcmp(word->name, "ice") == 0)
        e->temperature = 270.15;
    if (word->wet >= 0)
        e->wet = word->wet != 0;
}

static cw_status unknown(const char *at, size_t length, cw_error *err) {
    char list[200] = "";
    size_t used = 0;
    for (size_t i = 0; i < sizeof words / sizeof *words && used < sizeof list; i++)
        used += (size_t)snprintf(list + used, sizeof list - used, "%s%s", i > 0 ? ", " : "", words[i].name);
    return cw_error_set(err, CW_ERR_USAGE, NULL, 0, 0, "there is no weather '%.*s'; there are: %s",
                        (int)(length < 40 ? length : 40), at, list);
}

cw_status cw_environment_words(const char *text, cw_environment *environment, cw_error *err) {
    cw_environment out = *environment;
    if (!out.has_weather) {
        out.visibility = INFINITY;
        out.cloud = 0.05;
        out.temperature = 293.15;
        out.precipitation = 0;
        out.has_weather = true;
    }
    for (const char *at = text; *at != '\0';) {
        size_t blank = strspn(at, ", \t"), length;
        at += blank;
        length = strcspn(at, ", \t");
        if (length == 0)
            break;
        const weather_word *found = NULL;
        for (size_t i = 0; i < sizeof words / sizeof *words; i++)
            if (strlen(words[i].name) == length && memcmp(words[i].name, at, length) == 0)
                found = &words[i];
        if (found == NULL)
            return unknown(at, length, err);
        apply(found, &out);
        at += length;
    }
    *environment = out;
    return CW_OK;
}
