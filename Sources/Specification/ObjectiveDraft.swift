import Diagnostics
import Objectives

/// A recipe's objective being read: the numbers of each plain one, of which `loss` chooses one, or a whole `objective`.
struct ObjectiveDraft {
    /// With what their keys say.
    private var plain = ObjectiveCatalogue.plain.map { $0.init() }
    private var name = InBatchNegatives.name
    private var whole: (any Objective)?

    /// The keys that say an objective, beside those of the plain ones.
    static let choosing = ["loss", "objective"]
    /// Every key that says an objective or a part of it: `objective` takes the place of all others.
    static let keys = choosing + ObjectiveCatalogue.plain.flatMap { $0.keys }

    var chosen: any Objective { whole ?? plain.first { type(of: $0).name == name } ?? InBatchNegatives() }

    mutating func choose(_ node: ConfigNode) throws {
        name = try node.text("a loss")
        let names = ObjectiveCatalogue.plain.map { $0.name }
        guard names.contains(name) else {
            let found = name
            name = InBatchNegatives.name
            throw Diagnostic.unknown("loss", found, among: names, at: node.location)
        }
    }

    mutating func compose(_ node: ConfigNode) throws { whole = try ObjectiveCatalogue.objective(node.plainValue) }

    mutating func read(_ key: String, _ node: ConfigNode) throws {
        for index in plain.indices { try plain[index].read(key, node.plainValue) }
    }
}

extension ConfigNode {
    /// What this recipe says over another: where one says an `objective`, the loss keys of the other don't count; and where it
    /// says the kind of a head, not the other's head.
    func merged(withRecipe own: ConfigNode) -> ConfigNode {
        let said = own.entries.map(\.key).filter(ObjectiveDraft.keys.contains)
        var replaced = said.isEmpty ? [] : said.contains("objective") ? ObjectiveDraft.keys : ["objective"]
        if own["head"]?["kind"] != nil { replaced.append("head") }
        let kept = entries.filter { !replaced.contains($0.key) }
        return ConfigNode(.mapping(kept), at: location, folder: folder).merged(with: own)
    }

    /// What can't stand together in a recipe.
    func objectiveProblems() -> [Diagnostic] {
        var problems: [Diagnostic] = []
        if self["objective"] != nil {
            problems += entries.filter { $0.key != "objective" && ObjectiveDraft.keys.contains($0.key) }.map {
                Diagnostic(
                    "expected either objective or \($0.key), found both", at: $0.location,
                    suggestion: "write the numbers of an objective within it: {in_batch_negatives: {temperature: 0.05}}"
                )
            }
        }
        if self["loss"]?.content == .text(CoSENT.name), let scale = entries.first(where: { $0.key == "cosine_tau" }) {
            problems.append(
                Diagnostic(
                    "cosine_tau is a key of the loss angle, found one of cosent", at: scale.location,
                    suggestion: "write scale"))
        }
        return problems
    }
}

extension TrainingKey {
    static let objectiveKeys: [TrainingKey] =
        [
            TrainingKey(
                name: "loss", read: { node, draft in try draft.objective.choose(node) },
                write: { spec in
                    let base = spec.recipe.objective.base
                    return base.isPlain ? .text(type(of: base).name) : nil
                }),
            TrainingKey(
                name: "objective", read: { node, draft in try draft.objective.compose(node) },
                write: { spec in
                    let base = spec.recipe.objective.base
                    return base.isPlain ? nil : ConfigNode.Content(base.plainValue)
                }),
        ]
        + ObjectiveCatalogue.plain.flatMap { $0.keys }.map { key in
            TrainingKey(
                name: key, read: { node, draft in try draft.objective.read(key, node) },
                write: { spec in
                    let base = spec.recipe.objective.base
                    guard base.isPlain else { return nil }
                    return base.written.first { $0.key == key }.map { ConfigNode.Content($0.value) }
                })
        }
}

extension Objective {
    /// Whether its keys stand beside `loss`.
    fileprivate var isPlain: Bool { ObjectiveCatalogue.plain.contains { $0.name == Self.name } }
}
