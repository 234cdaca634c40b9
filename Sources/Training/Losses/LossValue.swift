import Numerics

/// A batch's loss and where it wants the embeddings to go.
public struct LossValue {
    public var value: Double
    /// ∂ loss / ∂ embeddings, of the embeddings' shape: [rows, hidden].
    public var gradient: Matrix
}
