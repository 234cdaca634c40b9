import CHDF5
import Diagnostics

/// Where each column lies in a record's bytes.
struct TableLayout<Record> {
    struct Field {
        let column: TableColumn<Record>
        let offset: Int
        let bytes: Int
    }

    let fields: [Field]
    /// Bytes of one record.
    let recordBytes: Int

    /// Fields one after the other, each as wide as given; those without a width are left out.
    init(_ columns: [TableColumn<Record>], widths: [Int?]) {
        var offset = 0
        fields = zip(columns, widths).compactMap { column, bytes in
            guard let bytes else { return nil }
            defer { offset += bytes }
            return Field(column: column, offset: offset, bytes: bytes)
        }
        recordBytes = offset
    }

    /// The layout that holds the widest text of each column.
    init(_ columns: [TableColumn<Record>], holding records: [Record]) {
        self.init(
            columns,
            widths: columns.map { column in
                guard column.kind == .text else { return 8 }
                return records.reduce(1) { widest, record in
                    guard case .text(let text) = column.cell(record) else { return widest }
                    return max(widest, HDF5Text.storable(text).utf8.count)
                }
            })
    }

    /// The compound type, for the file and for memory alike.
    func compoundType() throws -> HDF5Handle {
        let compound = try HDF5Handle("create a table type") { H5Tcreate(H5T_COMPOUND, recordBytes) }
        for field in fields {
            let member =
                switch field.column.kind {
                case .text: try HDF5Handle.textType(bytes: field.bytes)
                case .integer: try HDF5Handle("copy a type") { H5Tcopy(bellm_h5_native_int64()) }
                case .real: try HDF5Handle("copy a type") { H5Tcopy(bellm_h5_native_double()) }
                }
            try HDF5.check("add the column \(field.column.name)") {
                H5Tinsert(compound.id, field.column.name, field.offset, member.id)
            }
        }
        return compound
    }

    /// The records' bytes, one after the other.
    func packed(_ records: [Record]) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: records.count * recordBytes)
        bytes.withUnsafeMutableBytes { buffer in
            for (row, record) in records.enumerated() {
                for field in fields {
                    let start = row * recordBytes + field.offset
                    switch field.column.cell(record) {
                    case .text(let text):
                        let place = UnsafeMutableRawBufferPointer(rebasing: buffer[start..<start + field.bytes])
                        place.copyBytes(from: HDF5Text.storable(text).utf8)
                    case .integer(let integer):
                        buffer.storeBytes(of: Int64(integer), toByteOffset: start, as: Int64.self)
                    case .real(let real):
                        buffer.storeBytes(of: real, toByteOffset: start, as: Double.self)
                    }
                }
            }
        }
        return bytes
    }

    /// The records of bytes that were read with this layout's type.
    func unpacked(_ bytes: [UInt8], rows: Int, blank: Record) throws -> [Record] {
        try bytes.withUnsafeBytes { buffer in
            try (0..<rows).map { row in
                var record = blank
                for field in fields {
                    let start = row * recordBytes + field.offset
                    let cell: TableColumn<Record>.Cell =
                        switch field.column.kind {
                        case .text:
                            .text(
                                try HDF5Text.decoded(
                                    buffer[start..<start + field.bytes], of: "column \"\(field.column.name)\""))
                        case .integer:
                            .integer(Int(buffer.loadUnaligned(fromByteOffset: start, as: Int64.self)))
                        case .real:
                            .real(buffer.loadUnaligned(fromByteOffset: start, as: Double.self))
                        }
                    try field.column.assign(&record, cell)
                }
                return record
            }
        }
    }
}
