// Neural networks on the processor: a network is a graph of layers over named shapes, run forward and backward for 64 samples
// at a time, trained by AdamW over a pool of threads, written as safetensors.
//
// A tensor holds, for each of its elements, the 64 samples of a block side by side (element e of sample r is at
// [e * CW_NN_BLOCK + r]), so that every layer works on whole vectors and a sample's result depends on no other sample. A network
// is built once and is then constant but for its weights; a cw_exec belongs to one thread at a time and allocates nothing.
// On one instruction set results are the same bits on any number of threads and in any batch.
#ifndef CAUSEWAY_NN_H
#define CAUSEWAY_NN_H

#include "causeway/base.h"

enum { CW_NN_BLOCK = 64, CW_NN_AXES = 4 };

// ---- the network -------------------------------------------------------------------------------------------------------

typedef struct cw_axis {
    const char *name; // "user", "feature"; outlives the network
    uint32_t size;
} cw_axis;

// Of one sample. The last axis runs fastest.
typedef struct cw_axes {
    uint32_t rank;
    cw_axis axis[CW_NN_AXES];
} cw_axes;

cw_axes cw_axes_1(const char *name, uint32_t size);
cw_axes cw_axes_2(const char *name0, uint32_t size0, const char *name1, uint32_t size1);
cw_axes cw_axes_3(const char *name0, uint32_t size0, const char *name1, uint32_t size1, const char *name2,
                  uint32_t size2);
uint32_t cw_axes_size(const cw_axes *shape); // elements of a sample

typedef enum cw_activation {
    CW_ACT_NONE,
    CW_ACT_RELU,
    CW_ACT_GELU,
    CW_ACT_SILU,
    CW_ACT_TANH,
    CW_ACT_SIGMOID
} cw_activation;

typedef enum cw_kernel_set { CW_NN_AUTO, CW_NN_PLAIN, CW_NN_AVX2, CW_NN_AVX512 } cw_kernel_set;
bool cw_nn_has(cw_kernel_set set);             // does this processor run it?
const char *cw_nn_set_name(cw_kernel_set set); // of AUTO: the one that it takes

typedef struct cw_net cw_net;
typedef uint32_t cw_node;

// `seed` draws the first weights. NULL when memory is out.
cw_net *cw_net_new(uint64_t seed, cw_kernel_set kernels);
void cw_net_free(cw_net *net); // NULL is fine

// Layers. Each returns the node of its output; shapes that do not fit are misuse. `name` names its weights in files. Once a
// call has run out of memory all later ones do nothing, and cw_net_finish says so.
cw_node cw_net_input(cw_net *net, const char *name, cw_axes shape);
// y = act(x W + b) over the last axis.
cw_node cw_net_linear(cw_net *net, const char *name, cw_node x, uint32_t out, cw_activation act);
cw_node cw_net_activate(cw_net *net, cw_node x, cw_activation act);
cw_node cw_net_add(cw_net *net, cw_node a, cw_node b);               // of one shape: a residual connection
cw_node cw_net_join(cw_net *net, cw_node a, cw_node b);              // one after the other, as one axis
cw_node cw_net_layer_norm(cw_net *net, const char *name, cw_node x); // over the last axis, with gain and offset
cw_node cw_net_rms_norm(cw_net *net, const char *name, cw_node x);   // over the last axis, with gain
cw_node cw_net_softmax(cw_net *net, cw_node x);                      // over the last axis
// The greatest over all axes but the last: what a set of rows has in common, whatever their order. mask: input of one element
// for each row, > 0 where it counts; CW_NO_NODE: all count. Where none counts the result is 0.
cw_node cw_net_set_max(cw_net *net, cw_node x, cw_node mask);
// Rows of a table (entries x width) picked by the elements of x, whole numbers in [0, entries).
cw_node cw_net_embed(cw_net *net, const char *name, cw_node x, uint32_t entries, uint32_t width);
// Attention of `heads` heads over (time, feature) of q, k, v. mask as above, over the times of k and v; causal: no look ahead.
// A time that may look nowhere gets zeros.
cw_node cw_net_attention(cw_net *net, cw_node q, cw_node k, cw_node v, cw_node mask, uint32_t heads, bool causal);
// A gated recurrent unit over (time, feature), from a zero state: (time, width). As in Cho et al. 2014, arXiv:1406.1078, with
// the reset applied after the product (so that it is one matrix product a step).
cw_node cw_net_gru(cw_net *net, const char *name, cw_node x, uint32_t width);
// (height, width, channel) to (height', width', out), zeros beyond the border. depthwise: each channel by itself, out = channels.
typedef struct cw_conv {
    uint32_t out, kernel, stride, padding;
    bool depthwise;
} cw_conv;
cw_node cw_net_conv(cw_net *net, const char *name, cw_node x, cw_conv conv);
cw_node cw_net_pool(cw_net *net, cw_node x, uint32_t size,
                    bool greatest);          // squares of size x size: their greatest or mean
cw_node cw_net_flat(cw_net *net, cw_node x); // as one axis
// Weights of no layer, for a loss: `size` of them, all `value` at first. Returns their number among cw_net_weights.
uint32_t cw_net_vector(cw_net *net, const char *name, uint32_t size, float value);
#define CW_NO_NODE UINT32_MAX

// After the last layer: lays memory out. CW_ERR_MEMORY.
cw_status cw_net_finish(cw_net *net, cw_error *err);
const cw_axes *cw_net_shape(const cw_net *net, cw_node node);

// ---- weights -----------------------------------------------------------------------------------------------------------

typedef struct cw_weight {
    const char *name;
    uint32_t rows, columns; // a vector has one row
    uint32_t stride;        // floats from row to row in memory
    size_t first;           // float in the net's array of weights
    bool decays;            // weight decay is for matrices alone
} cw_weight;

const cw_weight *cw_net_weights(const cw_net *net, uint32_t *count);
float *cw_net_floats(cw_net *net, size_t *count); // all weights with their padding; after a change: cw_net_changed
void cw_net_changed(cw_net *net);                 // brings them into the form that the kernels read
uint64_t cw_net_multiply_adds(const cw_net *net); // of one sample forward, in matrix products
size_t cw_net_parameters(const cw_net *net);      // without padding

// ---- running -----------------------------------------------------------------------------------------------------------

typedef struct cw_exec cw_exec;
// learns: with room for gradients. NULL when memory is out.
cw_exec *cw_exec_new(const cw_net *net, bool learns);
void cw_exec_free(cw_exec *exec);                     // NULL is fine
float *cw_exec_value(cw_exec *exec, cw_node node);    // (elements x 64)
float *cw_exec_gradient(cw_exec *exec, cw_node node); // likewise
// Copies `rows` samples that stand one after the other (rows x elements) into a node, and back.
void cw_exec_put(cw_exec *exec, cw_node node, const float *samples, size_t stride, uint32_t rows);
void cw_exec_get(const cw_exec *exec, cw_node node, float *samples, size_t stride, uint32_t rows);
// From the inputs to every node, for the first `rows` samples.
void cw_exec_forward(cw_exec *exec, uint32_t rows);
// From the gradients of nodes, to which the caller has added its own, to `slopes`: those of the weights are added to that array,
// which is laid out as cw_net_floats. The gradients of nodes are zero again after it, as they were at the beginning.
void cw_exec_backward(cw_exec *exec, uint32_t rows, float *slopes);

// ---- losses ------------------------------------------------------------------------------------------------------------
// Each returns the sum over the first `rows` samples, in the layout of a node's value, and adds scale * its gradient where
// `slope` is not NULL. Elements are those of a sample.

double cw_loss_mse(const float *value, const float *target, uint32_t elements, uint32_t rows, float scale,
                   float *slope);
double cw_loss_huber(const float *value, const float *target, uint32_t elements, uint32_t rows, float delta,
                     float scale, float *slope);
// -log softmax(value)[label]; labels (rows).
double cw_loss_cross_entropy(const float *value, const uint32_t *label, uint32_t classes, uint32_t rows, float scale,
                             float *slope);
// -log of a mixture of `modes` Gaussians with independent axes. value: modes logits, then modes x axes means, then as many log
// deviations. target: (axes x 64).
double cw_loss_mixture(const float *value, const float *target, uint32_t modes, uint32_t axes, uint32_t rows,
                       float scale, float *slope);
// log density of a Gaussian with independent axes, of one action.
double cw_gaussian_log(const float *mean, const float *log_deviation, const float *action, uint32_t axes);
// The clipped surrogate of PPO (Schulman et al. 2017, arXiv:1707.06347, eq. 7) of one sample with its entropy bonus; gradients
// are added, times scale, to those of its means and log deviations.
typedef struct cw_ppo {
    float clip, entropy;
} cw_ppo;
double cw_loss_ppo(const cw_ppo *ppo, const float *mean, const float *log_deviation, const float *action, uint32_t axes,
                   float old_log, float advantage, float scale, float *mean_slope, float *deviation_slope,
                   float *ratio);

// ---- learning ----------------------------------------------------------------------------------------------------------

typedef struct cw_adam { // AdamW (Loshchilov, Hutter 2019, arXiv:1711.05101)
    float rate, beta1, beta2, epsilon, decay;
    float clip;    // most norm of the gradient; 0: none
    float average; // of the moving average of the weights, 0: none, else e.g. 0.999
} cw_adam;
cw_adam cw_adam_defaults(void);

// Warm-up over `warm` steps, then constant (0) or a cosine to `last` times the rate at `steps`.
typedef struct cw_schedule {
    uint64_t warm, steps;
    float last;
} cw_schedule;
float cw_schedule_rate(const cw_schedule *schedule, float rate, uint64_t step);

typedef struct cw_trainer cw_trainer;
// What a step learns from. Called from several threads, for other rows each.
typedef struct cw_lesson {
    void *context;
    // Fills the inputs for samples [first, first + rows), rows <= 64.
    void (*fill)(void *context, cw_exec *exec, size_t first, uint32_t rows);
    // Reads values, writes gradients; returns the sum of the samples' losses. `slopes`: gradients of the weights, for those
    // that are no layer's.
    double (*loss)(void *context, cw_exec *exec, size_t first, uint32_t rows, float *slopes);
} cw_lesson;

// The net and the pool outlive it. NULL when memory is out.
cw_trainer *cw_trainer_new(cw_net *net, cw_pool *pool, cw_adam adam);
void cw_trainer_free(cw_trainer *trainer); // NULL is fine
cw_adam *cw_trainer_adam(cw_trainer *trainer);
uint64_t cw_trainer_steps(const cw_trainer *trainer);
// One step over `rows` samples; allocates nothing. *loss: their sum; *norm: of the gradient before clipping (each may be NULL).
// False: gradient or loss are not finite, the weights are as they were.
bool cw_trainer_step(cw_trainer *trainer, const cw_lesson *lesson, size_t rows, double *loss, double *norm);
// Inference over the pool: fill and forward for all rows, then `loss`, with slopes NULL, to read what came out.
void cw_trainer_forward(cw_trainer *trainer, const cw_lesson *lesson, size_t rows);
const float *cw_trainer_average(const cw_trainer *trainer); // moving average of the weights; NULL where there is none

// ---- files -------------------------------------------------------------------------------------------------------------

// safetensors (huggingface/safetensors): a JSON header, then the tensors' bytes. Read with every size checked.
typedef struct cw_tensor_view {
    const char *name;
    uint32_t rank;
    uint64_t size[8];
    const float *floats; // F32; NULL: of another type
    const int8_t *bytes; // I8 likewise
    uint64_t count;
} cw_tensor_view;

typedef struct cw_tensors cw_tensors;
// The bytes stay the caller's and outlive it. CW_ERR_INPUT: not safetensors; `path` is for messages.
cw_status cw_tensors_read(const char *path, const void *bytes, size_t size, cw_tensors **tensors, cw_error *err);
cw_status cw_tensors_open(const char *path, cw_tensors **tensors, cw_error *err);   // reads the file and keeps it
void cw_tensors_free(cw_tensors *tensors);                                          // NULL is fine
const char *cw_tensors_note(const cw_tensors *tensors, const char *key);            // metadata; NULL: none
const cw_tensor_view *cw_tensors_find(const cw_tensors *tensors, const char *name); // NULL: none
const cw_tensor_view *cw_tensors_all(const cw_tensors *tensors, uint32_t *count);

typedef struct cw_note {
    const char *key, *text;
} cw_note;
typedef struct cw_tensor_out {
    const char *name;
    uint32_t rows, columns; // rows 0: a vector
    size_t stride;          // elements from row to row
    const float *floats;    // or
    const int8_t *bytes;
} cw_tensor_out;
// Under a temporary name, then renamed. The same content gives the same bytes.
cw_status cw_tensors_write(const char *path, const cw_note *notes, uint32_t note_count, const cw_tensor_out *tensors,
                           uint32_t count, cw_error *err);

// A net's weights as tensors and back; `prefix` before their names ("", "adam.first."). `floats`: an array as cw_net_floats.
uint32_t cw_net_tensors(const cw_net *net, const char *prefix, const float *floats, cw_arena *names,
                        cw_tensor_out *out);
cw_status cw_net_take(const cw_net *net, const char *path, const cw_tensors *tensors, const char *prefix, float *floats,
                      cw_error *err);
// The same with matrices as bytes and a scale for each column (NAME.scale): a quarter of the size, and cw_net_take reads them. Room
// for twice the net's weights; what is made lives in the arena. 0: out of memory.
uint32_t cw_net_bytes(const cw_net *net, const float *floats, cw_arena *arena, cw_tensor_out *out);
// The optimiser's state, so that going on equals never having stopped. Room for 3 times the net's weights + 1; the step count
// stands in `step`, which outlives the use.
uint32_t cw_trainer_tensors(cw_trainer *trainer, cw_arena *names, cw_tensor_out *out, float step[2]);
cw_status cw_trainer_take(cw_trainer *trainer, const char *path, const cw_tensors *tensors, cw_error *err);

#endif
