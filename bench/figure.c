#include "figure.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool figure_wanted(int argc, char **argv, const char *name) {
    return argc < 2 || !argv[1][0] || strstr(name, argv[1]) != NULL;
}

void figure(const char *name, double value, const char *unit, int sense, double asked, const char *conditions, ...) {
    char text[512], demand[64] = "-";
    va_list args;
    va_start(args, conditions);
    vsnprintf(text, sizeof text, conditions, args);
    va_end(args);
    bool met = sense == AT_MOST ? value <= asked : value >= asked;
    if (sense != TOLD)
        snprintf(demand, sizeof demand, "%s %g", sense == AT_MOST ? "at most" : "at least", asked);
    printf("%s\t%.4g\t%s\t%s\t%s\t%s\n", name, value, unit, demand, sense == TOLD ? "-" : met ? "met" : "missed", text);
    fflush(stdout);
}

static int compare(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

double median(double *values, int count) {
    if (count == 0)
        return NAN;
    qsort(values, (size_t)count, sizeof *values, compare);
    return values[count / 2];
}

const char *test_data(void) {
    const char *folder = getenv("CAUSEWAY_TEST_DATA");
    return folder && *folder ? folder : NULL;
}
