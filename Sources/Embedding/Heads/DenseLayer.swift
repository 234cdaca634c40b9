import Diagnostics

/// A linear map with or without a bias, and the function behind it: sentence-transformers' `Dense`.
public struct DenseLayer: Hashable, Sendable {
    public var inputs: Int
    public var outputs: Int
    public var hasBias: Bool
    public var activation: HeadActivation

    public init(inputs: Int, outputs: Int, hasBias: Bool = true, activation: HeadActivation = .identity) {
        (self.inputs, self.outputs, self.hasBias, self.activation) = (inputs, outputs, hasBias, activation)
    }

    /// The weight's, then the bias'.
    public var parameterCount: Int { weightCount + (hasBias ? outputs : 0) }
    var weightCount: Int { inputs * outputs }
}

/// What a head is made of, without its numbers: dense layers, each of which takes what the one before gives.
public struct HeadShape: Hashable, Sendable {
    /// At least one.
    public let layers: [DenseLayer]

    /// - Parameter layers: at least one, each as wide as the one before gives
    public init(_ layers: [DenseLayer]) {
        precondition(!layers.isEmpty && zip(layers, layers.dropFirst()).allSatisfy { $0.outputs == $1.inputs })
        self.layers = layers
    }

    public var inputs: Int { layers[0].inputs }
    public var outputs: Int { layers[layers.count - 1].outputs }
    /// Of all layers, end to end: each layer's weight [outputs, inputs] row by row, then its bias.
    public var parameterCount: Int { layers.reduce(0) { $0 + $1.parameterCount } }

    /// In words, such as `576 → 256 tanh`.
    public var title: String {
        layers.reduce(String(inputs)) { text, layer in
            text + " → \(layer.outputs)" + (layer.activation == .identity ? "" : " \(layer.activation.rawValue)")
                + (layer.hasBias ? "" : " without bias")
        }
    }

    /// - Throws: where the model's pooled states aren't as wide as the head takes them.
    package func check(fits hiddenSize: Int) throws(Diagnostic) {
        guard inputs == hiddenSize else {
            throw Diagnostic("the head takes embeddings of \(inputs) dimensions, the model's have \(hiddenSize)")
        }
    }

    /// Where each layer's parameters begin.
    var offsets: [Int] {
        layers.dropLast().reduce(into: [0]) { $0.append(($0.last ?? 0) + $1.parameterCount) }
    }
}
