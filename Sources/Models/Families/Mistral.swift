import Files
import Numerics

extension BackboneFamily {
    /// Mistral, arXiv 2310.06825: LLaMA with a sliding window. GGUF files of it say `llama`.
    static let mistral = transformer(
        ["mistral"],
        defaults: """
            {"vocab_size": 32000, "hidden_size": 4096, "intermediate_size": 14336, "num_hidden_layers": 32,
             "num_attention_heads": 32, "num_key_value_heads": 8, "head_dim": null, "hidden_act": "silu",
             "max_position_embeddings": 131072, "rms_norm_eps": 1e-6, "sliding_window": 4096,
             "rope_theta": 10000.0, "layer_types": null, "attention_bias": false}
            """
    ) { checkpoint in
        let config = try checkpoint.config(of: "Mistral")
        let sizes = try TransformerDesign.Sizes(likeLlama: config)
        try config.expect("attention_bias", false, because: "biases are not supported")
        let design = TransformerDesign(
            family: "mistral", sizes: sizes, norm: .rms(epsilon: Float(try config.positive("rms_norm_eps"))),
            activation: try config.activation("hidden_act"),
            windows: try config.sharedWindows(layerCount: sizes.layerCount),
            rotaries: try config.rotaries(sizes))
        return TransformerBlueprint(design: design, tensors: .likeLlama(checkpoint, sizes))
    }
}
