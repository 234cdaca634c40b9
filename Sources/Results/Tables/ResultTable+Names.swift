extension ResultTable {
    /// What a name that a user writes means: a line by what tables call it, one run alone, also where it is one of several seeds,
    /// or what several seeds share.
    ///
    /// - Returns: nil for none, and for a label that several lines have
    package func line(called name: String) -> TableLine? {
        let labelled = lines.filter { label(of: $0) == name }
        return lines.first { $0.name == name }
            ?? rows.first { $0.name == name }.map { TableLine($0, decimals: options.decimals) }
            ?? lines.first { $0.sharedName == name } ?? (labelled.count == 1 ? labelled[0] : nil)
    }

    /// The names to choose from: of all runs, then what those of several seeds share.
    package var names: [String] { inFirstOrder(rows.map(\.name) + lines.map(\.sharedName)) }

    /// What the lines are called that a run is in.
    func namesOfLines(with run: String) -> [String] {
        lines.filter { $0.runs.contains(run) }.flatMap { [$0.name, $0.sharedName, label(of: $0)] }
    }
}
