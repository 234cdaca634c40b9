import Benchmarks
import Diagnostics
import Embedding
import Models
import Numerics

/// What an experiment will do, known before any work.
public struct ExperimentPlan: Sendable {
    public let spec: ExperimentSpec
    public let data: BenchmarkData
    /// The experiment's runs, in order; one that says `layers: all` is a run of each layer here, and one of several
    /// `dimensions` a run of each.
    public let runs: [RunSpec]
    public private(set) var passes: [PassPlan]

    /// Opens the models, checks each run against its model, reads the data and tokenises the prompts.
    public init(_ spec: ExperimentSpec, data: BenchmarkData) throws {
        self.spec = spec
        self.data = data
        var models: [String: PretrainedModel] = [:]
        var problems = ConfigProblems()
        var runs: [RunSpec] = []
        for run in spec.runs {
            let path = try run.model.existingFile()
            let model = try models[path] ?? PretrainedModel(path: path)
            models[path] = model
            try problems.collect {
                try run.check(layerCount: model.shape.layerCount, hiddenSize: model.shape.hiddenSize)
            }
            runs += run.expanded(layerCount: model.shape.layerCount)
        }
        try problems.throwIfAny()
        self.runs = runs

        passes = try RunGroup.grouped(runs).map { group in
            guard let first = group.runs.first, let model = models[first.model.file] else {
                preconditionFailure("a group of runs without a model")
            }
            return try PassPlan(model: model, group: group, data: data)
        }
    }

    /// Finds out what the cache spares: the forecast is of the rest then.
    public mutating func lookUp(in cache: CacheUse) throws {
        for index in passes.indices { try passes[index].lookUp(in: cache) }
    }

    /// A forecast for this machine.
    public struct Forecast: Hashable, Sendable {
        public var seconds: Double
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
    /// What the program holds besides weights, working memory and embeddings: code, tokenizer, prompts.
    private static let baseBytes = 120e6

    /// Forecasts time and memory from a short measurement of this machine's matrix products.
    public func forecast(workers: Int) -> Forecast {
        struct Products: Hashable {
            var linear: LinearMaker
            var hiddenSize: Int
        }
        var speeds: [Products: Double] = [:]
        var forecast = Forecast(seconds: 0, peakBytes: Self.baseBytes)
        let files = Dictionary(passes.map { ($0.model.path, $0.model.fileBytes) }, uniquingKeysWith: max)
        forecast.seconds += Double(files.values.reduce(0, +)) / Self.hashedBytesPerSecond
        for pass in passes {
            let products = Products(linear: pass.linear, hiddenSize: pass.model.shape.hiddenSize)
            let speed =
                speeds[products]
                ?? MatrixProductSpeed.measure(
                    pass.linear, hiddenSize: products.hiddenSize, rows: Encoder.defaultChunkTokens, threads: workers)
            speeds[products] = speed
            forecast.seconds += pass.remaining.operations / (speed * Self.efficiency)
            forecast.peakBytes = max(forecast.peakBytes, Self.baseBytes + pass.bytes(workers: workers))
        }
        for run in runs {
            guard let pass = passes.first(where: { $0.runs.contains(run) }) else { continue }
            let dimensions = run.postprocessing.dimensions.first ?? pass.model.shape.hiddenSize
            for task in data.tasks {
                forecast.classifierSeconds += task.classifierSeconds(dimensions: dimensions) / Double(workers)
            }
        }
        forecast.seconds += forecast.classifierSeconds
        return forecast
    }

    /// The warnings of each run that has some.
    public func warnings() throws -> [(run: String, text: String)] {
        try passes.flatMap { pass in
            try pass.runs.flatMap { run in try pass.warnings(of: run).map { (run: run.name, text: $0) } }
        }.reduce(into: []) { all, warning in
            // A run of several prompts is in several passes.
            if !all.contains(where: { $0 == warning }) { all.append(warning) }
        }
    }
}
