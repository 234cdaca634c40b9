import Tasks
import Diagnostics
import Files
import Foundation
import TestSupport
import Testing

@Suite("Any damage to a benchmark's files gives a diagnostic or pairs that can be scored, never a crash", .serialized)
struct FuzzTests {
    private static let sick =
        "pair_ID\tsentence_A\tsentence_B\trelatedness_score\tentailment_judgment\n"
        + "6\tA boy plays\tA kid is playing\t3.3\tNEUTRAL\n7\tx\ty\t1\tENTAILMENT\n"
    /// Tasks, and small files of theirs.
    private static let tasks: [(name: String, files: [String: String])] = [
        (
            "STS-B-dev",
            [
                "STS/STSBenchmark/sts-dev.csv":
                    "main-captions\tMSRvid\t2012test\t24\t2.5\tA \"girl\" is here.\t\"A woman\" too.\n"
                    + "main-news\theadlines\t2016\t7\t5\tx\ty\tlicence\n"
            ]
        ),
        ("SICK-R-dev", ["SICK/SICK_trial.txt": sick]),
        (
            "STS13",
            Dictionary(
                uniqueKeysWithValues: ["FNWN", "headlines", "OnWN"].flatMap { subset in
                    [
                        ("STS/STS13-en-test/STS.input.\(subset).txt", "one\ttwo\n\"quoted\tthree\r\nfour\tfive 🙂\n"),
                        ("STS/STS13-en-test/STS.gs.\(subset).txt", "1.5\n\n5\n"),
                    ]
                })
        ),
        ("CR", ["CR/custrev.pos": "good phone .\ni like it\n", "CR/custrev.neg": "bad\nno na\u{EF}ve one\n"]),
        (
            "TREC",
            [
                "TREC/train_5500.label": "DESC:manner How ?\nENTY:cremat What\n",
                "TREC/TREC_10.label": "NUM:dist How far\n",
            ]
        ),
    ]

    @Test("SentEval's files of pairs and of labelled sentences")
    func taskFiles() throws {
        var budget = FuzzBudget(tries: 1500, fixedCost: 8 << 10)
        var mutator = Mutator(seed: budget.seed, fragments: Mutator.tables)
        var opened = 0
        try Fixtures.withTemporaryFolder { folder in
            for (_, files) in Self.tasks {
                for (path, text) in files { try write(Array(text.utf8), to: path, in: folder) }
            }
            let data = try DataFolder(folder)
            _ = try Catalogue.all()
            while budget.takesAnother() {
                let task = Self.tasks[budget.tried % Self.tasks.count]
                let files = task.files.sorted { $0.key < $1.key }
                let (path, text) = files[budget.tried / Self.tasks.count % files.count]
                let damaged = mutator.damaged(Array(text.utf8))
                // Foundation's Data(contentsOf:) loses 4 KiB with each empty file that it reads.
                if damaged.isEmpty, budget.tried > 10_000 { continue }
                try write(damaged, to: path, in: folder)
                do {
                    let others = files.reduce(0) { $1.key == path ? $0 : $0 + $1.value.utf8.count }
                    let loaded = try budget.watch(damaged.count + others) { try data.load(Catalogue.named(task.name)) }
                    #expect(loaded.pairs.allSatisfy { $0.gold.isFinite })
                    let sts = loaded.content as? STSTask
                    _ = sts?.measures(
                        cosines: loaded.pairs.indices.map { Double($0) }, task: loaded.name,
                        bootstrap: Bootstrap(resamples: 2, seed: 1))
                    opened += 1
                } catch is Diagnostic {}
                try write(Array(text.utf8), to: path, in: folder)
            }
        }
        #expect(opened > 100)
        #expect(budget.greed == nil)
        if let growth = budget.growth { #expect(growth < 64 << 20, "\(growth) bytes") }
    }

    private func write(_ bytes: [UInt8], to path: String, in folder: String) throws {
        let url = URL(fileURLWithPath: "\(folder)/downstream/\(path)")
        try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(bytes).write(to: url)
    }
}
