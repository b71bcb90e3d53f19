// Rigs: those that are there, and those of files.
#include "causeway/camera.h"

#include "base/json_scan.h"

#include <assert.h>
#include <math.h>
#include <string.h>

static const double DEGREE = CW_PI / 180.0;

static void set_name(char out[32], const char *name) {
    size_t length = strlen(name);
    length = length < 31 ? length : 31;
    memcpy(out, name, length);
    out[length] = '\0';
}

// ---- those that are there --------------------------------------------------------------------------------------------

// Where a camera sits on a body: shares of its box, from the centre; heights of the roof.
typedef struct seat {
    const char *name;
    double forward, left, up, yaw, pitch, view; // -1..1, -1..1, 0..1, degrees
    bool fisheye;
} seat;

static const seat surround6[] = {
    {"front", 0.30, 0.0, 0.93, 0, 2, 70, false},           {"front_left", 0.22, 0.98, 0.70, 55, 2, 70, false},
    {"front_right", 0.22, -0.98, 0.70, -55, 2, 70, false}, {"rear", -0.98, 0.0, 0.72, 180, 4, 110, false},
    {"rear_left", 0.26, 0.99, 0.66, 110, 2, 70, false},    {"rear_right", 0.26, -0.99, 0.66, -110, 2, 70, false}};
static const seat surround4[] = {{"front", 1.0, 0.0, 0.45, 0, 20, 180, true},
                                 {"left", 0.25, 1.02, 0.62, 90, 25, 180, true},
                                 {"right", 0.25, -1.02, 0.62, -90, 25, 180, true},
                                 {"rear", -1.0, 0.0, 0.55, 180, 20, 180, true}};
static const seat front1[] = {{"front", 0.30, 0.0, 0.93, 0, 2, 70, false}};

static const struct {
    const char *name;
    const seat *seats;
    uint32_t count;
} rigs[] = {{"surround6", surround6, 6}, {"surround4", surround4, 4}, {"front", front1, 1}};

static double height_of(const cw_actor *body) {
    return body->height > 0 ? (double)body->height : 1.5;
}

static void roof_lidar(const cw_actor *body, cw_rig *rig) {
    cw_lidar *lidar = &rig->lidars[rig->lidar_count++];
    *lidar = (cw_lidar){.beam_count = 32, .steps = 1080, .range = 100.0};
    set_name(lidar->name, "top");
    for (uint32_t i = 0; i < lidar->beam_count; i++) // -30 to +10 degrees
        lidar->beams[i] = (float)((-30.0 + 40.0 * i / 31.0) * DEGREE);
    lidar->mount.x = (double)body->center_x;
    lidar->mount.z = height_of(body) + 0.25;
}

bool cw_rig_named(const char *name, const cw_actor *body, int width, int height, cw_rig *out) {
    assert(name != NULL && body != NULL && out != NULL && width > 0 && height > 0);
    for (size_t i = 0; i < sizeof rigs / sizeof *rigs; i++) {
        if (strcmp(rigs[i].name, name) != 0)
            continue;
        *out = (cw_rig){.camera_count = rigs[i].count};
        set_name(out->name, name);
        for (uint32_t k = 0; k < rigs[i].count; k++) {
            const seat *s = &rigs[i].seats[k];
            cw_camera *camera = &out->cameras[k];
            set_name(camera->name, s->name);
            camera->exposure = 1.0;
            camera->lens =
                cw_lens_of_view(s->fisheye ? CW_LENS_FISHEYE : CW_LENS_PINHOLE, width, height, s->view * DEGREE);
            camera->mount = (cw_mount){(double)body->center_x + s->forward * 0.5 * (double)body->length,
                                       (double)body->center_y + s->left * 0.5 * (double)body->width,
                                       s->up * height_of(body),
                                       s->yaw * DEGREE,
                                       s->pitch * DEGREE,
                                       0.0};
        }
        roof_lidar(body, out);
        return true;
    }
    return false;
}

// ---- those of files --------------------------------------------------------------------------------------------------

static bool number_in(cw_json *j, const char *key, double low, double high, double *out) {
    cw_json_peek(j);
    size_t at = j->at;
    if (!cw_json_number(j, out))
        return false;
    return (*out >= low && *out <= high) ||
           cw_json_fail(j, at, CW_ERR_INPUT, "%s must lie between %g and %g", key, low, high);
}

static bool read_name(cw_json *j, char out[32]) {
    cw_json_peek(j);
    size_t at = j->at;
    char text[64];
    if (!cw_json_string(j, text, sizeof text))
        return false;
    if (text[0] == '\0' || strlen(text) > 31 ||
        strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") != strlen(text))
        return cw_json_fail(j, at, CW_ERR_INPUT, "a name has 1 to 31 letters, digits, '_' or '-'"); // it names files
    set_name(out, text);
    return true;
}

// The keys of a mount; *known: it was one.
static bool read_mount(cw_json *j, const char *key, cw_mount *m, bool *known) {
    double *metres = strcmp(key, "x_m") == 0   ? &m->x
                     : strcmp(key, "y_m") == 0 ? &m->y
                     : strcmp(key, "z_m") == 0 ? &m->z
                                               : NULL;
    double *angle = strcmp(key, "yaw_deg") == 0     ? &m->yaw
                    : strcmp(key, "pitch_deg") == 0 ? &m->pitch
                    : strcmp(key, "roll_deg") == 0  ? &m->roll
                                                    : NULL;
    *known = metres != NULL || angle != NULL;
    if (metres != NULL)
        return number_in(j, key, -30.0, 30.0, metres);
    if (angle != NULL) {
        if (!number_in(j, key, -360.0, 360.0, angle))
            return false;
        *angle *= DEGREE;
    }
    return true;
}

static bool read_numbers(cw_json *j, const char *what, double low, double high, double *out, uint32_t most,
                         uint32_t *count) {
    uint32_t i = UINT32_MAX;
    *count = 0;
    if (!cw_json_enter(j, '['))
        return false;
    while (cw_json_more(j, ']', &i)) {
        if (i >= most)
            return cw_json_fail(j, j->at, CW_ERR_LIMIT, "more than %u numbers in %s", most, what);
        if (!number_in(j, what, low, high, &out[i]))
            return false;
        *count = i + 1;
    }
    return j->status == CW_OK;
}

static bool read_kind(cw_json *j, uint8_t *kind) {
    cw_json_peek(j);
    size_t at = j->at;
    char text[32];
    if (!cw_json_string(j, text, sizeof text))
        return false;
    if (strcmp(text, "pinhole") != 0 && strcmp(text, "fisheye") != 0)
        return cw_json_fail(j, at, CW_ERR_INPUT, "a camera is a 'pinhole' or a 'fisheye', not a '%s'", text);
    *kind = strcmp(text, "fisheye") == 0 ? CW_LENS_FISHEYE : CW_LENS_PINHOLE;
    return true;
}

typedef struct camera_keys { // as the file states them
    double width, height, view, fx, fy, cx, cy, coefficient[6];
    uint32_t coefficients;
} camera_keys;

static bool read_camera_key(cw_json *j, const char *key, cw_camera *c, camera_keys *f) {
    const struct {
        const char *key;
        double low, high, *to;
    } numbers[] = {{"width", 1, CW_LENS_SIDE_MOST, &f->width},
                   {"height", 1, CW_LENS_SIDE_MOST, &f->height},
                   {"view_deg", 1, 360, &f->view},
                   {"fx", 1e-3, 1e6, &f->fx},
                   {"fy", 1e-3, 1e6, &f->fy},
                   {"cx", -1e5, 1e5, &f->cx},
                   {"cy", -1e5, 1e5, &f->cy},
                   {"exposure", 1e-3, 1e3, &c->exposure},
                   {"noise", 0, 128, &c->noise},
                   {"shutter_s", 0, 1, &c->shutter},
                   {"dirt", 0, 1, &c->dirt},
                   {"frozen_from_s", 0, 86400, &c->frozen_from},
                   {"latency_s", 0, 10, &c->latency},
                   {"drop_rate", 0, 1, &c->drop_rate}};
    bool known;
    if (!read_mount(j, key, &c->mount, &known) || known)
        return j->status == CW_OK;
    if (strcmp(key, "name") == 0)
        return read_name(j, c->name);
    if (strcmp(key, "kind") == 0)
        return read_kind(j, &c->lens.kind);
    if (strcmp(key, "distortion") == 0)
        return read_numbers(j, key, -1e3, 1e3, f->coefficient, 6, &f->coefficients);
    if (strcmp(key, "black") == 0)
        return cw_json_bool(j, &c->black);
    if (strcmp(key, "swapped_with") == 0)
        return read_name(j, c->swapped_with);
    c->freezes = c->freezes || strcmp(key, "frozen_from_s") == 0;
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (strcmp(numbers[i].key, key) == 0)
            return number_in(j, key, numbers[i].low, numbers[i].high, numbers[i].to);
    return cw_json_fail(j, j->at, CW_ERR_INPUT, "a camera has no '%s'", key);
}

static bool read_camera(cw_json *j, cw_camera *c) {
    camera_keys f = {.cx = NAN, .cy = NAN};
    uint32_t i = UINT32_MAX;
    char key[32];
    cw_json_peek(j);
    size_t at = j->at;
    *c = (cw_camera){.exposure = 1.0};
    if (!cw_json_enter(j, '{'))
        return false;
    while (cw_json_more(j, '}', &i))
        if (!cw_json_key(j, key, sizeof key) || !read_camera_key(j, key, c, &f))
            return false;
    if (j->status != CW_OK)
        return false;
    if (c->name[0] == '\0')
        return cw_json_fail(j, at, CW_ERR_INPUT, "a camera needs a name");
    if (f.width < 1 || f.height < 1)
        return cw_json_fail(j, at, CW_ERR_INPUT, "camera '%s' needs a width and a height, in pixels", c->name);
    cw_lens *lens = &c->lens;
    double most = lens->kind == CW_LENS_PINHOLE ? 170.0 : 360.0;
    if ((f.view > 0) == (f.fx > 0))
        return cw_json_fail(j, at, CW_ERR_INPUT, "camera '%s' needs either view_deg or fx", c->name);
    if (f.view > most)
        return cw_json_fail(j, at, CW_ERR_INPUT, "camera '%s': a %s sees at most %g degrees", c->name,
                            lens->kind == CW_LENS_PINHOLE ? "pinhole" : "fisheye", most);
    if (f.view > 0) {
        *lens = cw_lens_of_view((cw_lens_kind)lens->kind, (int)f.width, (int)f.height, f.view * DEGREE);
    } else {
        lens->width = (int)f.width;
        lens->height = (int)f.height;
        lens->fx = f.fx;
        lens->fy = f.fy > 0 ? f.fy : f.fx;
        lens->cx = 0.5 * lens->width;
        lens->cy = 0.5 * lens->height;
    }
    lens->cx = isnan(f.cx) ? lens->cx : f.cx;
    lens->cy = isnan(f.cy) ? lens->cy : f.cy;
    // As OpenCV writes them: k1, k2, p1, p2, k3 of a pinhole, k1 .. k4 of a fisheye.
    const double *k = f.coefficient;
    if (lens->kind == CW_LENS_FISHEYE) {
        memcpy(lens->k, k, sizeof lens->k);
    } else {
        lens->k[0] = k[0], lens->k[1] = k[1], lens->k[2] = k[4];
        lens->p[0] = k[2], lens->p[1] = k[3];
    }
    cw_error why = {0};
    if (cw_lens_finish(lens, &why) != CW_OK)
        return cw_json_fail(j, at, CW_ERR_INPUT, "camera '%s': %s", c->name, why.text);
    return true;
}

static bool read_lidar(cw_json *j, cw_lidar *l) {
    uint32_t i = UINT32_MAX;
    char key[32];
    double steps = 1080, beams[CW_LIDAR_BEAMS_MOST];
    cw_json_peek(j);
    size_t at = j->at;
    *l = (cw_lidar){.range = 100.0};
    if (!cw_json_enter(j, '{'))
        return false;
    while (cw_json_more(j, '}', &i)) {
        bool known, good;
        if (!cw_json_key(j, key, sizeof key) || !read_mount(j, key, &l->mount, &known))
            return false;
        if (known)
            continue;
        if (strcmp(key, "name") == 0)
            good = read_name(j, l->name);
        else if (strcmp(key, "beams_deg") == 0)
            good = read_numbers(j, key, -90, 90, beams, CW_LIDAR_BEAMS_MOST, &l->beam_count);
        else if (strcmp(key, "steps") == 0)
            good = number_in(j, key, 1, 20000, &steps);
        else if (strcmp(key, "range_m") == 0)
            good = number_in(j, key, 0.1, 1000, &l->range);
        else if (strcmp(key, "range_noise_m") == 0)
            good = number_in(j, key, 0, 10, &l->range_noise);
        else
            good = cw_json_fail(j, j->at, CW_ERR_INPUT, "a LiDAR has no '%s'", key);
        if (!good)
            return false;
    }
    if (j->status != CW_OK)
        return false;
    if (l->name[0] == '\0' || l->beam_count == 0)
        return cw_json_fail(j, at, CW_ERR_INPUT, "a LiDAR needs a name and beams_deg");
    l->steps = (uint32_t)steps;
    for (uint32_t k = 0; k < l->beam_count; k++)
        // NOLINTNEXTLINE(clang-analyzer-core.UndefinedBinaryOperatorResult)
        l->beams[k] = (float)(beams[k] * DEGREE);
    return true;
}

static bool read_rig(cw_json *j, cw_rig *rig) {
    uint32_t i = UINT32_MAX;
    char key[32];
    if (!cw_json_enter(j, '{'))
        return false;
    while (cw_json_more(j, '}', &i)) {
        uint32_t k = UINT32_MAX;
        if (!cw_json_key(j, key, sizeof key))
            return false;
        bool cameras = strcmp(key, "cameras") == 0, lidars = strcmp(key, "lidars") == 0;
        if (strcmp(key, "name") == 0) {
            if (!read_name(j, rig->name))
                return false;
            continue;
        }
        if (!cameras && !lidars)
            return cw_json_fail(j, j->at, CW_ERR_INPUT, "a rig has no '%s'", key);
        if (!cw_json_enter(j, '['))
            return false;
        while (cw_json_more(j, ']', &k)) {
            if (k >= (cameras ? CW_RIG_CAMERAS_MOST : CW_RIG_LIDARS_MOST))
                return cw_json_fail(j, j->at, CW_ERR_LIMIT, "more than %d %s",
                                    cameras ? CW_RIG_CAMERAS_MOST : CW_RIG_LIDARS_MOST, key);
            if (cameras ? !read_camera(j, &rig->cameras[k]) : !read_lidar(j, &rig->lidars[k]))
                return false;
            for (uint32_t m = 0; m < k && cameras; m++)
                if (strcmp(rig->cameras[m].name, rig->cameras[k].name) == 0)
                    return cw_json_fail(j, j->at, CW_ERR_INPUT, "two cameras are named '%s'", rig->cameras[k].name);
            *(cameras ? &rig->camera_count : &rig->lidar_count) = k + 1;
        }
        if (j->status != CW_OK)
            return false;
    }
    if (j->status == CW_OK && cw_json_peek(j) != 0)
        return cw_json_fail(j, j->at, CW_ERR_INPUT, "the rig ends before this");
    if (j->status == CW_OK && rig->camera_count + rig->lidar_count == 0)
        return cw_json_fail(j, 0, CW_ERR_INPUT, "a rig without a camera or a LiDAR");
    for (uint32_t k = 0; k < rig->camera_count && j->status == CW_OK; k++) {
        const cw_camera *c = &rig->cameras[k], *other = &rig->cameras[cw_rig_source(rig, k)];
        if (c->swapped_with[0] != '\0' &&
            (other == c || other->lens.width != c->lens.width || other->lens.height != c->lens.height))
            return cw_json_fail(j, 0, CW_ERR_INPUT,
                                "camera '%s' is swapped with '%s': that is no other camera of its size", c->name,
                                c->swapped_with);
    }
    return j->status == CW_OK;
}

uint32_t cw_rig_source(const cw_rig *rig, uint32_t camera) {
    for (uint32_t i = 0; i < rig->camera_count; i++)
        if (strcmp(rig->cameras[i].name, rig->cameras[camera].swapped_with) == 0)
            return i;
    return camera;
}

int64_t cw_rig_taken(const cw_rig *rig, uint32_t camera, uint64_t seed, int64_t time_ns, int64_t period_ns) {
    assert(camera < rig->camera_count && period_ns > 0);
    const cw_camera *c = &rig->cameras[camera];
    int64_t late = (int64_t)(c->latency * 1e9 + 0.5), taken = time_ns - (late + period_ns - 1) / period_ns * period_ns;
    int64_t frozen = (int64_t)(c->frozen_from * 1e9 + 0.5);
    if (c->black)
        return -1;
    if (c->freezes && taken > frozen)
        taken -= (taken - frozen + period_ns - 1) / period_ns * period_ns;
    // Each is lost or not by its number alone, whoever asks and when.
    for (; taken >= 0 && c->drop_rate > 0; taken -= period_ns) {
        cw_rng_key key = {
            .seed = seed, .agent = camera, .purpose = 0xD409, .step = (uint64_t)((taken + period_ns / 2) / period_ns)};
        if (cw_rng_uniform(key, 0) >= c->drop_rate)
            break;
    }
    return taken;
}

cw_status cw_rig_read(const void *bytes, size_t count, const char *path, cw_rig *out, cw_error *err) {
    assert(bytes != NULL && path != NULL && out != NULL);
    cw_json json = {.bytes = bytes, .path = path, .end = count, .err = err};
    *out = (cw_rig){.name = "rig"};
    read_rig(&json, out);
    return json.status;
}

cw_status cw_rig_check(const cw_rig *rig, const cw_actor *body, cw_error *err) {
    // Behind the windscreen is fine, in the engine is not: below the windows nothing looks out.
    for (uint32_t i = 0; i < rig->camera_count; i++) {
        const cw_mount *m = &rig->cameras[i].mount;
        if (m->z < 0.0)
            return cw_error_set(err, CW_ERR_INPUT, NULL, 0, 0, "camera '%s' is in the ground, %.2f m below it",
                                rig->cameras[i].name, -m->z);
        double x = fabs(m->x - (double)body->center_x), y = fabs(m->y - (double)body->center_y);
        if (x < 0.5 * (double)body->length - 0.05 && y < 0.5 * (double)body->width - 0.05 &&
            m->z < 0.55 * height_of(body) && m->z > 0.2)
            return cw_error_set(err, CW_ERR_INPUT, NULL, 0, 0, "camera '%s' is inside the vehicle's body",
                                rig->cameras[i].name);
    }
    return CW_OK;
}
