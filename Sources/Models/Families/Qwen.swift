import Files
import Numerics
import Weights

extension BackboneFamily {
    /// Qwen2, arXiv 2407.10671: LLaMA with biases of queries, keys and values. Qwen1.5 and 2.5 are of this family.
    static let qwen2 = transformer(
        ["qwen2"],
        defaults: """
            {"vocab_size": 151936, "hidden_size": 4096, "intermediate_size": 22016, "num_hidden_layers": 32,
             "num_attention_heads": 32, "num_key_value_heads": 32, "hidden_act": "silu", "max_position_embeddings": 32768,
             "rms_norm_eps": 1e-6, "use_sliding_window": false, "sliding_window": 4096, "max_window_layers": 28,
             "layer_types": null, "head_dim": null, "rope_theta": 10000.0, "attention_bias": false}
            """
    ) { try qwen($0, hasBias: true, normsHeads: false) }

    /// Qwen3, arXiv 2505.09388: LLaMA with RMSNorm of each query and key head.
    static let qwen3 = transformer(
        ["qwen3"],
        defaults: """
            {"vocab_size": 151936, "hidden_size": 4096, "intermediate_size": 22016, "num_hidden_layers": 32,
             "num_attention_heads": 32, "num_key_value_heads": 32, "head_dim": 128, "hidden_act": "silu",
             "max_position_embeddings": 32768, "rms_norm_eps": 1e-6, "attention_bias": false,
             "use_sliding_window": false, "sliding_window": 4096, "max_window_layers": 28, "layer_types": null,
             "rope_theta": 10000.0}
            """
    ) { try qwen($0, hasBias: false, normsHeads: true) }

    private static func qwen(_ checkpoint: Checkpoint, hasBias: Bool, normsHeads: Bool) throws -> TransformerBlueprint {
        let design =
            switch checkpoint.description {
            case .gguf(let metadata): try qwen(GGUFSizes(metadata, of: checkpoint))
            case .huggingFace(let config):
                try qwen(checkpoint.overDefaults(config), checkpoint)
            }
        var tensors = TransformerTensors.likeLlama(checkpoint, design.sizes, hasBias: hasBias)
        if normsHeads {
            (tensors.layer.queryNorm, tensors.layer.keyNorm) = ("self_attn.q_norm", "self_attn.k_norm")
        }
        return TransformerBlueprint(design: design, tensors: tensors)
    }

    private static func qwen(_ gguf: GGUFSizes) throws -> TransformerDesign {
        let sizes = try gguf.transformer()
        let rotary = try gguf.rotary(sizes)
        try gguf.expectNoWindow(sizes)
        return TransformerDesign(
            family: gguf.architecture, sizes: sizes,
            norm: .rms(epsilon: Float(try gguf.number("attention.layer_norm_rms_epsilon"))), activation: .silu,
            windows: Array(repeating: nil, count: sizes.layerCount),
            rotaries: Array(repeating: rotary, count: sizes.layerCount))
    }

    private static func qwen(_ config: FamilyConfig, _ checkpoint: Checkpoint) throws -> TransformerDesign {
        let sizes = try TransformerDesign.Sizes(likeLlama: config)
        try config.expect("attention_bias", false, because: "biases of this kind are not supported")
        // transformers takes the window only where the configuration asks for it, above the layers that it names.
        let usesWindow = try config.flag("use_sliding_window")
        let firstWindowed = try config.unlessNull("max_window_layers")?.integer() ?? 28
        let windows = try config.windows(layerCount: sizes.layerCount) { $0 >= firstWindowed }
        return TransformerDesign(
            family: try checkpoint.architecture(), sizes: sizes,
            norm: .rms(epsilon: Float(try config.positive("rms_norm_eps"))),
            activation: try config.activation("hidden_act"),
            windows: usesWindow ? windows : windows.map { _ in nil }, rotaries: try config.rotaries(sizes))
    }
}
