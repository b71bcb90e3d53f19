// The 13 tables of the nuScenes format (Caesar et al., CVPR 2020; field lists: the development kit's schema_nuscenes.md).
#include "dataset.h"

#include "text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const char version[] = "v1.0-causeway";
static const int64_t EPOCH_US = INT64_C(1577836800000000); // drives have no date: all begin with 2020 (UTC)

enum { TOKEN_SIZE = 33 };

// ---- names -----------------------------------------------------------------------------------------------------------

static const struct named {
    const char *name, *description;
} categories[] = {
    {"vehicle.car", "Cars and vans of all sizes"},
    {"vehicle.truck", "Lorries and tractors"},
    {"vehicle.bus.rigid", "Buses without a joint"},
    {"vehicle.trailer", "Trailers, whatever draws them"},
    {"vehicle.train", "Trains and trams"},
    {"vehicle.motorcycle", "Motorcycles with their rider"},
    {"vehicle.bicycle", "Bicycles with their rider"},
    {"human.pedestrian.adult", "Adults on foot"},
    {"human.pedestrian.child", "Persons below 1.4 m on foot"},
    {"human.pedestrian.wheelchair", "Persons in a wheelchair"},
    {"animal", "Animals"},
    {"movable_object.trafficcone", "Cones"},
    {"movable_object.barrier", "Barriers that can be moved"},
    {"movable_object.debris", "Whatever else lies or stands about"},
};
static const struct named attributes[] = {
    {"vehicle.moving", "It moves"},
    {"vehicle.stopped", "It stands, and moves at another time"},
    {"vehicle.parked", "It stands during the whole drive"},
    {"cycle.with_rider", "Somebody sits on it"},
    {"pedestrian.moving", "The person moves"},
    {"pedestrian.standing", "The person stands"},
};
enum { CATEGORIES = sizeof categories / sizeof *categories, ATTRIBUTES = sizeof attributes / sizeof *attributes };

static size_t category_of(const cw_actor *a) {
    switch (a->kind) {
    case CW_ACTOR_CAR:
    case CW_ACTOR_VAN:
        return 0;
    case CW_ACTOR_TRUCK:
        return 1;
    case CW_ACTOR_BUS:
        return 2;
    case CW_ACTOR_TRAILER:
        return 3;
    case CW_ACTOR_TRAIN:
        return 4;
    case CW_ACTOR_MOTORCYCLE:
        return 5;
    case CW_ACTOR_BICYCLE:
        return 6;
    case CW_ACTOR_PEDESTRIAN:
        return a->model && strstr(a->model, "wheelchair") ? 9 : (double)a->height < 1.4 ? 8 : 7;
    case CW_ACTOR_ANIMAL:
        return 10;
    default:
        return a->model && strstr(a->model, "cone") ? 11 : a->model && strstr(a->model, "barrier") ? 12 : 13;
    }
}

// CATEGORIES and above: none.
static size_t attribute_of(const cw_actor *a, const dataset_box *b) {
    switch (a->kind) {
    case CW_ACTOR_MOTORCYCLE:
    case CW_ACTOR_BICYCLE:
        return 3;
    case CW_ACTOR_PEDESTRIAN:
        return b->moves ? 4 : 5;
    case CW_ACTOR_ANIMAL:
    case CW_ACTOR_OBSTACLE:
    case CW_ACTOR_OTHER:
        return ATTRIBUTES;
    default:
        return b->moves ? 0 : b->at_rest ? 2 : 1;
    }
}

void dataset_channel(const char *name, bool lidar, char *out, size_t size) {
    static const char *const known[][2] = {
        {"rear", "CAM_BACK"}, {"rear_left", "CAM_BACK_LEFT"}, {"rear_right", "CAM_BACK_RIGHT"}};
    for (size_t i = 0; i < sizeof known / sizeof *known && !lidar; i++)
        if (strcmp(name, known[i][0]) == 0) {
            snprintf(out, size, "%s", known[i][1]);
            return;
        }
    snprintf(out, size, "%s_%s", lidar ? "LIDAR" : "CAM", name);
    for (char *c = out; *c; c++) // nothing but what a file's name may hold
        *c = (char)(*c >= 'a' && *c <= 'z'                                 ? *c - 'a' + 'A'
                    : (*c >= 'A' && *c <= 'Z') || (*c >= '0' && *c <= '9') ? *c
                                                                           : '_');
}

void dataset_file(const char *channel, uint32_t sample, bool lidar, char *out, size_t size) {
    snprintf(out, size, "samples/%s/%06u_%s.%s", channel, (unsigned)sample, channel, lidar ? "pcd.bin" : "png");
}

// 32 hexadecimal digits from the scene, the table and a number in it: the same in every run.
static void token(const dataset *set, const char *table, uint64_t number, char out[TOKEN_SIZE]) {
    char key[96];
    int length = snprintf(key, sizeof key, "%016llx %s %llu", (unsigned long long)set->scene->hash, table,
                          (unsigned long long)number);
    snprintf(out, TOKEN_SIZE, "%016llx%016llx", (unsigned long long)cw_hash_bytes(1, key, (size_t)length),
             (unsigned long long)cw_hash_bytes(2, key, (size_t)length));
}

void dataset_mask(const dataset *set, char *out, size_t size) {
    char name[TOKEN_SIZE];
    token(set, "map", 0, name);
    snprintf(out, size, "maps/%s.png", name);
}

void dataset_turn(const double m[9], double q[4]) {
    // The largest of the four first (Shepperd 1978): no root of nearly nothing.
    double sum[4] = {m[0] + m[4] + m[8], m[0] - m[4] - m[8], m[4] - m[0] - m[8], m[8] - m[0] - m[4]};
    int most = 0;
    for (int i = 1; i < 4; i++)
        most = sum[i] > sum[most] ? i : most;
    double root = sqrt(1.0 + sum[most]), half = 0.5 / root;
    const double off[4][4] = {{0, m[7] - m[5], m[2] - m[6], m[3] - m[1]},
                              {m[7] - m[5], 0, m[1] + m[3], m[2] + m[6]},
                              {m[2] - m[6], m[1] + m[3], 0, m[5] + m[7]},
                              {m[3] - m[1], m[2] + m[6], m[5] + m[7], 0}};
    for (int i = 0; i < 4; i++)
        q[i] = i == most ? 0.5 * root : off[most][i] * half;
    for (int i = 0; i < 4 && q[0] < 0; i++)
        q[i] = i == 0 ? q[i] : -q[i];
    q[0] = fabs(q[0]);
}

// ---- rows ------------------------------------------------------------------------------------------------------------

static void begin_row(text *t) {
    text_put(t, t->count > 2 ? ",\n{" : "{");
}

static void key(text *t, const char *name) {
    text_put(t, t->bytes && t->bytes[t->count - 1] == '{' ? "\"" : ", \"");
    text_put(t, name);
    text_put(t, "\": ");
}

static void word(text *t, const char *name, const char *value) {
    key(t, name);
    text_quoted(t, value, strlen(value));
}

static void whole(text *t, const char *name, int64_t value) {
    key(t, name);
    text_integer(t, value);
}

static void row_token(const dataset *set, text *t, const char *name, const char *table, uint64_t number) {
    char value[TOKEN_SIZE];
    token(set, table, number, value);
    word(t, name, value);
}

static void numbers(text *t, const char *name, const double *values, int count, int decimals) {
    key(t, name);
    for (int i = 0; i < count; i++) {
        text_put(t, i ? ", " : "[");
        text_number(t, values[i], decimals);
    }
    text_put(t, "]");
}

static void pose(text *t, const dataset_pose *p) {
    numbers(t, "translation", p->place, 3, 6);
    numbers(t, "rotation", p->turn, 4, 9);
}

static uint32_t sensor_count(const dataset *set) {
    return set->rig->camera_count + set->rig->lidar_count;
}

static bool sensor_channel(const dataset *set, uint32_t sensor, char *out, size_t size) {
    bool lidar = sensor >= set->rig->camera_count;
    dataset_channel(lidar ? set->rig->lidars[sensor - set->rig->camera_count].name : set->rig->cameras[sensor].name,
                    lidar, out, size);
    return lidar;
}

static void put_named(const dataset *set, text *t, const char *table, const struct named *rows, size_t count) {
    for (size_t i = 0; i < count; i++) {
        begin_row(t);
        row_token(set, t, "token", table, i);
        word(t, "name", rows[i].name);
        word(t, "description", rows[i].description);
        if (rows == categories)
            whole(t, "index", (int64_t)i + 1);
        text_put(t, "}");
    }
}

static void put_attributes(const dataset *set, text *t) {
    put_named(set, t, "attribute", attributes, ATTRIBUTES);
}

static void put_categories(const dataset *set, text *t) {
    put_named(set, t, "category", categories, CATEGORIES);
}

static void put_visibility(const dataset *set, text *t) {
    static const struct named levels[] = {{"v0-40", "visibility of whole object is between 0 and 40%"},
                                          {"v40-60", "visibility of whole object is between 40 and 60%"},
                                          {"v60-80", "visibility of whole object is between 60 and 80%"},
                                          {"v80-100", "visibility of whole object is between 80 and 100%"}};
    (void)set;
    for (size_t i = 0; i < 4; i++) {
        const char number[] = {(char)('1' + i), 0};
        begin_row(t);
        word(t, "token", number);
        word(t, "level", levels[i].name);
        word(t, "description", levels[i].description);
        text_put(t, "}");
    }
}

static void put_sensors(const dataset *set, text *t) {
    for (uint32_t i = 0; i < sensor_count(set); i++) {
        char channel[64];
        bool lidar = sensor_channel(set, i, channel, sizeof channel);
        begin_row(t);
        row_token(set, t, "token", "sensor", i);
        word(t, "channel", channel);
        word(t, "modality", lidar ? "lidar" : "camera");
        text_put(t, "}");
    }
}

static void put_calibrated(const dataset *set, text *t) {
    for (uint32_t i = 0; i < sensor_count(set); i++) {
        bool lidar = i >= set->rig->camera_count;
        const cw_lens *lens = lidar ? NULL : &set->rig->cameras[i].lens;
        const cw_mount *m = lidar ? &set->rig->lidars[i - set->rig->camera_count].mount : &set->rig->cameras[i].mount;
        double optical[9], rows[9];
        dataset_pose at = {.place = {m->x, m->y, m->z}};
        cw_mount_rotation(m, optical);
        for (int k = 0; k < 3; k++) { // a LiDAR's axes point ahead, left and up
            rows[3 * k] = lidar ? optical[3 * k + 2] : optical[3 * k];
            rows[3 * k + 1] = lidar ? -optical[3 * k] : optical[3 * k + 1];
            rows[3 * k + 2] = lidar ? -optical[3 * k + 1] : optical[3 * k + 2];
        }
        dataset_turn(rows, at.turn);
        begin_row(t);
        row_token(set, t, "token", "calibrated_sensor", i);
        row_token(set, t, "sensor_token", "sensor", i);
        pose(t, &at);
        key(t, "camera_intrinsic");
        if (lens) {
            const double k[9] = {lens->fx, 0, lens->cx, 0, lens->fy, lens->cy, 0, 0, 1};
            for (int n = 0; n < 9; n++) {
                text_put(t, n == 0 ? "[[" : n % 3 == 0 ? "], [" : ", ");
                text_number(t, k[n], 6);
            }
            text_put(t, "]]");
        } else {
            text_put(t, "[]");
        }
        text_put(t, "}");
    }
}

static int64_t stamp(const dataset *set, uint32_t sample) {
    return EPOCH_US + set->times[sample] / 1000;
}

static void put_poses(const dataset *set, text *t) {
    for (uint32_t i = 0; i < set->sample_count; i++) {
        begin_row(t);
        row_token(set, t, "token", "ego_pose", i);
        pose(t, &set->poses[i]);
        whole(t, "timestamp", stamp(set, i));
        text_put(t, "}");
    }
}

static void put_log(const dataset *set, text *t) {
    begin_row(t);
    row_token(set, t, "token", "log", 0);
    word(t, "logfile", set->source);
    word(t, "vehicle", set->vehicle);
    word(t, "date_captured", "2020-01-01");
    word(t, "location", set->scene->map->name ? set->scene->map->name : "");
    text_put(t, "}");
}

static void put_map(const dataset *set, text *t) {
    char file[80], log[TOKEN_SIZE];
    dataset_mask(set, file, sizeof file);
    token(set, "log", 0, log);
    begin_row(t);
    row_token(set, t, "token", "map", 0);
    key(t, "log_tokens");
    text_put(t, "[");
    text_quoted(t, log, strlen(log));
    text_put(t, "]");
    word(t, "category", "semantic_prior");
    word(t, "filename", file);
    text_put(t, "}");
}

static void link(const dataset *set, text *t, const char *table, uint64_t number, bool first, bool last,
                 uint64_t step) {
    if (first)
        word(t, "prev", "");
    else
        row_token(set, t, "prev", table, number - step);
    if (last)
        word(t, "next", "");
    else
        row_token(set, t, "next", table, number + step);
}

static void put_samples(const dataset *set, text *t) {
    for (uint32_t i = 0; i < set->sample_count; i++) {
        begin_row(t);
        row_token(set, t, "token", "sample", i);
        whole(t, "timestamp", stamp(set, i));
        row_token(set, t, "scene_token", "scene", 0);
        link(set, t, "sample", i, i == 0, i + 1 == set->sample_count, 1);
        text_put(t, "}");
    }
}

static void put_data(const dataset *set, text *t) {
    uint32_t sensors = sensor_count(set);
    for (uint32_t i = 0; i < set->sample_count; i++)
        for (uint32_t k = 0; k < sensors; k++) {
            char channel[64], file[192];
            bool lidar = sensor_channel(set, k, channel, sizeof channel);
            uint64_t number = (uint64_t)i * sensors + k;
            dataset_file(channel, i, lidar, file, sizeof file);
            begin_row(t);
            row_token(set, t, "token", "sample_data", number);
            row_token(set, t, "sample_token", "sample", i);
            row_token(set, t, "ego_pose_token", "ego_pose", i);
            row_token(set, t, "calibrated_sensor_token", "calibrated_sensor", k);
            word(t, "filename", file);
            word(t, "fileformat", lidar ? "pcd" : "png");
            whole(t, "width", lidar ? 0 : set->rig->cameras[k].lens.width);
            whole(t, "height", lidar ? 0 : set->rig->cameras[k].lens.height);
            whole(t, "timestamp", stamp(set, i));
            key(t, "is_key_frame");
            text_put(t, "true");
            link(set, t, "sample_data", number, i == 0, i + 1 == set->sample_count, sensors);
            text_put(t, "}");
        }
}

static void put_scene(const dataset *set, text *t) {
    begin_row(t);
    row_token(set, t, "token", "scene", 0);
    word(t, "name", set->name);
    word(t, "description", set->source);
    row_token(set, t, "log_token", "log", 0);
    whole(t, "nbr_samples", set->sample_count);
    row_token(set, t, "first_sample_token", "sample", 0);
    row_token(set, t, "last_sample_token", "sample", set->sample_count - 1);
    text_put(t, "}");
}

// The box of the same actor before (step -1) or after (+1); box_count: none.
static size_t neighbour(const dataset *set, size_t box, int step) {
    for (size_t i = box;;) {
        if (step < 0 ? i == 0 : i + 1 == set->box_count)
            return set->box_count;
        i = step < 0 ? i - 1 : i + 1;
        if (set->boxes[i].actor == set->boxes[box].actor)
            return i;
    }
}

static void put_instances(const dataset *set, text *t) {
    for (size_t i = 0; i < set->box_count; i++) {
        if (neighbour(set, i, -1) < set->box_count)
            continue;
        size_t last = i;
        int64_t count = 1;
        for (size_t next; (next = neighbour(set, last, 1)) < set->box_count; last = next)
            count++;
        begin_row(t);
        row_token(set, t, "token", "instance", set->boxes[i].actor);
        row_token(set, t, "category_token", "category", category_of(&set->scene->actors[set->boxes[i].actor]));
        whole(t, "nbr_annotations", count);
        row_token(set, t, "first_annotation_token", "sample_annotation", i);
        row_token(set, t, "last_annotation_token", "sample_annotation", last);
        text_put(t, "}");
    }
}

static void put_annotations(const dataset *set, text *t) {
    for (size_t i = 0; i < set->box_count; i++) {
        const dataset_box *b = &set->boxes[i];
        const cw_actor *a = &set->scene->actors[b->actor];
        size_t attribute = attribute_of(a, b), before = neighbour(set, i, -1), after = neighbour(set, i, 1);
        const double size[3] = {(double)a->width, (double)a->length, (double)a->height};
        const char level[] = {(char)(b->visible < 0.4   ? '1'
                                     : b->visible < 0.6 ? '2'
                                     : b->visible < 0.8 ? '3'
                                                        : '4'),
                              0};
        begin_row(t);
        row_token(set, t, "token", "sample_annotation", i);
        row_token(set, t, "sample_token", "sample", b->sample);
        row_token(set, t, "instance_token", "instance", b->actor);
        key(t, "attribute_tokens");
        text_put(t, "[");
        if (attribute < ATTRIBUTES) {
            char value[TOKEN_SIZE];
            token(set, "attribute", attribute, value);
            text_quoted(t, value, strlen(value));
        }
        text_put(t, "]");
        word(t, "visibility_token", level);
        numbers(t, "translation", b->pose.place, 3, 6);
        numbers(t, "size", size, 3, 3);
        numbers(t, "rotation", b->pose.turn, 4, 9);
        whole(t, "num_lidar_pts", b->points);
        whole(t, "num_radar_pts", 0);
        if (before < set->box_count)
            row_token(set, t, "prev", "sample_annotation", before);
        else
            word(t, "prev", "");
        if (after < set->box_count)
            row_token(set, t, "next", "sample_annotation", after);
        else
            word(t, "next", "");
        text_put(t, "}");
    }
}

cw_status dataset_write(const dataset *set, const char *folder, cw_error *err) {
    static const struct {
        const char *name;
        void (*put)(const dataset *set, text *t);
    } tables[] = {{"attribute", put_attributes},
                  {"calibrated_sensor", put_calibrated},
                  {"category", put_categories},
                  {"ego_pose", put_poses},
                  {"instance", put_instances},
                  {"log", put_log},
                  {"map", put_map},
                  {"sample", put_samples},
                  {"sample_annotation", put_annotations},
                  {"sample_data", put_data},
                  {"scene", put_scene},
                  {"sensor", put_sensors},
                  {"visibility", put_visibility}};
    char path[4096];
    cw_status status = CW_OK;
    snprintf(path, sizeof path, "%s/%s", folder, version);
    mkdir(path, 0777); // that it is missing shows when a table is written
    for (size_t i = 0; i < sizeof tables / sizeof *tables && status == CW_OK; i++) {
        text t = {0};
        text_put(&t, "[\n");
        tables[i].put(set, &t);
        text_put(&t, "\n]\n");
        snprintf(path, sizeof path, "%s/%s/%s.json", folder, version, tables[i].name);
        status = t.failed ? cw_error_set(err, CW_ERR_MEMORY, path, 0, 0, "out of memory for a table")
                          : cw_file_write(path, t.bytes, t.count, err);
        free(t.bytes);
    }
    return status;
}
