import ArgumentParser
import Diagnostics
import Files
import Running

struct ExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write what a run embeds with as a folder that sentence-transformers loads.",
        discussion: """
            The folder has the run's weights with its adapter merged into them, its tokenizer, pooling, head and prompt, and a \
            model card with the experiment; a result's card has its scores too. It gives the run's vectors; what \
            sentence-transformers can't express is refused. It is written whole or not at all.

            Examples:
              bellm export results/reproduce-bellm.h5:PromptEOL --output prompteol
              bellm export 'experiments/reproduce-bellm.yaml:trained causal' \\
                --output trained --dtype bfloat16
              bellm export 'experiments/reproduce-bellm.yaml:trained causal' \\
                --output adapter --adapter-only
            """)

    @Argument(
        help: ArgumentHelp(
            "A run of a result or of an experiment, by the file and its name; the name may be left out where there is only one.",
            valueName: "file:run"))
    var run: String

    @Option(help: ArgumentHelp("The folder to write: a new one.", valueName: "dir"))
    var output: String

    @Option(help: ArgumentHelp("The weights' type.", valueName: "name"))
    var dtype = ModelExport.NumberType.float32

    @Flag(help: "Bring embeddings to length 1 at the end.")
    var normalise = false

    @Flag(help: "The run's adapter alone, as PEFT reads it.")
    var adapterOnly = false

    @Option(
        help: ArgumentHelp(
            "With --adapter-only: the repository or folder that the base model's weights are loaded from. Default: the one that "
                + "the run's model names.", valueName: "id"))
    var baseModel: String?

    @Option(
        help: ArgumentHelp(
            "A folder of benchmarks, where the run's adapter was trained with one. Default: BELLM_DATA, else the embedded STS-B.",
            valueName: "dir"))
    var data: String?

    func validate() throws {
        if baseModel != nil, !adapterOnly { throw ValidationError("--base-model needs --adapter-only") }
        if adapterOnly, normalise { throw ValidationError("--normalise is no part of an adapter") }
        if adapterOnly, dtype != .float32 { throw ValidationError("an adapter's numbers are float32") }
    }

    func run() async throws {
        try AddressSpace.check()
        let destination = try OutputDestination(newFolder: output)
        try destination.check()
        let reference = MethodReference(run)
        for (missing, location) in try reference.missingFromHub() { try HubDownload().fetch(missing, at: location) }
        var options = ModelExport.Options()
        (options.type, options.isNormalised, options.data, options.baseModel) = (dtype, normalise, data, baseModel)
        let export = try ModelExport(reference, options)
        try destination.refuseInputs()
        let isAdapter = adapterOnly
        let notes = try await interruptible {
            try isAdapter ? export.writeAdapter(to: destination) : export.writeModel(to: destination)
        }
        notes.forEach(Console.warning)
        Console.message("written: \(output.visible())")
    }
}

extension ModelExport.NumberType: ExpressibleByArgument {}
