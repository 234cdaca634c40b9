import Files
import Numerics
import Weights

extension BackboneFamily {
    /// LLaMA, arXiv 2302.13971: RMSNorm before each block, rotary positions, grouped-query attention, SwiGLU. SmolLM2 is of
    /// this family.
    static let llama = transformer(
        ["llama"],
        defaults: """
            {"vocab_size": 32000, "hidden_size": 4096, "intermediate_size": 11008, "num_hidden_layers": 32,
             "num_attention_heads": 32, "num_key_value_heads": null, "head_dim": null, "hidden_act": "silu",
             "max_position_embeddings": 2048, "rms_norm_eps": 1e-6, "attention_bias": false, "mlp_bias": false,
             "rope_theta": 10000.0}
            """
    ) { checkpoint in
        switch checkpoint.description {
        case .gguf(let metadata): try llama(GGUFSizes(metadata, of: checkpoint))
        case .huggingFace(let config): try llama(checkpoint.overDefaults(config), checkpoint)
        }
    }

    /// EuroBERT, arXiv 2503.05500: LLaMA's layers as an encoder.
    static let euroBERT = transformer(
        ["eurobert"],
        defaults: """
            {"vocab_size": 128256, "hidden_size": 768, "intermediate_size": 3072, "num_hidden_layers": 12,
             "num_attention_heads": 12, "num_key_value_heads": null, "head_dim": null, "hidden_act": "silu",
             "max_position_embeddings": 8192, "rms_norm_eps": 1e-5, "attention_bias": false, "mlp_bias": false,
             "rope_theta": 10000.0}
            """
    ) { checkpoint in
        let blueprint = try llama(checkpoint.config(of: "EuroBERT"), checkpoint)
        var (design, tensors) = (blueprint.design, blueprint.tensors)
        design.isEncoder = true
        // PEFT adapts encoders without a head.
        tensors.prefixes = ["", "model."]
        return TransformerBlueprint(design: design, tensors: tensors)
    }

    /// SmolLM3: LLaMA, of whose layers each fourth, or those that the configuration says, have no positions (arXiv
    /// 2501.18795).
    static let smolLM3 = transformer(
        ["smollm3"],
        defaults: """
            {"vocab_size": 128256, "hidden_size": 2048, "intermediate_size": 11008, "num_hidden_layers": 36,
             "num_attention_heads": 16, "num_key_value_heads": 4, "head_dim": null, "hidden_act": "silu",
             "max_position_embeddings": 32768, "rms_norm_eps": 1e-6, "attention_bias": false, "mlp_bias": false,
             "use_sliding_window": false, "no_rope_layers": null, "no_rope_layer_interval": 4, "layer_types": null,
             "rope_theta": 2000000.0}
            """
    ) { checkpoint in
        let config = try checkpoint.config(of: "SmolLM3")
        var blueprint = try llama(config, checkpoint)
        try config.expect("use_sliding_window", false, because: "windows of this family are not supported")
        // What a window would be, which no layer has.
        for key in ["sliding_window", "max_window_layers"] { _ = config.ifSaid(key) }
        let interval = try config.size("no_rope_layer_interval")
        let count = blueprint.design.sizes.layerCount
        let flags = try config.unlessNull("no_rope_layers").map { node in
            let flags = try node.elements().map { try $0.integer() != 0 }
            guard flags.count == count else { throw node.expected("a number for each of the \(count) layers") }
            return flags
        }
        for layer in 0..<count where !(flags?[layer] ?? !(layer + 1).isMultiple(of: interval)) {
            blueprint.design.rotaries[layer] = nil
        }
        return blueprint
    }

    private static func llama(_ gguf: GGUFSizes) throws -> TransformerBlueprint {
        let (sizes, rotary) = (try gguf.transformer(), try gguf.rotary(gguf.transformer()))
        guard rotary.components == sizes.headDimension else {
            throw gguf.checkpoint.error(
                "expected rotary positions on all \(sizes.headDimension) head dimensions, found \(rotary.components)")
        }
        try gguf.expectNoWindow(sizes)
        let epsilon = try gguf.number("attention.layer_norm_rms_epsilon")
        return llama(
            gguf.checkpoint, sizes, epsilon: epsilon, rotaries: Array(repeating: rotary, count: sizes.layerCount))
    }

    private static func llama(_ config: FamilyConfig, _ checkpoint: Checkpoint) throws -> TransformerBlueprint {
        let sizes = try TransformerDesign.Sizes(likeLlama: config)
        let rotaries = try config.rotaries(sizes)
        var blueprint = llama(
            checkpoint, sizes, family: try checkpoint.architecture(), epsilon: try config.positive("rms_norm_eps"),
            rotaries: rotaries,
            biases: (attention: try config.isOn("attention_bias"), mlp: try config.isOn("mlp_bias")))
        blueprint.design.activation = try config.activation("hidden_act")
        return blueprint
    }

    private static func llama(
        _ checkpoint: Checkpoint, _ sizes: TransformerDesign.Sizes, family: String = "llama", epsilon: Double,
        rotaries: [RotaryPositions?], biases: (attention: Bool, mlp: Bool) = (false, false)
    ) -> TransformerBlueprint {
        let design = TransformerDesign(
            family: family, sizes: sizes, norm: .rms(epsilon: Float(epsilon)), activation: .silu,
            windows: Array(repeating: nil, count: sizes.layerCount), rotaries: rotaries)
        var tensors = TransformerTensors.likeLlama(checkpoint, sizes)
        tensors.layer.setBiases(attention: biases.attention, mlp: biases.mlp)
        tensors.layer.query[0].map.permutedHeads = sizes.heads
        tensors.layer.keysValues[0].map.permutedHeads = sizes.keyValueHeads
        // Old checkpoints of transformers hold the frequencies that the configuration gives.
        tensors.unread += (0..<sizes.layerCount).map {
            tensors.storedName("self_attn.rotary_emb.inv_freq", layer: $0)
        }
        return TransformerBlueprint(design: design, tensors: tensors)
    }
}
