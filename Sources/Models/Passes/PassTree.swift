/// What a forward pass does for its readouts, layer by layer, as it is known before any number is: which readouts go the
/// same way, where they part, which rows a layer takes and which are asked of it.
///
/// `ForwardPass` and `RecordedPass` compute by it; `ForwardCost` and the products alone are counted by it.
package struct PassTree: Sendable {
    /// A layer as some readouts go through it.
    package struct Node: Sendable {
        package let layer: Int
        let isBidirectional: Bool
        /// Whether each sequence's last state takes its placeholder's place before the layer.
        let prepends: Bool
        /// Whether sequences get rows of their own before the layer for what they shared so far.
        let expands: Bool
        /// Whether they have them in the layer, from here or from below.
        let isExpanded: Bool
        /// The rows asked of the layer: the last tokens' where nobody reads others, here or above.
        let rows: RowSelection
        /// The readouts of the layer's result, by their place among all.
        let delivered: [Int]
        /// How the rest goes on: more than one way where readouts part.
        package let ways: [Node]

        /// - Parameter indices: the readouts that go through the layer alike; at least one
        fileprivate init(_ indices: [Int], of readouts: [Readout], layer: Int, isExpandedBelow: Bool) {
            let treatment = readouts[indices[0]].treatment(of: layer)
            let isForLast = indices.allSatisfy { readouts[$0].hiddenLayer == layer + 1 && readouts[$0].rows == .last }
            self.layer = layer
            (isBidirectional, prepends) = (treatment.isBidirectional, treatment.prepends)
            rows = isForLast ? .last : .all
            expands = treatment.isBidirectional && !isForLast && !isExpandedBelow
            isExpanded = isExpandedBelow || expands
            delivered = indices.filter { readouts[$0].hiddenLayer == layer + 1 }
            ways = PassTree.ways(of: indices, of: readouts, from: layer + 1, isExpanded: isExpanded)
        }
    }

    /// The readouts of the embedding layer's output.
    let delivered: [Int]
    package let ways: [Node]

    package init(_ readouts: [Readout]) {
        delivered = readouts.indices.filter { readouts[$0].hiddenLayer == 0 }
        ways = Self.ways(of: Array(readouts.indices), of: readouts, from: 0, isExpanded: false)
    }

    /// Readouts by what they do in a layer, each way in the order of its first readout.
    private static func ways(
        of indices: [Int], of readouts: [Readout], from layer: Int, isExpanded: Bool
    ) -> [Node] {
        let rest = indices.filter { readouts[$0].hiddenLayer > layer }
        return Dictionary(grouping: rest) { readouts[$0].treatment(of: layer) }.values.sorted { $0[0] < $1[0] }.map {
            Node($0, of: readouts, layer: layer, isExpandedBelow: isExpanded)
        }
    }

    /// Every layer of every way.
    package var nodes: [Node] {
        var (found, next) = ([Node](), ways)
        while let node = next.popLast() {
            found.append(node)
            next += node.ways
        }
        return found
    }

    /// The layers from the lowest up where no readouts part; nil where some do.
    var path: [Node]? {
        var (path, next) = ([Node](), ways)
        while let node = next.first {
            guard next.count == 1 else { return nil }
            path.append(node)
            next = node.ways
        }
        return path
    }
}

/// How many rows a packed batch has, or several together.
public struct BatchSizes: Sendable {
    /// Tokens, those that sequences share once, and none of a shared prefix.
    var rows: Int
    /// Tokens where nothing is shared.
    var expandedRows: Int
    var sequences: Int

    public init(rows: Int, expandedRows: Int, sequences: Int) {
        (self.rows, self.expandedRows, self.sequences) = (rows, expandedRows, sequences)
    }

    public static func + (one: BatchSizes, other: BatchSizes) -> BatchSizes {
        BatchSizes(
            rows: one.rows + other.rows, expandedRows: one.expandedRows + other.expandedRows,
            sequences: one.sequences + other.sequences)
    }

    /// The rows whose keys and values a layer computes.
    package func rows(in node: PassTree.Node) -> Int { node.isExpanded ? expandedRows : rows }

    /// The rows that are asked of it.
    package func queries(in node: PassTree.Node) -> Int { node.rows == .last ? sequences : rows(in: node) }
}
