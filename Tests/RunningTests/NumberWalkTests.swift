import Diagnostics
import Files
import Objectives
import Running
import Specification
import Testing
import Training

@Suite("Numbers of any size under every key")
struct NumberWalkTests {
    private static let numbers = [
        "-9223372036854775808", "-1", "0", "1", "9223372036854775807", "9223372036854775808", "4611686018427387904",
        "1e308", "nan", ".nan", ".inf", "1e-308", "-0.0", "0.9999999999999999", "0.99999999",
    ]

    /// - Returns: whether it was planned; else it was refused by a diagnostic, and anything else ends the test.
    private func isPlanned(_ keys: String) throws -> Bool {
        try TinyExperiment.with(keys) { experiment in
            try Self.addExamples(to: experiment)
            do {
                let plan = try experiment.plan()
                // What follows from the numbers, before any work is done with them.
                let forecast = plan.trainings.map {
                    $0.isDone || $0.title.isEmpty || $0.spec.recipe.evaluationCount < 0
                }
                return !plan.runs.isEmpty && !forecast.contains(true)
            } catch is Diagnostic {
                return false
            } catch is ConfigProblems {
                return false
            }
        }
    }

    private static func addExamples(to experiment: TinyExperiment) throws {
        let lines = (0..<6).map { "{\"anchor\": \"A cat \($0).\", \"positive\": \"A dog \($0).\"}\n" }
        try AtomicFile.replace(experiment.folder + "/lines.jsonl", with: lines.joined())
    }

    /// A number as it can stand in a key's value.
    private static func values(_ number: String) -> [String] {
        [number, "[\(number)]", "\"last \(number)\"", "\"\(number)..\(number)\""]
    }

    @Test("Of a run: refused or planned, never a trap", arguments: ExperimentSpec.runKeys)
    func run(key: String) throws {
        // The model and the pooling have a value already.
        guard !["model", "pooling"].contains(key) else { return }
        for number in Self.numbers {
            for value in Self.values(number) { _ = try isPlanned("\(key): \(value)") }
        }
        if key != "layers" { #expect(try !isPlanned("\(key): 1e308")) }
    }

    @Test(
        "Of a matrix: ranges from the smallest to the largest integer too",
        arguments: ["layer", "bidirectional", "seed"])
    func matrix(key: String) throws {
        let ends = Self.numbers.prefix(6)
        for first in ends {
            for last in ends {
                for value in ["\"\(first)..\(last)\"", "\"last \(first)..\(last)\"", "[\"\(first)..\(last)\"]"] {
                    _ = try isPlanned("matrix: { \(key): [\(value)] }")
                }
            }
        }
        #expect(try !isPlanned("matrix: { \(key): [\"-9223372036854775808..9223372036854775807\"] }"))
    }

    @Test("Of a training recipe: refused or planned, never a trap", arguments: ExperimentSpec.trainingKeys)
    func training(key: String) throws {
        for number in Self.numbers {
            for value in [number, "[\(number)]"] {
                let others = key == "data" ? "" : "data: lines.jsonl, "
                _ = try isPlanned(
                    "train: { \(others)batch_size: 2, \(key): \(value) }".replacing(
                        "batch_size: 2, batch_size", with: "batch_size"))
            }
        }
    }

    @Test(
        "Of an objective",
        arguments: ObjectiveCatalogue.plain.flatMap { type in type.keys.map { "\(type.name): {\($0)" } })
    func objective(start: String) throws {
        for number in Self.numbers {
            _ = try isPlanned("train: { data: lines.jsonl, batch_size: 2, loss: { \(start): \(number)} } }")
        }
    }

    @Test("Of the launcher", arguments: ExperimentSpec.launcherKeys)
    func launcher(key: String) throws {
        for number in Self.numbers { _ = try isPlanned("launcher: { \(key): \(number) }") }
    }

    @Test(
        "What no machine could do, and what single precision takes for something else, is refused with the range",
        arguments: [
            ("steps: 9223372036854775807", "steps: expected 1 to 100000000, found 9223372036854775807"),
            ("accumulation: 4611686018427387904", "accumulation: expected 1 to 1000000, found 4611686018427387904"),
            ("rank: 2147483648", "rank: expected 1 to 16384, found 2147483648"),
            ("dropout: 0.99999999", "expected dropout to be from 0 to below 1, found 0.99999999"),
            ("alpha: 1e308", "expected alpha to be a number of single precision, found inf"),
        ])
    func ranges(key: String, message: String) throws {
        try TinyExperiment.with("train: { data: lines.jsonl, \(key) }") { experiment in
            try Self.addExamples(to: experiment)
            let error = #expect(throws: (any Error).self) { try experiment.plan() }
            #expect("\(error.map { "\($0)" } ?? "")".contains(message))
        }
    }
}
