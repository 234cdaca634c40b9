/// The ranks of one variable in resamples of its values, each in linear time: without sorting again.
///
/// A resample is how often each value was drawn. The values' order is known from the start, so a value's rank among
/// the drawn is the number of draws of smaller values, a running sum, and half of the draws of its equals.
package struct ResampledRanks: Sendable {
    /// For each value, the number of distinct smaller values.
    private let group: [Int]
    /// For each group, how often its values were drawn.
    private var drawn: [Int]
    /// For each group, twice its rank's distance from the mean rank: an integer, so that sums of products are exact.
    private var deviation: [Double]
    /// The sum of the squared deviations over all draws; 0 where only equal values were drawn.
    package private(set) var squares = 0.0

    /// - Parameter values: none of them NaN.
    package init(_ values: [Double]) {
        let order = values.indices.sorted { values[$0] < values[$1] }
        var group = [Int](repeating: 0, count: values.count)
        for (before, index) in zip(order, order.dropFirst()) {
            group[index] = group[before] + (values[before] < values[index] ? 1 : 0)
        }
        self.group = group
        drawn = [Int](repeating: 0, count: (order.last.map { group[$0] } ?? -1) + 1)
        deviation = [Double](repeating: 0, count: drawn.count)
    }

    /// Ranks a resample.
    ///
    /// - Parameters:
    ///   - counts: how often each value was drawn.
    ///   - total: their sum.
    package mutating func rank(counts: [Int], total: Int) {
        for index in drawn.indices { drawn[index] = 0 }
        for index in group.indices { drawn[group[index]] += counts[index] }
        var smaller = 0
        squares = 0
        for index in drawn.indices {
            deviation[index] = Double(2 * smaller + drawn[index] - total)
            squares += Double(drawn[index]) * deviation[index] * deviation[index]
            smaller += drawn[index]
        }
    }

    /// Spearman's coefficient of two variables that were ranked with the same counts; NaN where it is undefined.
    package static func spearman(_ x: ResampledRanks, _ y: ResampledRanks, counts: [Int]) -> Double {
        guard x.squares > 0, y.squares > 0 else { return .nan }
        var products = 0.0
        for index in counts.indices {
            products += Double(counts[index]) * x.deviation[x.group[index]] * y.deviation[y.group[index]]
        }
        return min(1, max(-1, products / (x.squares.squareRoot() * y.squares.squareRoot())))
    }
}

/// Pearson's coefficient of two variables in resamples of their pairs, from sums of their deviations.
struct ResampledMoments: Sendable {
    private let x: [Double]
    private let y: [Double]

    /// Nil where a value is not finite.
    init?(_ x: [Double], _ y: [Double]) {
        guard let x = Self.centred(x), let y = Self.centred(y) else { return nil }
        (self.x, self.y) = (x, y)
    }

    /// Less the mean, and at most 1: neither a large mean nor tiny or huge values cost digits.
    private static func centred(_ values: [Double]) -> [Double]? {
        guard values.allSatisfy(\.isFinite) else { return nil }
        let mean = values.reduce(0, +) / Double(max(values.count, 1))
        let deviations = values.map { $0 - mean }
        let largest = deviations.reduce(0) { max($0, abs($1)) }
        return largest > 0 && largest.isFinite ? deviations.map { $0 / largest } : deviations
    }

    /// NaN where all drawn values of a variable are equal, but for rounding.
    func pearson(counts: [Int]) -> Double {
        var (total, sumX, sumY, squaresX, squaresY, products) = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
        for index in counts.indices where counts[index] > 0 {
            let (weight, u, v) = (Double(counts[index]), x[index], y[index])
            total += weight
            sumX += weight * u
            sumY += weight * v
            squaresX += weight * u * u
            squaresY += weight * v * v
            products += weight * u * v
        }
        let varianceX = squaresX - sumX * sumX / total
        let varianceY = squaresY - sumY * sumY / total
        guard varianceX > 1e-13 * squaresX, varianceY > 1e-13 * squaresY else { return .nan }
        let covariance = products - sumX * sumY / total
        return min(1, max(-1, covariance / (varianceX.squareRoot() * varianceY.squareRoot())))
    }
}
