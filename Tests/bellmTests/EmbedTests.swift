import Foundation
import HDF5
import Results
import TestSupport
import Testing

struct EmbedTests {
    private static let arguments = [
        "embed", "--model", "./tiny.gguf", "--pooling", "mean", "--input", "-", "--output", "out.h5",
    ]

    private func embeddings(_ input: String, _ options: [String] = [], warning: String = "") throws -> HDF5.Matrix {
        var matrix: HDF5.Matrix?
        try Program.run(Self.arguments + options, input: input) { outcome, folder in
            #expect(outcome.status == 0)
            let read = try HDF5.readMatrix(in: folder + "/out.h5")
            #expect(outcome.errors == warning + "written: out.h5, \(read.rows) × \(read.columns)\n")
            #expect(outcome.output.isEmpty)
            matrix = read
        }
        return try #require(matrix)
    }

    @Test("Rows are in the input's order; the last newline ends the last line, and may be missing")
    func order() throws {
        let three = try embeddings("a dog\n🙂\na dog\n")
        #expect(three.rows == 3)
        #expect(three.columns == TinyLlama.hiddenSize)
        #expect(three.row(0) == three.row(2))
        #expect(three.row(0) != three.row(1))
        #expect(try embeddings("a dog\n🙂\na dog") == three)
    }

    @Test("A carriage return before the line feed changes nothing")
    func carriageReturn() throws {
        #expect(try embeddings("a dog\r\nb\r\n") == embeddings("a dog\nb\n"))
    }

    @Test("An empty line is a row of zeros, and counted")
    func emptyLines() throws {
        let warning = "warning: 2 lines without a token: a row of zeros each\n"
        let matrix = try embeddings("\na\n  \n", warning: warning)
        #expect(matrix.rows == 3)
        #expect(matrix.row(0).allSatisfy { $0 == 0 })
        #expect(matrix.row(2).allSatisfy { $0 == 0 })
        #expect(matrix.row(1).contains { $0 != 0 })
    }

    @Test("A sentence longer than the context is cut there, and counted")
    func longLine() throws {
        let limit = TinyLlama.programContext
        let warning = "warning: 1 distinct sentence cut at the model's context of \(limit) tokens\n"
        let cut = try embeddings(String(repeating: "x", count: 1000) + "\n", warning: warning)
        #expect(try embeddings(String(repeating: "x", count: limit)) == cut)
    }

    @Test("An empty input gives no rows, and says so")
    func emptyInput() throws {
        #expect(try embeddings("", warning: "warning: - has no lines\n").rows == 0)
    }

    @Test("A negative hidden layer is an option's value, with a space or an equals sign")
    func negativeLayer() throws {
        let spaced = try embeddings("a dog", ["--layer", "-2"])
        #expect(try embeddings("a dog", ["--layer=-2"]) == spaced)
        #expect(try embeddings("a dog") != spaced)
    }

    @Test("A plan that cannot change the pooled vector is warned of")
    func noEffect() throws {
        let warning =
            "warning: making layer 1 bidirectional cannot change the last-pooled vector: the last token sees every token "
            + "in a causal layer too, and no layer above reads the others\n"
        let options = ["--pooling", "last", "--bidirectional", "last 1"]
        let plan = try embeddings("a dog", options, warning: warning)
        #expect(try embeddings("a dog", ["--pooling", "last"]) == plan)
    }

    @Test(
        "An embedding without a number is refused with the sentence, in every format",
        arguments: ["h5", "npy", "jsonl", "csv"])
    func notFinite(format: String) throws {
        try Fixtures.withTemporaryFolder { folder in
            let tiny = TinyLlama(layers: 2, vocabulary: 256, context: TinyLlama.programContext).overflowing(inLayer: 1)
            try Data(tiny.fileWithTokenizer.bytes).write(to: URL(fileURLWithPath: folder + "/tiny.gguf"))
            let output = "out." + format
            let outcome = try Program.run(
                ["embed", "--model", "./tiny.gguf", "--pooling", "mean", "--input", "-", "--output", output],
                in: folder,
                input: "\na dog\n")
            #expect(outcome.status == 1)
            #expect(
                outcome.errors
                    == "Error: the embedding of sentence 2 has NaN or infinity, from layer 2 on, and is no vector\n")
            #expect(!FileManager.default.fileExists(atPath: folder + "/" + output))
        }
    }

    @Test("The result in a file stays as it was when a run into it fails")
    func oldResult() throws {
        try Fixtures.withTemporaryFolder { folder in
            try TinyLlama.writeProgramFile(to: folder + "/tiny.gguf")
            let first = try Program.run(Self.arguments, in: folder, input: "a\n")
            #expect(first.status == 0)
            let old = try Data(contentsOf: URL(fileURLWithPath: folder + "/out.h5"))
            let second = try Program.run(Self.arguments + ["--layer", "9"], in: folder, input: "b\n")
            #expect(second.status == 1)
            #expect(try Data(contentsOf: URL(fileURLWithPath: folder + "/out.h5")) == old)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder).sorted() == ["out.h5", "tiny.gguf"])
        }
    }
}

extension HDF5.Matrix {
    fileprivate func row(_ index: Int) -> ArraySlice<Float> { values[index * columns..<(index + 1) * columns] }
}
