import Embedding
import Foundation
import TestSupport
import Testing
import Tokenizers

/// Token ids of prompts as other programs make them; Tests/Golden/dump_prompts.py wrote them.
private struct GoldenPrompts: Decodable {
    struct Prompt: Decodable {
        var ids: [Int32]
        var pooled: [Bool]
    }

    struct Kind: Decodable {
        var name: String
        var pieces: [Prompt]
        var counted: [Prompt]
        var prepended: [[Int32]]
    }

    var sentences: [String]
    var tokenizers: [Kind]
}

@Suite struct GoldenPromptTests {
    private let golden: GoldenPrompts

    init() throws {
        let data = try Data(contentsOf: URL(fileURLWithPath: Fixtures.golden("prompts.json")))
        golden = try JSONDecoder().decode(GoldenPrompts.self, from: data)
    }

    private func prompts(_ template: PromptTemplate, _ kind: GoldenPrompts.Kind) throws -> Prompts {
        try Prompts(
            golden.sentences, template: template, normaliser: .none,
            tokenizer: PretrainedTokenizer.read(folder: Fixtures.golden("tokenizers/\(kind.name)")), contextLength: 200)
    }

    private func expect(_ prompts: Prompts, _ expected: [GoldenPrompts.Prompt], _ name: String) {
        for (index, prompt) in expected.enumerated() where prompt.pooled.contains(true) {
            let comment: Comment = "\(name): \(golden.sentences[index])"
            #expect(prompts.tokens[index] == prompt.ids, comment)
            let pooled = prompts.pooledPositions(index)?.flatMap(\.self)
            #expect(pooled == prompt.pooled.indices.filter { prompt.pooled[$0] }, comment)
        }
    }

    @Test("pieces are tokenised apart, and pooled, as Echo's parser has them")
    func pieces() throws {
        let template = try PromptTemplate(
            "Rewrite: {text}. Again: {text:pool}{piece:</s>:pool}", tokenisation: .pieces)
        for kind in golden.tokenizers { expect(try prompts(template, kind), kind.pieces, kind.name) }
    }

    @Test(
        "a space that a tokenizer puts before the sentence is pooled with it, as llm2vec counts the sentence's tokens")
    func spaceToken() throws {
        let template = try PromptTemplate("Instruct: again: {text:pool}")
        for kind in golden.tokenizers where kind.name == "llama2" {
            expect(try prompts(template, kind), kind.counted, kind.name)
        }
    }

    @Test(
        "the same with SentencePiece's own files",
        arguments: ["sp-bpe", "sp-unigram", "sp-unigram-bytes", "llama2-first"])
    func spaceTokenOfModelFiles(name: String) throws {
        let tokenizer = try PretrainedTokenizer.read(folder: Fixtures.golden("tokenizers/\(name)"))
        for sentence in golden.sentences where !sentence.isEmpty {
            func prompts(_ template: String) throws -> Prompts {
                try Prompts(
                    [sentence], template: PromptTemplate(template), normaliser: .none, tokenizer: tokenizer,
                    contextLength: 200)
            }
            let alone =
                try prompts("{text}").tokens[0].count - tokenizer.frame.before.count - tokenizer.frame.behind.count
            #expect(try prompts("Again: {text:pool}").pooledPositions(0)?.map(\.count) == [alone], "\(sentence)")
        }
    }

    @Test(
        "a space that belongs to the template isn't pooled: between the template's words and a first byte-level token")
    func spaceOfTemplate() throws {
        for kind in golden.tokenizers where kind.name == "smollm" {
            let prompts = try prompts(PromptTemplate("Instruct: again:\n{text:pool}"), kind)
            let alone = try self.prompts(.plain, kind)
            for (index, sentence) in golden.sentences.enumerated() where !sentence.isEmpty {
                #expect(prompts.pooledPositions(index)?.map(\.count) == [alone.tokens[index].count])
            }
        }
    }

    @Test(
        "Token Prepending's placeholder takes the ids around it that its script has, by the wording for the tokenizer")
    func prepended() throws {
        let wordings = [
            "llama2": "This sentence :{prepend}\"{text}\" means in one word:\"",
            "smollm": "This sentence : {prepend} \"{text}\" means in one word:\"",
        ]
        for kind in golden.tokenizers {
            let prompts = try prompts(PromptTemplate(try #require(wordings[kind.name])), kind)
            #expect(prompts.tokens == kind.prepended, "\(kind.name)")
        }
    }

    @Test("a token that meets two pooled places, such as a space and the word behind it, is pooled once")
    func sharedToken() throws {
        for kind in golden.tokenizers {
            let prompts = try prompts(PromptTemplate("Again:{piece: :pool}{text:pool}"), kind)
            for (index, tokens) in prompts.tokens.enumerated() {
                let pooled = prompts.pooledPositions(index)?.flatMap(\.self) ?? []
                #expect(pooled == Array((pooled.first ?? 0)..<tokens.count), "\(kind.name), \(index)")
            }
        }
    }

    @Test("a piece is words of the template: it isn't cut, and without a sentence's words it stays")
    func pieceIsKept() throws {
        let template = try PromptTemplate("<{text}{piece:</s>:pool}", tokenisation: .pieces)
        let prompts = try Prompts(
            ["abcdef", ""], template: template, normaliser: .none, tokenizer: ByteTokenizer(), contextLength: 8)
        #expect(try prompts.tokens.map { try ByteTokenizer().decode($0) } == ["<abc</s>", "<</s>"])
        #expect(prompts.pooledPositions(0) == [4..<8])
        #expect(template != (try PromptTemplate(template.description)))
    }
}
