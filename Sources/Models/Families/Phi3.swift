import Files
import Numerics
import Weights

extension BackboneFamily {
    /// Phi-3, arXiv 2404.14219: LLaMA with queries, keys and values in one tensor, and gate and up projection in another.
    static let phi3 = transformer(["phi3"]) { checkpoint in
        switch checkpoint.description {
        case .gguf(let metadata): try phi3(GGUFSizes(metadata, of: checkpoint))
        case .huggingFace(let config): try phi3(config, checkpoint)
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
        let layers = (0..<sizes.layerCount).map { index in
            phi3Layer(
                "blk.\(index).", sizes, norms: ("attn_norm", "ffn_norm"),
                maps: ("attn_qkv", "attn_output", "ffn_up", "ffn_down"))
        }
        let tensors = TransformerTensors(
            tokens: "token_embd.weight", finalNorm: "output_norm", layers: layers, unread: ["output.weight"])
        return TransformerBlueprint(design: design, tensors: tensors)
    }

    private static func phi3(_ config: JSONNode, _ checkpoint: Checkpoint) throws -> TransformerBlueprint {
        try config.refuseQuantisation()
        var sizes = try TransformerDesign.Sizes(likeLlama: config)
        let rotaries = try config.rotaries(sizes)
        sizes.contextLength = try RotaryScaling.steadyLength(config, contextLength: sizes.contextLength)
        let design = TransformerDesign(
            family: "phi3", sizes: sizes, norm: .rms(epsilon: Float(try config.number("rms_norm_eps", or: 1e-5))),
            activation: try config.activation("hidden_act", or: .silu),
            windows: try config.windows(layerCount: sizes.layerCount) { _ in true }, rotaries: rotaries)
        let prefix = TransformerTensors.prefix(["", "model."], having: "embed_tokens.weight", in: checkpoint)
        let layers = (0..<sizes.layerCount).map { index in
            phi3Layer(
                "\(prefix)layers.\(index).", sizes, norms: ("input_layernorm", "post_attention_layernorm"),
                maps: ("self_attn.qkv_proj", "self_attn.o_proj", "mlp.gate_up_proj", "mlp.down_proj"))
        }
        let tensors = TransformerTensors(
            tokens: "\(prefix)embed_tokens.weight", finalNorm: "\(prefix)norm", layers: layers,
            unread: ["lm_head.weight"])
        return TransformerBlueprint(design: design, tensors: tensors)
    }

    private static func phi3Layer(
        _ layer: String, _ sizes: TransformerDesign.Sizes, norms: (attention: String, mlp: String),
        maps: (qkv: String, output: String, gateUp: String, down: String)
    ) -> TransformerTensors.Layer {
        typealias Map = TransformerTensors.Map
        let (hidden, inner, queries, keys) = (
            sizes.hiddenSize, sizes.intermediateSize, sizes.queryColumns, sizes.keyColumns
        )
        let all = Map(name: layer + maps.qkv, outputs: queries + 2 * keys, inputs: hidden)
        return TransformerTensors.Layer(
            attentionNorm: layer + norms.attention, mlpNorm: layer + norms.mlp, query: all.rows([0..<queries]),
            keysValues: all.rows([queries..<queries + 2 * keys]),
            output: Map(name: layer + maps.output, outputs: hidden, inputs: queries).all(.output),
            up: Map(name: layer + maps.gateUp, outputs: 2 * inner, inputs: hidden).all(),
            down: Map(name: layer + maps.down, outputs: hidden, inputs: inner).all(.down))
    }
}
