// What families other than LLaMA do beside it: LayerNorm, GELU and its kin, biases; float32, row-major, dispatched as
// transformer.h says.
#ifndef BELLM_ACTIVATIONS_H
#define BELLM_ACTIVATIONS_H

#include <stddef.h>

/// out[r] = (x[r] - mean) / sqrt(variance + epsilon) * weight + bias.  Ba et al. 2016, equation 4.
void bellm_layer_norm(
    const float *x, size_t x_stride, const float *weight, const float *bias, float epsilon, float *out,
    size_t out_stride, size_t rows, size_t columns);

enum bellm_activation {
    bellm_relu,
    bellm_silu,
    bellm_gelu,      // x / 2 * (1 + erf(x / sqrt(2))).  Hendrycks & Gimpel 2016, equation 1
    bellm_gelu_tanh, // their approximation: x / 2 * (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3)))
};

/// x = activation(x), in place.
void bellm_activate(enum bellm_activation activation, float *x, size_t stride, size_t rows, size_t columns);

/// out[r][i] = activation(gate_up[r][i]) * gate_up[r][columns + i].  Shazeer 2020, equation 6.
void bellm_gate(
    enum bellm_activation activation, const float *gate_up, size_t stride, float *out, size_t out_stride, size_t rows,
    size_t columns);

/// Each row of y += x
void bellm_add_to_rows(const float *x, float *y, size_t stride, size_t rows, size_t columns);

#endif
