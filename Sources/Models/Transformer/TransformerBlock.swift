import Numerics

/// One layer of a family other than LLaMA: attention and an MLP, with what the family's design adds to them.
struct TransformerBlock: TransformerLayer {
    struct Weights: Sendable {
        let attentionNorm: Norm  //         [1, hidden]
        let attentionOutputNorm: Norm?  //  [1, hidden], Gemma's
        let query: BiasedLinear  //         [heads · d, hidden]
        let keysValues: BiasedLinear  //    [2 · kvHeads · d, hidden]
        let queryNorm: Norm?  //            [1, d], Qwen3's and Gemma 3's
        let keyNorm: Norm?  //              [1, d]
        let output: BiasedLinear  //        [hidden, heads · d]
        let mlpNorm: Norm  //               [1, hidden]
        let mlpOutputNorm: Norm?  //        [1, hidden]
        let up: BiasedLinear  //            gate over up [2 · intermediate, hidden], or [intermediate, hidden]
        let down: BiasedLinear  //          [hidden, intermediate]
    }

    let weights: Weights
    let design: TransformerDesign
    let attention: Attention
    /// How far a query sees; nil for any distance.
    let window: Int?
    let rotary: RotaryEmbedding?

    func apply(to rows: Matrix, attention visible: LayerAttention, workspace: Workspace) -> Matrix {
        let normed = input(of: rows, workspace: workspace)
        let keysValues = keysValues(of: normed, visible, workspace: workspace)
        let residual = visible.select(from: rows, into: .selectedResidual, of: workspace)
        let selected =
            design.placement == .behind
            ? residual : visible.select(from: normed, into: .selectedNormed, of: workspace)
        let queries = queries(of: selected, visible, workspace: workspace)

        let attended = workspace.matrix(.attended, rows: queries.rows, columns: queries.columns)
        visible.attend(
            attention, queries: queries, keysValues: keysValues, window: window, into: attended, workspace: workspace)
        // The rows that the queries were made of are free for the MLP's input, except where they are the residual stream.
        let mlpInput = addAttention(attended, to: residual, spare: selected, workspace: workspace)
        addMLP(mlpInput, to: residual, workspace: workspace)
        return residual
    }

    /// What attention reads: the rows, after a norm where it stands before attention.
    private func input(of rows: Matrix, workspace: Workspace) -> Matrix {
        guard design.placement != .behind else { return rows }
        let normed = workspace.matrix(.normed, rows: rows.rows, columns: rows.columns)
        weights.attentionNorm.apply(rows, into: normed)
        return normed
    }

    /// [rows, 2 · kvHeads · d]
    private func keysValues(of x: Matrix, _ visible: LayerAttention, workspace: Workspace) -> Matrix {
        let keyColumns = design.sizes.keyColumns
        let keysValues = workspace.matrix(.keysValues, rows: x.rows, columns: 2 * keyColumns)
        weights.keysValues.apply(x, into: keysValues, scratch: workspace.linearScratch)
        let keys = keysValues[columns: 0..<keyColumns]
        weights.keyNorm?.applyToHeads(of: keys)
        rotary?.rotate(keys, positions: visible.layout.positions)
        return keysValues
    }

    /// [queries, heads · d]
    private func queries(of x: Matrix, _ visible: LayerAttention, workspace: Workspace) -> Matrix {
        let queries = workspace.matrix(.queries, rows: x.rows, columns: design.sizes.queryColumns)
        weights.query.apply(x, into: queries, scratch: workspace.linearScratch)
        weights.queryNorm?.applyToHeads(of: queries)
        rotary?.rotate(queries, positions: visible.queryPositions)
        return queries
    }

    /// Adds attention's output to the residual stream.
    ///
    /// - Returns: the MLP's input
    private func addAttention(
        _ attended: Matrix, to residual: Matrix, spare: Matrix, workspace: Workspace
    ) -> Matrix {
        let linear = workspace.linearScratch
        switch design.placement {
        case .before:
            weights.output.apply(attended, into: residual, accumulating: true, scratch: linear)
            weights.mlpNorm.apply(residual, into: spare)
            return spare
        case .around:
            add(weights.output, of: attended, normedBy: weights.attentionOutputNorm, to: residual, workspace: workspace)
            weights.mlpNorm.apply(residual, into: spare)
            return spare
        case .behind:
            weights.output.apply(attended, into: residual, accumulating: true, scratch: linear)
            weights.attentionNorm.apply(residual, into: residual)
            return residual
        case .parallel:
            weights.mlpNorm.apply(residual, into: spare)
            weights.output.apply(attended, into: residual, accumulating: true, scratch: linear)
            return spare
        }
    }

    /// Adds the MLP's output to the residual stream.
    private func addMLP(_ input: Matrix, to residual: Matrix, workspace: Workspace) {
        let (inner, linear) = (design.sizes.intermediateSize, workspace.linearScratch)
        let up = workspace.matrix(.gateUp, rows: input.rows, columns: design.isGated ? 2 * inner : inner)
        weights.up.apply(input, into: up, scratch: linear)
        let activated: Matrix
        if design.isGated {
            activated = workspace.matrix(.activated, rows: input.rows, columns: inner)
            Kernels.gate(up, by: design.activation, into: activated)
        } else {
            activated = up
            Kernels.activate(up, design.activation)
        }
        guard design.placement != .around else {
            add(weights.down, of: activated, normedBy: weights.mlpOutputNorm, to: residual, workspace: workspace)
            return
        }
        weights.down.apply(activated, into: residual, accumulating: true, scratch: linear)
        if design.placement == .behind { weights.mlpNorm.apply(residual, into: residual) }
    }

    /// residual += norm(map(x))
    private func add(
        _ map: BiasedLinear, of x: Matrix, normedBy norm: Norm?, to residual: Matrix, workspace: Workspace
    ) {
        let out = workspace.matrix(.blockOutput, rows: x.rows, columns: residual.columns)
        map.apply(x, into: out, scratch: workspace.linearScratch)
        norm?.apply(out, into: out)
        Kernels.add(out, to: residual)
    }
}

extension TransformerBlock: ProductListing {
    package var products: [LayerProduct] {
        let isAccumulating = design.placement != .around
        return [
            LayerProduct(linear: weights.keysValues.linear, takesAllRows: true, isAccumulating: false),
            LayerProduct(linear: weights.query.linear, takesAllRows: false, isAccumulating: false),
            LayerProduct(linear: weights.output.linear, takesAllRows: false, isAccumulating: isAccumulating),
            LayerProduct(linear: weights.up.linear, takesAllRows: false, isAccumulating: false),
            LayerProduct(linear: weights.down.linear, takesAllRows: false, isAccumulating: isAccumulating),
        ]
    }
}
