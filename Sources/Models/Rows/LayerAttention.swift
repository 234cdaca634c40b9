import Numerics

/// What one layer attends from and to. No row sees another sequence: an embedding doesn't depend on its neighbours.
public struct LayerAttention {
    /// The rows that are there, whose keys and values are computed.
    let layout: RowLayout
    /// The rows asked for; nil for all.
    let selectedRows: [Int]?
    /// Where each sequence's queries begin among those asked for.
    let queryStarts: [Int]
    /// The position of each query.
    let queryPositions: [Int32]
    /// How many keys each query sees, from its sequence's first.
    let limits: [Int32]
    /// The keys and values of the shared prefix in this layer.
    var prefixKeysValues: FrozenMatrix?

    init(layout: RowLayout, bidirectional: Bool, selecting rows: RowSelection) {
        self.layout = layout
        switch rows {
        case .all:
            selectedRows = nil
            queryStarts = layout.starts
            queryPositions = layout.positions
        case .last:
            let lastRows = layout.lastRows
            selectedRows = lastRows
            queryStarts = Array(0...layout.sequenceCount)
            queryPositions = lastRows.map { layout.positions[$0] }
        }
        precondition(!bidirectional || rows == .last || !layout.isShared, "a bidirectional layer parts what was shared")
        // Padding stands last, and only a bidirectional layer sees it: a causal one masks it, even from itself.
        limits = zip(queryStarts, queryStarts.dropFirst()).enumerated().flatMap { [queryPositions] sequence, queries in
            let keys = layout.keys(ofSequence: sequence)
            return queryPositions[queries.0..<queries.1].map { position in
                bidirectional ? Int32(keys.all) : min(position + 1, Int32(keys.all - keys.padding))
            }
        }
    }

    var queryCount: Int { queryPositions.count }
}

extension LayerAttention {
    /// The rows asked for: all as they are, or some copied to a slot of the workspace.
    func select(from rows: Matrix, into slot: Workspace.Slot, of workspace: Workspace) -> Matrix {
        guard let selectedRows else { return rows }
        let selected = workspace.matrix(slot, rows: selectedRows.count, columns: rows.columns)
        for (index, row) in selectedRows.enumerated() { selected.assign(row: index, from: rows, row: row) }
        return selected
    }

    /// Adds the gradient of the rows asked for to that of all rows: the transpose of `select`.
    func addSelected(_ gradient: Matrix, to all: Matrix) {
        for index in 0..<gradient.rows {
            Kernels.add(gradient, row: index, scale: 1, to: all, row: selectedRows?[index] ?? index)
        }
    }

    /// The gradient of all rows, given that of those asked for, which alone are not zero: the same memory where they
    /// are all.
    func unselected(_ gradient: Matrix, into slot: Workspace.Slot, of workspace: Workspace) -> Matrix {
        guard selectedRows != nil else { return gradient }
        let all = workspace.matrix(slot, rows: layout.rowCount, columns: gradient.columns)
        all.fill(0)
        addSelected(gradient, to: all)
        return all
    }

    /// Attends within each sequence.
    ///
    /// - Parameters:
    ///   - queries: [queries, heads · d], those of the rows asked for
    ///   - keysValues: [rows, 2 · kvHeads · d], those of all rows
    ///   - window: how far a query sees, itself counted; nil for any distance
    ///   - out: of the queries' shape
    func attend(
        _ attention: Attention, queries: Matrix, keysValues: Matrix, window: Int? = nil, into out: Matrix,
        workspace: Workspace
    ) {
        let visible = visibleKeys(window: window)
        for sequence in 0..<layout.sequenceCount {
            let range = queryStarts[sequence]..<queryStarts[sequence + 1]
            attention.attend(
                queries: queries[rows: range], visible: visible[range], keys: keys(ofSequence: sequence, keysValues),
                into: out[rows: range], scratch: &workspace.attentionScratch)
        }
    }

    /// The gradients of `attend`'s inputs, given that of its result.
    ///
    /// - Parameters:
    ///   - window: as in `attend`
    ///   - gradient: [queries, heads · d]
    ///   - gradients: the queries', overwritten; the keys' and values' of all rows, overwritten; none of a prefix'; that of
    ///     what is added to scores by distance, added to
    func attendBackward(
        _ attention: Attention, queries: Matrix, keysValues: Matrix, window: Int? = nil, gradient: Matrix,
        into gradients: (queries: Matrix, keysValues: Matrix, bias: Matrix?), workspace: Workspace
    ) {
        let visible = visibleKeys(window: window)
        gradients.keysValues.fill(0)
        let keysGradients = SequenceKeyGradients(prefix: nil, rows: gradients.keysValues, bias: gradients.bias)
        for sequence in 0..<layout.sequenceCount {
            let range = queryStarts[sequence]..<queryStarts[sequence + 1]
            attention.backward(
                queries: queries[rows: range], visible: visible[range], keys: keys(ofSequence: sequence, keysValues),
                gradient: gradient[rows: range], into: (gradients.queries[rows: range], keysGradients),
                scratch: &workspace.attentionScratch)
        }
    }

    /// The keys that each query sees.
    ///
    /// - Parameter window: a query at position i sees those at j with i - window < j (Longformer, arXiv 2004.05150,
    ///   section 3.1; Mistral, arXiv 2310.06825), and in a bidirectional layer j < i + window too: what transformers'
    ///   `_bidirectional_window_overlay` of Gemma 3 gives
    private func visibleKeys(window: Int?) -> VisibleKeys {
        guard let window else { return VisibleKeys(limits: limits[...], positions: queryPositions[...]) }
        let reach = Int32(min(window, 1 << 30))
        // Padding in a causal layer sees the last token at least.
        return VisibleKeys(
            firsts: zip(queryPositions, limits).map { min(max(0, $0 + 1 - reach), $1 - 1) }[...],
            limits: zip(queryPositions, limits).map { max(1, min($0 + reach, $1)) }[...],
            positions: queryPositions[...])
    }

    private func keys(ofSequence sequence: Int, _ keysValues: Matrix) -> SequenceKeys {
        SequenceKeys(prefix: prefixKeysValues, rows: keysValues, runs: layout.runs(ofSequence: sequence))
    }
}
