// What the policy of the driver reflex reads, and what its actions mean. Learner and driver share it.
//
// A sample is the body, its way ahead, its character, the next signals ("self"), and a set of road users, each as it stands to
// the body and to its way. Actions are added to what a plain follower would do: acceleration to that of the intelligent driver
// model on what is ahead on the way, steering to the arc onto it. So an action of zero keeps to the way, the gap and the lights;
// who goes first where ways cross is left to be learned.
#ifndef CW_DRIVE_REFLEX_SAMPLE_H
#define CW_DRIVE_REFLEX_SAMPLE_H

#include "drive/reflex_way.h"

enum {
    CW_REFLEX_EGO = 16,    // as the vector observation's ego (docs/BATCH.md)
    CW_REFLEX_POINTS = 8,  // of the way ahead
    CW_REFLEX_TRAITS = 5,  // of the character
    CW_REFLEX_SIGNALS = 2, // as the vector observation's, CW_REFLEX_SIGNAL floats each
    CW_REFLEX_SIGNAL = 5,
    CW_REFLEX_PLAIN = 2,  // what the follower does: acceleration, speed that it wishes
    CW_REFLEX_USERS = 12, // the nearest
    CW_REFLEX_SEEN = 7,   // of each, as the vector observation's
    CW_REFLEX_USER = 24,  // of each in a sample
    CW_REFLEX_MEETS = 18, // of these, from there on: how the lane that it is on meets the way
    CW_REFLEX_ACTIONS = 2,
    // Where things stand in a sample.
    CW_REFLEX_AT_WAY = CW_REFLEX_EGO,
    CW_REFLEX_AT_ROOM = CW_REFLEX_AT_WAY + 2 * CW_REFLEX_POINTS,
    CW_REFLEX_AT_TRAITS = CW_REFLEX_AT_ROOM + 2 * CW_REFLEX_POINTS,
    CW_REFLEX_AT_SIGNALS = CW_REFLEX_AT_TRAITS + CW_REFLEX_TRAITS,
    CW_REFLEX_AT_PLAIN = CW_REFLEX_AT_SIGNALS + CW_REFLEX_SIGNALS * CW_REFLEX_SIGNAL,
    CW_REFLEX_SELF = CW_REFLEX_AT_PLAIN + CW_REFLEX_PLAIN,
    CW_REFLEX_FLOATS = CW_REFLEX_SELF + CW_REFLEX_USERS * CW_REFLEX_USER
};

extern const float cw_reflex_ahead[CW_REFLEX_POINTS]; // m along the way

typedef struct cw_character { // how an agent likes to drive
    float speed;              // m/s it would like
    float haste;              // 0..1: how much it presses on
    float comfort;            // 0..1: how much it minds being shaken
    float gap;                // s it keeps to who drives ahead
    float kind;               // of its body: 0 car, 0.5 two-wheeler, 1 truck or bus
} cw_character;

float cw_reflex_kind(float length, float width); // of such a body, m

typedef struct cw_reflex_view { // what a sample is made from; ego, signals and users scaled as the vector observation
    float ego[CW_REFLEX_EGO];   // offset and turn against the way; the last two are not read
    float way[2 * CW_REFLEX_POINTS];  // x, y in m at cw_reflex_ahead, in the body's frame
    float room[2 * CW_REFLEX_POINTS]; // m to the left and right of these points
    float signals[CW_REFLEX_SIGNALS * CW_REFLEX_SIGNAL];
    float users[CW_REFLEX_USERS * CW_REFLEX_SEEN];
    struct {
        float yaw_rate; // rad/s, over ground
        uint32_t lane;  // under its centre, CW_NONE
        float travel;   // m along it
    } moves[CW_REFLEX_USERS];
    double s; // m along the way, of its foot
    const cw_way_meeting *meetings;
    uint32_t meeting_count;
    cw_character character;
    float plain; // m/s^2 that the follower does: made by cw_reflex_read and cw_reflex_follow
} cw_reflex_view;

// Where the way goes from there: fills way and room. x, y, sine, cosine of the body; s of its foot.
void cw_reflex_look(const cw_way_point *points, uint32_t count, double s, double x, double y, double sine,
                    double cosine, cw_reflex_view *view);
// A sample (CW_REFLEX_FLOATS) of the view, and its plain.
void cw_reflex_read(cw_reflex_view *view, float *sample);
// Its plain alone.
void cw_reflex_follow(cw_reflex_view *view);
// The control that an action asks for, two numbers that are held to [-2, 2] and [-1, 1], where the view and its plain are made.
void cw_reflex_control(const float *action, const cw_reflex_view *view, float max_accel, float max_brake,
                       float max_steer, float *accel, float *steer);

#endif
