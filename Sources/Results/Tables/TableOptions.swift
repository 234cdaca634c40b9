import Diagnostics

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
    /// The run that all others are compared with; nil for none.
    public var baseline: String?
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
        let values = [run.tableValue(of: key)].compactMap(\.self) + (key == RunRecord.nameKey ? lines : [])
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

    /// The value of such a key, as tables write it.
    func tableValue(of key: String) -> String? {
        if key == Self.nameKey { return name }
        if let factor = factors.first(where: { $0.name == key }) { return factor.value }
        switch Self.columns.first(where: { $0.name == key })?.cell(self) {
        case .text(let text): return text
        case .integer(let number): return String(number)
        case .real, nil: return nil
        }
    }
}
