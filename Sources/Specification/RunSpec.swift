import Diagnostics
import Embedding
import Files
import Models
import Numerics

/// One run as an experiment declares it: one embedding method on one backbone.
public struct RunSpec: Hashable, Sendable {
    public var name: String
    public package(set) var model: ModelReference
    /// How it embeds: a method for each of its prompts, at least one, which differ in their prompts alone. The embeddings of
    /// all are averaged (MetaEOL, arXiv 2402.18458).
    public var methods: [EmbeddingMethod]
    public var postprocessing: Postprocessing
    /// What changes the backbone; nil for the backbone as it is.
    public var adapter: AdapterReference?
    /// How the backbone's linear maps are computed.
    public let linear: LinearMaker
    /// The hidden layers of which it stands for a run each; nil where it is one of `method.layer`.
    public var scoredLayers: ScoredLayers?
    /// The shared prompt that gave the template, where one did.
    public package(set) var promptName: String?
    /// Whether it leaves the pooling to the model's folder, which isn't downloaded yet.
    public package(set) var awaitsModel = false
    /// Where the run itself is declared.
    public let location: SourceLocation
    /// Where the value of each run key was written, and by `key.inner` each value of a mapping; keys left to their default
    /// are absent.
    public let locations: [String: SourceLocation]
    public var tableNames = TableNames()
    /// The keys whose values a matrix lists, where one declares the run.
    let matrixKeys: [String]

    /// What all its methods have in common, and the first prompt.
    public var method: EmbeddingMethod { methods[0] }

    /// The seed of its training, one for all stages; nil where it doesn't train.
    package var trainingSeed: UInt64? {
        if case .trained(let stages) = adapter { stages.first?.recipe.seed } else { nil }
    }

    /// What its training embeds, as far as that is known before its files are read: their columns say what their texts are.
    package var trainingRoles: [TextRole] {
        guard case .trained(let stages) = adapter else { return [] }
        let readsSentences = stages.contains { stage in
            if case .file = stage.source { stage.development != nil } else { true }
        }
        return readsSentences ? [.sentence] : []
    }

    /// Whether the embeddings of several prompts are averaged.
    public var averagesPrompts: Bool { methods.count > 1 }

    /// Checks what needs the model: what `check(layerCount:hiddenSize:)` does, and what its kind allows; and that each text
    /// has a template.
    ///
    /// - Parameter roles: of the tasks' texts
    /// - Throws: `ConfigProblems`, at the lines that say them.
    public func check(_ model: PretrainedModel, roles: [TextRole]) throws {
        let shape = model.shape
        var problems = ConfigProblems()
        if !shape.isStatic { try locating("adapter") { () throws(Diagnostic) in try adapter?.checkFolders() } }
        var head: HeadShape?
        try problems.collect { head = try self.head(on: shape) }
        try problems.throwIfAny()
        try check(layerCount: shape.layerCount, hiddenSize: shape.hiddenSize, head: head)
        try problems.collect {
            try locating(locations["template"] == nil ? "prompt" : "template") { () throws(Diagnostic) in
                for role in roles { for method in methods { _ = try method.template(for: role) } }
            }
        }
        try problems.collect {
            try locating("bidirectional") { () throws(Diagnostic) in try shape.check(method.attention) }
        }
        if shape.isStatic { try checkStatic(&problems) }
        if case .trained(let stages) = adapter {
            for stage in stages { try problems.collect { try check(stage, on: model) } }
        }
        try problems.throwIfAny()
    }

    /// Checks what word vectors can't be asked for.
    private func checkStatic(_ problems: inout ConfigProblems) throws {
        try problems.collect {
            try locating("pooling") { () throws(Diagnostic) in try method.checkStaticPooling() }
        }
        try problems.collect {
            try locating(locations["template"] == nil ? "prompt" : "template") { () throws(Diagnostic) in
                for method in methods { try method.checkStaticTemplates() }
            }
        }
        try problems.collect {
            try locating("adapter") { () throws(Diagnostic) in
                switch adapter {
                case nil, .trained: break
                case .folder, .hub, .run, .merged:
                    throw Diagnostic(
                        "word vectors have no layers for an adapter to change", suggestion: "set adapter: none")
                }
            }
        }
    }

    /// Checks what needs the model's sizes: that the hidden layer, each layer of the attention plan and each dimension
    /// that is kept exist.
    ///
    /// - Parameter head: what embeddings come from, where that isn't the model itself
    /// - Throws: `ConfigProblems`, at the lines that say them.
    public func check(layerCount: Int, hiddenSize: Int, head: HeadShape? = nil) throws {
        var problems = ConfigProblems()
        try problems.collect {
            try locating("layer") { () throws(Diagnostic) in try method.layer.resolved(layerCount: layerCount) }
        }
        try problems.collect {
            try locating("bidirectional") { () throws(Diagnostic) in
                try method.attention.bidirectionalLayers(layerCount: layerCount)
            }
        }
        try problems.collect {
            try locating(RunKey.layersName) { () throws(Diagnostic) in try scoredLayers?.check(layerCount: layerCount) }
        }
        try problems.throwIfAny()
        try problems.collect {
            try locating("prepend_layers") { () throws(Diagnostic) in
                for method in methods { try method.check(layerCount: layerCount) }
            }
        }
        try problems.collect {
            try locating("dimensions") { () throws(Diagnostic) in
                let (whole, owner) = head.map { ($0.outputs, "head") } ?? (hiddenSize, "model")
                for count in postprocessing.dimensions where count > whole {
                    throw Diagnostic("expected at most the \(owner)'s \(whole) dimensions, found \(count)")
                }
            }
        }
        try problems.throwIfAny()
    }

    /// The run where its attention plan is what it is in a model of that kind.
    package func settled(on shape: BackboneShape) -> RunSpec {
        func settle(_ method: inout EmbeddingMethod) {
            method.attention = method.attention.settled(isEncoder: shape.isEncoder)
        }
        var run = self
        for index in run.methods.indices { settle(&run.methods[index]) }
        if case .trained(var stages) = run.adapter {
            for index in stages.indices {
                guard var method = stages[index].method else { continue }
                settle(&method)
                stages[index].method = method
            }
            run.adapter = .trained(stages)
        }
        return run
    }

    /// Itself, settled, or a run of each of its `layers`, and of each of several `dimensions`: all are read from one forward
    /// pass.
    package func expanded(on shape: BackboneShape) -> [RunSpec] {
        let settled = settled(on: shape)
        let layers =
            scoredLayers.map { choice in
                choice.layers(of: shape.layerCount).map { layer in
                    var run = settled
                    run.scoredLayers = nil
                    run.tableNames = run.tableNames.adding(.init("layer", layer.description), name: run.name)
                    run.name += Self.layerWord + layer.description
                    for index in run.methods.indices { run.methods[index].layer = layer }
                    return run
                }
            } ?? [settled]
        guard postprocessing.dimensions.count > 1 else { return layers }
        return layers.flatMap { layer in
            postprocessing.dimensions.map { count in
                var run = layer
                run.postprocessing.dimensions = [count]
                run.tableNames = run.tableNames.adding(.init("dimensions", String(count)), name: run.name)
                run.name += Self.dimensionWord + String(count)
                return run
            }
        }
    }

    /// Whether a run of this name comes of it: its own, or one of those that it stands for.
    package func makes(_ name: String) -> Bool {
        var rest = Substring(name)
        if postprocessing.dimensions.count > 1 {
            let endings = postprocessing.dimensions.map { Self.dimensionWord + String($0) }
            guard let ending = endings.first(where: rest.hasSuffix) else { return false }
            rest = rest.dropLast(ending.count)
        }
        guard let scoredLayers else { return rest == self.name }
        let prefix = self.name + Self.layerWord
        guard rest.hasPrefix(prefix), let layer = Int(rest.dropFirst(prefix.count)) else { return false }
        return scoredLayers.makes(HiddenLayer(layer))
    }

    private static let layerWord = " layer "
    private static let dimensionWord = " dimensions "

    /// Gives an error of `check` the place where the key's value was written.
    private func locating<R>(_ key: String, _ check: () throws(Diagnostic) -> R) throws(Diagnostic) -> R {
        do {
            return try check()
        } catch {
            throw Diagnostic(error.message, at: locations[key] ?? location, suggestion: error.suggestion)
        }
    }
}

extension RunSpec {
    /// What decides its scores but the seed: a digest of the resolved run without its seed and names. Runs that differ by
    /// their seed alone have the same.
    ///
    /// - Parameters:
    ///   - ownTasks: the names of the user's own, which may change while what is read stays
    ///   - weightsSHA256: stands for the model, whose file may lie elsewhere on another machine.
    ///   - adapterSHA256: stands for the adapter, where the run doesn't train it.
    ///   - more: what else its vectors depend on: how texts become ids, what its post-processing is fitted to
    ///   - learntFrom: digests of what each stage of its training learns from; none where it isn't trained
    package func methodID(
        besides ownTasks: Set<String> = [], weightsSHA256: String, adapterSHA256: String?,
        learntFrom: [SHA256Digest] = [], more: [String] = []
    ) -> SHA256Digest {
        let elsewhere = ["model", "adapter", "seed"]
        var (run, adapter) = (self, adapterSHA256 ?? "none")
        if case .trained(let stages) = self.adapter {
            let stages = stages.map { $0.withoutPlace(besides: ownTasks) }
            run.adapter = .trained(stages)
            adapter = "trained on \(learntFrom.map(\.description).joined(separator: ", "))"
            adapter += stages.compactMap(\.positionYAML).map { " by\n\($0)" }.joined()
        }
        run.postprocessing.fit = postprocessing.fit?.withoutName(of: ownTasks)
        let keys = RunKey.ofSettings.filter { !elsewhere.contains($0.name) }.compactMap { key in
            key.write(run).map { "\(key.name): \($0.yaml)" }
        }
        return SHA256Digest(
            of: """
                bellm method, version 2
                weights \(weightsSHA256)
                adapter \(adapter)
                \(keys.joined())
                """ + more.map { $0 + "\n" }.joined())
    }
}
