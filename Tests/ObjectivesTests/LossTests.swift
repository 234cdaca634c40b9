import Diagnostics
import Foundation
import Numerics
import Objectives
import TestSupport
import Testing

@Suite("Losses")
struct LossTests {
    static let golden = (try? GoldenLosses.load().cases) ?? []

    @Test("Value and gradient equal angle_emb's and torch autograd's", arguments: golden)
    func goldenValues(example: GoldenLosses.Case) throws {
        let found = try example.trainingLoss.value(of: matrix(example), example.targets)
        #expect(abs(found.value - example.value) <= 1e-5 * max(1, abs(example.value)))
        let difference = Difference(elements(found.gradients[0]), example.gradient)
        #expect(difference.largest <= 1e-5 * max(1e-3, difference.scale), "\(difference)")
    }

    @Test("Value and gradient equal those of the naive float64 losses by finite differences", arguments: golden)
    func finiteDifferences(example: GoldenLosses.Case) throws {
        // With graded scores angle_emb's in-batch loss has accidental targets, which the naive one has not.
        if let loss = example.trainingLoss as? AnglE, loss.inBatchWeight > 0, (example.scores?.max() ?? 0) > 1 {
            return
        }
        let input = matrix(example)
        let found = try example.trainingLoss.value(of: input, example.targets)
        let reference = ReferenceLoss(loss: example.trainingLoss, targets: example.targets)
        let rows = (0..<input.rows).map { input.array(row: $0).map(Double.init) }
        #expect(abs(found.value - reference.value(rows)) <= 1e-5 * max(1, abs(found.value)))
        let difference = Difference(elements(found.gradients[0]), reference.gradient(rows))
        #expect(difference.largest <= 1e-5 * max(1e-3, difference.scale), "\(difference)")
    }

    @Test("There is a golden case for every loss")
    func goldenIsThere() {
        #expect(Set(Self.golden.map(\.loss)) == ["in_batch_negatives", "cosent", "angle"])
    }

    @Test("Where nothing is to be told apart, loss and gradient are exactly 0")
    func nothingToLearn() throws {
        let pair = random(rows: 2)
        let one = try InBatchNegatives().value(of: pair, .pairs)
        #expect(one.value == 0)
        #expect(elements(one.gradients[0]).allSatisfy { $0 == 0 })
        for scores in [[3.0, 3, 3], [0, 0, 0]] {
            let tied = try CoSENT().value(of: random(rows: 6), .scores(scores))
            #expect(tied.value == 0)
            #expect(elements(tied.gradients[0]).allSatisfy { $0 == 0 })
        }
    }

    @Test("Two examples with the same positive share the probability: the loss can't fall below log 2")
    func duplicates() throws {
        let shared: [Float] = [1, 0, 0, 0]
        let embeddings = Matrix(rows: 4, columns: 4, shared + shared + shared + shared)
        let found = try InBatchNegatives().value(of: embeddings, .pairs)
        #expect(abs(found.value - log(2)) < 1e-6)
        #expect(elements(found.gradients[0]).allSatisfy { abs($0) < 1e-6 })
    }

    @Test("A loss doesn't change with the embeddings' lengths, and huge or tiny ones neither overflow nor vanish")
    func lengths() throws {
        let embeddings = random(rows: 9)
        let loss = AnglE()
        let expected = try loss.value(of: embeddings, .triplets)
        for scale in [1e-18, 1e18] {
            let scaled = Matrix(rows: 9, columns: embeddings.columns)
            Kernels.scaleRows(embeddings, by: Array(repeating: scale, count: 9), into: scaled)
            let found = try loss.value(of: scaled, .triplets)
            #expect(abs(found.value - expected.value) < 1e-5)
            let restored = elements(found.gradients[0]).map { Double($0) * scale }
            #expect(Difference(elements(expected.gradients[0]), restored).relative < 1e-5)
        }
    }

    @Test("An embedding without a direction or with a NaN is an error that names the example and the sentence")
    func badEmbeddings() throws {
        for (value, words) in [(Float.nan, "NaN"), (.infinity, "NaN or infinity"), (0, "no direction")] {
            let embeddings = random(rows: 9)
            for column in 0..<embeddings.columns { embeddings[5, column] = value }
            let error = try #require(throws: Diagnostic.self) {
                try InBatchNegatives().value(of: embeddings, .triplets)
            }
            #expect(error.message.contains("example 2 of the batch, hard negative"))
            #expect(error.message.contains(words))
        }
    }

    @Test("What a loss can't learn from is an error before any work")
    func wrongTargets() throws {
        let embeddings = random(rows: 6)
        let wrong: [(any Objective, ExampleBatch, String)] = [
            (InBatchNegatives(), .scores([1, 2, 3]), "found pairs with scores"),
            (CoSENT(), .pairs, "learns from pairs with scores"),
            (CoSENT(), .scores([1, 2]), "expected 3 scores"),
            (CoSENT(), .scores([1, .nan, 2]), "example 2"),
            (CoSENT(scale: 0), .scores([1, 2, 3]), "scale"),
            (InBatchNegatives(temperature: -1), .pairs, "temperature"),
        ]
        for (loss, batch, words) in wrong {
            let error = try #require(throws: Diagnostic.self) { try loss.value(of: embeddings, batch) }
            #expect(error.message.contains(words), "\(error)")
        }
        let four = random(rows: 4)
        #expect(throws: Diagnostic.self) {
            try InBatchNegatives().value(of: four, .triplets)
        }
        let odd = Matrix(rows: 2, columns: 3, [1, 2, 3, 4, 5, 6])
        #expect(throws: Diagnostic.self) { try AnglE().value(of: odd, .scores([1])) }
        var silent = AnglE()
        (silent.inBatchWeight, silent.angleWeight) = (0, 0)
        #expect(throws: Diagnostic.self) { try silent.value(of: embeddings, .scores([1, 2, 3])) }
    }

    @Test("The same bits come out twice of a batch of 512 triplets")
    func reproducible() throws {
        let embeddings = random(rows: 3 * 512, columns: 576)
        let loss = InBatchNegatives()
        let (first, second) = try (
            loss.value(of: embeddings, .triplets), loss.value(of: embeddings, .triplets)
        )
        #expect(elements(first.gradients[0]).bits == elements(second.gradients[0]).bits)
    }

    private func matrix(_ example: GoldenLosses.Case) -> Matrix {
        Matrix(rows: example.rows, columns: example.embeddings.count / example.rows, example.embeddings)
    }

    private func random(rows: Int, columns: Int = 8) -> Matrix {
        var random = SeededRandom(seed: 7)
        return Matrix(rows: rows, columns: columns, random.floats(rows * columns))
    }
}

/// All elements, row by row.
func elements(_ matrix: Matrix) -> [Float] { (0..<matrix.rows).flatMap { matrix.array(row: $0) } }
