#include "products.h"
#include "lanes.h"

// Of 16 vector registers twelve hold sums, two weights and one an input: tiles of 6 rows and 16 outputs (Goto and van de Geijn
// 2008; the shape of BLIS's kernel for Haswell). A panel's part of 384 inputs takes 24 KB, three quarters of an L1 cache; 192
// rows of as many inputs take 288 KB of an L2 cache.
enum { HALF = 8, TILE_ROWS = 6, PART_INPUTS = 384, BLOCK_ROWS = 192 };

// Half a panel's outputs: one AVX register, or two SSE ones. Rows of y start anywhere.
typedef float half __attribute__((vector_size(4 * HALF), aligned(4)));

_Static_assert(BELLM_PANEL_OUTPUTS == 2 * HALF, "a tile's sums are two vectors a row");

void bellm_pack_panels(
    const float *weight, size_t output_stride, size_t input_stride, size_t inputs, size_t outputs, float *packed) {
    for (size_t first = 0; first < outputs; first += BELLM_PANEL_OUTPUTS)
        for (size_t i = 0; i < inputs; i++)
            for (size_t o = first; o < first + BELLM_PANEL_OUTPUTS; o++)
                *packed++ = o < outputs ? weight[o * output_stride + i * input_stride] : 0.0f;
}

// Sums over some inputs for some rows and a panel's outputs. With a constant number of rows the sums stay in registers.
BELLM_INLINE void multiply_tile(
    size_t rows, const float *x, size_t x_stride, const float *panel, size_t inputs, float *y, size_t y_stride,
    size_t outputs, int accumulating) {
    half sums[TILE_ROWS][2];
#pragma clang loop unroll(full)
    for (size_t r = 0; r < rows; r++) sums[r][0] = sums[r][1] = (half){0};

    // A pointer a row: places in rows computed anew for each input cost a fifth of the time.
    const float *in[TILE_ROWS];
#pragma clang loop unroll(full)
    for (size_t r = 0; r < rows; r++) in[r] = x + r * x_stride;
#pragma clang loop unroll_count(4)
    for (size_t i = 0; i < inputs; i++, panel += BELLM_PANEL_OUTPUTS) {
        half first = *(const half *)panel, second = *(const half *)(panel + HALF);
#pragma clang loop unroll(full)
        for (size_t r = 0; r < rows; r++) {
            float value = in[r][i];
            half values = {value, value, value, value, value, value, value, value};
            sums[r][0] += values * first;
            sums[r][1] += values * second;
        }
    }

#pragma clang loop unroll(full)
    for (size_t r = 0; r < rows; r++, y += y_stride) {
        if (outputs == BELLM_PANEL_OUTPUTS) {
            half *out = (half *)y;
            out[0] = accumulating ? out[0] + sums[r][0] : sums[r][0];
            out[1] = accumulating ? out[1] + sums[r][1] : sums[r][1];
        } else {
            for (size_t o = 0; o < outputs; o++) {
                float total = sums[r][o / HALF][o % HALF];
                y[o] = accumulating ? y[o] + total : total;
            }
        }
    }
}

BELLM_DISPATCH
void bellm_multiply_panels(
    const float *x, size_t x_stride, size_t rows, const float *packed, size_t inputs, size_t outputs, float *y,
    size_t y_stride, int accumulating) {
    for (size_t i = 0; i < inputs; i += PART_INPUTS) {
        size_t part = inputs - i < PART_INPUTS ? inputs - i : PART_INPUTS;
        int adding = accumulating || i > 0;
        for (size_t block = 0; block < rows; block += BLOCK_ROWS) {
            size_t end = rows - block < BLOCK_ROWS ? rows : block + BLOCK_ROWS;
            for (size_t o = 0; o < outputs; o += BELLM_PANEL_OUTPUTS) {
                size_t width = outputs - o < BELLM_PANEL_OUTPUTS ? outputs - o : BELLM_PANEL_OUTPUTS;
                const float *panel = packed + o * inputs + i * BELLM_PANEL_OUTPUTS;
                for (size_t r = block; r < end; r += TILE_ROWS) {
                    const float *in = x + r * x_stride + i;
                    float *out = y + r * y_stride + o;
                    switch (end - r) {
                    case 1: multiply_tile(1, in, x_stride, panel, part, out, y_stride, width, adding); break;
                    case 2: multiply_tile(2, in, x_stride, panel, part, out, y_stride, width, adding); break;
                    case 3: multiply_tile(3, in, x_stride, panel, part, out, y_stride, width, adding); break;
                    case 4: multiply_tile(4, in, x_stride, panel, part, out, y_stride, width, adding); break;
                    case 5: multiply_tile(5, in, x_stride, panel, part, out, y_stride, width, adding); break;
                    default: multiply_tile(TILE_ROWS, in, x_stride, panel, part, out, y_stride, width, adding);
                    }
                }
            }
        }
    }
}
