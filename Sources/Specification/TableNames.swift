import Diagnostics

/// What tables call a run by: its label in the place of its name, and a cell for each factor in which it differs from others.
///
/// Scores don't depend on it: runs that differ in nothing else are one method.
public struct TableNames: Hashable, Sendable {
    /// A column of tables, and what stands there for the run.
    public struct Factor: Hashable, Sendable {
        public var name: String
        public var value: String

        public init(_ name: String, _ value: String) { (self.name, self.value) = (name, value) }
    }

    /// In the place of the name; nil for the name.
    public var label: String?
    /// In the order of the columns; a matrix gives one for each of its keys with several values.
    public var factors: [Factor] = []

    /// The factor that is the run's name, where there are others beside it.
    static let runFactor = "run"

    /// With one factor more, behind the name of a run that has none so far.
    func adding(_ factor: Factor, name: String) -> TableNames {
        var names = self
        if factors.isEmpty { names.factors = [Factor(Self.runFactor, name)] }
        names.factors.removeAll { $0.name == factor.name }
        names.factors.append(factor)
        return names
    }

    /// The cells of tables, first the run's label; none where the run's name is the only one.
    public var cells: [Factor] {
        guard let label else { return factors }
        return [Factor(Self.runFactor, label)] + factors.filter { $0.name != Self.runFactor }
    }
}

extension ConfigNode {
    /// `label`: what tables call a run, or a value of a matrix.
    func label() throws(Diagnostic) -> String {
        let text = try freeText("a label")
        guard !text.isEmpty, !text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else {
            throw expected("a label of one line")
        }
        return text
    }

    /// `factors`: a mapping of columns to what stands there for the run.
    func factors() throws(Diagnostic) -> [TableNames.Factor] {
        var factors: [TableNames.Factor] = []
        for entry in try mapping() {
            guard !entry.key.isEmpty else { throw Diagnostic("expected a column's name", at: entry.location) }
            factors.append(TableNames.Factor(entry.key, try entry.value.label()))
        }
        return factors
    }
}
