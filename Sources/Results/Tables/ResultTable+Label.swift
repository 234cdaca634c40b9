extension ResultTable {
    /// What tells a line from others, in a few words: its cells of the table's head columns, numbers with their names.
    package func label(of line: TableLine) -> String {
        guard line.heads.count == heads.count else { return line.name }
        let words = zip(heads, line.heads).filter { $0.0 != HeadNames.seeds && !$0.1.isEmpty }.map(Self.words)
        let label = words.isEmpty || heads == [HeadNames.run] ? line.name : words.joined(separator: ", ")
        guard line.isMean, label != line.name else { return label }
        return "\(label) (\(line.runs.count) seeds)"
    }

    /// What the lines of each group have in common, and which tells it from the other groups; nil where the head columns
    /// don't tell all of them apart.
    ///
    /// - Parameter groups: names of lines
    package func labels(of groups: [[String]]) -> [String]? {
        let cells = groups.map { group in
            let members = group.compactMap { name in lines.first { $0.name == name }?.heads }
            return heads.indices.map { head in
                let values = Set(members.map { $0.indices.contains(head) ? $0[head] : "" })
                return values.count == 1 ? values.first ?? "" : ""
            }
        }
        let telling = heads.indices.filter { head in
            heads[head] != HeadNames.seeds && cells.allSatisfy { !$0[head].isEmpty }
                && Set(cells.map { $0[head] }).count > 1
        }
        let labels = cells.map { group in telling.map { Self.words(heads[$0], group[$0]) }.joined(separator: ", ") }
        return !telling.isEmpty && Set(labels).count == groups.count ? labels : nil
    }

    /// A head column's value, a number with its name.
    private static func words(_ name: String, _ value: String) -> String {
        Double(value) == nil ? value : "\(name) \(value)"
    }
}
