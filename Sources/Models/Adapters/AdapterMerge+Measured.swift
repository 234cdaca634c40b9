import Diagnostics
import Numerics

// Merging by what a probe measured of each adapter.

extension AdapterMerge {
    /// The mean of one map's changes, weighted by what was measured.
    ///
    /// - Parameters:
    ///   - changes: of each adapter, row by row; nil where it doesn't change the map
    ///   - shares: w_i / Σ w
    ///   - measured: of each adapter, also of one that doesn't change the map
    func measuredMean(_ changes: [[Float]?], _ shares: [Double], _ measured: [[Float]]) -> [Double] {
        let count = changes.lazy.compactMap { $0?.count }.first ?? 0
        guard method == .regmean else { return Self.fisherMean(changes, shares, measured, count: count) }
        // G is [inputs, inputs].
        let columns = Int(Double(measured.first?.count ?? 0).squareRoot().rounded())
        let grams = zip(measured, shares).map { gram, share in
            gram.enumerated().map { index, number in
                share * Double(number) * (index / columns == index % columns ? 1 : offDiagonal ?? 1)
            }
        }
        // What no input reaches has no mean of its own.
        guard grams.contains(where: { $0.contains { $0 != 0 } }) else {
            return Self.mean(changes, shares, count: count)
        }
        return RegressionMean.map(
            of: changes.map { $0?.map(Double.init) }, grams: grams, rows: count / columns, columns: columns)
    }

    private static func fisherMean(
        _ changes: [[Float]?], _ shares: [Double], _ measured: [[Float]], count: Int
    ) -> [Double] {
        (0..<count).map { index in
            var (sum, weight, plain) = (0.0, 0.0, 0.0)
            for (adapter, change) in changes.enumerated() {
                let own = shares[adapter] * Double(measured[adapter][index])
                weight += own
                sum += own * Double(change?[index] ?? 0)
                plain += shares[adapter] * Double(change?[index] ?? 0)
            }
            return weight > 0 ? sum / weight : plain
        }
    }

    private static func mean(_ changes: [[Float]?], _ shares: [Double], count: Int) -> [Double] {
        var mean = [Double](repeating: 0, count: count)
        for (change, share) in zip(changes, shares) {
            guard let change else { continue }
            for index in mean.indices { mean[index] += share * Double(change[index]) }
        }
        return mean
    }
}
