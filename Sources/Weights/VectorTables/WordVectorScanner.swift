import Diagnostics

/// Finds the words of a file of word vectors, and where their numbers are.
struct WordVectorScanner {
    typealias Entry = (word: String, numbers: Range<Int>)

    private let path: String
    private(set) var dimensions = 0

    private let space = UInt8(ascii: " ")
    private let lineFeed = UInt8(ascii: "\n")
    /// No word is longer; a binary file that is none is noticed before it is read as one.
    private static let longestWord = 4096
    private static let mostDimensions = 1 << 16

    init(_ file: MappedFile) { path = file.path }

    mutating func text(_ bytes: UnsafeRawBufferPointer) throws -> [Entry] {
        var entries: [Entry] = []
        var expected: Int?
        var (start, line) = (0, 0)
        while start < bytes.count {
            line += 1
            let feed = bytes[start...].firstIndex(of: lineFeed) ?? bytes.count
            var end = feed
            while end > start, bytes[end - 1] == space || bytes[end - 1] == UInt8(ascii: "\r") { end -= 1 }
            if line == 1, let header = header(bytes[start..<end]) {
                (expected, dimensions) = header
            } else if end > start {
                entries.append(try entry(bytes, start..<end, line: line))
            }
            start = feed + 1
        }
        guard !entries.isEmpty else { throw error("expected words with their vectors, found none") }
        guard expected ?? entries.count == entries.count else {
            throw error("expected \(expected ?? 0) words as its first line says, found \(entries.count)")
        }
        return entries
    }

    private mutating func entry(
        _ bytes: UnsafeRawBufferPointer, _ range: Range<Int>, line: Int
    ) throws -> Entry {
        if dimensions == 0 { dimensions = bytes[range].count { $0 == space } }
        guard (1...Self.mostDimensions).contains(dimensions) else {
            throw error("expected a word and its numbers, with spaces between", line: line)
        }
        var (left, position) = (dimensions, range.upperBound)
        while left > 0, position > range.lowerBound {
            position -= 1
            if bytes[position] == space { left -= 1 }
        }
        guard left == 0, position > range.lowerBound else {
            throw error("expected a word and \(dimensions) numbers, found \(dimensions - left)", line: line)
        }
        guard position - range.lowerBound <= Self.longestWord,
            let word = String(validating: bytes[range.lowerBound..<position], as: UTF8.self)
        else { throw error("expected a word in UTF-8", line: line) }
        return (word, position + 1..<range.upperBound)
    }

    mutating func binary(_ bytes: UnsafeRawBufferPointer) throws -> [Entry] {
        guard let feed = bytes.prefix(64).firstIndex(of: lineFeed), let header = header(bytes[..<feed]) else {
            throw error(
                "expected word2vec's binary format, which begins with the numbers of words and of dimensions",
                advice: "PyTorch's pickled weights and fastText's models are not read; a .vec file is")
        }
        dimensions = header.dimensions
        let size = 4 * dimensions
        // Each word takes its numbers and a space.
        guard header.words <= (bytes.count - feed) / (size + 1) else {
            throw error(
                "\(header.words) words of \(dimensions) dimensions are more than the file's \(bytes.count) bytes")
        }
        var position = feed + 1
        return try (0..<header.words).map { index in
            if position < bytes.count, bytes[position] == lineFeed { position += 1 }
            let window = bytes[min(position, bytes.count)..<min(position + Self.longestWord, bytes.count)]
            guard let end = window.firstIndex(of: space), bytes.count - end - 1 >= size else {
                throw error("word \(index + 1) of \(header.words) is cut short")
            }
            defer { position = end + 1 + size }
            return (String(decoding: bytes[position..<end], as: UTF8.self), end + 1..<end + 1 + size)
        }
    }

    /// Two whole numbers: of words and of dimensions.
    private func header(_ line: Slice<UnsafeRawBufferPointer>) -> (words: Int, dimensions: Int)? {
        let fields = String(decoding: line, as: UTF8.self).split(separator: " ").map { Int($0) }
        guard fields.count == 2, let words = fields[0], let dimensions = fields[1], words > 0,
            (1...Self.mostDimensions).contains(dimensions)
        else { return nil }
        return (words, dimensions)
    }

    private func error(_ message: String, line: Int? = nil, advice: String? = nil) -> Diagnostic {
        Diagnostic(message, at: SourceLocation(file: path, line: line), suggestion: advice)
    }
}
