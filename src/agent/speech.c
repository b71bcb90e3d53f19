#include "agent/speech.h"

static const int64_t hold = 500000000;    // ns for which a lighter reason must have stood
static const int64_t repeat = 1000000000; // ns
static const float brakes = -0.3F;        // m/s^2

// How much a decision holds the car back.
static int weight(const cw_reason *r) {
    switch (r->longitudinal) {
    case CW_EMERGENCY_BRAKE:
        return 5;
    case CW_STOP_FOR:
        return 4;
    case CW_YIELD:
    case CW_WAIT:
        return 3;
    case CW_FOLLOW_LEAD:
    case CW_ADAPT_SPEED:
        return r->accel < brakes ? 2 : 1;
    case CW_CREEP:
        return 1;
    default:
        return 0;
    }
}

static bool is_at_once(const cw_reason *said, const cw_reason *now) {
    bool manoeuvre = now->lateral != said->lateral && now->lateral != CW_KEEP_LANE && now->lateral != CW_GO_STRAIGHT;
    return manoeuvre || weight(now) > weight(said);
}

static cw_speaks say(cw_speech *speech, int64_t time_ns, const cw_reason *reason, cw_speaks how) {
    *speech = (cw_speech){.said = *reason, .said_ns = time_ns, .anything = true};
    return how;
}

cw_speaks cw_speech_hear(cw_speech *speech, int64_t time_ns, const cw_reason *reason) {
    int64_t silent = time_ns - speech->said_ns;
    if (speech->anything && cw_reason_same(&speech->said, reason)) {
        speech->pending = false;
        // Among others that come and go it is said sooner: while they do, a second might pass without it.
        return silent >= (speech->wavered ? hold : repeat) ? say(speech, time_ns, reason, CW_SPEAKS_AGAIN)
                                                           : CW_SPEAKS_NOT;
    }
    if (!speech->anything || is_at_once(&speech->said, reason))
        return say(speech, time_ns, reason, CW_SPEAKS_CHANGE);
    if (!speech->pending || !cw_reason_same(&speech->waiting, reason)) {
        speech->pending = speech->wavered = true;
        speech->waiting = *reason;
        speech->since_ns = time_ns;
    }
    return time_ns - speech->since_ns >= hold || silent >= repeat ? say(speech, time_ns, reason, CW_SPEAKS_CHANGE)
                                                                  : CW_SPEAKS_NOT;
}
