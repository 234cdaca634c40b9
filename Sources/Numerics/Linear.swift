/// A linear map without bias, ready to be applied: its weights are in whatever form the library multiplies fastest.
public protocol Linear: Sendable {
    var inputs: Int { get }
    var outputs: Int { get }

    /// y = x Wᵀ, or y += x Wᵀ where `accumulating`, on the calling thread.
    ///
    /// - Parameters:
    ///   - x: [rows, inputs]
    ///   - y: [rows, outputs]
    ///   - scratch: the caller's own
    func apply(_ x: Matrix, into y: Matrix, accumulating: Bool, scratch: LinearScratch)

    /// The gradient of the input, given that of the result: xGradient = gradient W, or += where `accumulating`.
    ///
    /// Only of maps that were made differentiable.
    ///
    /// - Parameters:
    ///   - gradient: [rows, outputs]
    ///   - xGradient: [rows, inputs]
    func applyBackward(_ gradient: Matrix, into xGradient: Matrix, accumulating: Bool, scratch: LinearScratch)
}

/// How linear maps are made: the precision and the library of a backbone.
public struct LinearMaker: Hashable, Sendable {
    public let precision: Precision
    public let library: MatrixLibrary
    /// Whether the maps can take gradients back: packed weights are then kept in both directions.
    public let isDifferentiable: Bool

    public init(
        precision: Precision = .float32, library: MatrixLibrary = .oneDNN, isDifferentiable: Bool = false
    ) {
        self.precision = precision
        self.library = library
        self.isDifferentiable = isDifferentiable
    }

    /// - Parameter weight: [outputs, inputs], as checkpoints store them; must not be written after this
    public func linear(_ weight: Matrix) -> any Linear {
        switch (precision, library) {
        case (.float32, .openBLAS): return OpenBLASLinear(FrozenMatrix(freezing: weight))
        case _ where !OneDNN.hasAVX512:
            return PanelLinear(weight, roundsToBFloat16: precision == .bfloat16, isDifferentiable: isDifferentiable)
        case (.float32, .oneDNN): return OneDNNLinear(weight, arithmetic: .float32, isDifferentiable: isDifferentiable)
        case (.bfloat16, _):
            return OneDNNLinear(
                weight, arithmetic: OneDNN.multipliesBFloat16Fast ? .bfloat16 : .roundedFloat32,
                isDifferentiable: isDifferentiable)
        }
    }

    /// Bytes of memory that a weight takes.
    public var bytesPerWeight: Int {
        let once = precision == .bfloat16 && OneDNN.multipliesBFloat16Fast ? 2 : 4
        return isDifferentiable && library == .oneDNN ? 2 * once : once
    }
}
