import Files
import Foundation
import Results
import TestSupport
import Testing

/// What a plan says of memory, against what a run takes.
struct MemoryTests {
    @Test(
        "The forecast of memory is what a run records, or up to 15 % more: short and long texts, threads, trainings",
        .enabled(if: FileManager.default.fileExists(atPath: Fixtures.smolLM2)),
        arguments: [(1, 1, ""), (40, 1, ""), (1, 4, ""), (1, 4, "rank: 2"), (1, 1, "rank: 128")])
    func forecast(repetitions: Int, threads: Int, training: String) throws {
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
            if !training.isEmpty {
                let texts = (0..<8).map {
                    "{\"anchor\": \"It rains on \($0) of them.\", \"positive\": \"Rain, \($0) times.\"}\n"
                }
                try AtomicFile.replace("\(folder)/lines.jsonl", with: texts.joined())
                let yaml = try String(contentsOfFile: "\(folder)/x.yaml", encoding: .utf8)
                try AtomicFile.replace(
                    "\(folder)/x.yaml",
                    with: yaml
                        + "\ntrain: {data: lines.jsonl, steps: 2, batch_size: 4, alpha: 8, targets: all, decontaminate: false, \(training)}\n"
                )
            }
            let options = ["--no-cache", "--threads", "\(threads)"]
            // Another run's adapter would have nothing trained, and the peak of that run.
            let cache = ["BELLM_CACHE": "\(folder)/cache"]
            let plan = try Program.run(["plan", "x.yaml"] + options, in: folder, environment: cache)
            let match = try #require(plan.output.firstMatch(of: /forecast: .*, (\d+) MB of memory/), "\(plan.errors)")
            let forecast = try #require(Double(match.1))
            let run = try Program.run(["run", "x.yaml", "--output", "x.h5"] + options, in: folder, environment: cache)
            #expect(run.status == 0, "\(run.errors)")
            let result = try ExperimentResult(contentsOf: "\(folder)/x.h5")
            let trained = result.training.flatMap(\.rows).map(\.peakBytes)
            let recorded = Double((result.runs.map(\.peakBytes) + trained).max() ?? 0) / 1e6
            #expect(
                forecast + 0.5 >= recorded && forecast <= 1.15 * recorded, "forecast \(forecast), recorded \(recorded)")
        }
    }
}
