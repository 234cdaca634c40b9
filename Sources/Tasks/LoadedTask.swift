/// A task's data, in the files' order, and what they were read from.
public struct LoadedTask: Sendable {
    public var description: TaskDescription
    public var content: any TaskKind
    /// Rows left out because they have no gold score, as SentEval leaves them out.
    public var skipped: Int
    /// Every file read, in order.
    public var files: [LoadedFile]

    public init(_ description: TaskDescription, _ content: any TaskKind, skipped: Int = 0, files: [LoadedFile] = []) {
        (self.description, self.content, self.skipped, self.files) = (description, content, skipped, files)
    }

    public var name: String { description.name }

    /// What the content counts.
    public var unit: String { type(of: content).unit }

    /// The pairs with a gold score; none in a task without.
    public var pairs: [SentencePair] { content.scoredPairs }

    /// The variant of which every file is an official copy; `own` for a user's task, `unknown` where a file is none.
    public var textVariant: TextVariant {
        if description.isUsersOwn { return .own }
        let shared = files.dropFirst().reduce(files.first?.variants ?? []) { $0.intersection($1.variants) }
        return shared.count == 1 ? shared.first ?? .unknown : .unknown
    }

    /// What a reader of the scores must know of the files; nil where they are the known ones.
    public var warning: String? {
        guard textVariant == .unknown, description.files.contains(where: { !$0.digests.isEmpty }) else { return nil }
        let other = files.first { $0.variants.isEmpty }
        let file = other.map { ": \($0.path) has SHA-256 \($0.sha256.prefix(12))…" } ?? ""
        return "\(name): unknown content under a known task's name\(file); scores that are published are of other text"
    }
}

/// A file that was read.
public struct LoadedFile: Hashable, Sendable {
    public var path: String
    /// 64 lower-case hexadecimal digits.
    public var sha256: String
    /// The text variants of which this is an official file: both for a file of scores, none for an altered file.
    public var variants: Set<TextVariant>

    public init(path: String, sha256: String, variants: Set<TextVariant>) {
        self.path = path
        self.sha256 = sha256
        self.variants = variants
    }
}
