import Tasks
import Foundation
import TestSupport
import Testing

@Suite("Correlations")
struct CorrelationTests {
    let golden: GoldenStatistics

    init() throws { golden = try .load() }

    @Test("Pearson and Spearman equal SciPy's to 1e-10: ties, NaN, constants, tiny and huge values")
    func scipy() {
        #expect(golden.cases.count >= 15)
        for example in golden.cases {
            let x = example.x.map(\.value)
            let y = example.y.map(\.value)
            #expect(agree(pearson(x, y), example.pearson), "pearson of \(example.name)")
            #expect(agree(spearman(x, y), example.spearman), "spearman of \(example.name)")
        }
    }

    @Test("No pair and one pair have no correlation")
    func tooFew() {
        #expect(pearson([], []).isNaN)
        #expect(spearman([], []).isNaN)
        #expect(pearson([1], [2]).isNaN)
        #expect(spearman([1], [2]).isNaN)
    }

    @Test("Tied values share the mean of their ranks; zeros of both signs tie")
    func ranks() {
        #expect(averageRanks([0.5, 0.1, 0.5, 0.9, 0.5]) == [3, 1, 3, 5, 3])
        #expect(averageRanks([0.0, -0.0, -1]) == [2.5, 2.5, 1])
        #expect(averageRanks([]).isEmpty)
    }

    @Test("Values that differ by less than the mean's rounding are no constant")
    func nearlyConstant() {
        let x = (0..<20).map { 0.1 + Double($0) * 0x1p-56 }
        #expect(abs(spearman(x, x) - 1) < 1e-12)
        #expect(abs(pearson(x, x) - 1) < 1e-12)
    }

    @Test("A coefficient never leaves -1…1")
    func clamped() {
        for scale in [0.1, 1.0 / 3.0, 7.0, 1e10] {
            let x = (1...50).map { Double($0) * scale }
            #expect(pearson(x, x) <= 1)
            #expect(pearson(x, x.map(-)) >= -1)
        }
    }
}
