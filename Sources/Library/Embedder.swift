/// Embeds sentences by one method with one model, whose weights it decodes once.
///
/// An embedding doesn't depend on the sentences beside it, nor on the number of workers.
public struct Embedder: Sendable {
    public let model: PretrainedModel
    public let method: EmbeddingMethod
    private let encoder: Encoder

    /// Reads the model and decodes its weights.
    ///
    /// - Parameters:
    ///   - path: a GGUF file, a folder as Hugging Face has them, or a file of word vectors
    ///   - linear: precision and library of the matrix products
    ///   - workers: threads that compute at the same time
    /// - Throws: a ``Diagnostic`` where a file is damaged or of an unknown architecture, or the method asks for a layer that the
    ///   model doesn't have.
    public init(
        model path: String, method: EmbeddingMethod, linear: LinearMaker = LinearMaker(),
        workers: Int = WorkerPool.processors
    ) throws {
        let model = try PretrainedModel(path: path)
        _ = try method.layer.resolved(layerCount: model.shape.layerCount)
        _ = try method.attention.bidirectionalLayers(layerCount: model.shape.layerCount)
        (self.model, self.method) = (model, method)
        encoder = Encoder(backbone: try model.backbone(linear: linear), workers: workers)
    }

    /// The columns of an embedding.
    public var dimensions: Int { model.shape.hiddenSize }

    /// A vector a sentence, in their order; zeros for one that leaves no token.
    ///
    /// - Throws: `CancellationError` when the task is cancelled.
    public func embed(_ sentences: [String]) async throws -> [[Float]] {
        let embedder = try SentenceEmbedder(sentences, methods: [method], model: model)
        let (embeddings, rows) = try await embedder.embed(by: encoder, progress: { _, _ in }, observe: { _ in })
        return rows.map(embeddings.array(row:))
    }
}
