import Diagnostics
import Numerics

/// Σ w_i · ℓ_i: several objectives of the same examples, such as α of a task and 1 − α of a teacher.
public struct WeightedSum: Objective {
    public struct Term: Hashable, Sendable {
        public var weight: Double
        public var objective: AnyObjective

        public init(weight: Double = 1, _ objective: any Objective) {
            (self.weight, self.objective) = (weight, AnyObjective(objective))
        }
    }

    public var terms: [Term] = []

    public init() {}

    public static let name = "sum"
    public static let fields: [ObjectiveField<Self>] = [
        ObjectiveField(
            "terms", read: { $1.terms = try $0.list(of: "mappings with weight and of").map(Self.term) },
            write: { sum in
                let terms = sum.terms.map { term in
                    PlainValue(
                        .mapping([
                            ("weight", PlainValue(.number(term.weight))), ("of", term.objective.base.plainValue),
                        ]))
                }
                return PlainValue(.list(terms))
            })
    ]

    private static func term(_ value: PlainValue) throws -> Term {
        var (weight, objective) = (1.0, (any Objective)?.none)
        for (key, value) in try value.mapping("a mapping with weight and of") {
            switch key {
            case "weight": weight = try value.number()
            case "of": objective = try ObjectiveCatalogue.inner(value)
            default: throw Diagnostic.unknown("key of a term", key, among: ["weight", "of"], at: value.location)
            }
        }
        guard let objective else { throw value.expected("a term that says of which objective it is (of: NAME)") }
        return Term(weight: weight, objective)
    }

    /// What every term can learn from.
    public var takes: [ExampleKind] {
        // A kind of one term, which has perhaps more numbers than another term reads.
        terms.flatMap { $0.objective.base.takes }.filter { kind in
            terms.allSatisfy { $0.objective.base.takes.contains(where: kind.offers) }
        }.reduce(into: []) { kinds, kind in if !kinds.contains(kind) { kinds.append(kind) } }
    }

    public func check(_ examples: ExampleBatch) throws {
        for term in terms { try term.objective.base.check(examples) }
    }

    public func check(sizes step: ObjectiveStep) throws {
        for term in terms { try term.objective.base.check(sizes: step) }
    }

    public func validate() throws {
        guard !terms.isEmpty else { throw Diagnostic("expected a sum of one objective or more, found none") }
        for term in terms {
            try term.objective.base.validate()
            guard term.weight > 0, term.weight.isFinite else {
                throw Diagnostic.expectedNumber("weight", "above 0", found: term.weight)
            }
        }
        guard takes.isEmpty else { return }
        let terms = terms.map { term in
            "\(type(of: term.objective.base).name) of "
                + term.objective.base.takes.map(\.plural).joined(separator: " or ")
        }
        throw Diagnostic(
            "expected terms that learn from the same examples, found \(terms.joined(separator: ", "))")
    }

    public func views(_ step: ObjectiveStep) -> [EmbeddingView] { terms.flatMap { $0.objective.base.views(step) } }

    public func value(of embeddings: [Matrix], _ batch: ExampleBatch, _ step: ObjectiveStep) throws -> ObjectiveValue {
        var sum = ObjectiveValue(value: 0, gradients: [])
        for term in terms {
            let own = embeddings.dropFirst(sum.gradients.count).prefix(term.objective.base.views(step).count)
            sum.add(try term.objective.base.value(of: Array(own), batch, step), weight: term.weight)
        }
        return sum
    }
}
