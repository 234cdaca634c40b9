import Results

extension HeatMap {
    /// Maps of two numbers that the runs combine, such as hidden layer and dimensions: one for each choice of the rest.
    ///
    /// - Parameter kinds: the numbers that are varied
    static func maps(
        of runs: [RunRecord], scores: [String: Measurement], over kinds: [Curve.Kind], title: String
    ) -> [HeatMap] {
        let pairs = kinds.flatMap { one in kinds.drop { $0 != one }.dropFirst().map { (one, $0) } }
        return pairs.filter { $0.0.factor != $0.1.factor }.flatMap { rows, columns in
            let fixed = Factor.varying(among: runs).filter { $0 != rows.factor && $0 != columns.factor }
            return inOrder(runs) { run in fixed.map { $0.value(of: run) } }.compactMap { group in
                let choice = group.first.map { run in fixed.map { $0.value(of: run) }.joined(separator: ", ") } ?? ""
                return HeatMap(
                    of: group, scores: scores, rows: rows, columns: columns,
                    title: choice.isEmpty ? title : "\(title): \(choice)")
            }
        }
    }

    /// Nil where the runs are no grid of these numbers, or several share a cell.
    private init?(
        of runs: [RunRecord], scores: [String: Measurement], rows: Curve.Kind, columns: Curve.Kind, title: String
    ) {
        let placed = runs.compactMap { run in
            rows.number(of: run).flatMap { row in columns.number(of: run).map { [row, $0] } }.map {
                (run: run, place: $0)
            }
        }
        let cells = inOrder(placed) { $0.place }
        guard cells.allSatisfy({ $0.count == 1 }) else { return nil }
        let rowNumbers = Set(placed.map { $0.place[0] }).sorted()
        let columnNumbers = Set(placed.map { $0.place[1] }).sorted()
        let runs = Dictionary(placed.map { ($0.place, $0.run.name) }, uniquingKeysWith: { first, _ in first })
        self.cells = rowNumbers.map { row in
            columnNumbers.map { column in runs[[row, column]].flatMap { scores[$0] } }
        }
        (self.title, rowTitle, columnTitle) = (title, rows.short, columns.axis)
        (self.rows, self.columns) = (rowNumbers.map(String.init), columnNumbers.map(String.init))
        description = "A row a \(rows.short), a column a number of: \(columns.axis)."
        guard rowNumbers.count > 1, columnNumbers.count > 1, !measured.isEmpty else { return nil }
    }
}
