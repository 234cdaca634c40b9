import Diagnostics
import Embedding
import Files
import TestSupport
import Testing
import Tokenizers

@Suite struct PromptTemplateTests {
    @Test(
        "braces that hold no name are literal",
        arguments: ["{} {text}", "{ a b } {text}", "{\"k\": {text}}", "} {text} {"])
    func literalBraces(template: String) throws {
        #expect(try PromptTemplate(template).description == template)
        let prompts = try Prompts(
            ["a"], template: PromptTemplate(template), normaliser: .none, tokenizer: ByteTokenizer(), contextLength: 99)
        #expect(prompts.first == template.replacing("{text}", with: "a"))
    }

    @Test("a brace with a combining mark behind it is a brace: places are found among code points")
    func combiningMark() throws {
        let template = try PromptTemplate("{text}\u{301} {text:pool}\u{200D}")
        let prompts = try Prompts(
            ["a"], template: template, normaliser: .none, tokenizer: ByteTokenizer(), contextLength: 99)
        #expect(Array(prompts.first.utf8) == Array("a\u{301} a\u{200D}".utf8))
        #expect(prompts.pooledPositions(0) == [4..<5])
    }

    @Test("the sentence alone is a template")
    func plain() throws {
        #expect(try PromptTemplate("{text}") == .plain)
    }

    @Test(
        "a template without a place for the sentence, with two placeholders, or with another name is an error",
        arguments: [
            ("", "expected {text} in the template, found none: "),
            ("no place", "expected {text} in the template, found none: no place"),
            ("{prepend}", "expected {text} in the template, found none: {prepend}"),
            (
                "{prepend}{text}{prepend}",
                "expected {prepend} at most once in the template: {prepend}{text}{prepend}"
            ),
            ("{piece:}{text}", "expected words behind {piece:, found none"),
            ("{text}{end:}", "expected a token behind {end:, found none"),
            ("{text}{end:a} ", "expected {end:…} once, as the last of the template: {text}{end:a} "),
            ("{text}{end:a}{end:b}", "expected {end:…} once, as the last of the template: {text}{end:a}{end:b}"),
            ("{end:a}", "expected {text} in the template, found none: {end:a}"),
            (
                "{txet}",
                "unknown placeholder \"{txet}\"; expected one of: {text}, {text:pool}, {text:half}, {text:half:pool}, {prepend}, {piece:WORDS}, {end:TOKEN}; did you mean \"{text}\"?"
            ),
        ])
    func errors(template: String, message: String) throws {
        let error = try #require(throws: Diagnostic.self) { try PromptTemplate(template) }
        #expect(error.description == message)
    }
}

@Suite struct PromptsTests {
    private func prompts(_ sentences: [String], _ template: String, context: Int = 100) throws -> Prompts {
        try Prompts(
            sentences, template: PromptTemplate(template), normaliser: .none, tokenizer: ByteTokenizer(),
            contextLength: context)
    }

    private func texts(_ prompts: Prompts) throws -> [String] {
        try prompts.tokens.map { try ByteTokenizer().decode($0) }
    }

    @Test("a prompt that is too long loses the sentence's end; the template stays whole, and the cut is counted")
    func truncation() throws {
        let cut = try prompts(["abcdefgh", "abc", "abcd"], "<{text}>!", context: 6)
        #expect(try texts(cut) == ["<abc>!", "<abc>!", "<abc>!"])
        #expect((cut.truncated, cut.tokenCount, cut.emptyCount) == (2, 18, 0))
        #expect(cut.first == "<abcdefgh>!")
        #expect(try texts(prompts(["abcdefgh"], "{text}", context: 1)) == ["a"])
        #expect(try texts(prompts(["abcdefgh"], "<{text}>", context: 2)) == ["<>"])
    }

    /// Puts a token of no bytes, as Metaspace's alone, before every byte.
    private struct SpacedTokenizer: Tokenizer {
        let bytes = ByteTokenizer()
        var vocabularySize: Int { bytes.vocabularySize }
        var fingerprint: SHA256Digest { bytes.fingerprint }

        func encode(_ text: String) -> [Token] {
            bytes.encode(text).flatMap { [Token(id: 95, bytes: $0.bytes.lowerBound..<$0.bytes.lowerBound), $0] }
        }
        func decode(_ ids: some Sequence<Int32>) throws -> String { try bytes.decode(ids) }
    }

    @Test("a sentence of tokens without bytes between others is cut too, however long it is")
    func cutBetween() throws {
        for length in [4, 40] {
            let prompts = try Prompts(
                [String(repeating: "a", count: length)], template: PromptTemplate("<{text}>"), normaliser: .none,
                tokenizer: SpacedTokenizer(), contextLength: 8)
            #expect(try texts(prompts) == ["_<_a_a_>"])
        }
    }

    @Test("a template that is longer than the context is an error")
    func templateTooLong() {
        #expect(
            throws: Diagnostic("the template alone is longer than the model's context of 2 tokens: <{text}>!")
        ) { try prompts(["abc"], "<{text}>!", context: 2) }
    }

    @Test("a sentence may stand in several places, and pooling reads those that say so")
    func echo() throws {
        let echo = try prompts(["ab", ""], "{text}, again: {text:pool}!")
        #expect(try texts(echo) == ["ab, again: ab!", ""])
        #expect(echo.pooledPositions(0) == [11..<13])
        #expect(echo.emptyCount == 1)
        #expect(try prompts(["ab"], "{text} {text}").pooledPositions(0) == nil)
    }

    @Test("an empty sentence has no token alone, and the template's in one")
    func emptySentence() throws {
        #expect(try prompts(["", " \t"], "{text}").emptyCount == 2)
        #expect(try texts(prompts([""], "<{text}>")) == ["<>"])
        #expect(try prompts([], "{text}").tokens.isEmpty)
    }

    @Test(
        "a template's tokens before the sentence are shared, up to the seam",
        arguments: [("Say: {text}.", "Say: "), ("{text}", ""), ("{text} says", "")])
    func sharedPrefix(template: String, prefix: String) throws {
        #expect(try prompts(["a"], template).templatePrefix == prefix.utf8.map(Int32.init))
    }
}

@Suite struct UniqueSentencesTests {
    @Test("repetitions are found, in the order of first appearance")
    func repetitions() {
        let unique = UniqueSentences(["b", "a", "b", "", "a", ""])
        #expect(unique.sentences == ["b", "a", ""])
        #expect(unique.indices == [0, 1, 0, 2, 1, 2])
    }

    @Test("canonically equivalent sentences are two: a tokenizer tells them apart")
    func canonicalEquivalence() {
        #expect(UniqueSentences(["\u{E9}", "e\u{301}", "\u{E9}"]).indices == [0, 1, 0])
    }
}

struct HalvedSentenceTests {
    private func text(_ template: String, _ sentence: String) throws -> (
        tokens: [Int32], prompt: String, pooled: [Range<Int>]?
    ) {
        let prompts = try Prompts(
            [sentence], template: try PromptTemplate(template), normaliser: .none, tokenizer: ByteTokenizer(),
            contextLength: 100)
        return (prompts.tokens[0], prompts.first, prompts.pooledPositions(0))
    }

    @Test("A halved place holds the first half of the sentence's tokens, rounded up")
    func half() throws {
        #expect(try text("<{text:half}>", "abcde").prompt == "<abc>")
        #expect(try text("<{text:half}>", "abcd").prompt == "<ab>")
        #expect(try text("<{text:half}>", "a").prompt == "<a>")
        let echo = try text("{text:half}|{text:half:pool}", "abcd")
        #expect(echo.prompt == "ab|ab" && echo.pooled == [3..<5])
    }

    @Test("A character that the cut would break is left out; a sentence that begins with one has nothing to pool")
    func brokenCharacter() throws {
        #expect(try text("<{text:half}>", "aé").prompt == "<a>")
        #expect(try text("<{text:half}>", "é").prompt == "<>")
        #expect(try text("<{text:half:pool}>", "é").tokens.isEmpty)
    }
}
