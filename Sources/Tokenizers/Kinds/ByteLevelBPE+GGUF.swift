import Diagnostics
import Weights

extension ByteLevelBPE {
    /// The tokenizer that a GGUF file carries.
    ///
    /// - Throws: `Diagnostic` with the file's path where `tokenizer.ggml.model` is not `gpt2` (GGUF's name for
    ///   byte-level BPE), the pre-tokenizer is unknown, a key is missing, or the lists contradict each other.
    public init(gguf file: GGUFFile) throws {
        try self.init(gguf: file.metadata, path: file.path)
    }

    /// Reads metadata; throws as `init(gguf:)` does.
    init(gguf metadata: GGUFMetadata, path: String) throws {
        do {
            let model = try metadata.string("tokenizer.ggml.model")
            guard model == "gpt2" else {
                throw Diagnostic("tokenizer.ggml.model: expected \"gpt2\" (byte-level BPE), found \"\(model)\"")
            }
            let preTokenizer = try PreTokenizer(named: metadata.string("tokenizer.ggml.pre"))
            try self.init(
                tokens: metadata.strings("tokenizer.ggml.tokens"),
                kinds: metadata.integers("tokenizer.ggml.token_type").enumerated().map(TokenKind.init(gguf:_:)),
                merges: metadata.strings("tokenizer.ggml.merges"),
                preTokenizer: preTokenizer)
            // As llama.cpp has it for files that don't say.
            frame = try SequenceFrame(gguf: metadata, addsBOSByDefault: preTokenizer == .llama3)
        } catch var diagnostic as Diagnostic {
            diagnostic.location = diagnostic.location ?? SourceLocation(file: path)
            throw diagnostic
        }
    }
}

extension TokenKind {
    /// The kind of a token by GGUF's number for it.
    init(gguf id: Int, _ number: Int) throws {
        guard let kind = UInt8(exactly: number).flatMap(TokenKind.init) else {
            throw Diagnostic("tokenizer.ggml.token_type: expected 1 to 6 for token \(id), found \(number)")
        }
        self = kind
    }
}

extension SequenceFrame {
    /// The tokens that `add_bos_token` and `add_eos_token` ask for.
    init(gguf metadata: GGUFMetadata, addsBOSByDefault: Bool) throws {
        func id(_ key: String, _ adds: Bool) throws -> [Int32] {
            guard adds else { return [] }
            let id = try metadata.integer("tokenizer.ggml.\(key)_token_id")
            guard let id = Int32(exactly: id), id >= 0 else {
                throw Diagnostic("tokenizer.ggml.\(key)_token_id: expected a token's id, found \(id)")
            }
            return [id]
        }
        self.init(
            before: try id("bos", metadata.flagIfPresent("tokenizer.ggml.add_bos_token") ?? addsBOSByDefault),
            behind: try id("eos", metadata.flagIfPresent("tokenizer.ggml.add_eos_token") ?? false))
    }
}
