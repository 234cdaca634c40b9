import Embedding

/// How a sentence becomes a prompt: one of several where a run averages the embeddings of several prompts.
public struct SentencePrompt: Hashable, Sendable {
    public var templates = RoleTemplates(.plain)
    public var normaliser = Normaliser.none

    public init(templates: RoleTemplates = RoleTemplates(.plain), normaliser: Normaliser = .none) {
        self.templates = templates
        self.normaliser = normaliser
    }
}
