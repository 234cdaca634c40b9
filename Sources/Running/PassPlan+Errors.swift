import Diagnostics
import Embedding

extension PassPlan {
    /// Runs `body`, whose embeddings that aren't finite are named by runs and sentence.
    func namingSentences<R>(of data: BenchmarkData, _ body: () async throws -> R) async throws -> R {
        do {
            return try await body()
        } catch let error as NotFinite {
            let sentence = rows.firstIndex(of: error.prompt).map {
                data.sentences.sentences[data.sentences.indices[$0]]
            }
            let diagnostic = error.diagnostic(of: sentence.map(NotFinite.quoted) ?? "prompt \(error.prompt + 1)")
            let names = runs.map { "\"\($0.name)\"" }.joined(separator: ", ")
            throw Diagnostic("run \(names): \(diagnostic.message)")
        }
    }
}

extension ExperimentPlan {
    /// Runs `body`, whose diagnostics are about a training: of the runs that read its adapter.
    func namingRun<R>(of training: TrainingPlan, _ body: () async throws -> R) async throws -> R {
        do {
            return try await body()
        } catch let error as Diagnostic {
            let names = runs.filter { self.training(of: $0)?.fingerprint == training.fingerprint }.map {
                "\"\($0.name)\""
            }
            throw Diagnostic(
                "training of run \(names.joined(separator: ", ")): \(error.message)", at: error.location,
                suggestion: error.suggestion)
        }
    }
}
