import ArgumentParser
import Files
import Results

extension ResultTable.Format: ExpressibleByArgument {}

struct ShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Print the table of a result, or of several together.",
        discussion: """
            Runs of a matrix, and those with a label, have a column for each factor in which they differ.

            Examples:
              bellm show results/reproduce-bellm.h5 --sort STS-B --format markdown
              bellm show results/reproduce-bellm.h5 --baseline PromptEOL
              bellm show results/layers.h5 --where pooling=last --format latex
              bellm show results/layers.h5 --columns STS-B --across run
            """)

    @Argument(help: "The results' HDF5 files.", completion: .file(extensions: ["h5"]))
    var results: [String]

    @Option(help: "The language of the table.")
    var format: ResultTable.Format = .table

    @Option(
        help: ArgumentHelp(
            "One column of scores as a grid: a column for each value of this factor, a row for each choice of the others.",
            valueName: "factor"))
    var across: String?

    @OptionGroup var table: TableShowOptions
    @OptionGroup var cells: CellOptions

    func validate() throws {
        try table.check(format)
        try cells.check(isCSV: format == .csv)
        guard across == nil || ScoreGrid.formats.contains(format) else {
            let formats = ScoreGrid.formats.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("--across is for the formats \(formats), not \(format)")
        }
        guard across == nil || table.baseline == nil else {
            throw ValidationError("--across shows scores, not differences: leave --baseline out")
        }
    }

    func run() throws {
        var options = try table.options()
        // Standard error has them, as while the result was made; other formats are for pages that have no such thing.
        options.showsWarnings = format != .table
        let read = try results.map { (path: $0, result: try ExperimentResult(contentsOf: $0)) }
        let table = try ResultTable(ExperimentResult.joined(read)).showing(options)
        if format == .table { table.warnings.forEach { Console.warning($0) } }
        if let across {
            return try Console.print(
                ScoreGrid(table, across: across).rendered(as: format, cells: cells.style), as: format)
        }
        guard format != .table else { return try Console.print(table) }
        try Console.print(table.rendered(as: format, cells: cells.style), as: format)
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

    /// - Throws: where there are no such texts
    func check(isCSV: Bool) throws {
        guard !rawCells || isCSV else {
            throw ValidationError("--raw-cells is for CSV: other formats have texts as they are")
        }
    }

    var style: CSVText.Style { rawCells ? .raw : .forSpreadsheets }
}
