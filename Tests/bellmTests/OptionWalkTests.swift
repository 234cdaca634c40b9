import Files
import Foundation
import TestSupport
import Testing

@Suite("Numbers of any size behind every option")
struct OptionWalkTests {
    private static let numbers = [
        "-9223372036854775808", "0", "1", "9223372036854775807", "18446744073709551616", "1e308", "nan",
    ]
    private static let embed = ["embed", "--model", "./tiny.gguf", "--pooling", "mean", "--input", "in.txt"]
    private static let experiment = """
        model: ./tiny.gguf
        pooling: mean
        tasks: [{name: mine, kind: sts, file: pairs.csv, columns: {first: a, second: b, score: s}}]

        """
    private static let old = Fixtures.golden("schema-1.h5")

    /// A verb that takes the option, and whether the option's range is named where a number is outside.
    private static let verbs: [(option: String, arguments: [String])] = [
        ("--layer", embed + ["--output", "o.npy"]), ("--dimensions", embed + ["--output", "o.npy"]),
        ("--threads", embed + ["--output", "o.npy"]), ("--bidirectional", embed + ["--output", "o.npy"]),
        ("--limit", ["validate", "x.yaml"]), ("--limit", ["plan", "x.yaml", "--data", "data"]),
        ("--resamples", ["compare", old + ":last", old + ":mean"]),
        ("--seed", ["compare", old + ":last", old + ":mean"]),
        ("--jobs", ["run", "x.yaml", "--data", "data", "--launcher", "local", "--output", "r.h5"]),
        ("--repetitions", ["bench", "--model", "./none.gguf"]),
    ]

    @Test("Refused by a line or taken, never a trap", arguments: verbs.indices)
    func walk(_ index: Int) throws {
        let (option, arguments) = Self.verbs[index]
        try Fixtures.withTemporaryFolder { folder in
            try TinyLlama.writeProgramFile(to: folder + "/tiny.gguf")
            try AtomicFile.createFolder(folder + "/data/downstream")
            try FileManager.default.createSymbolicLink(
                atPath: folder + "/configs", withDestinationPath: Fixtures.packageRoot + "/configs")
            try AtomicFile.replace(folder + "/x.yaml", with: Self.experiment)
            try AtomicFile.replace(folder + "/pairs.csv", with: "s,a,b\n1,One.,Two.\n2,Three.,Four.\n4,Five.,Six.\n")
            try AtomicFile.replace(folder + "/in.txt", with: "a dog\n")
            for number in Self.numbers {
                let outcome = try Program.run(arguments + ["\(option)=\(number)"], in: folder)
                #expect([0, 1, 64].contains(outcome.status), "\(option)=\(number): \(outcome.status)")
                guard outcome.status != 0 else { continue }
                #expect(outcome.errors.lowercased().hasPrefix("error: "), "\(option)=\(number): \(outcome.errors)")
            }
        }
    }
}
