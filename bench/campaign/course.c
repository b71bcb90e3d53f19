#include "course.h"

#include "causeway/judge.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { DIMENSIONS = 15, FIXED = 6, DRAWS = 5, DRAWS_MOST = 15, REFINEMENTS = 9, PURPOSE = 0x41445641 }; // "ADVA"

typedef struct dimension {
    const char *name;
    double low, high;
    bool either; // one of the two ends, nothing between
} dimension;

typedef struct family {
    const char *name, *scene;
    bool promised;
    unsigned traffic;
    dimension dimensions[DIMENSIONS];
    const char *fixed[FIXED];
} family;

#define MOTORWAY "scenes/a1/motorway.xosc"
#define STREET "scenes/a1/street.xosc"
#define CROSSING "scenes/a1/crossing.xosc"
#define EGO                                                                                                            \
    { "EgoSpeed", 5, 36, false }
#define LEADER                                                                                                         \
    {"LeadAt", 75, 300, false}, {"LeadSpeed", 0, 36, false}, {"LeadBrakeAt", 0, 15, false},                            \
        {"LeadBrake", 3, 9.81, false}, {                                                                               \
        "LeadLow", 0, 15, false                                                                                        \
    }
// Who has no part stands where the road ends; no ego comes so far.
#define NO_LEADER "LeadAt=1285", "LeadSpeed=0", "LeadBrakeAt=99"
#define NO_CUTTER "SideAt=1285", "SideSpeed=0", "CutInGap=0"
// Visible for 0.72 s before its tyre is 0.3 m over the line, and 2 s with 1 m/s^2 at most after: so long a change, and as long
// until it brakes.
#define CUTTER                                                                                                         \
    {"SideLane", -3, -1, true}, {"SideAt", 40, 240, false}, {"SideSpeed", 3, 36, false}, {"CutInGap", 1, 70, false},   \
        {"CutInTime", 1.9, 6, false}, {"SideBrakeAfter", 1, 4, false}, {                                               \
        "SideBrake", 2, 9.81, false                                                                                    \
    }
#define HIDER                                                                                                          \
    {"LeadOutTime", 2.01, 3.5, false}, {                                                                               \
        "ObstacleAt", 350, 900, false                                                                                  \
    }
#define WALKER                                                                                                         \
    {"WalkerSpeed", 0.4, 2, false}, {"WalkerGap", 1, 70, false}, {                                                     \
        "WalkerHalts", 0.3, 9, false                                                                                   \
    }
#define STREET_EGO                                                                                                     \
    { "EgoSpeed", 2, 17, false }

static const family adversaries[] = {
    {"leader", MOTORWAY, true, 0, {EGO, LEADER}, {NO_CUTTER}},
    {"cut-in", MOTORWAY, true, 0, {EGO, CUTTER}, {NO_LEADER}},
    {"cut-out",
     MOTORWAY,
     true,
     0,
     {EGO, {"LeadAt", 75, 160, false}, {"LeadSpeed", 8, 36, false}, HIDER},
     {"LeadBrakeAt=99", "ObstacleLane=-2", NO_CUTTER}},
    {"leader, cut-in and cut-out", MOTORWAY, true, 0, {EGO, LEADER, CUTTER, HIDER}, {"ObstacleLane=-2"}},
    {"leader in traffic", MOTORWAY, true, 14, {EGO, LEADER}, {NO_CUTTER, "traffic.keep_a1=1", "traffic.pedestrians=0"}},
    {"pedestrian", STREET, true, 0, {STREET_EGO, {"WalkerAt", 60, 210, false}, WALKER}, {"VanAt=4", "OncomingAt=240"}},
    {"pedestrian behind a van",
     STREET,
     true,
     0,
     {STREET_EGO, {"WalkerAt", 103.3, 118, false}, WALKER}, // from 0.4 m beyond its front on, not through it
     {"VanAt=98", "OncomingAt=240"}},
    {"cyclist",
     STREET,
     true,
     0,
     {STREET_EGO,
      {"CyclistAt", 25, 120, false},
      {"CyclistSpeed", 0.5, 8, false},
      {"CyclistGap", 0.5, 40, false},
      {"CyclistAside", -0.3, 1, false}},
     {"VanAt=4", "WalkerGap=0", "OncomingAt=240"}},
    {"oncoming",
     STREET,
     true,
     0,
     {STREET_EGO,
      {"OncomingAt", 80, 245, false},
      {"OncomingSpeed", 2, 9.1, false},
      {"OncomingGap", 1, 90, false},
      {"OncomingAside", -0.8, 0.8, false}},
     {"VanAt=4", "WalkerGap=0"}},
    {"crossing, with priority",
     CROSSING,
     true,
     0,
     {STREET_EGO,
      {"EgoAt", 60, 150, false},
      {"CrossAt", 20, 185, false},
      {"CrossSpeed", 3, 15.2, false},
      {"CrossGap", 1, 90, false},
      {"CrossThen", 3, 15.2, false},
      {"CrossRate", 0.5, 2, false}},
     {"EgoRoad=v0_-1", "CrossRoad=h-1_0"}},
    {"crossing, without priority",
     CROSSING,
     true,
     0,
     {STREET_EGO, {"EgoAt", 60, 150, false}, {"CrossAt", 150, 192, false}, {"CrossSpeed", 8, 15.2, false}},
     {"EgoRoad=h-1_0", "CrossRoad=v0_-1", "CrossGap=0"}},
};

static const char *const names[COURSES] = {"adversary", "town"};

const char *course_name(course c) {
    return names[c];
}

unsigned course_families(course c) {
    return c == COURSE_ADVERSARY ? sizeof adversaries / sizeof *adversaries : 1;
}

const char *course_family(course c, unsigned index) {
    return c == COURSE_ADVERSARY ? adversaries[index].name : "town";
}

bool course_promised(course c, unsigned index) {
    return c == COURSE_ADVERSARY && adversaries[index].promised;
}

// ---- a round ---------------------------------------------------------------------------------------------------------

typedef struct running {
    const round_def *def;
    round_result *out;
    void (*told)(void *context, const ride_def *def, const ride *ride);
    void *context;
    cw_error *err;
} running;

static void add(ride_def *r, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void add(ride_def *r, const char *format, ...) {
    va_list args;
    va_start(args, format);
    vsnprintf(r->set[r->count++], sizeof *r->set, format, args);
    va_end(args);
}

// Perception as bad as A1 grants it, in half of the rounds.
static void add_perception(ride_def *r, bool edge) {
    if (!edge)
        return;
    add(r, "sensor.position_error=0.3");
    add(r, "sensor.speed_error=0.5");
    add(r, "sensor.miss_rate=0.6");
}

static cw_status run(const running *x, const ride_def *def, ride *ridden, bool *whole) {
    cw_status status = ride_run(def, x->def->stop, ridden, x->err);
    *whole = status == CW_OK && ridden->whole;
    if (!*whole)
        return status;
    round_result *out = x->out;
    out->rides++;
    out->unsafe += ridden->unsafe;
    out->discarded += !ridden->unsafe && !ridden->kept;
    x->told(x->context, def, ridden);
    if (ridden->unsafe || !ridden->kept)
        return CW_OK;
    out->seconds += ridden->seconds;
    out->metres += ridden->metres;
    out->gap = cw_min(out->gap, ridden->gap);
    out->contacts += ridden->contacts;
    for (uint32_t i = 0; i < ridden->contacts; i++)
        out->charged += ridden->contact[i].fault == CW_FAULT_EGO || ridden->contact[i].fault == CW_FAULT_SHARED;
    out->red += ridden->red;
    out->off_road += ridden->off_road;
    out->wrong_way += ridden->wrong_way;
    return CW_OK;
}

static unsigned dimensions_of(const family *f) {
    unsigned n = 0;
    while (n < DIMENSIONS && f->dimensions[n].name)
        n++;
    return n;
}

static ride_def ride_at(const round_def *def, const family *f, const double *point) {
    ride_def r = {.scene = f->scene,
                  .driver = def->driver,
                  .traffic = f->traffic,
                  .seed = def->seed + def->number,
                  .duration = (double)NAN};
    unsigned n = dimensions_of(f);
    for (unsigned i = 0; i < n; i++) {
        const dimension *d = &f->dimensions[i];
        double share = cw_clamp(point[i], 0, 1);
        if (d->either)
            add(&r, "%s=%.0f", d->name, share < 0.5 ? d->low : d->high);
        else // so few digits that a line repeats it
            add(&r, "%s=%.3f", d->name, cw_lerp(d->low, d->high, share));
    }
    for (unsigned i = 0; i < FIXED && f->fixed[i]; i++)
        add(&r, "%s", f->fixed[i]);
    add_perception(&r, def->number / course_families(def->course) % 2 == 1);
    return r;
}

// A ride that tells nothing of the promise is no way to a smaller gap.
static double worth(const ride *r) {
    return r->kept && !r->unsafe ? r->gap : (double)INFINITY;
}

// Draws, then one parameter after the other from the best of them, with steps that shrink.
static cw_status search(const running *x, const family *f, bool *whole) {
    unsigned n = dimensions_of(f);
    cw_rng_key key = {.seed = x->def->seed, .step = x->def->number, .purpose = PURPOSE};
    uint32_t draw = 0;
    double best[DIMENSIONS] = {0}, least = INFINITY, size = 0.2;
    ride ridden;
    for (int i = 0; i < DRAWS || (isinf(least) && i < DRAWS_MOST); i++) {
        double point[DIMENSIONS];
        for (unsigned k = 0; k < n; k++) // the ends of the ranges are what is looked for
            point[k] = cw_clamp(1.2 * cw_rng_uniform(key, draw++) - 0.1, 0, 1);
        ride_def def = ride_at(x->def, f, point);
        cw_status status = run(x, &def, &ridden, whole);
        if (!*whole)
            return status;
        if (worth(&ridden) < least || i == 0) {
            least = worth(&ridden);
            memcpy(best, point, sizeof best);
        }
    }
    for (int i = 0; i < REFINEMENTS && least > 0; i++) {
        double point[DIMENSIONS];
        memcpy(point, best, sizeof point);
        unsigned k = (unsigned)(cw_rng_uniform(key, draw++) * n);
        point[k] = cw_clamp(point[k] + (cw_rng_uniform(key, draw++) < 0.5 ? -size : size), 0, 1);
        ride_def def = ride_at(x->def, f, point);
        cw_status status = run(x, &def, &ridden, whole);
        if (!*whole)
            return status;
        if (worth(&ridden) < least) {
            least = worth(&ridden);
            memcpy(best, point, sizeof best);
        } else {
            size = cw_max(0.8 * size, 0.02);
        }
    }
    return CW_OK;
}

cw_status round_run(const round_def *def, round_result *out, bool *whole,
                    void (*told)(void *context, const ride_def *def, const ride *ride), void *context, cw_error *err) {
    *out = (round_result){.gap = (double)INFINITY};
    running x = {.def = def, .out = out, .told = told, .context = context, .err = err};
    if (def->course == COURSE_ADVERSARY) {
        out->family = def->number % course_families(def->course);
        return search(&x, &adversaries[out->family], whole);
    }
    char scene[40];
    snprintf(scene, sizeof scene, "town:%" PRIu64, def->seed + def->number);
    ride_def r = {
        .scene = scene, .driver = def->driver, .traffic = 40, .seed = def->seed + def->number, .duration = 180};
    add(&r, "traffic.keep_a1=1");
    add_perception(&r, def->number % 2 == 1);
    ride ridden;
    return run(&x, &r, &ridden, whole);
}
