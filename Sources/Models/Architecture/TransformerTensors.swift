/// A backbone's modules by the paths that transformers gives them, and where their tensors lie in a checkpoint.
struct TransformerTensors: Sendable {
    /// A linear map.
    struct Map: Hashable, Sendable {
        /// The module's in its layer.
        var path: String
        var outputs: Int
        var inputs: Int
        var hasBias = false
        /// Whether the module's weight is [inputs, outputs], as that of GPT-2's Conv1D: GGUF files have it as others'.
        var isTransposed = false
        /// The heads whose rows GGUF files store for rotary positions that turn neighbours: row 2i + s of a head is row
        /// i + s · d/2 of the module's, which turns halves. Nil where rows are stored as the module has them.
        var permutedHeads: Int?

        /// The whole map, as one part of those that are multiplied together.
        func all() -> [Part] { rows([0..<outputs]) }

        /// Some of its outputs.
        func rows(_ rows: [Range<Int>]) -> [Part] { [Part(map: self, rows: rows)] }
    }

    /// Some outputs of a map, in the order in which they are wanted.
    struct Part: Sendable {
        var map: Map
        var rows: [Range<Int>]
    }

    /// The modules of each layer, by their paths in it.
    struct Layer: Sendable {
        var attentionNorm = "input_layernorm"
        var attentionOutputNorm: String?
        var mlpNorm = "post_attention_layernorm"
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

        func parts(of stack: MapStack) -> [Part] {
            switch stack {
            case .query: query
            case .keysValues: keysValues
            case .output: output
            case .up: up
            case .down: down
            }
        }

        /// Says which maps have biases: the four of attention, and those of the MLP.
        mutating func setBiases(attention: Bool, mlp: Bool) {
            func set(_ parts: inout [Part], _ hasBias: Bool) {
                for index in parts.indices { parts[index].map.hasBias = hasBias }
            }
            set(&query, attention)
            set(&keysValues, attention)
            set(&output, attention)
            set(&up, mlp)
            set(&down, mlp)
        }

        /// Each map once, in the order of a pass.
        var maps: [Map] {
            var seen: Set<String> = []
            return MapStack.allCases.flatMap(parts).map(\.map).filter { seen.insert($0.path).inserted }
        }
    }

    /// A module of learned vectors: [rows, columns].
    struct Table: Sendable {
        var path: String
        var rows: Int
        /// Nil for the hidden size.
        var columns: Int?
    }

    /// What may stand in front of all paths; the first is that of a model with the head that PEFT adapts it with.
    var prefixes = ["model.", ""]
    /// In front of a layer's number and a dot.
    var layers = "layers"
    var tokens = "embed_tokens"
    /// Learned positions: the first token's is the row `firstPosition`.
    var positions: Table?
    var firstPosition = 0
    /// Kinds of segments; all tokens are of the first.
    var tokenTypes: Table?
    /// What all layers add to scores, by bucket of distances: a column a head.
    var relativePositions: Table?
    var embeddingNorm: String?
    /// Nil where the last layer's output is the result.
    var finalNorm: String? = "norm"
    var layer: Layer
    /// The lowest layer with a norm before attention.
    var firstAttentionNorm = 0
    /// What a norm multiplies by is this and its module's weight: 1 for Gemma. GGUF files store the sum.
    var normOffset: Float = 0
    var storage: TensorStorage
    /// Names of stored tensors that are known and not read.
    var unread: [String]

    /// A module's path in the model.
    func path(_ path: String, layer: Int?) -> String { layer.map { "\(layers).\($0).\(path)" } ?? path }

    /// The name in front of `.weight` and `.bias` of a stored module.
    func storedName(_ path: String, layer: Int?) -> String {
        switch storage {
        case .huggingFace(let prefix, _, let renamed): prefix + (renamed[path] ?? self.path(path, layer: layer))
        case .gguf(let names): (layer.map { "blk.\($0)." } ?? "") + (names[path] ?? path)
        }
    }

    /// Whether a map's weight is stored as [inputs, outputs].
    func isStoredTransposed(_ map: Map) -> Bool { map.isTransposed && !storage.isGGUF }

    /// What is added to the stored weights of norms.
    var storedNormOffset: Float { storage.isGGUF ? 0 : normOffset }
}
