import Diagnostics
import Embedding
import Files
import TestSupport
import Testing
import Tokenizers

@Suite("The tokens that a model expects around a text are around every prompt")
struct FrameTests {
    private func prompts(_ template: String, _ sentences: [String], contextLength: Int = 64) throws -> Prompts {
        let bert = try PretrainedTokenizer.read(folder: Fixtures.golden("tokenizers/bert"))
        return try Prompts(
            sentences, template: PromptTemplate(template), normaliser: .none, tokenizer: bert,
            contextLength: contextLength)
    }

    private let begin: Int32 = 1
    private let end: Int32 = 2

    @Test("Once a prompt, also where a placeholder cuts it")
    func frame() throws {
        let plain = try prompts("{text}", ["a walk"])
        #expect(plain.tokens[0].first == begin && plain.tokens[0].last == end)
        #expect(plain.tokens[0].filter { [begin, end].contains($0) }.count == 2)
        #expect(plain.templatePrefix == [begin])
        let cut = try prompts("so {prepend} {text} it", ["a walk"])
        #expect(cut.tokens[0].first == begin && cut.tokens[0].last == end)
        #expect(cut.tokens[0].filter { [begin, end].contains($0) }.count == 2)
    }

    /// Bytes, between a token before and one behind.
    private struct FramedTokenizer: Tokenizer {
        let bytes = ByteTokenizer()
        let frame: SequenceFrame
        var vocabularySize: Int { bytes.vocabularySize }
        var fingerprint: SHA256Digest { bytes.fingerprint }

        func encode(_ text: String) -> [Token] { bytes.encode(text) }
        func decode(_ ids: some Sequence<Int32>) throws -> String { try bytes.decode(ids) }
    }

    @Test("The last of a pooled place's tokens is pooled, not the one that the model expects behind every text")
    func lastOfPlace() async throws {
        let backbone = try TinyLlama().backbone()
        let method = EmbeddingMethod(template: try PromptTemplate("so: {text:pool}"), pooling: .last)
        func embedding(behind: [Int32]) async throws -> [UInt32] {
            let tokenizer = FramedTokenizer(frame: SequenceFrame(before: [1], behind: behind))
            return try await embed(["a walk"], [method], by: backbone, tokenizer: tokenizer).bits[0][0]
        }
        let alone = try await embedding(behind: [])
        #expect(try await embedding(behind: [2]) == alone)
    }

    @Test("The token that a template ends in is there once, whether the tokenizer puts it behind every text or not")
    func end() async throws {
        let backbone = try TinyLlama().backbone()
        func prompts(_ template: String, behind: [Int32], contextLength: Int = 64) throws -> Prompts {
            try Prompts(
                ["a walk"], template: PromptTemplate(template), normaliser: .none,
                tokenizer: FramedTokenizer(frame: SequenceFrame(before: [1], behind: behind)),
                contextLength: contextLength)
        }
        let method = EmbeddingMethod(template: try PromptTemplate("{text}{end:.}"), pooling: .last)
        var rows: [[UInt32]] = []
        for behind in [[], [Int32(UInt8(ascii: "."))]] {
            let found = try prompts("{text}{end:.}", behind: behind)
            #expect(found.tokens[0] == [1] + "a walk.".utf8.map { Int32($0) })
            #expect(found.first == (behind.isEmpty ? "a walk." : "a walk"))
            let cut = try prompts("{text}{end:.}", behind: behind, contextLength: 5)
            #expect(cut.truncated == 1 && cut.tokens[0] == [1] + "a w.".utf8.map { Int32($0) })
            // What is pooled of the sentence is the sentence's.
            let pooled = try prompts("so {text:pool}{end:.}", behind: behind)
            #expect(pooled.pooledPositions(0) == [4..<10] && pooled.tokens[0].count == 11)
            let tokenizer = FramedTokenizer(frame: SequenceFrame(before: [1], behind: behind))
            rows.append(try await embed(["a walk"], [method], by: backbone, tokenizer: tokenizer).bits[0][0])
        }
        #expect(rows[0] == rows[1])
    }

    @Test("A template's end that is more than a token, or isn't the tokenizer's, is refused")
    func otherEnd() throws {
        func complaint(_ template: String, behind: [Int32]) throws -> String? {
            let tokenizer = FramedTokenizer(frame: SequenceFrame(before: [], behind: behind))
            return #expect(throws: Diagnostic.self) {
                try Prompts(
                    ["a"], template: PromptTemplate(template), normaliser: .none, tokenizer: tokenizer,
                    contextLength: 64)
            }?.description
        }
        #expect(
            try complaint("{text}{end:</s>}", behind: [])
                == "{end:</s>} is for one token; this model's tokenizer makes 4 of \"</s>\"")
        #expect(
            try complaint("{text}{end:.}", behind: [2])
                == "the template ends in {end:.}, and this model's tokenizer ends every text otherwise, with the ids [2]; "
                + "leave {end:.} out")
    }

    @Test("A prompt that is cut keeps them")
    func truncated() throws {
        let long = try prompts("{text}", [String(repeating: "walk ", count: 100)], contextLength: 10)
        #expect(long.truncated == 1 && long.tokens[0].count == 10)
        #expect(long.tokens[0].first == begin && long.tokens[0].last == end)
    }
}
