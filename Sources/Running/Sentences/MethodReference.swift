import Tasks
import Diagnostics
import Embedding
import Files
import Models
import Results
import Specification

/// A run whose method other sentences are to be embedded by: of an experiment file, `experiments/x.yaml:run`, or of a result,
/// `results/x.h5:run`, whose experiment is written out in it.
public struct MethodReference: Hashable, Sendable {
    /// As written.
    public let text: String
    private let path: String
    private let run: String?

    public init(_ text: String) {
        let reference = RunReference(text)
        (self.text, path, run) = (text, reference.path, reference.run)
    }

    /// Reads the experiment, opens the run's model and finds its adapter.
    ///
    /// - Parameter data: a folder of benchmarks, for a run whose post-processing is fitted to a task, or whose adapter is
    ///   trained; nil for the default one
    /// - Throws: where there is no such run, where its adapter isn't trained yet, or where its post-processing can't be
    ///   fitted without a benchmark.
    public func recipe(data: String? = nil) throws -> EmbeddingRecipe {
        try resolved(data: data).recipe
    }

    /// The run that is meant, and its experiment.
    struct Resolved: Sendable {
        let spec: ExperimentSpec
        let run: RunSpec
        let recipe: EmbeddingRecipe
    }

    /// Throws as `recipe` does.
    func resolved(data: String?) throws -> Resolved {
        var spec = try spec()
        var declared = try declaredRun(of: spec)
        if declared.adapter?.trainedRuns.isEmpty == false {
            spec = try spec.locatingTrainedRuns(
                on: BenchmarkData.folder(of: spec, named: data), in: CacheFolder(), only: [declared.name])
            declared = try declaredRun(of: spec)
        }
        let model = try declared.model.open()
        try declared.check(model, roles: [.sentence])
        let run = try expandedRun(of: declared, on: model.shape)
        let recipe = try EmbeddingRecipe(
            source: text, run: run, model: model,
            adapterFolder: adapterFolder(of: declared, in: spec, data: data), fit: fit(of: run, in: spec, data: data))
        return Resolved(spec: spec, run: run, recipe: recipe)
    }

    /// The result that it is of; nil where it is an experiment's.
    func result() throws -> ExperimentResult? {
        guard OutputKind.hdf5.endings.contains(where: { path.lowercased().hasSuffix(".\($0)") }) else { return nil }
        ReadFiles.note(path)
        return try ExperimentResult(contentsOf: path)
    }

    /// What the run names on the hub and the cache has not.
    public func missingFromHub() throws -> [(reference: HubReference, location: SourceLocation?)] {
        var spec = try spec()
        spec.runs = [try declaredRun(of: spec)]
        return spec.missingFromHub
    }

    private func spec() throws -> ExperimentSpec {
        guard let result = try result() else {
            return try ExperimentSpec.load(path: ConfigFolder.experimentFile(named: path))
        }
        guard let yaml = result.value(of: ProvenanceEntry.experimentKey) else {
            throw Diagnostic("expected a result with its experiment written out in it", at: location)
        }
        return try ExperimentSpec.resolved(yaml, named: path, configs: ConfigFolder.find(for: path))
    }

    private var location: SourceLocation { SourceLocation(file: path) }

    private func declaredRun(of spec: ExperimentSpec) throws(Diagnostic) -> RunSpec {
        let names = spec.runs.map(\.name)
        if let run {
            guard let declared = spec.runs.first(where: { $0.name == run || $0.makes(run) }) else {
                throw .unknown("run", run, among: names, at: location)
            }
            return declared
        }
        guard let only = spec.runs.first, names.count == 1 else {
            throw Diagnostic(
                "expected the name of one of its \(names.count) runs: \(names.joined(separator: ", "))", at: location,
                suggestion: names.first.map { "write \"\(path):\($0)\"" })
        }
        return only
    }

    /// The one run that is meant of those that `layers: all` or several dimensions stand for.
    private func expandedRun(of declared: RunSpec, on shape: BackboneShape) throws(Diagnostic) -> RunSpec {
        let rows = declared.expanded(on: shape)
        if rows.count == 1 { return rows[0] }
        guard let row = rows.first(where: { $0.name == run }) else {
            throw Diagnostic(
                "the run \"\(declared.name)\" stands for \(rows.count) runs; expected the name of one of them",
                at: declared.location, suggestion: rows.last.map { "write \"\(path):\($0.name)\"" })
        }
        return row
    }

    private func adapterFolder(of run: RunSpec, in spec: ExperimentSpec, data: String?) throws -> String? {
        switch run.adapter {
        case nil: return nil
        case .folder, .hub, .run: return try run.adapter?.existingFolder(at: run.locations["adapter"])
        case .merged(let sources, let merge):
            return try MergedAdapters.folder(
                of: sources, merge, model: run.model.open(), in: CacheFolder(), at: run.locations["adapter"])
        case .trained:
            let folder = try BenchmarkData.folder(of: spec, named: data)
            let benchmarks = try BenchmarkData(spec, folder: folder)
            let plan = try ExperimentPlan(spec, data: benchmarks, only: [run.name])
            guard let row = plan.runs.first, let training = plan.training(of: row), training.isDone else {
                throw Diagnostic(
                    "the adapter of the run \"\(run.name)\" is not trained yet", at: run.location,
                    suggestion: "run bellm train \(path) first")
            }
            return training.folder
        }
    }

    private func fit(
        of run: RunSpec, in spec: ExperimentSpec, data: String?
    ) throws -> EmbeddingRecipe.SentenceFit? {
        guard let fit = run.postprocessing.fit else { return nil }
        let place = run.locations["postprocess"] ?? run.location
        guard case .task(let name) = fit.data else {
            throw Diagnostic(
                "\"\(fit)\" is fitted to the task that is scored, and here is none", at: place,
                suggestion: "choose a run whose transform is fitted to a named task, such as STS-B-train")
        }
        guard run.method.padding == .none else {
            throw Diagnostic("\"\(fit)\" cannot be fitted outside of a benchmark where padding is visible", at: place)
        }
        let folder = try BenchmarkData.folder(of: spec, named: data)
        let benchmark = try BenchmarkData(tasks: spec.fittingTasks.filter { $0.name == name }, folder: folder)
        let unique = benchmark.sentences(for: run.method.normaliser)
        return EmbeddingRecipe.SentenceFit(fit: fit, sentences: unique.indices.map { unique.sentences[$0] })
    }
}
