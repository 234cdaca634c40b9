import Diagnostics
import Models

extension ConfigNode {
    private static let mergeKeys = [
        "merge", "by", "weights", "scale", "density", "drop", "seed", "rank", "off_diagonal", "probe",
    ]

    /// `{merge: [./a, ./b], by: slerp, weights: [1, 2], scale: 1}`: one adapter of several.
    func mergedAdapter(in context: ConfigContext) throws -> AdapterReference {
        let isPositioned = self["by"]?.content == .text(PositionSpec.name)
        var problems = ConfigProblems()
        if !isPositioned {
            unknownKeys("key of a merged adapter", among: Self.mergeKeys).forEach { problems.add($0) }
        }
        try problems.throwIfAny()
        let sources = try required("merge").list(of: "adapters").map { node in
            let text = try node.text("the folder of an adapter, a repository of the hub, or a run as FILE.yaml:RUN")
            return try context.models.adapter(text, relativeTo: node.folder, at: node.location)
        }
        if isPositioned { return .trained([try PositionSpec.read(self, sources: sources, in: context)]) }
        var merge = AdapterMerge()
        if let by = self["by"] {
            let name = try by.text("a way to merge")
            guard let method = AdapterMerge.Method(rawValue: name) else {
                let all = AdapterMerge.Method.allCases.map(\.rawValue) + [PositionSpec.name]
                throw Diagnostic.unknown("way to merge", name, among: all, at: by.location)
            }
            merge.method = method
        }
        merge.weights = try self["weights"]?.list(of: "weights").map { try $0.number() } ?? []
        merge.scale = try self["scale"]?.number() ?? 1
        // The paper's: its best with no validation set.
        merge.density = try self["density"]?.number() ?? (merge.method == .ties ? 0.2 : nil)
        merge.drop = try self["drop"]?.number()
        merge.seed =
            try self["seed"].map { UInt64(try NumberRange("seed", 0...Int.max).check($0.integer(), at: $0.location)) }
            ?? (merge.method == .dare ? 1 : nil)
        merge.rank = try self["rank"]?.integer()
        // Below 1, as the paper has it, so that what inputs have in common doesn't decide alone.
        merge.offDiagonal = try self["off_diagonal"]?.number() ?? (merge.method == .regmean ? 0.9 : nil)
        do {
            try merge.check(sources.count)
        } catch {
            throw error.placed(at: location) { self[$0]?.location }
        }
        if merge.method.quantity != nil {
            return .trained([try PositionSpec.read(self, merge: merge, sources: sources, in: context)])
        }
        if let probe = self["probe"] {
            throw Diagnostic(
                "probe is a key of fisher, regmean and \(PositionSpec.name), and this merge is by \(merge.method.rawValue)",
                at: probe.location)
        }
        return .merged(sources, merge)
    }
}

extension ConfigNode.Content {
    static func merged(_ sources: [AdapterReference], _ merge: AdapterMerge) -> Self {
        .entries(mergeEntries(sources, merge))
    }

    static func mergeEntries(_ sources: [AdapterReference], _ merge: AdapterMerge) -> [(String, Self)] {
        var entries: [(String, Self)] = [
            ("merge", .list(sources.compactMap(\.spelling).map(Self.text))), ("by", .text(merge.method.rawValue)),
        ]
        if !merge.weights.isEmpty { entries.append(("weights", .list(merge.weights.map(Self.number)))) }
        entries.append(("scale", .number(merge.scale)))
        if let density = merge.density { entries.append(("density", .number(density))) }
        if let drop = merge.drop { entries.append(("drop", .number(drop))) }
        if let seed = merge.seed { entries.append(("seed", .integer(Int(seed)))) }
        if let rank = merge.rank { entries.append(("rank", .integer(rank))) }
        if let factor = merge.offDiagonal { entries.append(("off_diagonal", .number(factor))) }
        return entries
    }
}
