import Results

extension HeatMap {
    /// Maps of the two factors that the runs combine, such as prompt and pooling: one map for each choice of the others.
    ///
    /// - Parameters:
    ///   - spent: factors that curves show
    ///   - title: of all maps; the choice of the others is added
    static func maps(of runs: [RunRecord], scores: [String: Measurement], without spent: Set<Factor>, title: String)
        -> [HeatMap]
    {
        let factors = Factor.varying(among: runs).filter { !spent.contains($0) }
        let pairs = factors.flatMap { one in
            factors.drop { $0 != one }.dropFirst().map { (one, $0) }
        }
        let candidates = pairs.map { rows, columns in
            let others = factors.filter { $0 != rows && $0 != columns }
            return inOrder(runs) { run in others.map { $0.value(of: run) } }.compactMap { group -> HeatMap? in
                let choice = group.first.map { run in others.map { $0.value(of: run) }.joined(separator: ", ") } ?? ""
                let title = choice.isEmpty ? title : "\(title): \(choice)"
                let map = HeatMap(of: group, scores: scores, rows: rows, columns: columns, title: title)
                // A cell that several runs share would show one of them.
                let isTold = Set(group.map { [rows.value(of: $0), columns.value(of: $0)] }).count == group.count
                return map.isGrid && isTold ? map : nil
            }
        }
        // What combines most: the pair whose maps hold the most scores.
        return candidates.max { Self.size($0) < Self.size($1) } ?? []
    }

    private static func size(_ maps: [HeatMap]) -> Int { maps.map(\.measured.count).reduce(0, +) }

    /// The map of runs that differ in two factors only.
    private init(
        of runs: [RunRecord], scores: [String: Measurement], rows: Factor, columns: Factor, title: String
    ) {
        let rowNames = inFirstOrder(runs.map(rows.value))
        let columnNames = inFirstOrder(runs.map(columns.value))
        cells = rowNames.map { row in
            columnNames.map { column in
                runs.first { rows.value(of: $0) == row && columns.value(of: $0) == column }
                    .flatMap { scores[$0.name] }.flatMap { $0.score.isNaN ? nil : $0 }
            }
        }
        (self.title, rowTitle, self.rows, self.columns) = (title, rows.name, rowNames, columnNames)
        columnTitle = columns.name
        description = "A row a \(rows.name), a column a \(columns.name)."
    }

    /// Whether most combinations were measured, so that a map says more than a list.
    private var isGrid: Bool {
        rows.count > 1 && columns.count > 1 && 5 * measured.count >= 3 * rows.count * columns.count
            && measured.count >= 4 && measured.count > rows.count + 1
    }
}
