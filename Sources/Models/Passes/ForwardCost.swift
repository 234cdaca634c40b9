/// What a forward pass costs, without running it.
public struct ForwardCost: Hashable, Sendable {
    /// Rows that go through a layer, over all layers and branches: a row whose queries nobody reads counts for its
    /// keys and values alone.
    public let rowLayers: Double
    /// Of these, what each readout would need if it were alone.
    public let rowLayersAlone: Double

    public init(readouts: [Readout], of batch: BatchSizes, shape: BackboneShape) {
        rowLayers = Self.rowLayers(of: readouts, batch, shape)
        rowLayersAlone = readouts.map { Self.rowLayers(of: [$0], batch, shape) }.reduce(0, +)
    }

    private static func rowLayers(of readouts: [Readout], _ batch: BatchSizes, _ shape: BackboneShape) -> Double {
        let ownKeys = Double(shape.hiddenSize * shape.keyValueColumns) / Double(shape.weightsPerLayer)
        return PassTree(readouts).nodes.reduce(0) { sum, node in
            sum + Double(batch.rows(in: node)) * ownKeys + Double(batch.queries(in: node)) * (1 - ownKeys)
        }
    }
}
