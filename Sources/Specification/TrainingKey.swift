import Tasks
import Diagnostics
import Embedding
import Foundation
import Models
import Objectives
import Training

/// A key of a training recipe: its name, how it is read, and how the resolved experiment says it.
///
/// A new key is one entry of `all` (and its row in docs/training.md).
struct TrainingKey: Sendable {
    let name: String
    let read: @Sendable (ConfigNode, inout TrainingDraft) throws -> Void
    /// The recipe's value; nil where it has none.
    let write: @Sendable (TrainingSpec) -> ConfigNode.Content?

    static let names = all.map(\.name)

    /// The data that is WordNet, and the keys that say what is taken of it.
    static let wordNetName = "wordnet"
    static let ofWordNet = ["wordnet_pairs", "hard_negatives"]

    /// The keys that say nothing beside a word for targets: numbers and layers of low-rank factors where there are none, parts
    /// of the model where it is trained as a whole.
    static func keys(foreignToTargets word: String?) -> [String] {
        let ofFactors = ["rank", "alpha", "dropout", "layers"]
        return switch word {
        case "none": ofFactors
        case "full": ofFactors + ["modules_to_save"]
        default: []
        }
    }

    /// The keys that say nothing beside `development: none`.
    static let ofDevelopment = ["evaluate_every", "patience"]

    static let all: [TrainingKey] = dataKeys + objectiveKeys + [head] + headKeys + stepKeys + adapterKeys

    /// Those that say which numbers are trained, and what the adapter holds behind a training of such a recipe: what all
    /// stages have in common.
    static func ofTrainedPart(_ first: TrainingSpec?) -> [TrainingKey] {
        adapterKeys + (first?.keptHead == nil ? [] : [head])
    }

    private static let dataKeys: [TrainingKey] = [
        TrainingKey(
            name: "data",
            read: { node, draft in
                let text = try node.text("wordnet, a task such as STS-B-train, or the path of a .csv or .jsonl file")
                if text == wordNetName {
                    draft.spec.source = .wordNet(draft.wordNet)
                } else if text.hasSuffix(".csv") || text.hasSuffix(".jsonl") {
                    draft.spec.source = .file(text, beside: node.folder)
                    // Others may be in the data folder.
                    let isBeside = ["/", "./", "../"].contains(where: text.hasPrefix)
                    let path = ConfigSource.resolve(text, in: node.folder)
                    if isBeside, !FileManager.default.fileExists(atPath: path) {
                        throw Diagnostic("no such file: \(path)", at: node.location)
                    }
                } else if text.contains("."), !draft.tasks.names.contains(text) {
                    throw node.expected("a file of examples that ends in .csv or .jsonl, or a task such as STS-B-train")
                } else {
                    draft.spec.source = .task(try draft.tasks.ofScoredPairs(text, at: node.location))
                }
            },
            write: { spec in
                switch spec.source {
                case .wordNet: .text(wordNetName)
                case .file: spec.source.spelling.map(ConfigNode.Content.text)
                case .task(let name): .text(name)
                }
            }),
        TrainingKey(
            name: "wordnet_pairs", read: { node, draft in draft.wordNet.pairs = try node.choice("kind of pairs") },
            write: { $0.wordNet.map { .text($0.pairs.rawValue) } }),
        TrainingKey(
            name: "hard_negatives", read: { node, draft in draft.wordNet.hardNegatives = try node.flag() },
            write: { $0.wordNet.map { .boolean($0.hardNegatives) } }),
        TrainingKey(
            name: "examples",
            read: { node, draft in draft.spec.examples = node.content == .text("all") ? nil : try node.positive() },
            write: { $0.examples.map(ConfigNode.Content.integer) ?? .text("all") }),
        TrainingKey(
            name: "decontaminate", read: { node, draft in draft.spec.isDecontaminated = try node.flag() },
            write: { .boolean($0.isDecontaminated) }),
        TrainingKey(
            name: "development",
            read: { node, draft in
                let name = try node.text("none or a task such as STS-B-dev")
                draft.spec.development = name == "none" ? nil : try draft.tasks.ofScoredPairs(name, at: node.location)
            },
            write: { .text($0.development ?? "none") }),
        // Written where there is one: recipes from before it was there resolve to the same text.
        TrainingKey(
            name: teacherName, read: { node, draft in draft.spec.teacher = try node.teacher(in: draft.context) },
            write: { $0.teacher.map(ConfigNode.Content.teacher) }),
    ]

    static let teacherName = "teacher"

    // This and the next are written where they are said: recipes from before they were there resolve to the same text.
    static let head = TrainingKey(
        name: "head",
        read: { node, draft in
            draft.spec.recipe.head = node.content == .text("none") ? nil : try HeadRecipe(node.methodValue)
        },
        write: { $0.recipe.head.map { ConfigNode.Content($0.written) } })

    private static let headKeys: [TrainingKey] = [
        TrainingKey(
            name: "norm_exits",
            read: { node, draft in draft.spec.recipe.normsExits = try node.flag() },
            write: { $0.recipe.normsExits ? .boolean(true) : nil })
    ]

    private static let stepKeys: [TrainingKey] = [
        TrainingKey(
            name: "steps", read: { node, draft in draft.spec.recipe.steps = try node.positive() },
            write: { $0.epochs == nil ? .integer($0.recipe.steps) : nil }),
        TrainingKey(
            name: "epochs",
            read: { node, draft in
                let epochs = try node.number()
                guard epochs > 0, epochs.isFinite else { throw node.expected("a number above 0") }
                (draft.spec.epochs, draft.spec.recipe.steps) = (epochs, TrainingSpec.stepsOfEpochs)
            },
            write: { $0.epochs.map(ConfigNode.Content.number) }),
        integer("batch_size", \.recipe.batchSize),
        TrainingKey(
            name: "no_duplicates",
            read: { node, draft in draft.spec.recipe.separatesDuplicates = try node.flag() },
            // Written where it is on: recipes from before it was there resolve to the same text.
            write: { $0.recipe.separatesDuplicates ? .boolean(true) : nil }),
        integer("accumulation", \.recipe.accumulation),
        TrainingKey(
            name: "learning_rate", read: { node, draft in draft.spec.recipe.learningRate = try node.number() },
            write: { .number($0.recipe.learningRate) }),
        TrainingKey(
            name: "schedule", read: { node, draft in draft.spec.recipe.schedule = try node.choice("schedule") },
            write: { .text($0.recipe.schedule.rawValue) }),
        TrainingKey(
            name: "warmup",
            read: { node, draft in
                if case .integer(let steps) = node.content {
                    draft.spec.recipe.warmUp = .steps(steps)
                } else {
                    draft.spec.recipe.warmUp = .ratio(try node.number())
                }
            },
            write: { spec in
                switch spec.recipe.warmUp {
                case .steps(let steps): .integer(steps)
                case .ratio(let ratio): .number(ratio)
                }
            }),
        TrainingKey(
            name: "weight_decay",
            read: { node, draft in draft.spec.recipe.optimiser.weightDecay = try node.number() },
            write: { .number($0.recipe.optimiser.weightDecay) }),
        TrainingKey(
            name: "clip",
            read: { node, draft in
                draft.spec.recipe.clipping = node.content == .text("none") ? nil : try node.number()
            },
            write: { $0.recipe.clipping.map(ConfigNode.Content.number) ?? .text("none") }),
        TrainingKey(
            name: "evaluate_every",
            read: { node, draft in draft.spec.recipe.evaluationInterval = try node.positive() },
            write: { $0.recipe.evaluationInterval.map(ConfigNode.Content.integer) }),
        TrainingKey(
            name: "patience", read: { node, draft in draft.spec.recipe.patience = try node.positive() },
            write: { $0.recipe.patience.map(ConfigNode.Content.integer) }),
        integer("checkpoint_every", \.recipe.checkpointInterval),
    ]

    /// Written where they say something.
    static let adapterKeys = allAdapterKeys.map { key in
        TrainingKey(
            name: key.name, read: key.read,
            write: { spec in
                keys(foreignToTargets: spec.recipe.adapter.targets.word).contains(key.name) ? nil : key.write(spec)
            })
    }

    private static let allAdapterKeys: [TrainingKey] = [
        integer("rank", \.recipe.adapter.rank),
        TrainingKey(
            name: "alpha", read: { node, draft in draft.spec.recipe.adapter.alpha = Float(try node.number()) },
            write: { .number(Double($0.recipe.adapter.alpha)) }),
        TrainingKey(
            name: "dropout", read: { node, draft in draft.spec.recipe.adapter.dropout = try node.number() },
            write: { .number($0.recipe.adapter.dropout) }),
        TrainingKey(
            name: "targets",
            read: { node, draft in
                if case .text(let word) = node.content,
                    let targets = AdapterConfiguration.Targets.words.first(where: { $0.word == word })
                {
                    draft.spec.recipe.adapter.targets = targets
                } else {
                    // Which names there are is known with the model.
                    let names = try node.distinctItems("linear maps").map { try $0.text("a linear map") }
                    draft.spec.recipe.adapter.targets = .named(names.sorted())
                }
            },
            write: { spec in
                let targets = spec.recipe.adapter.targets
                if let word = targets.word { return .text(word) }
                guard case .named(let names) = targets else { return nil }
                return .list(names.map(ConfigNode.Content.text))
            }),
        TrainingKey(
            name: "modules_to_save",
            read: { node, draft in
                draft.spec.recipe.adapter.modulesToSave =
                    node.content == .text("none")
                    ? [] : try node.distinctItems("linear maps").map { try $0.text("a linear map") }
            },
            write: { spec in
                let names = spec.recipe.adapter.modulesToSave
                return names.isEmpty ? .text("none") : .list(names.map(ConfigNode.Content.text))
            }),
        TrainingKey(
            name: "layers",
            read: { node, draft in
                draft.spec.recipe.adapter.layers =
                    node.content == .text("all")
                    ? nil : try node.distinctItems("layers").map { try $0.integer() }.sorted()
            },
            write: { $0.recipe.adapter.layers.map(ConfigNode.Content.integers) ?? .text("all") }),
    ]

    private static func integer(
        _ name: String, _ path: WritableKeyPath<TrainingSpec, Int> & Sendable
    ) -> TrainingKey {
        TrainingKey(
            name: name, read: { node, draft in draft.spec[keyPath: path] = try node.positive() },
            write: { .integer($0[keyPath: path]) })
    }
}

extension AdapterConfiguration.Targets {
    /// Those that a word says.
    fileprivate static let words: [Self] = [.all, .full, .named([])]

    fileprivate var word: String? {
        switch self {
        case .all: "all"
        case .full: "full"
        case .named([]): "none"
        case .named: nil
        }
    }
}

/// A recipe being read: the numbers of each objective and source, of which one is chosen.
struct TrainingDraft {
    let context: ConfigContext
    var tasks: TaskCatalogue { context.tasks }
    var spec = TrainingSpec()
    var wordNet = WordNetExamples()
    var objective = ObjectiveDraft()

    init(_ context: ConfigContext) { self.context = context }

    /// With the loss and the source that were chosen.
    var finished: TrainingSpec {
        var spec = spec
        if case .wordNet = spec.source { spec.source = .wordNet(wordNet) }
        spec.recipe.objective = AnyObjective(objective.chosen)
        return spec
    }
}

extension TaskCatalogue {
    /// The name of a task that a training can learn from and be chosen by.
    fileprivate func ofScoredPairs(_ name: String, at location: SourceLocation) throws(Diagnostic) -> String {
        let task = try named(name, at: location)
        guard try task.lookUpKind().hasScoredPairs else {
            throw Diagnostic(
                "expected a task of scored sentence pairs, found \(name), which is of the kind \(task.kind)",
                at: location)
        }
        return name
    }
}

extension TrainingSpec {
    var wordNet: WordNetExamples? {
        if case .wordNet(let examples) = source { examples } else { nil }
    }
}
