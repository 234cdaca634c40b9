import CHDF5
import Diagnostics

/// An HDF5 identifier (file, group, dataset, type, space, property list), closed when its owner goes.
struct HDF5Handle: ~Copyable {
    let id: hid_t

    /// - Parameters:
    ///   - action: completes "HDF5 cannot …" in the diagnostic.
    ///   - open: the C call that makes the identifier.
    init(_ action: String, _ open: () -> hid_t) throws {
        id = try HDF5.call(action, open)
    }

    deinit {
        let id = id
        HDF5.release { H5Idec_ref(id) }
    }
}

extension HDF5Handle {
    /// A property list of one class, such as `bellm_h5_dataset_create()`.
    static func properties(_ kind: () -> hid_t) throws -> HDF5Handle {
        try HDF5Handle("create a property list") { H5Pcreate(kind()) }
    }

    /// A dataspace; nil for a scalar.
    static func space(_ dimensions: [Int]?, growing: Bool = false) throws -> HDF5Handle {
        guard let dimensions else { return try HDF5Handle("create a scalar") { H5Screate(H5S_SCALAR) } }
        let current = dimensions.map { hsize_t($0) }
        let most = growing ? current.map { _ in bellm_h5_unlimited() } : current
        return try HDF5Handle("create a data space") { H5Screate_simple(Int32(current.count), current, most) }
    }

    /// A UTF-8 string type of so many bytes, padded by zero bytes.
    static func textType(bytes: Int) throws -> HDF5Handle {
        let type = try HDF5Handle("create a text type") { H5Tcopy(bellm_h5_c_string()) }
        try HDF5.check("size a text type") { H5Tset_size(type.id, bytes) }
        try HDF5.check("set a text type to UTF-8") { H5Tset_cset(type.id, H5T_CSET_UTF8) }
        try HDF5.check("pad a text type") { H5Tset_strpad(type.id, H5T_STR_NULLPAD) }
        return type
    }
}
