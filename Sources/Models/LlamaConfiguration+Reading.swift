import Diagnostics
import Files
import Weights

extension LlamaConfiguration {
    /// Reads what a checkpoint says of itself.
    ///
    /// - Throws: for a size that is missing or impossible, and for what this family's layers don't do.
    public init(_ checkpoint: Checkpoint) throws {
        switch checkpoint.description {
        case .gguf(let metadata): try self.init(gguf: metadata, of: checkpoint)
        case .huggingFace(let config): try self.init(config)
        }
        try check(checkpoint)
    }

    private init(gguf metadata: GGUFMetadata, of checkpoint: Checkpoint) throws {
        let gguf = try GGUFSizes(metadata, of: checkpoint)
        let sizes = try gguf.transformer()
        (layerCount, hiddenSize, intermediateSize) = (sizes.layerCount, sizes.hiddenSize, sizes.intermediateSize)
        (heads, keyValueHeads, headDimension) = (sizes.heads, sizes.keyValueHeads, sizes.headDimension)
        (contextLength, vocabularySize) = (sizes.contextLength, sizes.vocabularySize)
        normEpsilon = Float(try gguf.number("attention.layer_norm_rms_epsilon"))
        ropeBase = Float(try gguf.number("rope.freq_base", or: 10000))
        ropeScaling = try RotaryScaling.read(gguf: metadata, architecture: "llama", of: checkpoint)

        let rotated = try metadata.integerIfPresent("llama.rope.dimension_count") ?? headDimension
        guard rotated == headDimension else {
            throw checkpoint.error(
                "expected rotary positions on all \(headDimension) head dimensions, found \(rotated)")
        }
        if metadata.contains("llama.expert_count"), try metadata.integer("llama.expert_count") > 0 {
            throw checkpoint.error("mixtures of experts are not supported")
        }
    }

    private init(_ config: JSONNode) throws {
        let sizes = try TransformerDesign.Sizes(likeLlama: config)
        (layerCount, hiddenSize, intermediateSize) = (sizes.layerCount, sizes.hiddenSize, sizes.intermediateSize)
        (heads, keyValueHeads, headDimension) = (sizes.heads, sizes.keyValueHeads, sizes.headDimension)
        (contextLength, vocabularySize) = (sizes.contextLength, sizes.vocabularySize)
        normEpsilon = Float(try config.number("rms_norm_eps", or: 1e-6))
        (ropeBase, ropeScaling) = try RotaryScaling.read(config, contextLength: contextLength)
        if case .longRoPE = ropeScaling {
            throw config.error("rotary scaling \"longrope\" is not supported in a LLaMA model")
        }

        if let fraction = (config["rope_parameters"] ?? config["rope_scaling"])?["partial_rotary_factor"]
            ?? config["partial_rotary_factor"], try fraction.number() != 1
        {
            throw fraction.expected("1: rotary positions on all of a head")
        }
        for key in ["attention_bias", "mlp_bias"] {
            try config.expect(key, false, or: false, because: "biases are not supported")
        }
        if let node = config["hidden_act"], try node.string() != "silu" { throw node.expected("\"silu\"") }
        try config.refuseQuantisation()
    }

    private func check(_ checkpoint: Checkpoint) throws {
        guard heads.isMultiple(of: keyValueHeads) else {
            throw checkpoint.error(
                "expected the \(heads) heads to be a multiple of the \(keyValueHeads) key-value heads")
        }
        guard headDimension > 0, headDimension <= 512, headDimension.isMultiple(of: 2) else {
            throw checkpoint.error("expected an even head dimension up to 512, found \(headDimension)")
        }
        if case .divided(let divisors) = ropeScaling, divisors.count != headDimension / 2 {
            throw checkpoint.error(
                "tensor \"rope_freqs.weight\": expected \(headDimension / 2) numbers, found \(divisors.count)")
        }
    }
}
