import Diagnostics
import Foundation
import Results
import TestSupport
import Testing

@Suite("Published values")
struct PublishedValuesTests {
    let values = Result { try PublishedValues(contentsOf: Fixtures.packageRoot + "/results/reference/published.yaml") }

    @Test("The BeLLM row has its seven scores, its average and its source")
    func bellm() throws {
        let row = try values.get().row(paper: "bellm", name: "BeLLM LLaMA-2-7B")
        #expect(row.scores.map(\.score) == [78.36, 90.88, 86.28, 89.89, 86.59, 88.89, 83.17])
        #expect(row.average == 86.29)
        #expect(row.backbone == "LLaMA-2-7B")
        #expect(row.source.contains("2311.05296"))
    }

    @Test("The cosines of BeLLM's README have their sentences; a paper without any is an error with the nearest")
    func cosines() throws {
        let values = try values.get()
        let cosines = try values.cosines(ofPaper: "bellm")
        #expect(cosines.sentences == ["I like apples", "I like fruit", "i am hiking."])
        #expect(cosines.pairs.map { [$0.first, $0.second] } == [[0, 1], [0, 2], [1, 2]])
        #expect(abs((cosines.pairs.first?.cosine ?? 0) - 0.80617) < 1e-5)
        #expect { try values.cosines(ofPaper: "angle") } throws: { "\($0)".contains("expected one of: bellm") }
        for (yaml, complaint) in [
            ("{sentences: [a, b], pairs: {\"0,2\": 1}}", "numbers from 0 to 1"),
            ("{pairs: {}}", "`sentences` and `pairs`"),
            ("{sentences: [a, b], pairs: {\"0,1\": x}}", "found \"x\""), ("{sentence: [a]}", "unknown key of cosines"),
        ] {
            try Fixtures.withTemporaryFolder { folder in
                let path = folder + "/p.yaml"
                let text = "p:\n  source: s\n  cosines: \(yaml)\n  rows: []\n"
                try Data(text.utf8).write(to: URL(fileURLWithPath: path))
                #expect { try PublishedValues(contentsOf: path) } throws: { "\($0)".contains(complaint) }
            }
        }
    }

    @Test("Tasks that a row doesn't report are absent")
    func absent() throws {
        let row = try values.get().row(paper: "smollm2_135m", name: "prompteol, hidden layer -2")
        #expect(row.score(of: "STS-B") == 68.30)
        #expect(row.score(of: "STS12") == nil)
        #expect(row.average == nil)
    }

    @Test("Every printed average is the mean of its seven scores, rounded")
    func averages() throws {
        for row in try values.get().rows {
            guard let average = row.average else { continue }
            #expect(abs(row.scores.map(\.score).reduce(0, +) / 7 - average) < 0.0101, "\(row.name)")
        }
    }

    @Test("An unknown name is an error with the nearest")
    func unknown() throws {
        let values = try values.get()
        #expect { try values.row(paper: "bellmm", name: "x") } throws: { "\($0)".hasSuffix("did you mean \"bellm\"?") }
        #expect { try values.row(paper: "bellm", name: "BeLLM LLaMA-2-7b") } throws: {
            "\($0)".contains("did you mean")
        }
    }

    @Test("A score that is no number is an error with its line")
    func malformed() throws {
        try Fixtures.withTemporaryFolder { folder in
            let path = folder + "/p.yaml"
            let yaml = "p:\n  source: s\n  rows:\n    - {name: n, backbone: b, trained: t, scores: {STS12: high}}\n"
            try Data(yaml.utf8).write(to: URL(fileURLWithPath: path))
            #expect { try PublishedValues(contentsOf: path) } throws: {
                "\($0)" == "\(path):4:58: expected a score, found \"high\""
            }
        }
    }

    @Test("A key that the file doesn't have is an error with its line and the nearest")
    func unknownKeys() throws {
        let paper = "p:\n  source: s\n  rows:\n    - {name: n, backbone: b, trained: t}\n"
        let cases = [
            ("  nots: [a]\n", ":5:3: unknown key of a paper \"nots\"", "did you mean \"notes\"?"),
            ("    - {name: n, backbone: b, trained: t, averag: 1}\n", ":5:42: unknown key of a row \"averag\"", ""),
            ("  text: row\n", ":5:9: unknown text variant \"row\"", "did you mean \"raw\"?"),
            ("  differs: a sentence\n", ":5:12: expected a list of sentences", ""),
        ]
        for (line, message, suggestion) in cases {
            try Fixtures.withTemporaryFolder { folder in
                let path = folder + "/p.yaml"
                try Data((paper + line).utf8).write(to: URL(fileURLWithPath: path))
                let error = try #require(throws: Diagnostic.self) { try PublishedValues(contentsOf: path) }
                #expect("\(error)".hasPrefix(path + message) && "\(error)".hasSuffix(suggestion), "\(error)")
            }
        }
    }

    @Test("A paper's text and the known reasons for a difference are its rows'")
    func differences() throws {
        let row = try values.get().row(paper: "bellm", name: "BeLLM LLaMA-2-7B")
        #expect(row.text == "senteval")
        #expect(row.differences.contains { $0.contains("SentEval fork pads each STS12-16 word list") })
        #expect(row.differences.contains { $0.contains("padding positions are visible as keys") })
        #expect(try values.get().row(paper: "smollm2_135m", name: "mean").text == "raw")
    }
}
