import Numerics

/// The states of tokens that stand before every sequence, under causal attention: they see nothing behind them, so
/// they are the same for each and computed once.
public struct PrefixStates: Sendable {
    public let tokens: [Int32]
    /// The input of each layer, and the highest layer's output without the final norm: [tokens, hiddenSize] each.
    private(set) var hidden: [FrozenMatrix]
    /// Of each layer: [tokens, keyValueColumns].
    private(set) var keysValues: [FrozenMatrix] = []

    var length: Int { tokens.count }

    /// Embeds the tokens.
    ///
    /// - Parameter tokens: at least one
    public init(of tokens: [Int32], backbone: any Backbone) throws {
        self.tokens = tokens
        let rows = Matrix(rows: tokens.count, columns: backbone.hiddenSize)
        try backbone.embed(tokens[...], at: (0..<Int32(tokens.count)).map(\.self)[...], into: rows)
        hidden = [FrozenMatrix(freezing: rows)]
    }

    /// Applies the next layer.
    public mutating func advance(through layer: any TransformerLayer, shape: BackboneShape, workspace: Workspace) {
        let layout = RowLayout(starts: [0, length], prefixLength: 0)
        let attention = LayerAttention(layout: layout, bidirectional: false, selecting: .all)
        let rows = layer.apply(to: hidden[hidden.count - 1].copy(), attention: attention, workspace: workspace)
        let keysValues = workspace.matrix(.keysValues, rows: length, columns: shape.keyValueColumns)
        self.keysValues.append(FrozenMatrix(freezing: keysValues.copy()))
        hidden.append(FrozenMatrix(freezing: rows))
    }

    /// The states up to a hidden layer.
    public static func upTo(
        _ hiddenLayer: Int, of tokens: [Int32], backbone: any Backbone, workspace: Workspace
    ) throws -> PrefixStates {
        var states = try PrefixStates(of: tokens, backbone: backbone)
        for layer in 0..<hiddenLayer {
            states.advance(through: try backbone.layer(layer), shape: backbone.shape, workspace: workspace)
        }
        return states
    }
}
