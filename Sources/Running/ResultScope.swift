import Diagnostics
import Files
import Foundation
import Results
import Specification

/// What a result answers: which runs with which settings, on which files of which tasks, on how many of their items.
public struct ResultScope: Hashable, Sendable {
    /// As its file calls it.
    private var experiment = ""
    /// The names of the result's runs, in order.
    private var rows: [String] = []
    /// The settings of the declared runs, written out, by name; nil where this version can't read them.
    private var settings: [String: String]?
    private var tasks: [String] = []
    /// For each task, the digests of its files.
    private var files: [String: Set<String>] = [:]
    private var limit: Int?
    /// The ids of the runs' methods, by name, as far as they are known.
    private var methods: [String: String] = [:]

    /// That of the result that a plan will have.
    ///
    /// - Parameter methods: the ids of its runs' methods, where they matter: they take reading the weights
    public init(_ plan: ExperimentPlan, methods: [String: String] = [:]) {
        self.methods = methods
        experiment = plan.spec.nameInFile
        rows = plan.runs.map(\.name)
        settings = Self.settings(plan.spec)
        tasks = plan.data.tasks.map(\.shownName)
        files = ExperimentResult.contents(
            of: plan.data.records + plan.trainings.flatMap(\.datasets), tasks: plan.data.taskRecords)
        limit = plan.data.limit
    }

    /// That of a result that is there.
    public init(_ result: ExperimentResult, configs: ConfigFolder) {
        experiment = result.value(of: ProvenanceEntry.experimentNameKey) ?? result.name
        rows = result.runs.map(\.name)
        // Read by this version, so that a key that it has and an older one had not is no difference.
        settings = result.value(of: ProvenanceEntry.experimentKey).flatMap {
            try? ExperimentSpec.resolved($0, named: result.name, configs: configs)
        }.map(Self.settings)
        tasks = result.tasks.map(\.task)
        files = result.contents
        limit = result.limit
        methods = Dictionary(
            result.runs.filter { !$0.methodID.isEmpty }.map { ($0.name, $0.methodID) }, uniquingKeysWith: { $1 })
    }

    private static func settings(_ spec: ExperimentSpec) -> [String: String] {
        Dictionary(spec.runs.map { ($0.name, $0.settingsYAML) }, uniquingKeysWith: { $1 })
    }

    /// What this has and another lacks, a phrase each; empty where the other answers all of it.
    public func losses(replacedBy other: ResultScope) -> [String] {
        var losses = experiment == other.experiment ? [] : ["the result of another experiment, \"\(experiment)\""]
        if let cut = other.limit, limit.map({ $0 > cut }) ?? true {
            losses.append("scores of \(limit.map { "\($0) items" } ?? "all items") of each task instead of \(cut)")
        }
        let missing = rows.filter { !other.rows.contains($0) }
        if !missing.isEmpty { losses.append(Self.named("run", missing)) }
        let changed = changedRuns(other)
        if !changed.isEmpty { losses.append("other settings of the " + Self.named("run", changed)) }
        // By the same words: what files hold.
        let others = rows.filter { name in
            guard let own = methods[name], let found = other.methods[name] else { return false }
            return own != found
        }
        if !others.isEmpty, changed.isEmpty {
            losses.append("other weights, adapters or training data of the " + Self.named("run", others))
        }
        let unasked = tasks.filter { !other.tasks.contains($0) }
        if !unasked.isEmpty { losses.append(Self.named("task", unasked)) }
        let otherFiles = tasks.filter { task in other.files[task].map { $0 != files[task] } ?? false }
        if !otherFiles.isEmpty {
            losses.append("other files, columns or classes of the " + Self.named("task", otherFiles))
        }
        return losses
    }

    /// Whether another answers the same of a declared run: by the same settings, on the same files, cut alike.
    func hasSame(declared name: String, as other: ResultScope) -> Bool {
        guard let own = settings?[name], own == other.settings?[name], limit == other.limit else { return false }
        return tasks == other.tasks && tasks.allSatisfy { files[$0] == other.files[$0] }
    }

    private func changedRuns(_ other: ResultScope) -> [String] {
        guard let settings else { return rows.filter(other.rows.contains) }
        return settings.keys.filter { name in other.settings?[name].map { $0 != settings[name] } ?? false }.sorted()
    }

    private static func named(_ noun: String, _ names: [String]) -> String {
        "\(noun)\(names.count == 1 ? "" : "s") \(names.map { "\"\($0)\"" }.shortList())"
    }
}

extension ExperimentPlan {
    /// What a file holds that the plan's result, written there, would not; empty where nothing is lost.
    public func losses(at destination: OutputDestination, configs: ConfigFolder) -> [String] {
        guard let bytes = destination.existingBytes, bytes > 0 else { return [] }
        guard let result = try? ExperimentResult(contentsOf: destination.path) else {
            return ["a file that is no result, or one that this version can't read"]
        }
        let scope = ResultScope(self, methods: (try? methodIDs()) ?? [:])
        return ResultScope(result, configs: configs).losses(replacedBy: scope)
    }

    /// Throws where a result, written there, would replace one that holds more, or something else.
    public func refuseLosses(at destination: OutputDestination, configs: ConfigFolder) throws {
        let losses = losses(at: destination, configs: configs)
        guard losses.isEmpty else {
            throw Diagnostic(
                "is not replaced, because this would be lost: " + losses.joined(separator: "; "),
                at: SourceLocation(file: destination.path),
                suggestion: "name another file by --output"
                    + (OutputKind.hdf5.isStart(of: destination.path) ? ", or say --overwrite" : ""))
        }
    }
}
