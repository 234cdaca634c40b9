import Diagnostics
import Embedding
import Testing

@Suite struct NormaliserTests {
    @Test(
        "PromptEOL's rule: a full stop, unless there is . ? \" or '; then a final question mark becomes one",
        arguments: [
            ("A dog walks", "A dog walks."), ("A dog walks.", "A dog walks."), ("Who walks?", "Who walks."),
            ("Who walks??", "Who walks?."), ("He said \"no\"", "He said \"no\""), ("the dogs'", "the dogs'"),
            ("Stop!", "Stop!."), ("Stop !", "Stop !."), ("a \"b\" c", "a \"b\" c."), ("wait…", "wait…."), ("?", "."),
            (".", "."), ("who? ", "who."), ("é", "é."), ("🙂", "🙂."), ("e.\u{301}", "e.\u{301}."),
        ])
    func promptEOL(sentence: String, expected: String) {
        #expect(bytes(Normaliser.prompteol.normalise(sentence)) == bytes(expected))
    }

    @Test(
        "double quotes become single ones by code point, whatever stands behind them",
        arguments: [
            ("a \"b\u{301}", "a 'b\u{301}."), ("\"\u{301}x\"", "'\u{301}x'"), ("\"\u{200D}x", "'\u{200D}x."),
            ("👩‍👩‍👧\"\u{FE0F}", "👩‍👩‍👧'\u{FE0F}."), ("\"\r\n\"", "' '"),
        ])
    func quotes(sentence: String, expected: String) {
        #expect(bytes(Normaliser.prompteolQuotes.normalise(sentence)) == bytes(expected))
    }

    @Test(
        "nothing stays nothing, and verbatim leaves what is there", arguments: ["", " ", "\n\t\u{3000}"],
        Normaliser.allCases)
    func empty(sentence: String, normaliser: Normaliser) {
        #expect(bytes(normaliser.normalise(sentence)) == (normaliser == .verbatim ? bytes(sentence) : []))
    }

    @Test(
        "white space of every kind that Python splits at becomes one space",
        arguments: [
            0x09, 0x0A, 0x0B, 0x0C, 0x0D, 0x1C, 0x1D, 0x1E, 0x1F, 0x20, 0x85, 0xA0, 0x1680, 0x2000, 0x2001, 0x2002,
            0x2003,
            0x2004, 0x2005, 0x2006, 0x2007, 0x2008, 0x2009, 0x200A, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000,
        ] as [UInt32])
    func whiteSpace(code: UInt32) throws {
        let space = String(try #require(Unicode.Scalar(code)))
        let sentence = space + "a" + space + space + " b" + space
        #expect(bytes(Normaliser.none.normalise(sentence)) == bytes("a b"))
        #expect(bytes(Normaliser.prompteol.normalise(sentence)) == bytes("a b."))
    }

    @Test(
        "what Python doesn't split at stays: zero-width space, joiners, byte order mark, Mongolian vowel separator",
        arguments: [0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF, 0x180E, 0x00, 0x1B, 0x7F] as [UInt32])
    func notWhiteSpace(code: UInt32) throws {
        let sentence = "a" + String(try #require(Unicode.Scalar(code))) + "b"
        #expect(bytes(Normaliser.none.normalise(sentence)) == bytes(sentence))
    }

    @Test("a combining mark behind a space doesn't hide it, nor does a carriage return before a line feed")
    func graphemes() {
        #expect(bytes(Normaliser.none.normalise("a \u{301}b")) == bytes("a \u{301}b"))
        #expect(bytes(Normaliser.none.normalise("a  \u{301}b ")) == bytes("a \u{301}b"))
        #expect(bytes(Normaliser.none.normalise("a\r\n\r\nb")) == bytes("a b"))
    }

    @Test("canonically equivalent texts stay different")
    func noUnicodeNormalisation() {
        #expect(bytes(Normaliser.prompteol.normalise("e\u{301}")) == bytes("e\u{301}."))
        #expect(bytes(Normaliser.prompteol.normalise("\u{E9}")) == bytes("\u{E9}."))
    }

    @Test("names are read; an unknown one is an error with a guess")
    func names() throws {
        for normaliser in Normaliser.allCases {
            #expect(try Normaliser(named: normaliser.description) == normaliser)
        }
        let error = try #require(throws: Diagnostic.self) { try Normaliser(named: "promteol") }
        #expect(error.message.hasPrefix("unknown normaliser \"promteol\"; expected one of: none, prompteol"))
        #expect(error.suggestion == "did you mean \"prompteol\"?")
    }
}

/// Swift's own equality takes canonically equivalent texts for the same.
private func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }
