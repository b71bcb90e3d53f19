// Writes vector observations: one body, compiled for each instruction set. Operations and their order are the same in all
// of them and nothing is contracted, so the bits are too.
#include "base/heading.h"
#include "causeway/agent.h"
#include "causeway/world.h"
#include "sense/vector.h"
#include "sense/vector_map.h"

#include <assert.h>
#include <math.h>
#include <string.h>
#if defined __x86_64__
#include <immintrin.h>
#endif

// Beyond so many road users those that may be among the nearest are picked first.
enum { RANKED_MOST = 128, ROW = CW_VECTOR_ROW };
#define UNSEEN 1e200 // m: its square is infinite

// Vectors of 32 bytes: without AVX the compiler makes two of each.
typedef float v8 __attribute__((vector_size(32), aligned(4), may_alias));
typedef double v4 __attribute__((vector_size(32), aligned(8), may_alias));
typedef float v4f __attribute__((vector_size(16), aligned(4), may_alias));
typedef int32_t v8i __attribute__((vector_size(32), aligned(4), may_alias));
typedef int64_t v4i __attribute__((vector_size(32), aligned(8), may_alias));

#define BODY static inline __attribute__((always_inline))

typedef struct job {
    const cw_vector_def *def;
    const cw_vector_map *map;
    const cw_vector_cast *cast;
    const cw_vector_task *tasks;
    cw_vector_scratch *scratch;
    cw_world_arrays at;
    float *out;
    uint32_t floats, count;
} job;

// What each instruction set does in its own way.
typedef struct isa {
    // Squares of the distances of n points from (x, y), as float32. The arrays have room for whole vectors.
    void (*measure)(const double *px, const double *py, uint32_t n, double x, double y, float *rounded);
    // rank[k]: how many of the n distances come before the k-th, counted in their rounded form, and the sum of all ranks.
    int64_t (*rank)(const float *rounded, uint32_t n, int32_t *rank);
    // Rows of a block by the list, each less `from`, times `straight`, plus the same with its pairs swapped times `swapped`.
    void (*turn)(const cw_vector_row *rows, const uint16_t *list, uint32_t count, const float from[8],
                 const float straight[8], const float swapped[8], float *out);
} isa;

// The one who looks.
typedef struct looker {
    double x, y, heading; // reference point
    float sine, cosine;
    uint32_t slot;
    const cw_vector_place *place;
} looker;

// ---- who is there ----------------------------------------------------------------------------------------------------

// Fills the scratch's arrays with those present; returns how many. *shown: how many of them can be seen.
BODY uint32_t gather(const job *j, uint32_t *shown) {
    cw_vector_scratch *p = j->scratch;
    uint32_t n = 0;
    *shown = 0;
    for (uint32_t i = 0; i < j->cast->count; i++) {
        if (!j->at.present[i]) {
            p->slot[i] = CW_NONE;
            continue;
        }
        const cw_cast_row *row = &j->cast->rows[i];
        p->slot[i] = n;
        p->user[n] = (cw_vector_user){.heading = j->at.heading[i],
                                      .speed = j->at.speed[i] * cw_user_scale[3],
                                      .length = row->length,
                                      .width = row->width,
                                      .kind = row->kind};
        p->sorted[n] = j->at.heading[i];
        p->pick[n] = i;
        *shown += j->at.visible[i];
        n++;
    }
    cw_directions(p->sorted, n, p->sine, p->cosine);
    for (uint32_t k = 0; k < n; k++) {
        uint32_t i = p->pick[k];
        double ahead = (double)j->cast->rows[i].center_x, left = (double)j->cast->rows[i].center_y;
        p->user[k].x = p->x[k] = j->at.visible[i] ? j->at.x[i] + (ahead * p->cosine[k] - left * p->sine[k]) : UNSEEN;
        p->user[k].y = p->y[k] = j->at.y[i] + (ahead * p->sine[k] + left * p->cosine[k]);
    }
    return n;
}

// ---- road users ------------------------------------------------------------------------------------------------------

// The value that `most` of d[0..n) are not above, ties counted: d is reordered.
static double nth_least(double *d, uint32_t n, uint32_t most) {
    uint32_t low = 0, high = n - 1, k = most - 1;
    while (low < high) {
        double pivot = d[low + (high - low) / 2];
        uint32_t i = low, m = high;
        for (;;) {
            while (d[i] < pivot)
                i++;
            while (d[m] > pivot)
                m--;
            if (i >= m)
                break;
            double t = d[i];
            d[i++] = d[m];
            d[m--] = t;
        }
        if (k <= m)
            high = m;
        else
            low = m + 1;
    }
    return d[k];
}

// Picks the `most` nearest in order of their slot, ties to the lower; returns how many.
static uint32_t pick_nearest(cw_vector_scratch *p, uint32_t n, uint32_t most) {
    memcpy(p->sorted, p->distance2, n * sizeof *p->sorted);
    double last = nth_least(p->sorted, n, most);
    uint32_t below = 0, count = 0;
    for (uint32_t k = 0; k < n; k++)
        below += p->distance2[k] < last;
    uint32_t ties = most - below;
    for (uint32_t k = 0; k < n; k++) {
        bool tie = p->distance2[k] == last && ties > 0;
        if (!(p->distance2[k] < last) && !tie)
            continue;
        ties -= tie;
        p->pick[count] = k;
        p->near[count++] = p->distance2[k];
    }
    return count;
}

// rank[k]: how many of d[0..n) come before the k-th, ties by number.
static __attribute__((noinline)) void rank_exactly(const double *d, uint32_t n, int32_t *rank) {
    for (uint32_t k = 0; k < n; k++) {
        rank[k] = 0;
        for (uint32_t i = 0; i < n; i++)
            rank[k] += d[i] < d[k] || (d[i] == d[k] && i < k);
    }
}

// Counts those before each of `width` times eight from the k-th on, and adds the counts up by lane.
BODY void rank_some(const float *rounded, uint32_t n, size_t k, uint32_t width, int32_t *rank, v8i *total) {
    v8 own[4];
    v8i sum[4] = {{0}};
    for (uint32_t m = 0; m < width; m++)
        own[m] = *(const v8 *)(rounded + k + (size_t)8 * m);
    for (size_t i = 0; i < n; i++) {
        float r = rounded[i];
        v8 other = {r, r, r, r, r, r, r, r};
        for (uint32_t m = 0; m < width; m++)
            sum[m] -= other < own[m];
    }
    for (uint32_t m = 0; m < width; m++) {
        *(v8i *)(rank + k + (size_t)8 * m) = sum[m];
        *total += sum[m];
    }
}

// The arrays have room for whole vectors.
BODY int64_t rank_by_eight(const float *rounded, uint32_t n, int32_t *rank) {
    v8i total = {0};
    size_t k = 0;
    for (; k + 16 < n; k += 32)
        rank_some(rounded, n, k, 4, rank, &total);
    if (k < n)
        rank_some(rounded, n, k, 2, rank, &total);
    int64_t sum = 0;
    for (int i = 0; i < 8; i++)
        sum += total[i];
    return sum;
}

BODY void measure_by_four(const double *px, const double *py, uint32_t n, double x, double y, float *rounded) {
    v4 x4 = {x, x, x, x}, y4 = {y, y, y, y};
    for (size_t k = 0; k < n; k += 4) {
        v4 dx = *(const v4 *)(px + k) - x4, dy = *(const v4 *)(py + k) - y4;
        *(v4f *)(rounded + k) = __builtin_convertvector(dx * dx + dy * dy, v4f);
    }
}

// Before those beyond the last comes none.
BODY void end_with_zeros(float *rounded, uint32_t n) {
    for (size_t k = n; k < (size_t)n + 32; k += 8)
        *(v8 *)(rounded + k) = (v8){0};
}

static __attribute__((noinline)) void measure_exactly(cw_vector_scratch *p, uint32_t n, const looker *me) {
    for (uint32_t k = 0; k < n; k++) {
        double dx = p->x[k] - me->x, dy = p->y[k] - me->y;
        p->distance2[k] = dx * dx + dy * dy;
    }
    p->distance2[me->slot] = INFINITY; // not its own neighbour
}

// Slots in order of their distance, by distances rounded to float32. Rounding keeps the order but for ties that it makes;
// where there are any, the ranks do not add up, and the exact ones are worked out.
BODY void order_all(cw_vector_scratch *p, const isa *with, const looker *me, uint32_t n) {
    with->measure(p->x, p->y, n, me->x, me->y, p->rounded);
    p->rounded[me->slot] = INFINITY;
    end_with_zeros(p->rounded, n);
    if (with->rank(p->rounded, n, p->rank) != (int64_t)n * (n - 1) / 2) {
        measure_exactly(p, n, me);
        rank_exactly(p->distance2, n, p->rank);
    }
    for (uint32_t k = 0; k < n; k++)
        p->order[p->rank[k]] = k;
}

// The `filled` nearest of many.
static __attribute__((noinline)) void order_nearest(cw_vector_scratch *p, const isa *with, const looker *me, uint32_t n,
                                                    uint32_t filled) {
    measure_exactly(p, n, me);
    uint32_t picked = pick_nearest(p, n, filled);
    for (uint32_t k = 0; k < picked; k++)
        p->rounded[k] = (float)p->near[k];
    end_with_zeros(p->rounded, picked);
    if (with->rank(p->rounded, picked, p->rank) != (int64_t)picked * (picked - 1) / 2)
        rank_exactly(p->near, picked, p->rank);
    for (uint32_t k = 0; k < picked; k++)
        p->order[p->rank[k]] = p->pick[k];
}

BODY void write_users(const job *j, const isa *with, const looker *me, uint32_t n, uint32_t shown,
                      float *restrict out) {
    cw_vector_scratch *p = j->scratch;
    bool seen = p->x[me->slot] < UNSEEN;
    uint32_t others = shown - seen, filled = others < j->def->users ? others : j->def->users;
    if (filled == 0)
        filled = 0;
    else if (n > RANKED_MOST && filled < n)
        order_nearest(p, with, me, n, filled);
    else
        order_all(p, with, me, n);
    // x, y and heading against the looker's in one vector; turning it is a product with it and one with its pairs swapped.
    const float c = me->cosine * cw_user_scale[0], s = me->sine * cw_user_scale[0];
    const v4 from = {me->x, me->y, me->heading, 0}, above = {INFINITY, INFINITY, CW_PI, INFINITY},
             round = {0, 0, 2 * CW_PI, 0};
    const v4f straight = {c, c, cw_user_scale[2], 0}, swapped = {s, -s, 0, 0};
    const uint32_t *restrict order = p->order;
    for (uint32_t k = 0; k < filled; k++, out += ROW) {
        const cw_vector_user *user = &p->user[order[k]];
        v4 d = *(const v4 *)&user->x - from;
        d -= (v4)((v4i)round & (d > above));
        d += (v4)((v4i)round & (d <= -above));
        v4f f = __builtin_convertvector(d, v4f), g = __builtin_shufflevector(f, f, 1, 0, 3, 2);
        *(v4f *)out = f * straight + g * swapped; // its last value is written over
        *(v4f *)(out + 3) = *(const v4f *)&user->speed;
    }
    if (filled < j->def->users)
        memset(out, 0, (size_t)ROW * (j->def->users - filled) * sizeof *out);
}

// ---- road ------------------------------------------------------------------------------------------------------------

static const cw_vector_block *find_cell(const cw_vector_map *map, double x, double y, cw_vector_cell *cell) {
    double cx = (x - map->low_x) * (1 / CW_VECTOR_CELL), cy = (y - map->low_y) * (1 / CW_VECTOR_CELL);
    *cell = (cw_vector_cell){0};
    if (!(cx >= 0 && cy >= 0 && cx < (double)map->across * CW_BLOCK_CELLS && cy < (double)map->up * CW_BLOCK_CELLS))
        return NULL;
    uint32_t ix = (uint32_t)cx, iy = (uint32_t)cy;
    uint32_t block = map->blocks[iy / CW_BLOCK_CELLS * map->across + ix / CW_BLOCK_CELLS];
    if (block == 0)
        return NULL;
    *cell = map->block[block - 1].cells[iy % CW_BLOCK_CELLS * CW_BLOCK_CELLS + ix % CW_BLOCK_CELLS];
    return &map->block[block - 1];
}

BODY void turn_row(const cw_vector_row *row, const v8 *from, const v8 *straight, const v8 *swapped, v8 *out) {
    v8 a = *(const v8 *)row - *from, b = __builtin_shufflevector(a, a, 1, 0, 3, 2, 5, 4, 7, 6);
    *out = a * *straight + b * *swapped;
}

// A row is one vector of eight; its last value is written over by the next row.
BODY void turn_by_one(const cw_vector_row *rows, const uint16_t *list, uint32_t count, const float from[8],
                      const float straight[8], const float swapped[8], float *restrict out) {
    v8 f = *(const v8 *)from, a = *(const v8 *)straight, b = *(const v8 *)swapped;
    uint32_t k = 0;
    for (; k + 4 < count; k += 4, list += 4, out += (size_t)4 * ROW) {
        v8 turned[4];
        turn_row(&rows[list[0]], &f, &a, &b, &turned[0]);
        turn_row(&rows[list[1]], &f, &a, &b, &turned[1]);
        turn_row(&rows[list[2]], &f, &a, &b, &turned[2]);
        turn_row(&rows[list[3]], &f, &a, &b, &turned[3]);
        for (size_t i = 0; i < 4; i++)
            *(v8 *)(out + i * ROW) = turned[i];
    }
    for (; k + 1 < count; k++, list++, out += ROW)
        turn_row(&rows[*list], &f, &a, &b, (v8 *)out);
    v8 last;
    turn_row(&rows[*list], &f, &a, &b, &last);
    memcpy(out, &last, ROW * sizeof *out);
}

// Turning a pair (x, y) or (cos, sin) into the ego's frame is a product of the row and one of the row with its pairs swapped.
BODY void write_road(const job *j, const isa *with, const looker *me, float *restrict out) {
    cw_vector_cell cell = me->place->cell;
    const cw_vector_block *block = me->place->block;
    uint32_t filled = cell.count < j->def->road ? cell.count : j->def->road;
    if (filled > 0) {
        float c = me->cosine, s = me->sine, cs = c * cw_road_scale[0], ss = s * cw_road_scale[0];
        const float from[8] = {(float)(me->x - block->x), (float)(me->y - block->y)};
        const float straight[8] = {cs, cs, 1, 1, c, c, 1, 0}, swapped[8] = {ss, -ss, 0, 0, s, -s, 0, 0};
        with->turn(block->rows, j->map->list + cell.first, filled, from, straight, swapped, out);
    }
    if (filled < j->def->road)
        memset(out + (size_t)ROW * filled, 0, (size_t)ROW * (j->def->road - filled) * sizeof *out);
}

// ---- ego and signals -------------------------------------------------------------------------------------------------

BODY void write_ego(const job *j, const looker *me, const cw_vector_task *task, float *out) {
    const cw_world_arrays *at = &j->at;
    uint32_t i = task->actor;
    float dx = (float)(task->goal_x - me->x), dy = (float)(task->goal_y - me->y);
    float ahead = dx * me->cosine + dy * me->sine, left = dy * me->cosine - dx * me->sine;
    float distance = (float)sqrt((double)(ahead * ahead + left * left)), per = distance > 0 ? 1 / distance : 0;
    const cw_vector_user *own = &j->scratch->user[me->slot];
    float field[CW_VECTOR_EGO_FIELDS] = {at->speed[i] * cw_ego_scale[0],
                                         ahead * cw_ego_scale[1],
                                         left * cw_ego_scale[2],
                                         own->length,
                                         own->width,
                                         at->steer[i] * cw_ego_scale[5],
                                         task->route_offset * cw_ego_scale[6],
                                         task->route_turn * cw_ego_scale[7],
                                         distance * cw_ego_scale[8],
                                         distance > 0 ? ahead * per : 1,
                                         left * per,
                                         at->lateral_speed[i] * cw_ego_scale[11],
                                         at->yaw_rate[i] * cw_ego_scale[12],
                                         at->accel[i] * cw_ego_scale[13],
                                         task->last[0] * cw_ego_scale[14],
                                         task->last[1] * cw_ego_scale[15]};
    memcpy(out, field, j->def->ego * sizeof *out);
}

static void write_signals(const job *j, const cw_vector_task *task, float *out) {
    uint32_t filled = 0;
    for (uint32_t k = 0; k < task->stop_count && filled < j->def->signals; k++) {
        const cw_vector_stop *stop = &task->stops[k];
        float distance = stop->at - task->route_s;
        if (distance < 0)
            continue;
        uint8_t light = stop->light ? j->at.light[stop->signal] : (uint8_t)CW_LIGHT_OFF;
        bool red = light == CW_LIGHT_RED || light == CW_LIGHT_RED_YELLOW;
        bool yellow = light == CW_LIGHT_YELLOW || light == CW_LIGHT_RED_YELLOW || light == CW_LIGHT_FLASHING_YELLOW;
        float *row = out + (size_t)CW_VECTOR_SIGNAL_FIELDS * filled++;
        row[0] = distance * cw_signal_scale[0];
        row[1] = stop->light ? 0 : 1;
        row[2] = red;
        row[3] = yellow;
        row[4] = light == CW_LIGHT_GREEN;
    }
    for (float *end = out + (size_t)CW_VECTOR_SIGNAL_FIELDS * j->def->signals,
               *rest = out + (size_t)CW_VECTOR_SIGNAL_FIELDS * filled;
         rest < end; rest++)
        *rest = 0;
}

// ---- kernels ---------------------------------------------------------------------------------------------------------

BODY void write_one(const job *j, const isa *with, uint32_t i, uint32_t n, uint32_t shown, float *out) {
    const cw_vector_task *task = &j->tasks[i];
    uint32_t slot = task->actor == CW_NONE ? CW_NONE : j->scratch->slot[task->actor];
    if (slot == CW_NONE) {
        memset(out, 0, j->floats * sizeof *out);
        return;
    }
    looker me = {.x = j->at.x[task->actor],
                 .y = j->at.y[task->actor],
                 .heading = j->at.heading[task->actor],
                 .sine = (float)j->scratch->sine[slot],
                 .cosine = (float)j->scratch->cosine[slot],
                 .slot = slot,
                 .place = &j->scratch->place[i]};
    write_ego(j, &me, task, out);
    out += j->def->ego;
    write_users(j, with, &me, n, shown, out);
    out += (size_t)ROW * j->def->users;
    write_road(j, with, &me, out);
    write_signals(j, task, out + (size_t)ROW * j->def->road);
}

// Where all stand among the segments, before the first of them is written: each look into the map waits for memory, and so
// they wait together.
static void find_places(const job *j) {
    for (uint32_t i = 0; i < j->count; i++) {
        uint32_t actor = j->tasks[i].actor;
        cw_vector_place *place = &j->scratch->place[i];
        if (actor == CW_NONE)
            continue;
        place->block = find_cell(j->map, j->at.x[actor], j->at.y[actor], &place->cell);
        const uint16_t *list = j->map->list + place->cell.first;
        __builtin_prefetch(list);
        __builtin_prefetch(list + 32);
    }
}

BODY void write_all(const job *j, const isa *with) {
    uint32_t shown, n = gather(j, &shown);
    find_places(j);
    for (uint32_t i = 0; i < j->count; i++)
        write_one(j, with, i, n, shown, j->out + (size_t)i * j->floats);
}

static void measure_plain(const double *px, const double *py, uint32_t n, double x, double y, float *rounded) {
    measure_by_four(px, py, n, x, y, rounded);
}

static int64_t rank_plain(const float *rounded, uint32_t n, int32_t *rank) {
    return rank_by_eight(rounded, n, rank);
}

static void turn_plain(const cw_vector_row *rows, const uint16_t *list, uint32_t count, const float from[8],
                       const float straight[8], const float swapped[8], float *out) {
    turn_by_one(rows, list, count, from, straight, swapped, out);
}

static void write_plain(const job *j) {
    static const isa plain = {measure_plain, rank_plain, turn_plain};
    write_all(j, &plain);
}

#if defined __x86_64__
#define AVX2 __attribute__((target("avx2")))
#define AVX512 __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl")))

AVX2 static void measure_avx2(const double *px, const double *py, uint32_t n, double x, double y, float *rounded) {
    measure_by_four(px, py, n, x, y, rounded);
}

AVX2 static int64_t rank_avx2(const float *rounded, uint32_t n, int32_t *rank) {
    return rank_by_eight(rounded, n, rank);
}

AVX2 static void turn_avx2(const cw_vector_row *rows, const uint16_t *list, uint32_t count, const float from[8],
                           const float straight[8], const float swapped[8], float *out) {
    turn_by_one(rows, list, count, from, straight, swapped, out);
}

AVX2 static void write_avx2(const job *j) {
    static const isa avx2 = {measure_avx2, rank_avx2, turn_avx2};
    write_all(j, &avx2);
}

AVX512 static void measure_avx512(const double *px, const double *py, uint32_t n, double x, double y, float *rounded) {
    const __m512d x8 = _mm512_set1_pd(x), y8 = _mm512_set1_pd(y);
    for (size_t k = 0; k < n; k += 8) {
        __m512d dx = _mm512_sub_pd(_mm512_loadu_pd(px + k), x8), dy = _mm512_sub_pd(_mm512_loadu_pd(py + k), y8);
        __m512d square = _mm512_add_pd(_mm512_mul_pd(dx, dx), _mm512_mul_pd(dy, dy));
        _mm256_storeu_ps(rounded + k, _mm512_cvtpd_ps(square));
    }
}

// As rank_some, of up to two times sixteen.
AVX512 BODY __m512i rank_two(const float *rounded, uint32_t n, size_t k, bool both, int32_t *rank) {
    const __m512i one = _mm512_set1_epi32(1);
    __m512 own0 = _mm512_loadu_ps(rounded + k), own1 = both ? _mm512_loadu_ps(rounded + k + 16) : own0;
    __m512i sum0 = _mm512_setzero_si512(), sum1 = sum0;
    for (size_t i = 0; i < n; i++) {
        __m512 other = _mm512_set1_ps(rounded[i]);
        sum0 = _mm512_mask_add_epi32(sum0, _mm512_cmp_ps_mask(other, own0, _CMP_LT_OQ), sum0, one);
        if (both)
            sum1 = _mm512_mask_add_epi32(sum1, _mm512_cmp_ps_mask(other, own1, _CMP_LT_OQ), sum1, one);
    }
    _mm512_storeu_si512(rank + k, sum0);
    if (both)
        _mm512_storeu_si512(rank + k + 16, sum1);
    return _mm512_add_epi32(sum0, sum1);
}

AVX512 static int64_t rank_avx512(const float *rounded, uint32_t n, int32_t *rank) {
    __m512i total = _mm512_setzero_si512();
    size_t k = 0;
    for (; k + 16 < n; k += 32)
        total = _mm512_add_epi32(total, rank_two(rounded, n, k, true, rank));
    if (k < n)
        total = _mm512_add_epi32(total, rank_two(rounded, n, k, false, rank));
    return _mm512_reduce_add_epi32(total);
}

// Two rows a vector.
AVX512 static void turn_avx512(const cw_vector_row *rows, const uint16_t *list, uint32_t count, const float from[8],
                               const float straight[8], const float swapped[8], float *out) {
    const __m512i pack = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 8, 9, 10, 11, 12, 13, 14, 15, 15);
    const __mmask16 two = 0x3fff;
    __m512 f = _mm512_broadcast_f32x8(_mm256_loadu_ps(from)), a = _mm512_broadcast_f32x8(_mm256_loadu_ps(straight)),
           b = _mm512_broadcast_f32x8(_mm256_loadu_ps(swapped));
    uint32_t k = 0;
    for (; k + 2 <= count; k += 2, out += (size_t)2 * ROW) {
        __m512 r = _mm512_castps256_ps512(_mm256_loadu_ps(&rows[list[k]].x));
        r = _mm512_sub_ps(_mm512_insertf32x8(r, _mm256_loadu_ps(&rows[list[k + 1]].x), 1), f);
        r = _mm512_add_ps(_mm512_mul_ps(r, a), _mm512_mul_ps(_mm512_permute_ps(r, 0xb1), b));
        _mm512_mask_storeu_ps(out, two, _mm512_permutexvar_ps(pack, r));
    }
    if (k < count) {
        v8 last;
        turn_row(&rows[list[k]], (const v8 *)from, (const v8 *)straight, (const v8 *)swapped, &last);
        memcpy(out, &last, ROW * sizeof *out);
    }
}

AVX512 static void write_avx512(const job *j) {
    static const isa avx512 = {measure_avx512, rank_avx512, turn_avx512};
    write_all(j, &avx512);
}
#endif

bool cw_vector_has(cw_vector_kernel kernel) {
#if defined __x86_64__
    if (kernel == CW_KERNEL_AVX2)
        return __builtin_cpu_supports("avx2");
    if (kernel == CW_KERNEL_AVX512)
        return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
               __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
#endif
    return kernel == CW_KERNEL_AUTO || kernel == CW_KERNEL_PLAIN;
}

void cw_vector_write(const cw_vector_def *def, const cw_vector_map *map, const cw_vector_cast *cast,
                     const struct cw_world *world, const cw_vector_task *tasks, uint32_t count,
                     cw_vector_scratch *scratch, float *out) {
    assert(cast->count == cw_world_actor_count(world) && cast->count <= scratch->most &&
           cw_vector_has((cw_vector_kernel)def->kernel));
    job j = {.def = def,
             .map = map,
             .cast = cast,
             .tasks = tasks,
             .scratch = scratch,
             .out = out,
             .floats = cw_vector_floats(def),
             .count = count};
    cw_world_view(world, &j.at);
#if defined __x86_64__
    bool any = def->kernel == CW_KERNEL_AUTO;
    if (def->kernel == CW_KERNEL_AVX512 || (any && cw_vector_has(CW_KERNEL_AVX512))) {
        write_avx512(&j);
        return;
    }
    if (def->kernel == CW_KERNEL_AVX2 || (any && cw_vector_has(CW_KERNEL_AVX2))) {
        write_avx2(&j);
        return;
    }
#endif
    write_plain(&j);
}
