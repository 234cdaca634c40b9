import Tasks
import Diagnostics
import Embedding
import Files
import Foundation
import Models
import Numerics
import Specification
import Training

/// The training of a run's adapter, or a stage of it, known before any work: its examples, what was left out of them, and
/// where the adapter is kept. Trainings that are the same, after the same stages, have one adapter.
public struct TrainingPlan: Sendable {
    public let spec: TrainingSpec
    public let method: EmbeddingMethod
    public let model: PretrainedModel
    public let modelName: String
    public let linear: LinearMaker
    public let examples: [TrainingExample]
    public let cleaning: CleaningReport
    public let leftOut: [LeftOutExamples]
    public let files: [LoadedFile]
    /// The model whose cosines of the examples are learnt from; nil for none.
    let teacher: TeacherPlan?
    /// What keeping repeated sentences apart puts off and leaves out.
    public let separation: ExampleBatches.Separation
    public let development: DevelopmentSet?
    /// Those of the development set.
    let developmentFiles: [LoadedFile]
    /// Which stage of a training it is, from 1.
    public let stage: Int
    /// Where the adapter of the stage before it is; nil for the first.
    private let startFolder: String?
    /// What is trained in place of an adapter; nil where an adapter is.
    let positioning: Positioning?
    /// What adapters are merged into by what is measured, in place of a training; nil for a training.
    let measuring: MeasuredMerge?
    /// Of the content of all examples that it draws from, and of the development set: whatever the seed.
    public let learntFrom: SHA256Digest
    /// What is trained, on whatever machine: with all stages before it.
    public let identity: SHA256Digest
    /// What decides it, whatever the words of its recipe: of two that mean the same one is one too many.
    let meaning: SHA256Digest
    /// What the adapter's bits depend on: what is trained, and the arithmetic of this machine.
    public let fingerprint: SHA256Digest
    /// The adapter's folder in the cache; the adapter is there when its training is done.
    public let folder: String

    /// What it is trained with.
    struct Inputs {
        var model: PretrainedModel
        var data: BenchmarkData
    }

    /// Reads the examples, drops those that the evaluation has, draws as many as are asked for.
    ///
    /// - Parameters:
    ///   - previous: the stage whose adapter it begins with; nil for the first
    ///   - folder: where the adapter of a fingerprint is, or is to be
    init(
        _ declared: TrainingSpec, behind previous: TrainingPlan?, run: RunSpec, in inputs: Inputs,
        folder: (SHA256Digest) -> String
    ) throws {
        let (model, data) = (inputs.model, inputs.data)
        var spec = declared
        guard let method = spec.method else { preconditionFailure("a training without a method") }
        (self.method, self.model) = (method, model)
        modelName = run.model.name
        linear = LinearMaker(precision: run.linear.precision, library: run.linear.library, isDifferentiable: true)
        // Before anything is read: a model that can't be trained, and a module that it doesn't have.
        guard let modules = model.modules else {
            throw Diagnostic(
                "word vectors can be embedded with, but not trained",
                at: run.locations["train"] ?? SourceLocation(file: model.path))
        }
        var digests: [String] = []
        if let position = spec.position {
            (positioning, measuring, digests) = try Self.positioning(
                position, on: modules, at: run.locations["adapter"])
            spec.recipe.adapter = measuring?.configuration ?? positioning?.arc.configuration ?? spec.recipe.adapter
        } else {
            (positioning, measuring) = (nil, nil)
        }
        _ = try modules.parameterLayout(of: spec.recipe.adapter)

        func locating<R>(_ key: String?, _ body: () throws -> R) throws -> R {
            do {
                return try body()
            } catch let error as Diagnostic {
                throw error.placed(at: run.place(inTraining: key), run.place(inTraining:))
            }
        }
        let (whatIsThere, learntTask) = try locating("data") { try spec.load(data) }
        var source = whatIsThere
        sourceTitle = learntTask?.shownName ?? spec.sourceName
        (files, leftOut) = (source.files, source.leftOut)
        let evaluations = spec.isDecontaminated ? try spec.evaluations(data) : nil
        cleanedOf = evaluations.map { Set($0.map(\.description.paths)) }
        let count = source.examples.count
        cleaning = source.clean(against: evaluations.map(EvaluationSentences.init))
        try locating("data") { [examples = source.examples] in
            guard examples.isEmpty, count > 0 else { return }
            throw Diagnostic(
                "nothing to learn from: \(spec.sourceName) has \(count) examples, each with a sentence of the evaluation",
                suggestion: "decontaminate: false keeps them")
        }
        let whole = source.examples.sha256
        if let count = spec.examples, count < source.examples.count {
            var random = RandomGenerator(seed: spec.recipe.seed)
            source.examples = random.permutation(of: source.examples.count).prefix(count).map { source.examples[$0] }
        }
        examples = try locating("data") { [spec, read = source.examples] in try spec.seeing(read, by: model) }
        teacher = try locating("teacher") { [examples] in
            try spec.teacherModel.map { try TeacherPlan($0, examples: examples) }
        }
        // Checked here rather than in the first step, which comes after decoding the weights.
        (spec, separation) = try locating(nil) { [examples, spec, teacher] in
            try spec.prepared(for: teacher == nil ? examples : examples.awaitingTeacher, on: model.shape)
        }
        self.spec = spec
        let developmentTask = try locating("development") { try spec.loadDevelopment(data) }
        let developed = try developmentTask.map { try TrainingData($0).examples.sha256 }
        development = try locating("development") {
            try developmentTask.map {
                try DevelopmentSet($0, methods: [method] + spec.furtherMethods, model: model)
            }
        }
        developmentFiles = developmentTask?.files ?? []
        developmentTitle = developmentTask?.shownName ?? ""
        let taught = teacher.map { SHA256Digest(of: "\(whole) taught by \($0.identity)") } ?? whole
        let learnt = developed.map { SHA256Digest(of: "\(taught) developed on \($0)") } ?? taught
        learntFrom =
            digests.isEmpty ? learnt : SHA256Digest(of: "\(learnt) between \(digests.joined(separator: " "))")
        let unnamed = spec.canonical(where: separation).withoutPlace(besides: data.catalogue.ownNames)
        let between = unnamed.positionYAML.map {
            "position version 1 between \(digests.joined(separator: " "))\n\($0)"
        }
        warnings =
            [learntTask, developmentTask].compactMap { $0?.foreignWarning }
            + spec.contaminationWarnings(where: data.tasks.map(\.name), data.catalogue)
            + spec.choiceWarnings(where: data.tasks, developmentTask)
            + (teacher?.warnings ?? [])
        let weights = try run.model.sha256 ?? model.weightsSHA256().description
        identity = try unnamed.identity(
            examples: examples, weightsSHA256: weights, linear: linear, shape: model.shape,
            more: try model.idFacts(of: [method] + spec.furtherMethods)
                + [
                    developed.map { "developed on \($0)" }, previous.map { "behind \($0.identity)" },
                    teacher.map { "taught by \($0.identity)" }, between,
                ].compactMap(\.self))
        meaning = try unnamed.meaning(of: examples, in: model, developed: developed, taught: teacher?.identity)
        (stage, startFolder) = ((previous?.stage ?? 0) + 1, previous?.folder)
        fingerprint = Self.fingerprint(of: identity, by: Arithmetic.description)
        self.folder = folder(fingerprint)
        catalogue = data.catalogue
    }

    /// The arc between two adapters, or what several are merged into, and the digests of all.
    private static func positioning(
        _ position: PositionSpec, on modules: BackboneModules, at location: SourceLocation?
    ) throws -> (Positioning?, MeasuredMerge?, [String]) {
        do {
            let folders = try position.sources.compactMap {
                try $0.existingFolder(at: location).map(AdapterFolder.init)
            }
            for folder in folders {
                guard try folder.headShape() != nil else { continue }
                throw Diagnostic(
                    "an adapter with a head can't be merged: heads have no sum", at: SourceLocation(file: folder.path))
            }
            let digests = try folders.map { try $0.sha256().description }
            let adapters = try folders.map { try $0.adapter() }
            if let merge = position.merge {
                return (nil, try MeasuredMerge(merge, of: adapters, on: modules), digests)
            }
            let arc = try AdapterArc(adapters, on: modules)
            return (Positioning(arc, from: position.start, scalePenalty: position.scalePenalty), nil, digests)
        } catch let error as Diagnostic {
            throw error.placed(at: location)
        }
    }

    /// The key of an adapter's file that says where between two others it is.
    static let positionKey = "position"

    /// Where between two adapters the one that is done is, in words; nil where it isn't done, or is between none.
    var learntPosition: String? {
        guard positioning != nil, isDone else { return nil }
        return (try? Adapter.metadata(folder: folder))?[Self.positionKey]
    }

    /// The key of an adapter's file that says which training made it: the fingerprint.
    static let metadataKey = "training"

    /// Of what is trained, by that arithmetic.
    package static func fingerprint(of identity: SHA256Digest, by arithmetic: String) -> SHA256Digest {
        SHA256Digest(of: "\(identity)\nmachine \(arithmetic)")
    }

    static func folder(of fingerprint: SHA256Digest, in parent: String) -> String {
        "\(parent)/adapters/\(fingerprint.description.prefix(24))"
    }

    static func isDone(_ folder: String) -> Bool {
        AdapterFolder(folder).isSealed
    }

    /// Whether the adapter is there already.
    public var isDone: Bool { Self.isDone(folder) }

    /// What it begins with, in the order of the model's parameters: the adapter of the stage before it, which is done, and the
    /// head that belongs to it; nil for the first stage.
    func start() throws -> (adapter: Adapter, head: Head?)? {
        guard let startFolder, let modules = model.modules else { return nil }
        do {
            let folder = AdapterFolder(startFolder)
            return (try folder.adapter().fitted(to: modules, as: spec.recipe.adapter), try folder.head())
        } catch let error as Diagnostic {
            throw Diagnostic(
                "stage \(stage) can't begin with the adapter of the one before it: \(error.message)",
                at: error.location ?? SourceLocation(file: startFolder), suggestion: "train with --fresh")
        }
    }

    /// For progress.
    public var title: String {
        (stage > 1 ? "stage \(stage), " : "")
            + "\(modelName), \(method.pooling) pooling, attention \(method.attention), seed \(spec.recipe.seed), "
            + "\(examples.count) examples of \(sourceTitle)"
            + teacherWords + positionWords
    }

    /// Tokens of a step's batches, from the first examples.
    var tokensPerStep: Double {
        let sample = examples.prefix(200)
        let prompts = try? Prompts(
            sample.flatMap(\.sentences), roles: sample.flatMap(\.textRoles), by: method, tokenizer: model.tokenizer,
            contextLength: model.shape.contextLength)
        let mean = Double(prompts?.tokenCount ?? 0) / Double(max(sample.reduce(0) { $0 + $1.sentences.count }, 1))
        let sentences = spec.recipe.batchSize * spec.recipe.accumulation * (examples.first?.sentences.count ?? 0)
        return mean * Double(sentences * (1 + spec.furtherMethods.count))
    }

    /// Floating-point operations of the training's matrix products: a step's forward pass, and as many for the gradient
    /// of its inputs, and the development set's; the adapter's own are few. What a checkpoint or the cache spares isn't
    /// known.
    var operations: Double {
        let evaluated = Double((development?.tokenCount ?? 0) * spec.recipe.evaluationCount)
        let passes = Double(spec.recipe.steps * (measuring?.adapters.count ?? 1))
        return (2 * tokensPerStep * passes + evaluated) * Double(model.shape.layerCount)
            * model.shape.operationsPerTokenAndLayer
    }

    /// What the run's reader must know of its data.
    let warnings: [String]
    /// What its examples are of: the content's own name, where that is none that a task's name stands for.
    let sourceTitle: String
    let developmentTitle: String
    /// The files of the tasks whose sentences were taken out of its examples; nil where it was to keep them.
    private let cleanedOf: Set<[String]>?
    private let catalogue: TaskCatalogue

    /// What the reader of another experiment's scores must know of it.
    ///
    /// - Parameters:
    ///   - scored: that experiment's tasks
    ///   - name: that experiment's for the run that trained it
    func warnings(where scored: [TaskDescription], are name: String) -> [String] {
        let names = scored.map(\.name)
        let own = spec.contaminationWarnings(where: names, catalogue)
        // What is warned of anyway is not among those.
        let known = Set(spec.contaminatedTasks(catalogue) + [spec.development].compactMap(\.self) + [spec.sourceName])
        let unclean = scored.filter { !known.contains($0.name) && cleanedOf?.contains($0.paths) == false }.map(\.name)
        let kept =
            unclean.isEmpty
            ? [] : ["its examples were not cleaned of the sentences of \(unclean.joined(separator: ", "))"]
        return (own + kept).map { "the adapter of \(name): \($0)" }
    }
}

extension TrainingSpec {
    /// The examples with what the method makes of their sentences, where batches are built by that.
    func seeing(_ examples: [TrainingExample], by model: PretrainedModel) throws -> [TrainingExample] {
        guard recipe.separatesDuplicates, let method else { return examples }
        return try examples.seen(by: [method] + furtherMethods, model)
    }

    /// With its steps counted out, and how its batches keep duplicates apart.
    ///
    /// - Throws: where there are too few examples, where the objective can't learn from them, and where a text has no template
    func prepared(
        for examples: [TrainingExample], on shape: BackboneShape
    ) throws -> (spec: TrainingSpec, separation: ExampleBatches.Separation) {
        try recipe.check(examples)
        for role in TextRole.all.filter(Set(examples.flatMap(\.textRoles)).contains) {
            for method in [method].compactMap(\.self) + furtherMethods { _ = try method.template(for: role) }
        }
        let counted = try countingSteps(batchesPerEpoch: recipe.batches(of: examples).batchesPerEpoch)
        try counted.recipe.checkGradient(of: examples, counted.firstStep(on: shape))
        let batches = try counted.recipe.batches(of: examples)
        return (counted, try batches.separation(ofBatches: counted.recipe.batchCount))
    }

    /// The examples of the source, whole.
    ///
    /// - Returns: also the task, where they are one's
    fileprivate func load(_ data: BenchmarkData) throws -> (TrainingData, LoadedTask?) {
        let folder = data.folder
        switch source {
        case .wordNet(let examples):
            let path = ProcessInfo.processInfo.environment["BELLM_WORDNET"].flatMap { $0.isEmpty ? nil : $0 }
            return (try examples.data(of: WordNet(folder: path ?? WordNet.debianFolder)), nil)
        case .file(let written, let configs):
            // A data folder of one text variant lies in the folder that holds all data.
            let below = folder.path.map { [$0, URL(fileURLWithPath: $0).deletingLastPathComponent().path] } ?? []
            let places = ([configs] + below).map { ConfigSource.resolve(written, in: $0) }
            guard let path = places.first(where: FileManager.default.fileExists) else {
                throw Diagnostic(
                    "the sentences to learn from are not there: looked for \(places.joined(separator: ", "))",
                    suggestion: "name the data folder with --data")
            }
            return (try TrainingData(path: path, teacher: teacherColumn), nil)
        case .task(let name):
            let task = try data.catalogue.named(name)
            guard folder.has(task) else {
                throw Diagnostic(
                    "the task \(name), which is to be learnt from, is not in the data folder \(folder.title)",
                    suggestion: DataFolder.howToGet(task))
            }
            let loaded = try folder.load(task)
            var pairs = try TrainingData(loaded)
            if let teacherResult { pairs.examples = try teacherResult.taught(pairs.examples, of: loaded) }
            return (pairs, loaded)
        }
    }

    /// The development set, as far as the experiment's limit leaves it.
    fileprivate func loadDevelopment(_ data: BenchmarkData) throws -> LoadedTask? {
        guard let development else { return nil }
        let task = try data.catalogue.named(development)
        guard data.folder.has(task) else {
            throw Diagnostic(
                "the development set \(development) is not in the data folder \(data.folder.title)",
                suggestion: DataFolder.howToGet(task))
        }
        return BenchmarkData.limited(try data.folder.load(task), to: data.limit)
    }

    /// As most recipes say it, where what was chosen otherwise changes no bit of the adapter: what decontamination leaves
    /// and how many are drawn is told by the examples themselves, and batches without a repeated sentence are those of the order.
    fileprivate func canonical(where separation: ExampleBatches.Separation) -> TrainingSpec {
        var spec = self
        (spec.isDecontaminated, spec.examples) = (true, nil)
        if separation == ExampleBatches.Separation() { spec.recipe.separatesDuplicates = false }
        return spec
    }

    /// - Parameters:
    ///   - developed: the digest of the development set; nil for none
    ///   - taught: that of a model that teaches; nil for none
    fileprivate func meaning(
        of examples: [TrainingExample], in model: PretrainedModel, developed: SHA256Digest?, taught: SHA256Digest?
    ) throws -> SHA256Digest {
        var spec = self
        // The words that say a teacher's method; its identity says what it does.
        if taught != nil { spec.teacher = nil }
        return SHA256Digest(
            of:
                "\(try spec.meaning(in: model))\n\(examples.sha256)\n\(developed?.description ?? "")\n\(taught?.description ?? "")"
        )
    }

    fileprivate func identity(
        examples: [TrainingExample], weightsSHA256: String, linear: LinearMaker, shape: BackboneShape, more: [String]
    ) throws -> SHA256Digest {
        guard let method else { preconditionFailure("a training without a method") }
        return SHA256Digest(
            of: """
                bellm training, version 3
                program \(EncoderCache.programSHA256)
                weights \(weightsSHA256)
                precision \(linear.precision.rawValue), matrix library \(linear.library.rawValue)
                \(try ([method] + furtherMethods).flatMap { try ResolvedMethod($0, shape).lines }.joined(separator: "\n"))
                seed \(recipe.seed)
                examples \(examples.sha256)
                \(resolvedYAML)
                """ + more.map { "\n" + $0 }.joined())
    }
}
