import Diagnostics
import Embedding
import Files
import Models
import Numerics
import Tasks

/// A key of a run: its name, how it is read, and how the resolved experiment says it.
///
/// A key of the embedding method is an entry of `MethodField.all`; another one is an entry here. Either has a row in
/// docs/experiments.md.
struct RunKey: Sendable {
    let name: String
    /// Puts the value into the draft.
    let read: @Sendable (ConfigNode, inout RunDraft, ConfigContext) throws -> Void
    /// The run's value; nil for a key whose meaning others carry.
    let write: @Sendable (RunSpec) -> ConfigNode.Content?
    /// Whether it only says what tables call the run.
    var isForTables = false

    static let names = all.map(\.name)

    /// Those that decide what is computed.
    static let ofSettings = all.filter { !$0.isForTables }

    /// Those of which a matrix lists values.
    static let namesOfMatrix = ofSettings.map(\.name).filter { $0 != seedsName }

    /// In the order of reading: a protocol's normaliser comes after the prompt's, an explicit one after both.
    static let all: [RunKey] = beforeMethod + MethodField.all.map(RunKey.init) + behindMethod

    static let adapterName = "adapter"
    static let seedName = "seed"
    static let seedsName = "seeds"
    static let factorsName = "factors"
    static let layersName = "layers"
    static let trainName = "train"

    private static let beforeMethod: [RunKey] = [
        RunKey(
            name: "model",
            read: { node, draft, context in
                let text = try node.text(
                    "a model's name, the path of a .gguf file or a folder, or a repository of the hub")
                draft.model = try context.models.model(text, relativeTo: node.folder, at: node.location)
            },
            write: { .text($0.model.spelling) }),
        RunKey(
            name: "prompt",
            read: { node, draft, context in
                draft.take(try node.prompts(in: context.configs), fields: MethodField.ofPrompts)
                draft.promptName = try? node.text()
            },
            write: { _ in nil }),
        RunKey(
            name: "protocol",
            read: { node, draft, _ in
                let normaliser = try node.paperProtocol().normaliser
                for index in draft.methods.indices { draft.methods[index].normaliser = normaliser }
            },
            write: { _ in nil }),
    ]

    private static let behindMethod: [RunKey] = [
        RunKey(
            name: layersName,
            read: { node, draft, _ in draft.scoredLayers = try node.scoredLayers() },
            write: { run in
                run.scoredLayers.map {
                    switch $0 {
                    case .all: .text("all")
                    case .these(let layers): .integers(layers.map(\.index))
                    }
                }
            }),
        RunKey(
            name: "postprocess",
            read: { node, draft, context in draft.postprocessing.fit = try node.fit(among: context.tasks) },
            write: { $0.postprocessing.fit.map { .text($0.description) } }),
        RunKey(
            name: "dimensions",
            read: { node, draft, _ in draft.postprocessing.dimensions = try node.dimensions() },
            write: { run in
                let counts = run.postprocessing.dimensions
                return counts.isEmpty ? nil : counts.count == 1 ? .integer(counts[0]) : .integers(counts)
            }),
        RunKey(
            name: adapterName,
            read: { node, draft, context in draft.adapter = try node.adapter(in: context) },
            write: { run in
                if case .merged(let sources, let merge) = run.adapter {
                    .merged(sources, merge)
                } else if case .trained(let stages) = run.adapter, let stage = stages.first, let own = stage.position {
                    .position(own, stage)
                } else if run.adapter == nil, run.model.method?.adapter != nil, run.model.spelling == run.model.name {
                    // What is left out is the named model's.
                    .text("none")
                } else {
                    run.adapter?.spelling.map(ConfigNode.Content.text)
                }
            }),
        RunKey(
            name: trainName,
            read: { node, draft, context in
                // An adapter that is there already stays: none is no training.
                guard node.content != .text("none") else { return }
                draft.adapter = .trained(try node.stages(in: context))
            },
            write: { run in
                if case .trained(let stages) = run.adapter, stages.first?.position == nil {
                    .oneOrSeveral(stages.map(ConfigNode.Content.training))
                } else {
                    nil
                }
            }),
        RunKey(
            name: seedName,
            read: { node, draft, _ in
                let seed = try node.integer()
                guard seed >= 0 else { throw node.expected("a seed from 0") }
                draft.seed = UInt64(seed)
            },
            write: { run in
                run.trainingSeed.map { .integer(Int($0)) }
            }),
        RunKey(
            name: seedsName,
            // Runs are multiplied before they are read.
            read: { node, _, _ in _ = try NumberRange(seedsName, 1...100).check(node.integer(), at: node.location) },
            write: { _ in nil }),
        RunKey(
            name: "precision",
            read: { node, draft, _ in draft.precision = try node.choice("a precision") },
            write: { .text($0.linear.precision.rawValue) }),
        RunKey(
            name: "gemm",
            read: { node, draft, _ in draft.library = try node.choice("a library for matrix products") },
            write: { .text($0.linear.library.rawValue) }),
        RunKey(
            name: "label", read: { node, draft, _ in draft.tableNames.label = try node.label() },
            write: { $0.tableNames.label.map(ConfigNode.Content.text) }, isForTables: true),
        RunKey(
            name: factorsName, read: { node, draft, _ in draft.tableNames.factors = try node.factors() },
            write: { run in
                let factors = run.tableNames.factors
                return factors.isEmpty ? nil : .entries(factors.map { ($0.name, .text($0.value)) })
            }, isForTables: true),
    ]
}

extension RunKey {
    /// The key of a method's field. Where each of several prompts has its own, a list has one for each.
    init(_ field: MethodField) {
        name = field.name
        read = { node, draft, _ in
            draft.said.insert(field.name)
            guard field.scope == .prompt, node.isList else {
                for index in draft.methods.indices { try field.read(node.methodValue, into: &draft.methods[index]) }
                return
            }
            let isTemplate = field.name == MethodField.templateName
            let items = try node.list(of: isTemplate ? "templates" : "\(field.name) values")
            guard !items.isEmpty else { throw node.expected("at least one \(field.name)") }
            var values: [EmbeddingMethod] = []
            for item in items {
                var value = EmbeddingMethod.unsaid
                try field.read(item.methodValue, into: &value)
                values.append(value)
            }
            guard isTemplate || values.count == draft.methods.count else {
                throw node.expected("one \(field.name), or one for each of \(draft.methods.count) templates")
            }
            draft.take(values, fields: [field])
        }
        write = { run in
            // Nothing is read of the one layer where several are scored and none is trained.
            if field.name == MethodField.layerName, run.scoredLayers != nil, run.trainingSeed == nil { return nil }
            let values = run.methods.compactMap(field.written)
            guard field.scope == .prompt else { return values.first.map(ConfigNode.Content.init) }
            guard !values.isEmpty else { return nil }
            let contents = run.methods.map { ConfigNode.Content(field.value($0)) }
            let isTemplate = field.name == MethodField.templateName
            let isOne = !isTemplate && contents.allSatisfy { $0 == contents[0] }
            return .oneOrSeveral(isOne ? [contents[0]] : contents)
        }
    }
}

extension ExperimentSpec {
    /// The names of the keys of a run.
    package static var runKeys: [String] { RunKey.names }
    /// The names of the keys of a training recipe, those of objectives among them.
    package static var trainingKeys: [String] { TrainingKey.names }
    /// The names of the keys of `launcher`.
    package static var launcherKeys: [String] { LauncherKey.names }
}

/// A run being read: what is not said yet is at its default, or nil where there is none.
struct RunDraft {
    var model: ModelReference?
    var promptName: String?
    /// One for each prompt, at least one; they differ in what prompts may differ in.
    var methods = [EmbeddingMethod.unsaid]
    /// The fields of the method that are said.
    var said: Set<String> = []
    var scoredLayers: ScoredLayers?
    var postprocessing = Postprocessing()
    var precision = Precision.float32
    var library = MatrixLibrary.oneDNN
    var adapter: AdapterReference?
    /// Of a training.
    var seed: UInt64?
    var tableNames = TableNames()

    /// Takes some fields of several methods, one for each prompt; what else is said stays.
    mutating func take(_ values: [EmbeddingMethod], fields: [MethodField]) {
        methods = values.enumerated().map { index, value in
            var method = methods[min(index, methods.count - 1)]
            for field in fields { field.assign(value, to: &method) }
            return method
        }
    }
}

/// What names in an experiment are looked up in.
struct ConfigContext: Sendable {
    let configs: ConfigFolder
    let models: ModelCatalogue
    /// With the experiment's own.
    var tasks: TaskCatalogue
}
