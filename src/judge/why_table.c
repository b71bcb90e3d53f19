// Precision and recall of named causes over scenes, with a bootstrap that draws whole scenes, since decisions of one scene
// are alike.
#include "causeway/why_table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { DRAWS = 10000, WORDS = CW_EMERGENCY_BRAKE + 1, SIDES = CW_PULL_OVER + 1, PICKS_MOST = 4096 };
enum { DRAW_BASELINE = 0x7ab1e, DRAW_SCENE, DRAW_PICK };

typedef struct tally {
    cw_table_counts of[CW_TABLE_METHODS][CW_TABLE_KINDS];
} tally;

struct cw_why_table {
    uint64_t seed;
    tally *scenes;
    size_t capacity, count;
    uint32_t kinds[WORDS][SIDES]; // decisions tested so far
    cw_table_result sum;
};

const char *cw_table_method_name(cw_table_method method) {
    static const char *const names[] = {"stated", "stated_direct", "stated_own", "nearest", "smallest_ttc", "random"};
    return (unsigned)method < CW_TABLE_METHODS ? names[method] : "unknown";
}

cw_why_table *cw_why_table_new(uint64_t seed) {
    cw_why_table *table = calloc(1, sizeof *table);
    if (table)
        table->seed = seed;
    return table;
}

void cw_why_table_free(cw_why_table *table) {
    if (table)
        free(table->scenes);
    free(table);
}

bool cw_why_table_scene(cw_why_table *table) {
    if (table->count == table->capacity) {
        size_t capacity = table->capacity ? 2 * table->capacity : 64;
        tally *scenes = realloc(table->scenes, capacity * sizeof *scenes);
        if (!scenes)
            return false;
        table->scenes = scenes;
        table->capacity = capacity;
    }
    memset(&table->scenes[table->count++], 0, sizeof(tally));
    return true;
}

// ---- counting --------------------------------------------------------------------------------------------------------

// Does it change the decision? What counts by what it hides does so only as an occlusion.
static bool is_true(const cw_why_candidate *c) {
    switch (c->verdict) {
    case CW_WHY_TRUE:
    case CW_WHY_JOINT:
    case CW_WHY_MISSED:
        return true;
    case CW_WHY_SIGHT:
        return c->named && c->cause.kind == CW_CAUSE_OCCLUSION;
    default:
        return false;
    }
}

// The same where the others keep to their paths: what only makes others do something is no cause then. Sets of causes were
// tried with others that react alone.
static bool is_true_directly(const cw_why_candidate *c) {
    if (!c->direct_removal.ran || c->with_count > 0)
        return is_true(c);
    bool both = c->direct_removal.changed && (!c->direct_variant.ran || c->direct_variant.changed);
    return c->cause.kind == CW_CAUSE_OCCLUSION ? c->direct_removal.changed : both && (!c->named || c->seen);
}

static bool is_tested(const cw_why_candidate *c) {
    return c->verdict != CW_WHY_UNTESTED && c->verdict != CW_WHY_UNTESTABLE;
}

static bool is_user(const cw_why_candidate *c) {
    return c->actor != CW_NONE && c->seen && c->cause.kind >= CW_CAUSE_VEHICLE && c->cause.kind <= CW_CAUSE_OBSTACLE;
}

// The one road user that a baseline names; CW_NONE: none is seen.
static uint32_t pick(const cw_why_table *table, const cw_why_result *r, cw_table_method method) {
    uint32_t best = CW_NONE, users = 0;
    for (uint32_t i = 0; i < r->count; i++)
        users += is_user(&r->candidates[i]);
    cw_rng_key key = {
        .seed = table->seed, .world = (uint32_t)table->count, .purpose = DRAW_BASELINE, .step = (uint64_t)r->tick};
    uint32_t drawn = (uint32_t)(cw_rng_uniform(key, 0) * users), at = 0;
    for (uint32_t i = 0; i < r->count; i++) {
        const cw_why_candidate *c = &r->candidates[i];
        if (!is_user(c))
            continue;
        bool better = best == CW_NONE;
        if (method == CW_TABLE_NEAREST)
            better = better || c->distance < r->candidates[best].distance;
        else if (method == CW_TABLE_TTC)
            better = better || c->ttc < r->candidates[best].ttc;
        else
            better = at == drawn;
        best = better ? i : best;
        at++;
    }
    return best;
}

static void count_one(tally *t, cw_table_method method, const cw_why_candidate *c, bool named) {
    cw_table_counts *k = &t->of[method][c->cause.kind];
    bool holds = method == CW_TABLE_DIRECT ? is_true_directly(c) : is_true(c);
    if (!is_tested(c))
        return;
    k->named += named;
    k->held += named && holds;
    k->true_ones += holds;
    k->found += named && holds;
}

void cw_why_table_add(cw_why_table *table, const cw_why_result *r) {
    cw_table_result *s = &table->sum;
    if (r->untestable) {
        s->untestable++;
        return;
    }
    if (r->reason.longitudinal == CW_KEEP_SPEED && r->reason.lateral == CW_KEEP_LANE)
        s->plain++;
    else
        s->decisions++;
    bool tested = false, own = r->source != CW_FROM_FAILSAFE && r->source != CW_FROM_MITIGATE;
    tally *t = &table->scenes[table->count - 1];
    uint32_t picks[CW_TABLE_METHODS] = {CW_NONE};
    for (int m = CW_TABLE_NEAREST; m < CW_TABLE_METHODS; m++)
        picks[m] = pick(table, r, (cw_table_method)m);
    for (uint32_t i = 0; i < r->count; i++) {
        const cw_why_candidate *c = &r->candidates[i];
        s->verdicts[c->verdict]++;
        tested |= c->named && is_tested(c);
        for (int m = 0; m < CW_TABLE_METHODS; m++)
            if (m != CW_TABLE_OWN || own)
                count_one(t, (cw_table_method)m, c, m < CW_TABLE_NEAREST ? c->named : picks[m] == i);
    }
    s->with_causes += r->named > 0;
    s->tested += tested;
    s->sufficiency_asked += r->has_sufficiency && r->sufficiency.ran;
    s->sufficient += r->sufficient;
    s->placebos += r->placebos;
    s->placebos_changed += r->placebos_changed;
    table->kinds[r->reason.longitudinal % WORDS][r->reason.lateral % SIDES]++;
}

// ---- which decisions -------------------------------------------------------------------------------------------------

typedef struct pickable {
    int64_t tick;
    uint8_t longitudinal, lateral;
    bool taken;
    double drawn;
} pickable;

// Is a change of reason told at that time? The words are JSON of our own: the flag is looked for as it is written.
static bool tells_change(cw_message m) {
    static const char flag[] = "\"change\":true";
    const char *text = m.bytes;
    for (size_t i = 0; i + sizeof flag - 1 <= m.size; i++)
        if (memcmp(text + i, flag, sizeof flag - 1) == 0)
            return true;
    return false;
}

static uint32_t list(const cw_why_table *table, const cw_trace *trace, int64_t period, pickable *out) {
    uint32_t words = cw_trace_find(trace, "/causeway/words"), rows = cw_trace_find(trace, "/causeway/decision");
    if (words == UINT32_MAX || rows == UINT32_MAX)
        return 0;
    size_t along = cw_trace_offset(trace, rows, "longitudinal", CW_U8, 1);
    size_t across = cw_trace_offset(trace, rows, "lateral", CW_U8, 1);
    uint32_t count = 0;
    size_t row = 0;
    for (size_t i = 0; i < cw_trace_count(trace, words) && count < PICKS_MOST; i++) {
        cw_message m = cw_trace_message(trace, words, i);
        if (m.time_ns % period != 0 || m.time_ns < 2 * INT64_C(1000000000) || !tells_change(m))
            continue;
        while (row < cw_trace_count(trace, rows) && cw_trace_message(trace, rows, row).time_ns < m.time_ns)
            row++;
        if (row == cw_trace_count(trace, rows) || along == SIZE_MAX || across == SIZE_MAX)
            break;
        const uint8_t *bytes = cw_trace_message(trace, rows, row).bytes;
        cw_rng_key key = {.seed = table->seed,
                          .world = (uint32_t)table->count,
                          .purpose = DRAW_PICK,
                          .step = (uint64_t)(m.time_ns / period)};
        out[count++] =
            (pickable){m.time_ns / period, bytes[along] % WORDS, bytes[across] % SIDES, false, cw_rng_uniform(key, 0)};
    }
    return count;
}

uint32_t cw_why_table_choose(cw_why_table *table, const cw_trace *trace, int64_t period, int64_t *ticks,
                             uint32_t most) {
    pickable *all = calloc(PICKS_MOST, sizeof *all);
    uint32_t count = all ? list(table, trace, period, all) : 0, chosen = 0;
    uint32_t now[WORDS][SIDES];
    memcpy(now, table->kinds, sizeof now);
    while (chosen < most) {
        pickable *best = NULL;
        for (uint32_t i = 0; i < count; i++) {
            pickable *p = &all[i];
            uint32_t had = now[p->longitudinal][p->lateral];
            uint32_t least = best ? now[best->longitudinal][best->lateral] : 0;
            if (!p->taken && (!best || had < least || (had == least && p->drawn < best->drawn)))
                best = p;
        }
        if (!best)
            break;
        best->taken = true;
        now[best->longitudinal][best->lateral]++;
        chosen++;
    }
    uint32_t written = 0;
    for (uint32_t i = 0; i < count; i++)
        if (all[i].taken)
            ticks[written++] = all[i].tick;
    free(all);
    return written;
}

// ---- the numbers -----------------------------------------------------------------------------------------------------

// Macro-averages over the kinds of cause that there are.
static void average(cw_table_counts sums[CW_TABLE_KINDS], double *precision, double *recall) {
    double p = 0, r = 0;
    int kinds_p = 0, kinds_r = 0;
    for (int k = 0; k < CW_TABLE_KINDS; k++) {
        if (sums[k].named > 0) {
            p += (double)sums[k].held / sums[k].named;
            kinds_p++;
        }
        if (sums[k].true_ones > 0) {
            r += (double)sums[k].found / sums[k].true_ones;
            kinds_r++;
        }
    }
    *precision = kinds_p ? p / kinds_p : (double)NAN;
    *recall = kinds_r ? r / kinds_r : (double)NAN;
}

static void add_up(tally *to, const tally *from) {
    for (int m = 0; m < CW_TABLE_METHODS; m++)
        for (int k = 0; k < CW_TABLE_KINDS; k++) {
            cw_table_counts *t = &to->of[m][k];
            const cw_table_counts *f = &from->of[m][k];
            t->named += f->named;
            t->held += f->held;
            t->true_ones += f->true_ones;
            t->found += f->found;
        }
}

static int by_value(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

// The 2.5 % and 97.5 % points of values, which are sorted; NANs are left out.
static void interval(double *values, double *low, double *high) {
    size_t n = 0;
    for (size_t i = 0; i < DRAWS; i++)
        if (!isnan(values[i]))
            values[n++] = values[i];
    qsort(values, n, sizeof *values, by_value);
    *low = n ? values[(size_t)(0.025 * (double)(n - 1))] : (double)NAN;
    *high = n ? values[(size_t)(0.975 * (double)(n - 1))] : (double)NAN;
}

// Two-sided, of differences drawn by the bootstrap.
static double p_of(const double *differences) {
    size_t below = 0, above = 0, n = 0;
    for (size_t i = 0; i < DRAWS; i++) {
        if (isnan(differences[i]))
            continue;
        n++;
        below += differences[i] <= 0;
        above += differences[i] >= 0;
    }
    double least = (double)(below < above ? below : above);
    return n ? cw_min(1, 2 * (least + 1) / ((double)n + 1)) : (double)NAN;
}

static void holm(cw_table_result *out) {
    double *p[2 * (CW_TABLE_METHODS - CW_TABLE_NEAREST)];
    int count = 0;
    for (int m = CW_TABLE_NEAREST; m < CW_TABLE_METHODS; m++) {
        p[count++] = &out->scores[m].precision_p;
        p[count++] = &out->scores[m].recall_p;
    }
    for (int i = 1; i < count; i++)
        for (int k = i; k > 0 && *p[k] < *p[k - 1]; k--) {
            double *swap = p[k];
            p[k] = p[k - 1];
            p[k - 1] = swap;
        }
    double worst = 0;
    for (int i = 0; i < count; i++) {
        worst = cw_max(worst, cw_min(1, *p[i] * (count - i)));
        *p[i] = worst;
    }
}

void cw_why_table_finish(const cw_why_table *table, cw_table_result *out) {
    *out = table->sum;
    out->scenes = (uint32_t)table->count;
    tally all = {0};
    for (size_t i = 0; i < table->count; i++)
        add_up(&all, &table->scenes[i]);
    memcpy(out->kinds, all.of, sizeof out->kinds);
    double *drawn = calloc((size_t)4 * CW_TABLE_METHODS * DRAWS, sizeof *drawn); // precision, recall, their differences
    double *of[CW_TABLE_METHODS][4];
    for (int m = 0; m < CW_TABLE_METHODS; m++) {
        cw_table_score *s = &out->scores[m];
        average(all.of[m], &s->precision, &s->recall);
        for (int i = 0; i < 4; i++)
            of[m][i] = drawn ? drawn + ((size_t)m * 4 + (size_t)i) * DRAWS : NULL;
    }
    for (size_t n = 0; drawn && n < DRAWS && table->count > 0; n++) {
        tally sample = {0};
        cw_rng_key key = {.seed = table->seed, .purpose = DRAW_SCENE, .step = n};
        for (size_t i = 0; i < table->count; i++)
            add_up(&sample, &table->scenes[(size_t)(cw_rng_uniform(key, (uint32_t)i) * (double)table->count)]);
        for (int m = 0; m < CW_TABLE_METHODS; m++) {
            average(sample.of[m], &of[m][0][n], &of[m][1][n]);
            of[m][2][n] = of[CW_TABLE_STATED][0][n] - of[m][0][n];
            of[m][3][n] = of[CW_TABLE_STATED][1][n] - of[m][1][n];
        }
    }
    for (int m = 0; m < CW_TABLE_METHODS; m++) {
        cw_table_score *s = &out->scores[m];
        s->precision_gain = out->scores[CW_TABLE_STATED].precision - s->precision;
        s->recall_gain = out->scores[CW_TABLE_STATED].recall - s->recall;
        s->precision_p = drawn ? p_of(of[m][2]) : (double)NAN;
        s->recall_p = drawn ? p_of(of[m][3]) : (double)NAN;
        if (drawn) {
            interval(of[m][0], &s->precision_low, &s->precision_high);
            interval(of[m][1], &s->recall_low, &s->recall_high);
        }
    }
    holm(out);
    free(drawn);
}
