import Weights

/// What a LLaMA model's tensors are called, and how the rows of queries and keys lie, in each format.
struct LlamaTensorNames: Sendable {
    let embeddings: String
    let finalNorm: String
    /// In front of a layer's number, and behind.
    let layerPrefix: String
    let attentionNorm, query, key, value, output: String
    let mlpNorm, gate, up, down: String
    /// Known and not read: embeddings stop at the hidden states.
    let unread: [String]
    /// Whether the two halves of each query and key head take turns, for rotary positions that turn neighbours.
    let isInterleaved: Bool

    func layer(_ index: Int, _ tensor: String) -> String { "\(layerPrefix)\(index).\(tensor).weight" }

    func name(of projection: Projection) -> String {
        switch projection {
        case .query: query
        case .key: key
        case .value: value
        case .output: output
        case .gate: gate
        case .up: up
        case .down: down
        }
    }

    static let gguf = LlamaTensorNames(
        embeddings: "token_embd.weight", finalNorm: "output_norm.weight", layerPrefix: "blk.",
        attentionNorm: "attn_norm", query: "attn_q", key: "attn_k", value: "attn_v", output: "attn_output",
        mlpNorm: "ffn_norm", gate: "ffn_gate", up: "ffn_up", down: "ffn_down",
        unread: ["output.weight", "rope_freqs.weight"], isInterleaved: true)

    /// - Parameter prefix: `model.` where the checkpoint has an output matrix too, empty for the bare backbone
    static func huggingFace(prefix: String) -> LlamaTensorNames {
        LlamaTensorNames(
            embeddings: "\(prefix)embed_tokens.weight", finalNorm: "\(prefix)norm.weight",
            layerPrefix: "\(prefix)layers.", attentionNorm: "input_layernorm", query: "self_attn.q_proj",
            key: "self_attn.k_proj", value: "self_attn.v_proj", output: "self_attn.o_proj",
            mlpNorm: "post_attention_layernorm", gate: "mlp.gate_proj", up: "mlp.up_proj", down: "mlp.down_proj",
            unread: ["lm_head.weight"], isInterleaved: false)
    }
}

extension LlamaTensorNames {
    /// The names of the checkpoint's format.
    init(_ checkpoint: Checkpoint) {
        switch checkpoint.description {
        case .gguf: self = .gguf
        case .huggingFace:
            let isBare = checkpoint.tensors.tensorIfPresent("embed_tokens.weight") != nil
            self = .huggingFace(prefix: isBare ? "" : "model.")
        }
    }
}
