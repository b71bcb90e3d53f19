// What each number of A1 costs: the gap, the distance or the speed that verification leaves on a straight road, and the same
// with that number relaxed. docs/SAFETY-CASE.md has them in a table, and a plot of each, which `--plots FOLDER` draws.
#include "../tests/drive/bench.h"
#include "../tests/drive/body.h"
#include "../tests/drive/crossing.h"
#include "figure.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
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

static bool towards_cyclist(double x, const char *name,
                            double value) { // km/h, to one 25 m ahead, 10 m beside, at 3 m/s across
    bench *b = with(x * KMH, name, value);
    cw_track *t = track(b, CW_USER_BICYCLE, 25, 10, 0);
    t->vx = 0, t->vy = -3, t->speed = 3, t->heading = -1.57f;
    t->length = 1.8f, t->width = 0.6f;
    return holds(b, &(plan_def){.aim = AIM_LANE});
}

// May ego, at 20 km/h and 1 m before it, go on over a crossing, with a car at 40 km/h x m before it? From the right it goes
// first, from the left it does not.
static bool crosses(double x, bool right, const char *name, double value) {
    cw_map *map = crossing_map();
    cw_evaluator *e = calloc(1, cw_evaluator_size());
    cw_assumptions a1 = cw_assumptions_a1();
    if (name)
        cw_assumptions_set(&a1, name, value, NULL);
    cw_evaluator_reset(e, &(cw_evaluator_def){.map = map, .body = test_body(), .assumptions = &a1, .period = 0.1f});
    cw_mission mission = {.set_speed = 14};
    double ego = -2 - CROSSING_HALF - 1 - 3.65, side = right ? -1 : 1;
    cw_track car = {.id = 65537,
                    .seen = true,
                    .x = (float)((right ? 2 : -2) - ego),
                    .y = (float)(side * (CROSSING_HALF + 2.25 + x)),
                    .heading = (float)(-side * 0.5 * CW_PI),
                    .vy = (float)(-side * 40 * KMH),
                    .speed = (float)(40 * KMH),
                    .length = 4.5f,
                    .width = 1.8f,
                    .error = (float)a1.position_error,
                    .speed_error = (float)a1.speed_error};
    cw_obs obs = {.period = 0.1f,
                  .map = map,
                  .mission = &mission,
                  .tracks = &car,
                  .track_count = 1,
                  .surface = {0.9f, 1.0f, 1000},
                  .range = 200,
                  .ego = {.x = ego, .speed = (float)(20 * KMH), .body = test_body()}};
    cw_locate query = cw_locate_at(ego, 0);
    query.heading = 0;
    cw_map_locate(map, &query, &obs.ego.place);
    view v;
    plan p;
    view_make(&v, e, &obs);
    plan_def def = {.aim = AIM_LANE};
    plan_make(e, &v, &def, &p);
    def.through = true;
    def.beyond = (double)p.rear[p.count - 1];
    plan_make(e, &v, &def, &p);
    bool fine = plan_verify(e, &v, &p, false).clause == CW_CLAUSE_NONE;
    free(e);
    cw_map_free(map);
    return fine;
}

static bool before_priority(double x, const char *name, double value) {
    return crosses(x, true, name, value);
}

static bool before_yielding(double x, const char *name, double value) {
    return crosses(x, false, name, value);
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
                 {"speed towards a pedestrian 25 m ahead, 3 m beside", "km/h", towards_walker, false},
                 {"gap to cross before a car at 40 km/h that goes first", "m", before_priority, true},
                 {"gap to cross before a car at 40 km/h that has to stop", "m", before_yielding, true},
                 {"speed towards a cyclist 25 m ahead, 10 m beside, riding across", "km/h", towards_cyclist, false}};

static const struct {
    int question;
    const char *name;
    double relaxed;
} rows[] = {{0, "actuation_delay", 0.1},   {0, "jerk", 40},
            {0, "brake_share", 0.8},       {0, "tube_along", 0.1},
            {0, "position_error", 0.1},    {0, "speed_error", 0.2},
            {0, "leader_brake", 8},        {1, "actuation_delay", 0.1},
            {1, "brake_share", 0.8},       {2, "cut_in_visible", 1},
            {2, "cut_in_brake", 0.5},      {2, "cut_in_rate", 10},
            {2, "cut_in_time", 0.6},       {3, "follower_brake", 5},
            {3, "follower_response", 0.5}, {3, "age", 0.05},
            {4, "walker_speed", 1.4},      {4, "walker_accel", 1},
            {4, "position_error", 0.1},    {5, "vehicle_gain", 2},
            {5, "junction_over_limit", 1}, {6, "junction_response", 0.5},
            {6, "junction_brake", 6},      {7, "cyclist_swerve", 0.5}};

static double as_assumed(const char *name, const char **unit) {
    cw_assumptions a1 = cw_assumptions_a1();
    uint32_t count;
    const cw_assumption *table = cw_assumption_table(&count);
    for (uint32_t k = 0; k < count; k++)
        if (strcmp(table[k].name, name) == 0) {
            *unit = table[k].unit;
            return cw_assumptions_get(&a1, &table[k]);
        }
    return NAN;
}

// ---- plots -----------------------------------------------------------------------------------------------------------

enum { STEPS = 10, WIDE = 340, HIGH = 200, LEFT = 48, TOP = 40, BOTTOM = 40 };

// One number from half as far again on the strict side to relaxed, against what is asked; a dot where A1 stands.
static bool plot(const char *folder, size_t row) {
    const char *unit = "", *name = rows[row].name;
    double now = as_assumed(name, &unit), from = now - 0.5 * (rows[row].relaxed - now), x[STEPS], y[STEPS];
    double low = INFINITY, high = -INFINITY;
    const int q = rows[row].question;
    for (int i = 0; i < STEPS; i++) {
        x[i] = from + (rows[row].relaxed - from) * i / (STEPS - 1);
        y[i] = threshold(questions[q].ask, name, x[i], questions[q].more);
        low = cw_min(low, y[i]);
        high = cw_max(high, y[i]);
    }
    double room = cw_max(0.15 * (high - low), 0.01 * high);
    low -= room, high += room;
    char path[512];
    snprintf(path, sizeof path, "%s/a1-%d-%s.svg", folder, q, name);
    FILE *f = fopen(path, "w");
    if (!f) {
        fprintf(stderr, "%s: error: cannot be written\n", path);
        return false;
    }
    double right = WIDE - 14, end = cw_max(x[0], x[STEPS - 1]), begin_x = cw_min(x[0], x[STEPS - 1]);
#define X(v) (LEFT + (right - LEFT) * ((v)-begin_x) / (end - begin_x))
#define Y(v) (TOP + (HIGH - BOTTOM - TOP) * (high - (v)) / (high - low))
    fprintf(f,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\" "
            "font-family=\"sans-serif\" font-size=\"10\">\n<rect width=\"%d\" height=\"%d\" fill=\"#fff\"/>\n",
            WIDE, HIGH, WIDE, HIGH, WIDE, HIGH);
    fprintf(f, "<text x=\"8\" y=\"14\" font-weight=\"bold\">%s</text>\n", name);
    fprintf(f, "<text x=\"8\" y=\"28\" fill=\"#555\">%s, %s</text>\n", questions[q].what, questions[q].unit);
    for (int i = 0; i < 3; i++) {
        double v = low + room + (high - low - 2 * room) * i / 2, u = begin_x + (end - begin_x) * i / 2;
        fprintf(f, "<path d=\"M%d %.1fH%.1f\" stroke=\"#ddd\"/>\n", LEFT, Y(v), right);
        fprintf(f, "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%.1f</text>\n", LEFT - 5, Y(v) + 3, v);
        fprintf(f, "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%.3g</text>\n", X(u), HIGH - BOTTOM + 15, u);
    }
    fprintf(f,
            "<path d=\"M%d %dV%dH%.1f\" fill=\"none\" stroke=\"#333\"/>\n<polyline fill=\"none\" "
            "stroke=\"#06c\" stroke-width=\"2\" points=\"",
            LEFT, TOP, HIGH - BOTTOM, right);
    for (int i = 0; i < STEPS; i++)
        fprintf(f, "%s%.1f,%.1f", i ? " " : "", X(x[i]), Y(y[i]));
    double here = threshold(questions[q].ask, NULL, 0, questions[q].more);
    fprintf(f, "\"/>\n<circle cx=\"%.1f\" cy=\"%.1f\" r=\"4\" fill=\"#c30\"/>\n", X(now), Y(here));
    fprintf(f, "<text x=\"%.1f\" y=\"%.1f\" fill=\"#c30\">A1</text>\n", X(now) + 6, Y(here) - 6);
    fprintf(f, "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\" fill=\"#555\">%s%s%s</text>\n</svg>\n",
            0.5 * (LEFT + right), HIGH - 8, name, strcmp(unit, "1") ? ", " : "", strcmp(unit, "1") ? unit : "");
    return fclose(f) == 0;
}

int main(int argc, char **argv) {
    if (argc == 3 && strcmp(argv[1], "--plots") == 0) {
        for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
            if (!plot(argv[2], i))
                return 1;
        return 0;
    }
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
            const char *unit;
            double before = as_assumed(rows[i].name, &unit);
            double relaxed = threshold(questions[q].ask, rows[i].name, rows[i].relaxed, questions[q].more);
            char changed[192];
            snprintf(changed, sizeof changed, "%s, %s %g", name, rows[i].name, rows[i].relaxed);
            figure(changed, relaxed, questions[q].unit, TOLD, 0, "instead of %g: %+.1f", before, relaxed - as_is);
        }
    }
    return 0;
}
