import CHDF5
import Diagnostics
import Files
import Foundation

/// An open HDF5 file: the places below it are named by paths such as `pairs/mean/STS-B`.
package struct HDF5File: ~Copyable {
    let handle: HDF5Handle
    /// Whether all structures have checksums: such a file has no text of variable length, whose heap has none.
    let hasChecksums: Bool
    let budget: TableBudget

    var id: hid_t { handle.id }

    /// Opens an existing file for reading.
    ///
    /// Files are only ever replaced whole, so no lock is taken: network file systems often have none.
    package init(reading path: String) throws {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw Diagnostic("no such file")
        }
        guard !isFolder.boolValue else { throw Diagnostic("expected an HDF5 file, found a folder") }
        guard access(path, R_OK) == 0 else { throw Diagnostic.system("cannot read", path) }
        try HDF5.refuseOtherNodes(path)
        ReadFiles.note(path)
        guard try HDF5.call("look at the file", { H5Fis_hdf5(path) }) > 0 else {
            throw Diagnostic("expected an HDF5 file, found something else")
        }
        let access = try HDF5Handle.properties(bellm_h5_file_access)
        try HDF5.check("do without file locks") { H5Pset_file_locking(access.id, false, true) }
        handle = try HDF5Handle("open the file") { H5Fopen(path, bellm_h5_read_only(), access.id) }
        hasChecksums = Superblock.hasChecksums(path)
        var facts = stat()
        budget = TableBudget(fileBytes: stat(path, &facts) == 0 ? Int(facts.st_size) : 0)
    }

    /// Creates a file in memory, for ``image()``; nothing is written to the disk.
    package init() throws {
        let access = try HDF5Handle.properties(bellm_h5_file_access)
        try HDF5.check("keep a file in memory") { H5Pset_fapl_core(access.id, 1 << 20, false) }
        // The library looks whether there is a file of the name, which would give the reader of a pipe an end at once; and it takes
        // two open files of one name for one.
        handle = try Self.create("/dev/null/\(UUID().uuidString)", access: access)
        (hasChecksums, budget) = (true, TableBudget(fileBytes: 0))
    }

    /// Creates a file on the disk.
    init(creating path: String) throws {
        let access = try HDF5Handle.properties(bellm_h5_file_access)
        try HDF5.check("do without file locks") { H5Pset_file_locking(access.id, false, true) }
        handle = try Self.create(path, access: access)
        (hasChecksums, budget) = (true, TableBudget(fileBytes: 0))
    }

    /// Creates a file in the format of HDF5 1.10, whose metadata have checksums, the index of a table's chunks too.
    private static func create(_ path: String, access: borrowing HDF5Handle) throws -> HDF5Handle {
        let creation = try HDF5Handle.properties(bellm_h5_file_create)
        try keepOrder(in: creation)
        let (creationID, accessID) = (creation.id, access.id)
        try HDF5.check("choose the file's format") {
            H5Pset_libver_bounds(accessID, H5F_LIBVER_V110, H5F_LIBVER_V110)
        }
        return try HDF5Handle("create the file") {
            H5Fcreate(path, bellm_h5_truncate(), creationID, accessID)
        }
    }

    /// Makes a group remember the order in which its members and attributes were written.
    private static func keepOrder(in properties: borrowing HDF5Handle) throws {
        let id = properties.id
        try HDF5.check("keep the members' order") { H5Pset_link_creation_order(id, bellm_h5_creation_order()) }
        try HDF5.check("keep the attributes' order") { H5Pset_attr_creation_order(id, bellm_h5_creation_order()) }
        // In the object's header, however many: elsewhere not all of their bytes have a checksum.
        try HDF5.check("keep the attributes in the header") { H5Pset_attr_phase_change(id, 4096, 0) }
    }

    /// The bytes of a file in memory, as they belong on the disk.
    ///
    /// Taken from the memory driver's own buffer: `H5Fget_file_image` changes a byte of its copy in HDF5 1.10 and leaves
    /// the checksum over it as it was.
    package func image() throws -> [UInt8] {
        try HDF5.check("complete the file") { H5Fflush(id, H5F_SCOPE_GLOBAL) }
        let size = try HDF5.call("size the file") { H5Fget_file_image(id, nil, 0) }
        var handle: UnsafeMutableRawPointer?
        try HDF5.check("find the file in memory") { H5Fget_vfd_handle(id, bellm_h5_default(), &handle) }
        guard let memory = handle?.load(as: UnsafeRawPointer?.self) else { return [] }
        var bytes = Array(UnsafeRawBufferPointer(start: memory, count: size))
        try Superblock.close(&bytes)
        return bytes
    }

    /// Creates a group that remembers its members' order.
    package func createGroup(_ path: String) throws {
        let creation = try HDF5Handle.properties(bellm_h5_group_create)
        try Self.keepOrder(in: creation)
        let links = try Self.linkProperties()
        _ = try HDF5Handle("create the group \(path)") {
            H5Gcreate2(id, path, links.id, creation.id, bellm_h5_default())
        }
    }

    /// Properties of links to new objects: their names are UTF-8.
    static func linkProperties() throws -> HDF5Handle {
        let links = try HDF5Handle.properties(bellm_h5_link_create)
        try HDF5.check("set names to UTF-8") { H5Pset_char_encoding(links.id, H5T_CSET_UTF8) }
        return links
    }

    /// Whether the path, whose parent group must exist, names an object.
    package func contains(_ path: String) throws -> Bool {
        try HDF5.call("look up \(path)") { H5Lexists(id, path, bellm_h5_default()) } > 0
    }

    /// The names of a group's members, in the order of writing where the file knows it, else sorted.
    package func members(of path: String) throws -> [String] {
        let group = try HDF5Handle("open the group \(path)") { H5Gopen2(id, path, bellm_h5_default()) }
        var facts = H5G_info_t()
        try HDF5.check("count the members of \(path)") { H5Gget_info(group.id, &facts) }
        let index = try Self.order(of: group)
        return try (0..<facts.nlinks).map { position in
            try HDF5.name("read a member's name in \(path)") { buffer, size in
                H5Lget_name_by_idx(
                    group.id, ".", index, H5_ITER_INC, position, buffer, size, bellm_h5_default())
            }
        }
    }

    private static func order(of group: borrowing HDF5Handle) throws -> H5_index_t {
        let id = group.id
        let creation = try HDF5Handle("read a group's properties") { H5Gget_create_plist(id) }
        var flags: UInt32 = 0
        try HDF5.check("read a group's order") { H5Pget_link_creation_order(creation.id, &flags) }
        return flags & bellm_h5_creation_order() == 0 ? H5_INDEX_NAME : H5_INDEX_CRT_ORDER
    }
}

extension HDF5 {
    /// A name that a C call copies into a buffer, asked twice: for its length, then for its bytes.
    static func name(
        _ action: String, _ body: (UnsafeMutablePointer<CChar>?, Int) -> Int
    ) throws -> String {
        let length = try call(action) { body(nil, 0) }
        var bytes = [UInt8](repeating: 0, count: length + 1)
        _ = try bytes.withUnsafeMutableBytes { buffer in
            try call(action) { body(buffer.baseAddress?.assumingMemoryBound(to: CChar.self), buffer.count) }
        }
        guard let name = String(validating: bytes.prefix(length), as: UTF8.self) else {
            throw Diagnostic("HDF5 cannot \(action): expected UTF-8")
        }
        return name
    }
}
