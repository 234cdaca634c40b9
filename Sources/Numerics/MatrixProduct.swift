import COpenBLAS

/// Products of two matrices, neither of them packed: for what changes from call to call, as gradients do.
public enum MatrixProduct {
    /// A factor, as it is or transposed.
    public struct Factor {
        let matrix: Matrix
        let isTransposed: Bool

        var rows: Int { isTransposed ? matrix.columns : matrix.rows }
        var columns: Int { isTransposed ? matrix.rows : matrix.columns }
        var operation: CBLAS_TRANSPOSE { isTransposed ? CblasTrans : CblasNoTrans }
    }

    /// out = scale · a b, or out += scale · a b where `accumulating`, on the calling thread.
    ///
    /// - Parameters:
    ///   - a: [m, k]
    ///   - b: [k, n]
    ///   - out: [m, n]; neither a nor b
    public static func multiply(
        _ a: Factor, _ b: Factor, into out: Matrix, scale: Float = 1, accumulating: Bool = false
    ) {
        precondition(a.columns == b.rows && out.rows == a.rows && out.columns == b.columns)
        guard out.rows > 0, out.columns > 0 else { return }
        // A share of the work for each of several threads would be other sums.
        OpenBLAS.useCallingThreadOnly()
        cblas_sgemm(
            CblasRowMajor, a.operation, b.operation, blasint(out.rows), blasint(out.columns), blasint(a.columns),
            scale, a.matrix.base, blasint(a.matrix.stride), b.matrix.base, blasint(b.matrix.stride),
            accumulating ? 1 : 0, out.base, blasint(out.stride))
        withExtendedLifetime((a, b, out)) {}
    }
}

extension Matrix {
    /// This matrix as a factor of a product.
    public var factor: MatrixProduct.Factor { MatrixProduct.Factor(matrix: self, isTransposed: false) }
    /// This matrix, transposed, as a factor of a product.
    public var transposed: MatrixProduct.Factor { MatrixProduct.Factor(matrix: self, isTransposed: true) }
}

extension FrozenMatrix {
    /// This matrix as a factor of a product.
    public var factor: MatrixProduct.Factor { readable.factor }
    /// This matrix, transposed, as a factor of a product.
    public var transposed: MatrixProduct.Factor { readable.transposed }
}
