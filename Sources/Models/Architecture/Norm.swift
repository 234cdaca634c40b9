import Numerics

/// A norm with its weights.
struct Norm: Sendable {
    let kind: NormKind
    let weight: FrozenMatrix  // [1, columns]
    let bias: FrozenMatrix  //   [1, columns], zeros for RMSNorm, which has none
    /// Where its gradients go; nil where it is frozen.
    var places: Places?

    struct Places: Sendable {
        var weight: ParameterPlace
        var bias: ParameterPlace?
    }

    /// - Parameter out: of x's shape; may be x
    func apply(_ x: Matrix, into out: Matrix) {
        switch kind {
        case .rms(let epsilon): Kernels.rmsNorm(x, weight: weight, epsilon: epsilon, into: out)
        case .layer(let epsilon): Kernels.layerNorm(x, weight: weight, bias: bias, epsilon: epsilon, into: out)
        }
    }

    /// xGradient += the gradient of x, given that of the result; adds those of the weights where they are trained.
    func applyBackward(_ x: Matrix, gradient: Matrix, into xGradient: Matrix, _ gradients: Gradients) {
        let weightGradient = places.map { gradients.view($0.weight) }
        switch kind {
        case .rms(let epsilon):
            Kernels.rmsNormBackward(
                x, weight: weight, epsilon: epsilon, gradient: gradient, into: xGradient, weightGradient: weightGradient
            )
        case .layer(let epsilon):
            var parameters: (weight: Matrix, bias: Matrix)?
            if let weightGradient, let bias = places?.bias { parameters = (weightGradient, gradients.view(bias)) }
            Kernels.layerNormBackward(
                x, weight: weight, epsilon: epsilon, gradient: gradient, into: xGradient, parameters: parameters)
        }
    }

    /// Norms each head of each row by itself, in place.
    ///
    /// - Parameter x: [rows, heads · d] where d is the norm's width
    func applyToHeads(of x: Matrix) {
        for start in stride(from: 0, to: x.columns, by: weight.columns) {
            let head = x[columns: start..<start + weight.columns]
            apply(head, into: head)
        }
    }

    /// xGradient += the gradient of x, given that of `applyToHeads`' result.
    func applyToHeadsBackward(_ x: Matrix, gradient: Matrix, into xGradient: Matrix, _ gradients: Gradients) {
        for start in stride(from: 0, to: x.columns, by: weight.columns) {
            let head = start..<start + weight.columns
            applyBackward(
                x[columns: head], gradient: gradient[columns: head], into: xGradient[columns: head], gradients)
        }
    }
}
