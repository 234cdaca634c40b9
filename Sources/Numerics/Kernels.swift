import CKernels

/// The transformer's element-wise operations. Results are float32 and depend on nothing but the row at hand.
public enum Kernels {
    /// out = x / √(mean(x²) + ε) · weight, row by row. RMSNorm, arXiv 1910.07467, equation 4.
    ///
    /// - Parameters:
    ///   - weight: [1, columns]
    ///   - out: of x's shape; may be x
    public static func rmsNorm(_ x: Matrix, weight: FrozenMatrix, epsilon: Float, into out: Matrix) {
        precondition(out.rows == x.rows && out.columns == x.columns && weight.columns == x.columns)
        bellm_rms_norm(
            x.base, x.stride, weight.readable.base, epsilon, out.base, out.stride, x.rows, x.columns)
        withExtendedLifetime((x, weight, out)) {}
    }

    /// xGradient += the gradient of x, given that of `rmsNorm`'s result.
    ///
    /// - Parameters:
    ///   - weightGradient: [1, columns], added to; nil where the weight is frozen
    public static func rmsNormBackward(
        _ x: Matrix, weight: FrozenMatrix, epsilon: Float, gradient: Matrix, into xGradient: Matrix,
        weightGradient: Matrix? = nil
    ) {
        precondition(gradient.rows == x.rows && gradient.columns == x.columns && weight.columns == x.columns)
        precondition(xGradient.rows == x.rows && xGradient.columns == x.columns)
        precondition(weightGradient.map { $0.rows == 1 && $0.columns == x.columns } ?? true)
        bellm_rms_norm_backward(
            x.base, x.stride, weight.readable.base, epsilon, gradient.base, gradient.stride, xGradient.base,
            xGradient.stride, weightGradient?.base, x.rows, x.columns)
        withExtendedLifetime((x, weight, gradient, xGradient, weightGradient)) {}
    }

    /// y[row] += scale · x[xRow]
    public static func add(_ x: Matrix, row xRow: Int, scale: Float, to y: Matrix, row: Int) {
        precondition(x.columns == y.columns && (0..<x.rows).contains(xRow) && (0..<y.rows).contains(row))
        bellm_add_scaled(x.base + xRow * x.stride, scale, y.base + row * y.stride, x.columns)
        withExtendedLifetime((x, y)) {}
    }

    /// y[row] = max(y[row], x[xRow]), element by element; NaN wins.
    public static func maximum(_ x: Matrix, row xRow: Int, into y: Matrix, row: Int) {
        precondition(x.columns == y.columns && (0..<x.rows).contains(xRow) && (0..<y.rows).contains(row))
        bellm_maximum(x.base + xRow * x.stride, y.base + row * y.stride, x.columns)
        withExtendedLifetime((x, y)) {}
    }
}

extension Matrix {
    /// self[toRow] += scale · x[row]
    public func add(_ scale: Float, _ x: FrozenMatrix, row: Int, toRow: Int) {
        Kernels.add(x.readable, row: row, scale: scale, to: self, row: toRow)
    }
}

extension Kernels {
    /// out = x rounded to bfloat16, to nearest and ties to even, as float32.
    ///
    /// - Parameter out: of x's shape; may be x
    public static func roundToBFloat16(_ x: Matrix, into out: Matrix) {
        precondition(out.rows == x.rows && out.columns == x.columns)
        bellm_round_to_bfloat16(x.base, x.stride, out.base, out.stride, x.rows, x.columns)
        withExtendedLifetime((x, out)) {}
    }
}
