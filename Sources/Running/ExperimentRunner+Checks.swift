import Tasks
import Embedding
import Results
import Specification

extension ExperimentRunner {
    /// The cosines that papers give for the runs of a pass, computed before the pass.
    ///
    /// - Parameter done: those of earlier passes, which a run with several prompts may be in too
    func checks(of pass: PassPlan, model: LoadedModel, done: [CosineCheck]) async throws -> [CosineCheck] {
        var found: [CosineCheck] = []
        for check in plan.spec.checks where !done.contains(where: { $0.run == check.run && $0.paper == check.paper }) {
            guard let run = pass.runs.first(where: { $0.name == check.run }) else { continue }
            found += try await cosines(check, run, pass: pass, model: model)
        }
        return found
    }

    /// A run's own of the cosines that a paper gives.
    private func cosines(
        _ check: CosineReference, _ run: RunSpec, pass: PassPlan, model: LoadedModel
    ) async throws -> [CosineCheck] {
        let methods = run.methods.map { method in
            var method = method
            method.normaliser = check.normaliser ?? method.normaliser
            return method
        }
        let embedder = try SentenceEmbedder(check.cosines.sentences, methods: methods, model: pass.model)
        let (embeddings, rows) = try await embedder.embed(
            by: encoder(pass, model), progress: { _, _ in }, observe: { _ in })
        let vectors = rows.map(embeddings.array(row:))
        return check.cosines.pairs.map { pair in
            CosineCheck(
                run: run.name, paper: check.paper, first: check.cosines.sentences[pair.first],
                second: check.cosines.sentences[pair.second],
                cosine: cosine(vectors[pair.first], vectors[pair.second]), published: pair.cosine)
        }
    }
}
