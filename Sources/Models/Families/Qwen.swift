import Files
import Numerics
import Weights

extension BackboneFamily {
    /// Qwen2, arXiv 2407.10671: LLaMA with biases of queries, keys and values. Qwen1.5 and 2.5 are of this family.
    static let qwen2 = transformer(["qwen2"]) { try qwen($0, hasBias: true, normsHeads: false) }

    /// Qwen3, arXiv 2505.09388: LLaMA with RMSNorm of each query and key head.
    static let qwen3 = transformer(["qwen3"]) { try qwen($0, hasBias: false, normsHeads: true) }

    private static func qwen(_ checkpoint: Checkpoint, hasBias: Bool, normsHeads: Bool) throws -> TransformerBlueprint {
        let design =
            switch checkpoint.description {
            case .gguf(let metadata): try qwen(GGUFSizes(metadata, of: checkpoint))
            case .huggingFace(let config):
                try qwen(ConfigDefaults.laid(under: config, of: checkpoint.architecture()), checkpoint)
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

    private static func qwen(_ config: JSONNode, _ checkpoint: Checkpoint) throws -> TransformerDesign {
        try config.refuseQuantisation()
        let sizes = try TransformerDesign.Sizes(likeLlama: config)
        try config.expect("attention_bias", false, or: false, because: "biases of this kind are not supported")
        // transformers takes the window only where the configuration asks for it, above the layers that it names.
        let usesWindow = try config.member("use_sliding_window")?.flag() ?? false
        let firstWindowed = try config["max_window_layers"]?.integer() ?? 28
        let windows = try config.windows(layerCount: sizes.layerCount) { $0 >= firstWindowed }
        return TransformerDesign(
            family: try checkpoint.architecture(), sizes: sizes,
            norm: .rms(epsilon: Float(try config.number("rms_norm_eps"))),
            activation: try config.activation("hidden_act"),
            windows: usesWindow ? windows : windows.map { _ in nil }, rotaries: try config.rotaries(sizes))
    }
}
