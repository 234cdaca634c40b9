import Diagnostics

/// A run of another experiment, whose adapter is trained there: `FILE.yaml:RUN`.
public struct TrainedRun: Hashable, Sendable {
    /// The experiment's file, as the current folder resolves it.
    public let file: String
    public let name: String
    /// Where its adapter is; nil as long as nobody looked, or it isn't trained yet.
    package var folder: String?
    /// What it learnt from.
    package var stages: [TrainingSpec] = []
    /// What the reader of another experiment's scores must know of that.
    package var warnings: [String] = []

    private static let endings = [".yaml:", ".yml:"]

    /// - Parameter folder: what a relative path starts at
    /// - Returns: nil for a text that isn't written so
    init?(_ text: String, relativeTo folder: String) {
        let ends = Self.endings.compactMap { text.firstRange(of: $0)?.upperBound }
        guard let end = ends.min(), end < text.endIndex else { return nil }
        file = ConfigSource.resolve(String(text[..<text.index(before: end)]), in: folder)
        name = String(text[end...])
    }

    func existingFolder(at location: SourceLocation?) throws(Diagnostic) -> String {
        if let folder { return folder }
        throw Diagnostic(
            "the adapter of the run \"\(name)\" of \(file) is not trained yet", at: location,
            suggestion: "run bellm train \(file) --only \"\(name)\" first, with the same data")
    }

    /// The run as its experiment declares it.
    ///
    /// - Parameters:
    ///   - experiment: that file's
    ///   - run: that takes its adapter
    ///   - location: where it is named
    /// - Throws: where there is none of that name, where it trains no adapter of that run's model, or what it trains depends on
    ///   further experiments.
    package func declared(in experiment: ExperimentSpec, for run: RunSpec) throws(Diagnostic) -> RunSpec {
        let location = run.locations["adapter"]
        guard let declared = experiment.runs.first(where: { $0.name == name || $0.makes(name) }) else {
            throw .unknown("run of \(file)", name, among: experiment.runs.map(\.name), at: location)
        }
        guard case .trained = declared.adapter, declared.adapter?.trainedRuns.isEmpty ?? true else {
            throw Diagnostic(
                "expected a run that trains an adapter by itself, found \"\(name)\" of \(file)", at: location)
        }
        guard ConfigSource.canonical(declared.model.file) == ConfigSource.canonical(run.model.file) else {
            throw Diagnostic(
                "the run \"\(name)\" of \(file) trains an adapter of \(declared.model.name), not of \(run.model.name)",
                at: location)
        }
        return declared
    }
}
