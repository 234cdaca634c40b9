import Diagnostics
import Files

extension TokenizerPipeline {
    /// Parts of a `tokenizer.json` that change no id.
    private static let withoutEffect: KeysWithoutEffect = [
        "decoder": "turns ids back into text", "truncation": "prompts are cut at the model's context, and counted",
        "padding": "texts are not padded by the tokenizer",
    ]

    /// Reads a `tokenizer.json` of the tokenizers library. Its truncation and padding are left to the encoder.
    ///
    /// - Throws: a diagnostic with line and field for what is damaged or not supported, and what is supported there.
    public init(json path: String) throws {
        try self.init(JSONDocument(path: path, notesReading: true))
    }

    /// Reads a document that is open already; throws as `init(json:)` does.
    public init(_ document: JSONDocument) throws { try self.init(document, settings: TokenizerSettings()) }

    /// - Parameter keys: what becomes of keys that nobody here knows
    init(_ document: JSONDocument, settings: TokenizerSettings, ignoring keys: KeyPolicy = []) throws {
        let root = document.root
        try root.expect("version", "\"1.0\"", "what it means is not known here") { $0.text == "\"1.0\"" }
        var parts = try Parts(root)
        try document.refuseUnread(Self.withoutEffect.of("tokenizer.json"), ignoring: keys)
        // The library takes both for what tokenizer_config.json doesn't say.
        let padding = try root["padding"]?["pad_token"]?.string()
        if settings.config?.member("truncation_side") == nil {
            try root["truncation"]?
                .expect("direction", "\"Right\"", "long texts are cut at their end here") { $0.text == "\"Right\"" }
        }
        try parts.apply(settings, padding: padding)
        let (normalisation, added) = (parts.normalisation, parts.added)
        let highest = (added.map(\.id) + parts.frame.before + parts.frame.behind).max() ?? -1
        let change = parts.changes.joined(separator: "\n")
        let found = try root.locating {
            (
                verbatim: try AddedTokens(added.filter { !$0.isNormalised }).checked(),
                normalised: try AddedTokens.normalised(added.filter(\.isNormalised), by: normalisation)
            )
        }
        self.init(
            verbatim: found.verbatim, normalised: found.normalised,
            normalisation: normalisation, splitting: parts.splitting, model: parts.model, spelling: parts.spelling,
            addedTexts: Dictionary(added.filter { $0.id >= 0 }.map { ($0.id, $0) }) { first, _ in first },
            frame: parts.frame, vocabularySize: max(parts.model.vocabulary.count, Int(highest) + 1),
            fingerprint: change.isEmpty
                ? root.documentSHA256
                : SHA256Digest(of: "tokenizer.json, version 1, \(root.documentSHA256)\n\(change)"),
            maximumLength: settings.maximumLength,
            paddingToken: settings.paddingToken(padding) { text in
                added.first { $0.content == text && $0.id >= 0 }?.id ?? parts.model.vocabulary.id(of: text)
            }, notes: parts.changes,
            warnings: try [
                settings.rebuilt?.difference(from: parts, settings: settings), parts.ofVersion4Alone(settings),
            ]
            .compactMap(\.self))
        leadingSpaceWarning = try settings.rebuilt?.leadingSpaceDifference(from: parts, settings: settings)
    }

    /// What a `tokenizer.json` says, before the files beside it have their say.
    struct Parts {
        var normalisation: NormalisationStep?
        var splitting: SplittingStep?
        let model: any TokenModel
        let spelling: Spelling
        var added: [AddedToken]
        let frame: SequenceFrame
        /// What other files have changed, for a reader and for the fingerprint.
        var changes: [String] = []
        /// Those of them that the tokenizer's class makes.
        var classChanges: [String] = []

        init(_ root: JSONNode) throws {
            normalisation = try root["normalizer"].map { try NormalisationStep($0) }
            let splitting = try root["pre_tokenizer"].map { try SplittingStep($0) }
            let isByteLevel = splitting?.isByteLevel ?? false
            if let node = root["pre_tokenizer"], splitting?.cutsSpelledBytes ?? false {
                throw node.error("steps behind ByteLevel are not supported; expected it to be the last")
            }
            let section = try ModelSection(root.required("model"))
            model = try section.model(isByteLevel: isByteLevel)
            spelling = try section.spelling(isByteLevel: isByteLevel, visibleSpace: splitting?.visibleSpace)
            let vocabulary = model.vocabulary
            added =
                try root.member("added_tokens")
                .map { try Self.addedTokens($0, of: vocabulary, tokenCount: section.tokenCount) } ?? []
            frame = try root["post_processor"].map { try SequenceFrame($0) } ?? SequenceFrame()
            self.splitting = splitting
        }

        /// Ids so far beyond the vocabulary are damage.
        private static let mostAddedTokens = 1 << 20

        private static func addedTokens(
            _ list: JSONNode, of vocabulary: Vocabulary, tokenCount: Int
        ) throws -> [AddedToken] {
            var numbers: [[UInt8]: Int] = [:]
            var next = tokenCount
            return try list.elements().map { entry in
                let (idNode, content) = (try entry.required("id"), try entry.required("content").string())
                let id = try idNode.integer()
                guard (0..<vocabulary.count + mostAddedTokens).contains(id) else {
                    throw idNode.expected("a token's id")
                }
                // The library numbers them itself, whatever the file says.
                let given = vocabulary.id(of: content).map(Int.init) ?? numbers[Array(content.utf8)] ?? next
                guard content.isEmpty || id == given else {
                    throw idNode.error(
                        "the token \(content.debugDescription) is number \(id) here, but would become \(given)")
                }
                numbers[Array(content.utf8)] = id
                next = max(next, id + 1)
                return AddedToken(
                    id: Int32(id), content: content,
                    isSingleWord: try entry.required("single_word").flag(),
                    stripsLeft: try entry.required("lstrip").flag(), stripsRight: try entry.required("rstrip").flag(),
                    isNormalised: try entry.required("normalized").flag(),
                    isSpecial: try entry.required("special").flag())
            }
        }
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
        case "ByteLevel":
            node.pass(over: "add_prefix_space", "trim_offsets", "use_regex")
            self.init()
        case "BertProcessing", "RobertaProcessing":
            // They move the places of tokens, not their ids.
            node.pass(over: "trim_offsets", "add_prefix_space")
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
        // Texts come one by one.
        node.pass(over: "pair")
        node["special_tokens"]?.countAllAsRead()
        single.countAllAsRead()
        var isBehind = false
        for part in try single.elements() {
            if let kind = (part["Sequence"] ?? part["SpecialToken"])?["type_id"], try kind.integer() != 0 {
                throw kind.expected("0: all tokens are of the first type here")
            }
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
