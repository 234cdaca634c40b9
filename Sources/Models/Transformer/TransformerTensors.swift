/// Where a backbone's weights lie in a checkpoint: names, and how the rows of its linear maps are stored.
struct TransformerTensors: Sendable {
    /// A linear map's tensor, and its bias.
    struct Map: Hashable, Sendable {
        /// In front of `.weight` and `.bias`.
        var name: String
        var outputs: Int
        var inputs: Int
        var hasBias = false
        /// Stored as [inputs, outputs], as GPT-2's Conv1D is.
        var isTransposed = false

        /// The whole map, as one part of those that are multiplied together.
        func all(_ projection: Projection? = nil) -> [Part] {
            [Part(map: self, rows: [0..<outputs], projection: projection)]
        }

        /// Some of its outputs.
        func rows(_ rows: [Range<Int>]) -> [Part] { [Part(map: self, rows: rows, projection: nil)] }
    }

    /// Some outputs of a stored map, in the order in which they are wanted.
    struct Part: Sendable {
        var map: Map
        var rows: [Range<Int>]
        /// What adapters call it; nil where it has no tensor of its own.
        var projection: Projection?
    }

    struct Layer: Sendable {
        var attentionNorm: String
        var attentionOutputNorm: String?
        var mlpNorm: String
        var mlpOutputNorm: String?
        /// Of each head, with a weight a component.
        var queryNorm: String?
        var keyNorm: String?
        var query: [Part]
        /// The keys' rows, then the values'.
        var keysValues: [Part]
        var output: [Part]
        /// The gate's rows, then the up projection's; in an MLP without gate the first map's.
        var up: [Part]
        var down: [Part]

        var maps: [Part] { query + keysValues + output + up + down }
    }

    /// A tensor of learned vectors: [rows, hidden].
    struct Table: Sendable {
        var name: String
        var rows: Int
    }

    var tokens: String
    /// Learned positions: the first token's is the row `firstPosition`.
    var positions: Table?
    var firstPosition = 0
    /// Kinds of segments; all tokens are of the first.
    var tokenTypes: Table?
    var embeddingNorm: String?
    /// Nil where the last layer's output is the result.
    var finalNorm: String?
    var layers: [Layer]
    /// Known and not read.
    var unread: [String]
    /// What is added to the weights of norms: 1 in Gemma's own checkpoints, which store the difference.
    var normOffset: Float = 0
    var normSuffixes = (weight: ".weight", bias: ".bias")
}
