import Diagnostics
import Files

/// What happens to a sentence before it enters the template.
///
/// Each but `verbatim` first squeezes white space as SentEval's split and join does: any run of it becomes one space, and
/// none stays at the ends.
public enum Normaliser: String, CaseIterable, Hashable, Sendable, CustomStringConvertible {
    /// White space alone.
    case none
    /// PromptEOL's full-stop rule (github.com/kongds/scaling_sentemb, evaluation.py): a full stop is appended unless
    /// the sentence ends in one of `. ? " '`; then a final question mark becomes a full stop.
    ///
    /// Double quotes in the sentence stay, as in BeLLM's script and this project's reference embeddings. PromptEOL's
    /// own script replaces them by single ones.
    case prompteol
    /// PromptEOL's script to the letter: the full-stop rule, and each double quote becomes a single one.
    case prompteolQuotes = "prompteol-quotes"
    /// What BeLLM's script makes of the word lists of its SentEval fork (github.com/SeanLee97/AnglE,
    /// SentEval/senteval/sts.py), which pads those of STS12 to STS16 with empty strings: the spaces that end a padded
    /// sentence stay, and a full stop follows them, whatever stands before. A sentence without such spaces, the
    /// longest of its file, has PromptEOL's full-stop rule; double quotes stay.
    case bellmReleased = "bellm-released"
    /// Nothing at all, as the sentence-transformers library has it.
    case verbatim

    /// Reads a name.
    public init(named name: String) throws(Diagnostic) {
        guard let normaliser = Normaliser(rawValue: name) else {
            throw .unknown("normaliser", name, among: Normaliser.allCases.map(\.rawValue))
        }
        self = normaliser
    }

    public var description: String { rawValue }

    /// Whether a task's sentences come to it padded: each with a space for every word that the longest sentence of its
    /// file has more.
    public var takesPaddedSentences: Bool { self == .bellmReleased }

    /// The sentence as the template takes it.
    public func normalise(_ sentence: String) -> String {
        if self == .verbatim { return sentence }
        let squeezed = TextFile.words(in: sentence).joined(separator: " ")
        switch self {
        case .none, .verbatim: return squeezed
        case .prompteol: return promptEOL(squeezed)
        case .prompteolQuotes: return singleQuoted(promptEOL(squeezed))
        case .bellmReleased: return squeezed.isEmpty ? "" : paddedPromptEOL(squeezed, padding: trailingSpaces(sentence))
        }
    }
}

private func promptEOL(_ sentence: String) -> String {
    guard let last = sentence.unicodeScalars.last else { return sentence }
    if last == "?" { return String(sentence.unicodeScalars.dropLast()) + "." }
    return ".\"'".unicodeScalars.contains(last) ? sentence : sentence + "."
}

/// By code point, as Python does: a quote with a combining mark behind it is one character to Swift, and no quote.
private func singleQuoted(_ sentence: String) -> String {
    String(String.UnicodeScalarView(sentence.unicodeScalars.map { $0 == "\"" ? "'" : $0 }))
}

private func paddedPromptEOL(_ sentence: String, padding: Int) -> String {
    padding == 0 ? promptEOL(sentence) : sentence + String(repeating: " ", count: padding) + "."
}

private func trailingSpaces(_ sentence: String) -> Int {
    sentence.unicodeScalars.reversed().prefix { $0 == " " }.count
}
