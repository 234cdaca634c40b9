import Files
import Testing
import Tokenizers

@Suite("Token texts are code points, not what Swift counts as characters")
struct CombiningMarkTests {
    @Test("A merge of a letter and a combining mark, written with a space between them, is two tokens")
    func merge() throws {
        let json = """
            {"model": {"type": "BPE", "vocab": {"a": 0, "\u{301}": 1, "a\u{301}": 2, "\u{E1}": 3}, "merges": ["a \u{301}"]}}
            """
        let tokenizer = try TokenizerPipeline(JSONDocument(Array(json.utf8), file: "tokenizer.json"))
        #expect(try tokenizer.encode("a\u{301}a\u{E1}").map(\.id) == [2, 0, 3])
    }
}
