import Diagnostics
import Embedding
import Models

extension RunSpec {
    /// The head that belongs to the run's embedding: of the training, or of the adapter's folder.
    ///
    /// - Returns: nil where pooled states are the embedding, or the adapter isn't there yet.
    /// - Throws: where the folder's head is damaged, or takes embeddings of another width than the model's.
    package func head(on shape: BackboneShape) throws -> HeadShape? {
        let head: HeadShape? =
            switch adapter {
            case nil: nil
            case .folder(let path): try AdapterFolder(path).headShape()
            case .hub(let reference): try reference.path.flatMap { try AdapterFolder($0).headShape() }
            case .trained(let training): training.keptHead?.shape(inputs: shape.hiddenSize)
            }
        do {
            try head?.check(fits: shape.hiddenSize)
        } catch {
            throw Diagnostic(error.message, at: locations["adapter"] ?? location)
        }
        return head
    }

    /// The numbers of an embedding that are compared.
    package func embeddingDimensions(on shape: BackboneShape) throws -> Int {
        try postprocessing.dimensions.first ?? head(on: shape)?.outputs ?? shape.hiddenSize
    }
}

extension TrainingSpec {
    /// The head that belongs to the embedding.
    var keptHead: HeadRecipe? { recipe.head.flatMap { $0.isForTrainingOnly ? nil : $0 } }
}
