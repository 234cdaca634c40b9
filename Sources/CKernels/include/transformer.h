// The transformer's element-wise operations, float32, row-major, each with its gradient.
//
// Each is compiled for x86-64-v4, Haswell and the baseline, and chosen when the program is loaded. Sums are taken in
// sixteen lanes whatever the processor, so a row's result depends on nothing but the row.
#ifndef BELLM_TRANSFORMER_H
#define BELLM_TRANSFORMER_H

#include <stddef.h>
#include <stdint.h>

/// out[r] = x[r] / sqrt(mean(x[r]^2) + epsilon) * weight.  Zhang & Sennrich 2019, equation 4.
void bellm_rms_norm(
    const float *x, size_t x_stride, const float *weight, float epsilon, float *out, size_t out_stride, size_t rows,
    size_t columns);

/// x_gradient += the gradient of x, given that of the result; weight_gradient, where it isn't NULL, += the weight's.
void bellm_rms_norm_backward(
    const float *x, size_t x_stride, const float *weight, float epsilon, const float *gradient,
    size_t gradient_stride, float *x_gradient, size_t x_gradient_stride, float *weight_gradient, size_t rows,
    size_t columns);

/// Which components of each head are turned: the first ones.
struct bellm_rotated {
    size_t head_dimension, components;
};

/// Rotates each head of each row in place, first half of what is turned against the second.  Su et al. 2021,
/// equation 34.  cosines and sines: [position][components / 2]. direction: 1, or -1 to turn back, as a gradient does.
void bellm_rope(
    float *x, size_t stride, const int32_t *positions, const float *cosines, const float *sines, float direction,
    size_t rows, size_t heads, const struct bellm_rotated *rotated);

/// out = x rounded to bfloat16, to nearest and ties to even: as 16 bits, or as the float32 of the same value.
void bellm_to_bfloat16(const float *x, size_t stride, uint16_t *out, size_t rows, size_t columns);
void bellm_round_to_bfloat16(const float *x, size_t stride, float *out, size_t out_stride, size_t rows, size_t columns);

/// y += a * x
void bellm_add_scaled(const float *x, float a, float *y, size_t count);

/// y = max(y, x), element by element; a NaN in x stays.
void bellm_maximum(const float *x, float *y, size_t count);

#endif
