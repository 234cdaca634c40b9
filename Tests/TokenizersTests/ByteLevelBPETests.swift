import Diagnostics
import Testing
import Tokenizers

struct ByteLevelBPETests {
    @Test("An empty text has no tokens")
    func empty() throws {
        #expect(try TinyVocabulary().tokenizer().encode("").isEmpty)
    }

    @Test("The lowest rank merges first, wherever it stands, and the leftmost of equals")
    func order() throws {
        let tokenizer = try TinyVocabulary(merges: ["b c", "a b", "a a", "aa a"]).tokenizer()
        #expect(tokenizer.parts(of: "abc") == ["a", "bc"])
        #expect(tokenizer.parts(of: "aaaaa") == ["aa", "aaa"])
        #expect(tokenizer.parts(of: "aab") == ["a", "ab"])
    }

    @Test("A piece that is in the vocabulary is not taken whole where the merges lead elsewhere")
    func unreachableToken() throws {
        let tokenizer = try TinyVocabulary(merges: ["b c", "a b", "ab c"]).tokenizer()
        #expect(tokenizer.parts(of: "abc") == ["a", "bc"])
    }

    @Test("No merge crosses pieces")
    func pieces() throws {
        let tokenizer = try TinyVocabulary(merges: ["a Ġ", "Ġ b", "1 2"]).tokenizer()
        #expect(tokenizer.parts(of: "a b12") == ["a", " b", "1", "2"])
    }

    @Test("Words short and long merge as the definition says", arguments: [3, 20, 32, 33, 34, 200])
    func definition(length: Int) throws {
        let merges = ["a b", "b a", "ab ab", "c c", "cc a", "ba c", "abab abab", "c b", "a a", "aa aa", "b b", "ab c"]
        let tokenizer = try TinyVocabulary(merges: merges).tokenizer()
        var generator = SplitMix(state: UInt64(length))
        for _ in 0..<20 {
            let word = (0..<length).map { _ in ["a", "b", "c"].randomElement(using: &generator) ?? "a" }
            #expect(tokenizer.parts(of: word.joined()) == naiveMerge(word, merges))
        }
    }

    /// Sennrich et al., 2016, algorithm 1, one merge at a time.
    private func naiveMerge(_ word: [String], _ merges: [String]) -> [String] {
        var parts = word
        while true {
            let ranks = zip(parts, parts.dropFirst()).map { merges.firstIndex(of: "\($0) \($1)") ?? .max }
            guard let lowest = ranks.min(), lowest < .max, let index = ranks.firstIndex(of: lowest) else {
                return parts
            }
            parts[index...index + 1] = [parts[index] + parts[index + 1]]
        }
    }

    // Quadratic time would be a quarter of an hour.
    @Test("A word of a million letters takes no quadratic time", .timeLimit(.minutes(10)))
    func longWord() throws {
        let tokenizer = try TinyVocabulary(merges: ["a b", "b a", "ab ab", "c c", "cc a"]).tokenizer()
        var generator = SplitMix(state: 1)
        let word = (0..<1_000_000).map { _ in ["a", "b", "c"].randomElement(using: &generator) ?? "a" }.joined()
        #expect(tokenizer.encode(word).tile(0..<1_000_000))
    }

    @Test("Random text comes back from its ids, and the tokens tile it")
    func roundTrip() throws {
        let tokenizer = try TinyVocabulary(merges: ["Ġ t", "t h", "Ã ©", "h e"], special: ["<s>", "<|é|>"]).tokenizer()
        let parts = [
            "the", " t", "é", "e\u{301}", "😀", "½", "Ⅷ", "٣", "<s>", "<|é|>", "<", "\0", "\r\n", "\u{85}", "7", "'ll",
        ]
        var generator = SplitMix(state: 3)
        for _ in 0..<300 {
            let text = (0..<20).compactMap { _ in parts.randomElement(using: &generator) }.joined()
            let tokens = tokenizer.encode(text)
            #expect(Array(try tokenizer.decode(tokens.map(\.id)).utf8) == Array(text.utf8))
            #expect(tokens.tile(0..<text.utf8.count))
        }
    }

    @Test("A byte that the vocabulary lacks leaves a gap, which is counted")
    func missingByte() throws {
        var vocabulary = TinyVocabulary(merges: ["a b"])
        vocabulary.tokens[4] = "unused"
        let tokenizer = try vocabulary.tokenizer()
        let tokens = tokenizer.encode("ab\u{4}\u{4}ab")
        #expect(tokens.map(\.bytes) == [0..<2, 4..<6])
        #expect(tokenizer.unencodedByteCount(of: tokens, in: "ab\u{4}\u{4}ab") == 2)
    }

    @Test("Half a character is decoded as U+FFFD, an id outside the vocabulary is an error")
    func decode() throws {
        let tokenizer = try TinyVocabulary().tokenizer()
        #expect(try tokenizer.decode([0x61, 0xC3]) == "a\u{FFFD}")
        #expect(throws: Diagnostic("token id 256 is outside the vocabulary; expected 0 to 255")) {
            try tokenizer.decode([256])
        }
        #expect(throws: Diagnostic.self) { try tokenizer.decode([-1]) }
    }

    @Test("The fingerprint changes with tokens, kinds, merges, their order, and the pre-tokenizer; else it stays")
    func fingerprint() throws {
        let original = TinyVocabulary(merges: ["a b", "b c"], special: ["<s>"])
        var otherTokens = original
        otherTokens.tokens.swapAt(1, 2)
        var otherKinds = original
        otherKinds.kinds[258] = .normal
        var otherOrder = original
        otherOrder.merges.reverse()
        var fewerMerges = original
        fewerMerges.merges.removeLast()
        let digests = try [original, otherTokens, otherKinds, otherOrder, fewerMerges].map {
            try $0.tokenizer().fingerprint
        }
        #expect(Set(digests + [try original.tokenizer(.gpt2).fingerprint]).count == 6)
        #expect(try original.tokenizer().fingerprint == digests[0])
    }
}

extension [Token] {
    /// Whether the tokens cover the bytes in order, without gap or overlap.
    func tile(_ bytes: Range<Int>) -> Bool {
        var end = bytes.lowerBound
        for token in self {
            guard token.bytes.lowerBound == end, !token.bytes.isEmpty else { return false }
            end = token.bytes.upperBound
        }
        return end == bytes.upperBound
    }
}

/// Random numbers that are the same in each run (Steele et al., 2014).
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
