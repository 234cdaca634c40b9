import Diagnostics
import Files

extension Checkpoint {
    /// `config.json` of a family that is read from Hugging Face's layout only.
    func config(of family: String) throws -> JSONNode {
        guard case .huggingFace(let config) = description else {
            throw error("\(family) is not read from GGUF files; expected a folder with config.json and safetensors")
        }
        return try ConfigDefaults.laid(under: config, of: architecture())
    }
}

extension TransformerDesign.Sizes {
    /// The sizes in a `config.json` with LLaMA's keys.
    init(likeLlama config: JSONNode) throws {
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

extension JSONNode {
    /// The same rotary positions in each layer, turning all or a part of each head.
    ///
    /// - Parameter isPartial: whether the family's layers turn a part of each head where the configuration says so; those
    ///   of the others turn all of it whatever it says
    func rotaries(_ sizes: TransformerDesign.Sizes, isPartial: Bool = false) throws -> [RotaryPositions?] {
        let (base, scaling) = try RotaryScaling.read(self, contextLength: sizes.contextLength)
        let beside = self["partial_rotary_factor"] ?? (isPartial ? self["rotary_pct"] : nil)
        let node = try RotaryScaling.parameters(self)?["partial_rotary_factor"] ?? beside
        let fraction = try node?.number() ?? 1
        if !isPartial, fraction != 1, let node { throw node.expected("1: rotary positions on all of a head") }
        let components = Int(Double(sizes.headDimension) * min(max(fraction, 0), 1))
        if case .longRoPE(let factors, _) = scaling, factors.count != components / 2 {
            throw error("expected \(components / 2) short factors of rotary positions, found \(factors.count)")
        }
        let rotary = RotaryPositions(
            base: base, scaling: scaling, components: components)
        return Array(repeating: rotary, count: sizes.layerCount)
    }
}
