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

    @Test("All searches of a text have a limit together, which grows with the text", .timeLimit(.minutes(1)))
    func limits() throws {
        // One place, many places of one search (behind a pattern's fixed end, which is looked for first), many searches.
        let costly = String(repeating: "a", count: 24) + " "
        let cases = [
            ("(a|aa)+$", String(repeating: "a", count: 40) + "c"),
            ("a+(?!z)z", String(repeating: "a", count: 20_000) + "z"),
            (#"(?:a|aa)+\d|."#, String(repeating: costly, count: 20)),
            (#"(?:\w|é|éa)+\d|."#, String(repeating: "éaéaéaéaéaéaéaéaéaéaéaéa ", count: 40)),
            (#"(?:a|aa)+\d|."#, String(repeating: costly, count: 4000)),
        ]
        for (pattern, text) in cases {
            let expression = try RegularExpression(pattern)
            let start = ContinuousClock.now
            let error = #expect(throws: Diagnostic.self) { try expression.matches(in: Array(text.utf8)) }
            #expect(ContinuousClock.now - start < .seconds(5), "\(pattern)")
            #expect(error?.message.contains("limit") == true, "\(String(describing: error))")
        }
        var limits = RegularExpression.Limits()
        limits.states = 1000
        let text = [UInt8](repeating: UInt8(ascii: "a"), count: 20_000) + [UInt8(ascii: "z")]
        #expect(throws: Diagnostic.self) { try RegularExpression("(?:a|aa)*(?!z)z").matches(in: text, limits: limits) }
        #expect(try RegularExpression("a+").matches(in: text) == [0..<20_000])
    }

    @Test("Thirty bytes are given up as soon as their steps are used up")
    func fewBytes() throws {
        let text = Array((String(repeating: "a", count: 29) + "!").utf8)
        let start = ContinuousClock.now
        #expect(throws: Diagnostic.self) { try RegularExpression("(?:a|aa)+$").matches(in: text) }
        #expect(ContinuousClock.now - start < .seconds(1))
    }

    @Test("Steps forward, which the library doesn't count, are stopped by the clock", .timeLimit(.minutes(1)))
    func forward() throws {
        let text = Array((String(repeating: "a", count: 2_000_000) + " b!").utf8)
        var limits = RegularExpression.Limits()
        (limits.seconds, limits.secondsOfByte) = (0.2, 0)
        for pattern in ["(?>a*)[bc]!", "[^ ]++!"] {
            let error = #expect(throws: Diagnostic.self) {
                try RegularExpression(pattern).matches(in: text, limits: limits)
            }
            #expect(error?.message.contains("more than 0.2 s") == true, "\(String(describing: error))")
        }
    }

    @Test("The clock grants a text time by its length")
    func time() throws {
        let limits = RegularExpression.Limits()
        #expect(limits.seconds(ofBytes: 0) == 1 && limits.seconds(ofBytes: 1_000_000) == 6)
        #expect(limits.seconds(ofBytes: .max) == 30)
        let text = [UInt8](repeating: UInt8(ascii: "a"), count: 400_000)
        var short = limits
        (short.seconds, short.secondsOfByte) = (0.1, 2.5e-7)
        let error = #expect(throws: Diagnostic.self) {
            try RegularExpression("(?>a*)b").matches(in: text, limits: short)
        }
        #expect(error?.message.contains("more than 0.2 s") == true, "\(String(describing: error))")
    }

    @Test(
        "A long text, which is searched place by place, has the occurrences that its lines have",
        arguments: [#"\p{N}{1,3}|[^\s\p{N}]+|\s+(?!\S)|\s+"#, "☃", "é+$", #"(?<=☃)x"#, ".*☃", #"\Gz"#, #"\z"#])
    func places(_ pattern: String) throws {
        let expression = try RegularExpression(pattern)
        let lines = (0..<60).map { line in
            String(repeating: line % 3 == 0 ? "é" : "日é", count: 400 + line) + (line % 7 == 5 ? "☃xé" : "") + "\n"
        }
        var expected: [Range<Int>] = []
        var first = 0
        for line in lines {
            // Each line's occurrences; what touches its end belongs to the whole text's end.
            let bytes = Array(line.utf8)
            expected += try expression.matches(in: bytes).filter { $0.lowerBound < bytes.count }
                .map { $0.lowerBound + first..<$0.upperBound + first }
            first += bytes.count
        }
        #expect(first > 1 << 15)
        if pattern == #"\z"# { expected.append(first..<first) }
        #expect(try expression.matches(in: Array(lines.joined().utf8)) == expected)
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
