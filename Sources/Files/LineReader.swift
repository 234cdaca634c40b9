import Diagnostics
import Foundation

/// The lines of a file or of standard input, one at a time: the memory of the longest line, whatever the file's size.
///
/// Lines end as `TextFile.lines(of:)` has it: at a line feed and nothing else, and the last one may lack it. A byte order
/// mark before the first is left out.
public final class LineReader {
    /// What ends a line.
    public enum Endings: Sendable {
        case feed
        /// A line feed; in a file without any, such as an old Macintosh's, a carriage return.
        case feedOrReturn
    }

    /// The file's path, `-` for standard input.
    public let path: String
    /// How many lines have been read: the last one's number.
    public private(set) var line = 0
    private let descriptor: Int32
    private var block = [UInt8](repeating: 0, count: LineReader.blockBytes)
    private var buffer: [UInt8] = []
    private var position = 0
    private var isAtEnd = false
    /// Settled by the first line's end.
    private var endings: Endings

    /// A line longer than this is no line of text: a sentence of it would take gigabytes as tokens, of which a model reads
    /// some hundreds.
    public static let longestLine = 4 << 20
    private static let blockBytes = 1 << 18
    private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

    /// - Parameters:
    ///   - path: a file, or `-` or `/dev/stdin` for standard input
    ///   - endings: what ends a line; a file whose lines end at carriage returns is held in memory whole
    /// - Throws: where there is no such file, or it can't be read.
    public init(_ path: String, endings: Endings = .feed) throws {
        (self.path, self.endings) = (path, endings)
        if TextFile.isStandardInput(path) {
            descriptor = STDIN_FILENO
        } else {
            try TextFile.checkIsFile(path)
            descriptor = PatientFile.openForReading(path)
            guard descriptor >= 0 else { throw Diagnostic.system("cannot read", path) }
        }
        while buffer.count < Self.byteOrderMark.count, try fill() {}
        if buffer.starts(with: Self.byteOrderMark) { position = Self.byteOrderMark.count }
    }

    deinit { if descriptor != STDIN_FILENO { close(descriptor) } }

    /// The next line's bytes without the line feed; nil behind the last.
    ///
    /// - Throws: where reading fails, or where the line is too long.
    public func next() throws -> [UInt8]? {
        if endings == .feedOrReturn, line > 0 { return try nextToReturn() }
        var searched = position
        while true {
            if let end = buffer[searched...].firstIndex(of: UInt8(ascii: "\n")) {
                try check(end - position)
                defer { position = end + 1 }
                line += 1
                endings = .feed
                return Array(buffer[position..<end])
            }
            try check(buffer.count - position)
            if position > 0 { buffer.removeFirst(position) }
            position = 0
            searched = buffer.count
            guard try fill() else { break }
        }
        guard !buffer.isEmpty else { return nil }
        if endings == .feedOrReturn { return try nextToReturn() }
        defer { buffer = [] }
        line += 1
        return buffer
    }

    /// The next line of a file that holds no line feed, and is in the buffer to its end.
    private func nextToReturn() throws -> [UInt8]? {
        guard position < buffer.count else { return nil }
        let end = buffer[position...].firstIndex(of: UInt8(ascii: "\r")) ?? buffer.count
        try check(end - position)
        defer { position = end + 1 }
        line += 1
        return Array(buffer[position..<end])
    }

    private func check(_ length: Int) throws(Diagnostic) {
        guard length > Self.longestLine else { return }
        throw Diagnostic(
            "expected lines of at most \(Self.longestLine) bytes", at: SourceLocation(file: path, line: line + 1))
    }

    /// The next line as text; nil behind the last.
    ///
    /// - Throws: where it isn't UTF-8 too, with its number.
    public func nextText() throws -> String? {
        guard let bytes = try next() else { return nil }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw Diagnostic("expected UTF-8 text", at: location)
        }
        return text
    }

    /// Where the last line is.
    public var location: SourceLocation { SourceLocation(file: path, line: line) }

    /// - Returns: whether there was more.
    private func fill() throws -> Bool {
        guard !isAtEnd else { return false }
        let count = try PatientFile.read(descriptor, into: &block)
        guard count >= 0 else { throw Diagnostic.system("cannot read", path) }
        buffer.append(contentsOf: block[..<count])
        isAtEnd = count == 0
        return count > 0
    }
}
