/// Runs of one method that differ by the seed of their training alone, and what their scores come to.
package struct SeedGroup: Equatable, Sendable {
    /// What the runs' names have in common, else all the names.
    package let name: String
    package let runs: [String]
    /// Runs that are one of these once more: of the same method and seed.
    package let repeats: [String]
    package var runCount: Int { runs.count }
    /// For each column of the table, over the runs; nil where one of them has no score.
    package private(set) var means: [Double?]
    /// The sample's standard deviations.
    package private(set) var deviations: [Double?]

    /// The groups of several runs with one method's id, in the order of each group's first.
    static func groups(of runs: [RunRecord], rows: [ResultTable.Row]) -> [SeedGroup] {
        members(of: runs).map { members in
            let repeats = runs.filter { run in
                run.methodID == members[0].methodID && run.seed >= 0 && !members.contains { $0.name == run.name }
            }
            return SeedGroup(
                members, repeats: repeats.map(\.name),
                rows: members.compactMap { run in rows.first { $0.name == run.name } })
        }
    }

    /// The runs of each method that was trained with several seeds, one a seed.
    private static func members(of runs: [RunRecord]) -> [[RunRecord]] {
        let known = runs.filter { $0.seed >= 0 && !$0.methodID.isEmpty }
        return inFirstOrder(known.map(\.methodID)).map { id in
            var seen: Set<Int> = []
            return known.filter { $0.methodID == id && seen.insert($0.seed).inserted }
        }.filter { $0.count > 1 }
    }

    /// What such methods are called, and their runs' names.
    static func names(of runs: [RunRecord]) -> [(name: String, runs: [String])] {
        members(of: runs).map { (sharedName($0), $0.map(\.name)) }
    }

    private init(_ runs: [RunRecord], repeats: [String], rows: [ResultTable.Row]) {
        self.repeats = repeats
        name = Self.sharedName(runs)
        self.runs = runs.map(\.name)
        let columns = (rows.first?.cells ?? []).indices.map { column in rows.compactMap { $0.cells[column] } }
        let count = runs.count
        let means = columns.map { $0.count == count ? $0.reduce(0, +) / Double(count) : nil }
        self.means = means
        deviations = zip(columns, means).map { scores, mean in
            mean.map { mean in
                (scores.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(count - 1)).squareRoot()
            }
        }
    }

    /// What the names of runs that differ by a matrix's seed have in common, else all the names.
    private static func sharedName(_ runs: [RunRecord]) -> String {
        let names = inFirstOrder(
            runs.map { run in
                run.name.split(separator: " ").filter { $0 != "seed=\(run.seed)" }.joined(separator: " ")
            })
        if names.count == 1, let name = names.first, !name.isEmpty { return name }
        return runs.map(\.name).joined(separator: " / ")
    }

    /// A column's cell: `71.00 ± 1.41`; nil where there is none.
    package func cell(_ column: Int, decimals: Int = 2) -> String? {
        guard let mean = means[column], let deviation = deviations[column] else { return nil }
        // One seed without a score leaves nothing to say.
        if mean.isNaN { return ResultTable.cellText(mean) }
        return [mean, deviation].map { ResultTable.cellText($0, decimals: decimals) }.joined(separator: " ± ")
    }

    /// With these columns alone.
    mutating func choose(_ columns: [Int]) {
        (means, deviations) = (columns.map { means[$0] }, columns.map { deviations[$0] })
    }

    /// What to say below a table of groups.
    static func captions(_ groups: [SeedGroup]) -> [String] {
        let repeats = groups.flatMap(\.repeats)
        guard !repeats.isEmpty else { return groups.isEmpty ? [] : [caption] }
        return [
            caption,
            "of the same method and seed as another, and not counted again: " + repeats.joined(separator: ", "),
        ]
    }

    /// What a line of several seeds is.
    static let caption =
        "±: the sample's standard deviation over the seeds of the training; each seed's row is in CSV and JSON"

    /// What to say where a file of schema version 1 has trainings of several seeds: its columns leave out what trainings
    /// differ in, learning rates for example, so that nothing tells which runs are one method's.
    static func caution(_ runs: [RunRecord]) -> [String] {
        let unknown = runs.filter { $0.seed >= 0 && $0.methodID.isEmpty }
        guard Set(unknown.map(\.seed)).count > 1 else { return [] }
        return [
            "no means over seeds: the file is of an earlier version, which doesn't say what else the trainings differ in"
        ]
    }
}
