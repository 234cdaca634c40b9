import Files
import Foundation
import HDF5
import Results
import Tasks
import TestSupport
import Testing

/// Tests/Golden/schema-1.h5, which the last program of schema version 1 wrote, and what it printed of it.
@Suite("A file of schema version 1")
struct SchemaOneTests {
    static func golden(_ name: String) throws -> String {
        String(decoding: try Data(contentsOf: URL(fileURLWithPath: Fixtures.golden(name))), as: UTF8.self)
    }

    @Test("It shows the same table")
    func table() throws {
        let result = try ExperimentResult(contentsOf: Fixtures.golden("schema-1.h5"))
        #expect(try ResultTable(result).rendered(as: .table) == Self.golden("schema-1.txt"))
    }

    @Test("Its runs compare with the same numbers")
    func comparison() throws {
        let path = Fixtures.golden("schema-1.h5")
        let comparison = try RunComparison(RunReference(path + ":last").load(), RunReference(path + ":mean").load())
        let text = comparison.text.replacing(path, with: "Tests/Golden/schema-1.h5")
        #expect(try text + "\n" == Self.golden("schema-1.compare.txt"))
    }

    @Test("Its scores are measures, without an interval where it had none, and written anew it is of version 2")
    func measures() throws {
        let result = try ExperimentResult(contentsOf: Fixtures.golden("schema-1.h5"))
        #expect(result.tasks.map(\.kind) == ["sts", "sts", "transfer"])
        #expect(result.tasks.map(\.suite) == ["Avg", "Avg", "Avg transfer"])
        let mrpc = result.measures.filter { $0.run == "mean" && $0.measure.task == "MRPC" }.map(\.measure)
        #expect(mrpc.map(\.metric) == ["accuracy", "f1"] && mrpc.allSatisfy { $0.interval == nil })
        let all = try #require(
            result.measures.first {
                $0.run == "mean" && $0.measure.task == "STS-B" && $0.measure.slice == "all"
            }?.measure)
        #expect(all.metric == "spearman" && all.interval != nil && all.count == 60)
        #expect(result.runs.allSatisfy { $0.methodID.isEmpty })
        let again = try copy(of: result)
        #expect(again.measures.map(\.run) == result.measures.map(\.run) && again.items == result.items)
        #expect(ResultTable(again) == ResultTable(result))
    }

    @Test("No other output replaces it, and to see what it is no library opens it, which damage could crash")
    func refusal() throws {
        let bytes = try Data(contentsOf: URL(fileURLWithPath: Fixtures.golden("schema-1.h5")))
        var random = SeededRandom(seed: 16)
        try Fixtures.withTemporaryFolder { folder in
            let path = folder + "/old.h5"
            for mutant in 0..<300 {
                var damaged = bytes
                if mutant > 0 {
                    for _ in 0..<20 {
                        let place = Int.random(in: 16..<damaged.count, using: &random)
                        damaged[place] = UInt8.random(in: 0...255, using: &random)
                    }
                }
                try damaged.write(to: URL(fileURLWithPath: path))
                let isNamed = damaged.range(of: Data("schema_version".utf8)) != nil
                #expect(((try? ExperimentResult.refuseReplacing(OutputDestination(path))) == nil) == isNamed)
            }
            try bytes[..<600].write(to: URL(fileURLWithPath: path))
            try ExperimentResult.refuseReplacing(OutputDestination(folder + "/none.h5"))
        }
    }

    @Test("A training of one, whose table had no stages, is of the first stage")
    func training() throws {
        var row = TrainingTable.Row()
        (row.step, row.loss, row.learningRate, row.gradientNorm) = (3, 0.5, 1e-4, 2)
        (row.tokens, row.seconds, row.developmentScore) = (70, 0.1, 0.8)
        let file = try HDF5File()
        try file.write([row], columns: TrainingTable.Row.columns.filter { $0.name != "stage" }, to: "steps")
        #expect(try file.table("steps") == [row] && row.stage == 1)
    }
}
