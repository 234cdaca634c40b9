import COpenBLAS

/// The matrix of a rank that is nearest to a matrix, as two factors, in double precision: its singular value decomposition, cut
/// (Eckart and Young, Psychometrika 1, 1936).
///
/// By the eigensystem of the smaller of its products with its transpose. One factor is orthonormal, and the other is the matrix
/// seen in its directions, so that nothing is divided by a small singular value.
public struct LowRankApproximation: Sendable {
    /// [rows, rank], row by row.
    public let left: [Double]
    /// [rank, columns], row by row.
    public let right: [Double]
    /// The sum of the matrix's squares.
    public let squares: Double
    /// What of it the factors' product has.
    public let keptSquares: Double

    /// - Parameters:
    ///   - matrix: row by row, rows · columns elements
    ///   - rank: beyond rows or columns the factors end in zeros
    /// - Returns: nil where the matrix holds a NaN or an infinity, or LAPACK finds no solution.
    public init?(of matrix: [Double], rows: Int, columns: Int, rank: Int) {
        precondition(matrix.count == rows * columns && rows > 0 && columns > 0 && rank > 0)
        OpenBLAS.useCallingThreadOnly()
        let size = min(rows, columns)
        let count = min(rank, size)
        var product = [Double](repeating: 0, count: size * size)
        cblas_dsyrk(
            CblasRowMajor, CblasUpper, rows <= columns ? CblasNoTrans : CblasTrans, blasint(size),
            blasint(max(rows, columns)), 1, matrix, blasint(columns), 0, &product, blasint(size))
        guard let system = SymmetricEigensystem(of: product, rows: size) else { return nil }
        let directions = Array(system.vectors.prefix(count * size))  // [count, size]
        squares = matrix.reduce(0) { $0 + $1 * $1 }
        keptSquares = count == size ? squares : min(squares, system.values.prefix(count).reduce(0) { $0 + max($1, 0) })
        var left = [Double](repeating: 0, count: rows * rank)
        var right = [Double](repeating: 0, count: rank * columns)
        if rows <= columns {
            for row in 0..<rows {
                for index in 0..<count { left[row * rank + index] = directions[index * size + row] }
            }
            cblas_dgemm(
                CblasRowMajor, CblasNoTrans, CblasNoTrans, blasint(count), blasint(columns), blasint(rows), 1,
                directions, blasint(size), matrix, blasint(columns), 0, &right, blasint(columns))
        } else {
            right.replaceSubrange(0..<directions.count, with: directions)
            cblas_dgemm(
                CblasRowMajor, CblasNoTrans, CblasTrans, blasint(rows), blasint(count), blasint(columns), 1, matrix,
                blasint(columns), directions, blasint(size), 0, &left, blasint(rank))
        }
        (self.left, self.right) = (left, right)
    }
}
