import Diagnostics
import Embedding
import Files
import Foundation
import Models
import Training

/// The adapter that changes a run's backbone.
public enum AdapterReference: Hashable, Sendable {
    /// A folder as PEFT writes it.
    case folder(String)
    /// A repository of the hub.
    case hub(HubReference)
    /// What a run of another experiment trained.
    case run(TrainedRun)
    /// One that is trained for the run, under the run's own method, in stages, at least one: each begins with what the one
    /// before it made of the adapter.
    case trained([TrainingSpec])
    /// One of several, each a folder or a repository of the hub.
    case merged([AdapterReference], AdapterMerge)

    /// The repositories that it needs.
    package var hubReferences: [HubReference] {
        switch self {
        case .hub(let reference): [reference]
        case .merged(let sources, _): sources.flatMap(\.hubReferences)
        case .trained(let stages): stages.compactMap(\.position).flatMap(\.sources).flatMap(\.hubReferences)
        case .folder, .run: []
        }
    }

    /// As an experiment writes a folder or a repository; nil for what is made for the run.
    var spelling: String? {
        switch self {
        case .folder(let path): ConfigSource.spelling(of: path)
        case .hub(let reference): reference.spelling
        case .run(let run): "\(ConfigSource.spelling(of: run.file)):\(run.name)"
        case .trained, .merged: nil
        }
    }

    /// Checks that the folders that it is read from are there, each with an adapter.
    func checkFolders() throws(Diagnostic) {
        switch self {
        case .folder(let path):
            guard !FileManager.default.fileExists(atPath: path + "/adapter_config.json") else { return }
            let isThere = FileManager.default.fileExists(atPath: path)
            throw Diagnostic(
                isThere
                    ? "no adapter in \(path): it has no adapter_config.json" : "no such folder of an adapter: \(path)")
        case .merged(let sources, _): for source in sources { try source.checkFolders() }
        case .trained(let stages):
            for source in stages.compactMap(\.position).flatMap(\.sources) { try source.checkFolders() }
        case .hub, .run: break
        }
    }

    /// The folder of one that is there.
    ///
    /// - Throws: where the hub's cache has it not, and where it isn't trained yet
    package func existingFolder(at location: SourceLocation?) throws(Diagnostic) -> String? {
        switch self {
        case .folder(let path): path
        case .hub(let reference): try reference.existingPath(at: location)
        case .run(let run): try run.existingFolder(at: location)
        case .trained, .merged: nil
        }
    }

    /// The runs of other experiments whose adapters it needs.
    package var trainedRuns: [TrainedRun] {
        switch self {
        case .run(let run): [run]
        case .merged(let sources, _): sources.flatMap(\.trainedRuns)
        case .trained(let stages): stages.compactMap(\.position).flatMap(\.sources).flatMap(\.trainedRuns)
        case .folder, .hub: []
        }
    }

    /// The trainings that it comes from, as far as this program knows them.
    package var knownStages: [TrainingSpec] {
        switch self {
        case .run(let run): run.stages
        case .merged(let sources, _): sources.flatMap(\.knownStages)
        case .trained(let stages):
            stages + stages.compactMap(\.position).flatMap(\.sources).flatMap(\.knownStages)
        case .folder, .hub: []
        }
    }

    /// The names of the adapters in it whose training nobody knows here.
    package var foundAdapters: [String] {
        switch self {
        case .folder(let path): [URL(fileURLWithPath: path).lastPathComponent]
        case .hub(let reference): [reference.spelling]
        case .merged(let sources, _): sources.flatMap(\.foundAdapters)
        case .trained(let stages): stages.compactMap(\.position).flatMap(\.sources).flatMap(\.foundAdapters)
        case .run: []
        }
    }

    /// The same with each of those put in the place of itself.
    package func replacingTrainedRuns(_ replaced: (TrainedRun) -> TrainedRun) -> AdapterReference {
        switch self {
        case .run(let run): return .run(replaced(run))
        case .merged(let sources, let merge): return .merged(sources.map { $0.replacingTrainedRuns(replaced) }, merge)
        case .trained(var stages):
            for index in stages.indices {
                guard let sources = stages[index].position?.sources else { continue }
                stages[index].position?.sources = sources.map { $0.replacingTrainedRuns(replaced) }
            }
            return .trained(stages)
        case .folder, .hub: return self
        }
    }
}

/// How a run's adapter is trained, or a stage of it: a recipe and its data.
public struct TrainingSpec: Hashable, Sendable {
    /// Where sentences to learn from come from.
    public enum Source: Hashable, Sendable {
        case wordNet(WordNetExamples)
        /// A `.csv` or `.jsonl` file: by its path as written, beside the file that says it or in the data folder.
        case file(String, beside: String)
        /// The pairs of a benchmark's training set, such as `STS-B-train`.
        case task(String)

        /// What means it in a file that lies elsewhere; a path in the data folder means the same from everywhere.
        var spelling: String? {
            guard case .file(let path, let folder) = self else { return nil }
            let beside = ConfigSource.resolve(path, in: folder)
            return FileManager.default.fileExists(atPath: beside) ? ConfigSource.spelling(of: beside) : path
        }
    }

    public var recipe = TrainingRecipe()
    /// How often training goes through the examples, in place of the recipe's steps, which follow from it once the examples
    /// are known; nil where the steps are said.
    public var epochs: Double?
    public var source = Source.wordNet(WordNetExamples())
    /// How many examples to take, drawn with the seed; nil for all.
    public var examples: Int?
    /// Whether examples with a sentence of an evaluation set are dropped.
    public var isDecontaminated = true
    /// The task whose score chooses the adapter; nil to take the last step's.
    public var development: String?
    /// Whose similarities the objective learns from beside its examples; nil for nobody's.
    public var teacher: TeacherSpec?
    /// The method that is trained: what the run declares, whichever layers it scores.
    public var method: EmbeddingMethod?
    /// The position between two adapters that is trained in place of an adapter; nil for an adapter.
    public var position: PositionSpec?
    /// Those of the run's further prompts, whose embeddings are averaged with the first's.
    public var furtherMethods: [EmbeddingMethod] = []

    public init() {}

    /// Whether it reads tasks of a data folder: to learn from, to choose by, or to leave out what they hold.
    ///
    /// - Parameter own: names of tasks whose files are elsewhere
    func needsDataFolder(besides own: Set<String>) -> Bool {
        var tasks = [development].compactMap(\.self)
        if case .task(let name) = source { tasks.append(name) }
        return isDecontaminated || !own.isSuperset(of: tasks)
    }

    /// The same with the epochs counted out in steps.
    ///
    /// - Parameter batchesPerEpoch: of the examples that are there
    package func countingSteps(batchesPerEpoch: Int) throws -> TrainingSpec {
        guard let epochs else { return self }
        var spec = self
        let steps = (epochs * Double(batchesPerEpoch) / Double(recipe.accumulation)).rounded(.up)
        guard steps <= Double(Self.stepsOfEpochs) else {
            throw Diagnostic("expected epochs of at most \(Self.stepsOfEpochs) steps in all, found \(epochs)")
        }
        (spec.recipe.steps, spec.epochs) = (max(1, Int(steps)), nil)
        try spec.recipe.validate()
        return spec
    }

    /// The most steps that a recipe may have: what stands for those of epochs until the examples are counted.
    static let stepsOfEpochs = 100_000_000

    /// The same learnt from a file by no name: where its content is known, it doesn't matter what it is called and where it lies.
    /// So it is with a teacher's model, and with tasks that are the user's own.
    ///
    /// - Parameter own: the names of those tasks
    package func withoutPlace(besides own: Set<String>) -> TrainingSpec {
        var spec = self
        spec.teacher = teacher?.withoutPlace
        switch source {
        case .file: spec.source = .file("", beside: "")
        case .task(let name) where own.contains(name): spec.source = .task("")
        case .task, .wordNet: break
        }
        if let development, own.contains(development) { spec.development = "" }
        spec.position?.sources = []
        return spec
    }

    /// The position that is trained, as an experiment says it; nil where an adapter is.
    package var positionYAML: String? { position.map { ConfigNode.Content.position($0, self).yaml } }

    /// As an experiment names the source.
    package var sourceName: String {
        switch source {
        case .wordNet: "wordnet"
        case .file(let path, _): HomeFolder.abbreviated(path)
        case .task(let name): name
        }
    }
}
