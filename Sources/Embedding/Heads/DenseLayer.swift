import Diagnostics

/// A linear map with or without a bias, and the function behind it: sentence-transformers' `Dense`.
public struct DenseLayer: Hashable, Sendable {
    public var inputs: Int
    public var outputs: Int
    public var hasBias: Bool
    public var activation: HeadActivation
    /// What is added to the activation's result.
    public var residual = Residual.none

    /// What of its own input a layer adds to what it makes of it.
    public enum Residual: Hashable, Sendable {
        case none
        /// The input, which is as wide.
        case input
        /// The input through a map of its own, without a bias.
        case map
    }

    public init(inputs: Int, outputs: Int, hasBias: Bool = true, activation: HeadActivation = .identity) {
        (self.inputs, self.outputs, self.hasBias, self.activation) = (inputs, outputs, hasBias, activation)
    }

    /// The weight's, then the bias', then the residual's weight.
    public var parameterCount: Int { residualOffset + (residual == .map ? weightCount : 0) }
    var weightCount: Int { inputs * outputs }
    /// Where the residual's weight begins among the layer's parameters.
    var residualOffset: Int { weightCount + (hasBias ? outputs : 0) }
}

/// What a head is made of, without its numbers: layers, each of which takes what the one before gives.
public struct HeadShape: Hashable, Sendable {
    /// At least one.
    public let layers: [HeadLayer]

    /// - Parameter layers: at least one, each as wide as the one before gives
    public init(_ layers: [HeadLayer]) {
        precondition(!layers.isEmpty && zip(layers, layers.dropFirst()).allSatisfy { $0.outputs == $1.inputs })
        self.layers = layers
    }

    /// Of dense layers alone.
    public init(_ layers: [DenseLayer]) { self.init(layers.map(HeadLayer.dense)) }

    public var inputs: Int { layers[0].inputs }
    public var outputs: Int { layers[layers.count - 1].outputs }
    /// Of all layers, end to end: of a dense one its weight [outputs, inputs] row by row, its bias, its residual's weight; of a
    /// LayerNorm weight and bias.
    public var parameterCount: Int { layers.reduce(0) { $0 + $1.parameterCount } }

    /// In words, such as `576 → 256 tanh`.
    public var title: String {
        layers.reduce(String(inputs)) { $0 + " → \($1.title)" }
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
