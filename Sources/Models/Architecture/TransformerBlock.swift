import Numerics

/// One layer of a transformer: attention and an MLP, with what the family's design adds to them. Each part stands directly
/// above its gradient. What the forward pass doesn't record is computed again there: norms and activations cost little
/// beside the products.
struct TransformerBlock: TransformerLayer {
    struct Weights: Sendable {
        var attentionNorm: Norm  //         [1, hidden]
        var attentionOutputNorm: Norm?  //  [1, hidden], Gemma's
        var query: StackedLinear  //        [heads · d, hidden]
        var keysValues: StackedLinear  //   keys over values [2 · kvHeads · d, hidden]
        var queryNorm: Norm?  //            [1, d], Qwen3's and Gemma 3's
        var keyNorm: Norm?  //              [1, d]
        var output: StackedLinear  //       [hidden, heads · d]
        var mlpNorm: Norm  //               [1, hidden]
        var mlpOutputNorm: Norm?  //        [1, hidden]
        var up: StackedLinear  //           gate over up [2 · intermediate, hidden], or [intermediate, hidden]
        var down: StackedLinear  //         [hidden, intermediate]
    }

    let weights: Weights
    let design: TransformerDesign
    let attention: Attention
    /// How far a query sees; nil for any distance.
    let window: Int?
    let rotary: RotaryEmbedding?
    /// Where the gradient goes of what attention adds to its scores; nil where that is frozen, or nothing.
    let biasPlace: ParameterPlace?

    func apply(to rows: Matrix, attention visible: LayerAttention, workspace: Workspace) -> Matrix {
        workspace.record(rows, as: .layerInput)
        let input = attentionInput(of: rows, workspace)
        let keysValues = keysValues(of: input, visible, workspace)
        let residual = visible.select(from: rows, into: .selectedResidual, of: workspace)
        let selected =
            design.placement == .behind
            ? residual : visible.select(from: input, into: .selectedNormed, of: workspace)
        let queries = queries(of: selected, visible, workspace)
        let attended = workspace.matrix(.attended, rows: queries.rows, columns: queries.columns)
        visible.attend(
            attention, queries: queries, keysValues: keysValues, window: window, into: attended, workspace: workspace)
        // The rows that the queries were made of are free for the MLP's input, except where they are the residual stream.
        let mlpInput = addAttention(attended, to: residual, spare: selected, workspace)
        addMLP(mlpInput, to: residual, workspace)
        return residual
    }

    /// What attention reads: the rows, after a norm where it stands before attention.
    private func attentionInput(of rows: Matrix, _ workspace: Workspace) -> Matrix {
        guard design.placement != .behind else { return rows }
        let normed = workspace.matrix(.normed, rows: rows.rows, columns: rows.columns)
        weights.attentionNorm.apply(rows, into: normed)
        return normed
    }

    /// [rows, 2 · kvHeads · d]
    private func keysValues(of x: Matrix, _ visible: LayerAttention, _ workspace: Workspace) -> Matrix {
        let keysValues = workspace.matrix(.keysValues, rows: x.rows, columns: 2 * design.sizes.keyColumns)
        weights.keysValues.apply(x, into: keysValues, workspace: workspace)
        return turned(keysValues, .keys(visible), keepsInput: workspace.recording != nil, workspace)
    }

    /// [queries, heads · d]
    private func queries(of x: Matrix, _ visible: LayerAttention, _ workspace: Workspace) -> Matrix {
        let queries = workspace.matrix(.queries, rows: x.rows, columns: design.sizes.queryColumns)
        weights.query.apply(x, into: queries, workspace: workspace)
        return turned(queries, .queries(visible), keepsInput: workspace.recording != nil, workspace)
    }

    /// Adds attention's output to the residual stream.
    ///
    /// - Returns: the MLP's input
    private func addAttention(
        _ attended: Matrix, to residual: Matrix, spare: Matrix, _ workspace: Workspace
    ) -> Matrix {
        switch design.placement {
        case .before:
            weights.output.apply(attended, into: residual, accumulating: true, workspace: workspace)
            workspace.record(residual, as: .middle)
            weights.mlpNorm.apply(residual, into: spare)
            return spare
        case .around:
            let out = workspace.matrix(.blockOutput, rows: residual.rows, columns: residual.columns)
            weights.output.apply(attended, into: out, workspace: workspace)
            workspace.record(out, as: .attentionOutput)
            weights.attentionOutputNorm?.apply(out, into: out)
            Kernels.add(out, to: residual)
            workspace.record(residual, as: .middle)
            weights.mlpNorm.apply(residual, into: spare)
            return spare
        case .behind:
            weights.output.apply(attended, into: residual, accumulating: true, workspace: workspace)
            workspace.record(residual, as: .middle)
            weights.attentionNorm.apply(residual, into: residual)
            return residual
        case .parallel:
            weights.mlpNorm.apply(residual, into: spare)
            weights.output.apply(attended, into: residual, accumulating: true, workspace: workspace)
            return spare
        }
    }

    /// The gradient of what attention gave, given that of the residual stream behind it, which becomes that of what was
    /// added to it.
    private func addAttentionBackward(_ residual: inout Matrix, _ pass: BackwardPass) -> Matrix {
        let rows = residual.rows
        var out = residual
        switch design.placement {
        case .before, .parallel: break
        case .around:
            if let norm = weights.attentionOutputNorm {
                let x = pass.tape.matrix(.attentionOutput, rows: rows, columns: residual.columns)
                out = pass.zeros(.blockOutput, like: x)
                norm.applyBackward(x, gradient: residual, into: out, pass.gradients)
            }
        case .behind:
            let x = pass.tape.matrix(.middle, rows: rows, columns: residual.columns)
            out = pass.zeros(.middle, like: x)
            weights.attentionNorm.applyBackward(x, gradient: residual, into: out, pass.gradients)
            residual = out
        }
        let attended = pass.tape.matrix(.attended, rows: rows, columns: design.sizes.queryColumns)
        let gradient = pass.workspace.matrix(.gradient(of: .attended), rows: rows, columns: attended.columns)
        weights.output.applyBackward(out, input: attended, into: gradient, pass)
        return gradient
    }

    /// Adds the MLP's output to the residual stream.
    private func addMLP(_ input: Matrix, to residual: Matrix, _ workspace: Workspace) {
        let up = workspace.matrix(.gateUp, rows: input.rows, columns: design.upColumns)
        weights.up.apply(input, into: up, workspace: workspace)
        let activated = activated(up, keepsInput: workspace.recording != nil, workspace)
        guard design.placement == .around else {
            weights.down.apply(activated, into: residual, accumulating: true, workspace: workspace)
            guard design.placement == .behind else { return }
            workspace.record(residual, as: .unnormed)
            weights.mlpNorm.apply(residual, into: residual)
            return
        }
        let out = workspace.matrix(.blockOutput, rows: residual.rows, columns: residual.columns)
        weights.down.apply(activated, into: out, workspace: workspace)
        workspace.record(out, as: .mlpOutput)
        weights.mlpOutputNorm?.apply(out, into: out)
        Kernels.add(out, to: residual)
    }

    /// Turns the gradient of the residual stream behind the MLP into that of the stream before it.
    ///
    /// - Returns: the gradient's memory, or other
    private func addMLPBackward(
        _ gradient: Matrix, attention visible: LayerAttention, _ pass: BackwardPass
    ) -> Matrix {
        let (rows, inner) = (gradient.rows, design.sizes.intermediateSize)
        var (residual, out) = (gradient, gradient)
        if design.placement == .behind {
            let x = pass.tape.matrix(.unnormed, rows: rows, columns: gradient.columns)
            out = pass.zeros(.unnormed, like: x)
            weights.mlpNorm.applyBackward(x, gradient: gradient, into: out, pass.gradients)
            residual = out
        } else if let norm = weights.mlpOutputNorm {
            let x = pass.tape.matrix(.mlpOutput, rows: rows, columns: gradient.columns)
            out = pass.zeros(.blockOutput, like: x)
            norm.applyBackward(x, gradient: gradient, into: out, pass.gradients)
        }
        let up = pass.tape.matrix(.gateUp, rows: rows, columns: design.upColumns)
        let activatedGradient = pass.workspace.matrix(.gradient(of: .activated), rows: rows, columns: inner)
        weights.down.applyBackward(
            out, input: activated(up, keepsInput: true, pass.workspace), into: activatedGradient, pass)
        let upGradient = pass.workspace.matrix(.gradient(of: .gateUp), rows: rows, columns: up.columns)
        activatedBackward(up, gradient: activatedGradient, into: upGradient)
        let normedGradient = pass.workspace.matrix(
            .gradient(of: .selectedNormed), rows: rows, columns: gradient.columns)
        let x = mlpNormInput(visible, rows: rows, pass)
        weights.up.applyBackward(upGradient, input: mlpInput(x, pass.workspace), into: normedGradient, pass)
        if design.placement == .behind {
            Kernels.add(normedGradient, to: residual)
        } else {
            weights.mlpNorm.applyBackward(x, gradient: normedGradient, into: residual, pass.gradients)
        }
        return residual
    }

    /// What the norm is taken of that gives the MLP's input.
    private func mlpNormInput(_ visible: LayerAttention, rows: Int, _ pass: BackwardPass) -> Matrix {
        guard design.placement == .parallel else {
            return pass.tape.matrix(.middle, rows: rows, columns: design.sizes.hiddenSize)
        }
        let input = pass.tape.matrix(
            .layerInput, rows: visible.layout.rowCount, columns: design.sizes.hiddenSize)
        return visible.select(from: input, into: .selectedResidual, of: pass.workspace)
    }

    private func mlpInput(_ x: Matrix, _ workspace: Workspace) -> Matrix {
        let normed = workspace.matrix(.selectedNormed, rows: x.rows, columns: x.columns)
        (design.placement == .behind ? weights.attentionNorm : weights.mlpNorm).apply(x, into: normed)
        return normed
    }

    private func activated(_ up: Matrix, keepsInput: Bool, _ workspace: Workspace) -> Matrix {
        guard design.isGated || keepsInput else {
            Kernels.activate(up, by: design.activation, into: up)
            return up
        }
        let activated = workspace.matrix(.activated, rows: up.rows, columns: design.sizes.intermediateSize)
        if design.isGated {
            Kernels.gate(up, by: design.activation, into: activated)
        } else {
            Kernels.activate(up, by: design.activation, into: activated)
        }
        return activated
    }

    private func activatedBackward(_ up: Matrix, gradient: Matrix, into upGradient: Matrix) {
        if design.isGated {
            Kernels.gateBackward(up, by: design.activation, gradient: gradient, into: upGradient)
        } else {
            Kernels.activateBackward(up, by: design.activation, gradient: gradient, into: upGradient)
        }
    }
}

extension TransformerBlock: DifferentiableLayer {
    func backward(_ gradient: Matrix, step: RecordedStep, gradients: Gradients, workspace: Workspace) -> Matrix? {
        let pass = BackwardPass(tape: step.tape, gradients: gradients, workspace: workspace)
        // In reverse; side by side, the MLP doesn't read what attention adds, so its gradient comes second.
        let isParallel = design.placement == .parallel
        var residual = isParallel ? gradient : addMLPBackward(gradient, attention: step.attention, pass)
        let attended = addAttentionBackward(&residual, pass)
        if isParallel { residual = addMLPBackward(residual, attention: step.attention, pass) }
        return attentionBackward(attended, residual: residual, step, pass)
    }

    /// The gradient of the layer's input, given that of what attention gave and that of the residual stream beside it; nil
    /// if nobody asks.
    private func attentionBackward(
        _ attendedGradient: Matrix, residual: Matrix, _ step: RecordedStep, _ pass: BackwardPass
    ) -> Matrix? {
        let (visible, workspace) = (step.attention, pass.workspace)
        let (hidden, isBehind) = (design.sizes.hiddenSize, design.placement == .behind)
        let (rows, queryRows) = (visible.layout.rowCount, residual.rows)
        let input = step.tape.matrix(.layerInput, rows: rows, columns: hidden)
        let (queryGradient, keyValueGradient) = attendBackward(attendedGradient, visible, pass)

        let isRead = weights.query.isTrained || weights.keysValues.isTrained
        let normed = isRead ? attentionInput(of: input, workspace) : input
        let wanted = step.needsInputGradient || (!isBehind && weights.attentionNorm.places != nil)
        func gradient(_ slot: Workspace.Slot, _ rows: Int) -> Matrix? {
            wanted ? workspace.matrix(.gradient(of: slot), rows: rows, columns: hidden) : nil
        }
        let (selectedGradient, normedGradient) = (gradient(.selectedNormed, queryRows), gradient(.normed, rows))
        weights.query.applyBackward(
            queryGradient, input: visible.select(from: normed, into: .selectedNormed, of: workspace),
            into: selectedGradient, pass)
        weights.keysValues.applyBackward(keyValueGradient, input: normed, into: normedGradient, pass)
        guard let selectedGradient, let normedGradient else { return nil }
        visible.addSelected(selectedGradient, to: normedGradient)

        let inputGradient = visible.unselected(residual, into: .gradient(of: .layerInput), of: workspace)
        if isBehind {
            Kernels.add(normedGradient, to: inputGradient)
        } else {
            weights.attentionNorm.applyBackward(input, gradient: normedGradient, into: inputGradient, pass.gradients)
        }
        return step.needsInputGradient ? inputGradient : nil
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
