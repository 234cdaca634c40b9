import Diagnostics
import Foundation
import Numerics
import Objectives
import TestSupport
import Testing

@Suite("Distillation: a task, and beside it a teacher's similarities")
struct DistillationTests {
    struct Golden: Decodable {
        struct Case: Decodable, CustomTestStringConvertible {
            var of: String
            var alpha: Double
            var embeddings: [Float]
            var scores: [Double]?
            var teacher: [Double]
            var value: Double
            var gradient: [Double]

            var testDescription: String { "\(of), alpha \(alpha)" }
        }

        var hidden: Int
        var cases: [Case]
    }

    static let golden = try? JSONDecoder().decode(
        Golden.self, from: Data(contentsOf: URL(fileURLWithPath: Fixtures.golden("distillation.json"))))

    private static func batch(_ kind: ExampleKind, _ scores: [Double]?, teacher: [Double]) -> ExampleBatch {
        var values = [ExampleKind.teacherSimilarity: teacher.map { [$0] }]
        if let scores { values[ExampleKind.score] = scores.map { [$0] } }
        return ExampleBatch(kind.taught, values: values)
    }

    @Test("Value and gradient are PyTorch's", arguments: golden?.cases ?? [])
    func pyTorch(_ example: Golden.Case) throws {
        let hidden = try #require(Self.golden?.hidden)
        let embeddings = Matrix(rows: example.embeddings.count / hidden, columns: hidden, example.embeddings)
        var regression = CosineRegression()
        (regression.lowest, regression.highest) = (0.5, 4.5)
        let tasks: [any Objective] = [regression, CoSENT(), InBatchNegatives()]
        var objective = Distillation()
        objective.task = AnyObjective(try #require(tasks.first { type(of: $0).name == example.of }))
        objective.alpha = example.alpha
        let batch = Self.batch(
            example.scores == nil ? .pair : .scoredPair, example.scores, teacher: example.teacher)
        let found = try objective.value(of: embeddings, batch)
        #expect(abs(found.value - example.value) <= 1e-5 * max(1, abs(example.value)))
        let difference = Difference(elements(found.gradients[0]), example.gradient)
        #expect(difference.relative < 1e-5, "\(difference)")
    }

    @Test("There is a golden case for every kind of task and for a teacher alone")
    func goldenIsThere() {
        let cases = Self.golden?.cases ?? []
        #expect(Set(cases.map(\.of)).count == 3 && Set(cases.map(\.alpha)) == [0.125, 0.5, 1])
    }

    @Test("Within a sum, the other terms see their own numbers, in any order; Matryoshka hands a teacher on")
    func wrapped() throws {
        let embeddings = Matrix(rows: 6, columns: 4, (0..<24).map { Float(($0 * 7) % 11) - 4.5 })
        let batch = Self.batch(.scoredPair, [1, 5, 3], teacher: [0.1, 0.9, -0.2])
        let apart = try (
            CoSENT().value(of: embeddings, .scores([1, 5, 3])), Distillation().value(of: embeddings, batch)
        )
        let orders: [[any Objective]] = [[CoSENT(), Distillation()], [Distillation(), CoSENT()]]
        for terms in orders {
            var sum = WeightedSum()
            sum.terms = terms.map { .init($0) }
            try sum.validate()
            #expect(sum.needsTeacher)
            let found = try sum.value(of: embeddings, batch)
            #expect(abs(found.value - apart.0.value - apart.1.value) < 1e-12)
        }
        var nested = Matryoshka()
        nested.inner = AnyObjective(Distillation())
        nested.dimensions = [4, 2]
        #expect(nested.needsTeacher && !CoSENT().needsTeacher)
        #expect(try nested.value(of: embeddings, batch).value > apart.1.value)
    }

    @Test("Pairs that nobody taught are refused, and so is a task that can't be taught")
    func refused() throws {
        let embeddings = Matrix(rows: 4, columns: 2, [1, 2, 3, 4, 5, 6, 7, 9])
        let untaught = try #require(throws: Diagnostic.self) {
            try Distillation().value(of: embeddings, .scores([1, 2]))
        }
        #expect(
            untaught.message.contains(
                "learns from pairs with scores and a teacher's similarities, found pairs with scores"))
        var objective = Distillation()
        for alpha in [0, -0.5, 1.5, .nan] {
            objective.alpha = alpha
            let error = try #require(throws: Diagnostic.self) { try objective.validate() }
            #expect(error.message.contains("expected alpha to be above 0 and at most 1"))
        }
        objective = Distillation()
        objective.task = AnyObjective(Distillation())
        #expect(throws: Diagnostic.self) { try objective.validate() }
        // A teacher alone asks for no scores.
        objective = Distillation()
        objective.alpha = 1
        #expect(try objective.value(of: embeddings, Self.batch(.pair, nil, teacher: [1, 0])).value >= 0)
        #expect(objective.takes.contains(.pair.taught) && !Distillation().takes.contains(.pair.taught))
    }
}
