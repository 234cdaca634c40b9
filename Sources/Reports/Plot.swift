import Diagnostics
import Files
import Results

/// One kind of a report's charts alone, as a drawing for papers.
public struct Plot: Sendable {
    public enum Kind: String, CaseIterable, Sendable {
        /// Each run's score and its 95 % interval.
        case intervals
        /// Scores over the hidden layer, the number of bidirectional layers, or dimensions.
        case layers
        /// Scores over two choices.
        case heatmap
        /// Cosines over gold scores, pair by pair.
        case scatter
        /// Trainings by step.
        case curves
    }

    /// For how much room it is laid out.
    public enum Width: String, CaseIterable, Sendable {
        /// A column of a paper of two columns.
        case column
        /// A whole page's width.
        case page
    }

    private let result: ExperimentResult
    private let charts: [Figure]
    private let width: Width
    private let path: String

    /// Reads the result and chooses the charts.
    ///
    /// - Parameters:
    ///   - columns: of the scores, where `*` stands for any text; empty for the average, or else the first task that has such a
    ///     chart
    ///   - run: of a scatter; nil for the best
    /// - Throws: where the result has no chart of this kind, with the kinds that it has
    public init(
        contentsOf path: String, _ kind: Kind, columns: [String] = [], run: String? = nil, width: Width = .page
    ) throws {
        self.path = path
        self.width = width
        result = try ExperimentResult(contentsOf: path)
        let place = SourceLocation(file: path)
        let source = PlotSource(result)
        let chosen = try source.columns(columns)
        let line = try run.map { name throws(Diagnostic) in try source.line(name) }
        charts = source.charts(kind, chosen, line: line)
        guard charts.isEmpty else { return }
        let others = Kind.allCases.filter { $0 != kind && !source.charts($0, chosen, line: nil).isEmpty }
        let found = others.isEmpty ? "none" : others.map(\.rawValue).joined(separator: ", ")
        throw Diagnostic(
            "cannot draw \(kind.rawValue): \(source.lack(of: kind)); kinds that it has: \(found)", at: place)
    }

    /// The drawing, with its style inside.
    public var svg: String {
        let columns = width == .page && charts.count > 1 ? 2 : 1
        let size: ChartWidth = width == .page && charts.count == 1 ? .wide : .narrow
        let sheet = PlotSheet(charts.map { ($0.title, $0.drawing(size)) }, columns: columns)
        return sheet.svg(title: result.name)
    }

    /// Writes it, whole or not at all, in the format that the name's ending says.
    ///
    /// - Throws: where the path is the result's, under whatever name, or cannot be written.
    public func write(to destination: OutputDestination, as format: PlotFormat) throws {
        try destination.refuse([path])
        try ExperimentResult.refuseReplacing(destination)
        try destination.refuseOtherThan(format.kind)
        switch format {
        case .svg: try destination.replace(with: svg)
        case .pdf, .png: try PlotConverter(format).write(svg, to: destination)
        }
    }
}

/// What of a result can be drawn.
private struct PlotSource {
    let charted: ChartedRuns

    init(_ result: ExperimentResult) {
        let table = ResultTable(result)
        charted = ChartedRuns(result, table, intervals: table.intervals)
    }

    /// The columns whose names fit; nil for none named.
    func columns(_ patterns: [String]) throws(Diagnostic) -> [Int]? {
        guard !patterns.isEmpty else { return nil }
        let names = charted.table.columns
        var chosen: [Int] = []
        for pattern in patterns {
            let found = charted.columns.filter { names[$0].matches(pattern: pattern) }
            guard !found.isEmpty else {
                throw .unknown("column", pattern, among: charted.columns.map { names[$0] })
            }
            chosen += found.filter { !chosen.contains($0) }
        }
        return chosen
    }

    func line(_ name: String) throws(Diagnostic) -> TableLine {
        guard let line = charted.table.line(called: name) else {
            throw .unknown("run", name, among: charted.table.names)
        }
        return line
    }

    /// - Parameter columns: nil for the first that has such a chart
    func charts(_ kind: Plot.Kind, _ columns: [Int]?, line: TableLine?) -> [Figure] {
        if kind == .curves { return TrainingCurves(charted).charts(of: .loss).map(Figure.lines).onOneScale() }
        let found = (columns ?? charted.columns).map { charts(kind, of: $0, line: line) }
        if columns == nil { return (found.first { !$0.isEmpty } ?? []).onOneScale() }
        return found.flatMap(\.self).onOneScale()
    }

    private func charts(_ kind: Plot.Kind, of column: Int, line: TableLine?) -> [Figure] {
        let name = charted.table.columns[column]
        let scores = kind == .scatter ? [:] : charted.scores(column)
        switch kind {
        case .intervals:
            let plot = IntervalPlot(charted, column: column, scores: scores)
            return plot.rows.isEmpty ? [] : [.intervals(plot)]
        case .layers:
            let curves = charted.drawn(charted.curves(scores), scores)
            return curves.flatMap { $0.charts(of: name) }.map(Figure.lines)
        case .heatmap:
            let curves = charted.curves(scores)
            let maps = charted.maps(column, scores: scores, curves: curves)
            if !maps.isEmpty { return maps.map(Figure.heatMap) }
            return curves.compactMap { $0.heatMap(runs: charted.runs, scores: scores, title: name) }.map(Figure.heatMap)
        case .scatter:
            let plot = (line ?? charted.best(column)).flatMap { ScatterPlot(charted, column: column, line: $0) }
            return plot.map { [.scatter($0)] } ?? []
        case .curves: return []
        }
    }

    /// Why there is no chart of a kind.
    func lack(of kind: Plot.Kind) -> String {
        switch kind {
        case .intervals: "no run has a score"
        case .layers: "no four runs differ only in a layer, a number of layers or of dimensions"
        case .heatmap: "its runs combine no two choices"
        case .scatter: "it holds no scores of sentence pairs"
        case .curves: "no run was trained in it"
        }
    }
}
