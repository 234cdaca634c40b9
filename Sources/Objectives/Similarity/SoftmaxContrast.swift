import Numerics

/// Each query against every candidate: the negative log-probability of the query's own, under a softmax of the scaled
/// cosines. SimCSE, arXiv 2104.08821, equations 1 and 5; van den Oord et al., arXiv 1807.03748, equation 4.
struct SoftmaxContrast {
    let queries: UnitRows
    /// Groups of one candidate a query; a query's own is the one of the same index in the first group.
    let candidates: [UnitRows]
    /// One over the temperature.
    let scale: Double

    /// Adds `weight` times the gradient of the mean over all queries.
    ///
    /// - Returns: `weight` times the mean.
    func addGradient(weight: Double) -> Double {
        let count = queries.rows.rows
        let logits = Matrix(rows: count, columns: count * candidates.count)
        let groups = candidates.indices.map { logits[columns: $0 * count..<($0 + 1) * count] }
        for (group, candidates) in zip(groups, candidates) {
            MatrixProduct.multiply(
                queries.rows.factor, candidates.rows.transposed, into: group, scale: Float(scale))
        }
        let own = (0..<count).map { Double(logits[$0, $0]) }
        let totals = Kernels.softmaxRows(logits)
        for query in 0..<count { logits[query, query] -= 1 }  // now the gradient with respect to the logits

        let factor = Float(weight * scale / Double(count))
        for (group, candidates) in zip(groups, candidates) {
            MatrixProduct.multiply(
                group.factor, candidates.rows.factor, into: queries.gradient, scale: factor, accumulating: true)
            MatrixProduct.multiply(
                group.transposed, queries.rows.factor, into: candidates.gradient, scale: factor, accumulating: true)
        }
        return weight * zip(totals, own).reduce(0) { $0 + ($1.0 - $1.1) } / Double(count)
    }
}
