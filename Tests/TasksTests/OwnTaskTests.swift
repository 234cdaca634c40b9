import Diagnostics
import Files
import Foundation
import Numerics
import Tasks
import TestSupport
import Testing

@Suite("A user's own file is a task")
struct OwnTaskTests {
    /// Loads a task of one file beside an empty data folder.
    private func load(
        _ name: String, _ text: String, _ columns: [String: ColumnReference], kind: String = "sts",
        change: (inout TaskDescription) -> Void = { _ in }
    ) throws -> LoadedTask {
        try Fixtures.withTemporaryFolder { folder in
            try AtomicFile.createFolder(folder + "/downstream")
            try AtomicFile.replace(folder + "/" + name, with: text)
            var task = TaskDescription(name: "mine", kind: kind, files: [TaskFile(folder + "/" + name)])
            (task.columns, task.isUsersOwn) = (columns, true)
            change(&task)
            return try DataFolder(folder).load(task)
        }
    }

    @Test("No data folder has a user's own file, and no task of the catalogue")
    func noFolder() throws {
        try Fixtures.withTemporaryFolder { folder in
            try AtomicFile.replace(folder + "/p.csv", with: "a,b,s\nx,y,1\n")
            var own = TaskDescription(name: "mine", kind: "sts", files: [TaskFile(folder + "/p.csv")])
            (own.columns, own.isUsersOwn) = (byName, true)
            #expect(DataFolder.none.has(own))
            #expect(try DataFolder.none.load(own).pairs.count == 1)
        }
        let known = try Catalogue.named("STS-B")
        #expect(!DataFolder.none.has(known))
        let error = #expect(throws: Diagnostic.self) { try DataFolder.none.load(known) }
        #expect(error?.message.hasPrefix("STS-B is not in this data folder") == true && error?.location == nil)
    }

    private let byName: [String: ColumnReference] = [
        "first": .name("a"), "second": .name("b"), "score": .name("s"),
    ]
    private let byNumber: [String: ColumnReference] = ["first": .number(1), "second": .number(2), "score": .number(3)]

    @Test("CSV, TSV and JSON lines, by header or by number, give the same pairs")
    func formats() throws {
        let pairs = [
            SentencePair(first: "Ein Hund, laut", second: "A \"dog\"", gold: 0.5),
            SentencePair(first: "x", second: "e\u{301}", gold: -3),
        ]
        let cases: [(String, String, [String: ColumnReference])] = [
            ("p.csv", "s,b,a\n0.5,\"A \"\"dog\"\"\",\"Ein Hund, laut\"\n-3,e\u{301},x\n", byName),
            ("p.CSV", "\u{FEFF}\"Ein Hund, laut\",\"A \"\"dog\"\"\",0.5\r\nx,e\u{301},-3\r\n", byNumber),
            ("p.tsv", "a\tb\ts\textra\nEin Hund, laut\tA \"dog\"\t0.5\t\nx\te\u{301}\t-3\t", byName),
            ("p.tsv", "Ein Hund, laut\tA \"dog\"\t5e-1\nx\te\u{301}\t-3.0\n", byNumber),
            (
                "p.jsonl",
                #"{"a": "Ein Hund, laut", "b": "A \"dog\"", "s": 0.5}"# + "\n"
                    + #"{"s": "-3", "b": "e\u0301", "a": "x", "more": null}"# + "\n", byName
            ),
        ]
        for (name, text, columns) in cases {
            let task = try load(name, text, columns)
            #expect(task.pairs == pairs, "\(name)")
            #expect(task.textVariant == .own && task.files.map(\.sha256) == [SHA256Digest(of: text).description])
        }
    }

    @Test("Empty lines behind the last row are no rows; before it they are an error with their line")
    func emptyLines() throws {
        let row = #"{"a": "x", "b": "y", "s": 1}"#
        let cases: [(String, [String], [String: ColumnReference])] = [
            ("p.csv", ["a,b,s", "x,y,1"], byName), ("p.csv", ["x,y,1"], byNumber), ("p.tsv", ["x\ty\t1"], byNumber),
            ("p.jsonl", [row], byName),
        ]
        for (name, lines, columns) in cases {
            for end in ["", "\n", "\n\n", "\r\n\r\n\r\n"] {
                let text = lines.joined(separator: "\n") + end
                #expect(try load(name, text, columns).pairs.count == 1, "\(name) \(text.debugDescription)")
            }
            let error = try #require(throws: Diagnostic.self) {
                try load(name, lines.joined(separator: "\n") + "\n\n" + (lines.last ?? ""), columns)
            }
            #expect(
                error.message.hasPrefix("found an empty line") && error.location?.line == lines.count + 1, "\(error)")
        }
    }

    @Test("A line that is a whole text may be empty, as four of CR's are")
    func emptyTexts() throws {
        let task = try load("p.tsv", "good\n\nbad\n\n", ["text": .number(1)], kind: "transfer") {
            $0.files[0].label = "x"
        }
        #expect(task.content.texts.map(\.text) == ["good", "", "bad", ""])
    }

    private let labelled: [String: ColumnReference] = ["text": .name("t"), "label": .name("c")]

    @Test("What is no text is not taken for one, and an empty cell for no class")
    func noTexts() throws {
        for value in ["[\"x\", \"z\"]", "{\"x\": 1}", "true", "null"] {
            let error = try #require(throws: Diagnostic.self, "\(value)") {
                try load(
                    "p.jsonl", #"{"a": "x", "b": "y", "s": 1}"# + "\n{\"a\": \(value), \"b\": \"y\", \"s\": 1}\n",
                    byName)
            }
            let expected = value == "null" ? "expected a value of the key" : "expected a string or a number"
            #expect(error.message.contains(expected) && error.location?.line == 2, "\(error)")
        }
        let flags = (0..<4).map { "{\"t\": \($0), \"c\": \($0 % 2 == 0)}" }.joined(separator: "\n")
        #expect(
            try load("p.jsonl", flags, labelled, kind: "transfer").content.texts.map(\.text) == ["0", "1", "2", "3"])
        let error = try #require(throws: Diagnostic.self) {
            try load("p.tsv", "t\tc\na\tx\nb\t\nc\ty\n", labelled, kind: "transfer")
        }
        #expect(error.message == "expected a class, found nothing" && error.location?.line == 3, "\(error)")
    }

    @Test("Classes and subsets that differ in white space alone are refused, not counted apart")
    func nameTwins() throws {
        let classes = try #require(throws: Diagnostic.self) {
            try load("p.csv", "t,c\na,pos\nb,neg\nc, pos\n", labelled, kind: "transfer")
        }
        #expect(classes.message.contains("the classes \"pos\" and \" pos\" differ"), "\(classes)")
        #expect(classes.location?.line == 4)
        let subsets = try #require(throws: Diagnostic.self) {
            try load(
                "p.csv", "a,b,s,u\nx,y,1,p\nz,v,2,p \nq,w,3,p\n",
                byName.merging(["subset": .name("u")]) { $1 })
        }
        #expect(subsets.message.contains("the subsets \"p\" and \"p \" differ"), "\(subsets)")
        #expect(try load("p.csv", "t,c\na, pos\nb, neg\n", labelled, kind: "transfer").content.count == 2)
    }

    @Test("F1 is measured where it is asked for, of two classes; of others it is refused", arguments: [true, false])
    func f1(saysClasses: Bool) async throws {
        func task(_ classes: [String]) throws -> LoadedTask {
            let lines = (0..<60).map { "t\($0)\t\(classes[$0 % classes.count])" }
            return try load("p.tsv", "t\tc\n" + lines.joined(separator: "\n"), labelled, kind: "transfer") {
                $0.metric = "f1"
                if saysClasses { $0.classes = classes }
            }
        }
        let two = try task(["a", "b"])
        let rows = Matrix(rows: 60, columns: 2)
        for index in 0..<60 { rows.assign(row: index, from: [Float(index % 2), Float(index % 7)]) }
        let outcome = try await two.content.measure(
            TaskEmbeddings(rows: FrozenMatrix(freezing: rows), places: Array(0..<60), task: "mine", workers: 2))
        #expect(outcome.measures.map(\.metric) == ["accuracy", "f1"])
        #expect(outcome.measures.map(\.value) == [1, 1])
        let error = try #require(throws: Diagnostic.self) { try task(["a", "b", "c"]) }
        #expect(error.message == "mine: F1 is of the second of two classes, found 3: a, b, c", "\(error)")
    }

    @Test("F1 in folds is of all their predictions, though a fold has no positive")
    func rareF1() async throws {
        let lines = (0..<120).map { "t\($0)\t\($0 % 10 == 0 ? "b" : "a")" }
        let task = try load("p.tsv", "t\tc\n" + lines.joined(separator: "\n"), labelled, kind: "transfer") {
            $0.metric = "f1"
        }
        let rows = Matrix(rows: 120, columns: 2)
        for index in 0..<120 { rows.assign(row: index, from: [index % 10 == 0 ? 4 : -4, Float(index % 7) / 10]) }
        let outcome = try await task.content.measure(
            TaskEmbeddings(rows: FrozenMatrix(freezing: rows), places: Array(0..<120), task: "mine", workers: 2))
        #expect(outcome.measures.map(\.value) == [1, 1])
        let again = TransferTask.resample("f1", of: [outcome.items], bootstrap: .standard, stream: "mine")[0]
        #expect(again.observed == 1 && Set(again.resampled).isSubset(of: [0, 1]))
    }

    @Test("Tested examples of a class that isn't learnt are counted in a warning")
    func unlearntClasses() throws {
        let text = ["training", "test"].map { part in
            (0..<20).map { "t\($0)\t\($0 % 4 == 3 && part == "test" ? "rare" : $0 % 2 == 0 ? "a" : "b")" }
        }
        let task = try Fixtures.withTemporaryFolder { folder in
            try AtomicFile.createFolder(folder + "/downstream")
            var task = TaskDescription(name: "mine", kind: "transfer")
            (task.columns, task.isUsersOwn) = (labelled, true)
            for (part, lines) in zip(["training", "test"], text) {
                let path = "\(folder)/\(part).tsv"
                try AtomicFile.replace(path, with: "t\tc\n" + lines.joined(separator: "\n"))
                var file = TaskFile(path)
                file.part = part
                task.files.append(file)
            }
            return try DataFolder(folder).load(task)
        }
        #expect(
            task.warnings == [
                "mine: 5 of 20 tested examples have a class that no example to learn from has, and count as wrong: rare"
            ])
    }

    @Test("Five lines are measured, subsets of a column are slices with their means")
    func small() throws {
        var columns = byNumber
        columns["subset"] = .number(4)
        let text = "a,b,1,x\nc,d,2,y\ne,f,3,x\ng,h,9,y\ni,j,7,x\n"
        let task = try load("p.csv", text, columns)
        let sts = try #require(task.content as? STSTask)
        let measures = sts.measures(cosines: [0.1, 0.2, 0.3, 0.9, 0.7], task: "mine")
        #expect(measures.filter { $0.metric == "spearman" }.map(\.slice) == ["x", "y", "all", "mean", "wmean"])
        #expect(measures.filter { $0.metric == "spearman" }.allSatisfy { abs($0.value - 1) < 1e-12 })
    }

    @Test("What is wrong in a file is an error with its line")
    func wrongFiles() throws {
        let cases: [(String, String, [String: ColumnReference], String, Int?)] = [
            ("p.csv", "a,b,score\nx,y,1\n", byName, "expected the header to have a column \"s\"", 1),
            ("p.csv", "a,b,s,s\nx,y,1,2\n", byName, "expected one column \"s\" in the header, found 2", 1),
            ("p.csv", "", byName, "expected a header", nil),
            ("p.csv", "a,b,s\nx,y,1,5\n", byName, "expected 3 comma-separated columns, as the header has, found 4", 2),
            ("p.tsv", "a\tb\ts\nx\ty\t1\nx\tz\ty\t1\n", byName, "as the header has, found 4", 3),
            ("p.csv", "", byNumber, "expected pairs of mine, found none", nil),
            ("p.csv", "a,b,s\n", byName, "expected pairs of mine, found none", nil),
            ("p.csv", "a,b,s\nx,y,high\n", byName, "expected a number as score, found \"high\"", 2),
            ("p.tsv", "x\ty\t\n", byNumber, "expected a number as score, found \"\"", 1),
            ("p.tsv", "x\ty\t1\nx y 1\n", byNumber, "expected 3 tab-separated columns", 2),
            ("p.jsonl", "{\"a\": \"x\", \"b\": \"y\"}\n", byName, "\"s\"", 1),
            ("p.jsonl", "[1]\n", byName, "expected an object", 1),
            ("p.jsonl", "{\"a\": \"x\", \"b\": \"y\", \"s\": 1}\n", byNumber, "expected a key's name", nil),
            ("p.xlsx", "x", byName, "expected a file that ends in .csv, .tsv or .jsonl", nil),
        ]
        for (name, text, columns, message, line) in cases {
            let error = try #require(throws: Diagnostic.self, "\(text)") { try load(name, text, columns) }
            #expect(error.message.contains(message), "\(error)")
            #expect(error.location?.file.hasSuffix(name) == true && error.location?.line == line, "\(error)")
        }
        let error = try #require(throws: Diagnostic.self) {
            try load("p.csv", "x,y,7\n", byNumber) { $0.range = 0...5 }
        }
        #expect(error.message == "expected a score from 0 to 5, found \"7\"")
    }

    @Test("A transfer task names its classes, or takes those of the file, sorted")
    func transfer() throws {
        let text = "sentence\tclass\ngood\tpos\nbad\tneg\nfine\tpos\n"
        let columns: [String: ColumnReference] = ["text": .name("sentence"), "label": .name("class")]
        let task = try #require(load("t.tsv", text, columns, kind: "transfer").content as? TransferTask)
        #expect(task.classes == ["neg", "pos"] && task.examples.map(\.label) == [1, 0, 1])
        let named = try load("t.tsv", text, columns, kind: "transfer") { $0.classes = ["pos", "neg"] }
        #expect((named.content as? TransferTask)?.examples.map(\.label) == [0, 1, 0])
        let error = try #require(throws: Diagnostic.self) {
            try load("t.tsv", text, columns, kind: "transfer") { $0.classes = ["pos", "nega"] }
        }
        #expect(error.location?.line == 3 && error.message.contains("nega"))
    }

    @Test("A description that no file can fit is refused before any is read")
    func wrongDescriptions() throws {
        let text = "a,b,1\n"
        let cases: [(String, (inout TaskDescription) -> Void)] = [
            ("unknown kind of task \"stss\"", { $0.kind = "stss" }),
            ("lacks the column \"second\"", { $0.columns["second"] = nil }),
            ("one of the two", { $0.columns["score"] = nil }),
            ("no `label` and no `part`", { $0.files[0].part = "test" }),
            (
                "says more than once what a pair's subset is",
                {
                    $0.columns["subset"] = .number(1)
                    $0.files[0].subset = "x"
                }
            ),
        ]
        for (message, change) in cases {
            let error = try #require(throws: Diagnostic.self) { try load("p.csv", text, byNumber, change: change) }
            #expect(error.message.contains(message), "\(error)")
        }
    }
}
