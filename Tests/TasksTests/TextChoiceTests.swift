import Tasks
import Diagnostics
import Files
import TestSupport
import Testing

@Suite("A data folder may hold both texts")
struct TextChoiceTests {
    /// A folder of STS-B's test set with these files below it.
    static func with(_ places: [String], _ body: (String) throws -> Void) throws {
        try Fixtures.withTemporaryFolder { folder in
            for place in places {
                let row = "genre\tfile\t2015\t0001\t2.5\tA dog from \(place).\tTwo cats.\n"
                try AtomicFile.replace("\(folder)/\(place)/downstream/STS/STSBenchmark/sts-test.csv", with: row)
            }
            try body(folder)
        }
    }

    /// The file's first sentence, whatever its text is.
    static func first(_ folder: String, _ text: TextVariant?) throws -> String? {
        let chosen = try DataFolder(folder, text: text)
        return try DataFolder(#require(chosen.path)).load(Catalogue.named("STS-B")).pairs.first?.first
    }

    static func complaint(_ folder: String, _ text: TextVariant?) -> String {
        do {
            _ = try DataFolder(folder, text: text)
            return ""
        } catch {
            return "\(error)".replacing(folder, with: "DIR")
        }
    }

    @Test("The text's own folder is taken where it is there, else the folder itself")
    func choice() throws {
        try Self.with(["raw", "senteval", "."]) { folder in
            let found = try [TextVariant.raw, .senteval, nil].map { try Self.first(folder, $0) }
            #expect(found == ["A dog from raw.", "A dog from senteval.", "A dog from .."])
        }
        try Self.with(["."]) { folder in
            let found = try Self.first(folder, .raw)
            #expect(found == "A dog from ..")
        }
    }

    @Test("Without a text, or without the one wanted, the error says what is there")
    func noChoice() throws {
        try Self.with(["raw", "senteval"]) { folder in
            #expect(
                Self.complaint(folder, nil) == """
                    DIR: this data folder holds the text raw and senteval in folders of their own; choose with \
                    `text: raw` in the experiment or --set text=raw, `text: senteval` in the experiment or \
                    --set text=senteval
                    """)
        }
        try Self.with(["raw"]) { folder in
            #expect(
                Self.complaint(folder, .senteval)
                    == "DIR: expected the text senteval, found only raw in this data folder")
        }
    }

    @Test(
        "Official files of one text are not taken for the other", .enabled(if: Fixtures.dataFolder("senteval") != nil))
    func contradiction() throws {
        let folder = try #require(Fixtures.dataFolder("senteval"))
        let task = try Catalogue.named("STS12")
        #expect(try DataFolder(folder, text: .senteval).load(task).textVariant == .senteval)
        #expect { try DataFolder(folder, text: .raw).load(task) } throws: {
            "\($0)" == "\(folder): expected the text raw, found STS12 with the text senteval"
        }
    }

    @Test("Other content in a task's place is none of its texts, and bears its file's name where no text is asked for")
    func foreign() throws {
        try Self.with(["raw", "."]) { folder in
            let task = try Catalogue.named("STS-B")
            for text in TextVariant.official {
                #expect {
                    try DataFolder(folder, text: text).load(task)
                } throws: {
                    "\($0)".contains(
                        "/downstream/STS/STSBenchmark/sts-test.csv: expected the text \(text.rawValue) of STS-B, ")
                }
            }
            let loaded = try DataFolder(folder).load(task)
            #expect(loaded.shownName == "STSBenchmark/sts-test.csv" && loaded.textVariant == .unknown)
            #expect(loaded.files.map(\.path) == ["downstream/STS/STSBenchmark/sts-test.csv"])
        }
    }

    @Test("Content decides what a task is: files that are the same in both texts are known, a mixture of texts is not")
    func content() throws {
        var task = try Catalogue.named("STS13")
        task.files[0].digests = [.raw: "a", .senteval: "a"]
        let sts = try Catalogue.sts("STS13", [])
        let file = { (path: String, variants: Set<TextVariant>) in
            LoadedFile(path: path, sha256: "", variants: variants)
        }
        let both = LoadedTask(task, sts, files: [file("x/a", [.raw, .senteval]), file("x/b", [.raw, .senteval])])
        #expect(both.textVariant == .raw && both.foreignFile == nil && both.shownName == "STS13")
        let mixed = LoadedTask(task, sts, files: [file("x/a", [.raw]), file("x/b", [.senteval])])
        #expect(mixed.textVariant == .unknown && mixed.shownName == "x/b")
    }

    @Test("The longest sentence of a file counts rows without a gold score, and both columns")
    func longest() throws {
        try Fixtures.withTemporaryFolder { folder in
            let path = folder + "/downstream/STS/STS13-en-test"
            for subset in ["FNWN", "headlines", "OnWN"] {
                let rows = subset == "FNWN" ? "a b\tc\na  b c d \te\nf\tg h i\n" : "a\tb\n"
                try AtomicFile.replace("\(path)/STS.input.\(subset).txt", with: rows)
                try AtomicFile.replace("\(path)/STS.gs.\(subset).txt", with: subset == "FNWN" ? "1\n\n2\n" : "3\n")
            }
            let task = try DataFolder(folder).load(Catalogue.named("STS13"))
            #expect((task.content as? STSTask)?.longestSentences == ["FNWN": 4, "headlines": 1, "OnWN": 1])
            #expect(task.skipped == 1)
        }
    }
}
