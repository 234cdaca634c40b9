import Diagnostics
import Files

/// `model` of a `tokenizer.json`.
struct ModelSection {
    private let node: JSONNode
    /// By id; ids without a text are those of added tokens.
    private let vocabulary: Vocabulary
    private let ids: [Int32]
    private let scores: [Double]

    init(_ node: JSONNode) throws {
        self.node = node
        let list = try node.required("vocab")
        list.countAllAsRead()
        guard list.kind == .object || list.kind == .array else { throw list.expected("an object or an array") }
        var texts: [String?] = []
        var scores: [Double] = []
        if list.kind == .array {
            for entry in try list.elements() {
                guard let (text, score) = try entry.elements().pair else {
                    throw entry.expected("a token and its score")
                }
                texts.append(try text.string())
                scores.append(try score.number())
            }
        } else {
            texts = try Self.texts(list)
        }
        guard !texts.isEmpty else { throw list.error("expected at least one token") }
        do {
            vocabulary = try Vocabulary(texts)
        } catch let error as Diagnostic {
            throw list.error(error.message)
        }
        ids = texts.indices.filter { texts[$0] != nil }.map { Int32($0) }
        self.scores = scores
    }

    /// How many tokens it has, holes not counted.
    var tokenCount: Int { ids.count }

    private static func texts(_ list: JSONNode) throws -> [String?] {
        var count = 0
        list.forEachMember { _, _ in count += 1 }
        // Files have holes where added tokens are; an id far beyond the number of tokens is damage.
        var texts = [String?](repeating: nil, count: count)
        try list.forEachMember { (text, idNode) throws(any Error) in
            let id = try idNode.integer()
            guard id >= 0, id < 2 * count + 1024 else { throw idNode.expected("an id below \(2 * count + 1024)") }
            while texts.count <= id { texts.append(nil) }
            if let other = texts[id] { throw idNode.error("the id is also that of \"\(other)\"") }
            texts[id] = text
        }
        while texts.last == .some(nil) { texts.removeLast() }
        return texts
    }

    private static let supported = ["BPE", "Unigram", "WordPiece", "WordLevel"]

    func model(isByteLevel: Bool) throws -> any TokenModel {
        let kind = try kind()
        if isByteLevel, kind != "BPE" {
            throw node.error("the model \(kind) over bytes (pre_tokenizer ByteLevel) is not supported; expected BPE")
        }
        switch kind {
        case "BPE": return try mergingModel(isByteLevel: isByteLevel)
        case "Unigram": return try unigramModel()
        case "WordPiece":
            return WordPieceModel(
                vocabulary, ids: ids, unknown: try requiredID("unk_token"),
                continuingPrefix: try node.required("continuing_subword_prefix").string(),
                mostCharacters: try node.required("max_input_chars_per_word").integer())
        case "WordLevel": return WordLevelModel(vocabulary: vocabulary, unknown: try requiredID("unk_token"))
        default: throw try node.required("type").unknown("model", among: Self.supported)
        }
    }

    /// Older files leave the type out.
    private func kind() throws -> String {
        if let type = node.member("type") { return try type.string() }
        if node["merges"] != nil { return "BPE" }
        return node["unk_id"] != nil ? "Unigram" : "WordPiece"
    }

    func spelling(isByteLevel: Bool, visibleSpace: Unicode.Scalar?) throws -> TokenizerPipeline.Spelling {
        if isByteLevel { return .byteLevel }
        guard try kind() == "WordPiece" || kind() == "WordLevel" else { return .metaspace(visibleSpace ?? "\u{2581}") }
        return .wordPiece(try node["continuing_subword_prefix"]?.string() ?? "##")
    }

    private func unigramModel() throws -> UnigramModel {
        guard scores.count == vocabulary.count else {
            throw try node.required("vocab").expected("an array of tokens and scores")
        }
        guard let number = node["unk_id"] else {
            throw node.error("expected unk_id: without it the library refuses texts with a character that no token has")
        }
        let unknown = try number.integer()
        guard (0..<vocabulary.count).contains(unknown) else {
            throw number.expected("an id below \(vocabulary.count)")
        }
        var model = UnigramModel(vocabulary, scores: scores, ids: ids, unknown: Int32(unknown))
        if try node.flag("byte_fallback", or: false) { model.byteTokens = ByteTokens(in: vocabulary) }
        return model
    }

    private func mergingModel(isByteLevel: Bool) throws -> MergingModel {
        if let dropout = node["dropout"], try dropout.number() != 0 {
            throw dropout.expected("0: random merges are not supported")
        }
        let prefix = try node["continuing_subword_prefix"]?.string() ?? ""
        let suffix = try node["end_of_word_suffix"]?.string() ?? ""
        if isByteLevel, !prefix.isEmpty || !suffix.isEmpty {
            throw node.error("continuing_subword_prefix and end_of_word_suffix are not supported over bytes")
        }
        let fallsBack = try node["byte_fallback"]?.flag() == true
        if fallsBack, !prefix.isEmpty || !suffix.isEmpty {
            throw node.error("byte_fallback beside continuing_subword_prefix or end_of_word_suffix is not supported")
        }
        let bytes = ByteAlphabet.scalars.map { vocabulary.id(of: String($0)) ?? -1 }
        if isByteLevel, fallsBack, bytes.contains(-1) {
            throw node.error("byte_fallback over bytes of which some have no token is not supported")
        }
        var model = MergingModel(
            vocabulary: vocabulary, merges: try mergeTable(continuingPrefix: prefix),
            symbols: isByteLevel ? .bytes(bytes) : .characters)
        // Without a character that no token has, the library never asks which token an empty text is.
        let neverAsks = isByteLevel && !bytes.contains(-1)
        if neverAsks, try node["unk_token"]?.string().isEmpty == true {
            model.unknown = nil
        } else {
            model.unknown = try idIfPresent("unk_token")
        }
        model.fusesUnknown = try node["fuse_unk"]?.flag() ?? false
        model.prefersWholePieces = try node["ignore_merges"]?.flag() ?? false
        (model.continuingPrefix, model.endSuffix) = (prefix, suffix)
        if fallsBack { model.byteTokens = ByteTokens(in: vocabulary) }
        return model
    }

    private func mergeTable(continuingPrefix: String) throws -> MergeTable {
        let list = try node.required("merges").elements()
        var merges = MergeTable(capacity: list.reduce(0) { count, _ in count + 1 })
        for merge in list {
            let parts = try Self.parts(of: merge)
            // By bytes: a mark behind the prefix would be one character with its end.
            let tail = parts[1].utf8
            let rest =
                tail.starts(with: continuingPrefix.utf8) ? tail.dropFirst(continuingPrefix.utf8.count) : tail[...]
            let product = parts[0] + String(decoding: rest, as: UTF8.self)
            guard let left = vocabulary.id(of: parts[0]), let right = vocabulary.id(of: parts[1]),
                let merged = vocabulary.id(of: product)
            else {
                let missing = [parts[0], parts[1], product].first { vocabulary.id(of: $0) == nil } ?? product
                throw merge.error("\"\(missing)\" is not in the vocabulary")
            }
            if let earlier = merges.append(left: left, right: right, merged: merged) {
                throw merge.error("the merge is there twice, first as merge \(earlier)")
            }
        }
        return merges
    }

    /// A merge is written as two texts, or in older files as one with a space between.
    private static func parts(of merge: JSONNode) throws -> [String] {
        let parts: [String]
        if merge.kind == .array {
            parts = try merge.elements().map { try $0.string() }
        } else {
            // Among code points: a space with a combining mark behind it is another character to Swift.
            let scalars = try merge.string().unicodeScalars
            parts = scalars.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
        }
        guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else { throw merge.expected("two tokens") }
        return parts
    }

    private func idIfPresent(_ key: String) throws -> Int32? {
        try node[key].map { token in
            guard let id = vocabulary.id(of: try token.string()) else {
                throw token.expected("a token of the vocabulary")
            }
            return id
        }
    }

    private func requiredID(_ key: String) throws -> Int32 {
        let token = try node.required(key)
        guard let id = try idIfPresent(key) else { throw token.expected("a token of the vocabulary") }
        return id
    }
}
