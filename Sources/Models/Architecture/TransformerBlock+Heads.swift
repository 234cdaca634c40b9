import Numerics

/// Queries and keys on their way into attention: the norms of heads, and rotary positions.
extension TransformerBlock {
    /// Whose heads are normed and turned.
    enum Heads {
        case queries(LayerAttention)
        /// Those of keys and values, which stand behind them and stay as they are.
        case keys(LayerAttention)
    }

    private func norm(of heads: Heads) -> Norm? {
        switch heads {
        case .queries: weights.queryNorm
        case .keys: weights.keyNorm
        }
    }

    private func columns(of heads: Heads) -> Range<Int> {
        switch heads {
        case .queries: 0..<design.sizes.queryColumns
        case .keys: 0..<design.sizes.keyColumns
        }
    }

    private func positions(of heads: Heads) -> [Int32] {
        switch heads {
        case .queries(let visible): visible.queryPositions
        case .keys(let visible): visible.layout.positions
        }
    }

    private func slot(of heads: Heads) -> Workspace.Slot {
        switch heads {
        case .queries: .normedQueries
        case .keys: .normedKeysValues
        }
    }

    /// Norms and turns heads, in place unless a norm's input must be kept.
    func turned(_ raw: Matrix, _ heads: Heads, keepsInput: Bool, _ workspace: Workspace) -> Matrix {
        let (norm, columns) = (norm(of: heads), columns(of: heads))
        var all = raw
        if norm != nil, keepsInput {
            all = workspace.matrix(slot(of: heads), rows: raw.rows, columns: raw.columns)
            all.assign(raw)
        }
        norm?.applyToHeads(of: all[columns: columns])
        rotary?.rotate(all[columns: columns], positions: positions(of: heads))
        return all
    }

    /// Turns the gradient of `turned`'s result into that of its input, in place.
    private func turnedBackward(_ gradient: Matrix, _ heads: Heads, input raw: Matrix, _ pass: BackwardPass) {
        let own = gradient[columns: columns(of: heads)]
        rotary?.rotateBackward(own, positions: positions(of: heads))
        guard let norm = norm(of: heads) else { return }
        let below = pass.zeros(slot(of: heads), like: own)
        norm.applyToHeadsBackward(raw[columns: columns(of: heads)], gradient: own, into: below, pass.gradients)
        own.assign(below)
    }

    /// The gradients of queries and of keys and values as their linear maps give them, given that of what attention gave.
    func attendBackward(
        _ gradient: Matrix, _ visible: LayerAttention, _ pass: BackwardPass
    ) -> (queries: Matrix, keysValues: Matrix) {
        let (rows, queryRows, sizes) = (visible.layout.rowCount, gradient.rows, design.sizes)
        let rawQueries = pass.tape.matrix(.queries, rows: queryRows, columns: sizes.queryColumns)
        let rawKeysValues = pass.tape.matrix(.keysValues, rows: rows, columns: 2 * sizes.keyColumns)
        // Recorded turned already where no norm stands before.
        let queries =
            weights.queryNorm == nil
            ? rawQueries : turned(rawQueries, .queries(visible), keepsInput: true, pass.workspace)
        let keysValues =
            weights.keyNorm == nil
            ? rawKeysValues : turned(rawKeysValues, .keys(visible), keepsInput: true, pass.workspace)
        let queryGradient = pass.workspace.matrix(
            .gradient(of: .queries), rows: queryRows, columns: sizes.queryColumns)
        let keyValueGradient = pass.workspace.matrix(
            .gradient(of: .keysValues), rows: rows, columns: 2 * sizes.keyColumns)
        let biasGradient = biasPlace == nil ? nil : gatheredBias(pass)
        visible.attendBackward(
            attention, queries: queries, keysValues: keysValues, window: window, gradient: gradient,
            into: (queryGradient, keyValueGradient, biasGradient), workspace: pass.workspace)
        if let biasPlace, let biasGradient {
            attention.distanceBias?.addBackward(biasGradient, to: pass.gradients.view(biasPlace))
        }
        turnedBackward(queryGradient, .queries(visible), input: rawQueries, pass)
        turnedBackward(keyValueGradient, .keys(visible), input: rawKeysValues, pass)
        return (queryGradient, keyValueGradient)
    }

    /// Zeros, where the gradients of scores are gathered by distance.
    private func gatheredBias(_ pass: BackwardPass) -> Matrix? {
        guard let bias = attention.distanceBias else { return nil }
        let sums = pass.workspace.matrix(
            .gradient(of: .scoreBias), rows: attention.heads, columns: bias.columns)
        sums.fill(0)
        return sums
    }
}
