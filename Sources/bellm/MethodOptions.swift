import ArgumentParser
import Diagnostics
import Embedding
import Models
import Numerics
import Running

/// An embedding method on the command line: in options, or a run of an experiment.
struct MethodOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The whole method of a run: model, adapter, prompt, attention, pooling and the rest. Without it, --model is "
                + "needed, and a decoder needs --pooling.", valueName: "experiment.yaml:run"))
    var method: String?

    @Option(
        help: ArgumentHelp(
            "A name from configs/models, such as smollm2-135m, or a path to a .gguf file or a model folder."))
    var model: String?

    @Option(help: ArgumentHelp("An adapter to merge into the weights: a folder as PEFT writes it.", valueName: "dir"))
    var adapter: String?

    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp(
            "What stands around the sentence, {text}, which is the default. Said several times, the prompts' embeddings "
                + "are averaged.", valueName: "template"))
    var template: [String] = []

    @Option(
        help: ArgumentHelp(
            "What happens to a sentence first: \(Normaliser.allCases.map(\.rawValue).joined(separator: ", ")). "
                + "Default: none.", valueName: "name"))
    var normaliser: String?

    @Option(
        help: ArgumentHelp(
            "How the tokens' hidden states become one vector: "
                + "\(Pooling.allCases.map(\.rawValue).joined(separator: ", ")). Decoders have no default.",
            valueName: "name"))
    var pooling: String?

    @Option(
        help: ArgumentHelp(
            "Layers that attend in both directions: none, all, 'last N', 'from N', '[i, j]'. Default: none.",
            valueName: "plan"))
    var bidirectional: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "The hidden layer to pool: -1 is after the final norm, 0 the embedding layer. Default: -1.", valueName: "k")
    )
    var layer: Int?

    @Option(
        help: ArgumentHelp(
            "The layers before which the last token's state goes to {prepend}'s place (Token Prepending).",
            valueName: "a..<b"))
    var prependLayers: String?

    @Option(
        help: ArgumentHelp(
            "none, or visible: batches of 16 lines, padded as the released BeLLM does, depend on their longest line. "
                + "Default: none.", valueName: "name"))
    var padding: Padding?

    @Option(help: ArgumentHelp("Keep only the first k dimensions.", valueName: "k"))
    var dimensions: Int?

    @Option(help: ArgumentHelp("What linear maps multiply: float32 or bfloat16. Default: float32.", valueName: "name"))
    var precision: Precision?

    @Option(
        help: ArgumentHelp(
            "With --method: the benchmarks that its post-processing is fitted to, where it is fitted.", valueName: "dir"
        ))
    var data: String?

    func validate() throws {
        guard let method else {
            guard model != nil else { throw ValidationError("Missing expected argument '--model <model>'") }
            if data != nil { throw ValidationError("--data needs --method") }
            return
        }
        if let said = saidBesides.first {
            throw ValidationError("\(said) and --method contradict each other: \(method) says the whole method")
        }
    }

    /// Options that are given and say a part of a method.
    private var saidBesides: [String] {
        [
            ("--model", model != nil), ("--adapter", adapter != nil), ("--template", !template.isEmpty),
            ("--normaliser", normaliser != nil), ("--pooling", pooling != nil),
            ("--bidirectional", bidirectional != nil), ("--layer", layer != nil),
            ("--prepend-layers", prependLayers != nil), ("--padding", padding != nil),
            ("--dimensions", dimensions != nil), ("--precision", precision != nil),
        ].filter(\.1).map(\.0)
    }

    /// What the options mean, checked against the model.
    func recipe() throws -> EmbeddingRecipe {
        if let method {
            let reference = MethodReference(method)
            for (missing, location) in try reference.missingFromHub() { try HubDownload().fetch(missing, at: location) }
            return try reference.recipe(data: data)
        }
        let parsed = try parsed()
        let reference = try ModelOptions.reference(model ?? "")
        let pretrained = try PretrainedModel(path: reference.existingFile())
        let own = try parsed.pooling == nil ? pretrained.ownMethod() : nil
        guard let pooling = parsed.pooling ?? own?.pooling else {
            throw Diagnostic(
                "the model has no pooling of its own; expected --pooling with one of: "
                    + Pooling.allCases.map(\.rawValue).joined(separator: ", "))
        }
        if let own { Console.message("as the model's modules.json says: \(own)") }
        let isEncoder = own != nil && pretrained.shape.isEncoder
        return try EmbeddingRecipe(
            reference: reference, model: pretrained,
            methods: parsed.methods(
                pooling: pooling, template: own?.template ?? .plain, attention: isEncoder ? .all : .none),
            linear: LinearMaker(precision: precision ?? .float32),
            adapterFolder: adapter.map(ModelOptions.adapterFolder), dimensions: dimensions,
            isNormalised: own?.isNormalised ?? false)
    }

    /// The options, read: what is wrong with them shows before the model is opened.
    private func parsed() throws -> ParsedMethod {
        try ParsedMethod(
            templates: template.map { try PromptTemplate($0) },
            normaliser: normaliser.map { try Normaliser(named: $0) } ?? .none,
            pooling: pooling.map { try Pooling(named: $0) },
            attention: bidirectional.map { try AttentionPlan(parsing: $0) },
            layer: layer.map(HiddenLayer.init) ?? .last,
            prependLayers: prependLayers.map { try EmbeddingMethod.prependLayers(parsing: $0) } ?? 0..<0,
            padding: padding ?? .none)
    }
}

/// What the options say of a method; what they leave open is the model's, or the default.
private struct ParsedMethod {
    var templates: [PromptTemplate]
    var normaliser: Normaliser
    var pooling: Pooling?
    var attention: AttentionPlan?
    var layer: HiddenLayer
    var prependLayers: Range<Int>
    var padding: Padding

    /// A method for each template.
    ///
    /// - Parameters:
    ///   - template: where the options say none
    ///   - attention: where the options say none
    func methods(pooling: Pooling, template: PromptTemplate, attention: AttentionPlan) -> [EmbeddingMethod] {
        (templates.isEmpty ? [template] : templates).map { template in
            var method = EmbeddingMethod(
                template: template, normaliser: normaliser, pooling: pooling, layer: layer,
                attention: self.attention ?? attention)
            (method.prependLayers, method.padding) = (prependLayers, padding)
            return method
        }
    }
}

extension Precision: ExpressibleByArgument {}
extension Padding: ExpressibleByArgument {}
