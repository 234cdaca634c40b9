import Diagnostics
import Models

extension ConfigNode {
    private static let mergeKeys = ["merge", "by", "weights", "scale"]

    /// `{merge: [./a, ./b], by: slerp, weights: [1, 2], scale: 1}`: one adapter of several.
    func mergedAdapter(in context: ConfigContext) throws -> AdapterReference {
        var problems = ConfigProblems()
        unknownKeys("key of a merged adapter", among: Self.mergeKeys).forEach { problems.add($0) }
        try problems.throwIfAny()
        let sources = try required("merge").list(of: "adapters").map { node in
            let text = try node.text("the folder of an adapter, or a repository of the hub")
            return try context.models.adapter(text, relativeTo: node.folder, at: node.location)
        }
        var merge = AdapterMerge()
        if let by = self["by"] { merge.method = try by.choice("a way to merge") }
        merge.weights = try self["weights"]?.list(of: "weights").map { try $0.number() } ?? []
        merge.scale = try self["scale"]?.number() ?? 1
        do {
            try merge.check(sources.count)
        } catch {
            throw error.placed(at: location) { self[$0]?.location }
        }
        return .merged(sources, merge)
    }
}

extension ConfigNode.Content {
    static func merged(_ sources: [AdapterReference], _ merge: AdapterMerge) -> Self {
        var entries: [(String, Self)] = [
            ("merge", .list(sources.compactMap(\.spelling).map(Self.text))), ("by", .text(merge.method.rawValue)),
        ]
        if !merge.weights.isEmpty { entries.append(("weights", .list(merge.weights.map(Self.number)))) }
        return .entries(entries + [("scale", .number(merge.scale))])
    }
}
