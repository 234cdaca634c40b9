/// One step of a head: a module of sentence-transformers behind its `Pooling`.
public enum HeadLayer: Hashable, Sendable {
    case dense(DenseLayer)
    /// Each row divided by its length: `Normalize`.
    case unitLength(width: Int)
    /// LayerNorm with weight and bias: `LayerNorm`.
    case norm(width: Int)
    /// A row's first numbers: `truncate_dim`.
    case cut(width: Int, to: Int)

    /// PyTorch's, of a `LayerNorm` and of a division by a length.
    static let normEpsilon: Float = 1e-5
    static let shortestLength = 1e-12

    public var inputs: Int {
        switch self {
        case .dense(let layer): layer.inputs
        case .unitLength(let width), .norm(let width), .cut(let width, _): width
        }
    }

    public var outputs: Int {
        switch self {
        case .dense(let layer): layer.outputs
        case .unitLength(let width), .norm(let width): width
        case .cut(_, let count): count
        }
    }

    public var parameterCount: Int {
        switch self {
        case .dense(let layer): layer.parameterCount
        case .norm(let width): 2 * width
        case .unitLength, .cut: 0
        }
    }

    /// In words, such as `256 tanh`.
    var title: String {
        switch self {
        case .dense(let layer):
            "\(layer.outputs)" + (layer.activation == .identity ? "" : " \(layer.activation.rawValue)")
                + (layer.hasBias ? "" : " without bias") + (layer.residual == .none ? "" : " and its input")
        case .unitLength: "length 1"
        case .norm: "LayerNorm"
        case .cut(_, let count): "the first \(count)"
        }
    }
}
