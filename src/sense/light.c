// Sun, sky and exposure. The sky is light scattered once by air and haze, integrated along each direction (Nishita et al.,
// SIGGRAPH 1993), so that day, low sun and dusk come of one model; clouds lie before it, night has a glow of its own.
#include "light.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

// ---- air -------------------------------------------------------------------------------------------------------------

static const double DAYS = 365.24;

// The number after +lat_0= of a PROJ string.
static double latitude_of(const char *georeference) {
    const double otherwise = 48.0 * CW_PI / 180.0;
    const char *at = georeference != NULL ? strstr(georeference, "+lat_0=") : NULL;
    if (at == NULL)
        return otherwise;
    at += strlen("+lat_0=");
    size_t length = strcspn(at, " \t\r\n+");
    double degrees;
    return cw_parse_double(at, length, &degrees) && fabs(degrees) > 1e-6 && fabs(degrees) <= 90.0
               ? degrees * CW_PI / 180.0
               : otherwise;
}

static double day_of_year(const char *date) {
    static const int before[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
    int64_t month, day;
    if (date == NULL || strlen(date) < 10 || !cw_parse_int64(date + 5, 2, &month) ||
        !cw_parse_int64(date + 8, 2, &day) || month < 1 || month > 12 || day < 1 || day > 31)
        return 172.0; // midsummer
    return (double)(before[month - 1] + day);
}

// Sun by day of the year, clock (as mean solar time) and latitude: Cooper's declination, Solar Energy 12 (1969).
static void place_sun(const cw_environment *e, const char *georeference, cw_air *air) {
    double latitude = latitude_of(georeference), day = day_of_year(e->date_time);
    double declination = 23.45 * CW_PI / 180.0 * cw_sin(2.0 * CW_PI * (284.0 + day) / DAYS);
    double hour = (e->time_of_day / 3600.0 - 12.0) * CW_PI / 12.0, sl, cl, sd, cd, sh, ch;
    cw_sincos(latitude, &sl, &cl);
    cw_sincos(declination, &sd, &cd);
    cw_sincos(hour, &sh, &ch);
    double up = sl * sd + cl * cd * ch, east = -cd * sh, north = sd * cl - cd * sl * ch;
    air->sun_elevation = cw_asin(cw_clamp(up, -1.0, 1.0));
    air->sun_azimuth = cw_atan2(north, east);
}

cw_air cw_air_of(const cw_environment *e, const char *georeference) {
    cw_air air = {.sun_azimuth = -50.0 * CW_PI / 180.0, .sun_elevation = 42.0 * CW_PI / 180.0, .visibility = 30000.0};
    if (e->has_time)
        place_sun(e, georeference, &air);
    if (e->has_weather) {
        if (e->sun_intensity > 0.0) {                                      // the file states a sun
            air.sun_azimuth = cw_wrap_angle(CW_PI * 0.5 - e->sun_azimuth); // from north, clockwise
            air.sun_elevation = cw_clamp(e->sun_elevation, -CW_PI * 0.5, CW_PI * 0.5);
        }
        air.cloud = cw_clamp(e->cloud, 0.0, 1.0);
        air.visibility = cw_clamp(e->visibility, 5.0, 30000.0);
        air.rain = e->precipitation == 1 ? cw_clamp(e->precipitation_mmph, 0.0, 100.0) : 0.0;
        air.snow = e->precipitation == 2 ? cw_clamp(e->precipitation_mmph, 0.0, 20.0) : 0.0;
    }
    // The look of the ground is that of the friction that the tyres feel.
    double scale = e->has_friction ? cw_clamp(e->friction_scale, 0.0, 1.0) : 1.0;
    bool frozen = e->precipitation == 2 || (e->has_weather && e->temperature > 0.0 && e->temperature < 273.5);
    if (frozen) {
        air.cover = air.snow > 0.0 ? cw_clamp((1.0 - scale) * 1.6, 0.3, 1.0) : 0.0;
        air.ice = scale < 0.25 ? 1.0 : 0.0;
    } else if (e->wet || air.rain > 0.0) {
        air.water = cw_clamp(0.2 + 4.0 * (1.0 - scale) + 0.04 * air.rain, 0.2, 4.0);
    }
    return air;
}

// ---- the clear sky ---------------------------------------------------------------------------------------------------

enum { COARSE = 33, VIEW_STEPS = 14, SUN_STEPS = 6 };

static const double EARTH = 6360e3, TOP = 6420e3, AIR_HEIGHT = 7994.0, HAZE_HEIGHT = 1200.0, HAZE = 12e-6;
static const double rayleigh[3] = {5.8e-6, 13.5e-6, 33.1e-6};
static const double SUN = 8.0;  // of a white wall in full sun above the air, times pi
static const double MANY = 1.7; // single scattering leaves light out

typedef struct sky_part { // light on its way to the eye, before the phase functions
    double air[3], haze[3];
} sky_part;

// Distance from (0, 0, radius) along a direction with this vertical part to the sphere.
static double to_sphere(double radius, double vertical, double sphere) {
    double b = radius * vertical;
    return -b + sqrt(cw_max(b * b - radius * radius + sphere * sphere, 0.0));
}

// Optical depth towards the sun from a height; false: the earth is in between.
static bool sun_depth(double radius, double vertical, double *air, double *haze) {
    if (vertical < 0.0 && radius * sqrt(1.0 - vertical * vertical) < EARTH)
        return false;
    double step = to_sphere(radius, vertical, TOP) / SUN_STEPS;
    *air = *haze = 0.0;
    for (int i = 0; i < SUN_STEPS; i++) {
        double t = (i + 0.5) * step, height = sqrt(radius * radius + t * t + 2.0 * radius * t * vertical) - EARTH;
        *air += step * cw_exp(-height / AIR_HEIGHT);
        *haze += step * cw_exp(-height / HAZE_HEIGHT);
    }
    return true;
}

static void scatter(const double d[3], const double sun[3], sky_part *out) {
    *out = (sky_part){{0}, {0}};
    double radius = EARTH + 2.0, length = to_sphere(radius, d[2], TOP), air = 0.0, haze = 0.0, before = 0.0;
    for (int i = 0; i < VIEW_STEPS; i++) {
        // Steps grow with the distance: most of the light comes from near.
        double f = (i + 1.0) / VIEW_STEPS, end = length * f * f, step = end - before, t = 0.5 * (end + before);
        before = end;
        double p[3] = {t * d[0], t * d[1], radius + t * d[2]};
        double r = sqrt(p[0] * p[0] + p[1] * p[1] + p[2] * p[2]), height = r - EARTH;
        double da = step * cw_exp(-height / AIR_HEIGHT), dh = step * cw_exp(-height / HAZE_HEIGHT), sa, sh;
        air += 0.5 * da;
        haze += 0.5 * dh;
        double vertical = (p[0] * sun[0] + p[1] * sun[1] + p[2] * sun[2]) / r;
        if (sun_depth(r, vertical, &sa, &sh))
            for (int k = 0; k < 3; k++) {
                double through = cw_exp(-(rayleigh[k] * (air + sa) + 1.1 * HAZE * (haze + sh)));
                out->air[k] += rayleigh[k] * da * through;
                out->haze[k] += HAZE * dh * through;
            }
        air += 0.5 * da;
        haze += 0.5 * dh;
    }
}

static void unplace(double u, double v, double d[3]) {
    double a = 2.0 * u - 1.0, b = 2.0 * v - 1.0, x = 0.5 * (a + b), y = 0.5 * (a - b), z = 1.0 - fabs(x) - fabs(y);
    z = cw_max(z, 0.0);
    double scale = 1.0 / sqrt(x * x + y * y + z * z);
    d[0] = x * scale;
    d[1] = y * scale;
    d[2] = z * scale;
}

// Between the corners of the triangle of the grid that holds the place. The height of a direction bends where it crosses an axis
// of the map, along the diagonals of the table: there the cells are cut, so that no seam stands in the sky.
static sky_part between(const sky_part *grid, double u, double v) {
    double x = cw_clamp(u * (COARSE - 1), 0.0, COARSE - 1.000001),
           y = cw_clamp(v * (COARSE - 1), 0.0, COARSE - 1.000001);
    int i = (int)x, k = (int)y;
    double fx = x - i, fy = y - k, w[4]; // of the corners: this one, the next in u, the next in v, the one opposite
    if ((u - 0.5) * (v - 0.5) > 0.0) {
        w[0] = 1.0 - cw_max(fx, fy);
        w[1] = cw_max(fx - fy, 0.0);
        w[2] = cw_max(fy - fx, 0.0);
        w[3] = cw_min(fx, fy);
    } else {
        double beyond = cw_max(fx + fy - 1.0, 0.0);
        w[0] = cw_max(1.0 - fx - fy, 0.0);
        w[1] = fx - beyond;
        w[2] = fy - beyond;
        w[3] = beyond;
    }
    const sky_part *at = grid + k * COARSE + i;
    sky_part out;
    for (int c = 0; c < 3; c++) {
        out.air[c] =
            w[0] * at[0].air[c] + w[1] * at[1].air[c] + w[2] * at[COARSE].air[c] + w[3] * at[COARSE + 1].air[c];
        out.haze[c] =
            w[0] * at[0].haze[c] + w[1] * at[1].haze[c] + w[2] * at[COARSE].haze[c] + w[3] * at[COARSE + 1].haze[c];
    }
    return out;
}

// ---- clouds ----------------------------------------------------------------------------------------------------------

static double lattice(int64_t x, int64_t y) {
    return cw_rng_uniform((cw_rng_key){.seed = 7, .world = (uint32_t)x, .agent = (uint32_t)y, .purpose = 0xC10D}, 0);
}

static double value_noise(double x, double y) {
    double fx = x - floor(x), fy = y - floor(y);
    int64_t i = (int64_t)floor(x), k = (int64_t)floor(y);
    fx = fx * fx * (3.0 - 2.0 * fx);
    fy = fy * fy * (3.0 - 2.0 * fy);
    return cw_lerp(cw_lerp(lattice(i, k), lattice(i + 1, k), fx), cw_lerp(lattice(i, k + 1), lattice(i + 1, k + 1), fx),
                   fy);
}

// How much of the sky behind is hidden there, 0..1.
static double cloud_at(const double d[3], double cover) {
    if (cover <= 0.0)
        return 0.0;
    double reach = 1.0 / (d[2] + 0.12), x = d[0] * reach * 1.6, y = d[1] * reach * 1.6, sum = 0.0, weight = 0.5;
    for (int i = 0; i < 4; i++, weight *= 0.5, x = x * 2.03 + 11.3, y = y * 2.03 + 5.7)
        sum += weight * value_noise(x, y);
    double edge = 0.95 - 0.95 * cover;
    return cw_clamp((sum / 0.9375 - edge) / 0.22, 0.0, 1.0);
}

// ---- all together ----------------------------------------------------------------------------------------------------

static const double night_sky[3] = {0.0016, 0.0020, 0.0034}, night_glow[3] = {0.0060, 0.0048, 0.0034};

static double luminance(const float c[3]) {
    return 0.2126 * (double)c[0] + 0.7152 * (double)c[1] + 0.0722 * (double)c[2];
}

static void light_of_sun(cw_light_field *field, const double sun[3]) {
    double air, haze;
    field->sun_shines = false;
    memset(field->sun, 0, sizeof field->sun);
    for (int k = 0; k < 3; k++)
        field->sun_direction[k] = (float)sun[k];
    if (!sun_depth(EARTH + 2.0, sun[2], &air, &haze))
        return;
    double clear = cw_clamp(1.0 - 1.15 * field->air.cloud, 0.0, 1.0);
    // Fog takes the sun's edge away.
    double fog = cw_clamp((field->air.visibility - 200.0) / 2000.0, 0.0, 1.0);
    double rim = cw_clamp(sun[2] / 0.01, 0.0, 1.0);
    for (int k = 0; k < 3; k++)
        field->sun[k] = (float)(SUN / CW_PI * clear * fog * rim * cw_exp(-(rayleigh[k] * air + 1.1 * HAZE * haze)));
    field->sun_shines = luminance(field->sun) > 0.004;
}

static void gather(cw_light_field *field) {
    double up[3] = {0}, horizon[3] = {0}, weights = 0.0, rim = 0.0;
    for (int v = 0; v < SKY_SIDE; v += 4)
        for (int u = 0; u < SKY_SIDE; u += 4) {
            double d[3];
            unplace((u + 2.0) / SKY_SIDE, (v + 2.0) / SKY_SIDE, d);
            const float *c = field->sky[v * SKY_SIDE + u];
            // A cell's solid angle on an octahedron: by the cube of the sum of its coordinates.
            double sum = fabs(d[0]) + fabs(d[1]) + d[2], angle = sum * sum * sum,
                   far_off = cw_max(0.0, 1.0 - d[2] * 8.0);
            for (int k = 0; k < 3; k++) {
                up[k] += cw_min((double)c[k], 8.0) * angle * d[2];
                horizon[k] += cw_min((double)c[k], 3.0) * angle * far_off;
            }
            weights += angle * d[2];
            rim += angle * far_off;
        }
    double height = cw_max((double)field->sun_direction[2], 0.0);
    for (int k = 0; k < 3; k++) {
        static const double ground[3] = {0.20, 0.19, 0.16};
        double bounce = cw_lerp(ground[k], 0.75, field->air.cover);
        field->up[k] = (float)(up[k] / weights);
        field->down[k] = (float)(bounce * ((double)field->up[k] + (double)field->sun[k] * height));
        field->horizon[k] = (float)(horizon[k] / rim);
    }
}

// From linear light, times exposure, to a level: a filmic curve (Narkowicz, "ACES filmic tone mapping curve", 2015), or a
// plain one with a soft shoulder; then the sRGB transfer function.
static void tone_curve(uint8_t *tone, bool filmic) {
    for (int i = 0; i < TONE_STEPS; i++) {
        double root = 4.0 * i / (TONE_STEPS - 1.0), x = root * root;
        double y = filmic ? x * (2.51 * x + 0.03) / (x * (2.43 * x + 0.59) + 0.14) : 1.0 - cw_exp(-1.15 * x);
        y = cw_clamp(y, 0.0, 1.0);
        y = y <= 0.0031308 ? 12.92 * y : 1.055 * cw_pow(y, 1.0 / 2.4) - 0.055;
        tone[i] = (uint8_t)floor(cw_clamp(y, 0.0, 1.0) * 255.0 + 0.5);
    }
}

bool cw_light_bake(cw_light_field *field, const cw_air *air, bool filmic) {
    enum { CELLS = SKY_SIDE * SKY_SIDE };
    if (field->sky == NULL)
        field->sky = aligned_alloc(64, CELLS * sizeof *field->sky);
    if (field->tone == NULL)
        field->tone = calloc(TONE_STEPS + 4, 1); // gathered by four bytes
    sky_part *grid = malloc(COARSE * COARSE * sizeof *grid);
    if (field->sky == NULL || field->tone == NULL || grid == NULL) {
        free(grid);
        return false;
    }
    field->air = *air;
    double se, ce, sa, ca;
    cw_sincos(air->sun_elevation, &se, &ce);
    cw_sincos(air->sun_azimuth, &sa, &ca);
    const double sun[3] = {ce * ca, ce * sa, se};
    for (int v = 0; v < COARSE; v++)
        for (int u = 0; u < COARSE; u++) {
            double d[3];
            unplace((double)u / (COARSE - 1), (double)v / (COARSE - 1), d);
            scatter(d, sun, &grid[v * COARSE + u]);
        }
    light_of_sun(field, sun);
    // A veil of cloud, fog or falling water takes the colour away and keeps the light.
    double fog = cw_clamp((3000.0 - air->visibility) / 2900.0, 0.0, 1.0);
    double mean[3] = {0};
    for (int pass = 0; pass < 2; pass++)
        for (int i = 0; i < CELLS; i++) {
            // NOLINTNEXTLINE(bugprone-integer-division)
            double d[3], u = (i % SKY_SIDE + 0.5) / SKY_SIDE, v = (i / SKY_SIDE + 0.5) / SKY_SIDE;
            if (pass == 0 && (i % 7 != 0))
                continue;
            unplace(u, v, d);
            sky_part part = between(grid, u, v);
            double c = d[0] * sun[0] + d[1] * sun[1] + d[2] * sun[2], g = 0.76;
            double air_phase = 3.0 / (16.0 * CW_PI) * (1.0 + c * c), q = 1.0 + g * g - 2.0 * g * c;
            double haze_phase = 3.0 / (8.0 * CW_PI) * (1.0 - g * g) * (1.0 + c * c) / ((2.0 + g * g) * q * sqrt(q));
            double color[3], low = cw_max(0.0, 1.0 - d[2]), hidden = cloud_at(d, air->cloud);
            for (int k = 0; k < 3; k++)
                color[k] = SUN * MANY * (part.air[k] * air_phase + part.haze[k] * haze_phase) + night_sky[k] +
                           night_glow[k] * low * low * low;
            if (pass == 0) {
                for (int k = 0; k < 3; k++)
                    mean[k] += color[k] * 7.0 / CELLS;
                continue;
            }
            double grey = 0.33 * (mean[0] + mean[1] + mean[2]), lit = 0.55 + 0.45 * d[2];
            for (int k = 0; k < 3; k++) {
                double veil = cw_lerp(mean[k], grey, 0.75) * (1.15 - 0.25 * air->cloud);
                double cloud =
                    veil * lit + (double)field->sun[k] * (0.20 + 0.25 * cw_max(c, 0.0)) + night_glow[k] * 0.6;
                color[k] = cw_lerp(color[k], cloud, hidden);
                color[k] = cw_lerp(color[k], veil + 0.10 * (double)field->sun[k], fog);
                if (c > 0.9996 && field->sun_shines && hidden < 0.5)
                    color[k] += 12.0 * (double)field->sun[k];
                field->sky[i][k] = (float)color[k];
            }
            field->sky[i][3] = 0.0F;
        }
    free(grid);
    gather(field);
    field->extinction = (float)(3.912 / air->visibility); // Koschmieder: contrast 2 % there
    double falling = air->rain + 4.0 * air->snow;
    field->extinction += (float)(0.00012 * falling);
    double height = cw_max(sun[2], 0.0);
    double seen = luminance(field->up) + luminance(field->sun) * height;
    field->night = seen < 0.12 || air->visibility < 400.0;
    // An eye that adapts, not wholly: dusk stays darker than day, night than dusk.
    seen = cw_max(seen, 0.045);
    field->exposure = (float)(0.95 * cw_pow(seen, -0.86));
    field->lamps_shine = (float)cw_min(2.0, 0.7 / (double)field->exposure);
    tone_curve(field->tone, filmic);
    return true;
}

void cw_light_free(cw_light_field *field) {
    free(field->sky);
    free(field->tone);
    field->sky = NULL;
    field->tone = NULL;
}
