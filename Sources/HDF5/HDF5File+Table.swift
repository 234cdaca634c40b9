import CHDF5
import Diagnostics

extension HDF5File {
    /// Writes records as a compound table that can grow, compressed.
    package func write<Record: TableRecord>(_ records: [Record], to path: String) throws {
        try write(records, columns: Record.columns, to: path)
    }

    /// Writes records as a table of these columns, for records whose columns are known only when they are made.
    package func write<Record>(_ records: [Record], columns: [TableColumn<Record>], to path: String) throws {
        let layout = TableLayout(columns, holding: records)
        let type = try layout.compoundType()
        let space = try HDF5Handle.space([records.count], growing: true)
        let creation = try Self.chunks(of: layout.recordBytes, rows: records.count)
        let links = try Self.linkProperties()
        let table = try HDF5Handle("create the table \(path)") {
            H5Dcreate2(id, path, type.id, space.id, links.id, creation.id, bellm_h5_default())
        }
        guard !records.isEmpty else { return }
        let bytes = layout.packed(records)
        try HDF5.check("write the table \(path)") {
            H5Dwrite(table.id, type.id, bellm_h5_whole(), bellm_h5_whole(), bellm_h5_default(), bytes)
        }
    }

    /// Chunks of about 64 KiB with a checksum, shuffled and deflated: zero padding and repeated names cost next to nothing.
    private static func chunks(of recordBytes: Int, rows: Int) throws -> HDF5Handle {
        let creation = try HDF5Handle.properties(bellm_h5_dataset_create)
        let length = [hsize_t(min(max(rows, 1), max(1, (1 << 16) / recordBytes)))]
        try HDF5.check("set a chunk's size") { H5Pset_chunk(creation.id, 1, length) }
        try HDF5.check("shuffle a table") { H5Pset_shuffle(creation.id) }
        try HDF5.check("compress a table") { H5Pset_deflate(creation.id, 4) }
        try HDF5.check("checksum a table") { H5Pset_fletcher32(creation.id) }
        return creation
    }

    /// Reads a compound table; columns that the record doesn't know are ignored.
    ///
    /// - Throws: a diagnostic for a missing table, a missing column that isn't optional and a column of another type.
    package func table<Record: TableRecord>(_ path: String, as _: Record.Type = Record.self) throws -> [Record] {
        try table(path, columns: Record.columns, blank: Record.blank)
    }

    /// Reads a table of these columns into copies of a blank record.
    package func table<Record>(_ path: String, columns: [TableColumn<Record>], blank: Record) throws -> [Record] {
        guard try contains(path) else { throw Diagnostic("expected a table \"/\(path)\", found none") }
        let table = try HDF5Handle("open the table \(path)") { H5Dopen2(id, path, bellm_h5_default()) }
        let space = try HDF5Handle("read the space of \(path)") { H5Dget_space(table.id) }
        let rows = try HDF5.call("count the rows of \(path)") { H5Sget_simple_extent_npoints(space.id) }
        guard try HDF5.call("count the dimensions of \(path)", { H5Sget_simple_extent_ndims(space.id) }) == 1 else {
            throw Diagnostic("expected a list of rows in \"/\(path)\", found another shape")
        }
        let stored = try HDF5Handle("read the type of \(path)") { H5Dget_type(table.id) }
        let layout = try Self.layout(of: stored, in: path, columns)
        guard rows > 0 else { return [] }

        let (size, overflow) = Int(rows).multipliedReportingOverflow(by: layout.recordBytes)
        try budget.take(overflow ? .max : size, for: path)
        try Self.checkChunks(of: table, rows: Int(rows), in: path)
        let type = try layout.compoundType()
        var bytes = [UInt8](repeating: 0, count: size)
        try bytes.withUnsafeMutableBytes { buffer in
            try HDF5.check("read the table \(path)") {
                H5Dread(
                    table.id, type.id, bellm_h5_whole(), bellm_h5_whole(), bellm_h5_default(), buffer.baseAddress)
            }
        }
        do {
            return try layout.unpacked(bytes, rows: Int(rows), blank: blank)
        } catch let diagnostic as Diagnostic {
            throw Diagnostic("\"/\(path)\": \(diagnostic.message)")
        }
    }

    /// The layout to read a stored table with: its texts' widths are those of the file.
    private static func layout<Record>(
        of stored: borrowing HDF5Handle, in path: String, _ columns: [TableColumn<Record>]
    ) throws -> TableLayout<Record> {
        let id = stored.id
        guard try kind(of: stored) == H5T_COMPOUND else {
            throw Diagnostic("expected a compound table in \"/\(path)\", found a plain array")
        }
        let count = try HDF5.call("count the columns of \(path)") { H5Tget_nmembers(id) }
        let names = try (0..<UInt32(count)).map { index in
            try HDF5.text("name a column") { H5Tget_member_name(id, index) }
        }
        try checkNames(names, of: columns.map { ($0.name, $0.isOptional) }, at: path)
        let widths: [Int?] = try columns.map { column in
            if column.isOptional, !names.contains(column.name) { return nil }
            guard let index = names.firstIndex(of: column.name) else {
                throw Diagnostic(
                    "expected a column \"\(column.name)\" in \"/\(path)\", found only: \(names.joined(separator: ", "))"
                )
            }
            let member = try HDF5Handle("read a column's type") { H5Tget_member_type(id, UInt32(index)) }
            let memberID = member.id
            let found = try kind(of: member)
            let isVariable = try found == H5T_STRING && HDF5.call("classify text", { H5Tis_variable_str(memberID) }) > 0
            switch (column.kind, found) {
            case (.text, H5T_STRING) where !isVariable:
                return try HDF5.call("size a column") { Int(clamping: H5Tget_size(memberID)) }
            case (.integer, H5T_INTEGER), (.real, H5T_FLOAT), (.real, H5T_INTEGER):
                return 8
            default:
                throw Diagnostic(
                    "expected \(column.kind.inFile) in column \"\(column.name)\" of \"/\(path)\", found another type")
            }
        }
        return TableLayout(columns, widths: widths)
    }

    /// Refuses a table that lacks an optional column and has an unknown one: an older file lacks columns, a newer one has
    /// more, and only a damaged name is both.
    private static func checkNames(
        _ names: [String], of columns: [(name: String, isOptional: Bool)], at path: String
    ) throws(Diagnostic) {
        let known = columns.map(\.name)
        guard let missing = columns.first(where: { $0.isOptional && !names.contains($0.name) }),
            let unknown = names.first(where: { !known.contains($0) })
        else { return }
        throw Diagnostic(
            "expected a column \"\(missing.name)\" in \"/\(path)\", found \"\(unknown)\"; the file is damaged")
    }

    private static func kind(of type: borrowing HDF5Handle) throws -> H5T_class_t {
        let id = type.id
        return H5T_class_t(try HDF5.call("classify a type") { H5Tget_class(id).rawValue })
    }
}

extension TableColumn.Kind {
    fileprivate var inFile: String {
        switch self {
        case .text: "text of fixed length"
        case .integer: "integers"
        case .real: "numbers"
        }
    }
}
