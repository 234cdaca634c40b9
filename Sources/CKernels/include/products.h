// Matrix products with packed weights, for processors on which no library gives a row the same bits in any company.
#ifndef BELLM_PRODUCTS_H
#define BELLM_PRODUCTS_H

#include <stddef.h>

/// The outputs that a panel of packed weights holds side by side.
enum { BELLM_PANEL_OUTPUTS = 16 };

/// Packs weights in panels: panel, then input, then the 16 outputs of the panel; outputs that there aren't are zero.
///
/// weight[output * output_stride + input * input_stride]; packed has ceil(outputs / 16) * inputs * 16 elements.
void bellm_pack_panels(
    const float *weight, size_t output_stride, size_t input_stride, size_t inputs, size_t outputs, float *packed);

/// y = x W, or y += x W where `accumulating`.
///
/// Each sum adds its products in the order of the inputs, in parts of a fixed length: whatever the number of rows, a row of
/// y has the same bits.
///
/// x: [rows, inputs], y: [rows, outputs], neither in the other's memory
void bellm_multiply_panels(
    const float *x, size_t x_stride, size_t rows, const float *packed, size_t inputs, size_t outputs, float *y,
    size_t y_stride, int accumulating);

#endif
