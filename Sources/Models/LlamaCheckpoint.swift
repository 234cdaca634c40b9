import Diagnostics
import Numerics
import Weights

/// A LLaMA model's tensors in a checkpoint.
struct LlamaCheckpoint: Sendable {
    private let source: any TensorSource
    private let names: LlamaTensorNames
    private let configuration: LlamaConfiguration
    private let linear: LinearMaker
    /// Added to the weights when a layer is decoded.
    private let adapter: Adapter?

    /// Checks all tensors' names and shapes, also of layers that are read later.
    init(
        _ checkpoint: Checkpoint, configuration: LlamaConfiguration, linear: LinearMaker, merging adapter: Adapter?
    ) throws {
        source = checkpoint.tensors
        names = LlamaTensorNames(checkpoint)
        (self.configuration, self.linear, self.adapter) = (configuration, linear, adapter)
        try check()
        try adapter?.check(layerCount: configuration.layerCount, size: configuration.size)
    }

    private func check() throws {
        let c = configuration
        var expected = TensorExpectations(of: "llama")
        expected.require(names.embeddings, [c.vocabularySize, c.hiddenSize])
        expected.require(names.finalNorm, [c.hiddenSize])
        for layer in 0..<c.layerCount {
            for (tensor, shape) in [
                (names.attentionNorm, [c.hiddenSize]), (names.query, [c.queryColumns, c.hiddenSize]),
                (names.key, [c.keyColumns, c.hiddenSize]), (names.value, [c.keyColumns, c.hiddenSize]),
                (names.output, [c.hiddenSize, c.queryColumns]), (names.mlpNorm, [c.hiddenSize]),
                (names.gate, [c.intermediateSize, c.hiddenSize]), (names.up, [c.intermediateSize, c.hiddenSize]),
                (names.down, [c.hiddenSize, c.intermediateSize]),
            ] {
                expected.require(names.layer(layer, tensor), shape)
            }
            // Old checkpoints of transformers hold the frequencies that the configuration gives.
            expected.ignore("\(names.layerPrefix)\(layer).self_attn.rotary_emb.inv_freq")
        }
        names.unread.forEach { expected.ignore($0) }
        try expected.check(source)
    }

    /// The embedding matrix: [vocabulary, hidden], decoded row by row when asked for.
    func embeddings() throws -> StoredTensor { try source.tensor(named: names.embeddings) }

    func finalNorm() throws -> FrozenMatrix { try vector(names.finalNorm) }

    private func vector(_ name: String) throws -> FrozenMatrix {
        let vector = Matrix(rows: 1, columns: configuration.hiddenSize)
        try decode(try source.tensor(named: name), into: vector)
        return FrozenMatrix(freezing: vector)
    }

    func layer(_ index: Int) throws -> LlamaLayer.Weights {
        func stack(_ projections: Projection...) throws -> any Linear {
            let sizes = projections.map(configuration.size(of:))
            let weight = Matrix(rows: sizes.reduce(0) { $0 + $1.outputs }, columns: sizes[0].inputs)
            var start = 0
            for (projection, size) in zip(projections, sizes) {
                let rows = weight[rows: start..<start + size.outputs]
                try decode(layer: index, projection, into: rows)
                adapter?.merge(layer: index, projection, into: rows)
                start += size.outputs
            }
            return linear.linear(weight)
        }
        return LlamaLayer.Weights(
            attentionNorm: try vector(names.layer(index, names.attentionNorm)), query: try stack(.query),
            keysValues: try stack(.key, .value), output: try stack(.output),
            mlpNorm: try vector(names.layer(index, names.mlpNorm)), gateUp: try stack(.gate, .up),
            down: try stack(.down))
    }

    /// A linear map's weights, without any adapter: [outputs, inputs].
    func weight(layer: Int, _ projection: Projection) throws -> Matrix {
        let size = configuration.size(of: projection)
        let weight = Matrix(rows: size.outputs, columns: size.inputs)
        try decode(layer: layer, projection, into: weight)
        return weight
    }

    private func decode(layer: Int, _ projection: Projection, into rows: Matrix) throws {
        try decode(try source.tensor(named: names.layer(layer, names.name(of: projection))), into: rows)
        guard names.isInterleaved else { return }
        switch projection {
        case .query: undoRotaryPermutation(of: rows, heads: configuration.heads)
        case .key: undoRotaryPermutation(of: rows, heads: configuration.keyValueHeads)
        default: break
        }
    }

    private func decode(_ tensor: StoredTensor, into rows: Matrix) throws {
        try rows.withUnsafeMutableElements(rows: 0..<rows.rows) { elements in
            try tensor.decode(rows: 0..<tensor.rows, into: elements)
        }
        tensor.forget()
    }

    /// GGUF files of this architecture store the rows of each query and key head for rotary positions that turn
    /// neighbours: row 2i + s of a head is row i + s · d/2 of the original, which turns halves.
    private func undoRotaryPermutation(of weight: Matrix, heads: Int) {
        let half = configuration.headDimension / 2
        let stored = Matrix(rows: 2 * half, columns: weight.columns)
        for head in 0..<heads {
            let rows = weight[rows: head * 2 * half..<(head + 1) * 2 * half]
            stored.assign(rows)
            for i in 0..<half {
                rows.assign(row: i, from: stored, row: 2 * i)
                rows.assign(row: i + half, from: stored, row: 2 * i + 1)
            }
        }
    }
}
