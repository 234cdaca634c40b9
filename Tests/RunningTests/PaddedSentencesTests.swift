import Tasks
import Diagnostics
import Embedding
import Files
import Running
import Specification
import TestSupport
import Testing

@Suite("BeLLM's padded word lists")
struct PaddedSentencesTests {
    @Test("Each sentence is padded to the longest of its file, and the same one differs from file to file")
    func padding() throws {
        let folder = "data/downstream/STS/STS13-en-test"
        let files = [
            "\(folder)/STS.input.FNWN.txt": "A dog\tWhy  ?\none two three four\tx\n",
            "\(folder)/STS.gs.FNWN.txt": "1\n\n",
            "\(folder)/STS.input.headlines.txt": "A dog\ta b .\n", "\(folder)/STS.gs.headlines.txt": "2\n",
            "\(folder)/STS.input.OnWN.txt": "A dog\tWhy ?\n", "\(folder)/STS.gs.OnWN.txt": "3\n",
        ]
        try Fixtures.withTemporaryFolder { root in
            for (name, text) in files { try AtomicFile.replace("\(root)/\(name)", with: text) }
            let task = try ConfigFolder(path: Fixtures.packageRoot + "/configs").tasks().named("STS13")
            let data = try BenchmarkData(
                tasks: [TaskReference(task, at: SourceLocation(file: "x.yaml"))],
                folder: DataFolder(root + "/data"))
            let normaliser = Normaliser.bellmReleased
            let padded = data.sentences(for: normaliser)
            #expect(padded.indices == [0, 1, 2, 3, 4, 5])
            #expect(
                padded.sentences.map(normaliser.normalise) == [
                    "A dog  .", "Why ?  .", "A dog .", "a b .", "A dog.", "Why .",
                ])
            #expect(data.sentences(for: .prompteol).indices == [0, 1, 0, 2, 0, 3])
        }
    }
}
