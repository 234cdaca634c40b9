import Bellm

/// Prints how alike two sentences are to a model: `Example model.gguf 'A dog walks.' 'A dog runs.'`.
@main
struct Example {
    static func main() async throws {
        let arguments = Array(CommandLine.arguments.dropFirst())
        guard arguments.count == 3 else { throw Diagnostic("expected a model and two sentences") }
        let template = try PromptTemplate("This sentence : \"{text}\" means in one word:\"")
        let method = EmbeddingMethod(template: template, pooling: .last)
        let embedder = try Embedder(model: arguments[0], method: method)
        let vectors = try await embedder.embed(Array(arguments[1...]))
        print(cosine(vectors[0], vectors[1]))
    }
}
