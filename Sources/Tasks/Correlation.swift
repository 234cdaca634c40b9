/// Pearson's correlation coefficient of two variables of equal length.
///
/// Two passes, each variable scaled by its largest deviation, so that neither a large mean nor tiny or huge values
/// cost digits. Agrees with `scipy.stats.pearsonr` to 1e-10.
///
/// - Returns: -1 to 1; NaN where a value is not finite, a variable is constant, or there are fewer than two pairs.
public func pearson(_ x: [Double], _ y: [Double]) -> Double {
    precondition(x.count == y.count, "correlation of variables of different lengths")
    guard let a = standardised(x), let b = standardised(y) else { return .nan }
    let correlation = zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
    return min(1, max(-1, correlation))
}

/// Spearman's rank correlation coefficient: Pearson's, of the ranks, tied values sharing the mean of theirs.
///
/// Agrees with `scipy.stats.spearmanr` to 1e-10.
///
/// - Returns: -1 to 1; NaN where a value is NaN, a variable is constant, or there are fewer than two pairs.
public func spearman(_ x: [Double], _ y: [Double]) -> Double {
    precondition(x.count == y.count, "correlation of variables of different lengths")
    guard !x.contains(where: \.isNaN), !y.contains(where: \.isNaN) else { return .nan }
    return pearson(averageRanks(x), averageRanks(y))
}

/// Ranks from 1, in the order of `values`; equal values share the mean of the ranks that they take up.
///
/// - Parameter values: none of them NaN, which has no rank.
public func averageRanks(_ values: [Double]) -> [Double] {
    let order = values.indices.sorted { values[$0] < values[$1] }
    var ranks = [Double](repeating: 0, count: values.count)
    var start = 0
    while start < order.count {
        var end = start + 1
        while end < order.count, values[order[end]] == values[order[start]] { end += 1 }
        let shared = Double(start + 1 + end) / 2
        for index in order[start..<end] { ranks[index] = shared }
        start = end
    }
    return ranks
}

/// `x` less its mean, at Euclidean length 1; nil where that is undefined.
///
/// Constancy is asked of the values: their deviations from a rounded mean need not be zero.
private func standardised(_ x: [Double]) -> [Double]? {
    guard x.allSatisfy(\.isFinite), let first = x.first, x.contains(where: { $0 != first }) else { return nil }
    let mean = x.reduce(0, +) / Double(x.count)
    var deviations = x.map { $0 - mean }
    let largest = deviations.reduce(0) { max($0, abs($1)) }
    guard largest > 0, largest.isFinite else { return nil }
    for i in deviations.indices { deviations[i] /= largest }
    let length = deviations.reduce(0) { $0 + $1 * $1 }.squareRoot()
    return deviations.map { $0 / length }
}
