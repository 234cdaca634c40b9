import Numerics

/// One block of a LLaMA model. The comments give the names of its weights in a checkpoint, and their shapes.
struct LlamaLayer: TransformerLayer {
    struct Weights: Sendable {
        let attentionNorm: FrozenMatrix  // attn_norm            [1, hidden]
        let query: any Linear  //           attn_q               [heads · d, hidden]
        let keysValues: any Linear  //      attn_k over attn_v   [2 · kvHeads · d, hidden]
        let output: any Linear  //          attn_output          [hidden, heads · d]
        let mlpNorm: FrozenMatrix  //       ffn_norm             [1, hidden]
        let gateUp: any Linear  //          ffn_gate over ffn_up [2 · intermediate, hidden]
        let down: any Linear  //            ffn_down             [hidden, intermediate]
    }

    let weights: Weights
    let configuration: LlamaConfiguration
    let rotary: RotaryEmbedding
    let attention: Attention
    var adapter = LayerAdapter()

    func apply(to rows: Matrix, attention visible: LayerAttention, workspace: Workspace) -> Matrix {
        let (hidden, epsilon, linear) = (configuration.hiddenSize, configuration.normEpsilon, workspace.linearScratch)

        // Attention: x + W_o · attend(RoPE(W_q · norm(x)), RoPE(W_k · norm(x)), W_v · norm(x))
        workspace.record(rows, as: .layerInput)
        let normed = workspace.matrix(.normed, rows: rows.rows, columns: hidden)
        Kernels.rmsNorm(rows, weight: weights.attentionNorm, epsilon: epsilon, into: normed)
        let keyColumns = configuration.keyColumns
        let keysValues = workspace.matrix(.keysValues, rows: rows.rows, columns: 2 * keyColumns)
        let (keys, values) = (keysValues[columns: 0..<keyColumns], keysValues[columns: keyColumns..<2 * keyColumns])
        weights.keysValues.apply(normed, into: keysValues, accumulating: false, scratch: linear)
        adapter.apply(.key, normed, to: keys, workspace: workspace)
        adapter.apply(.value, normed, to: values, workspace: workspace)
        rotary.rotate(keys, positions: visible.layout.positions)

        let residual = visible.select(from: rows, into: .selectedResidual, of: workspace)
        let selected = visible.select(from: normed, into: .selectedNormed, of: workspace)
        let queries = workspace.matrix(.queries, rows: selected.rows, columns: configuration.queryColumns)
        weights.query.apply(selected, into: queries, accumulating: false, scratch: linear)
        adapter.apply(.query, selected, to: queries, workspace: workspace)
        rotary.rotate(queries, positions: visible.queryPositions)

        let attended = workspace.matrix(.attended, rows: selected.rows, columns: configuration.queryColumns)
        visible.attend(attention, queries: queries, keysValues: keysValues, into: attended, workspace: workspace)
        weights.output.apply(attended, into: residual, accumulating: true, scratch: linear)
        adapter.apply(.output, attended, to: residual, workspace: workspace)

        // MLP: x + W_down · (SiLU(W_gate · norm(x)) ⊙ (W_up · norm(x)))
        workspace.record(residual, as: .middle)
        let inner = configuration.intermediateSize
        Kernels.rmsNorm(residual, weight: weights.mlpNorm, epsilon: epsilon, into: selected)
        let gateUp = workspace.matrix(.gateUp, rows: selected.rows, columns: 2 * inner)
        weights.gateUp.apply(selected, into: gateUp, accumulating: false, scratch: linear)
        adapter.apply(.gate, selected, to: gateUp[columns: 0..<inner], workspace: workspace)
        adapter.apply(.up, selected, to: gateUp[columns: inner..<2 * inner], workspace: workspace)
        let activated = workspace.matrix(.activated, rows: selected.rows, columns: inner)
        Kernels.swiGLU(gateUp, into: activated)
        weights.down.apply(activated, into: residual, accumulating: true, scratch: linear)
        adapter.apply(.down, activated, to: residual, workspace: workspace)
        return residual
    }
}

extension LlamaLayer: DifferentiableLayer {
    // In reverse: the gradient of the residual stream comes down through the MLP, then through attention. What the
    // forward pass didn't record is computed again: norms and SwiGLU cost little beside the products.
    func backward(_ gradient: Matrix, step: RecordedStep, gradients: Gradients, workspace: Workspace) -> Matrix? {
        backwardMLP(gradient, step: step, gradients: gradients, workspace: workspace)
        return backwardAttention(gradient, step: step, gradients: gradients, workspace: workspace)
    }

    /// Turns the gradient of the layer's output into that of the residual stream behind attention, in place.
    private func backwardMLP(_ gradient: Matrix, step: RecordedStep, gradients: Gradients, workspace: Workspace) {
        let (hidden, inner, linear) = (
            configuration.hiddenSize, configuration.intermediateSize, workspace.linearScratch
        )
        let rows = gradient.rows
        let middle = step.tape.matrix(.middle, rows: rows, columns: hidden)
        let gateUp = step.tape.matrix(.gateUp, rows: rows, columns: 2 * inner)
        let adapter = adapter.backward(step.tape, gradients, workspace)

        let activatedGradient = workspace.matrix(.gradient(of: .activated), rows: rows, columns: inner)
        weights.down.applyBackward(gradient, into: activatedGradient, accumulating: false, scratch: linear)
        if adapter.trains(.down) {
            let activated = workspace.matrix(.activated, rows: rows, columns: inner)
            Kernels.swiGLU(gateUp, into: activated)
            adapter.apply(.down, input: activated, gradient: gradient, into: activatedGradient)
        }
        let gateUpGradient = workspace.matrix(.gradient(of: .gateUp), rows: rows, columns: 2 * inner)
        Kernels.swiGLUBackward(gateUp, gradient: activatedGradient, into: gateUpGradient)

        let normedGradient = workspace.matrix(.gradient(of: .selectedNormed), rows: rows, columns: hidden)
        weights.gateUp.applyBackward(gateUpGradient, into: normedGradient, accumulating: false, scratch: linear)
        let normed = workspace.matrix(.selectedNormed, rows: rows, columns: hidden)
        Kernels.rmsNorm(middle, weight: weights.mlpNorm, epsilon: configuration.normEpsilon, into: normed)
        adapter.apply(.gate, input: normed, gradient: gateUpGradient[columns: 0..<inner], into: normedGradient)
        adapter.apply(.up, input: normed, gradient: gateUpGradient[columns: inner..<2 * inner], into: normedGradient)
        Kernels.rmsNormBackward(
            middle, weight: weights.mlpNorm, epsilon: configuration.normEpsilon, gradient: normedGradient,
            into: gradient)
    }

    /// The gradient of the layer's input, given that of the residual stream behind attention; nil if nobody asks.
    private func backwardAttention(
        _ gradient: Matrix, step: RecordedStep, gradients: Gradients, workspace: Workspace
    ) -> Matrix? {
        let (visible, linear) = (step.attention, workspace.linearScratch)
        let (hidden, keyColumns, queryColumns) = (
            configuration.hiddenSize, configuration.keyColumns, configuration.queryColumns
        )
        let (rows, queryRows) = (visible.layout.rowCount, gradient.rows)
        let input = step.tape.matrix(.layerInput, rows: rows, columns: hidden)
        let queries = step.tape.matrix(.queries, rows: queryRows, columns: queryColumns)
        let keysValues = step.tape.matrix(.keysValues, rows: rows, columns: 2 * keyColumns)
        let attended = step.tape.matrix(.attended, rows: queryRows, columns: queryColumns)
        let adapter = adapter.backward(step.tape, gradients, workspace)

        let attendedGradient = workspace.matrix(.gradient(of: .attended), rows: queryRows, columns: queryColumns)
        weights.output.applyBackward(gradient, into: attendedGradient, accumulating: false, scratch: linear)
        adapter.apply(.output, input: attended, gradient: gradient, into: attendedGradient)
        let queryGradient = workspace.matrix(.gradient(of: .queries), rows: queryRows, columns: queryColumns)
        let keyValueGradient = workspace.matrix(.gradient(of: .keysValues), rows: rows, columns: 2 * keyColumns)
        visible.attendBackward(
            attention, queries: queries, keysValues: keysValues, gradient: attendedGradient,
            into: (queryGradient, keyValueGradient), workspace: workspace)
        let keyGradient = keyValueGradient[columns: 0..<keyColumns]
        rotary.rotateBackward(queryGradient, positions: visible.queryPositions)
        rotary.rotateBackward(keyGradient, positions: visible.layout.positions)

        let normed = workspace.matrix(.normed, rows: rows, columns: hidden)
        Kernels.rmsNorm(input, weight: weights.attentionNorm, epsilon: configuration.normEpsilon, into: normed)
        let selected = visible.select(from: normed, into: .selectedNormed, of: workspace)
        let wanted = step.needsInputGradient
        let selectedGradient =
            wanted ? workspace.matrix(.gradient(of: .selectedNormed), rows: queryRows, columns: hidden) : nil
        let normedGradient = wanted ? workspace.matrix(.gradient(of: .normed), rows: rows, columns: hidden) : nil
        if let selectedGradient, let normedGradient {
            weights.query.applyBackward(queryGradient, into: selectedGradient, accumulating: false, scratch: linear)
            weights.keysValues.applyBackward(
                keyValueGradient, into: normedGradient, accumulating: false, scratch: linear)
        }
        adapter.apply(.query, input: selected, gradient: queryGradient, into: selectedGradient)
        adapter.apply(.key, input: normed, gradient: keyGradient, into: normedGradient)
        adapter.apply(
            .value, input: normed, gradient: keyValueGradient[columns: keyColumns..<2 * keyColumns],
            into: normedGradient)
        guard let selectedGradient, let normedGradient else { return nil }
        visible.addSelected(selectedGradient, to: normedGradient)

        let inputGradient = visible.unselected(gradient, into: .gradient(of: .layerInput), of: workspace)
        Kernels.rmsNormBackward(
            input, weight: weights.attentionNorm, epsilon: configuration.normEpsilon, gradient: normedGradient,
            into: inputGradient)
        return inputGradient
    }
}
