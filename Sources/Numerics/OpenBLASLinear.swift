import COpenBLAS

/// Float32 weights, multiplied by OpenBLAS on the calling thread.
public struct OpenBLASLinear: Linear {
    /// [outputs, inputs], as checkpoints store them.
    public let weight: FrozenMatrix
    /// Whether a row's bits may depend on how many others there are.
    private let mixesRows: Bool

    /// - Parameter mixesRows: whether a row's bits may depend on how many others there are, where that is faster: for rows that
    ///   are always the same ones
    public init(_ weight: FrozenMatrix, mixesRows: Bool = false) { (self.weight, self.mixesRows) = (weight, mixesRows) }

    public var inputs: Int { weight.columns }
    public var outputs: Int { weight.rows }

    /// Without AVX-512, OpenBLAS multiplies six rows otherwise than the next six, and what is left over otherwise again. Four
    /// at a time are all alike, whatever the kernel and the shape.
    private static let rowsOfBlock = 4

    /// With fewer rows OpenBLAS takes other routines, which add in another order: `gemv` below four rows, small-matrix
    /// kernels up to 1,200 results. From there on its AVX-512 kernels give each row the same bits whatever the number
    /// of rows.
    private var fewestRows: Int { max(4, 1200 / outputs + 1) }

    public func apply(_ x: Matrix, into y: Matrix, accumulating: Bool, scratch: LinearScratch) {
        precondition(x.columns == inputs && y.columns == outputs && x.rows == y.rows)
        guard x.rows > 0 else { return }
        if mixesRows || OpenBLAS.keepsRowsApart {
            applyAtOnce(x, into: y, accumulating: accumulating, leastRows: fewestRows)
        } else {
            for start in stride(from: 0, to: x.rows, by: Self.rowsOfBlock) {
                let rows = start..<min(start + Self.rowsOfBlock, x.rows)
                applyAtOnce(
                    x[rows: rows], into: y[rows: rows], accumulating: accumulating, leastRows: Self.rowsOfBlock)
            }
        }
    }

    private func applyAtOnce(_ x: Matrix, into y: Matrix, accumulating: Bool, leastRows: Int) {
        guard x.rows >= leastRows else {
            let (paddedX, paddedY) = (padded(x, to: leastRows), padded(y, to: leastRows))
            applyAtOnce(paddedX, into: paddedY, accumulating: accumulating, leastRows: leastRows)
            return y.assign(paddedY[rows: 0..<y.rows])
        }
        let w = weight.readable
        OpenBLAS.useCallingThreadOnly()
        cblas_sgemm(
            CblasRowMajor, CblasNoTrans, CblasTrans, blasint(x.rows), blasint(outputs), blasint(inputs),
            1, x.base, blasint(x.stride), w.base, blasint(w.stride), accumulating ? 1 : 0, y.base, blasint(y.stride))
        withExtendedLifetime((x, y, w)) {}
    }

    public func applyBackward(
        _ gradient: Matrix, into xGradient: Matrix, accumulating: Bool, scratch: LinearScratch
    ) {
        MatrixProduct.multiply(gradient.factor, weight.factor, into: xGradient, accumulating: accumulating)
    }

    private func padded(_ matrix: Matrix, to rows: Int) -> Matrix {
        let padded = Matrix(rows: rows, columns: matrix.columns)
        padded[rows: 0..<matrix.rows].assign(matrix)
        return padded
    }
}
