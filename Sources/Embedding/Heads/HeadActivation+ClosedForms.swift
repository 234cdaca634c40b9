import Foundation

extension HeadActivation {
    /// A function of one number and its slope, as `torch.nn`'s module without arguments has them.
    struct ClosedForm: Sendable {
        let value: @Sendable (_ x: Float) -> Float
        /// - Parameter y: the function's value at x
        let slope: @Sendable (_ x: Float, _ y: Float) -> Float
    }

    /// nil for those of which Numerics has a kernel.
    /// Source: https://docs.pytorch.org/docs/stable/nn.html#non-linear-activations-weighted-sum-nonlinearity
    var closedForm: ClosedForm? {
        switch self {
        case .identity, .gelu, .relu, .silu: nil
        case .tanh: ClosedForm(value: { Foundation.tanh($0) }, slope: { 1 - $1 * $1 })
        case .sigmoid: ClosedForm(value: Self.logistic, slope: { $1 * (1 - $1) })
        case .logSigmoid:
            ClosedForm(value: { min($0, 0) - log1p(exp(-abs($0))) }, slope: { x, _ in Self.logistic(-x) })
        case .softplus: ClosedForm(value: Self.softplus, slope: { x, _ in x > 20 ? 1 : Self.logistic(x) })
        case .mish:
            ClosedForm(
                value: { $0 * Foundation.tanh(Self.softplus($0)) },
                slope: { x, _ in
                    let gate = Foundation.tanh(Self.softplus(x))
                    return gate + x * (1 - gate * gate) * Self.logistic(x)
                })
        // α is 1, where the two are the same.
        case .elu, .celu: ClosedForm(value: { $0 > 0 ? $0 : expm1($0) }, slope: { $0 > 0 ? 1 : $1 + 1 })
        case .selu: Self.scaledELU
        case .leakyReLU: ClosedForm(value: { $0 > 0 ? $0 : 0.01 * $0 }, slope: { x, _ in x > 0 ? 1 : 0.01 })
        case .relu6: Self.clamped(between: 0, and: 6)
        case .hardTanh: Self.clamped(between: -1, and: 1)
        case .hardSigmoid:
            ClosedForm(value: Self.hardLogistic, slope: { x, _ in abs(x) < 3 ? 1 / 6 : 0 })
        case .hardSwish:
            ClosedForm(
                value: { $0 * Self.hardLogistic($0) }, slope: { x, _ in abs(x) < 3 ? x / 3 + 0.5 : x < 0 ? 0 : 1 })
        case .softSign:
            ClosedForm(value: { $0 / (1 + abs($0)) }, slope: { x, _ in 1 / ((1 + abs(x)) * (1 + abs(x))) })
        case .tanhShrink:
            ClosedForm(value: { $0 - Foundation.tanh($0) }, slope: { ($0 - $1) * ($0 - $1) })
        case .softShrink:
            ClosedForm(
                value: { $0 > 0.5 ? $0 - 0.5 : $0 < -0.5 ? $0 + 0.5 : 0 }, slope: { x, _ in abs(x) > 0.5 ? 1 : 0 })
        case .hardShrink:
            ClosedForm(value: { abs($0) > 0.5 ? $0 : 0 }, slope: { x, _ in abs(x) > 0.5 ? 1 : 0 })
        }
    }

    private static func logistic(_ x: Float) -> Float { 1 / (1 + exp(-x)) }

    private static func hardLogistic(_ x: Float) -> Float { min(max(x + 3, 0), 6) / 6 }

    /// PyTorch goes straight on above 20.
    private static func softplus(_ x: Float) -> Float { x > 20 ? x : log1p(exp(x)) }

    private static func clamped(between lower: Float, and upper: Float) -> ClosedForm {
        ClosedForm(value: { min(max($0, lower), upper) }, slope: { x, _ in lower < x && x < upper ? 1 : 0 })
    }

    /// With the numbers of Klambauer et al., arXiv 1706.02515, equation 2.
    private static let scaledELU: ClosedForm = {
        let (scale, alpha) = (1.050_700_987_355_480_5 as Float, 1.673_263_242_354_377_2 as Float)
        return ClosedForm(
            value: { scale * ($0 > 0 ? $0 : alpha * expm1($0)) }, slope: { $0 > 0 ? scale : $1 + scale * alpha })
    }()
}
