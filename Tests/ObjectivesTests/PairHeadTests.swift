import Diagnostics
import Embedding
import Foundation
import Numerics
import Objectives
import TestSupport
import Testing

@Suite("A head over pairs: a score learnt from scores and from a teacher")
struct PairHeadTests {
    struct Golden: Decodable {
        struct Case: Decodable, CustomTestStringConvertible {
            var alpha: Double
            var hidden: [Int]
            var activation: String
            var parameters: [Float]
            var embeddings: [Float]
            var scores: [Double]
            var teacher: [Double]
            var value: Double
            var gradient: [Double]
            var parameterGradient: [Double]

            var testDescription: String { "alpha \(alpha), hidden \(hidden), \(activation)" }
        }

        var width: Int
        var cases: [Case]
    }

    static let golden: Golden? = {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try? decoder.decode(
            Golden.self, from: Data(contentsOf: URL(fileURLWithPath: Fixtures.golden("pair_head.json"))))
    }()

    private static func step(_ dimensions: Int) -> ObjectiveStep {
        ObjectiveStep(number: 0, seed: 1, layerCount: 2, dimensions: dimensions)
    }

    private static func batch(_ scores: [Double]?, teacher: [Double]?) -> ExampleBatch {
        let kind = scores == nil ? ExampleKind.pair : .scoredPair
        var values: [String: [[Double]]] = [:]
        if let scores { values[ExampleKind.score] = scores.map { [$0] } }
        if let teacher { values[ExampleKind.teacherSimilarity] = teacher.map { [$0] } }
        return ExampleBatch(teacher == nil ? kind : kind.taught, values: values)
    }

    @Test("Value and both gradients are PyTorch's", arguments: golden?.cases ?? [])
    func pyTorch(_ example: Golden.Case) throws {
        let width = try #require(Self.golden?.width)
        var objective = PairHead()
        (objective.alpha, objective.hidden) = (example.alpha, example.hidden)
        objective.activation = try #require(HeadActivation(rawValue: example.activation))
        (objective.scores.lowest, objective.scores.highest) = (0.5, 4.5)
        try objective.validate()
        let shape = objective.layers(Self.step(width))
        #expect(shape.parameterCount == example.parameters.count)
        let head = Head(
            shape,
            values: FrozenMatrix(
                freezing: Matrix(rows: 1, columns: example.parameters.count, example.parameters)))
        let own = Matrix(rows: 1, columns: shape.parameterCount)
        // A gradient is added to what is there.
        own[0, 0] = 1
        let rows = Matrix(rows: example.embeddings.count / width, columns: width, example.embeddings)
        let batch = Self.batch(
            example.alpha == 1 ? nil : example.scores, teacher: example.alpha == 0 ? nil : example.teacher)
        let found = try objective.value(of: [rows], batch, Self.step(width), through: head, into: own)
        own[0, 0] -= 1
        #expect(abs(found.value - example.value) <= 1e-5 * max(1, abs(example.value)))
        let ofRows = Difference(elements(found.gradients[0]), example.gradient)
        let ofParameters = Difference(elements(own), example.parameterGradient)
        #expect(ofRows.relative < 1e-5 && ofParameters.relative < 1e-5, "\(ofRows), \(ofParameters)")
    }

    @Test("There is a golden case without a teacher, with one alone, and with both")
    func goldenIsThere() { #expect(Set((Self.golden?.cases ?? []).map(\.alpha)) == [0, 0.25, 0.5, 1]) }

    @Test("It asks for a teacher and for scores by alpha, and its first values follow from the seed")
    func kinds() throws {
        func takes(_ alpha: Double) -> [ExampleKind] {
            var objective = PairHead()
            objective.alpha = alpha
            return objective.takes
        }
        #expect(takes(0) == [.scoredPair] && takes(0.5) == [.scoredPair.taught])
        #expect(takes(1) == [.pair.taught, .scoredPair.taught])
        var alone = PairHead()
        alone.alpha = 0
        #expect(!alone.needsTeacher && PairHead().needsTeacher)
        var (first, other) = (Self.step(4), Self.step(4))
        (first.seed, other.seed) = (3, 4)
        let numbers = [first, first, other].map { PairHead().firstValues($0).values.array(row: 0) }
        #expect(numbers[0] == numbers[1] && numbers[0] != numbers[2])
        #expect(numbers[0] != Head(PairHead().layers(first), seed: 3).values.array(row: 0))
        #expect(try alone.hasGradient(of: .scores([1, 4]), count: 2, Self.step(4)))
    }

    @Test("Nothing but a finite embedding is scored, and nothing but a training has its layers")
    func refused() throws {
        var objective = PairHead()
        (objective.alpha, objective.hidden) = (0, [2])
        let head = objective.firstValues(Self.step(2))
        let own = Matrix(rows: 1, columns: head.shape.parameterCount)
        let rows = Matrix(rows: 4, columns: 2, [1, 2, 3, 4, 5, .nan, 7, 9])
        let error = try #require(throws: Diagnostic.self) {
            try objective.value(of: [rows], .scores([1, 2]), Self.step(2), through: head, into: own)
        }
        #expect(error.message.hasPrefix("example 2 of the batch, first sentence: expected a finite embedding"))
        let homeless = try #require(throws: Diagnostic.self) { try objective.value(of: rows, .scores([1, 2])) }
        #expect(homeless.message.contains("pair_head has parameters of its own, and can't stand within another one"))
        for alpha in [-0.1, 1.5, .nan] {
            objective.alpha = alpha
            #expect(throws: Diagnostic.self) { try objective.validate() }
        }
        objective.alpha = 0.5
        objective.hidden = [0]
        #expect(throws: Diagnostic.self) { try objective.validate() }
        let wrong = try #require(throws: Diagnostic.self) {
            try PairHead().check(Self.batch([7], teacher: [0.5]))
        }
        #expect(wrong.message.contains("expected a score from 0.0 to 5.0, found 7.0"))
    }
}
