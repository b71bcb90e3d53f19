#include "traffic_option.h"

#include "causeway/drive.h"

#include <stdio.h>
#include <string.h>

// The share of those who are there at the start that --traffic-driver drives: traffic.driven, no word of the scene's own.
static bool is_share(const char *name) {
    return strcmp(name, "driven") == 0;
}

// NULL: idm, human (of the traffic, not the driver) or nobody that there is.
static const cw_driver *find_driver(const char *text, const char **options) {
    char name[64];
    size_t length = text ? strcspn(text, ":") : 0;
    if (length == 0 || length >= sizeof name || strcmp(text, "human") == 0)
        return NULL;
    memcpy(name, text, length);
    name[length] = 0;
    *options = text[length] == ':' ? text + length + 1 : NULL;
    return cw_driver_find(name);
}

void traffic_drive(const traffic_option *option, const settings *set, cw_episode_def *def) {
    def->others = find_driver(option->driver, &def->others_options);
    for (unsigned i = 0; i < set->key_count; i++)
        if (strncmp(set->keys[i], "traffic.driven=", 15) == 0)
            cw_parse_double(set->keys[i] + 15, strlen(set->keys[i] + 15), &def->others_share);
}

static cw_status read_settings(const settings *set, cw_traffic_params *params, bool *any, cw_error *err) {
    for (unsigned i = 0; i < set->key_count; i++) {
        const char *text = set->keys[i], *equals = strchr(text, '=');
        char name[64];
        double value;
        if (strncmp(text, "traffic.", 8) != 0)
            continue;
        if (!equals || (size_t)(equals - text - 8) >= sizeof name ||
            !cw_parse_double(equals + 1, strlen(equals + 1), &value))
            return cw_error_set(err, CW_ERR_USAGE, NULL, 0, 0, "'%s' is not NAME=NUMBER", text);
        memcpy(name, text + 8, (size_t)(equals - text - 8));
        name[equals - text - 8] = 0;
        if (is_share(name) && value >= 0 && value <= 1)
            continue;
        if (is_share(name))
            return cw_error_set(err, CW_ERR_USAGE, NULL, 0, 0, "traffic.driven lies between 0 and 1");
        cw_status status = cw_traffic_set(params, name, value, err);
        if (status != CW_OK)
            return status;
        *any = true;
    }
    return CW_OK;
}

cw_status traffic_apply(const traffic_option *option, const settings *set, cw_scene *scene, cw_error *err) {
    cw_traffic_driver driver = CW_TRAFFIC_IDM;
    if (option->driver && strcmp(option->driver, "human") == 0)
        driver = CW_TRAFFIC_HUMAN;
    else if (option->driver && strcmp(option->driver, "idm") != 0) {
        const char *options;
        if (!find_driver(option->driver, &options))
            return cw_error_set(err, CW_ERR_USAGE, NULL, 0, 0,
                                "there is no traffic driver '%s'; there are idm, human (with delay and noise) and the "
                                "drivers of the program, as classical",
                                option->driver);
    }
    bool any = option->count > 0 || option->driver;
    cw_traffic_params params = scene->traffic.count > 0 ? scene->traffic.params : cw_traffic_defaults();
    cw_status status = read_settings(set, &params, &any, err);
    // A bare map begins where the route does, and its lights need somebody who switches them.
    if (status == CW_OK && scene->origin == CW_FROM_OPENDRIVE) {
        status = cw_scene_add_programs(scene, err);
        const char *comma = option->route ? strchr(option->route, ',') : NULL;
        char from[256] = "";
        if (comma && (size_t)(comma - option->route) < sizeof from)
            memcpy(from, option->route, (size_t)(comma - option->route));
        cw_lane_place place = {.lane = CW_NONE};
        if (from[0])
            place = cw_mission_place(scene->map, from);
        if (status == CW_OK && from[0] && (place.lane == CW_NONE || !cw_scene_start_at(scene, place)))
            status = cw_error_set(err, CW_ERR_USAGE, NULL, 0, 0, "--route: there is no lane '%s' on the map", from);
    }
    if (status == CW_OK && any)
        status = cw_scene_add_traffic(scene, option->count, &params, driver, err);
    return status;
}
