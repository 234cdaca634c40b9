import ArgumentParser
import Diagnostics
import Files
import Reports

struct ReportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report", abstract: "Write results as one web page: tables with intervals, charts, provenance.",
        discussion: """
            The page holds all that it shows, charts included, and needs no network; its script shows values and sorts \
            tables, and the page is whole without it. It begins with what was asked and what came out. Which charts it \
            has follows from what the runs vary: curves over the hidden layer or over the bidirectional layers, and \
            heat maps of choices that are combined.

            Example: bellm report results/degradation.h5 results/layers.h5 --output report.html
            """)

    @Argument(
        help: ArgumentHelp("The results' HDF5 files.", valueName: "result.h5"), completion: .file(extensions: ["h5"]))
    var results: [String]

    @Option(help: ArgumentHelp("The page's file.", valueName: "file"))
    var output = "report.html"

    @Option(
        help: ArgumentHelp(
            "The run that the best one is held against. Default: the first of each result.", valueName: "run"))
    var baseline: String?

    func run() throws {
        try OutputDestination(output).check()
        try Report(contentsOf: results, baseline: baseline).write(to: output)
        Console.message("written: \(output.visible())")
    }
}
