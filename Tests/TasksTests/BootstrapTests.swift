import Tasks
import Foundation
import TestSupport
import Testing

@Suite("The bootstrap")
struct BootstrapTests {
    @Test("A resample's coefficient is the one of the drawn pairs, ranked anew: ties, signs and constants included")
    func naive() {
        let gold = [0, 0.2, 0.2, 1, 1, 1, 2.5, 4, 4, 5, 5, 5, 3, 3, 2]
        let variables = [
            [0.1, 0.4, 0.4, -0.3, 0.9, 0.9, 0.8, 0.85, 0.7, 0.4, 0.1, 0.95, 0.0, -0.0, 0.2],
            Array(repeating: 0.5, count: 15), gold.map { -$0 },
            gold.indices.map { $0 < 12 ? 0 : 1 },
        ]
        let bootstrap = Bootstrap(resamples: 200, seed: 5)
        let fast = bootstrap.correlations(of: variables, with: gold, stream: "toy")
        for resample in 0..<200 {
            let counts = Bootstrap.draw(15, seed: Bootstrap.seed(5, of: "toy"), resample: resample)
            #expect(counts.reduce(0, +) == 15)
            let drawn = counts.indices.flatMap { Array(repeating: $0, count: counts[$0]) }
            for (variable, coefficients) in zip(variables, fast) {
                let (x, y) = (drawn.map { variable[$0] }, drawn.map { gold[$0] })
                for (expected, found) in [
                    (spearman(x, y), coefficients.spearman[resample]), (pearson(x, y), coefficients.pearson[resample]),
                ] {
                    #expect(expected.isNaN ? found.isNaN : abs(found - expected) < 1e-12)
                }
            }
        }
    }

    @Test("Percentile intervals equal SciPy's of the same data within the Monte-Carlo error")
    func scipy() throws {
        for example in try GoldenBootstrap.load() {
            let bootstrap = Bootstrap(resamples: 10_000, seed: 3)
            let distributions = bootstrap.correlations(
                of: [example.first, example.second], with: example.gold, stream: "x"
            ).map(\.spearman)
            let differences = zip(distributions[0], distributions[1]).map { $1 - $0 }
            let found = (distributions + [differences]).map(ConfidenceInterval.init(percentilesOf:))
            for (interval, golden) in zip(found, [example.firstInterval, example.secondInterval, example.change]) {
                let tolerance = 0.12 * golden.standardError
                #expect(abs(interval.lower - golden.lower) < tolerance, "\(example.name)")
                #expect(abs(interval.upper - golden.upper) < tolerance, "\(example.name)")
            }
        }
    }

    @Test("A seed fixes every number, on every machine; another seed or task draws other pairs")
    func seeds() {
        let gold = (0..<50).map { Double($0 % 7) }
        let cosines = (0..<50).map { sin(Double($0)) + Double($0 % 7) / 5 }
        func distribution(_ seed: UInt64, _ stream: String) -> [Double] {
            Bootstrap(resamples: 20, seed: seed).correlations(of: [cosines], with: gold, stream: stream)[0]
                .spearman
        }
        #expect(distribution(1, "STS12") == distribution(1, "STS12"))
        #expect(distribution(1, "STS12") != distribution(2, "STS12"))
        #expect(distribution(1, "STS12") != distribution(1, "STS13"))
        #expect(Bootstrap.draw(8, seed: Bootstrap.seed(1111, of: "STS-B"), resample: 1) == [1, 1, 0, 2, 1, 0, 2, 1])
    }

    @Test("Without pairs, with a NaN, or with a resample that has no coefficient, the interval is undefined")
    func undefined() {
        let bootstrap = Bootstrap(resamples: 100, seed: 1)
        let cases: [([Double], [Double])] = [
            ([], []), ([1], [1]), ([1, .nan, 3], [1, 2, 3]), ([1, 2, 3], [1, .nan, 3]), ([1, 2, 3], [1, 2, 3]),
        ]
        for (x, gold) in cases {
            let distribution = bootstrap.correlations(of: [x], with: gold, stream: "")[0].spearman
            #expect(distribution.count == 100)
            #expect(ConfidenceInterval(percentilesOf: distribution).lower.isNaN)
            #expect(PairedDifference(observed: 0, resampled: distribution).pValue.isNaN)
        }
    }

    @Test("The p-value is 1 for equal runs, smallest where every resample agrees, and twice the smaller tail between")
    func pValue() {
        func p(_ resampled: [Double]) -> Double { PairedDifference(observed: 0, resampled: resampled).pValue }
        #expect(p(Array(repeating: 0, count: 99)) == 1)
        #expect(p(Array(repeating: 0.5, count: 99)) == 0.02)
        #expect(p(Array(repeating: -0.5, count: 99)) == 0.02)
        #expect(p([-1, 0] + Array(repeating: 0.5, count: 97)) == 0.06)
        #expect(p([-1, 1]) == 1)
    }
}

/// Tests/Golden/bootstrap.json; the script beside it says how it was made.
struct GoldenBootstrap: Decodable {
    struct Interval: Decodable {
        var lower: Double
        var upper: Double
        var standardError: Double
    }

    var name: String
    var first: [Double]
    var second: [Double]
    var gold: [Double]
    var firstInterval: Interval
    var secondInterval: Interval
    /// Of the second's coefficient less the first's.
    var change: Interval

    static func load() throws -> [GoldenBootstrap] {
        let data = try Data(contentsOf: URL(fileURLWithPath: Fixtures.golden("bootstrap.json")))
        return try JSONDecoder().decode([GoldenBootstrap].self, from: data)
    }
}
