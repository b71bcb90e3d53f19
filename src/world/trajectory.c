// Trajectories as nodes along their arc length: polylines node by node, clothoids and NURBS sampled so finely that the
// cubic through two nodes lies within a micrometre of the curve.
#include "world/storyboard.h"

#include <assert.h>
#include <math.h>

enum { NODES_MOST = 1 << 20, ORDER_MOST = 32, CONTROL_MOST = 64, DEPTH_MOST = 32, SPAN_SAMPLES = 32 };

#define NODE_STEP 0.25 // m, between samples of a curve

// ---- clothoids -------------------------------------------------------------------------------------------------------

// Adds the displacement along heading h + k s + c s^2 / 2 for s in [0, length]: Gauss-Legendre with 5 points.
static void add_clothoid(double h, double k, double c, double length, double *x, double *y) {
    static const double at[5] = {0.04691007703066800, 0.23076534494715845, 0.5, 0.76923465505284155,
                                 0.95308992296933200};
    static const double weight[5] = {0.11846344252809454, 0.23931433524968324, 0.28444444444444444, 0.23931433524968324,
                                     0.11846344252809454};
    double dx = 0, dy = 0;
    for (int i = 0; i < 5; i++) {
        double s = at[i] * length, sine, cosine;
        cw_sincos(h + k * s + 0.5 * c * s * s, &sine, &cosine);
        dx += weight[i] * cosine;
        dy += weight[i] * sine;
    }
    *x += dx * length;
    *y += dy * length;
}

static uint32_t piece_count(const cw_clothoid *piece) {
    double n = ceil(piece->length / NODE_STEP);
    return n < 1 ? 1 : n > 100000 ? 100000 : (uint32_t)n;
}

static cw_node *sample_clothoids(const cw_world *world, const cw_trajectory_def *def, cw_pose frame, cw_node *node) {
    double x = frame.x, y = frame.y, h = frame.heading, s = 0;
    for (uint32_t i = 0; i < def->clothoid_count; i++) {
        const cw_clothoid *piece = &def->clothoids[i];
        cw_spot spot;
        if (i > 0 && piece->start.kind != CW_AT_NOWHERE && cw_position_find(world, &piece->start, CW_NONE, &spot)) {
            x = spot.x;
            y = spot.y;
            h = spot.heading;
        }
        h += piece->h_offset;
        uint32_t n = piece_count(piece);
        double step = piece->length / n;
        bool timed = !isnan(piece->start_time) && !isnan(piece->end_time) && piece->length > 0;
        for (uint32_t j = 0; j < n; j++) {
            double from = step * j;
            *node++ = (cw_node){
                x,   y,        h + piece->curvature * from + 0.5 * piece->curvature_prime * from * from,
                NAN, s + from, timed ? cw_lerp(piece->start_time, piece->end_time, from / piece->length) : NAN};
            add_clothoid(h + piece->curvature * from + 0.5 * piece->curvature_prime * from * from,
                         piece->curvature + piece->curvature_prime * from, piece->curvature_prime, step, &x, &y);
        }
        h += piece->curvature * piece->length + 0.5 * piece->curvature_prime * piece->length * piece->length;
        s += piece->length;
        if (i + 1 == def->clothoid_count)
            *node++ = (cw_node){x, y, h, NAN, s, timed ? piece->end_time : NAN};
    }
    return node;
}

// ---- NURBS -----------------------------------------------------------------------------------------------------------

typedef struct nurbs {
    uint32_t order, count;
    const double *knots;
    const cw_vec2 *points;
    const cw_vertex *vertices; // weights and times
} nurbs;

// de Boor on homogeneous points; the knot span holds u.
static void nurbs_at(const nurbs *c, uint32_t span, double u, double *x, double *y, double *time) {
    double d[ORDER_MOST][4] = {{0}};
    uint32_t p = c->order - 1;
    for (uint32_t j = 0; j <= p; j++) {
        uint32_t i = span - p + j;
        double w = c->vertices[i].weight > 0 ? c->vertices[i].weight : 1;
        d[j][0] = c->points[i].x * w;
        d[j][1] = c->points[i].y * w;
        d[j][2] = c->vertices[i].time * w; // NaN where there is none
        d[j][3] = w;
    }
    for (uint32_t r = 1; r <= p; r++)
        for (uint32_t j = p; j >= r; j--) {
            uint32_t i = span - p + j;
            double width = c->knots[i + p + 1 - r] - c->knots[i];
            double a = width > 0 ? (u - c->knots[i]) / width : 0;
            for (int k = 0; k < 4; k++)
                d[j][k] = cw_lerp(d[j - 1][k], d[j][k], a);
        }
    *x = d[p][0] / d[p][3];
    *y = d[p][1] / d[p][3];
    *time = d[p][2] / d[p][3];
}

static bool nurbs_is_sound(const cw_trajectory_def *def) {
    if (def->order < 2 || def->order > ORDER_MOST || def->vertex_count < def->order || def->vertex_count > 100000 ||
        def->knot_count != def->vertex_count + def->order)
        return false;
    for (uint32_t i = 1; i < def->knot_count; i++)
        if (!(def->knots[i] >= def->knots[i - 1]))
            return false;
    return def->knots[def->vertex_count] > def->knots[def->order - 1];
}

static uint32_t nurbs_samples(const cw_trajectory_def *def) {
    return (def->vertex_count - def->order + 1) * SPAN_SAMPLES + 1;
}

static cw_node *sample_nurbs(const cw_trajectory_def *def, const cw_vec2 *points, cw_node *node) {
    nurbs c = {def->order, def->vertex_count, def->knots, points, def->vertices};
    cw_node *first = node;
    for (uint32_t span = def->order - 1; span < def->vertex_count; span++) {
        double from = def->knots[span], width = def->knots[span + 1] - from;
        if (!(width > 0))
            continue;
        bool last = true;
        for (uint32_t i = span + 1; i < def->vertex_count; i++)
            last = last && !(def->knots[i + 1] > def->knots[i]);
        for (uint32_t j = 0; j < SPAN_SAMPLES + (last ? 1u : 0u); j++) {
            double u = from + width * j / SPAN_SAMPLES, ax, ay, bx, by, t, h = width * 1e-5;
            double lo = j == 0 ? u : u - h, hi = j == SPAN_SAMPLES ? u : u + h;
            nurbs_at(&c, span, lo, &ax, &ay, &t);
            nurbs_at(&c, span, hi, &bx, &by, &t);
            cw_node n = {.stated = NAN, .heading = cw_atan2(by - ay, bx - ax)};
            nurbs_at(&c, span, u, &n.x, &n.y, &n.time);
            if (node > first) {
                double chord = cw_hypot(n.x - node[-1].x, n.y - node[-1].y);
                double turn = cw_wrap_angle(n.heading - node[-1].heading);
                n.s = node[-1].s + chord * (1 + turn * turn / 24); // arc over chord, to fourth order
            }
            *node++ = n;
        }
    }
    return node;
}

// ---- building --------------------------------------------------------------------------------------------------------

static bool build_track(cw_world *world, uint32_t index, uint8_t *mark, uint32_t depth, cw_error *err);

static bool build_used(cw_world *world, const cw_position *position, uint8_t *mark, uint32_t depth, cw_error *err) {
    return position->kind != CW_AT_TRAJECTORY || position->trajectory >= world->scene->trajectory_count ||
           build_track(world, position->trajectory, mark, depth + 1, err);
}

static bool fail(cw_error *err, const cw_trajectory_def *def, const char *why) {
    cw_error_set(err, CW_ERR_INPUT, "", 0, 0, "trajectory '%s': %s", def->name ? def->name : "", why);
    return false;
}

static void finish_polyline(cw_node *nodes, uint32_t count) {
    for (uint32_t i = 1; i < count; i++) {
        double length = cw_hypot(nodes[i].x - nodes[i - 1].x, nodes[i].y - nodes[i - 1].y);
        nodes[i].s = nodes[i - 1].s + length;
        if (length > 0)
            nodes[i - 1].heading = cw_atan2(nodes[i].y - nodes[i - 1].y, nodes[i].x - nodes[i - 1].x);
        else if (i > 1)
            nodes[i - 1].heading = nodes[i - 2].heading;
    }
    if (count > 1)
        nodes[count - 1].heading = nodes[count - 2].heading;
    else if (count == 1 && !isnan(nodes[0].stated))
        nodes[0].heading = nodes[0].stated;
}

static bool build_track(cw_world *world, uint32_t index, uint8_t *mark, uint32_t depth, cw_error *err) {
    cw_board *board = cw_board_of(world);
    const cw_trajectory_def *def = &world->scene->trajectories[index];
    cw_track *track = &board->tracks[index];
    if (mark[index] == 2)
        return true;
    if (mark[index] == 1 || depth > DEPTH_MOST)
        return fail(err, def, "refers to itself");
    mark[index] = 1;
    track->def = index;
    bool fixed = true;
    for (uint32_t i = 0; i < def->vertex_count; i++) {
        if (!build_used(world, &def->vertices[i].position, mark, depth, err))
            return false;
        fixed = fixed && cw_position_is_fixed(world->scene, &def->vertices[i].position, 0);
        track->has_stated = track->has_stated || def->vertices[i].position.has_heading;
        track->has_times = track->has_times || !isnan(def->vertices[i].time);
    }
    for (uint32_t i = 0; i < def->clothoid_count; i++) {
        if (!build_used(world, &def->clothoids[i].start, mark, depth, err))
            return false;
        if (!(def->clothoids[i].length >= 0) || def->clothoids[i].length > 1e6)
            return fail(err, def, "a clothoid of no sound length");
        track->has_times = track->has_times || !isnan(def->clothoids[i].start_time);
    }
    uint32_t count = 0;
    bool clothoid = def->shape == CW_CLOTHOID || def->shape == CW_CLOTHOID_SPLINE;
    if (clothoid) {
        if (def->clothoid_count == 0)
            return fail(err, def, "has no shape");
        const cw_position *start = &def->clothoids[0].start;
        track->local = start->kind == CW_AT_NOWHERE || !cw_position_is_fixed(world->scene, start, 0);
        for (uint32_t i = 0; i < def->clothoid_count && count <= NODES_MOST; i++)
            count += piece_count(&def->clothoids[i]);
        count++;
        track->curved = true;
    } else if (def->shape == CW_NURBS) {
        if (!nurbs_is_sound(def))
            return fail(err, def, "order, control points and knots do not fit");
        count = nurbs_samples(def);
        track->curved = true;
        if (!fixed && def->vertex_count > CONTROL_MOST)
            return fail(err, def, "too many control points relative to an entity");
    } else {
        if (def->vertex_count == 0)
            return fail(err, def, "has no vertex");
        count = def->vertex_count + (def->closed ? 1 : 0);
    }
    if (count > NODES_MOST)
        return fail(err, def, "too long");
    track->count = count;
    cw_node *nodes = cw_arena_array(world->arena, count, sizeof *nodes);
    cw_vec2 *points = cw_arena_array(world->arena, def->vertex_count + 1, sizeof *points);
    if (!nodes || !points) {
        cw_error_set(err, CW_ERR_MEMORY, "", 0, 0, "out of memory");
        return false;
    }
    track->nodes = nodes;
    if (!clothoid && !fixed) {
        for (uint32_t i = 0; i < count; i++)
            nodes[i] = (cw_node){.stated = NAN, .time = i < def->vertex_count ? def->vertices[i].time : NAN};
        track->moving = true;
        track->first_node = board->node_count;
        board->node_count += count;
        mark[index] = 2;
        return true;
    }
    if (clothoid) {
        cw_pose frame = {0, 0, 0};
        cw_spot spot;
        if (!track->local) {
            if (!cw_position_find(world, &def->clothoids[0].start, CW_NONE, &spot))
                return fail(err, def, "its start is not on the map");
            frame = (cw_pose){spot.x, spot.y, spot.heading};
        }
        cw_node *end = sample_clothoids(world, def, frame, nodes);
        track->count = (uint32_t)(end - nodes);
    } else {
        for (uint32_t i = 0; i < def->vertex_count; i++) {
            cw_spot spot;
            if (!cw_position_find(world, &def->vertices[i].position, CW_NONE, &spot))
                return fail(err, def, "a vertex is not on the map");
            points[i] = (cw_vec2){spot.x, spot.y};
            if (def->shape == CW_POLYLINE)
                nodes[i] = (cw_node){spot.x, spot.y,
                                     0,      def->vertices[i].position.has_heading ? spot.heading : NAN,
                                     0,      def->vertices[i].time};
        }
        if (def->shape == CW_POLYLINE) {
            if (def->closed)
                nodes[count - 1] = (cw_node){.x = nodes[0].x, .y = nodes[0].y, .stated = nodes[0].stated, .time = NAN};
            finish_polyline(nodes, count);
        } else {
            track->count = (uint32_t)(sample_nurbs(def, points, nodes) - nodes);
        }
    }
    mark[index] = 2;
    return true;
}

bool cw_tracks_prepare(cw_world *world, cw_error *err) {
    cw_board *board = cw_board_of(world);
    uint32_t count = world->scene->trajectory_count;
    board->tracks = cw_arena_array(world->arena, count + 1, sizeof *board->tracks);
    uint8_t *mark = cw_arena_array(world->arena, count + 1, 1);
    if (!board->tracks || !mark) {
        cw_error_set(err, CW_ERR_MEMORY, "", 0, 0, "out of memory");
        return false;
    }
    for (uint32_t i = 0; i < count; i++)
        if (!build_track(world, i, mark, 0, err))
            return false;
    return true;
}

void cw_track_begin(cw_world *world, uint32_t index, uint32_t actor) {
    const cw_track *track = &cw_board_of(world)->tracks[index];
    const cw_trajectory_def *def = &world->scene->trajectories[index];
    cw_state *s = &world->s;
    if (track->local) {
        cw_spot spot;
        const cw_position *start = &def->clothoids[0].start;
        bool given = start->kind != CW_AT_NOWHERE && cw_position_find(world, start, actor, &spot);
        s->track_x[actor] = given ? spot.x : s->x[actor];
        s->track_y[actor] = given ? spot.y : s->y[actor];
        s->track_heading[actor] = given ? spot.heading : s->heading[actor];
    }
    if (!track->moving)
        return;
    cw_vec2 points[CONTROL_MOST] = {{0, 0}};
    uint32_t first = track->first_node;
    bool line = def->shape == CW_POLYLINE;
    for (uint32_t i = 0; i < def->vertex_count; i++) {
        cw_spot spot = {.x = s->x[actor], .y = s->y[actor]};
        if (!cw_position_find(world, &def->vertices[i].position, actor, &spot))
            cw_world_say(world, "trajectory %s: a vertex lies nowhere", "궤적 %s: 꼭짓점이 도로망에 없음", def->name);
        if (line) {
            s->node_x[first + i] = spot.x;
            s->node_y[first + i] = spot.y;
        } else {
            points[i] = (cw_vec2){spot.x, spot.y};
        }
    }
    if (line) {
        if (def->closed) {
            s->node_x[first + track->count - 1] = s->node_x[first];
            s->node_y[first + track->count - 1] = s->node_y[first];
        }
        s->node_s[first] = 0;
        for (uint32_t i = 1; i < track->count; i++) {
            uint32_t n = first + i;
            double dx = s->node_x[n] - s->node_x[n - 1], dy = s->node_y[n] - s->node_y[n - 1];
            s->node_s[n] = s->node_s[n - 1] + cw_hypot(dx, dy);
            s->node_heading[n - 1] = dx != 0 || dy != 0 ? cw_atan2(dy, dx) : i > 1 ? s->node_heading[n - 2] : 0;
        }
        if (track->count > 1)
            s->node_heading[first + track->count - 1] = s->node_heading[first + track->count - 2];
        return;
    }
    nurbs c = {def->order, def->vertex_count, def->knots, points, def->vertices};
    uint32_t n = first, spans = def->vertex_count - def->order + 1;
    for (uint32_t i = 0; i < track->count; i++, n++) {
        uint32_t span = def->order - 1 + (i / SPAN_SAMPLES < spans ? i / SPAN_SAMPLES : spans - 1);
        double from = def->knots[span], width = def->knots[span + 1] - from;
        double u = from + width * ((double)(i - (span - def->order + 1) * SPAN_SAMPLES) / SPAN_SAMPLES), time;
        while (!(def->knots[span + 1] > def->knots[span]) && span > def->order - 1)
            span--; // an empty span: the end of the one before
        nurbs_at(&c, span, u, &s->node_x[n], &s->node_y[n], &time);
        double ax, ay, bx, by, h = (def->knots[span + 1] - def->knots[span]) * 1e-5;
        nurbs_at(&c, span, u - h < def->knots[span] ? u : u - h, &ax, &ay, &time);
        nurbs_at(&c, span, u + h > def->knots[span + 1] ? u : u + h, &bx, &by, &time);
        s->node_heading[n] = cw_atan2(by - ay, bx - ax);
        double turn = i ? cw_wrap_angle(s->node_heading[n] - s->node_heading[n - 1]) : 0;
        s->node_s[n] =
            i ? s->node_s[n - 1] +
                    cw_hypot(s->node_x[n] - s->node_x[n - 1], s->node_y[n] - s->node_y[n - 1]) * (1 + turn * turn / 24)
              : 0;
    }
}

// ---- evaluation ------------------------------------------------------------------------------------------------------

static cw_node node_of(const cw_world *world, const cw_track *track, uint32_t i) {
    cw_node node = track->nodes[i];
    if (track->moving) {
        uint32_t n = track->first_node + i;
        node.x = world->s.node_x[n];
        node.y = world->s.node_y[n];
        node.heading = world->s.node_heading[n];
        node.s = world->s.node_s[n];
    }
    return node;
}

static double node_s(const cw_world *world, const cw_track *track, uint32_t i) {
    return track->moving ? world->s.node_s[track->first_node + i] : track->nodes[i].s;
}

double cw_track_length(const cw_world *world, uint32_t index) {
    const cw_track *track = &cw_board_of(world)->tracks[index];
    return node_s(world, track, track->count - 1);
}

// The last node at or before s that has a piece behind it.
static uint32_t node_before(const cw_world *world, const cw_track *track, double s) {
    uint32_t low = 0, high = track->count > 1 ? track->count - 2 : 0;
    while (low < high) {
        uint32_t middle = (low + high + 1) / 2;
        if (node_s(world, track, middle) <= s)
            low = middle;
        else
            high = middle - 1;
    }
    return low;
}

static cw_pose to_map(const cw_track *track, cw_pose frame, cw_pose p) {
    if (!track->local)
        return p;
    double sine, cosine;
    cw_sincos(frame.heading, &sine, &cosine);
    return (cw_pose){frame.x + cosine * p.x - sine * p.y, frame.y + sine * p.x + cosine * p.y,
                     frame.heading + p.heading};
}

cw_pose cw_track_at(const cw_world *world, uint32_t index, cw_pose frame, double s, double *stated) {
    const cw_track *track = &cw_board_of(world)->tracks[index];
    uint32_t i = node_before(world, track, s);
    cw_node a = node_of(world, track, i);
    if (stated)
        *stated = NAN;
    if (track->count < 2) {
        if (stated)
            *stated = a.stated;
        return to_map(track, frame, (cw_pose){a.x, a.y, a.heading});
    }
    cw_node b = node_of(world, track, i + 1);
    double length = b.s - a.s, u = length > 0 ? (s - a.s) / length : 0;
    if (stated && !isnan(a.stated) && !isnan(b.stated))
        *stated = a.stated + cw_wrap_angle(b.stated - a.stated) * cw_clamp(u, 0, 1);
    if (u < 0 || u > 1) { // beyond the ends: straight on
        const cw_node *end = u < 0 ? &a : &b;
        double sine, cosine, beyond = s - end->s;
        cw_sincos(end->heading, &sine, &cosine);
        return to_map(track, frame, (cw_pose){end->x + cosine * beyond, end->y + sine * beyond, end->heading});
    }
    if (!track->curved)
        return to_map(track, frame, (cw_pose){cw_lerp(a.x, b.x, u), cw_lerp(a.y, b.y, u), a.heading});
    double as, ac, bs, bc; // cubic through both nodes with their tangents
    cw_sincos(a.heading, &as, &ac);
    cw_sincos(b.heading, &bs, &bc);
    double v = 1 - u, p0 = (1 + 2 * u) * v * v, p1 = u * u * (3 - 2 * u), t0 = u * v * v * length,
           t1 = -u * u * v * length;
    double q = 6 * u * v / (length > 0 ? length : 1), r0 = v * (1 - 3 * u), r1 = u * (3 * u - 2);
    double dx = q * (b.x - a.x) + r0 * ac + r1 * bc, dy = q * (b.y - a.y) + r0 * as + r1 * bs;
    return to_map(
        track, frame,
        (cw_pose){p0 * a.x + p1 * b.x + t0 * ac + t1 * bc, p0 * a.y + p1 * b.y + t0 * as + t1 * bs, cw_atan2(dy, dx)});
}

double cw_track_project(const cw_world *world, uint32_t index, cw_pose frame, double x, double y, double hint,
                        double *aside) {
    const cw_track *track = &cw_board_of(world)->tracks[index];
    if (track->local) {
        double sine, cosine, dx = x - frame.x, dy = y - frame.y;
        cw_sincos(frame.heading, &sine, &cosine);
        x = cosine * dx + sine * dy;
        y = -sine * dx + cosine * dy;
    }
    double best = INFINITY, best_s = 0, best_aside = 0;
    uint32_t from = isnan(hint) ? 0 : node_before(world, track, hint - 5);
    for (uint32_t i = from; i + 1 < track->count; i++) {
        cw_node a = node_of(world, track, i), b = node_of(world, track, i + 1);
        if (a.s > hint + 5) // never for NAN
            break;
        double ux = b.x - a.x, uy = b.y - a.y, length2 = ux * ux + uy * uy;
        if (!(length2 > 0))
            continue;
        double u = ((x - a.x) * ux + (y - a.y) * uy) / length2;
        double low = i == 0 ? -INFINITY : 0, high = i + 2 == track->count ? INFINITY : 1; // ends go straight on
        u = cw_clamp(u, low, high);
        double dx = x - a.x - u * ux, dy = y - a.y - u * uy, d2 = dx * dx + dy * dy;
        if (d2 < best) {
            best = d2;
            best_s = a.s + u * (b.s - a.s);
            best_aside = copysign(sqrt(d2), ux * dy - uy * dx);
        }
    }
    if (track->curved && best_s > 0 && best_s < node_s(world, track, track->count - 1)) {
        cw_pose none = {0, 0, 0};
        for (int k = 0; k < 3; k++) { // Newton on the cubic: chords are off by a few millimetres
            cw_pose p = cw_track_at(world, index, none, best_s, NULL);
            double sine, cosine;
            cw_sincos(p.heading, &sine, &cosine);
            best_s += (x - p.x) * cosine + (y - p.y) * sine;
            best_aside = -(x - p.x) * sine + (y - p.y) * cosine;
        }
    }
    if (aside)
        *aside = best_aside;
    return best_s;
}

double cw_track_end_time(const cw_world *world, uint32_t index) {
    const cw_track *track = &cw_board_of(world)->tracks[index];
    for (uint32_t i = track->count; i-- > 0;)
        if (!isnan(track->nodes[i].time))
            return track->nodes[i].time;
    return 0;
}

// Between two nodes with a time the distance grows evenly.
double cw_track_s_at_time(const cw_world *world, uint32_t index, double time) {
    const cw_track *track = &cw_board_of(world)->tracks[index];
    double last_time = NAN, last_s = 0;
    for (uint32_t i = 0; i < track->count; i++) {
        double t = track->nodes[i].time, s = node_s(world, track, i);
        if (isnan(t))
            continue;
        if (time <= t)
            return isnan(last_time) || !(t > last_time) ? s : cw_lerp(last_s, s, (time - last_time) / (t - last_time));
        last_time = t;
        last_s = s;
    }
    return last_s;
}
