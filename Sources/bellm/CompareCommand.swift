import ArgumentParser
import Diagnostics
import Tasks
import Results

struct CompareCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Say whether two runs differ by more than the choice of the items explains.",
        discussion: """
            For each task that both runs have: the score of A and of B, their difference with a paired bootstrap \
            interval, and a two-sided p-value. A run is named after its result's file and a colon; a result of \
            one run needs no name.

            Example:
              bellm compare results/reproduce-bellm.h5:PromptEOL \\
                'results/reproduce-bellm.h5:PromptEOL layer -2'
            """)

    @Argument(help: ArgumentHelp("A result, and which of its runs.", valueName: "A.h5[:run]"))
    var first: String

    @Argument(help: ArgumentHelp("The run that it is compared with.", valueName: "B.h5[:run]"))
    var second: String

    @Option(help: ArgumentHelp("Resamples of each task's items.", valueName: "n"))
    var resamples = Bootstrap.standard.resamples

    @Option(help: ArgumentHelp("Which random numbers: the same seed gives the same intervals.", valueName: "n"))
    var seed = Bootstrap.standard.seed

    @Option(help: "The language of the table.")
    var format: ResultTable.Format = .table

    @OptionGroup var cells: CellOptions

    func validate() throws {
        try cells.check(isCSV: format == .csv)
        _ = try NumberRange("--resamples", 100...10_000_000).check(resamples)
    }

    func run() throws {
        let comparison = try RunComparison(
            RunReference(first).load(), RunReference(second).load(),
            bootstrap: Bootstrap(resamples: resamples, seed: seed))
        // The other formats have them among their notes.
        if format == .csv { for warning in comparison.warnings { Console.message("warning: " + warning) } }
        try Console.print(comparison.rendered(as: format, cells: cells.style), as: format)
    }
}
