import Embedding

/// How a sentence becomes a prompt: one of several where a run averages the embeddings of several prompts.
public struct SentencePrompt: Hashable, Sendable {
    public var template = PromptTemplate.plain
    public var normaliser = Normaliser.none

    public init(template: PromptTemplate = .plain, normaliser: Normaliser = .none) {
        self.template = template
        self.normaliser = normaliser
    }
}
