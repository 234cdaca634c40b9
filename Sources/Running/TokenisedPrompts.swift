import Embedding

/// Prompts that several passes have in common, whose backbones differ in adapter or arithmetic: tokenised once.
struct TokenisedPrompts {
    private struct Key: Hashable {
        var model: String
        var method: EmbeddingMethod
    }

    private var known: [Key: Prompts] = [:]

    /// - Parameter sentences: the data's, as the method's normaliser takes them
    mutating func prompts(
        _ sentences: [String], method: EmbeddingMethod, model: PretrainedModel
    ) throws -> Prompts {
        let key = Key(model: model.path, method: method.tokensKey)
        if let prompts = known[key] { return prompts }
        let prompts = try Prompts(
            sentences, by: method, tokenizer: model.tokenizer, contextLength: model.shape.contextLength)
        known[key] = prompts
        return prompts
    }
}
