import Foundation
import Specification
import Testing

struct LauncherTests {
    private func spec(_ launcher: String) throws -> ExperimentSpec {
        try TemporaryExperiment.spec("model: /m.gguf\npooling: mean\n" + launcher)
    }

    @Test("The launcher is read, and is no part of the experiment's hash")
    func read() throws {
        let spec = try spec(
            """
            launcher:
              partition: cpu
              account: nlp
              time: 1-12:30
              memory: 16G
              cpus: 8
              array_limit: 20
              sbatch: [--constraint=avx512]
              setup: [module load hdf5]
              block_sentences: 500
              element_blocks: 4

            """)
        #expect(spec.launcher.partition == "cpu" && spec.launcher.account == "nlp")
        #expect(spec.launcher.timeSeconds == 131_400)
        #expect(spec.launcher.memory == "16G" && spec.launcher.cpus == 8 && spec.launcher.arrayLimit == 20)
        #expect(spec.launcher.sbatch == ["--constraint=avx512"] && spec.launcher.setup == ["module load hdf5"])
        #expect(spec.launcher.blockSentences == 500 && spec.launcher.elementBlocks == 4)
        #expect(try spec.sha256 == self.spec("").sha256)
        #expect(!spec.resolvedYAML.contains("launcher"))
    }

    @Test(
        "Times are read as sbatch reads them",
        arguments: [("90", 5400.0), ("4:30", 270), ("4:00:00", 14400), ("2-12", 216_000), ("0-00:00:30", 30)])
    func times(_ text: String, _ seconds: Double) throws {
        #expect(try spec("launcher: { time: \(text) }\n").launcher.timeSeconds == seconds)
    }

    @Test(
        "What sbatch would refuse, or a script read as something else, is an error with its line",
        arguments: [
            ("{ partitoin: cpu }", "unknown key of launcher \"partitoin\""),
            ("{ partition: \"a; rm x\" }", "expected a partition's name without spaces"),
            ("{ time: soon }", "expected minutes, or a time such as 4:00:00"), ("{ time: 0 }", "expected minutes"),
            ("{ memory: lots }", "expected megabytes, or a size such as 16G"), ("{ cpus: 0 }", "expected 1 or more"),
            ("{ sbatch: [constraint] }", "expected an option"),
            ("{ setup: [\"a\\nb\"] }", "expected text on one line"), ("slurm", "expected a mapping"),
        ])
    func refused(_ launcher: String, _ message: String) throws {
        let error = #expect(throws: ConfigProblems.self) { try spec("launcher: \(launcher)\n") }
        let line = try #require(error?.diagnostics.first)
        #expect(line.message.contains(message), "\(line)")
        #expect(line.location?.line == 3)
    }
}
