extension TaskKind {
    /// A metric of some runs on a part of a task: as observed, and in resamples that all of them share.
    ///
    /// - Parameters:
    ///   - slice: all items, a subset, or the mean over the subsets, which draw independently then.
    ///   - tables: of one task, with the same items.
    public static func resample(
        _ metric: String, slice: String, of tables: [ItemTable], bootstrap: Bootstrap, task: String
    ) -> [(observed: Double, resampled: [Double])] {
        let aggregation = Aggregation(rawValue: slice)
        if aggregation == .all { return resample(metric, of: tables, bootstrap: bootstrap, stream: task) }
        let subsets = tables.first?.texts("subset") ?? []
        let members = Dictionary(grouping: subsets.indices) { subsets[$0] }
        guard let aggregation else {
            let own = tables.map { $0.keeping(members[slice] ?? []) }
            return resample(metric, of: own, bootstrap: bootstrap, stream: task)
        }
        let parts = members.sorted { $0.value[0] < $1.value[0] }.map { subset, rows in
            (
                count: rows.count,
                found: resample(
                    metric, of: tables.map { $0.keeping(rows) }, bootstrap: bootstrap,
                    stream: bootstrap.stream(of: subset, in: task))
            )
        }
        return tables.indices.map { index in
            (
                aggregation.combine(parts.map { ($0.found[index].observed, $0.count) }),
                (0..<bootstrap.resamples).map { number in
                    aggregation.combine(parts.map { ($0.found[index].resampled[number], $0.count) })
                }
            )
        }
    }
}

extension Bootstrap {
    /// The stream of a subset where subsets are resampled together, each by draws of its own.
    func stream(of subset: String, in task: String) -> String { "\(task)\u{1F}\(subset)" }
}
