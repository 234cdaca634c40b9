import Files
import Numerics
import Weights

extension BackboneFamily {
    /// Phi-3, arXiv 2404.14219: LLaMA with queries, keys and values in one tensor, and gate and up projection in another.
    static let phi3 = transformer(
        ["phi3"],
        defaults: """
            {"vocab_size": 32064, "hidden_size": 3072, "intermediate_size": 8192, "num_hidden_layers": 32,
             "num_attention_heads": 32, "num_key_value_heads": null, "hidden_act": "silu", "max_position_embeddings": 4096,
             "original_max_position_embeddings": 4096, "rms_norm_eps": 1e-5, "sliding_window": null,
             "head_dim": null, "layer_types": null, "rope_theta": 10000.0, "partial_rotary_factor": 1.0}
            """
    ) { checkpoint in
        switch checkpoint.description {
        case .gguf(let metadata): try phi3(GGUFSizes(metadata, of: checkpoint))
        case .huggingFace(let config): try phi3(checkpoint.overDefaults(config), checkpoint)
        }
    }

    private static func phi3(_ gguf: GGUFSizes) throws -> TransformerBlueprint {
        let sizes = try gguf.transformer()
        if gguf.checkpoint.tensors.tensorIfPresent("rope_factors_short.weight") != nil {
            throw gguf.checkpoint.error(
                "rotary scaling \"longrope\" is not read from GGUF files; expected a folder with safetensors")
        }
        let rotary = try gguf.rotary(sizes)
        let window = try gguf.metadata.integerIfPresent("phi3.attention.sliding_window").flatMap { $0 > 0 ? $0 : nil }
        let design = TransformerDesign(
            family: "phi3", sizes: sizes,
            norm: .rms(epsilon: Float(try gguf.number("attention.layer_norm_rms_epsilon"))), activation: .silu,
            windows: Array(repeating: window, count: sizes.layerCount),
            rotaries: Array(repeating: rotary, count: sizes.layerCount))
        return TransformerBlueprint(design: design, tensors: phi3Tensors(gguf.checkpoint, sizes))
    }

    private static func phi3(_ config: FamilyConfig, _ checkpoint: Checkpoint) throws -> TransformerBlueprint {
        var sizes = try TransformerDesign.Sizes(likeLlama: config)
        let rotaries = try config.rotaries(sizes, partialBy: "partial_rotary_factor")
        sizes.contextLength = try RotaryScaling.steadyLength(config, contextLength: sizes.contextLength)
        let design = TransformerDesign(
            family: "phi3", sizes: sizes, norm: .rms(epsilon: Float(try config.positive("rms_norm_eps"))),
            activation: try config.activation("hidden_act"),
            windows: try config.sharedWindows(layerCount: sizes.layerCount), rotaries: rotaries)
        return TransformerBlueprint(design: design, tensors: phi3Tensors(checkpoint, sizes))
    }

    private static func phi3Tensors(
        _ checkpoint: Checkpoint, _ sizes: TransformerDesign.Sizes
    ) -> TransformerTensors {
        typealias Map = TransformerTensors.Map
        let (hidden, inner, queries, keys) = (
            sizes.hiddenSize, sizes.intermediateSize, sizes.queryColumns, sizes.keyColumns
        )
        let all = Map(path: "self_attn.qkv_proj", outputs: queries + 2 * keys, inputs: hidden)
        let layer = TransformerTensors.Layer(
            query: all.rows([0..<queries]), keysValues: all.rows([queries..<queries + 2 * keys]),
            output: Map(path: "self_attn.o_proj", outputs: hidden, inputs: queries).all(),
            up: Map(path: "mlp.gate_up_proj", outputs: 2 * inner, inputs: hidden).all(),
            down: Map(path: "mlp.down_proj", outputs: hidden, inputs: inner).all())
        let storage = TensorStorage(of: checkpoint)
        return TransformerTensors(
            layer: layer, storage: storage, unread: storage.isGGUF ? ["output.weight"] : ["lm_head.weight"])
    }
}
