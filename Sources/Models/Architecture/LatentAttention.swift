import Numerics
import Weights

/// What NV-Embed does with each token's state behind the last norm: the state attends to trained vectors, then goes through
/// an MLP; both have a norm before them and are added to the state. Lee et al., arXiv 2405.17428, section 3.1.1.
struct LatentAttention: Sendable {
    struct Sizes: Hashable, Sendable {
        /// How many vectors there are, each as wide as a state.
        var vectors: Int
        var heads: Int
        var headDimension: Int

        var columns: Int { heads * headDimension }

        /// Numbers of all its linear maps, the vectors' keys and values among them.
        func weightCount(hiddenSize: Int) -> Int {
            let mlp = 3 * Self.innerColumns(hiddenSize: hiddenSize) * hiddenSize
            return 2 * columns * (hiddenSize + vectors) + mlp
        }

        /// The MLP's inner width, which is gated.
        static func innerColumns(hiddenSize: Int) -> Int { 4 * hiddenSize }
    }

    /// Attention of one head as two linear maps: the vectors' keys and values are the same for every state.
    fileprivate struct Head {
        /// A query to its scores: [vectors, headDimension].
        var keys: any Linear
        /// Shares to their sum: [headDimension, vectors].
        var values: any Linear
    }

    private let attentionNorm: Norm
    private let query: any Linear
    private let heads: [Head]
    private let output: any Linear
    private let mlpNorm: Norm
    /// The gate's rows, then those that it is multiplied with.
    private let up: StackedLinear
    private let down: StackedLinear

    /// Rows that are mapped together, for what lies between the maps to stay small: a row has the same result among any.
    private static let block = 64

    /// - Parameter states: [rows, hiddenSize]; overwritten
    func apply(to states: Matrix) {
        let workspace = Workspace()
        for start in stride(from: 0, to: states.rows, by: Self.block) {
            let block = states[rows: start..<min(start + Self.block, states.rows)]
            attend(block, workspace)
            let normed = Matrix(rows: block.rows, columns: block.columns)
            mlpNorm.apply(block, into: normed)
            let gateUp = Matrix(rows: block.rows, columns: up.linear.outputs)
            up.apply(normed, into: gateUp, workspace: workspace)
            let activated = Matrix(rows: block.rows, columns: gateUp.columns / 2)
            Kernels.gate(gateUp, by: .gelu, into: activated)
            down.apply(activated, into: block, accumulating: true, workspace: workspace)
        }
    }

    private func attend(_ states: Matrix, _ workspace: Workspace) {
        let scratch = workspace.linearScratch
        let normed = Matrix(rows: states.rows, columns: states.columns)
        attentionNorm.apply(states, into: normed)
        let (queries, sums) = (
            Matrix(rows: states.rows, columns: query.outputs), Matrix(rows: states.rows, columns: query.outputs)
        )
        query.apply(normed, into: queries, accumulating: false, scratch: scratch)
        for (index, head) in heads.enumerated() {
            let columns = index * head.keys.inputs..<(index + 1) * head.keys.inputs
            let shares = Matrix(rows: states.rows, columns: head.keys.outputs)
            head.keys.apply(queries[columns: columns], into: shares, accumulating: false, scratch: scratch)
            _ = Kernels.softmaxRows(shares)
            head.values.apply(shares, into: sums[columns: columns], accumulating: false, scratch: scratch)
        }
        output.apply(sums, into: states, accumulating: true, scratch: scratch)
    }
}

extension LatentAttention {
    /// Where its tensors lie: NV-Embed's names.
    private enum Name {
        static let vectors = "latent_attention_model.latents"
        static let attention = "latent_attention_model.cross_attend_blocks.0."
        static let mlp = "latent_attention_model.cross_attend_blocks.1."
    }

    /// Names and shapes of all its tensors.
    static func tensors(_ sizes: Sizes, hiddenSize: Int) -> [(name: String, shape: [Int])] {
        let inner = Sizes.innerColumns(hiddenSize: hiddenSize)
        let norms = ["\(Name.attention)norm", "\(Name.attention)norm_context", "\(Name.mlp)norm"]
        return [(Name.vectors, [sizes.vectors, hiddenSize])]
            + norms.flatMap { [("\($0).weight", [hiddenSize]), ("\($0).bias", [hiddenSize])] } + [
                ("\(Name.attention)fn.to_q.weight", [sizes.columns, hiddenSize]),
                ("\(Name.attention)fn.to_kv.weight", [2 * sizes.columns, hiddenSize]),
                ("\(Name.attention)fn.to_out.weight", [hiddenSize, sizes.columns]),
                ("\(Name.mlp)fn.net.0.weight", [2 * inner, hiddenSize]), ("\(Name.mlp)fn.net.0.bias", [2 * inner]),
                ("\(Name.mlp)fn.net.2.weight", [hiddenSize, inner]), ("\(Name.mlp)fn.net.2.bias", [hiddenSize]),
            ]
    }

    /// - Parameters:
    ///   - hiddenSize: the states'
    ///   - linear: the precision of the linear maps
    init(_ checkpoint: TransformerCheckpoint, _ sizes: Sizes, hiddenSize: Int, linear: LinearMaker) throws {
        let (columns, inner) = (sizes.columns, Sizes.innerColumns(hiddenSize: hiddenSize))
        func norm(_ name: String) throws -> Norm {
            // PyTorch's epsilon.
            Norm(
                kind: .layer(epsilon: 1e-5),
                weight: FrozenMatrix(freezing: try checkpoint.matrix("\(name).weight", rows: 1, columns: hiddenSize)),
                bias: FrozenMatrix(freezing: try checkpoint.matrix("\(name).bias", rows: 1, columns: hiddenSize)))
        }
        func map(_ name: String, _ outputs: Int, _ inputs: Int) throws -> any Linear {
            linear.linear(try checkpoint.matrix("\(name).weight", rows: outputs, columns: inputs))
        }
        attentionNorm = try norm("\(Name.attention)norm")
        query = try map("\(Name.attention)fn.to_q", columns, hiddenSize)
        output = try map("\(Name.attention)fn.to_out", hiddenSize, columns)
        mlpNorm = try norm("\(Name.mlp)norm")

        let vectors = try checkpoint.matrix(Name.vectors, rows: sizes.vectors, columns: hiddenSize)
        try norm("\(Name.attention)norm_context").apply(vectors, into: vectors)
        let keysValues = Matrix(rows: sizes.vectors, columns: 2 * columns)
        try map("\(Name.attention)fn.to_kv", 2 * columns, hiddenSize).apply(
            vectors, into: keysValues, accumulating: false, scratch: LinearScratch())
        heads = (0..<sizes.heads).map { head in
            let own = head * sizes.headDimension..<(head + 1) * sizes.headDimension
            let keys = keysValues[columns: own].copy()
            let scale = 1 / Double(sizes.headDimension).squareRoot()
            Kernels.scaleRows(keys, by: Array(repeating: scale, count: keys.rows), into: keys)
            let values = keysValues[columns: own.lowerBound + columns..<own.upperBound + columns].transposedCopy()
            return Head(keys: linear.linear(keys), values: linear.linear(values))
        }

        // Theirs has the gate's rows behind the others.
        let stored = try checkpoint.matrix("\(Name.mlp)fn.net.0.weight", rows: 2 * inner, columns: hiddenSize)
        let storedBias = try checkpoint.matrix("\(Name.mlp)fn.net.0.bias", rows: 1, columns: 2 * inner)
        let (gateUp, bias) = (Matrix(rows: 2 * inner, columns: hiddenSize), Matrix(rows: 1, columns: 2 * inner))
        for (from, to) in [(inner..<2 * inner, 0..<inner), (0..<inner, inner..<2 * inner)] {
            gateUp[rows: to].assign(stored[rows: from])
            bias[columns: to].assign(storedBias[columns: from])
        }
        up = StackedLinear(linear: linear.linear(gateUp), bias: FrozenMatrix(freezing: bias))
        down = StackedLinear(
            linear: try map("\(Name.mlp)fn.net.2", hiddenSize, inner),
            bias: FrozenMatrix(
                freezing: try checkpoint.matrix("\(Name.mlp)fn.net.2.bias", rows: 1, columns: hiddenSize)))
    }
}
