import COpenBLAS

/// The largest singular values of a real square matrix and their left vectors, in double precision.
///
/// By the eigensystem of its product with its transpose: values below about 1e-8 of the largest aren't told apart from 0. A
/// vector's sign is that which makes its largest element positive, so that it isn't left to an algorithm.
public struct LeftSingularVectors: Sendable {
    /// Descending.
    public let values: [Double]
    /// The unit vector of each value, end to end: row i belongs to value i.
    public let vectors: [Double]

    /// - Parameters:
    ///   - matrix: row by row, rows · rows elements
    ///   - count: how many, at most `rows`
    /// - Returns: nil where the matrix holds a NaN or an infinity, or LAPACK finds no solution.
    public init?(of matrix: [Double], rows: Int, count: Int) {
        precondition(matrix.count == rows * rows && (1...max(rows, 1)).contains(count))
        OpenBLAS.useCallingThreadOnly()
        var product = [Double](repeating: 0, count: rows * rows)
        let size = blasint(rows)
        cblas_dsyrk(CblasRowMajor, CblasUpper, CblasNoTrans, size, size, 1, matrix, size, 0, &product, size)
        guard let system = SymmetricEigensystem(of: product, rows: rows) else { return nil }
        values = system.values.prefix(count).map { max($0, 0).squareRoot() }
        vectors = (0..<count).flatMap { index -> [Double] in
            let vector = system.vectors[(index * rows)..<((index + 1) * rows)]
            let largest = vector.max { abs($0) < abs($1) } ?? 0
            return largest < 0 ? vector.map { -$0 } : Array(vector)
        }
    }
}
