// What each number of A1 costs: the gap, the distance or the speed that verification leaves on a straight road, and the same
// with that number relaxed. docs/SAFETY-CASE.md has them in a table.
#include "../tests/drive/bench.h"
#include "figure.h"

#include <stdio.h>
#include <string.h>

// The number changed, then everything that perception says brought to its bounds.
static bench *with(double speed, const char *name, double value) {
    bench *b = begin(speed);
    if (name)
        cw_assumptions_set(&b->e->a1, name, value, NULL);
    if (name && strcmp(name, "jerk") == 0)
        b->e->pure.jerk = (float)value;
    return b;
}

static bool holds(bench *b, const plan_def *def) {
    for (uint32_t i = 0; i < b->obs.track_count; i++) {
        b->tracks[i].error = (float)b->e->a1.position_error;
        b->tracks[i].speed_error = (float)b->e->a1.speed_error;
    }
    view v;
    plan p;
    plan_def d = *def;
    view_make(&v, b->e, &b->obs);
    d.first = &b->proposal.control;
    plan_make(b->e, &v, &d, &p);
    finding f = plan_verify(b->e, &v, &p, true);
    end(b);
    return f.clause == CW_CLAUSE_NONE;
}

#define KMH (1 / 3.6)

// ---- what is asked, at x: does it verify? ----------------------------------------------------------------------------

static bool behind_leader(double x, const char *name, double value) { // m to a leader, both at 80 km/h
    bench *b = with(80 * KMH, name, value);
    track(b, CW_USER_CAR, x, 0, 80 * KMH);
    return holds(b, &(plan_def){.aim = AIM_LANE});
}

static bool seen_40_m(double x, const char *name, double value) { // km/h, where 40 m of the lane are seen
    bench *b = with(x * KMH, name, value);
    b->obs.surface.visibility = 40 + 2.25f;
    return holds(b, &(plan_def){.aim = AIM_LANE});
}

static bool past_cutter(double x, const char *name, double value) { // km/h, towards 60 km/h 15 m ahead in the next lane
    bench *b = with(x * KMH, name, value);
    track(b, CW_USER_CAR, 15, 3.5, 60 * KMH);
    return holds(b, &(plan_def){.aim = AIM_LANE});
}

static bool before_follower(double x, const char *name, double value) { // m to one at 70 km/h in the lane entered at 60
    bench *b = with(60 * KMH, name, value);
    cw_track *t = track(b, CW_USER_CAR, 0, 3.5, 70 * KMH);
    t->x = (float)(1.4 - 2.25 - x - 2.25);
    return holds(b, &(plan_def){.aim = AIM_OFFSET, .offset = 3.5});
}

static bool towards_walker(double x, const char *name, double value) { // km/h, to one who stands 3 m beside, 25 m ahead
    bench *b = with(x * KMH, name, value);
    cw_track *t = track(b, CW_USER_PEDESTRIAN, 25, 3, 0);
    t->vx = 0;
    return holds(b, &(plan_def){.aim = AIM_LANE});
}

typedef bool question(double x, const char *name, double value);

// Where the answer changes between low and high. more: it holds from there on up.
static double threshold(question *ask, const char *name, double value, bool more) {
    double low = 0.5, high = more ? 200 : 140;
    while (high - low > 0.02) {
        double middle = 0.5 * (low + high);
        if (ask(middle, name, value) == more)
            high = middle;
        else
            low = middle;
    }
    return 0.5 * (low + high);
}

static const struct {
    const char *what, *unit;
    question *ask;
    bool more;
} questions[] = {{"gap behind a leader, both at 80 km/h", "m", behind_leader, true},
                 {"speed with 40 m of visible lane", "km/h", seen_40_m, false},
                 {"speed towards a car 15 m ahead in the next lane at 60 km/h", "km/h", past_cutter, false},
                 {"gap to a follower at 70 km/h in a lane entered at 60 km/h", "m", before_follower, true},
                 {"speed towards a pedestrian 25 m ahead, 3 m beside", "km/h", towards_walker, false}};

static const struct {
    int question;
    const char *name;
    double relaxed;
} rows[] = {
    {0, "actuation_delay", 0.1}, {0, "jerk", 40},          {0, "brake_share", 0.8},       {0, "tube_along", 0.1},
    {0, "position_error", 0.1},  {0, "speed_error", 0.2},  {0, "leader_brake", 8},        {1, "actuation_delay", 0.1},
    {1, "brake_share", 0.8},     {2, "cut_in_visible", 1}, {2, "cut_in_brake", 0.5},      {2, "cut_in_rate", 10},
    {2, "cut_in_time", 0.6},     {3, "follower_entry", 4}, {3, "follower_response", 0.5}, {3, "age", 0.05},
    {4, "walker_speed", 1.4},    {4, "walker_accel", 1},   {4, "position_error", 0.1}};

int main(int argc, char **argv) {
    for (size_t q = 0; q < sizeof questions / sizeof *questions; q++) {
        char name[128];
        snprintf(name, sizeof name, "a1 %s", questions[q].what);
        if (!figure_wanted(argc, argv, name))
            continue;
        double as_is = threshold(questions[q].ask, NULL, 0, questions[q].more);
        figure(name, as_is, questions[q].unit, TOLD, 0, "A1 as it stands, dry, straight, 4.5 m car");
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
            if (rows[i].question != (int)q)
                continue;
            cw_assumptions a1 = cw_assumptions_a1();
            uint32_t count;
            const cw_assumption *table = cw_assumption_table(&count);
            double before = 0;
            for (uint32_t k = 0; k < count; k++)
                if (strcmp(table[k].name, rows[i].name) == 0)
                    before = cw_assumptions_get(&a1, &table[k]);
            double relaxed = threshold(questions[q].ask, rows[i].name, rows[i].relaxed, questions[q].more);
            char changed[192];
            snprintf(changed, sizeof changed, "%s, %s %g", name, rows[i].name, rows[i].relaxed);
            figure(changed, relaxed, questions[q].unit, TOLD, 0, "instead of %g: %+.1f", before, relaxed - as_is);
        }
    }
    return 0;
}
