import Diagnostics
import Embedding
import TestSupport
import Testing

@Suite struct RoleTests {
    private func templates(standard: String? = nil, _ byRole: [TextRole: String]) throws -> RoleTemplates {
        try RoleTemplates(
            standard: standard.map { try PromptTemplate($0) }, byRole: byRole.mapValues { try PromptTemplate($0) })
    }

    private func prompts(_ texts: [String], _ role: TextRole, _ templates: RoleTemplates) throws -> Prompts {
        var method = EmbeddingMethod(pooling: .last)
        method.templates = templates
        return try Prompts(texts, by: method, as: role, tokenizer: ByteTokenizer(), contextLength: 100)
    }

    private func texts(_ prompts: Prompts) throws -> [String] {
        try prompts.tokens.map { try ByteTokenizer().decode($0) }
    }

    @Test("a text gets the template of its role, or else the one for all other roles")
    func byRole() throws {
        let templates = try templates(standard: "{text}", [.query: "Q: {text}"])
        #expect(try texts(prompts(["a"], .query, templates)) == ["Q: a"])
        #expect(try texts(prompts(["a"], .document, templates)) == ["a"])
        #expect(templates.description == "default: {text}\nquery: Q: {text}")
        #expect(RoleTemplates(.plain).description == "{text}")
    }

    @Test("a text whose role has no template is refused, and so is a method without any")
    func refused() throws {
        let templates = try templates([.query: "Q: {text}", .document: "{text}"])
        #expect(
            throws: Diagnostic(
                "no template for the role sentence; expected one beside those for query, document",
                suggestion: "default names the template of all other roles")
        ) { try prompts(["a"], .sentence, templates) }
        #expect(throws: Diagnostic("expected at least one template")) {
            try RoleTemplates(standard: nil, byRole: [:])
        }
    }

    @Test("templates that look alike but differ in their code points are different")
    func byBytes() throws {
        let (composed, decomposed) = (try PromptTemplate("\u{E9} {text}"), try PromptTemplate("e\u{301} {text}"))
        #expect(composed != decomposed)
        #expect(Set([composed, decomposed]).count == 2)
    }

    @Test("prompts of several templates become one: rows, pooled places and counts in order")
    func joined() throws {
        let templates = try templates([.query: "<q>{text:pool}!", .document: "<d>{text}"])
        let queries = try prompts(["ab", ""], .query, templates)
        let documents = try prompts(["abc"], .document, templates)
        let joined = Prompts.joined([queries, documents])
        #expect(try texts(joined) == ["<q>ab!", "", "<d>abc"])
        #expect(joined.pooledPositions(0) == [3..<5])
        #expect(joined.pooledPositions(2) == [0..<6])
        #expect((joined.first, joined.tokenCount, joined.emptyCount) == ("<q>ab!", 12, 1))
        #expect(joined.templatePrefix == Array("<".utf8).map(Int32.init))
        #expect(Prompts.joined([]).tokens.isEmpty)
    }

    @Test("a prompt's embedding is the same by a bit, joined with prompts of another template or not")
    func joinedBits() async throws {
        let backbone = try TinyLlama().backbone()
        let templates = try templates([.query: "<q>{text:pool}!", .document: "<document>{text}"])
        let parts = try [prompts(["ab", "abd"], .query, templates), prompts(["abc", "x"], .document, templates)]
        for pooling in [Pooling.mean, .last] {
            var method = EmbeddingMethod(pooling: pooling, attention: .layers([0]))
            method.templates = templates
            let encoder = Encoder(backbone: backbone, workers: 2)
            var apart: [[UInt32]] = []
            for part in parts {
                let rows = try await encoder.encode(part, methods: [method]).embeddings[0]
                apart += (0..<rows.rows).map { rows.array(row: $0).bits }
            }
            let rows = try await encoder.encode(.joined(parts), methods: [method]).embeddings[0]
            #expect((0..<rows.rows).map { rows.array(row: $0).bits } == apart)
        }
    }
}
