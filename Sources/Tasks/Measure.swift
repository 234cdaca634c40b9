/// One number of a result: a metric of one part of a task.
public struct Measure: Hashable, Sendable {
    public var task: String
    /// A subset's name, or how subsets were put together: ``Aggregation``.
    public var slice: String
    /// Such as `spearman` or `accuracy`.
    public var metric: String
    /// In the metric's own unit, 1 for a perfect score; NaN where it is undefined, for example because all cosines are
    /// equal.
    public var value: Double
    /// The 95 % interval; nil where it was not computed, or a resample has no value.
    public var interval: ConfidenceInterval?
    /// The pairs or examples that it was made of.
    public var count: Int

    public init(
        task: String, slice: String = Aggregation.all.rawValue, metric: String, value: Double,
        interval: ConfidenceInterval? = nil, count: Int
    ) {
        (self.task, self.slice, self.metric, self.value) = (task, slice, metric, value)
        self.interval = interval.flatMap { $0.isDefined ? $0 : nil }
        self.count = count
    }
}

/// How a task's subsets become one score, by SentEval's names. Papers differ in it, and the numbers do too.
public enum Aggregation: String, CaseIterable, Sendable {
    /// The score of all subsets' items together: what the literature's tables show.
    case all
    /// The mean of the subsets' scores.
    case mean
    /// The same, weighted by the subsets' numbers of items.
    case wmean

    /// The one score of several subsets' scores, `mean` or `wmean`; NaN where one of them is NaN, or there is none.
    ///
    /// - Parameter subsets: value and number of items of each.
    func combine(_ subsets: [(value: Double, count: Int)]) -> Double {
        let weights = subsets.map { self == .wmean ? Double($0.count) : 1 }
        let sum = zip(subsets, weights).reduce(0) { $0 + $1.0.value * $1.1 }
        return sum / weights.reduce(0, +)
    }
}

/// What a kind's item table holds: its group in a result file, and the columns.
public struct ItemSchema: Hashable, Sendable {
    public enum Value: String, Hashable, Sendable { case text, integer, real }

    public struct Column: Hashable, Sendable {
        public var name: String
        public var value: Value
        /// Whether it tells which item a row is, and so is the same in all runs on the same data.
        public var isIdentity: Bool
    }

    /// The group of result files that holds the tables, such as `pairs`.
    public var group: String
    public var columns: [Column]

    public init(group: String, _ columns: [(name: String, value: Value, isIdentity: Bool)]) {
        self.group = group
        self.columns = columns.map { Column(name: $0.name, value: $0.value, isIdentity: $0.isIdentity) }
    }
}

/// What a task's measures were made of: a row an item, in the data's order.
public struct ItemTable: Equatable, Sendable {
    public enum Column: Equatable, Sendable {
        case text([String])
        case integer([Int])
        case real([Double])

        public var count: Int {
            switch self {
            case .text(let values): values.count
            case .integer(let values): values.count
            case .real(let values): values.count
            }
        }
    }

    public let schema: ItemSchema
    public let columns: [Column]

    /// - Parameter columns: as the schema lists them, all of one length.
    public init(_ schema: ItemSchema, _ columns: [Column]) {
        precondition(columns.count == schema.columns.count, "a column for each of the schema's")
        precondition(Set(columns.map(\.count)).count <= 1, "columns of one length")
        (self.schema, self.columns) = (schema, columns)
    }

    public var count: Int { columns.first?.count ?? 0 }

    /// The table of some of its rows.
    func keeping(_ rows: [Int]) -> ItemTable {
        ItemTable(
            schema,
            columns.map { column in
                switch column {
                case .text(let values): .text(rows.map { values[$0] })
                case .integer(let values): .integer(rows.map { values[$0] })
                case .real(let values): .real(rows.map { values[$0] })
                }
            })
    }

    private func column(_ name: String) -> Column? {
        schema.columns.firstIndex { $0.name == name }.map { columns[$0] }
    }

    /// A column's values; none where there is no such column of that type.
    public func texts(_ name: String) -> [String] { if case .text(let values) = column(name) { values } else { [] } }
    public func integers(_ name: String) -> [Int] { if case .integer(let values) = column(name) { values } else { [] } }
    public func reals(_ name: String) -> [Double] { if case .real(let values) = column(name) { values } else { [] } }

    /// What stands in a cell, as a message says it.
    public func cell(_ column: Int, _ row: Int) -> String {
        switch columns[column] {
        case .text(let values): values[row]
        case .integer(let values): String(values[row])
        case .real(let values): String(values[row])
        }
    }

    /// The first row whose item is another than in the other table; nil where all are the same.
    public func firstOtherItem(than other: ItemTable) -> Int? {
        let identities = schema.columns.indices.filter { schema.columns[$0].isIdentity }
        return (0..<min(count, other.count)).first { row in
            identities.contains { cell($0, row) != other.cell($0, row) }
        }
    }

    /// Which item a row is, as a message says it.
    public func item(_ row: Int) -> String {
        schema.columns.indices.filter { schema.columns[$0].isIdentity }
            .map { "\(schema.columns[$0].name) \(cell($0, row))" }.joined(separator: ", ")
    }
}
