import Numerics

/// A norm with its weights.
struct Norm: Sendable {
    let kind: NormKind
    let weight: FrozenMatrix  // [1, columns]
    let bias: FrozenMatrix  //   [1, columns], zeros for RMSNorm, which has none

    /// - Parameter out: of x's shape; may be x
    func apply(_ x: Matrix, into out: Matrix) {
        switch kind {
        case .rms(let epsilon): Kernels.rmsNorm(x, weight: weight, epsilon: epsilon, into: out)
        case .layer(let epsilon): Kernels.layerNorm(x, weight: weight, bias: bias, epsilon: epsilon, into: out)
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
}
