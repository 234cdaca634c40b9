import ArgumentParser
import Diagnostics
import Embedding
import Files
import Foundation
import Results
import Running

struct EmbedCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "embed", abstract: "Embed the sentences of a file or a stream, any number of them.",
        discussion: """
            Reads a sentence a line, JSON lines, CSV or TSV; writes HDF5 (dataset `embeddings`), .npy, JSON lines or CSV, a row \
            a sentence in the input's order, float32. Memory doesn't grow with the number of sentences. A sentence that \
            leaves no token gets a row of zeros; one that is longer than the model's context is cut there. Both are \
            counted. A malformed line ends the program; the output is then the old file or none.

            Example:
              bellm embed --model smollm2-135m --pooling last --normaliser prompteol \\
                --template 'This sentence : "{text}" means in one word:"' \\
                --input lines.txt --output lines.h5
              bellm embed --method experiments/reproduce-bellm.yaml:PromptEOL \\
                --input reviews.csv --column review --output - --output-format jsonl
            """)

    @OptionGroup var method: MethodOptions
    @OptionGroup var input: InputOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var workers: WorkerOptions
    @OptionGroup var cacheOptions: CacheOptions

    func run() async throws {
        try AddressSpace.check()
        let output = try output.output()
        let input = try input.input()
        try output.destination?.check()
        let recipe = try method.recipe()
        let total = try input.count()
        if TextFile.isStandardInput(input.path), isatty(STDIN_FILENO) == 1 {
            Console.message("reading sentences from the terminal, a line each; Ctrl-D ends them")
        }
        let cache = try cacheOptions.open()
        var prepared = StreamEmbedder(recipe, workers: workers.count())
        prepared.cache = cache
        let embedder = prepared
        for warning in try embedder.warnings() { Console.warning(warning) }
        ReadFiles.note(input.path)
        recipe.adapterFolder.map { ReadFiles.note(allIn: $0) }
        ReadFiles.note(descriptor: STDIN_FILENO, named: "/dev/stdin")
        let destination = try output.destination ?? OutputDestination("/dev/stdout")
        try destination.refuseInputs()
        try ExperimentResult.refuseReplacing(destination)
        try output.format.refuseOthers(at: destination)
        let reporter = ProgressReporter("embed")
        let summary = try await interruptible(keepsWork: cache != nil) {
            try await embedder.embed(input, total: total, to: output) { reporter.update($0) }
        }
        reporter.finish()
        report(summary, contextLength: recipe.model.shape.contextLength)
        if !output.isStandardOutput {
            Console.message("written: \(output.path.visible()), \(summary.sentences) × \(recipe.columns)")
        }
    }

    /// Says which sentences are not embedded as they stand.
    private func report(_ summary: StreamEmbedder.Summary, contextLength: Int) {
        if let line = summary.lookups.line { Console.message(line) }
        for warning in summary.warnings { Console.warning(warning) }
        if summary.sentences == 0 { Console.warning("\(input.path) has no lines") }
        if summary.empty > 0 {
            Console.warning("\(counted(summary.empty, "line")) without a token: a row of zeros each")
        }
        if summary.unencodedBytes > 0 {
            Console.warning("\(counted(summary.unencodedBytes, "byte")) without a token in the model's vocabulary")
        }
        if summary.truncated > 0 {
            Console.warning(
                "\(counted(summary.truncated, "distinct sentence")) cut at the model's context of \(contextLength) tokens"
            )
        }
    }

    private func counted(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }
}

extension SentenceFormat: ExpressibleByArgument {}
extension EmbeddingFormat: ExpressibleByArgument {}

/// Where sentences come from.
struct InputOptions: ParsableArguments {
    @Option(
        name: .customLong("input"),
        help: ArgumentHelp("Sentences; - for standard input, which is the default.", valueName: "file"))
    var path = "-"

    @Option(
        help: ArgumentHelp(
            "text (a sentence a line), jsonl, csv or tsv. Default: what the file's ending says; text for .txt or none.",
            valueName: "name"))
    var inputFormat: SentenceFormat?

    @Option(
        help: ArgumentHelp(
            "JSON lines: the key of the sentence. Default: the first of \(defaults) that is there.", valueName: "key"))
    var field: String?

    @Option(
        help: ArgumentHelp(
            "CSV, TSV: the column of the sentence, by its name in the header. Default: the first of \(defaults).",
            valueName: "name"))
    var column: String?

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "Columns, or keys of JSON lines, that the output has beside the sentences (jsonl, csv).", valueName: "name")
    )
    var keep: [String] = []

    private static let defaults = SentenceInput.defaultFields.joined(separator: ", ")

    func input() throws(Diagnostic) -> SentenceInput {
        var input = try SentenceInput(path: path, format: inputFormat, field: field ?? column)
        input.keep = keep
        return input
    }

    func validate() throws {
        let input = try input()
        if field != nil, input.format != .jsonl {
            throw ValidationError("--field needs JSON lines: --input-format jsonl")
        }
        let isTable = input.format == .csv || input.format == .tsv
        if column != nil, !isTable {
            throw ValidationError("--column needs CSV or TSV: --input-format csv or tsv")
        }
        if !keep.isEmpty, !isTable, input.format != .jsonl {
            throw ValidationError("--keep needs columns or keys: --input-format csv, tsv or jsonl")
        }
    }
}

/// Where embeddings go.
struct OutputOptions: ParsableArguments {
    @Option(
        name: .customLong("output"),
        help: ArgumentHelp(
            "The file, device or pipe to write; - for standard output (jsonl, csv, npy).", valueName: "file"))
    var path: String

    @Option(
        help: ArgumentHelp(
            "hdf5, npy, jsonl or csv. Default: what the file's ending says; hdf5 for a name without one.",
            valueName: "name"))
    var outputFormat: EmbeddingFormat?

    @OptionGroup var cells: CellOptions

    func output() throws -> EmbeddingOutput {
        var output = try EmbeddingOutput(path: path, format: outputFormat, stream: Console.stream)
        try cells.check(isCSV: output.format == .csv)
        output.cells = cells.style
        return output
    }
}
