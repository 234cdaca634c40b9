import Diagnostics

/// A JSON text (RFC 8259), checked whole when it is opened, and read where somebody looks.
///
/// Why not Foundation's: its dictionaries have Swift strings as keys, which are equal where they are canonically
/// equivalent. A vocabulary with "é" written in both ways would lose a token. Here members keep their order and their
/// bytes, nothing is allocated beyond the text itself, and every node knows its path and line for messages.
public struct JSONDocument: Sendable {
    let bytes: [UInt8]
    /// The file's path, for messages.
    public let file: String
    /// The number of its first line in the file.
    private let firstLine: Int
    private let start: Int
    /// Which members were looked at; nil where nobody asks.
    let reading: JSONReading?

    /// - Parameters:
    ///   - firstLine: where the text begins in its file, for messages: JSON lines are a document a line
    ///   - notesReading: whether ``refuseUnread(_:ignoring:)`` is to be asked later
    /// - Throws: a diagnostic with line and column where the text is no JSON, is no UTF-8, nests too deeply, or has a key
    ///   twice in one object, by its bytes.
    public init(_ bytes: [UInt8], file: String, firstLine: Int = 1, notesReading: Bool = false) throws {
        self.bytes = bytes
        self.file = file
        self.firstLine = firstLine
        reading = notesReading ? JSONReading() : nil
        guard String(validating: bytes, as: UTF8.self) != nil else {
            throw Diagnostic(
                "expected UTF-8 text", at: SourceLocation(file: file, line: firstLine > 1 ? firstLine : nil))
        }
        var scanner = JSONScanner(bytes: bytes)
        scanner.skipSpace()
        start = scanner.offset
        do {
            try scanner.checkValue()
            scanner.skipSpace()
            guard scanner.offset == bytes.count else { throw JSONScanner.Problem(expected: "the end of the file") }
        } catch let problem as JSONScanner.Problem {
            switch problem {
            case .expected(let expected):
                throw Diagnostic("\(expected) expected in JSON", at: location(of: scanner.offset))
            case .repeatedKey(let key, let first, let second):
                let line = location(of: first).line.map { ", first in line \($0)" } ?? ""
                throw Diagnostic("the key \"\(key)\" stands twice in one object\(line)", at: location(of: second))
            }
        }
    }

    /// Reads the file at `path`.
    public init(path: String, notesReading: Bool = false) throws {
        try self.init(TextFile.bytes(of: path), file: path, notesReading: notesReading)
    }

    public var root: JSONNode { JSONNode(document: self, offset: start) }

    /// The line and column of a byte.
    func location(of offset: Int) -> SourceLocation {
        let before = bytes[..<min(offset, bytes.count)]
        let line = before.count { $0 == UInt8(ascii: "\n") }
        let lineStart = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
        return SourceLocation(file: file, line: line + firstLine, column: before.count - lineStart + 1)
    }

    /// How the value at an offset is reached from the root, such as `model.vocab` or `added_tokens[3].id`.
    func path(to offset: Int) -> String {
        var path = ""
        var node = root
        search: while node.offset < offset {
            var next: (step: String, node: JSONNode)?
            if node.kind == .object {
                node.forEachMember { key, value in
                    if value.offset <= offset { next = ((path.isEmpty ? "" : ".") + key, value) }
                }
            } else if node.kind == .array {
                for (index, value) in JSONElements(array: node).enumerated() where value.offset <= offset {
                    next = ("[\(index)]", value)
                }
            }
            guard let next else { break search }
            path += next.step
            node = next.node
        }
        return path
    }
}
