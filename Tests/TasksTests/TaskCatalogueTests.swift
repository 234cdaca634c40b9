import Tasks
import Diagnostics
import TestSupport
import Testing

@Suite("The catalogue of tasks")
struct TaskCatalogueTests {
    static let variants = ["raw", "senteval"]
    /// BELLM_DATA names one folder, whichever text is asked for: then there is nothing to tell apart.
    static let hasData = Set(variants.compactMap(Fixtures.dataFolder)).count == variants.count

    @Test("The seven tasks stand in the order of the literature's tables")
    func sevenTasks() throws {
        let names = ["STS12", "STS13", "STS14", "STS15", "STS16", "STS-B", "SICK-R"]
        #expect(try Catalogue.all().standardTasks.map(\.name) == names)
        #expect(try Catalogue.all().standardTasks.map(\.count) == [3108, 1500, 3750, 3000, 1186, 1379, 4927])
    }

    @Test("Every name of the catalogue finds its task, and no two tasks share a file")
    func lookUp() throws {
        for task in try Catalogue.all().tasks { #expect(try Catalogue.named(task.name) == task) }
        let files = try Catalogue.all().tasks.flatMap(\.paths)
        #expect(Set(files).count == files.count)
    }

    @Test("An unknown name is answered with the nearest, and upper and lower case matter")
    func unknownName() throws {
        let place = SourceLocation(file: "x.yaml", line: 3, column: 9)
        let error = try #require(throws: Diagnostic.self) { try Catalogue.all().named("sts-b", at: place) }
        #expect(error.suggestion == "did you mean \"STS-B\"?")
        #expect(error.location == place)
        #expect(throws: Diagnostic.self) { try Catalogue.named("MRPD") }
        #expect(throws: Diagnostic.self) { try Catalogue.named("") }
    }

    @Test(
        "All tasks load from both texts with the expected counts, and the text is recognised",
        .enabled(if: hasData, "needs a data folder of all seven tasks"), arguments: variants)
    func counts(variant: String) throws {
        let folder = try DataFolder(try #require(Fixtures.dataFolder(variant)))
        for task in try Catalogue.all().tasks where task.kind == STSTask.name {
            let hasTexts = task.files.contains { Set($0.digests.values).count > 1 }
            // Those of other languages have one text, and aren't in SentEval's folder.
            guard hasTexts || folder.has(task) else { continue }
            let loaded = try folder.load(task)
            #expect(loaded.pairs.count == task.count, "\(task.name)")
            #expect(loaded.textVariant.rawValue == (hasTexts ? variant : "raw"), "\(task.name)")
        }
        #expect(try folder.load(Catalogue.named("STS15")).skipped == 5500)
        #expect(try folder.load(Catalogue.named("STS16")).skipped == 9183 - 1186)
        let benchmark = try folder.load(Catalogue.named("STS-B"))
        #expect((benchmark.content as? STSTask)?.subsets == ["2012", "2013", "2014", "2015", "2016", "2017"])
    }

    @Test("A task whose files are none of the known ones says so, a user's own and an official one don't")
    func unknownContent() throws {
        var description = try Catalogue.named("STS-B")
        let sts = try Catalogue.sts("STS-B", [])
        let altered = LoadedFile(path: "sts-test.csv", sha256: String(repeating: "a", count: 64), variants: [])
        let warning = try #require(LoadedTask(description, sts, files: [altered]).warnings.first)
        #expect(
            warning.hasPrefix(
                "sts-test.csv: unknown content in the place of STS-B, SHA-256 aaaaaaaaaaaa…; it is named after")
        )
        let official = LoadedFile(path: "sts-test.csv", sha256: "", variants: [.raw])
        #expect(LoadedTask(description, sts, files: [official]).warnings.isEmpty)
        description.isUsersOwn = true
        let own = LoadedTask(description, sts, files: [altered])
        #expect(own.warnings.isEmpty && own.textVariant == .own)
    }

    @Test("Every task says what a reader must know: kind, text, language, source, and digests of all files")
    func metadata() throws {
        for task in try Catalogue.all().tasks {
            let said = [task.summary, task.source, task.language, task.licence, task.metric ?? ""]
            #expect(said.allSatisfy { !$0.isEmpty }, "\(task.name)")
            #expect(task.files.allSatisfy { !$0.digests.isEmpty && $0.scores?.digests.isEmpty != true }, "\(task.name)")
            #expect(task.count != nil)
        }
    }

    @Test("The embedded STS-B is the organisers' text", .enabled(if: embedded != nil, "needs `make setup`"))
    func embeddedBenchmark() throws {
        let folder = try #require(Self.embedded)
        let loaded = try folder.load(Catalogue.named("STS-B"))
        #expect(loaded.pairs.count == 1379)
        #expect(loaded.textVariant == .raw)
        #expect((loaded.content as? STSTask)?.subsets == ["2012", "2013", "2014", "2015", "2016", "2017"])
        #expect(loaded.pairs.allSatisfy { $0.source?.isEmpty == false })
    }

    @Test("A task has the text of which all its files are official copies; a mixture or an altered file has none")
    func textVariant() throws {
        let cases: [([Set<TextVariant>], TextVariant)] = [
            ([[.raw], [.raw, .senteval]], .raw), ([[.raw, .senteval], [.senteval]], .senteval),
            ([[.raw], [.senteval]], .unknown), ([[.raw], []], .unknown), ([[.raw, .senteval]], .raw),
            ([], .unknown),
        ]
        for (variants, expected) in cases {
            let files = variants.map { LoadedFile(path: "", sha256: "", variants: $0) }
            let loaded = LoadedTask(try Catalogue.named("STS12"), try Catalogue.sts("STS12", []), files: files)
            #expect(loaded.textVariant == expected, "\(variants)")
        }
    }

    static let embedded = try? DataFolder(Fixtures.cache + "/data/raw")
}
