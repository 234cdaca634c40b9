import Tasks
import Diagnostics
import Embedding
import Files
import Foundation
import HDF5
import Models
import Numerics
import Results
import Specification
import Synchronization
import Training

/// Does what a plan says: embeds, scores, and keeps what made it.
public struct ExperimentRunner: Sendable {
    public let plan: ExperimentPlan
    /// Threads that compute at the same time.
    public let workers: Int
    /// The limit that the data were loaded with; named in the result, because its scores are of another task then.
    public let limit: Int?
    /// Where embeddings of earlier runs are found, and new ones are left.
    public var cache: CacheUse?
    /// Where the plan's only run leaves what it has computed, block by block.
    package var blocks: BlockStore?
    /// What keeps processes on several machines from training the same; nil where a lock does, on one machine.
    package var claims: (any WorkClaims)?

    public init(_ plan: ExperimentPlan, workers: Int, limit: Int? = nil) {
        self.plan = plan
        self.workers = workers
        self.limit = limit
    }

    /// What happens while it runs.
    public enum Event: Sendable {
        case trainingStarted(number: Int, of: Int, TrainingPlan)
        /// Another process trains the same.
        case trainingWaits
        /// The sentences of a training are on their way through its teacher.
        case teaching(EncodingProgress)
        case training(Trainer.Event)
        case passStarted(number: Int, of: Int, runs: [String])
        /// The cosines that a paper gives were computed.
        case checked([CosineCheck])
        case progress(EncodingProgress)
        case passEnded(seconds: Double, Encoding)
        /// What some runs came to: for each, each task's shown measure.
        case scored([(run: String, measures: [Measure])])
        /// A transfer task's classifiers are fitted, in about so many seconds.
        case classifying(run: String, task: String, seconds: Double)
    }

    /// - Throws: `CancellationError` when the task is cancelled; nothing is written here in any case.
    public func run(observe: @escaping @Sendable (Event) -> Void = { _ in }) async throws -> ExperimentResult {
        var work = Work(scores: RunningScores(plan.data, workers: workers))
        let behindTraining = plan.passes.indices.filter { plan.awaitsTraining(plan.passes[$0]) }
        // What needs no training is known in the first minutes.
        for index in plan.passes.indices where !behindTraining.contains(index) {
            try await compute(index, &work, observe)
        }
        // Before another model is loaded: two at once may not fit.
        work.loaded = nil
        try await trainAdapters(anew: cache?.ignoresKnown ?? false, observe: observe)
        for index in behindTraining { try await compute(index, &work, observe) }
        return try result(work)
    }

    /// What is there while the passes go on.
    private struct Work {
        var scores: RunningScores
        var checks: [CosineCheck] = []
        var loaded: (pass: PassPlan, model: LoadedModel)?
    }

    /// Computes a pass and scores the runs that it completes.
    private func compute(
        _ index: Int, _ work: inout Work, _ observe: @escaping @Sendable (Event) -> Void
    ) async throws {
        let pass = plan.passes[index]
        observe(.passStarted(number: index + 1, of: plan.passes.count, runs: pass.runs.map(\.name)))
        // Before the next one is loaded: two models at once may not fit.
        if let last = work.loaded, !last.pass.hasSameBackbone(as: pass) { work.loaded = nil }
        ProcessFacts.beginPeak()
        let model = try work.loaded?.model ?? LoadedModel(pass, adapter: pass.runs.first.flatMap(plan.adapterFolder))
        work.loaded = work.loaded ?? (pass, model)
        let checks = try await checks(of: pass, model: model, done: work.checks)
        if !checks.isEmpty { observe(.checked(checks)) }
        work.checks += checks
        let (encoding, seconds, peakBytes) = try await encode(pass, number: index, model: model, observe)
        observe(.passEnded(seconds: seconds, encoding))
        for run in pass.runs {
            if work.scores.records[run.name] == nil {
                work.scores.records[run.name] = try record(run, of: pass, model: model)
            }
            work.scores.records[run.name]?.add(pass, encoding, methods: pass.places(of: run))
            let ofTraining = try plan.stages(of: run).flatMap { try $0.allWarnings() }
            for warning in try pass.warnings(of: run) + ofTraining + plan.ownWarnings(of: run) {
                work.scores.records[run.name]?.warn(warning)
            }
        }
        try await work.scores.take(encoding.embeddings, of: pass) { run, task, seconds in
            observe(.classifying(run: run, task: task, seconds: seconds))
        }
        // With what scoring takes. Blocks may have been computed by another process.
        let peak = max(peakBytes, ProcessFacts.peakResidentBytes)
        for run in pass.runs { work.scores.records[run.name]?.cost(seconds: seconds, peakBytes: peak) }
        observe(.scored(work.scores.measures(of: pass.runs.map(\.name), as: plan.data)))
    }

    private func result(_ work: Work) throws -> ExperimentResult {
        let (records, scores) = (work.scores.records, work.scores.scores)
        var result = ExperimentResult(name: plan.spec.name)
        result.checks = work.checks
        result.training = try plan.runs.compactMap { run in
            let logs = try plan.stages(of: run).map(AdapterStore.log)
            return logs.isEmpty ? nil : TrainingTable(run: run.name, logs: logs)
        }
        result.runs = plan.runs.compactMap { records[$0.name] }
        result.tasks = plan.data.taskRecords
        result.measures = plan.runs.flatMap { scores[$0.name]?.measures ?? [] }
        result.items = plan.runs.flatMap { scores[$0.name]?.items ?? [] }
        result.datasets = plan.data.records + plan.trainings.flatMap(\.datasets)
        result.leftOut = plan.data.leftOut.map {
            LeftOutTask(task: $0.name, remedy: DataFolder.howToGet($0))
        }
        result.published = plan.spec.published.map(\.row)
        result.provenance = provenance
        return result
    }

    /// - Parameter number: which of the plan's passes
    private func encode(
        _ pass: PassPlan, number: Int, model: LoadedModel, _ observe: @escaping @Sendable (Event) -> Void
    ) async throws -> (encoding: Encoding, seconds: Double, peakBytes: Int) {
        if let blocks {
            return try await pass.namingSentences(of: plan.data) {
                try await blocks.encode(
                    pass, number: number, encoder: { try self.encoder(pass, model) },
                    progress: { observe(.progress($0)) })
            }
        }
        let encoder = try self.encoder(pass, model)
        let start = ContinuousClock.now
        let encoding = try await pass.namingSentences(of: plan.data) {
            try await encoder.encode(pass.prompts, methods: pass.methods, progress: { observe(.progress($0)) })
        }
        return (encoding, (ContinuousClock.now - start) / .seconds(1), ProcessFacts.peakResidentBytes)
    }

    func encoder(_ pass: PassPlan, _ model: LoadedModel) throws -> Encoder {
        try AddressSpace.check(pass.bytes(workers: workers), workers: workers)
        var encoder = Encoder(backbone: try model.backbone(), workers: workers)
        encoder.isStreamed = pass.isStreamed
        encoder.head = model.head
        encoder.cache = cache?.encoderCache(weightsSHA256: model.backboneID, linear: pass.linear)
        return encoder
    }

    /// Computes some of the blocks and keeps them, without a score.
    package func computeBlocks(_ chosen: Range<Int>, observe: @escaping @Sendable (Event) -> Void) async throws {
        guard let blocks else { preconditionFailure("nowhere to keep blocks") }
        var loaded: (pass: Int, model: LoadedModel)?
        for (index, block) in blocks.blocks.enumerated() where chosen.contains(index) && !blocks.has(block) {
            try Task.checkCancellation()
            let pass = plan.passes[block.pass]
            if loaded?.pass != block.pass {
                loaded = nil  // before the next one is loaded: two models at once may not fit
                ProcessFacts.beginPeak()
                loaded = (block.pass, try LoadedModel(pass, adapter: pass.runs.first.flatMap(plan.adapterFolder)))
            }
            guard let model = loaded?.model else { preconditionFailure("no model was loaded") }
            observe(.passStarted(number: index + 1, of: blocks.blocks.count, runs: pass.runs.prefix(1).map(\.name)))
            _ = try await pass.namingSentences(of: plan.data) {
                try await blocks.content(
                    of: block, in: pass, encoder: { try encoder(pass, model) }, progress: { observe(.progress($0)) })
            }
        }
    }

    /// Trains the adapters that aren't there yet. The backbones are let go before the passes begin.
    ///
    /// - Throws: `CancellationError` when the task is cancelled; trainings go on from there.
    public func trainAdapters(
        anew: Bool = false, observe: @escaping @Sendable (Event) -> Void = { _ in }
    ) async throws {
        // A damaged one is told of before the others are trained for hours.
        if !anew { for training in plan.trainings where training.isDone { try FileSums.check(training.folder) } }
        var store = AdapterStore(workers: workers, ignoresKnown: anew)
        store.claims = claims
        var loaded: (path: String, linear: LinearMaker, backbone: any AdaptableBackbone)?
        var lessons: [SHA256Digest: [Double]] = [:]
        for (index, training) in plan.trainings.enumerated() where store.ignoresKnown || !training.isDone {
            observe(.trainingStarted(number: index + 1, of: plan.trainings.count, training))
            ProcessFacts.beginPeak()
            try await plan.namingRun(of: training) {
                try await store.train(
                    training,
                    examples: {
                        guard let teacher = training.teacher else { return training.examples }
                        if lessons[teacher.lesson] == nil {
                            loaded = nil  // two models at once may not fit
                            lessons[teacher.lesson] = try await teacher.similarities(workers: workers, cache: cache) {
                                observe(.teaching($0))
                            }
                        }
                        return training.examples.taught(by: lessons[teacher.lesson] ?? [])
                    },
                    backbone: {
                        if let loaded, loaded.path == training.model.path, loaded.linear == training.linear {
                            return loaded.backbone
                        }
                        loaded = nil
                        try AddressSpace.check(training.bytes(workers: workers), workers: workers)
                        let backbone = try training.model.trainableBackbone(linear: training.linear)
                        loaded = (training.model.path, training.linear, backbone)
                        return backbone
                    },
                    wait: { observe(.trainingWaits) }, observe: { observe(.training($0)) })
            }
        }
    }

    private func record(_ run: RunSpec, of pass: PassPlan, model: LoadedModel) throws -> RunRecord {
        var record = RunRecord(name: run.name)
        record.factors = run.tableNames.cells.map { RunRecord.Factor($0.name, $0.value) }
        record.backbone = run.model.name
        record.modelFile = URL(fileURLWithPath: pass.model.path).lastPathComponent
        record.weightsSHA256 = model.weightsSHA256
        record.tokenizerSHA256 = model.tokenizerSHA256
        record.adapter = run.adapter.map { $0.summary(plan.stages(of: run)) } ?? ""
        record.adapterSHA256 = model.adapterSHA256 ?? ""
        record.head = model.head?.shape.title ?? ""
        if let seed = run.trainingSeed { record.seed = Int(seed) }
        record.methodID =
            try plan.methodID(
                of: run, on: pass.model, weightsSHA256: model.weightsSHA256, adapterSHA256: model.adapterSHA256
            ).description
        record.precision = pass.linear.precision.rawValue
        record.method = MethodRecord(try run.methods.map { try ResolvedMethod($0, pass.model.shape) })
        record.layerCount = pass.model.shape.layerCount
        record.prompt = run.promptName ?? ""
        record.postprocessing = run.postprocessing.fit?.description ?? "none"
        record.dimensions =
            run.postprocessing.dimensions.first ?? model.head?.shape.outputs ?? pass.model.shape.hiddenSize
        record.sentences = pass.rows.count
        record.uniqueSentences = pass.prompts.tokens.count
        record.firstPrompt = pass.prompts.first
        record.firstTokenIDs = pass.prompts.tokens.first?.map(Int.init) ?? []
        return record
    }

    private var provenance: [ProvenanceEntry] {
        var entries = [
            ProvenanceEntry(ProvenanceEntry.programKey, ProgramVersion.description),
            ProvenanceEntry(ProvenanceEntry.createdKey, Date().formatted(.iso8601)),
            ProvenanceEntry(ProvenanceEntry.experimentKey, plan.spec.resolvedYAML),
            ProvenanceEntry("experiment_sha256", plan.spec.sha256.description),
            ProvenanceEntry(ProvenanceEntry.experimentNameKey, plan.spec.nameInFile),
            ProvenanceEntry("data_folder_text", plan.data.textVariants),
            ProvenanceEntry("processor", Processor.current.name),
            ProvenanceEntry("threads", String(workers)),
            ProvenanceEntry(
                "gemm_library", Set(plan.passes.map(\.linear.library.rawValue)).sorted().joined(separator: ", ")),
            ProvenanceEntry("onednn", OneDNN.version),
            ProvenanceEntry("openblas", OpenBLAS.configuration),
            ProvenanceEntry("openblas_kernel", OpenBLAS.kernel),
            ProvenanceEntry("arithmetic", Arithmetic.description),
            ProvenanceEntry("hdf5", HDF5.version),
            ProvenanceEntry("intervals", Bootstrap.standard.description),
            // Only the intervals draw random numbers.
            ProvenanceEntry("seed", String(Bootstrap.standard.seed)),
        ]
        if !plan.spec.hubSources.isEmpty {
            entries.append(ProvenanceEntry("hub", plan.spec.hubSources.joined(separator: ", ")))
        }
        if let limit { entries.append(ProvenanceEntry(ProvenanceEntry.limitKey, String(limit))) }
        return entries
    }
}

extension RunRecord {
    /// Counts a pass that computed some of the run's methods.
    fileprivate mutating func add(_ pass: PassPlan, _ encoding: Encoding, methods: [Int]) {
        tokens += pass.workload.tokens
        truncatedSentences += pass.prompts.truncated
        emptySentences = max(emptySentences, pass.prompts.emptyCount)
        for method in methods {
            tokensComputed += encoding.tokensComputed(forMethod: method)
            cacheHits += encoding.lookups[method].hits
            cacheMisses += encoding.lookups[method].misses
        }
    }

    fileprivate mutating func cost(seconds: Double, peakBytes: Int) {
        self.seconds += seconds
        self.peakBytes = max(self.peakBytes, peakBytes)
    }

    fileprivate mutating func warn(_ warning: String) {
        if !warnings.contains(warning) { warnings.append(warning) }
    }
}

/// A pass's model, what it hashes to, and its weights, decoded when they are first asked for.
final class LoadedModel: Sendable {
    private let decoded = Mutex<(any Backbone)?>(nil)
    private let pass: PassPlan
    private let adapter: AdapterFolder?
    /// What makes embeddings of pooled states; nil where those are the embeddings.
    let head: Head?
    let weightsSHA256: String
    let tokenizerSHA256: String
    /// Of the adapter's weights and settings, and the head's; nil without an adapter.
    let adapterSHA256: String?

    /// What the backbone's numbers come from.
    var backboneID: String { weightsSHA256 + (adapterSHA256.map { " adapter " + $0 } ?? "") }

    /// - Throws: where the file doesn't hash to what the catalogue says.
    init(_ pass: PassPlan, adapter folder: String?) throws {
        (self.pass, adapter) = (pass, folder.map(AdapterFolder.init))
        weightsSHA256 = try pass.model.weightsSHA256().description
        tokenizerSHA256 = pass.model.tokenizer.fingerprint.description
        try pass.runs.first?.model.check(weightsSHA256: weightsSHA256)
        adapterSHA256 = try adapter?.sha256().description
        head = try pass.runs.first?.head(from: adapter, on: pass.model.shape)
    }

    func backbone() throws -> any Backbone {
        try decoded.withLock { decoded in
            let backbone =
                try decoded
                ?? pass.model.backbone(
                    linear: pass.linear, isStreamed: pass.isStreamed,
                    merging: adapter?.adapter())
            decoded = backbone
            return backbone
        }
    }
}
