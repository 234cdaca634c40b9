import Numerics

/// A layer that gradients go through.
protocol DifferentiableLayer: TransformerLayer {
    /// The gradient of the layer's input, given that of its result; adds those of its parameters.
    ///
    /// - Parameters:
    ///   - gradient: [queries, hiddenSize], of what `apply` returned; overwritten
    ///   - step: what `apply` was called with, and what it recorded
    /// - Returns: [rows, hiddenSize], valid until the workspace is used again; nil where nobody asks for it
    func backward(_ gradient: Matrix, step: RecordedStep, gradients: Gradients, workspace: Workspace) -> Matrix?
}

/// One layer of a recorded forward pass.
struct RecordedStep {
    var attention: LayerAttention
    /// What `apply` recorded.
    var tape: SlotMemory
    /// Whether anything below the layer is trained.
    var needsInputGradient: Bool
}
