// LayerNorm, activations and gates, biases, each with its gradient; float32, row-major, dispatched as transformer.h says.
#ifndef BELLM_ACTIVATIONS_H
#define BELLM_ACTIVATIONS_H

#include <stddef.h>

/// out[r] = (x[r] - mean) / sqrt(variance + epsilon) * weight + bias.  Ba et al. 2016, equation 4.
void bellm_layer_norm(
    const float *x, size_t x_stride, const float *weight, const float *bias, float epsilon, float *out,
    size_t out_stride, size_t rows, size_t columns);

/// Where the gradients of a norm's parameters are added: [columns] each.
struct bellm_norm_gradients {
    float *weight, *bias;
};

/// x_gradient += the gradient of x, given that of the result; the parameters' too, where they aren't NULL.
void bellm_layer_norm_backward(
    const float *x, size_t x_stride, const float *weight, float epsilon, const float *gradient,
    size_t gradient_stride, float *x_gradient, size_t x_gradient_stride,
    const struct bellm_norm_gradients *parameters, size_t rows, size_t columns);

enum bellm_activation {
    bellm_relu,
    bellm_silu,
    bellm_gelu,      // x / 2 * (1 + erf(x / sqrt(2))).  Hendrycks & Gimpel 2016, equation 1
    bellm_gelu_tanh, // their approximation: x / 2 * (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3)))
};

/// out = activation(x); out may be x.
void bellm_activate(
    enum bellm_activation activation, const float *x, size_t stride, float *out, size_t out_stride, size_t rows,
    size_t columns);

/// The gradient of x, given that of the result; it may overwrite the result's.
void bellm_activate_backward(
    enum bellm_activation activation, const float *x, size_t stride, const float *gradient, size_t gradient_stride,
    float *x_gradient, size_t x_gradient_stride, size_t rows, size_t columns);

/// out[r][i] = activation(gate_up[r][i]) * gate_up[r][columns + i].  Shazeer 2020, equation 6.
void bellm_gate(
    enum bellm_activation activation, const float *gate_up, size_t stride, float *out, size_t out_stride, size_t rows,
    size_t columns);

/// The gradient of gate_up, given that of the result.
void bellm_gate_backward(
    enum bellm_activation activation, const float *gate_up, size_t stride, const float *gradient,
    size_t gradient_stride, float *gate_up_gradient, size_t gate_up_gradient_stride, size_t rows, size_t columns);

/// Each row of y += x
void bellm_add_to_rows(const float *x, float *y, size_t stride, size_t rows, size_t columns);

#endif
