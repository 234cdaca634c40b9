// Sixteen float lanes: one AVX-512 register, two AVX or four SSE ones.
#ifndef BELLM_LANES_H
#define BELLM_LANES_H

#include <stdint.h>
#include <string.h>

#if defined(__x86_64__)
#define BELLM_DISPATCH __attribute__((target_clones("default", "arch=x86-64-v3", "arch=x86-64-v4")))
#else
#define BELLM_DISPATCH
#endif
#define BELLM_INLINE static inline __attribute__((always_inline))

// A product and a sum behind it may become one fused multiply-add, also across statements. Said here and not by a compiler
// flag, as is which square root sets no errno: Swift packages that others depend on have no flags of their own. SwiftPM's -O2
// is as fast as -O3 here, and faster where -O3 unrolls a loop before it could be vectorised.
#pragma clang fp contract(fast)

// The helpers below are always inlined, so how a vector argument would be passed doesn't matter.
#pragma clang diagnostic ignored "-Wpsabi"

enum { LANES = 16 };
typedef float lanes __attribute__((vector_size(64)));
typedef int32_t int_lanes __attribute__((vector_size(64)));

BELLM_INLINE lanes load(const float *p) {
    lanes v;
    memcpy(&v, p, sizeof v);
    return v;
}

BELLM_INLINE void store(float *p, lanes v) { memcpy(p, &v, sizeof v); }

BELLM_INLINE lanes splat(float x) { return (lanes){0} + x; }

BELLM_INLINE lanes choose(int_lanes condition, lanes yes, lanes no) {
    return (lanes)((condition & (int_lanes)yes) | (~condition & (int_lanes)no));
}

BELLM_INLINE float sum(lanes v) {
    float total[LANES];
    store(total, v);
    for (int width = LANES / 2; width > 0; width /= 2)
        for (int i = 0; i < width; i++) total[i] += total[i + width];
    return total[0];
}

BELLM_INLINE float greatest(lanes v) {
    float m = v[0];
    for (int i = 1; i < LANES; i++) m = v[i] > m ? v[i] : m;
    return m;
}

// One over the root of a norm's mean square. Beyond float32 it is NaN: one over infinity would turn the row into zeros, which
// look like a result.
BELLM_INLINE float inverse_root(float mean_square) {
    return mean_square == __builtin_inff() ? __builtin_nanf("") : 1.0f / __builtin_elementwise_sqrt(mean_square);
}

// e^x to 2 units in the last place for x in [-87.3, 88.3]; 0 below, infinity above, NaN stays NaN.
// Cody & Waite reduction to |r| <= ln(2)/2, then a minimax polynomial of degree 6 (Cephes, expf).
BELLM_INLINE lanes exponential(lanes x) {
    const float round_magic = 12582912.0f; // 1.5 * 2^23: adding it rounds to the nearest integer
    lanes clamped = choose(x < -87.3f, splat(-87.3f), choose(x > 88.3f, splat(88.3f), x));
    lanes shifted = clamped * 1.44269504088896341f + round_magic;
    lanes n = shifted - round_magic;
    lanes r = clamped - n * 0.693359375f;
    r = r + n * 2.12194440e-4f;
    lanes p = splat(1.9875691500e-4f);
    p = p * r + 1.3981999507e-3f;
    p = p * r + 8.3334519073e-3f;
    p = p * r + 4.1665795894e-2f;
    p = p * r + 1.6666665459e-1f;
    p = p * r + 5.0000001201e-1f;
    lanes e = p * (r * r) + r + 1.0f;
    int_lanes exponent = ((int_lanes)shifted - (int_lanes)splat(round_magic)) << 23;
    lanes scaled = (lanes)((int_lanes)e + exponent);
    scaled = choose(x < -87.3f, splat(0.0f), scaled);
    scaled = choose(x > 88.3f, splat(__builtin_inff()), scaled);
    return choose(x != x, x, scaled);
}

// tanh(x) to 2 units in the last place. Near zero Cephes' tanhf polynomial, elsewhere 1 - 2 / (e^2|x| + 1).
BELLM_INLINE lanes hyperbolic_tangent(lanes x) {
    lanes size = choose(x < 0.0f, -x, x);
    lanes far = 1.0f - 2.0f / (exponential(2.0f * size) + 1.0f);
    far = choose(x < 0.0f, -far, far);
    lanes z = x * x;
    lanes p = splat(-5.70498872745e-3f);
    p = p * z + 2.06390887954e-2f;
    p = p * z + -5.37397155531e-2f;
    p = p * z + 1.33314422036e-1f;
    p = p * z + -3.33332819422e-1f;
    return choose(size < 0.625f, p * z * x + x, far);
}

// erf(x) to 1e-7: an odd rational function on [-4, 4], beyond which a float's erf is 1 (Eigen, generic_fast_erf_float).
BELLM_INLINE lanes error_function(lanes x) {
    lanes c = choose(x < -4.0f, splat(-4.0f), choose(x > 4.0f, splat(4.0f), x));
    lanes z = c * c;
    lanes p = splat(-2.72614225801306e-10f);
    p = p * z + 2.77068142495902e-8f;
    p = p * z + -2.10102402082508e-6f;
    p = p * z + -5.69250639462346e-5f;
    p = p * z + -7.34990630326855e-4f;
    p = p * z + -2.95459980854025e-3f;
    p = p * z + -1.60960333262415e-2f;
    lanes q = splat(-1.45660718464996e-5f);
    q = q * z + -2.13374055278905e-4f;
    q = q * z + -1.68282697438203e-3f;
    q = q * z + -7.37332916720468e-3f;
    q = q * z + -1.42647390514189e-2f;
    return c * p / q;
}

#endif
