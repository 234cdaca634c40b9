import Diagnostics
import Files
import Foundation

/// Words with a vector each: word2vec's text and binary formats, GloVe's text format, fastText's `.vec`.
///
/// Text: a word and its numbers a line, with spaces between; word2vec and fastText put a line with the number of words
/// and of dimensions first. Binary: that line, then for each word its text, a space, and its numbers in little-endian
/// float32, with or without a line feed. A word may hold spaces in GloVe's files, so numbers are counted from the line's
/// end. Source: https://code.google.com/archive/p/word2vec, https://nlp.stanford.edu/projects/glove
public struct WordVectorFile: Sendable {
    public let file: MappedFile
    public let isBinary: Bool
    /// In the order of the file; nil for one that stood before.
    public let words: [String?]
    public let dimensions: Int
    /// Where each word's numbers lie in the file.
    private let numbers: [Range<Int>]

    /// The endings of such files.
    public static let endings = [".vec", ".txt", ".bin"]

    /// Whether a path is one of such a file, by its ending.
    public static func isOne(_ path: String) -> Bool { endings.contains { path.lowercased().hasSuffix($0) } }

    /// Maps the file and finds its words; numbers are decoded when they are asked for.
    ///
    /// - Throws: where it is missing, of another format, or cut short, with the line or the word.
    public init(_ path: String) throws {
        let file = try MappedFile(path)
        let isBinary = path.lowercased().hasSuffix(".bin")
        var scanner = WordVectorScanner(file)
        let found = try file.withUnsafeBytes { try isBinary ? scanner.binary($0) : scanner.text($0) }
        (self.file, self.isBinary) = (file, isBinary)
        (dimensions, numbers) = (scanner.dimensions, found.map(\.numbers))
        var seen = Set<[UInt8]>()
        words = found.map { seen.insert(Array($0.word.utf8)).inserted ? $0.word : nil }
    }

    /// How many words stood before; the first one's vector counts.
    public var repeatedCount: Int { words.count { $0 == nil } }

    /// A word's vector.
    ///
    /// - Throws: where a number of it is none.
    public func vector(_ index: Int) throws -> [Float] {
        try file.withUnsafeBytes { bytes in
            let row = UnsafeRawBufferPointer(rebasing: bytes[numbers[index]])
            if isBinary {
                return (0..<dimensions).map {
                    Float(bitPattern: UInt32(littleEndian: row.loadUnaligned(fromByteOffset: 4 * $0, as: UInt32.self)))
                }
            }
            return try row.split(separator: UInt8(ascii: " ")).map { field in
                let text = String(decoding: field, as: UTF8.self)
                guard let number = Float(text), number.isFinite else {
                    let word = words[index].map { "the word \"\($0)\"" } ?? "word \(index)"
                    throw Diagnostic("expected numbers behind \(word), found \"\(text)\"", at: location)
                }
                return number
            }
        }
    }

    private var location: SourceLocation { SourceLocation(file: file.path) }
}
