import CKernels

/// What attention adds to its scores, a number for each head and each distance of a key from its query. Distances share
/// numbers: Raffel et al., arXiv 1910.10683, section 2.1.
public struct DistanceBias: Sendable {
    /// How many positions there are: queries and keys stand below it.
    public let positions: Int
    /// Which row of the table each distance has, from -(positions - 1) to positions - 1; none where there is no table.
    private let rows: [Int]
    /// [heads, distances], with a margin behind.
    private let values: FrozenMatrix

    /// - Parameters:
    ///   - table: [rows, heads]
    ///   - row: of the table, for a distance: a key's position less its query's
    public init(_ table: FrozenMatrix, positions: Int, row: (Int) -> Int) {
        precondition(positions > 0)
        let rows = (1 - positions..<positions).map(row)
        precondition(rows.allSatisfy { (0..<table.rows).contains($0) }, "a distance without a row of the table")
        self.init(heads: table.columns, positions: positions, rows: rows) { head, distance in
            table[rows[distance + positions - 1], head]
        }
    }

    /// Of numbers that are not learned.
    ///
    /// - Parameter number: of a head and a distance: a key's position less its query's
    public init(heads: Int, positions: Int, number: (Int, Int) -> Float) {
        self.init(heads: heads, positions: positions, rows: [], number: number)
    }

    private init(heads: Int, positions: Int, rows: [Int], number: (Int, Int) -> Float) {
        precondition(positions > 0)
        (self.positions, self.rows) = (positions, rows)
        let values = Matrix(rows: heads, columns: 2 * positions - 1 + Int(BELLM_BIAS_MARGIN))
        for head in 0..<heads {
            for distance in 1 - positions..<positions {
                values[head, distance + positions - 1] = number(head, distance)
            }
        }
        self.values = FrozenMatrix(freezing: values)
    }

    var heads: Int { values.rows }
    /// The columns of what gradients are gathered in.
    public var columns: Int { values.columns }

    /// Adds what was gathered by distance to the gradient of the table.
    ///
    /// - Parameters:
    ///   - gradient: [heads, columns]
    ///   - table: [rows, heads]
    public func addBackward(_ gradient: Matrix, to table: Matrix) {
        precondition(gradient.rows == heads && gradient.columns == columns && table.columns == heads)
        for (distance, row) in rows.enumerated() {
            for head in 0..<heads { table[row, head] += gradient[head, distance] }
        }
    }

    /// Whether the queries have positions, and those and the keys are among the bias' own.
    func covers(_ visible: VisibleKeys, keyCount: Int) -> Bool {
        guard keyCount <= positions, let own = visible.positions else { return false }
        return own.allSatisfy { $0 >= 0 && $0 < positions }
    }

    func withUnsafePointer<R>(_ body: (UnsafePointer<bellm_distance_bias>) -> R) -> R {
        var bias = bellm_distance_bias(
            values: UnsafePointer(values.readable.base), stride: values.stride, reach: positions - 1)
        return withExtendedLifetime(values) { body(&bias) }
    }
}
