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

    @Test("A prompt that is cut keeps them")
    func truncated() throws {
        let long = try prompts("{text}", [String(repeating: "walk ", count: 100)], contextLength: 10)
        #expect(long.truncated == 1 && long.tokens[0].count == 10)
        #expect(long.tokens[0].first == begin && long.tokens[0].last == end)
    }
}
