import ArgumentParser
import Diagnostics
import Embedding
import Experiments
import Files
import Models
import Numerics
import Results

struct EmbedCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "embed", abstract: "Embed the lines of a file; write dataset `embeddings` of an HDF5 file.",
        discussion: """
            A line is a sentence. The rows of `embeddings` (float32) are in the input's order; a sentence that leaves no \
            token gets a row of zeros; one that is longer than the model's context is cut there. Both are counted.

            Example:
              bellm embed --model smollm2-135m --pooling last --normaliser prompteol \\
                --template 'This sentence : "{text}" means in one word:"' \\
                --input lines.txt --output lines.h5
            """)

    @OptionGroup var model: ModelOptions

    @Option(help: ArgumentHelp("An adapter to merge into the weights: a folder as PEFT writes it.", valueName: "dir"))
    var adapter: String?

    @OptionGroup var method: MethodOptions
    @OptionGroup var workers: WorkerOptions
    @OptionGroup var cacheOptions: CacheOptions

    @Option(help: ArgumentHelp("Sentences, one a line; - for standard input.", valueName: "file"))
    var input: String

    @Option(help: ArgumentHelp("The HDF5 file to write.", valueName: "file"))
    var output: String

    func run() async throws {
        let methods = try method.methods()
        try AtomicFile.checkCanReplace(output)
        let pretrained = try model.open()
        for method in methods {
            try method.check(layerCount: pretrained.shape.layerCount)
            try pretrained.shape.check(method.attention)
        }
        let columns = try method.columns(of: pretrained.shape.hiddenSize)
        let lines = try TextFile.lines(of: input)
        let merged = try adapter.map(ModelOptions.adapterFolder).map {
            (adapter: try Adapter(folder: $0), sha256: try Adapter.sha256(folder: $0))
        }
        let embedder = try SentenceEmbedder(lines, methods: methods, model: pretrained)
        for warning in try embedder.warnings() { Console.warning(warning) }
        report(embedder, lines: lines.count, contextLength: pretrained.shape.contextLength)

        let (threads, label, path, input, name) = (workers.count(), "embed", output, input, model.model)
        let linear = LinearMaker(precision: self.method.precision)
        let isStreamed = PassPlan.streams(pretrained, linear: linear)
        let cache = try cacheOptions.open()
        try await interruptible(keepsWork: cache != nil) {
            let reporter = ProgressReporter(label)
            var encoder = Encoder(
                backbone: try pretrained.backbone(linear: linear, isStreamed: isStreamed, merging: merged?.adapter),
                workers: threads)
            encoder.isStreamed = isStreamed
            let weightsSHA256 = pretrained.weightsSHA256().description
            let backboneID = weightsSHA256 + (merged.map { " adapter \($0.sha256)" } ?? "")
            encoder.cache = cache?.encoderCache(weightsSHA256: backboneID, linear: linear)
            let (embeddings, rows) = try await embedder.embed(by: encoder, progress: reporter.update) { encoding in
                if let line = encoding.cacheLine { Console.message(line) }
            }
            let kept = embeddings[columns: 0..<columns]
            try HDF5.writeMatrix(
                to: path, shape: (rows: rows.count, columns: columns),
                attributes: methods.attributes + [
                    HDF5Attribute("precision", .text(linear.precision.rawValue)), HDF5Attribute("model", .text(name)),
                    HDF5Attribute("input", .text(input)),
                    HDF5Attribute("weights_sha256", .text(weightsSHA256)),
                    HDF5Attribute("adapter_sha256", .text(merged?.sha256.description ?? "")),
                    HDF5Attribute("program", .text(ProgramVersion.description)),
                ]
            ) { writer in
                for row in rows { try writer.append(kept.array(row: row)) }
            }
        }
        Console.message("written: \(output), \(lines.count) × \(columns)")
    }

    /// Says which sentences are not embedded as they stand.
    private func report(_ embedder: SentenceEmbedder, lines: Int, contextLength: Int) {
        if lines == 0 { Console.warning("\(input) has no lines") }
        if embedder.emptyCount > 0 {
            Console.warning("\(counted(embedder.emptyCount, "line")) without a token: a row of zeros each")
        }
        if let bytes = embedder.prompts.map(\.unencodedBytes).max(), bytes > 0 {
            Console.warning("\(counted(bytes, "byte")) without a token in the model's vocabulary")
        }
        if let truncated = embedder.prompts.map(\.truncated).max(), truncated > 0 {
            Console.warning(
                "\(counted(truncated, "distinct sentence")) cut at the model's context of \(contextLength) tokens")
        }
    }
}

private func counted(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }

/// An embedding method on the command line.
struct MethodOptions: ParsableArguments {
    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp(
            "What stands around the sentence, {text}, which is the default. Said several times, the prompts' embeddings "
                + "are averaged.", valueName: "template"))
    var template: [String] = []

    @Option(
        help: ArgumentHelp(
            "What happens to a sentence first: \(Normaliser.allCases.map(\.rawValue).joined(separator: ", ")).",
            valueName: "name"))
    var normaliser = "none"

    @Option(
        help: ArgumentHelp(
            "How the tokens' hidden states become one vector: "
                + "\(Pooling.allCases.map(\.rawValue).joined(separator: ", ")). Decoders have no default.",
            valueName: "name"))
    var pooling: String

    @Option(
        help: ArgumentHelp(
            "Layers that attend in both directions: none, all, 'last N', 'from N', '[i, j]'.", valueName: "plan"))
    var bidirectional = "none"

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "The hidden layer to pool: -1 is after the final norm, 0 the embedding layer.", valueName: "k"))
    var layer = -1

    @Option(
        help: ArgumentHelp(
            "The layers before which the last token's state goes to {prepend}'s place (Token Prepending).",
            valueName: "a..<b"))
    var prependLayers: String?

    @Option(
        help: ArgumentHelp(
            "none, or visible: batches of 16 lines, padded as the released BeLLM does, depend on their longest line.",
            valueName: "name"))
    var padding = Padding.none

    @Option(help: ArgumentHelp("Keep only the first k dimensions.", valueName: "k"))
    var dimensions: Int?

    @Option(help: ArgumentHelp("What linear maps multiply: float32 or bfloat16.", valueName: "name"))
    var precision = Precision.float32

    /// A method for each template.
    func methods() throws -> [EmbeddingMethod] {
        try (template.isEmpty ? ["{text}"] : template).map { template in
            var method = EmbeddingMethod(
                template: try PromptTemplate(template), normaliser: try Normaliser(named: normaliser),
                pooling: try Pooling(named: pooling), layer: HiddenLayer(layer),
                attention: try AttentionPlan(parsing: bidirectional))
            if let prependLayers { method.prependLayers = try EmbeddingMethod.prependLayers(parsing: prependLayers) }
            method.padding = padding
            return method
        }
    }

    /// How many of the model's dimensions are kept.
    func columns(of hiddenSize: Int) throws(Diagnostic) -> Int {
        guard let dimensions else { return hiddenSize }
        guard (1...hiddenSize).contains(dimensions) else {
            throw Diagnostic("--dimensions: expected 1 to the model's \(hiddenSize), found \(dimensions)")
        }
        return dimensions
    }
}

extension Precision: ExpressibleByArgument {}
extension Padding: ExpressibleByArgument {}

extension [EmbeddingMethod] {
    /// The methods, which differ in their templates alone, as attributes of what they made; a template a line.
    fileprivate var attributes: [HDF5Attribute] {
        let templates = HDF5Attribute("template", .text(map(\.template.description).joined(separator: "\n")))
        return [templates] + (first?.attributes ?? [])
    }
}

extension EmbeddingMethod {
    /// The method without its template.
    fileprivate var attributes: [HDF5Attribute] {
        [
            HDF5Attribute("normaliser", .text(normaliser.rawValue)),
            HDF5Attribute("pooling", .text(pooling.rawValue)), HDF5Attribute("layer", .integer(layer.index)),
            HDF5Attribute("bidirectional", .text(attention.description)),
            HDF5Attribute("prepend_layers", .text(prependLayers.isEmpty ? "none" : "\(prependLayers)")),
            HDF5Attribute("padding", .text(padding.rawValue)),
        ]
    }
}
