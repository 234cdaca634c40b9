import Diagnostics

/// The sizes of a backbone that decide what a forward pass costs: known from a checkpoint's header alone.
public struct BackboneShape: Hashable, Sendable {
    public var layerCount: Int
    public var hiddenSize: Int
    /// The longest sequence the model was made for, in tokens.
    public var contextLength: Int
    /// The number of token ids; each id is below it.
    public var vocabularySize: Int
    /// The columns of a layer's keys and values together.
    public var keyValueColumns: Int
    /// The weights of one layer's matrix products. Each costs a multiplication and an addition per token.
    public var weightsPerLayer: Int
    /// Floats of the widest intermediate results of one token together: what a worker's memory holds per row.
    public var intermediateColumns: Int
    /// Floats of the tables of rotary positions and of distances, which are filled for the whole context.
    public var positionFloats = 0
    /// Weights of what stands behind the last norm, which are in memory whether layers are or not.
    public var endWeights = 0
    /// Floats that a recorded pass keeps of each token in each layer.
    public var recordedColumns = 0
    /// Floats of one token's gradients, and of what is computed again for them, in a layer: what a worker's memory holds per row.
    public var gradientColumns = 0
    /// Floats of one token's inputs of a layer's linear maps: what dropout makes a copy of.
    public var droppedColumns = 0
    /// Whether the layers attend in both directions always, as those of BERT: there is no causal model of that name.
    public var isEncoder = false
    /// Whether it is a table of word vectors: without layers, and blind to the order of words.
    public var isStatic = false

    /// Floating-point operations of the matrix products of one token in one layer.
    public var operationsPerTokenAndLayer: Double { 2 * Double(weightsPerLayer) }
}

extension BackboneShape {
    /// Checks that a model of this kind can attend as a plan says.
    ///
    /// - Throws: where a layer of an encoder is to be causal.
    public func check(_ plan: AttentionPlan) throws(Diagnostic) {
        let bidirectional = try plan.settled(isEncoder: isEncoder).bidirectionalLayers(layerCount: layerCount)
        guard !isEncoder || bidirectional.count == layerCount else { throw Self.causalEncoder("\(plan)") }
    }

    func check(_ readout: Readout) throws(Diagnostic) {
        guard !isEncoder || readout.bidirectional.count == readout.hiddenLayer else {
            throw Self.causalEncoder("that leaves a layer below hidden layer \(readout.hiddenLayer) causal")
        }
    }

    private static func causalEncoder(_ found: String) -> Diagnostic {
        Diagnostic(
            "the model is an encoder, whose layers attend in both directions; expected the attention plan \"native\", "
                + "found \(found)", suggestion: "write bidirectional: native")
    }
}
