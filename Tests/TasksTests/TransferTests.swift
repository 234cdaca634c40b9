import Tasks
import Diagnostics
import Foundation
import Numerics
import TestSupport
import Testing

@Suite("Transfer tasks")
struct TransferTests {
    let golden: GoldenTransfer

    init() throws { golden = try .load() }

    @Test("The folds are scikit-learn's, number by number")
    func folds() {
        #expect(StratifiedFolds.assign(golden.labels, count: 10) == golden.folds)
    }

    @Test("Accuracy and F1 are within 0.3 points of scikit-learn's in SentEval's three protocols")
    func scikitLearn() async throws {
        for example in golden.cases {
            let outcome = try await example.evaluation(workers: 2).run()
            #expect(abs(outcome.accuracy - example.expected.accuracy) < 0.003, "\(example.name): \(outcome)")
            if let f1 = example.expected.f1 { #expect(abs(outcome.f1 - f1) < 0.003, "\(example.name): \(outcome)") }
        }
    }

    @Test("The number of threads changes nothing")
    func workers() async throws {
        for example in golden.cases {
            #expect(try await example.evaluation(workers: 1).run() == example.evaluation(workers: 3).run())
        }
    }

    @Test("Too few examples, or one class, have no accuracy")
    func tooFew() async throws {
        for labels in [[], [0, 1, 0], Array(repeating: 1, count: 40)] {
            let evaluation = TransferEvaluation(
                features: Matrix(rows: labels.count, columns: 2), labels: labels,
                parts: labels.map { _ in .training }, method: .nestedFolds, workers: 1)
            #expect(try await evaluation.run().accuracy.isNaN)
        }
    }

    @Test(
        "Every transfer task loads with SentEval's number of examples, as an official copy",
        .enabled(if: hasData, "needs a data folder with SentEval's transfer tasks"))
    func counts() throws {
        let folder = try DataFolder(try #require(Fixtures.dataFolder("senteval")))
        for task in try Catalogue.suite("Avg transfer") {
            let loaded = try folder.load(task)
            #expect(loaded.content.count == task.count, "\(task.name)")
            #expect(loaded.textVariant == .senteval, "\(task.name)")
        }
        #expect(
            try folder.load(Catalogue.named("TREC")).content.texts.contains { $0.text.contains("sister\u{F0}city") })
        #expect(try folder.load(Catalogue.named("MRPC")).content.texts.count == 2 * 5801)
    }

    static let hasData: Bool =
        Fixtures.dataFolder("senteval").map {
            FileManager.default.fileExists(atPath: $0 + "/downstream/MRPC")
        } ?? false

    @Test("A wrong class, a header that is missing and a line without a class are errors with file and line")
    func damaged() throws {
        let cases = [
            ("TREC/TREC_10.label", "NUM:dist How far ?\nNUN:x What ?\n", "NUM", 2),
            ("TREC/TREC_10.label", "How far ?\n", nil, 1),
            ("MRPC/msr_paraphrase_test.txt", "1\t2\t3\ta\tb\n", nil, 1),
            (
                "MRPC/msr_paraphrase_test.txt", "\u{FEFF}Quality\t#1 ID\t#2 ID\t#1 String\t#2 String\n2\t2\t3\ta\tb\n",
                "1", 2
            ),
            ("SST/binary/sentiment-test", "fine 1\n", nil, 1),
        ]
        let whole = [
            "TREC/train_5500.label": "ABBR:exp What ?\n",
            "MRPC/msr_paraphrase_train.txt": "Quality\t#1 ID\t#2 ID\t#1 String\t#2 String\n1\t2\t3\ta\tb\n",
            "SST/binary/sentiment-train": "fine\t1\n", "SST/binary/sentiment-dev": "bad \t0\n",
        ]
        for (file, text, nearest, line) in cases {
            try Fixtures.withTemporaryFolder { root in
                for (name, body) in whole.merging([file: text], uniquingKeysWith: { $1 }) {
                    let url = URL(fileURLWithPath: "\(root)/downstream/\(name)")
                    try FileManager.default.createDirectory(
                        at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
                    try Data(body.utf8).write(to: url)
                }
                let task = try #require(Catalogue.suite("Avg transfer").first { $0.paths.contains(file) })
                let error = try #require(throws: Diagnostic.self) { try DataFolder(root).load(task) }
                #expect(error.location?.line == line, "\(error)")
                #expect(error.location?.file.hasSuffix(file) == true)
                if let nearest { #expect(error.message.contains(nearest)) }
            }
        }
    }

    @Test("A limit keeps classes and their shares, evenly spaced")
    func limit() {
        func kept(_ labels: [Int], _ limit: Int) -> [String] {
            TransferTask(labels.indices.map { LabelledExample(["\($0)"], label: labels[$0]) }).limited(to: limit)
                .texts.map(\.text)
        }
        let halves = (0..<10).map { $0 / 5 }
        #expect(kept(halves, 4) == ["0", "2", "5", "7"])
        #expect(kept(halves, 10).count == 10 && kept(halves, 99).count == 10)
        // Its share of the limit alone would leave class 1 out.
        #expect(kept([0, 0, 0, 1, 0, 0, 0, 0], 4) == ["0", "2", "3", "5"])
        #expect(kept([0, 1, 2, 3], 2) == ["0", "1"])
        #expect(kept([1, 0, 0, 0, 0, 2], 3) == ["0", "1", "5"])
    }

    @Test("A limit keeps each part, so that what is tested is as many as asked for")
    func limitOfParts() throws {
        // As SST2 has it: a hundred times more to learn from than to test, sorted by class.
        let sizes: [(LabelledExample.Part, Int)] = [(.training, 4000), (.development, 80), (.test, 40)]
        let examples = sizes.flatMap { part, count in
            (0..<count).map { LabelledExample(["\(part) \($0)"], label: 2 * $0 / count, part: part) }
        }
        let limited = TransferTask(examples).limited(to: 20)
        for (part, _) in sizes {
            let labels = limited.examples.filter { $0.part == part }.map(\.label)
            #expect(labels.count == 20 && labels.count { $0 == 1 } == 10)
        }
    }

    @Test("A limit keeps an STS task's subsets, two pairs of each while there is room")
    func limitOfSubsets() throws {
        let pairs = ["a": 50, "b": 3, "c": 1].sorted { $0.key < $1.key }.flatMap { subset, count in
            (0..<count).map { SentencePair(first: "\(subset)\($0)", second: "", gold: 1, subset: subset) }
        }
        let task = try Catalogue.sts("STS12", pairs)
        #expect(
            task.limited(to: 10).pairs.map(\.first) == [
                "a0", "a7", "a14", "a21", "a28", "a35", "a42", "b0", "b1", "c0",
            ])
        #expect(task.limited(to: 3).pairs.map(\.subset) == ["a", "b", "c"])
        #expect(task.limited(to: 99).pairs.count == 54)
    }

    @Test("The order of folds counts words as Python's split does")
    func sortingKey() {
        #expect(LabelledExample([" a\u{1C}b\u{A0}c ", ""], label: 1).sortingKey == [3, 0, 1])
    }
}

/// Tests/Golden/transfer.json; the script beside it says how it was made.
struct GoldenTransfer: Decodable {
    struct Case: Decodable {
        struct Expected: Decodable {
            var accuracy: Double
            var f1: Double?
        }

        var name: String
        var method: String
        /// Times 16.
        var features: [[Float]]
        var labels: [Int]
        /// 0 training, 1 development, 2 test.
        var parts: [Int]
        var expected: Expected

        func evaluation(workers: Int) -> TransferEvaluation {
            let methods: [String: TransferProtocol] = [
                "nestedFolds": .nestedFolds, "foldsAndTest": .foldsAndTest,
            ]
            let kinds: [LabelledExample.Part] = [.training, .development, .test]
            let elements = features.joined().map { $0 / 16 }
            return TransferEvaluation(
                features: Matrix(rows: features.count, columns: features.first?.count ?? 0, elements), labels: labels,
                parts: parts.map { kinds[$0] }, method: methods[method] ?? .developmentAndTest, workers: workers)
        }
    }

    var labels: [Int]
    var folds: [Int]
    var cases: [Case]

    static func load() throws -> GoldenTransfer {
        let data = try Data(contentsOf: URL(fileURLWithPath: Fixtures.golden("transfer.json")))
        return try JSONDecoder().decode(GoldenTransfer.self, from: data)
    }
}

struct ClassifierForecastTests {
    @Test("A forecast grows with classes, examples and features; tasks without classes take nothing")
    func grows() throws {
        func seconds(_ name: String, count: Int, classes: Int, dimensions: Int) throws -> Double {
            let examples = (0..<count).map { LabelledExample(["a"], label: $0 % classes) }
            return TransferTask(examples, method: name == "CR" ? .nestedFolds : .foldsAndTest)
                .forecastSeconds(dimensions: dimensions)
        }
        let reference = try seconds("CR", count: 100, classes: 2, dimensions: 64)
        #expect(reference > 0)
        #expect(abs(try seconds("CR", count: 200, classes: 2, dimensions: 64) / reference - 2) < 1e-9)
        #expect(try seconds("CR", count: 100, classes: 2, dimensions: 128) > 2 * reference)
        #expect(try seconds("TREC", count: 100, classes: 6, dimensions: 64) < reference)
        #expect(try Catalogue.sts("STS-B", []).forecastSeconds(dimensions: 64) == 0)
        #expect(TransferProtocol.nestedFolds.fits == 610 && TransferProtocol.developmentAndTest.fits == 7)
    }
}
