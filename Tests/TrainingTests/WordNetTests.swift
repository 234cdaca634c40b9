import Diagnostics
import Foundation
import Objectives
import TestSupport
import Testing
import Training

@Suite("WordNet")
struct WordNetTests {
    @Test("Words, definitions, examples and hypernyms are read; markers, authors and the licence are not")
    func reading() throws {
        try withWordNet { wordNet in
            let expected = [
                ["entity"], ["thing", "physical object"], ["bank"], ["bank", "cant"], ["breathe", "take a breath"],
                ["able"], ["well"],
            ]
            #expect(wordNet.synsets.map(\.lemmas) == expected)
            #expect(wordNet.synsets[1].hypernyms == [wordNet.synsets[0].offset])
            #expect(wordNet.synsets[1].definition == "a \"separate\" entity; one of its kind")
            #expect(wordNet.synsets[1].examples == ["so; it was", "Vengeance is mine"])
            #expect(wordNet.synsets[5].definition == "having the means")
            #expect(wordNet.files.count == 4)
        }
    }

    @Test("A definition is paired with the sense's words, its sentences, or both, in the files' order")
    func pairs() throws {
        try withWordNet { wordNet in
            let lemmas = WordNetExamples().data(of: wordNet)
            #expect(lemmas.kind == .pair)
            #expect(lemmas.examples.count == 6)
            #expect(
                lemmas.examples[1]
                    == .pair(anchor: "a \"separate\" entity; one of its kind", positive: "thing, physical object"))
            #expect(lemmas.leftOut == [LeftOutExamples(reason: "no definition", count: 1)])
            let sentences = WordNetExamples(pairs: .examples).data(of: wordNet)
            #expect(sentences.examples.map { $0.sentences[1] } == ["so; it was", "Vengeance is mine", "breathe in"])
            #expect(WordNetExamples(pairs: .both).data(of: wordNet).examples.count == 9)
        }
    }

    @Test("A hard negative is another sense of the same word, else another kind of the same thing, else there is none")
    func hardNegatives() throws {
        try withWordNet { wordNet in
            let data = WordNetExamples(hardNegatives: true).data(of: wordNet)
            #expect(
                data.examples == [
                    .triplet(
                        anchor: "a \"separate\" entity; one of its kind", positive: "thing, physical object",
                        negative: "sloping land"),
                    .triplet(anchor: "sloping land", positive: "bank", negative: "a slope in the turn of a road"),
                    .triplet(anchor: "a slope in the turn of a road", positive: "bank, cant", negative: "sloping land"),
                ])
            #expect(data.leftOut.last == LeftOutExamples(reason: "no sibling sense", count: 3))
        }
    }

    @Test(
        "A line that is not as wndb(5WN) defines it is an error with file and line",
        arguments: [
            ("00000000 03 n 01 entity 0 000 | x", "", ""),
            ("00000007 03 n 01 entity 0 000 | x", "expected the offset 0", "found 7"),
            ("0000000 03 n 01 entity 0 000 | x", "8 digits", "0000000"),
            ("00000000 03 v 01 entity 0 000 | x", "synset type", "\"v\""),
            ("00000000 03 n 00 000 | x", "a word or more", "none"),
            ("00000000 03 n 02 entity 0 000 | x", "a sense number", "the gloss"),
            ("00000000 03 n 01 entity 0 001 | x", "the symbol of one of 1 pointers", "the gloss"),
            ("00000000 03 n 01 entity 0 001 @ 00000009 n 0000 | x", "a synset at the offset 9", "none"),
            ("00000000 03 n 01 entity 0 001 ~ 00000009 x 0000 | x", "part of speech", "\"x\""),
            ("00000000 03 n 01 entity 0 000 more | x", "expected \"|\"", "more"),
            ("00000000 03 n 01 entity 0 000", "expected \"|\"", "none"),
            ("", "expected synsets", "none"),
        ])
    func badLines(line: String, expected: String, found: String) throws {
        try Fixtures.withTemporaryFolder { folder in
            for part in ["noun", "verb", "adj", "adv"] {
                let type = ["noun": "n", "verb": "v", "adj": "s", "adv": "r"][part] ?? ""
                let good = "00000000 03 \(type) 01 word 0 000 \(part == "verb" ? "00 " : "")| x\n"
                let text = part == "noun" ? (line.isEmpty ? "" : line + "\n") : good
                try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder)/data.\(part)"))
            }
            guard !expected.isEmpty else {
                #expect(try WordNet(folder: folder).synsets.count == 4)
                return
            }
            let error = try #require(throws: Diagnostic.self) { try WordNet(folder: folder) }
            #expect(error.message.contains(expected) && error.message.contains(found), "\(error)")
            #expect(error.location?.file.hasSuffix("data.noun") == true)
            #expect(error.location?.line == (line.isEmpty ? nil : 1))
        }
    }

    @Test("Where WordNet is missing, the error says how to get it")
    func missing() throws {
        try Fixtures.withTemporaryFolder { folder in
            let error = try #require(throws: Diagnostic.self) { try WordNet(folder: folder) }
            #expect(error.suggestion?.contains("wordnet-base") == true)
        }
    }

    @Test("Debian's WordNet is read whole, the same way twice", .enabled(if: Fixtures.hasWordNet))
    func debian() throws {
        let wordNet = try WordNet()
        #expect(wordNet.synsets.count == 82_115 + 13_767 + 18_156 + 3621)
        let lemmas = WordNetExamples().data(of: wordNet)
        #expect(lemmas.examples.count == 117_659)
        let ofFiles = lemmas.files.indices.map { file in lemmas.examples.count { $0.file == file } }
        #expect(ofFiles == [82_115, 13_767, 18_156, 3621])
        #expect(lemmas.leftOut.isEmpty)
        let triplets = WordNetExamples(hardNegatives: true)
        let data = triplets.data(of: wordNet)
        #expect(data.examples.count == 104_845)
        #expect(data.leftOut == [LeftOutExamples(reason: "no sibling sense", count: 12_814)])
        #expect(data.examples == triplets.data(of: wordNet).examples)
    }

    private func withWordNet(_ body: (WordNet) throws -> Void) throws {
        try Fixtures.withTemporaryFolder { folder in
            let nouns = [
                "03 n 01 entity 0 000 | what is",
                "03 n 02 thing 0 physical_object 0 001 @ {0} n 0000 "
                    + "| a \"separate\" entity; one of its kind; \"so; it was\"; \"Vengeance is mine\"--Romans 12:19",
                "17 n 01 bank 0 001 @ {0} n 0000 | sloping land",
                "17 n 02 bank 1 cant 0 001 @ {0} n 0000 | a slope in the turn of a road",
            ]
            let verbs = ["29 v 02 breathe 0 take_a_breath 0 000 02 + 02 00 + 08 00 | \"breathe in\"; move air"]
            let files = [
                "noun": nouns, "verb": verbs, "adj": ["00 s 01 able(p) 0 000 | having the means  "],
                "adv": ["02 r 01 well 0 000 | "],
            ]
            for (part, lines) in files {
                try Data(Self.file(lines).utf8).write(to: URL(fileURLWithPath: "\(folder)/data.\(part)"))
            }
            try body(WordNet(folder: folder))
        }
    }

    /// A file with a licence, each line with its offset in front, and `{0}` as the first one's.
    private static func file(_ lines: [String]) -> String {
        let licence = "  1 This software is provided AS IS  \n"
        let first = licence.utf8.count
        return lines.reduce(licence) { text, line in
            text + "\(digits(text.utf8.count)) \(line.replacingOccurrences(of: "{0}", with: digits(first)))\n"
        }
    }

    private static func digits(_ offset: Int) -> String {
        let digits = String(offset)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }
}

extension Fixtures {
    /// Whether this machine has Debian's WordNet.
    static let hasWordNet = FileManager.default.fileExists(atPath: WordNet.debianFolder + "/data.noun")
}
