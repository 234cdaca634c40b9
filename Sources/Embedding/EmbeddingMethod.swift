import Diagnostics
import Models

/// How a backbone's hidden states become a sentence's embedding.
public struct EmbeddingMethod: Hashable, Sendable {
    /// What stands around a text, by its role.
    public var templates: RoleTemplates
    public var normaliser: Normaliser
    public var pooling: Pooling
    public var layer: HiddenLayer
    public var attention: AttentionPlan
    /// The layers before which Token Prepending puts the last token's state in the placeholder's place; none for a
    /// template without a placeholder.
    public var prependLayers: Range<Int> = 0..<0
    /// Whether prompts are padded with keys that bidirectional layers see.
    public var padding = Padding.none
    /// What stands between pooled states and embedding.
    public var projection = Projection.none

    public init(
        template: PromptTemplate = .plain, normaliser: Normaliser = .none, pooling: Pooling,
        layer: HiddenLayer = .last, attention: AttentionPlan = .none
    ) {
        templates = RoleTemplates(template)
        self.normaliser = normaliser
        self.pooling = pooling
        self.layer = layer
        self.attention = attention
    }

    /// What stands around a text of that role.
    ///
    /// - Throws: where the method has no template for it.
    public func template(for role: TextRole) throws(Diagnostic) -> PromptTemplate { try templates[role] }
}
