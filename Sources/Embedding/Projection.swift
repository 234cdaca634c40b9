/// What makes an embedding of the pooled states, beside a head that was trained here.
public enum Projection: String, CaseIterable, Hashable, Sendable {
    /// Nothing: they are the embedding.
    case none
    /// The `Dense` modules of the model's own folder, as EmbeddingGemma has two.
    case folder
}
