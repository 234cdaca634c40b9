/// A sense that words share: its words, its definition, sentences that use it.
public struct Synset: Hashable, Sendable {
    public var partOfSpeech: PartOfSpeech
    /// Where its line begins in its file, in bytes: WordNet's name for it.
    public var offset: Int
    /// The words, with spaces instead of WordNet's underscores and without syntactic markers such as `(p)`.
    public var lemmas: [String]
    /// Offsets of the synsets that it is a kind or an instance of, in the same file.
    public var hypernyms: [Int]
    public var definition: String
    public var examples: [String]
}
