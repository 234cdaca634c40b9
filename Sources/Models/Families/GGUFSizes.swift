import Weights

/// The keys of a GGUF file that begin with its architecture's name.
struct GGUFSizes {
    let metadata: GGUFMetadata
    let checkpoint: Checkpoint
    let architecture: String

    init(_ metadata: GGUFMetadata, of checkpoint: Checkpoint) throws {
        (self.metadata, self.checkpoint) = (metadata, checkpoint)
        architecture = try metadata.string("general.architecture")
    }

    /// A positive size.
    func size(_ key: String, or fallback: Int? = nil) throws -> Int {
        let key = "\(architecture).\(key)"
        if let fallback, !metadata.contains(key) { return fallback }
        let value = try metadata.integer(key)
        guard (1...(1 << 24)).contains(value) else {
            throw checkpoint.error("\(key): expected a positive size, found \(value)")
        }
        return value
    }

    func number(_ key: String, or fallback: Double? = nil) throws -> Double {
        let key = "\(architecture).\(key)"
        if let fallback { return try metadata.numberIfPresent(key) ?? fallback }
        return try metadata.number(key)
    }

    /// Which layers have a sliding window: a flag a layer, or one in how many hasn't.
    ///
    /// - Parameter period: where the file doesn't say
    func localLayers(_ layerCount: Int, period: Int) throws -> [Bool] {
        let key = "\(architecture).attention.sliding_window_pattern"
        if metadata.contains(key), case .array = try metadata.value(key) {
            let flags = try metadata.flags(key)
            guard flags.count == layerCount else {
                throw checkpoint.error("\(key): expected \(layerCount) flags, found \(flags.count)")
            }
            return flags
        }
        let period = try size("attention.sliding_window_pattern", or: period)
        return (0..<layerCount).map { ($0 + 1) % period != 0 }
    }

    /// The sizes that all decoders' files have.
    func transformer() throws -> TransformerDesign.Sizes {
        let (hidden, heads) = (try size("embedding_length"), try size("attention.head_count"))
        return TransformerDesign.Sizes(
            layerCount: try size("block_count"), hiddenSize: hidden,
            intermediateSize: try size("feed_forward_length"), heads: heads,
            keyValueHeads: try size("attention.head_count_kv", or: heads),
            headDimension: try size("attention.key_length", or: hidden / heads),
            contextLength: try size("context_length"),
            vocabularySize: try checkpoint.tensors.tensor(named: "token_embd.weight").rows)
    }

    /// One table of rotary positions, scaled as the file says.
    ///
    /// - Parameter sizes: whose head dimension is turned where the file doesn't say how much of it
    func rotary(_ sizes: TransformerDesign.Sizes) throws -> RotaryPositions {
        RotaryPositions(
            base: Float(try number("rope.freq_base", or: 10000)),
            scaling: try RotaryScaling.read(gguf: metadata, architecture: architecture, of: checkpoint),
            components: try size("rope.dimension_count", or: sizes.headDimension))
    }
}
