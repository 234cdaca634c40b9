import Diagnostics
import Models
import Numerics
import TestSupport
import Testing

/// Gradients of low-rank adapters against finite differences of plain loops in double precision.
@Suite struct GradientTests {
    private let model = TinyLlama()
    private let backbone: any AdaptableBackbone
    private let lengths = [5, 1, 9]

    init() throws { backbone = try model.backbone(LinearMaker(isDifferentiable: true)) }

    private func adapter(
        layers: [Int]? = nil, targets: AdapterConfiguration.Targets = .all, whole: [String] = []
    ) throws -> Adapter {
        var configuration = AdapterConfiguration(rank: 3, alpha: 6, targets: targets, layers: layers)
        configuration.modulesToSave = whole
        let layout = try backbone.parameterLayout(of: configuration)
        var random = SeededRandom(seed: 11)
        let values = Matrix(rows: 1, columns: layout.count, random.floats(layout.count, within: 0.2))
        return Adapter(configuration: configuration, layout: layout, values: FrozenMatrix(freezing: values))
    }

    /// What the trained maps differ by from the model's, by GGUF's names, in double precision.
    private func wholeTensors(_ adapter: Adapter, values: [Double]) -> [(String, [Double])] {
        (0..<model.layers).flatMap { layer in
            TinyLlama.storedNames.compactMap { module, stored -> (String, [Double])? in
                let name = "base_model.model.model.layers.\(layer).\(module).weight"
                let tensor = "blk.\(layer).\(stored).weight"
                guard let place = adapter.layout[name], let weight = model.tensors[tensor] else { return nil }
                return (tensor, zip(place.range, weight.values).map { values[$0] - Double($1) })
            }
        }
    }

    /// Random weights of every state: the loss is the sum of weight times state.
    private func stateWeights(_ sequences: [[Int32]], rows: RowSelection) -> [[[Double]]] {
        var random = SeededRandom(seed: 5)
        return sequences.map { sequence in
            sequence.indices.map { position in
                let weights = random.floats(model.hidden).map(Double.init)
                return rows == .last && position < sequence.count - 1 ? weights.map { _ in 0 } : weights
            }
        }
    }

    /// The loss in double precision, with one parameter of the adapter moved.
    private func loss(
        _ adapter: Adapter, moving index: Int, by step: Double, sequences: [[Int32]], weights: [[[Double]]],
        bidirectional: Set<Int>, layer: Int
    ) -> Double {
        var model = model
        var values = adapter.values.array(row: 0).map(Double.init)
        values[index] += step
        for (name, tensor) in model.loraTensors(adapter, values: values) + wholeTensors(adapter, values: values) {
            model.changes[name] = tensor
        }
        return zip(sequences, weights).reduce(0) { total, pair in
            let states = model.hiddenStates(of: pair.0, bidirectional: bidirectional)[layer]
            return total + zip(states, pair.1).reduce(0) { $0 + zip($1.0, $1.1).reduce(0) { $0 + $1.0 * $1.1 } }
        }
    }

    /// The gradient of the same loss through the recorded pass.
    private func gradient(
        _ adapter: Adapter, sequences: [[Int32]], isSharing: Bool = false, weights: [[[Double]]], readout: Readout,
        lowestTrained: Int = 0
    ) throws -> [Float] {
        let (workspace, tape) = (Workspace(), RecordedPass.Tape())
        let gradients = Gradients(count: adapter.layout.count)
        let batch = isSharing ? PackedBatch(sharingBeginnings: sequences) : PackedBatch(sequences)
        // Twice on the same memory: what the first pass left there must not show.
        for _ in 0..<2 {
            gradients.values.fill(0)
            let pass = try RecordedPass(
                try backbone.adapted(by: adapter), batch: batch, readouts: [readout], lowestTrained: lowestTrained,
                on: tape,
                workspace: workspace)
            let below = pass.statesGradient()
            for (sequence, weights) in weights.enumerated() {
                let own = below.starts[sequence]..<below.starts[sequence + 1]
                for (position, row) in weights.suffix(own.count).enumerated() {
                    for (component, weight) in row.enumerated() {
                        below.rows[own.lowerBound + position, component] += Float(weight)
                    }
                }
            }
            pass.backward([below], into: gradients, workspace: workspace)
        }
        return gradients.values.array(row: 0)
    }

    @Test(
        "every adapter's gradient equals finite differences in double precision under every attention plan",
        arguments: plans, [(RowSelection.last, 3, 0), (.all, 3, 2), (.last, 2, 1)])
    func finiteDifferences(plan: AttentionPlan, _ shape: (rows: RowSelection, layer: Int, prefix: Int)) throws {
        try expectFiniteDifferences(adapter(), plan: plan, shape)
    }

    @Test(
        "the gradient of maps that are trained whole equals finite differences too, beside low-rank ones",
        arguments: [AttentionPlan.none, .last(2)], [(RowSelection.last, 3, 0), (.all, 2, 1)])
    func wholeMaps(plan: AttentionPlan, _ shape: (rows: RowSelection, layer: Int, prefix: Int)) throws {
        try expectFiniteDifferences(adapter(targets: .named([]), whole: ["layers.2.mlp.down_proj"]), plan: plan, shape)
        let mixed = try adapter(
            layers: [0, 2], targets: .named(["v_proj", "gate_proj"]),
            whole: [
                "q_proj", "layers.1.self_attn.v_proj", "layers.0.self_attn.k_proj", "o_proj", "up_proj", "down_proj",
            ])
        try expectFiniteDifferences(mixed, plan: plan, shape)
    }

    private func expectFiniteDifferences(
        _ adapter: Adapter, plan: AttentionPlan, _ shape: (rows: RowSelection, layer: Int, prefix: Int)
    ) throws {
        let prefix = [Int32](3..<3 + Int32(shape.prefix))
        let batch = sequences(lengths).map { prefix + $0 }
        let readout = try Readout(
            attention: plan, layer: HiddenLayer(shape.layer), rows: shape.rows, layerCount: model.layers)
        let bidirectional = Set(try plan.bidirectionalLayers(layerCount: model.layers))
        let weights = stateWeights(batch, rows: shape.rows)
        let found = try gradient(
            adapter, sequences: batch, isSharing: shape.prefix > 0, weights: weights, readout: readout)

        var random = SeededRandom(seed: 3)
        for name in adapter.layout.names {
            guard let place = adapter.layout[name] else { continue }
            let largest = place.range.map { abs(found[$0]) }.max() ?? 0
            // Some of each tensor: all of them take minutes in plain loops.
            guard let index = place.range.randomElement(using: &random) else { continue }
            func moved(_ step: Double) -> Double {
                loss(
                    adapter, moving: index, by: step, sequences: batch, weights: weights,
                    bidirectional: bidirectional, layer: shape.layer)
            }
            let expected = (moved(1e-4) - moved(-1e-4)) / 2e-4
            let difference = abs(Double(found[index]) - expected)
            #expect(
                difference <= 1e-4 * max(Double(largest), 1e-3),
                "\(name)[\(index - place.offset)]: \(found[index]), expected \(expected)")
        }
    }

    @Test("layers below the lowest trained one keep nothing, and the gradient above is the same by a bit")
    func frozenBelow() throws {
        let adapter = try adapter(layers: [1, 2], targets: .named(["q_proj", "v_proj", "down_proj"]))
        let batch = sequences(lengths)
        let readout = try Readout(attention: .last(1), layer: .last, rows: .last, layerCount: model.layers)
        let weights = stateWeights(batch, rows: .last)
        let whole = try gradient(adapter, sequences: batch, weights: weights, readout: readout)
        let part = try gradient(
            adapter, sequences: batch, weights: weights, readout: readout, lowestTrained: 1)
        #expect(whole.bits == part.bits)
        #expect(whole.contains { $0 != 0 })
    }

    @Test("reading a layer below all that is trained is refused")
    func nothingToTrain() throws {
        let readout = try Readout(attention: .none, layer: HiddenLayer(1), rows: .last, layerCount: model.layers)
        #expect(throws: Diagnostic.self) {
            try RecordedPass(
                backbone, batch: PackedBatch(sequences([3])), readouts: [readout], lowestTrained: 1,
                on: RecordedPass.Tape(), workspace: Workspace())
        }
    }
}

extension TinyLlama {
    /// What GGUF calls PEFT's linear maps.
    static let storedNames = [
        "self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k", "self_attn.v_proj": "attn_v",
        "self_attn.o_proj": "attn_output", "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up",
        "mlp.down_proj": "ffn_down",
    ]

    /// In the order of a pass.
    static let mapPaths =
        ["q_proj", "k_proj", "v_proj", "o_proj"].map { "self_attn.\($0)" }
        + ["gate_proj", "up_proj", "down_proj"].map { "mlp.\($0)" }

    /// scale · B A of every adapted tensor, by GGUF's names, in double precision.
    func loraTensors(_ adapter: Adapter, values: [Double]) -> [(String, [Double])] {
        adapter.layout.names.filter { $0.hasSuffix("lora_A.weight") }.compactMap { name in
            let parts = name.split(separator: ".")
            guard let a = adapter.layout[name],
                let b = adapter.layout[name.replacing("lora_A", with: "lora_B")],
                let layer = parts.dropFirst(4).first, let stored = Self.storedNames[parts[5...6].joined(separator: ".")]
            else { return nil }
            let scale = Double(adapter.configuration.scale)
            var product: [Double] = []
            for row in 0..<b.rows {
                for column in 0..<a.columns {
                    var sum = 0.0
                    for inner in 0..<a.rows {
                        sum +=
                            values[b.offset + row * b.columns + inner] * values[a.offset + inner * a.columns + column]
                    }
                    product.append(scale * sum)
                }
            }
            return ("blk.\(layer).\(stored).weight", product)
        }
    }
}
