import Diagnostics
import Testing

struct VisibleTextTests {
    @Test("All that acts on a terminal is written out; letters of all scripts and joined emoji stay")
    func escapes() {
        #expect("\u{1B}[31mred\u{7}".visible() == "\\u{1B}[31mred\\u{7}")
        #expect("\u{9B}31m\u{7F}".visible() == "\\u{9B}31m\\u{7F}")
        #expect("a\u{202E}b\u{2066}\u{2028}\u{200F}".visible() == "a\\u{202E}b\\u{2066}\\u{2028}\\u{200F}")
        #expect("one\r\ntwo\t".visible() == "one\\r\\ntwo\\t")
        #expect("one\r\n\ttwo\rthree\r".visible(lines: true) == "one\n\ttwo\\rthree\\r")
        for text in ["naïve ½", "שלום עולם", "漢字", "👩‍🔬", "e\u{301}", "क्‍ष", ""] { #expect(text.visible() == text) }
    }

    @Test("A diagnostic is one line without control characters, whatever its file is called")
    func diagnostic() {
        let error = Diagnostic("no \"\u{1B}c\"", at: SourceLocation(file: "a\nb", line: 1), suggestion: "\u{9B}2J")
        #expect(error.description == "a\\nb:1: no \"\\u{1B}c\"; \\u{9B}2J")
    }
}

struct NumberRangeTests {
    private let range = NumberRange("--threads", 1...1024)

    @Test("A number outside, or that is none, is an error that names the key and the range")
    func parsing() throws {
        #expect(try range.parse("7") == 7 && range.check(1024) == 1024)
        for text in [
            "0", "-1", "1025", "\(Int.min)", "\(Int.max)", "9223372036854775808", "1e308", "nan", "", " 1", "½",
        ] {
            let error = #expect(throws: Diagnostic.self) { try range.parse(text) }
            #expect(error?.message == "--threads: expected 1 to 1024, found \"\(text)\"")
        }
        let error = #expect(throws: Diagnostic.self) { try NumberRange("--limit", 1 ... .max).check(0) }
        #expect(error?.message == "--limit: expected at least 1, found 0")
    }

    @Test("Sums and products that overflow are errors, as those outside are", arguments: [Int.min, -1, 0, 1, Int.max])
    func arithmetic(_ number: Int) throws {
        let size = NumberRange.fileSize("size")
        #expect(throws: Diagnostic.self) { try size.sum(.max, max(number, 1)) }
        #expect(throws: Diagnostic.self) { try size.sum(number, .min) }
        #expect(throws: Diagnostic.self) { try size.product(.max, number == 0 ? 2 : number) }
        #expect(try size.sum(1 << 40, 1 << 40) == 1 << 41 && size.product(1 << 20, 1 << 20) == 1 << 40)
    }
}
