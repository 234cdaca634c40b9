import Models

/// How a backbone's hidden states become a sentence's embedding.
public struct EmbeddingMethod: Hashable, Sendable {
    public var template: PromptTemplate
    public var normaliser: Normaliser
    public var pooling: Pooling
    public var layer: HiddenLayer
    public var attention: AttentionPlan
    /// The layers before which Token Prepending puts the last token's state in the placeholder's place; none for a
    /// template without a placeholder.
    public var prependLayers: Range<Int> = 0..<0
    /// Whether prompts are padded with keys that bidirectional layers see.
    public var padding = Padding.none

    public init(
        template: PromptTemplate = .plain, normaliser: Normaliser = .none, pooling: Pooling,
        layer: HiddenLayer = .last, attention: AttentionPlan = .none
    ) {
        self.template = template
        self.normaliser = normaliser
        self.pooling = pooling
        self.layer = layer
        self.attention = attention
    }
}
