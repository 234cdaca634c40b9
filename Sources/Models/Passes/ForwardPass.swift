import Numerics

/// The forward pass over a packed batch, for several readouts at once, a layer at a time.
///
/// Computes what somebody reads and nothing else: no layer above the highest hidden layer, no row but the last tokens'
/// in the highest layer where only they are read, the states of beginnings that sequences share only once as long as
/// attention is causal, and layers below the first difference of two readouts' attention only once for both.
public struct ForwardPass {
    /// Readouts that have gone the same way so far.
    private struct Branch {
        var ways: [PassTree.Node]
        /// [rows, hidden]: the residual stream.
        var rows: Matrix
        /// Beginnings are shared while everything below has been causal.
        var layout: RowLayout
    }

    /// Called for each readout once, with its index.
    public typealias Visit = (Int, HiddenStates) -> Void

    private let backbone: any Backbone
    private let batch: PackedBatch
    private let readouts: [Readout]
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
        (self.batch, self.readouts) = (batch, readouts)
        let layout = RowLayout(
            starts: batch.starts, sharedCounts: batch.sharedCounts, prefixLength: prefix?.length ?? 0,
            paddings: batch.paddings)
        let rows = Matrix(rows: layout.rowCount, columns: backbone.hiddenSize)
        try backbone.embed(batch.tokens[...], at: layout.positions[...], into: rows)
        let tree = PassTree(readouts)
        let trunk = Branch(ways: tree.ways, rows: rows, layout: layout)
        branches = trunk.ways.isEmpty ? [] : [trunk]
        deliver(tree.delivered, of: trunk, after: prefix, workspace: workspace, to: visit)
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
        nextLayer += 1
        // Each is handed over before the next is computed: the rows of a branch that ends here are the workspace's.
        branches = parts.compactMap { node, part in
            var branch = part
            apply(layer, as: node, to: &branch, after: prefix, workspace: workspace)
            deliver(node.delivered, of: branch, after: prefix, workspace: workspace, to: visit)
            return branch.ways.isEmpty ? nil : branch
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

    /// The ways that a branch goes on, each with rows of its own.
    private func parted(_ branch: Branch) -> [(node: PassTree.Node, branch: Branch)] {
        branch.ways.enumerated().map { way, node in
            (node, Branch(ways: node.ways, rows: way > 0 ? branch.rows.copy() : branch.rows, layout: branch.layout))
        }
    }

    private func apply(
        _ layer: any TransformerLayer, as node: PassTree.Node, to branch: inout Branch, after prefix: PrefixStates?,
        workspace: Workspace
    ) {
        if node.expands { expand(&branch, before: node.layer, prefix: prefix) }
        if node.prepends { prepend(&branch) }
        var attention = LayerAttention(
            layout: branch.layout, bidirectional: node.isBidirectional, selecting: node.rows)
        if branch.layout.prefixLength > 0 { attention.prefixKeysValues = prefix?.keysValues[node.layer] }
        branch.rows = layer.apply(to: branch.rows, attention: attention, workspace: workspace)
        if node.rows == .last { branch.layout = RowLayout(starts: attention.queryStarts, prefixLength: 0) }
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

    /// Hands over readouts of the hidden layer that the branch has come to.
    private func deliver(
        _ indices: [Int], of branch: Branch, after prefix: PrefixStates?, workspace: Workspace, to visit: Visit
    ) {
        for index in indices {
            visit(index, hiddenStates(of: branch, rows: readouts[index].rows, after: prefix, workspace: workspace))
        }
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
