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
            ("{ memory: lots }", "expected megabytes, or a size such as 16G"),
            ("{ cpus: 0 }", "cpus: expected 1 to 1024"),
            ("{ cpus: 4096 }", "cpus: expected 1 to 1024, found 4096"),
            ("{ cpus: 9223372036854775807 }", "cpus: expected 1 to 1024"),
            ("{ array_limit: 9223372036854775807 }", "array_limit: expected 1 to 1048576"),
            ("{ block_sentences: 9223372036854775807 }", "block_sentences: expected 1 to 4294967296"),
            ("{ element_blocks: 9223372036854775807 }", "element_blocks: expected 1 to 4294967296"),
            ("{ memory: 9223372036854775807 }", "memory in megabytes: expected 1 to 1073741824"),
            ("{ memory: 1073741825M }", "memory in M: expected 1 to 1073741824"),
            ("{ memory: 99999999999999G }", "memory in G: expected 1 to 1048576"),
            ("{ memory: 99999999999999999999T }", "memory in T: expected 1 to 1024"),
            ("{ time: 9223372036854775807 }", "time: expected 1 to 527040"),
            ("{ time: 99999999999999:00:00 }", "expected a time of 1 second to 366 days"),
            ("{ time: 367-00 }", "expected a time of 1 second to 366 days"),
            ("{ time: \"0:00\" }", "expected a time of 1 second to 366 days"),
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
