import Files

/// A tokenizer whose texts stand alone: nothing goes around them, whatever its file says.
struct UnframedTokenizer: Tokenizer {
    private let base: any Tokenizer
    let maximumLength: Int?
    let fingerprint: SHA256Digest

    init(_ base: any Tokenizer, maximumLength: Int?) {
        (self.base, self.maximumLength) = (base, maximumLength)
        fingerprint = SHA256Digest(of: "unframed, version 1, \(base.fingerprint)")
    }

    func encode(_ text: String) throws -> [Token] { try base.encode(text) }
    func unencodedByteCount(of tokens: [Token], in text: String) -> Int {
        base.unencodedByteCount(of: tokens, in: text)
    }
    func decode(_ ids: some Sequence<Int32>) throws -> String { try base.decode(ids) }
    var paddingToken: Int32? { base.paddingToken }
    var vocabularySize: Int { base.vocabularySize }
    var plainVocabularySize: Int { base.plainVocabularySize }
    var leadingSpaceWarning: String? { base.leadingSpaceWarning }
    var summary: TokenizerSummary { base.summary }
}
