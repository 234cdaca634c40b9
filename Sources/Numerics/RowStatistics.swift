import COpenBLAS

/// The mean and the covariance of a matrix' rows, accumulated in double precision.
public struct RowStatistics: Sendable {
    /// How many rows were counted.
    public let count: Int
    public let mean: [Double]
    private let rows: FrozenMatrix
    private let chosen: [Int]

    /// - Parameter chosen: the rows that count, each as often as it is named
    public init(_ rows: FrozenMatrix, chosen: [Int]) {
        var sums = [Double](repeating: 0, count: rows.columns)
        for row in chosen {
            for (column, value) in rows.array(row: row).enumerated() { sums[column] += Double(value) }
        }
        mean = sums.map { $0 / Double(max(1, chosen.count)) }
        count = chosen.count
        (self.rows, self.chosen) = (rows, chosen)
    }

    /// Σ (x - μ)ᵀ(x - μ) / n: [columns, columns], symmetric.
    public func covariance() -> [Double] {
        let columns = mean.count
        var result = [Double](repeating: 0, count: columns * columns)
        OpenBLAS.useCallingThreadOnly()
        for start in stride(from: 0, to: chosen.count, by: Self.block) {
            let members = chosen[start..<min(start + Self.block, chosen.count)]
            let centred = members.flatMap { row in zip(rows.array(row: row), mean).map { Double($0) - $1 } }
            cblas_dsyrk(
                CblasRowMajor, CblasLower, CblasTrans, blasint(columns), blasint(members.count),
                1 / Double(count), centred, blasint(columns), 1, &result, blasint(columns))
        }
        for row in 0..<columns {
            for column in row + 1..<max(columns, row + 1) {
                result[row * columns + column] = result[column * columns + row]
            }
        }
        return result
    }

    /// Rows that are converted to double precision together.
    private static let block = 1024
}
