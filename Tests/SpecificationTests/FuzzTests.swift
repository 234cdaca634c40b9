import Diagnostics
import Files
import Foundation
import Specification
import TestSupport
import Testing

@Suite("Any damage to an experiment's file gives a diagnostic or an experiment, never a crash", .serialized)
struct FuzzTests {
    @Test("The experiments of this project, and a file with every kind of key")
    func experiments() throws {
        let every = """
            extends: ../configs/zero-shot.yaml
            tasks: [STS-B, SICK-R]
            prompt: prompteol
            pooling: last
            layer: -2
            postprocess: whiten STS-B-train
            train: { recipe: wordnet, steps: 3, targets: [q_proj], warmup: 0.1 }
            matrix:
              bidirectional: [none, "last 1..4", "[0..2]"]
              seed: [1, 2]
              exclude: [{ seed: 2, bidirectional: none }]
            launcher: { time: 1:00:00, cpus: 2, sbatch: [--nice] }

            """
        let names = try FileManager.default.contentsOfDirectory(atPath: Fixtures.packageRoot + "/experiments").sorted()
        let files =
            try names.filter { $0.hasSuffix(".yaml") }.map {
                try TextFile.bytes(of: "\(Fixtures.packageRoot)/experiments/\($0)")
            } + [Array(every.utf8), Array(every.utf8)]
        // libyaml's parser begins with buffers of 64 KiB, ICU with 70. A matrix of few words makes up to 1,000 runs.
        var budget = FuzzBudget(tries: 120, fixedCost: (72 << 10) + 1000 * MemoryLayout<RunSpec>.stride)
        var mutator = Mutator(seed: budget.seed, fragments: Mutator.yaml)
        var opened = 0
        try Fixtures.withTemporaryFolder { folder in
            for name in ["configs", "results"] {
                try FileManager.default.createSymbolicLink(
                    atPath: "\(folder)/\(name)", withDestinationPath: "\(Fixtures.packageRoot)/\(name)")
            }
            try FileManager.default.createDirectory(atPath: folder + "/experiments", withIntermediateDirectories: true)
            let path = folder + "/experiments/x.yaml"
            while budget.takesAnother() {
                let damaged = mutator.damaged(files[budget.tried % files.count])
                try Data(damaged).write(to: URL(fileURLWithPath: path))
                do {
                    let spec = try budget.watch(damaged.count) {
                        try ExperimentSpec.load(
                            path: path, tasks: KnownTasks.all(), cache: CacheFolder(path: "/cache"))
                    }
                    #expect(!spec.runs.isEmpty)
                    opened += 1
                } catch is Diagnostic {
                } catch is ConfigProblems {}
            }
        }
        #expect(opened > 5)
        #expect(budget.greed == nil)
        if let growth = budget.growth { #expect(growth < 256 << 20, "\(growth) bytes") }
    }
}
