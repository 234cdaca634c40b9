import ArgumentParser
import Diagnostics
import Embedding
import Models
import Running
import Specification

struct InspectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inspect", abstract: "Show what a model, an adapter, a tokenizer or an attention plan is.",
        discussion: """
            Examples:
              bellm inspect model smollm2-135m
              bellm inspect adapter ./my-adapter
              bellm inspect tokenizer smollm2-135m --text "A dog walks."
              bellm inspect layers smollm2-135m --bidirectional "last 4"
            """,
        subcommands: [InspectModel.self, InspectAdapter.self, InspectTokenizer.self, InspectLayers.self])
}

/// How an inspection is shown.
struct InspectionOptions: ParsableArguments {
    @Flag(help: "One JSON object instead of text.")
    var json = false

    func show(_ inspection: Inspection) throws { try Console.print(json ? inspection.json : inspection.text) }
}

/// A model named without an option.
struct ModelArgument: ParsableArguments {
    @Argument(help: "A name from configs/models, such as smollm2-135m, or a path to a .gguf file or a model folder.")
    var model: String

    func reference() throws -> ModelReference {
        try ModelCatalogue(configs: ConfigFolder.find(for: ".")).model(model)
    }
}

private struct InspectModel: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "model", abstract: "A backbone's architecture, sizes, settings, tensors and SHA-256.",
        discussion: "Example: bellm inspect model smollm2-135m")

    @OptionGroup var model: ModelArgument
    @OptionGroup var output: InspectionOptions

    func run() throws { try output.show(Inspection(model: model.reference())) }
}

private struct InspectAdapter: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "adapter", abstract: "An adapter's rank, linear maps, layers, tensors and SHA-256.",
        discussion: "Example: bellm inspect adapter ./my-adapter")

    @Argument(help: "A folder as PEFT writes it.")
    var folder: String

    @OptionGroup var output: InspectionOptions

    func run() throws { try output.show(Inspection(adapter: folder)) }
}

private struct InspectTokenizer: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tokenizer", abstract: "A tokenizer's kind, special tokens and what goes around a text.",
        discussion: "Example: bellm inspect tokenizer smollm2-135m --text \"A dog walks.\"")

    @OptionGroup var model: ModelArgument

    @Option(help: "Show the pieces and ids of this text.")
    var text: String?

    @OptionGroup var output: InspectionOptions

    func run() throws {
        try output.show(Inspection(tokenizer: model.reference().open().tokenizer, text: text))
    }
}

private struct InspectLayers: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "layers",
        abstract: "What an attention plan really does: whether the first token feels the last one, layer by layer.",
        discussion: """
            Exchanges the text's last token for another one and measures by how much the first token's hidden states move.

            Example: bellm inspect layers smollm2-135m --bidirectional "last 4"
            """)

    @OptionGroup var model: ModelArgument

    @Option(
        help: ArgumentHelp(
            "Layers that attend in both directions: none, all, 'last N', 'from N', '[i, j]'. Default: what the model's config "
                + "says, else none in a decoder, all in an encoder.", valueName: "plan"))
    var bidirectional: String?

    @Option(help: "The text to look at.")
    var text = Inspection.defaultText

    @OptionGroup var output: InspectionOptions

    func run() throws {
        var method = EmbeddingMethod.unsaid
        if let bidirectional { method.attention = try AttentionPlan(parsing: bidirectional) }
        let reference = try model.reference()
        try reference.method?.complete(&method) { $0 != "bidirectional" || bidirectional != nil }
        try output.show(Inspection(layersOf: reference.open(), attention: method.attention, text: text))
    }
}
