import Files
import Foundation
import Tasks

extension ResultTable {
    /// RFC 4180: a header, then a record a row, lines ended by CRLF; numbers unrounded, absent ones empty.
    func csv(_ style: CSVText.Style) -> String {
        func record(_ texts: [String], _ numbers: [String] = []) -> String {
            (texts.map { CSVText.field($0, style: style) } + numbers).joined(separator: ",") + "\r\n"
        }
        func record(_ row: Row) -> String {
            let name = row.kind == .difference ? row.name.trimmingCharacters(in: .whitespaces) : row.name
            return record([name, row.kind.rawValue], row.cells.map(Self.csvNumber))
        }
        let seeds = seeds.flatMap { group in
            zip(["mean", "deviation"], [group.means, group.deviations]).map { kind, cells in
                record([group.name, kind], cells.map(Self.csvNumber))
            }
        }
        return record(TaskCatalogue.otherColumns + columns) + (rows + published).map(record).joined() + seeds.joined()
    }

    private static func csvNumber(_ value: Double?) -> String { value.map { $0.isNaN ? "nan" : String($0) } ?? "" }

    /// One object with what the table shows; absent and undefined numbers are null.
    var json: String {
        func numbers(_ cells: [Double?]) -> String {
            let entries = zip(columns, cells).map { "\(JSONText.quoted($0)): \($1.map(JSONText.number) ?? "null")" }
            return "{\(entries.joined(separator: ", "))}"
        }
        func object(_ row: Row) -> String {
            "    {\"name\": \(JSONText.quoted(row.name)), \"scores\": \(numbers(row.cells))}"
        }
        func object(_ group: SeedGroup) -> String {
            "    {\"name\": \(JSONText.quoted(group.name)), \"runs\": \(group.runCount), "
                + "\"mean\": \(numbers(group.means)), \"deviation\": \(numbers(group.deviations))}"
        }
        func list(_ lines: [String]) -> String {
            lines.isEmpty ? "[]" : "[\n" + lines.joined(separator: ",\n") + "\n  ]"
        }
        return """
            {
              "about": \(JSONText.list(above)),
              "columns": \(JSONText.list(columns)),
              "runs": \(list(rows.map(object))),
              "published": \(list(published.filter { $0.kind == .published }.map(object))),
              "differences": \(list(published.filter { $0.kind == .difference }.map(object))),
              "seeds": \(list(seeds.map(object))),
              "notes": \(JSONText.list(below))
            }

            """
    }
}
