import Specification
import Tasks
import Diagnostics
import Embedding
import Foundation
import Objectives
import TestSupport
import Testing
import Training

@Suite("Reading training data")
struct TrainingDataTests {
    @Test("SimCSE's triplets: quotes, doubled quotes, commas and line ends in fields, CRLF, a byte order mark")
    func triplets() throws {
        let text = "\u{FEFF}sent0,sent1,hard_neg\r\n\"Two, \"\"men\"\"\",one,two\r\n\"a\nb\", c ,d\r\nx,,\"\""
        let data = try read("nli.csv", text)
        #expect(data.kind == .triplet)
        #expect(
            data.examples == [
                .triplet(anchor: "Two, \"men\"", positive: "one", negative: "two"),
                .triplet(anchor: "a\nb", positive: " c ", negative: "d"),
                .triplet(anchor: "x", positive: "", negative: ""),
            ])
        #expect(data.files.map(\.sha256.count) == [64])
    }

    @Test("Columns are found by name, in any order, among others")
    func columns() throws {
        let scored = try read("sts.csv", "split,score,sentence2,sentence1\ntrain,2.5,b,a\n")
        #expect(scored.examples == [.scoredPair(first: "a", second: "b", score: 2.5)])
        let pairs = try read("pairs.csv", "sent1,sent0\nb,a\n")
        #expect(pairs.examples == [.pair(anchor: "a", positive: "b")])
    }

    @Test("JSON lines of angle_emb and AllNLI: scored pairs, pairs, triplets, arrays")
    func jsonLines() throws {
        let scored = try read(
            "a.jsonl", "{\"text1\": \"A \\\"x\\\" \\u00e9\", \"text2\": \"b\", \"label\": 1, \"id\": [7]}\n")
        #expect(scored.examples == [.scoredPair(first: "A \"x\" é", second: "b", score: 1)])
        for anchor in ["text", "query", "anchor"] {
            let triplets = try read("c.jsonl", "{\"\(anchor)\":\"a\",\"positive\":\"b\",\"negative\":\"c\"}")
            #expect(triplets.examples.map(\.sentences) == [["a", "b", "c"]] && triplets.kind == .triplet)
            let answers: TextRole = anchor == "query" ? .document : .sentence
            #expect(triplets.examples[0].textRoles == [anchor == "query" ? .query : .sentence, answers, answers])
            let pairs = try read("b.jsonl", "{\"\(anchor)\":\"a\",\"positive\":\"b\"}\n")
            #expect(pairs.examples.map(\.sentences) == [["a", "b"]] && pairs.kind == .pair)
            #expect(pairs.examples[0].textRoles.last == answers)
        }
        let arrays = try read("nli.jsonl", "[\"a\",\"b\",\"c\"]\n[\"d\",\"e\",\"f\"]\n")
        #expect(arrays.kind == .triplet)
        #expect(arrays.examples.count == 2)
    }

    @Test(
        "A bad line is an error with file, line, what was expected and what was found",
        arguments: [
            ("x.csv", "", nil, "found an empty file"),
            ("x.csv", "a,b\n1,2\n", 1, "found a,b"),
            ("x.csv", "anchor,query,positive\na,b,c\n", 1, "found two: anchor,positive and query,positive"),
            (
                "x.jsonl", "{\"text1\":\"a\",\"text2\":\"b\",\"label\":1,\"sent0\":\"c\",\"sent1\":\"d\"}", 1,
                "found two: "
            ),
            ("x.csv", "sent0,sent1\n", nil, "expected examples, found none"),
            ("x.csv", "sent0,sent1\na,b\n\"c\nd\",e,f\n", 3, "expected 2 columns (sent0,sent1), found 3"),
            ("x.csv", "sent0,sent1\na,b\n\nc,d\n", 3, "found 1"),
            ("x.csv", "sent0,sent1\na \"b\",c\n", 2, "quote in it to be quoted"),
            ("x.csv", "sent0,sent1\n\"a\" b,c\n", 2, "after a closing quote, found \" b,c\""),
            ("x.csv", "sent0,sent1\na,b\n\"c,d\ne,f\n", 3, "expected a closing quote"),
            ("x.csv", "sentence1,sentence2,score\na,b,high\n", 2, "found \"high\""),
            ("x.csv", "sentence1,sentence2,score\na,b,nan\n", 2, "found \"nan\""),
            ("x.csv", "sentence1,sentence2,score\na,b,1e200\n", 2, "score: expected -1e+150 to 1e+150, found 1e+200"),
            ("x.csv", "text1,text2,label,label\na,b,1,2\n", 1, "expected one column \"label\" in the header, found 2"),
            ("x.jsonl", "{\"text1\":\"a\",\"text2\":\"b\",\"label\":-1e300}", 1, "expected -1e+150 to 1e+150"),
            ("x.jsonl", "", nil, "expected examples, found none"),
            ("x.jsonl", "{\"text\":\"a\",\"positive\":\"b\"}\n{\"text\":\n", 2, "expected a JSON object"),
            ("x.jsonl", "{\"text\":\"a\",\"positive\":\"b\"}\n\n", 2, "expected a JSON object, found \"\""),
            ("x.jsonl", "{\"text\":\"a\",\"positive\":\"b\"}\n[\"a\",\"b\",\"c\"]", 2, "as on line 1"),
            ("x.jsonl", "{\"text\":\"a\",\"positive\":[\"b\"]}", 1, "\"positive\" to be a sentence"),
            ("x.jsonl", "{\"text1\":\"a\",\"text2\":\"b\",\"label\":\"1\"}", 1, "\"label\" to be a number"),
            ("x.jsonl", "{\"text1\":\"a\",\"text2\":\"b\",\"label\":true}", 1, "\"label\" to be a number"),
            ("x.jsonl", "{\"sentence\":\"a\"}", 1, "found sentence"),
            ("x.jsonl", "[\"a\"]", 1, "array of 2 or 3 sentences"),
            ("x.txt", "a", nil, "ends in .csv or .jsonl"),
        ] as [(String, String, Int?, String)])
    func badLines(name: String, text: String, line: Int?, words: String) throws {
        let error = try #require(throws: Diagnostic.self) { try read(name, text) }
        #expect(error.message.contains(words), "\(error)")
        #expect(error.location?.line == line)
        #expect(error.location?.file.hasSuffix(name) == true)
    }

    @Test("Bytes that are not UTF-8 are an error with their line")
    func encoding() throws {
        try Fixtures.withTemporaryFolder { folder in
            let path = folder + "/x.csv"
            try Data(Array("sent0,sent1\na,b\nc,".utf8) + [0xFF, 0x0A]).write(to: URL(fileURLWithPath: path))
            let error = try #require(throws: Diagnostic.self) { try TrainingData(path: path) }
            #expect(error.location?.line == 3)
        }
    }

    @Test("Targets are of one kind; a batch of several, or none, is an error")
    func targets() throws {
        let pair = TrainingExample.pair(anchor: "a", positive: "b")
        let scored = TrainingExample.scoredPair(first: "a", second: "b", score: 3)
        #expect(try ExampleBatch([pair, pair]) == .pairs)
        #expect(try ExampleBatch([scored, scored]) == .scores([3, 3]))
        #expect(scored.sentences == ["a", "b"])
        let error = try #require(throws: Diagnostic.self) { try ExampleBatch([pair, scored]) }
        #expect(error.message.contains("example 2"))
        #expect(throws: Diagnostic.self) { try ExampleBatch([]) }
    }

    @Test("The real NLI triplets and STS-B's training pairs are read whole", .enabled(if: realData != nil))
    func realFiles() throws {
        let folder = try #require(Self.realData)
        let task = try DataFolder(folder).load(
            ConfigFolder(path: Fixtures.packageRoot + "/configs").tasks().named("STS-B-train"))
        let pairs = try TrainingData(task)
        #expect(pairs.kind == .scoredPair)
        #expect(pairs.examples.count == 5749)
        let nli = folder + "/../nli/nli_triplets_trainsplits.csv"
        guard FileManager.default.fileExists(atPath: nli) else { return }
        let triplets = try TrainingData(path: nli)
        #expect(triplets.kind == .triplet)
        #expect(triplets.examples.count == 25_803)
    }

    private static let realData = Fixtures.dataFolder("raw")

    private func read(_ name: String, _ text: String) throws -> TrainingData {
        try Fixtures.withTemporaryFolder { folder in
            try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
            return try TrainingData(path: "\(folder)/\(name)")
        }
    }
}
