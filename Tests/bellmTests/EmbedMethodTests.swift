import Foundation
import HDF5
import Results
import TestSupport
import Testing

@Suite("`bellm embed --method`: a run's whole method for other sentences")
struct EmbedMethodTests {
    private static let yaml = """
        name: x
        model: ./tiny.gguf
        tasks: [STS-B]
        pooling: mean
        variants:
          prompt: { template: "So {text}:", pooling: last, bidirectional: all, layer: -2, precision: bfloat16 }
          short: { dimensions: 5 }
          several: { dimensions: [3, 5] }
          each layer: { layers: all }
          centred: { postprocess: centre STS-B }
          targeted: { postprocess: whiten target }
          trained: { train: { data: wordnet } }

        """

    private func embed(_ run: String, _ options: [String] = [], then check: (Program.Outcome, String) throws -> Void)
        throws
    {
        try Fixtures.withTemporaryFolder { folder in
            let tasks = folder + "/data/downstream/STS/STSBenchmark"
            try FileManager.default.createDirectory(atPath: tasks, withIntermediateDirectories: true)
            let pairs = [("A girl sings.", "A dog runs."), ("One.", "Two.")].enumerated().map { index, pair in
                "main-captions\tMSRvid\t2012test\t\(index)\t\(4 - index).000\t\(pair.0)\t\(pair.1)\n"
            }
            try Data(pairs.joined().utf8).write(to: URL(fileURLWithPath: tasks + "/sts-test.csv"))
            try TinyLlama.writeProgramFile(to: folder + "/tiny.gguf")
            try Data(Self.yaml.utf8).write(to: URL(fileURLWithPath: folder + "/x.yaml"))
            let arguments = ["embed", "--method", "x.yaml\(run)", "--output", "out.h5"]
            try check(Program.run(arguments + options, in: folder, input: "A girl sings.\nOne.\n"), folder)
        }
    }

    private func rows(_ run: String, _ options: [String] = []) throws -> HDF5.Matrix {
        var matrix: HDF5.Matrix?
        try embed(run, options) { outcome, folder in
            #expect(outcome.status == 0, "\(outcome.errors)")
            matrix = try HDF5.readMatrix(in: folder + "/out.h5")
            let attributes = try HDF5.readAttributes(in: folder + "/out.h5")
            #expect(attributes.contains(HDF5Attribute("method", .text("x.yaml\(run)"))))
        }
        return try #require(matrix)
    }

    private func rows(options: [String]) throws -> HDF5.Matrix {
        var matrix: HDF5.Matrix?
        let arguments = ["embed", "--model", "./tiny.gguf", "--output", "out.h5"] + options
        try Program.run(arguments, input: "A girl sings.\nOne.\n") { outcome, folder in
            matrix = try HDF5.readMatrix(in: folder + "/out.h5")
        }
        return try #require(matrix)
    }

    @Test("The rows are those that the same options give")
    func same() throws {
        let options = [
            "--template", "So {text}:", "--pooling", "last", "--bidirectional", "all", "--layer", "-2", "--precision",
            "bfloat16",
        ]
        #expect(try rows(":prompt") == rows(options: options))
        #expect(try rows(":short") == rows(options: ["--pooling", "mean", "--dimensions", "5"]))
        #expect(try rows(":each layer layer 1") == rows(options: ["--pooling", "mean", "--layer", "1"]))
        #expect(try rows(":several dimensions 3").columns == 3)
    }

    @Test("Post-processing is fitted to the task that it names, not to the input")
    func fitted() throws {
        let plain = try rows(options: ["--pooling", "mean"])
        let centred = try rows(":centred", ["--data", "data"])
        let differences = zip(plain.values, centred.values).map { $0 - $1 }
        // The same mean is taken from each row.
        for (first, second) in zip(differences.prefix(24), differences.suffix(24)) {
            #expect(abs(first - second) < 1e-5)
        }
        #expect(differences.contains { abs($0) > 1e-3 })
    }

    @Test(
        "What isn't one whole method is refused",
        arguments: [
            ("", [], "x.yaml: expected the name of one of its 7 runs: prompt, short, several, each layer"),
            (":promt", [], "x.yaml: unknown run \"promt\"; expected one of: prompt, short"),
            (":several", [], "the run \"several\" stands for 2 runs; expected the name of one of them; write"),
            (":each layer", [], "the run \"each layer\" stands for 3 runs"),
            (":targeted", [], "\"whiten target\" is fitted to the task that is scored, and here is none"),
            (":prompt", ["--pooling", "mean"], "--pooling and --method contradict each other"),
            (":prompt", ["--layer", "-1"], "--layer and --method contradict each other"),
        ])
    func refused(_ run: String, _ options: [String], _ message: String) throws {
        try embed(run, options) { outcome, folder in
            #expect(outcome.status != 0)
            #expect(outcome.errors.contains(message), "\(outcome.errors)")
            #expect(!FileManager.default.fileExists(atPath: folder + "/out.h5"))
        }
    }
}
