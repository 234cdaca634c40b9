/// What stands behind a sentence that is shorter than its companions.
public enum Padding: String, CaseIterable, Hashable, Sendable {
    /// Nothing: an embedding doesn't depend on any other sentence.
    case none
    /// What the released BeLLM computes: batches are padded on the right to their longest prompt, and the mask of its
    /// bidirectional layers, all zeros, leaves padding visible as keys. So the tokens attend to padding, whose own
    /// states are computed too, and the embedding depends on the longest of its companions. Causal layers mask it.
    ///
    /// Source: github.com/WhereIsAI/BiLLM, modeling_llama.py (`bi_attention_mask`); github.com/4AI/BeLLM, eval_sts.py.
    case visible

    /// Sentences of a batch, as in BeLLM's eval_sts.py.
    public static let batchSize = 16
}
