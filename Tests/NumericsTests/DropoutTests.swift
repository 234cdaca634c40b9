import Numerics
import TestSupport
import Testing

@Suite struct DropoutTests {
    private let ones = Matrix(rows: 300, columns: 577, [Float](repeating: 1, count: 300 * 577))

    private func dropped(_ dropout: Dropout) -> [Float] {
        let out = Matrix(rows: 300, columns: 577)
        Kernels.drop(ones, dropout, into: out)
        return out.elements
    }

    @Test("the share that is left out is the rate, and what stays keeps the mean", arguments: [Float(0.05), 0.1, 0.5])
    func rate(rate: Float) {
        let found = dropped(Dropout(rate: rate, seed: 3))
        let share = Float(found.count { $0 == 0 }) / Float(found.count)
        // Four standard deviations of a binomial share.
        #expect(abs(share - rate) < 4 * (rate * (1 - rate) / Float(found.count)).squareRoot(), "\(share)")
        #expect(found.allSatisfy { $0 == 0 || $0 == 1 / (1 - rate) })
    }

    @Test("rows, columns, seeds and parts leave out unrelated elements")
    func unrelated() {
        let dropout = Dropout(rate: 0.5, seed: 7)
        let found = dropped(dropout)
        #expect(found == dropped(dropout))
        /// The share of places where two choices agree: a half for unrelated ones.
        func agreement(_ other: [Float]) -> Double {
            Double(zip(found, other).count { $0 == $1 }) / Double(min(found.count, other.count))
        }
        #expect(abs(agreement(dropped(Dropout(rate: 0.5, seed: 8))) - 0.5) < 0.01)
        #expect(abs(agreement(dropped(dropout.part(0))) - 0.5) < 0.01)
        #expect(abs(agreement(Array(found.dropFirst(577))) - 0.5) < 0.01)
        #expect(abs(agreement(Array(found.dropFirst(1))) - 0.5) < 0.01)
        #expect(dropout.part(1) != dropout.part(2))
    }

    @Test("none at a rate of 0, and added where asked for")
    func nothing() {
        #expect(dropped(Dropout(rate: 0, seed: 1)).allSatisfy { $0 == 1 })
        let out = ones.copy()
        Kernels.drop(ones, Dropout(rate: 0.5, seed: 1), into: out, accumulating: true)
        #expect(Set(out.elements) == [1, 3])
    }
}
