import ArgumentParser
import Diagnostics
import Files
import Foundation
import Hub
import Results
import Running

struct Bellm: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bellm",
        abstract: "Sentence embeddings from language models: reproduced, ablated, compared.",
        discussion: """
            An experiment file names a backbone, which layers attend in both directions, the prompt and the pooling; \
            the program embeds the benchmarks' sentences and reports how well their cosines agree with people.

            Example: bellm run experiments/reproduce-bellm.yaml
            """,
        version: ProgramVersion.description,
        subcommands: [
            RunCommand.self, TrainCommand.self, PlanCommand.self, ValidateCommand.self, ShowCommand.self,
            CompareCommand.self, ReportCommand.self, PlotCommand.self, EmbedCommand.self, ExportCommand.self,
            TokenizeCommand.self, InspectCommand.self, FetchCommand.self, ListCommand.self,
            DoctorCommand.self, BenchCommand.self, RunPartCommand.self, MergePartsCommand.self, ReadResultCommand.self,
        ])
}

@main
enum Program {
    static func main() async {
        StandardStreams.reserve()
        StartConditions.silenceLibraries()
        KernelSelection.apply(startsAgain: StartConditions.raiseStack())
        ProcessFacts.returnLargeMemory()
        let arguments = Array(CommandLine.arguments.dropFirst())
        do {
            try StartConditions.checkStack()
            try OpenFiles.prepare()
            try KernelSelection.check()
            OutputDestination.reserve(folder: HubEnvironment.cache().path)
            try StartConditions.checkArguments()
            if arguments.first != ReadResultCommand.configuration.commandName {
                StartConditions.warnOfMisspeltVariables()
            }
            try Bellm.checkVerb(arguments)
            var command = try Bellm.parseAsRoot(ArgumentOrder.settled(arguments))
            if !(command is ReadResultCommand) { OldResult.read(by: ChildProcess.ownProgram) }
            if var command = command as? any AsyncParsableCommand {
                // Without room for a thread, Dispatch waits for one for ever.
                try AddressSpace.check(workers: 0)
                try await command.run()
            } else {
                try command.run()
            }
        } catch {
            if let problem = UnexpectedWords.problem(error, arguments) {
                Console.message("Error: \(problem)")
                exit(ExitCode.validationFailure.rawValue)
            }
            Console.end(with: error)
        }
    }
}

extension Bellm {
    private static let ownOptions = ["--help", "--version", "--generate-completion-script", "--experimental-dump-help"]

    /// Guesses which verb was meant; the parser itself only says that it didn't expect the word.
    fileprivate static func checkVerb(_ arguments: [String]) throws(Diagnostic) {
        guard let word = arguments.first else { return }
        let verbs = configuration.subcommands.map { $0.configuration }
        let names = verbs.compactMap(\.commandName) + ["help"]
        if word.hasPrefix("-") {
            let isOfVerb = word.hasPrefix("--") && !ownOptions.contains { word.hasPrefix($0) }
            guard isOfVerb, let verb = arguments.first(where: names.contains) else { return }
            throw Diagnostic(
                "\(word) stands before the command: which options there are, the command says",
                suggestion: "write bellm \(verb) first, then its options")
        }
        guard !names.contains(word) else { return }
        let hidden = verbs.filter { !$0.shouldDisplay }.compactMap(\.commandName)
        throw .unknown("command", word, among: names.filter { !hidden.contains($0) })
    }
}
