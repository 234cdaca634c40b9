import Files
import Foundation
import Results

/// What was found out about a model, an adapter, a tokenizer or an attention plan: facts, tables, remarks.
public struct Inspection: Sendable {
    /// One fact or cell.
    public enum Value: Hashable, Sendable {
        case text(String)
        case integer(Int)
        /// A number that is shown with few digits.
        case number(Double)
        case integers([Int])
        case flag(Bool)
    }

    /// A table's name in JSON, its columns and rows.
    public struct Table: Hashable, Sendable {
        public var name: String
        public var columns: [String]
        public var rows: [[Value]]
    }

    public internal(set) var facts: [(name: String, value: Value)] = []
    public internal(set) var tables: [Table] = []
    /// What a reader should know besides, a line each.
    public internal(set) var remarks: [String] = []

    mutating func add(_ name: String, _ value: Value) { facts.append((name, value)) }
    mutating func add(_ name: String, _ text: String) { add(name, .text(text)) }
    mutating func add(_ name: String, _ number: Int) { add(name, .integer(number)) }

    /// For a terminal.
    public var text: String {
        let width = facts.map(\.name.count).max() ?? 0
        var lines = facts.map { name, value in
            (name + String(repeating: " ", count: width - name.count) + "  " + value.text)
        }
        for table in tables {
            let numeric = table.columns.indices.filter { column in table.rows.contains { $0[column].isNumeric } }
            lines +=
                [""]
                + TextTable(
                    header: table.columns, rows: table.rows.map { $0.map(\.text) },
                    leftColumns: Set(table.columns.indices).subtracting(numeric)
                ).lines
        }
        if !remarks.isEmpty { lines += [""] + remarks }
        return lines.joined(separator: "\n")
    }

    /// One object: the facts by name, each table as a list of objects under its own name, the remarks.
    public var json: String {
        var members = facts.map { "  \(JSONText.quoted($0.name)): \($0.value.json)" }
        for table in tables {
            let rows = table.rows.map { row in
                let cells = zip(table.columns, row).map { "\(JSONText.quoted($0)): \($1.json)" }
                return "    {\(cells.joined(separator: ", "))}"
            }
            members.append("  \(JSONText.quoted(table.name)): [\n\(rows.joined(separator: ",\n"))\n  ]")
        }
        members.append("  \"remarks\": \(JSONText.list(remarks))")
        return "{\n" + members.joined(separator: ",\n") + "\n}"
    }
}

extension Inspection.Value {
    fileprivate var isNumeric: Bool {
        switch self {
        case .integer, .number: true
        case .text, .integers, .flag: false
        }
    }

    fileprivate var text: String {
        switch self {
        case .text(let text): text
        case .integer(let number): String(number)
        case .number(let number): number == 0 ? "0" : String(format: "%.3g", number)
        case .integers(let list): list.isEmpty ? "none" : "\(list)"
        case .flag(let flag): flag ? "yes" : "no"
        }
    }

    fileprivate var json: String {
        switch self {
        case .text(let text): JSONText.quoted(text)
        case .integer(let number): String(number)
        case .number(let number): JSONText.number(number)
        case .integers(let list): "\(list)"
        case .flag(let flag): "\(flag)"
        }
    }
}
