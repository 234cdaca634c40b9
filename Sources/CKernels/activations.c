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

        float scale = inverse_root(variance / (float)columns + epsilon);
        for (c = 0; c < columns; c += LANES) {
            lanes normed = (load_row(x, c, columns) - mean) * scale;
            store_row(out, c, columns, normed * load_row(weight, c, columns) + load_row(bias, c, columns));
        }
    }
}

BELLM_DISPATCH
void bellm_layer_norm_backward(
    const float *x, size_t x_stride, const float *weight, float epsilon, const float *gradient,
    size_t gradient_stride, float *x_gradient, size_t x_gradient_stride,
    const struct bellm_norm_gradients *parameters, size_t rows, size_t columns) {
    for (size_t r = 0; r < rows; r++, x += x_stride, gradient += gradient_stride, x_gradient += x_gradient_stride) {
        lanes total = {0};
        for (size_t c = 0; c < columns; c += LANES) total += load_row(x, c, columns);
        float mean = sum(total) / (float)columns;
        lanes squares = {0}, sums = {0}, products = {0};
        size_t c = 0;
        for (; c + LANES <= columns; c += LANES) {
            lanes centred = load(x + c) - mean, weighted = load(weight + c) * load(gradient + c);
            squares += centred * centred;
            sums += weighted;
            products += weighted * centred;
        }
        float variance = sum(squares), gradients = sum(sums), product = sum(products);
        for (; c < columns; c++) {
            float centred = x[c] - mean, weighted = weight[c] * gradient[c];
            variance += centred * centred;
            gradients += weighted;
            product += weighted * centred;
        }
        float scale = inverse_root(variance / (float)columns + epsilon);
        float along = scale * scale * product / (float)columns, level = gradients / (float)columns;
        for (c = 0; c < columns; c++)
            x_gradient[c] += scale * (weight[c] * gradient[c] - level - along * (x[c] - mean));
        if (!parameters) continue;
        for (c = 0; c < columns; c++) {
            parameters->weight[c] += scale * (x[c] - mean) * gradient[c];
            parameters->bias[c] += gradient[c];
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

// g * activation(x)
BELLM_INLINE lanes scaled_activation(enum bellm_activation activation, lanes x, lanes g) {
    if (activation != bellm_silu) return g * activated(activation, x);
    lanes sigmoid = 1.0f / (1.0f + exponential(-x));
    return g * x * sigmoid;
}

// g * the derivative of the activation at x
BELLM_INLINE lanes scaled_derivative(enum bellm_activation activation, lanes x, lanes g) {
    switch (activation) {
    case bellm_relu: return choose(x > 0.0f, g, splat(0.0f));
    case bellm_silu: {
        lanes sigmoid = 1.0f / (1.0f + exponential(-x));
        return g * sigmoid * (1.0f + x * (1.0f - sigmoid));
    }
    case bellm_gelu: {
        lanes density = 0.39894228040143268f * exponential(-0.5f * x * x);
        return g * (0.5f * (1.0f + error_function(x * 0.70710678118654752f)) + x * density);
    }
    case bellm_gelu_tanh: {
        lanes t = hyperbolic_tangent(0.79788456080286536f * (x + 0.044715f * x * x * x));
        lanes inner = 0.79788456080286536f * (1.0f + 0.134145f * x * x);
        return g * 0.5f * (1.0f + t + x * (1.0f - t * t) * inner);
    }
    }
    return g;
}

BELLM_DISPATCH
void bellm_activate(
    enum bellm_activation activation, const float *x, size_t stride, float *out, size_t out_stride, size_t rows,
    size_t columns) {
    for (size_t r = 0; r < rows; r++, x += stride, out += out_stride)
        for (size_t c = 0; c < columns; c += LANES)
            store_row(out, c, columns, activated(activation, load_row(x, c, columns)));
}

BELLM_DISPATCH
void bellm_activate_backward(
    enum bellm_activation activation, const float *x, size_t stride, const float *gradient, size_t gradient_stride,
    float *x_gradient, size_t x_gradient_stride, size_t rows, size_t columns) {
    for (size_t r = 0; r < rows; r++, x += stride, gradient += gradient_stride, x_gradient += x_gradient_stride)
        for (size_t c = 0; c < columns; c += LANES) {
            lanes g = load_row(gradient, c, columns);
            store_row(x_gradient, c, columns, scaled_derivative(activation, load_row(x, c, columns), g));
        }
}

// A loop of its own for each activation: to choose in every step would be slower.
#define WITH_ACTIVATION(activation, rows_of, ...) \
    switch (activation) { \
    case bellm_relu: rows_of(bellm_relu, __VA_ARGS__); break; \
    case bellm_silu: rows_of(bellm_silu, __VA_ARGS__); break; \
    case bellm_gelu: rows_of(bellm_gelu, __VA_ARGS__); break; \
    case bellm_gelu_tanh: rows_of(bellm_gelu_tanh, __VA_ARGS__); break; \
    }

BELLM_INLINE void gate_rows(
    enum bellm_activation activation, const float *gate_up, size_t stride, float *out, size_t out_stride, size_t rows,
    size_t columns) {
    for (size_t r = 0; r < rows; r++, gate_up += stride, out += out_stride)
        for (size_t c = 0; c < columns; c += LANES) {
            lanes gate = activated(activation, load_row(gate_up, c, columns));
            store_row(out, c, columns, gate * load_row(gate_up + columns, c, columns));
        }
}

BELLM_DISPATCH
void bellm_gate(
    enum bellm_activation activation, const float *gate_up, size_t stride, float *out, size_t out_stride, size_t rows,
    size_t columns) {
    WITH_ACTIVATION(activation, gate_rows, gate_up, stride, out, out_stride, rows, columns)
}

BELLM_INLINE void gate_rows_backward(
    enum bellm_activation activation, const float *gate_up, size_t stride, const float *gradient,
    size_t gradient_stride, float *gate_up_gradient, size_t gate_up_gradient_stride, size_t rows, size_t columns) {
    for (size_t r = 0; r < rows; r++) {
        for (size_t c = 0; c < columns; c += LANES) {
            lanes gate = load_row(gate_up, c, columns), up = load_row(gate_up + columns, c, columns);
            lanes g = load_row(gradient, c, columns);
            store_row(gate_up_gradient + columns, c, columns, scaled_activation(activation, gate, g));
            store_row(gate_up_gradient, c, columns, scaled_derivative(activation, gate, g * up));
        }
        gate_up += stride, gradient += gradient_stride, gate_up_gradient += gate_up_gradient_stride;
    }
}

BELLM_DISPATCH
void bellm_gate_backward(
    enum bellm_activation activation, const float *gate_up, size_t stride, const float *gradient,
    size_t gradient_stride, float *gate_up_gradient, size_t gate_up_gradient_stride, size_t rows, size_t columns) {
    WITH_ACTIVATION(
        activation, gate_rows_backward, gate_up, stride, gradient, gradient_stride, gate_up_gradient,
        gate_up_gradient_stride, rows, columns)
}

BELLM_DISPATCH
void bellm_add_to_rows(const float *x, float *y, size_t stride, size_t rows, size_t columns) {
    for (size_t r = 0; r < rows; r++, y += stride)
        for (size_t c = 0; c < columns; c++) y[c] += x[c];
}
