import Benchmarks
import Diagnostics
import Embedding
import Files
import Foundation
import Specification

/// The tasks of an experiment as this machine has them.
public struct BenchmarkData: Sendable {
    public let folder: DataFolder
    public let tasks: [LoadedTask]
    /// Tasks that aren't scored, but whose sentences post-processing is fitted to.
    public let fittingTasks: [LoadedTask]
    /// Tasks whose files are not in the folder.
    public let leftOut: [BenchmarkTask]
    /// All sentences of all tasks, task after task, those that are only fitted to last.
    public let sentences: UniqueSentences
    /// How many pairs of each task were kept; nil for all.
    public let limit: Int?

    /// Loads those of the named tasks that the folder has.
    ///
    /// - Parameters:
    ///   - fitting: the tasks that post-processing is fitted to; they must be there
    ///   - limit: keep this many pairs of each task, from the first, or examples, evenly spaced
    /// - Throws: where none of the tasks is there, or a file of one is damaged.
    public init(
        tasks references: [TaskReference], fitting: [TaskReference] = [], folder: DataFolder, limit: Int? = nil
    ) throws {
        let named = try references.map { try BenchmarkTask.named($0.name, at: $0.location) }
        self.folder = folder
        self.limit = limit
        leftOut = named.filter { !folder.has($0) }
        func load(_ task: BenchmarkTask) throws -> LoadedTask {
            var loaded = try folder.load(task)
            if let limit { loaded.content = loaded.content.limited(to: limit) }
            return loaded
        }
        tasks = try named.filter(folder.has).map(load)
        guard !tasks.isEmpty else {
            throw Diagnostic(
                "none of the tasks \(named.map(\.name).joined(separator: ", ")) is in this data folder",
                at: SourceLocation(file: folder.path), suggestion: named.first.map(DataFolder.howToGet))
        }
        let scored = tasks.map(\.task.name)
        fittingTasks = try fitting.filter { !scored.contains($0.name) }.map { reference in
            let task = try BenchmarkTask.named(reference.name, at: reference.location)
            guard folder.has(task) else {
                throw Diagnostic(
                    "the task \(task.name), which post-processing is fitted to, is not in the data folder \(folder.path)",
                    at: reference.location, suggestion: DataFolder.howToGet(task))
            }
            return try load(task)
        }
        sentences = UniqueSentences((tasks + fittingTasks).flatMap(\.content.sentences))
    }

    /// All tasks in the order of the sentences.
    package var allTasks: [LoadedTask] { tasks + fittingTasks }

    /// For each task, where its sentences are among all.
    func places() -> [String: Range<Int>] {
        var start = 0
        var places: [String: Range<Int>] = [:]
        for task in allTasks {
            let end = start + task.content.sentences.count
            places[task.task.name] = start..<end
            start = end
        }
        return places
    }

    /// The batches of all tasks as SentEval makes them: indices of all sentences.
    func batches(of size: Int, for normaliser: Normaliser) -> [[Int]] {
        let places = places()
        return allTasks.flatMap { task in
            let start = places[task.task.name]?.lowerBound ?? 0
            return task.batches(of: size, padsWordLists: normaliser.takesPaddedSentences).map { $0.map { start + $0 } }
        }
    }

    /// The sentences as a normaliser takes them, in the order of `sentences`.
    package func sentences(for normaliser: Normaliser) -> UniqueSentences {
        guard normaliser.takesPaddedSentences else { return sentences }
        return UniqueSentences(
            allTasks.flatMap { task in
                // The fork pads the pairs' files; transfer tasks are read as they are.
                task.pairs.isEmpty
                    ? task.content.sentences
                    : task.pairs.flatMap { pair in
                        let length = task.longestSentences[pair.subset] ?? 0
                        return [pair.first, pair.second].map { Self.padded($0, to: length) }
                    }
            })
    }

    /// Python's join of a word list that is padded with empty strings.
    private static func padded(_ sentence: String, to length: Int) -> String {
        let words = TextFile.words(in: sentence)
        return words.joined(separator: " ") + String(repeating: " ", count: max(0, length - words.count))
    }

    /// The data folder: the one that is named, else `BELLM_DATA`, else the cache, where `make setup` puts STS-B.
    ///
    /// - Parameter text: the text that an experiment asks for; nil where any will do.
    public static func folder(
        named path: String?, text: TextVariant? = nil,
        environment: [String: String] = ProcessInfo.processInfo.environment, cache: CacheFolder = CacheFolder()
    ) throws -> DataFolder {
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
