import Files
import Foundation
import Results
import Running
import Specification
import TestSupport
import Testing

@Suite("The memory that earlier results recorded")
struct RecordedPeaksTests {
    private static let configs = ConfigFolder(path: Fixtures.packageRoot + "/configs")

    @Test("They stand for a run of the same settings by as many threads, and for no other")
    func matching() async throws {
        let keys = "launcher: { cpus: 2 }\nvariants: { a: {}, b: { layer: 1 } }\n"
        try await TinyExperiment.with(keys) { experiment in
            let plan = try experiment.plan()
            let output = try OutputDestination(experiment.folder + "/r.h5")
            #expect(RecordedPeaks(plan, at: output, configs: Self.configs).bytes(ofRun: "a") == nil)
            let result = try await ExperimentRunner(plan, workers: 2).run()
            try result.write(to: output.path)
            let recorded = RecordedPeaks(plan, at: output, configs: Self.configs)
            #expect(result.runs[0].peakBytes > 0)
            #expect(recorded.bytes(ofRun: "a") == result.runs[0].peakBytes)
            #expect(recorded.bytes(ofRun: "c") == nil)

            try experiment.rewrite(keys.replacing("layer: 1", with: "layer: 0"))
            let other = RecordedPeaks(try experiment.plan(), at: output, configs: Self.configs)
            #expect(other.bytes(ofRun: "a") != nil && other.bytes(ofRun: "b") == nil)
            try experiment.rewrite(keys.replacing("cpus: 2", with: "cpus: 4"))
            #expect(RecordedPeaks(try experiment.plan(), at: output, configs: Self.configs).bytes(ofRun: "a") == nil)
        }
    }

    @Test("A training's peak is recorded with its steps, and read back")
    func training() async throws {
        let keys = "train: { data: lines.csv, steps: 2, batch_size: 2 }\n"
        try await TinyExperiment.with(keys) { experiment in
            let lines = "sent0,sent1\nOne dog.,A dog.\nTwo cats.,Cats.\nA man.,He.\nBlue.,Colour.\n"
            try AtomicFile.replace(experiment.folder + "/lines.csv", with: lines)
            let result = try await ExperimentRunner(experiment.plan(), workers: 1).run()
            let peaks = result.training[0].rows.map(\.peakBytes)
            // Ascending where no other test begins a stretch of its own in this process.
            #expect(peaks.count == 2 && peaks.allSatisfy { $0 > 0 })
            let path = experiment.folder + "/r.h5"
            try result.write(to: path)
            #expect(try ExperimentResult(contentsOf: path).training[0].rows.map(\.peakBytes) == peaks)
        }
    }
}
