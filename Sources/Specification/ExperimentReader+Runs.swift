import Diagnostics
import Embedding
import Files
import Numerics

extension ExperimentReader {
    /// The runs that are complete; what is wrong with the others joins the problems.
    ///
    /// - Parameter root: the experiment, whose run keys every run inherits.
    mutating func runs(
        _ declared: [ConfigEntry], inheriting root: ConfigNode, overrides: [Overrides.Assignment]
    ) throws -> [RunSpec] {
        let shared = root.keepingRunKeys()
        checkAlternatives(in: shared)
        // Read alone as well, so that a mistake in what every run overrides shows too.
        _ = try draft(shared)
        var used: Set<String> = []
        var seeds = SaidSeeds()
        let runs = try declared.compactMap { run -> RunSpec? in
            checkKeys(of: run)
            checkAlternatives(in: run.value)
            let own = run.value.keepingRunKeys()
            var node = shared.merged(with: own)
            var origins = KeyOrigins(shared, of: path)
            origins.note(own, .run)
            // A training that the command line turns off leaves the file as it is.
            let isMeantToTrain = node.trains
            for override in overrides where isMeant(run, by: override) {
                let isDotted = DottedKey.isOne(override.key)
                // What is said for every run concerns those that have such a value.
                guard RunKey.names.contains(override.key) || isDotted,
                    try !isDotted || override.run != nil
                        || node.completed(by: modelsToCompleteBy).hasValue(of: override.key, in: context.configs)
                else { continue }
                if isDotted { used.insert(override.key) }
                node = node.merged(with: override.value)
                origins.note(override.value, override.run == nil ? .commandLine : .commandLineOfRun)
            }
            checkNone(in: node)
            seeds.note(node, of: run.key, isTrained: isMeantToTrain || node.trains)
            let models = modelsToCompleteBy
            guard let completed = try problems.collect({ try node.completed(by: models) }) else { return nil }
            node = completed
            let settled = try problems.collect {
                try node.choosingLayers(by: origins, isResolved: isResolved)
                    .settlingDottedKeys(of: run.key, in: context.configs)
            }
            guard let settled else { return nil }
            return try spec(of: run, from: settled, said: node)
        }
        for problem in seeds.problems(sayableIn: path) { problems.add(problem) }
        for override in overrides where DottedKey.isOne(override.key) && !used.contains(override.key) {
            problems.add(.keyOfNothing(override.key, "which no run has", at: override.value.location))
        }
        return runs
    }

    /// Whose configs say what a run leaves to its model; nil for a resolved experiment, whose runs leave nothing.
    private var modelsToCompleteBy: ModelCatalogue? { isResolved ? nil : context.models }

    /// Whether a change from the command line concerns a run. The seed of one of several is counted from the one that is said.
    private mutating func isMeant(_ run: ConfigEntry, by override: Overrides.Assignment) -> Bool {
        let shared = runsOfSeeds.first { $0.value.contains(run.key) }?.key
        guard override.run == nil || override.run == run.key || override.run == shared else { return false }
        guard shared != nil, override.key == RunKey.seedName else { return true }
        if override.run == run.key {
            problems.add(
                Diagnostic(
                    "the seed of \"\(run.key)\" is one of several", at: override.value.location,
                    suggestion: "say \(shared ?? "").\(RunKey.seedName)=N, from which they are counted"))
        }
        return false
    }

    /// - Parameters:
    ///   - node: everything the run says, inherits or is overridden by.
    ///   - said: the same, with its dotted keys as they were said.
    private mutating func spec(of run: ConfigEntry, from node: ConfigNode, said: ConfigNode) throws -> RunSpec? {
        var draft = try draft(node)
        try problems.collect { try draft.complete(node) }
        if node["model"] == nil {
            missing("model", of: run, choices: context.models.names + ["the path of a .gguf file"])
        }
        // What modules a model of the hub has of its own is known when it is there.
        let awaitsModel = node["pooling"] == nil && draft.model?.isMissing == true
        if node["pooling"] == nil, !draft.said.contains("pooling"), !awaitsModel {
            missing("pooling", of: run, choices: Pooling.allCases.map(\.rawValue))
        }
        if Set(draft.methods).count < draft.methods.count {
            let place = (node["template"] ?? node["prompt"])?.location ?? run.location
            problems.add(Diagnostic("a prompt stands twice among those to average", at: place))
        }
        guard let model = draft.model, draft.said.contains("pooling") || awaitsModel else { return nil }
        var adapter = draft.adapter
        if case .trained(var stages) = draft.adapter {
            for index in stages.indices {
                stages[index].recipe.seed = draft.seed ?? stages[index].recipe.seed
                stages[index].method = draft.methods[0]
                stages[index].furtherMethods = Array(draft.methods.dropFirst())
            }
            adapter = .trained(stages)
        }
        let inner = node.entries.flatMap { entry in
            entry.value.entries.map { ("\(entry.key).\($0.key)", $0.value.location) }
        }
        let locations = said.entries.map { ($0.key, $0.value.location) } + inner
        var spec = RunSpec(
            name: run.key, model: model, methods: draft.methods,
            postprocessing: draft.postprocessing, adapter: adapter,
            linear: LinearMaker(precision: draft.precision, library: draft.library),
            scoredLayers: draft.scoredLayers, promptName: draft.promptName, location: run.location,
            locations: Dictionary(locations) { _, last in last }, matrixKeys: matrixKeys)
        spec.awaitsModel = awaitsModel
        spec.tableNames = draft.tableNames
        return spec
    }

    /// Reads run keys; what is wrong stays at its default.
    private mutating func draft(_ node: ConfigNode) throws -> RunDraft {
        var draft = RunDraft()
        for key in RunKey.all {
            if let value = node[key.name] {
                try problems.collect { try key.read(value, &draft, context) }
            }
        }
        return draft
    }

    /// The combinations of a matrix lack a key together, and are told once.
    private mutating func missing(_ key: String, of run: ConfigEntry, choices: [String]) {
        guard missingKeys.insert("\(key) at \(run.location)").inserted else { return }
        problems.add(
            Diagnostic(
                "the run \"\(run.key)\" says no \(key), which has no default; expected one of: "
                    + choices.joined(separator: ", "), at: run.location))
    }

    private mutating func checkKeys(of run: ConfigEntry) {
        for entry in run.value.entries where !RunKey.names.contains(entry.key) && !matrixKeys.contains(entry.key) {
            var problem = Diagnostic.unknown("run key", entry.key, among: RunKey.names, at: entry.location)
            if Self.keys.contains(entry.key) {
                problem.suggestion = "\(entry.key) belongs to the experiment, outside variants"
            }
            problems.add(problem)
        }
    }

    private mutating func checkAlternatives(in mapping: ConfigNode) {
        for alternatives in ConfigLevel.run.alternatives {
            let said = mapping.entries.filter { alternatives.contains($0.key) && !$0.isNone }
            if let second = said.dropFirst().first {
                problems.add(
                    Diagnostic(
                        "expected either \(alternatives.joined(separator: " or ")), found both", at: second.location))
            }
        }
    }

    /// A run without an adapter is one without a training too, so to say the one and inherit the other leaves open what is
    /// meant.
    private mutating func checkNone(in run: ConfigNode) {
        guard let adapter = run.entries.first(where: { $0.key == RunKey.adapterName && $0.isNone }),
            let training = run.entries.first(where: { $0.key == RunKey.trainName && !$0.isNone })
        else { return }
        problems.add(
            Diagnostic(
                "expected either \(RunKey.adapterName): none or a training, which is said at \(training.location): a training makes "
                    + "the run's adapter", at: adapter.location,
                suggestion:
                    "leave \(RunKey.adapterName) out, or say \(RunKey.trainName): none for a run that isn't trained"))
    }
}

extension RunDraft {
    /// Takes what the run leaves open from the model's folder, where that is one of the sentence-transformers library and
    /// the run says no pooling.
    mutating func complete(_ node: ConfigNode) throws {
        guard node["pooling"] == nil, let model, SentenceTransformerFolder.isOne(model.file) else { return }
        let pretrained = try PretrainedModel(path: model.file, ignoring: KeyPolicy(ignoring: model.ignoredKeys))
        guard let own = try pretrained.ownMethod() else { return }
        self.said.insert("pooling")
        // A prompt brings a normaliser with its template, a protocol a normaliser.
        let said = ["prompt", "template", "protocol", "normaliser"].filter { node[$0] != nil }
        for index in methods.indices {
            own.complete(&methods[index]) { field in
                switch field {
                case MethodField.templateName: said.contains("prompt") || said.contains("template")
                case MethodField.normaliserName: said.contains { $0 != "template" }
                default: node[field] != nil
                }
            }
        }
    }
}

extension ConfigNode {
    fileprivate func keepingRunKeys() -> ConfigNode {
        ConfigNode(
            .mapping(entries.filter { RunKey.names.contains($0.key) || DottedKey.isOne($0.key) }), at: location,
            folder: folder)
    }
}
