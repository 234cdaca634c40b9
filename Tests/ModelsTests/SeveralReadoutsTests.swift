import Diagnostics
import Models
import Numerics
import TestSupport
import Testing

/// Recorded passes that several hidden layers are read of, with padding that is seen, and with Token Prepending.
@Suite struct SeveralReadoutsTests {
    private let model = TinyLlama()
    private let lengths = [5, 1, 9]

    private func backbone() throws -> any AdaptableBackbone {
        try model.backbone(LinearMaker(isDifferentiable: true))
    }

    private func adapter(_ backbone: any AdaptableBackbone) throws -> Adapter {
        let configuration = AdapterConfiguration(rank: 3, alpha: 6)
        let layout = try backbone.parameterLayout(of: configuration)
        var random = SeededRandom(seed: 11)
        let values = Matrix(rows: 1, columns: layout.count, random.floats(layout.count, within: 0.2))
        return Adapter(configuration: configuration, layout: layout, values: FrozenMatrix(freezing: values))
    }

    private func moved(_ adapter: Adapter, _ index: Int, by step: Float) -> Adapter {
        var values = adapter.values.array(row: 0)
        values[index] += step
        return Adapter(
            configuration: adapter.configuration, layout: adapter.layout,
            values: FrozenMatrix(freezing: Matrix(rows: 1, columns: values.count, values)))
    }

    private func readout(
        _ layer: Int, _ plan: AttentionPlan, _ rows: RowSelection, prepending: Range<Int> = 0..<0
    ) throws -> Readout {
        try Readout(
            attention: plan, layer: HiddenLayer(layer), rows: rows, prepending: prepending, layerCount: model.layers)
    }

    /// Fixed weights of each component of each state, zeros for padding.
    private func fill(_ gradient: HiddenStates, seed: UInt64) {
        var random = SeededRandom(seed: seed)
        for row in 0..<gradient.rows.rows {
            let weights = random.floats(gradient.rows.columns)
            for (component, weight) in weights.enumerated() { gradient.rows[row, component] = weight }
        }
    }

    private func gradient(
        _ adapter: Adapter, _ batch: PackedBatch, _ readouts: [Readout], seeds: [UInt64?], normsExits: Bool = false
    ) throws -> [Float] {
        let gradients = Gradients(count: adapter.layout.count)
        let pass = try RecordedPass(
            try backbone().adapted(by: adapter), batch: batch, readouts: readouts, normsExits: normsExits,
            on: RecordedPass.Tape(), workspace: Workspace())
        let below = readouts.indices.map(pass.statesGradient)
        for (gradient, seed) in zip(below, seeds) { if let seed { fill(gradient, seed: seed) } }
        pass.backward(below, into: gradients, workspace: Workspace())
        return gradients.values.array(row: 0)
    }

    /// The sum of weights times states, of the pass that keeps nothing.
    private func loss(_ adapter: Adapter, _ batch: PackedBatch, _ readout: Readout, seed: UInt64) throws -> Double {
        var total = 0.0
        try ForwardPass.run(
            try backbone().adapted(by: adapter), batch: batch, readouts: [readout], workspace: Workspace()
        ) { _, states in
            var random = SeededRandom(seed: seed)
            for row in 0..<states.rows.rows {
                let weights = random.floats(states.rows.columns)
                total += zip(weights, states.rows.array(row: row)).reduce(0) { $0 + Double($1.0) * Double($1.1) }
            }
        }
        return total
    }

    private func expectFiniteDifferences(_ batch: PackedBatch, _ readout: Readout) throws {
        let adapter = try adapter(backbone())
        let found = try gradient(adapter, batch, [readout], seeds: [7])
        let largest = Double(found.map(abs).max() ?? 0)
        #expect(largest > 0)
        var random = SeededRandom(seed: 3)
        for name in adapter.layout.names {
            guard let index = adapter.layout[name]?.range.randomElement(using: &random) else { continue }
            let step: Float = 1 / 128
            let losses = try [step, -step].map { try loss(moved(adapter, index, by: $0), batch, readout, seed: 7) }
            let expected = (losses[0] - losses[1]) / (2 * Double(step))
            // Float32's rounding of the losses, and the third derivative.
            #expect(abs(Double(found[index]) - expected) <= 5e-3 * largest, "\(name): \(found[index]), \(expected)")
        }
    }

    @Test(
        "each hidden layer's states are the forward pass', by a bit, shared beginnings or not",
        arguments: [AttentionPlan.none, .all, .last(1)], [RowSelection.all, .last])
    func states(plan: AttentionPlan, rows: RowSelection) throws {
        let (backbone, prefix) = (try backbone(), [Int32](3..<7))
        let batch = PackedBatch(sharingBeginnings: sequences(lengths).map { prefix + $0 })
        let readouts = try [3, 1, 2, 0].map { try readout($0, plan, rows) }
        let pass = try RecordedPass(
            backbone, batch: batch, readouts: readouts, on: RecordedPass.Tape(), workspace: Workspace())
        try ForwardPass.run(backbone, batch: batch, readouts: readouts, workspace: Workspace()) { index, states in
            let own = pass.states(of: index)
            #expect(own.starts == states.starts && own.rows.rows == states.rows.rows)
            for row in 0..<states.rows.rows {
                #expect(own.rows.array(row: row).bits == states.rows.array(row: row).bits, "layer \(index), row \(row)")
            }
        }
    }

    @Test(
        "the gradient of several hidden layers is the sum of each one's, with the final norm at every exit or not",
        arguments: [AttentionPlan.none, .last(2)], [RowSelection.all, .last])
    func sums(plan: AttentionPlan, rows: RowSelection) throws {
        for normsExits in [false, true] { try expectSum(plan, rows, normsExits: normsExits) }
    }

    private func expectSum(_ plan: AttentionPlan, _ rows: RowSelection, normsExits: Bool) throws {
        let adapter = try adapter(backbone())
        let batch = PackedBatch(sharingBeginnings: sequences(lengths).map { [4, 5, 6] + $0 })
        let readouts = try [3, 1, 2].map { try readout($0, plan, rows) }
        let together = try gradient(adapter, batch, readouts, seeds: [1, 2, 3], normsExits: normsExits)
        var sum = [Float](repeating: 0, count: together.count)
        for (index, readout) in readouts.enumerated() {
            let alone = try gradient(adapter, batch, [readout], seeds: [UInt64(index + 1)], normsExits: normsExits)
            #expect(alone.contains { $0 != 0 })
            for place in sum.indices { sum[place] += alone[place] }
        }
        let largest = sum.map(abs).max() ?? 0
        #expect(zip(together, sum).allSatisfy { abs($0 - $1) <= 1e-5 * largest })
    }

    @Test(
        "padding that bidirectional layers see has its part in the gradient", arguments: [AttentionPlan.all, .last(2)],
        [RowSelection.all, .last])
    func padding(plan: AttentionPlan, rows: RowSelection) throws {
        var batch = PackedBatch()
        for sequence in sequences(lengths) {
            let padding = 9 - sequence.count
            batch.append(sequence + [Int32](repeating: 2, count: padding), padding: padding)
        }
        let readout = try readout(3, plan, rows)
        try expectFiniteDifferences(batch, readout)
        let adapter = try adapter(backbone())
        let bare = try gradient(adapter, PackedBatch(sequences(lengths)), [self.readout(3, plan, .last)], seeds: [7])
        let padded = try gradient(adapter, batch, [self.readout(3, plan, .last)], seeds: [7])
        #expect(bare.bits != padded.bits)
    }

    @Test(
        "Token Prepending's gradient goes to the state that took the placeholder's place",
        arguments: [AttentionPlan.none, .all, .last(1)], [0..<1, 1..<3, 0..<3])
    func prepending(plan: AttentionPlan, layers: Range<Int>) throws {
        let batch = PackedBatch(sequences(lengths).map { [3, -1] + $0 })
        try expectFiniteDifferences(batch, readout(3, plan, .last, prepending: layers))
        try expectFiniteDifferences(batch, readout(3, plan, .all, prepending: layers))
    }
}
