// OpenSCENARIO's parameter distributions: what to vary in a scenario, by sets, ranges and sets of values (the product of
// all of them), or at random. A stochastic value is a pure function of seed, run and parameter, so any run can be made
// alone.
#include "causeway/format.h"

#include "tree.h"

#include <assert.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_BYTES = 16 << 20, MOST_VARIED = 256, MOST_VALUES = 1000000, MOST_REDRAWS = 100000, PURPOSE = 0x64697374 };

typedef enum law { LAW_SET, LAW_NORMAL, LAW_LOG_NORMAL, LAW_UNIFORM, LAW_POISSON, LAW_HISTOGRAM } law;

typedef struct choice {
    uint32_t assignment_count;
    const char **set; // "Name=value" each
    double weight;    // of a probability set or a bin; the cumulated share, up to 1
    double low, high; // of a bin
} choice;

// What varies by itself: one parameter, or several together.
typedef struct varied {
    const cw_node *node;
    const char *parameter; // of a stochastic law
    law law;
    uint32_t choice_count;
    choice *choices;
    // a range of steps, instead of listed choices: stays small whatever its width
    double low, step;
    double mean, variance;    // normal, log-normal (of the value itself), Poisson
    double at_least, at_most; // -INFINITY, INFINITY: open
} varied;

struct cw_distribution {
    cw_arena *arena;
    const char *path, *scenario;
    bool stochastic;
    uint64_t count, seed;
    uint32_t varied_count;
    varied *items;
};

typedef struct reader {
    cw_distribution *d;
    cw_error *err;
} reader;

static bool refuse(reader *r, const cw_node *node, const char *attr, cw_status code, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
static bool refuse(reader *r, const cw_node *node, const char *attr, cw_status code, const char *format, ...) {
    char text[256];
    va_list list;
    va_start(list, format);
    vsnprintf(text, sizeof text, format, list);
    va_end(list);
    const cw_node_attr *found = node != NULL && attr != NULL ? cw_node_find(node, attr) : NULL;
    cw_error_set(r->err, code, r->d->path,
                 found != NULL  ? found->line
                 : node != NULL ? node->line
                                : 0,
                 found != NULL  ? found->column
                 : node != NULL ? node->column
                                : 0,
                 "%s", text);
    return false;
}

static bool no_memory(reader *r) {
    return refuse(r, NULL, NULL, CW_ERR_MEMORY, "out of memory");
}

static const cw_node *need(reader *r, const cw_node *node, const char *name) {
    const cw_node *found = cw_node_child(node, name);
    if (found == NULL)
        refuse(r, node, NULL, CW_ERR_INPUT, "<%.60s> needs a <%.60s>", node->name,
               name != NULL ? name : "distribution");
    return found;
}

static bool text_of(reader *r, const cw_node *node, const char *name, const char **out) {
    *out = cw_node_value(node, name);
    return *out != NULL || refuse(r, node, NULL, CW_ERR_INPUT, "<%.60s> needs the attribute '%s'", node->name, name);
}

static bool number_of(reader *r, const cw_node *node, const char *name, double *out) {
    const char *text;
    if (!text_of(r, node, name, &text))
        return false;
    return (cw_parse_double(text, strlen(text), out) && fabs(*out) <= 1e12) ||
           refuse(r, node, name, CW_ERR_INPUT, "'%s' must be a number, not '%.60s'", name, text);
}

static const char *assignment(reader *r, const char *name, const char *value) {
    char *out = cw_arena_array(r->d->arena, strlen(name) + strlen(value) + 2, 1);
    if (out == NULL) {
        no_memory(r);
        return NULL;
    }
    sprintf(out, "%s=%s", name, value);
    return out;
}

static bool make_choices(reader *r, const cw_node *node, uint32_t count, varied *out) {
    if (count == 0)
        return refuse(r, node, NULL, CW_ERR_INPUT, "<%.60s> is empty", node->name);
    if (count > MOST_VALUES)
        return refuse(r, node, NULL, CW_ERR_LIMIT, "more than %d values", MOST_VALUES);
    out->choices = cw_arena_array(r->d->arena, count, sizeof *out->choices);
    out->choice_count = count;
    return out->choices != NULL || no_memory(r);
}

static bool one_value(reader *r, choice *c, const char *name, const char *value) {
    c->set = cw_arena_alloc(r->d->arena, sizeof *c->set);
    c->assignment_count = 1;
    return c->set != NULL ? (c->set[0] = assignment(r, name, value)) != NULL : no_memory(r);
}

static uint32_t children(const cw_node *node, const char *name) {
    uint32_t count = 0;
    for (const cw_node *one = cw_node_child(node, name); one != NULL; one = cw_node_next(one, name))
        count++;
    return count;
}

// ---- deterministic ---------------------------------------------------------------------------------------------------

static bool read_set(reader *r, const cw_node *node, const char *name, varied *out) {
    if (!make_choices(r, node, children(node, "Element"), out))
        return false;
    choice *c = out->choices;
    for (const cw_node *one = cw_node_child(node, "Element"); one != NULL; one = cw_node_next(one, "Element"), c++) {
        const char *value;
        if (!text_of(r, one, "value", &value) || !one_value(r, c, name, value))
            return false;
    }
    return true;
}

static bool read_range(reader *r, const cw_node *node, double *low, double *high) {
    const cw_node *range = need(r, node, "Range");
    return range != NULL && number_of(r, range, "lowerLimit", low) && number_of(r, range, "upperLimit", high) &&
           (*low <= *high || refuse(r, range, "upperLimit", CW_ERR_INPUT, "the range ends before it begins"));
}

static bool read_steps(reader *r, const cw_node *node, const char *name, varied *out) {
    double high;
    if (!read_range(r, node, &out->low, &high) || !number_of(r, node, "stepWidth", &out->step))
        return false;
    if (out->step <= 0)
        return refuse(r, node, "stepWidth", CW_ERR_INPUT, "the width of a step must be above 0");
    double steps = floor((high - out->low) / out->step + 1e-9); // 0.1 to 0.5 by 0.1 are five, whatever binary says
    if (steps + 1 > MOST_VALUES)
        return refuse(r, node, "stepWidth", CW_ERR_LIMIT, "more than %d values", MOST_VALUES);
    out->choice_count = (uint32_t)steps + 1;
    out->parameter = name;
    return true;
}

static bool read_value_sets(reader *r, const cw_node *node, varied *out) {
    const cw_node *sets = need(r, node, "ValueSetDistribution");
    if (sets == NULL || !make_choices(r, sets, children(sets, "ParameterValueSet"), out))
        return false;
    choice *c = out->choices;
    for (const cw_node *one = cw_node_child(sets, "ParameterValueSet"); one != NULL;
         one = cw_node_next(one, "ParameterValueSet"), c++) {
        c->set = cw_arena_array(r->d->arena, children(one, "ParameterAssignment"), sizeof *c->set);
        if (c->set == NULL)
            return no_memory(r);
        for (const cw_node *a = cw_node_child(one, "ParameterAssignment"); a != NULL;
             a = cw_node_next(a, "ParameterAssignment")) {
            const char *name, *value;
            if (!text_of(r, a, "parameterRef", &name) || !text_of(r, a, "value", &value))
                return false;
            const char *text = assignment(r, name[0] == '$' ? name + 1 : name, value);
            if (text == NULL)
                return false;
            c->set[c->assignment_count++] = text;
        }
    }
    return true;
}

static bool unknown(reader *r, const cw_node *node) {
    bool ours = strcmp(node->name, "UserDefinedDistribution") == 0;
    return refuse(r, node, NULL, ours ? CW_ERR_UNSUPPORTED : CW_ERR_INPUT,
                  ours ? "a user-defined distribution means something to its own tool alone"
                       : "<%.60s> is no distribution that belongs here",
                  node->name);
}

static bool read_deterministic(reader *r, const cw_node *node, varied *out) {
    out->law = LAW_SET;
    if (strcmp(node->name, "DeterministicMultiParameterDistribution") == 0)
        return read_value_sets(r, node, out);
    if (strcmp(node->name, "DeterministicSingleParameterDistribution") != 0)
        return unknown(r, node);
    const char *name;
    const cw_node *what = need(r, node, NULL);
    if (what == NULL || !text_of(r, node, "parameterName", &name))
        return false;
    name = name[0] == '$' ? name + 1 : name;
    if (strcmp(what->name, "DistributionSet") == 0)
        return read_set(r, what, name, out);
    if (strcmp(what->name, "DistributionRange") == 0)
        return read_steps(r, what, name, out);
    return unknown(r, what);
}

// ---- stochastic ------------------------------------------------------------------------------------------------------

// Weights to cumulated shares.
static bool weigh(reader *r, const cw_node *node, varied *out) {
    double total = 0;
    for (uint32_t i = 0; i < out->choice_count; i++)
        total += out->choices[i].weight;
    if (!(total > 0))
        return refuse(r, node, NULL, CW_ERR_INPUT, "the weights must add up to more than 0");
    double sum = 0;
    for (uint32_t i = 0; i < out->choice_count; i++) {
        sum += out->choices[i].weight;
        out->choices[i].weight = i + 1 == out->choice_count ? 1 : sum / total;
    }
    return true;
}

static bool read_weight(reader *r, const cw_node *node, choice *c) {
    return number_of(r, node, "weight", &c->weight) &&
           (c->weight >= 0 || refuse(r, node, "weight", CW_ERR_INPUT, "a weight must not be negative"));
}

static bool read_weighted_set(reader *r, const cw_node *node, varied *out) {
    if (!read_set(r, node, out->parameter, out))
        return false;
    choice *c = out->choices;
    for (const cw_node *one = cw_node_child(node, "Element"); one != NULL; one = cw_node_next(one, "Element"))
        if (!read_weight(r, one, c++))
            return false;
    return weigh(r, node, out);
}

static bool read_histogram(reader *r, const cw_node *node, varied *out) {
    if (!make_choices(r, node, children(node, "Bin"), out))
        return false;
    choice *c = out->choices;
    for (const cw_node *one = cw_node_child(node, "Bin"); one != NULL; one = cw_node_next(one, "Bin"), c++)
        if (!read_range(r, one, &c->low, &c->high) || !read_weight(r, one, c))
            return false;
    return weigh(r, node, out);
}

static bool read_moments(reader *r, const cw_node *node, varied *out) {
    out->at_least = -INFINITY;
    out->at_most = INFINITY;
    if (cw_node_child(node, "Range") != NULL && !read_range(r, node, &out->at_least, &out->at_most))
        return false;
    if (!number_of(r, node, "expectedValue", &out->mean))
        return false;
    if (out->law != LAW_NORMAL && (out->mean <= 0 || out->mean > 1e6))
        return refuse(r, node, "expectedValue", CW_ERR_INPUT, "this expected value must lie above 0 and up to 1e6");
    return out->law == LAW_POISSON ||
           (number_of(r, node, "variance", &out->variance) &&
            (out->variance >= 0 || refuse(r, node, "variance", CW_ERR_INPUT, "a variance must not be negative")));
}

static bool read_stochastic(reader *r, const cw_node *node, varied *out) {
    static const char *const names[] = {
        [LAW_SET] = "ProbabilityDistributionSet",   [LAW_NORMAL] = "NormalDistribution",
        [LAW_LOG_NORMAL] = "LogNormalDistribution", [LAW_UNIFORM] = "UniformDistribution",
        [LAW_POISSON] = "PoissonDistribution",      [LAW_HISTOGRAM] = "Histogram"};
    if (strcmp(node->name, "StochasticDistribution") != 0)
        return unknown(r, node);
    const cw_node *what = need(r, node, NULL);
    if (what == NULL || !text_of(r, node, "parameterName", &out->parameter))
        return false;
    out->parameter += out->parameter[0] == '$';
    uint32_t kind = 0;
    while (kind < sizeof names / sizeof *names && strcmp(what->name, names[kind]) != 0)
        kind++;
    out->law = (law)kind;
    switch (out->law) {
    case LAW_SET:
        return read_weighted_set(r, what, out);
    case LAW_HISTOGRAM:
        return read_histogram(r, what, out);
    case LAW_UNIFORM:
        return read_range(r, what, &out->at_least, &out->at_most);
    case LAW_NORMAL:
    case LAW_LOG_NORMAL:
    case LAW_POISSON:
        return read_moments(r, what, out);
    }
    return unknown(r, what);
}

static double raw_draw(const varied *v, cw_rng_key key, uint32_t *draw) {
    switch (v->law) {
    case LAW_NORMAL:
        return v->mean + sqrt(v->variance) * cw_rng_normal(key, (*draw)++);
    case LAW_LOG_NORMAL: { // mean and variance are the value's, not those of its logarithm
        double spread = cw_log(1 + v->variance / (v->mean * v->mean));
        return cw_exp(cw_log(v->mean) - 0.5 * spread + sqrt(spread) * cw_rng_normal(key, (*draw)++));
    }
    case LAW_UNIFORM:
        return v->at_least + (v->at_most - v->at_least) * cw_rng_uniform(key, (*draw)++);
    case LAW_POISSON: { // a sum of Poissons is one: parts small enough for exp
        double total = 0;
        for (double rest = v->mean; rest > 0; rest -= 500) {
            double floor_of = cw_exp(-cw_min(rest, 500)), product = cw_rng_uniform(key, (*draw)++);
            for (; product > floor_of; total++)
                product *= cw_rng_uniform(key, (*draw)++);
        }
        return total;
    }
    default:
        return 0;
    }
}

// A value inside the range that the file allows; false when the law hardly ever gives one.
static bool draw_value(const varied *v, cw_rng_key key, double *out) {
    uint32_t draw = 0;
    for (int i = 0; i < MOST_REDRAWS; i++) {
        *out = raw_draw(v, key, &draw);
        if (*out >= v->at_least && *out <= v->at_most)
            return true;
    }
    return false;
}

static const choice *draw_choice(const varied *v, cw_rng_key key) {
    assert(v->choices);
    double at = cw_rng_uniform(key, 0);
    uint32_t i = 0;
    while (i + 1 < v->choice_count && at >= v->choices[i].weight)
        i++;
    return &v->choices[i];
}

// ---- the file --------------------------------------------------------------------------------------------------------

static bool read_count(reader *r, const cw_node *node) {
    double runs, seed = 0;
    if (!number_of(r, node, "numberOfTestRuns", &runs))
        return false;
    if (runs < 1 || runs != floor(runs))
        return refuse(r, node, "numberOfTestRuns", CW_ERR_INPUT, "the number of test runs must be whole and above 0");
    if (cw_node_value(node, "randomSeed") != NULL && !number_of(r, node, "randomSeed", &seed))
        return false;
    r->d->count = (uint64_t)runs;
    cw_rng_key key = {.purpose = PURPOSE};
    memcpy(&key.seed, &seed, sizeof seed);
    r->d->seed = cw_rng_u64(key, 0);
    return true;
}

static bool multiply(reader *r, const cw_node *node, uint32_t by) {
    if (r->d->count > (uint64_t)1e15 / by)
        return refuse(r, node, NULL, CW_ERR_LIMIT, "more than 1e15 combinations");
    r->d->count *= by;
    return true;
}

static bool read_all(reader *r, const cw_node *root) {
    cw_distribution *d = r->d;
    if (strcmp(root->name, "OpenSCENARIO") != 0)
        return refuse(r, root, NULL, CW_ERR_INPUT, "the root element is <%.60s>, not <OpenSCENARIO>", root->name);
    const cw_node *node = need(r, root, "ParameterValueDistribution"), *file = NULL;
    if (node == NULL || (file = need(r, node, "ScenarioFile")) == NULL || !text_of(r, file, "filepath", &d->scenario))
        return false;
    const cw_node *how = cw_node_child(node, "Deterministic");
    d->stochastic = how == NULL;
    if (how == NULL && (how = need(r, node, "Stochastic")) == NULL)
        return false;
    d->count = 1;
    if (d->stochastic && !read_count(r, how))
        return false;
    uint32_t count = children(how, NULL);
    if (count > MOST_VARIED)
        return refuse(r, how, NULL, CW_ERR_LIMIT, "more than %d distributions", MOST_VARIED);
    d->items = cw_arena_array(d->arena, count, sizeof *d->items);
    if (d->items == NULL)
        return no_memory(r);
    for (const cw_node *one = cw_node_child(how, NULL); one != NULL; one = cw_node_next(one, NULL)) {
        varied *v = &d->items[d->varied_count++];
        v->node = one;
        if (d->stochastic ? !read_stochastic(r, one, v)
                          : !read_deterministic(r, one, v) || !multiply(r, one, v->choice_count))
            return false;
    }
    return true;
}

cw_status cw_distribution_read(const char *bytes, size_t count, const char *path, cw_distribution **out,
                               cw_error *err) {
    cw_error local = {0};
    cw_arena *arena = cw_arena_new(0, (size_t)1 << 30);
    cw_distribution *d = arena != NULL ? cw_arena_alloc(arena, sizeof *d) : NULL;
    *out = NULL;
    if (d == NULL) {
        cw_arena_free(arena);
        return cw_error_set(err, CW_ERR_MEMORY, path, 0, 0, "out of memory");
    }
    *d = (cw_distribution){.arena = arena, .path = cw_arena_text(arena, path, strlen(path))};
    reader r = {d, &local};
    const cw_node *root;
    bool good = d->path != NULL || no_memory(&r);
    good = good && (count <= MOST_BYTES || refuse(&r, NULL, NULL, CW_ERR_LIMIT, "more than %d bytes", MOST_BYTES));
    good = good && cw_tree_read(bytes, count, path, arena, &root, &local) == CW_OK && read_all(&r, root);
    if (!good) {
        cw_arena_free(arena);
        if (err != NULL && err->code == CW_OK)
            *err = local;
        return local.code;
    }
    *out = d;
    return CW_OK;
}

void cw_distribution_free(cw_distribution *distribution) {
    if (distribution != NULL)
        cw_arena_free(distribution->arena);
}

const char *cw_distribution_scenario(const cw_distribution *distribution) {
    return distribution->scenario;
}

uint64_t cw_distribution_count(const cw_distribution *distribution) {
    return distribution->count;
}

bool cw_distribution_is_stochastic(const cw_distribution *distribution) {
    return distribution->stochastic;
}

static bool put_number(reader *r, const varied *v, double value, const char **out) {
    char text[40];
    cw_print_double(text, sizeof text, value, v->step > 0 ? 12 : 17); // a third step of 0.1 is 0.3
    *out = assignment(r, v->parameter, text);
    return *out != NULL;
}

cw_status cw_distribution_at(const cw_distribution *d, uint64_t index, cw_arena *arena, const char *const **set,
                             uint32_t *set_count, cw_error *err) {
    cw_distribution into = {.arena = arena, .path = d->path};
    reader r = {&into, err};
    uint32_t most = 0, used = 0;
    for (uint32_t i = 0; i < d->varied_count; i++) {
        uint32_t here = 1;
        for (uint32_t k = 0; d->items[i].choices != NULL && k < d->items[i].choice_count; k++)
            here = d->items[i].choices[k].assignment_count > here ? d->items[i].choices[k].assignment_count : here;
        most += here;
    }
    const char **list = cw_arena_array(arena, most, sizeof *list);
    if (list == NULL) {
        no_memory(&r);
        return CW_ERR_MEMORY;
    }
    uint64_t below = d->count; // the last one varies fastest
    for (uint32_t i = 0; i < d->varied_count; i++) {
        const varied *v = &d->items[i];
        cw_rng_key key = {.seed = d->seed, .agent = i, .purpose = PURPOSE, .step = index};
        const choice *c = NULL;
        double value = 0;
        if (d->stochastic) {
            if (v->law == LAW_SET || v->law == LAW_HISTOGRAM)
                c = draw_choice(v, key);
            else if (!draw_value(v, key, &value)) {
                refuse(&r, v->node, NULL, CW_ERR_INPUT, "the range leaves hardly any of this distribution");
                return CW_ERR_INPUT;
            }
            if (v->law == LAW_HISTOGRAM) {
                value = c->low + (c->high - c->low) * cw_rng_uniform(key, 1);
                c = NULL;
            }
        } else {
            assert(v->choice_count > 0);
            below /= v->choice_count;
            uint32_t k = (uint32_t)(index / below % v->choice_count);
            if (v->choices != NULL)
                c = &v->choices[k];
            else
                value = v->low + v->step * k;
        }
        if (c == NULL && !put_number(&r, v, value, &list[used++]))
            return CW_ERR_MEMORY;
        for (uint32_t k = 0; c != NULL && k < c->assignment_count; k++)
            list[used++] = c->set[k];
    }
    *set = list;
    *set_count = used;
    return CW_OK;
}
