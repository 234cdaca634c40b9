import COpenBLAS

/// The eigenvalues and eigenvectors of a real symmetric matrix, in double precision, the largest first.
///
/// By LAPACK's `dsyevd` (divide and conquer), on the calling thread.
public struct SymmetricEigensystem: Sendable {
    /// Descending.
    public let values: [Double]
    /// The unit vector of each value, end to end: row i belongs to value i. Its sign is LAPACK's.
    public let vectors: [Double]

    /// - Parameter matrix: row by row, rows · rows elements, of which one triangle is read
    /// - Returns: nil where the matrix holds a NaN or an infinity, or LAPACK finds no solution.
    public init?(of matrix: [Double], rows: Int) {
        precondition(matrix.count == rows * rows && rows > 0)
        guard matrix.allSatisfy(\.isFinite) else { return nil }
        OpenBLAS.useCallingThreadOnly()
        var vectors = matrix
        var values = [Double](repeating: 0, count: rows)
        var work = [0.0]
        var integers: [blasint] = [0]
        // The first call asks for the sizes of its working memory, the second computes.
        for isQuery in [true, false] {
            guard
                Self.decompose(
                    &vectors, &values, rows: blasint(rows), work: &work, integers: &integers, isQuery: isQuery)
            else { return nil }
            if isQuery {
                work = [Double](repeating: 0, count: Int(work[0]))
                integers = [blasint](repeating: 0, count: Int(integers[0]))
            }
        }
        self.values = values.reversed()
        // LAPACK writes column by column: vector i is a row of the row-major matrix.
        self.vectors = (0..<rows).reversed().flatMap { vectors[($0 * rows)..<(($0 + 1) * rows)] }
    }

    private static func decompose(
        _ vectors: inout [Double], _ values: inout [Double], rows: blasint, work: inout [Double],
        integers: inout [blasint], isQuery: Bool
    ) -> Bool {
        var (size, status) = (rows, blasint(0))
        var workSize = isQuery ? -1 : blasint(work.count)
        var integerSize = isQuery ? -1 : blasint(integers.count)
        dsyevd_(
            "V", "L", &size, &vectors, &size, &values, &work, &workSize, &integers, &integerSize, &status, 1, 1)
        return status == 0
    }
}
