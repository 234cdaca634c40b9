import Diagnostics
import Files

extension Checkpoint {
    /// `config.json` of a family that is read from Hugging Face's layout only.
    func config(of family: String) throws -> JSONNode {
        guard case .huggingFace(let config) = description else {
            throw error("\(family) is not read from GGUF files; expected a folder with config.json and safetensors")
        }
        try config.refuseQuantisation()
        return config
    }
}

extension TransformerDesign.Sizes {
    /// The sizes in a `config.json` with LLaMA's keys.
    init(likeLlama config: JSONNode) throws {
        let (hidden, heads) = (try config.size("hidden_size"), try config.size("num_attention_heads"))
        self.init(
            layerCount: try config.size("num_hidden_layers"), hiddenSize: hidden,
            intermediateSize: try config.size("intermediate_size"), heads: heads,
            keyValueHeads: try config.size("num_key_value_heads", or: heads),
            headDimension: try config.size("head_dim", or: hidden / heads),
            contextLength: try config.size("max_position_embeddings", or: 2048),
            vocabularySize: try config.size("vocab_size"))
    }
}

extension JSONNode {
    /// The same rotary positions in each layer, turning all or a part of each head.
    func rotaries(_ sizes: TransformerDesign.Sizes, defaultFraction: Double = 1) throws -> [RotaryPositions?] {
        let (base, scaling) = try RotaryScaling.read(self, contextLength: sizes.contextLength)
        let node = self["rope_parameters"]?["partial_rotary_factor"] ?? self["partial_rotary_factor"]
        let fraction = try (node ?? self["rotary_pct"])?.number() ?? defaultFraction
        let components = Int(Double(sizes.headDimension) * min(max(fraction, 0), 1))
        if case .longRoPE(let factors, _) = scaling, factors.count != components / 2 {
            throw error("expected \(components / 2) short factors of rotary positions, found \(factors.count)")
        }
        let rotary = RotaryPositions(
            base: base, scaling: scaling, components: components)
        return Array(repeating: rotary, count: sizes.layerCount)
    }
}
