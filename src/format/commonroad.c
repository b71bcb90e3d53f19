// CommonRoad 2018b and 2020a: the file, its header, and what all its parts read by.
#include "commonroad.h"

#include "openscenario.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

// ---- errors ----------------------------------------------------------------------------------------------------------

bool cr_fail(cr_reader *r, const cw_node *node, cw_status code, const char *format, ...) {
    if (r->status != CW_OK)
        return false;
    char text[256];
    va_list rest;
    va_start(rest, format);
    vsnprintf(text, sizeof text, format, rest);
    va_end(rest);
    r->status =
        cw_error_set(r->err, code, r->path, node != NULL ? node->line : 0, node != NULL ? node->column : 0, "%s", text);
    return false;
}

bool cr_memory(cr_reader *r) {
    return cr_fail(r, NULL, CW_ERR_MEMORY, "out of memory");
}

void cr_notice(cr_reader *r, const cw_node *node, const char *name, const char *text) {
    cw_notices_add(r->notices, r->path, node->line, node->column, name, text);
}

void *cr_alloc(cr_reader *r, cw_arena *arena, size_t count, size_t size) {
    void *memory = cw_arena_array(arena, count, size);
    if (memory == NULL)
        cr_memory(r);
    return memory;
}

const char *cr_keep(cr_reader *r, const char *text) {
    const char *copy = cw_arena_text(r->scene->arena, text, strlen(text));
    if (copy == NULL)
        cr_memory(r);
    return copy != NULL ? copy : "";
}

// ---- values ----------------------------------------------------------------------------------------------------------

bool cr_number(cr_reader *r, const cw_node *node, double *value) {
    if (!cw_parse_double(node->text, strlen(node->text), value))
        return cr_fail(r, node, CW_ERR_INPUT, "<%s> holds \"%.40s\", not a finite number", node->name, node->text);
    if (!(fabs(*value) <= 1e9))
        return cr_fail(r, node, CW_ERR_INPUT, "the number in <%s> is out of range", node->name);
    return true;
}

bool cr_child_number(cr_reader *r, const cw_node *node, const char *name, double *value) {
    const cw_node *child = cw_node_child(node, name);
    if (child == NULL)
        return cr_fail(r, node, CW_ERR_INPUT, "<%s> has no <%s>", node->name, name);
    return cr_number(r, child, value);
}

bool cr_point(cr_reader *r, const cw_node *node, cw_vec2 *point, double *z) {
    if (!cr_child_number(r, node, "x", &point->x) || !cr_child_number(r, node, "y", &point->y))
        return false;
    if (fabs(point->x) > 1e8 || fabs(point->y) > 1e8)
        return cr_fail(r, node, CW_ERR_INPUT, "the point lies farther out than the planet is wide");
    const cw_node *height = cw_node_child(node, "z");
    if (z != NULL)
        *z = 0;
    return z == NULL || height == NULL || cr_number(r, height, z);
}

bool cr_points(cr_reader *r, const cw_node *node, uint32_t *count, const cw_vec2 **points, const double **z) {
    uint32_t n = 0;
    bool high = false;
    for (const cw_node *p = cw_node_child(node, "point"); p != NULL; p = cw_node_next(p, "point"), n++)
        high = high || cw_node_child(p, "z") != NULL;
    if (n > 20000)
        return cr_fail(r, node, CW_ERR_LIMIT, "<%s> has more than 20000 points", node->name);
    cw_vec2 *out = cr_alloc(r, r->work, n, sizeof *out);
    double *heights = cr_alloc(r, r->work, n, sizeof *heights);
    if (out == NULL || heights == NULL)
        return false;
    uint32_t i = 0;
    for (const cw_node *p = cw_node_child(node, "point"); p != NULL; p = cw_node_next(p, "point"), i++)
        if (!cr_point(r, p, &out[i], &heights[i]))
            return false;
    *count = n;
    *points = out;
    if (z != NULL)
        *z = high ? heights : NULL;
    return true;
}

bool cr_range_of(cr_reader *r, const cw_node *node, cr_range *range) {
    const cw_node *exact = cw_node_child(node, "exact");
    if (exact != NULL) {
        if (!cr_number(r, exact, &range->low))
            return false;
        range->high = range->low;
        return true;
    }
    return cr_child_number(r, node, "intervalStart", &range->low) &&
           cr_child_number(r, node, "intervalEnd", &range->high);
}

bool cr_time_of(cr_reader *r, const cw_node *state, cr_range *range) {
    const cw_node *time = cw_node_child(state, "time");
    if (time == NULL)
        return cr_fail(r, state, CW_ERR_INPUT, "<%s> has no <time>", state->name);
    if (!cr_range_of(r, time, range))
        return false;
    if (range->low < 0 || range->high < range->low)
        return cr_fail(r, time, CW_ERR_INPUT, "the time steps are negative or run backward");
    range->low = range->low * r->dt - r->start;
    range->high = range->high * r->dt - r->start;
    return true;
}

// ---- shapes ----------------------------------------------------------------------------------------------------------

static bool read_polygon(cr_reader *r, const cw_node *node, cr_shape *shape) {
    shape->kind = CR_POLYGON;
    if (!cr_points(r, node, &shape->point_count, &shape->points, NULL))
        return false;
    if (shape->point_count < 3)
        return cr_fail(r, node, CW_ERR_INPUT, "a polygon has fewer than three points");
    double x0 = INFINITY, y0 = INFINITY, x1 = -INFINITY, y1 = -INFINITY;
    for (uint32_t i = 0; i < shape->point_count; i++) {
        x0 = cw_min(x0, shape->points[i].x);
        y0 = cw_min(y0, shape->points[i].y);
        x1 = cw_max(x1, shape->points[i].x);
        y1 = cw_max(y1, shape->points[i].y);
    }
    shape->x = 0.5 * (x0 + x1);
    shape->y = 0.5 * (y0 + y1);
    shape->length = x1 - x0;
    shape->width = y1 - y0;
    return true;
}

bool cr_shape_of(cr_reader *r, const cw_node *node, cr_shape *shape) {
    *shape = (cr_shape){.kind = CR_NO_SHAPE};
    const cw_node *inner = cw_node_child(node, "shape");
    const cw_node *at = inner != NULL ? inner->child : node->child;
    for (; at != NULL; at = at->next) {
        bool rectangle = strcmp(at->name, "rectangle") == 0, circle = strcmp(at->name, "circle") == 0;
        if (!rectangle && !circle && strcmp(at->name, "polygon") != 0)
            continue;
        if (shape->kind != CR_NO_SHAPE) {
            cr_notice(r, at, "shape", "of several shapes the first holds");
            break;
        }
        if (!rectangle && !circle) {
            if (!read_polygon(r, at, shape))
                return false;
            continue;
        }
        cw_vec2 center = {0, 0};
        const cw_node *middle = cw_node_child(at, "center"), *turn = cw_node_child(at, "orientation");
        if (middle != NULL && !cr_point(r, middle, &center, NULL))
            return false;
        shape->x = center.x;
        shape->y = center.y;
        if (rectangle) {
            shape->kind = CR_RECTANGLE;
            if (!cr_child_number(r, at, "length", &shape->length) || !cr_child_number(r, at, "width", &shape->width) ||
                (turn != NULL && !cr_number(r, turn, &shape->heading)))
                return false;
        } else {
            shape->kind = CR_CIRCLE;
            if (!cr_child_number(r, at, "radius", &shape->length))
                return false;
            shape->width = shape->length *= 2;
        }
        if (!(shape->length >= 0) || !(shape->width >= 0) || shape->length > 1e6 || shape->width > 1e6 ||
            fabs(shape->heading) > 1e5)
            return cr_fail(r, at, CW_ERR_INPUT, "the size of a shape is out of range");
    }
    return true;
}

// ---- header ----------------------------------------------------------------------------------------------------------

static bool read_root(cr_reader *r) {
    const cw_node *root = r->root;
    if (strcmp(root->name, "CommonRoadSolution") == 0)
        return cr_fail(r, root, CW_ERR_INPUT, "the file is a solution of a CommonRoad scenario, not a scenario");
    if (strcmp(root->name, "commonRoad") != 0)
        return cr_fail(r, root, CW_ERR_INPUT, "the root element is <%.60s>, not <commonRoad>", root->name);
    const cw_node_attr *version = cw_node_find(root, "commonRoadVersion"), *step = cw_node_find(root, "timeStepSize");
    if (version == NULL)
        return cr_fail(r, root, CW_ERR_INPUT, "<commonRoad> has no attribute commonRoadVersion");
    if (strcmp(version->value, "2018b") != 0 && strcmp(version->value, "2020a") != 0)
        return cr_fail(r, root, CW_ERR_UNSUPPORTED, "CommonRoad version %.20s is not supported (2018b and 2020a are)",
                       version->value);
    if (step == NULL || !cw_parse_double(step->value, strlen(step->value), &r->dt) || !(r->dt > 1e-6) || r->dt > 1e3)
        return cr_fail(r, root, CW_ERR_INPUT, "<commonRoad> has no usable timeStepSize");
    cw_scene *scene = r->scene;
    scene->version = cr_keep(r, version->value);
    const char *name = cw_node_value(root, "benchmarkID"), *author = cw_node_value(root, "author");
    scene->name = cr_keep(r, name != NULL ? name : "");
    scene->author = cr_keep(r, author != NULL ? author : "");
    const char *tags = cw_node_value(root, "tags");
    scene->description = cr_keep(r, tags != NULL ? tags : "");
    scene->dt = r->dt;
    static const char *const left[] = {"GBR", "AUS", "JPN", "IND", "ZAF", "NZL", "IRL", "THA", "MYS", "SGP", "HKG"};
    const char *country = name != NULL && strncmp(name, "C-", 2) == 0 ? name + 2 : name;
    for (size_t i = 0; country != NULL && i < sizeof left / sizeof *left; i++)
        r->left_hand = r->left_hand || strncmp(country, left[i], 3) == 0;
    return r->status == CW_OK;
}

static const char *child_text(const cw_node *node, const char *name) {
    const cw_node *child = cw_node_child(node, name);
    return child != NULL ? child->text : "";
}

static void read_environment(cr_reader *r) {
    cw_environment *e = &r->scene->environment;
    cw_osc_environment_defaults(e);
    const cw_node *location = cw_node_child(r->root, "location");
    const cw_node *node = location != NULL ? cw_node_child(location, "environment") : NULL;
    if (node == NULL)
        return;
    static const struct {
        const char *name;
        double rain; // mm/h
        uint8_t kind;
    } weathers[] = {{"light_rain", 2, 1}, {"mid_rain", 6, 1}, {"heavy_rain", 20, 1}, {"snow", 2, 2}, {"hail", 6, 2}};
    static const struct {
        const char *name;
        double friction;
    } grounds[] = {{"wet", 0.7}, {"snow", 0.3}, {"ice", 0.15}, {"dirty", 0.9}};
    const char *weather = child_text(node, "weather"), *ground = child_text(node, "underground");
    for (size_t i = 0; i < sizeof weathers / sizeof *weathers; i++) {
        if (strcmp(weather, weathers[i].name) == 0) {
            e->has_weather = true;
            e->precipitation = weathers[i].kind;
            e->precipitation_mmph = weathers[i].rain;
        }
    }
    for (size_t i = 0; i < sizeof grounds / sizeof *grounds; i++) {
        if (strcmp(ground, grounds[i].name) == 0) {
            e->has_friction = true;
            e->friction_scale = grounds[i].friction;
            e->wet = i == 0;
        }
    }
    int hour, minute;
    if (sscanf(child_text(node, "time"), "%2d:%2d", &hour, &minute) == 2 && hour >= 0 && hour < 24 && minute >= 0 &&
        minute < 60) {
        e->has_time = true;
        e->time_of_day = hour * 3600.0 + minute * 60.0;
    }
}

// ---- the problem to solve --------------------------------------------------------------------------------------------

static const cw_node *choose_problem(cr_reader *r, unsigned wanted) {
    unsigned count = 0;
    const cw_node *chosen = NULL, *first = cw_node_child(r->root, "planningProblem");
    for (const cw_node *p = first; p != NULL; p = cw_node_next(p, "planningProblem"))
        if (count++ == wanted)
            chosen = p;
    if (chosen == NULL && (count > 0 || wanted > 0)) {
        cr_fail(r, r->root, CW_ERR_USAGE, "planning problem %u is asked for, the file has %u (counted from 0)", wanted,
                count);
        return NULL;
    }
    if (count > 1) {
        char text[96];
        snprintf(text, sizeof text, "the file has %u of them; number %u (from 0) is driven", count, wanted);
        cr_notice(r, chosen, "planningProblem", text);
    }
    if (chosen == NULL)
        return NULL;
    const cw_node *state = cw_node_child(chosen, "initialState");
    cr_range time = {0};
    if (state == NULL)
        cr_fail(r, chosen, CW_ERR_INPUT, "<planningProblem> has no <initialState>");
    else if (cr_time_of(r, state, &time))
        r->start = time.low;
    return chosen;
}

static bool attach(cr_reader *r, const char *bytes, size_t count) {
    cw_attachment *file = cr_alloc(r, r->scene->arena, 1, sizeof *file);
    if (file == NULL)
        return false;
    const char *base = strrchr(r->path, '/') != NULL ? strrchr(r->path, '/') + 1 : r->path;
    file->path = cr_keep(r, base);
    file->bytes = cw_arena_text(r->scene->arena, bytes, count);
    file->count = count;
    if (file->bytes == NULL)
        return cr_memory(r);
    cw_sha256_hex(bytes, count, file->sha256);
    r->scene->attachments = file;
    r->scene->attachment_count = 1;
    return true;
}

// The end of the recording, or of the time in which the goal may be reached.
static double end_of(const cw_scene *scene) {
    double end = 0;
    for (uint32_t i = 0; i < scene->goal_count; i++)
        end = cw_max(end, scene->goals[i].time_high);
    if (scene->goal_count > 0 && isfinite(end))
        return end;
    end = 0;
    for (uint32_t i = 0; i < scene->actor_count; i++)
        if (scene->actors[i].sample_count > 0)
            end = cw_max(end, scene->actors[i].samples[scene->actors[i].sample_count - 1].time);
    return end > 0 ? end : INFINITY;
}

static bool read_all(cr_reader *r, const char *bytes, size_t count, unsigned wanted) {
    cw_scene *scene = r->scene;
    if (!read_root(r))
        return false;
    const cw_node *problem = choose_problem(r, wanted);
    if (r->status != CW_OK || !cr_read_network(r) || !cr_read_programs(r) || !cr_read_actors(r))
        return false;
    read_environment(r);
    if (cw_node_child(r->root, "lanelet") == NULL)
        cr_notice(r, r->root, "lanelet", "there is none: whether a driver keeps to the road is not judged");
    if (problem != NULL && !cr_read_problem(r, problem, (cw_actor *)(uintptr_t)&scene->actors[0]))
        return false;
    if (problem != NULL)
        cr_own_recording(r, problem);
    scene->ego = problem != NULL ? 0 : CW_NONE;
    if (problem == NULL) { // the place kept for the ego stays unused
        scene->actors++;
        scene->actor_count--;
    }
    scene->duration = end_of(scene);
    if (!attach(r, bytes, count))
        return false;
    if (!cw_notices_copy(r->notices, scene->arena, &scene->notices, &scene->notice_count))
        return cr_memory(r);
    scene->hash = cw_scene_digest(scene);
    return r->status == CW_OK;
}

static cw_scene *new_scene(void) {
    cw_arena *arena = cw_arena_new(0, 0);
    cw_scene *scene = arena != NULL ? cw_arena_alloc(arena, sizeof *scene) : NULL;
    if (scene == NULL) {
        cw_arena_free(arena);
        return NULL;
    }
    *scene = (cw_scene){.name = "",
                        .author = "",
                        .description = "",
                        .version = "",
                        .origin = CW_FROM_COMMONROAD,
                        .ego = CW_NONE,
                        .duration = INFINITY,
                        .dry_friction = 1,
                        .mission_route = CW_NONE,
                        .arena = arena};
    return scene;
}

cw_status cw_commonroad_read(const char *bytes, size_t count, const char *path, const cw_scenario_options *options,
                             cw_scene **scene, cw_error *err) {
    *scene = NULL;
    cr_reader r = {.path = path, .err = err, .notices = cw_notices_new(), .work = cw_arena_new(0, 0)};
    r.scene = new_scene();
    if (r.notices == NULL || r.work == NULL || r.scene == NULL)
        cr_memory(&r);
    else
        r.status = cw_tree_read(bytes, count, path, r.work, &r.root, err);
    bool fine = r.status == CW_OK && read_all(&r, bytes, count, options != NULL ? options->problem : 0);
    if (fine && options != NULL && options->strict && r.scene->notice_count > 0) {
        const cw_notice *n = &r.scene->notices[0];
        r.status = cw_error_set(err, CW_ERR_UNSUPPORTED, path, n->line, n->column, "%s: %s", n->name, n->text);
        fine = false;
    }
    cw_notices_free(r.notices);
    cw_arena_free(r.work);
    cw_build_free(r.builder);
    if (fine)
        *scene = r.scene;
    else
        cw_scene_free(r.scene);
    return r.status;
}
