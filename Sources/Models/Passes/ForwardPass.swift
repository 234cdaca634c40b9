import Numerics

/// The forward pass over a packed batch, for several readouts at once, a layer at a time.
///
/// Computes what somebody reads and nothing else: no layer above the highest hidden layer, no row but the last tokens'
/// in the highest layer where only they are read, the states of beginnings that sequences share only once as long as
/// attention is causal, and layers below the first difference of two readouts' attention only once for both.
public struct ForwardPass {
    /// Readouts that have gone the same way so far.
    private struct Branch {
        var readouts: [(index: Int, readout: Readout)]
        /// [rows, hidden]: the residual stream.
        var rows: Matrix
        /// Beginnings are shared while everything below has been causal.
        var layout: RowLayout
    }

    /// Called for each readout once, with its index.
    public typealias Visit = (Int, HiddenStates) -> Void

    private let backbone: any Backbone
    private let batch: PackedBatch
    private var branches: [Branch]
    /// The next layer to apply.
    public private(set) var nextLayer = 0

    /// Embeds the tokens.
    ///
    /// - Parameters:
    ///   - batch: each sequence's tokens behind the prefix
    ///   - prefix: the states of tokens that stand before each sequence
    ///   - visit: gets the readouts of hidden layer 0
    public init(
        _ backbone: any Backbone, batch: PackedBatch, after prefix: PrefixStates? = nil, readouts: [Readout],
        workspace: Workspace, visit: Visit
    ) throws {
        for readout in readouts { try backbone.shape.check(readout) }
        self.backbone = backbone
        self.batch = batch
        let layout = RowLayout(
            starts: batch.starts, sharedCounts: batch.sharedCounts, prefixLength: prefix?.length ?? 0,
            paddings: batch.paddings)
        let rows = Matrix(rows: layout.rowCount, columns: backbone.hiddenSize)
        try backbone.embed(batch.tokens[...], at: layout.positions[...], into: rows)
        let all = readouts.enumerated().map { (index: $0.offset, readout: $0.element) }
        branches = [Branch(readouts: all, rows: rows, layout: layout)]
        branches = branches.compactMap { deliver($0, after: prefix, workspace: workspace, to: visit) }
    }

    /// Whether every readout has been visited.
    public var isFinished: Bool { branches.isEmpty }

    /// Applies the next layer.
    ///
    /// - Parameter prefix: the prefix, with its states behind this layer
    public mutating func advance(
        through layer: any TransformerLayer, after prefix: PrefixStates? = nil, workspace: Workspace, visit: Visit
    ) {
        let parts = branches.flatMap(parted)
        let index = nextLayer
        nextLayer += 1
        // Each is handed over before the next is computed: the rows of a branch that ends here are the workspace's.
        branches = parts.compactMap { part in
            var branch = part
            apply(layer, index, to: &branch, after: prefix, workspace: workspace)
            return deliver(branch, after: prefix, workspace: workspace, to: visit)
        }
    }

    /// Takes a batch through all layers that are read.
    public static func run(
        _ backbone: any Backbone, batch: PackedBatch, after prefix: PrefixStates? = nil, readouts: [Readout],
        workspace: Workspace, visit: Visit
    ) throws {
        var pass = try ForwardPass(
            backbone, batch: batch, after: prefix, readouts: readouts, workspace: workspace, visit: visit)
        while !pass.isFinished {
            let layer = try backbone.layer(pass.nextLayer)
            pass.advance(through: layer, after: prefix, workspace: workspace, visit: visit)
        }
    }

    /// The branch's readouts by what they do in the next layer: where they part, each way gets rows of its own.
    private func parted(_ branch: Branch) -> [Branch] {
        let ways = Dictionary(grouping: branch.readouts) { $0.readout.treatment(of: nextLayer) }
        guard ways.count > 1 else { return [branch] }
        return ways.values.sorted { $0[0].index < $1[0].index }.enumerated().map { way, readouts in
            var part = branch
            part.readouts = readouts
            if way > 0 { part.rows = branch.rows.copy() }
            return part
        }
    }

    private func apply(
        _ layer: any TransformerLayer, _ index: Int, to branch: inout Branch, after prefix: PrefixStates?,
        workspace: Workspace
    ) {
        guard let treatment = branch.readouts.first?.readout.treatment(of: index) else { return }
        let isHighest = branch.readouts.allSatisfy {
            $0.readout.hiddenLayer == index + 1 && $0.readout.rows == .last
        }
        if treatment.isBidirectional, !isHighest { expand(&branch, before: index, prefix: prefix) }
        if treatment.prepends { prepend(&branch) }
        var attention = LayerAttention(
            layout: branch.layout, bidirectional: treatment.isBidirectional, selecting: isHighest ? .last : .all)
        if branch.layout.prefixLength > 0 { attention.prefixKeysValues = prefix?.keysValues[index] }
        branch.rows = layer.apply(to: branch.rows, attention: attention, workspace: workspace)
        if isHighest { branch.layout = RowLayout(starts: attention.queryStarts, prefixLength: 0) }
    }

    /// Gives each sequence rows of its own for what it shared: in a bidirectional layer their states depend on the rest.
    private func expand(_ branch: inout Branch, before layer: Int, prefix: PrefixStates?) {
        guard branch.layout.prefixLength > 0 || branch.layout.isShared else { return }
        let layout = branch.layout.expanded()
        let rows = Matrix(rows: layout.rowCount, columns: branch.rows.columns)
        for (row, source) in branch.layout.sources().enumerated() {
            if let source {
                rows.assign(row: row, from: branch.rows, row: source)
            } else if let prefix {
                rows.assign(row: row, from: prefix.hidden[layer], row: Int(layout.positions[row]))
            }
        }
        (branch.rows, branch.layout) = (rows, layout)
    }

    /// Puts each sequence's last state in its placeholder's place. Token Prepending, arXiv 2412.11556, section 3.
    private func prepend(_ branch: inout Branch) {
        for (placeholder, last) in branch.layout.placeholders(of: batch) {
            branch.rows.assign(row: placeholder, from: branch.rows, row: last)
        }
    }

    /// Hands over the readouts of the hidden layer that the branch has come to.
    ///
    /// - Returns: the branch with the readouts that remain; nil for none
    private func deliver(
        _ branch: Branch, after prefix: PrefixStates?, workspace: Workspace, to visit: Visit
    ) -> Branch? {
        for (index, readout) in branch.readouts where readout.hiddenLayer == nextLayer {
            visit(index, hiddenStates(of: branch, rows: readout.rows, after: prefix, workspace: workspace))
        }
        var rest = branch
        rest.readouts.removeAll { $0.readout.hiddenLayer == nextLayer }
        return rest.readouts.isEmpty ? nil : rest
    }

    /// A branch's rows, or each sequence's last, after the final norm where they are the last layer's.
    private func hiddenStates(
        of branch: Branch, rows selection: RowSelection, after prefix: PrefixStates?, workspace: Workspace
    ) -> HiddenStates {
        let layout = branch.layout
        let picksLast = selection == .last && layout.rowCount > layout.sequenceCount
        let sources: [Int?]? =
            picksLast ? layout.lastRows : selection == .all && layout.isShared ? layout.sources(withPrefix: false) : nil
        let rows = workspace.matrix(
            .readout, rows: sources?.count ?? layout.rowCount, columns: backbone.hiddenSize)
        if let sources {
            for case (let row, let source?) in sources.enumerated() {
                rows.assign(row: row, from: branch.rows, row: source)
            }
        } else {
            rows.assign(branch.rows)
        }
        let shared = selection == .all && layout.prefixLength > 0 ? prefix?.hidden[nextLayer].copy() : nil
        if nextLayer == backbone.layerCount {
            backbone.applyFinalNorm(to: rows, into: rows)
            if let shared { backbone.applyFinalNorm(to: shared, into: shared) }
        }
        return HiddenStates(
            rows: rows,
            starts: picksLast ? Array(0...layout.sequenceCount) : layout.expanded(withPrefix: false).starts,
            isLastOnly: selection == .last, sharedPrefix: shared)
    }
}
