import Diagnostics
import Foundation
import HDF5
import TestSupport
import Testing

struct TableBudgetTests {
    private struct Row: TableRecord {
        var text = ""
        static var blank: Row { Row() }
        static var columns: [TableColumn<Row>] { [.text("text", \.text)] }
    }

    @Test("Rows that are all alike are refused where they hold much more than their file, in one table or several")
    func equalRows() throws {
        try Fixtures.withTemporaryFolder { folder in
            let rows = Array(repeating: Row(text: String(repeating: "a", count: 1000)), count: 25_000)
            let file = try HDF5File()
            for table in ["one", "two", "three"] { try file.write(rows, to: table) }
            let path = folder + "/x.h5"
            try Data(file.image()).write(to: URL(fileURLWithPath: path))
            let read = try HDF5File(reading: path)
            for table in ["one", "two"] { #expect(try read.table(table, as: Row.self).count == rows.count) }
            let error = #expect(throws: Diagnostic.self) { try read.table("three", as: Row.self) }
            #expect(
                error?.message
                    == "expected tables of at most 64 MiB together in a file of this size, found more at \"/three\"")
        }
    }
}
