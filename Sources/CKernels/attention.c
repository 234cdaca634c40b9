#include "attention.h"
#include "lanes.h"

#include <math.h>

// Attention. A block of queries at a time: scores against the transposed keys, softmax, then the weighted values.
enum { BLOCK = 4 };

static size_t padded(size_t keys) { return (keys + LANES - 1) / LANES * LANES; }

size_t bellm_attention_scratch(size_t keys, size_t head_dimension) {
    return (head_dimension + BLOCK) * padded(keys);
}

// Sixteen rows at a time, component by component: transposed[j / 16][d][j % 16] = row j's component d, zero behind the
// last row. The scores then read it from front to back, however long the sequence is.
BELLM_INLINE void transpose_rows(
    const struct bellm_sequence *s, const float *prefix, const float *own, size_t dimension, size_t width,
    float *transposed) {
    size_t rows = s->prefix + s->own;
    for (size_t j = 0; j < width; j++) {
        float *lane = transposed + j / LANES * LANES * dimension + j % LANES;
        const float *row = j < s->prefix ? prefix + j * s->prefix_stride : own + (j - s->prefix) * s->stride;
        for (size_t d = 0; d < dimension; d++) lane[d * LANES] = j < rows ? row[d] : 0.0f;
    }
}

// scores[i][j] = scale * query i . key j, for the first `count` keys, rounded up to whole lanes.
BELLM_INLINE void score_block(
    const float *const query[BLOCK], const float *transposed, size_t width, size_t count, size_t dimension,
    float scale, float *scores) {
    for (size_t j = 0; j < count; j += LANES) {
        const float *keys = transposed + j * dimension;
        lanes total[BLOCK] = {{0}};
        for (size_t d = 0; d < dimension; d++) {
            lanes key = load(keys + d * LANES);
            for (int i = 0; i < BLOCK; i++) total[i] += query[i][d] * key;
        }
        for (int i = 0; i < BLOCK; i++) store(scores + i * width + j, total[i] * scale);
    }
}

// Turns the first `limit` scores into probabilities, and those behind them, up to `count`, into zeros.
BELLM_INLINE void softmax(float *scores, size_t limit, size_t count) {
    for (size_t j = limit; j < padded(count); j++) scores[j] = -INFINITY;
    lanes peak = splat(-INFINITY);
    for (size_t j = 0; j < count; j += LANES) {
        lanes s = load(scores + j);
        peak = choose(s > peak, s, peak);
    }
    float highest = greatest(peak);
    lanes total = {0};
    for (size_t j = 0; j < count; j += LANES) {
        lanes e = exponential(load(scores + j) - highest);
        store(scores + j, e);
        total += e;
    }
    float inverse = 1.0f / sum(total);
    for (size_t j = 0; j < count; j += LANES) store(scores + j, load(scores + j) * inverse);
}

// out[i][d] += sum over j of probability[i][j] * values[j][d], d in [0, dimension), one piece of the keys.
BELLM_INLINE void weigh_values(
    const float *probabilities, size_t width, const float *values, size_t stride, size_t count, size_t dimension,
    float *const out[BLOCK]) {
    size_t d = 0;
    for (; d + 2 * LANES <= dimension; d += 2 * LANES) {
        lanes low[BLOCK], high[BLOCK];
        for (int i = 0; i < BLOCK; i++) low[i] = load(out[i] + d), high[i] = load(out[i] + d + LANES);
        for (size_t j = 0; j < count; j++) {
            lanes a = load(values + j * stride + d), b = load(values + j * stride + d + LANES);
            for (int i = 0; i < BLOCK; i++) {
                float p = probabilities[i * width + j];
                low[i] += p * a;
                high[i] += p * b;
            }
        }
        for (int i = 0; i < BLOCK; i++) store(out[i] + d, low[i]), store(out[i] + d + LANES, high[i]);
    }
    for (; d < dimension; d++)
        for (int i = 0; i < BLOCK; i++)
            for (size_t j = 0; j < count; j++) out[i][d] += probabilities[i * width + j] * values[j * stride + d];
}

BELLM_INLINE size_t smaller(size_t a, size_t b) { return a < b ? a : b; }

BELLM_DISPATCH
void bellm_attention(
    const float *query, size_t query_stride, const int32_t *limits, size_t queries,
    const struct bellm_sequence *sequence, const struct bellm_heads *shape, float *out, size_t out_stride,
    float *scratch) {
    size_t dimension = shape->dimension, width = padded(sequence->prefix + sequence->own);
    size_t group = shape->heads / shape->kv_heads;
    float *transposed = scratch, *scores = scratch + dimension * width;
    float spare[BLOCK][512]; // the missing queries of a last, partial block write here

    for (size_t kv = 0; kv < shape->kv_heads; kv++) {
        transpose_rows(
            sequence, sequence->prefix_keys + kv * dimension, sequence->keys + kv * dimension, dimension, width,
            transposed);
        // The queries of all heads that share these keys, one after another.
        size_t total = queries * group;
        for (size_t start = 0; start < total; start += BLOCK) {
            const float *q[BLOCK];
            float *o[BLOCK];
            size_t limit[BLOCK], count = 0;
            for (size_t i = 0; i < BLOCK; i++) {
                size_t index = smaller(start + i, total - 1);
                size_t column = (kv * group + index / queries) * dimension;
                q[i] = query + (index % queries) * query_stride + column;
                o[i] = start + i < total ? out + (index % queries) * out_stride + column : spare[i];
                limit[i] = (size_t)limits[index % queries];
                if (limit[i] > count) count = limit[i];
                memset(o[i], 0, dimension * sizeof(float));
            }
            score_block(q, transposed, width, count, dimension, shape->scale, scores);
            for (size_t i = 0; i < BLOCK; i++) softmax(scores + i * width, limit[i], count);
            size_t shared = smaller(count, sequence->prefix);
            weigh_values(scores, width, sequence->prefix_values + kv * dimension, sequence->prefix_stride, shared,
                dimension, o);
            weigh_values(scores + shared, width, sequence->values + kv * dimension, sequence->stride, count - shared,
                dimension, o);
        }
    }
}

size_t bellm_attention_backward_scratch(size_t keys, size_t head_dimension) {
    return (2 * head_dimension + 2 * BLOCK) * padded(keys);
}

// Turns the gradients of probabilities into those of the scores under the softmax: scale * p (g - sum of p g).
BELLM_INLINE void softmax_backward(const float *probabilities, float *gradients, float scale, size_t count) {
    lanes total = {0};
    for (size_t j = 0; j < count; j += LANES) total += load(probabilities + j) * load(gradients + j);
    float mean = sum(total);
    for (size_t j = 0; j < count; j += LANES)
        store(gradients + j, load(probabilities + j) * (load(gradients + j) - mean) * scale);
}

// out[j][d] += sum over i of weights[i][j] * vectors[i][d]
BELLM_INLINE void spread(
    const float *weights, size_t width, const float *const vectors[BLOCK], size_t count, size_t dimension,
    float *out, size_t stride) {
    for (size_t j = 0; j < count; j++, out += stride) {
        float w[BLOCK];
        for (int i = 0; i < BLOCK; i++) w[i] = weights[i * width + j];
        size_t d = 0;
        for (; d + LANES <= dimension; d += LANES) {
            lanes total = load(out + d);
            for (int i = 0; i < BLOCK; i++) total += w[i] * load(vectors[i] + d);
            store(out + d, total);
        }
        for (; d < dimension; d++)
            for (int i = 0; i < BLOCK; i++) out[d] += w[i] * vectors[i][d];
    }
}

BELLM_DISPATCH
void bellm_attention_backward(
    const float *query, size_t query_stride, const int32_t *limits, size_t queries,
    const struct bellm_sequence *sequence, const struct bellm_heads *shape, const float *gradient,
    size_t gradient_stride, const struct bellm_attention_gradients *result, float *scratch) {
    size_t dimension = shape->dimension, width = padded(sequence->prefix + sequence->own);
    size_t group = shape->heads / shape->kv_heads;
    float *keys = scratch, *values = keys + dimension * width;
    float *probabilities = values + dimension * width, *scores = probabilities + BLOCK * width;
    float spare[BLOCK][512];

    for (size_t kv = 0; kv < shape->kv_heads; kv++) {
        size_t offset = kv * dimension;
        const float *prefix_keys = sequence->prefix_keys + offset, *own_keys = sequence->keys + offset;
        transpose_rows(sequence, prefix_keys, own_keys, dimension, width, keys);
        transpose_rows(
            sequence, sequence->prefix_values + offset, sequence->values + offset, dimension, width, values);
        size_t total = queries * group;
        for (size_t start = 0; start < total; start += BLOCK) {
            const float *q[BLOCK], *g[BLOCK];
            float *dq[BLOCK];
            size_t limit[BLOCK], count = 0;
            for (size_t i = 0; i < BLOCK; i++) {
                size_t index = smaller(start + i, total - 1);
                size_t row = index % queries, column = (kv * group + index / queries) * dimension;
                q[i] = query + row * query_stride + column;
                g[i] = gradient + row * gradient_stride + column;
                dq[i] = start + i < total ? result->query + row * result->query_stride + column : spare[i];
                limit[i] = (size_t)limits[row];
                if (limit[i] > count) count = limit[i];
                memset(dq[i], 0, dimension * sizeof(float));
            }
            score_block(q, keys, width, count, dimension, shape->scale, probabilities);
            score_block(g, values, width, count, dimension, 1, scores);
            for (size_t i = 0; i < BLOCK; i++) {
                softmax(probabilities + i * width, limit[i], count);
                softmax_backward(probabilities + i * width, scores + i * width, shape->scale, count);
                if (start + i < total) continue;
                memset(probabilities + i * width, 0, width * sizeof(float));
                memset(scores + i * width, 0, width * sizeof(float));
            }
            size_t shared = smaller(count, sequence->prefix);
            weigh_values(scores, width, prefix_keys, sequence->prefix_stride, shared, dimension, dq);
            weigh_values(scores + shared, width, own_keys, sequence->stride, count - shared, dimension, dq);

            spread(scores, width, q, shared, dimension, result->prefix_keys + offset, result->prefix_stride);
            spread(
                scores + shared, width, q, count - shared, dimension, result->keys + offset, result->stride);
            spread(
                probabilities, width, g, shared, dimension, result->prefix_values + offset, result->prefix_stride);
            spread(
                probabilities + shared, width, g, count - shared, dimension, result->values + offset,
                result->stride);
        }
    }
}
