import Numerics

/// The function behind a dense layer of a head, by the names of an experiment and of PyTorch's modules, which are those of
/// `torch.nn` that take one number at a time and need no argument.
public enum HeadActivation: String, CaseIterable, Hashable, Sendable {
    case identity
    case tanh
    /// x/2 · (1 + erf(x/√2)), as PyTorch's `GELU` without an argument.
    case gelu
    case relu
    case sigmoid
    case silu
    case mish
    case elu
    case celu
    case selu
    case softplus
    case leakyReLU = "leaky_relu"
    case relu6
    case logSigmoid = "log_sigmoid"
    case softSign = "softsign"
    case hardTanh = "hardtanh"
    case hardSigmoid = "hardsigmoid"
    case hardSwish = "hardswish"
    case tanhShrink = "tanhshrink"
    case softShrink = "softshrink"
    case hardShrink = "hardshrink"

    /// The module's class in `torch.nn`.
    private var className: String {
        switch self {
        case .identity: "Identity"
        case .tanh: "Tanh"
        case .gelu: "GELU"
        case .relu: "ReLU"
        case .sigmoid: "Sigmoid"
        case .silu: "SiLU"
        case .mish: "Mish"
        case .elu: "ELU"
        case .celu: "CELU"
        case .selu: "SELU"
        case .softplus: "Softplus"
        case .leakyReLU: "LeakyReLU"
        case .relu6: "ReLU6"
        case .logSigmoid: "LogSigmoid"
        case .softSign: "Softsign"
        case .hardTanh: "Hardtanh"
        case .hardSigmoid: "Hardsigmoid"
        case .hardSwish: "Hardswish"
        case .tanhShrink: "Tanhshrink"
        case .softShrink: "Softshrink"
        case .hardShrink: "Hardshrink"
        }
    }

    /// The module's path, as sentence-transformers' `Dense` writes it.
    var torchName: String { "torch.nn.modules.\(self == .identity ? "linear" : "activation").\(className)" }

    /// Reads a path under which Python finds the module.
    init?(torchName name: String) {
        let found = Self.allCases.first { activation in
            name == activation.torchName
                || ["torch.nn", "torch.nn.modules"].contains { name == "\($0).\(activation.className)" }
        }
        guard let found else { return nil }
        self = found
    }

    /// Of the functions that backbones have too.
    private var kernel: Activation? {
        switch self {
        case .gelu: .gelu
        case .relu: .relu
        case .silu: .silu
        default: nil
        }
    }

    /// - Returns: of x's shape; x itself where nothing changes.
    func apply(_ x: Matrix) -> Matrix {
        let out = Matrix(rows: x.rows, columns: x.columns)
        if let kernel {
            Kernels.activate(x, by: kernel, into: out)
        } else if let closedForm {
            for row in 0..<x.rows { out.assign(row: row, from: x.array(row: row).map(closedForm.value)) }
        } else {
            return x
        }
        return out
    }

    /// The gradient of x, given that of `apply`'s result.
    ///
    /// - Parameter out: what `apply` returned
    func applyBackward(_ x: Matrix, out: Matrix, gradient: Matrix) -> Matrix {
        let xGradient = Matrix(rows: x.rows, columns: x.columns)
        if let kernel {
            Kernels.activateBackward(x, by: kernel, gradient: gradient, into: xGradient)
        } else if let closedForm {
            for row in 0..<x.rows {
                let slopes = zip(x.array(row: row), out.array(row: row)).map(closedForm.slope)
                xGradient.assign(row: row, from: zip(gradient.array(row: row), slopes).map { $0 * $1 })
            }
        } else {
            return gradient
        }
        return xGradient
    }
}
