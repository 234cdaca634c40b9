import Diagnostics
import Foundation
import Numerics
import TestSupport
import Testing
import Training

@Suite("Losses")
struct LossTests {
    static let golden = (try? GoldenLosses.load().cases) ?? []

    @Test("Value and gradient equal angle_emb's and torch autograd's", arguments: golden)
    func goldenValues(example: GoldenLosses.Case) throws {
        let found = try example.trainingLoss.loss(of: matrix(example), targets: example.targets)
        #expect(abs(found.value - example.value) <= 1e-5 * max(1, abs(example.value)))
        let difference = Difference(elements(found.gradient), example.gradient)
        #expect(difference.largest <= 1e-5 * max(1e-3, difference.scale), "\(difference)")
    }

    @Test("Value and gradient equal those of the naive float64 losses by finite differences", arguments: golden)
    func finiteDifferences(example: GoldenLosses.Case) throws {
        // With graded scores angle_emb's in-batch loss has accidental targets, which the naive one has not.
        if case .angle(let loss) = example.trainingLoss, loss.inBatchWeight > 0, (example.scores?.max() ?? 0) > 1 {
            return
        }
        let input = matrix(example)
        let found = try example.trainingLoss.loss(of: input, targets: example.targets)
        let reference = ReferenceLoss(loss: example.trainingLoss, targets: example.targets)
        let rows = (0..<input.rows).map { input.array(row: $0).map(Double.init) }
        #expect(abs(found.value - reference.value(rows)) <= 1e-5 * max(1, abs(found.value)))
        let difference = Difference(elements(found.gradient), reference.gradient(rows))
        #expect(difference.largest <= 1e-5 * max(1e-3, difference.scale), "\(difference)")
    }

    @Test("There is a golden case for every loss")
    func goldenIsThere() {
        #expect(Set(Self.golden.map(\.loss)) == ["in_batch_negatives", "cosent", "angle"])
    }

    @Test("Where nothing is to be told apart, loss and gradient are exactly 0")
    func nothingToLearn() throws {
        let pair = random(rows: 2)
        let one = try Loss.inBatchNegatives(InBatchNegatives()).loss(of: pair, targets: .pairs)
        #expect(one.value == 0)
        #expect(elements(one.gradient).allSatisfy { $0 == 0 })
        for scores in [[3.0, 3, 3], [0, 0, 0]] {
            let tied = try Loss.coSENT(CoSENT()).loss(of: random(rows: 6), targets: .scores(scores))
            #expect(tied.value == 0)
            #expect(elements(tied.gradient).allSatisfy { $0 == 0 })
        }
    }

    @Test("Two examples with the same positive share the probability: the loss can't fall below log 2")
    func duplicates() throws {
        let shared: [Float] = [1, 0, 0, 0]
        let embeddings = Matrix(rows: 4, columns: 4, shared + shared + shared + shared)
        let found = try Loss.inBatchNegatives(InBatchNegatives()).loss(of: embeddings, targets: .pairs)
        #expect(abs(found.value - log(2)) < 1e-6)
        #expect(elements(found.gradient).allSatisfy { abs($0) < 1e-6 })
    }

    @Test("A loss doesn't change with the embeddings' lengths, and huge or tiny ones neither overflow nor vanish")
    func lengths() throws {
        let embeddings = random(rows: 9)
        let loss = Loss.angle(AnglE())
        let expected = try loss.loss(of: embeddings, targets: .triplets)
        for scale in [1e-18, 1e18] {
            let scaled = Matrix(rows: 9, columns: embeddings.columns)
            Kernels.scaleRows(embeddings, by: Array(repeating: scale, count: 9), into: scaled)
            let found = try loss.loss(of: scaled, targets: .triplets)
            #expect(abs(found.value - expected.value) < 1e-5)
            let restored = elements(found.gradient).map { Double($0) * scale }
            #expect(Difference(elements(expected.gradient), restored).relative < 1e-5)
        }
    }

    @Test("An embedding without a direction or with a NaN is an error that names the example and the sentence")
    func badEmbeddings() throws {
        for (value, words) in [(Float.nan, "NaN"), (.infinity, "NaN or infinity"), (0, "no direction")] {
            let embeddings = random(rows: 9)
            for column in 0..<embeddings.columns { embeddings[5, column] = value }
            let error = try #require(throws: Diagnostic.self) {
                try Loss.inBatchNegatives(InBatchNegatives()).loss(of: embeddings, targets: .triplets)
            }
            #expect(error.message.contains("example 2 of the batch, hard negative"))
            #expect(error.message.contains(words))
        }
    }

    @Test("What a loss can't learn from is an error before any work")
    func wrongTargets() throws {
        let embeddings = random(rows: 6)
        let wrong: [(Loss, LossTargets, String)] = [
            (.inBatchNegatives(InBatchNegatives()), .scores([1, 2, 3]), "found pairs with scores"),
            (.coSENT(CoSENT()), .pairs, "learns from pairs with scores"),
            (.coSENT(CoSENT()), .scores([1, 2]), "expected 3 scores"),
            (.coSENT(CoSENT()), .scores([1, .nan, 2]), "example 2"),
            (.coSENT(CoSENT(scale: 0)), .scores([1, 2, 3]), "scale"),
            (.inBatchNegatives(InBatchNegatives(temperature: -1)), .pairs, "temperature"),
        ]
        for (loss, targets, words) in wrong {
            let error = try #require(throws: Diagnostic.self) { try loss.loss(of: embeddings, targets: targets) }
            #expect(error.message.contains(words), "\(error)")
        }
        let four = random(rows: 4)
        #expect(throws: Diagnostic.self) {
            try Loss.inBatchNegatives(InBatchNegatives()).loss(of: four, targets: .triplets)
        }
        let odd = Matrix(rows: 2, columns: 3, [1, 2, 3, 4, 5, 6])
        #expect(throws: Diagnostic.self) { try Loss.angle(AnglE()).loss(of: odd, targets: .scores([1])) }
        var silent = AnglE()
        (silent.inBatchWeight, silent.angleWeight) = (0, 0)
        #expect(throws: Diagnostic.self) { try Loss.angle(silent).loss(of: embeddings, targets: .scores([1, 2, 3])) }
    }

    @Test("The same bits come out twice of a batch of 512 triplets")
    func reproducible() throws {
        let embeddings = random(rows: 3 * 512, columns: 576)
        let loss = Loss.inBatchNegatives(InBatchNegatives())
        let (first, second) = try (
            loss.loss(of: embeddings, targets: .triplets), loss.loss(of: embeddings, targets: .triplets)
        )
        #expect(elements(first.gradient).bits == elements(second.gradient).bits)
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
