import Files

/// What a class of transformers 5 builds around a vocabulary.
///
/// Source: transformers 5.23, `tokenization_*.py`, the constructors.
struct ClassPlan {
    enum Steps: Equatable {
        /// BERT's words.
        case words
        /// GPT-2's bytes, in a composed form or as they are.
        case bytes(isComposed: Bool)
        case qwen, cohere, llama, gemma
        /// SentencePiece's visible spaces, without the runs of white space; the number is the unknown token's.
        case spaces(unknown: Int32)
        case albert
        /// Of models that this program has no family for.
        case notCompared
    }

    /// The roles of the tokens around a text.
    struct Frame {
        var before: [String] = []
        var behind: [String] = []
    }

    let steps: Steps
    /// nil where the file's is kept.
    let frame: Frame?

    private static let ends = Frame(before: ["cls_token"], behind: ["sep_token"])

    private static let byClass: [(names: String, steps: Steps, frame: Frame?)] = [
        ("Bert DistilBert MPNet Electra MobileBert LayoutLM SqueezeBert", .words, ends),
        ("GPT2 CodeGen Blenderbot", .bytes(isComposed: false), nil),
        ("Roberta Bart Longformer LED Deberta", .bytes(isComposed: false), ends),
        ("GPTNeoX", .bytes(isComposed: true), Frame()), ("Qwen2", .qwen, nil), ("Cohere", .cohere, nil),
        ("Llama", .llama, nil), ("CodeLlama", .llama, Frame(before: ["bos_token"])), ("Gemma", .gemma, nil),
        ("XLMRoberta", .spaces(unknown: 3), Frame(before: ["bos_token"], behind: ["eos_token"])),
        ("Camembert", .spaces(unknown: -1), Frame(before: ["bos_token"], behind: ["eos_token"])),
        ("T5", .spaces(unknown: 2), Frame(behind: ["eos_token"])), ("Albert", .albert, ends),
        ("DebertaV2 XLNet BigBird RemBert MBart MBart50 Nllb Barthez Pegasus XGLM Reformer", .notCompared, nil),
    ]

    /// - Parameter name: without `Tokenizer`
    /// - Returns: nil where the class has no constructor of its own, or the library no such class.
    init?(ofClass name: String) {
        guard let row = Self.byClass.first(where: { $0.names.split(separator: " ").contains(name[...]) }) else {
            return nil
        }
        (steps, frame) = (row.steps, row.frame)
    }

    // MARK: - The model

    enum Model {
        case same(any TokenModel)
        /// Other than the file's.
        case otherKind(String)
        /// The class can't take the file's vocabulary: the library stops.
        case refused
    }

    func model(of model: any TokenModel, isByteLevel: Bool, settings: TokenizerSettings) -> Model {
        switch steps {
        case .words:
            guard let words = model as? WordPieceModel else {
                return model is UnigramModel ? .refused : .otherKind("WordPiece")
            }
            let unknown = model.vocabulary.id(of: settings.text("unk_token", or: "[UNK]")) ?? words.unknown
            return .same(words.changed(unknown: unknown, continuingPrefix: "##", mostCharacters: 100))
        case .bytes, .qwen, .cohere:
            guard var merging = model as? MergingModel, isByteLevel else { return .otherKind("BPE over bytes") }
            merging.setOptions()
            return .same(merging)
        case .llama, .gemma:
            let unknown = model.vocabulary.id(of: settings.text("unk_token", or: "<unk>"))
            if steps == .gemma, unknown == nil { return .refused }
            guard var merging = model as? MergingModel, !isByteLevel else { return .otherKind("BPE over characters") }
            merging.setOptions(
                unknown: steps == .gemma ? unknown : nil,
                fusesUnknown: true, byteTokens: ByteTokens(in: model.vocabulary))
            return .same(merging)
        case .spaces(let id):
            let named = model.vocabulary.id(of: settings.text("unk_token", or: "<unk>")) ?? 0
            return unigrams(model, unknown: id < 0 ? named : id)
        case .albert: return unigrams(model, unknown: 1)
        case .notCompared: return .refused
        }
    }

    private func unigrams(_ model: any TokenModel, unknown: Int32) -> Model {
        guard var unigrams = model as? UnigramModel else { return .refused }
        (unigrams.unknown, unigrams.byteTokens) = (unknown, nil)
        return .same(unigrams)
    }

    // MARK: - The steps

    /// - Parameter inFile: `tokenizer.json`'s
    func normalisation(_ inFile: NormalisationStep?, _ settings: TokenizerSettings) throws -> NormalisationStep? {
        switch steps {
        // The class has it from tokenizer_config.json, and so has the file by then.
        case .words:
            if case .bert(var bert) = inFile {
                bert.cleansText = true
                return .bert(bert)
            }
            return .bert(try BertNormalisation(settings.config.map { try BERTCase($0) } ?? BERTCase()))
        case .bytes(isComposed: false), .llama, .notCompared: return nil
        case .bytes, .qwen, .cohere: return .form(.nfc)
        case .gemma: return .replace(TokenPattern(literal: " "), with: ["▁"])
        case .spaces: return inFile?.characterMap
        case .albert:
            var steps: [NormalisationStep] = [
                .replace(TokenPattern(literal: "``"), with: ["\""]),
                .replace(TokenPattern(literal: "''"), with: ["\""]),
            ]
            if try settings.config?["keep_accents"]?.flag() != true { steps += [.form(.nfkd), .stripAccents] }
            if try settings.config?["do_lower_case"]?.flag() != false { steps.append(.lowercase) }
            return .sequence(steps + [inFile?.characterMap].compactMap(\.self))
        }
    }

    /// Qwen's pattern, as the class has it.
    private static let qwenPattern =
        #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#

    func splitting(_ settings: TokenizerSettings) throws -> SplittingStep? {
        func metaspace(_ prefix: SplittingStep.Metaspace.Prefix, cuts: Bool) -> SplittingStep {
            .metaspace(SplittingStep.Metaspace(replacement: "▁", prefix: prefix, cuts: cuts))
        }
        let prefix = try settings.config?["add_prefix_space"]?.flag()
        switch steps {
        case .words: return .bert
        case .bytes: return .byteLevel(addsSpace: prefix ?? false, cutsWords: true)
        case .qwen:
            let pattern = try TokenPattern(expression: Self.qwenPattern)
            return .sequence([
                .pattern(pattern, .isolated, isInverted: false),
                .byteLevel(addsSpace: prefix ?? false, cutsWords: false),
            ])
        case .cohere:
            return .sequence([.digits(isEachAlone: true), .byteLevel(addsSpace: prefix ?? false, cutsWords: true)])
        case .llama:
            let isOld = try settings.config?["legacy"]?.flag() == true
            return metaspace(prefix == false ? .never : isOld ? .always : .first, cuts: false)
        case .gemma: return .pattern(TokenPattern(literal: " "), .mergedWithPrevious, isInverted: false)
        case .spaces, .albert:
            return .sequence([.whiteSpace, metaspace(prefix == false ? .never : .always, cuts: true)])
        case .notCompared: return nil
        }
    }
}

extension MergingModel {
    /// A model's options other than its vocabulary and merges, those that aren't named off.
    fileprivate mutating func setOptions(
        unknown: Int32? = nil, fusesUnknown: Bool = false, byteTokens: ByteTokens? = nil
    ) {
        (self.unknown, self.fusesUnknown, self.byteTokens) = (unknown, fusesUnknown, byteTokens)
        (prefersWholePieces, continuingPrefix, endSuffix) = (false, "", "")
    }
}

extension BertNormalisation {
    fileprivate init(_ wanted: BERTCase) {
        self.init(
            cleansText: true, separatesChinese: wanted.separatesChinese, stripsAccents: wanted.stripsAccents,
            lowercases: wanted.lowercases)
    }
}

extension NormalisationStep {
    /// The first table of replacements among the steps.
    fileprivate var characterMap: NormalisationStep? {
        switch self {
        case .characterMap: self
        case .sequence(let steps): steps.lazy.compactMap(\.characterMap).first
        default: nil
        }
    }
}
