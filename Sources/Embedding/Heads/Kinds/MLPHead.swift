import Diagnostics

/// Dense layers with a function behind each but the last, all with biases: the projection head of SimCLR (arXiv 2002.05709,
/// section 4.2) with one hidden layer and `relu`.
public struct MLPHead: HeadKind {
    /// The widths of the hidden layers.
    public var hidden: [Int] = []
    /// What comes out; nil for as many as go in.
    public var dimensions: Int?
    public var activation = HeadActivation.tanh

    public init() {}

    public static let name = "mlp"
    public static let fields: [HeadField<Self>] = [
        .widths("hidden", \.hidden), .width("dimensions", \.dimensions), .activation("activation", \.activation),
    ]

    public func validate() throws(Diagnostic) {
        guard !hidden.isEmpty else {
            throw Diagnostic("a head of the kind mlp needs hidden layers", suggestion: "write hidden: [512]")
        }
    }

    public func layers(inputs: Int) -> [DenseLayer] {
        let widths = [inputs] + hidden + [dimensions ?? inputs]
        return zip(widths, widths.dropFirst()).enumerated().map { index, width in
            DenseLayer(
                inputs: width.0, outputs: width.1, activation: index < hidden.count ? activation : .identity)
        }
    }
}
