import Files
import Foundation
import Results
import TestSupport
import Testing

/// What a plan says of memory, against what a run takes.
struct MemoryTests {
    @Test(
        "The forecast of a pass's memory is what the run records, or up to 15 % more, for short and for long texts",
        .enabled(if: FileManager.default.fileExists(atPath: Fixtures.smolLM2)), arguments: [1, 40])
    func forecast(repetitions: Int) throws {
        try Fixtures.withTemporaryFolder { folder in
            let rows = (0..<12).map { row in
                let text = String(repeating: "The river \(row) is wide, said one of them; ", count: repetitions)
                return "\(row % 5),\"\(text)\",\"\(text) and so is lake \(row * 7).\"\n"
            }
            try AtomicFile.replace("\(folder)/t.csv", with: "s,a,b\n" + rows.joined())
            try AtomicFile.replace(
                "\(folder)/x.yaml",
                with: """
                    model: \(Fixtures.smolLM2)
                    pooling: mean
                    tasks: [{name: own, kind: sts, file: t.csv, columns: {first: a, second: b, score: s}}]
                    """)
            let options = ["--no-cache", "--threads", "1"]
            let plan = try Program.run(["plan", "x.yaml"] + options, in: folder)
            let match = try #require(plan.output.firstMatch(of: /forecast: .*, (\d+) MB of memory/), "\(plan.errors)")
            let forecast = try #require(Double(match.1))
            let run = try Program.run(["run", "x.yaml", "--output", "x.h5"] + options, in: folder)
            #expect(run.status == 0, "\(run.errors)")
            let record = try #require(ExperimentResult(contentsOf: "\(folder)/x.h5").runs.first)
            let recorded = Double(record.peakBytes) / 1e6
            #expect(
                forecast + 0.5 >= recorded && forecast <= 1.15 * recorded, "forecast \(forecast), recorded \(recorded)")
        }
    }
}
