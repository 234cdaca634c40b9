import Specification
import Tasks
import Diagnostics
import TestSupport
import Testing
import Training

@Suite("Decontamination")
struct CleaningTests {
    @Test("What only looks alike is no repetition, and a lone combining mark is no empty sentence")
    func codePoints() {
        var data = TrainingData(
            kind: .pair,
            examples: [
                .pair(anchor: "\u{E9}", positive: "x"), .pair(anchor: "e\u{301}", positive: "x"),
                .pair(anchor: " \u{301}", positive: "y"), .pair(anchor: " \r\n\u{3000}", positive: "z"),
            ], files: [])
        let report = data.clean(against: nil)
        #expect((report.repeated, report.empty, report.kept) == (0, 1, 3))
    }

    @Test("A sentence is found in an evaluation set whatever its case, spaces and tokenised punctuation")
    func matching() {
        var evaluation = EvaluationSentences()
        evaluation.add(["a man is n't riding `` the '' horse , is he ?", "Ünïcode naïve café", "...", ""], of: "STS12")
        evaluation.add(["A MAN isn't riding \"the\" horse, is he?"], of: "SICK-R")
        #expect(
            evaluation.tasks(with: "A man isn’t riding “the” horse, is he?") == ["STS12", "SICK-R"])
        #expect(evaluation.tasks(with: "u\u{308}nïcode naïve CAFE\u{301}") == ["STS12"])
        #expect(evaluation.tasks(with: "A man isn't riding the horses, is he?").isEmpty)
        #expect(evaluation.tasks(with: "!!!").isEmpty)
        #expect(evaluation.count == 2)
    }

    @Test("Empty, repeated and contaminated examples are dropped and counted, in that order; the others keep theirs")
    func counting() throws {
        var evaluation = EvaluationSentences()
        evaluation.add(["One.", "Two."], of: "STS-B")
        evaluation.add(["two"], of: "STS14")
        let kept: [TrainingExample] = [
            .triplet(anchor: "a", positive: "b", negative: "c"), .triplet(anchor: "a", positive: "b", negative: "d"),
        ]
        var data = TrainingData(
            kind: .triplet,
            examples: [
                kept[0], .triplet(anchor: " \n", positive: "two", negative: "c"), kept[0], kept[1],
                .triplet(anchor: "x", positive: "y", negative: "ONE"),
                .triplet(anchor: "one", positive: "two !", negative: "y"),
            ], files: [])
        let copy = data
        let report = data.clean(against: evaluation)
        #expect(data.examples == kept)
        #expect([report.examples, report.kept, report.empty, report.repeated, report.contaminated] == [6, 2, 1, 1, 2])
        #expect(report.contaminatedByTask == ["STS-B": 2, "STS14": 1])
        data = copy
        #expect(data.clean(against: nil).kept == 4)
    }

    @Test(
        "SentEval's text matches the raw text of the same benchmark",
        .enabled(if: Fixtures.dataFolder("raw") != nil && Fixtures.dataFolder("senteval") != nil))
    func realText() throws {
        let raw = try DataFolder(#require(Fixtures.dataFolder("raw")))
        let senteval = try DataFolder(#require(Fixtures.dataFolder("senteval")))
        var (found, all) = (0, 0)
        for task in try ConfigFolder(path: Fixtures.packageRoot + "/configs").tasks().standardTasks {
            let evaluation = EvaluationSentences([try senteval.load(task)])
            for sentence in try raw.load(task).content.texts.map(\.text) {
                all += 1
                found += evaluation.tasks(with: sentence).isEmpty ? 0 : 1
            }
        }
        #expect(all == 37_700)
        #expect(found == all)
    }
}
