import Files
import Numerics
import Weights

extension BackboneFamily {
    /// GPT-2 (Radford et al. 2019): LayerNorm before each block, learned positions, GELU, biases everywhere.
    static let gpt2 = transformer(
        ["gpt2"],
        defaults: """
            {"vocab_size": 50257, "n_positions": 1024, "n_embd": 768, "n_layer": 12, "n_head": 12, "n_inner": null,
             "activation_function": "gelu_new", "layer_norm_epsilon": 1e-5, "scale_attn_weights": true,
             "scale_attn_by_inverse_layer_idx": false, "reorder_and_upcast_attn": false, "add_cross_attention": false}
            """
    ) { checkpoint in
        switch checkpoint.description {
        case .gguf(let metadata): try gpt2(GGUFSizes(metadata, of: checkpoint))
        case .huggingFace(let config): try gpt2(checkpoint.overDefaults(config), checkpoint)
        }
    }

    private static func gpt2(_ gguf: GGUFSizes) throws -> TransformerBlueprint {
        let sizes = try gguf.transformer()
        let design = gpt2Design(sizes, epsilon: try gguf.number("attention.layer_norm_epsilon"))
        return TransformerBlueprint(design: design, tensors: gpt2Tensors(gguf.checkpoint, sizes))
    }

    private static func gpt2(_ config: FamilyConfig, _ checkpoint: Checkpoint) throws -> TransformerBlueprint {
        try config.expect("add_cross_attention", false, because: "a decoder of an encoder is not supported")
        try config.expect("scale_attn_weights", true, because: "unscaled attention is not supported")
        try config.expect(
            "scale_attn_by_inverse_layer_idx", false, because: "scaling by layer is not supported")
        let (hidden, heads) = (try config.size("n_embd"), try config.size("n_head"))
        let sizes = TransformerDesign.Sizes(
            layerCount: try config.size("n_layer"), hiddenSize: hidden,
            intermediateSize: try config.size("n_inner", null: 4 * hidden), heads: heads, keyValueHeads: heads,
            headDimension: hidden / heads, contextLength: try config.size("n_positions"),
            vocabularySize: try config.size("vocab_size"))
        var design = gpt2Design(sizes, epsilon: try config.positive("layer_norm_epsilon"))
        design.activation = try config.activation("activation_function")
        return TransformerBlueprint(design: design, tensors: gpt2Tensors(checkpoint, sizes))
    }

    private static func gpt2Design(_ sizes: TransformerDesign.Sizes, epsilon: Double) -> TransformerDesign {
        TransformerDesign(
            family: "gpt2", sizes: sizes, norm: .layer(epsilon: Float(epsilon)), activation: .geluTanh, isGated: false,
            windows: Array(repeating: nil, count: sizes.layerCount),
            rotaries: Array(repeating: nil, count: sizes.layerCount))
    }

    private static let gpt2Names = [
        "wte": "token_embd", "wpe": "position_embd", "ln_f": "output_norm", "ln_1": "attn_norm", "ln_2": "ffn_norm",
        "attn.c_attn": "attn_qkv", "attn.c_proj": "attn_output", "mlp.c_fc": "ffn_up", "mlp.c_proj": "ffn_down",
    ]

    private static func gpt2Tensors(
        _ checkpoint: Checkpoint, _ sizes: TransformerDesign.Sizes
    ) -> TransformerTensors {
        let (hidden, inner) = (sizes.hiddenSize, sizes.intermediateSize)
        func map(_ path: String, _ outputs: Int, _ inputs: Int) -> TransformerTensors.Map {
            .init(path: path, outputs: outputs, inputs: inputs, hasBias: true, isTransposed: true)
        }
        let all = map("attn.c_attn", 3 * hidden, hidden)
        let layer = TransformerTensors.Layer(
            attentionNorm: "ln_1", mlpNorm: "ln_2", query: all.rows([0..<hidden]),
            keysValues: all.rows([hidden..<3 * hidden]), output: map("attn.c_proj", hidden, hidden).all(),
            up: map("mlp.c_fc", inner, hidden).all(), down: map("mlp.c_proj", hidden, inner).all())
        let prefixes = ["transformer.", ""]
        let storage = TensorStorage(of: checkpoint, prefixes: prefixes, tokens: "wte", gguf: gpt2Names)
        var tensors = TransformerTensors(
            prefixes: prefixes, layers: "h", tokens: "wte", positions: .init(path: "wpe", rows: sizes.contextLength),
            finalNorm: "ln_f", layer: layer, storage: storage,
            unread: storage.isGGUF ? ["output.weight"] : ["lm_head.weight"])
        // The causal mask is a tensor of old checkpoints.
        tensors.unread += (0..<sizes.layerCount).flatMap { index in
            ["attn.bias", "attn.masked_bias"].map { tensors.storedName($0, layer: index) }
        }
        return tensors
    }
}
