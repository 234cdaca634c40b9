import Embedding
import Models
import Numerics
import Specification

/// Runs that one pass over the sentences serves: they share backbone, prompts and padding, and differ
/// in attention plan, pooling, hidden layer and what is done with the embeddings.
public struct PassPlan: Sendable {
    public let model: PretrainedModel
    public let modelName: String
    public let linear: LinearMaker
    /// Merged into the weights.
    public let adapter: AdapterReference?
    /// Whether the weights are read layer by layer, because they don't fit in memory.
    public let isStreamed: Bool
    /// Those that read the pass, in the experiment's order.
    public private(set) var runs: [RunSpec]
    /// What the pass computes for them, each method once.
    public private(set) var methods: [EmbeddingMethod]
    public let prompts: Prompts
    /// For each sentence of the data, its prompt.
    public let rows: [Int]
    public private(set) var workload: Workload
    /// What is to be computed: all, or what a cache lacks.
    public private(set) var remaining: Workload
    /// Prompts whose embeddings a cache has, all of them.
    public private(set) var knownPrompts = 0

    /// - Parameter tokenised: prompts of earlier passes, which this one's join
    init(
        model: PretrainedModel, group: RunGroup, data: BenchmarkData, tokenised: inout TokenisedPrompts
    ) throws {
        guard let first = group.runs.first, let method = group.methods.first else {
            preconditionFailure("a pass without runs")
        }
        self.model = model
        let (runs, methods) = (group.runs, group.methods)
        (self.runs, self.methods) = (runs, methods)
        modelName = first.model.name
        linear = first.linear
        adapter = first.adapter
        isStreamed = Self.streams(model, linear: linear)
        let sentences = data.sentences(for: method.normaliser)
        let made = try tokenised.prompts(sentences, method: method, model: model)
        let places = sentences.indices.map { made.rows[$0] }
        switch method.padding {
        case .none: (prompts, rows) = (made.prompts, places)
        case .visible:
            let batches = data.batches(of: Padding.batchSize, for: method.normaliser)
            (prompts, rows) = made.prompts.padded(rows: places, batches: batches, with: try model.padToken)
        }
        workload = try Self.workload(prompts, runs: runs, methods: methods, model: model)
        remaining = workload
    }

    /// As often as runs ask: what they share costs nothing, but would if they were alone.
    private static func workload(
        _ prompts: Prompts, runs: [RunSpec], methods: [EmbeddingMethod], model: PretrainedModel
    ) throws -> Workload {
        let asked = runs.flatMap { run in run.methods.filter(methods.contains) }
        return try Workload(prompts, methods: asked, shape: model.shape)
    }

    /// The pass as it is where only the runs of these names are made; nil where none of them reads it.
    func restricted(to names: Set<String>) throws -> PassPlan? {
        var pass = self
        pass.runs = runs.filter { names.contains($0.name) }
        guard !pass.runs.isEmpty else { return nil }
        pass.methods = methods.filter { method in pass.runs.contains { $0.methods.contains(method) } }
        pass.workload = try Self.workload(prompts, runs: pass.runs, methods: pass.methods, model: model)
        (pass.remaining, pass.knownPrompts) = (pass.workload, 0)
        return pass
    }

    /// Whether another pass goes through the same numbers.
    func hasSameBackbone(as other: PassPlan) -> Bool {
        model.path == other.model.path && linear == other.linear && adapter == other.adapter
    }

    /// Finds out what the cache spares.
    mutating func lookUp(in cache: CacheUse) throws {
        // What an adapter changes the weights to isn't known before it is merged, or even trained.
        guard let first = runs.first, adapter == nil else { return }
        // The digest that the file should have is as good for a forecast, and known without reading the file.
        let weightsSHA256 = try first.model.sha256 ?? model.weightsSHA256().description
        guard let cache = cache.encoderCache(weightsSHA256: weightsSHA256, linear: linear) else { return }
        let missing = try cache.missing(prompts, methods: methods, shape: model.shape)
        remaining = try Workload(
            prompts, only: missing.prompts, methods: missing.methods.map { methods[$0] }, shape: model.shape)
        knownPrompts = prompts.tokens.count - prompts.emptyCount - missing.prompts.count
    }

    /// For each of the run's methods that the pass computes, its place.
    func places(of run: RunSpec) -> [Int] { run.methods.compactMap { methods.firstIndex(of: $0) } }

    /// The run's warnings that need no computation.
    func warnings(of run: RunSpec) throws -> [String] {
        let unencoded = prompts.unencodedBytes
        let own = places(of: run).map { methods[$0] }
        return try own.prefix(1).flatMap { method in
            let resolved = try ResolvedMethod(method, model.shape)
            return [
                resolved.noEffectWarning, try resolved.paddingWarning(token: try model.padToken),
                model.ignoredKeysWarning,
                unencoded > 0 ? "\(unencoded) bytes of the prompts have no token in the model's vocabulary" : nil,
            ].compactMap(\.self) + prompts.warnings(of: model.tokenizer)
        }
    }

    /// Whether a model's weights are read layer by layer: where they would fill half of memory.
    public static func streams(_ model: PretrainedModel, linear: LinearMaker) -> Bool {
        model.residentBytes(linear) > ProcessFacts.memory / 2
    }
}

/// Runs that can share a pass, and what it computes for them.
struct RunGroup {
    private struct Key: Hashable {
        var model: String
        var linear: LinearMaker
        var adapter: AdapterReference?
        var method: EmbeddingMethod
    }

    private(set) var runs: [RunSpec] = []
    /// Each method once.
    private(set) var methods: [EmbeddingMethod] = []

    private mutating func add(_ run: RunSpec, _ method: EmbeddingMethod) {
        if runs.last != run { runs.append(run) }
        if !methods.contains(method) { methods.append(method) }
    }

    /// The group where only the runs of these names are made; nil where none of them is in it.
    func restricted(to names: Set<String>) -> RunGroup? {
        var group = RunGroup()
        group.runs = runs.filter { names.contains($0.name) }
        group.methods = methods.filter { method in group.runs.contains { $0.methods.contains(method) } }
        return group.runs.isEmpty ? nil : group
    }

    /// The groups of runs, in the order of each group's first. A run of several prompts is in several.
    static func grouped(_ runs: [RunSpec]) -> [RunGroup] {
        var groups: [RunGroup] = []
        var indices: [Key: Int] = [:]
        for run in runs {
            for method in run.methods {
                let key = Key(
                    model: run.model.file, linear: run.linear, adapter: run.adapter,
                    method: method.passKey)
                let index = indices[key] ?? groups.count
                if index == groups.count {
                    indices[key] = index
                    groups.append(RunGroup())
                }
                groups[index].add(run, method)
            }
        }
        return groups
    }
}
