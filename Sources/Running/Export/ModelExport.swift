import Diagnostics
import Embedding
import Files
import Foundation
import Models
import Results
import Specification
import Tasks
import Weights

/// What a run embeds with, to be written as a folder that the sentence-transformers library loads, or its adapter as PEFT's.
public struct ModelExport: Sendable {
    /// What exported numbers are.
    public enum NumberType: String, CaseIterable, Sendable {
        case float32, bfloat16, float16

        var storage: StorageType {
            switch self {
            case .float32: .f32
            case .bfloat16: .bf16
            case .float16: .f16
            }
        }
    }

    /// What is asked for beside the run.
    public struct Options: Sendable {
        /// Of the weights.
        public var type = NumberType.float32
        /// Whether a last module brings embeddings to length 1.
        public var isNormalised = false
        /// A folder of benchmarks, for a run whose adapter is trained on one; nil for the default one.
        public var data: String?
        /// The repository or folder that the base model's weights are in; nil for the one that the run's model names.
        public var baseModel: String?

        public init() {}
    }

    let options: Options
    let run: RunSpec
    let recipe: EmbeddingRecipe
    let result: ExperimentResult?
    /// The run's experiment with nothing left to a default.
    let yaml: String
    let spec: ExperimentSpec

    /// Opens the run's model and finds its adapter.
    ///
    /// - Throws: where there is no such run, where its adapter isn't trained yet, or where a result was made with other weights than
    ///   those that are here.
    public init(_ reference: MethodReference, _ options: Options) throws {
        let resolved = try reference.resolved(data: options.data)
        (self.options, run, recipe, spec) = (options, resolved.run, resolved.recipe, resolved.spec)
        result = try reference.result()
        yaml = spec.resolvedYAML(of: run)
        recipe.adapterFolder.map { ReadFiles.note(allIn: $0) }
        try checkWeights()
    }

    private var model: PretrainedModel { recipe.model }

    /// The run's own record; nil without a result.
    var record: RunRecord? { result?.runs.first { $0.name == run.name } }

    private func checkWeights() throws {
        let place = SourceLocation(file: model.path)
        let weights = try model.weightsSHA256().description
        try run.model.check(weightsSHA256: weights)
        guard let record else { return }
        guard record.weightsSHA256 == weights else {
            throw Diagnostic(
                "the result was made with weights of SHA-256 \(record.weightsSHA256), here they have \(weights)",
                at: place)
        }
        let adapter = try recipe.adapterFolder.map { try AdapterFolder($0).sha256().description } ?? ""
        guard record.adapterSHA256 == adapter else {
            throw Diagnostic(
                "the result was made with an adapter of SHA-256 \(record.adapterSHA256), here it has \(adapter)",
                at: SourceLocation(file: recipe.adapterFolder ?? model.path))
        }
    }

    /// The head with which the embedding has as many dimensions as the run's.
    private var head: Head? {
        guard let count = recipe.dimensions else { return recipe.head }
        return recipe.head.map { $0.keeping(count) } ?? Head.first(count, of: model.shape.hiddenSize)
    }

    // MARK: The whole model

    /// Writes the folder, whole or not at all.
    ///
    /// - Returns: what a user of the folder must know, a line each
    /// - Throws: what the library can't express, before weights are written; where the folder can't be written;
    ///   `CancellationError` when the task is cancelled
    public func writeModel(to destination: OutputDestination) throws -> [String] {
        if let fit = recipe.fit {
            throw Diagnostic("sentence-transformers can't express postprocess: what \"\(fit.fit)\" does would be lost")
        }
        let library = try LibraryMethod(
            recipe.methods, on: model, head: head, isNormalised: options.isNormalised || recipe.isNormalised)
        let adapter = try recipe.adapterFolder.map { try AdapterFolder($0).adapter() }
        let merged = try model.merged(
            with: adapter, isBidirectional: library.isBidirectional, padToken: library.paddingToken(),
            as: options.type.storage)
        var notes = self.notes
        try destination.makeFolder { folder in
            try AtomicFile.replace(FilePath.join(folder, "config.json"), with: merged.configuration)
            notes += try library.writeTokenizer(to: folder, trying: sentences())
            try library.writeModules(to: folder)
            try writeCard(notes, title: destination.path, to: folder)
            var writer = SafetensorsWriter(metadata: ["format": "pt"])
            merged.tensors(as: options.type.storage).forEach { writer.add($0) }
            try writer.write(to: FilePath.join(folder, "model.safetensors"))
            try library.check(folder)
        }
        return notes
    }

    /// Sentences of the run's tasks; none where no folder is named, and they aren't here.
    private func sentences() throws -> [String] {
        func read() throws -> [String] {
            let folder = try BenchmarkData.folder(of: spec, named: options.data)
            let data = try BenchmarkData(spec, folder: folder, limit: Self.triedItems)
            return Array(data.sentences(for: run.method.normaliser).sentences.prefix(4 * Self.triedItems))
        }
        return try options.data == nil ? (try? read()) ?? [] : read()
    }

    /// Of each task, whose sentences are tried.
    private static let triedItems = 50

    private var notes: [String] {
        var notes: [String] = []
        if model.isGGUF {
            notes.append("the weights are those of a GGUF file, whose numbers are not those of \(baseName)")
        }
        if recipe.linear.precision != .float32 {
            notes.append(
                "the run multiplies in \(recipe.linear.precision.rawValue), sentence-transformers in the weights' type")
        }
        if options.type != .float32 {
            notes.append("the weights are rounded to \(options.type.rawValue), and vectors differ by that")
        }
        return notes
    }

    // MARK: The adapter alone

    /// Writes the run's adapter as PEFT's `AutoPeftModelForFeatureExtraction` reads it, whole or not at all.
    ///
    /// - Returns: what a user of the folder must know, a line each
    /// - Throws: where the run has no adapter, where nothing names base weights that PEFT can load, or where the folder can't be written
    public func writeAdapter(to destination: OutputDestination) throws -> [String] {
        guard let source = recipe.adapterFolder.map(AdapterFolder.init), let modules = model.modules else {
            throw Diagnostic("the run \"\(run.name)\" has no adapter to export", at: run.location)
        }
        let base = try baseModel()
        let whole = modules.withoutHead
        let adapter = try source.adapter().fitted(to: whole).namingLayers
        try adapter.checkSavedNames(in: whole, at: SourceLocation(file: source.path))
        var notes: [String] = []
        let resolved = try ResolvedMethod(run.method, model.shape)
        if !model.shape.isEncoder, resolved.attentionPlanHasEffect {
            notes.append(
                "the adapter is trained under the attention plan \"\(run.method.attention)\", which the base model's configuration "
                    + "doesn't say")
        }
        if model.isGGUF {
            notes.append(
                "the adapter is trained on the weights of a GGUF file, whose numbers are not those of \(base.name)")
        }
        try destination.makeFolder { folder in
            try AdapterFolder(folder).write(
                adapter, head: source.head(), base: base, metadata: Adapter.metadata(folder: source.path))
            try writeCard(notes, title: destination.path, adapterOf: base.name, to: folder)
        }
        return notes
    }

    /// Where PEFT finds the base model's weights.
    private func baseModel() throws(Diagnostic) -> AdapterBase {
        if let named = options.baseModel { return AdapterBase(named) }
        if let hub = run.model.hub { return AdapterBase(hub.id.repository, revision: hub.snapshot?.commit) }
        if let origin = run.model.origin { return AdapterBase(origin) }
        guard !model.isGGUF else {
            throw Diagnostic(
                "PEFT can't load the base model from a GGUF file", at: SourceLocation(file: model.path),
                suggestion: "say --base-model with the repository or folder of its weights")
        }
        return AdapterBase(URL(fileURLWithPath: model.path).standardizedFileURL.resolvingSymlinksInPath().path)
    }
}

extension Adapter {
    /// The same with the maps of some layers named one by one: PEFT looks for a layer's number behind two names, and a model without
    /// a head has but one in front of it. peft 0.21, `tuners_utils.check_target_module_exists`.
    fileprivate var namingLayers: Adapter {
        guard configuration.layers != nil else { return self }
        var named = configuration
        named.targets = .named(Self.modules(layout, endingIn: ".lora_A.weight"))
        named.layers = nil
        return Adapter(configuration: named, layout: layout, values: values)
    }

    /// - Throws: where a module that is there whole has a name that PEFT takes for others too: a final norm is called `norm` in a model
    ///   without a head, as `input_layernorm` ends. peft 0.21, `other._set_trainable`.
    fileprivate func checkSavedNames(in modules: BackboneModules, at place: SourceLocation) throws {
        let saved = Set(Self.modules(layout, endingIn: ".weight").filter { !$0.contains(".lora_") })
        let full = try modules.parameterLayout(of: AdapterConfiguration(targets: .full))
        for other in Self.modules(full, endingIn: ".weight") where !saved.contains(other) {
            guard let name = saved.sorted().first(where: { other.hasSuffix($0) || other.contains("\($0).") }) else {
                continue
            }
            throw Diagnostic(
                "PEFT can't express the adapter without a head: in modules_to_save \"\(name)\" would mean \"\(other)\" too",
                at: place,
                suggestion: "export the whole model, or use what bellm train --output writes")
        }
    }

    /// The paths of a layout's modules.
    private static func modules(_ layout: ParameterLayout, endingIn end: String) -> [String] {
        let start = "base_model.model."
        return layout.names.filter { $0.hasPrefix(start) && $0.hasSuffix(end) }.map {
            String($0.dropFirst(start.count).dropLast(end.count))
        }
    }
}
