import Diagnostics
import Foundation
import Results
import Tasks
import TestSupport
import Testing

@Suite("A result's file")
struct RoundTripTests {
    @Test("What is written is what is read, hostile names and long texts included")
    func fullResult() throws {
        #expect(try copy(of: Samples.full) == Samples.full)
    }

    @Test("A result without rows has empty tables")
    func emptyResult() throws {
        let empty = ExperimentResult(name: "")
        #expect(try copy(of: empty) == empty)
    }

    @Test("An undefined measure stays NaN, and has no interval")
    func undefinedScores() throws {
        var result = ExperimentResult(name: "nan")
        result.measures = [
            MeasureRecord(
                run: "r", Measure(task: "t", metric: "spearman", value: .nan, interval: .undefined, count: 0))
        ]
        let read = try copy(of: result)
        #expect(read.measures.map(\.measure.value.isNaN) == [true])
        #expect(read.measures.map(\.measure.interval) == [nil])
    }

    @Test("A NUL, which would end the text in HDF5, is stored as its picture")
    func nul() throws {
        var result = ExperimentResult(name: "a\0b")
        result.leftOut = [LeftOutTask(task: "\0", remedy: "c\0")]
        let read = try copy(of: result)
        #expect(read.name == "a␀b")
        #expect(read.leftOut == [LeftOutTask(task: "␀", remedy: "c␀")])
    }

    @Test("Many runs with many pairs keep their order")
    func manyRuns() throws {
        var result = ExperimentResult(name: "many")
        result.runs = (0..<40).map { RunRecord(name: "run \(39 - $0)") }
        result.items = result.runs.map { run in
            Samples.pairs(run.name, "STS-B", (0..<1379).map { ("s", $0, 1, Double($0) / 7) })
        }
        #expect(try copy(of: result) == result)
    }

    @Test("Results written and read by several threads at once are whole")
    func threads() async throws {
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for number in 0..<8 {
                group.addTask {
                    var result = Samples.full
                    result.name = "thread \(number)"
                    return try copy(of: result) == result
                }
            }
            for try await isEqual in group { #expect(isEqual) }
        }
    }
}

/// The result after a journey through a file.
func copy(of result: ExperimentResult) throws -> ExperimentResult {
    try Fixtures.withTemporaryFolder { folder in
        try result.write(to: folder + "/result.h5")
        return try ExperimentResult(contentsOf: folder + "/result.h5")
    }
}
