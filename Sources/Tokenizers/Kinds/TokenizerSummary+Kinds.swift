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
            special: addedTexts.map { ($0.key, $0.value.content) })
        let usesExpressions = normalisation?.usesExpressions ?? false || splitting?.usesExpressions ?? false
        summary.tables =
            "the tokenizers library's: marks and punctuation of Unicode 8, composed forms of 9, words of 16; \(summary.tables) for case"
            + (usesExpressions ? "; \(UnicodeVersion.words(ofOniguruma: UnicodeVersion.oniguruma))" : "")
        (summary.notes, summary.warnings) = (notes, warnings)
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
