import Results

extension ResultTable {
    /// What tells a line from others, in a few words: its cells of the table's head columns, numbers with their names.
    func label(of line: TableLine) -> String {
        guard line.heads.count == heads.count else { return line.name }
        let words = zip(heads, line.heads).filter { $0.0 != HeadNames.seeds && !$0.1.isEmpty }.map { name, value in
            Double(value) == nil ? value : "\(name) \(value)"
        }
        let label = words.isEmpty || heads == [HeadNames.run] ? line.name : words.joined(separator: ", ")
        guard line.isMean, label != line.name else { return label }
        return "\(label) (\(line.runs.count) seeds)"
    }
}
