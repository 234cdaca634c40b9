import Diagnostics
import Files
import Foundation
import TestSupport
import Testing

@Suite struct TextFileTests {
    /// Writes bytes to a file and reads it by `body`.
    private func with<R>(_ bytes: [UInt8], _ body: (String) throws -> R) throws -> R {
        try Fixtures.withTemporaryFolder { folder in
            let path = folder + "/lines.txt"
            try Data(bytes).write(to: URL(fileURLWithPath: path))
            return try body(path)
        }
    }

    private func lines(_ text: String) throws -> [String] {
        try with(Array(text.utf8)) { try TextFile.lines(of: $0) }
    }

    @Test("a pipe is read to its end, and a missing file is named")
    func pipe() throws {
        try Fixtures.withTemporaryFolder { (folder: String) throws in
            let path = folder + "/pipe"
            #expect(mkfifo(path, 0o600) == 0)
            let whole = (0..<200_000).map { UInt8(truncatingIfNeeded: $0) }
            Thread.detachNewThread {
                let descriptor = open(path, O_WRONLY)
                try? FileHandle(fileDescriptor: descriptor, closeOnDealloc: true).write(contentsOf: Data(whole))
            }
            #expect(try TextFile.bytes(of: path) == whole)
            #expect(throws: Diagnostic.self) { try TextFile.bytes(of: folder + "/none") }
        }
    }

    @Test("a file without an end is read to its limit")
    func limits() throws {
        let limit = ByteLimit("YAML", 1 << 20)
        let error = #expect(throws: Diagnostic.self) { try TextFile.text(of: "/dev/zero", atMost: limit) }
        #expect(error?.message == "expected at most 1048576 bytes of YAML, found more")
        for (count, fits) in [(4, true), (5, false)] {
            try with([UInt8](repeating: 0x61, count: count)) { path in
                let text = try? TextFile.text(of: path, atMost: ByteLimit("text", 4))
                #expect((text != nil) == fits)
            }
        }
    }

    @Test("the last line feed ends the last line; without one the rest is a line as well")
    func finalLineFeed() throws {
        #expect(try lines("a\nb\n") == ["a", "b"])
        #expect(try lines("a\nb") == ["a", "b"])
        #expect(try lines("a\n\n") == ["a", ""])
        #expect(try lines("\n") == [""])
        #expect(try lines("") == [])
        #expect(try lines("\n\na") == ["", "", "a"])
    }

    @Test("only a line feed ends a line: carriage returns and Unicode's separators are part of it")
    func otherSeparators() throws {
        let found = try lines("a\r\nb\u{2028}c\u{2029}d\u{85}e\u{B}f\u{C}g\n")
        #expect(
            found.map { Array($0.utf8) } == ["a\r", "b\u{2028}c\u{2029}d\u{85}e\u{B}f\u{C}g"].map { Array($0.utf8) })
    }

    @Test("bytes that are no UTF-8 are an error with the file and the line")
    func invalidUTF8() throws {
        try with(Array("a\nb\n".utf8) + [0x63, 0xFF, 0x0A] + Array("d\n".utf8)) { path in
            let expected = Diagnostic("expected UTF-8 text", at: SourceLocation(file: path, line: 3))
            #expect(throws: expected) { try TextFile.lines(of: path) }
            #expect(throws: expected) { try TextFile.text(of: path) }
        }
        // A surrogate, an overlong slash, a character cut short at a line's end.
        for bytes: [UInt8] in [[0xED, 0xA0, 0x80], [0xC0, 0xAF], [0xE2, 0x82]] {
            _ = try with(bytes + [0x0A, 0x61]) { path in
                #expect(throws: Diagnostic("expected UTF-8 text", at: SourceLocation(file: path, line: 1))) {
                    try TextFile.lines(of: path)
                }
            }
        }
    }

    @Test("a byte order mark is no text")
    func byteOrderMark() throws {
        #expect(try with([0xEF, 0xBB, 0xBF, 0x61]) { try TextFile.text(of: $0) } == "a")
        #expect(try with([0xEF, 0xBB, 0xBF]) { try TextFile.text(of: $0) }.isEmpty)
    }

    @Test("a missing file and a folder are errors that say so")
    func missingFile() throws {
        try Fixtures.withTemporaryFolder { folder in
            let missing = folder + "/none"
            #expect(throws: Diagnostic("no such file", at: SourceLocation(file: missing))) {
                try TextFile.lines(of: missing)
            }
            #expect(throws: Diagnostic("expected a file, found a folder", at: SourceLocation(file: folder))) {
                try TextFile.bytes(of: folder)
            }
        }
    }
}

struct FolderNamesTests {
    @Test("A folder that isn't there has no names; one that can't be listed is an error")
    func names() throws {
        try Fixtures.withTemporaryFolder { folder in
            #expect(try FilePath.names(in: folder + "/none").isEmpty)
            try AtomicFile.replace(folder + "/file", with: "x")
            #expect(try FilePath.names(in: folder) == ["file"])
            let error = #expect(throws: Diagnostic.self) { try FilePath.names(in: folder + "/file") }
            #expect(error?.description == folder + "/file: the folder cannot be listed")
        }
    }
}
