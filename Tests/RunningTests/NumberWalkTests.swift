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
        "-9223372036854775808", "-1", "0", "1", "9223372036854775807", "9223372036854775808", "1e308", "nan", "1e-308",
        "-0.0", "0.99999999",
    ]

    private static let examples = (0..<6).map { "{\"anchor\": \"A cat \($0).\", \"positive\": \"A dog \($0).\"}\n" }
        .joined()

    /// Plans experiments of all these keys, each of which is planned or refused by a diagnostic; anything else fails.
    ///
    /// - Returns: how many were planned.
    @discardableResult
    private func planned(_ all: [String]) throws -> Int {
        try TinyExperiment.with("") { experiment in
            try AtomicFile.replace(experiment.folder + "/lines.jsonl", with: Self.examples)
            return try all.count { keys in
                try experiment.rewrite(keys)
                do {
                    // What follows from the numbers, before any work is done with them.
                    return try experiment.plan().trainings.allSatisfy {
                        !$0.isDone && !$0.title.isEmpty && $0.spec.recipe.evaluationCount >= 0
                    }
                } catch is Diagnostic {
                    return false
                } catch is ConfigProblems {
                    return false
                }
            }
        }
    }

    @Test("Of a run: refused or planned, never a trap", arguments: ExperimentSpec.runKeys)
    func run(key: String) throws {
        // The model and the pooling have a value already.
        guard !["model", "pooling"].contains(key) else { return }
        try planned(
            Self.numbers.flatMap { number in
                [number, "[\(number)]", "\"last \(number)\""].map { "\(key): \($0)" }
            })
    }

    @Test(
        "Of a matrix: ranges from the smallest to the largest integer too",
        arguments: ["layer", "bidirectional", "seed"])
    func matrix(key: String) throws {
        let ends = ["-9223372036854775808", "0", "1", "9223372036854775807"]
        let ranges = ends.flatMap { first in ends.map { "\(first)..\($0)" } }
        try planned(ranges.flatMap { ["matrix: { \(key): [\"\($0)\"] }", "matrix: { \(key): [[\"\($0)\"]] }"] })
        #expect(try planned(["matrix: { \(key): [\"\(ends[0])..\(ends[3])\"] }"]) == 0)
    }

    @Test("Of a training recipe: refused or planned, never a trap", arguments: ExperimentSpec.trainingKeys)
    func training(key: String) throws {
        let others = ["data": "batch_size: 2", "batch_size": "data: lines.jsonl"]
        let start = others[key] ?? "data: lines.jsonl, batch_size: 2"
        let values = Self.numbers + (key == "layers" ? Self.numbers.map { "[\($0)]" } : [])
        try planned(values.map { "train: { \(start), \(key): \($0) }" })
        #expect(try planned(["train: { data: lines.jsonl, batch_size: 2 }"]) == 1)
    }

    /// The places of what is wrong with a recipe whose key stands on line 7 of the experiment.
    private func places(_ key: String, _ value: String, in experiment: TinyExperiment) throws -> [Int?] {
        let others = ["data": "batch_size: 2", "batch_size": "data: lines.jsonl"]
        try experiment.rewrite(
            "train:\n  \(others[key] ?? "data: lines.jsonl")\n  decontaminate: false\n  \(key): \(value)\n  seed_of_nothing: 1"
        )
        do {
            _ = try experiment.plan()
        } catch let problems as ConfigProblems {
            return problems.diagnostics.filter { !$0.message.contains("seed_of_nothing") }.map { $0.location?.line }
        }
        return []
    }

    @Test("Of a training recipe: what is wrong is told at the key", arguments: ExperimentSpec.trainingKeys)
    func placeOfTraining(key: String) throws {
        guard key != "decontaminate" else { return }
        try TinyExperiment.with("") { experiment in
            try AtomicFile.replace(experiment.folder + "/lines.jsonl", with: Self.examples)
            let places = try (Self.numbers + ["[]", "[-1]", "{}"]).flatMap { try self.places(key, $0, in: experiment) }
            #expect(!places.isEmpty && places.allSatisfy { $0 == 7 }, "\(key): \(places)")
        }
    }

    @Test(
        "Of an objective",
        arguments: ObjectiveCatalogue.plain.flatMap { type in type.keys.map { "\(type.name): {\($0)" } })
    func objective(start: String) throws {
        try planned(Self.numbers.map { "train: { data: lines.jsonl, batch_size: 2, loss: { \(start): \($0)} } }" })
    }

    @Test("Of the launcher", arguments: ExperimentSpec.launcherKeys)
    func launcher(key: String) throws { try planned(Self.numbers.map { "launcher: { \(key): \($0) }" }) }

    @Test(
        "What no machine could do, and what single precision takes for something else, is refused with the range",
        arguments: [
            ("steps: 9223372036854775807", "steps: expected 1 to 100000000, found 9223372036854775807"),
            ("accumulation: 4611686018427387904", "accumulation: expected 1 to 1000000, found 4611686018427387904"),
            ("rank: 2147483648", "rank: expected 1 to 16384, found 2147483648"),
            ("dropout: 0.99999999", "expected dropout to be from 0 to below 1, found 0.99999999"),
            ("clip: 1e400", "expected a number"), ("learning_rate: -1e999", "expected a number"),
            ("alpha: 1e308", "expected alpha to be a number of single precision, found inf"),
        ])
    func ranges(key: String, message: String) throws {
        try TinyExperiment.with("train: { data: lines.jsonl, \(key) }") { experiment in
            try AtomicFile.replace(experiment.folder + "/lines.jsonl", with: Self.examples)
            let error = #expect(throws: (any Error).self) { try experiment.plan() }
            #expect("\(error.map { "\($0)" } ?? "")".contains(message))
        }
    }
}
