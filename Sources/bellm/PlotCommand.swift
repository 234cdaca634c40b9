import ArgumentParser
import Diagnostics
import Files
import Reports

extension Plot.Kind: ExpressibleByArgument {}
extension Plot.Width: ExpressibleByArgument {}

struct PlotCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plot", abstract: "Draw one kind of a result's charts for a paper: SVG, PDF or PNG.",
        discussion: """
            The ending of the output's name decides the format; PDF and PNG need rsvg-convert (Debian's librsvg2-bin). \
            Runs that differ by their seed alone are drawn as one, with the interval of their mean.

            intervals  each run's score and its 95 % interval
            layers     scores over hidden layer, bidirectional layers or dimensions
            heatmap    scores over two choices that the runs combine
            scatter    cosines over gold scores, a dot a pair, the worst named
            curves     the loss of each training by step

            Examples:
              bellm plot results/layers.h5 --kind layers --output layers.pdf
              bellm plot results/reproduce-bellm.h5 --kind scatter \\
                --columns STS-B --run PromptEOL --output pairs.svg
            """)

    @Argument(
        help: ArgumentHelp("The result's HDF5 file.", valueName: "result.h5"), completion: .file(extensions: ["h5"]))
    var result: String

    @Option(help: "The kind of chart.")
    var kind: Plot.Kind

    @Option(
        name: [.short, .long],
        help: ArgumentHelp("The drawing's file; .svg, .pdf or .png.", valueName: "file"))
    var output: String

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "A chart for each of these tasks, on one scale; * stands for any text. Default: the average, or the first.",
            valueName: "name"))
    var columns: [String] = []

    @Option(
        name: .customLong("run"),
        help: ArgumentHelp("Of a scatter: whose pairs. Default: the best run's.", valueName: "run"))
    var drawnRun: String?

    @Option(help: "Laid out for a paper's column or page.")
    var width: Plot.Width = .page

    func validate() throws {
        guard drawnRun == nil || kind == .scatter else {
            throw ValidationError("--run is for --kind scatter: other kinds draw all runs")
        }
        guard columns.isEmpty || kind != .curves else {
            throw ValidationError("--columns is not for --kind curves: a training has no tasks")
        }
    }

    func run() throws {
        let format = try PlotFormat(endingOf: output)
        let destination = try OutputDestination(output)
        try destination.check()
        try format.checkTools()
        let plot = try Plot(contentsOf: result, kind, columns: columns, run: drawnRun, width: width)
        try plot.write(to: destination, as: format)
        Console.message("written: \(output.visible())")
    }
}
