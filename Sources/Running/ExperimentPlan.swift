import Tasks
import Diagnostics
import Embedding
import Files
import Foundation
import Models
import Numerics
import Specification

/// What an experiment will do, known before any work.
public struct ExperimentPlan: Sendable {
    public let spec: ExperimentSpec
    public let data: BenchmarkData
    /// The experiment's runs, in order; one that says `layers: all` is a run of each layer here, and one of several
    /// `dimensions` a run of each.
    public private(set) var runs: [RunSpec]
    public private(set) var passes: [PassPlan]
    /// What is trained before any pass, each stage of a training once, in the order of the runs, a stage behind those that
    /// it begins with.
    public private(set) var trainings: [TrainingPlan]
    /// Where adapters are that were made of others.
    private let mergedFolders: [Merged: String]

    private struct Merged: Hashable {
        var adapter: AdapterReference?
        var model: String

        init(_ run: RunSpec) { (adapter, model) = (run.adapter, run.model.file) }
    }

    /// Opens the models, checks each run against its model, reads the data and tokenises the prompts.
    ///
    /// - Parameters:
    ///   - cache: where adapters are, and new ones are put
    ///   - adapters: a folder to put new ones into instead
    ///   - chosen: the declared runs to plan, each exactly as in the plan of all; nil for all
    public init(
        _ declared: ExperimentSpec, data: BenchmarkData, cache: CacheFolder = CacheFolder(), adapters: String? = nil,
        only chosen: Set<String>? = nil
    ) throws {
        let spec = try declared.locatingTrainedRuns(on: data.folder, in: cache, only: chosen)
        // Whoever plans measures, forecasts or computes products.
        try AddressSpace.check()
        self.spec = spec
        self.data = data
        // What isn't planned still decides in which order the passes come, and with it the order of floating-point sums.
        var ordered: [RunSpec] = []
        var models: [String: PretrainedModel] = [:]
        var merged: [Merged: String] = [:]
        var problems = ConfigProblems()
        var runs: [RunSpec] = []
        for run in spec.runs {
            guard chosen?.contains(run.name) ?? true else {
                ordered.append(run)
                continue
            }
            let path = try run.model.existingFile()
            _ = try run.adapter?.existingFolder(at: run.locations["adapter"])
            let model = try models[path] ?? run.model.open()
            models[path] = model
            if case .merged(let sources, let merge) = run.adapter, merged[Merged(run)] == nil {
                try problems.collect {
                    merged[Merged(run)] = try MergedAdapters.folder(
                        of: sources, merge, model: model, in: cache, at: run.locations["adapter"])
                }
            }
            try problems.collect {
                try run.check(model, roles: data.roles(of: run))
            }
            let rows = run.expanded(on: model.shape)
            rowsOfRun[run.name] = rows.map(\.name)
            runs += rows
            ordered += rows
        }
        try problems.throwIfAny()
        twinWarnings = try spec.runs.checkMeanings { models[$0.model.file] }
        (self.runs, mergedFolders) = (runs, merged)

        let trained = try Self.plannedTrainings(of: runs, models: models, data: data) { fingerprint in
            let cached = TrainingPlan.folder(of: fingerprint, in: cache.path)
            guard let adapters, !TrainingPlan.isDone(cached) else { return cached }
            return TrainingPlan.folder(of: fingerprint, in: adapters)
        }
        (trainings, stagesOfRun) = (trained.plans, trained.places)
        try spec.runs.checkMeanings {
            models[$0.model.file]
        } trainings: { [rowsOfRun, trainings, stagesOfRun] run in
            rowsOfRun[run.name]?.first.flatMap { stagesOfRun[$0] }?.map { trainings[$0].meaning.description }
        }
        // Adapters are opened when their pass begins, and a trained one isn't there yet.
        for case .folder(let path) in runs.map(\.adapter) { ReadFiles.note(allIn: path) }

        let names = Set(runs.map(\.name))
        var tokenised = TokenisedPrompts()
        passes = try RunGroup.grouped(ordered).compactMap { $0.restricted(to: names) }.map { group in
            guard let first = group.runs.first, let model = models[first.model.file] else {
                preconditionFailure("a group of runs without a model")
            }
            return try PassPlan(model: model, group: group, data: data, tokenised: &tokenised)
        }
    }

    /// By a declared run's name, what is said of it where another means the same.
    private let twinWarnings: [String: String]
    /// For each run with a trained adapter, which trainings its stages are.
    private var stagesOfRun: [String: [Int]]
    /// For each declared run, the names of the runs that it stands for.
    package private(set) var rowsOfRun: [String: [String]] = [:]

    /// The name of the declared run that a run is of.
    package func declared(_ run: RunSpec) -> String {
        rowsOfRun.first { $0.value.contains(run.name) }?.key ?? run.name
    }

    /// The plan of one declared run, exactly as it is done among the others.
    package func restricted(to declared: String) throws -> ExperimentPlan {
        let names = Set(rowsOfRun[declared] ?? [])
        var plan = self
        plan.runs = runs.filter { names.contains($0.name) }
        plan.passes = try passes.compactMap { try $0.restricted(to: names) }
        plan.stagesOfRun = stagesOfRun.filter { names.contains($0.key) }
        let used = Set(plan.stagesOfRun.values.joined()).sorted()
        plan.trainings = used.map { trainings[$0] }
        plan.stagesOfRun = plan.stagesOfRun.mapValues { $0.map { used.firstIndex(of: $0) ?? 0 } }
        return plan
    }

    /// The stages of the training of a run's adapter, in order; none where it isn't trained.
    package func stages(of run: RunSpec) -> [TrainingPlan] { (stagesOfRun[run.name] ?? []).map { trainings[$0] } }

    /// The last stage of the training of a run's adapter; nil where it has none.
    func training(of run: RunSpec) -> TrainingPlan? { stages(of: run).last }

    /// Whether a pass is of adapters that the experiment trains.
    func awaitsTraining(_ pass: PassPlan) -> Bool { pass.runs.contains { !stages(of: $0).isEmpty } }

    /// The folder of the adapter that is merged into a run's backbone; nil where it has none.
    public func adapterFolder(of run: RunSpec) -> String? {
        switch run.adapter {
        case nil: nil
        case .folder(let path): path
        case .hub(let reference): reference.path
        case .run(let run): run.folder
        case .merged: mergedFolders[Merged(run)]
        case .trained: training(of: run)?.folder
        }
    }

    /// What the reader of a run must know of it, whatever its passes and trainings: that another means the same, that its adapter is
    /// chosen by other embeddings than its own, and how that was made of others.
    func ownWarnings(of run: RunSpec) throws -> [String] {
        var warnings = [twinWarnings[declared(run)]]
        let finishing = run.postprocessing.summary.dropFirst(2)
        if training(of: run)?.development != nil, !finishing.isEmpty {
            warnings.append(
                "the adapter is chosen by the development score of embeddings before what the run does to them: \(finishing)"
            )
        }
        if case .merged(_, let merge) = run.adapter, let folder = adapterFolder(of: run) {
            warnings.append(try MergedAdapters.warning(merge, in: folder))
        }
        if case .trained(let declared) = run.adapter {
            for (stage, plan) in zip(declared, stages(of: run)) {
                guard let asked = stage.examples, asked > plan.examples.count else { continue }
                warnings.append(
                    "asks for \(asked) examples; \(stage.sourceName) leaves \(plan.examples.count) to learn from")
            }
        }
        for trained in run.adapter?.trainedRuns ?? [] { warnings += trained.warnings }
        return warnings.compactMap(\.self)
    }

    /// The files that `exportAdapter` writes.
    ///
    /// - Throws: where the folder has another adapter's head that would stay.
    public func files(ofCopy folder: String, of run: RunSpec) throws -> [PlannedFile] {
        let shape = passes.first { $0.runs.contains(run) }?.model.shape
        return try AdapterFolder(folder).files(head: shape.flatMap { try run.head(on: $0) })
    }

    /// Throws where a copy of a run's adapter would replace another one, or one of which nothing says what it is.
    public func refuseOtherAdapter(in folder: String, for run: RunSpec) throws {
        guard let source = adapterFolder(of: run).map(AdapterFolder.init),
            try files(ofCopy: folder, of: run).contains(where: { FileManager.default.fileExists(atPath: $0.path) })
        else { return }
        let isOwn =
            if let training = training(of: run) {
                (try? Adapter.metadata(folder: folder))?[TrainingPlan.metadataKey] == training.fingerprint.description
            } else {
                try source.hasNumbers(of: AdapterFolder(folder))
            }
        guard !isOwn else { return }
        throw Diagnostic(
            "is not replaced: it has another adapter than the run \"\(declared(run))\"",
            at: SourceLocation(file: folder),
            suggestion: "name another folder, or say --overwrite")
    }

    /// Writes a copy of a run's adapter, as PEFT stores adapters, and of the head that belongs to it.
    public func exportAdapter(of run: RunSpec, to folder: String) throws {
        guard let source = adapterFolder(of: run).map(AdapterFolder.init) else { return }
        _ = try files(ofCopy: folder, of: run)
        let metadata = training(of: run).map { [TrainingPlan.metadataKey: $0.fingerprint.description] } ?? [:]
        try AdapterFolder(folder).write(
            source.adapter(), head: source.head(),
            base: AdapterBase(run.model.hub?.id.repository ?? run.model.origin ?? run.model.name), metadata: metadata)
    }

    private static func plannedTrainings(
        of runs: [RunSpec], models: [String: PretrainedModel], data: BenchmarkData,
        folder: (SHA256Digest) -> String
    ) throws -> (plans: [TrainingPlan], places: [String: [Int]]) {
        /// What runs have in common that differ in what they read of one trained backbone.
        struct Declared: Hashable {
            /// The stage and those before it.
            var stages: ArraySlice<TrainingSpec>
            var model: String
            var linear: LinearMaker
        }
        var known: [Declared: Int] = [:]
        var plans: [TrainingPlan] = []
        var places: [String: [Int]] = [:]
        for run in runs {
            guard case .trained(let stages) = run.adapter, let model = models[run.model.file] else { continue }
            var own: [Int] = []
            for (index, spec) in stages.enumerated() {
                let declared = Declared(stages: stages[...index], model: run.model.file, linear: run.linear)
                if known[declared] == nil {
                    let plan = try TrainingPlan(
                        spec, behind: own.last.map { plans[$0] }, run: run,
                        in: TrainingPlan.Inputs(model: model, data: data), folder: folder)
                    let same = plans.firstIndex { $0.fingerprint == plan.fingerprint }
                    if same == nil { plans.append(plan) }
                    known[declared] = same ?? plans.count - 1
                }
                if let place = known[declared] { own.append(place) }
            }
            places[run.name] = own
        }
        return (plans, places)
    }

    /// Whether a training learns from what a model embeds, which the cache keeps.
    public var hasTeachers: Bool { trainings.contains { $0.teacher != nil } }

    /// Finds out what the cache spares: the forecast is of the rest then.
    public mutating func lookUp(in cache: CacheUse) throws {
        for index in passes.indices { try passes[index].lookUp(in: cache) }
    }

    /// A forecast for this machine.
    public struct Forecast: Hashable, Sendable {
        public var seconds: Double
        /// Of these, what trains adapters.
        public var trainingSeconds = 0.0
        /// Of these, what the classifiers of transfer tasks take.
        public var classifierSeconds = 0.0
        /// Resident memory at its peak, in bytes.
        public var peakBytes: Double
    }

    /// The share of a pass that goes into matrix products. Measured runs, SmolLM2-135M to a 7B-shaped model, took 0.74
    /// to 0.86 times what 0.8 forecast.
    private static let efficiency = 0.9
    /// A model's file is hashed whole; libcrypto's SHA-256 with the processor's instructions for it.
    private static let hashedBytesPerSecond = 1.5e9
    /// What running adds to what a plan holds: libraries' code and buffers, threads' stacks, the result.
    private static let addedBytes = 26e6

    /// Forecasts time and memory from a short measurement of this machine's matrix products.
    public func forecast(workers: Int) -> Forecast {
        var speeds = MeasuredSpeeds(workers: workers)
        return forecast(by: &speeds)
    }

    /// - Parameter speeds: those of earlier forecasts are not measured again
    package func forecast(by speeds: inout MeasuredSpeeds) -> Forecast {
        let workers = speeds.workers
        // The plan has read and tokenised all that a run does: what is resident is what a run begins with.
        let baseBytes = Double(ProcessFacts.heldBytes()) + Self.addedBytes
        var forecast = Forecast(seconds: 0, peakBytes: baseBytes)
        let files = Dictionary(passes.map { ($0.model.path, $0.model.fileBytes) }, uniquingKeysWith: max)
        forecast.seconds += Double(files.values.reduce(0, +)) / Self.hashedBytesPerSecond
        for pass in passes {
            let speed = speeds.speed(pass.linear, hiddenSize: pass.model.shape.hiddenSize)
            forecast.seconds += pass.remaining.operations / (speed * Self.efficiency)
            forecast.peakBytes = max(forecast.peakBytes, baseBytes + pass.bytes(workers: workers))
        }
        var lessons: Set<SHA256Digest> = []
        for training in trainings where !training.isDone {
            let speed = speeds.speed(training.linear, hiddenSize: training.model.shape.hiddenSize)
            forecast.trainingSeconds += training.operations / (speed * Self.efficiency)
            forecast.peakBytes = max(forecast.peakBytes, baseBytes + training.bytes(workers: workers))
            guard let teacher = training.teacher else { continue }
            forecast.peakBytes = max(forecast.peakBytes, baseBytes + teacher.bytes(workers: workers))
            guard lessons.insert(teacher.lesson).inserted else { continue }
            let teaching = speeds.speed(teacher.run.linear, hiddenSize: teacher.model.shape.hiddenSize)
            forecast.trainingSeconds += teacher.operations / (teaching * Self.efficiency)
        }
        forecast.seconds += forecast.trainingSeconds
        for run in runs {
            guard let pass = passes.first(where: { $0.runs.contains(run) }) else { continue }
            let dimensions = (try? run.embeddingDimensions(on: pass.model.shape)) ?? pass.model.shape.hiddenSize
            for task in data.tasks {
                forecast.classifierSeconds += task.content.forecastSeconds(dimensions: dimensions) / Double(workers)
            }
        }
        forecast.seconds += forecast.classifierSeconds
        return forecast
    }

    /// Each kind of warning once, with the runs that it concerns.
    public func warningsByKind() throws -> [(runs: String, text: String)] {
        AlikeWarnings.grouped(try warnings())
    }

    /// The warnings of each run that has some.
    public func warnings() throws -> [(run: String, text: String)] {
        try passes.flatMap { pass in
            try pass.runs.flatMap { run in
                (try pass.warnings(of: run) + stages(of: run).flatMap(\.warnings) + ownWarnings(of: run)).map {
                    (run: run.name, text: $0)
                }
            }
        }.reduce(into: []) { all, warning in
            // A run of several prompts is in several passes.
            if !all.contains(where: { $0 == warning }) { all.append(warning) }
        }
    }
}
