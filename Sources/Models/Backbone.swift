import Diagnostics
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

/// A backbone that can be trained: by adapters to its modules, or as a whole.
public protocol AdaptableBackbone: Backbone {
    /// The modules that training can change.
    var modules: BackboneModules { get }

    /// Floats that a recorded pass keeps of each row in each layer.
    var recordedColumns: Int { get }

    /// Puts the backbone's own weights in the place of the modules that are trained whole, where their training begins.
    ///
    /// - Parameter values: [1, parameters], of the layout of a configuration of this backbone
    func fillWhole(_ values: Matrix, _ layout: ParameterLayout) throws

    /// The backbone with an adapter applied on the fly, instead of the one that it had.
    ///
    /// - Parameter adapter: of a layout of this backbone
    /// - Throws: where weights can't be read.
    func adapted(by adapter: Adapter) throws -> any AdaptableBackbone

    /// Adds the gradients of what `embed` reads, given that of its result; nothing where it isn't trained.
    ///
    /// - Parameters:
    ///   - gradient: [tokens, hiddenSize]; overwritten
    ///   - tokens, positions: what `embed` was called with
    func embedBackward(
        _ gradient: Matrix, tokens: ArraySlice<Int32>, at positions: ArraySlice<Int32>, gradients: Gradients)

    /// Adds the gradient of `applyFinalNorm`'s rows, given that of its result, and the norm's own where it is trained.
    func applyFinalNormBackward(
        to rows: Matrix, gradient: Matrix, into rowsGradient: Matrix, gradients: Gradients)
}

extension AdaptableBackbone {
    /// The parameters of an adapter to this backbone.
    ///
    /// - Throws: where a layer or a module doesn't exist.
    public func parameterLayout(of configuration: AdapterConfiguration) throws(Diagnostic) -> ParameterLayout {
        try modules.parameterLayout(of: configuration)
    }
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
