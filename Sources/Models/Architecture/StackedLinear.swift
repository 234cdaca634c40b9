import Numerics

/// Linear maps with the same input, multiplied at once, with their biases, and with what training adds to them.
struct StackedLinear: Sendable {
    let linear: any Linear
    let bias: FrozenMatrix?  // [1, outputs]
    /// Of those maps that are trained.
    var changes: [MapChange] = []

    var isTrained: Bool { !changes.isEmpty }

    /// y = x Wᵀ + b, or y += x Wᵀ + b where `accumulating`.
    func apply(_ x: Matrix, into y: Matrix, accumulating: Bool = false, workspace: Workspace) {
        linear.apply(x, into: y, accumulating: accumulating, scratch: workspace.linearScratch)
        if let bias { Kernels.addToEachRow(bias, of: y) }
        for change in changes { change.apply(x, to: y, workspace: workspace) }
    }

    /// Adds the gradients of what is trained, and gives that of x where it is asked for.
    ///
    /// - Parameters:
    ///   - gradient: of y
    ///   - x: read only where something is trained
    ///   - xGradient: overwritten
    func applyBackward(
        _ gradient: Matrix, input x: @autoclosure () -> Matrix, into xGradient: Matrix?, _ pass: BackwardPass
    ) {
        if let xGradient {
            linear.applyBackward(
                gradient, into: xGradient, accumulating: false, scratch: pass.workspace.linearScratch)
        }
        guard isTrained else { return }
        let x = x()
        for change in changes { change.applyBackward(gradient, input: x, into: xGradient, pass) }
    }
}
