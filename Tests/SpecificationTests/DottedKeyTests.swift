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

    @Test(
        "The weights and the scale of a merge make a grid, whoever the adapter's variant is; one that merges nothing is refused"
    )
    func mergeGrid() throws {
        let merge = "adapter: { merge: [./a, ./b], by: slerp, weights: [1, 1] }\n"
        let spec = try TemporaryExperiment.spec(
            Self.head + merge + "matrix:\n  adapter.weights: [[3, 1], [1, 3]]\n  adapter.scale: [0.5, 1]\n")
        let found = spec.runs.map { run -> ([Double], Double) in
            guard case .merged(let sources, let merge) = run.adapter, sources.count == 2 else { return ([], 0) }
            return (merge.weights, merge.scale)
        }
        #expect(found.map(\.0) == [[3, 1], [3, 1], [1, 3], [1, 3]] && found.map(\.1) == [0.5, 1, 0.5, 1])
        #expect(spec.runs[1].name == "adapter.weights=[3, 1] adapter.scale=1")
        let changed = try TemporaryExperiment.spec(Self.head + merge, set: ["adapter.scale=2"])
        guard case .merged(_, let scaled) = changed.runs.first?.adapter else {
            Issue.record("expected a merge")
            return
        }
        #expect(scaled.scale == 2 && scaled.weights == [1, 1])
        let grid = "matrix: { adapter.scale: [0.5, 1] }\n"
        #expect(
            try complaint("adapter: ./a\n" + grid).contains(
                "adapter.scale is a key of one mapping, and adapter of the run"))
        #expect(
            try complaint("matrix: { adapter.scales: [0.5, 1] }\n" + merge).contains(
                "unknown key of a merged adapter \"scales\""))
        #expect(try complaint(grid).contains("adapter.scale is a key of adapter, which the run"))
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

    @Test(
        "So is that of a prompt by role, of which all else stays, also where it is another run's prompt that has one template"
    )
    func promptTemplates() throws {
        let head = "model: ./m.gguf\npooling: last\n"
        let files = [
            "configs/prompts/roles.yaml":
                "template: { query: 'q: {text}', default: '{text}' }\nnormaliser: prompteol\ntokenise: pieces\n",
            "configs/prompts/one.yaml": "template: '1 {text}'\n",
            "x.yaml": head
                + "variants: { a: { prompt: roles }, b: { prompt: one }, c: { prompt: roles, normaliser: none } }\n",
            "matrix.yaml": head
                + "prompt: roles\nprotocol: plain\nmatrix: { template.query: ['{text}', 'x {text}'] }\n",
        ]
        try TemporaryExperiment.with(files) { experiment in
            let configs = ConfigFolder(path: experiment.folder + "/configs")
            func runs(_ file: String, _ set: [String] = []) throws -> [RunSpec] {
                try experiment.load(file, set: set, configs: configs).runs
            }
            for set in [
                ["template.query='find {text}'"], ["a.template.query='find {text}'", "c.template.query='find {text}'"],
            ] {
                let found = try runs("x.yaml", set)
                #expect(found.map(\.method.templates.description).map { $0.contains("find") } == [true, false, true])
                #expect(found[0].method.templates.description == "default: {text}\nquery: find {text}")
                #expect(found[0].method.templates.tokenisation == .pieces && found[0].method.normaliser == .prompteol)
                #expect(found[2].method.normaliser == .none && found[1].promptName == "one")
            }
            let varied = try runs("matrix.yaml")
            #expect(varied.map(\.method.templates.entries.last?.template.description) == ["{text}", "x {text}"])
            // The protocol's stands over the prompt's.
            #expect(varied.map(\.method.normaliser) == [.none, .none])
            #expect {
                try runs("x.yaml", ["b.template.query='find {text}'"])
            } throws: {
                "\($0)".contains(
                    "template.query is a key of template, which the run \"b\" doesn't have; a prompt that has one")
            }
        }
    }

    @Test("A number without its objective's name is refused, and told where it belongs")
    func objectiveNumbers() throws {
        let text = "train: { data: STS-B-train, objective: { cosent: { scale: 5 } } }\n"
        let message = "unknown objective \"scale\"; expected one of: in_batch_negatives"
        for found in [
            try complaint(text + "variants: { a: { train: { objective: { scale: 9 } } } }\n"),
            try complaint(text, set: ["train.objective={scale: 9}"]),
            try complaint(text, set: ["train.objective.scale=9"]),
        ] {
            #expect(
                found.contains(message) && found.hasSuffix("; scale is a key within an objective: {cosent: {scale: …}}")
            )
        }
        let spec = try TemporaryExperiment.spec(Self.head + text, set: ["train.objective.cosent.scale=9"])
        #expect(spec.resolvedYAML.contains("scale: 9"))
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
