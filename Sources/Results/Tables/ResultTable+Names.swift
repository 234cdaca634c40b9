extension ResultTable {
    /// What a name that a user writes means: a line by what tables call it, one run alone, also where it is one of several seeds,
    /// or what several seeds share.
    ///
    /// - Returns: nil for none, and for a label that several lines have
    package func line(called name: String) -> TableLine? {
        let labelled = lines.filter { label(of: $0) == name || shownNames(of: $0).contains(name) }
        return lines.first { $0.name == name }
            ?? rows.first { $0.name == name }.map { TableLine($0, decimals: options.decimals) }
            ?? lines.first { $0.sharedName == name } ?? (labelled.count == 1 ? labelled[0] : nil)
    }

    /// The names to choose from: of all runs, then what those of several seeds share.
    package var names: [String] { inFirstOrder(rows.map(\.name) + lines.map(\.sharedName)) }

    /// What the lines are called that a run is in.
    func namesOfLines(with run: String) -> [String] {
        lines.filter { $0.runs.contains(run) }.flatMap { [$0.name, $0.sharedName, label(of: $0)] + shownNames(of: $0) }
    }

    /// What stands in a line's head columns: in all of them, and in that of the run's name.
    private func shownNames(of line: TableLine) -> [String] {
        guard line.heads.count == heads.count else { return [] }
        let cells = zip(heads, line.heads).filter { $0.0 != HeadNames.seeds && !$0.1.isEmpty }
        return [cells.map(\.1).joined(separator: ", ")] + cells.filter { $0.0 == HeadNames.run }.map(\.1)
    }
}
