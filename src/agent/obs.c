// What an observation answers about itself: kinds of road users, poses in the map, and what is in view.
#include "causeway/agent.h"

bool cw_user_is_vehicle(cw_user_kind kind) {
    return kind <= CW_USER_MOTORCYCLE || kind == CW_USER_TRAIN || kind == CW_USER_OTHER;
}

bool cw_user_is_vulnerable(cw_user_kind kind) {
    return kind == CW_USER_BICYCLE || kind == CW_USER_PEDESTRIAN || kind == CW_USER_ANIMAL;
}

cw_pose cw_track_pose(const cw_obs *obs, const cw_track *track) {
    double sine, cosine;
    cw_sincos((double)obs->ego.heading, &sine, &cosine);
    double x = (double)track->x, y = (double)track->y;
    return (cw_pose){.x = obs->ego.x + x * cosine - y * sine,
                     .y = obs->ego.y + x * sine + y * cosine,
                     .heading = cw_wrap_angle((double)obs->ego.heading + (double)track->heading)};
}

cw_box cw_track_box(const cw_obs *obs, const cw_track *track) {
    return cw_box_at(cw_track_pose(obs, track), 0.0, (double)track->length, (double)track->width);
}

bool cw_obs_sees(const cw_obs *obs, double x, double y) {
    double dx = x - obs->ego.x, dy = y - obs->ego.y;
    double reach = cw_min((double)obs->range, (double)obs->surface.visibility);
    if (!(dx * dx + dy * dy <= reach * reach)) {
        return false;
    }
    // The eye is at the middle of the roof: far enough forward to look past its own bonnet, on no side in particular.
    double sine, cosine;
    cw_sincos((double)obs->ego.heading, &sine, &cosine);
    double forward = (double)obs->ego.body.center_x;
    cw_vec2 eye = {obs->ego.x + forward * cosine, obs->ego.y + forward * sine};
    cw_vec2 there = {x, y};
    for (uint32_t i = 0; i < obs->wall_count; i++) {
        if (cw_box_hits_segment(&obs->walls[i].box, eye, there)) {
            return false;
        }
    }
    for (uint32_t i = 0; i < obs->track_count; i++) {
        const cw_track *track = &obs->tracks[i];
        if (!track->seen || track->height < 1.2f) {
            continue; // lower than the eye: one looks over it
        }
        cw_box box = cw_track_box(obs, track);
        double px = x - box.x, py = y - box.y;
        double along = px * box.ux + py * box.uy, across = py * box.ux - px * box.uy;
        if (along * along <= box.half_length * box.half_length && across * across <= box.half_width * box.half_width) {
            continue; // the point is inside of it: nothing hides behind itself
        }
        if (cw_box_hits_segment(&box, eye, there)) {
            return false;
        }
    }
    return true;
}
