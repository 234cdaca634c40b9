import Diagnostics

extension RunMatrix {
    /// The key beside the run keys that lists partial combinations to leave out.
    static let excludeKey = "exclude"

    /// Reads `matrix:`; what is wrong joins the problems.
    ///
    /// - Returns: nil where the matrix cannot be used.
    init?(_ node: ConfigNode, problems: inout ConfigProblems) throws {
        guard let entries = try problems.collect({ try node.mapping() }) else { return nil }
        let keys = RunKey.namesOfMatrix
        let dotted = entries.map(\.key).filter(DottedKey.isOne)
        node.unknownKeys("key of a matrix", among: keys + [Self.excludeKey] + dotted).forEach {
            problems.add($0)
        }
        axes = try entries.filter {
            keys.contains($0.key) || DottedKey.isOne($0.key)
        }.compactMap { entry in
            try problems.collect { try Axis(entry) }
        }
        location = node.location
        for pair in ConfigLevel.run.alternatives {
            if let second = axes.filter({ pair.contains($0.key) }).dropFirst().first {
                problems.add(
                    Diagnostic("expected either \(pair.joined(separator: " or ")), found both", at: second.location))
                return nil
            }
        }
        guard !axes.isEmpty else {
            if entries.allSatisfy({ $0.key == Self.excludeKey }) {
                problems.add(Diagnostic("expected at least one run key with a list of values", at: node.location))
            }
            return nil
        }
        let axes = axes
        let excluded = try problems.collect { try node[Self.excludeKey]?.list(of: "partial combinations") ?? [] } ?? []
        exclusions = try excluded.flatMap { item in
            try problems.collect { try Self.exclusions(item, axes: axes) } ?? []
        }
    }

    /// The exclusions that one item of the list stands for: several where a value is a range.
    private static func exclusions(_ item: ConfigNode, axes: [Axis]) throws -> [[String: String]] {
        var problems = ConfigProblems()
        let entries = try item.mapping()
        item.unknownKeys("key of this matrix", among: axes.map(\.key)).forEach { problems.add($0) }
        if entries.isEmpty { throw item.expected("at least one key of the matrix and its value") }
        var exclusions: [[String: String]] = [[:]]
        for entry in entries {
            guard let axis = axes.first(where: { $0.key == entry.key }) else { continue }
            let values = try problems.collect { try entry.value.matrixValues(of: entry.key) } ?? []
            for value in values where !axis.values.contains(where: { $0.label == value.label }) {
                problems.add(
                    .unknown(
                        "value of \(entry.key)", value.label, among: axis.values.map(\.label), at: entry.value.location)
                )
            }
            exclusions = exclusions.flatMap { before in
                values.map { value in before.merging([entry.key: value.label]) { $1 } }
            }
        }
        try problems.throwIfAny()
        return exclusions
    }
}

extension RunMatrix.Axis {
    fileprivate init(_ entry: ConfigEntry) throws {
        let nodes = try entry.value.list(of: "values")
        guard !nodes.isEmpty else { throw Diagnostic("expected at least one value", at: entry.value.location) }
        var values: [RunMatrix.Value] = []
        for value in try nodes.flatMap({ try $0.matrixValues(of: entry.key) }) {
            guard !values.contains(where: { $0.label == value.label }) else {
                throw Diagnostic("the value \"\(value.label)\" stands twice", at: value.node.location)
            }
            values.append(value)
        }
        self.init(key: entry.key, location: entry.location, values: values, isNamed: values.count > 1)
    }
}
