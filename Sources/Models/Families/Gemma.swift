import Files
import Numerics
import Weights

// What Gemma's own configurations and GGUF files leave out is as in transformers' `configuration_gemma*.py` and
// llama.cpp's `llama-model.cpp`.
extension BackboneFamily {
    /// Gemma 2, arXiv 2408.00118: norms before and behind each block, GeGLU, scaled embeddings, capped scores, and a
    /// sliding window in every other layer.
    static let gemma2 = transformer(
        ["gemma2"],
        defaults: """
            {"vocab_size": 256000, "hidden_size": 2304, "intermediate_size": 9216, "num_hidden_layers": 26,
             "num_attention_heads": 8, "num_key_value_heads": 4, "head_dim": 256, "hidden_activation": "gelu_pytorch_tanh",
             "max_position_embeddings": 8192, "rms_norm_eps": 1e-6, "attention_bias": false, "query_pre_attn_scalar": 256,
             "sliding_window": 4096, "layer_types": null, "attn_logit_softcapping": 50.0,
             "use_bidirectional_attention": null, "model_type": "gemma2", "rope_theta": 10000.0}
            """
    ) { try gemma($0, .second) }

    /// Gemma 3, arXiv 2503.19786: norms of queries and keys instead of caps, a sliding window in five of six layers,
    /// which have rotary positions of another base.
    static let gemma3 = transformer(
        ["gemma3", "gemma3_text"],
        defaults: """
            {"vocab_size": 262208, "hidden_size": 2304, "intermediate_size": 9216, "num_hidden_layers": 26,
             "num_attention_heads": 8, "num_key_value_heads": 4, "head_dim": 256, "hidden_activation": "gelu_pytorch_tanh",
             "max_position_embeddings": 131072, "rms_norm_eps": 1e-6, "attention_bias": false, "query_pre_attn_scalar": 256,
             "sliding_window": 4096, "layer_types": null,
             "use_bidirectional_attention": false, "sliding_window_pattern": 6,
             "model_type": "gemma3_text", "rope_theta": 1e6, "rope_local_base_freq": 1e4}
            """
    ) { try gemma($0, .third) }

    /// What tells the generations apart.
    private struct GemmaGeneration {
        var name: String
        /// What transformers calls its language model's configuration.
        var modelType: String
        /// Every so many layers one sees any distance.
        var windowPeriod: Int
        var base: Double
        /// Of layers with a window.
        var localBase: Double
        var normsHeads: Bool
        /// The depth of the largest model, whose scores are scaled by its hidden size: its files don't say so.
        var largestLayerCount: Int

        static let second = GemmaGeneration(
            name: "gemma2", modelType: "gemma2", windowPeriod: 2, base: 1e4, localBase: 1e4, normsHeads: false,
            largestLayerCount: 46)
        static let third = GemmaGeneration(
            name: "gemma3", modelType: "gemma3_text", windowPeriod: 6, base: 1e6, localBase: 1e4, normsHeads: true,
            largestLayerCount: 62)
    }

    private static func gemma(_ checkpoint: Checkpoint, _ generation: GemmaGeneration) throws -> TransformerBlueprint {
        switch checkpoint.description {
        case .gguf(let metadata): try gemma(GGUFSizes(metadata, of: checkpoint), generation)
        case .huggingFace(let config):
            // Models that also see pictures keep the language model's configuration apart.
            try gemma(
                checkpoint.overDefaults(config["text_config"] ?? config), checkpoint, generation)
        }
    }

    private static func design(
        _ generation: GemmaGeneration, _ sizes: TransformerDesign.Sizes, epsilon: Double, windows: [Int?]
    ) -> TransformerDesign {
        TransformerDesign(
            family: generation.name, sizes: sizes, norm: .rms(epsilon: Float(epsilon)), placement: .around,
            activation: .geluTanh, windows: windows, rotaries: [],
            embeddingScale: Float(sizes.hiddenSize).squareRoot())
    }

    private static func gemma(_ gguf: GGUFSizes, _ generation: GemmaGeneration) throws -> TransformerBlueprint {
        let sizes = try gguf.transformer()
        let window = try gguf.size("attention.sliding_window", or: generation.name == "gemma2" ? 4096 : nil)
        let isLocal = try gguf.localLayers(sizes.layerCount, period: generation.windowPeriod)
        let windows = isLocal.map { $0 ? window : nil }
        var design = design(
            generation, sizes, epsilon: try gguf.number("attention.layer_norm_rms_epsilon"), windows: windows)
        let scaled =
            sizes.layerCount == generation.largestLayerCount ? sizes.hiddenSize / sizes.heads : sizes.headDimension
        design.queryScale = 1 / Float(scaled).squareRoot()
        if !generation.normsHeads { design.scoreCap = Float(try gguf.number("attn_logit_softcapping", or: 50)) }
        let scaling = try gguf.rotary(sizes).scaling
        let base = try gguf.number("rope.freq_base", or: generation.base)
        let localBase = try gguf.number("rope.freq_base_swa", or: generation.localBase)
        design.rotaries = windows.map { window in
            generation.normsHeads && window != nil
                ? RotaryPositions(base: Float(localBase), components: sizes.headDimension)
                : RotaryPositions(base: Float(base), scaling: scaling, components: sizes.headDimension)
        }
        return TransformerBlueprint(design: design, tensors: tensors(gguf.checkpoint, sizes, generation))
    }

    private static func gemma(
        _ config: FamilyConfig, _ checkpoint: Checkpoint, _ generation: GemmaGeneration
    ) throws -> TransformerBlueprint {
        try config.expect("attention_bias", false, because: "biases are not supported")
        let sizes = try TransformerDesign.Sizes(likeLlama: config)
        let period = try generation.normsHeads ? config.size("sliding_window_pattern") : generation.windowPeriod
        var windows = try config.windows(layerCount: sizes.layerCount) { ($0 + 1) % period != 0 }
        // transformers halves the window of a model that was trained to attend in both directions (EmbeddingGemma).
        // Beside pictures the language model's configuration names its own type.
        let type = try config.value("model_type")
        if try ![generation.name, generation.modelType].contains(type.string()) {
            throw type.expected("\"\(generation.modelType)\"")
        }
        if let node = config.ifSaid("sliding_window_size"), try node.integer() != config.size("sliding_window") {
            throw node.error("expected sliding_window and sliding_window_size to say the same, or only one of them")
        }
        let direction = try config.unlessNull("use_bidirectional_attention")
        let isEncoder = try direction?.flag() ?? false
        if isEncoder, !generation.normsHeads, let direction {
            throw direction.expected("false: Gemma 2 in both directions is not supported")
        }
        // Gemma's configurations have both; transformers reads hidden_activation.
        _ = config.ifSaid("hidden_act")
        if isEncoder { windows = windows.map { $0.map { $0 / 2 + 1 } } }
        var design = design(
            generation, sizes, epsilon: try config.positive("rms_norm_eps"), windows: windows)
        design.isEncoder = isEncoder
        design.activation = try config.activation("hidden_activation")
        design.queryScale = 1 / Float(try config.number("query_pre_attn_scalar")).squareRoot()
        if generation.normsHeads {
            // transformers has the key for Gemma 3 too, and caps nothing.
            _ = config.ifSaid("attn_logit_softcapping")
        } else {
            design.scoreCap = try config.unlessNull("attn_logit_softcapping").map { Float(try $0.number()) }
        }
        design.rotaries = try rotaries(config, sizes, windows, generation)
        return TransformerBlueprint(design: design, tensors: tensors(checkpoint, sizes, generation))
    }

    private static func rotaries(
        _ config: FamilyConfig, _ sizes: TransformerDesign.Sizes, _ windows: [Int?], _ generation: GemmaGeneration
    ) throws -> [RotaryPositions?] {
        func positions() throws -> RotaryPositions {
            let read = try RotaryScaling.read(config, contextLength: sizes.contextLength)
            return RotaryPositions(base: read.base, scaling: read.scaling, components: sizes.headDimension)
        }
        guard generation.normsHeads else {
            let both = try positions()
            return windows.map { _ in both }
        }
        let (global, local): (RotaryPositions, RotaryPositions)
        if let both = config.ifSaid("rope_parameters"), let full = both["full_attention"],
            let sliding = both["sliding_attention"]
        {
            (global, local) = try (
                .init(parameters: full, sizes, base: config.orDefault("rope_theta").number()),
                .init(parameters: sliding, sizes, base: config.number("rope_local_base_freq"))
            )
            try expectBases(config, ["rope_theta": global.base, "rope_local_base_freq": local.base])
        } else {
            global = try positions()
            let base = try config.number("rope_local_base_freq")
            local = RotaryPositions(base: Float(base), components: sizes.headDimension)
        }
        return windows.map { $0 == nil ? global : local }
    }

    /// Refuses older keys that say something else than `rope_parameters` has of each kind of layer.
    private static func expectBases(_ config: FamilyConfig, _ bases: KeyValuePairs<String, Float>) throws {
        for (key, base) in bases {
            if let node = config.saidByFile(key), try Float(node.number()) != base {
                throw node.expected("\(base), as rope_parameters has it, or only one of them")
            }
        }
        if let node = config.ifSaid("rope_scaling") {
            throw node.error("expected rope_scaling or rope_parameters with a kind of layer each, found both")
        }
    }

    private static func tensors(
        _ checkpoint: Checkpoint, _ sizes: TransformerDesign.Sizes, _ generation: GemmaGeneration
    ) -> TransformerTensors {
        var tensors = TransformerTensors.likeLlama(checkpoint, sizes)
        tensors.prefixes = ["model.", "", "language_model.model.", "model.language_model."]
        tensors.storage = TensorStorage(
            of: checkpoint, prefixes: tensors.prefixes,
            gguf: TensorStorage.likeLlama.merging(
                [
                    "post_attention_layernorm": "post_attention_norm", "pre_feedforward_layernorm": "ffn_norm",
                    "post_feedforward_layernorm": "post_ffw_norm",
                ]) { $1 })
        tensors.normOffset = 1
        tensors.layer.attentionOutputNorm = "post_attention_layernorm"
        tensors.layer.mlpNorm = "pre_feedforward_layernorm"
        tensors.layer.mlpOutputNorm = "post_feedforward_layernorm"
        if generation.normsHeads {
            (tensors.layer.queryNorm, tensors.layer.keyNorm) = ("self_attn.q_norm", "self_attn.k_norm")
        }
        let pictures = [
            "vision_tower.", "multi_modal_projector.", "model.vision_tower.", "model.multi_modal_projector.",
        ]
        tensors.unread += checkpoint.tensors.names.filter { name in pictures.contains { name.hasPrefix($0) } }
        return tensors
    }
}

extension RotaryPositions {
    /// One kind of layer's entry in `rope_parameters`.
    init(parameters: JSONNode, _ sizes: TransformerDesign.Sizes, base: Double) throws {
        self.init(
            base: Float(try parameters.member("rope_theta")?.number() ?? base),
            scaling: try RotaryScaling.scaling(parameters, contextLength: sizes.contextLength),
            components: sizes.headDimension)
    }
}
