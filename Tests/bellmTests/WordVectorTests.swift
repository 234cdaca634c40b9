import Foundation
import HDF5
import Results
import TestSupport
import Testing

@Suite("Static word vectors as a backbone")
struct WordVectorTests {
    private static let files = ["w.vec": "4 2\ndog 1 2\nThe 3 -4\nthe 0 1\n! 10 10\n"]

    private func rows(_ input: String, _ options: [String] = [], warning: String = "") throws -> [Float] {
        var values: [Float] = []
        let arguments = ["embed", "--model", "w.vec", "--output", "out.h5"]
        try Program.run(
            arguments + (options.isEmpty ? ["--pooling", "mean"] : options), files: Self.files, input: input
        ) {
            outcome, folder in
            #expect(outcome.status == 0)
            #expect(outcome.errors.hasPrefix(warning), "\(outcome.errors)")
            values = try HDF5.readMatrix(in: folder + "/out.h5").values
        }
        return values
    }

    @Test("A sentence is the mean of its words: as written, else in lower case, else cut at punctuation")
    func mean() throws {
        #expect(try rows("the dog\n") == [0.5, 1.5])
        #expect(try rows("The DOG!\n") == [4.666667, 2.6666667])
        #expect(try rows("the dog\n", ["--pooling", "max"]) == [1, 2])
        #expect(try rows("THE-dog\n") == [0.5, 1.5])
    }

    @Test("Unknown words are left out and counted; without a known one the row is zeros, with a warning")
    func unknown() throws {
        let warning = "warning: 1 line without a token: a row of zeros each\nwarning: 8 bytes without a token"
        #expect(try rows("a cat\nthe moon\n", warning: warning) == [0, 0, 0, 1])
    }

    @Test("A run of word vectors that asks for layers or templates is refused at the lines that ask")
    func runs() throws {
        let keys = """
            model: ./w.vec
            pooling: mean
            tasks: [{name: mine, kind: sts, file: pairs.csv, columns: {first: a, second: b, score: s}}]
            variants:
              adapted: { adapter: ./folder }
              worded: { template: "so {text}" }
              shared: { prompt: prompteol }
              ordered: { pooling: last, template: "so {text}" }
            """
        let files = Self.files.merging(["x.yaml": keys, "pairs.csv": "s,a,b\n1,the,dog\n2,dog,dog\n"]) { $1 }
        try Program.run(["validate", "x.yaml"], files: files) { outcome, _ in
            let lines = outcome.errors.replacing("Error: ", with: "").split(separator: "\n").map(String.init)
            let expected = [
                "x.yaml:5:23: word vectors have no layers for an adapter to change; set adapter: none",
                "x.yaml:6:23: static word vectors average", "x.yaml:7:21: static word vectors average",
                "x.yaml:8:23: static word vectors don't know the order", "x.yaml:8:39: static word vectors average",
            ]
            #expect(outcome.status == 1 && lines.count == expected.count, "\(outcome.errors)")
            for (line, start) in zip(lines, expected) { #expect(line.hasPrefix(start), "\(line)") }
        }
    }

    @Test(
        "What needs an order of words, or layers, is refused",
        arguments: [
            (["--pooling", "last"], "expected mean or max pooling, found last"),
            (["--pooling", "mean", "--template", "so {text}"], "expected {text}, found so {text}"),
            (["--pooling", "mean", "--bidirectional", "last 1"], "attention plan \"last 1\""),
            (["--pooling", "mean", "--layer", "1"], "there is no hidden layer 1"),
        ])
    func refused(_ options: [String], _ message: String) throws {
        try Program.run(
            ["embed", "--model", "w.vec", "--output", "out.h5"] + options, files: Self.files, input: "the\n"
        ) { outcome, _ in
            #expect(outcome.status == 1)
            #expect(outcome.errors.contains(message), "\(outcome.errors)")
        }
    }
}
