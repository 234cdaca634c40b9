import Diagnostics
import Files

extension SplittingStep {
    private static let supported = [
        "ByteLevel", "Split", "Metaspace", "Whitespace", "WhitespaceSplit", "BertPreTokenizer", "Digits",
        "Punctuation", "CharDelimiterSplit", "Sequence",
    ]

    /// Reads `pre_tokenizer` of a `tokenizer.json`.
    init(_ node: JSONNode) throws {
        let kind = try node.required("type")
        switch try kind.string() {
        case "ByteLevel":
            node.pass(over: "trim_offsets")
            self = .byteLevel(
                addsSpace: try node.required("add_prefix_space").flag(),
                cutsWords: try node.flag("use_regex", or: true))
        case "Split":
            self = .pattern(
                try TokenPattern(node.required("pattern")), try node.required("behavior").choice("behavior"),
                isInverted: try node.required("invert").flag())
        case "Metaspace": self = .metaspace(try Metaspace(node))
        case "Whitespace": self = .words
        case "WhitespaceSplit": self = .whiteSpace
        case "BertPreTokenizer": self = .bert
        case "Digits": self = .digits(isEachAlone: try node.required("individual_digits").flag())
        case "Punctuation": self = .punctuation(try node.member("behavior")?.choice("behavior") ?? .isolated)
        case "CharDelimiterSplit": self = .delimiter(try node.required("delimiter").scalar())
        case "Sequence": self = .sequence(try node.required("pretokenizers").elements().map { try Self($0) })
        default: throw kind.unknown("pre_tokenizer", among: Self.supported)
        }
    }

    /// Whether the pieces' bytes are spelled in GPT-2's alphabet from here on.
    var isByteLevel: Bool {
        switch self {
        case .byteLevel: true
        case .sequence(let steps): steps.contains { $0.isByteLevel }
        default: false
        }
    }

    /// Whether a step reads text that has been spelled in GPT-2's alphabet: none here does.
    var cutsSpelledBytes: Bool {
        guard case .sequence(let steps) = self else { return false }
        let first = steps.firstIndex { $0.isByteLevel }
        return first.map { $0 < steps.count - 1 || steps[$0].cutsSpelledBytes } ?? false
    }

    /// The visible space that it writes.
    var visibleSpace: Unicode.Scalar? {
        switch self {
        case .metaspace(let metaspace): metaspace.replacement
        case .sequence(let steps): steps.lazy.compactMap(\.visibleSpace).first
        default: nil
        }
    }
}

extension SplittingStep.Metaspace {
    fileprivate init(_ node: JSONNode) throws {
        // Older files say `add_prefix_space` alone, or both, and `str_rep` for the replacement once more.
        let adds = try node.flagOrNull("add_prefix_space")
        let prefix: Prefix =
            try node.member("prepend_scheme")?.choice("prepend_scheme") ?? (adds == false ? .never : .always)
        if adds == false, prefix != .never {
            throw node.error("add_prefix_space is false, but prepend_scheme is \"\(prefix.rawValue)\"")
        }
        let replacement = try node.required("replacement")
        try node.expect("str_rep", replacement.text, "the replacement is another") { $0.text == replacement.text }
        self.init(replacement: try replacement.scalar(), prefix: prefix, cuts: try node.flagOrNull("split") ?? true)
    }
}
