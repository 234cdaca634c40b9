import Diagnostics
import Foundation
import Models
import Numerics
import Objectives
import TestSupport
import Testing

@Suite("Objectives over objectives")
struct WrapperTests {
    private struct Golden: Decodable {
        var dimensions: [Int]
        var weights: [Double]
        var hidden: Int
        var embeddings: [Float]
        var value: Double
        var gradient: [Double]
    }

    @Test("Matryoshka over in-batch negatives equals sentence-transformers' MatryoshkaLoss")
    func matryoshka() throws {
        let data = try Data(contentsOf: URL(fileURLWithPath: Fixtures.golden("matryoshka.json")))
        let golden = try JSONDecoder().decode(Golden.self, from: data)
        var objective = Matryoshka()
        (objective.dimensions, objective.weights) = (golden.dimensions, golden.weights)
        let embeddings = Matrix(
            rows: golden.embeddings.count / golden.hidden, columns: golden.hidden, golden.embeddings)
        let found = try objective.value(of: embeddings, .pairs)
        #expect(abs(found.value - golden.value) < 1e-5 * golden.value)
        let difference = Difference(elements(found.gradients[0]), golden.gradient)
        #expect(difference.relative < 1e-5, "\(difference)")
    }

    @Test("A sum's value and gradient are its terms', weighted; one term of weight 1 is that term by a bit")
    func sum() throws {
        let (embeddings, scores) = (random(rows: 6), ExampleBatch.scores([1, 5, 3]))
        let (first, second) = (
            try CoSENT().value(of: embeddings, scores), try CosineRegression().value(of: embeddings, scores)
        )
        var sum = WeightedSum()
        sum.terms = [.init(weight: 0.25, CoSENT()), .init(weight: 0.75, CosineRegression())]
        let both = try sum.value(of: embeddings, scores)
        #expect(abs(both.value - 0.25 * first.value - 0.75 * second.value) < 1e-12)
        let expected = zip(elements(first.gradients[0]), elements(second.gradients[0])).map {
            0.25 * Double($0) + 0.75 * Double($1)
        }
        #expect(Difference(elements(both.gradients[0]), expected).relative < 1e-6)
        sum.terms = [.init(CoSENT())]
        let alone = try sum.value(of: embeddings, scores)
        #expect(elements(alone.gradients[0]).bits == elements(first.gradients[0]).bits)
        #expect(sum.takes == [.scoredPair])
    }

    @Test("Cosine regression equals its naive form by finite differences, and refuses a score out of its range")
    func regression() throws {
        let (embeddings, batch) = (random(rows: 8), ExampleBatch.scores([0, 2.5, 5, 4]))
        let found = try CosineRegression().value(of: embeddings, batch)
        let reference = ReferenceLoss(loss: CosineRegression(), targets: batch)
        let rows = (0..<8).map { embeddings.array(row: $0).map(Double.init) }
        #expect(abs(found.value - reference.value(rows)) < 1e-6)
        #expect(Difference(elements(found.gradients[0]), reference.gradient(rows)).relative < 1e-5)
        let error = try #require(throws: Diagnostic.self) {
            try CosineRegression().value(of: embeddings, .scores([0, 2, 5.1, 4]))
        }
        #expect(error.message.contains("example 3: expected a score from 0.0 to 5.0, found 5.1"))
    }

    @Test("Objectives compose in a recipe and are written as they were read; what is wrong has its place")
    func composed() throws {
        func text(_ text: String) -> PlainValue { PlainValue(.text(text)) }
        let matryoshka = PlainValue(
            .mapping([
                (
                    "matryoshka",
                    PlainValue(
                        .mapping([
                            ("of", text("cosent")),
                            ("dimensions", PlainValue(.list([PlainValue(.integer(4)), PlainValue(.integer(2))]))),
                        ]))
                )
            ]))
        let term = PlainValue(.mapping([("weight", PlainValue(.number(0.5))), ("of", matryoshka)]))
        let sum = PlainValue(.mapping([("sum", PlainValue(.mapping([("terms", PlainValue(.list([term])))])))]))
        let read = try #require(try ObjectiveCatalogue.objective(sum) as? WeightedSum)
        let inner = try #require(read.terms[0].objective.base as? Matryoshka)
        #expect(inner.dimensions == [4, 2] && inner.inner == AnyObjective(CoSENT()))
        #expect(AnyObjective(try ObjectiveCatalogue.objective(read.plainValue)).hashValue != 0)
        let again = try #require(try ObjectiveCatalogue.objective(read.plainValue) as? WeightedSum)
        #expect((again.terms[0].objective.base as? Matryoshka)?.dimensions == [4, 2])

        let place = SourceLocation(file: "x.yaml", line: 7)
        for (value, words) in [
            (PlainValue(.text("matryoska"), at: place), "did you mean \"matryoshka\"?"),
            (
                PlainValue(
                    .mapping([("cosent", PlainValue(.mapping([("scael", PlainValue(.integer(1), at: place))])))])),
                "scale"
            ),
            (
                PlainValue(
                    .mapping([("cosent", PlainValue(.mapping([("scale", PlainValue(.text("x"), at: place))])))])),
                "a number"
            ),
            (PlainValue(.mapping([("matryoshka", PlainValue(.mapping([]), at: place))])), "different numbers above 0"),
        ] {
            let error = try #require(throws: Diagnostic.self) { _ = try ObjectiveCatalogue.objective(value) }
            #expect(error.location == place && error.description.contains(words), "\(error)")
        }
        let keys = ObjectiveCatalogue.plain.flatMap { $0.keys }
        #expect(Set(keys).count == keys.count, "two plain objectives share a key")
    }

    @Test("An objective may read two layers and two counts of dimensions, drawn anew in each step and the same again")
    func twoDimensional() throws {
        let step = ObjectiveStep(number: 3, seed: 1, layerCount: 6, dimensions: 8)
        let (plan, again) = (try ViewPlan(TwoViews(), step), try ViewPlan(TwoViews(), step))
        #expect(plan.views == again.views)
        #expect(plan.layers.count == 2 && plan.layers[0] == .last)
        let others = try (0..<20).map {
            try ViewPlan(TwoViews(), ObjectiveStep(number: $0, seed: 1, layerCount: 6, dimensions: 8))
        }
        #expect(Set(others.map(\.views)).count > 5)

        let layers = [random(rows: 4), random(rows: 4, seed: 8)]
        func value(_ layers: [Matrix]) throws -> ObjectiveValue {
            try TwoViews().value(of: plan.cut(layers), .pairs, step)
        }
        let gradients = plan.join(try value(layers).gradients, of: layers)
        for layer in 0..<2 {
            for (row, column) in [(0, 0), (1, 1), (3, 7)] {
                let before = layers[layer][row, column]
                layers[layer][row, column] = before + 0.01
                let above = try value(layers).value
                layers[layer][row, column] = before - 0.01
                let below = try value(layers).value
                layers[layer][row, column] = before
                #expect(abs((above - below) / 0.02 - Double(gradients[layer][row, column])) < 1e-2)
            }
        }
        let deep = ObjectiveStep(number: 0, seed: 1, layerCount: 6, dimensions: 1)
        #expect(throws: Diagnostic.self) { try ViewPlan(TwoViews(), deep) }
    }

    private func random(rows: Int, seed: UInt64 = 7) -> Matrix {
        var random = SeededRandom(seed: seed)
        return Matrix(rows: rows, columns: 8, random.floats(rows * 8))
    }
}

/// The shape of 2D Matryoshka, arXiv 2402.14776: the last layer and a drawn one, each whole and cut.
private struct TwoViews: Objective {
    static let name = "two_views"
    static let fields: [ObjectiveField<Self>] = []
    var takes: [ExampleKind] { [.pair] }

    func validate() throws {}

    func views(_ step: ObjectiveStep) -> [EmbeddingView] {
        var random = SeededRandom(seed: step.seed &* 1000 &+ UInt64(step.number))
        let layer = HiddenLayer(Int.random(in: 1..<step.layerCount, using: &random))
        let dimensions = 2 * Int.random(in: 1...3, using: &random)
        return [
            .whole, EmbeddingView(layer: layer), EmbeddingView(dimensions: dimensions),
            EmbeddingView(layer: layer, dimensions: dimensions),
        ]
    }

    func value(of embeddings: [Matrix], _ batch: ExampleBatch, _ step: ObjectiveStep) throws -> ObjectiveValue {
        let found = try embeddings.map { try InBatchNegatives(temperature: 1).value(of: $0, batch) }
        return ObjectiveValue(
            value: found.reduce(0) { $0 + $1.value }, gradients: found.flatMap(\.gradients))
    }
}
