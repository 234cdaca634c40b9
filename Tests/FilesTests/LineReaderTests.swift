import Diagnostics
import Files
import Foundation
import TestSupport
import Testing

@Suite("Reading lines and comma-separated records one at a time")
struct LineReaderTests {
    private func reading<R>(
        _ bytes: [UInt8], endings: LineReader.Endings = .feed, _ body: (LineReader) throws -> R
    ) throws -> R {
        try Fixtures.withTemporaryFolder { folder in
            let path = folder + "/x"
            try Data(bytes).write(to: URL(fileURLWithPath: path))
            return try body(LineReader(path, endings: endings))
        }
    }

    private func lines(_ text: String) throws -> [String] {
        try reading(Array(text.utf8)) { reader in
            var lines: [String] = []
            while let line = try reader.nextText() { lines.append(line) }
            return lines
        }
    }

    @Test("A line of a byte too many is refused with its number, wherever its end is")
    func longLine() throws {
        for count in [LineReader.longestLine, LineReader.longestLine + 1] {
            let bytes = Array("a\n".utf8) + [UInt8](repeating: 98, count: count) + Array("\nc\n".utf8)
            try reading(bytes) { (reader: LineReader) throws -> Void in
                let first = try reader.next()
                #expect(first == [97])
                guard count > LineReader.longestLine else {
                    let second = try reader.next()
                    #expect(second?.count == count)
                    return
                }
                let error = #expect(throws: Diagnostic.self) { try reader.next() }
                #expect(error?.location?.line == 2)
            }
        }
    }

    @Test(
        "Lines are those of `TextFile.lines`, without a byte order mark",
        arguments: [
            ("", []), ("\n", [""]), ("a", ["a"]), ("a\n", ["a"]), ("a\n\nb\r\n", ["a", "", "b\r"]),
            ("\u{FEFF}a\n\u{2028}b", ["a", "\u{2028}b"]), ("\u{FEFF}", []),
        ])
    func split(_ text: String, _ expected: [String]) throws {
        #expect(try lines(text) == expected)
    }

    @Test(
        "Where a carriage return may end a line, it does in a file without line feeds alone",
        arguments: [
            ("a\rb\r", ["a", "b"]), ("\u{FEFF}a\r\rb", ["a", "", "b"]), ("a\rb\nc\rd", ["a\rb", "c\rd"]),
            ("a\r\nb", ["a\r", "b"]), ("a\r", ["a"]), ("\r", [""]), ("", []), ("a\n\rb", ["a", "\rb"]),
        ])
    func returns(_ text: String, _ expected: [String]) throws {
        let found = try reading(Array(text.utf8), endings: .feedOrReturn) { reader in
            var lines: [String] = []
            while let line = try reader.nextText() {
                lines.append(line)
                #expect(reader.line == lines.count)
            }
            return lines
        }
        #expect(found.map { Array($0.utf8) } == expected.map { Array($0.utf8) })
    }

    @Test("A line longer than the reader's block stays whole")
    func longLines() throws {
        let long = String(repeating: "x", count: 600_000)
        #expect(try lines("a\n\(long)\nb\n\(long)") == ["a", long, "b", long])
    }

    @Test("Bytes that are no UTF-8 are an error with the line")
    func invalid() throws {
        let error = try #require(throws: Diagnostic.self) {
            try reading([0x61, 0x0A, 0xFF]) { while try $0.nextText() != nil {} }
        }
        #expect(error.location?.line == 2)
    }

    private func records(_ text: String) throws -> [CSVRecord] {
        try reading(Array(text.utf8)) { lines in
            let reader = CSVReader(lines)
            var records: [CSVRecord] = []
            while let record = try reader.next() { records.append(record) }
            return records
        }
    }

    @Test("Records are those of the whole file: quotes, commas, line ends and empty fields")
    func csv() throws {
        let text = "a,b\r\n\"1,\"\"x\"\"\",\"two\nlines\n\nand\"\n,\n\"\",z"
        let found = try records(text)
        #expect(found.map(\.fields) == [["a", "b"], ["1,\"x\"", "two\nlines\n\nand"], ["", ""], ["", "z"]])
        #expect(found.map(\.line) == [1, 2, 6, 7])
        try Fixtures.withTemporaryFolder { folder in
            try Data(text.utf8).write(to: URL(fileURLWithPath: folder + "/x.csv"))
            #expect(try CSVFile(path: folder + "/x.csv").records.map(\.fields) == found.map(\.fields))
        }
    }

    @Test(
        "A quote in the wrong place is an error at its line",
        arguments: [
            ("a,b\nx \"y\",z\n", 2, "quote in it to be quoted"), ("a\n\"b\" c\n", 2, "after a closing quote"),
            ("a\n\"b\nc\n", 2, "expected a closing quote"), ("a\n\"b\nc\" d\n", 3, "after a closing quote"),
        ])
    func malformed(_ text: String, _ line: Int, _ message: String) throws {
        let error = try #require(throws: Diagnostic.self) { try records(text) }
        #expect(error.location?.line == line)
        #expect(error.message.contains(message))
    }
}
