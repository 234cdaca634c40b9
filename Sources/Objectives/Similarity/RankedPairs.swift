/// Groups of pairs whose similarities should follow their scores across all groups.
struct RankedPairs {
    let groups: [(first: UnitRows, second: UnitRows)]
    /// Of every pair, group after group.
    let scores: [Double]

    /// Pairs with scores; or triplets as pairs of the anchor with its positive, scored 1, and its negative, scored 0.
    init(_ units: UnitRows, _ batch: ExampleBatch) {
        let parts = units.parts(of: batch.kind)
        let count = parts[0].rows.rows
        if batch.kind.offers(.triplet) {
            groups = [(parts[0], parts[1]), (parts[0], parts[2])]
            scores = Array(repeating: 1, count: count) + Array(repeating: 0, count: count)
        } else {
            groups = [(parts[0], parts[1])]
            scores = batch.kind.values.contains(ExampleKind.score) ? batch.scores : Array(repeating: 1, count: count)
        }
    }

    /// Adds `weight` times the gradient of the ranking loss.
    ///
    /// - Returns: `weight` times the loss.
    func addGradient(of similarity: PairSimilarity, scale: Double, weight: Double) -> Double {
        let similarities = groups.flatMap { similarity.values($0.first, $0.second) }
        let loss = PairRanking(scores: scores, scale: scale).loss(of: similarities)
        let count = similarities.count / groups.count
        for (index, group) in groups.enumerated() {
            let part = loss.gradient[index * count..<(index + 1) * count].map { $0 * weight }
            similarity.addGradient(part, group.first, group.second)
        }
        return weight * loss.value
    }
}
