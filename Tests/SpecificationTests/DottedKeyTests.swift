import Specification
import Testing
import Training

@Suite("Keys within a run key's mapping")
struct DottedKeyTests {
    private static let head = "model: smollm2-135m\npooling: last\n"

    private func recipes(_ text: String, set: [String] = []) throws -> [(name: String, steps: Int, rate: Double)] {
        try TemporaryExperiment.spec(Self.head + text, set: set).runs.map { run in
            guard case .trained(let stages) = run.adapter, let training = stages.first else { return (run.name, 0, 0) }
            return (run.name, training.recipe.steps, training.recipe.learningRate)
        }
    }

    private func complaint(_ text: String, set: [String] = []) throws -> String {
        try TemporaryExperiment.complaint(Self.head + text, set: set)
    }

    @Test("A matrix varies one, over a recipe of any form, and its exclusions name it")
    func matrix() throws {
        let found = try recipes(
            """
            train: { steps: 7 }
            matrix:
              train.learning_rate: [1e-3, 1e-4]
              seed: [1, 2]
              exclude: [{ train.learning_rate: 1e-4, seed: 2 }]
            """)
        #expect(
            found.map(\.name) == [
                "train.learning_rate=0.001 seed=1", "train.learning_rate=0.001 seed=2",
                "train.learning_rate=0.0001 seed=1",
            ])
        #expect(found.map(\.steps) == [7, 7, 7] && found.map(\.rate) == [1e-3, 1e-3, 1e-4])
    }

    @Test("One role's template is changed, and the others stay")
    func templates() throws {
        let text = "template: { default: '{text}', query: 'q: {text}' }\n"
        let varied = "matrix: { template.default: ['{text}', 'doc: {text}'] }\n"
        for (text, set, expected) in [
            (text, ["template.query='find: {text}'"], [["{text}", "find: {text}"]]),
            (text, ["template.document='d: {text}'"], [["d: {text}", "{text}", "q: {text}"]]),
            (text + varied, [], [["{text}", "q: {text}"], ["doc: {text}", "q: {text}"], ["{text}", "doc: {text}"]]),
        ] {
            let spec = try TemporaryExperiment.spec(Self.head + text, set: set)
            // A matrix' values stand in its factors too.
            let found = spec.resolvedYAML.matches(of: /(?:default|query|document): "(.*)"/).map { String($0.1) }
            #expect(found.sorted() == expected.flatMap(\.self).sorted(), "\(set)")
        }
    }

    @Test("A matrix takes mappings as values of train, and names them by what they say")
    func mappings() throws {
        let found = try recipes(
            "matrix: { train: [none, { steps: 3 }, { steps: 4, learning_rate: 0.01 }] }\n")
        #expect(
            found.map(\.name) == ["train=none", "train=steps 3", "train=steps 4 learning_rate 0.01"])
        #expect(found.map(\.steps) == [0, 3, 4])
        let again = try complaint("matrix: { train: [{ steps: 3 }, { steps: 3 }] }\n")
        #expect(again.contains("the value \"steps 3\" stands twice"))
    }

    @Test("--set changes one in every run that has the value, or in one run")
    func overrides() throws {
        let text = "variants: { a: {}, b: { train: { steps: 5 } }, c: { train: { steps: 6 } } }\n"
        #expect(try recipes(text, set: ["train.steps=3"]).map(\.steps) == [0, 3, 3])
        #expect(try recipes(text, set: ["c.train.steps=3", "c.train.learning_rate=0.5"]).map(\.steps) == [0, 5, 3])
        let replaced = "train: { steps: 5 }\nmatrix: { train.steps: [1, 2] }\n"
        #expect(try recipes(replaced, set: ["train.steps=9"]).map(\.steps) == [9])
    }

    @Test("What has no such value, or no such key, is an error at its place")
    func mistakes() throws {
        let two = "variants: { a: {}, b: { train: { steps: 5 } } }\n"
        let cases: [(String, [String], String)] = [
            ("", ["train.steps=3"], "--set train.steps=3: train.steps is a key of train, which no run has"),
            (two, ["a.train.steps=3"], "train.steps is a key of train, which the run \"a\" doesn't have"),
            (two, ["b.train.stepz=3"], "unknown key of a training recipe \"stepz\""),
            (two, ["training.steps=3"], "unknown run \"training\""),
            (
                "train: { steps: 5 }\nmatrix: { train.stepz: [1, 2] }\n", [],
                "unknown key of a training recipe \"stepz\""
            ),
            (
                "matrix: { train.steps: [1, 2] }\n", [],
                "train.steps is a key of train, which the run \"train.steps=1\" doesn't have"
            ),
            ("matrix: { pooling.x: [1] }\n", [], "unknown key of a matrix \"pooling.x\""),
            ("variants: { a: { train.steps: 3 } }\n", [], "unknown run key \"train.steps\""),
        ]
        for (text, set, message) in cases {
            let found = try complaint(text, set: set)
            #expect(found.contains(message), "\(found)")
        }
    }
}
