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
        let c = configuration
        func stack(
            _ parts: [(name: String, projection: Projection, rows: Int, heads: Int?)], columns: Int
        ) throws -> any Linear {
            let weight = Matrix(rows: parts.map(\.rows).reduce(0, +), columns: columns)
            var start = 0
            for part in parts {
                let rows = weight[rows: start..<start + part.rows]
                try decode(try source.tensor(named: names.layer(index, part.name)), into: rows)
                if let heads = part.heads, names.isInterleaved { undoRotaryPermutation(of: rows, heads: heads) }
                adapter?.merge(layer: index, part.projection, into: rows)
                start += part.rows
            }
            return linear.linear(weight)
        }
        return LlamaLayer.Weights(
            attentionNorm: try vector(names.layer(index, names.attentionNorm)),
            query: try stack([(names.query, .query, c.queryColumns, c.heads)], columns: c.hiddenSize),
            keysValues: try stack(
                [(names.key, .key, c.keyColumns, c.keyValueHeads), (names.value, .value, c.keyColumns, nil)],
                columns: c.hiddenSize),
            output: try stack([(names.output, .output, c.hiddenSize, nil)], columns: c.queryColumns),
            mlpNorm: try vector(names.layer(index, names.mlpNorm)),
            gateUp: try stack(
                [(names.gate, .gate, c.intermediateSize, nil), (names.up, .up, c.intermediateSize, nil)],
                columns: c.hiddenSize),
            down: try stack([(names.down, .down, c.hiddenSize, nil)], columns: c.intermediateSize))
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
