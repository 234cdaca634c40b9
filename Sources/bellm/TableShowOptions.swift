import ArgumentParser
import Diagnostics
import Results

/// What of a result a table shows.
struct TableShowOptions: ParsableArguments {
    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "The columns to show, in this order; * stands for any text. Default: all.", valueName: "name"))
    var columns: [String] = []

    @Flag(help: "Leave out the subsets of a result of one task.")
    var noSubsets = false

    @Option(help: ArgumentHelp("Digits behind the point. Default: 2.", valueName: "n"))
    var decimals: Int?

    @Option(help: ArgumentHelp("Sort by this column, the highest score first.", valueName: "column"))
    var sort: String?

    @Option(
        name: .customLong("where"), parsing: .upToNextOption,
        help: ArgumentHelp(
            "Only runs whose key fits: run, a key of the matrix, or a column of the result's runs such as pooling.",
            valueName: "key=pattern"))
    var filters: [String] = []

    @Option(help: ArgumentHelp("The run that all others are compared with, shown or not.", valueName: "run"))
    var baseline: String?

    @Option(help: ArgumentHelp("LaTeX: the table's caption.", valueName: "text"))
    var caption: String?

    @Option(help: ArgumentHelp("LaTeX: the table's label. Default: tab: and the result's name.", valueName: "name"))
    var label: String?

    /// - Throws: for an option that a format has no use for
    func check(_ format: ResultTable.Format) throws {
        guard format == .latex || (caption == nil && label == nil) else {
            throw ValidationError("\(caption == nil ? "--label" : "--caption") is for --format latex")
        }
        guard decimals == nil || ![.csv, .json].contains(format) else {
            throw ValidationError("--decimals is not for --format \(format): its numbers are unrounded")
        }
    }

    func options() throws(Diagnostic) -> TableOptions {
        var options = TableOptions()
        (options.columns, options.showsSubsets, options.decimals) = (columns, !noSubsets, decimals ?? options.decimals)
        (options.sort, options.baseline) = (sort, baseline)
        (options.caption, options.label) = (caption, label)
        for filter in filters { options.filters.append(try RunFilter(filter)) }
        return options
    }
}
