import Diagnostics
import Embedding
import Results

extension ExperimentReader {
    /// The published rows that the experiment names, each looked up.
    ///
    /// - Parameters:
    ///   - names: the names of the declared runs, any of which a row can stand beside.
    ///   - runs: those of them that are complete.
    mutating func published(_ node: ConfigNode?, names: [String], runs: [RunSpec]) throws -> [PublishedReference] {
        guard let node, let items = try problems.collect({ try node.list(of: "rows, each with paper and row") }),
            !items.isEmpty,
            let values = try problems.collect({ try context.configs.publishedValues(at: node.location) })
        else { return [] }
        return try items.compactMap { item in
            guard try problems.collect({ try item.mapping() }) != nil else { return nil }
            item.unknownKeys("key of a published row", among: ["paper", "row", "run"]).forEach { problems.add($0) }
            let paper = try problems.collect { try item.required("paper") }
            let row = try problems.collect { try item.required("row") }
            guard let paper, let row else { return nil }
            return try problems.collect {
                var reference = try Self.row(row, of: paper, in: values, at: item.location)
                reference.row.run = try item["run"]?.runName(among: names, runs) ?? ""
                return reference
            }
        }
    }

    /// The cosines that are computed before anything else, each looked up.
    mutating func checks(_ node: ConfigNode?, names: [String], runs: [RunSpec]) throws -> [CosineReference] {
        guard let node, let items = try problems.collect({ try node.list(of: "checks, each with paper and run") }),
            !items.isEmpty,
            let values = try problems.collect({ try context.configs.publishedValues(at: node.location) })
        else { return [] }
        return try items.compactMap { item in
            guard try problems.collect({ try item.mapping() }) != nil else { return nil }
            item.unknownKeys("key of a check", among: ["paper", "run"]).forEach { problems.add($0) }
            return try problems.collect {
                let paper = try item.required("paper")
                let name = try paper.freeText("a paper's name")
                let cosines = try paper.located(name) { name throws(Diagnostic) in
                    try values.cosines(ofPaper: name)
                }
                return CosineReference(
                    paper: name, run: try item.required("run").runName(among: names, runs), cosines: cosines,
                    normaliser: try cosines.normaliser.map { name throws(Diagnostic) in
                        guard let normaliser = Normaliser(rawValue: name) else {
                            throw .unknown(
                                "normaliser", name, among: Normaliser.allCases.map(\.rawValue), at: paper.location)
                        }
                        return normaliser
                    })
            }
        }
    }

    private static func row(
        _ row: ConfigNode, of paper: ConfigNode, in values: PublishedValues, at location: SourceLocation
    ) throws(Diagnostic) -> PublishedReference {
        let paperName = try paper.freeText("a paper's name")
        _ = try paper.located(paperName) { name throws(Diagnostic) in try values.rows(ofPaper: name) }
        let rowName = try row.freeText("a row's name")
        let found = try row.located(rowName) { name throws(Diagnostic) in
            try values.row(paper: paperName, name: name)
        }
        return PublishedReference(row: found, location: location)
    }
}

extension ConfigNode {
    /// The name of one of the runs, or of what a run with `layers: all` becomes.
    fileprivate func runName(among names: [String], _ runs: [RunSpec]) throws(Diagnostic) -> String {
        let name = try freeText("a run's name")
        guard names.contains(name) || runs.contains(where: { $0.makes(name) }) else {
            throw .unknown("run", name, among: names, at: location)
        }
        return name
    }
}
