// Softmax attention of one sequence, float32, row-major; dispatched as transformer.h says.
#ifndef BELLM_ATTENTION_H
#define BELLM_ATTENTION_H

#include <stddef.h>
#include <stdint.h>

/// The largest dimension of a head.
#define BELLM_LARGEST_HEAD 512

/// Rows of a matrix that stand one after another.
struct bellm_run {
    size_t first, count;
};

/// One sequence's keys and values: those of a prefix that many sequences share, then the runs of its rows in a matrix.
struct bellm_sequence {
    const float *prefix_keys, *prefix_values; // [prefix][kv_heads * head_dimension]
    size_t prefix_stride, prefix;
    const float *keys, *values; // [rows][kv_heads * head_dimension]
    size_t stride;
    const struct bellm_run *runs;
    size_t run_count;
    size_t count; // the keys of the prefix and of all runs
};

/// Numbers behind the last distance of a bias that are read, and don't count: keys are read in whole lanes.
#define BELLM_BIAS_MARGIN 16

/// What is added to the scores by the distance of a key from its query: values[head * stride + reach + key - position].
struct bellm_distance_bias {
    const float *values; // [heads][stride], with a margin behind each head's
    size_t stride, reach;
};

struct bellm_heads {
    size_t heads, kv_heads, dimension;
    float scale;
    float cap; // scores become cap * tanh(score / cap); 0 for scores as they are
    const struct bellm_distance_bias *bias; // NULL for none; not beside a cap
};

/// Which keys each query sees: those from firsts[i] (0 where firsts is NULL) to before limits[i].
struct bellm_visible {
    const int32_t *firsts, *limits;
    const int32_t *positions; // the key that is each query's own; read only where there is a bias
    size_t queries;
};

/// The floats of scratch memory that bellm_attention needs for a sequence of `keys` keys.
size_t bellm_attention_scratch(size_t keys, size_t head_dimension);

/// Softmax attention of `queries` positions of one sequence.  Vaswani et al. 2017, equation 1; grouped queries.
///
/// visible: query i's limit is its position + 1 if causal, the number of keys if bidirectional.
/// query, out: [queries][heads * dimension].
void bellm_attention(
    const float *query, size_t query_stride, const struct bellm_visible *visible,
    const struct bellm_sequence *sequence, const struct bellm_heads *shape, float *out, size_t out_stride,
    float *scratch);

/// Where the gradients of attention's inputs go.
struct bellm_attention_gradients {
    float *query; // [queries][heads * dimension], overwritten
    size_t query_stride;
    float *prefix_keys, *prefix_values; // as bellm_sequence's; added to
    size_t prefix_stride;
    float *keys, *values; // of the same runs; added to
    size_t stride;
    float *bias; // laid out as bellm_distance_bias's values; added to; NULL where nobody asks for it
};

size_t bellm_attention_backward_scratch(size_t keys, size_t head_dimension);

/// The gradients of bellm_attention's inputs; the probabilities are computed again rather than kept.
///
/// gradient: the output's, [queries][heads * dimension].
void bellm_attention_backward(
    const float *query, size_t query_stride, const struct bellm_visible *visible,
    const struct bellm_sequence *sequence, const struct bellm_heads *shape, const float *gradient,
    size_t gradient_stride, const struct bellm_attention_gradients *result, float *scratch);

#endif
