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

    @Test("A prompt that is cut keeps them")
    func truncated() throws {
        let long = try prompts("{text}", [String(repeating: "walk ", count: 100)], contextLength: 10)
        #expect(long.truncated == 1 && long.tokens[0].count == 10)
        #expect(long.tokens[0].first == begin && long.tokens[0].last == end)
    }
}
