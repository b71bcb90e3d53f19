// The tracker: detections to tracks. The detector gives the association (its own number), so what is left is to smooth
// what is not measured (acceleration, yaw rate), to keep what went out of sight with a growing bound on its error, and to
// forget what is gone.
//
// A place and a speed are taken as detected: with a perfect detector the track has no lag.
#include "causeway/agent.h"
#include <assert.h>
#include <math.h>
#include <stddef.h>
#include <string.h>

static const double keep_hidden = 10.0;     // s a track lives unseen
enum { EMPTY_FRAMES = 4 };                  // in view and empty for so long: gone (A1: a detection is missed 3 frames)
static const float error_seen = 0.3f;       // m, assumption A1 on perception
static const float speed_error_seen = 0.5f; // m/s, the same
static const double smoothing = 0.4;        // weight of the newest acceleration and yaw rate at 10 Hz

// One track in the map frame. Widest members first: no padding, so that the bytes of a snapshot are all defined.
typedef struct memory {
    double x, y, heading;      // box centre
    double vx, vy;             // m/s
    int64_t first_ns, last_ns; // first and last detection
    double lane_s, lane_offset;
    uint32_t lane;
    cw_id id;
    float z, speed, accel, yaw_rate, length, width, height, error, speed_error;
    uint16_t missed, empty;
    uint8_t kind, indicators, seen, spare;
    uint32_t spare2;
} memory;

struct cw_tracker {
    const cw_map *map;
    int64_t time_ns;
    uint32_t count, updates;
    memory items[CW_TRACKS_MAX];
};

size_t cw_tracker_size(void) {
    return sizeof(cw_tracker);
}

void cw_tracker_reset(cw_tracker *tracker, const cw_map *map) {
    memset(tracker, 0, sizeof *tracker);
    tracker->map = map;
}

// The map is each process's own.
void cw_tracker_save(const cw_tracker *tracker, void *bytes) {
    memcpy(bytes, tracker, sizeof *tracker);
    memset((char *)bytes + offsetof(cw_tracker, map), 0, sizeof tracker->map);
}

void cw_tracker_restore(cw_tracker *tracker, const void *bytes) {
    const cw_map *map = tracker->map;
    memcpy(tracker, bytes, sizeof *tracker);
    tracker->map = map;
    tracker->count = tracker->count < CW_TRACKS_MAX ? tracker->count : CW_TRACKS_MAX;
}

static memory *find(cw_tracker *tracker, cw_id id) {
    for (uint32_t i = 0; i < tracker->count; i++) {
        if (tracker->items[i].id == id) {
            return &tracker->items[i];
        }
    }
    return NULL;
}

static void locate(const cw_map *map, memory *item) {
    cw_locate query = cw_locate_at(item->x, item->y);
    query.heading = item->heading;
    query.hint = (cw_lane_place){.lane = item->lane, .s = item->lane_s, .offset = item->lane_offset};
    cw_lane_place place;
    if (!cw_map_locate(map, &query, &place)) {
        place = (cw_lane_place){.lane = CW_NONE, .s = 0.0, .offset = 0.0};
    }
    item->lane = place.lane;
    item->lane_s = place.s;
    item->lane_offset = place.offset;
}

// How fast the bound on the speed of an unseen user grows, m/s^2: A1 lets a leader brake at 9.81 mu and a walker change
// its speed by 2 m/s^2.
static double accel_bound(uint8_t kind) {
    switch (kind) {
    case CW_USER_OBSTACLE:
        return 0.0;
    case CW_USER_PEDESTRIAN:
    case CW_USER_ANIMAL:
    case CW_USER_BICYCLE:
        return 2.0;
    default:
        return 9.81;
    }
}

// ... and where it ends: the user stands, or is as fast as A1 lets it be.
static double speed_bound(uint8_t kind, double speed) {
    return kind == CW_USER_PEDESTRIAN ? cw_max(speed, 2.0) : cw_max(speed, kind == CW_USER_OBSTACLE ? 0.0 : 8.0);
}

// Moves an unseen track on: at its speed, round the bend of its lane while it drives along one, else straight on.
static void coast(const cw_map *map, memory *item, double dt) {
    double fade = cw_clamp(1.0 - 2.0 * dt, 0.0, 1.0);
    item->accel = (float)((double)item->accel * fade);
    item->yaw_rate = (float)((double)item->yaw_rate * fade);
    double speed = sqrt(item->vx * item->vx + item->vy * item->vy);
    if (speed > 0.05) {
        if (item->lane != CW_NONE && cw_user_is_vehicle((cw_user_kind)item->kind)) {
            cw_lane_place place = {.lane = item->lane, .s = item->lane_s, .offset = item->lane_offset};
            double off = cw_wrap_angle(item->heading - cw_lane_pose(map, place, NULL).heading);
            if (fabs(off) < 0.3 && item->speed > 0.0f) {
                double turn = cw_lane_curvature(map, item->lane, item->lane_s) * speed * dt;
                double sine, cosine;
                cw_sincos(turn, &sine, &cosine);
                double vx = item->vx * cosine - item->vy * sine;
                item->vy = item->vx * sine + item->vy * cosine;
                item->vx = vx;
                item->heading = cw_wrap_angle(item->heading + turn);
            }
        }
        item->x += item->vx * dt;
        item->y += item->vy * dt;
    }
    double bound = speed_bound(item->kind, fabs((double)item->speed));
    item->speed_error = (float)cw_min((double)item->speed_error + accel_bound(item->kind) * dt, bound + 0.5);
    item->error += item->speed_error * (float)dt;
}

static void observe(const cw_map *map, memory *item, const cw_detection *seen, const cw_ego *ego, double sine,
                    double cosine, int64_t time_ns, bool fresh) {
    double x = (double)seen->x, y = (double)seen->y;
    double heading = cw_wrap_angle((double)ego->heading + (double)seen->heading);
    double vx = (double)seen->vx * cosine - (double)seen->vy * sine;
    double vy = (double)seen->vx * sine + (double)seen->vy * cosine;
    double own_sine, own_cosine;
    cw_sincos(heading, &own_sine, &own_cosine);
    double speed = vx * own_cosine + vy * own_sine;
    if (fresh) {
        item->id = seen->id;
        item->first_ns = time_ns;
        item->lane = CW_NONE;
    } else {
        double dt = 1e-9 * (double)(time_ns - item->last_ns);
        if (dt > 1e-6) {
            double weight = cw_clamp(smoothing * dt / 0.1, smoothing, 1.0);
            double accel = cw_clamp((speed - (double)item->speed) / dt, -12.0, 12.0);
            double turn = cw_clamp(cw_wrap_angle(heading - item->heading) / dt, -3.0, 3.0);
            item->accel = (float)cw_lerp((double)item->accel, accel, weight);
            item->yaw_rate = (float)cw_lerp((double)item->yaw_rate, turn, weight);
        }
    }
    item->x = ego->x + x * cosine - y * sine;
    item->y = ego->y + x * sine + y * cosine;
    item->z = (float)(ego->z + (double)seen->z);
    item->heading = heading;
    item->vx = vx;
    item->vy = vy;
    item->speed = (float)speed;
    item->length = seen->length;
    item->width = seen->width;
    item->height = seen->height;
    item->kind = seen->kind;
    item->indicators = seen->indicators;
    item->last_ns = time_ns;
    item->missed = 0;
    item->empty = 0;
    item->seen = 1;
    item->error = error_seen;
    item->speed_error = speed_error_seen;
    locate(map, item);
}

// Would the track be detected if it were where it is thought to be?
static bool in_view(const cw_tracker *tracker, const memory *item, cw_vec2 eye, const cw_wall *walls,
                    uint32_t wall_count, double range) {
    double dx = item->x - eye.x, dy = item->y - eye.y;
    double reach = range - (double)item->error;
    if (reach < 0.0 || dx * dx + dy * dy > reach * reach) {
        return false;
    }
    cw_vec2 there = {item->x, item->y};
    for (uint32_t i = 0; i < wall_count; i++) {
        if (cw_box_hits_segment(&walls[i].box, eye, there)) {
            return false;
        }
    }
    for (uint32_t i = 0; i < tracker->count; i++) {
        const memory *other = &tracker->items[i];
        if (other == item || !other->seen) {
            continue;
        }
        cw_box box =
            cw_box_at((cw_pose){other->x, other->y, other->heading}, 0.0, (double)other->length, (double)other->width);
        if (cw_box_hits_segment(&box, eye, there)) {
            return false;
        }
    }
    return true;
}

static double range_squared(const memory *item, const cw_ego *ego) {
    double dx = item->x - ego->x, dy = item->y - ego->y;
    return dx * dx + dy * dy;
}

static void report(const memory *item, const cw_ego *ego, double sine, double cosine, int64_t time_ns, cw_track *out) {
    double dx = item->x - ego->x, dy = item->y - ego->y;
    memset(out, 0, sizeof *out);
    out->id = item->id;
    out->kind = item->kind;
    out->indicators = item->indicators;
    out->seen = item->seen != 0;
    out->missed = item->missed;
    out->x = (float)(dx * cosine + dy * sine);
    out->y = (float)(dy * cosine - dx * sine);
    out->z = (float)((double)item->z - ego->z);
    out->heading = (float)cw_wrap_angle(item->heading - (double)ego->heading);
    out->vx = (float)(item->vx * cosine + item->vy * sine);
    out->vy = (float)(item->vy * cosine - item->vx * sine);
    out->speed = item->speed;
    out->accel = item->accel;
    out->yaw_rate = item->yaw_rate;
    out->length = item->length;
    out->width = item->width;
    out->height = item->height;
    out->error = item->error;
    out->speed_error = item->speed_error;
    out->first_seen = (float)(1e-9 * (double)(time_ns - item->first_ns));
    out->place.lane = item->lane;
    out->place.s = item->lane_s;
    out->place.offset = item->lane_offset;
}

// The least wanted track, for when there is no room: the farthest.
static memory *farthest(cw_tracker *tracker, const cw_ego *ego) {
    memory *worst = &tracker->items[0];
    for (uint32_t i = 1; i < tracker->count; i++) {
        if (range_squared(&tracker->items[i], ego) > range_squared(worst, ego)) {
            worst = &tracker->items[i];
        }
    }
    return worst;
}

static bool usable(const cw_detection *seen) {
    float sum =
        seen->x + seen->y + seen->z + seen->heading + seen->vx + seen->vy + seen->length + seen->width + seen->height;
    return isfinite(sum) && seen->id != 0 && seen->length > 0.0f && seen->width > 0.0f;
}

uint32_t cw_tracker_update(cw_tracker *tracker, int64_t time_ns, const cw_ego *ego, const cw_detection *detections,
                           uint32_t count, const cw_wall *walls, uint32_t wall_count, float range, cw_track *tracks,
                           uint32_t most) {
    assert(tracker && ego && (count == 0 || detections) && (most == 0 || tracks));
    double sine, cosine;
    cw_sincos((double)ego->heading, &sine, &cosine);
    double dt = tracker->updates > 0 ? 1e-9 * (double)(time_ns - tracker->time_ns) : 0.0;
    tracker->time_ns = time_ns;
    tracker->updates++;
    for (uint32_t i = 0; i < tracker->count; i++) {
        tracker->items[i].seen = 0;
    }
    for (uint32_t i = 0; i < count; i++) {
        if (!usable(&detections[i])) {
            continue;
        }
        memory *item = find(tracker, detections[i].id);
        bool fresh = !item;
        if (fresh && tracker->count < CW_TRACKS_MAX) {
            item = &tracker->items[tracker->count++];
        } else if (fresh) {
            double dx = (double)detections[i].x, dy = (double)detections[i].y;
            item = farthest(tracker, ego);
            if (range_squared(item, ego) <= dx * dx + dy * dy) {
                continue;
            }
        }
        if (fresh) {
            memset(item, 0, sizeof *item);
        }
        observe(tracker->map, item, &detections[i], ego, sine, cosine, time_ns, fresh);
    }

    double forward = (double)ego->body.center_x;
    cw_vec2 eye = {ego->x + forward * cosine, ego->y + forward * sine};
    uint32_t kept = 0;
    for (uint32_t i = 0; i < tracker->count; i++) {
        memory *item = &tracker->items[i];
        if (!item->seen) {
            coast(tracker->map, item, dt);
            locate(tracker->map, item);
            item->missed = item->missed < UINT16_MAX ? (uint16_t)(item->missed + 1) : UINT16_MAX;
            bool empty = in_view(tracker, item, eye, walls, wall_count, (double)range);
            item->empty = empty ? (uint16_t)(item->empty + 1) : 0;
            double hidden = 1e-9 * (double)(time_ns - item->last_ns);
            double reach = (double)range + 20.0;
            if (item->empty >= EMPTY_FRAMES || hidden > keep_hidden || range_squared(item, ego) > reach * reach) {
                item->id = 0; // taken out below, so that in_view sees the same table for all
            }
        }
    }
    for (uint32_t i = 0; i < tracker->count; i++) {
        if (tracker->items[i].id != 0) {
            if (kept != i) {
                memcpy(&tracker->items[kept], &tracker->items[i], sizeof(memory));
            }
            kept++;
        }
    }
    memset(&tracker->items[kept], 0, (tracker->count - kept) * sizeof(memory));
    tracker->count = kept;

    // By distance, ties by id: an insertion sort of indices, for the order changes little from frame to frame.
    uint32_t order[CW_TRACKS_MAX];
    double key[CW_TRACKS_MAX];
    for (uint32_t i = 0; i < kept; i++) {
        double near = range_squared(&tracker->items[i], ego);
        uint32_t at = i;
        while (at > 0 && (key[at - 1] > near ||
                          (key[at - 1] == near && tracker->items[order[at - 1]].id > tracker->items[i].id))) {
            key[at] = key[at - 1];
            order[at] = order[at - 1];
            at--;
        }
        key[at] = near;
        order[at] = i;
    }
    uint32_t told = kept < most ? kept : most;
    for (uint32_t i = 0; i < told; i++) {
        report(&tracker->items[order[i]], ego, sine, cosine, time_ns, &tracks[i]);
    }
    return told;
}
