#include "activations.h"
#include "lanes.h"

#include <math.h>

// The elements of a row from `start` on, zeros behind its end.
BELLM_INLINE lanes load_row(const float *row, size_t start, size_t columns) {
    if (start + LANES <= columns) return load(row + start);
    lanes v = {0};
    memcpy(&v, row + start, (columns - start) * sizeof(float));
    return v;
}

BELLM_INLINE void store_row(float *row, size_t start, size_t columns, lanes v) {
    size_t width = columns - start < LANES ? columns - start : LANES;
    if (width == LANES) store(row + start, v);
    else memcpy(row + start, &v, width * sizeof(float));
}

BELLM_DISPATCH
void bellm_layer_norm(
    const float *x, size_t x_stride, const float *weight, const float *bias, float epsilon, float *out,
    size_t out_stride, size_t rows, size_t columns) {
    for (size_t r = 0; r < rows; r++, x += x_stride, out += out_stride) {
        lanes total = {0};
        for (size_t c = 0; c < columns; c += LANES) total += load_row(x, c, columns);
        float mean = sum(total) / (float)columns;

        // From the differences, not from the squares' sum: a mean far from zero would cancel them.
        lanes squares = {0};
        size_t c = 0;
        for (; c + LANES <= columns; c += LANES) squares += (load(x + c) - mean) * (load(x + c) - mean);
        float variance = sum(squares);
        for (; c < columns; c++) variance += (x[c] - mean) * (x[c] - mean);

        float scale = 1.0f / sqrtf(variance / (float)columns + epsilon);
        for (c = 0; c < columns; c += LANES) {
            lanes normed = (load_row(x, c, columns) - mean) * scale;
            store_row(out, c, columns, normed * load_row(weight, c, columns) + load_row(bias, c, columns));
        }
    }
}

BELLM_INLINE lanes activated(enum bellm_activation activation, lanes x) {
    switch (activation) {
    case bellm_relu: return choose(x < 0.0f, splat(0.0f), x);
    case bellm_silu: return x / (1.0f + exponential(-x));
    case bellm_gelu: return 0.5f * x * (1.0f + error_function(x * 0.70710678118654752f));
    case bellm_gelu_tanh:
        return 0.5f * x * (1.0f + hyperbolic_tangent(0.79788456080286536f * (x + 0.044715f * x * x * x)));
    }
    return x;
}

BELLM_DISPATCH
void bellm_activate(enum bellm_activation activation, float *x, size_t stride, size_t rows, size_t columns) {
    for (size_t r = 0; r < rows; r++, x += stride)
        for (size_t c = 0; c < columns; c += LANES)
            store_row(x, c, columns, activated(activation, load_row(x, c, columns)));
}

BELLM_DISPATCH
void bellm_gate(
    enum bellm_activation activation, const float *gate_up, size_t stride, float *out, size_t out_stride, size_t rows,
    size_t columns) {
    for (size_t r = 0; r < rows; r++, gate_up += stride, out += out_stride)
        for (size_t c = 0; c < columns; c += LANES) {
            lanes gate = activated(activation, load_row(gate_up, c, columns));
            store_row(out, c, columns, gate * load_row(gate_up + columns, c, columns));
        }
}

BELLM_DISPATCH
void bellm_add_to_rows(const float *x, float *y, size_t stride, size_t rows, size_t columns) {
    for (size_t r = 0; r < rows; r++, y += stride)
        for (size_t c = 0; c < columns; c++) y[c] += x[c];
}
