import Embedding
import Numerics

/// A batch's sentences under every prompt of a run, each in the template of its role, whose embeddings are averaged as evaluation averages them: MetaEOL,
/// arXiv 2402.18458. Under `padding: visible` the sentences of the batch are each other's companions.
struct BatchPrompts {
    /// The rows of the first method's prompts, then those of the second, and so on.
    let prompts: Prompts
    private let parts: Int

    /// - Parameter methods: at least one; they differ in their prompts alone
    init(_ examples: [TrainingExample], methods: [EmbeddingMethod], model: PretrainedModel) throws {
        let (sentences, roles) = (examples.flatMap(\.sentences), examples.flatMap(\.textRoles))
        let all = try methods.map { method in
            let prompts = try Prompts(
                sentences, roles: roles, by: method, tokenizer: model.tokenizer,
                contextLength: model.shape.contextLength)
            guard method.padding == .visible else { return prompts }
            let rows = Array(sentences.indices)
            let padded = prompts.padded(rows: rows, batches: [rows], with: try model.padToken)
            return padded.prompts
        }
        prompts = all.count == 1 ? all[0] : Prompts.joined(all)
        parts = all.count
    }

    /// The mean of each sentence's embeddings: [sentences, columns].
    func mean(_ embeddings: Matrix) -> Matrix {
        guard parts > 1 else { return embeddings }
        let count = embeddings.rows / parts
        let mean = Matrix(rows: count, columns: embeddings.columns)
        for row in 0..<embeddings.rows {
            Kernels.add(embeddings, row: row, scale: 1 / Float(parts), to: mean, row: row % count)
        }
        return mean
    }

    /// What the mean's gradient is for each embedding.
    func spread(_ gradient: Matrix) -> Matrix {
        guard parts > 1 else { return gradient }
        let all = Matrix(rows: parts * gradient.rows, columns: gradient.columns)
        for row in 0..<all.rows {
            Kernels.add(gradient, row: row % gradient.rows, scale: 1 / Float(parts), to: all, row: row)
        }
        return all
    }
}

extension Trainer {
    /// A batch's prompts, as a step takes them.
    package static func prompts(
        of batch: [TrainingExample], methods: [EmbeddingMethod], model: PretrainedModel
    ) throws -> Prompts {
        try BatchPrompts(batch, methods: methods, model: model).prompts
    }
}
