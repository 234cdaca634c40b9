import Diagnostics
import Models
import Training

/// The position between two adapters that a run trains: which two, and where it begins. Self Positioning, arXiv 2410.15035. Or a merge
/// of several by what a probe measures of each, of which nothing is trained.
public struct PositionSpec: Hashable, Sendable {
    /// Two, for a merge two or more, each a folder, a repository of the hub, or what a run of another experiment trained.
    public var sources: [AdapterReference]
    public var start: AdapterArc.Position
    /// μ: what the loss gets of the scale, times this.
    public var scalePenalty: Double
    /// How they are merged by what is measured; nil where a position is trained.
    public var merge: AdapterMerge?

    static let name = "self_positioning"
    private static let keys = ["merge", "by", "weights", "scale", "scale_penalty", "probe"]

    /// Keys of a recipe that say nothing of a probe: no adapter and no head is trained, and by plain gradient descent.
    fileprivate static var foreignKeys: [String] {
        TrainingKey.adapterKeys.map(\.name) + [TrainingKey.head.name, "weight_decay"]
    }

    /// Keys of a recipe that say nothing where nothing is trained.
    fileprivate static var trainingKeys: [String] {
        foreignKeys + [
            "learning_rate", "schedule", "warmup", "clip", "accumulation", "development", "evaluate_every", "patience",
            "checkpoint_every",
        ]
    }

    /// `{merge: [./a, ./b], by: fisher, rank: 64, probe: {data: …, steps: 60}}`, of which all but the probe is read.
    static func read(
        _ node: ConfigNode, merge: AdapterMerge, sources: [AdapterReference], in context: ConfigContext
    ) throws -> TrainingSpec {
        guard let probe = node["probe"] else {
            throw Diagnostic(
                "\(merge.method.rawValue) weighs adapters by what examples say of each: expected probe, which says what examples",
                at: node["by"]?.location ?? node.location,
                suggestion: "such as probe: {recipe: nli, examples: 640, steps: 20}")
        }
        guard case .mapping = probe.content else { throw probe.expected("a mapping of a training recipe's keys") }
        for key in trainingKeys {
            guard let said = probe[key] else { continue }
            throw Diagnostic("\(key) says nothing of a probe by which nothing is trained", at: said.location)
        }
        guard var spec = try probe.stages(in: context).first else { throw probe.expected("a recipe") }
        try spec.checkProbe(probe)
        let plain = TrainingRecipe()
        var recipe = plain
        (recipe.objective, recipe.steps, recipe.batchSize) = (
            spec.recipe.objective, spec.recipe.steps, spec.recipe.batchSize
        )
        (recipe.separatesDuplicates, recipe.seed, recipe.normsExits) = (
            spec.recipe.separatesDuplicates, spec.recipe.seed, spec.recipe.normsExits
        )
        recipe.warmUp = .steps(0)
        (spec.recipe, spec.development) = (recipe, nil)
        spec.position = PositionSpec(
            sources: sources, start: AdapterArc.Position(weights: merge.weights, scale: merge.scale), scalePenalty: 0,
            merge: merge)
        return spec
    }

    /// `{merge: [./a, ./b], by: self_positioning, probe: {data: …, steps: 60, learning_rate: 0.1}}`.
    static func read(_ node: ConfigNode, sources: [AdapterReference], in context: ConfigContext) throws -> TrainingSpec
    {
        var problems = ConfigProblems()
        node.unknownKeys("key of a merge by \(name)", among: keys).forEach { problems.add($0) }
        try problems.throwIfAny()
        let probe = try node.required("probe")
        guard case .mapping = probe.content else { throw probe.expected("a mapping of a training recipe's keys") }
        for key in foreignKeys {
            guard let said = probe[key] else { continue }
            throw Diagnostic(
                "\(key) says nothing of a probe: the position between two adapters is trained, by plain gradient descent",
                at: said.location)
        }
        guard probe["learning_rate"] != nil else {
            throw Diagnostic(
                "expected the learning_rate of plain gradient descent", at: probe.location,
                suggestion: "a recipe's is AdamW's; begin with learning_rate: 0.1")
        }
        var arc = AdapterMerge()
        arc.method = .slerp
        arc.weights = try node["weights"]?.list(of: "weights").map { try $0.number() } ?? [1, 1]
        arc.scale = try node["scale"]?.number() ?? 1
        do {
            try arc.check(sources.count)
        } catch {
            throw error.placed(at: node.location) { node[$0]?.location }
        }
        guard arc.scale > 0 else {
            throw Diagnostic("expected a scale above 0", at: node["scale"]?.location ?? node.location)
        }
        // The paper says of it that it is below 0.05.
        let penalty = try node["scale_penalty"]?.number() ?? 0.01
        do {
            _ = try DecimalRange("scale_penalty", 0...1).check(penalty)
        } catch {
            throw error.placed(at: node["scale_penalty"]?.location ?? node.location)
        }
        guard var spec = try probe.stages(in: context).first else { throw probe.expected("a recipe") }
        try spec.checkProbe(probe)
        let plain = TrainingRecipe()
        (spec.recipe.adapter, spec.recipe.head, spec.recipe.optimiser) = (plain.adapter, nil, plain.optimiser)
        spec.position = PositionSpec(
            sources: sources, start: AdapterArc.Position(weights: arc.weights, scale: arc.scale), scalePenalty: penalty)
        return spec
    }
}

extension TrainingSpec {
    /// - Throws: where the objective has parameters that a probe has no use for
    fileprivate func checkProbe(_ probe: ConfigNode) throws(Diagnostic) {
        guard recipe.hasObjectiveLayers else { return }
        throw Diagnostic(
            "the objective \(recipe.objective.name) has parameters of its own, which a probe doesn't train",
            at: probe["objective"]?.location ?? probe.location)
    }
}

extension ConfigNode.Content {
    static func position(_ position: PositionSpec, _ spec: TrainingSpec) -> Self {
        let nowhere = SourceLocation(file: "")
        if let merge = position.merge {
            let probe = ConfigNode(training(spec), at: nowhere, folder: "").entries.filter {
                !PositionSpec.trainingKeys.contains($0.key)
            }
            return .entries(mergeEntries(position.sources, merge) + [("probe", .mapping(probe))])
        }
        let probe = ConfigNode(training(spec), at: nowhere, folder: "").entries.filter {
            !PositionSpec.foreignKeys.contains($0.key)
        }
        return .entries([
            ("merge", .list(position.sources.compactMap(\.spelling).map(Self.text))), ("by", .text(PositionSpec.name)),
            ("weights", .list(position.start.weights.map(Self.number))), ("scale", .number(position.start.scale)),
            ("scale_penalty", .number(position.scalePenalty)), ("probe", .mapping(probe)),
        ])
    }
}
