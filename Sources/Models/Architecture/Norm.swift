import Numerics

/// A norm with its weights.
struct Norm: Sendable {
    /// Nil for one that leaves rows as they are.
    let kind: NormKind?
    let weight: FrozenMatrix  // [1, columns]
    let bias: FrozenMatrix  //   [1, columns], zeros where there is none
    /// Where its gradients go; nil where it is frozen.
    var places: Places?

    struct Places: Sendable {
        var weight: ParameterPlace
        var bias: ParameterPlace?
    }

    /// In the place of a norm that a layer doesn't have.
    static func identity(columns: Int) -> Norm {
        let none = FrozenMatrix(freezing: Matrix(rows: 1, columns: columns))
        return Norm(kind: nil, weight: none, bias: none)
    }

    /// - Parameter out: of x's shape; may be x
    func apply(_ x: Matrix, into out: Matrix) {
        switch kind {
        case .rms(let epsilon): Kernels.rmsNorm(x, weight: weight, epsilon: epsilon, into: out)
        case .layer(let epsilon, _): Kernels.layerNorm(x, weight: weight, bias: bias, epsilon: epsilon, into: out)
        case nil: out.assign(x)
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
        case .layer(let epsilon, _):
            // The gradient of a bias that there isn't goes nowhere.
            let parameters = weightGradient.map { weightGradient in
                (weightGradient, places?.bias.map(gradients.view) ?? Matrix(rows: 1, columns: weightGradient.columns))
            }
            Kernels.layerNormBackward(
                x, weight: weight, epsilon: epsilon, gradient: gradient, into: xGradient, parameters: parameters)
        case nil: Kernels.add(gradient, to: xGradient)
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
