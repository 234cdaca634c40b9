import Diagnostics
import Embedding
import Specification
import Synchronization

/// Checks runs against the sizes of their models, each of which is opened once; not where a model is one of the hub that
/// isn't downloaded yet.
public final class ModelChecks: Sendable {
    private let models = Mutex<[String: PretrainedModel]>([:])

    public init() {}

    /// - Throws: `ConfigProblems`, at the lines that say what the model doesn't have; a `Diagnostic` where its file can't be
    ///   read.
    public func check(_ run: RunSpec, of spec: ExperimentSpec) throws {
        guard !run.model.isMissing else { return }
        let known = models.withLock { $0[run.model.file] }
        let model = try known ?? run.model.open()
        models.withLock { $0[run.model.file] = model }
        try run.check(model, roles: spec.roles(of: run))
    }

    /// Checks what runs are together, each of which was checked.
    public func checkMeanings(of runs: [RunSpec]) throws {
        try runs.checkMeanings { run in models.withLock { $0[run.model.file]?.shape } }
    }
}
