import Diagnostics
import Files
import Foundation
import TestSupport
import Testing

@Suite("Comma-separated text")
struct CSVTests {
    @Test("A text that a spreadsheet would run begins with an apostrophe, unless it is to stay as it is")
    func formulas() {
        for start in ["=", "+", "-", "@", "\t", "\r"] {
            #expect(CSVText.field("\(start)A1").contains("'\(start)A1"))
            #expect(!CSVText.field("\(start)A1", style: .raw).contains("'"))
        }
        #expect(CSVText.field("a=b") == "a=b")
        for number in ["-5", "+5", "-0.25", "-1e-3"] {
            #expect(CSVText.field(number) == number, "a number is no formula")
        }
        #expect(CSVText.field("-1+2") == "'-1+2" && CSVText.field("-") == "'-")
        #expect(CSVText.field("") == "")
        #expect(CSVText.field("=HYPERLINK(\"x\",\"y\")") == "\"'=HYPERLINK(\"\"x\"\",\"\"y\"\")\"")
        #expect(CSVText.field("a\r\nb", style: .raw) == "\"a\r\nb\"")
    }

    /// What a reader asks for in all, reading a file to its end or its error.
    private func bytesAsked(_ text: String, in folder: String) throws -> (bytes: Int, error: Diagnostic?) {
        let path = folder + "/x.csv"
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        let reader = CSVReader(try LineReader(path))
        var error: Diagnostic?
        let bytes = try Allocations.bytes {
            do {
                while try reader.next() != nil {}
            } catch let thrown as Diagnostic {
                error = thrown
            }
        }
        return (bytes, error)
    }

    @Test(
        "Twice the text is at most two and a half times the memory asked for, whatever the text",
        arguments: ["\"\n", "a\n", "\"\"\n", "\"a\"\n", "\r\n", ",\n", "\"x\ny\"\n"])
    func linear(_ piece: String) throws {
        try Fixtures.withTemporaryFolder { folder in
            for start in ["", "\""] {
                func asked(_ count: Int) throws -> Int {
                    try bytesAsked(start + String(repeating: piece, count: count), in: folder).bytes
                }
                let (one, two) = try (asked(40_000), asked(80_000))
                #expect(two < one * 5 / 2 + 1 << 16, "\(start)\(piece): \(one), \(two)")
            }
        }
    }

    @Test(
        "So it is for lines and for JSON, right or wrong",
        arguments: ["a\n", "\r", "x", "[", "{\"a\":", "[[1],\"\\u0041\"],", "\"", "\n\n"])
    func otherReaders(_ piece: String) throws {
        try Fixtures.withTemporaryFolder { folder in
            func asked(_ count: Int) throws -> (lines: Int, json: Int) {
                let text = String(repeating: piece, count: count)
                // Several of the reader's blocks, so that their size is lost in the count.
                let many = String(repeating: text, count: 3)
                try Data(many.utf8).write(to: URL(fileURLWithPath: folder + "/x"))
                let reader = try LineReader(folder + "/x")
                let lines = try Allocations.bytes { while try reader.nextText() != nil {} }
                let bytes = Array("[\(text)".utf8)
                let json = Allocations.bytes { _ = try? JSONDocument(bytes, file: "x") }
                return (lines, json)
            }
            let (one, two) = try (asked(40_000), asked(80_000))
            #expect(two.lines < one.lines * 5 / 2 + 1 << 20, "\(one), \(two)")
            #expect(two.json < one.json * 5 / 2 + 1 << 16, "\(one), \(two)")
        }
    }

    @Test("An unclosed quote is an error with the line where it opened")
    func unclosed() throws {
        try Fixtures.withTemporaryFolder { folder in
            let error = try bytesAsked("a,b\n\"c\n" + String(repeating: "d\n", count: 9), in: folder).error
            #expect(error?.location?.line == 2)
            #expect(error?.message == "expected a closing quote, found the end of the file")
        }
    }

    @Test("A line of more than 4 MiB is no line of text")
    func longLine() throws {
        try Fixtures.withTemporaryFolder { folder in
            let error = try bytesAsked(String(repeating: "x", count: 5 << 20), in: folder).error
            #expect(error?.message == "expected lines of at most \(4 << 20) bytes")
        }
    }
}
