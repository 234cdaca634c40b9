import Diagnostics
import Files

/// A file of lines, without quoting.
///
/// Lines end at `\n` alone, and one `\r` before it is dropped: U+2028, U+0085 and their kin are part of a sentence.
struct LineFile {
    let path: String
    let sha256: String
    /// What `\n` ends or separates, without a byte order mark; the last `\n` ends the last line.
    let lines: [ArraySlice<UInt8>]

    init(path: String) throws {
        let bytes = try TextFile.bytes(of: path)
        self.path = path
        sha256 = SHA256Digest(of: bytes).description
        let body = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes[3...] : bytes[...]
        var lines = body.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        if lines.last?.isEmpty == true { lines.removeLast() }
        self.lines = lines.map { $0.last == UInt8(ascii: "\r") ? $0.dropLast() : $0 }
    }

    /// Part of a line as text: UTF-8, in questions Latin-1.
    func decoded(_ bytes: ArraySlice<UInt8>, _ format: RowFormat, _ index: Int) throws -> String {
        if format == .questions { return Self.latin1(bytes) }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw Diagnostic("expected UTF-8 text", at: location(index))
        }
        return text
    }

    /// A field of the header.
    func text(_ bytes: ArraySlice<UInt8>) throws -> String { try decoded(bytes, .tsv, 0) }

    /// Every byte is a character.
    static func latin1(_ bytes: ArraySlice<UInt8>) -> String {
        String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) }))
    }

    func location(_ index: Int) -> SourceLocation { SourceLocation(file: path, line: index + 1) }
}

/// Reads what stands in a field.
enum FieldText {
    /// A gold score within `range`; any number of ``DecimalRange/score`` where that is nil.
    static func score(
        _ text: String, in range: ClosedRange<Double>?, at location: SourceLocation
    ) throws(Diagnostic) -> Double {
        let isDecimal = text.utf8.allSatisfy { "0123456789.eE+-".utf8.contains($0) }
        guard isDecimal, let score = Double(text), (range ?? DecimalRange.score.allowed).contains(score) else {
            // What is no number is told so.
            let isTooLarge = isDecimal && Double(text) != nil
            let expected = (range ?? (isTooLarge ? DecimalRange.score.allowed : nil)).map {
                "a score from \(bound($0.lowerBound)) to \(bound($0.upperBound))"
            }
            throw Diagnostic("expected \(expected ?? "a number as score"), found \"\(text)\"", at: location)
        }
        return score
    }

    private static func bound(_ value: Double) -> String {
        Int(exactly: value).map(String.init) ?? String(value)
    }

    /// The year of `2012test`, `2012train` or `2015`.
    static func year(_ text: String, at location: SourceLocation) throws(Diagnostic) -> String {
        let year = text.unicodeScalars.prefix { ("0"..."9").contains($0) }
        guard year.count == 4, ["", "test", "train"].contains(String(text.unicodeScalars.dropFirst(4))) else {
            throw Diagnostic("expected a year such as 2012test or 2015, found \"\(text)\"", at: location)
        }
        return String(year)
    }
}
