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

    /// The keys of a loss; none where there is no such loss.
    static func ownKeys(of loss: String) -> [String] {
        ObjectiveCatalogue.plain.first { $0.name == loss }?.keys ?? []
    }

    /// The losses that have a key.
    static func losses(with key: String) -> [String] {
        ObjectiveCatalogue.plain.filter { $0.keys.contains(key) }.map { $0.name }
    }

    /// The keys that other losses have and this one doesn't; nil where there is no such loss.
    static func keys(foreignTo loss: String) -> [String]? {
        guard ObjectiveCatalogue.plain.contains(where: { $0.name == loss }) else { return nil }
        let own = ownKeys(of: loss)
        return keys.filter { !choosing.contains($0) && !own.contains($0) }
    }

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
