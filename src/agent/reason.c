// Stable names of what a reason is made of, and when two reasons are the same.
#include "causeway/agent.h"

#define NAME_OF(table, value) ((unsigned)(value) < sizeof(table) / sizeof *(table) ? (table)[value] : "unknown")

const char *cw_longitudinal_name(cw_longitudinal value) {
    static const char *const names[] = {"keep_speed", "follow_lead", "adapt_speed", "yield",      "stop_for",
                                        "wait",       "creep",       "go",          "accelerate", "emergency_brake"};
    return NAME_OF(names, value);
}

const char *cw_lateral_name(cw_lateral value) {
    static const char *const names[] = {"keep_lane",    "turn_left",    "turn_right", "go_straight", "change_left",
                                        "change_right", "abort_change", "nudge_left", "nudge_right", "pull_over"};
    return NAME_OF(names, value);
}

const char *cw_cause_name(cw_cause_kind value) {
    static const char *const names[] = {"none", "vehicle", "pedestrian", "cyclist", "animal",    "obstacle", "signal",
                                        "sign", "limit",   "geometry",   "route",   "occlusion", "surface"};
    return NAME_OF(names, value);
}

cw_cause_kind cw_cause_of(cw_user_kind kind) {
    switch (kind) {
    case CW_USER_PEDESTRIAN:
        return CW_CAUSE_PEDESTRIAN;
    case CW_USER_BICYCLE:
        return CW_CAUSE_CYCLIST;
    case CW_USER_ANIMAL:
        return CW_CAUSE_ANIMAL;
    case CW_USER_OBSTACLE:
        return CW_CAUSE_OBSTACLE;
    default:
        return CW_CAUSE_VEHICLE;
    }
}

const char *cw_relation_name(cw_relation value) {
    static const char *const names[] = {"none",           "ahead",       "cutting_in",   "cutting_out", "crossing_left",
                                        "crossing_right", "oncoming",    "merging",      "behind",      "beside",
                                        "standing",       "on_crossing", "has_priority", "red",         "yellow",
                                        "curve",          "end_of_lane", "goal",         "hidden",      "missed"};
    return NAME_OF(names, value);
}

const char *cw_quantity_name(cw_quantity value) {
    static const char *const names[] = {"none",       "gap_m",     "ttc_s",         "arrival_s", "speed_mps",
                                        "distance_m", "headway_s", "curvature_1pm", "friction"};
    return NAME_OF(names, value);
}

const char *cw_user_name(cw_user_kind value) {
    static const char *const names[] = {"car",     "van",        "truck",  "bus",      "trailer", "motorcycle",
                                        "bicycle", "pedestrian", "animal", "obstacle", "train",   "other"};
    return NAME_OF(names, value);
}

const char *cw_source_name(cw_source value) {
    static const char *const names[] = {"none", "learned", "classical", "failsafe", "mitigate", "scenario", "outside"};
    return NAME_OF(names, value);
}

bool cw_reason_same(const cw_reason *a, const cw_reason *b) {
    if (a->longitudinal != b->longitudinal || a->lateral != b->lateral || a->kind != b->kind || a->count != b->count) {
        return false;
    }
    for (uint8_t i = 0; i < a->count; i++) {
        const cw_cause *p = &a->cause[i], *q = &b->cause[i];
        if (p->kind != q->kind || p->relation != q->relation || p->id != q->id || p->item != q->item) {
            return false;
        }
    }
    return true;
}
