import Diagnostics
import Files
import Foundation
import TestSupport
import Testing
import Tokenizers

struct PreTokenizerTests {
    private func pieces(_ text: String, _ preTokenizer: PreTokenizer) -> [String] {
        let utf8 = Array(text.utf8)
        return preTokenizer.pieces(of: text).map { String(decoding: utf8[$0], as: UTF8.self) }
    }

    @Test("A space goes with the word, number or symbols that follow")
    func leadingSpace() {
        #expect(pieces("The cat, 12 --!", .gpt2) == ["The", " cat", ",", " 12", " --!"])
    }

    @Test("A run of white space leaves its last character to what follows, and keeps it at the text's end")
    func whiteSpace() {
        #expect(pieces("a   b  ", .gpt2) == ["a", "  ", " b", "  "])
        #expect(pieces("a\n\nb", .gpt2) == ["a", "\n", "\n", "b"])
        #expect(pieces("a\u{3000}\u{85} b", .gpt2) == ["a", "\u{3000}\u{85}", " b"])
        #expect(pieces("a\u{A0}b", .gpt2) == ["a", "\u{A0}", "b"])
        #expect(pieces("\r\n\t\u{B}\u{C}\u{2028}", .gpt2) == ["\r\n\t\u{B}\u{C}\u{2028}"])
    }

    @Test("Contractions are pieces in lower case with the ASCII apostrophe, anywhere in a word")
    func contractions() {
        #expect(pieces("they'll've", .gpt2) == ["they", "'ll", "'ve"])
        #expect(pieces("IT'S it’s", .gpt2) == ["IT", "'", "S", " it", "’", "s"])
        #expect(pieces("'tis 'x 're", .gpt2) == ["'t", "is", " '", "x", " '", "re"])
        #expect(pieces("'r", .gpt2) == ["'", "r"])
        #expect(pieces("''s", .gpt2) == ["''", "s"])
    }

    @Test("smollm cuts out every number character, of any script")
    func numbers() {
        #expect(pieces("a12b", .smollm) == ["a", "1", "2", "b"])
        #expect(pieces("½Ⅷ٣𝟙²", .smollm) == ["½", "Ⅷ", "٣", "𝟙", "²"])
        #expect(pieces("½Ⅷ٣𝟙²", .gpt2) == ["½Ⅷ٣𝟙²"])
    }

    @Test("Under smollm white space before a number stays whole: the look-ahead ends at the cut")
    func whiteSpaceBeforeNumber() {
        #expect(pieces("a 1", .smollm) == ["a", " ", "1"])
        #expect(pieces("a   1", .smollm) == ["a", "   ", "1"])
        #expect(pieces("a   1", .gpt2) == ["a", "  ", " 1"])
        #expect(pieces("'1s", .smollm) == ["'", "1", "s"])
    }

    @Test("Combining marks and emoji are neither letters nor white space")
    func symbols() {
        #expect(pieces("e\u{301}a", .smollm) == ["e", "\u{301}", "a"])
        #expect(pieces("hi 😀👍🏽\u{200D}!", .smollm) == ["hi", " 😀👍🏽\u{200D}!"])
        #expect(pieces("a\0b\u{200B}c", .smollm) == ["a", "\0", "b", "\u{200B}", "c"])
    }

    @Test("The pieces tile every text of two characters from all classes", arguments: PreTokenizer.allCases)
    func tiling(preTokenizer: PreTokenizer) {
        let characters = ["a", "é", "中", "𝒳", "1", "½", "𝟙", " ", "\n", "\u{3000}", "'", "s", "-", "—", "😀", "\0"]
        for text in characters.flatMap({ first in characters.map { first + $0 } }) {
            #expect(pieces(text, preTokenizer).joined().utf8.elementsEqual(text.utf8))
        }
    }

    @Test(
        "LLaMA 3 and Qwen 2 cut as their regular expressions do",
        arguments: [(PreTokenizer.llama3, "{1,3}"), (.qwen2, "")])
    func expressions(preTokenizer: PreTokenizer, digits: String) throws {
        let expression = try NSRegularExpression(
            pattern:
                "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}\(digits)| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*"
                + "|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+")
        let characters = ["a", "É", "中", "1", "½", " ", "\n", "\r", "\u{3000}", "'", "S", "l", "-", "😀", "\0"]
        var texts = characters.flatMap { a in characters.flatMap { b in characters.map { a + b + $0 } } }
        var random = SeededRandom(seed: 3)
        texts += (0..<2000).map { _ in
            (0..<12).map { _ in characters.randomElement(using: &random) ?? "" }.joined()
        }
        texts += try TextFile.lines(of: Fixtures.golden("tokenizers/sentences.txt"))
        for text in texts {
            // By UTF-16, for a piece may end inside a character as Swift sees it.
            let utf16 = text as NSString
            let expected = expression.matches(in: text, range: NSRange(location: 0, length: utf16.length))
                .map { utf16.substring(with: $0.range) }
            #expect(pieces(text, preTokenizer) == expected, "\(text.debugDescription)")
        }
    }

    @Test("An unknown pre-tokenizer is an error that lists the known ones")
    func unknown() throws {
        let error = #expect(throws: Diagnostic.self) { try PreTokenizer(named: "smolm") }
        #expect(error?.message == "unknown pre-tokenizer \"smolm\"; expected one of: gpt-2, smollm, llama-bpe, qwen2")
        #expect(error?.suggestion == "did you mean \"smollm\"?")
        #expect(try PreTokenizer(named: "gpt-2") == .gpt2)
    }
}
