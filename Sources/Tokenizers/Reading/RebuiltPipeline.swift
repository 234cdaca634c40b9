import Diagnostics
import Files

/// What transformers 5 makes of a `tokenizer.json` for most classes: their constructors take the vocabulary and the merges
/// from the file, and build the steps, the model's options and often the frame anew. Version 4 and the tokenizers library
/// take the file as it is, and so does this program; where the two differ, it is said.
///
/// Source: transformers 5.23, `TokenizersBackend.convert_to_native_format` and the classes' `__init__`.
struct RebuiltPipeline {
    /// Such as `LlamaTokenizer`.
    let name: String
    let plan: ClassPlan
    /// Whether the library takes the file as it is where its vocabulary is one of bytes.
    private let leavesBytes: Bool
    /// Whether the file's own word for a class counts: a user can change it then.
    private let isNamed: Bool

    /// - Parameters:
    ///   - name: of the class, without `Fast`; nil where no file names one
    ///   - modelType: of `config.json`
    /// - Returns: nil where the library takes the file as it is.
    init?(_ name: String?, modelType: String?) {
        guard let chosen = RebuiltClass.chosen(name: name, modelType: modelType),
            let plan = ClassPlan(ofClass: String(chosen.dropLast("Tokenizer".count)))
        else { return nil }
        (self.name, self.plan) = (chosen, plan)
        leavesBytes = chosen == "LlamaTokenizer"
        isNamed = RebuiltClass.chosen(name: "PreTrainedTokenizer", modelType: modelType) == "PreTrainedTokenizer"
    }

    /// Whether the library makes an object of the class, and doesn't take the file as it is.
    func replaces(isByteLevel: Bool) -> Bool { !(leavesBytes && isByteLevel) }

    /// Texts whose spaces, letters, digits and marks the usual steps treat each in its own way, and characters and words that
    /// no vocabulary has. None begins with a space: ``leadingSpaceDifference(from:settings:)``.
    private static let probes = [
        "Ab cd", "a  b", "a\nb\tc", "a ", "Ünïcode ﬁne ½", "x1y22 333", "a.b, c!?", "``q'' don't", "I'M 日本 語",
        "e\u{301}t", "A\u{200B}B\u{AD}C", "a\u{E000}\u{E001}b \u{E002}", String(repeating: "ab", count: 60),
    ]

    /// A text before whose space the file of LLaMA 2 puts another, and the class doesn't.
    private static let spaced = " a"

    /// - Returns: where they differ on texts that begin with a space, and on no other that is tried; nil where they don't.
    func leadingSpaceDifference(
        from parts: TokenizerPipeline.Parts, settings: TokenizerSettings
    ) throws -> String? {
        let isByteLevel = parts.splitting?.isByteLevel ?? false
        guard replaces(isByteLevel: isByteLevel), plan.steps != .notCompared,
            case .same(let model) = plan.model(of: parts.model, isByteLevel: isByteLevel, settings: settings),
            try difference(from: parts, settings: settings) == nil
        else { return nil }
        let (own, inFile) = try pipelines(of: parts, model, settings)
        return try shown([Self.spaced], own, inFile)
    }

    private func pipelines(
        of parts: TokenizerPipeline.Parts, _ model: any TokenModel, _ settings: TokenizerSettings
    ) throws -> (own: Parts, inFile: Parts) {
        (
            Parts(
                normalisation: try plan.normalisation(parts.normalisation, settings),
                splitting: try plan.splitting(settings), model: model),
            Parts(normalisation: parts.normalisation, splitting: parts.splitting, model: parts.model)
        )
    }

    /// - Returns: where they differ; nil where no probe shows it.
    func difference(from parts: TokenizerPipeline.Parts, settings: TokenizerSettings) throws -> String? {
        let isByteLevel = parts.splitting?.isByteLevel ?? false
        guard replaces(isByteLevel: isByteLevel) else { return nil }
        guard plan.steps != .notCompared else { return said("which is not compared here") }
        switch plan.model(of: parts.model, isByteLevel: isByteLevel, settings: settings) {
        case .refused: return nil
        case .otherKind(let kind): return said("which reads its vocabulary as \(kind)")
        case .same(let model):
            let (own, inFile) = try pipelines(of: parts, model, settings)
            return try shown(Self.probes, own, inFile) ?? shownToken(of: parts, own, inFile)
                ?? frameDifference(from: parts, settings)
        }
    }

    private struct Parts {
        let normalisation: NormalisationStep?
        let splitting: SplittingStep?
        let model: any TokenModel

        func pieces(_ text: String) throws -> (texts: [String], tokens: [String]) {
            let scalars = [AlignedScalar](text)
            var cut = PreTokenizedText(try normalisation?.apply(to: scalars) ?? scalars, isAtStart: true)
            try splitting?.apply(to: &cut)
            let pieces = cut.pieces.filter { !$0.isEmpty }
            var tokens = TokenList()
            for piece in pieces { model.encode(cut.scalars[piece], into: &tokens) }
            let spelled = tokens.tokens.map { String(decoding: model.vocabulary.text(of: Int($0.id)), as: UTF8.self) }
            return (pieces.map { cut.scalars[$0].text }, spelled)
        }
    }

    private func shown(_ texts: some Sequence<String>, _ own: Parts, _ inFile: Parts) throws -> String? {
        for text in texts {
            let (inClass, here) = (try own.pieces(text), try inFile.pieces(text))
            // Other pieces of the same tokens change no id.
            guard inClass.tokens != here.tokens else { continue }
            let arePieces = inClass.texts != here.texts
            return said(
                "which makes of \(text.prefix(24).debugDescription) "
                    + Self.list(arePieces ? inClass.texts : inClass.tokens),
                Self.list(arePieces ? here.texts : here.tokens))
        }
        return nil
    }

    /// A token that the file takes whole, and whose merges make others of it.
    private func shownToken(of parts: TokenizerPipeline.Parts, _ own: Parts, _ inFile: Parts) throws -> String? {
        guard let model = parts.model as? MergingModel, model.prefersWholePieces else { return nil }
        let texts = (0..<model.vocabulary.count).lazy.compactMap { id in
            String(validating: parts.spelling.bytes(of: model.vocabulary.text(of: id), isFirst: false), as: UTF8.self)
        }
        return try shown(texts, own, inFile)
    }

    private func frameDifference(
        from parts: TokenizerPipeline.Parts, _ settings: TokenizerSettings
    ) -> String? {
        guard let roles = plan.frame else { return nil }
        func ids(_ roles: [String]) -> [Int32] {
            roles.map { role in
                let text = settings.text(role, or: "")
                return parts.added.first { $0.content == text }?.id ?? parts.model.vocabulary.id(of: text) ?? -1
            }
        }
        guard ids(roles.before) != parts.frame.before || ids(roles.behind) != parts.frame.behind else { return nil }
        func texts(_ roles: [String]) -> String { roles.map { settings.text($0, or: $0) }.joined(separator: " ") }
        let around = [texts(roles.before), "…", texts(roles.behind)].filter { !$0.isEmpty }.joined(separator: " ")
        func spelled(_ ids: [Int32]) -> String {
            ids.map { id in
                parts.added.first { $0.id == id }?.content
                    ?? String(decoding: parts.model.vocabulary.text(of: Int(id)), as: UTF8.self)
            }.joined(separator: " ")
        }
        let here = [spelled(parts.frame.before), "…", spelled(parts.frame.behind)].filter { !$0.isEmpty }
        return said("which puts a text as \"\(around)\"", "\"\(here.joined(separator: " "))\"")
    }

    private func said(_ inClass: String, _ inFile: String? = nil) -> String {
        "transformers 5 has a pipeline of its own for \(name), \(inClass); tokenizer.json is followed, as by version 4"
            + (inFile.map { ": \($0)" } ?? "")
            + (isNamed ? "; the class PreTrainedTokenizerFast follows the file in both" : "")
    }

    private static func list(_ pieces: [String]) -> String {
        guard !pieces.isEmpty else { return "nothing" }
        return pieces.prefix(8).map(\.debugDescription).joined(separator: " ") + (pieces.count > 8 ? " …" : "")
    }
}
