import Diagnostics
import Foundation

/// What of a result a table shows, and how: `bellm show`'s options.
public struct TableOptions: Equatable, Sendable {
    /// The columns to show, in this order, where `*` stands for any text; empty for all.
    public var columns: [String] = []
    /// Whether a result of one task shows its subsets too.
    public var showsSubsets = true
    /// Behind the point.
    public var decimals = 2
    /// The column by which lines are sorted, the highest first; nil for the experiment's order.
    public var sort: String?
    /// The runs to show: those that fit every one.
    public var filters: [RunFilter] = []
    /// The run that all others are compared with, which the filters may leave out; nil for none.
    public var baseline: String?
    /// Whether warnings stand below; else whoever shows the table tells them elsewhere.
    public var showsWarnings = true
    /// LaTeX: what stands under the table, and the name that texts refer to it by; nil for what the result is called.
    public var caption: String?
    public var label: String?

    public init() {}

    package static let mostDecimals = 6
}

/// Which runs to show: those whose value of a key fits.
public struct RunFilter: Hashable, Sendable {
    /// `run` for the name or that of its seeds' line, a factor, or a column of `/runs`, such as `pooling`.
    public var key: String
    /// In which `*` stands for any text.
    public var pattern: String

    /// - Parameter text: `KEY=PATTERN`
    public init(_ text: String) throws(Diagnostic) {
        guard let equals = text.firstIndex(of: "="), equals != text.startIndex else {
            throw Diagnostic("expected KEY=PATTERN such as pooling=last, found \"\(text)\"")
        }
        (key, pattern) = (String(text[..<equals]), String(text[text.index(after: equals)...]))
    }

    /// Whether a run fits.
    ///
    /// - Parameter lines: what the lines are called that it is one seed of
    /// - Throws: where no run has such a key
    func fits(_ run: RunRecord, keys: [String], lines: [String]) throws(Diagnostic) -> Bool {
        guard keys.contains(key) else { throw .unknown("key of a run", key, among: keys) }
        let values = run.tableValues(of: key) + (key == RunRecord.nameKey ? lines : [])
        return values.contains { $0.matches(pattern: pattern) }
    }
}

extension RunRecord {
    /// What stands for its name among keys.
    fileprivate static let nameKey = "run"

    /// What filters can ask for: the name, the factors of some runs, and the table's columns of few letters.
    static func keys(of runs: [RunRecord]) -> [String] {
        inFirstOrder(
            [nameKey] + runs.flatMap { $0.factors.map(\.name) } + columns.filter { $0.kind != .real }.map(\.name))
    }

    /// The value of such a key: as tables write it, which may be a label, and as it is.
    fileprivate func tableValues(of key: String) -> [String] {
        if key == Self.nameKey { return [name] }
        let factor = factors.first { $0.name == key }
        return [factor?.value, factor.flatMap { _ in valueInName(of: key) }, columnValue(of: key)].compactMap(\.self)
    }

    private func columnValue(of key: String) -> String? {
        switch Self.columns.first(where: { $0.name == key })?.cell(self) {
        case .text(let text): text
        case .integer(let number): String(number)
        case .real, nil: nil
        }
    }

    /// What a name such as `pooling=last layer=-1` says of a key: a matrix names its runs by the values, not by their labels.
    private func valueInName(of key: String) -> String? {
        let words = " \(name)"
        guard let start = words.range(of: " \(key)=")?.upperBound else { return nil }
        let rest = words[start...]
        let ends = factors.filter { $0.name != key }.flatMap { other in
            [" \(other.name)=", " \(other.name) "].compactMap { rest.range(of: $0)?.lowerBound }
        }
        return String(rest[..<(ends.min() ?? rest.endIndex)])
    }
}
