import Numerics

/// A linear map, with a bias or without.
struct BiasedLinear: Sendable {
    let linear: any Linear
    let bias: FrozenMatrix?  // [1, outputs]

    /// y = x Wᵀ + b, or y += x Wᵀ + b where `accumulating`.
    func apply(_ x: Matrix, into y: Matrix, accumulating: Bool = false, scratch: LinearScratch) {
        linear.apply(x, into: y, accumulating: accumulating, scratch: scratch)
        if let bias { Kernels.addToEachRow(bias, of: y) }
    }
}
