import Diagnostics
import Files
import Models
import Tokenizers

/// A method on a model as the sentence-transformers library has it: what its files say, and what they can't is refused.
public struct LibraryMethod: Sendable {
    let model: PretrainedModel
    let method: EmbeddingMethod
    let head: Head?
    let isNormalised: Bool
    /// Whether the backbone's configuration must say that its layers attend in both directions.
    public let isBidirectional: Bool
    /// By the name of its role.
    private let prompts: [(name: String, prompt: LibraryPrompt)]
    /// What stands behind each sentence.
    private let behind: String

    /// - Parameters:
    ///   - methods: a run's
    ///   - head: what makes embeddings of pooled states; nil for nothing
    ///   - isNormalised: whether embeddings are brought to length 1
    /// - Throws: for what the library hasn't, in one line with what would be lost.
    public init(
        _ methods: [EmbeddingMethod], on model: PretrainedModel, head: Head?, isNormalised: Bool
    ) throws(Diagnostic) {
        func refusal(_ what: String, suggestion: String? = nil) -> Diagnostic {
            Diagnostic("sentence-transformers can't express \(what)", suggestion: suggestion)
        }
        guard let method = methods.first, methods.count == 1 else {
            throw refusal("the average over \(methods.count) prompts: all but one would be lost")
        }
        guard !model.shape.isStatic else {
            throw refusal("words looked up as they are here: a StaticEmbedding has a tokenizer's pieces")
        }
        let resolved = try ResolvedMethod(method, model.shape)
        guard method.padding == .none else {
            throw refusal("padding: visible: what a sentence's companions do to its vector would be lost")
        }
        guard method.prependLayers.isEmpty else { throw refusal("Token Prepending: prepend_layers would be lost") }
        guard resolved.hiddenLayer == resolved.layerCount else {
            throw refusal(
                "hidden layer \(method.layer): its Transformer gives the last one, so that layer \(method.layer) would be lost"
            )
        }
        // A plan that changes no vector is none.
        let isPlanned = !model.shape.isEncoder && resolved.attentionPlanHasEffect
        guard !isPlanned || resolved.bidirectionalLayers.count == resolved.layerCount else {
            throw refusal(
                "the attention plan \"\(method.attention)\": transformers' is_causal is of all layers, and which of them attend in "
                    + "both directions would be lost")
        }
        isBidirectional = isPlanned
        (self.model, self.method, self.head, self.isNormalised) = (model, method, head, isNormalised)
        var prompts: [(name: String, prompt: LibraryPrompt)] = []
        for role in TextRole.all {
            guard let template = try? method.template(for: role) else { continue }
            // A role of its own: the library knows queries and documents, and sentences are what it has by default.
            guard role != .word || method.templates.byRole[role] != nil else { continue }
            prompts.append((role.description, try template.libraryPrompt()))
        }
        self.prompts = prompts
        behind = prompts.first?.prompt.behind ?? ""
        guard prompts.allSatisfy({ $0.prompt.behind.utf8.elementsEqual(behind.utf8) }) else {
            throw refusal("words behind the sentence that differ by role: a tokenizer has the same behind every text")
        }
    }

    /// The tokens that batches are padded with there.
    ///
    /// - Throws: where the tokenizer has none for it.
    public func paddingToken() throws -> Int32 {
        let special = model.tokenizer.summary.special.map(\.id)
        let named = try [model.tokenizer.paddingToken, model.namedPadToken.map(Int32.init), model.endToken()]
        guard let token = named.compactMap(\.self).first(where: special.contains) ?? special.min() else {
            throw Diagnostic(
                "the tokenizer has no special token to pad batches with, which sentence-transformers does",
                at: SourceLocation(file: model.path))
        }
        return token
    }

    // MARK: Tokenizer

    /// Writes the tokenizer's files, in which the normaliser is, and what stands behind the sentence; then reads them again and holds
    /// the ids of sentences against the run's.
    ///
    /// - Parameters:
    ///   - folder: which has the model's `config.json`
    ///   - sentences: to try beside those that are tried anyway
    /// - Returns: what a reader of the folder must know, a line each
    /// - Throws: where the ids differ, with a sentence.
    public func writeTokenizer(to folder: String, trying sentences: [String]) throws -> [String] {
        let befores = prompts.map(\.prompt.before)
        guard let steps = LibraryNormaliser(prompts: befores).steps(of: method.normaliser) else {
            throw Diagnostic(
                "sentence-transformers can't express the normaliser \(method.normaliser): what it makes of the spaces that a task "
                    + "pads its sentences with would be lost")
        }
        let probes = probes(sentences)
        let words = try split(behind, trying: probes)
        var changes = TokenizerChanges(maximumLength: model.shape.contextLength)
        changes.paddingToken = try paddingToken()
        changes.behind = words.tokens
        let appended = LibraryNormaliser.appending(words.appended)
        // Most tokenizers of words don't see white space: their files stay as they are.
        let choices = behind.isEmpty && !steps.isEmpty ? [[], steps] : [steps + appended]
        var difference: String?
        for replacements in choices {
            changes.replacements = replacements
            let tokenizer = try write(changes, to: folder)
            difference = try self.difference(tokenizer, trying: probes)
            // What is put behind a text as text is cut with it: that is said.
            if difference == nil, words.appended.isEmpty {
                difference = try self.difference(
                    tokenizer, trying: [longText], contextLength: model.shape.contextLength)
            }
            if difference == nil { break }
        }
        if let difference {
            throw Diagnostic(
                "sentence-transformers' tokenizer can't make the run's tokens of \(difference.prefix(60).debugDescription): the "
                    + "normaliser \(method.normaliser), or how the template \(method.templates) is cut, would be lost")
        }
        guard !words.appended.isEmpty else { return [] }
        return [
            "of a text of more than \(model.shape.contextLength) tokens sentence-transformers cuts off the words "
                + "\(words.appended.debugDescription) behind it, which the run keeps: they grow together with the text's last token"
        ]
    }

    /// With the class that the model's files name where that takes the tokenizer as it is; else with the one that does.
    private func write(_ changes: TokenizerChanges, to folder: String) throws -> any Tokenizer {
        var (changes, reason) = (changes, "")
        for leavesClass in [false, true] {
            changes.leavesClass = leavesClass
            try TokenizerFolder.write(model.tokenizer, from: model.tokenizerFolder, changes: changes, to: folder)
            do {
                let tokenizer = try PretrainedTokenizer.read(
                    folder: folder, ignoring: KeyPolicy(ignoring: model.ignoredKeys))
                guard let warning = tokenizer.summary.warnings.first else { return tokenizer }
                reason = warning
            } catch let error as Diagnostic {
                reason = error.message
            }
        }
        throw Diagnostic("the run's tokenizer would be lost: \(reason)", at: SourceLocation(file: model.path))
    }

    /// - Parameter contextLength: where prompts are cut
    /// - Returns: the first sentence of which a tokenizer makes other ids than the run's prompts have; nil for none.
    private func difference(
        _ tokenizer: any Tokenizer, trying sentences: [String], contextLength: Int = .max
    ) throws -> String? {
        for (name, prompt) in prompts {
            let own = try tokens(sentences, as: name, contextLength: contextLength)
            let read = try Prompts(
                sentences, template: PromptTemplate(prefix: prompt.before), normaliser: .verbatim,
                tokenizer: tokenizer, contextLength: contextLength
            ).tokens
            if let place = sentences.indices.first(where: { own[$0] != read[$0] }) { return sentences[place] }
        }
        return nil
    }

    private func tokens(_ sentences: [String], as name: String, contextLength: Int = .max) throws -> [[Int32]] {
        guard let role = TextRole.all.first(where: { $0.description == name }) else { return [] }
        return try Prompts(
            sentences, by: method, as: role, tokenizer: model.tokenizer, contextLength: contextLength
        ).tokens
    }

    /// Divides the words behind the sentence: as few as possible are put there as text, because they grow together with the sentence's
    /// last token; the others are tokens of their own, which stay where a text is cut.
    private func split(_ words: String, trying sentences: [String]) throws -> (appended: String, tokens: [Int32]) {
        guard !words.isEmpty else { return ("", []) }
        let frame = model.tokenizer.frame
        let all = try prompts.map { name, prompt in
            (before: prompt.before, ids: try tokens(sentences, as: name))
        }
        let scalars = words.unicodeScalars
        for end in scalars.indices + [scalars.endIndex] {
            let appended = String(scalars[..<end])
            var common: [Int32]?
            let fits = try all.allSatisfy { before, ids in
                try zip(sentences, ids).allSatisfy { sentence, ids in
                    let inner = ids.dropFirst(frame.before.count).dropLast(frame.behind.count)
                    let start = try model.tokenizer.encode(before + method.normaliser.normalise(sentence) + appended)
                    guard inner.starts(with: start.map(\.id)) else { return false }
                    let rest = Array(inner.dropFirst(start.count))
                    defer { common = rest }
                    return common == nil || common == rest
                }
            }
            if fits { return (appended, common ?? []) }
        }
        throw Diagnostic(
            "sentence-transformers' tokenizer can't put \(words.debugDescription) behind a sentence as the run does: how the template "
                + "\(method.templates) is cut would be lost")
    }

    /// Sentences of many beginnings and ends, and white space of many kinds.
    private func probes(_ sentences: [String]) -> [String] {
        let ends = [
            ".", "?", "!", "\"", "'", ")", "]", ">", ":", ";", ",", "%", "*", "_", "-", "…", "”", "3", "x", "。", " ",
            "?  ",
        ]
        let plain = [
            "A man is playing a guitar.", "Is it?", "He said \"no\"", "'quoted'", "(in brackets)", "½ and 12,345.67",
            "Zwei Männer spielen Schach", "日本語の文です。", "an emoji 😀", "e\u{301}t\u{E9}", "UPPER lower", "a", "1", "-",
            "$",
            "http://example.org/a?b=c&d=e", "don't", "l'été", "هذه جملة", "हिन्दी वाक्य", "русский текст",
        ]
        let spaces = [
            "  two  spaces ", "tab\there", "\ta line\nbreak\r\n", "\u{A0}no\u{A0}\u{A0}break\u{A0}",
            "wide\u{3000}space",
            " \u{2003}em ", "end. ", "end ?  ",
        ]
        // What replaces nothing isn't found in an empty text.
        let empty = prompts.contains { $0.prompt.before.isEmpty } ? [] : ["", " "]
        return plain + spaces + ends.map { "The end" + $0 } + empty + sentences
    }

    private var longText: String {
        String(repeating: "A man is playing a guitar. ", count: model.shape.contextLength / 4 + 1) + "The end."
    }

    // MARK: Modules

    /// Writes what the library reads beside a backbone's files and its tokenizer's.
    public func writeModules(to folder: String) throws {
        try SentenceTransformerFolder.write(
            pooling: method.pooling, head: head, isNormalised: isNormalised, hiddenSize: model.shape.hiddenSize,
            to: folder)
        try SentenceTransformerFolder.write(
            prompts: prompts.map { ($0.name, $0.prompt.before) }, maximumLength: model.shape.contextLength, to: folder)
    }

    /// Reads a whole folder as any other, and checks that its own method is this one.
    ///
    /// - Throws: where it isn't.
    public func check(_ folder: String) throws {
        let read = try PretrainedModel(path: folder, ignoring: KeyPolicy(ignoring: model.ignoredKeys))
        let own = try read.ownMethod()
        let before = prompts.first { $0.name == TextRole.sentence.description }?.prompt.before ?? ""
        let expected = SentenceTransformerFolder.Method(
            pooling: method.pooling, template: PromptTemplate(prefix: before), head: head?.shape,
            isNormalised: isNormalised)
        guard own == expected, read.shape.contextLength == model.shape.contextLength,
            read.shape.isEncoder == (model.shape.isEncoder || isBidirectional)
        else {
            throw Diagnostic(
                "the folder says another method than the run: \(own.map(String.init(describing:)) ?? "none"), expected \(expected)",
                at: SourceLocation(file: folder))
        }
    }
}
