import Numerics

/// A pretrained transformer, as the forward pass sees it: an embedding layer, equal layers, a final norm.
///
/// One file an architecture family implements it. All matrices are row-major, one row a token.
public protocol Backbone: Sendable {
    var shape: BackboneShape { get }

    /// The embedding layer's output.
    ///
    /// - Parameters:
    ///   - tokens: ids; a negative one stands for a token without an embedding, whose row is zeros
    ///   - positions: each token's in its sequence, for models that learn a vector a position
    ///   - out: [tokens, hiddenSize]
    func embed(_ tokens: ArraySlice<Int32>, at positions: ArraySlice<Int32>, into out: Matrix) throws

    /// A layer with its weights: those in memory, or read from the checkpoint for as long as the result is held.
    func layer(_ index: Int) throws -> any TransformerLayer

    /// - Parameter out: of the rows' shape; may be the rows themselves
    func applyFinalNorm(to rows: Matrix, into out: Matrix)
}

extension Backbone {
    public var layerCount: Int { shape.layerCount }
    public var hiddenSize: Int { shape.hiddenSize }
    public var contextLength: Int { shape.contextLength }
}

/// One layer of a backbone.
public protocol TransformerLayer: Sendable {
    /// Applies the layer, and leaves its keys and values in the workspace's `keysValues`.
    ///
    /// - Parameters:
    ///   - rows: [rows, hiddenSize], the residual stream; overwritten where all rows are asked for
    ///   - attention: which rows are there, which are asked for, and what each sees
    /// - Returns: the rows asked for: [queries, hiddenSize]
    func apply(to rows: Matrix, attention: LayerAttention, workspace: Workspace) -> Matrix
}
