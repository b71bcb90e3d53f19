// Lenses: pinhole and fisheye, with distortion, and their inverses.
#include "causeway/lens.h"

#include <assert.h>
#include <math.h>

static const double WIDEST = 1.5; // rad from the axis up to which a pinhole is asked for: tan = 14

cw_lens cw_lens_of_view(cw_lens_kind kind, int width, int height, double view) {
    assert(width > 0 && height > 0 && view > 0.0 && view < (kind == CW_LENS_PINHOLE ? CW_PI : 2.0 * CW_PI + 1e-9));
    double half = 0.5 * view, focal = 0.5 * width / (kind == CW_LENS_PINHOLE ? cw_tan(half) : half);
    cw_lens lens = {(uint8_t)kind, width, height, focal, focal, 0.5 * width, 0.5 * height, {0}, {0}, 0.0};
    cw_lens_finish(&lens, NULL);
    return lens;
}

cw_lens cw_lens_resized(const cw_lens *lens, int width, int height) {
    cw_lens out = *lens;
    double across = (double)width / lens->width, down = (double)height / lens->height;
    out.width = width;
    out.height = height;
    out.fx *= across;
    out.cx *= across;
    out.fy *= down;
    out.cy *= down;
    return out;
}

// ---- the radial part -------------------------------------------------------------------------------------------------

static double radial(const cw_lens *lens, double r) {
    double q = r * r, high = lens->kind == CW_LENS_FISHEYE ? lens->k[3] : 0.0;
    return r * (1.0 + q * (lens->k[0] + q * (lens->k[1] + q * (lens->k[2] + q * high))));
}

static double slope(const cw_lens *lens, double r) {
    double q = r * r, high = lens->kind == CW_LENS_FISHEYE ? lens->k[3] : 0.0;
    return 1.0 + q * (3.0 * lens->k[0] + q * (5.0 * lens->k[1] + q * (7.0 * lens->k[2] + q * 9.0 * high)));
}

// The r within reach whose radial() is `distance`; false where there is none. Bisection: the function rises up to there.
static bool undo_radial(const cw_lens *lens, double distance, double *r) {
    double low = 0.0, high = lens->reach;
    if (distance > radial(lens, high))
        return false;
    for (int i = 0; i < 60 && high - low > 1e-15 * high; i++) {
        double middle = 0.5 * (low + high);
        if (radial(lens, middle) < distance)
            low = middle;
        else
            high = middle;
    }
    *r = 0.5 * (low + high);
    return true;
}

static void distort(const cw_lens *lens, double a, double b, double *u, double *v) {
    double q = a * a + b * b, scale = 1.0 + q * (lens->k[0] + q * (lens->k[1] + q * lens->k[2]));
    *u = a * scale + 2.0 * lens->p[0] * a * b + lens->p[1] * (q + 2.0 * a * a);
    *v = b * scale + lens->p[0] * (q + 2.0 * b * b) + 2.0 * lens->p[1] * a * b;
}

cw_status cw_lens_finish(cw_lens *lens, cw_error *err) {
    if (lens->width < 1 || lens->height < 1)
        return cw_error_set(err, CW_ERR_INPUT, NULL, 0, 0, "a picture of %d x %d pixels shows nothing", lens->width,
                            lens->height);
    if (lens->width > CW_LENS_SIDE_MOST || lens->height > CW_LENS_SIDE_MOST)
        return cw_error_set(err, CW_ERR_LIMIT, NULL, 0, 0, "a picture of %d x %d pixels: at most %d a side",
                            lens->width, lens->height, CW_LENS_SIDE_MOST);
    if (!(lens->fx > 0.0 && lens->fy > 0.0 && lens->fx < 1e7 && lens->fy < 1e7))
        return cw_error_set(err, CW_ERR_INPUT, NULL, 0, 0, "a focal length must be a positive number of pixels");
    if (!(fabs(lens->cx) < 1e6 && fabs(lens->cy) < 1e6))
        return cw_error_set(err, CW_ERR_INPUT, NULL, 0, 0, "the principal point is far outside the picture");
    // Where the picture ends to grow outwards.
    double end = lens->kind == CW_LENS_FISHEYE ? CW_PI : cw_tan(WIDEST), step = end / 4096.0;
    lens->reach = 0.0;
    for (int i = 1; i <= 4096 && slope(lens, step * i) > 0.0; i++)
        lens->reach = step * i;
    // The middle of the nearest edge must still be seen.
    double right = (lens->width - lens->cx) / lens->fx, left = lens->cx / lens->fx;
    double down = (lens->height - lens->cy) / lens->fy, up = lens->cy / lens->fy;
    double nearest = cw_min(cw_min(fabs(right), fabs(left)), cw_min(fabs(down), fabs(up)));
    if (!(radial(lens, lens->reach) >= 0.98 * nearest))
        return cw_error_set(err, CW_ERR_INPUT, NULL, 0, 0,
                            "its distortion folds the picture back before it reaches the nearest edge");
    return CW_OK;
}

// ---- there and back --------------------------------------------------------------------------------------------------

bool cw_lens_project(const cw_lens *lens, const double point[3], double pixel[2]) {
    double u, v;
    if (lens->kind == CW_LENS_FISHEYE) {
        double across = cw_hypot(point[0], point[1]), angle = cw_atan2(across, point[2]);
        if (angle > lens->reach)
            return false;
        double scale = across > 0.0 ? radial(lens, angle) / across : 0.0;
        u = point[0] * scale;
        v = point[1] * scale;
    } else {
        if (!(point[2] > 1e-9))
            return false;
        double a = point[0] / point[2], b = point[1] / point[2];
        if (a * a + b * b > lens->reach * lens->reach)
            return false;
        distort(lens, a, b, &u, &v);
    }
    pixel[0] = lens->cx + lens->fx * u;
    pixel[1] = lens->cy + lens->fy * v;
    return true;
}

// Newton's method on both coordinates, from the radial inverse.
static bool undo_distortion(const cw_lens *lens, double u, double v, double *a, double *b) {
    double distance = cw_hypot(u, v), r;
    if (!undo_radial(lens, distance, &r))
        return false;
    double scale = distance > 0.0 ? r / distance : 0.0;
    *a = u * scale;
    *b = v * scale;
    if (lens->p[0] == 0.0 && lens->p[1] == 0.0)
        return true;
    for (int i = 0; i < 20; i++) {
        const double h = 1e-6;
        double u0, v0, ua, va, ub, vb;
        distort(lens, *a, *b, &u0, &v0);
        distort(lens, *a + h, *b, &ua, &va);
        distort(lens, *a, *b + h, &ub, &vb);
        ua = (ua - u0) / h, va = (va - v0) / h, ub = (ub - u0) / h, vb = (vb - v0) / h;
        double determinant = ua * vb - ub * va, du = u - u0, dv = v - v0;
        if (!(fabs(determinant) > 1e-9))
            return false;
        *a += (du * vb - dv * ub) / determinant;
        *b += (dv * ua - du * va) / determinant;
        if (fabs(du) + fabs(dv) < 1e-13)
            break;
    }
    return *a * *a + *b * *b <= lens->reach * lens->reach;
}

bool cw_lens_ray(const cw_lens *lens, double u, double v, double direction[3]) {
    double x = (u - lens->cx) / lens->fx, y = (v - lens->cy) / lens->fy;
    if (lens->kind == CW_LENS_FISHEYE) {
        double distance = cw_hypot(x, y), angle, sine, cosine;
        if (!undo_radial(lens, distance, &angle))
            return false;
        cw_sincos(angle, &sine, &cosine);
        double scale = distance > 0.0 ? sine / distance : 0.0;
        direction[0] = x * scale;
        direction[1] = y * scale;
        direction[2] = cosine;
        return true;
    }
    double a, b;
    if (!undo_distortion(lens, x, y, &a, &b))
        return false;
    double scale = 1.0 / sqrt(a * a + b * b + 1.0);
    direction[0] = a * scale;
    direction[1] = b * scale;
    direction[2] = scale;
    return true;
}

void cw_mount_rotation(const cw_mount *mount, double rotation[9]) {
    double sy, cy, sp, cp, sr, cr;
    cw_sincos(mount->yaw, &sy, &cy);
    cw_sincos(mount->pitch, &sp, &cp);
    cw_sincos(mount->roll, &sr, &cr);
    // Axes of the mount in the vehicle's frame: forward, left, up; yaw, then pitch (nose down), then roll.
    const double forward[3] = {cy * cp, sy * cp, -sp};
    const double left[3] = {-sy * cr + cy * sp * sr, cy * cr + sy * sp * sr, cp * sr};
    const double up[3] = {forward[1] * left[2] - forward[2] * left[1], forward[2] * left[0] - forward[0] * left[2],
                          forward[0] * left[1] - forward[1] * left[0]};
    for (int i = 0; i < 3; i++) {
        rotation[3 * i] = -left[i];
        rotation[3 * i + 1] = -up[i];
        rotation[3 * i + 2] = forward[i];
    }
}
