import Models
import Numerics
import Synchronization
import TestSupport
import Testing

/// A backbone that notes how many rows go into each layer, and how many come out.
private final class Recorder: Backbone {
    private struct Layer: TransformerLayer {
        let recorder: Recorder
        let base: any TransformerLayer

        func apply(to rows: Matrix, attention: LayerAttention, workspace: Workspace) -> Matrix {
            let out = base.apply(to: rows, attention: attention, workspace: workspace)
            recorder.passages.withLock { $0.append((rows.rows, out.rows)) }
            return out
        }
    }

    private let base: any Backbone
    let passages = Mutex<[(rows: Int, queries: Int)]>([])

    init(_ base: any Backbone) { self.base = base }

    var shape: BackboneShape { base.shape }
    func embed(_ tokens: ArraySlice<Int32>, at positions: ArraySlice<Int32>, into out: Matrix) throws {
        try base.embed(tokens, at: positions, into: out)
    }
    func layer(_ index: Int) throws -> any TransformerLayer { Layer(recorder: self, base: try base.layer(index)) }
    func applyFinalNorm(to rows: Matrix, into out: Matrix) { base.applyFinalNorm(to: rows, into: out) }

    /// A row whose queries nobody reads counts for its keys and values alone.
    var rowLayers: Double {
        let ownKeys = Double(shape.hiddenSize * shape.keyValueColumns) / Double(shape.weightsPerLayer)
        return passages.withLock { passages in
            passages.reduce(0) { $0 + Double($1.rows) * ownKeys + Double($1.queries) * (1 - ownKeys) }
        }
    }
}

@Suite struct ForwardCostTests {
    private let model = TinyLlama()
    private let backbone: any AdaptableBackbone
    private let workspace = Workspace()

    init() throws { backbone = try model.backbone(LinearMaker(library: .openBLAS)) }

    /// What a forward pass computes for readouts, the shared prefix itself apart.
    private func computed(_ readouts: [Readout], _ batch: [[Int32]], after prefix: [Int32]) throws -> Double {
        let recorder = Recorder(backbone)
        _ = try read(readouts, of: batch, after: prefix, by: recorder, workspace)
        let highest = readouts.map(\.hiddenLayer).max() ?? 0
        return recorder.rowLayers - Double(prefix.count * highest)
    }

    @Test("the cost that is foretold is what the forward pass computes", arguments: [0, 1, 6])
    func foretold(prefixLength: Int) throws {
        let prefix = sequences([prefixLength], seed: 3)[0]
        let batch = sequences([4, 1, 9])
        let all = try plans.flatMap { plan in
            try (0...model.layers).flatMap { layer in
                try [RowSelection.all, .last].map {
                    try Readout(attention: plan, layer: HiddenLayer(layer), rows: $0, layerCount: model.layers)
                }
            }
        }
        // Each alone, each with its successor, all together.
        let groups = all.map { [$0] } + zip(all, all.dropFirst(5)).map { [$0, $1] } + [all]
        for readouts in groups {
            let cost = ForwardCost(
                readouts: readouts, of: BatchSizes(rows: 14, expandedRows: 14 + 3 * prefixLength, sequences: 3),
                shape: backbone.shape)
            let found = try computed(readouts, batch, after: prefix)
            #expect(abs(cost.rowLayers - found) < 1e-6, "foretold \(cost.rowLayers), computed \(found): \(readouts)")
            let alone = try readouts.map { try computed([$0], batch, after: prefix) }.reduce(0, +)
            #expect(abs(cost.rowLayersAlone - alone) < 1e-6, "foretold \(cost.rowLayersAlone), computed \(alone)")
        }
    }

    @Test("nothing above the highest hidden layer is computed, and only last tokens in it where only they are read")
    func computesWhatIsRead() throws {
        let recorder = Recorder(backbone)
        let readout = try Readout(attention: .none, layer: HiddenLayer(2), rows: .last, layerCount: 3)
        _ = try read([readout], of: sequences([4, 1, 9]), by: recorder, workspace)
        #expect(recorder.passages.withLock { $0.map(\.rows) } == [14, 14])
        #expect(recorder.passages.withLock { $0.map(\.queries) } == [14, 3])
    }

    @Test("layers below the first difference of two plans are computed once for both")
    func sharesLowerLayers() throws {
        let recorder = Recorder(backbone)
        let readouts = try [AttentionPlan.none, .last(1)].map {
            try Readout(attention: $0, layer: .last, rows: .all, layerCount: 3)
        }
        _ = try read(readouts, of: sequences([4]), by: recorder, workspace)
        #expect(recorder.passages.withLock { $0.count } == 4)
    }
}
