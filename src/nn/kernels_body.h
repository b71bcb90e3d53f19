// The kernels, written once over a vector of so many floats; included by each instruction set's file, which defines WIDTH (floats
// of a vector), TILE, VECTORS (of a tile's columns), the type `vec` and its operations load, store, fill, fused, and KERNELS.
//
// Every sum runs in one order whatever the tile, so that a sample's result does not depend on where it stands.

// ---- products ----------------------------------------------------------------------------------------------------------

static inline __attribute__((always_inline)) void product_of(const uint32_t height, const uint32_t vectors,
                                                             uint32_t depth, const float *a, size_t a_step,
                                                             const float *b, size_t b_step, const float *bias,
                                                             bool adds, bool relu, float *c, size_t c_step) {
    vec sum[TILE][VECTORS];
#pragma GCC unroll 16
    for (uint32_t i = 0; i < height; i++)
#pragma GCC unroll 4
        for (uint32_t j = 0; j < vectors; j++)
            sum[i][j] = bias ? fill(bias[i]) : adds ? load(c + i * c_step + j * WIDTH) : fill(0);
    for (uint32_t k = 0; k < depth; k++, a += a_step, b += b_step) {
        vec row[VECTORS];
#pragma GCC unroll 4
        for (uint32_t j = 0; j < vectors; j++)
            row[j] = load(b + j * WIDTH);
#pragma GCC unroll 16
        for (uint32_t i = 0; i < height; i++) {
            vec one = fill(a[i]);
#pragma GCC unroll 4
            for (uint32_t j = 0; j < vectors; j++)
                sum[i][j] = fused(one, row[j], sum[i][j]);
        }
    }
#pragma GCC unroll 16
    for (uint32_t i = 0; i < height; i++)
#pragma GCC unroll 4
        for (uint32_t j = 0; j < vectors; j++)
            store(c + i * c_step + j * WIDTH, relu ? greater(sum[i][j], fill(0)) : sum[i][j]);
}

#define CASE(h)                                                                                                        \
    case h:                                                                                                            \
        product_of(h, VECTORS, depth, a, a_step, b, b_step, bias, adds, relu, c, c_step);                              \
        break;

static void product_wide(uint32_t height, uint32_t depth, const float *a, size_t a_step, const float *b, size_t b_step,
                         const float *bias, bool adds, bool relu, float *c, size_t c_step) {
    switch (height) {
        CASE(1)
        CASE(2)
        CASE(3)
        CASE(4)
#if TILE > 4
        CASE(5)
        CASE(6)
#endif
#if TILE > 6
        CASE(7)
        CASE(8)
        CASE(9)
        CASE(10)
        CASE(11)
        CASE(12)
        CASE(13)
        CASE(14)
#endif
    }
}
#undef CASE

// Of 16 columns where a tile is of more.
#if WIDTH * VECTORS > 16
#define CASE(h)                                                                                                        \
    case h:                                                                                                            \
        product_of(h, VECTORS / 2, depth, a, a_step, b, b_step, bias, adds, relu, c, c_step);                          \
        break;
static void product_narrow(uint32_t height, uint32_t depth, const float *a, size_t a_step, const float *b,
                           size_t b_step, const float *bias, bool adds, bool relu, float *c, size_t c_step) {
    switch (height) {
        CASE(1)
        CASE(2)
        CASE(3)
        CASE(4)
        CASE(5)
        CASE(6)
        CASE(7)
        CASE(8)
        CASE(9)
        CASE(10)
        CASE(11)
        CASE(12)
        CASE(13)
        CASE(14)
    }
}
#undef CASE
#endif

static void product(uint32_t height, uint32_t lanes, uint32_t depth, const float *a, size_t a_step, const float *b,
                    size_t b_step, const float *bias, bool adds, bool relu, float *c, size_t c_step) {
    uint32_t j = 0;
    for (; j + WIDTH * VECTORS <= lanes; j += WIDTH * VECTORS)
        product_wide(height, depth, a, a_step, b + j, b_step, bias, adds, relu, c + j, c_step);
#if WIDTH * VECTORS > 16
    if (j < lanes)
        product_narrow(height, depth, a, a_step, b + j, b_step, bias, adds, relu, c + j, c_step);
#endif
}

// ---- element by element --------------------------------------------------------------------------------------------------

// exp by 2^n * e^r, |r| <= ln 2 / 2, and the series to the sixth power; below -87 what it is at -87.
static inline __attribute__((always_inline)) float exp_of(float x) {
    x = x < -87.0f ? -87.0f : x > 88.0f ? 88.0f : x;
    const float shift = 12582912.0f; // 1.5 * 2^23: adding it rounds to a whole number
    float n = (x * 1.44269504f + shift) - shift;
    float r = (x - n * 0.693145752f) - n * 1.42860677e-6f;
    float p = 1.0f / 720;
    p = p * r + 1.0f / 120;
    p = p * r + 1.0f / 24;
    p = p * r + 1.0f / 6;
    p = p * r + 0.5f;
    p = p * r + 1.0f;
    p = p * r + 1.0f;
    union {
        uint32_t bits;
        float number;
    } power = {.bits = (uint32_t)((int32_t)n + 127) << 23};
    return p * power.number;
}

static inline __attribute__((always_inline)) float sigmoid_of(float x) {
    return 1.0f / (1.0f + exp_of(-x));
}

static inline __attribute__((always_inline)) float tanh_of(float x) {
    return 1.0f - 2.0f / (1.0f + exp_of(2.0f * x));
}

// GELU by tanh (Hendrycks, Gimpel 2016, arXiv:1606.08415).
#define GELU_A 0.79788456f
#define GELU_B 0.044715f

static void exponential(size_t count, const float *restrict x, float *restrict y) {
    for (size_t i = 0; i < count; i++)
        y[i] = exp_of(x[i]);
}

static void activate(cw_activation act, size_t count, const float *x, float *y) {
    switch (act) {
    case CW_ACT_RELU:
        for (size_t i = 0; i < count; i++)
            y[i] = x[i] > 0 ? x[i] : 0;
        break;
    case CW_ACT_GELU:
        for (size_t i = 0; i < count; i++)
            y[i] = 0.5f * x[i] * (1.0f + tanh_of(GELU_A * (x[i] + GELU_B * x[i] * x[i] * x[i])));
        break;
    case CW_ACT_SILU:
        for (size_t i = 0; i < count; i++)
            y[i] = x[i] * sigmoid_of(x[i]);
        break;
    case CW_ACT_TANH:
        for (size_t i = 0; i < count; i++)
            y[i] = tanh_of(x[i]);
        break;
    case CW_ACT_SIGMOID:
        for (size_t i = 0; i < count; i++)
            y[i] = sigmoid_of(x[i]);
        break;
    default:
        for (size_t i = 0; i < count; i++)
            y[i] = x[i];
    }
}

static void slope(cw_activation act, size_t count, const float *restrict x, const float *restrict y,
                  const float *restrict dy, float *restrict dx) {
    switch (act) {
    case CW_ACT_RELU:
        for (size_t i = 0; i < count; i++)
            dx[i] += y[i] > 0 ? dy[i] : 0;
        break;
    case CW_ACT_GELU:
        for (size_t i = 0; i < count; i++) {
            float t = tanh_of(GELU_A * (x[i] + GELU_B * x[i] * x[i] * x[i]));
            float inner = GELU_A * (1.0f + 3.0f * GELU_B * x[i] * x[i]);
            dx[i] += dy[i] * (0.5f * (1.0f + t) + 0.5f * x[i] * (1.0f - t * t) * inner);
        }
        break;
    case CW_ACT_SILU:
        for (size_t i = 0; i < count; i++) {
            float s = sigmoid_of(x[i]);
            dx[i] += dy[i] * s * (1.0f + x[i] * (1.0f - s));
        }
        break;
    case CW_ACT_TANH:
        for (size_t i = 0; i < count; i++)
            dx[i] += dy[i] * (1.0f - y[i] * y[i]);
        break;
    case CW_ACT_SIGMOID:
        for (size_t i = 0; i < count; i++)
            dx[i] += dy[i] * y[i] * (1.0f - y[i]);
        break;
    default:
        for (size_t i = 0; i < count; i++)
            dx[i] += dy[i];
    }
}

static void add(size_t count, const float *restrict x, float *restrict y) {
    for (size_t i = 0; i < count; i++)
        y[i] += x[i];
}

// Where x counts and is greater than y so far: y becomes it, and which the number.
static void pick(size_t count, const float *restrict x, const float *restrict mask, float number, float *restrict y,
                 float *restrict which) {
    for (size_t i = 0; i < count; i++) {
        float value = !mask || mask[i] > 0 ? x[i] : -INFINITY, better = value > y[i] ? 1.0f : 0.0f;
        which[i] = better > 0 ? number : which[i];
        y[i] = better > 0 ? value : y[i];
    }
}

static void give(size_t count, const float *restrict dy, const float *restrict which, float number,
                 float *restrict dx) {
    for (size_t i = 0; i < count; i++)
        dx[i] += which[i] == number ? dy[i] : 0.0f;
}

static void gate(size_t count, const float *restrict y, float *restrict dy) {
    for (size_t i = 0; i < count; i++)
        dy[i] = y[i] > 0 ? dy[i] : 0.0f;
}

static void adam(const cw_adam_step *s, size_t count, const float *restrict gradient, float *restrict weight,
                 float *restrict first, float *restrict second, float *restrict average) {
    float keep = 1.0f - s->rate * s->decay, step = s->rate * s->unbias1;
    for (size_t i = 0; i < count; i++) {
        float g = gradient[i] * s->scale;
        first[i] = s->beta1 * first[i] + (1.0f - s->beta1) * g;
        second[i] = s->beta2 * second[i] + (1.0f - s->beta2) * g * g;
        weight[i] = keep * weight[i] - step * first[i] / (root(second[i] * s->unbias2) + s->epsilon);
    }
    for (size_t i = 0; average && i < count; i++)
        average[i] += (1.0f - s->average) * (weight[i] - average[i]);
}

const cw_kernels KERNELS = {.name = NAME,
                            .tile = TILE,
                            .product = product,
                            .turn = turn,
                            .activate = activate,
                            .slope = slope,
                            .exponential = exponential,
                            .add = add,
                            .gate = gate,
                            .pick = pick,
                            .give = give,
                            .adam = adam};
