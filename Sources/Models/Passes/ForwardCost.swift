/// What a forward pass costs, without running it: `ForwardPass` branches, selects and expands in the same way.
public struct ForwardCost: Hashable, Sendable {
    /// Rows that go through a layer, over all layers and branches: a row whose queries nobody reads counts for its
    /// keys and values alone.
    public var rowLayers = 0.0
    /// Of these, what each readout would need if it were alone.
    public var rowLayersAlone = 0.0

    /// Nothing.
    public init() {}

    public static func += (sum: inout ForwardCost, other: ForwardCost) {
        sum.rowLayers += other.rowLayers
        sum.rowLayersAlone += other.rowLayersAlone
    }

    /// - Parameters:
    ///   - rows: tokens, those that sequences share once, and none of a shared prefix
    ///   - expandedRows: tokens where nothing is shared
    public init(readouts: [Readout], rows: Int, expandedRows: Int, sequences: Int, shape: BackboneShape) {
        let batch = Batch(
            rows: Double(rows), expandedRows: Double(expandedRows), sequences: Double(sequences), shape: shape)
        rowLayers = batch.cost(readouts, layer: 0, isExpanded: false)
        rowLayersAlone = readouts.map { batch.cost([$0], layer: 0, isExpanded: false) }.reduce(0, +)
    }

    private struct Batch {
        let rows, expandedRows, sequences: Double
        let shape: BackboneShape

        /// The cost of the readouts of one branch from a layer upwards.
        func cost(_ all: [Readout], layer: Int, isExpanded: Bool) -> Double {
            let readouts = all.filter { $0.hiddenLayer > layer }
            guard !readouts.isEmpty else { return 0 }
            let ways = Dictionary(grouping: readouts) { $0.treatment(of: layer) }
            return ways.reduce(0) { total, way in
                let (treatment, readouts) = way
                let isLast = readouts.allSatisfy { $0.hiddenLayer == layer + 1 && $0.rows == .last }
                let expanded = isExpanded || (treatment.isBidirectional && !isLast)
                let rows = expanded ? expandedRows : rows
                let ownKeys = Double(shape.hiddenSize * shape.keyValueColumns) / Double(shape.weightsPerLayer)
                let here = isLast ? rows * ownKeys + sequences * (1 - ownKeys) : rows
                return total + here + cost(readouts, layer: layer + 1, isExpanded: expanded)
            }
        }
    }
}
