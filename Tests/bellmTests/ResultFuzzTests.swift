import Diagnostics
import Files
import Foundation
import Reports
import Results
import Tasks
import TestSupport
import Testing

@Suite("Damaged results are refused by a line, or print what they printed: no crash, no hang", .serialized)
struct ResultFuzzTests {
    /// What show, compare and report print of a result.
    private struct Printed: Equatable {
        var tables: [String]
        var comparison: String
        var page: String

        init(_ path: String) throws {
            let result = try ExperimentResult(contentsOf: path)
            tables = ResultTable.Format.allCases.map { ResultTable(result).rendered(as: $0) }
            let runs = result.runs.map { RunReference("\(path):\($0.name)") }
            comparison = ""
            if let first = runs.first, let last = runs.last {
                comparison = try RunComparison(
                    first.load(), last.load(), bootstrap: Bootstrap(resamples: 100, seed: 1)
                ).text
            }
            page = try Report(contentsOf: [path]).html
        }
    }

    private struct Counts {
        var same = 0
        var refused = 0
        var other: [Int] = []
    }

    /// - Parameter tries: in a test run; `make fuzz` goes on as long as it says
    private func damage(_ whole: [UInt8], tries: Int) throws -> Counts {
        var counts = Counts()
        var budget = FuzzBudget(tries: tries)
        var mutator = Mutator(seed: budget.seed)
        try Fixtures.withTemporaryFolder { folder in
            let path = folder + "/result.h5"
            try Data(whole).write(to: URL(fileURLWithPath: path))
            let expected = try Printed(path)
            while budget.takesAnother() {
                try Data(mutator.damaged(whole)).write(to: URL(fileURLWithPath: path))
                do {
                    if try Printed(path) == expected { counts.same += 1 } else { counts.other.append(budget.tried) }
                } catch {
                    let line = "\(error)"
                    #expect(
                        error is Diagnostic && line.hasPrefix(path) && !line.contains("\n"), "\(budget.tried): \(line)")
                    counts.refused += 1
                }
            }
        }
        let line =
            "damaged results of seed \(budget.seed): \(counts.refused) refused, \(counts.same) the same, "
            + "\(counts.other.count) other\n"
        if tries == 0 { FileHandle.standardError.write(Data(line.utf8)) }
        return counts
    }

    private static var tries: Int { ProcessInfo.processInfo.environment["BELLM_FUZZ_SECONDS"] == nil ? 100 : 0 }

    /// A result of two runs on two tasks, written by this version.
    private static func small() throws -> [UInt8] {
        var result = ExperimentResult(name: "small")
        result.provenance = [ProvenanceEntry("program", "x"), ProvenanceEntry("experiment_yaml", "model: a\n")]
        result.runs = ["one", "two"].map { RunRecord(name: $0) }
        result.tasks = ["A", "B"].map { TaskRecord(task: $0, kind: STSTask.name, metric: "spearman") }
        for (run, shift) in [("one", 0.0), ("two", 0.1)] {
            for task in ["A", "B"] {
                let gold = (0..<12).map { Double($0 * 7 % 12) }
                let cosines = gold.enumerated().map { $1 / 20 + shift * Double($0 % 3) }
                result.measures.append(
                    MeasureRecord(run: run, Measure(task: task, metric: "spearman", value: 0.5 + shift, count: 12)))
                result.items.append(
                    ItemRecord(
                        run: run, task: task,
                        ItemTable(
                            STSTask.items,
                            [
                                .text(gold.map { _ in "all" }), .integer(Array(gold.indices)), .real(gold),
                                .real(cosines),
                            ])))
            }
        }
        return try written(result)
    }

    private static func written(_ result: ExperimentResult) throws -> [UInt8] {
        try Fixtures.withTemporaryFolder { folder in
            try result.write(to: folder + "/r.h5")
            return try TextFile.bytes(of: folder + "/r.h5")
        }
    }

    @Test("A small result")
    func smallResult() throws {
        let counts = try damage(Self.small(), tries: Self.tries)
        #expect(counts.other.isEmpty && counts.refused > 0, "\(counts)")
    }

    @Test("A result with all kinds of tables")
    func largerResult() throws {
        let whole = try Self.written(ExperimentResult(contentsOf: Fixtures.golden("schema-1.h5")))
        let counts = try damage(whole, tries: Self.tries)
        #expect(counts.other.isEmpty && counts.refused > 0, "\(counts)")
    }

    @Test("A result of schema version 1, whose text heap crashes the HDF5 library when it is damaged")
    func oldResult() throws {
        let whole = try TextFile.bytes(of: Fixtures.golden("schema-1.h5"))
        OldResult.read(by: Program.path)
        // It has no checksums: a text may change and nobody can know.
        let counts = try damage(whole, tries: Self.tries / 8)
        #expect(counts.refused > 0, "\(counts)")
    }

    @Test("What crashed the library is an error of one line, in each verb, and the file is there as it was")
    func crash() throws {
        try Fixtures.withTemporaryFolder { folder in
            var bytes = try TextFile.bytes(of: Fixtures.golden("schema-1.h5"))
            // The sizes of the objects in every global heap.
            for start in bytes.indices where bytes[start...].starts(with: Array("GCOL".utf8)) {
                for place in start + 24..<start + 32 { bytes[place] = 0xFF }
            }
            try Data(bytes).write(to: URL(fileURLWithPath: folder + "/old.h5"))
            for arguments in [["show", "old.h5"], ["compare", "old.h5:last", "old.h5:mean"], ["report", "old.h5"]] {
                let outcome = try Program.run(arguments, in: folder)
                #expect(outcome.status == 1, "\(outcome.errors)")
                #expect(outcome.errors.hasPrefix("Error: old.h5: "), "\(outcome.errors)")
                #expect(outcome.errors.count { $0 == "\n" } == 1, "\(outcome.errors)")
            }
        }
    }
}
