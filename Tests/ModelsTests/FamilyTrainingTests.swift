import Diagnostics
import Files
import Foundation
import Models
import Numerics
import TestSupport
import Testing
import Weights

/// Tests/Golden/family_training.json; dump_family_training.py says how it was made.
private struct GoldenFamilyTraining: Decodable {
    struct Case: Decodable, Sendable {
        var kind: String
        var bidirectional: Bool
        var pooling: String
        var losses: [Double]
        /// Of each trained tensor's gradient: its length, and its products with two vectors of formula numbers.
        var gradients: [String: [Double]]
    }

    struct Model: Decodable, Sendable {
        var name: String
        var whole: [String]
        var cases: [Case]
    }

    var rank: Int
    var alpha: Float
    var sequences: [[Int32]]
    var models: [Model]

    static let bytes = (try? TextFile.bytes(of: Fixtures.golden("family_training.json"))) ?? []
    static let file = try? JSONDecoder().decode(GoldenFamilyTraining.self, from: Data(bytes))
}

/// A tiny model of a family, and one way to train it.
private struct FamilyTraining {
    let model: GoldenModel
    let backbone: any AdaptableBackbone
    let golden: GoldenFamilyTraining
    let expected: GoldenFamilyTraining.Case
    let configuration: AdapterConfiguration
    var batch: PackedBatch
    var sequences: [[Int32]]

    init(_ model: GoldenFamilyTraining.Model, _ expected: GoldenFamilyTraining.Case) throws {
        golden = try #require(GoldenFamilyTraining.file)
        (sequences, batch) = (golden.sequences, PackedBatch(golden.sequences))
        self.expected = expected
        self.model = try Self.weights(of: model.name)
        backbone = try Fixtures.withTemporaryFolder { [model = self.model] folder in
            try model.write(to: folder)
            return try Checkpoint(path: folder).backbone(LinearMaker(isDifferentiable: true))
        }
        var configuration = AdapterConfiguration(rank: golden.rank, alpha: golden.alpha)
        switch expected.kind {
        case "full": configuration.targets = .full
        case "whole": (configuration.targets, configuration.modulesToSave) = (.named([]), model.whole)
        default: break
        }
        self.configuration = configuration
    }

    /// The weights' names are in this file, the configuration in `families.json` but for LLaMA.
    private static func weights(of name: String) throws -> GoldenModel {
        let root = try JSONDocument(GoldenFamilyTraining.bytes, file: "family_training.json").root
        let node = try #require(
            try root.required("models").elements().first { try $0.required("name").string() == name })
        let known = try GoldenModel.families().first { $0.name == name }
        let config = try known?.config ?? node.required("config").text
        return GoldenModel(
            name: name, config: config, tensors: try node.required("tensors").formulaTensors(), tokens: [],
            bidirectional: [])
    }

    func initialValues(_ layout: ParameterLayout) throws -> Matrix {
        let values = Matrix(rows: 1, columns: layout.count)
        try backbone.fillWhole(values, layout)
        for name in layout.names where name.contains(".lora_") {
            let place = try #require(layout[name])
            let numbers = FormulaTensor(name: name, shape: place.shape).values
            for (column, number) in zip(place.range, numbers) { values[0, column] = number }
        }
        return values
    }

    private func readout() throws -> Readout {
        try Readout(
            attention: expected.bidirectional ? .all : .none, layer: .last,
            rows: expected.pooling == "last" ? .last : .all, layerCount: backbone.layerCount)
    }

    /// The mean square of the pooled states less numbers by formula, and its gradient.
    func loss(_ values: Matrix, _ layout: ParameterLayout, _ workspace: Workspace = Workspace()) throws
        -> (value: Double, gradient: Matrix)
    {
        let adapter = Adapter(
            configuration: configuration, layout: layout, values: FrozenMatrix(freezing: values.copy()))
        let pass = try RecordedPass(
            backbone.adapted(by: adapter), batch: batch, readouts: [readout()],
            lowestTrained: adapter.lowestLayer, trainsEmbeddings: adapter.trainsEmbeddings,
            on: RecordedPass.Tape(), workspace: workspace)
        let (states, below) = (pass.states(), pass.statesGradient())
        let hidden = backbone.hiddenSize
        let targets = FormulaTensor(name: "targets", shape: [sequences.count, hidden]).values
        var total = 0.0
        for sequence in sequences.indices {
            let rows = states.starts[sequence]..<states.starts[sequence + 1]
            for column in 0..<hidden {
                let mean = rows.reduce(0) { $0 + Double(states.rows[$1, column]) } / Double(rows.count)
                let difference = mean - Double(targets[sequence * hidden + column])
                total += difference * difference / Double(targets.count)
                for row in rows {
                    below.rows[row, column] = Float(2 * difference / Double(targets.count * rows.count))
                }
            }
        }
        let gradients = Gradients(count: layout.count)
        pass.backward([below], into: gradients, workspace: workspace)
        return (total, gradients.values)
    }
}

@Suite("Every family trains") struct FamilyTrainingTests {
    private static let models = GoldenFamilyTraining.file?.models ?? []

    @Test("the golden file has every family")
    func complete() throws {
        // Others are called as those, or are the same model within another.
        let named = ["xlm-roberta", "camembert", "nomic-bert", "gemma3_text"]
        let trained = Set(Self.models.map { $0.name.split(separator: " ").first.map(String.init) })
        let untrained = Set(BackboneFamily.architectures).subtracting(named).subtracting(trained.compactMap(\.self))
        // Its attention behind the last norm has no gradient here.
        #expect(untrained == ["nvembed"])
        // An encoder is trained in both directions only.
        #expect(Self.models.allSatisfy { [3, 5].contains($0.cases.count) })
    }

    @Test(
        "the gradient of every tensor is PyTorch's with PEFT's names within 1e-4, and ten losses under AdamW within 1e-3",
        arguments: models.map(\.name))
    func golden(name: String) throws {
        let model = try #require(Self.models.first { $0.name == name })
        for expected in model.cases {
            let label = "\(name), \(expected.kind), \(expected.bidirectional ? "bidirectional" : "causal")"
            let training = try FamilyTraining(model, expected)
            let layout = try training.backbone.parameterLayout(of: training.configuration)
            #expect(Set(layout.names) == Set(expected.gradients.keys), "\(label)")
            let values = try training.initialValues(layout)
            var (first, second) = (
                [Float](repeating: 0, count: layout.count), [Float](repeating: 0, count: layout.count)
            )
            var losses: [Float] = []
            for step in expected.losses.indices {
                let (loss, gradient) = try training.loss(values, layout)
                losses.append(Float(loss))
                if step == 0 { compare(gradient, layout, expected.gradients, label) }
                Kernels.adamW(
                    values, gradient: gradient, first: &first, second: &second,
                    step: Kernels.AdamWStep(
                        number: step + 1, learningRate: expected.kind == "lora" ? 2e-3 : 5e-4, decays: (0.9, 0.999),
                        epsilon: 1e-8, weightDecay: 0.01))
            }
            let difference = Difference(losses, expected.losses)
            #expect(difference.largest <= 1e-3 * max(1, difference.scale), "\(label), losses: \(difference)")
        }
    }

    /// Whether a family has rotary positions, or a bias of scores by distance.
    private static func hasTables(_ name: String) -> Bool {
        name.hasSuffix("of jina") || !["gpt2", "opt", "bert", "roberta", "distilbert"].contains { name.hasPrefix($0) }
    }

    @Test(
        "what a worker's memory holds of a row is what the model's shape says, for a forecast",
        arguments: models.map(\.name))
    func columns(name: String) throws {
        let model = try #require(Self.models.first { $0.name == name })
        let columns = try model.cases.map { expected in
            let (training, workspace) = (try FamilyTraining(model, expected), Workspace())
            let layout = try training.backbone.parameterLayout(of: training.configuration)
            _ = try training.loss(training.initialValues(layout), layout, workspace)
            return workspace.columns
        }
        let shape = try FamilyTraining(model, model.cases[0]).backbone.shape
        // A cosine and a sine for each two components of a head that are turned, at each position, in each kind of layer; a
        // number for each head and either direction.
        #expect(shape.positionFloats % shape.contextLength == 0 && (shape.positionFloats > 0) == Self.hasTables(name))
        let (most, said) = (columns.max() ?? 0, shape.gradientColumns)
        // Where a readout selects some of the rows, those have a matrix of their own, which is small.
        #expect(most <= said + shape.hiddenSize && 10 * most >= 9 * said, "\(name): \(columns), forecast \(said)")
    }

    @Test(
        "along each tensor's gradient the loss rises as steeply as that is long, also where sequences share beginnings",
        // T5's without a gate has bends of ReLU within the steps, in PyTorch too; the others of T5 have the same layers.
        arguments: models.map(\.name).filter { $0 != "t5" })
    func slope(name: String) throws {
        let model = try #require(Self.models.first { $0.name == name })
        for expected in model.cases {
            var training = try FamilyTraining(model, expected)
            training.sequences = training.golden.sequences.map { [3, 14, 15] + $0 }
            training.batch = PackedBatch(sharingBeginnings: training.sequences)
            let layout = try training.backbone.parameterLayout(of: training.configuration)
            let values = try training.initialValues(layout)
            let (_, gradient) = try training.loss(values, layout)
            let whole = Kernels.squaredNorm(gradient).squareRoot()
            for tensor in layout.names {
                let place = try #require(layout[tensor])
                let direction = Matrix(rows: 1, columns: layout.count)
                for column in place.range { direction[0, column] = gradient[0, column] }
                let length = Kernels.squaredNorm(direction).squareRoot()
                // Below this the loss's own rounding is all that differences show.
                guard length > 1e-2 * whole else { continue }
                func moved(_ step: Double) throws -> Double {
                    let point = values.copy()
                    Kernels.add(direction, row: 0, scale: Float(step / length), to: point, row: 0)
                    return try training.loss(point, layout).value
                }
                func difference(_ step: Double) throws -> Double { (try moved(step) - moved(-step)) / (2 * step) }
                // Two steps, so that the loss's curvature along the way cancels.
                let slope = (4 * (try difference(1e-3)) - (try difference(2e-3))) / 3
                #expect(
                    abs(slope - length) <= 1e-2 * length + 2e-4 * whole,
                    "\(name), \(expected.kind), \(expected.bidirectional), \(tensor): \(slope), expected \(length)")
            }
        }
    }

    private func compare(_ gradient: Matrix, _ layout: ParameterLayout, _ expected: [String: [Double]], _ label: String)
    {
        for name in layout.names {
            guard let place = layout[name], let numbers = expected[name] else { continue }
            let found = place.range.map { Double(gradient[0, $0]) }
            let length = found.reduce(0) { $0 + $1 * $1 }.squareRoot()
            let products = ["a", "b"].map { part in
                zip(found, FormulaTensor(name: "\(name).\(part)", shape: [found.count]).values)
                    .reduce(0) { $0 + $1.0 * Double($1.1) }
            }
            // Products of numbers below 0.4: an error of the gradient is as large in them as in its length.
            let worst = zip([length] + products, numbers).map { abs($0 - $1) }.max() ?? 1
            #expect(
                worst <= 1e-4 * max(numbers[0], 1e-3), "\(label), \(name): \([length] + products), expected \(numbers)")
        }
    }
}
