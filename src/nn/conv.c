// Convolutions of images (height, width, channel): each pixel's surroundings become a column, and that a product; depthwise ones
// go channel by channel.
#include "nn/net.h"

#include <string.h>

enum { ROWS = CW_NN_BLOCK };

typedef struct frame {
    uint32_t high, wide, channels; // of the source
    uint32_t rows, columns, out;   // of the result
    cw_conv c;
} frame;

static frame frame_of(const cw_exec *e, const cw_layer *l) {
    const cw_axis *from = e->net->layers[l->from[0]].shape.axis, *to = l->shape.axis;
    return (frame){from[0].size, from[1].size, from[2].size, to[0].size, to[1].size, to[2].size, l->conv};
}

// First element of the source's pixel under tap (a, b) of result (i, j); false: beyond the border.
static bool under(const frame *f, uint32_t i, uint32_t j, uint32_t a, uint32_t b, size_t *element) {
    int64_t y = (int64_t)i * f->c.stride + a - f->c.padding, x = (int64_t)j * f->c.stride + b - f->c.padding;
    if (y < 0 || x < 0 || y >= f->high || x >= f->wide)
        return false;
    *element = ((size_t)y * f->wide + (size_t)x) * f->channels;
    return true;
}

static void gather(const frame *f, const float *x, uint32_t i, uint32_t j, float *column) {
    size_t pixel = (size_t)f->channels * ROWS, element;
    for (uint32_t a = 0; a < f->c.kernel; a++)
        for (uint32_t b = 0; b < f->c.kernel; b++, column += pixel) {
            if (under(f, i, j, a, b, &element))
                memcpy(column, x + element * ROWS, pixel * sizeof *column);
            else
                memset(column, 0, pixel * sizeof *column);
        }
}

static void scatter(const cw_kernels *with, const frame *f, const float *column, uint32_t i, uint32_t j, float *dx) {
    size_t pixel = (size_t)f->channels * ROWS, element;
    for (uint32_t a = 0; a < f->c.kernel; a++)
        for (uint32_t b = 0; b < f->c.kernel; b++, column += pixel)
            if (under(f, i, j, a, b, &element))
                with->add(pixel, column, dx + element * ROWS);
}

static void conv_forward(cw_exec *e, const cw_layer *l, uint32_t lanes) {
    frame f = frame_of(e, l);
    float *y = cw_value(e, cw_net_node(e->net, l));
    for (uint32_t i = 0; i < f.rows; i++)
        for (uint32_t j = 0; j < f.columns; j++, y += (size_t)f.out * ROWS) {
            gather(&f, cw_value(e, l->from[0]), i, j, e->work);
            cw_matrix_forward(e, &l->matrix, l->bias, false, e->work, lanes, y);
        }
}

static void conv_backward(cw_exec *e, const cw_layer *l, uint32_t rows, float *slopes) {
    frame f = frame_of(e, l);
    size_t column = (size_t)f.c.kernel * f.c.kernel * f.channels * ROWS;
    float *dcolumn = e->work + column, *turned = dcolumn + column, *dx = cw_slope(e, l->from[0]);
    const float *dy = cw_slope(e, cw_net_node(e->net, l));
    for (uint32_t i = 0; i < f.rows; i++)
        for (uint32_t j = 0; j < f.columns; j++, dy += (size_t)f.out * ROWS) {
            gather(&f, cw_value(e, l->from[0]), i, j, e->work);
            memset(dcolumn, 0, column * sizeof *dcolumn);
            cw_matrix_backward(e, &l->matrix, l->bias, e->work, dy, rows, turned, dx ? dcolumn : NULL, slopes);
            if (dx)
                scatter(e->net->kernels, &f, dcolumn, i, j, dx);
        }
}

const cw_layer_work cw_work_conv = {conv_forward, conv_backward};

// ---- depthwise ---------------------------------------------------------------------------------------------------------------

static void depth_forward(cw_exec *e, const cw_layer *l, uint32_t lanes) {
    (void)lanes;
    frame f = frame_of(e, l);
    const float *x = cw_value(e, l->from[0]), *bias = cw_weight_of(e, l->bias), *weight = cw_weight_of(e, l->offset);
    uint32_t stride = e->net->weights[l->offset].stride;
    float *y = cw_value(e, cw_net_node(e->net, l));
    for (uint32_t i = 0; i < f.rows; i++)
        for (uint32_t j = 0; j < f.columns; j++)
            for (uint32_t c = 0; c < f.channels; c++, y += ROWS) {
                for (uint32_t r = 0; r < ROWS; r++)
                    y[r] = bias[c];
                for (uint32_t t = 0; t < f.c.kernel * f.c.kernel; t++) {
                    size_t element;
                    if (!under(&f, i, j, t / f.c.kernel, t % f.c.kernel, &element))
                        continue;
                    const float *from = x + (element + c) * ROWS;
                    float w = weight[(size_t)t * stride + c];
                    for (uint32_t r = 0; r < ROWS; r++)
                        y[r] += w * from[r];
                }
            }
}

static void depth_backward(cw_exec *e, const cw_layer *l, uint32_t rows, float *slopes) {
    frame f = frame_of(e, l);
    const float *x = cw_value(e, l->from[0]), *weight = cw_weight_of(e, l->offset);
    const float *dy = cw_slope(e, cw_net_node(e->net, l));
    float *dx = cw_slope(e, l->from[0]), *dbias = cw_weight_slope(e, l->bias, slopes);
    float *dweight = cw_weight_slope(e, l->offset, slopes);
    uint32_t stride = e->net->weights[l->offset].stride;
    for (uint32_t i = 0; i < f.rows; i++)
        for (uint32_t j = 0; j < f.columns; j++)
            for (uint32_t c = 0; c < f.channels; c++, dy += ROWS) {
                for (uint32_t r = 0; r < rows; r++)
                    dbias[c] += dy[r];
                for (uint32_t t = 0; t < f.c.kernel * f.c.kernel; t++) {
                    size_t element;
                    if (!under(&f, i, j, t / f.c.kernel, t % f.c.kernel, &element))
                        continue;
                    const float *from = x + (element + c) * ROWS;
                    float w = weight[(size_t)t * stride + c], sum = 0;
                    for (uint32_t r = 0; r < rows; r++)
                        sum += dy[r] * from[r];
                    dweight[(size_t)t * stride + c] += sum;
                    for (uint32_t r = 0; dx && r < rows; r++)
                        dx[(element + c) * ROWS + r] += w * dy[r];
                }
            }
}

const cw_layer_work cw_work_depthwise = {depth_forward, depth_backward};
