import Diagnostics
import Foundation
import HDF5
import TestSupport
import Testing

@Suite("A file of embeddings")
struct MatrixTests {
    @Test("Rows written in blocks are read in order, with their attributes")
    func blocks() throws {
        try Fixtures.withTemporaryFolder { folder in
            let path = folder + "/e.h5"
            let facts = [
                HDF5Attribute("template", .text("\"{text}\" 🍎")), HDF5Attribute("empty_sentences", .integer(2)),
                HDF5Attribute("power", .real(0.1)),
            ]
            try HDF5.writeMatrix(to: path, shape: (3, 2), attributes: facts) { writer in
                try writer.append([1, 2, 3, 4])
                try writer.append([])
                try writer.append([5, .nan])
            }
            let matrix = try HDF5.readMatrix(in: path)
            #expect((matrix.rows, matrix.columns) == (3, 2))
            #expect(Array(matrix.values.prefix(5)) == [1, 2, 3, 4, 5] && matrix.values[5].isNaN)
            #expect(try HDF5.readAttributes(in: path) == facts)
        }
    }

    @Test("A matrix may have no rows")
    func noRows() throws {
        try Fixtures.withTemporaryFolder { folder in
            try HDF5.writeMatrix(to: folder + "/e.h5", shape: (0, 576)) { _ in }
            let matrix = try HDF5.readMatrix(in: folder + "/e.h5")
            #expect((matrix.rows, matrix.columns, matrix.values) == (0, 576, []))
        }
    }

    @Test(
        "Too few rows, too many and broken ones are errors, and leave no file",
        arguments: [[1], [1, 2], [1, 2, 3, 4, 5, 6]])
    func wrongRows(values: [Float]) throws {
        try Fixtures.withTemporaryFolder { folder in
            #expect(throws: Diagnostic.self) {
                try HDF5.writeMatrix(to: folder + "/e.h5", shape: (2, 2)) { try $0.append(values) }
            }
            let left = try FileManager.default.contentsOfDirectory(atPath: folder)
            #expect(left.isEmpty)
        }
    }

    @Test("A matrix that no disk can hold is refused before the work, and the old file stays")
    func noRoom() throws {
        try Fixtures.withTemporaryFolder { folder in
            let path = folder + "/e.h5"
            try HDF5.writeMatrix(to: path, shape: (1, 1)) { try $0.append([7]) }
            #expect(throws: Diagnostic.self) {
                try HDF5.writeMatrix(to: path, shape: (1 << 40, 1 << 18)) { _ in Issue.record("the work began") }
            }
            #expect(try HDF5.readMatrix(in: path).values == [7])
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["e.h5"])
        }
    }
}
