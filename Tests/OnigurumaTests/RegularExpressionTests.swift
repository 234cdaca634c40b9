import Diagnostics
import Oniguruma
import Testing

struct RegularExpressionTests {
    private func parts(_ pattern: String, _ text: String) throws -> [String] {
        let bytes = Array(text.utf8)
        return try RegularExpression(pattern).matches(in: bytes).map { String(decoding: bytes[$0], as: UTF8.self) }
    }

    @Test("Patterns mean what Oniguruma means by them, where other libraries mean something else")
    func meaning() throws {
        // Possessive elsewhere, of which "aaaaaaa" has two, then one.
        #expect(try parts("a{3}+", "aaaaaaa") == ["aaaaaa"])
        // Horizontal white space elsewhere.
        #expect(try parts(#"\h+"#, "x1aF \t") == ["1aF"])
        // Symbols too, in whichever version.
        #expect(try parts("[[:punct:]]", "a+$_.€") == ["+", "$", "_", ".", "€"])
        #expect(try parts("[^[:punct:]a]|[[:^punct:]]", "a+b") == ["a", "b"])
        // Each line's ends, without an option.
        #expect(try parts("^a|b$", "ab\nab") == ["a", "b", "a", "b"])
        #expect(try parts(#"\s"#, "a\u{85}\u{2028}\u{180E}\u{200B} ").count == 3)
        #expect(try parts("(?i)k", "kK\u{212A}x") == ["k", "K", "\u{212A}"])
        #expect(try parts(#"(?<!\d)\d{1,2}(?!\d)|\p{Han}+"#, "1 123 45日本") == ["1", "45", "日本"])
    }

    @Test("An occurrence without a character counts, but not where the one before it ends")
    func empty() throws {
        #expect(try RegularExpression("x*").matches(in: Array("axxé".utf8)) == [0..<0, 1..<3, 5..<5])
        #expect(try RegularExpression("").matches(in: Array("aé".utf8)) == [0..<0, 1..<1, 3..<3])
        #expect(try RegularExpression("").matches(in: []) == [0..<0])
        #expect(try RegularExpression("(?=[A-Z])").matches(in: Array("fooBar".utf8)) == [3..<3])
        #expect(try RegularExpression("a").matches(in: []).isEmpty)
    }

    @Test(
        "A pattern that Oniguruma doesn't know is an error with its reason",
        arguments: [
            ("(", "end pattern with unmatched parenthesis"), (#"\p{Latn1}"#, "invalid character property name"),
        ])
    func unknown(pattern: String, reason: String) throws {
        let error = #expect(throws: Diagnostic.self) { try RegularExpression(pattern) }
        #expect(error?.message.contains(reason) == true, "\(String(describing: error))")
    }

    @Test("A pattern that goes back again and again is stopped, with pattern and text", .timeLimit(.minutes(1)))
    func steps() throws {
        for pattern in ["(a+)+$", "(a|aa)+$", "(a|aa)*(?!c)c"] {
            let expression = try RegularExpression(pattern)
            let text = Array((String(repeating: "a", count: 100) + "c").utf8)
            let error = #expect(throws: Diagnostic.self) { try expression.matches(in: text) }
            #expect(error?.message.contains(pattern) == true && error?.message.contains("\"aaaa") == true)
            #expect(error?.message.contains("limit") == true, "\(String(describing: error))")
        }
    }

    @Test("A search over many places has a limit of its own, and one of states")
    func limits() throws {
        // Behind a pattern's fixed end, which is looked for first.
        let text = [UInt8](repeating: UInt8(ascii: "a"), count: 20_000) + [UInt8(ascii: "z")]
        var limits = RegularExpression.Limits()
        (limits.stepsOfMatch, limits.stepsOfSearch) = (100_000, 1_000_000)
        #expect(throws: Diagnostic.self) { try RegularExpression("a+(?!z)z").matches(in: text, limits: limits) }
        limits = RegularExpression.Limits()
        limits.states = 1000
        #expect(throws: Diagnostic.self) { try RegularExpression("(?:a|aa)*(?!z)z").matches(in: text, limits: limits) }
        #expect(try RegularExpression("a+").matches(in: text) == [0..<20_000])
    }

    @Test("One expression serves many threads")
    func threads() async throws {
        let expression = try RegularExpression(#"\p{L}+|\p{N}"#)
        let text = Array(String(repeating: "né 12 ", count: 200).utf8)
        let expected = try expression.matches(in: text)
        #expect(expected.count == 600)
        try await withThrowingTaskGroup { group in
            for _ in 0..<8 { group.addTask { try expression.matches(in: text) } }
            for try await found in group { #expect(found == expected) }
        }
    }
}
