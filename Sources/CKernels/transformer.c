#include "transformer.h"
#include "lanes.h"

#include <math.h>

BELLM_DISPATCH
void bellm_rms_norm(
    const float *x, size_t x_stride, const float *weight, float epsilon, float *out, size_t out_stride, size_t rows,
    size_t columns) {
    for (size_t r = 0; r < rows; r++, x += x_stride, out += out_stride) {
        lanes squares = {0};
        size_t c = 0;
        for (; c + LANES <= columns; c += LANES) squares += load(x + c) * load(x + c);
        float total = sum(squares);
        for (; c < columns; c++) total += x[c] * x[c];

        float scale = inverse_root(total / (float)columns + epsilon);
        for (c = 0; c + LANES <= columns; c += LANES) store(out + c, load(x + c) * scale * load(weight + c));
        for (; c < columns; c++) out[c] = x[c] * scale * weight[c];
    }
}

BELLM_DISPATCH
void bellm_rms_norm_backward(
    const float *x, size_t x_stride, const float *weight, float epsilon, const float *gradient,
    size_t gradient_stride, float *x_gradient, size_t x_gradient_stride, float *weight_gradient, size_t rows,
    size_t columns) {
    for (size_t r = 0; r < rows; r++, x += x_stride, gradient += gradient_stride, x_gradient += x_gradient_stride) {
        lanes squares = {0}, products = {0};
        size_t c = 0;
        for (; c + LANES <= columns; c += LANES) {
            squares += load(x + c) * load(x + c);
            products += load(x + c) * load(weight + c) * load(gradient + c);
        }
        float square = sum(squares), product = sum(products);
        for (; c < columns; c++) square += x[c] * x[c], product += x[c] * weight[c] * gradient[c];

        float scale = inverse_root(square / (float)columns + epsilon);
        float along = scale * scale * scale * product / (float)columns;
        for (c = 0; c < columns; c++) x_gradient[c] += scale * weight[c] * gradient[c] - along * x[c];
        if (weight_gradient)
            for (c = 0; c < columns; c++) weight_gradient[c] += scale * x[c] * gradient[c];
    }
}

BELLM_DISPATCH
void bellm_rope(
    float *x, size_t stride, const int32_t *positions, const float *cosines, const float *sines, float direction,
    size_t rows, size_t heads, const struct bellm_rotated *rotated) {
    size_t half = rotated->components / 2;
    for (size_t r = 0; r < rows; r++, x += stride) {
        const float *cosine = cosines + (size_t)positions[r] * half;
        const float *sine = sines + (size_t)positions[r] * half;
        for (size_t h = 0; h < heads; h++) {
            float *first = x + h * rotated->head_dimension;
            float *second = first + half;
            for (size_t i = 0; i < half; i++) {
                float a = first[i], b = second[i];
                float s = direction * sine[i];
                first[i] = a * cosine[i] - b * s;
                second[i] = b * cosine[i] + a * s;
            }
        }
    }
}

// The upper half of a float, rounded to nearest, ties to even; a NaN stays one.
BELLM_INLINE uint32_t rounded_half(uint32_t bits) {
    uint32_t rounded = (bits + 0x7fff + ((bits >> 16) & 1)) >> 16;
    uint32_t quiet = (bits >> 16) | 0x40;
    return (bits & 0x7fffffff) > 0x7f800000 ? quiet : rounded;
}

BELLM_DISPATCH
void bellm_to_bfloat16(const float *x, size_t stride, uint16_t *out, size_t rows, size_t columns) {
    for (size_t r = 0; r < rows; r++, x += stride, out += columns) {
        const uint32_t *bits = (const uint32_t *)x;
        for (size_t c = 0; c < columns; c++) out[c] = (uint16_t)rounded_half(bits[c]);
    }
}

BELLM_DISPATCH
void bellm_round_to_bfloat16(
    const float *x, size_t stride, float *out, size_t out_stride, size_t rows, size_t columns) {
    for (size_t r = 0; r < rows; r++, x += stride, out += out_stride) {
        const uint32_t *bits = (const uint32_t *)x;
        uint32_t *result = (uint32_t *)out;
        for (size_t c = 0; c < columns; c++) result[c] = rounded_half(bits[c]) << 16;
    }
}

BELLM_DISPATCH
void bellm_add_scaled(const float *x, float a, float *y, size_t count) {
    for (size_t i = 0; i < count; i++) y[i] += a * x[i];
}

BELLM_DISPATCH
void bellm_maximum(const float *x, float *y, size_t count) {
    for (size_t i = 0; i < count; i++) y[i] = (x[i] > y[i] || x[i] != x[i]) ? x[i] : y[i];
}
