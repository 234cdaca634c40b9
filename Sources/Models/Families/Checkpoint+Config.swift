import Diagnostics
import Files

extension Checkpoint {
    /// `config.json` of a family that is read from Hugging Face's layout only, over its defaults.
    func config(of family: String) throws -> FamilyConfig { try overDefaults(root(of: family)) }

    /// The same as it is written.
    func root(of family: String) throws -> JSONNode {
        guard case .huggingFace(let config) = description else {
            throw error("\(family) is not read from GGUF files; expected a folder with config.json and safetensors")
        }
        return config
    }

    /// A configuration over the defaults of this checkpoint's family.
    func overDefaults(_ config: JSONNode) throws -> FamilyConfig {
        try FamilyConfig(config, over: BackboneFamily.family(of: self).defaults, of: architecture())
    }
}

extension TransformerDesign.Sizes {
    /// The sizes in a `config.json` with LLaMA's keys.
    init(likeLlama config: FamilyConfig) throws {
        let (hidden, heads) = (try config.size("hidden_size"), try config.size("num_attention_heads"))
        self.init(
            layerCount: try config.size("num_hidden_layers"), hiddenSize: hidden,
            intermediateSize: try config.size("intermediate_size"), heads: heads,
            keyValueHeads: try config.size("num_key_value_heads", null: heads),
            headDimension: try config.size("head_dim", null: hidden / heads),
            contextLength: try config.size("max_position_embeddings"),
            vocabularySize: try config.size("vocab_size"))
    }
}

extension TransformerDesign.Sizes {
    /// The sizes in a `config.json` with BERT's keys: a head of keys for each of queries, which divide the hidden size.
    init(likeBERT config: FamilyConfig) throws {
        let (hidden, heads) = (try config.size("hidden_size"), try config.size("num_attention_heads"))
        self.init(
            layerCount: try config.size("num_hidden_layers"), hiddenSize: hidden,
            intermediateSize: try config.size("intermediate_size"), heads: heads, keyValueHeads: heads,
            headDimension: hidden / heads, contextLength: try config.size("max_position_embeddings"),
            vocabularySize: try config.size("vocab_size"))
    }
}

extension FamilyConfig {
    /// The same rotary positions in each layer, turning all of each head.
    func rotaries(_ sizes: TransformerDesign.Sizes) throws -> [RotaryPositions?] {
        let node = try RotaryScaling.parameters(self)?["partial_rotary_factor"] ?? ifSaid("partial_rotary_factor")
        if let node, try node.number() != 1 { throw node.expected("1: rotary positions on all of a head") }
        return try rotaries(sizes, fraction: 1)
    }

    /// The same rotary positions in each layer, turning the part of each head that the configuration says.
    ///
    /// - Parameter key: what says it where the parameters don't; null is all of a head
    func rotaries(_ sizes: TransformerDesign.Sizes, partialBy key: String) throws -> [RotaryPositions?] {
        // All are read, whichever counts.
        let (fraction, beside) = (try unlessNull(key)?.number() ?? 1, ifSaid("partial_rotary_factor"))
        if let node = try RotaryScaling.parameters(self)?["partial_rotary_factor"] {
            return try rotaries(sizes, fraction: node.number())
        }
        if let node = beside, try node.number() != fraction {
            throw node.expected(
                "\(fraction), as \(key) has it, or the part in rope_parameters: version 5 of transformers doesn't look here"
            )
        }
        return try rotaries(sizes, fraction: fraction)
    }

    private func rotaries(_ sizes: TransformerDesign.Sizes, fraction: Double) throws -> [RotaryPositions?] {
        let (base, scaling) = try RotaryScaling.read(self, contextLength: sizes.contextLength)
        let components = Int(Double(sizes.headDimension) * min(max(fraction, 0), 1))
        if case .longRoPE(let factors, _) = scaling, factors.count != components / 2 {
            throw error("expected \(components / 2) short factors of rotary positions, found \(factors.count)")
        }
        let rotary = RotaryPositions(
            base: base, scaling: scaling, components: components)
        return Array(repeating: rotary, count: sizes.layerCount)
    }
}
