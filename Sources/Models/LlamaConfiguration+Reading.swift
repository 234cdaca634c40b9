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
        func size(_ key: String) throws -> Int {
            let value = try metadata.integer(key)
            guard Self.sizes.contains(value) else {
                throw checkpoint.error("\(key): expected a positive size, found \(value)")
            }
            return value
        }
        layerCount = try size("llama.block_count")
        hiddenSize = try size("llama.embedding_length")
        intermediateSize = try size("llama.feed_forward_length")
        heads = try size("llama.attention.head_count")
        keyValueHeads =
            metadata.contains("llama.attention.head_count_kv") ? try size("llama.attention.head_count_kv") : heads
        headDimension = try metadata.integerIfPresent("llama.attention.key_length") ?? hiddenSize / heads
        normEpsilon = Float(try metadata.number("llama.attention.layer_norm_rms_epsilon"))
        ropeBase = Float(try metadata.numberIfPresent("llama.rope.freq_base") ?? 10000)
        ropeScaling = try RotaryScaling.read(gguf: metadata, architecture: "llama", of: checkpoint)
        contextLength = try size("llama.context_length")
        vocabularySize = try checkpoint.tensors.tensor(named: "token_embd.weight").rows

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
        func size(_ key: String) throws -> Int {
            let node = try config.required(key)
            let value = try node.integer()
            guard Self.sizes.contains(value) else { throw node.expected("a positive size") }
            return value
        }
        layerCount = try size("num_hidden_layers")
        hiddenSize = try size("hidden_size")
        intermediateSize = try size("intermediate_size")
        heads = try size("num_attention_heads")
        keyValueHeads = config["num_key_value_heads"] == nil ? heads : try size("num_key_value_heads")
        headDimension = config["head_dim"] == nil ? hiddenSize / heads : try size("head_dim")
        normEpsilon = Float(try config["rms_norm_eps"]?.number() ?? 1e-6)
        contextLength = config["max_position_embeddings"] == nil ? 2048 : try size("max_position_embeddings")
        vocabularySize = try size("vocab_size")
        (ropeBase, ropeScaling) = try RotaryScaling.read(config, contextLength: contextLength)

        for key in ["attention_bias", "mlp_bias"] {
            if let node = config[key], try node.flag() { throw node.expected("false: biases are not supported") }
        }
        if let node = config["hidden_act"], try node.string() != "silu" { throw node.expected("\"silu\"") }
        if let node = config["quantization_config"] {
            throw node.error("quantised safetensors are not supported; expected float32, float16 or bfloat16 weights")
        }
    }

    /// Larger ones are damage: the sizes' products must not overflow.
    private static let sizes = 1...(1 << 24)

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
