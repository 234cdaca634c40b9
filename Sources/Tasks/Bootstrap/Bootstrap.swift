import Numerics

/// How scores would scatter had the benchmark drawn other sentence pairs: the nonparametric bootstrap over pairs.
///
/// A resample draws as many pairs as there are, with replacement. Source: B. Efron and R. J. Tibshirani, "An
/// introduction to the bootstrap", 1993, chapters 13 (percentile intervals) and 16 (tests).
///
/// Resample r draws numbers r n to r n + n - 1 of one SplitMix64 sequence. So results depend on seed, stream and
/// number of resamples alone: not on the machine, nor on how many threads share the work.
public struct Bootstrap: Hashable, Sendable, CustomStringConvertible {
    public var resamples: Int
    public var seed: UInt64

    /// What `bellm` uses unless it is told otherwise. The seed is SentEval's.
    public static let standard = Bootstrap(resamples: 10_000, seed: 1111)

    public init(resamples: Int, seed: UInt64) {
        precondition(resamples > 0, "a bootstrap without resamples")
        self.resamples = resamples
        self.seed = seed
    }

    /// How the intervals are made, for whoever reads them.
    public var description: String { description(of: STSTask.unit) }

    /// - Parameter items: what is drawn, in the plural
    package func description(of items: String) -> String {
        "95 % percentile bootstrap, \(resamples) resamples of the \(items), SplitMix64 seed \(seed)"
    }

    /// Calls `body` for each resample of `count` items with how often each was drawn.
    ///
    /// - Parameter stream: the task's name: tasks draw independently of each other.
    public func resample(_ count: Int, stream: String, _ body: (_ counts: [Int]) -> Void) {
        let start = Self.seed(seed, of: stream)
        for resample in 0..<resamples { body(Self.draw(count, seed: start, resample: resample)) }
    }

    /// The mean over seeds in each resample, the seeds drawn too.
    ///
    /// - Parameters:
    ///   - runs: for each seed its score in each resample of the items, at least one
    ///   - stream: what tells the method from others, whose seeds draw independently
    /// - Returns: the scores themselves where there is one seed
    package func meansOverSeeds(_ runs: [[Double]], stream: String) -> [Double] {
        guard runs.count > 1 else { return runs[0] }
        var means: [Double] = []
        resample(runs.count, stream: stream) { counts in
            let drawn = zip(runs, counts).reduce(0) { $0 + $1.0[means.count] * Double($1.1) }
            means.append(drawn / Double(runs.count))
        }
        return means
    }

    /// Both correlations of a variable and the gold scores, in each resample; NaN where one is undefined.
    public struct Correlations: Equatable, Sendable {
        public var spearman: [Double]
        public var pearson: [Double]
    }

    /// The correlations of each variable and the gold scores, in each resample; all see the same resamples, which makes
    /// their differences paired.
    ///
    /// Takes O(pairs) for a resample and variable. 2⁵³ bounds the sums of ranks that are exact: up to 200,000 pairs.
    ///
    /// - Parameters:
    ///   - variables: a value a pair, such as a run's cosines.
    ///   - gold: a score a pair.
    ///   - stream: the task's name: tasks draw independently of each other.
    /// - Returns: `resamples` coefficients for each variable; NaN in all resamples of a variable that holds a NaN.
    public func correlations(of variables: [[Double]], with gold: [Double], stream: String) -> [Correlations] {
        precondition(variables.allSatisfy { $0.count == gold.count }, "a bootstrap of variables of different lengths")
        var found = variables.map { _ in Correlations(spearman: undefined, pearson: undefined) }
        guard !gold.contains(where: \.isNaN) else { return found }
        var ranks = variables.map { $0.contains(where: \.isNaN) ? nil : ResampledRanks($0) }
        let moments = variables.map { ResampledMoments($0, gold) }
        var goldRanks = ResampledRanks(gold)
        var number = 0
        resample(gold.count, stream: stream) { counts in
            goldRanks.rank(counts: counts, total: gold.count)
            for index in ranks.indices {
                found[index].pearson[number] = moments[index]?.pearson(counts: counts) ?? .nan
                ranks[index]?.rank(counts: counts, total: gold.count)
                guard let ranked = ranks[index] else { continue }
                found[index].spearman[number] = ResampledRanks.spearman(ranked, goldRanks, counts: counts)
            }
            number += 1
        }
        return found
    }

    /// How often each of `count` pairs is in a resample; the sum is `count`.
    package static func draw(_ count: Int, seed: UInt64, resample: Int) -> [Int] {
        var generator = SplitMix64(seed: seed, skipping: resample * count)
        var counts = [Int](repeating: 0, count: count)
        for _ in 0..<count { counts[generator.next(below: count)] += 1 }
        return counts
    }

    /// The seed of a task's own sequence: a hash (FNV-1a) of its name tells it from the other tasks'.
    package static func seed(_ seed: UInt64, of stream: String) -> UInt64 {
        let hash = stream.utf8.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
        var generator = SplitMix64(seed: seed ^ hash)
        return generator.next()
    }

    private var undefined: [Double] { Array(repeating: .nan, count: resamples) }
}
