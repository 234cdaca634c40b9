import Diagnostics
import Files

extension TokenizerPipeline {
    /// Reads a `tokenizer.json` of the tokenizers library. Its truncation and padding are left to the encoder.
    ///
    /// - Throws: a diagnostic with line and field for what is damaged or not supported, and what is supported there.
    public init(json path: String) throws {
        try self.init(JSONDocument(path: path))
    }

    /// Reads a document that is open already; throws as `init(json:)` does.
    public init(_ document: JSONDocument) throws {
        let root = document.root
        let normalisation = try root["normalizer"].map { try NormalisationStep($0) }
        let splitting = try root["pre_tokenizer"].map { try SplittingStep($0) }
        let isByteLevel = splitting?.isByteLevel ?? false
        if let node = root["pre_tokenizer"], splitting?.cutsSpelledBytes ?? false {
            throw node.error("steps behind ByteLevel are not supported; expected it to be the last")
        }
        let section = try ModelSection(root.required("model"))
        let model = try section.model(isByteLevel: isByteLevel)
        let added = try Self.addedTokens(root["added_tokens"], vocabularyCount: model.vocabulary.count)
        let frame = try root["post_processor"].map { try SequenceFrame($0) } ?? SequenceFrame()
        let highest = (added.map(\.id) + frame.before + frame.behind).max() ?? -1
        self.init(
            verbatim: AddedTokens(added.filter { !$0.isNormalised }),
            normalised: try AddedTokens(added.filter(\.isNormalised)) { content in
                let scalars = [AlignedScalar](content)
                return try (normalisation?.apply(to: scalars) ?? scalars).map(\.scalar)
            },
            normalisation: normalisation, splitting: splitting, model: model,
            spelling: try section.spelling(isByteLevel: isByteLevel, visibleSpace: splitting?.visibleSpace),
            addedTexts: Dictionary(added.map { ($0.id, $0) }) { first, _ in first }, frame: frame,
            vocabularySize: max(model.vocabulary.count, Int(highest) + 1), fingerprint: root.documentSHA256)
    }

    /// Ids so far beyond the vocabulary are damage.
    private static let mostAddedTokens = 1 << 20

    private static func addedTokens(_ node: JSONNode?, vocabularyCount: Int) throws -> [AddedToken] {
        try node?.elements().map { entry in
            let idNode = try entry.required("id")
            let id = try idNode.integer()
            guard (0..<vocabularyCount + mostAddedTokens).contains(id) else { throw idNode.expected("a token's id") }
            let isSpecial = try entry["special"]?.flag() ?? false
            return AddedToken(
                id: Int32(id), content: try entry.required("content").string(),
                isSingleWord: try entry["single_word"]?.flag() ?? false,
                stripsLeft: try entry["lstrip"]?.flag() ?? false, stripsRight: try entry["rstrip"]?.flag() ?? false,
                isNormalised: try entry["normalized"]?.flag() ?? !isSpecial, isSpecial: isSpecial)
        } ?? []
    }
}

extension SequenceFrame {
    private static let supported = [
        "TemplateProcessing", "BertProcessing", "RobertaProcessing", "ByteLevel", "Sequence",
    ]

    /// Reads `post_processor` of a `tokenizer.json`, for single texts.
    init(_ node: JSONNode) throws {
        let kind = try node.required("type")
        switch try kind.string() {
        case "ByteLevel": self.init()
        case "BertProcessing", "RobertaProcessing":
            self.init(before: [try Self.id(node.required("cls"))], behind: [try Self.id(node.required("sep"))])
        case "Sequence":
            // A later step's tokens go around an earlier one's.
            self = try node.required("processors").elements().map { try Self($0) }
                .reduce(SequenceFrame()) { $1 + $0 }
        case "TemplateProcessing": try self.init(template: node)
        default: throw kind.unknown("post_processor", among: Self.supported)
        }
    }

    /// A token's text and id.
    private static func id(_ node: JSONNode) throws -> Int32 {
        guard let (_, number) = try node.elements().pair else { throw node.expected("a token and its id") }
        return try id(number: number)
    }

    private static func id(number node: JSONNode) throws -> Int32 {
        guard let id = Int32(exactly: try node.integer()), id >= 0, id < 1 << 24 else {
            throw node.expected("a token's id")
        }
        return id
    }

    private init(template node: JSONNode) throws {
        self.init()
        let single = try node.required("single")
        var isBehind = false
        for part in try single.elements() {
            if part["Sequence"] != nil {
                guard !isBehind else { throw single.error("expected the text once") }
                isBehind = true
                continue
            }
            let name = try part.required("SpecialToken").required("id")
            let token = try node.required("special_tokens").required(name.string())
            let ids = try token.required("ids").elements().map { try Self.id(number: $0) }
            if isBehind { behind += ids } else { before += ids }
        }
        guard isBehind else { throw single.error("expected the text (\"Sequence\") among the tokens") }
    }
}
