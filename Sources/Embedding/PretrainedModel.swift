import Diagnostics
import Files
import Models
import Numerics
import Synchronization
import Tokenizers
import Weights

/// A backbone's file, opened: its sizes and its tokenizer are there, its weights are decoded when asked for.
public struct PretrainedModel: Sendable {
    public let path: String
    public let shape: BackboneShape
    /// The modules that training can change; nil for word vectors, which have none.
    public let modules: BackboneModules?
    public let tokenizer: any Tokenizer
    /// nil where the checkpoint names none.
    let namedPadToken: Int?
    /// What the sentence-transformers library does with the backbone; nil for a backbone alone.
    public let sentenceTransformer: SentenceTransformerFolder?
    private let source: Source
    /// Keys of its files that the user says may be passed over.
    public let ignoredKeys: Set<String>

    /// What the reader of its vectors must know of those; nil where there are none.
    public var ignoredKeysWarning: String? {
        ignoredKeys.isEmpty
            ? nil : "keys of the model's files passed over on request: \(ignoredKeys.sorted().joined(separator: ", "))"
    }

    /// What the backbone is read from.
    private enum Source: Sendable {
        case checkpoint(Checkpoint)
        case vectors(any VectorTable)
    }

    /// Opens a GGUF file, a folder with `config.json`, safetensors and a tokenizer, a folder of the sentence-transformers
    /// library, whose first module may be a StaticEmbedding, or a file of static word vectors.
    ///
    /// - Parameter keys: what becomes of keys of its files that nobody here knows
    /// - Throws: where it isn't one, where tokenizer and weights don't fit each other, and for a key that is not known.
    public init(path: String, ignoring keys: KeyPolicy = []) throws {
        guard !keys.ignored.isEmpty else {
            try self.init(opening: path, keys)
            return
        }
        let passedOver = Mutex(Set<String>())
        var noting = keys
        noting.observe = { file, refusal in
            keys.observe(file, refusal)
            passedOver.withLock { $0.formUnion(file.keys.filter { $0.use == .ignored }.map(\.path)) }
        }
        try self.init(opening: path, noting)
        // Read the files of modules too; what is wrong with them is told where they are needed.
        _ = try? ownMethod()
        _ = try? sentenceTransformer?.headShape()
        guard let idle = keys.ignored.subtracting(passedOver.withLock(\.self)).min() else { return }
        throw Diagnostic(
            "ignore_keys: \(idle) is not passed over: the model's files haven't it, or it is read",
            at: SourceLocation(file: path),
            suggestion: "leave it out of ignore_keys")
    }

    private init(opening path: String, _ keys: KeyPolicy) throws {
        (self.path, ignoredKeys) = (path, keys.ignored)
        ReadFiles.note(allIn: path)
        if WordVectorFile.isOne(path) {
            let table = try WordVectorFile(path)
            source = .vectors(table)
            (shape, modules, sentenceTransformer, namedPadToken) = (WordVectors(table).shape, nil, nil, nil)
            tokenizer = try WordTokenizer(table.words, digest: table.file.sha256())
            return
        }
        sentenceTransformer =
            SentenceTransformerFolder.isOne(path) ? try SentenceTransformerFolder(path, ignoring: keys) : nil
        if let sentenceTransformer, sentenceTransformer.isStatic {
            let table = try TokenVectorFile(inFolder: sentenceTransformer.backboneFolder)
            source = .vectors(table)
            (modules, namedPadToken) = (nil, nil)
            tokenizer = try sentenceTransformer.staticTokenizer()
            var shape = WordVectors(table).shape
            shape.contextLength = min(shape.contextLength, tokenizer.maximumLength ?? .max)
            self.shape = shape
            try checkVocabulary()
            return
        }
        let checkpoint = try Checkpoint(path: sentenceTransformer?.backboneFolder ?? path, ignoring: keys)
        source = .checkpoint(checkpoint)
        var shape = try checkpoint.shape()
        modules = try checkpoint.modules()
        tokenizer = try checkpoint.tokenizer()
        if let sentenceTransformer {
            // sentence-transformers 6 leaves its own file's limit out where the tokenizer's says it.
            let limit = sentenceTransformer.maximumLength ?? tokenizer.maximumLength
            shape.contextLength = min(shape.contextLength, limit ?? .max)
        }
        self.shape = shape
        namedPadToken = try checkpoint.padToken()
        try checkVocabulary()
    }

    /// A token that was added for pictures may have no row: a text that names it is refused when it is embedded.
    private func checkVocabulary() throws(Diagnostic) {
        guard tokenizer.plainVocabularySize <= shape.vocabularySize else {
            throw Diagnostic(
                "the tokenizer has \(tokenizer.plainVocabularySize) tokens, the embedding matrix only \(shape.vocabularySize)",
                at: SourceLocation(file: path))
        }
    }

    /// The token that batches are padded with, where a method pads: the one that the model or its tokenizer names, else 0,
    /// which BeLLM's code takes for LLaMA.
    ///
    /// - Throws: where the two name different ones, or the one that is named isn't among the model's tokens. Files say -1,
    ///   or the largest number of 32 bits, for "none", which is no reason to refuse a model whose texts nobody pads.
    public var padToken: Int32 {
        get throws(Diagnostic) {
            let own = tokenizer.paddingToken.map(Int.init)
            if let own, let named = namedPadToken, named >= 0, own != named {
                throw Diagnostic(
                    "padding token: the model's pad_token_id is \(named), its tokenizer pads with \(own)",
                    at: SourceLocation(file: path), suggestion: "make them agree, or leave padding: visible out")
            }
            let token = own ?? namedPadToken ?? 0
            guard (0..<shape.vocabularySize).contains(token) else {
                throw Diagnostic(
                    "padding token: expected one below \(shape.vocabularySize), found \(token)",
                    at: SourceLocation(file: path))
            }
            return Int32(token)
        }
    }

    /// What decides the ids of texts, for digests of what depends on them: the tokenizer, where a text is cut, and the token that
    /// batches are padded with where a method lets it be seen.
    ///
    /// - Throws: where there is no such token
    public func idFacts(of methods: [EmbeddingMethod]) throws(Diagnostic) -> [String] {
        var facts = ["tokenizer \(tokenizer.fingerprint)", "cut behind \(shape.contextLength) ids"]
        if methods.contains(where: { $0.padding == .visible }) { facts.append("padded with the id \(try padToken)") }
        return facts
    }

    /// The method that the model was made for, where its folder is one of the sentence-transformers library.
    ///
    /// - Returns: nil for a backbone alone.
    /// - Throws: where the library's modules do what isn't known here.
    public func ownMethod() throws -> SentenceTransformerFolder.Method? {
        let ids = try ["A", "a"].map { try tokenizer.encode($0).map(\.id) }
        return try sentenceTransformer?.method(tokenizerLowercases: ids[0] == ids[1])
    }

    /// The backbone with its weights decoded.
    ///
    /// - Parameters:
    ///   - isStreamed: its layers are decoded when they are needed, and not kept
    ///   - adapter: merged into the weights
    public func backbone(
        linear: LinearMaker = LinearMaker(), isStreamed: Bool = false, merging adapter: Adapter? = nil
    ) throws -> any Backbone {
        switch source {
        case .checkpoint(let checkpoint):
            return try checkpoint.backbone(linear, isResident: !isStreamed, merging: adapter)
        case .vectors(let table):
            guard adapter == nil else {
                throw Diagnostic("word vectors have no layer for an adapter", at: SourceLocation(file: path))
            }
            return WordVectors(table)
        }
    }

    /// The backbone with an adapter merged into it, to be written in Hugging Face's layout.
    ///
    /// - Parameters:
    ///   - isBidirectional: whether all layers attend in both directions, whatever the backbone's own plan is
    ///   - padToken: what batches are padded with, where the model's files don't say it
    ///   - type: of the tensors
    /// - Throws: where that layout has no such backbone, or the adapter was made for another model.
    public func merged(
        with adapter: Adapter?, isBidirectional: Bool, padToken: Int32, as type: StorageType
    ) throws -> MergedCheckpoint {
        guard case .checkpoint(let checkpoint) = source else {
            throw Diagnostic("word vectors are no model of transformers", at: SourceLocation(file: path))
        }
        return try checkpoint.merged(
            with: adapter, isBidirectional: isBidirectional, padToken: Int(padToken), as: type)
    }

    /// Whether it is a GGUF file, which no library in Python trains adapters on.
    package var isGGUF: Bool {
        if case .checkpoint(let checkpoint) = source, case .gguf = checkpoint.description { return true }
        return false
    }

    /// The folder that the tokenizer was read from; nil for a GGUF file, or for words.
    var tokenizerFolder: String? {
        guard case .checkpoint(let checkpoint) = source, case .huggingFace = checkpoint.description else { return nil }
        return checkpoint.path
    }

    /// The token that ends a text, as the model's own files name it; nil where none is named.
    func endToken() throws -> Int32? {
        guard case .checkpoint(let checkpoint) = source else { return nil }
        return try checkpoint.endToken().flatMap(Int32.init(exactly:))
    }

    /// The backbone with its weights decoded, to be trained.
    public func trainableBackbone(linear: LinearMaker) throws -> any AdaptableBackbone {
        switch source {
        case .checkpoint(let checkpoint): return try checkpoint.backbone(linear)
        case .vectors:
            throw Diagnostic("word vectors can be embedded with, but not trained", at: SourceLocation(file: path))
        }
    }

    /// The size of all files with weights.
    public var fileBytes: Int {
        switch source {
        case .checkpoint(let checkpoint): checkpoint.tensors.fileBytes
        case .vectors(let table): table.fileBytes
        }
    }

    /// Memory that stays with what is read of these tokens' embeddings in their mapped file, as tried; nil where that can't be.
    public func touchedBytes(by tokens: Set<Int32>) -> Int? {
        guard case .checkpoint(let checkpoint) = source else { return nil }
        let size = [shape.vocabularySize, shape.hiddenSize]
        let tables = checkpoint.tensors.names.lazy.compactMap(checkpoint.tensors.tensorIfPresent).filter {
            $0.shape == size
        }
        // A head of the same shape is not read.
        guard let table = tables.max(by: { $0.bytesPerRow < $1.bytesPerRow }) else { return nil }
        return table.residentBytes(touching: tokens.map(Int.init))
    }

    /// Memory that all layers' weights take, decoded.
    public func residentBytes(_ linear: LinearMaker) -> Int {
        shape.weightsPerLayer * shape.layerCount * linear.bytesPerWeight
    }

    /// Memory that one layer's weights take, decoded.
    public func layerBytes(_ linear: LinearMaker) -> Double { Double(shape.weightsPerLayer * linear.bytesPerWeight) }

    /// The digest of the weights' whole file; of a folder, that of its files' digests, its `Dense` modules' among them.
    ///
    /// - Throws: where a module's file can't be read.
    public func weightsSHA256() throws -> SHA256Digest {
        switch source {
        case .checkpoint(let checkpoint):
            guard let head = try sentenceTransformer?.headSHA256() else { return checkpoint.sha256() }
            return SHA256Digest(of: "\(checkpoint.sha256())\nhead \(head)")
        case .vectors(let table):
            guard let head = try sentenceTransformer?.headSHA256() else { return table.sha256() }
            return SHA256Digest(of: "\(table.sha256())\nhead \(head)")
        }
    }
}

extension Checkpoint {
    /// The tokenizer that lies in the same file or folder.
    package func tokenizer() throws -> any Tokenizer {
        switch description {
        case .gguf(let metadata): try PretrainedTokenizer.read(gguf: metadata, path: path, ignoring: keys)
        case .huggingFace: try PretrainedTokenizer.read(folder: path, ignoring: keys)
        }
    }
}
