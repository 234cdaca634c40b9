/// One file that a task's sentence pairs were read from.
public struct DatasetRecord: Equatable, Sendable {
    public var task: String
    /// The file's path below the data directory.
    public var file: String
    /// Which text the file holds: `raw`, or `senteval` (tokenised and lowercased by its scripts), `own` for a
    /// user's file, `unknown` for one that is none of the known ones.
    public var textVariant: String
    /// SHA-256 of the file, 64 hexadecimal digits.
    public var sha256: String
    /// Sentence pairs with a gold score, or examples.
    public var pairs: Int
    /// Rows that were skipped because they have no gold score.
    public var skipped: Int

    public init(
        task: String, file: String = "", textVariant: String = "", sha256: String = "", pairs: Int = 0,
        skipped: Int = 0
    ) {
        self.task = task
        self.file = file
        self.textVariant = textVariant
        self.sha256 = sha256
        self.pairs = pairs
        self.skipped = skipped
    }
}
