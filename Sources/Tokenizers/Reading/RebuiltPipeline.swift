import Diagnostics
import Files

/// What transformers 5 makes of a `tokenizer.json` for four classes: their constructors take the vocabulary from the file,
/// and build normalizer and pre-tokenizer anew. Version 4 and the tokenizers library take the file as it is, and so does
/// this program; where the two differ, it is said.
/// Source: transformers 5.23, `TokenizersBackend.convert_to_native_format` and the classes' `__init__`.
enum RebuiltPipeline: String {
    case xlmRoberta = "XLMRobertaTokenizer"
    case t5 = "T5Tokenizer"
    case albert = "AlbertTokenizer"
    case llama = "LlamaTokenizer"

    /// The model types whose class it is; with another type the library takes the file as it is, or is asked for a class of
    /// another name.
    private var modelTypes: Set<String?> {
        switch self {
        case .xlmRoberta: [nil, "xlm-roberta"]
        case .t5: [nil, "t5"]
        case .albert: [nil, "albert"]
        case .llama: [nil, "llama"]
        }
    }

    /// - Parameters:
    ///   - name: of the class, without `Fast`; nil where no file names one
    ///   - modelType: of `config.json`
    init?(_ name: String?, modelType: String?) {
        let all: [RebuiltPipeline] = [.xlmRoberta, .t5, .albert, .llama]
        let implied = all.first { modelType != nil && $0.modelTypes.contains(modelType) }
        guard let found = name.map(Self.init(rawValue:)) ?? implied, found.modelTypes.contains(modelType) else {
            return nil
        }
        self = found
    }

    /// Texts whose spaces, letters, digits and marks the usual steps treat each in its own way. None begins with a space:
    /// before one the file of LLaMA 2 puts another, and the class doesn't.
    private static let probes = [
        "Ab cd", "a  b", "a\nb\tc", "a ", "Ünïcode ﬁne ½", "x1y22 333", "a.b, c!?", "``q'' don't", "日本 語", "e\u{301}t",
        "A\u{200B}B\u{AD}C",
    ]

    /// - Returns: where they differ; nil where no probe shows it.
    func difference(from parts: TokenizerPipeline.Parts, settings: TokenizerSettings) throws -> String? {
        // Where the vocabulary is one of bytes, the library takes the file.
        guard !(parts.splitting?.isByteLevel ?? false) else { return nil }
        let own = try normalisation(parts.normalisation?.characterMap, settings)
        for probe in Self.probes {
            let inFile = try Self.pieces(probe, parts.normalisation, parts.splitting)
            let inClass = try Self.pieces(probe, own, splitting)
            guard inFile != inClass else { continue }
            return "transformers 5 has a pipeline of its own for \(rawValue), which makes of \(probe.debugDescription) "
                + "\(Self.list(inClass)), and tokenizer.json, which is followed as version 4 follows it, "
                + "\(Self.list(inFile)); the class PreTrainedTokenizerFast follows the file in both"
        }
        return nil
    }

    private static func pieces(
        _ text: String, _ normalisation: NormalisationStep?, _ splitting: SplittingStep?
    ) throws -> [String] {
        let scalars = [AlignedScalar](text)
        var cut = PreTokenizedText(try normalisation?.apply(to: scalars) ?? scalars, isAtStart: true)
        try splitting?.apply(to: &cut)
        return cut.pieces.filter { !$0.isEmpty }.map { cut.scalars[$0].text }
    }

    private static func list(_ pieces: [String]) -> String {
        pieces.isEmpty ? "nothing" : pieces.map(\.debugDescription).joined(separator: " ")
    }

    private func normalisation(_ map: NormalisationStep?, _ settings: TokenizerSettings) throws -> NormalisationStep? {
        guard self == .albert else { return self == .llama ? nil : map }
        var steps: [NormalisationStep] = [
            .replace(TokenPattern(literal: "``"), with: ["\""]), .replace(TokenPattern(literal: "''"), with: ["\""]),
        ]
        if try settings.config?["keep_accents"]?.flag() != true { steps += [.form(.nfkd), .stripAccents] }
        if try settings.config?["do_lower_case"]?.flag() != false { steps.append(.lowercase) }
        return .sequence(steps + [map].compactMap(\.self))
    }

    private var splitting: SplittingStep {
        func metaspace(_ prefix: SplittingStep.Metaspace.Prefix, cuts: Bool) -> SplittingStep {
            .metaspace(SplittingStep.Metaspace(replacement: "▁", prefix: prefix, cuts: cuts))
        }
        guard self == .llama else { return .sequence([.whiteSpace, metaspace(.always, cuts: true)]) }
        return metaspace(.first, cuts: false)
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
