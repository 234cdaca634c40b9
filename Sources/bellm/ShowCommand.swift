import ArgumentParser
import Files
import Results

extension ResultTable.Format: ExpressibleByArgument {}

struct ShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Print a result's table.",
        discussion: "Example: bellm show results/reproduce-bellm.h5 --format markdown")

    @Argument(help: "The result's HDF5 file.", completion: .file(extensions: ["h5"]))
    var result: String

    @Option(help: "The language of the table.")
    var format: ResultTable.Format = .table

    @OptionGroup var cells: CellOptions

    func run() throws {
        let table = try ResultTable(ExperimentResult(contentsOf: result))
        guard format != .table else { return try Console.print(table) }
        try Console.print(table.rendered(as: format, cells: cells.style))
    }
}

/// How texts stand in CSV.
struct CellOptions: ParsableArguments {
    @Flag(
        help: """
            CSV: leave texts that a spreadsheet would take for a formula as they are. Without it they begin with an \
            apostrophe.
            """)
    var rawCells = false

    var style: CSVText.Style { rawCells ? .raw : .forSpreadsheets }
}
