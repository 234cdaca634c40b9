import Diagnostics
import Numerics
import Weights

/// A backbone of any family but LLaMA, which trains and has layers of its own.
struct Transformer: Backbone {
    private let design: TransformerDesign
    private let checkpoint: TransformerCheckpoint
    private let tokens: StoredTensor
    /// What is added to each position's token: [positions, hidden].
    private let positions: FrozenMatrix?
    private let embeddingNorm: Norm?
    private let finalNorm: Norm?
    /// Of each layer; layers with equal ones share the table.
    private let rotaries: [RotaryEmbedding?]
    /// The layers in memory; none where they are read when asked for.
    private let residentLayers: [TransformerBlock.Weights]

    init(_ source: Checkpoint, blueprint: TransformerBlueprint, loading: BackboneFamily.Loading) throws {
        let design = blueprint.design
        let checkpoint = try TransformerCheckpoint(source, blueprint: blueprint, loading: loading)
        (self.design, self.checkpoint) = (design, checkpoint)
        tokens = try checkpoint.tokens()
        positions = try checkpoint.positions()
        embeddingNorm = try checkpoint.norm(blueprint.tensors.embeddingNorm)
        finalNorm = try checkpoint.norm(blueprint.tensors.finalNorm)
        let kinds = Array(Set(design.rotaries.compactMap(\.self)))
        let tables = try parallelMap(kinds.count) { kinds[$0].table(for: design.sizes) }
        rotaries = design.rotaries.map { rotary in
            rotary.flatMap { kinds.firstIndex(of: $0) }.map { tables[$0] }
        }
        residentLayers =
            loading.isResident ? try parallelMap(design.sizes.layerCount) { try checkpoint.layer($0) } : []
    }

    var shape: BackboneShape { design.shape }

    func embed(_ tokens: ArraySlice<Int32>, at positions: ArraySlice<Int32>, into out: Matrix) throws {
        try self.tokens.embed(tokens, into: out)
        if design.embeddingScale != 1 {
            let scales = [Double](repeating: Double(design.embeddingScale), count: out.rows)
            Kernels.scaleRows(out, by: scales, into: out)
        }
        for (row, (token, position)) in zip(tokens, positions).enumerated() where token >= 0 {
            guard let table = self.positions else { break }
            guard position < Int32(table.rows) else {
                throw Diagnostic("there is no position \(position): the model has \(table.rows)")
            }
            out.add(1, table, row: Int(position), toRow: row)
        }
        embeddingNorm?.apply(out, into: out)
    }

    func layer(_ index: Int) throws -> any TransformerLayer {
        let sizes = design.sizes
        return TransformerBlock(
            weights: residentLayers.indices.contains(index) ? residentLayers[index] : try checkpoint.layer(index),
            design: design,
            attention: Attention(
                heads: sizes.heads, keyValueHeads: sizes.keyValueHeads, headDimension: sizes.headDimension,
                scale: design.queryScale, scoreCap: design.scoreCap),
            window: design.windows[index], rotary: rotaries[index])
    }

    func applyFinalNorm(to rows: Matrix, into out: Matrix) {
        if let finalNorm {
            finalNorm.apply(rows, into: out)
        } else {
            out.assign(rows)
        }
    }
}

extension RotaryPositions {
    fileprivate func table(for sizes: TransformerDesign.Sizes) -> RotaryEmbedding {
        scaling.embedding(
            positions: sizes.contextLength, headDimension: sizes.headDimension, components: components, base: base)
    }
}

extension StoredTensor {
    /// Decodes the rows of some tokens.
    ///
    /// - Parameters:
    ///   - tokens: ids; a negative one stands for a token without an embedding, whose row is zeros
    ///   - out: [tokens, columns]
    func embed(_ tokens: ArraySlice<Int32>, into out: Matrix) throws {
        for (row, token) in tokens.enumerated() {
            guard token < Int32(rows) else {
                throw Diagnostic("there is no token \(token): the vocabulary has \(rows)")
            }
            try out.withUnsafeMutableElements(rows: row..<row + 1) { elements in
                if token < 0 {
                    elements.update(repeating: 0)
                } else {
                    try decode(rows: Int(token)..<Int(token) + 1, into: elements)
                }
            }
        }
    }
}
