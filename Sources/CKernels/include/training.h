// What training needs beside the model: dot products in double precision, softmax, and the optimiser's step.
#ifndef BELLM_TRAINING_H
#define BELLM_TRAINING_H

#include <stddef.h>
#include <stdint.h>

/// The sum of a[i] * b[i], in double precision and eight lanes: the same bits on every processor.
double bellm_dot(const float *a, const float *b, size_t count);

/// out[i] = scale * x[i], rounded once; out may be x.
void bellm_scale(const float *x, double scale, float *out, size_t count);

/// gradient = (gradient - along * unit) / length: the gradient with respect to a row of this length, from the gradient
/// with respect to its unit vector, whose part along the unit vector has the length `along`.
void bellm_unit_gradient(const float *unit, double along, double length, float *gradient, size_t count);

/// x = softmax(x).
///
/// Returns log(sum(exp(x))), summed in double precision; -inf takes no part.
double bellm_softmax(float *x, size_t count);

/// What one step of AdamW is the same for every parameter.
typedef struct {
    float first_share;               // 1 - beta 1
    float second_decay;              // beta 2
    float second_share;              // 1 - beta 2
    float weight_factor;             // 1 - learning rate * weight decay
    float step_size;                 // learning rate / (1 - beta 1^t)
    float root_correction;           // sqrt(1 - beta 2^t)
    float epsilon;
} bellm_adamw_step;

/// One step of AdamW in place.  Loshchilov & Hutter 2019, algorithm 2, in the order of torch.optim.AdamW.
void bellm_adamw(
    float *parameters, const float *gradient, float *first, float *second, size_t count, const bellm_adamw_step *step);

/// Which elements of a matrix are left out, and what the others are multiplied by.
typedef struct {
    uint32_t keys[2];
    uint32_t threshold; // an element is left out where its hash is below
    float scale;
} bellm_dropout_mask;

/// out = mask * x, or out += mask * x where `accumulating`, element by element; the mask depends on an element's place
/// alone.
void bellm_dropout(
    const float *x, size_t stride, size_t rows, size_t columns, const bellm_dropout_mask *mask, int accumulating,
    float *out, size_t out_stride);

#endif
