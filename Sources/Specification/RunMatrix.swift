import Diagnostics

/// The runs of an ablation: every combination of the values listed for some run keys, but those excluded.
struct RunMatrix {
    /// One key and its values.
    struct Axis {
        let key: String
        let location: SourceLocation
        var values: [Value]
        /// Whether the key belongs into a run's name: one with a single value tells no run from another.
        let isNamed: Bool
    }

    /// A value, how a run's name spells it, and what tables call it.
    struct Value {
        let label: String
        let node: ConfigNode
        var title: String
    }

    /// One run's part of the matrix.
    struct Combination {
        /// Such as `prompt=prompteol pooling=last`; empty where no key has several values.
        let name: String
        /// The mapping of each key to its value.
        let values: ConfigNode
        /// What tables call each value of a key that has several.
        let factors: [TableNames.Factor]
    }

    let location: SourceLocation
    /// In file order: the first varies slowest.
    var axes: [Axis]
    /// For each exclusion, what it asks of some keys: their labels.
    let exclusions: [[String: String]]

    /// More runs than this are a mistake.
    static let runLimit = 1000

    /// How many combinations there are, exclusions not considered; capped above the limit.
    var size: Int {
        axes.reduce(1) { min($0 * $1.values.count, Self.runLimit + 1) }
    }

    /// The combinations that no exclusion matches, in order.
    var combinations: [Combination] {
        let start = ConfigNode(.mapping([]), at: location, folder: "")
        typealias Partial = (
            labels: [String: String], words: [String], values: ConfigNode, factors: [TableNames.Factor]
        )
        var partial: [Partial] = [([:], [], start, [])]
        for axis in axes {
            partial = partial.flatMap { before in
                axis.values.map { value in
                    let entry = ConfigEntry(key: axis.key, at: axis.location, value: value.node)
                    return (
                        before.labels.merging([axis.key: value.label]) { $1 },
                        before.words + (axis.isNamed ? ["\(axis.key)=\(value.label)"] : []),
                        before.values.merged(with: ConfigNode(.mapping([entry]), at: location, folder: "")),
                        before.factors + (axis.isNamed ? [.init(axis.key, value.title)] : [])
                    )
                }
            }
        }
        return partial.filter { run in
            !exclusions.contains { $0.allSatisfy { run.labels[$0.key] == $0.value } }
        }.map { Combination(name: $0.words.joined(separator: " "), values: $0.values, factors: $0.factors) }
    }
}
