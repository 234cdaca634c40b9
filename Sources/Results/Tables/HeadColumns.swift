/// What head columns are called that are no factor of the experiment.
package enum HeadNames {
    package static let run = "run"
    package static let seeds = "seeds"
}

/// The columns that say which run a line of a table is of: its name, or what it differs from others in.
struct HeadColumns: Equatable, Sendable {
    let names: [String]
    /// For each line, a cell a column.
    let cells: [[String]]

    private static let run = HeadNames.run
    private static let seeds = HeadNames.seeds
    private static let seed = "seed"

    init(_ lines: [TableLine], of runs: [RunRecord]) {
        let byName = Dictionary(runs.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        let factors = lines.map { line in Self.factors(of: line, byName) }
        let known = inFirstOrder(factors.flatMap { $0.map(\.name) })
        let values = { (name: String) in factors.map { line in line.first { $0.name == name }?.value ?? "" } }
        let always = [Self.seeds, Self.seed]
        var names = known.filter { lines.count == 1 || always.contains($0) || Set(values($0)).count > 1 }
        if names.allSatisfy(always.contains) {
            names = (known.contains(Self.run) ? [Self.run] : Array(known.prefix(1))) + names
        }
        let cells = lines.indices.map { line in names.map { values($0)[line] } }
        // Names that a user gave may be alike.
        guard !names.isEmpty, names != [Self.run] || Set(cells).count == lines.count, Set(cells).count == lines.count
        else {
            (self.names, self.cells) = ([Self.run], lines.map { [$0.name] })
            return
        }
        (self.names, self.cells) = (names, cells)
    }

    /// A line's own, of several seeds what they have in common and how many they are; its name where it has no factors.
    private static func factors(
        of line: TableLine, _ runs: [String: RunRecord]
    ) -> [RunRecord.Factor] {
        let records = line.runs.compactMap { runs[$0] }
        let common = (records.first?.factors ?? []).filter { factor in
            records.allSatisfy { $0.factors.contains(factor) }
        }
        if common.isEmpty { return [RunRecord.Factor(run, line.name)] }
        if line.isMean { return common + [RunRecord.Factor(seeds, String(line.runs.count))] }
        // One of several seeds stands alone where the others aren't shown; what they share names them all.
        let isOneOfSeveral = records.contains { $0.seed >= 0 && $0.name.hasSuffix(" \(seed)=\($0.seed)") }
        guard isOneOfSeveral, !common.contains(where: { $0.name == seed }) else { return common }
        return common + [RunRecord.Factor(seed, String(records[0].seed))]
    }
}
