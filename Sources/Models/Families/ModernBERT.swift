import Files
import Numerics

extension BackboneFamily {
    /// ModernBERT, arXiv 2412.13663: an encoder with norms before attention and the MLP (the first layer has none before
    /// attention), GeGLU, and rotary positions; two of three layers see a window around each token, with another base.
    static let modernBERT = transformer(
        ["modernbert"],
        defaults: """
            {"vocab_size": 50368, "hidden_size": 768, "intermediate_size": 1152, "num_hidden_layers": 22,
             "num_attention_heads": 12, "hidden_activation": "gelu", "max_position_embeddings": 8192, "norm_eps": 1e-5,
             "norm_bias": false, "attention_bias": false, "mlp_bias": false, "layer_types": null, "local_attention": 128,
             "global_attn_every_n_layers": 3, "global_rope_theta": 160000.0, "local_rope_theta": 10000.0}
            """
    ) { checkpoint in
        let config = try checkpoint.config(of: "ModernBERT")
        let sizes = try TransformerDesign.Sizes(likeBERT: config)
        let windows = try modernWindows(config, layerCount: sizes.layerCount)
        // Both are in the published files; transformers reads the first alone.
        if let node = config.ifSaid("layer_norm_eps"), try node.number() != config.number("norm_eps") {
            throw node.error("expected norm_eps and layer_norm_eps to say the same, or only norm_eps")
        }
        if let node = config.ifSaid("position_embedding_type"), try node.string() != "absolute" {
            throw node.expected("\"absolute\", as the published files have it: positions are rotary")
        }
        let norm = NormKind.layer(
            epsilon: Float(try config.positive("norm_eps")), hasBias: try config.flag("norm_bias"))
        let design = TransformerDesign(
            family: "modernbert", sizes: sizes, norm: norm, activation: try config.activation("hidden_activation"),
            windows: windows, rotaries: try modernRotaries(config, sizes, windows), isEncoder: true)
        return TransformerBlueprint(design: design, tensors: try modernTensors(config, checkpoint, sizes))
    }

    /// A token and as many on either side as half of `local_attention`.
    private static func modernWindows(_ config: FamilyConfig, layerCount: Int) throws -> [Int?] {
        let period = try config.size("global_attn_every_n_layers")
        let window = try config.size("local_attention") / 2 + 1
        return try config.layersWithWindow(layerCount: layerCount) { $0 % period != 0 }.map { $0 ? window : nil }
    }

    private static func modernRotaries(
        _ config: FamilyConfig, _ sizes: TransformerDesign.Sizes, _ windows: [Int?]
    ) throws -> [RotaryPositions?] {
        if let node = config.ifSaid("rope_scaling") {
            throw node.expected("null: scaled positions are said in rope_parameters, of each kind of layer")
        }
        let parameters = config.ifSaid("rope_parameters")
        func positions(_ kind: String, _ key: String) throws -> RotaryPositions {
            let base = try config.number(key)
            guard let own = parameters?[kind] else {
                return RotaryPositions(base: Float(base), components: sizes.headDimension)
            }
            let read = try RotaryPositions(parameters: own, sizes, base: base)
            if let node = config.saidByFile(key), try Float(node.number()) != read.base {
                throw node.expected("\(read.base), as rope_parameters has it, or only one of them")
            }
            return read
        }
        let global = try positions("full_attention", "global_rope_theta")
        let local = try positions("sliding_attention", "local_rope_theta")
        return windows.map { $0 == nil ? global : local }
    }

    private static func modernTensors(
        _ config: FamilyConfig, _ checkpoint: Checkpoint, _ sizes: TransformerDesign.Sizes
    ) throws -> TransformerTensors {
        let (hidden, inner) = (sizes.hiddenSize, sizes.intermediateSize)
        let (hasAttentionBias, hasMLPBias) = (try config.flag("attention_bias"), try config.flag("mlp_bias"))
        func map(_ path: String, _ outputs: Int, _ inputs: Int, _ hasBias: Bool) -> TransformerTensors.Map {
            .init(path: path, outputs: outputs, inputs: inputs, hasBias: hasBias)
        }
        let queriesKeysValues = map("attn.Wqkv", 3 * hidden, hidden, hasAttentionBias)
        let layer = TransformerTensors.Layer(
            attentionNorm: "attn_norm", mlpNorm: "mlp_norm", query: queriesKeysValues.rows([0..<hidden]),
            keysValues: queriesKeysValues.rows([hidden..<3 * hidden]),
            output: map("attn.Wo", hidden, hidden, hasAttentionBias).all(),
            up: map("mlp.Wi", 2 * inner, hidden, hasMLPBias).all(), down: map("mlp.Wo", hidden, inner, hasMLPBias).all()
        )
        let (tokens, prefixes) = ("embeddings.tok_embeddings", ["", "model."])
        let heads = ["head.", "decoder.", "classifier."]
        var tensors = TransformerTensors(
            prefixes: prefixes, tokens: tokens, embeddingNorm: "embeddings.norm", finalNorm: "final_norm", layer: layer,
            storage: TensorStorage(of: checkpoint, prefixes: prefixes, tokens: tokens, gguf: [:]),
            unread: checkpoint.tensors.names.filter { name in heads.contains { name.hasPrefix($0) } })
        tensors.firstAttentionNorm = 1
        return tensors
    }
}
