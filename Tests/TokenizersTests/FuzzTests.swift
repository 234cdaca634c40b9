import Diagnostics
import Files
import Foundation
import TestSupport
import Testing
import Tokenizers

@Suite("Any damage to a tokenizer's file gives a diagnostic or a tokenizer that works, never a crash", .serialized)
struct FuzzTests {
    @Test("tokenizer.json")
    func pipelines() throws {
        let kinds = ["gpt2", "llama3", "llama2", "bpe-affixes", "unigram", "bert", "words"]
        // Oniguruma compiles the sets of characters of a `Split` pattern.
        try fuzz(kinds.map { "\($0)/tokenizer.json" }, tries: 700, fixedCost: 64 << 10, fragments: Mutator.json) {
            bytes in
            try TokenizerPipeline(JSONDocument(bytes, file: "tokenizer.json"))
        }
    }

    @Test("tokenizer.model")
    func sentencePiece() throws {
        let kinds = ["sp-bpe", "sp-unigram", "sp-unigram-bytes"]
        try fuzz(kinds.map { "\($0)/tokenizer.model" }, tries: 300, fixedCost: 1 << 10, fragments: []) { bytes in
            try SentencePiece(bytes: bytes, of: "tokenizer.model", addsBOS: true, addsEOS: true)
        }
    }

    private static let texts = [
        "", " a  naïve\u{301} ½ 한국 🙂\u{200D}🙂\r\n<special> ##ing 1234 ", "\u{0}\u{FEFF}\u{10FFFF}",
    ]

    private func fuzz(
        _ names: [String], tries: Int, fixedCost: Int, fragments: [String],
        read: ([UInt8]) throws -> any Tokenizer
    ) throws {
        let files = try names.map { try TextFile.bytes(of: Fixtures.golden("tokenizers/\($0)")) }
        var budget = FuzzBudget(tries: tries, fixedCost: fixedCost)
        var mutator = Mutator(seed: budget.seed, fragments: fragments)
        var opened = 0
        while budget.takesAnother() {
            let bytes = mutator.damaged(files[budget.tried % files.count])
            do {
                let tokenizer = try budget.watch(bytes.count) { try read(bytes) }
                for text in Self.texts { try check(tokenizer, text) }
                opened += 1
            } catch is Diagnostic {}
        }
        #expect(opened > tries / 100)
        #expect(budget.greed == nil)
        if let growth = budget.growth { #expect(growth < 128 << 20, "\(growth) bytes") }
    }

    private func check(_ tokenizer: any Tokenizer, _ text: String) throws {
        let tokens = try tokenizer.encode(text)
        #expect(tokens.ascend(in: text), "\(text.debugDescription)")
        #expect(tokens.allSatisfy { $0.id >= 0 && Int($0.id) < tokenizer.vocabularySize })
        _ = try tokenizer.decode(tokens.map(\.id))
        _ = tokenizer.unencodedByteCount(of: tokens, in: text)
    }
}

extension [Token] {
    /// Whether the tokens' bytes lie in the text, in order and without overlap.
    func ascend(in text: String) -> Bool {
        var end = 0
        for token in self {
            guard token.bytes.lowerBound >= end else { return false }
            end = token.bytes.upperBound
        }
        return end <= text.utf8.count
    }
}
