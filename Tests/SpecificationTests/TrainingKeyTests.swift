import Files
import TestSupport
import Testing

@Suite("The keys of a training recipe")
struct TrainingKeyTests {
    private func complaint(_ recipe: String) throws -> String {
        try TemporaryExperiment.complaint("model: ./m.gguf\npooling: last\ntrain: \(recipe)\n")
    }

    @Test("The manual's tables have every key, and no other")
    func manual() throws {
        let complaint = try complaint("{ stepz: 3 }")
        #expect(complaint.hasPrefix("x.yaml:3:10: unknown key of a training recipe \"stepz\"; expected one of: "))
        #expect(complaint.hasSuffix("; did you mean \"steps\"?"))
        let list = try #require(complaint.firstMatch(of: /expected one of: ([^;]*);/)).1
        let keys = list.split(separator: ", ").map(String.init)
        #expect(keys.count > 25)
        let manual = try TextFile.text(of: Fixtures.packageRoot + "/docs/training.md")
        let rows = manual.matches(of: /\n\| `(\w+)` \|/).map { String($0.1) }
        #expect(rows == keys, "docs/training.md")
    }

    @Test(
        "A wrong value is named with its line and what was expected",
        arguments: [
            ("{ loss: infonce }", "3:16: unknown loss \"infonce\"; expected one of: in_batch_negatives, cosent, angle"),
            ("{ steps: 0 }", "3:17: expected 1 or more, found"),
            ("{ steps: many }", "3:17: expected an integer, found the text \"many\""),
            ("{ targets: [q_proj, q_proj] }", "q_proj"),
            ("{ layers: [1, 1] }", "layers"), ("{ symmetric: yes }", "expected true or false, found the text \"yes\""),
            ("{ data: STSB-train }", "unknown task \"STSB-train\""),
            ("{ temperature: 0 }", "expected temperature to be above 0"),
            ("{ warmup: 1.5 }", "expected warmup_ratio to be from 0 to 1"),
            ("{ evaluate_every: 5 }", "evaluate_every needs a development set; set development: STS-B-dev"),
            ("{ patience: 2 }", "patience needs evaluations; set evaluate_every"),
            ("{ recipe: wordnot }", "\"wordnot\""), ("wordnot", "\"wordnot\""), ("3", "expected none, the name of"),
        ])
    func wrong(_ recipe: String, expected: String) throws {
        let found = try complaint(recipe)
        #expect(found.contains("x.yaml:3:") && found.contains(expected), "\(found)")
    }
}
