// Parameter distributions: products in order, and laws whose draws have the moments that the file asks for.
#include "causeway/format.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define FILE_OF(content)                                                                                               \
    "<OpenSCENARIO><FileHeader revMajor='1' revMinor='2'/>\n<ParameterValueDistribution>"                              \
    "<ScenarioFile filepath='s.xosc'/>\n" content "</ParameterValueDistribution></OpenSCENARIO>"
#define SINGLE(name, content)                                                                                          \
    "<DeterministicSingleParameterDistribution parameterName='" name "'>" content                                      \
    "</DeterministicSingleParameterDistribution>"
#define STEPS(low, high, width)                                                                                        \
    "<DistributionRange stepWidth='" width "'><Range lowerLimit='" low "' upperLimit='" high "'/></DistributionRange>"
#define LAW(name, content) "<StochasticDistribution parameterName='" name "'>" content "</StochasticDistribution>"
#define RUNS(content) FILE_OF("<Stochastic numberOfTestRuns='20000' randomSeed='7'>" content "</Stochastic>")

static cw_distribution *must_read(const char *text) {
    cw_distribution *d;
    cw_error err = {0};
    if (cw_distribution_read(text, strlen(text), "d.xosc", &d, &err) != CW_OK)
        fail_msg("%d:%d: %s", err.line, err.column, err.text);
    return d;
}

// The assignments of one variation, joined by blanks; static storage.
static const char *at(const cw_distribution *d, uint64_t index) {
    static char text[512];
    cw_arena *arena = cw_arena_new(0, 0);
    const char *const *set;
    uint32_t count;
    cw_error err = {0};
    if (cw_distribution_at(d, index, arena, &set, &count, &err) != CW_OK)
        fail_msg("%s", err.text);
    text[0] = '\0';
    for (uint32_t i = 0; i < count; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s", i > 0 ? " " : "", set[i]);
    cw_arena_free(arena);
    return text;
}

static double number_at(const cw_distribution *d, uint64_t index) {
    const char *text = strchr(at(d, index), '=') + 1;
    double value;
    assert_true(cw_parse_double(text, strlen(text), &value));
    return value;
}

static void products_go_in_order(void **state) {
    (void)state;
    cw_distribution *d = must_read(FILE_OF(
        "<Deterministic>" SINGLE("A", "<DistributionSet><Element value='x'/><Element value='y'/></DistributionSet>")
            SINGLE("B",
                   STEPS("0.1", "0.5", "0.1")) "<DeterministicMultiParameterDistribution><ValueSetDistribution>"
                                               "<ParameterValueSet><ParameterAssignment parameterRef='C' value='1'/>"
                                               "<ParameterAssignment parameterRef='$D' value='${2*$B}'/>"
                                               "</ParameterValueSet><ParameterValueSet>"
                                               "<ParameterAssignment parameterRef='C' value='2'/></ParameterValueSet>"
                                               "</ValueSetDistribution></DeterministicMultiParameterDistribution>"
                                               "</Deterministic>"));
    assert_string_equal(cw_distribution_scenario(d), "s.xosc");
    assert_false(cw_distribution_is_stochastic(d));
    assert_int_equal(cw_distribution_count(d), 2 * 5 * 2);
    assert_string_equal(at(d, 0), "A=x B=0.1 C=1 D=${2*$B}");
    assert_string_equal(at(d, 1), "A=x B=0.1 C=2");
    assert_string_equal(at(d, 4), "A=x B=0.3 C=1 D=${2*$B}"); // as the file means it, not 0.30000000000000004
    assert_string_equal(at(d, 19), "A=y B=0.5 C=2");
    cw_distribution_free(d);
}

// Mean and variance of 20,000 draws against the law's, within five standard errors of the mean and 8% of the variance.
static void check_moments(const char *text, double mean, double variance, double low, double high) {
    cw_distribution *d = must_read(text);
    assert_true(cw_distribution_is_stochastic(d));
    uint64_t n = cw_distribution_count(d);
    assert_int_equal(n, 20000);
    double sum = 0, square = 0;
    for (uint64_t i = 0; i < n; i++) {
        double x = number_at(d, i);
        assert_true(x >= low && x <= high);
        sum += x;
        square += (x - mean) * (x - mean);
    }
    double found = sum / (double)n, spread = square / (double)n;
    if (fabs(found - mean) > 5 * sqrt(variance / (double)n) || fabs(spread - variance) > 0.08 * variance)
        fail_msg("mean %g of %g, variance %g of %g", found, mean, spread, variance);
    cw_distribution_free(d);
}

static void laws_have_their_moments(void **state) {
    (void)state;
    check_moments(RUNS(LAW("A", "<NormalDistribution expectedValue='20' variance='9'/>")), 20, 9, -INFINITY, INFINITY);
    check_moments(RUNS(LAW("A", "<UniformDistribution><Range lowerLimit='-2' upperLimit='4'/></UniformDistribution>")),
                  1, 3, -2, 4);
    check_moments(RUNS(LAW("A", "<LogNormalDistribution expectedValue='5' variance='4'/>")), 5, 4, 0, INFINITY);
    check_moments(RUNS(LAW("A", "<PoissonDistribution expectedValue='3.5'/>")), 3.5, 3.5, 0, INFINITY);
    check_moments(RUNS(LAW("A", "<PoissonDistribution expectedValue='1200'/>")), 1200, 1200, 0, INFINITY);
    // A normal cut at one standard deviation on both sides: variance 1 - 2 phi(1) / (2 Phi(1) - 1) = 0.29112.
    check_moments(RUNS(LAW("A", "<NormalDistribution expectedValue='0' variance='1'><Range lowerLimit='-1' "
                                "upperLimit='1'/></NormalDistribution>")),
                  0, 0.29112, -1, 1);
    // Two bins of equal width, weighed 1 to 3: mean 1.25, variance 1/12 + 0.75 * 0.25.
    check_moments(RUNS(LAW("A", "<Histogram><Bin weight='1'><Range lowerLimit='0' upperLimit='1'/></Bin>"
                                "<Bin weight='3'><Range lowerLimit='1' upperLimit='2'/></Bin></Histogram>")),
                  1.25, 1.0 / 12 + 0.1875, 0, 2);
    check_moments(RUNS(LAW("A", "<ProbabilityDistributionSet><Element value='0' weight='3'/>"
                                "<Element value='10' weight='1'/></ProbabilityDistributionSet>")),
                  2.5, 18.75, 0, 10);
}

static void a_run_is_a_function_of_seed_and_number(void **state) {
    (void)state;
    char first[512];
    const char *text = RUNS(LAW("A", "<NormalDistribution expectedValue='0' variance='1'/>")
                                LAW("B", "<NormalDistribution expectedValue='0' variance='1'/>"));
    cw_distribution *d = must_read(text), *again = must_read(text);
    snprintf(first, sizeof first, "%s", at(d, 12345));
    assert_string_equal(first, at(again, 12345));
    assert_string_not_equal(first, at(again, 12346));
    assert_int_not_equal(atoll(strchr(first, '.') + 1), atoll(strrchr(first, '.') + 1)); // A and B are drawn apart
    cw_distribution_free(d);
    cw_distribution_free(again);
}

static void bad_files_are_refused_with_their_place(void **state) {
    (void)state;
    static const struct {
        const char *text, *said;
        cw_status code;
        int line;
    } rows[] = {
        {"", "empty", CW_ERR_INPUT, 0},
        {"<OpenSCENARIO/>", "ParameterValueDistribution", CW_ERR_INPUT, 1},
        {FILE_OF(""), "Stochastic", CW_ERR_INPUT, 2},
        {FILE_OF("<Deterministic>" SINGLE("A", STEPS("0", "1", "0")) "</Deterministic>"), "above 0", CW_ERR_INPUT, 3},
        {FILE_OF("<Deterministic>" SINGLE("A", STEPS("0", "1e9", "1e-3")) "</Deterministic>"), "more than",
         CW_ERR_LIMIT, 3},
        {FILE_OF("<Deterministic>" SINGLE("A", STEPS("1", "0", "1")) "</Deterministic>"), "before it begins",
         CW_ERR_INPUT, 3},
        {FILE_OF("<Deterministic>" SINGLE("A", STEPS("NaN", "0", "1")) "</Deterministic>"), "a number", CW_ERR_INPUT,
         3},
        {FILE_OF("<Deterministic>" SINGLE("A", "<DistributionSet/>") "</Deterministic>"), "empty", CW_ERR_INPUT, 3},
        {FILE_OF("<Deterministic>" SINGLE("A", STEPS("1", "1e6", "1")) SINGLE("B", STEPS("1", "1e6", "1"))
                     SINGLE("C", STEPS("1", "1e6", "1")) "</Deterministic>"),
         "combinations", CW_ERR_LIMIT, 3},
        {FILE_OF("<Deterministic>" SINGLE("A", "<UserDefinedDistribution type='x'/>") "</Deterministic>"),
         "user-defined", CW_ERR_UNSUPPORTED, 3},
        {FILE_OF("<Stochastic numberOfTestRuns='0'/>"), "above 0", CW_ERR_INPUT, 3},
        {RUNS(LAW("A", "<NormalDistribution expectedValue='1' variance='-1'/>")), "negative", CW_ERR_INPUT, 3},
        {RUNS(LAW("A", "<PoissonDistribution expectedValue='1e300'/>")), "number", CW_ERR_INPUT, 3},
        {RUNS(LAW("A", "<Histogram><Bin weight='0'><Range lowerLimit='0' upperLimit='1'/></Bin></Histogram>")),
         "more than 0", CW_ERR_INPUT, 3},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        cw_distribution *d = NULL;
        cw_error err = {0};
        cw_status status = cw_distribution_read(rows[i].text, strlen(rows[i].text), "d.xosc", &d, &err);
        if (status != rows[i].code || d != NULL || (rows[i].line > 0 && err.line != rows[i].line) ||
            (rows[i].line > 0 && strstr(err.text, rows[i].said) == NULL))
            fail_msg("row %zu: status %d, %s:%d:%d: %s", i, (int)status, err.path, err.line, err.column, err.text);
    }
    // A range that its law hardly ever meets: said when it is drawn, not for ever looked for.
    cw_distribution *d = must_read(RUNS(LAW("A", "<NormalDistribution expectedValue='0' variance='1'><Range "
                                                 "lowerLimit='100' upperLimit='101'/></NormalDistribution>")));
    cw_arena *arena = cw_arena_new(0, 0);
    const char *const *set;
    uint32_t count;
    cw_error err = {0};
    assert_int_equal(cw_distribution_at(d, 0, arena, &set, &count, &err), CW_ERR_INPUT);
    assert_int_equal(err.line, 3);
    cw_arena_free(arena);
    cw_distribution_free(d);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(products_go_in_order),
        cmocka_unit_test(laws_have_their_moments),
        cmocka_unit_test(a_run_is_a_function_of_seed_and_number),
        cmocka_unit_test(bad_files_are_refused_with_their_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
