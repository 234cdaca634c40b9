import Diagnostics

/// Every objective that a recipe can name.
public enum ObjectiveCatalogue {
    /// Of embeddings alone. Their keys also stand beside `loss` in a recipe, so no two may have the same.
    public static let plain: [any Objective.Type] = [
        InBatchNegatives.self, CoSENT.self, AnglE.self, CosineRegression.self,
    ]
    /// Over other objectives.
    public static let wrappers: [any Objective.Type] = [
        Matryoshka.self, AdaptiveLayers.self, Espresso.self, WeightedSum.self, Distillation.self,
    ]

    /// Of embeddings, by layers of their own.
    public static let parametric: [any ParametricObjective.Type] = [PairHead.self]

    public static let all = plain + wrappers + parametric.map { $0 as any Objective.Type }

    /// The objective that a value says: a name, or a mapping of one name to its keys.
    ///
    /// - Throws: a diagnostic at the value that is wrong.
    public static func objective(_ value: PlainValue) throws -> any Objective {
        if case .text(let name) = value.content { return try named(name, at: value.location).init() }
        let entries = try value.mapping("the name of an objective, or a mapping of one to its keys")
        guard entries.count == 1, let entry = entries.first else {
            throw value.expected("a mapping of one objective's name to its keys")
        }
        let type = try named(entry.key, at: entry.value.location)
        if case .null = entry.value.content { return type.init() }
        let keys = try entry.value.mapping("a mapping of keys of the objective \(type.name)")
        let objective = try type.from(keys)
        do {
            try objective.validate()
        } catch let error as Diagnostic {
            throw error.placed(at: entry.value.location) { key in keys.first { $0.key == key }?.value.location }
        }
        return objective
    }

    /// The objective that another one is over.
    ///
    /// - Throws: where it has parameters of its own, too
    static func inner(_ value: PlainValue) throws -> any Objective {
        let inner = try objective(value)
        guard let type = type(of: inner) as? any ParametricObjective.Type else { return inner }
        throw Diagnostic(
            "the objective \(type.name) has parameters of its own, and can't stand within another one",
            at: value.location)
    }

    /// The keys of an objective that say nothing beside the values of others; what can't be read is told elsewhere.
    public static func idleKeys(of name: String, _ keys: [(key: String, value: PlainValue)]) -> [String] {
        func idle<Kind: Objective>(_ kind: Kind.Type) -> [String] {
            var objective = kind.init()
            for (key, value) in keys { try? objective.read(key, value) }
            return objective.idleKeys
        }
        return all.first { $0.name == name }.map { idle($0) } ?? []
    }

    private static func named(_ name: String, at location: SourceLocation?) throws -> any Objective.Type {
        guard let type = all.first(where: { $0.name == name }) else {
            var problem = Diagnostic.unknown("objective", name, among: all.map { $0.name }, at: location)
            if let owner = all.first(where: { $0.keys.contains(name) }) {
                problem.suggestion = "\(name) is a key within an objective: {\(owner.name): {\(name): …}}"
            }
            throw problem
        }
        return type
    }
}
