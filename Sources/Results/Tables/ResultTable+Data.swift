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
            return record([name, row.kind.rawValue] + factors(of: row.name), row.cells.map(Self.csvNumber))
        }
        let seeds = seeds.flatMap { group in
            zip(["mean", "deviation"], [group.means, group.deviations]).map { kind, cells in
                record([group.name, kind] + factors(ofAll: group.runs), cells.map(Self.csvNumber))
            }
        }
        let changes = zip(lines, changes).flatMap { line, changes in
            [("change", changes.map { $0?.difference }), ("p", changes.map { $0?.pValue })].map { kind, cells in
                record([line.sharedName, kind] + factors(ofAll: line.runs), cells.map(Self.csvNumber))
            }
        }
        return record(TaskCatalogue.otherColumns + factorNames + columns) + (rows + published).map(record).joined()
            + seeds.joined() + changes.joined()
    }

    /// The names of the factors that the rows' runs have, each once.
    private var factorNames: [String] {
        inFirstOrder(rows.flatMap { row in record(of: row.name)?.factors.map(\.name) ?? [] })
            .filter { !TaskCatalogue.otherColumns.contains($0) && !columns.contains($0) }
    }

    private func factors(of run: String) -> [String] {
        let factors = record(of: run)?.factors ?? []
        return factorNames.map { name in factors.first { $0.name == name }?.value ?? "" }
    }

    /// What all of a line's runs have in common.
    private func factors(ofAll runs: [String]) -> [String] {
        let all = runs.map { factors(of: $0) }
        return factorNames.indices.map { index in
            let values = Set(all.map { $0[index] })
            return values.count == 1 ? values.first ?? "" : ""
        }
    }

    static func csvNumber(_ value: Double?) -> String { value.map { $0.isNaN ? "nan" : String($0) } ?? "" }

    /// One object with what the table shows; absent and undefined numbers are null.
    var json: String {
        func numbers(_ cells: [Double?]) -> String {
            let entries = zip(columns, cells).map { "\(JSONText.quoted($0)): \($1.map(JSONText.number) ?? "null")" }
            return "{\(entries.joined(separator: ", "))}"
        }
        func object(_ row: Row) -> String {
            let factors = (record(of: row.name)?.factors ?? []).map {
                "\(JSONText.quoted($0.name)): \(JSONText.quoted($0.value))"
            }
            let said = factors.isEmpty ? "" : ", \"factors\": {\(factors.joined(separator: ", "))}"
            return "    {\"name\": \(JSONText.quoted(row.name))\(said), \"scores\": \(numbers(row.cells))}"
        }
        func change(_ line: TableLine, _ changes: [TableChange?]) -> String {
            "    {\"name\": \(JSONText.quoted(line.sharedName)), \"change\": \(numbers(changes.map { $0?.difference })), "
                + "\"p\": \(numbers(changes.map { $0?.pValue }))}"
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
              "baseline": \(baseline.map { JSONText.quoted($0.sharedName) } ?? "null"),
              "changes": \(list(zip(lines, changes).map(change))),
              "notes": \(JSONText.list(below))
            }

            """
    }
}
