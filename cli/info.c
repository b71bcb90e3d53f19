#include "cli.h"
#include "replay.h"
#include "source.h"

#include "causeway/agent.h"
#include "causeway/format.h"

#include <getopt.h>
#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char help[] = "causeway info - what is in a map, a scenario or a trace\n"
                           "\n"
                           "Usage: causeway info [OPTION...] FILE...\n"
                           "\n"
                           "Options:\n"
                           "  --json             as JSON, one object a line\n"
                           "  --csv TOPIC        the rows of a trace's channel as CSV\n"
                           "  --set NAME=VALUE   a parameter of the scenario\n"
                           "\n"
                           "Examples:\n"
                           "  causeway info scenes/town.xosc\n"
                           "  causeway info town.mcap --csv /causeway/actors > actors.csv\n"
                           "\n"
                           "Exit status: 0 fine; 2 wrong usage; 3 input unreadable or invalid; 70 internal error.\n";

static const char *const kinds[] = {"openscenario", "commonroad", "opendrive", "synth", "recording"};

static json_t *map_json(const cw_map *map) {
    double length = 0, driving = 0;
    uint32_t lanes = 0;
    for (uint32_t i = 0; i < map->road_count; i++)
        length += map->roads[i].length;
    for (uint32_t i = 0; i < map->lane_count; i++)
        if (cw_lane_drivable(&map->lanes[i])) {
            driving += map->lanes[i].length;
            lanes++;
        }
    uint32_t lights = 0, conflicts = 0; // a conflict stands with each of its two lanes
    for (uint32_t i = 0; i < map->lane_count; i++)
        conflicts += map->lanes[i].conflicts.count;
    for (uint32_t i = 0; i < map->signal_count; i++)
        lights += map->signals[i].kind == CW_SIGNAL_LIGHT;
    return json_pack("{s:s, s:i, s:f, s:i, s:f, s:i, s:i, s:i, s:i, s:i, s:[f,f,f,f]}", "name",
                     map->name ? map->name : "", "roads", (int)map->road_count, "road_length_m", length,
                     "driving_lanes", (int)lanes, "driving_lane_length_m", driving, "junctions",
                     (int)map->junction_count, "conflicts", (int)(conflicts / 2), "signals", (int)map->signal_count,
                     "traffic_lights", (int)lights, "objects", (int)map->object_count, "bounds_m", map->low.x,
                     map->low.y, map->high.x, map->high.y);
}

static json_t *scene_json(const char *path, const cw_scene *scene) {
    json_t *root = json_object();
    json_object_set_new(root, "schema", json_string("causeway.info/1"));
    json_object_set_new(root, "file", json_string(path));
    json_object_set_new(root, "kind", json_string(kinds[scene->origin]));
    json_object_set_new(root, "version", json_string(scene->version ? scene->version : ""));
    json_object_set_new(root, "name", json_string(scene->name ? scene->name : ""));
    json_object_set_new(root, "author", json_string(scene->author ? scene->author : ""));
    json_object_set_new(root, "map", map_json(scene->map));
    json_t *actors = json_array();
    for (uint32_t i = 0; i < scene->actor_count; i++) {
        const cw_actor *a = &scene->actors[i];
        json_array_append_new(actors, json_pack("{s:s, s:s, s:f, s:f, s:b}", "name", a->name, "kind",
                                                cw_user_name((cw_user_kind)a->kind), "length_m", (double)a->length,
                                                "width_m", (double)a->width, "ego", i == scene->ego));
    }
    json_object_set_new(root, "actors", actors);
    json_object_set_new(root, "stories", json_integer(scene->story_count));
    json_object_set_new(root, "events", json_integer(scene->event_count));
    json_object_set_new(root, "actions", json_integer(scene->action_count));
    json_object_set_new(root, "conditions", json_integer(scene->condition_count));
    json_object_set_new(root, "goals", json_integer(scene->goal_count));
    json_object_set_new(root, "duration_s", isfinite(scene->duration) ? json_real(scene->duration) : json_null());
    json_t *notices = json_array();
    for (uint32_t i = 0; i < scene->notice_count; i++) {
        const cw_notice *n = &scene->notices[i];
        json_array_append_new(notices, json_pack("{s:s, s:i, s:i, s:s, s:s, s:i}", "path", n->path ? n->path : "",
                                                 "line", n->line, "column", n->column, "name", n->name ? n->name : "",
                                                 "text", n->text ? n->text : "", "count", (int)n->count));
    }
    json_object_set_new(root, "notices", notices);
    return root;
}

static json_t *trace_json(const char *path, const cw_trace *trace) {
    json_t *root = json_object();
    json_object_set_new(root, "schema", json_string("causeway.info/1"));
    json_object_set_new(root, "file", json_string(path));
    json_object_set_new(root, "kind", json_string("trace"));
    static const char *const keys[] = {"version",    "command",       "scenario", "driver",     "evaluator", "seed",
                                       "duration_s", "driver_sha256", "a1_hash",  "final_hash", "result"};
    json_t *run = json_object();
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (cw_trace_get(trace, keys[i]))
            json_object_set_new(run, keys[i], json_string(cw_trace_get(trace, keys[i])));
    json_object_set_new(root, "run", run);
    json_t *channels = json_array();
    for (uint32_t i = 0; i < cw_trace_channel_count(trace); i++) {
        size_t count = cw_trace_count(trace, i);
        json_array_append_new(channels, json_pack("{s:s, s:s, s:I}", "topic", cw_trace_name(trace, i), "schema",
                                                  cw_trace_schema_name(trace, i), "messages", (json_int_t)count));
    }
    json_object_set_new(root, "channels", channels);
    json_t *attachments = json_array();
    for (uint32_t i = 0; i < cw_trace_attachment_count(trace); i++) {
        const char *name, *type;
        const void *bytes;
        size_t size;
        if (cw_trace_attachment(trace, i, &name, &type, &bytes, &size))
            json_array_append_new(attachments,
                                  json_pack("{s:s, s:s, s:I}", "name", name, "type", type, "bytes", (json_int_t)size));
    }
    json_object_set_new(root, "attachments", attachments);
    return root;
}

// ---- plain text from the same object, so that both forms always say the same -------------------------------------------

enum { COLUMN_WIDEST = 40, COLUMNS_MOST = 16 };

// A value as one cell of text, cut to the buffer; "" for null and the empty string.
static void cell(const json_t *value, char *out, size_t size) {
    out[0] = '\0';
    if (json_is_string(value)) {
        snprintf(out, size, "%s", json_string_value(value));
    } else if (json_is_boolean(value)) {
        snprintf(out, size, "%s", json_is_true(value) ? "yes" : "no");
    } else if (json_is_real(value)) {
        snprintf(out, size, "%.7g", json_real_value(value));
    } else if (json_is_integer(value)) {
        snprintf(out, size, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    }
}

static int widest(const json_t *rows, const char *key) {
    size_t width = strlen(key), index;
    const json_t *row;
    char text[COLUMN_WIDEST + 1];
    json_array_foreach(rows, index, row) {
        cell(json_object_get(row, key), text, sizeof text);
        width = strlen(text) > width ? strlen(text) : width;
    }
    return (int)width;
}

// Objects with the same keys, a row each under the keys.
static void print_table(const json_t *rows, int indent) {
    const char *key;
    const json_t *row;
    json_t *item = NULL, *first = json_array_get(rows, 0);
    int width[COLUMNS_MOST], column;
    char text[256];
    for (int line = -2; line < (int)json_array_size(rows); line++) { // first the widths, then the keys, then the rows
        row = line < 0 ? first : json_array_get(rows, (size_t)line);
        column = 0;
        if (line > -2)
            printf("%*s", indent, "");
        json_object_foreach(first, key, item) {
            if (column == COLUMNS_MOST)
                break;
            if (line == -2)
                width[column] = widest(rows, key);
            cell(json_object_get(row, key), text, sizeof text);
            if (line > -2)
                printf("%-*s  ", width[column], line < 0 ? key : text);
            column++;
        }
        if (line > -2)
            putchar('\n');
    }
}

static void print_value(const char *key, const json_t *value, int indent) {
    size_t index;
    const char *name = NULL;
    json_t *item = NULL;
    char text[1024];
    if (json_is_object(value)) {
        printf("%*s%s\n", indent, "", key);
        json_object_foreach((json_t *)value, name, item) print_value(name, item, indent + 2);
    } else if (json_is_array(value) && json_is_object(json_array_get(value, 0))) {
        printf("%*s%s (%zu)\n", indent, "", key, json_array_size(value));
        print_table(value, indent + 2);
    } else if (json_is_array(value)) {
        printf("%*s%-*s", indent, "", 24 - indent, key);
        json_array_foreach(value, index, item) {
            cell(item, text, sizeof text);
            printf(" %s", text);
        }
        puts(json_array_size(value) == 0 ? " none" : "");
    } else {
        cell(value, text, sizeof text);
        if (text[0])
            printf("%*s%-*s %s\n", indent, "", 24 - indent, key, text);
    }
}

static double number_at(const unsigned char *at, cw_type type) {
    switch (type) {
#define READ(kind, c)                                                                                                  \
    case kind: {                                                                                                       \
        c value;                                                                                                       \
        memcpy(&value, at, sizeof value);                                                                              \
        return (double)value;                                                                                          \
    }
        READ(CW_U8, uint8_t)
        READ(CW_I8, int8_t)
        READ(CW_U16, uint16_t)
        READ(CW_U32, uint32_t)
        READ(CW_I32, int32_t)
        READ(CW_U64, uint64_t)
        READ(CW_I64, int64_t)
        READ(CW_F32, float)
        READ(CW_F64, double)
#undef READ
    }
    return (double)NAN;
}

static void print_row(double time, const unsigned char *row, const cw_column *columns, uint32_t count) {
    printf("%.9g", time);
    for (uint32_t c = 0; c < count; c++)
        for (uint32_t i = 0; i < columns[c].count; i++, row += cw_type_size(columns[c].type)) {
            uint64_t whole;
            memcpy(&whole, row, columns[c].type == CW_U64 ? sizeof whole : 0);
            if (columns[c].type == CW_U64)
                printf(",%" PRIu64, whole);
            else
                printf(",%.*g", columns[c].type == CW_F64 ? 17 : 9, number_at(row, columns[c].type));
        }
    putchar('\n');
}

static int print_csv(const cw_trace *trace, const char *path, const char *topic) {
    uint32_t channel = cw_trace_find(trace, topic);
    const cw_column *columns;
    uint32_t count = channel == UINT32_MAX ? 0 : cw_trace_columns(trace, channel, &columns);
    if (count == 0) {
        cw_error err = {0};
        cw_error_set(&err, CW_ERR_USAGE, path, 0, 0, "it has no channel of rows named '%s'", topic);
        return fail(&err);
    }
    printf("time_s");
    for (uint32_t c = 0; c < count; c++)
        for (uint32_t i = 0; i < columns[c].count; i++) {
            printf(",%s", columns[c].name);
            if (columns[c].count > 1)
                printf("_%u", i);
        }
    putchar('\n');
    size_t size = cw_trace_row_size(trace, channel);
    for (size_t m = 0; m < cw_trace_count(trace, channel); m++) {
        cw_message message = cw_trace_message(trace, channel, m);
        for (size_t at = 0; at + size <= message.size; at += size)
            print_row((double)message.time_ns * 1e-9, (const unsigned char *)message.bytes + at, columns, count);
    }
    return EXIT_FINE;
}

static int info_file(const char *path, const settings *set, bool as_json, const char *csv) {
    cw_error err = {0};
    json_t *root = NULL;
    if (is_trace(path)) {
        cw_trace *trace;
        if (open_trace(path, &trace, &err) != CW_OK)
            return fail(&err);
        if (csv) {
            int code = print_csv(trace, path, csv);
            cw_trace_free(trace);
            return code;
        }
        root = trace_json(path, trace);
        cw_trace_free(trace);
    } else if (csv) {
        return usage_error("info", "%s is no trace: only a trace has rows", path);
    } else {
        cw_scenario_options options = {
            .set = set->parameters, .set_count = set->parameter_count, .data_path = getenv("CAUSEWAY_DATA")};
        cw_scene *scene;
        if (open_scene(path, &options, set, &scene, &err) != CW_OK)
            return fail(&err);
        root = scene_json(path, scene);
        cw_scene_free(scene);
    }
    if (as_json) {
        char *text = json_dumps(root, JSON_COMPACT | JSON_REAL_PRECISION(15));
        puts(text ? text : "{}");
        free(text);
    } else {
        const char *name;
        json_t *item;
        json_object_foreach(root, name, item) if (strcmp(name, "schema") != 0) print_value(name, item, 0);
    }
    json_decref(root);
    return EXIT_FINE;
}

int verb_info(int argc, char **argv) {
    enum { OPT_JSON = 256, OPT_CSV, OPT_SET, OPT_HELP };
    static const struct option words[] = {{"json", no_argument, NULL, OPT_JSON},
                                          {"csv", required_argument, NULL, OPT_CSV},
                                          {"set", required_argument, NULL, OPT_SET},
                                          {"help", no_argument, NULL, OPT_HELP},
                                          {NULL, 0, NULL, 0}};
    settings set = {0};
    const char *csv = NULL;
    bool as_json = false;
    int code = 0;
    for (int option; code == 0 && (option = getopt_long(argc, argv, "h", words, NULL)) != -1;) {
        switch (option) {
        case OPT_JSON:
            as_json = true;
            break;
        case OPT_CSV:
            csv = optarg;
            break;
        case OPT_SET:
            if (!settings_add(&set, optarg))
                code = usage_error("info", "--set takes NAME=VALUE, not '%s'", optarg);
            break;
        case 'h':
        case OPT_HELP:
            fputs(help, stdout);
            settings_free(&set);
            return EXIT_FINE;
        default:
            code = EXIT_USAGE;
        }
    }
    if (code == 0 && optind == argc)
        code = usage_error("info", "no FILE given");
    for (int i = optind; code != EXIT_USAGE && i < argc; i++)
        code = exit_worse(code, info_file(argv[i], &set, as_json, csv));
    settings_free(&set);
    return code;
}
