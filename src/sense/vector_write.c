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
        p->heading[n] = j->at.heading[i];
        p->tail[n] = (cw_user_tail){j->at.speed[i] * cw_user_scale[3], row->length, row->width, row->kind};
        p->pick[n] = i;
        *shown += j->at.visible[i];
        n++;
    }
    for (uint32_t k = 0; k < n; k++)
        cw_heading_sincos(p->heading[k], &p->sine[k], &p->cosine[k]);
    for (uint32_t k = 0; k < n; k++) {
        uint32_t i = p->pick[k];
        double ahead = (double)j->cast->rows[i].center_x, left = (double)j->cast->rows[i].center_y;
        p->x[k] = j->at.visible[i] ? j->at.x[i] + (ahead * p->cosine[k] - left * p->sine[k]) : UNSEEN;
        p->y[k] = j->at.y[i] + (ahead * p->sine[k] + left * p->cosine[k]);
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

// Counts those before each of sixteen. The arrays have room for whole vectors.
BODY int64_t rank_by_eight(const float *rounded, uint32_t n, int32_t *rank) {
    v8i total = {0};
    for (size_t k = 0; k < n; k += 16) {
        v8 own0 = *(const v8 *)(rounded + k), own1 = *(const v8 *)(rounded + k + 8);
        v8i sum0 = {0}, sum1 = {0};
        size_t i = 0;
        for (; i + 2 <= n; i += 2) {
            v8 other = rounded[i] - (v8){0}, next = rounded[i + 1] - (v8){0};
            sum0 -= (other < own0) + (next < own0);
            sum1 -= (other < own1) + (next < own1);
        }
        if (i < n) {
            v8 other = rounded[i] - (v8){0};
            sum0 -= other < own0;
            sum1 -= other < own1;
        }
        *(v8i *)(rank + k) = sum0;
        *(v8i *)(rank + k + 8) = sum1;
        total += sum0 + sum1;
    }
    int64_t sum = 0;
    for (int i = 0; i < 8; i++)
        sum += total[i];
    return sum;
}

// rank_exactly by distances rounded to float32. Rounding keeps the order but for ties that it makes; where there are any,
// the ranks do not add up, and the exact ones are worked out.
BODY void rank_all(const isa *with, const double *d, uint32_t n, float *rounded, int32_t *rank) {
    for (size_t k = 0; k < n; k += 4)
        *(v4f *)(rounded + k) = __builtin_convertvector(*(const v4 *)(d + k), v4f);
    for (size_t k = n; k < n + 32; k += 8)
        *(v8 *)(rounded + k) = (v8){0}; // before them comes none
    if (with->rank(rounded, n, rank) != (int64_t)n * (n - 1) / 2)
        rank_exactly(d, n, rank);
}

BODY void write_users(const job *j, const isa *with, const looker *me, uint32_t n, uint32_t shown,
                      float *restrict out) {
    cw_vector_scratch *p = j->scratch;
    const double *restrict x = p->x, *restrict y = p->y, *restrict heading = p->heading;
    double *restrict distance2 = p->distance2;
    float *restrict ahead = p->ahead, *restrict left = p->left, *restrict turn = p->turn;
    float c = me->cosine * cw_user_scale[0], s = me->sine * cw_user_scale[0];
    const v4 turn_round = {2 * CW_PI, 2 * CW_PI, 2 * CW_PI, 2 * CW_PI};
    // The arrays have room for whole vectors; what lies beyond the last one is never looked at.
    for (size_t k = 0; k < n; k += 4) {
        v4 dx = *(const v4 *)(x + k) - me->x, dy = *(const v4 *)(y + k) - me->y;
        v4 dh = *(const v4 *)(heading + k) - me->heading;
        *(v4 *)(distance2 + k) = dx * dx + dy * dy;
        dh -= (v4)((v4i)(turn_round) & (dh > CW_PI));
        dh += (v4)((v4i)(turn_round) & (dh <= -CW_PI));
        v4f fx = __builtin_convertvector(dx, v4f), fy = __builtin_convertvector(dy, v4f);
        *(v4f *)(ahead + k) = fx * c + fy * s;
        *(v4f *)(left + k) = fy * c - fx * s;
        *(v4f *)(turn + k) = __builtin_convertvector(dh, v4f) * cw_user_scale[2];
    }
    bool seen = x[me->slot] < UNSEEN;
    distance2[me->slot] = INFINITY; // not its own neighbour
    uint32_t others = shown - seen, filled = others < j->def->users ? others : j->def->users;
    bool many = n > RANKED_MOST && filled < n && filled > 0;
    uint32_t ranked = many ? pick_nearest(p, n, filled) : n, *restrict order = p->order;
    const int32_t *restrict rank = p->rank;
    rank_all(with, many ? p->near : distance2, ranked, p->rounded, p->rank);
    for (uint32_t k = 0; k < ranked; k++)
        order[rank[k]] = k;
    for (uint32_t k = 0; many && k < filled; k++)
        order[k] = p->pick[order[k]];
    for (uint32_t k = 0; k < filled; k++, out += ROW) {
        uint32_t slot = order[k];
        float *row = out;
        row[0] = ahead[slot];
        row[1] = left[slot];
        row[2] = turn[slot];
        memcpy(row + 3, &p->tail[slot], sizeof p->tail[slot]);
    }
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
    for (; k + 4 < count; k += 4, out += (size_t)4 * ROW) {
        v8 turned[4];
        turn_row(&rows[list[k]], &f, &a, &b, &turned[0]);
        turn_row(&rows[list[k + 1]], &f, &a, &b, &turned[1]);
        turn_row(&rows[list[k + 2]], &f, &a, &b, &turned[2]);
        turn_row(&rows[list[k + 3]], &f, &a, &b, &turned[3]);
        for (size_t i = 0; i < 4; i++)
            *(v8 *)(out + i * ROW) = turned[i];
    }
    for (; k < count; k++, out += ROW) {
        v8 last;
        turn_row(&rows[list[k]], &f, &a, &b, &last);
        memcpy(out, &last, ROW * sizeof *out);
    }
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
    memset(out + (size_t)ROW * filled, 0, (size_t)ROW * (j->def->road - filled) * sizeof *out);
}

// ---- ego and signals -------------------------------------------------------------------------------------------------

BODY void write_ego(const job *j, const looker *me, const cw_vector_task *task, float *out) {
    const cw_world_arrays *at = &j->at;
    uint32_t i = task->actor;
    float dx = (float)(task->goal_x - me->x), dy = (float)(task->goal_y - me->y);
    float ahead = dx * me->cosine + dy * me->sine, left = dy * me->cosine - dx * me->sine;
    float distance = (float)sqrt((double)(ahead * ahead + left * left)), per = distance > 0 ? 1 / distance : 0;
    const cw_user_tail *own = &j->scratch->tail[me->slot];
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
    memset(out + (size_t)CW_VECTOR_SIGNAL_FIELDS * filled, 0,
           (size_t)CW_VECTOR_SIGNAL_FIELDS * (j->def->signals - filled) * sizeof *out);
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

static int64_t rank_plain(const float *rounded, uint32_t n, int32_t *rank) {
    return rank_by_eight(rounded, n, rank);
}

static void turn_plain(const cw_vector_row *rows, const uint16_t *list, uint32_t count, const float from[8],
                       const float straight[8], const float swapped[8], float *out) {
    turn_by_one(rows, list, count, from, straight, swapped, out);
}

static void write_plain(const job *j) {
    static const isa plain = {rank_plain, turn_plain};
    write_all(j, &plain);
}

#if defined __x86_64__
#define AVX2 __attribute__((target("avx2")))
#define AVX512 __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl")))

AVX2 static int64_t rank_avx2(const float *rounded, uint32_t n, int32_t *rank) {
    return rank_by_eight(rounded, n, rank);
}

AVX2 static void turn_avx2(const cw_vector_row *rows, const uint16_t *list, uint32_t count, const float from[8],
                           const float straight[8], const float swapped[8], float *out) {
    turn_by_one(rows, list, count, from, straight, swapped, out);
}

AVX2 static void write_avx2(const job *j) {
    static const isa avx2 = {rank_avx2, turn_avx2};
    write_all(j, &avx2);
}

AVX512 static int64_t rank_avx512(const float *rounded, uint32_t n, int32_t *rank) {
    const __m512i one = _mm512_set1_epi32(1);
    __m512i total = _mm512_setzero_si512();
    for (size_t k = 0; k < n; k += 32) {
        __m512 own0 = _mm512_loadu_ps(rounded + k), own1 = _mm512_loadu_ps(rounded + k + 16);
        __m512i sum0 = _mm512_setzero_si512(), sum1 = sum0;
        for (size_t i = 0; i < n; i++) {
            __m512 other = _mm512_set1_ps(rounded[i]);
            sum0 = _mm512_mask_add_epi32(sum0, _mm512_cmp_ps_mask(other, own0, _CMP_LT_OQ), sum0, one);
            sum1 = _mm512_mask_add_epi32(sum1, _mm512_cmp_ps_mask(other, own1, _CMP_LT_OQ), sum1, one);
        }
        _mm512_storeu_si512(rank + k, sum0);
        _mm512_storeu_si512(rank + k + 16, sum1);
        total = _mm512_add_epi32(total, _mm512_add_epi32(sum0, sum1));
    }
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
    static const isa avx512 = {rank_avx512, turn_avx512};
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
