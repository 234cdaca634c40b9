import Tasks
import Diagnostics
import Embedding
import Files
import Results

/// An experiment file, read and checked: everything that decides its numbers, nothing left to a default.
public struct ExperimentSpec: Equatable, Sendable {
    public let name: String
    /// What its file says, or is called: another name is the command line's, and belongs to this experiment all the same.
    public package(set) var nameInFile = ""
    public let description: String?
    /// The text that the tasks must hold; nil where any will do.
    public let text: TextVariant?
    /// The tasks, in the order to report them.
    public let tasks: [TaskReference]
    /// Threads that compute at the same time; nil for one a processor.
    public let threads: Int?
    /// The runs, in file order, each name once.
    public package(set) var runs: [RunSpec]
    /// Published rows to show below the runs.
    public package(set) var published: [PublishedReference]
    /// Cosines that papers give, which runs compute before anything else.
    public internal(set) var checks: [CosineReference] = []
    /// How runs are handed to a cluster. It is about where, not what: no part of the resolved experiment.
    public var launcher = LauncherSpec()

    /// The tasks that there are.
    public internal(set) var catalogue = TaskCatalogue()

    /// The tasks that runs fit their post-processing to.
    public var fittingTasks: [TaskReference] {
        var seen: Set<String> = []
        return runs.compactMap { run in
            guard case .task(let name) = run.postprocessing.fit?.data, seen.insert(name).inserted,
                let task = tasks.first(where: { $0.name == name })?.task
                    ?? catalogue.tasks.first(where: { $0.name == name })
            else { return nil }
            return TaskReference(task, at: run.locations["postprocess"] ?? run.location)
        }
    }

    /// What the texts are that a run embeds: those of all tasks, and what its training is known to read. Each role once.
    public func roles(of run: RunSpec) throws(Diagnostic) -> [TextRole] {
        var found = Set(run.trainingRoles)
        for reference in tasks + fittingTasks { found.formUnion(try reference.task.lookUpKind().roles) }
        return TextRole.all.filter(found.contains)
    }

    /// Whether something that it reads lies in a data folder: a task of the catalogue, or what a training of its own learns from
    /// or keeps apart from its examples.
    public var needsDataFolder: Bool {
        let own = catalogue.ownNames
        return (tasks + fittingTasks).contains { !own.contains($0.name) }
            || runs.contains { run in
                guard case .trained(let stages) = run.adapter else { return false }
                return stages.contains { $0.needsDataFolder(besides: own) }
            }
    }

    /// The experiment with every inherited and default value written out: the same experiment gives the same
    /// bytes, and reading them gives the same experiment.
    public var resolvedYAML: String { ConfigNode.Content.experiment(self).yaml }

    /// The experiment with one of its runs alone, written out as ``resolvedYAML`` is, without what is shown beside runs.
    package func resolvedYAML(of run: RunSpec) -> String {
        var one = self
        (one.runs, one.published, one.checks) = ([run], [], [])
        return one.resolvedYAML
    }

    /// The hash of `resolvedYAML`.
    public var sha256: SHA256Digest { SHA256Digest(of: resolvedYAML) }
}

/// A task as an experiment names it.
public struct TaskReference: Hashable, Sendable {
    /// Of the catalogue, or the user's own.
    public let task: TaskDescription
    /// Where it is named; the file alone where it is there by default.
    public let location: SourceLocation

    public var name: String { task.name }

    public init(_ task: TaskDescription, at location: SourceLocation) { (self.task, self.location) = (task, location) }
}

/// Cosines of sentences that a paper gives for the method of a run.
public struct CosineReference: Equatable, Sendable {
    public let paper: String
    public let run: String
    public let cosines: PublishedCosines
    /// In the place of the run's; nil for the run's.
    public let normaliser: Normaliser?
}

/// A row of a paper's table, shown for comparison.
public struct PublishedReference: Equatable, Sendable {
    public var row: PublishedRow
    /// Where the experiment names it.
    public let location: SourceLocation

    /// The same, beside no run where its run is none of these.
    func beside(oneOf runs: [RunSpec]) -> Self {
        var reference = self
        if !runs.contains(where: { $0.makes(row.run) }) { reference.row.run = "" }
        return reference
    }
}

extension ConfigNode.Content {
    fileprivate static func experiment(_ spec: ExperimentSpec) -> Self {
        var entries: [(String, Self)] = [("name", .text(spec.name))]
        if let description = spec.description { entries.append(("description", .text(description))) }
        if let text = spec.text { entries.append(("text", .text(text.rawValue))) }
        entries.append(("tasks", .list(spec.tasks.map { .task($0.task) })))
        if let threads = spec.threads { entries.append(("threads", .integer(threads))) }
        entries.append(("variants", .entries(spec.runs.map { ($0.name, .run($0)) })))
        if !spec.published.isEmpty {
            let rows = spec.published.map {
                Self.entries(
                    [("paper", .text($0.row.paper)), ("row", .text($0.row.name))]
                        + ($0.row.run.isEmpty ? [] : [("run", .text($0.row.run))]))
            }
            entries.append(("published", .list(rows)))
        }
        if !spec.checks.isEmpty {
            let rows = spec.checks.map { Self.entries([("paper", .text($0.paper)), ("run", .text($0.run))]) }
            entries.append(("checks", .list(rows)))
        }
        return .entries(entries)
    }

    /// A run with every value written out, but for a pooling that its model is yet to say.
    static func run(_ run: RunSpec, keys: [RunKey] = RunKey.all) -> Self {
        let known = keys.filter { !run.awaitsModel || $0.name != "pooling" }
        return entries(known.compactMap { key in key.write(run).map { (key.name, $0) } })
    }
}

extension RunSpec {
    /// The run with every value written out: the same run gives the same bytes.
    package var resolvedYAML: String { ConfigNode.Content.run(self).yaml }

    /// The same without what only tables call it by.
    package var settingsYAML: String { ConfigNode.Content.run(self, keys: RunKey.ofSettings).yaml }
}
