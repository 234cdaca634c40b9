import Numerics

/// What the gradients of a layer's parts read and write.
struct BackwardPass {
    /// What `apply` recorded.
    let tape: SlotMemory
    let gradients: Gradients
    let workspace: Workspace

    /// Zeros, to which gradients are added.
    func zeros(_ slot: Workspace.Slot, like x: Matrix) -> Matrix {
        let zeros = workspace.matrix(.gradient(of: slot), rows: x.rows, columns: x.columns)
        zeros.fill(0)
        return zeros
    }
}
