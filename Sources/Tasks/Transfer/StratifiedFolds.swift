import Numerics

/// The folds of scikit-learn's `StratifiedKFold(n_splits, shuffle=True, random_state=1111)`, which SentEval uses: each
/// with the classes in nearly equal shares.
package enum StratifiedFolds {
    /// SentEval's seed.
    static let seed: UInt32 = 1111

    /// - Parameters:
    ///   - labels: a class an example, counted from 0.
    ///   - count: the number of folds, at least 2.
    /// - Returns: the fold that tests each example.
    package static func assign(_ labels: [Int], count: Int) -> [Int] {
        // Classes are numbered by first appearance, and dealt out to the folds in that order.
        var classes: [Int: Int] = [:]
        let encoded = labels.map { label in
            let known = classes[label] ?? classes.count
            classes[label] = known
            return known
        }
        var allocation = Array(repeating: Array(repeating: 0, count: count), count: classes.count)
        for (index, label) in encoded.sorted().enumerated() { allocation[label][index % count] += 1 }

        var generator = MersenneTwister(seed: seed)
        var folds = [Int](repeating: 0, count: labels.count)
        for (label, shares) in allocation.enumerated() {
            var dealt = shares.enumerated().flatMap { Array(repeating: $0.offset, count: $0.element) }
            generator.shuffle(&dealt)
            for (member, fold) in zip(encoded.indices.filter { encoded[$0] == label }, dealt) { folds[member] = fold }
        }
        return folds
    }
}
