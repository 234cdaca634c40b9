import Weights

/// What a checkpoint's format calls the tensors of modules.
enum TensorStorage: Sendable {
    /// Modules' own paths, behind a prefix.
    ///
    /// - norms: what stands behind the path of a norm
    /// - renamed: what lies under another path than its module's, by that
    case huggingFace(
        prefix: String, norms: (weight: String, bias: String) = (".weight", ".bias"), renamed: [String: String] = [:])
    /// Names of its own for each path; those in a layer behind `blk.N.`.
    case gguf(names: [String: String])

    var isGGUF: Bool {
        if case .gguf = self { true } else { false }
    }

    /// What stands in front of paths.
    var prefix: String {
        if case .huggingFace(let prefix, _, _) = self { prefix } else { "" }
    }

    /// What stands behind the name of a norm.
    var normSuffixes: (weight: String, bias: String) {
        if case .huggingFace(_, let norms, _) = self { norms } else { (".weight", ".bias") }
    }

    /// That of a checkpoint.
    ///
    /// - Parameters:
    ///   - prefixes: those that may stand in front of paths; the first is taken where none is found, for the message about
    ///     what is missing
    ///   - tokens: the path of the embedding matrix, which every checkpoint has
    ///   - names: what GGUF files call modules
    init(
        of checkpoint: Checkpoint, prefixes: [String] = ["model.", ""], tokens: String = "embed_tokens",
        gguf names: [String: String] = Self.likeLlama
    ) {
        switch checkpoint.description {
        case .gguf: self = .gguf(names: names)
        case .huggingFace:
            let found = prefixes.first { checkpoint.tensors.tensorIfPresent("\($0)\(tokens).weight") != nil }
            self = .huggingFace(prefix: found ?? prefixes.first ?? "")
        }
    }

    /// The names of decoders whose modules are called as LLaMA's.
    static let likeLlama = [
        "embed_tokens": "token_embd", "norm": "output_norm", "input_layernorm": "attn_norm",
        "post_attention_layernorm": "ffn_norm", "self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k",
        "self_attn.v_proj": "attn_v", "self_attn.qkv_proj": "attn_qkv", "self_attn.o_proj": "attn_output",
        "self_attn.q_norm": "attn_q_norm", "self_attn.k_norm": "attn_k_norm", "mlp.gate_proj": "ffn_gate",
        "mlp.up_proj": "ffn_up", "mlp.gate_up_proj": "ffn_up", "mlp.down_proj": "ffn_down",
    ]
}

extension TransformerTensors {
    /// The tensors of a decoder whose modules are called as LLaMA's.
    ///
    /// - Parameter hasBias: of queries, keys and values
    static func likeLlama(
        _ checkpoint: Checkpoint, _ sizes: TransformerDesign.Sizes, hasBias: Bool = false
    ) -> TransformerTensors {
        let (hidden, inner) = (sizes.hiddenSize, sizes.intermediateSize)
        func attention(_ name: String, _ outputs: Int) -> [Part] {
            Map(path: "self_attn.\(name)", outputs: outputs, inputs: hidden, hasBias: hasBias).all()
        }
        let layer = Layer(
            query: attention("q_proj", sizes.queryColumns),
            keysValues: attention("k_proj", sizes.keyColumns) + attention("v_proj", sizes.keyColumns),
            output: Map(path: "self_attn.o_proj", outputs: hidden, inputs: sizes.queryColumns).all(),
            up: Map(path: "mlp.gate_proj", outputs: inner, inputs: hidden).all()
                + Map(path: "mlp.up_proj", outputs: inner, inputs: hidden).all(),
            down: Map(path: "mlp.down_proj", outputs: hidden, inputs: inner).all())
        let storage = TensorStorage(of: checkpoint)
        return TransformerTensors(layer: layer, storage: storage, unread: heads(storage))
    }

    /// What files hold beside the backbone.
    static func heads(_ storage: TensorStorage) -> [String] {
        storage.isGGUF ? ["output.weight", "rope_freqs.weight"] : ["lm_head.weight"]
    }
}
