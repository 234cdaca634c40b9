import Files
import Models
import Specification
import TestSupport
import Testing

@Suite("Trainings in stages")
struct StagesTests {
    private func spec(_ keys: String) throws -> ExperimentSpec {
        try TemporaryExperiment.spec("model: ./m.gguf\npooling: last\n\(keys)\n")
    }

    private func complaint(_ keys: String) throws -> String {
        try TemporaryExperiment.complaint("model: ./m.gguf\npooling: last\n\(keys)\n")
    }

    private func stages(_ run: RunSpec) throws -> [TrainingSpec] {
        guard case .trained(let stages) = try #require(run.adapter) else { return [] }
        return stages
    }

    private static let two = """
        train:
          - { recipe: nli, rank: 4, dropout: 0.1, layers: [0, 1] }
          - { data: STS-B-train, loss: cosent, steps: 7, learning_rate: 1e-4 }
        seed: 3
        """

    @Test("A later stage has the first one's trained part where it doesn't say its own; all else is its own")
    func inherited() throws {
        let spec = try spec(Self.two)
        let stages = try stages(spec.runs[0])
        #expect(stages.map(\.sourceName) == ["nli/nli_triplets_trainsplits.csv", "STS-B-train"])
        #expect(stages.map(\.recipe.steps) == [40, 7])
        #expect(stages.map(\.recipe.batchSize) == [48, 48] && stages.map(\.examples) == [1920, nil])
        #expect(stages[0].recipe.adapter == stages[1].recipe.adapter)
        #expect(stages[1].recipe.adapter == AdapterConfiguration(rank: 4, alpha: 32, dropout: 0.1, layers: [0, 1]))
        #expect(stages.map(\.recipe.seed) == [3, 3] && stages.allSatisfy { $0.method == spec.runs[0].method })
    }

    @Test(
        "A head that belongs to the embedding is every stage's; one that is there for the training is its stage's own")
    func heads() throws {
        let kept = try stages(spec("train: [{head: {kind: linear, dimensions: 8}}, {steps: 3}]").runs[0])
        #expect(kept[0].recipe.head != nil && kept[0].recipe.head == kept[1].recipe.head)
        let apart = try stages(spec("train: [{head: {kind: linear, train_only: true}}, {steps: 3}]").runs[0])
        #expect(apart[0].recipe.head != nil && apart[1].recipe.head == nil)
    }

    @Test("The resolved experiment has every stage in full, and reads as itself")
    func resolved() throws {
        let spec = try spec(Self.two)
        #expect(spec.resolvedYAML.contains("train:\n      - data:"), "\(spec.resolvedYAML)")
        let again = try TemporaryExperiment.spec(spec.resolvedYAML)
        #expect(again.resolvedYAML == spec.resolvedYAML)
        let recipes = try [again, spec].map { try stages($0.runs[0]).map(\.recipe) }
        #expect(recipes[0] == recipes[1])
    }

    @Test("A list of one stage is the recipe itself")
    func one() throws {
        let head = "name: x\nmodel: ./m.gguf\npooling: last\ntrain: "
        try TemporaryExperiment.with(["x.yaml": head + "[wordnet]\n", "y.yaml": head + "wordnet\n"]) { files in
            let specs = try ["x.yaml", "y.yaml"].map { try files.load($0) }
            #expect(specs[0].resolvedYAML == specs[1].resolvedYAML)
        }
    }

    @Test("Every stage and their order are part of what a method is, the seed isn't")
    func methods() throws {
        func id(_ train: String) throws -> String {
            try spec("train: \(train)").runs[0].methodID(
                weightsSHA256: "w", adapterSHA256: nil
            ).description
        }
        let ids = try ["wordnet", "[wordnet, nli]", "[nli, wordnet]", "[wordnet, {recipe: nli, steps: 3}]"].map(id)
        #expect(Set(ids).count == 4)
        #expect(try id("[wordnet, nli]\nseed: 5") == ids[1])
    }

    @Test("In a matrix, a list is of alternatives, and a list in the list is of stages")
    func matrix() throws {
        let spec = try spec(
            "matrix: { train: [none, wordnet, [wordnet, nli], [wordnet, {recipe: nli, steps: 3}], {steps: 2}] }")
        #expect(
            spec.runs.map(\.name) == [
                "train=none", "train=wordnet", "train=[wordnet, nli]", "train=[wordnet, recipe nli steps 3]",
                "train=steps 2",
            ])
        #expect(try spec.runs.dropFirst().map { try stages($0).count } == [1, 2, 2, 1])
        let excluded = try self.spec(
            "matrix: { train: [wordnet, [wordnet, nli]], seed: [1, 2], exclude: [{train: [wordnet, nli], seed: 2}] }")
        #expect(excluded.runs.count == 3)
    }

    @Test("A variant's stages take the place of those it inherits, whole")
    func variants() throws {
        let spec = try spec(
            "train: [wordnet, nli]\nvariants:\n  both: {}\n  one: { train: wordnet }\n  other: { train: [nli, nli, nli] }\n"
                + "  none: { train: none }")
        #expect(try spec.runs.dropLast().map { try stages($0).count } == [2, 1, 3])
        #expect(spec.runs.last?.adapter == nil)
    }

    @Test("A mapping over a recipe's name builds on that recipe, and doesn't fall back to the defaults")
    func builtUpon() throws {
        let spec = try spec(
            "train: nli\nvariants: { base: {}, small: {train: {rank: 8}}, other: {train: {recipe: wordnet}} }")
        let sources = try spec.runs.map { try stages($0)[0].sourceName }
        #expect(sources[1] == sources[0] && sources[2] == "wordnet")
        #expect(try spec.runs.map { try stages($0)[0].recipe.adapter.rank } == [16, 8, 16])
    }

    @Test("Without a training, an adapter that a run inherits stays; none chooses nothing, whatever says it")
    func noTraining() throws {
        let head = "name: x\nmodel: ./m.gguf\npooling: mean\n"
        let files = [
            "own.yaml": head
                + "adapter: ./a\nvariants: { kept: {train: none}, off: {adapter: none}, own: {train: wordnet} }\n",
            "base.yaml": head + "adapter: ./a\n",
            "none.yaml": "extends: base.yaml\ntrain: none\n",
            "matrix.yaml": "extends: base.yaml\nmatrix: { train: [none, {steps: 3}] }\n",
            "one.yaml": head + "adapter: ./a\ntrain: none\n",
        ]
        try TemporaryExperiment.with(files) { experiment in
            func kinds(_ file: String, set: [String] = []) throws -> [String] {
                try experiment.load(file, set: set).runs.map { run in
                    switch run.adapter {
                    case nil: "none"
                    case .trained: "trained"
                    default: "adapter"
                    }
                }
            }
            let cases: [(String, [String], [String])] = [
                ("own.yaml", [], ["adapter", "none", "trained"]), ("none.yaml", [], ["adapter"]),
                ("matrix.yaml", [], ["adapter", "trained"]), ("one.yaml", [], ["adapter"]),
                ("base.yaml", ["train=none"], ["adapter"]), ("base.yaml", ["train=wordnet"], ["trained"]),
            ]
            for (file, set, expected) in cases {
                let found = try kinds(file, set: set)
                #expect(found == expected, "\(file) \(set)")
            }
        }
    }

    @Test(
        "An adapter takes the place of an inherited training, however that is written; none leaves open what is meant")
    func adapterOverTraining() throws {
        for training in ["wordnet", "{steps: 3}", "[wordnet, nli]"] {
            let spec = try spec(
                "train: \(training)\nvariants: { a: {adapter: ./a}, b: {adapter: none, train: none}, c: {} }")
            #expect(spec.runs.map { if case .folder = $0.adapter { true } else { false } } == [true, false, false])
            #expect(spec.runs[1].adapter == nil && spec.runs[2].adapter != nil)
            let complaint = try complaint("train: \(training)\nvariants: { a: {adapter: none} }")
            #expect(
                complaint.hasPrefix(
                    "x.yaml:4:17: expected either adapter: none or a training, which is said at x.yaml:3:1: "))
            #expect(complaint.hasSuffix("or say train: none for a run that isn't trained"), "\(complaint)")
        }
    }

    @Test(
        "What can't be a list of stages is refused with its place",
        arguments: [
            ("train: []", "x.yaml:3:8: expected at least one stage"),
            ("train: [[wordnet, nli]]", "x.yaml:3:9: expected the name of a training recipe or a mapping of its keys"),
            ("train: [wordnet, none]", "x.yaml:3:18: expected the name of a training recipe"),
            ("train: [wordnet, wordnot]", "x.yaml:3:18: unknown training \"wordnot\""),
            ("train:\n  - wordnet\n  - { recipe: nli, stepz: 3 }", "x.yaml:5:20: unknown key of a training recipe"),
            (
                "train:\n  - wordnet\n  - { recipe: nli, rank: 8 }",
                "x.yaml:5:26: expected each stage to have the first one's rank, which is 16, found 8"
            ),
            (
                "train:\n  - { targets: [q_proj] }\n  - { steps: 3 }\n  - { targets: full }",
                "x.yaml:6:16: expected each stage to have the first one's targets, which is [q_proj], found full"
            ),
            (
                "train:\n  - { rank: 8 }\n  - nli",
                "nli.yaml:13:7: expected each stage to have the first one's rank, which is 8, found 16"
            ),
            (
                "train:\n  - { steps: 2 }\n  - { head: {kind: linear, dimensions: 8} }",
                "x.yaml:5:13: expected each stage to have the first one's head, which is none, found kind: linear dim"
            ),
            (
                "train:\n  - { head: {kind: linear, dimensions: 8} }\n  - { head: none }",
                "x.yaml:5:13: expected each stage to have the first one's head, which is kind: linear dim"
            ),
            ("train:\n  - { rank: 0 }\n  - { steps: 3 }", "x.yaml:4:13: expected 1 or more"),
        ])
    func wrong(_ keys: String, expected: String) throws {
        let found = try complaint(keys)
        #expect(found.contains(expected), "\(found)")
    }

    @Test("The manual's examples are experiments, one of them in two stages")
    func manual() throws {
        let manual = try TextFile.text(of: Fixtures.packageRoot + "/docs/training.md")
        let examples = manual.matches(of: /```yaml\n((?:(?!```)[\s\S])*)```/).map { String($0.1) }
            .filter { $0.contains("extends:") }
        let counts = try examples.map { example in
            try TemporaryExperiment.spec(example.replacing("../configs", with: Fixtures.packageRoot + "/configs"))
                .runs.map { try stages($0).count }
        }
        #expect(counts == [Array(repeating: 1, count: 6), [2], [1], [1]])
    }

    @Test("A mistake that stages inherit is told once")
    func once() throws {
        let found = try complaint("train:\n  - { rank: 0 }\n  - { steps: 3 }\n  - { steps: 4 }")
        #expect(found.components(separatedBy: "\n").count == 1, "\(found)")
    }
}
