// One line of the benchmarks: name, value, unit, asked, met or missed, conditions, separated by tabs.
#ifndef CW_BENCH_FIGURE_H
#define CW_BENCH_FIGURE_H

#include <stdbool.h>

enum { AT_MOST, AT_LEAST, TOLD }; // TOLD: printed, nothing asked

// True when a figure of this name is wanted: the program's first argument is a pattern that the name must contain.
bool figure_wanted(int argc, char **argv, const char *name);
void figure(const char *name, double value, const char *unit, int sense, double asked, const char *conditions, ...)
    __attribute__((format(printf, 6, 7)));
double median(double *values, int count); // sorts
const char *test_data(void);              // CAUSEWAY_TEST_DATA or NULL

#endif
