import Diagnostics
import Files
import Foundation

/// One column of an HDF5 compound table: its name, its type, and the record's property behind it.
///
/// A record's list of columns is the only description of its table: writing and reading both follow it.
package struct TableColumn<Record> {
    /// What a cell holds.
    package enum Cell {
        /// UTF-8; as wide as the column's longest value.
        case text(String)
        /// A signed 64-bit integer.
        case integer(Int)
        /// A 64-bit float.
        case real(Double)
    }

    /// A cell's type.
    package enum Kind: String {
        case text, integer, real
    }

    package let name: String
    package let kind: Kind
    package let cell: (Record) -> Cell
    package let assign: (inout Record, Cell) throws -> Void
    /// Whether a file may lack it, as those do that were written before it was added.
    package private(set) var isOptional = false

    package init(
        name: String, kind: Kind, cell: @escaping (Record) -> Cell,
        assign: @escaping (inout Record, Cell) throws -> Void
    ) {
        (self.name, self.kind, self.cell, self.assign) = (name, kind, cell, assign)
    }

    /// The same column, which a file may lack.
    package var optional: Self {
        var column = self
        column.isOptional = true
        return column
    }
}

/// A record that is a row of a table.
package protocol TableRecord {
    /// A record for the reader to fill.
    static var blank: Self { get }
    static var columns: [TableColumn<Self>] { get }
}

extension TableColumn {
    package static func text(_ name: String, _ property: WritableKeyPath<Record, String>) -> Self {
        TableColumn(name: name, kind: .text) {
            .text($0[keyPath: property])
        } assign: { record, cell in
            if case .text(let text) = cell { record[keyPath: property] = text }
        }
    }

    package static func integer(_ name: String, _ property: WritableKeyPath<Record, Int>) -> Self {
        TableColumn(name: name, kind: .integer) {
            .integer($0[keyPath: property])
        } assign: { record, cell in
            if case .integer(let integer) = cell { record[keyPath: property] = integer }
        }
    }

    package static func real(_ name: String, _ property: WritableKeyPath<Record, Double>) -> Self {
        TableColumn(name: name, kind: .real) {
            .real($0[keyPath: property])
        } assign: { record, cell in
            guard case .real(let real) = cell else { return }
            guard real.isNaN || abs(real) <= largestReal else {
                throw Diagnostic(
                    "column \"\(name)\": expected a number of at most \(largestReal) in size, or NaN, found \(real)")
            }
            record[keyPath: property] = real
        }
    }

    /// What is measured, timed or scored has no larger numbers: they are damage, and leave no room to compute with.
    private static var largestReal: Double { 1e100 }

    /// Integers as text: `[28, 29]`.
    package static func integers(_ name: String, _ property: WritableKeyPath<Record, [Int]>) -> Self {
        TableColumn(name: name, kind: .text) {
            .text($0[keyPath: property].description)
        } assign: { record, cell in
            if case .text(let text) = cell { record[keyPath: property] = try list(text, in: name) }
        }
    }

    /// Texts as a JSON list: `["one", "two"]`.
    package static func texts(_ name: String, _ property: WritableKeyPath<Record, [String]>) -> Self {
        TableColumn(name: name, kind: .text) {
            .text(JSONText.list($0[keyPath: property]))
        } assign: { record, cell in
            if case .text(let text) = cell { record[keyPath: property] = try list(text, in: name) }
        }
    }

    private static func list<Element: Decodable>(_ text: String, in column: String) throws -> [Element] {
        do {
            return try JSONDecoder().decode([Element].self, from: Data(text.utf8))
        } catch {
            throw Diagnostic("column \"\(column)\": expected a list, found \"\(text.prefix(60))\"")
        }
    }
}
