#include "dequantise.h"
#include "lanes.h"

// The layouts are ggml's (ggml-common.h, block_q4_0 and its kin); the order of operations is that of gguf-py's
// quants.py, which rounds after every multiplication and addition.
//
// `d * q + m` may still become one fused operation, because its product is exact: a half-precision scale has 11
// significant bits, a 6-bit scale of a scale and a quantised number of at most 5 bits make it 22 of float32's 24.
// Only q6_K's product (11 + 7 + 6 bits) may round, and nothing is added to it.

BELLM_INLINE float float_of_bits(uint32_t bits) {
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

BELLM_INLINE uint32_t bits_of_float(float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

BELLM_INLINE uint16_t load16(const uint8_t *source) {
    uint16_t value;
    memcpy(&value, source, sizeof value);
    return value;
}

BELLM_INLINE uint32_t load32(const uint8_t *source) {
    uint32_t value;
    memcpy(&value, source, sizeof value);
    return value;
}

// Half to single precision without branches or table, so that it vectorises where there is no F16C instruction
// (M. Dukhan's FP16 library, fp16_ieee_to_fp32_value). Exact for every half, infinities and subnormals included.
BELLM_INLINE float float_of_half(uint16_t half) {
    const uint32_t shifted = (uint32_t)half << 16;
    const uint32_t sign = shifted & 0x80000000u;
    const uint32_t doubled = shifted + shifted;
    const float normal = float_of_bits((doubled >> 4) + (0xE0u << 23)) * 0x1.0p-112f;
    const float subnormal = float_of_bits((doubled >> 17) | (126u << 23)) - 0.5f;
    return float_of_bits(sign | (doubled < (1u << 27) ? bits_of_float(subnormal) : bits_of_float(normal)));
}

BELLM_INLINE float load_half(const uint8_t *source) { return float_of_half(load16(source)); }

BELLM_DISPATCH void bellm_dequantise_f16(const uint8_t *restrict source, float *restrict destination, size_t blocks) {
    for (size_t i = 0; i < blocks; i++) destination[i] = load_half(source + 2 * i);
}

BELLM_DISPATCH void bellm_dequantise_bf16(const uint8_t *restrict source, float *restrict destination, size_t blocks) {
    for (size_t i = 0; i < blocks; i++) destination[i] = float_of_bits((uint32_t)load16(source + 2 * i) << 16);
}

// Scale (2 bytes), then 16 bytes: element j in the low half of byte j, element j + 16 in the high half.
BELLM_DISPATCH void bellm_dequantise_q4_0(const uint8_t *restrict source, float *restrict destination, size_t blocks) {
    for (size_t b = 0; b < blocks; b++, source += 18, destination += 32) {
        const float d = load_half(source);
        const uint8_t *q = source + 2;
        for (int j = 0; j < 16; j++) {
            destination[j] = d * (float)((q[j] & 15) - 8);
            destination[j + 16] = d * (float)((q[j] >> 4) - 8);
        }
    }
}

// Scale, minimum, then 16 bytes as in q4_0.
BELLM_DISPATCH void bellm_dequantise_q4_1(const uint8_t *restrict source, float *restrict destination, size_t blocks) {
    for (size_t b = 0; b < blocks; b++, source += 20, destination += 32) {
        const float d = load_half(source);
        const float m = load_half(source + 2);
        const uint8_t *q = source + 4;
        for (int j = 0; j < 16; j++) {
            destination[j] = d * (float)(q[j] & 15) + m;
            destination[j + 16] = d * (float)(q[j] >> 4) + m;
        }
    }
}

// Scale, 32 fifth bits, then 16 bytes as in q4_0.
BELLM_DISPATCH void bellm_dequantise_q5_0(const uint8_t *restrict source, float *restrict destination, size_t blocks) {
    for (size_t b = 0; b < blocks; b++, source += 22, destination += 32) {
        const float d = load_half(source);
        const uint32_t high = load32(source + 2);
        const uint8_t *q = source + 6;
        for (int j = 0; j < 16; j++) {
            destination[j] = d * (float)((int)((q[j] & 15u) | ((high >> j) & 1u) << 4) - 16);
            destination[j + 16] = d * (float)((int)((q[j] >> 4) | ((high >> (j + 16)) & 1u) << 4) - 16);
        }
    }
}

// Scale, minimum, 32 fifth bits, then 16 bytes as in q4_0.
BELLM_DISPATCH void bellm_dequantise_q5_1(const uint8_t *restrict source, float *restrict destination, size_t blocks) {
    for (size_t b = 0; b < blocks; b++, source += 24, destination += 32) {
        const float d = load_half(source);
        const float m = load_half(source + 2);
        const uint32_t high = load32(source + 4);
        const uint8_t *q = source + 8;
        for (int j = 0; j < 16; j++) {
            destination[j] = d * (float)(int)((q[j] & 15u) | ((high >> j) & 1u) << 4) + m;
            destination[j + 16] = d * (float)(int)((q[j] >> 4) | ((high >> (j + 16)) & 1u) << 4) + m;
        }
    }
}

// Scale, then 32 signed bytes.
BELLM_DISPATCH void bellm_dequantise_q8_0(const uint8_t *restrict source, float *restrict destination, size_t blocks) {
    for (size_t b = 0; b < blocks; b++, source += 34, destination += 32) {
        const float d = load_half(source);
        const int8_t *q = (const int8_t *)(source + 2);
        for (int j = 0; j < 32; j++) destination[j] = (float)q[j] * d;
    }
}

// The 6-bit scale and minimum of sub-block i of 8, packed into 12 bytes by q4_K and q5_K.
BELLM_INLINE void load_scale_and_minimum(const uint8_t *packed, int i, uint8_t *scale, uint8_t *minimum) {
    if (i < 4) {
        *scale = packed[i] & 63;
        *minimum = packed[i + 4] & 63;
    } else {
        *scale = (packed[i + 4] & 15) | ((packed[i - 4] >> 2) & 48);
        *minimum = (packed[i + 4] >> 4) | ((packed[i] >> 2) & 48);
    }
}

// Scale of the scales, scale of the minima, 8 packed scales and minima, then 4 × 32 bytes: each group of 32 holds one
// sub-block in its low halves and the next in its high halves.
BELLM_DISPATCH void bellm_dequantise_q4_K(const uint8_t *restrict source, float *restrict destination, size_t blocks) {
    for (size_t b = 0; b < blocks; b++, source += 144) {
        const float d = load_half(source);
        const float dmin = load_half(source + 2);
        for (int i = 0; i < 8; i++, destination += 32) {
            uint8_t scale, minimum;
            load_scale_and_minimum(source + 4, i, &scale, &minimum);
            const float ds = d * (float)scale;
            const float dm = dmin * (float)minimum;
            const uint8_t *q = source + 16 + 32 * (i / 2);
            const int shift = 4 * (i % 2);
            for (int j = 0; j < 32; j++) destination[j] = ds * (float)((q[j] >> shift) & 15) - dm;
        }
    }
}

// As q4_K, with 32 bytes before the 4 × 32: bit i of byte j is the fifth bit of element j of sub-block i.
BELLM_DISPATCH void bellm_dequantise_q5_K(const uint8_t *restrict source, float *restrict destination, size_t blocks) {
    for (size_t b = 0; b < blocks; b++, source += 176) {
        const float d = load_half(source);
        const float dmin = load_half(source + 2);
        const uint8_t *high = source + 16;
        for (int i = 0; i < 8; i++, destination += 32) {
            uint8_t scale, minimum;
            load_scale_and_minimum(source + 4, i, &scale, &minimum);
            const float ds = d * (float)scale;
            const float dm = dmin * (float)minimum;
            const uint8_t *q = source + 48 + 32 * (i / 2);
            const int shift = 4 * (i % 2);
            for (int j = 0; j < 32; j++) {
                destination[j] = ds * (float)(((q[j] >> shift) & 15) | ((high[j] >> i) & 1) << 4) - dm;
            }
        }
    }
}

// 128 bytes of lower four bits, 64 bytes of upper two, 16 signed scales (one for 16 elements), scale of the scales.
// Each half of the block has 4 groups of 32 elements: the lower bits of groups 0 and 1 in the low halves of 2 × 32
// bytes, of 2 and 3 in their high halves; the upper bits of group g at bit 2g of 32 bytes.
BELLM_DISPATCH void bellm_dequantise_q6_K(const uint8_t *restrict source, float *restrict destination, size_t blocks) {
    for (size_t b = 0; b < blocks; b++, source += 210) {
        const float d = load_half(source + 208);
        const int8_t *scales = (const int8_t *)(source + 192);
        for (int i = 0; i < 16; i++, destination += 16) {
            const float ds = d * (float)scales[i];
            const int half = i / 8, group = i / 2 % 4, start = 16 * (i % 2);
            const uint8_t *low = source + 64 * half + 32 * (group % 2) + start;
            const uint8_t *high = source + 128 + 32 * half + start;
            const int low_shift = 4 * (group / 2), high_shift = 2 * group;
            for (int j = 0; j < 16; j++) {
                const int q = ((low[j] >> low_shift) & 15) | ((high[j] >> high_shift) & 3) << 4;
                destination[j] = ds * (float)(q - 32);
            }
        }
    }
}
