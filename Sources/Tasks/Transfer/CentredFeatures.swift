import Numerics

/// What a classifier sees of all examples, less the mean of each feature, ready to be multiplied both ways.
///
/// An intercept that is not penalised takes up any shift of the features, so centring changes no prediction; but it
/// takes away the large common direction of sentence embeddings, which would slow the minimiser down.
struct CentredFeatures: Sendable {
    let examples: Int
    let features: Int
    /// The mean square of each centred feature.
    let variances: [Double]
    /// [examples, features], applied to weights: logits.
    let forward: OpenBLASLinear
    /// [features, examples], applied to residuals: gradients.
    let backward: OpenBLASLinear
    /// [examples, features], for both in double precision.
    let precise: PreciseFactor

    /// - Parameter matrix: [examples, features]; centred in place, must not be written after this.
    init(centring matrix: Matrix) {
        OpenBLAS.useCallingThreadOnly()
        examples = matrix.rows
        features = matrix.columns
        let count = Double(max(1, matrix.rows))
        var means = [Double](repeating: 0, count: features)
        for row in 0..<examples {
            for (feature, value) in matrix.array(row: row).enumerated() { means[feature] += Double(value) / count }
        }
        var variances = [Double](repeating: 0, count: features)
        let transposed = Matrix(rows: features, columns: examples)
        let block = 16  // columns of the transpose that are written together: a cache line
        for start in stride(from: 0, to: examples, by: block) {
            for row in start..<min(start + block, examples) {
                let centred = zip(matrix.array(row: row), means).map { Float(Double($0) - $1) }
                matrix.assign(row: row, from: centred)
                for feature in 0..<features {
                    transposed[feature, row] = centred[feature]
                    variances[feature] += Double(centred[feature]) * Double(centred[feature]) / count
                }
            }
        }
        self.variances = variances
        let frozen = FrozenMatrix(freezing: matrix)
        (forward, precise) = (OpenBLASLinear(frozen, mixesRows: true), PreciseFactor(frozen))
        backward = OpenBLASLinear(FrozenMatrix(freezing: transposed), mixesRows: true)
    }
}
