import Diagnostics
import Embedding
import Foundation
import Models
import Numerics
import TestSupport
import Testing
import Training

/// A tiny model that can be trained, with a tokenizer of single bytes.
struct TinyTraining {
    let model: PretrainedModel
    let backbone: any AdaptableBackbone
    var method = EmbeddingMethod(pooling: .mean, attention: .last(1))

    init(_ tiny: TinyLlama = .ofFormula, precision: Precision = .float32) throws {
        model = try Fixtures.withTemporaryFolder { folder in
            let path = folder + "/tiny.gguf"
            try Data(tiny.fileWithTokenizer.bytes).write(to: URL(fileURLWithPath: path))
            return try PretrainedModel(path: path)
        }
        backbone = try #require(
            model.backbone(linear: LinearMaker(precision: precision, isDifferentiable: true)) as? any AdaptableBackbone)
        method.templates = RoleTemplates(try PromptTemplate("Say \"{text}\" in one word:\""))
    }

    /// An adapter whose tensors all have an effect.
    func adapter(_ configuration: AdapterConfiguration) throws -> Adapter {
        let layout = try backbone.parameterLayout(of: configuration)
        let values = layout.names.flatMap { name in
            FormulaNumbers.floats(name, count: layout[name]?.count ?? 0, within: 0.2)
        }
        return Adapter(
            configuration: configuration, layout: layout,
            values: FrozenMatrix(freezing: Matrix(rows: 1, columns: layout.count, values)))
    }

    func prompts(_ examples: [TrainingExample]) throws -> Prompts {
        try Prompts(
            examples.flatMap(\.sentences), by: method,
            tokenizer: model.tokenizer, contextLength: model.shape.contextLength)
    }

    /// Triplets of sentences that have nothing to say.
    static func triplets(_ count: Int) -> [TrainingExample] {
        var random = SeededRandom(seed: 21)
        func sentence() -> String {
            (0..<Int.random(in: 1...7, using: &random))
                .map { _ in ["dog", "sun", "he", "plays", "a", "rain", "river"].randomElement(using: &random) ?? "" }
                .joined(separator: " ")
        }
        return (0..<count).map { number in
            .triplet(anchor: "\(number) " + sentence(), positive: sentence(), negative: sentence())
        }
    }

    func train(
        _ recipe: TrainingRecipe, workers: Int = 2, checkpoint: (path: String, fingerprint: String)? = nil,
        development: DevelopmentSet? = nil, examples: [TrainingExample] = Self.triplets(40),
        observe: @escaping @Sendable (Trainer.Event) -> Void = { _ in }
    ) async throws -> TrainedAdapter {
        var trainer = try Trainer(recipe, method: method, workers: workers)
        trainer.checkpoint = checkpoint
        trainer.development = development
        return try await trainer.train(model, backbone: backbone, examples: examples, observe: observe)
    }
}

extension TinyTraining {
    /// Expects that along an adapter's gradient the loss rises by the gradient's squared length.
    ///
    /// - Parameters:
    ///   - tolerance: of that, as a part of it
    ///   - loss: with a backbone that the adapter's numbers change, and its gradient by them
    func expectSlope(
        of adapter: Adapter, within tolerance: Double,
        loss: (any AdaptableBackbone) async throws -> (value: Double, gradient: [Float])
    ) async throws {
        func found(_ values: [Float]) async throws -> (value: Double, gradient: [Float]) {
            let changed = Adapter(
                configuration: adapter.configuration, layout: adapter.layout,
                values: FrozenMatrix(freezing: Matrix(rows: 1, columns: values.count, values)))
            return try await loss(backbone.adapted(by: changed))
        }
        let values = adapter.values.array(row: 0)
        let gradient = try await found(values).gradient
        let square = gradient.reduce(0) { $0 + Double($1) * Double($1) }
        #expect(square > 0)
        let step = 1e-3 / square.squareRoot()
        let up = try await found(zip(values, gradient).map { $0 + Float(step) * $1 }).value
        let down = try await found(zip(values, gradient).map { $0 - Float(step) * $1 }).value
        let slope = (up - down) / (2 * step)
        #expect(abs(slope - square) < tolerance * square, "slope \(slope), squared gradient \(square)")
    }
}

extension Adapter {
    var bits: [UInt32] { values.array(row: 0).bits }
}

/// All elements, row by row.
func elements(_ matrix: Matrix) -> [Float] { (0..<matrix.rows).flatMap { matrix.array(row: $0) } }
