import Diagnostics
import Files

/// Text to token ids and back.
public protocol Tokenizer: Sendable {
    /// The tokens of a text, in order; special tokens that stand in the text are recognised, none is added.
    ///
    /// The byte ranges ascend and don't overlap; a token that a step has added has an empty one. They tile the text,
    /// except for separators that a tokenizer drops, and for bytes that the vocabulary has no token for:
    /// ``unencodedByteCount(of:in:)`` counts the latter.
    ///
    /// - Throws: `Diagnostic` where a pattern of the tokenizer takes too many steps to search the text for.
    func encode(_ text: String) throws -> [Token]

    /// What goes around a text before a model reads it.
    var frame: SequenceFrame { get }

    /// How many bytes of the text's UTF-8 are lost: no token stands for them though they mean something, so that a
    /// caller can report it.
    func unencodedByteCount(of tokens: [Token], in text: String) -> Int

    /// The text that ids stand for; bytes that are no UTF-8 become U+FFFD.
    ///
    /// - Throws: `Diagnostic` for an id outside the vocabulary.
    func decode(_ ids: some Sequence<Int32>) throws -> String

    /// The longest text that the tokenizer's own files allow, in tokens with what goes around it (`model_max_length`); nil
    /// where they don't say.
    var maximumLength: Int? { get }

    /// The token that the tokenizer's own files pad with, as transformers reads them; nil where they name none.
    var paddingToken: Int32? { get }

    /// The number of ids; each id is below it.
    var vocabularySize: Int { get }

    /// That without tokens that were added behind the vocabulary, which a text has only where it names them.
    var plainVocabularySize: Int { get }

    /// Where versions of the libraries that read the same files give other ids to texts that begin with white space alone;
    /// nil where they don't.
    var leadingSpaceWarning: String? { get }

    /// What it is, for a reader.
    var summary: TokenizerSummary { get }

    /// A digest of everything that decides which ids a text gets.
    var fingerprint: SHA256Digest { get }
}

extension Tokenizer {
    public var frame: SequenceFrame { SequenceFrame() }
    public var plainVocabularySize: Int { vocabularySize }
    public var maximumLength: Int? { nil }
    public var paddingToken: Int32? { nil }
    public var leadingSpaceWarning: String? { nil }
    public var summary: TokenizerSummary { TokenizerSummary(kind: "\(Self.self)") }

    /// All bytes that no token stands for: where nothing is dropped on purpose.
    public func unencodedByteCount(of tokens: [Token], in text: String) -> Int {
        tokens.reduce(text.utf8.count) { $0 - $1.bytes.count }
    }
}
