// The transverse Mercator projection by Krueger's series to the fourth order of n: exact to less than a millimetre within
// the zones that maps of roads use. (C. F. F. Karney, Transverse Mercator with an accuracy of a few nanometers, 2011.)
#include "georeference.h"

#include "causeway/base.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

// The value of +name=..., or NULL; +name alone gives "".
static const char *value_of(const char *text, const char *name) {
    size_t length = strlen(name);
    for (const char *at = strchr(text, '+'); at != NULL; at = strchr(at + 1, '+')) {
        if (at != text && strchr(" \t\r\n", at[-1]) == NULL)
            continue; // the sign of a number
        if (strncmp(at + 1, name, length) != 0)
            continue;
        const char *end = at + 1 + length;
        if (*end == '=')
            return end + 1;
        if (*end == '\0' || strchr(" \t\r\n", *end) != NULL)
            return end;
    }
    return NULL;
}

static bool number_of(const char *text, const char *name, double other, double *out) {
    const char *value = value_of(text, name);
    *out = other;
    if (value == NULL)
        return true;
    return cw_parse_double(value, strcspn(value, " \t\r\n"), out) && fabs(*out) < 1e9;
}

static bool is_word(const char *value, const char *word) {
    size_t length = strcspn(value, " \t\r\n");
    return strlen(word) == length && strncmp(value, word, length) == 0;
}

// Semi-major axis in m and flattening.
static bool read_ellipsoid(const char *text, double *a, double *f) {
    static const struct {
        const char *name;
        double a, inverse; // inverse flattening
    } known[] = {{"WGS84", 6378137, 298.257223563},
                 {"GRS80", 6378137, 298.257222101},
                 {"bessel", 6377397.155, 299.1528128},
                 {"intl", 6378388, 297},
                 {"krass", 6378245, 298.3},
                 {"airy", 6377563.396, 299.3249646},
                 {"clrk66", 6378206.4, 294.978698214}};
    const char *name = value_of(text, "ellps");
    double b, inverse, sphere;
    *a = known[0].a;
    *f = 1 / known[0].inverse;
    for (size_t i = 0; name != NULL && i < sizeof known / sizeof *known; i++)
        if (is_word(name, known[i].name)) {
            *a = known[i].a;
            *f = 1 / known[i].inverse;
        }
    if (!number_of(text, "a", *a, a) || !number_of(text, "R", 0, &sphere) || !number_of(text, "b", NAN, &b) ||
        !number_of(text, "rf", NAN, &inverse) || !number_of(text, "f", *f, f))
        return false;
    if (sphere > 0) {
        *a = sphere;
        *f = 0;
    } else if (b > 0) {
        *f = 1 - b / *a;
    } else if (inverse > 0) {
        *f = 1 / inverse;
    }
    return *a > 1 && *f >= 0 && *f < 0.1;
}

static double sinh_of(double x) {
    return 0.5 * (cw_exp(x) - cw_exp(-x));
}

static double atanh_of(double x) {
    return 0.5 * cw_log((1 + x) / (1 - x));
}

// Northing and easting of the unit-scaled projection, m; `longitude` from the central meridian.
static void krueger(double a, double f, double latitude, double longitude, double *east, double *north) {
    double n = f / (2 - f), n2 = n * n, n3 = n2 * n, n4 = n3 * n;
    double radius = a / (1 + n) * (1 + n2 / 4 + n4 / 64), e = 2 * sqrt(n) / (1 + n);
    const double alpha[4] = {n / 2 - 2 * n2 / 3 + 5 * n3 / 16 + 41 * n4 / 180,
                             13 * n2 / 48 - 3 * n3 / 5 + 557 * n4 / 1440, 61 * n3 / 240 - 103 * n4 / 140,
                             49561 * n4 / 161280};
    double sine = cw_clamp(cw_sin(latitude), -1 + 1e-15, 1 - 1e-15);
    double t = sinh_of(atanh_of(sine) - e * atanh_of(e * sine));
    double xi = cw_atan2(t, cw_cos(longitude)), eta = atanh_of(cw_sin(longitude) / sqrt(1 + t * t));
    double x = eta, y = xi;
    for (int j = 1; j <= 4; j++) {
        double grow = cw_exp(2 * j * eta), cosh_of = 0.5 * (grow + 1 / grow);
        x += alpha[j - 1] * cw_cos(2 * j * xi) * sinh_of(2 * j * eta);
        y += alpha[j - 1] * cw_sin(2 * j * xi) * cosh_of;
    }
    *east = radius * x;
    *north = radius * y;
}

bool cw_georeference_project(const char *text, double latitude, double longitude, double *x, double *y) {
    static const double degree = CW_PI / 180;
    double a, f, latitude0, longitude0, scale, east0, north0, zone;
    const char *kind = value_of(text, "proj");
    if (kind == NULL || !read_ellipsoid(text, &a, &f))
        return false;
    if (is_word(kind, "utm")) {
        if (!number_of(text, "zone", NAN, &zone) || !(zone >= 1 && zone <= 60))
            return false;
        latitude0 = 0;
        longitude0 = 6 * zone - 183;
        scale = 0.9996;
        east0 = 500000;
        north0 = value_of(text, "south") != NULL ? 10000000 : 0;
    } else if (!is_word(kind, "tmerc") || !number_of(text, "lat_0", 0, &latitude0) ||
               !number_of(text, "lon_0", 0, &longitude0) || !number_of(text, "k", 1, &scale) ||
               !number_of(text, "k_0", scale, &scale) || !number_of(text, "x_0", 0, &east0) ||
               !number_of(text, "y_0", 0, &north0)) {
        return false;
    }
    double east, north, foot_east, foot_north, away = cw_wrap_angle(longitude - longitude0 * degree);
    if (!(fabs(latitude) <= CW_PI / 2) || !(fabs(away) < 1.2))
        return false; // far outside of what the series is good for
    krueger(a, f, latitude, away, &east, &north);
    krueger(a, f, latitude0 * degree, 0, &foot_east, &foot_north);
    *x = east0 + scale * (east - foot_east);
    *y = north0 + scale * (north - foot_north);
    return isfinite(*x) && isfinite(*y);
}
