import CKernels

extension Kernels {
    /// The dot product of each row of `a` with the same row of `b`, in double precision.
    public static func rowDots(_ a: Matrix, _ b: Matrix) -> [Double] {
        precondition(a.rows == b.rows && a.columns == b.columns)
        let dots = (0..<a.rows).map { bellm_dot(a.base + $0 * a.stride, b.base + $0 * b.stride, a.columns) }
        withExtendedLifetime((a, b)) {}
        return dots
    }

    /// The sum of each row's squares, in double precision.
    public static func squaredNorms(_ x: FrozenMatrix) -> [Double] { rowDots(x.readable, x.readable) }

    /// The sum of all squares, in double precision.
    public static func squaredNorm(_ x: Matrix) -> Double {
        rowDots(x, x).reduce(0, +)
    }

    /// out[r] = scales[r] · x[r]
    ///
    /// - Parameter out: of x's shape; may be x
    public static func scaleRows(_ x: Matrix, by scales: [Double], into out: Matrix) {
        precondition(out.rows == x.rows && out.columns == x.columns && scales.count == x.rows)
        for (row, scale) in scales.enumerated() {
            bellm_scale(x.base + row * x.stride, scale, out.base + row * out.stride, x.columns)
        }
        withExtendedLifetime((x, out)) {}
    }

    /// Turns the gradient with respect to unit rows into the one with respect to the rows of the given lengths.
    ///
    /// With u = x / |x|: ∂/∂x = (∂/∂u − (u · ∂/∂u) u) / |x|.
    public static func unitRowsBackward(_ units: Matrix, lengths: [Double], gradient: Matrix) {
        precondition(lengths.count == units.rows)
        for (row, along) in rowDots(units, gradient).enumerated() {
            bellm_unit_gradient(
                units.base + row * units.stride, along, lengths[row], gradient.base + row * gradient.stride,
                units.columns)
        }
        withExtendedLifetime((units, gradient)) {}
    }

    /// Replaces each row by its softmax; -∞ takes no part.
    ///
    /// - Returns: log Σ exp of each row as it was.
    public static func softmaxRows(_ x: Matrix) -> [Double] {
        let totals = (0..<x.rows).map { bellm_softmax(x.base + $0 * x.stride, x.columns) }
        withExtendedLifetime(x) {}
        return totals
    }
}
