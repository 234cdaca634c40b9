import Files
import Numerics
import Weights

extension BackboneFamily {
    /// GPT-2 (Radford et al. 2019): LayerNorm before each block, learned positions, GELU, biases everywhere.
    static let gpt2 = transformer(["gpt2"]) { checkpoint in
        switch checkpoint.description {
        case .gguf(let metadata): try gpt2(GGUFSizes(metadata, of: checkpoint))
        case .huggingFace(let config): try gpt2(config, checkpoint)
        }
    }

    private static func gpt2(_ gguf: GGUFSizes) throws -> TransformerBlueprint {
        let sizes = try gguf.transformer()
        let design = gpt2Design(sizes, epsilon: try gguf.number("attention.layer_norm_epsilon"))
        let layers = (0..<sizes.layerCount).map { index in
            gpt2Layer(
                "blk.\(index).", sizes, norms: ("attn_norm", "ffn_norm"),
                maps: ("attn_qkv", "attn_output", "ffn_up", "ffn_down"), isTransposed: false)
        }
        let tensors = TransformerTensors(
            tokens: "token_embd.weight", positions: .init(name: "position_embd.weight", rows: sizes.contextLength),
            finalNorm: "output_norm", layers: layers, unread: ["output.weight"])
        return TransformerBlueprint(design: design, tensors: tensors)
    }

    private static func gpt2(_ config: JSONNode, _ checkpoint: Checkpoint) throws -> TransformerBlueprint {
        try config.refuseQuantisation()
        try config.expect("scale_attn_weights", true, or: true, because: "unscaled attention is not supported")
        try config.expect(
            "scale_attn_by_inverse_layer_idx", false, or: false, because: "scaling by layer is not supported")
        let (hidden, heads) = (try config.size("n_embd"), try config.size("n_head"))
        let sizes = TransformerDesign.Sizes(
            layerCount: try config.size("n_layer"), hiddenSize: hidden,
            intermediateSize: try config.size("n_inner", or: 4 * hidden), heads: heads, keyValueHeads: heads,
            headDimension: hidden / heads, contextLength: try config.size("n_positions", or: 1024),
            vocabularySize: try config.size("vocab_size"))
        var design = gpt2Design(sizes, epsilon: try config.number("layer_norm_epsilon", or: 1e-5))
        design.activation = try config.activation("activation_function", or: .geluTanh)
        let prefix = TransformerTensors.prefix(["", "transformer."], having: "wte.weight", in: checkpoint)
        let layers = (0..<sizes.layerCount).map { index in
            gpt2Layer(
                "\(prefix)h.\(index).", sizes, norms: ("ln_1", "ln_2"),
                maps: ("attn.c_attn", "attn.c_proj", "mlp.c_fc", "mlp.c_proj"), isTransposed: true)
        }
        // The causal mask is a tensor of old checkpoints.
        let masks = (0..<sizes.layerCount).flatMap { index in
            ["bias", "masked_bias"].map { "\(prefix)h.\(index).attn.\($0)" }
        }
        let tensors = TransformerTensors(
            tokens: "\(prefix)wte.weight", positions: .init(name: "\(prefix)wpe.weight", rows: sizes.contextLength),
            finalNorm: "\(prefix)ln_f", layers: layers, unread: masks + ["lm_head.weight"])
        return TransformerBlueprint(design: design, tensors: tensors)
    }

    private static func gpt2Design(_ sizes: TransformerDesign.Sizes, epsilon: Double) -> TransformerDesign {
        TransformerDesign(
            family: "gpt2", sizes: sizes, norm: .layer(epsilon: Float(epsilon)), activation: .geluTanh, isGated: false,
            windows: Array(repeating: nil, count: sizes.layerCount),
            rotaries: Array(repeating: nil, count: sizes.layerCount))
    }

    private static func gpt2Layer(
        _ layer: String, _ sizes: TransformerDesign.Sizes, norms: (attention: String, mlp: String),
        maps: (qkv: String, output: String, up: String, down: String), isTransposed: Bool
    ) -> TransformerTensors.Layer {
        let (hidden, inner) = (sizes.hiddenSize, sizes.intermediateSize)
        func map(_ name: String, _ outputs: Int, _ inputs: Int) -> TransformerTensors.Map {
            .init(name: layer + name, outputs: outputs, inputs: inputs, hasBias: true, isTransposed: isTransposed)
        }
        let all = map(maps.qkv, 3 * hidden, hidden)
        return TransformerTensors.Layer(
            attentionNorm: layer + norms.attention, mlpNorm: layer + norms.mlp, query: all.rows([0..<hidden]),
            keysValues: all.rows([hidden..<3 * hidden]), output: map(maps.output, hidden, hidden).all(),
            up: map(maps.up, inner, hidden).all(), down: map(maps.down, hidden, inner).all())
    }
}
