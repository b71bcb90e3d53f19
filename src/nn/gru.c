// The gated recurrent unit: what the input asks for is there already (a linear layer made it), the state's share is made here,
// step by step.
//
//   r = sigmoid(x_r + h_r)   z = sigmoid(x_z + h_z)   n = tanh(x_n + r h_n)   h' = (1 - z) n + z h     with h_. of h W + b
#include "nn/net.h"

#include <string.h>

enum { ROWS = CW_NN_BLOCK };

typedef struct step { // pieces of width x ROWS
    float *r, *z, *n, *hn;
} step;

static step step_at(const cw_exec *e, const cw_layer *l, uint32_t t) {
    size_t piece = (size_t)l->shape.axis[1].size * ROWS;
    float *at = e->values + l->extra + t * 4 * piece;
    return (step){at, at + piece, at + 2 * piece, at + 3 * piece};
}

static void forward(cw_exec *e, const cw_layer *l, uint32_t lanes) {
    (void)lanes;
    const cw_kernels *with = e->net->kernels;
    uint32_t width = l->shape.axis[1].size;
    size_t piece = (size_t)width * ROWS;
    float *zero = e->work, *gate = e->work + piece; // gate: 3 pieces
    memset(zero, 0, piece * sizeof *zero);
    const float *h = zero;
    for (uint32_t t = 0; t < l->shape.axis[0].size; t++) {
        const float *x = cw_value(e, l->from[0]) + t * 3 * piece;
        float *y = cw_value(e, cw_net_node(e->net, l)) + t * piece;
        step s = step_at(e, l, t);
        cw_matrix_forward(e, &l->matrix, l->bias, false, h, CW_NN_BLOCK, gate);
        memcpy(s.hn, gate + 2 * piece, piece * sizeof *gate);
        for (size_t i = 0; i < 2 * piece; i++)
            gate[i] += x[i];
        with->activate(CW_ACT_SIGMOID, piece, gate, s.r);
        with->activate(CW_ACT_SIGMOID, piece, gate + piece, s.z);
        for (size_t i = 0; i < piece; i++)
            gate[i] = x[2 * piece + i] + s.r[i] * s.hn[i];
        with->activate(CW_ACT_TANH, piece, gate, s.n);
        for (size_t i = 0; i < piece; i++)
            y[i] = (1 - s.z[i]) * s.n[i] + s.z[i] * h[i];
        h = y;
    }
}

static void backward(cw_exec *e, const cw_layer *l, uint32_t rows, float *slopes) {
    uint32_t width = l->shape.axis[1].size;
    size_t piece = (size_t)width * ROWS;
    float *zero = e->work, *dh = zero + piece, *dgate = dh + piece, *dx = dgate + 3 * piece, *turned = dx + 3 * piece;
    const float *all = cw_value(e, cw_net_node(e->net, l)), *dall = cw_slope(e, cw_net_node(e->net, l));
    memset(zero, 0, 2 * piece * sizeof *zero);
    for (uint32_t t = l->shape.axis[0].size; t-- > 0;) {
        step s = step_at(e, l, t);
        const float *h = t > 0 ? all + (t - 1) * piece : zero, *dy = dall + t * piece;
        for (size_t i = 0; i < piece; i++) {
            float d = dh[i] + dy[i], r = s.r[i], z = s.z[i], n = s.n[i];
            float dn = d * (1 - z) * (1 - n * n), dz = d * (h[i] - n) * z * (1 - z), dr = dn * s.hn[i] * r * (1 - r);
            dgate[i] = dx[i] = dr;
            dgate[piece + i] = dx[piece + i] = dz;
            dgate[2 * piece + i] = dn * r;
            dx[2 * piece + i] = dn;
            dh[i] = d * z;
        }
        float *to = cw_slope(e, l->from[0]);
        e->net->kernels->add(3 * piece, dx, to + t * 3 * piece);
        cw_matrix_backward(e, &l->matrix, l->bias, h, dgate, rows, turned, dh, slopes);
    }
}

const cw_layer_work cw_work_gru = {forward, backward};
