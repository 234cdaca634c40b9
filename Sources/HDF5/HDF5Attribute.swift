import CHDF5
import Diagnostics
import Foundation

/// A named fact on a file or a dataset.
public struct HDF5Attribute: Equatable, Sendable {
    public enum Value: Equatable, Sendable {
        /// A scalar string of fixed length, UTF-8, padded with zero bytes: `bytes` in h5py.
        case text(String)
        /// A scalar 64-bit integer.
        case integer(Int)
        /// A scalar 64-bit float.
        case real(Double)
    }

    public var name: String
    public var value: Value

    public init(_ name: String, _ value: Value) {
        self.name = name
        self.value = value
    }
}

extension HDF5Attribute {
    /// What a text may take, in bytes: a longer one than 64 KiB doesn't fit into an object's header, which has a checksum.
    package static let largestText = 32 << 10
}

extension HDF5File {
    /// Adds an attribute to the object at `path`; a NUL in a text is stored as `␀`.
    ///
    /// Texts have a fixed length: those of variable length lie in a global heap without checksums, where a damaged byte
    /// crashes or hangs the library.
    package func write(_ attribute: HDF5Attribute, to path: String = "/") throws {
        let name = attribute.name
        let encoding = try HDF5Handle.properties(bellm_h5_attribute_create)
        try HDF5.check("set names to UTF-8") { H5Pset_char_encoding(encoding.id, H5T_CSET_UTF8) }
        let object = try HDF5Handle("open \(path)") { H5Oopen(id, path, bellm_h5_default()) }
        let space = try HDF5Handle.space(nil)
        let type =
            switch attribute.value {
            case .text(let text): try HDF5Handle.textType(bytes: max(1, HDF5Text.storable(text).utf8.count))
            case .integer: try HDF5Handle("copy a type") { H5Tcopy(bellm_h5_native_int64()) }
            case .real: try HDF5Handle("copy a type") { H5Tcopy(bellm_h5_native_double()) }
            }
        let place = try HDF5Handle("create the attribute \(name)") {
            H5Acreate2(object.id, name, type.id, space.id, encoding.id, bellm_h5_default())
        }
        switch attribute.value {
        case .text(let text):
            let bytes = Array(HDF5Text.storable(text).utf8) + [0]
            try HDF5.check("write the attribute \(name)") { H5Awrite(place.id, type.id, bytes) }
        case .integer(let integer):
            let stored = [Int64(integer)]
            try HDF5.check("write the attribute \(name)") { H5Awrite(place.id, type.id, stored) }
        case .real(let real):
            try HDF5.check("write the attribute \(name)") { H5Awrite(place.id, type.id, [real]) }
        }
    }

    /// The attributes of the object at `path` that are scalar text or numbers, in the order of writing.
    package func attributes(of path: String = "/") throws -> [HDF5Attribute] {
        let object = try HDF5Handle("open \(path)") { H5Oopen(id, path, bellm_h5_default()) }
        let count = try HDF5.call("count attributes") { H5Aget_num_attrs(object.id) }
        var found: [HDF5Attribute] = []
        for position in 0..<hsize_t(count) {
            let place = try HDF5Handle("open an attribute") {
                H5Aopen_by_idx(
                    object.id, ".", H5_INDEX_CRT_ORDER, H5_ITER_INC, position, bellm_h5_default(), bellm_h5_default())
            }
            let name = try HDF5.name("read an attribute's name") { H5Aget_name(place.id, $1, $0) }
            if let value = try value(of: place, named: name) {
                found.append(HDF5Attribute(name, value))
            }
        }
        return found
    }

    private func value(of place: borrowing HDF5Handle, named name: String) throws -> HDF5Attribute.Value? {
        let id = place.id
        let space = try HDF5Handle("read an attribute's space") { H5Aget_space(id) }
        guard try HDF5.call("count an attribute", { H5Sget_simple_extent_npoints(space.id) }) == 1 else { return nil }
        let type = try HDF5Handle("read an attribute's type") { H5Aget_type(id) }
        switch H5T_class_t(try HDF5.call("classify an attribute") { H5Tget_class(type.id).rawValue }) {
        case H5T_INTEGER:
            var integer: Int64 = 0
            try HDF5.check("read the attribute \(name)") { H5Aread(id, bellm_h5_native_int64(), &integer) }
            return .integer(Int(integer))
        case H5T_FLOAT:
            var real = 0.0
            try HDF5.check("read the attribute \(name)") { H5Aread(id, bellm_h5_native_double(), &real) }
            return .real(real)
        case H5T_STRING:
            return .text(try text(of: place, type: type, named: name))
        default:
            return nil
        }
    }

    private func text(
        of place: borrowing HDF5Handle, type: borrowing HDF5Handle, named name: String
    ) throws -> String {
        let (id, typeID) = (place.id, type.id)
        guard try HDF5.call("classify text", { H5Tis_variable_str(typeID) }) > 0 else {
            let size = try HDF5.call("size text") { Int(clamping: H5Tget_size(typeID)) }
            var bytes = [UInt8](repeating: 0, count: size)
            try HDF5.check("read the attribute \(name)") { H5Aread(id, typeID, &bytes) }
            return try HDF5Text.decoded(bytes, of: "the attribute \(name)")
        }
        guard !hasChecksums else { throw Diagnostic("expected text of fixed length in the attribute \(name)") }
        var pointer: UnsafeMutablePointer<CChar>?
        try HDF5.check("read the attribute \(name)") { H5Aread(id, typeID, &pointer) }
        guard let pointer else { return "" }
        defer { HDF5.release { H5free_memory(pointer) } }
        return try HDF5Text.decoded(
            UnsafeRawBufferPointer(start: pointer, count: strlen(pointer)), of: "the attribute \(name)")
    }
}
