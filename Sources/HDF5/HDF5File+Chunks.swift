import CHDF5
import Diagnostics

extension HDF5File {
    /// Refuses a table of which a chunk is missing: HDF5 would read zeros. A chunk's own checksum doesn't notice that its
    /// entry in the index is damaged.
    static func checkChunks(of table: borrowing HDF5Handle, rows: Int, in path: String) throws {
        let id = table.id
        let creation = try HDF5Handle("read the layout of \(path)") { H5Dget_create_plist(id) }
        let creationID = creation.id
        guard H5Pget_layout(creationID) == H5D_CHUNKED else { return }
        var chunkRows: hsize_t = 0
        _ = try HDF5.call("read the chunks of \(path)") { H5Pget_chunk(creationID, 1, &chunkRows) }
        guard chunkRows > 0 else { throw Diagnostic("expected rows in the chunks of \"/\(path)\", found none") }
        for start in stride(from: 0, to: rows, by: Int(clamping: chunkRows)) {
            var place = hsize_t(start)
            var filters: UInt32 = 0
            var address = bellm_h5_no_address()
            var size: hsize_t = 0
            _ = try HDF5.call("find row \(start) of \(path)") {
                H5Dget_chunk_info_by_coord(id, &place, &filters, &address, &size)
            }
            guard address != bellm_h5_no_address(), size > 0 else {
                throw Diagnostic("expected the row \(start) of \"/\(path)\" and those behind it, found a damaged index")
            }
        }
    }
}
