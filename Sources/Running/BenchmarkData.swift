import Diagnostics
import Embedding
import Files
import Foundation
import Specification
import Tasks

/// The tasks of an experiment as this machine has them.
public struct BenchmarkData: Sendable {
    public let folder: DataFolder
    public let tasks: [LoadedTask]
    /// Tasks that aren't scored, but whose sentences post-processing is fitted to.
    public let fittingTasks: [LoadedTask]
    /// Tasks whose files are not in the folder.
    public let leftOut: [TaskDescription]
    /// All texts of all tasks, task after task, those that are only fitted to last.
    public let sentences: UniqueSentences
    /// How many pairs of each task were kept; nil for all.
    public let limit: Int?
    /// The tasks that there are.
    let catalogue: TaskCatalogue

    /// Loads those of the named tasks that the folder has.
    ///
    /// - Parameters:
    ///   - fitting: the tasks that post-processing is fitted to; they must be there
    ///   - limit: keep this many items of each task, as its kind cuts it
    ///   - catalogue: the tasks that there are, for what trainings name
    /// - Throws: where none of the tasks is there, or a file of one is damaged.
    public init(
        tasks references: [TaskReference], fitting: [TaskReference] = [], folder: DataFolder, limit: Int? = nil,
        catalogue: TaskCatalogue = TaskCatalogue()
    ) throws {
        self.folder = folder
        self.limit = limit
        self.catalogue = catalogue
        // A user's own file is there, or it is a mistake.
        let isHere = { (reference: TaskReference) in reference.task.isUsersOwn || folder.has(reference.task) }
        leftOut = references.filter { !isHere($0) }.map(\.task)
        let load = { (task: TaskDescription) in try Self.limited(folder.load(task), to: limit) }
        tasks = try references.filter(isHere).map { try load($0.task) }
        guard !tasks.isEmpty else {
            throw Diagnostic(
                "none of the tasks \(references.map(\.name).joined(separator: ", ")) is in this data folder",
                at: folder.path.map { SourceLocation(file: $0) },
                suggestion: references.first.map { DataFolder.howToGet($0.task) })
        }
        let scored = tasks.map(\.name)
        fittingTasks = try fitting.filter { !scored.contains($0.name) }.map { reference in
            guard isHere(reference) else {
                throw Diagnostic(
                    "the task \(reference.name), which post-processing is fitted to, is not in the data folder "
                        + folder.title,
                    at: reference.location, suggestion: DataFolder.howToGet(reference.task))
            }
            return try load(reference.task)
        }
        sentences = UniqueSentences(roled: (tasks + fittingTasks).flatMap(\.content.texts))
    }

    /// A task under a limit.
    static func limited(_ task: LoadedTask, to limit: Int?) -> LoadedTask {
        var task = task
        if let limit { task.content = task.content.limited(to: limit) }
        return task
    }

    /// The data of an experiment.
    public init(_ spec: ExperimentSpec, folder: DataFolder, limit: Int? = nil) throws {
        try self.init(
            tasks: spec.tasks, fitting: spec.fittingTasks, folder: folder, limit: limit, catalogue: spec.catalogue)
    }

    /// All tasks in the order of the sentences.
    package var allTasks: [LoadedTask] { tasks + fittingTasks }

    /// The roles of the texts that runs embed, each once.
    ///
    /// - Parameter run: whose training may embed others too
    func roles(of run: RunSpec) -> [TextRole] {
        let found = Set(sentences.roles).union(run.trainingRoles)
        return TextRole.all.filter(found.contains)
    }

    /// For each task, where its sentences are among all.
    func places() -> [String: Range<Int>] {
        var start = 0
        var places: [String: Range<Int>] = [:]
        for task in allTasks {
            let end = start + task.content.texts.count
            places[task.name] = start..<end
            start = end
        }
        return places
    }

    /// The batches of all tasks as SentEval makes them: indices of all sentences.
    func batches(of size: Int, for normaliser: Normaliser) -> [[Int]] {
        let places = places()
        return allTasks.flatMap { task in
            let start = places[task.name]?.lowerBound ?? 0
            return task.content.batches(of: size, padsWordLists: normaliser.takesPaddedSentences)
                .map { $0.map { start + $0 } }
        }
    }

    /// The sentences as a normaliser takes them, in the order of `sentences`.
    package func sentences(for normaliser: Normaliser) -> UniqueSentences {
        guard normaliser.takesPaddedSentences else { return sentences }
        return UniqueSentences(roled: allTasks.flatMap(\.content.paddedTexts))
    }

    /// What a reader of the scores must know of the tasks' files, a sentence each.
    public var warnings: [String] { allTasks.flatMap(\.warnings) }

    /// An experiment's data folder: none where it needs none and none is there.
    ///
    /// - Parameter path: the folder that is named on the command line
    public static func folder(of spec: ExperimentSpec, named path: String?) throws -> DataFolder {
        try folder(named: path, text: spec.text, isNeeded: spec.readsDataFolder)
    }

    /// The data folder: the one that is named, else `BELLM_DATA`, else the cache, where `make setup` puts STS-B.
    ///
    /// - Parameters:
    ///   - text: the text that an experiment asks for; nil where any will do.
    ///   - isNeeded: whether anything is read from one; else it is ``DataFolder/none``, whatever else is named
    public static func folder(
        named path: String?, text: TextVariant? = nil, isNeeded: Bool = true,
        environment: [String: String] = ProcessInfo.processInfo.environment, cache: CacheFolder = CacheFolder()
    ) throws -> DataFolder {
        guard isNeeded else {
            if let path, !FileManager.default.fileExists(atPath: path) {
                throw Diagnostic("expected a data folder, found none", at: SourceLocation(file: path))
            }
            return .none
        }
        if let path { return try DataFolder(path, text: text) }
        if let path = environment["BELLM_DATA"], !path.isEmpty { return try DataFolder(path, text: text) }
        let embedded = cache.file("data/raw")
        guard FileManager.default.fileExists(atPath: embedded) else {
            throw Diagnostic(
                "no data: neither --data nor BELLM_DATA names a folder, and the cache has none",
                at: SourceLocation(file: embedded), suggestion: "run make setup")
        }
        return try DataFolder(text == nil ? embedded : cache.file("data"), text: text)
    }
}

extension UniqueSentences {
    init(roled texts: [TaskText]) { self.init(texts.map { (text: $0.text, role: $0.role) }) }
}
