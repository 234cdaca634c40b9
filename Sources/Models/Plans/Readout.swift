import Diagnostics
import Numerics

/// Which rows of each sequence are read.
public enum RowSelection: Hashable, Sendable {
    case all
    /// The last token's.
    case last
}

/// Hidden states that somebody reads: of which hidden layer, under which attention plan, of which tokens.
public struct Readout: Hashable, Sendable {
    /// From 0, the embedding layer's output, to the number of layers: after the final norm.
    public let hiddenLayer: Int
    public private(set) var rows: RowSelection
    /// The bidirectional layers below the hidden layer: those above it have no part in it.
    let bidirectional: Set<Int>
    /// The layers below the hidden layer before which each sequence's last state replaces its placeholder's.
    let prepending: Range<Int>

    /// - Parameter prepending: the layers that Token Prepending acts before; empty for none
    /// - Throws: where the model has no such layer.
    public init(
        attention: AttentionPlan, layer: HiddenLayer, rows: RowSelection, prepending: Range<Int> = 0..<0,
        layerCount: Int
    ) throws(Diagnostic) {
        let hiddenLayer = try layer.resolved(layerCount: layerCount)
        guard prepending.upperBound <= layerCount else {
            throw Diagnostic(
                "cannot prepend before layers \(prepending): the model has \(layerCount) layers, 0…\(layerCount - 1)")
        }
        self.hiddenLayer = hiddenLayer
        self.rows = rows
        self.prepending = prepending.clamped(to: 0..<hiddenLayer)
        bidirectional = Set(try attention.bidirectionalLayers(layerCount: layerCount).filter { $0 < hiddenLayer })
    }

    /// The same of other rows.
    public func reading(_ rows: RowSelection) -> Readout {
        var readout = self
        readout.rows = rows
        return readout
    }

    /// What a layer does for a readout: those that agree share the computation.
    struct Treatment: Hashable {
        var isBidirectional: Bool
        var prepends: Bool
    }

    func treatment(of layer: Int) -> Treatment {
        Treatment(isBidirectional: bidirectional.contains(layer), prepends: prepending.contains(layer))
    }
}

/// The hidden states of a packed batch, as a readout's visitor gets them. Valid during the visit only.
public struct HiddenStates {
    /// [rows, hiddenSize]: each sequence's rows, those that were asked for.
    public let rows: Matrix
    /// Where each sequence's rows begin, and the end of the last.
    public let starts: [Int]
    /// Whether each sequence has one row, its last token's.
    public let isLastOnly: Bool
    /// The states of the tokens before each sequence's first row, the same for all: [p, hiddenSize].
    public let sharedPrefix: Matrix?

    public var sequenceCount: Int { starts.count - 1 }
}
