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

    /// Refuses a file that is no language model of its family's usual kind.
    func expectModel() throws {
        if let type = try metadata.stringIfPresent("general.type"), type != "model" {
            throw checkpoint.error("general.type: expected \"model\", found \"\(type)\"")
        }
        // Both are 0 where there are none; the number of those in use says nothing then.
        let (all, used) = ("\(architecture).expert_count", "\(architecture).expert_used_count")
        if try metadata.integerIfPresent(all) ?? metadata.integerIfPresent(used) ?? 0 > 0 {
            throw checkpoint.error("mixtures of experts are not supported")
        }
        _ = try metadata.integerIfPresent(used)
    }

    /// A positive size.
    func size(_ key: String, or fallback: Int? = nil) throws -> Int {
        let key = "\(architecture).\(key)"
        guard let value = try fallback == nil ? metadata.integer(key) : metadata.integerIfPresent(key) else {
            return fallback ?? 0
        }
        guard (1...(1 << 24)).contains(value) else {
            throw checkpoint.error("\(key): expected a size from 1 to \(1 << 24), found \(value)")
        }
        return value
    }

    /// A size of all layers, which a file may say of each: one of them is meant, as layers are alike here.
    private func layerSize(_ name: String, or fallback: Int? = nil) throws -> Int {
        let key = "\(architecture).\(name)"
        guard metadata.contains(key), case .array = try metadata.value(key) else { return try size(name, or: fallback) }
        let (sizes, layerCount) = (try metadata.integers(key), try size("block_count"))
        guard let first = sizes.first, first > 0, sizes.count == layerCount, sizes.allSatisfy({ $0 == first }) else {
            throw checkpoint.error(
                "\(key): expected one size of all \(layerCount) layers, found \(sizes.prefix(8).map(String.init).joined(separator: ", "))"
            )
        }
        return first
    }

    func number(_ key: String, or fallback: Double? = nil) throws -> Double {
        let key = "\(architecture).\(key)"
        if let fallback { return try metadata.numberIfPresent(key) ?? fallback }
        return try metadata.number(key)
    }

    /// Refuses a sliding window that a text of the model's context would feel: llama.cpp's layers of the family have none,
    /// those of transformers do.
    func expectNoWindow(_ sizes: TransformerDesign.Sizes) throws {
        let key = "\(architecture).attention.sliding_window"
        guard let window = try metadata.integerIfPresent(key), window > 0, window < sizes.contextLength else { return }
        throw checkpoint.error(
            "\(key): expected none, or one of the whole context \(sizes.contextLength), found \(window)")
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
        let (hidden, heads) = (try size("embedding_length"), try layerSize("attention.head_count"))
        let keyLength = try size("attention.key_length", or: hidden / heads)
        let valueLength = try size("attention.value_length", or: keyLength)
        guard keyLength == valueLength else {
            throw checkpoint.error(
                "expected heads of one length, found keys of \(keyLength) and values of \(valueLength)")
        }
        return TransformerDesign.Sizes(
            layerCount: try size("block_count"), hiddenSize: hidden,
            intermediateSize: try layerSize("feed_forward_length"), heads: heads,
            keyValueHeads: try layerSize("attention.head_count_kv", or: heads),
            headDimension: keyLength,
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
