import Embedding

/// Prompts that several passes have in common, whose backbones differ in adapter or arithmetic: tokenised once.
struct TokenisedPrompts {
    private struct Key: Hashable {
        var model: String
        var method: EmbeddingMethod
    }

    /// Prompts, and for each of the unique sentences its row among them.
    struct Made {
        var prompts: Prompts
        var rows: [Int]
    }

    private var known: [Key: Made] = [:]

    /// - Parameter sentences: the data's, as the method's normaliser takes them; each gets the template of its role
    mutating func prompts(
        _ sentences: UniqueSentences, method: EmbeddingMethod, model: PretrainedModel
    ) throws -> Made {
        let key = Key(model: model.path, method: method.tokensKey)
        if let made = known[key] { return made }
        var order: [TextRole] = []
        for role in sentences.roles where !order.contains(role) { order.append(role) }
        let members = order.map { role in sentences.roles.indices.filter { sentences.roles[$0] == role } }
        let parts = try zip(order, members).map { role, members in
            try Prompts(
                members.map { sentences.sentences[$0] }, by: method, as: role, tokenizer: model.tokenizer,
                contextLength: model.shape.contextLength)
        }
        var rows = [Int](repeating: 0, count: sentences.sentences.count)
        for (row, index) in members.joined().enumerated() { rows[index] = row }
        let made = Made(prompts: parts.count == 1 ? parts[0] : Prompts.joined(parts), rows: rows)
        known[key] = made
        return made
    }
}
