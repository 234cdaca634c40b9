import Foundation
import TestSupport
import Testing
import Tokenizers
import Weights

@Suite("A tokenizer of a GGUF file, written as tokenizer.json")
struct WritingTests {
    private static let texts = [
        "A dog walks.", "I'LL can't we've", "x1y22 333 4444", "½ ² Ⅷ", "a  b\n\n c\r\n\td ", "日本語の文です。",
        "e\u{301}t\u{E9}",
        "😀!?…", "<|end|>a<|end|>", "", " ", "it is so", "the then",
    ]

    /// Bytes, and some words of English with their merges.
    private func tokenizer(_ preTokenizer: PreTokenizer) throws -> ByteLevelBPE {
        let merges = ["t h", "th e", "Ġ the", "i s", "Ġ is", "s o"]
        let words = merges.map { $0.replacing(" ", with: "") }
        let tokens = ByteAlphabetReference.tokens + words + ["them", "<|end|>"]
        return try ByteLevelBPE(
            tokens: tokens, kinds: tokens.map { $0 == "<|end|>" ? .control : .normal }, merges: merges,
            preTokenizer: preTokenizer)
    }

    @Test("gives the same ids, whatever cuts its texts", arguments: PreTokenizer.allCases)
    func ids(_ preTokenizer: PreTokenizer) throws {
        try Fixtures.withTemporaryFolder { folder in
            let own = try tokenizer(preTokenizer)
            var changes = TokenizerChanges(maximumLength: 77)
            changes.paddingToken = Int32(own.vocabularySize - 1)
            try TokenizerFolder.write(own, from: nil, changes: changes, to: folder)
            let read = try PretrainedTokenizer.read(folder: folder)
            for text in Self.texts {
                #expect(try read.encode(text).map(\.id) == own.encode(text).map(\.id), "\(text.debugDescription)")
            }
            #expect(read.frame == own.frame && read.vocabularySize == own.vocabularySize)
            #expect(read.maximumLength == 77 && read.paddingToken == changes.paddingToken)
            #expect(read.summary.warnings.isEmpty)
        }
    }

    @Test("has a change's words before the tokens, and its tokens before the frame's end")
    func changes() throws {
        try Fixtures.withTemporaryFolder { folder in
            let own = try tokenizer(.gpt2)
            var changes = TokenizerChanges(maximumLength: 77)
            changes.behind = [1, 2]
            changes.replacements = [.init("s+", with: "o"), .init(#"(?![\s\S])"#, with: "!\"")]
            try TokenizerFolder.write(own, from: nil, changes: changes, to: folder)
            let read = try PretrainedTokenizer.read(folder: folder)
            #expect(try read.encode("it isso").map(\.id) == own.encode("it ioo!\"").map(\.id))
            #expect(read.frame == SequenceFrame(behind: [1, 2]))
            // Written from a folder, it goes behind what is there.
            let copy = folder + "/copy"
            try FileManager.default.createDirectory(atPath: copy, withIntermediateDirectories: true)
            changes.behind = [3]
            changes.replacements = [.init("i", with: "s")]
            try TokenizerFolder.write(read, from: folder, changes: changes, to: copy)
            let again = try PretrainedTokenizer.read(folder: copy)
            #expect(try again.encode("it").map(\.id) == own.encode("ot!\"").map(\.id))
            #expect(again.frame == SequenceFrame(behind: [3, 1, 2]))
        }
    }

    @Test(
        "SmolLM2's has its ids for the texts that tokenizers get wrong",
        .enabled(if: FileManager.default.fileExists(atPath: Fixtures.smolLM2)))
    func smolLM2() throws {
        let own = try ByteLevelBPE(gguf: GGUFFile(Fixtures.smolLM2))
        try Fixtures.withTemporaryFolder { folder in
            try TokenizerFolder.write(own, from: nil, changes: TokenizerChanges(maximumLength: 8192), to: folder)
            let read = try PretrainedTokenizer.read(folder: folder)
            let texts = try String(contentsOfFile: Fixtures.golden("smollm2.sentences.txt"), encoding: .utf8)
                .components(separatedBy: "\n")
            for text in texts + Self.texts {
                #expect(try read.encode(text).map(\.id) == own.encode(text).map(\.id), "\(text.debugDescription)")
            }
        }
    }
}
