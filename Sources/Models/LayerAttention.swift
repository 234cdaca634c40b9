import Numerics

/// What one layer attends from and to: contract 1 of the design, no row sees another sequence.
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

    /// Attends within each sequence.
    ///
    /// - Parameters:
    ///   - queries: [queries, heads · d], those of the rows asked for
    ///   - keysValues: [rows, 2 · kvHeads · d], those of all rows
    ///   - out: of the queries' shape
    func attend(
        _ attention: Attention, queries: Matrix, keysValues: Matrix, into out: Matrix, workspace: Workspace
    ) {
        for sequence in 0..<layout.sequenceCount {
            let range = queryStarts[sequence]..<queryStarts[sequence + 1]
            let own = layout.starts[sequence]..<layout.starts[sequence + 1]
            attention.attend(
                queries: queries[rows: range], limits: limits[range],
                keys: SequenceKeys(prefix: prefixKeysValues, own: keysValues[rows: own]), into: out[rows: range],
                scratch: &workspace.attentionScratch)
        }
    }
}
