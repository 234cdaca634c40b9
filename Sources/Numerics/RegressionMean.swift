import COpenBLAS

/// The linear map whose outputs are nearest, over the inputs of all, to what each of several maps makes of its own inputs, in double
/// precision: the solution of a least-squares problem.
public enum RegressionMean {
    /// Eigenvalues below this share of the largest are none: Gram matrices are sums of single precision.
    static let smallestShare = 1e-6

    /// (Σ W_i G_i) (Σ G_i)⁺, of all such maps the one of the least squares.
    ///
    /// - Parameters:
    ///   - maps: W_i, [rows, columns] row by row; nil for zeros
    ///   - grams: G_i, [columns, columns], symmetric
    /// - Returns: [rows, columns] row by row; NaN where a number isn't finite
    public static func map(of maps: [[Double]?], grams: [[Double]], rows: Int, columns: Int) -> [Double] {
        precondition(maps.count == grams.count && grams.allSatisfy { $0.count == columns * columns })
        OpenBLAS.useCallingThreadOnly()
        var total = [Double](repeating: 0, count: columns * columns)
        var outputs = [Double](repeating: 0, count: rows * columns)
        for (map, gram) in zip(maps, grams) {
            for index in total.indices { total[index] += gram[index] }
            guard let map else { continue }
            cblas_dgemm(
                CblasRowMajor, CblasNoTrans, CblasNoTrans, blasint(rows), blasint(columns), blasint(columns), 1, map,
                blasint(columns), gram, blasint(columns), 1, &outputs, blasint(columns))
        }
        guard let system = SymmetricEigensystem(of: total, rows: columns) else {
            return [Double](repeating: .nan, count: rows * columns)
        }
        // Outputs in the directions of the inputs, each divided by how much goes that way.
        var inDirections = [Double](repeating: 0, count: rows * columns)
        cblas_dgemm(
            CblasRowMajor, CblasNoTrans, CblasTrans, blasint(rows), blasint(columns), blasint(columns), 1, outputs,
            blasint(columns), system.vectors, blasint(columns), 0, &inDirections, blasint(columns))
        let smallest = Self.smallestShare * (system.values.first ?? 0)
        let inverses = system.values.map { $0 > smallest ? 1 / $0 : 0 }
        for index in inDirections.indices { inDirections[index] *= inverses[index % columns] }
        var found = [Double](repeating: 0, count: rows * columns)
        cblas_dgemm(
            CblasRowMajor, CblasNoTrans, CblasNoTrans, blasint(rows), blasint(columns), blasint(columns), 1,
            inDirections, blasint(columns), system.vectors, blasint(columns), 0, &found, blasint(columns))
        return found
    }
}
