// Causeway base: status and error, memory, arithmetic that is the same everywhere, random numbers, hashes, threads.
//
// Everything here may be used by every part. No function prints, exits or keeps global state.
#ifndef CAUSEWAY_BASE_H
#define CAUSEWAY_BASE_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CW_VERSION_MAJOR 0
#define CW_VERSION_MINOR 1
#define CW_VERSION_PATCH 0

// ---- status and error ------------------------------------------------------------------------------------------------

// What a call that reads outside input returns. Misuse of the API is an assertion, never a status.
typedef enum cw_status {
    CW_OK = 0,
    CW_ERR_USAGE,       // the caller's words are wrong (unknown option, unknown parameter)
    CW_ERR_IO,          // a file cannot be opened, read or written
    CW_ERR_INPUT,       // the bytes are not what the format asks for
    CW_ERR_UNSUPPORTED, // valid, but a feature that Causeway does not have
    CW_ERR_LIMIT,       // a stated limit (depth, count, size) was reached
    CW_ERR_MEMORY,      // the allocator gave nothing
    CW_ERR_INTERRUPTED, // Ctrl-C
    CW_ERR_INTERNAL     // a bug of ours
} cw_status;

// One error, with where it stands. `path` and `text` are always terminated; line and column are 0 where unknown.
typedef struct cw_error {
    cw_status code;
    int line;   // 1-based
    int column; // 1-based
    char path[256];
    char text[256];
} cw_error;

// Fills `err` (may be NULL) and returns `code`. An error that is already set is kept: the first cause wins.
cw_status cw_error_set(cw_error *err, cw_status code, const char *path, int line, int column, const char *format, ...)
    __attribute__((format(printf, 6, 7)));

// Writes "file:line:col: error: text" (parts that are unknown left out) into out[size], terminated. Returns its length.
size_t cw_error_print(const cw_error *err, char *out, size_t size);

// ---- memory ----------------------------------------------------------------------------------------------------------

// A chain of blocks that is freed as a whole. Not thread-safe.
typedef struct cw_arena cw_arena;

// first: bytes of the first block (0: 64 KiB); limit: most bytes ever handed out (0: no limit). NULL when out of memory.
cw_arena *cw_arena_new(size_t first, size_t limit);
void cw_arena_free(cw_arena *arena); // NULL is fine
// Zeroed memory, aligned to 64 bytes for size >= 64, else to 16; NULL when the limit is reached or memory is out.
// size 0 gives a valid pointer that must not be read.
void *cw_arena_alloc(cw_arena *arena, size_t size);
// Room for count * size, checked for overflow.
void *cw_arena_array(cw_arena *arena, size_t count, size_t size);
// A terminated copy of text[0..length).
char *cw_arena_text(cw_arena *arena, const char *text, size_t length);
size_t cw_arena_used(const cw_arena *arena); // bytes handed out

// Grows an array held by malloc so that at least `need` elements fit; *capacity is in elements. False when out of memory
// (the old array is then still valid). Use through the macro, which fits any element type.
bool cw_grow_bytes(void **items, size_t *capacity, size_t need, size_t element);
#define CW_GROW(items, capacity, need) cw_grow_bytes((void **)&(items), &(capacity), (need), sizeof *(items))

// ---- arithmetic ------------------------------------------------------------------------------------------------------
// The same bits with every compiler, optimisation level and instruction set (build with -ffp-contract=off). Stated error:
// largest seen against the correctly rounded value, in units in the last place, over the tested range.

#define CW_PI 3.14159265358979323846

double cw_sin(double x); // |x| <= 1e6, 1 ulp beyond rounding
double cw_cos(double x); // as sin
void cw_sincos(double x, double *sine, double *cosine);
double cw_tan(double x);             // 2 ulp
double cw_asin(double x);            // 2 ulp; NaN outside [-1, 1]
double cw_acos(double x);            // 2 ulp; NaN outside [-1, 1]
double cw_atan(double x);            // 2 ulp
double cw_atan2(double y, double x); // 2 ulp; signs and zeros as C's atan2
double cw_exp(double x);             // 2 ulp
double cw_log(double x);             // 2 ulp
double cw_pow(double x, double y);   // 1e-14 relative
double cw_tanh(double x);            // 4 ulp
double cw_hypot(double x, double y); // sqrt(x*x + y*y), without rescue from overflow
double cw_wrap_angle(double angle);  // to (-pi, pi]

static inline double cw_min(double a, double b) {
    return a < b ? a : b;
}
static inline double cw_max(double a, double b) {
    return a > b ? a : b;
}
static inline double cw_clamp(double x, double low, double high) {
    return x < low ? low : x > high ? high : x;
}
static inline double cw_lerp(double a, double b, double f) {
    return a + (b - a) * f;
}

typedef struct cw_vec2 {
    double x, y;
} cw_vec2;

typedef struct cw_vec3 {
    double x, y, z;
} cw_vec3;

// A place and a heading in the plane, map frame: x east, y north (m), heading counter-clockwise from +x (rad).
typedef struct cw_pose {
    double x, y, heading;
} cw_pose;

// An oriented box in the plane.
typedef struct cw_box {
    double x, y;                    // centre, m
    double ux, uy;                  // unit vector along the length
    double half_length, half_width; // m
} cw_box;

// The box of length x width whose centre lies `forward` m ahead of the pose.
cw_box cw_box_at(cw_pose pose, double forward, double length, double width);
bool cw_box_overlap(const cw_box *a, const cw_box *b);     // touching counts
double cw_box_distance(const cw_box *a, const cw_box *b);  // 0 when they overlap, else the gap, m
void cw_box_corners(const cw_box *box, cw_vec2 corner[4]); // front left, front right, rear right, rear left
double cw_box_turn(const cw_box *from, const cw_box *to);  // from the one's direction to the other's, rad
// First time in [0, span] at which two boxes that move uniformly from (a0, b0) to (a1, b1) - centre linearly, heading
// linearly - touch: exact to 1e-6 of the span. Returns false when they never do.
bool cw_box_first_contact(const cw_box *a0, const cw_box *a1, const cw_box *b0, const cw_box *b1, double *fraction);
// Does the segment p-q pass through the box?
bool cw_box_hits_segment(const cw_box *box, cw_vec2 p, cw_vec2 q);

// ---- random numbers and hashes ---------------------------------------------------------------------------------------

// Counter-based: a draw is a pure function of its key, so that an intervention on one agent reseeds no other.
typedef struct cw_rng_key {
    uint64_t seed;
    uint32_t world, agent, purpose;
    uint64_t step;
} cw_rng_key;

uint64_t cw_rng_u64(cw_rng_key key, uint32_t draw);
double cw_rng_uniform(cw_rng_key key, uint32_t draw); // [0, 1)
double cw_rng_normal(cw_rng_key key, uint32_t draw);  // mean 0, variance 1

uint64_t cw_hash_bytes(uint64_t seed, const void *bytes,
                       size_t count); // little-endian machines only; not cryptographic
void cw_sha256(const void *bytes, size_t count, uint8_t digest[32]);
void cw_sha256_hex(const void *bytes, size_t count, char text[65]);

// ---- text ------------------------------------------------------------------------------------------------------------

// Reads a decimal number in the C locale from text[0..length); true only when all of it is a finite number.
bool cw_parse_double(const char *text, size_t length, double *value);
bool cw_parse_int64(const char *text, size_t length, int64_t *value);
// Writes the shortest of %.Ng forms that fits the asked significant digits (1..17); returns the length. JSON-safe:
// NaN and infinities become "null". size: room for the text and its zero; 32 always suffices (asserted).
size_t cw_print_double(char *out, size_t size, double value, int digits);

// ---- what is said ----------------------------------------------------------------------------------------------------

typedef enum cw_language { CW_ENGLISH, CW_KOREAN, CW_LANGUAGES } cw_language;

// The same in every language, UTF-8, terminated; zeroed: nothing said yet. What does not fit is cut at a whole character.
enum { CW_SAID_SIZE = 240 };
typedef struct cw_said {
    char in[CW_LANGUAGES][CW_SAID_SIZE];
} cw_said;

// Goes on saying: the formats (printf) take the same arguments in the same order. Korean particles are written as both of
// their forms, 은(는) 이(가) 을(를) 와(과) (으)로, and become the one that fits what stands before them.
void cw_say(cw_said *said, const char *english, const char *korean, ...)
    __attribute__((format(printf, 2, 4), format(printf, 3, 4)));
void cw_say_list(cw_said *said, const char *english, const char *korean, va_list list)
    __attribute__((format(printf, 2, 0), format(printf, 3, 0)));
void cw_say_words(cw_said *said, const char *english, const char *korean); // as they are
// Replaces such particles in place; the text never becomes longer.
void cw_korean_particles(char *text);

// ---- files -----------------------------------------------------------------------------------------------------------

// Reads a whole file, at most `limit` bytes (0: 1 GiB). *bytes comes from malloc and is terminated by a zero that is not
// counted.
cw_status cw_file_read(const char *path, size_t limit, char **bytes, size_t *count, cw_error *err);
// Writes under a temporary name beside `path`, then renames: never half-written.
cw_status cw_file_write(const char *path, const void *bytes, size_t count, cw_error *err);

// ---- threads ---------------------------------------------------------------------------------------------------------

// A fixed pool. Work is split by index, so results never depend on the number of threads.
typedef struct cw_pool cw_pool;
cw_pool *cw_pool_new(int threads); // 0: one for each processor; NULL when threads cannot be had
void cw_pool_free(cw_pool *pool);  // NULL is fine
int cw_pool_threads(const cw_pool *pool);
// Calls task(context, index, worker) for every index in [0, count), worker in [0, threads), and waits for all.
void cw_pool_run(cw_pool *pool, size_t count, void (*task)(void *context, size_t index, int worker), void *context);

// Monotonic seconds; for measuring only, never for a result.
double cw_seconds(void);

#endif
