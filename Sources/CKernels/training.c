#include "training.h"
#include "lanes.h"

#include <math.h>

enum { HALF = LANES / 2 };
typedef float half_lanes __attribute__((vector_size(32)));
typedef double double_lanes __attribute__((vector_size(64)));

BELLM_INLINE double_lanes widened(const float *p) {
    half_lanes v;
    memcpy(&v, p, sizeof v);
    return __builtin_convertvector(v, double_lanes);
}

BELLM_INLINE double double_sum(double_lanes v) {
    return ((v[0] + v[4]) + (v[2] + v[6])) + ((v[1] + v[5]) + (v[3] + v[7]));
}

// A product of two floats is exact in double precision, so a fused multiply-add changes nothing.
BELLM_DISPATCH
double bellm_dot(const float *a, const float *b, size_t count) {
    double_lanes products = {0};
    size_t i = 0;
    for (; i + HALF <= count; i += HALF) products += widened(a + i) * widened(b + i);
    double total = double_sum(products);
    for (; i < count; i++) total += (double)a[i] * b[i];
    return total;
}

BELLM_DISPATCH
void bellm_scale(const float *x, double scale, float *out, size_t count) {
    for (size_t i = 0; i < count; i++) out[i] = (float)(scale * x[i]);
}

BELLM_DISPATCH
void bellm_unit_gradient(const float *unit, double along, double length, float *gradient, size_t count) {
    double inverse = 1.0 / length;
    for (size_t i = 0; i < count; i++) gradient[i] = (float)((gradient[i] - along * unit[i]) * inverse);
}

BELLM_DISPATCH
double bellm_softmax(float *x, size_t count) {
    float greatest_x = -INFINITY;
    for (size_t i = 0; i < count; i++) greatest_x = x[i] > greatest_x ? x[i] : greatest_x;

    double_lanes sums = {0};
    for (size_t i = 0; i < count; i += LANES) {
        size_t width = count - i < LANES ? count - i : LANES;
        lanes block = splat(-INFINITY);
        memcpy(&block, x + i, width * sizeof(float));
        block = exponential(block - greatest_x);
        memcpy(x + i, &block, width * sizeof(float));
        float e[LANES];
        store(e, block);
        sums += widened(e) + widened(e + HALF);
    }
    double total = double_sum(sums);
    bellm_scale(x, 1.0 / total, x, count);
    return (double)greatest_x + log(total);
}

BELLM_DISPATCH
void bellm_adamw(
    float *restrict parameters, const float *restrict gradient, float *restrict first, float *restrict second,
    size_t count, const bellm_adamw_step *step) {
    bellm_adamw_step s = *step;
    for (size_t i = 0; i < count; i++) {
        float g = gradient[i];
        float m = first[i] + s.first_share * (g - first[i]);
        float v = s.second_decay * second[i] + s.second_share * g * g;
        first[i] = m;
        second[i] = v;
        parameters[i] = s.weight_factor * parameters[i] - s.step_size * (m / (__builtin_elementwise_sqrt(v) / s.root_correction + s.epsilon));
    }
}

// Full avalanche in 32 bits.  C. Wellons, "hash-prospector", 2018: lowbias32.
BELLM_INLINE uint32_t mixed(uint32_t x) {
    x = (x ^ x >> 16) * 0x7feb352du;
    x = (x ^ x >> 15) * 0x846ca68bu;
    return x ^ x >> 16;
}

BELLM_DISPATCH
void bellm_dropout(
    const float *x, size_t stride, size_t rows, size_t columns, const bellm_dropout_mask *mask, int accumulating,
    float *out, size_t out_stride) {
    bellm_dropout_mask m = *mask;
    for (size_t i = 0; i < rows; i++, x += stride, out += out_stride) {
        uint32_t row_key = mixed((uint32_t)i ^ m.keys[0]) ^ m.keys[1];
        for (size_t j = 0; j < columns; j++) {
            float share = mixed(mixed((uint32_t)j ^ row_key) + m.keys[0]) < m.threshold ? 0.0f : m.scale;
            out[j] = (accumulating ? out[j] : 0.0f) + share * x[j];
        }
    }
}
