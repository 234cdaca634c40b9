/// What a tokenizer is, in words.
public struct TokenizerSummary: Sendable {
    /// Such as "byte-level BPE".
    public var kind: String
    /// How a text is changed before it is cut; "none" where it isn't.
    public var normalisation: String
    /// How a text is cut into the pieces that no token crosses; "none" where it isn't.
    public var preTokenizer: String
    /// Where its steps' classes of characters and their mappings come from, and of which version of Unicode they are.
    public var tables: String
    /// What the files beside the tokenizer's own have changed.
    public var notes: [String] = []
    /// Tokens that are found in a text as they are written, by id.
    public var special: [(id: Int32, text: String)]

    public init(
        kind: String, normalisation: String = "none", preTokenizer: String = "none",
        usesExpressions: Bool = false, special: [(id: Int32, text: String)] = []
    ) {
        (self.kind, self.normalisation, self.preTokenizer) = (kind, normalisation, preTokenizer)
        tables = "Swift's (\(UnicodeVersion.swift))" + (usesExpressions ? "; \(UnicodeVersion.oniguruma)" : "")
        self.special = special.sorted { $0.id < $1.id }
    }
}

extension ByteLevelBPE {
    public var summary: TokenizerSummary {
        TokenizerSummary(
            kind: "byte-level BPE", preTokenizer: preTokenizer.rawValue,
            special: kinds.indices.filter { kinds[$0].isSpecial }.map {
                (Int32($0), String(decoding: vocabulary.text(of: $0), as: UTF8.self))
            })
    }
}

extension TokenizerPipeline {
    public var summary: TokenizerSummary {
        let kind =
            switch model {
            case is MergingModel: "BPE"
            case is UnigramModel: "unigrams"
            case is WordPieceModel: "WordPiece"
            default: "\(type(of: model))"
            }
        var summary = TokenizerSummary(
            kind: kind, normalisation: normalisation?.summary ?? "none", preTokenizer: splitting?.summary ?? "none",
            usesExpressions: normalisation?.usesExpressions ?? false || splitting?.usesExpressions ?? false,
            special: addedTexts.map { ($0.key, $0.value.content) })
        summary.notes = notes
        return summary
    }
}

extension SentencePiece {
    public var summary: TokenizerSummary {
        TokenizerSummary(
            kind: "SentencePiece, \(isMerging ? "merges" : "unigrams")", normalisation: "SentencePiece's",
            special: specialIDs.map { ($0, text(of: $0)) })
    }
}

extension NormalisationStep {
    /// The steps' names, in order.
    fileprivate var summary: String {
        switch self {
        case .form(let form): "Unicode form \(form.rawValue)"
        case .lowercase: "lowercase"
        case .strip: "strip"
        case .stripAccents: "strip accents"
        case .replace: "replace"
        case .prepend(let prefix): "prepend \"\(String(String.UnicodeScalarView(prefix)))\""
        case .bert(let bert):
            "BERT" + (bert.lowercases ? ", lowercase" : "") + (bert.stripsAccents ? ", no accents" : "")
        case .characterMap: "a character map"
        case .sequence(let steps): steps.map(\.summary).joined(separator: "; ")
        }
    }
}

extension NormalisationStep {
    fileprivate var usesExpressions: Bool {
        switch self {
        case .replace(let pattern, _): pattern.isExpression
        case .sequence(let steps): steps.contains { $0.usesExpressions }
        default: false
        }
    }
}

extension SplittingStep {
    fileprivate var usesExpressions: Bool {
        switch self {
        case .pattern(let pattern, _, _): pattern.isExpression
        case .sequence(let steps): steps.contains { $0.usesExpressions }
        default: false
        }
    }

    /// The steps' names, in order.
    fileprivate var summary: String {
        switch self {
        case .byteLevel(_, let cutsWords): cutsWords ? "byte level, GPT-2's pattern" : "byte level"
        case .pattern: "a pattern"
        case .metaspace: "metaspace"
        case .words: "words"
        case .whiteSpace: "white space"
        case .bert: "BERT"
        case .digits(let isEachAlone): isEachAlone ? "each digit" : "digits"
        case .punctuation: "punctuation"
        case .delimiter(let scalar): "at \"\(scalar)\""
        case .sequence(let steps): steps.map(\.summary).joined(separator: "; ")
        }
    }
}
