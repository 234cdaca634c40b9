import Diagnostics
import Numerics

/// The sizes of a LLaMA model.
public struct LlamaConfiguration: Hashable, Sendable {
    public var layerCount: Int
    public var hiddenSize: Int
    /// The MLP's inner width.
    public var intermediateSize: Int
    public var heads: Int
    /// Groups of query heads share a head of keys and values.
    public var keyValueHeads: Int
    public var headDimension: Int
    public var normEpsilon: Float
    /// The base of the rotary frequencies, θ.
    public var ropeBase: Float
    public var ropeScaling = RotaryScaling.none
    public var contextLength: Int
    public var vocabularySize: Int

    /// The table of rotary positions.
    var rotary: RotaryEmbedding {
        ropeScaling.embedding(positions: contextLength, headDimension: headDimension, base: ropeBase)
    }

    /// Columns of all query heads together.
    public var queryColumns: Int { heads * headDimension }
    /// Columns of all key heads together; the values have as many.
    public var keyColumns: Int { keyValueHeads * headDimension }

    public var shape: BackboneShape {
        BackboneShape(
            layerCount: layerCount, hiddenSize: hiddenSize, contextLength: contextLength,
            vocabularySize: vocabularySize, keyValueColumns: 2 * keyColumns,
            weightsPerLayer: hiddenSize * (2 * queryColumns + 2 * keyColumns + 3 * intermediateSize),
            intermediateColumns: 3 * hiddenSize + 2 * queryColumns + 2 * keyColumns + 3 * intermediateSize)
    }
}
