// English: "Braking 2.1 m/s2: pedestrian 3 crosses from the right and reaches my lane in 1.8 s."
#include "agent/words.h"
#include <math.h>

static const double clearly = 0.3; // m/s^2 from which a sentence says that it brakes or accelerates

static void rate(cw_pen *pen, const char *word, double accel) {
    cw_pen_text(pen, word);
    cw_pen_number(pen, fabs(accel), 1);
    cw_pen_text(pen, " m/s2");
}

static void speed(cw_pen *pen, const char *word, double mps) {
    cw_pen_text(pen, word);
    cw_pen_speed(pen, mps);
    cw_pen_text(pen, " km/h");
}

static void head(cw_pen *pen, const cw_reason *r) {
    double a = (double)r->accel;
    bool brakes = a<-clearly, gains = a> clearly;
    switch (r->longitudinal) {
    case CW_FOLLOW_LEAD:
        if (brakes) {
            rate(pen, "Braking ", a);
        } else if (gains) {
            rate(pen, "Accelerating ", a);
        } else {
            cw_pen_text(pen, "Following");
        }
        break;
    case CW_ADAPT_SPEED:
        if (brakes) {
            rate(pen, "Braking ", a);
        } else if (gains) {
            speed(pen, "Speeding up to ", (double)r->speed);
        } else {
            speed(pen, "Holding ", (double)r->speed);
        }
        break;
    case CW_YIELD:
        if (brakes) {
            rate(pen, "Braking ", a);
        } else {
            cw_pen_text(pen, "Yielding");
        }
        break;
    case CW_STOP_FOR:
        if (brakes) {
            rate(pen, "Braking ", a);
            cw_pen_text(pen, " to stop");
        } else {
            cw_pen_text(pen, "Rolling to a stop");
        }
        break;
    case CW_WAIT:
        cw_pen_text(pen, "Waiting");
        break;
    case CW_CREEP:
        cw_pen_text(pen, "Creeping forward");
        break;
    case CW_GO:
        cw_pen_text(pen, "Setting off");
        break;
    case CW_ACCELERATE:
        rate(pen, "Accelerating ", a);
        break;
    case CW_EMERGENCY_BRAKE:
        rate(pen, "Emergency braking, ", a);
        break;
    default:
        speed(pen, "Keeping ", (double)r->speed);
        break;
    }
    static const char *const lateral[] = {"",
                                          ", turning left",
                                          ", turning right",
                                          ", going straight on",
                                          ", changing to the left lane",
                                          ", changing to the right lane",
                                          ", going back to my lane",
                                          ", moving over to the left",
                                          ", moving over to the right",
                                          ", pulling over"};
    if (r->lateral < sizeof lateral / sizeof *lateral) {
        cw_pen_text(pen, lateral[r->lateral]);
    }
}

// ---- quantities ------------------------------------------------------------------------------------------------------

static void number(cw_pen *pen, const char *before, double value, int decimals, const char *after) {
    cw_pen_text(pen, before);
    cw_pen_number(pen, value, decimals);
    cw_pen_text(pen, after);
}

// After "X is ahead", "X cuts in": what the number says of it.
static void quantity_of_user(cw_pen *pen, const cw_cause *c) {
    double v = (double)c->value;
    bool nowhere_ahead = c->relation == CW_REL_BESIDE || c->relation == CW_REL_BEHIND;
    switch (c->quantity) {
    case CW_Q_GAP_M:
    case CW_Q_DISTANCE_M:
        number(pen, " ", v, 1, nowhere_ahead ? " m away" : " m ahead");
        break;
    case CW_Q_TTC_S:
        number(pen, ", contact in ", v, 1, " s");
        break;
    case CW_Q_ARRIVAL_S:
        number(pen, c->relation == CW_REL_HAS_PRIORITY ? " and arrives in " : " and reaches my lane in ", v, 1, " s");
        break;
    case CW_Q_SPEED_MPS:
        speed(pen, " at ", v);
        break;
    case CW_Q_HEADWAY_S:
        number(pen, nowhere_ahead ? " with a gap of " : ", ", v, 1, nowhere_ahead ? " s" : " s before me");
        break;
    case CW_Q_CURVATURE:
        number(pen, ", on a bend of ", v, 3, " 1/m");
        break;
    case CW_Q_FRICTION:
        number(pen, ", on friction ", v, 2, "");
        break;
    default:
        break;
    }
}

// After a clause about a thing: where it is, or what it allows.
static void quantity_of_thing(cw_pen *pen, const cw_cause *c) {
    double v = (double)c->value;
    switch (c->quantity) {
    case CW_Q_GAP_M:
    case CW_Q_DISTANCE_M:
        number(pen, ", ", v, 1, " m ahead");
        break;
    case CW_Q_TTC_S:
    case CW_Q_ARRIVAL_S:
        number(pen, ", reached in ", v, 1, " s");
        break;
    case CW_Q_SPEED_MPS:
        speed(pen, ", for ", v);
        break;
    case CW_Q_HEADWAY_S:
        number(pen, ", ", v, 1, " s ahead");
        break;
    case CW_Q_CURVATURE:
        number(pen, ", curvature ", v, 3, " 1/m");
        break;
    case CW_Q_FRICTION:
        number(pen, ", friction ", v, 2, "");
        break;
    default:
        break;
    }
}

static bool is_distance(const cw_cause *c) {
    return c->quantity == CW_Q_GAP_M || c->quantity == CW_Q_DISTANCE_M;
}

// ---- causes ----------------------------------------------------------------------------------------------------------

static const char *user_noun(uint8_t kind) {
    switch (kind) {
    case CW_CAUSE_PEDESTRIAN:
        return "pedestrian";
    case CW_CAUSE_CYCLIST:
        return "cyclist";
    case CW_CAUSE_ANIMAL:
        return "animal";
    case CW_CAUSE_OBSTACLE:
        return "obstacle";
    default:
        return "vehicle";
    }
}

static void user(cw_pen *pen, const cw_cause *c, const cw_labels *labels) {
    const char *label = cw_label(labels, c->id), *noun = user_noun(c->kind);
    if (label) {
        cw_pen_text(pen, noun);
        cw_pen_text(pen, " ");
        cw_pen_text(pen, label);
    } else {
        cw_pen_text(pen, c->kind == CW_CAUSE_ANIMAL || c->kind == CW_CAUSE_OBSTACLE ? "an " : "a ");
        cw_pen_text(pen, noun);
    }
}

static void cause_user(cw_pen *pen, const cw_cause *c, const cw_labels *labels) {
    user(pen, c, labels);
    bool placed = is_distance(c); // "is 20.1 m ahead", not "is ahead 20.1 m ahead"
    switch (c->relation) {
    case CW_REL_CUTTING_IN:
        cw_pen_text(pen, " cuts in");
        break;
    case CW_REL_CUTTING_OUT:
        cw_pen_text(pen, " leaves my lane");
        break;
    case CW_REL_CROSSING_LEFT:
        cw_pen_text(pen, " crosses from the left");
        break;
    case CW_REL_CROSSING_RIGHT:
        cw_pen_text(pen, " crosses from the right");
        break;
    case CW_REL_ONCOMING:
        cw_pen_text(pen, " comes towards me");
        break;
    case CW_REL_MERGING:
        cw_pen_text(pen, " merges");
        break;
    case CW_REL_BEHIND:
        cw_pen_text(pen, " is behind me");
        break;
    case CW_REL_BESIDE:
        cw_pen_text(pen, " is beside me");
        break;
    case CW_REL_STANDING:
        cw_pen_text(pen, placed ? " stands" : " stands in my way");
        break;
    case CW_REL_ON_CROSSING:
        cw_pen_text(pen, " is at the crosswalk");
        break;
    case CW_REL_HAS_PRIORITY:
        cw_pen_text(pen, " has priority");
        break;
    case CW_REL_HIDDEN:
        cw_pen_text(pen, " is out of sight");
        break;
    default:
        cw_pen_text(pen, placed ? " is" : " is ahead");
        break;
    }
    quantity_of_user(pen, c);
}

static void cause_signal(cw_pen *pen, const cw_cause *c, const cw_labels *labels) {
    const char *label = cw_signal_label(labels, c->item);
    cw_pen_text(pen, label ? "signal " : "the signal");
    cw_pen_text(pen, label ? label : "");
    cw_pen_text(pen, c->relation == CW_REL_RED      ? " is red"
                     : c->relation == CW_REL_YELLOW ? " is yellow"
                                                    : " holds for me");
    quantity_of_thing(pen, c);
}

static void cause_sign(cw_pen *pen, const cw_cause *c, const cw_labels *labels) {
    int kind = cw_signal_kind_of(labels, c->item);
    cw_pen_text(pen, kind == CW_SIGNAL_STOP ? "a stop sign" : kind == CW_SIGNAL_YIELD ? "a yield sign" : "a sign");
    cw_pen_text(pen, " holds for me");
    quantity_of_thing(pen, c);
}

static void cause_geometry(cw_pen *pen, const cw_cause *c) {
    if (c->relation == CW_REL_END_OF_LANE) {
        cw_pen_text(pen, "my lane ends");
        quantity_of_thing(pen, c);
    } else if (c->quantity == CW_Q_SPEED_MPS) {
        speed(pen, "the bend allows ", (double)c->value);
    } else {
        cw_pen_text(pen, "a bend asks for it");
        quantity_of_thing(pen, c);
    }
}

static void cause_occlusion(cw_pen *pen, const cw_cause *c, const cw_labels *labels) {
    if (c->relation == CW_REL_BESIDE) {
        const char *label = cw_label(labels, c->id);
        cw_pen_text(pen, "somebody may step out from behind ");
        cw_pen_text(pen, label ? "vehicle " : "a standing vehicle");
        cw_pen_text(pen, label ? label : "");
        if (is_distance(c)) {
            number(pen, ", ", (double)c->value, 1, " m beside me");
        } else {
            quantity_of_thing(pen, c);
        }
    } else if (is_distance(c)) {
        number(pen, "I see only ", (double)c->value, 1, " m of my lane");
    } else {
        cw_pen_text(pen, "my lane is hidden from me");
        quantity_of_thing(pen, c);
    }
}

static void cause(cw_pen *pen, const cw_cause *c, const cw_labels *labels) {
    switch (c->kind) {
    case CW_CAUSE_VEHICLE:
    case CW_CAUSE_PEDESTRIAN:
    case CW_CAUSE_CYCLIST:
    case CW_CAUSE_ANIMAL:
    case CW_CAUSE_OBSTACLE:
        cause_user(pen, c, labels);
        break;
    case CW_CAUSE_SIGNAL:
        cause_signal(pen, c, labels);
        break;
    case CW_CAUSE_SIGN:
        cause_sign(pen, c, labels);
        break;
    case CW_CAUSE_LIMIT:
        if (c->quantity == CW_Q_SPEED_MPS) {
            speed(pen, "the limit is ", (double)c->value);
        } else {
            cw_pen_text(pen, "the speed limit asks for it");
            quantity_of_thing(pen, c);
        }
        break;
    case CW_CAUSE_GEOMETRY:
        cause_geometry(pen, c);
        break;
    case CW_CAUSE_ROUTE:
        cw_pen_text(pen, c->relation == CW_REL_GOAL     ? "my goal comes up"
                         : c->relation == CW_REL_MISSED ? "my turn is missed, I take another way"
                                                        : "my route leaves this lane");
        quantity_of_thing(pen, c);
        break;
    case CW_CAUSE_OCCLUSION:
        cause_occlusion(pen, c, labels);
        break;
    case CW_CAUSE_SURFACE:
        if (c->quantity == CW_Q_FRICTION) {
            number(pen, "the road gives friction ", (double)c->value, 2, " only");
        } else {
            cw_pen_text(pen, "the road is slippery");
            quantity_of_thing(pen, c);
        }
        break;
    default:
        cw_pen_text(pen, "nothing holds me back");
        break;
    }
}

void cw_words_english(cw_pen *pen, const cw_reason *reason, const cw_labels *labels) {
    head(pen, reason);
    uint8_t count = reason->count < CW_CAUSES ? reason->count : CW_CAUSES;
    for (uint8_t i = 0; i < count; i++) {
        cw_pen_text(pen, i == 0 ? ": " : "; ");
        cause(pen, &reason->cause[i], labels);
    }
    cw_pen_text(pen, ".");
}
