import Foundation
import HDF5
import Results
import TestSupport
import Testing

/// The embedded backbone against Hugging Face's layers and llama.cpp's tokenizer.
@Suite(.enabled(if: FileManager.default.fileExists(atPath: Fixtures.smolLM2)))
struct EndToEndTests {
    @Test("`bellm embed` gives the reference's embeddings")
    func embed() throws {
        let sentences = try String(contentsOfFile: Fixtures.golden("smollm2.sentences.txt"), encoding: .utf8)
        let expected = try HDF5.readMatrix("embeddings/prompteol_layer-2", in: Fixtures.golden("smollm2.h5"))
        try Fixtures.withTemporaryFolder { folder in
            let outcome = try Program.run(
                [
                    "embed", "--model", Fixtures.smolLM2, "--template",
                    "This sentence : \"{text}\" means in one word:\"", "--normaliser", "prompteol", "--pooling", "last",
                    "--layer", "-2", "--input", "-", "--output", "out.h5",
                ], in: folder, input: sentences)
            #expect(outcome.status == 0, "\(outcome.errors)")
            let matrix = try HDF5.readMatrix(in: folder + "/out.h5")
            #expect(matrix.rows == expected.rows)
            let difference = zip(matrix.values, expected.values).map { abs($0 - $1) }.max() ?? .infinity
            let largest = expected.values.map(abs).max() ?? 0
            #expect(difference / largest < 1e-4)
        }
    }

    @Test("`bellm tokenize` gives llama.cpp's ids, line for line")
    func tokenize() throws {
        struct Line: Decodable, Equatable { var ids: [Int] }
        func lines(_ text: String) throws -> [Line] {
            try text.split(separator: "\n").map { try JSONDecoder().decode(Line.self, from: Data($0.utf8)) }
        }
        let golden = Fixtures.golden("smollm2.tokens.jsonl")
        let outcome = try Program.run(
            ["tokenize", "--model", Fixtures.smolLM2, "--input", golden], in: NSTemporaryDirectory())
        #expect(outcome.status == 0)
        #expect(try lines(outcome.output) == lines(String(contentsOfFile: golden, encoding: .utf8)))
    }

    @Test("Ctrl-C ends with 130, one line, and no file")
    func interrupted() throws {
        try Fixtures.withTemporaryFolder { folder in
            let lines = (0..<4000).map { "sentence number \($0) of many that take a while\n" }.joined()
            let outcome = try Program.run(
                ["embed", "--model", Fixtures.smolLM2, "--pooling", "mean", "--input", "-", "--output", "out.h5"],
                in: folder, input: lines, interruptAfter: 1)
            #expect(outcome.status == 130)
            #expect(outcome.errors == "interrupted: no file was written\n")
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
        }
    }
}
