import CKernels

/// The function between an MLP's linear maps.
public enum Activation: String, Hashable, Sendable {
    case relu
    case silu
    /// x/2 · (1 + erf(x/√2)). arXiv 1606.08415, equation 1.
    case gelu
    /// Its approximation by tanh, in section 2 there.
    case geluTanh = "gelu_tanh"

    var kernel: bellm_activation {
        switch self {
        case .relu: bellm_relu
        case .silu: bellm_silu
        case .gelu: bellm_gelu
        case .geluTanh: bellm_gelu_tanh
        }
    }
}

extension Kernels {
    /// x = activation(x), in place.
    public static func activate(_ x: Matrix, _ activation: Activation) {
        bellm_activate(activation.kernel, x.base, x.stride, x.rows, x.columns)
        withExtendedLifetime(x) {}
    }

    /// out = activation(gate) · up. arXiv 2002.05202, equations 5 and 6.
    ///
    /// - Parameters:
    ///   - gateUp: [rows, 2 · columns]: the gate's columns, then the up projection's
    ///   - out: [rows, columns]
    public static func gate(_ gateUp: Matrix, by activation: Activation, into out: Matrix) {
        precondition(gateUp.rows == out.rows && gateUp.columns == 2 * out.columns)
        bellm_gate(activation.kernel, gateUp.base, gateUp.stride, out.base, out.stride, out.rows, out.columns)
        withExtendedLifetime((gateUp, out)) {}
    }

    /// out = (x - mean(x)) / √(variance(x) + ε) · weight + bias, row by row. LayerNorm, arXiv 1607.06450, equation 4.
    ///
    /// - Parameters:
    ///   - weight, bias: [1, columns]
    ///   - out: of x's shape; may be x
    public static func layerNorm(
        _ x: Matrix, weight: FrozenMatrix, bias: FrozenMatrix, epsilon: Float, into out: Matrix
    ) {
        precondition(out.rows == x.rows && out.columns == x.columns)
        precondition(weight.columns == x.columns && bias.columns == x.columns)
        bellm_layer_norm(
            x.base, x.stride, weight.readable.base, bias.readable.base, epsilon, out.base, out.stride, x.rows,
            x.columns)
        withExtendedLifetime((x, weight, bias, out)) {}
    }

    /// Each row of y += x.
    ///
    /// - Parameter x: [1, columns]
    public static func addToEachRow(_ x: FrozenMatrix, of y: Matrix) {
        precondition(x.columns == y.columns)
        bellm_add_to_rows(x.readable.base, y.base, y.stride, y.rows, y.columns)
        withExtendedLifetime((x, y)) {}
    }

    /// y += x
    ///
    /// - Parameter x: of y's shape
    public static func add(_ x: Matrix, to y: Matrix) {
        precondition(x.rows == y.rows)
        for row in 0..<x.rows { add(x, row: row, scale: 1, to: y, row: row) }
    }
}
