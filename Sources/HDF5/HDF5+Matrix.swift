import CHDF5
import Diagnostics
import Files

extension HDF5 {
    /// A float32 dataset of two dimensions, row-major, such as one embedding a row.
    public struct Matrix: Equatable, Sendable {
        public let rows: Int
        public let columns: Int
        /// [rows, columns]
        public let values: [Float]
    }

    /// Takes a matrix's rows in order, a block at a time, and forgets each once it is written.
    public struct MatrixWriter: ~Copyable {
        public let rows: Int
        public let columns: Int
        public private(set) var rowsWritten = 0
        private let file: OutputFile
        private let offset: Int

        fileprivate init(_ file: consuming OutputFile, rows: Int, columns: Int, offset: Int) {
            self.file = file
            self.rows = rows
            self.columns = columns
            self.offset = offset
        }

        /// Writes the next rows.
        ///
        /// - Parameter block: whole rows, row-major. [rows of the block, columns]
        public mutating func append(_ block: [Float]) throws {
            let count = columns > 0 ? block.count / columns : 0
            guard count * columns == block.count, rowsWritten + count <= rows else {
                throw Diagnostic(
                    "expected at most \(rows - rowsWritten) whole rows of \(columns) values, found \(block.count) values"
                )
            }
            let start = offset + rowsWritten * columns * MemoryLayout<Float>.stride
            try block.withUnsafeBytes { try file.write($0, at: start) }
            rowsWritten += count
        }
    }

    /// Writes a file with one float32 matrix, `embeddings`, whole or not at all, in the memory of one block.
    ///
    /// - Parameters:
    ///   - shape: rows and columns.
    ///   - attributes: facts about the matrix, put on the dataset.
    ///   - fill: hands over every row.
    /// - Throws: a diagnostic where the disk has no room for the matrix, before `fill` is called.
    public static func writeMatrix(
        to path: String, shape: (rows: Int, columns: Int), attributes: [HDF5Attribute] = [],
        fill: (inout MatrixWriter) throws -> Void
    ) throws {
        try naming(path) {
            let (values, overflow) = shape.rows.multipliedReportingOverflow(by: shape.columns)
            guard shape.rows >= 0, shape.columns >= 0, !overflow, values < Int.max / 8 else {
                throw Diagnostic("expected a matrix's shape, found [\(shape.rows), \(shape.columns)]")
            }
            try OutputDestination(path).replace { temporary in
                try finalPath(path, insteadOf: temporary) {
                    // HDF5 1.10 does not survive a file that the disk has no room for: room is tried without it first.
                    try OutputFile(temporary).reserve(values * MemoryLayout<Float>.stride + layoutBytes, at: 0)
                    let offset = try layOut(shape, attributes: attributes, at: temporary)
                    let file = try OutputFile(temporary)
                    try file.reserve(values * MemoryLayout<Float>.stride, at: offset)
                    var writer = MatrixWriter(file, rows: shape.rows, columns: shape.columns, offset: offset)
                    try fill(&writer)
                    guard writer.rowsWritten == shape.rows || shape.columns == 0 else {
                        throw Diagnostic("expected \(shape.rows) rows, found \(writer.rowsWritten)")
                    }
                }
            }
        }
    }

    /// More than HDF5's own structures take.
    private static var layoutBytes: Int { 1 << 20 }

    /// Creates the file with an empty matrix.
    ///
    /// - Returns: where in the file the matrix's values belong.
    private static func layOut(
        _ shape: (rows: Int, columns: Int), attributes: [HDF5Attribute], at path: String
    ) throws -> Int {
        let file = try HDF5File(creating: path)
        let space = try HDF5Handle.space([shape.rows, shape.columns])
        let creation = try HDF5Handle.properties(bellm_h5_dataset_create)
        try check("lay a matrix out") { H5Pset_layout(creation.id, H5D_CONTIGUOUS) }
        try check("give a matrix its place") { H5Pset_alloc_time(creation.id, H5D_ALLOC_TIME_EARLY) }
        try check("leave a matrix unfilled") { H5Pset_fill_time(creation.id, H5D_FILL_TIME_NEVER) }
        try check("keep the attributes' order") { H5Pset_attr_creation_order(creation.id, bellm_h5_creation_order()) }
        let offset = try {
            let matrix = try HDF5Handle("create the matrix") {
                H5Dcreate2(
                    file.id, matrixName, bellm_h5_native_float(), space.id, bellm_h5_default(), creation.id,
                    bellm_h5_default())
            }
            return try call("find the matrix's place") {
                let offset = H5Dget_offset(matrix.id)
                return offset == bellm_h5_no_address() ? (shape.rows * shape.columns == 0 ? 0 : -1) : Int(offset)
            }
        }()
        for attribute in attributes {
            try file.write(attribute, to: matrixName)
        }
        try check("write the file") { H5Fflush(file.id, H5F_SCOPE_GLOBAL) }
        return offset
    }

    /// Reads a float32 (or other floating-point) matrix; a list is a matrix of one row.
    public static func readMatrix(_ name: String = matrixName, in path: String) throws -> Matrix {
        try naming(path) {
            let file = try HDF5File(reading: path)
            guard try file.contains(name) else { throw Diagnostic("expected a dataset \"/\(name)\", found none") }
            let matrix = try HDF5Handle("open the matrix") { H5Dopen2(file.id, name, bellm_h5_default()) }
            let space = try HDF5Handle("read the matrix's space") { H5Dget_space(matrix.id) }
            let rank = try call("count the matrix's dimensions") { H5Sget_simple_extent_ndims(space.id) }
            guard rank == 1 || rank == 2 else {
                throw Diagnostic("expected a matrix in \"/\(name)\", found \(rank) dimensions")
            }
            var shape = [hsize_t](repeating: 1, count: 2)
            _ = try shape.withUnsafeMutableBufferPointer { buffer in
                try call("read the matrix's shape") {
                    H5Sget_simple_extent_dims(space.id, buffer.baseAddress.map { $0 + Int(2 - rank) }, nil)
                }
            }
            let (count, overflow) = shape[0].multipliedReportingOverflow(by: shape[1])
            let stored = try call("size the matrix") { Int(clamping: H5Dget_storage_size(matrix.id)) }
            guard !overflow, count <= stored else {
                throw Diagnostic("expected \(shape[0]) rows of \(shape[1]) values, found \(stored) bytes")
            }
            var values = [Float](repeating: 0, count: Int(count))
            try values.withUnsafeMutableBufferPointer { buffer in
                try check("read the matrix") {
                    H5Dread(
                        matrix.id, bellm_h5_native_float(), bellm_h5_whole(), bellm_h5_whole(), bellm_h5_default(),
                        buffer.baseAddress)
                }
            }
            return Matrix(rows: Int(shape[0]), columns: Int(shape[1]), values: values)
        }
    }

    /// The facts on a dataset.
    public static func readAttributes(of name: String = matrixName, in path: String) throws -> [HDF5Attribute] {
        try naming(path) {
            let file = try HDF5File(reading: path)
            guard try file.contains(name) else { throw Diagnostic("expected a dataset \"/\(name)\", found none") }
            return try file.attributes(of: name)
        }
    }

    /// The dataset that `bellm embed` writes.
    public static let matrixName = "embeddings"
}
