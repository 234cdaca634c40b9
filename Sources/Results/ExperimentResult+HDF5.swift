import Diagnostics
import HDF5

extension ExperimentResult {
    /// Writes the result as an HDF5 file, whole or not at all.
    ///
    /// - Throws: a diagnostic that names the file, for a result that contradicts itself or a disk without room.
    public func write(to path: String) throws {
        try HDF5.naming(path) {
            try validate()
            try OutputFile.replace(path, with: image(named: path))
        }
    }

    /// Reads a result.
    ///
    /// - Throws: a diagnostic that names the file: it is missing, not HDF5, cut short, of another program or a newer
    ///   version, or lacks a table or a column.
    public init(contentsOf path: String) throws {
        self = try HDF5.naming(path) {
            let file = try HDF5File(reading: path)
            return try ExperimentResult(file)
        }
    }

    private func image(named path: String) throws -> [UInt8] {
        let file = try HDF5File(inMemory: path)
        try file.write(HDF5Attribute(RootName.schemaVersion, .integer(Self.schemaVersion)))
        try file.write(HDF5Attribute(RootName.experiment, .text(name)))
        for entry in provenance {
            try file.write(HDF5Attribute(entry.key, .text(entry.value)))
        }
        try file.write(runs, to: "runs")
        try file.write(scores, to: "scores")
        try file.write(datasets, to: "datasets")
        try file.write(leftOut, to: "left_out")
        try file.write(PublishedScore.flattened(published), to: "published")
        if !checks.isEmpty { try file.write(checks, to: "checks") }
        try file.createGroup("pairs")
        for table in pairs {
            let group = "pairs/" + PathName.escaped(table.run)
            if try !file.contains(group) { try file.createGroup(group) }
            try file.write(table.rows, to: "\(group)/\(PathName.escaped(table.task))")
        }
        if !training.isEmpty {
            try file.createGroup("training")
            for table in training { try file.write(table.rows, to: "training/" + PathName.escaped(table.run)) }
        }
        return try file.image()
    }

    private init(_ file: borrowing HDF5File) throws {
        let attributes = try file.attributes()
        try Self.checkVersion(attributes, holdsMatrix: file.contains(HDF5.matrixName))
        self.init(name: "")
        for attribute in attributes {
            guard case .text(let text) = attribute.value else { continue }
            if attribute.name == RootName.experiment {
                name = text
            } else {
                provenance.append(ProvenanceEntry(attribute.name, text))
            }
        }
        runs = try file.table("runs")
        scores = try file.table("scores")
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
        guard try file.contains("pairs") else { throw Diagnostic("expected a group \"/pairs\", found none") }
        for run in try file.members(of: "pairs") {
            for task in try file.members(of: "pairs/\(run)") {
                let rows: [PairTable.Row] = try file.table("pairs/\(run)/\(task)")
                pairs.append(PairTable(run: PathName.unescaped(run), task: PathName.unescaped(task), rows: rows))
            }
        }
    }

    private static func checkVersion(_ attributes: [HDF5Attribute], holdsMatrix: Bool) throws {
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
        try Self.checkUnique(
            [RootName.schemaVersion, RootName.experiment] + provenance.map(\.key), "provenance attribute")
        try Self.checkUnique(pairs.map { PathName.escaped($0.run) + "/" + PathName.escaped($0.task) }, "pair table")
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
