import Numerics

/// What the layers of a family do: sizes, and the choices in which families differ.
struct TransformerDesign: Hashable, Sendable {
    /// Sizes in the order of a forward pass; `intermediateSize` is the MLP's inner width.
    struct Sizes: Hashable, Sendable {
        var layerCount: Int
        var hiddenSize: Int
        var intermediateSize: Int
        var heads: Int
        /// Groups of query heads share a head of keys and values.
        var keyValueHeads: Int
        var headDimension: Int
        var contextLength: Int
        var vocabularySize: Int

        /// The context of layers that know distances alone and set it no limit: what their table of distances is made for. A
        /// text that is longer is cut and counted, as any other.
        static let unlimitedContext = 32_768

        /// Columns of all query heads together.
        var queryColumns: Int { heads * headDimension }
        /// Columns of all key heads together; the values have as many.
        var keyColumns: Int { keyValueHeads * headDimension }
    }

    /// What a family is called in checkpoints, for messages.
    var family: String
    var sizes: Sizes
    var norm: NormKind
    var placement = NormPlacement.before
    var activation: Activation
    /// Whether the MLP multiplies the activation of one linear map with another (GLU, arXiv 2002.05202).
    var isGated = true
    /// Whether each head of queries and keys has a norm, as Qwen3's and Gemma 3's.
    var normsHeads = false
    /// What dot products of queries and keys are multiplied by; 1 / √headDimension where it is nil.
    var queryScale: Float?
    /// Gemma 2's soft cap of attention scores.
    var scoreCap: Float?
    /// How far each layer's queries see, themselves counted; nil for any distance.
    var windows: [Int?]
    /// Each layer's rotary positions; nil where positions are learned.
    var rotaries: [RotaryPositions?]
    /// What all layers add to attention's scores by a key's distance; nil for nothing.
    var relativePositions: RelativePositions?
    /// The same without a table; nil for nothing.
    var linearBias: LinearBias?
    /// The token that learned positions don't count, so that what follows it has others: RoBERTa's padding token.
    var uncountedToken: Int32?
    /// What token embeddings are multiplied by.
    var embeddingScale: Float = 1
    /// Whether layers attend in both directions whatever a plan says: an encoder, as BERT is.
    var isEncoder = false
    /// What stands behind the last norm; nil for nothing.
    var latentAttention: LatentAttention.Sizes?
    /// Whether it is an encoder beside a decoder, which is not read.
    var hasUnreadDecoder = false

    /// Whether positions turn by factors that only texts of a certain length have.
    var usesLongRoPE: Bool {
        rotaries.contains { rotary in if case .longRoPE = rotary?.scaling { true } else { false } }
    }

    /// What a file says that is no size, with its name in messages.
    var numbers: [(name: String, number: Float)] {
        let epsilon =
            switch norm {
            case .rms(let epsilon), .layer(let epsilon, _): epsilon
            }
        let optional = [("the scale of queries", queryScale), ("the cap of scores", scoreCap)]
        let bases = Set(rotaries.compactMap { $0?.base }).sorted().map { ("the base of rotary positions", $0) }
        return [("the epsilon of norms", epsilon), ("the scale of token embeddings", embeddingScale)]
            + optional.compactMap { name, number in number.map { (name, $0) } } + bases
    }

    /// Columns of the MLP's first map: gate and up projection together.
    var upColumns: Int { (isGated ? 2 : 1) * sizes.intermediateSize }

    /// Floats that a recorded pass keeps of each row: a layer's input and the residual stream in its middle, what attention
    /// read and gave, the MLP's first map; and what a norm behind attention or the MLP is taken of.
    var recordedColumns: Int {
        let streams =
            switch placement {
            case .before: 2
            case .around: 4
            case .behind: 3
            case .parallel: 1
            }
        return streams * sizes.hiddenSize + 2 * (sizes.queryColumns + sizes.keyColumns) + upColumns
    }

    var shape: BackboneShape {
        let (hidden, inner) = (sizes.hiddenSize, upColumns + sizes.intermediateSize)
        let heads = 2 * sizes.queryColumns + 2 * sizes.keyColumns
        var shape = BackboneShape(
            layerCount: sizes.layerCount, hiddenSize: hidden, contextLength: sizes.contextLength,
            vocabularySize: sizes.vocabularySize, keyValueColumns: 2 * sizes.keyColumns,
            weightsPerLayer: hidden * (heads + inner), intermediateColumns: intermediateColumns,
            positionFloats: sizes.contextLength * positionColumns,
            recordedColumns: recordedColumns, gradientColumns: gradientColumns,
            droppedColumns: 3 * hidden + sizes.queryColumns + sizes.intermediateSize, isEncoder: isEncoder)
        shape.endWeights = latentAttention?.weightCount(hiddenSize: hidden) ?? 0
        return shape
    }

    private var hasScoreBias: Bool { relativePositions != nil || linearBias != nil }

    /// Floats that tables hold of each position: a cosine and a sine for each two components that turn, in each kind of layer; a
    /// number for each head and either direction.
    private var positionColumns: Int {
        Set(rotaries).compactMap { $0?.components }.reduce(0, +) + (hasScoreBias ? 2 * sizes.heads : 0)
    }

    /// Floats of a row that `TransformerBlock.apply` and a readout write to a workspace.
    private var intermediateColumns: Int {
        // A readout's, a norm's before attention, and the outputs that a norm stands behind.
        let streams =
            switch placement {
            case .behind: 1
            case .before, .parallel: 2
            case .around: 3
            }
        return streams * sizes.hiddenSize + 2 * (sizes.queryColumns + sizes.keyColumns) + upColumns
            + (isGated ? sizes.intermediateSize : 0)
    }

    /// The same of `TransformerBlock.backward`, and of what its `apply` writes beside the tape: norms' outputs and their
    /// gradients, those of attention's and the MLP's parts, with the norms of heads where there are some.
    private var gradientColumns: Int {
        let streams =
            switch placement {
            case .before, .parallel: 5
            case .around: 7
            case .behind: 6
            }
        let heads = 2 * sizes.queryColumns + 2 * sizes.keyColumns
        // Their results, those of keys with the values beside them, and the gradients of their inputs.
        let normedHeads = normsHeads ? 2 * sizes.queryColumns + 3 * sizes.keyColumns : 0
        return streams * sizes.hiddenSize + heads + normedHeads + upColumns + 2 * sizes.intermediateSize
    }
}

/// How a vector is brought to unit scale before or behind a block.
enum NormKind: Hashable, Sendable {
    /// RMSNorm, arXiv 1910.07467.
    case rms(epsilon: Float)
    /// LayerNorm, arXiv 1607.06450.
    case layer(epsilon: Float, hasBias: Bool = true)

    var hasBias: Bool {
        switch self {
        case .rms: false
        case .layer(_, let hasBias): hasBias
        }
    }
}

/// Where a layer's norms stand. f is attention or the MLP.
enum NormPlacement: Hashable, Sendable {
    /// x + f(norm(x)), as GPT-2 and LLaMA.
    case before
    /// norm(x + f(x)), as the original Transformer and BERT.
    case behind
    /// x + norm(f(norm(x))), as Gemma 2.
    case around
    /// x + attention(norm(x)) + mlp(norm(x)), each with a norm of its own, as GPT-NeoX.
    case parallel
}

/// One table of rotary positions.
struct RotaryPositions: Hashable, Sendable {
    /// The frequencies' base, θ.
    var base: Float
    var scaling = RotaryScaling.none
    /// How many components of each head are turned, from the first.
    var components: Int
}
