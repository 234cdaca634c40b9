import Foundation

/// A random LLaMA model, small enough to be computed in plain loops, that writes itself as a GGUF file.
public struct TinyLlama: Sendable {
    public struct Tensor: Sendable {
        /// Outermost dimension first.
        public var shape: [Int]
        public var values: [Float]

        public init(shape: [Int], values: [Float]) { (self.shape, self.values) = (shape, values) }
    }

    public let layers: Int
    public let hidden = 24
    public let inner = 40
    public let heads = 4
    public let keyValueHeads = 2
    public let headDimension = 6
    public let vocabulary: Int
    public let context: Int
    public let epsilon = 1e-5
    public let ropeBase = 1000.0
    /// By GGUF's names, but with the rows of queries and keys as Hugging Face has them: for turning halves.
    public var tensors: [String: Tensor] = [:]
    /// Added to tensors in double precision, where `hiddenStates` computes: for finite differences.
    public var changes: [String: [Double]] = [:]

    public init(layers: Int = 3, vocabulary: Int = 256, context: Int = 128, seed: UInt64 = 1) {
        (self.layers, self.vocabulary, self.context) = (layers, vocabulary, context)
        var random = SeededRandom(seed: seed)
        func add(_ name: String, _ shape: [Int], within bound: Float) {
            let count = shape.reduce(1, *)
            tensors[name + ".weight"] = Tensor(shape: shape, values: random.floats(count, within: bound))
        }
        add("token_embd", [vocabulary, hidden], within: 1)
        add("output_norm", [hidden], within: 2)
        for layer in 0..<layers {
            add("blk.\(layer).attn_norm", [hidden], within: 2)
            add("blk.\(layer).attn_q", [heads * headDimension, hidden], within: 0.5)
            add("blk.\(layer).attn_k", [keyValueHeads * headDimension, hidden], within: 0.5)
            add("blk.\(layer).attn_v", [keyValueHeads * headDimension, hidden], within: 0.5)
            add("blk.\(layer).attn_output", [hidden, heads * headDimension], within: 0.3)
            add("blk.\(layer).ffn_norm", [hidden], within: 2)
            add("blk.\(layer).ffn_gate", [inner, hidden], within: 0.4)
            add("blk.\(layer).ffn_up", [inner, hidden], within: 0.4)
            add("blk.\(layer).ffn_down", [hidden, inner], within: 0.3)
        }
    }

    /// The same with a layer whose products are beyond float32, though each of its weights is a number.
    public func overflowing(inLayer layer: Int) -> TinyLlama {
        var model = self
        let name = "blk.\(layer).ffn_down.weight"
        model.tensors[name]?.values = (tensors[name]?.values ?? []).map { $0 * 1e38 * 3 }
        return model
    }

    /// The model as a GGUF file, all tensors in float32; without a tokenizer.
    public var gguf: [UInt8] { file().bytes }

    /// The model as a GGUF file.
    ///
    /// - Parameter tokenizer: the tokenizer's metadata
    func file(tokenizer: [(key: String, value: GGUFWriter.Value)] = []) -> GGUFWriter {
        let metadata: [(key: String, value: GGUFWriter.Value)] = [
            ("general.architecture", .string("llama")), ("llama.block_count", .uint32(UInt32(layers))),
            ("llama.embedding_length", .uint32(UInt32(hidden))),
            ("llama.feed_forward_length", .uint32(UInt32(inner))),
            ("llama.attention.head_count", .uint32(UInt32(heads))),
            ("llama.attention.head_count_kv", .uint32(UInt32(keyValueHeads))),
            ("llama.attention.layer_norm_rms_epsilon", .float32(Float(epsilon))),
            ("llama.rope.freq_base", .float32(Float(ropeBase))), ("llama.context_length", .uint32(UInt32(context))),
        ]
        let stored = tensors.sorted { $0.key < $1.key }.map { name, tensor in
            let rows = name.contains("attn_q.") || name.contains("attn_k.") ? permuted(tensor) : tensor
            return GGUFWriter.Tensor(
                name: name, dimensions: rows.shape.reversed().map { UInt64($0) },
                data: littleEndian(rows.values.map(\.bitPattern)))
        }
        return GGUFWriter(metadata: metadata + tokenizer, tensors: stored)
    }

    /// Rows in the order that llama.cpp's converter writes them: those of the two halves of a head take turns.
    private func permuted(_ tensor: Tensor) -> Tensor {
        let half = headDimension / 2
        let (rows, columns) = (tensor.shape[0], tensor.values.count / tensor.shape[0])
        guard rows.isMultiple(of: headDimension) else { return tensor }
        var permuted = tensor
        permuted.values = (0..<rows).flatMap { row in
            let (head, place) = (row / headDimension, row % headDimension)
            let source = head * headDimension + place / 2 + place % 2 * half
            return tensor.values[source * columns..<(source + 1) * columns]
        }
        return permuted
    }
}

// What the tests of the program as a whole use: two layers, and a tokenizer with a token a byte.
extension TinyLlama {
    public static let programLayers = 2
    public static let programContext = 64
    public static let hiddenSize = TinyLlama(layers: 0).hidden

    public static var programFile: GGUFWriter {
        TinyLlama(layers: programLayers, vocabulary: ByteAlphabetReference.tokens.count, context: programContext)
            .fileWithTokenizer
    }

    /// The model with a token a byte, whose id is the byte; of a vocabulary of 256.
    public var fileWithTokenizer: GGUFWriter {
        let tokens = ByteAlphabetReference.tokens
        let tokenizer: [(key: String, value: GGUFWriter.Value)] = [
            ("tokenizer.ggml.model", .string("gpt2")), ("tokenizer.ggml.pre", .string("smollm")),
            ("tokenizer.ggml.tokens", .array(tokens.map { .string($0) })),
            ("tokenizer.ggml.token_type", .array(tokens.map { _ in .int32(1) })),
            // No merges: an empty array of strings.
            ("tokenizer.ggml.merges", .raw(type: 9, littleEndian([UInt32(8)]) + littleEndian([UInt64(0)]))),
        ]
        return file(tokenizer: tokenizer)
    }

    public static func writeProgramFile(to path: String) throws {
        try Data(programFile.bytes).write(to: URL(fileURLWithPath: path))
    }
}
