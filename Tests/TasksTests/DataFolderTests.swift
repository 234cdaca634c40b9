import Tasks
import Diagnostics
import Foundation
import TestSupport
import Testing

@Suite("Reading the benchmarks' files")
struct DataFolderTests {
    @Test("SentEval's two columns and gold lines; rows without a score are skipped and counted")
    func semEval() throws {
        try withSTS13([
            "FNWN": ("one\ttwo\n\"quoted\tthree\nfour\tfive\n", "1.5\n\n5\n"),
            "headlines": ("a\tb\tleft\tright\r\nc \t d\r\n", "0\r\n3.25\r\n"),
            "OnWN": ("A\u{2028}B\tC\u{85}D\u{B}E\n", "2\n"),
        ]) { folder in
            let loaded = try folder.load(Catalogue.named("STS13"))
            #expect(loaded.skipped == 1)
            #expect(
                loaded.pairs == [
                    SentencePair(first: "one", second: "two", gold: 1.5, subset: "FNWN"),
                    SentencePair(first: "four", second: "five", gold: 5, subset: "FNWN"),
                    SentencePair(first: "a", second: "b", gold: 0, subset: "headlines"),
                    SentencePair(first: "c ", second: " d", gold: 3.25, subset: "headlines"),
                    SentencePair(first: "A\u{2028}B", second: "C\u{85}D\u{B}E", gold: 2, subset: "OnWN"),
                ])
            #expect((loaded.content as? STSTask)?.subsets == ["FNWN", "headlines", "OnWN"])
            #expect(loaded.textVariant == .unknown)
            #expect(loaded.files.map(\.sha256.count) == [64, 64, 64, 64, 64, 64])
        }
    }

    @Test("A count that a task says is held against its files, where these are its own")
    func count() throws {
        let rows = "main\tMSRvid\t2012test\t1\t2.5\tA\tB\nmain\tMSRvid\t2012test\t2\t5\tC\tD\n"
        try withFile("STS/STSBenchmark/sts-dev.csv", rows) { folder in
            var task = try Catalogue.named("STS-B-dev")
            #expect(task.count != 2)
            // Unknown content in a known task's place is named after its file, and has the count it has.
            #expect(try folder.load(task).pairs.count == 2)
            for index in task.files.indices { task.files[index].digests = [:] }
            let error = try #require(throws: Diagnostic.self) { try folder.load(task) }
            #expect(error.message == "STS-B-dev says count: 1500, its files have 2 pairs", "\(error)")
            task.count = 2
            #expect(try folder.load(task).pairs.count == 2)
        }
    }

    @Test("The STS Benchmark's rows keep year and source; licence columns are ignored, quotes are literal")
    func stsBenchmark() throws {
        let rows = """
            main-captions\tMSRvid\t2012test\t0024\t2.500\tA "girl" is here.\t"A woman" too.
            main-news\theadlines\t2016\t7\t5\tx\ty\tlicence 1\tlicence 2

            """
        try withFile("STS/STSBenchmark/sts-dev.csv", rows) { folder in
            let loaded = try folder.load(Catalogue.named("STS-B-dev"))
            #expect(
                loaded.pairs == [
                    SentencePair(
                        first: "A \"girl\" is here.", second: "\"A woman\" too.", gold: 2.5, subset: "2012",
                        source: "MSRvid"),
                    SentencePair(first: "x", second: "y", gold: 5, subset: "2016", source: "headlines"),
                ])
        }
    }

    @Test("SICK with a header, byte order mark and CRLF, the last line without an end")
    func sick() throws {
        let text = "\u{FEFF}\(sickHeader)\r\n6\tA boy\tA kid\t3.3\tNEUTRAL\r\n7\tx\ty\t1\tENTAILMENT"
        try withFile("SICK/SICK_trial.txt", text) { folder in
            let loaded = try folder.load(Catalogue.named("SICK-R-dev"))
            #expect(loaded.pairs.map(\.second) == ["A kid", "y"])
            #expect(loaded.pairs.map(\.gold) == [3.3, 1])
            #expect((loaded.content as? STSTask)?.subsets.isEmpty == true)
        }
    }

    @Test("A task that is not here is told from one that is here in part")
    func absence() throws {
        try withSTS13(["FNWN": ("a\tb\n", "1\n"), "headlines": ("a\tb\n", nil)]) { folder in
            #expect(try folder.has(Catalogue.named("STS13")))
            #expect(try !folder.has(Catalogue.named("SICK-R")))
            try expectDiagnostic("no such file, though other files of STS13 are here", "STS.gs.headlines.txt", nil) {
                try folder.load(Catalogue.named("STS13"))
            }
            let missing = try #require(throws: Diagnostic.self) { try folder.load(Catalogue.named("SICK-R")) }
            #expect(
                missing.message == "SICK-R is not in this data folder: expected downstream/SICK/SICK_test_annotated.txt"
            )
            #expect(missing.suggestion?.contains("BELLM_DATA") == true)
            let benchmark = try #require(throws: Diagnostic.self) { try folder.load(Catalogue.named("STS-B")) }
            #expect(benchmark.suggestion?.contains("make setup") == true)
        }
    }

    @Test("A task's file may lie beside downstream, or beside the folder of a text; below downstream it goes first")
    func besideDownstream() throws {
        let row = "Sentence1,Sentence2,Label\n"
        func write(_ text: String, at path: String) throws {
            let url = URL(fileURLWithPath: path)
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: url)
        }
        try Fixtures.withTemporaryFolder { path in
            try FileManager.default.createDirectory(
                atPath: path + "/raw/downstream", withIntermediateDirectories: true)
            let task = try Catalogue.named("MahaSTS")
            let folder = try DataFolder(path, text: .raw)
            #expect(!folder.has(task))
            let missing = try #require(throws: Diagnostic.self) { try folder.load(task) }
            #expect(missing.suggestion?.contains("l3cube-pune/MarathiNLP") == true)
            let file = "multilingual/MahaSTS/test.csv"
            for (place, gold) in [("", 1.0), ("raw/", 2), ("raw/downstream/", 3)] {
                try write(row + "a,b,\(gold)\n", at: "\(path)/\(place)\(file)")
                let loaded = try DataFolder(path + "/raw").load(task)
                #expect(loaded.pairs.map(\.gold) == [gold])
                #expect(loaded.files.map(\.path) == [place.hasSuffix("downstream/") ? "downstream/" + file : file])
            }
        }
    }

    @Test("An empty file of a task is refused with its name and the task's")
    func empty() throws {
        try withSTS13(["FNWN": ("a\tb\n", "1\n"), "headlines": ("", ""), "OnWN": ("a\tb\n", "2\n")]) { folder in
            try expectDiagnostic("expected pairs of STS13, found none", "STS.input.headlines.txt", nil) {
                try folder.load(Catalogue.named("STS13"))
            }
        }
        try withFile("STS/STSBenchmark/sts-test.csv", "") { folder in
            try expectDiagnostic("expected pairs of STS-B, found none", "sts-test.csv", nil) {
                try folder.load(Catalogue.named("STS-B"))
            }
        }
    }

    @Test("A folder in a file's place is an error, not an empty file")
    func folderForFile() throws {
        try Fixtures.withTemporaryFolder { path in
            try FileManager.default.createDirectory(
                atPath: path + "/downstream/SICK/SICK_trial.txt", withIntermediateDirectories: true)
            try expectDiagnostic("expected a file, found a folder", "SICK_trial.txt", nil) {
                try DataFolder(path).load(Catalogue.named("SICK-R-dev"))
            }
        }
    }

    @Test("No folder, a file, and a folder without downstream are each one clear error")
    func noDataFolder() throws {
        try Fixtures.withTemporaryFolder { path in
            try expectDiagnostic("expected a data folder, found none", "nowhere", nil) {
                try DataFolder(path + "/nowhere")
            }
            try expectDiagnostic("found no folder \"downstream\"", path, nil) { try DataFolder(path) }
            try Data().write(to: URL(fileURLWithPath: path + "/file"))
            try expectDiagnostic("expected a data folder", "file", nil) { try DataFolder(path + "/file") }
        }
    }

    @Test("Unequal numbers of lines name both files")
    func unequalLines() throws {
        try withSTS13(["FNWN": ("a\tb\nc\td\n", "1\n"), "headlines": ("", ""), "OnWN": ("", "")]) { folder in
            try expectDiagnostic("STS.input.FNWN.txt, found 1", "STS.gs.FNWN.txt", 2) {
                try folder.load(Catalogue.named("STS13"))
            }
        }
    }

    @Test(
        "A bad score is an error with its line",
        arguments: ["x", "nan", "inf", "0x2", "5.01", "-1", " 3", "3\t4", "1e999"])
    func badScore(text: String) throws {
        try withSTS13(["FNWN": ("a\tb\nc\td\n", "1\n\(text)\n"), "headlines": ("", ""), "OnWN": ("", "")]) { folder in
            try expectDiagnostic("expected a score from 0 to 5, found \"\(text)\"", "STS.gs.FNWN.txt", 2) {
                try folder.load(Catalogue.named("STS13"))
            }
        }
    }

    @Test("SICK's scores begin at 1, and STS-B's may not be empty")
    func scoreRanges() throws {
        try withFile("SICK/SICK_train.txt", "\(sickHeader)\n1\ta\tb\t0.5\tNEUTRAL\n") { folder in
            try expectDiagnostic("expected a score from 1 to 5, found \"0.5\"", "SICK_train.txt", 2) {
                try folder.load(Catalogue.named("SICK-R-train"))
            }
        }
        try withFile("STS/STSBenchmark/sts-test.csv", "g\tf\t2012\t1\t\ta\tb\n") { folder in
            try expectDiagnostic("expected a score from 0 to 5, found \"\"", "sts-test.csv", 1) {
                try folder.load(Catalogue.named("STS-B"))
            }
        }
    }

    @Test("A csv with six columns is an error with file and line: expected 7, found 6")
    func sixColumns() throws {
        let rows = "g\tf\t2012\t1\t3\ta\tb\ng\tf\t2012\t1\t3\ta b\n"
        try withFile("STS/STSBenchmark/sts-test.csv", rows) { folder in
            try expectDiagnostic("expected 7 tab-separated columns", "sts-test.csv", 2) {
                try folder.load(Catalogue.named("STS-B"))
            }
            try expectDiagnostic("found 6", "sts-test.csv", 2) { try folder.load(Catalogue.named("STS-B")) }
        }
    }

    @Test("A line with one sentence, a foreign header, a year that is none, bytes that are no UTF-8")
    func foreignRows() throws {
        try withSTS13(["FNWN": ("a\tb\na b\n", "1\n1\n"), "headlines": ("", ""), "OnWN": ("", "")]) { folder in
            try expectDiagnostic("(1 first, 2 second), found 1", "STS.input.FNWN.txt", 2) {
                try folder.load(Catalogue.named("STS13"))
            }
        }
        try withFile("SICK/SICK_train.txt", "pair_ID\tsentence_A\tsentence\tentailment\tscore\n") { folder in
            try expectDiagnostic("expected the header to have a column \"sentence_B\"", "SICK_train.txt", 1) {
                try folder.load(Catalogue.named("SICK-R-train"))
            }
        }
        try withFile("STS/STSBenchmark/sts-train.csv", "g\tf\tyear\t1\t3\ta\tb\n") { folder in
            try expectDiagnostic("expected a year such as 2012test or 2015, found \"year\"", "sts-train.csv", 1) {
                try folder.load(Catalogue.named("STS-B-train"))
            }
        }
        try withFile("STS/STSBenchmark/sts-train.csv", Data("g\tf\t2012\t1\t3\ta\t".utf8) + [0xFF, 0x0A]) { folder in
            try expectDiagnostic("expected UTF-8 text", "sts-train.csv", 1) {
                try folder.load(Catalogue.named("STS-B-train"))
            }
        }
    }

    private let sickHeader = "pair_ID\tsentence_A\tsentence_B\trelatedness_score\tentailment_judgment"

    private func withSTS13(_ subsets: [String: (input: String, gold: String?)], _ body: (DataFolder) throws -> Void)
        throws
    {
        var files: [String: Data] = [:]
        for (subset, texts) in subsets {
            files["STS/STS13-en-test/STS.input.\(subset).txt"] = Data(texts.input.utf8)
            files["STS/STS13-en-test/STS.gs.\(subset).txt"] = texts.gold.map { Data($0.utf8) }
        }
        try withFiles(files, body)
    }

    private func withFile(_ name: String, _ text: String, _ body: (DataFolder) throws -> Void) throws {
        try withFiles([name: Data(text.utf8)], body)
    }

    private func withFile(_ name: String, _ bytes: Data, _ body: (DataFolder) throws -> Void) throws {
        try withFiles([name: bytes], body)
    }

    private func withFiles(_ files: [String: Data], _ body: (DataFolder) throws -> Void) throws {
        try Fixtures.withTemporaryFolder { path in
            for (name, bytes) in files {
                let url = URL(fileURLWithPath: "\(path)/downstream/\(name)")
                try FileManager.default.createDirectory(
                    at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
                try bytes.write(to: url)
            }
            try body(DataFolder(path))
        }
    }

    private func expectDiagnostic(
        _ message: String, _ file: String, _ line: Int?, sourceLocation: Testing.SourceLocation = #_sourceLocation,
        _ body: () throws -> some Any
    ) throws {
        let diagnostic = try #require(throws: Diagnostic.self, sourceLocation: sourceLocation) { _ = try body() }
        #expect(diagnostic.message.contains(message), sourceLocation: sourceLocation)
        #expect(diagnostic.location?.file.hasSuffix(file) == true, sourceLocation: sourceLocation)
        #expect(diagnostic.location?.line == line, sourceLocation: sourceLocation)
    }
}
