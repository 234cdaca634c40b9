#include "attention.h"
#include "lanes.h"

#include <math.h>
#include <stdbool.h>

// Attention. A block of queries at a time: scores against the transposed keys, softmax, then the weighted values.
enum { BLOCK = 4 };

static size_t padded(size_t keys) { return (keys + LANES - 1) / LANES * LANES; }

size_t bellm_attention_scratch(size_t keys, size_t head_dimension) {
    return (head_dimension + BLOCK) * padded(keys);
}

BELLM_INLINE size_t smaller(size_t a, size_t b) { return a < b ? a : b; }
BELLM_INLINE size_t larger(size_t a, size_t b) { return a > b ? a : b; }

// Keys by their numbers in the sequence: those that at least one query of a block sees begin with a whole lane.
struct span {
    size_t first, end;
};

// Some of a sequence's keys, which stand in one matrix one after another.
struct piece {
    bool is_prefix;
    size_t row;    // the first, in its matrix
    size_t stride; // of that matrix
    size_t key;    // its number among the sequence's keys
    size_t count;
};

// How far a walk through a sequence's pieces has come; begins with zeros.
struct walk {
    size_t index, key;
};

// The next piece that has keys in `seen`, cut to them; false behind the last. The prefix comes first, then the runs.
BELLM_INLINE bool next_piece(const struct bellm_sequence *s, struct span seen, struct walk *walk, struct piece *p) {
    while (walk->index <= s->run_count) {
        bool is_prefix = walk->index == 0;
        const struct bellm_run *run = is_prefix ? NULL : &s->runs[walk->index - 1];
        size_t row = is_prefix ? 0 : run->first, count = is_prefix ? s->prefix : run->count;
        size_t first = larger(walk->key, seen.first), end = smaller(walk->key + count, seen.end);
        *p = (struct piece){is_prefix, row + first - walk->key, is_prefix ? s->prefix_stride : s->stride, first, 0};
        walk->index++, walk->key += count;
        if (first >= end) continue;
        p->count = end - first;
        return true;
    }
    return false;
}

// Sixteen rows at a time, component by component: transposed[j / 16][d][j % 16] = row j's component d, zero behind the
// last row. The scores then read it from front to back, however long the sequence is.
BELLM_INLINE void transpose_rows(
    const struct bellm_sequence *s, const float *prefix, const float *own, size_t dimension, size_t width,
    float *transposed) {
    struct walk walk = {0};
    struct piece p;
    while (next_piece(s, (struct span){0, s->count}, &walk, &p)) {
        const float *row = (p.is_prefix ? prefix : own) + p.row * p.stride;
        for (size_t j = p.key; j < p.key + p.count; j++, row += p.stride) {
            float *lane = transposed + j / LANES * LANES * dimension + j % LANES;
            for (size_t d = 0; d < dimension; d++) lane[d * LANES] = row[d];
        }
    }
    for (size_t j = s->count; j < width; j++) {
        float *lane = transposed + j / LANES * LANES * dimension + j % LANES;
        for (size_t d = 0; d < dimension; d++) lane[d * LANES] = 0.0f;
    }
}

// scores[i][j] = scale * query i . key j, for the keys of a span, rounded up to whole lanes.
BELLM_INLINE void score_block(
    const float *const query[BLOCK], const float *transposed, size_t width, struct span keys_seen, size_t dimension,
    float scale, float *scores) {
    for (size_t j = keys_seen.first; j < keys_seen.end; j += LANES) {
        const float *keys = transposed + j * dimension;
        lanes total[BLOCK] = {{0}};
        for (size_t d = 0; d < dimension; d++) {
            lanes key = load(keys + d * LANES);
            for (int i = 0; i < BLOCK; i++) total[i] += query[i][d] * key;
        }
        for (int i = 0; i < BLOCK; i++) store(scores + i * width + j, total[i] * scale);
    }
}

// scores = cap * tanh(scores / cap).  Gemma 2, arXiv 2408.00118, section 2.
BELLM_INLINE void cap_scores(float *scores, struct span keys, float cap) {
    for (size_t j = keys.first; j < keys.end; j += LANES)
        store(scores + j, cap * hyperbolic_tangent(load(scores + j) / cap));
}

_Static_assert(BELLM_BIAS_MARGIN >= LANES - 1, "room for the last lane's keys");

// Where a bias has the number of a head's scores for a query at a position and key 0; that of key j is j behind.
BELLM_INLINE size_t bias_start(const struct bellm_distance_bias *bias, size_t head, int32_t position) {
    return head * bias->stride + bias->reach - (size_t)position;
}

// scores[j] += bias[j]
BELLM_INLINE void add_bias(float *scores, const float *bias, struct span keys) {
    for (size_t j = keys.first; j < keys.end; j += LANES) store(scores + j, load(scores + j) + load(bias + j));
}

// Turns the scores of the keys that a query sees into probabilities, and the span's others into zeros.
BELLM_INLINE void softmax(float *scores, struct span seen, struct span keys) {
    for (size_t j = keys.first; j < seen.first; j++) scores[j] = -INFINITY;
    for (size_t j = seen.end; j < padded(keys.end); j++) scores[j] = -INFINITY;
    lanes peak = splat(-INFINITY);
    for (size_t j = keys.first; j < keys.end; j += LANES) {
        lanes s = load(scores + j);
        peak = choose(s > peak, s, peak);
    }
    float highest = greatest(peak);
    lanes total = {0};
    for (size_t j = keys.first; j < keys.end; j += LANES) {
        lanes e = exponential(load(scores + j) - highest);
        store(scores + j, e);
        total += e;
    }
    float inverse = 1.0f / sum(total);
    for (size_t j = keys.first; j < keys.end; j += LANES) store(scores + j, load(scores + j) * inverse);
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

// The keys that a query sees; widens the span of its block's.
BELLM_INLINE struct span seen_by(const struct bellm_visible *visible, size_t query, struct span *keys) {
    struct span seen = {visible->firsts ? (size_t)visible->firsts[query] : 0, (size_t)visible->limits[query]};
    keys->first = smaller(keys->first, seen.first / LANES * LANES);
    keys->end = larger(keys->end, seen.end);
    return seen;
}

BELLM_DISPATCH
void bellm_attention(
    const float *query, size_t query_stride, const struct bellm_visible *visible,
    const struct bellm_sequence *sequence, const struct bellm_heads *shape, float *out, size_t out_stride,
    float *scratch) {
    size_t dimension = shape->dimension, width = padded(sequence->count);
    size_t queries = visible->queries, group = shape->heads / shape->kv_heads;
    float *transposed = scratch, *scores = scratch + dimension * width;
    float spare[BLOCK][BELLM_LARGEST_HEAD]; // the missing queries of a last, partial block write here

    for (size_t kv = 0; kv < shape->kv_heads; kv++) {
        transpose_rows(
            sequence, sequence->prefix_keys + kv * dimension, sequence->keys + kv * dimension, dimension, width,
            transposed);
        // The queries of all heads that share these keys, one after another.
        size_t total = queries * group;
        for (size_t start = 0; start < total; start += BLOCK) {
            const float *q[BLOCK];
            float *o[BLOCK];
            struct span seen[BLOCK], keys_seen = {width, 0};
            for (size_t i = 0; i < BLOCK; i++) {
                size_t index = smaller(start + i, total - 1);
                size_t column = (kv * group + index / queries) * dimension;
                q[i] = query + (index % queries) * query_stride + column;
                o[i] = start + i < total ? out + (index % queries) * out_stride + column : spare[i];
                seen[i] = seen_by(visible, index % queries, &keys_seen);
                memset(o[i], 0, dimension * sizeof(float));
            }
            score_block(q, transposed, width, keys_seen, dimension, shape->scale, scores);
            for (size_t i = 0; i < BLOCK; i++) {
                if (shape->cap > 0) cap_scores(scores + i * width, keys_seen, shape->cap);
                if (shape->bias) {
                    size_t index = smaller(start + i, total - 1), head = kv * group + index / queries;
                    size_t own = bias_start(shape->bias, head, visible->positions[index % queries]);
                    add_bias(scores + i * width, shape->bias->values + own, keys_seen);
                }
                softmax(scores + i * width, seen[i], keys_seen);
            }
            struct walk walk = {0};
            struct piece p;
            while (next_piece(sequence, keys_seen, &walk, &p)) {
                const float *values = p.is_prefix ? sequence->prefix_values : sequence->values;
                weigh_values(
                    scores + p.key, width, values + p.row * p.stride + kv * dimension, p.stride, p.count, dimension, o);
            }
        }
    }
}

size_t bellm_attention_backward_scratch(size_t keys, size_t head_dimension) {
    return (2 * head_dimension + 3 * BLOCK) * padded(keys);
}

// Turns the gradients of probabilities into those of the scores under the softmax: scale * p (g - sum of p g).
BELLM_INLINE void softmax_backward(const float *probabilities, float *gradients, float scale, struct span keys) {
    lanes total = {0};
    for (size_t j = keys.first; j < keys.end; j += LANES) total += load(probabilities + j) * load(gradients + j);
    float mean = sum(total);
    for (size_t j = keys.first; j < keys.end; j += LANES)
        store(gradients + j, load(probabilities + j) * (load(gradients + j) - mean) * scale);
}

// bias[j] += the gradient of the score of key j under the softmax: p (g - sum of p g).
BELLM_INLINE void bias_backward(const float *probabilities, const float *gradients, struct span seen, float *bias) {
    float mean = 0;
    for (size_t j = seen.first; j < seen.end; j++) mean += probabilities[j] * gradients[j];
    for (size_t j = seen.first; j < seen.end; j++) bias[j] += probabilities[j] * (gradients[j] - mean);
}

// Turns the gradients of capped scores into those of the scores: the derivative of cap * tanh(s / cap) is 1 - (capped /
// cap)^2.
BELLM_INLINE void cap_backward(const float *capped, float *gradients, float cap, struct span keys) {
    for (size_t j = keys.first; j < keys.end; j += LANES) {
        lanes t = load(capped + j) / cap;
        store(gradients + j, load(gradients + j) * (1.0f - t * t));
    }
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
    const float *query, size_t query_stride, const struct bellm_visible *visible,
    const struct bellm_sequence *sequence, const struct bellm_heads *shape, const float *gradient,
    size_t gradient_stride, const struct bellm_attention_gradients *result, float *scratch) {
    size_t dimension = shape->dimension, width = padded(sequence->count);
    size_t queries = visible->queries, group = shape->heads / shape->kv_heads;
    float *keys = scratch, *values = keys + dimension * width;
    float *probabilities = values + dimension * width, *scores = probabilities + BLOCK * width;
    float *capped = scores + BLOCK * width;
    float spare[BLOCK][BELLM_LARGEST_HEAD];

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
            struct span seen[BLOCK], keys_seen = {width, 0};
            for (size_t i = 0; i < BLOCK; i++) {
                size_t index = smaller(start + i, total - 1);
                size_t row = index % queries, column = (kv * group + index / queries) * dimension;
                q[i] = query + row * query_stride + column;
                g[i] = gradient + row * gradient_stride + column;
                dq[i] = start + i < total ? result->query + row * result->query_stride + column : spare[i];
                seen[i] = seen_by(visible, row, &keys_seen);
                memset(dq[i], 0, dimension * sizeof(float));
            }
            score_block(q, keys, width, keys_seen, dimension, shape->scale, probabilities);
            score_block(g, values, width, keys_seen, dimension, 1, scores);
            for (size_t i = 0; i < BLOCK; i++) {
                if (shape->cap > 0) {
                    cap_scores(probabilities + i * width, keys_seen, shape->cap);
                    for (size_t j = keys_seen.first; j < keys_seen.end; j += LANES)
                        store(capped + i * width + j, load(probabilities + i * width + j));
                }
                size_t own_bias = 0;
                if (shape->bias) {
                    size_t index = smaller(start + i, total - 1), head = kv * group + index / queries;
                    own_bias = bias_start(shape->bias, head, visible->positions[index % queries]);
                    add_bias(probabilities + i * width, shape->bias->values + own_bias, keys_seen);
                }
                softmax(probabilities + i * width, seen[i], keys_seen);
                if (result->bias && start + i < total)
                    bias_backward(
                        probabilities + i * width, scores + i * width, seen[i], result->bias + own_bias);
                softmax_backward(probabilities + i * width, scores + i * width, shape->scale, keys_seen);
                if (shape->cap > 0)
                    cap_backward(capped + i * width, scores + i * width, shape->cap, keys_seen);
                if (start + i < total) continue;
                memset(probabilities + i * width, 0, width * sizeof(float));
                memset(scores + i * width, 0, width * sizeof(float));
            }
            struct walk walk = {0};
            struct piece p;
            while (next_piece(sequence, keys_seen, &walk, &p)) {
                size_t out_stride = p.is_prefix ? result->prefix_stride : result->stride;
                const float *piece_keys = (p.is_prefix ? prefix_keys : own_keys) + p.row * p.stride;
                size_t out = p.row * out_stride + offset;
                weigh_values(scores + p.key, width, piece_keys, p.stride, p.count, dimension, dq);
                spread(
                    scores + p.key, width, q, p.count, dimension,
                    (p.is_prefix ? result->prefix_keys : result->keys) + out, out_stride);
                spread(
                    probabilities + p.key, width, g, p.count, dimension,
                    (p.is_prefix ? result->prefix_values : result->values) + out, out_stride);
            }
        }
    }
}
