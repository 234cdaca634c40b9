import COpenBLAS

/// Float32 weights, multiplied by OpenBLAS on the calling thread.
public struct OpenBLASLinear: Linear {
    /// [outputs, inputs], as checkpoints store them.
    public let weight: FrozenMatrix

    public init(_ weight: FrozenMatrix) { self.weight = weight }

    public var inputs: Int { weight.columns }
    public var outputs: Int { weight.rows }

    /// With fewer rows OpenBLAS takes other routines, which add in another order: `gemv` below four rows, small-matrix
    /// kernels up to 1,200 results. From there on its AVX-512 kernels give each row the same bits whatever the number
    /// of rows.
    private var fewestRows: Int { max(4, 1200 / outputs + 1) }

    public func apply(_ x: Matrix, into y: Matrix, accumulating: Bool, scratch: LinearScratch) {
        precondition(x.columns == inputs && y.columns == outputs && x.rows == y.rows)
        guard x.rows > 0 else { return }
        guard x.rows >= fewestRows else {
            return applyPadded(x, into: y, accumulating: accumulating, scratch: scratch)
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

    private func applyPadded(_ x: Matrix, into y: Matrix, accumulating: Bool, scratch: LinearScratch) {
        let paddedX = Matrix(rows: fewestRows, columns: inputs)
        let paddedY = Matrix(rows: fewestRows, columns: outputs)
        for row in 0..<x.rows {
            paddedX.assign(row: row, from: x, row: row)
            paddedY.assign(row: row, from: y, row: row)
        }
        apply(paddedX, into: paddedY, accumulating: accumulating, scratch: scratch)
        for row in 0..<y.rows { y.assign(row: row, from: paddedY, row: row) }
    }
}
