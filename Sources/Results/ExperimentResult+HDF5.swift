import Diagnostics
import Files
import Foundation
import HDF5
import Tasks

extension ExperimentResult {
    /// Writes the result as an HDF5 file, whole or not at all.
    ///
    /// - Throws: a diagnostic that names the file, for a result that contradicts itself or a disk without room.
    public func write(to path: String) throws {
        try HDF5.naming(path) {
            try validate()
            try OutputFile.replace(path, with: image())
        }
    }

    /// Reads a result of any schema version up to this program's.
    ///
    /// - Throws: a diagnostic that names the file: it is missing, not HDF5, cut short, of another program or a newer
    ///   version, or lacks a table or a column.
    public init(contentsOf path: String) throws {
        try Self.refuseMissing(path)
        self = try HDF5.naming(path) {
            let copy = try OldResult.safeCopy(of: path)
            defer { if let copy { unlink(copy) } }
            if copy != nil { ReadFiles.note(path) }
            return try ExperimentResult(HDF5File(reading: copy ?? path))
        }
    }

    /// Throws where a file that another kind of output would replace is a result.
    public static func refuseReplacing(_ destination: OutputDestination) throws {
        guard !destination.isStream, isResult(destination.path) else { return }
        throw Diagnostic(
            "cannot write here: it is an experiment's result", at: SourceLocation(file: destination.path),
            suggestion: "name another file to write")
    }

    /// Whether a file is an HDF5 file with the attribute that a result has. Where damage could crash the library, its name's letters will do:
    /// they stand in the file as they are.
    public static func isResult(_ path: String) -> Bool {
        guard HDF5.hasChecksums(path) else {
            guard OutputKind.hdf5.isStart(of: path),
                let bytes = try? Data(contentsOf: URL(fileURLWithPath: path), options: .alwaysMapped)
            else { return false }
            return bytes.range(of: Data(RootName.schemaVersion.utf8)) != nil
        }
        let attributes = try? HDF5File(reading: path).attributes()
        return attributes?.contains { $0.name == RootName.schemaVersion } ?? false
    }

    private func image() throws -> [UInt8] {
        let file = try HDF5File()
        try file.write(HDF5Attribute(RootName.schemaVersion, .integer(Self.schemaVersion)))
        try file.write(HDF5Attribute(RootName.experiment, .text(name)))
        var long: [LongText] = []
        for (place, entry) in provenance.enumerated() {
            if entry.value.utf8.count > HDF5Attribute.largestText {
                long.append(LongText(key: entry.key, place: place, value: entry.value))
            } else {
                try file.write(HDF5Attribute(entry.key, .text(entry.value)))
            }
        }
        if !long.isEmpty { try file.write(long, to: LongText.path) }
        try file.write(runs, to: "runs")
        try file.write(tasks, to: "tasks")
        try file.write(measures, to: "measures")
        try file.write(datasets, to: "datasets")
        try file.write(leftOut, to: "left_out")
        try file.write(PublishedScore.flattened(published), to: "published")
        if !checks.isEmpty { try file.write(checks, to: "checks") }
        try writeItems(to: file)
        if !training.isEmpty {
            try file.createGroup("training")
            for table in training { try file.write(table.rows, to: "training/" + PathName.escaped(table.run)) }
        }
        return try file.image()
    }

    private func writeItems(to file: borrowing HDF5File) throws {
        for item in items {
            var path = item.table.schema.group
            if try !file.contains(path) { try file.createGroup(path) }
            path += "/" + PathName.escaped(item.run)
            if try !file.contains(path) { try file.createGroup(path) }
            try file.write(item.table, to: "\(path)/\(PathName.escaped(item.task))")
        }
    }

    private init(_ file: borrowing HDF5File) throws {
        let attributes = try file.attributes()
        let version = try Self.checkedVersion(attributes, holdsMatrix: file.contains(HDF5.matrixName))
        self.init(name: "")
        for attribute in attributes {
            guard case .text(let text) = attribute.value else { continue }
            if attribute.name == RootName.experiment {
                name = text
            } else {
                provenance.append(ProvenanceEntry(attribute.name, text))
            }
        }
        if try file.contains(LongText.path) {
            for text: LongText in try file.table(LongText.path) {
                guard (0...provenance.count).contains(text.place) else {
                    throw Diagnostic("expected the place of \"\(text.key)\" among the provenance, found \(text.place)")
                }
                provenance.insert(ProvenanceEntry(text.key, text.value), at: text.place)
            }
        }
        runs = try file.table("runs")
        datasets = try file.table("datasets")
        leftOut = try file.table("left_out")
        published = PublishedScore.grouped(try file.table("published"))
        if try file.contains("checks") { checks = try file.table("checks") }
        if try file.contains("training") {
            for run in try file.members(of: "training") {
                training.append(
                    TrainingTable(run: PathName.unescaped(run), rows: try file.table("training/\(run)")))
            }
        }
        if version == 1 {
            (tasks, measures) = SchemaOne.measures(of: try file.table("scores"))
        } else {
            (tasks, measures) = (try file.table("tasks"), try file.table("measures"))
        }
        for schema in TaskKinds.all.map({ $0.items }) where try file.contains(schema.group) {
            for run in try file.members(of: schema.group) {
                for task in try file.members(of: "\(schema.group)/\(run)") {
                    let table = try file.itemTable(schema, at: "\(schema.group)/\(run)/\(task)")
                    items.append(ItemRecord(run: PathName.unescaped(run), task: PathName.unescaped(task), table))
                }
            }
        }
        // The first version's program didn't check what it wrote.
        if version > 1 { try validate() }
    }

    private static func checkedVersion(_ attributes: [HDF5Attribute], holdsMatrix: Bool) throws -> Int {
        guard let attribute = attributes.first(where: { $0.name == RootName.schemaVersion }) else {
            throw Diagnostic(
                "expected a result, found an HDF5 file without the attribute \"\(RootName.schemaVersion)\"",
                suggestion: holdsMatrix ? "it holds embeddings, as `bellm embed` writes them" : nil)
        }
        guard case .integer(let version) = attribute.value, version >= 1 else {
            throw Diagnostic("expected a positive integer in the attribute \"\(RootName.schemaVersion)\"")
        }
        guard version <= schemaVersion else {
            throw Diagnostic(
                "expected schema version \(schemaVersion) or older, found \(version)",
                suggestion: "read it with the newer bellm that wrote it")
        }
        return version
    }
}

extension HDF5File {
    /// A row is an item's cells.
    fileprivate func write(_ table: ItemTable, to path: String) throws {
        let rows = (0..<table.count).map { row in
            table.columns.map { column -> TableColumn<ItemRow>.Cell in
                switch column {
                case .text(let values): .text(values[row])
                case .integer(let values): .integer(values[row])
                case .real(let values): .real(values[row])
                }
            }
        }
        try write(rows.map(ItemRow.init), columns: ItemRow.columns(of: table.schema), to: path)
    }

    fileprivate func itemTable(_ schema: ItemSchema, at path: String) throws -> ItemTable {
        let blank = ItemRow(cells: schema.columns.map { _ in .integer(0) })
        let rows = try table(path, columns: ItemRow.columns(of: schema), blank: blank)
        return ItemTable(
            schema,
            schema.columns.enumerated().map { index, column in
                switch column.value {
                case .text: .text(rows.map { if case .text(let value) = $0.cells[index] { value } else { "" } })
                case .integer: .integer(rows.map { if case .integer(let value) = $0.cells[index] { value } else { 0 } })
                case .real: .real(rows.map { if case .real(let value) = $0.cells[index] { value } else { .nan } })
                }
            })
    }
}

private struct ItemRow {
    var cells: [TableColumn<ItemRow>.Cell]

    static func columns(of schema: ItemSchema) -> [TableColumn<ItemRow>] {
        schema.columns.enumerated().map { index, column in
            let kind: TableColumn<ItemRow>.Kind =
                switch column.value {
                case .text: .text
                case .integer: .integer
                case .real: .real
                }
            return TableColumn(name: column.name, kind: kind, cell: { $0.cells[index] }) { $0.cells[index] = $1 }
        }
    }
}

/// A provenance entry that is too long for an attribute, whose checksum would not cover it.
private struct LongText: TableRecord {
    static let path = "long_texts"

    var key: String
    /// Its place among all provenance entries, from 0.
    var place: Int
    var value: String

    static var blank: LongText { LongText(key: "", place: 0, value: "") }
    static var columns: [TableColumn<LongText>] {
        [.text("key", \.key), .integer("place", \.place), .text("value", \.value)]
    }
}

extension ExperimentResult {
    /// Attributes of the root that are not provenance.
    private enum RootName {
        static let schemaVersion = "schema_version"
        static let experiment = "experiment"
    }

    /// Checks what the file cannot hold: names that stand twice, and published rows without a number.
    private func validate() throws {
        try Self.checkUnique(runs.map(\.name), "run")
        try Self.checkUnique(tasks.map(\.task), "task")
        try Self.checkUnique(
            [RootName.schemaVersion, RootName.experiment] + provenance.map(\.key), "provenance attribute")
        try Self.checkUnique(
            items.map { [$0.table.schema.group, $0.run, $0.task].map(PathName.escaped).joined(separator: "/") },
            "item table")
        try Self.checkUnique(training.map { PathName.escaped($0.run) }, "training table")
        if let entry = provenance.first(where: { $0.key.isEmpty || $0.key.utf8.contains(0) }) {
            throw Diagnostic(
                "expected a name for the provenance attribute with the value \"\(entry.value.prefix(40))\"")
        }
        if let row = published.first(where: { $0.scores.isEmpty && $0.average == nil }) {
            throw Diagnostic("expected a score in the published row \"\(row.name)\", found none")
        }
    }

    private static func checkUnique(_ names: [String], _ kind: String) throws {
        var seen = Set<[UInt8]>()
        for name in names where !seen.insert(Array(name.utf8)).inserted {
            throw Diagnostic("expected one \(kind) of each name, found two named \"\(name)\"")
        }
    }
}
