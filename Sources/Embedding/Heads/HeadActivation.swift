import Foundation
import Numerics

/// The function behind a dense layer of a head, by the names of an experiment and of PyTorch's modules.
public enum HeadActivation: String, CaseIterable, Hashable, Sendable {
    case identity
    case tanh
    /// x/2 · (1 + erf(x/√2)), as PyTorch's `GELU` without an argument.
    case gelu
    case relu

    /// The module's class, as sentence-transformers' `Dense` names it.
    var torchName: String {
        switch self {
        case .identity: "torch.nn.modules.linear.Identity"
        case .tanh: "torch.nn.modules.activation.Tanh"
        case .gelu: "torch.nn.modules.activation.GELU"
        case .relu: "torch.nn.modules.activation.ReLU"
        }
    }

    /// - Returns: of x's shape; x itself where nothing changes.
    func apply(_ x: Matrix) -> Matrix {
        let out: Matrix
        switch self {
        case .identity: return x
        case .tanh:
            out = Matrix(rows: x.rows, columns: x.columns)
            for row in 0..<x.rows { out.assign(row: row, from: x.array(row: row).map(Foundation.tanh)) }
        case .gelu:
            out = Matrix(rows: x.rows, columns: x.columns)
            Kernels.activate(x, by: .gelu, into: out)
        case .relu:
            out = Matrix(rows: x.rows, columns: x.columns)
            Kernels.activate(x, by: .relu, into: out)
        }
        return out
    }

    /// The gradient of x, given that of `apply`'s result.
    ///
    /// - Parameter out: what `apply` returned
    func applyBackward(_ x: Matrix, out: Matrix, gradient: Matrix) -> Matrix {
        let xGradient: Matrix
        switch self {
        case .identity: return gradient
        case .tanh:
            xGradient = Matrix(rows: x.rows, columns: x.columns)
            for row in 0..<x.rows {
                let slopes = zip(gradient.array(row: row), out.array(row: row)).map { $0 * (1 - $1 * $1) }
                xGradient.assign(row: row, from: slopes)
            }
        case .gelu:
            xGradient = Matrix(rows: x.rows, columns: x.columns)
            Kernels.activateBackward(x, by: .gelu, gradient: gradient, into: xGradient)
        case .relu:
            xGradient = Matrix(rows: x.rows, columns: x.columns)
            Kernels.activateBackward(x, by: .relu, gradient: gradient, into: xGradient)
        }
        return xGradient
    }
}
