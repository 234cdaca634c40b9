import Foundation

/// Asks that similarities follow scores: log(1 + Σ exp(scale · (similarity i − similarity j))) over all pairs i whose
/// score is below that of pair j. CoSENT; equal scores ask for nothing, so a batch of equal scores has no gradient.
struct PairRanking {
    let scores: [Double]
    let scale: Double

    /// The loss and its gradient with respect to the similarities.
    func loss(of similarities: [Double]) -> (value: Double, gradient: [Double]) {
        let greatest = max(0, greatestDifference(of: similarities))
        var total = exp(-greatest)
        var gradient = [Double](repeating: 0, count: scores.count)
        for i in scores.indices {
            for j in scores.indices where scores[i] < scores[j] {
                let term = exp(scale * (similarities[i] - similarities[j]) - greatest)
                total += term
                gradient[i] += term
                gradient[j] -= term
            }
        }
        return (greatest + log(total), gradient.map { $0 * scale / total })
    }

    private func greatestDifference(of similarities: [Double]) -> Double {
        var greatest = -Double.infinity
        for i in scores.indices {
            for j in scores.indices where scores[i] < scores[j] {
                greatest = max(greatest, scale * (similarities[i] - similarities[j]))
            }
        }
        return greatest
    }
}
