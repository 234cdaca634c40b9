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

    /// What a file's ending says; text for any other ending, and for standard input.
    public init(endingOf path: String) {
        switch URL(fileURLWithPath: path).pathExtension.lowercased() {
        case "jsonl", "ndjson": self = .jsonl
        case "csv": self = .csv
        case "tsv", "tab": self = .tsv
        default: self = .text
        }
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
    public init(path: String, format: SentenceFormat? = nil, field: String? = nil) {
        self.path = path
        self.format = format ?? SentenceFormat(endingOf: path)
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
