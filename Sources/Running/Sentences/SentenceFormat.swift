import Diagnostics
import Foundation

/// How sentences lie in a file.
public enum SentenceFormat: String, CaseIterable, Sendable {
    /// A sentence a line.
    case text
    /// A JSON object a line.
    case jsonl
    /// Comma-separated, RFC 4180, with a header.
    case csv
    /// Fields between tabs, with a header; quotes are literal.
    case tsv

    private var endings: [String] {
        switch self {
        case .text: ["txt", "text"]
        case .jsonl: ["jsonl", "ndjson"]
        case .csv: ["csv"]
        case .tsv: ["tsv", "tab"]
        }
    }

    /// What a file's ending says; text for a name without one, and for standard input.
    ///
    /// - Throws: for any other ending: bytes of a format that isn't read would be taken for sentences.
    public init(endingOf path: String) throws(Diagnostic) {
        let ending = URL(fileURLWithPath: path).pathExtension.lowercased()
        let found = Self.allCases.first { $0.endings.contains(ending) }
        guard let format = found ?? (ending.isEmpty ? .text : nil) else {
            let known = Self.allCases.flatMap(\.endings).map { ".\($0)" }.joined(separator: ", ")
            throw Diagnostic(
                "expected a file that ends in \(known) or in nothing, found .\(ending)",
                at: SourceLocation(file: path), suggestion: "say what is in it with --input-format")
        }
        self = format
    }
}

/// Sentences to embed: where they are, and which part of a line they are.
public struct SentenceInput: Hashable, Sendable {
    /// A file, or `-` for standard input.
    public let path: String
    public let format: SentenceFormat
    /// The key or the column that holds the sentence; nil for the first of `defaultFields` that is there.
    public let field: String?
    /// The keys or columns that go along with the embeddings.
    public var keep: [String] = []

    public static let defaultFields = ["sentence", "text"]

    /// - Parameter format: nil for what the file's ending says
    /// - Throws: where the ending is none of those that are known, and no format is said.
    public init(path: String, format: SentenceFormat? = nil, field: String? = nil) throws(Diagnostic) {
        self.path = path
        self.format = if let format { format } else { try SentenceFormat(endingOf: path) }
        self.field = field
    }

    /// Opens the file, from its first sentence.
    ///
    /// - Throws: where there is none, or its header lacks the column.
    public func open() throws -> SentenceReader { try SentenceReader(self) }

    /// Reads the file through, so that a malformed line shows before any work.
    ///
    /// - Returns: how many sentences it has; nil for a stream, which can be read once only.
    public func count() throws -> Int? {
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        guard attributes?[.type] as? FileAttributeType == .typeRegular else { return nil }
        let reader = try open()
        var count = 0
        while try reader.next() != nil { count += 1 }
        return count
    }
}
