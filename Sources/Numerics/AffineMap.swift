import COpenBLAS

/// x ↦ (x - offset) · weights, in double precision.
public struct AffineMap: Sendable {
    public let offset: [Double]
    /// [inputs, outputs] row by row; nil for the identity.
    public let weights: [Double]?
    public let outputs: Int

    /// - Parameters:
    ///   - offset: one number an input
    ///   - weights: inputs · outputs numbers; nil for the identity
    public init(offset: [Double], weights: [Double]? = nil, outputs: Int) {
        precondition(weights.map { $0.count == offset.count * outputs } ?? (outputs == offset.count))
        (self.offset, self.weights, self.outputs) = (offset, weights, outputs)
    }

    /// Maps some rows; one of zeros, which stands for no vector, stays zeros.
    ///
    /// - Returns: [chosen, outputs]
    public func callAsFunction(_ rows: FrozenMatrix, chosen: [Int]) -> FrozenMatrix {
        precondition(rows.columns == offset.count)
        let out = Matrix(rows: chosen.count, columns: outputs)
        OpenBLAS.useCallingThreadOnly()
        for start in stride(from: 0, to: chosen.count, by: Self.block) {
            let members = chosen[start..<min(start + Self.block, chosen.count)].map(rows.array(row:))
            let mapped = map(members.flatMap { row in zip(row, offset).map { Double($0) - $1 } }, rows: members.count)
            for (index, row) in members.enumerated() where row.contains(where: { $0 != 0 }) {
                out.assign(
                    row: start + index, from: mapped[(index * outputs)..<((index + 1) * outputs)].map(Float.init))
            }
        }
        return FrozenMatrix(freezing: out)
    }

    private func map(_ centred: [Double], rows: Int) -> [Double] {
        guard let weights else { return centred }
        var mapped = [Double](repeating: 0, count: rows * outputs)
        cblas_dgemm(
            CblasRowMajor, CblasNoTrans, CblasNoTrans, blasint(rows), blasint(outputs), blasint(offset.count), 1,
            centred, blasint(offset.count), weights, blasint(outputs), 0, &mapped, blasint(outputs))
        return mapped
    }

    /// Rows that are converted to double precision together.
    private static let block = 1024
}
