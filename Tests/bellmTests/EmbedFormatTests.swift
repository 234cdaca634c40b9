import Foundation
import HDF5
import Results
import TestSupport
import Testing

@Suite("What `bellm embed` reads and writes")
struct EmbedFormatTests {
    private static let sentences = ["a \"dog\", big", "é 🙂", "", "a \"dog\", big"]
    private static let files = [
        "in.txt": sentences.map { $0 + "\n" }.joined(),
        "in.jsonl": sentences.map { "{\"id\": 1, \"text\": \"\($0.replacing("\"", with: "\\\""))\"}\n" }.joined(),
        "in.csv": "id,sentence\r\n" + sentences.map { "1,\"\($0.replacing("\"", with: "\"\""))\"\r\n" }.joined(),
    ]

    private func embed(
        _ options: [String], files: [String: String] = Self.files, input: String = "",
        then check: (_ outcome: Program.Outcome, _ folder: String) throws -> Void
    ) throws {
        let arguments = ["embed", "--model", "./tiny.gguf", "--pooling", "mean"] + options
        try Program.run(arguments, files: files, input: input, then: check)
    }

    private func rows(_ options: [String], output: String) throws -> [Float] {
        var values: [Float] = []
        try embed(options + ["--output", output]) { outcome, folder in
            #expect(outcome.status == 0, "\(outcome.errors)")
            values = try Self.values(in: "\(folder)/\(output)")
        }
        return values
    }

    private struct Line: Decodable {
        var text: String
        var embedding: [Float]
    }

    /// The numbers of any of the files that are written, row after row.
    private static func values(in path: String) throws -> [Float] {
        let data = try Data(contentsOf: URL(fileURLWithPath: path))
        switch URL(fileURLWithPath: path).pathExtension {
        case "npy":
            let header = String(decoding: data[10..<4096], as: UTF8.self)
            #expect(Array(data.prefix(8)) == [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59, 1, 0])
            #expect(header.hasPrefix("{'descr': '<f4', 'fortran_order': False, 'shape': (4, 24), }"))
            #expect(header.hasSuffix(" \n"))
            #expect(data.count == 4096 + 4 * 4 * 24)
            return stride(from: 4096, to: data.count, by: 4).map { start in
                Float(bitPattern: (0..<4).reduce(0) { $0 | UInt32(data[start + $1]) << UInt32(8 * $1) })
            }
        case "jsonl":
            let lines = try String(decoding: data, as: UTF8.self).split(separator: "\n").map {
                try JSONDecoder().decode(Line.self, from: Data($0.utf8))
            }
            #expect(lines.map(\.text) == sentences)
            return lines.flatMap(\.embedding)
        case "csv":
            let text = String(decoding: data, as: UTF8.self)
            let lines = text.split(separator: "\n")
            #expect(lines[0].hasPrefix("text,d0,d1,"))
            #expect(lines[1].hasPrefix("\"a \"\"dog\"\", big\","))
            return lines.dropFirst().flatMap { $0.split(separator: ",").suffix(24).compactMap { Float(String($0)) } }
        default: return try HDF5.readMatrix(in: path).values
        }
    }

    @Test("Text, JSON lines and CSV give the same rows, in HDF5, .npy, JSON lines and CSV")
    func formats() throws {
        let expected = try rows(["--input", "in.txt"], output: "out.h5")
        #expect(expected.count == 4 * 24)
        #expect(expected[0..<24] == expected[72..<96])
        for (input, output) in [("in.jsonl", "out.npy"), ("in.csv", "out.jsonl"), ("in.txt", "out.csv")] {
            #expect(try rows(["--input", input], output: output) == expected, "\(input), \(output)")
        }
    }

    @Test("Formats and fields can be said, and standard input and output be used")
    func streams() throws {
        let files = Self.files
        let expected = try rows(["--input", "in.txt"], output: "out.jsonl")
        let options = ["--input", "-", "--input-format", "csv", "--column", "sentence"]
        try embed(options + ["--output", "-", "--output-format", "jsonl"], input: files["in.csv"] ?? "") {
            outcome, folder in
            #expect(outcome.status == 0)
            #expect(outcome.errors == "warning: 1 line without a token: a row of zeros each\n")
            try Data(outcome.output.utf8).write(to: URL(fileURLWithPath: folder + "/x.jsonl"))
            #expect(try Self.values(in: folder + "/x.jsonl") == expected)
            let left = try FileManager.default.contentsOfDirectory(atPath: folder)
            #expect(Set(left) == Set(files.keys).union(["tiny.gguf", "x.jsonl"]))
        }
    }

    @Test("More sentences than a block: each has the row that it has alone")
    func blocks() throws {
        let alone = try rows(["--input", "in.txt"], output: "out.h5")
        let input = (0..<8195).map { $0.isMultiple(of: 2) ? "é 🙂\n" : "\($0)\n" }.joined()
        try embed(["--output", "out.npy", "--input", "-"], input: input) { outcome, folder in
            #expect(outcome.errors == "written: out.npy, 8195 × 24\n")
            let data = try Data(contentsOf: URL(fileURLWithPath: folder + "/out.npy"))
            #expect(String(decoding: data[10..<4096], as: UTF8.self).contains("(8195, 24)"))
            for row in [0, 8192, 8194] {
                let bits = (0..<24).map { column in
                    (0..<4).reduce(UInt32(0)) {
                        $0 | UInt32(data[4096 + 4 * (24 * row + column) + $1]) << UInt32(8 * $1)
                    }
                }
                #expect(bits == alone[24..<48].map(\.bitPattern))
            }
        }
    }

    @Test(
        "A malformed input is one line with file and line number, and no output",
        arguments: [
            ("x.jsonl", "{\"text\": \"a\"}\n{\"text\": 1}\n", [], "x.jsonl:2:10: text: expected a string, found 1"),
            ("x.jsonl", "{\"text\": null}\n", [], "x.jsonl:1:10: text: expected a string, found null"),
            ("x.jsonl", "{\"text\": \"a\"}\n{\"text\"}\n", [], "x.jsonl:2:8: \":\" after a key expected in JSON"),
            (
                "x.jsonl", "{\"text\": \"a\"}\n{\"txt\": \"b\"}\n", [],
                "x.jsonl:2:1: expected the key \"text\"; the nearest is \"txt\""
            ),
            (
                "x.jsonl", "{\"a\": 1, \"b\": 2}\n", [],
                "x.jsonl:1:1: expected a key sentence or text, found a, b; name the one with the sentences with --field"
            ),
            ("x.jsonl", "7\n", [], "x.jsonl:1:1: expected an object such as {\"text\": \"A dog walks.\"}, found 7"),
            (
                "x.csv", "id,review\n1,a\n", ["--column", "reviw"],
                "x.csv:1: unknown column \"reviw\"; expected one of: id, review; did you mean \"review\"?"
            ),
            ("x.csv", "id,text\n1,a\n1,b,c\n", [], "x.csv:3: expected 2 columns as in the header, found 3"),
            ("x.csv", "text,text\na,b\n", [], "x.csv:1: expected one column \"text\" in the header, found 2"),
            (
                "x.csv", "id,id,text\n1,2,a\n", ["--keep", "id"],
                "x.csv:1: expected one column \"id\" in the header, found 2"
            ),
            (
                "x.tsv", "text\tb\ra\t1\r", [],
                "x.tsv:1: expected a table whose lines end at line feeds, found carriage returns in its header; save it with the "
                    + "line ends of Unix or Windows"
            ),
            ("x.csv", "id,text\n1,\"a\n\n", [], "x.csv:2: expected a closing quote, found the end of the file"),
        ])
    func malformed(_ name: String, _ text: String, _ options: [String], _ message: String) throws {
        for output in ["out.h5", "out.npy", "out.jsonl"] {
            try embed(["--input", name, "--output", output] + options, files: [name: text]) { outcome, folder in
                #expect(outcome.errors == "Error: \(message)\n")
                #expect(outcome.status == 1)
                let left = try FileManager.default.contentsOfDirectory(atPath: folder)
                #expect(Set(left) == [name, "tiny.gguf"])
            }
        }
    }

    @Test("A malformed line of a stream, far behind, leaves no output either")
    func malformedStream() throws {
        let input = String(repeating: "{\"text\": \"a\"}\n", count: 9000) + "{\n"
        let options = ["--input", "-", "--input-format", "jsonl", "--output", "out.h5"]
        try embed(options, files: [:], input: input) { outcome, folder in
            #expect(outcome.errors.hasPrefix("Error: -:9001:"))
            let left = try FileManager.default.contentsOfDirectory(atPath: folder)
            #expect(left == ["tiny.gguf"])
        }
    }

    @Test(
        "What cannot be written to standard output says so",
        arguments: [
            ([], "standard output needs --output-format jsonl, csv or npy"),
            (
                ["--output-format", "hdf5"],
                "HDF5 cannot be written to standard output: it needs a file, or another --output-format"
            ),
            (
                ["--output-format", "npy"],
                "a .npy file begins with its number of rows, which is not known while they come from a stream; "
                    + "read the sentences from a file, write to a file, or use --output-format jsonl"
            ),
        ])
    func standardOutput(_ options: [String], _ message: String) throws {
        try embed(["--output", "-"] + options, input: "a\n") { outcome, _ in
            #expect(outcome.errors == "Error: \(message)\n")
            #expect(outcome.output.isEmpty)
        }
    }

    @Test(
        "The output's ending decides its format: an unknown one, and one of another format, are refused before the work"
    )
    func endings() throws {
        for (options, message) in [
            (
                ["--output", "x.parquet"],
                "x.parquet: expected a file that ends in .h5, .npy, .jsonl, .csv, found .parquet;"
            ),
            (["--output", "x.npz"], "x.npz: expected a file that ends in"),
            (
                ["--output", "x.npy", "--output-format", "csv"],
                "x.npy: expected a file of the format csv, found the ending of npy"
            ),
        ] {
            try embed(["--input", "in.txt"] + options) { outcome, folder in
                #expect(outcome.status == 1 && outcome.errors.contains(message), "\(outcome.errors)")
                #expect(!FileManager.default.fileExists(atPath: "\(folder)/\(options[1])"))
            }
        }
        try embed(["--input", "in.txt", "--output", "x.dat", "--output-format", "npy"]) { outcome, _ in
            #expect(outcome.status == 0, "\(outcome.errors)")
        }
    }

    @Test("The input's ending decides too: an unknown one is refused with the list, unless the format is said")
    func inputEndings() throws {
        for name in ["in.parquet", "in.json", "in.xlsx", "in.csv.gz", "in.npy", "in.TSVX"] {
            try embed(["--input", name, "--output", "x.h5"], files: [name: "a\nb\n"]) { outcome, folder in
                let ending = name.split(separator: ".").last ?? ""
                let message =
                    "\(name): expected a file that ends in .txt, .text, .jsonl, .ndjson, .csv, .tsv, .tab or in nothing, "
                    + "found .\(ending.lowercased()); say what is in it with --input-format"
                #expect(outcome.status != 0 && outcome.errors.contains(message), "\(outcome.errors)")
                #expect(!FileManager.default.fileExists(atPath: folder + "/x.h5"))
            }
        }
        for (name, options) in [("in.en", ["--input-format", "text"]), ("in.TXT", []), ("lines", [])] {
            try embed(["--input", name, "--output", "x.h5"] + options, files: [name: "a\nb\n"]) { outcome, _ in
                #expect(outcome.status == 0 && outcome.errors.contains("2 × 24"), "\(outcome.errors)")
            }
        }
    }

    @Test("An output replaces what it wrote itself, and nothing of the same format from elsewhere")
    func replaced() throws {
        let files = Self.files.merging([
            "mine.csv": "id,d0\n1,2\n", "mine.jsonl": "{\"embedding\": [1]}\n",
        ]) { $1 }
        let command = ["embed", "--model", "./tiny.gguf", "--pooling", "mean", "--input", "in.txt", "--output"]
        try embed(["--input", "in.txt", "--output", "x.h5"], files: files) { outcome, folder in
            #expect(outcome.status == 0, "\(outcome.errors)")
            let foreign = folder + "/mine.h5"
            try HDF5.writeMatrix(to: foreign, shape: (rows: 1, columns: 1)) { try $0.append([1]) }
            // As NumPy writes a matrix of the embeddings' width: others' padding ends at 64 bytes.
            let matrix = "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 24), }".padding(
                toLength: 117, withPad: " ", startingAt: 0)
            let npy = [0x93] + Array("NUMPY\u{1}\u{0}v\u{0}\(matrix)\n".utf8) + [UInt8](repeating: 0, count: 96)
            try Data(npy).write(to: URL(fileURLWithPath: folder + "/mine.npy"))
            for name in ["mine.csv", "mine.jsonl", "mine.h5", "mine.npy"] {
                let before = try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name)"))
                let refused = try Program.run(command + [name], in: folder)
                #expect(refused.status == 1 && refused.errors.contains("\(name): cannot write here: expected"))
                #expect(try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name)")) == before)
            }
            for name in ["x.h5", "x.npy", "x.csv", "x.jsonl"] {
                for _ in 0..<2 {
                    let again = try Program.run(command + [name], in: folder)
                    #expect(again.status == 0, "\(again.errors)")
                }
            }
        }
    }

    @Test("A file of tabs has a header and columns, quotes are literal; columns are kept beside the sentences")
    func kept() throws {
        let files = [
            "in.tsv": "id\tsentence\tlabel\n1\ta \"dog\", big\tyes, no\n2\té\t=1\n",
            "in.jsonl":
                "{\"id\": 1, \"text\": \"a\", \"tag\": \"x,\\u00e9\"}\n{\"id\": 2.50, \"text\": \"b\", \"tag\": null}\n",
        ]
        try embed(["--input", "in.tsv", "--keep", "id", "label", "--output", "x.csv"], files: files) {
            outcome, folder in
            #expect(outcome.status == 0, "\(outcome.errors)")
            let lines = try String(contentsOfFile: folder + "/x.csv", encoding: .utf8).split(separator: "\n")
            #expect(lines[0].hasPrefix("id,label,text,d0,"))
            #expect(lines[1].hasPrefix("1,\"yes, no\",\"a \"\"dog\"\", big\",") && lines[2].hasPrefix("2,'=1,é,"))
        }
        try embed(["--input", "in.jsonl", "--keep", "tag", "id", "--output", "x.jsonl"], files: files) {
            outcome, folder in
            #expect(outcome.status == 0, "\(outcome.errors)")
            let lines = try String(contentsOfFile: folder + "/x.jsonl", encoding: .utf8).split(separator: "\n")
            #expect(lines[0].hasPrefix("{\"tag\": \"x,\\u00e9\", \"id\": 1, \"text\": \"a\", \"embedding\": ["))
            #expect(lines[1].hasPrefix("{\"tag\": null, \"id\": 2.50, \"text\": \"b\""))
        }
        for (options, message) in [
            (
                ["--keep", "lable", "--output", "x.csv"],
                "unknown column \"lable\"; expected one of: id, sentence, label; did you mean"
            ),
            (["--keep", "id", "--output", "x.npy"], "--keep needs the output format jsonl or csv, found npy"),
            (["--keep", "id", "id", "--output", "x.csv"], "--keep id: the output would have two columns of that name"),
        ] {
            try embed(["--input", "in.tsv"] + options, files: files) { outcome, _ in
                #expect(outcome.status == 1 && outcome.errors.contains(message), "\(outcome.errors)")
            }
        }
    }
}
