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
    /// out = activation(x)
    ///
    /// - Parameter out: of x's shape; may be x
    public static func activate(_ x: Matrix, by activation: Activation, into out: Matrix) {
        precondition(out.rows == x.rows && out.columns == x.columns)
        bellm_activate(activation.kernel, x.base, x.stride, out.base, out.stride, x.rows, x.columns)
        withExtendedLifetime((x, out)) {}
    }

    /// The gradient of x, given that of `activate`'s result.
    ///
    /// - Parameters:
    ///   - gradient: of x's shape
    ///   - out: of x's shape, overwritten; may be the gradient
    public static func activateBackward(
        _ x: Matrix, by activation: Activation, gradient: Matrix, into out: Matrix
    ) {
        precondition(gradient.rows == x.rows && gradient.columns == x.columns)
        precondition(out.rows == x.rows && out.columns == x.columns)
        bellm_activate_backward(
            activation.kernel, x.base, x.stride, gradient.base, gradient.stride, out.base, out.stride, x.rows,
            x.columns)
        withExtendedLifetime((x, gradient, out)) {}
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

    /// The gradient of gateUp, given that of `gate`'s result.
    ///
    /// - Parameters:
    ///   - gradient: [rows, columns]
    ///   - out: [rows, 2 · columns], overwritten
    public static func gateBackward(
        _ gateUp: Matrix, by activation: Activation, gradient: Matrix, into out: Matrix
    ) {
        precondition(gateUp.rows == gradient.rows && gateUp.columns == 2 * gradient.columns)
        precondition(out.rows == gateUp.rows && out.columns == gateUp.columns)
        bellm_gate_backward(
            activation.kernel, gateUp.base, gateUp.stride, gradient.base, gradient.stride, out.base, out.stride,
            gradient.rows, gradient.columns)
        withExtendedLifetime((gateUp, gradient, out)) {}
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

    /// xGradient += the gradient of x, given that of `layerNorm`'s result.
    ///
    /// - Parameter parameters: the gradients of weight and bias, [1, columns] each, added to; nil where they are frozen
    public static func layerNormBackward(
        _ x: Matrix, weight: FrozenMatrix, epsilon: Float, gradient: Matrix, into xGradient: Matrix,
        parameters: (weight: Matrix, bias: Matrix)? = nil
    ) {
        precondition(gradient.rows == x.rows && gradient.columns == x.columns && weight.columns == x.columns)
        precondition(xGradient.rows == x.rows && xGradient.columns == x.columns)
        func call(_ parameters: UnsafePointer<bellm_norm_gradients>?) {
            bellm_layer_norm_backward(
                x.base, x.stride, weight.readable.base, epsilon, gradient.base, gradient.stride, xGradient.base,
                xGradient.stride, parameters, x.rows, x.columns)
        }
        if let parameters {
            precondition(parameters.weight.columns == x.columns && parameters.bias.columns == x.columns)
            var pointers = bellm_norm_gradients(weight: parameters.weight.base, bias: parameters.bias.base)
            call(&pointers)
        } else {
            call(nil)
        }
        withExtendedLifetime((x, weight, gradient, xGradient, parameters)) {}
    }

    /// Each row of y += x.
    ///
    /// - Parameter x: [1, columns]
    public static func addToEachRow(_ x: FrozenMatrix, of y: Matrix) {
        precondition(x.columns == y.columns)
        bellm_add_to_rows(x.readable.base, y.base, y.stride, y.rows, y.columns)
        withExtendedLifetime((x, y)) {}
    }

    /// y += the sum of x's rows.
    ///
    /// - Parameter y: [1, columns]
    public static func addRows(of x: Matrix, to y: Matrix) {
        for row in 0..<x.rows { add(x, row: row, scale: 1, to: y, row: 0) }
    }

    /// y += x
    ///
    /// - Parameter x: of y's shape
    public static func add(_ x: Matrix, to y: Matrix) {
        precondition(x.rows == y.rows)
        for row in 0..<x.rows { add(x, row: row, scale: 1, to: y, row: row) }
    }
}
