import Files
import Numerics

extension BackboneFamily {
    /// Mistral, arXiv 2310.06825: LLaMA with a sliding window. GGUF files of it say `llama`.
    static let mistral = transformer(["mistral"]) { checkpoint in
        let config = try checkpoint.config(of: "Mistral")
        let sizes = try TransformerDesign.Sizes(likeLlama: config)
        try config.expect("attention_bias", false, or: false, because: "biases are not supported")
        let design = TransformerDesign(
            family: "mistral", sizes: sizes, norm: .rms(epsilon: Float(try config.number("rms_norm_eps"))),
            activation: try config.activation("hidden_act"),
            windows: try config.windows(layerCount: sizes.layerCount) { _ in true },
            rotaries: try config.rotaries(sizes))
        return TransformerBlueprint(design: design, tensors: .likeLlama(checkpoint, sizes))
    }
}
