import Files
import Numerics
import Weights

extension BackboneFamily {
    /// LLaMA, arXiv 2302.13971: RMSNorm before each block, rotary positions, grouped-query attention, SwiGLU. SmolLM2 is of
    /// this family.
    static let llama = transformer(["llama"]) { checkpoint in
        switch checkpoint.description {
        case .gguf(let metadata): try llama(GGUFSizes(metadata, of: checkpoint))
        case .huggingFace(let config): try llama(ConfigDefaults.laid(under: config, of: "llama"), checkpoint)
        }
    }

    private static func llama(_ gguf: GGUFSizes) throws -> TransformerBlueprint {
        let (sizes, rotary) = (try gguf.transformer(), try gguf.rotary(gguf.transformer()))
        guard rotary.components == sizes.headDimension else {
            throw gguf.checkpoint.error(
                "expected rotary positions on all \(sizes.headDimension) head dimensions, found \(rotary.components)")
        }
        if try gguf.metadata.integerIfPresent("llama.expert_count") ?? 0 > 0 {
            throw gguf.checkpoint.error("mixtures of experts are not supported")
        }
        let epsilon = try gguf.number("attention.layer_norm_rms_epsilon")
        return llama(
            gguf.checkpoint, sizes, epsilon: epsilon, rotaries: Array(repeating: rotary, count: sizes.layerCount))
    }

    private static func llama(_ config: JSONNode, _ checkpoint: Checkpoint) throws -> TransformerBlueprint {
        let sizes = try TransformerDesign.Sizes(likeLlama: config)
        let rotaries = try config.rotaries(sizes)
        if case .longRoPE = rotaries.first??.scaling {
            throw config.error("rotary scaling \"longrope\" is not supported in a LLaMA model")
        }
        for key in ["attention_bias", "mlp_bias"] {
            try config.expect(key, false, or: false, because: "biases are not supported")
        }
        if let node = config["hidden_act"], try node.string() != "silu" { throw node.expected("\"silu\"") }
        try config.refuseQuantisation()
        return llama(checkpoint, sizes, epsilon: try config.number("rms_norm_eps"), rotaries: rotaries)
    }

    private static func llama(
        _ checkpoint: Checkpoint, _ sizes: TransformerDesign.Sizes, epsilon: Double, rotaries: [RotaryPositions?]
    ) -> TransformerBlueprint {
        let design = TransformerDesign(
            family: "llama", sizes: sizes, norm: .rms(epsilon: Float(epsilon)), activation: .silu,
            windows: Array(repeating: nil, count: sizes.layerCount), rotaries: rotaries)
        var tensors = TransformerTensors.likeLlama(checkpoint, sizes)
        tensors.layer.query[0].map.permutedHeads = sizes.heads
        tensors.layer.keysValues[0].map.permutedHeads = sizes.keyValueHeads
        // Old checkpoints of transformers hold the frequencies that the configuration gives.
        tensors.unread += (0..<sizes.layerCount).map {
            tensors.storedName("self_attn.rotary_emb.inv_freq", layer: $0)
        }
        return TransformerBlueprint(design: design, tensors: tensors)
    }
}
