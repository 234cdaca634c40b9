import Diagnostics
import Embedding
import Models
import Numerics

/// A key of a run: its name, how it is read, and how the resolved experiment says it.
///
/// A new key is one entry of `all` (and its row in docs/experiments.md).
struct RunKey: Sendable {
    let name: String
    /// Puts the value into the draft.
    let read: @Sendable (ConfigNode, inout RunDraft, ConfigContext) throws -> Void
    /// The run's value; nil for a key whose meaning others carry.
    let write: @Sendable (RunSpec) -> ConfigNode.Content?

    static let names = all.map(\.name)

    /// In the order of reading: a protocol's normaliser comes after the prompt's, an explicit one after both.
    static let all: [RunKey] = [
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
                draft.prompts = try node.prompts(in: context.configs)
                draft.promptName = try? node.text()
            },
            write: { _ in nil }),
        RunKey(
            name: "template",
            read: { node, draft, _ in
                draft.prompts = try node.templates().map { SentencePrompt(templates: $0) }
            },
            write: { .oneOrSeveral($0.methods.map { .templates($0.templates) }) }),
        RunKey(
            name: "tokenise",
            read: { node, draft, _ in
                try draft.tokenise(by: node.tokenisations(), at: node)
            },
            write: { run in
                let names = run.methods.map(\.templates.tokenisation.rawValue)
                guard names.contains(where: { $0 != Tokenisation.whole.rawValue }) else { return nil }
                return .oneOrSeveral((Set(names).count == 1 ? [names[0]] : names).map(ConfigNode.Content.text))
            }),
        RunKey(
            name: "protocol",
            read: { node, draft, _ in try draft.normalise(by: [node.paperProtocol().normaliser], at: node) },
            write: { _ in nil }),
        RunKey(
            name: "normaliser",
            read: { node, draft, _ in try draft.normalise(by: node.normalisers(), at: node) },
            write: { run in
                let names = run.methods.map(\.normaliser.rawValue)
                return .oneOrSeveral((Set(names).count == 1 ? [names[0]] : names).map(ConfigNode.Content.text))
            }),
        RunKey(
            name: "pooling",
            read: { node, draft, _ in draft.pooling = try node.pooling() },
            write: { .text($0.method.pooling.rawValue) }),
        RunKey(
            name: "layer",
            read: { node, draft, _ in draft.layer = HiddenLayer(try node.integer()) },
            write: { .integer($0.method.layer.index) }),
        RunKey(
            name: "bidirectional",
            read: { node, draft, _ in draft.attention = try node.attentionPlan() },
            write: { .text($0.method.attention.description) }),
        RunKey(
            name: "layers",
            read: { node, draft, _ in
                guard try node.text("all") == "all" else { throw node.expected("all") }
                draft.scoresAllLayers = true
            },
            write: { $0.scoresAllLayers ? .text("all") : nil }),
        RunKey(
            name: "prepend_layers",
            read: { node, draft, _ in
                let text = try node.text("layers such as 1..<8")
                do {
                    draft.prependLayers = try EmbeddingMethod.prependLayers(parsing: text)
                } catch {
                    throw node.expected("layers such as 1..<8")
                }
            },
            write: { run in
                let layers = run.method.prependLayers
                return layers.isEmpty ? nil : .text("\(layers.lowerBound)..<\(layers.upperBound)")
            }),
        RunKey(
            name: "padding",
            read: { node, draft, _ in draft.padding = try node.choice("a padding") },
            write: { $0.method.padding == .none ? nil : .text($0.method.padding.rawValue) }),
        RunKey(
            name: "postprocess",
            read: { node, draft, _ in draft.postprocessing.fit = try node.fit() },
            write: { $0.postprocessing.fit.map { .text($0.description) } }),
        RunKey(
            name: "dimensions",
            read: { node, draft, _ in draft.postprocessing.dimensions = try node.dimensions() },
            write: { run in
                let counts = run.postprocessing.dimensions
                return counts.isEmpty ? nil : counts.count == 1 ? .integer(counts[0]) : .integers(counts)
            }),
        RunKey(
            name: "adapter",
            read: { node, draft, context in
                let text = try node.text("none, the folder of an adapter, or a repository of the hub")
                draft.adapter =
                    text == "none" ? nil : try context.models.adapter(text, relativeTo: node.folder, at: node.location)
            },
            write: { run in
                switch run.adapter {
                case .folder(let path): .text(path)
                case .hub(let reference): .text(reference.spelling)
                case nil, .trained: nil
                }
            }),
        RunKey(
            name: "train",
            read: { node, draft, context in
                if node.content == .text("none") {
                    draft.adapter = nil
                } else {
                    draft.adapter = .trained(try node.training(in: context.configs))
                }
            },
            write: { run in
                if case .trained(let training) = run.adapter { .training(training) } else { nil }
            }),
        RunKey(
            name: "seed",
            read: { node, draft, _ in
                let seed = try node.integer()
                guard seed >= 0 else { throw node.expected("a seed from 0") }
                draft.seed = UInt64(seed)
            },
            write: { run in
                if case .trained(let training) = run.adapter { .integer(Int(training.recipe.seed)) } else { nil }
            }),
        RunKey(
            name: "precision",
            read: { node, draft, _ in draft.precision = try node.choice("a precision") },
            write: { .text($0.linear.precision.rawValue) }),
        RunKey(
            name: "gemm",
            read: { node, draft, _ in draft.library = try node.choice("a library for matrix products") },
            write: { .text($0.linear.library.rawValue) }),
    ]
}

/// A run being read: what is not said yet is at its default, or nil where there is none.
struct RunDraft {
    var model: ModelReference?
    var promptName: String?
    /// At least one.
    var prompts = [SentencePrompt()]
    var pooling: Pooling?
    var layer = HiddenLayer.last
    var attention = AttentionPlan.none
    var scoresAllLayers = false
    var prependLayers = 0..<0
    var padding = Padding.none
    var postprocessing = Postprocessing()
    var precision = Precision.float32
    var library = MatrixLibrary.oneDNN
    var adapter: AdapterReference?
    /// Of a training.
    var seed: UInt64?

    mutating func tokenise(by tokenisations: [Tokenisation], at node: ConfigNode) throws(Diagnostic) {
        guard tokenisations.count == 1 || tokenisations.count == prompts.count else {
            throw node.expected("one tokenisation, or one for each of \(prompts.count) templates")
        }
        for index in prompts.indices {
            prompts[index].templates.tokenisation = tokenisations[min(index, tokenisations.count - 1)]
        }
    }

    /// Gives every prompt a normaliser: all the same, or each its own.
    mutating func normalise(by normalisers: [Normaliser], at node: ConfigNode) throws(Diagnostic) {
        guard normalisers.count == 1 || normalisers.count == prompts.count else {
            throw node.expected("one normaliser, or one for each of \(prompts.count) templates")
        }
        for index in prompts.indices { prompts[index].normaliser = normalisers[min(index, normalisers.count - 1)] }
    }
}

/// What names in an experiment are looked up in.
struct ConfigContext: Sendable {
    let configs: ConfigFolder
    let models: ModelCatalogue
}
