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

    /// The variants of which every file is an official copy.
    var variants: Set<TextVariant> {
        files.dropFirst().reduce(files.first?.variants ?? []) { $0.intersection($1.variants) }
    }

    /// The variant of which every file is an official copy, raw where both texts are the same; `own` for a user's task,
    /// `unknown` where a file is none.
    public var textVariant: TextVariant {
        if description.isUsersOwn { return .own }
        return TextVariant.official.first(where: variants.contains) ?? .unknown
    }

    /// The file by which the content is none that the task's name stands for; nil where it is, and of a task whose files'
    /// digests nobody says. What a task is, its files' content decides, not where they lie.
    public var foreignFile: LoadedFile? {
        guard !description.isUsersOwn, variants.isEmpty,
            description.files.contains(where: { !$0.digests.isEmpty || $0.scores?.digests.isEmpty == false })
        else { return nil }
        let first = files.first?.variants ?? []
        return files.first { $0.variants.isEmpty } ?? files.first { $0.variants.isDisjoint(with: first) }
    }

    /// What the measures are called: the task's name, where the files are those that it stands for; else the file's, with
    /// its folder, for scores of other content are not the task's.
    public var shownName: String {
        guard let foreignFile else { return name }
        return foreignFile.path.split(separator: "/").suffix(2).joined(separator: "/")
    }

    /// What whoever reads of the task must know of its content; nil where that is what the name stands for.
    public var foreignWarning: String? {
        foreignFile.map {
            "\(shownName): unknown content in the place of \(name), SHA-256 \($0.sha256.prefix(12))…; it is named after its file"
        }
    }

    /// What a reader of the scores must know of the files and their data, a line each.
    public var warnings: [String] {
        (foreignWarning.map { [$0 + ", and no published score is of it"] } ?? [])
            + content.warnings.map { "\(shownName): \($0)" }
    }
}

/// A file that was read.
public struct LoadedFile: Hashable, Sendable {
    /// Below the data folder, or as a user named it.
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
