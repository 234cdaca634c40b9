import Specification
import Testing

@Suite("Keys of a run that say nothing beside others are refused with their line")
struct IdleKeyTests {
    private static let head = "model: smollm2-135m\npooling: last\n"

    private func complaint(_ text: String, set: [String] = []) throws -> String {
        try TemporaryExperiment.complaint(Self.head + text, set: set)
    }

    @Test(
        "seed and seeds, where no run that has them trains",
        arguments: [
            (
                "seeds: 3", [],
                "x.yaml:3:8: seeds is of a training, and nothing is trained by the run \"x\"; leave seeds out"
            ),
            ("seed: 3", [], "x.yaml:3:7: seed is of a training, and nothing is trained by the run \"x\""),
            (
                "train: none\nseeds: 3\nvariants: { a: {}, b: {layer: 2} }", [],
                "x.yaml:4:8: seeds is of a training, and nothing is trained by the runs \"a\", \"b\""
            ),
            ("train: wordnet\nvariants: { a: {}, b: {train: none, seeds: 2} }", [], "x.yaml:4:44: seeds is of"),
            ("train: wordnet\nvariants: { a: {}, b: {train: none, seed: 2} }", [], "x.yaml:4:43: seed is of"),
            ("", ["seeds=2"], "--set seeds=2: seeds is of a training"),
            ("", ["x.seed=2"], "--set x.seed=2: seed is of"),
            ("matrix: { seed: [1], layer: [1, 2] }", [], "x.yaml:3:18: seed is of a training"),
            ("seeds: 2\nadapter: {merge: [./a, ./b], by: slerp}", [], "x.yaml:3:8: seeds is of a training"),
        ])
    func seeds(text: String, set: [String], message: String) throws {
        let found = try complaint(text + "\n", set: set)
        #expect(found.hasPrefix(message) && !found.contains("\n"), "\(found)")
    }

    @Test(
        "What runs inherit that don't train, as others do, is none of theirs; nor is what a file that is extended says")
    func inherited() throws {
        for (text, names) in [
            ("seeds: 2\nvariants: { a: {train: wordnet}, b: {} }", ["a seed=1", "a seed=2", "b"]),
            (
                "matrix: { train: [none, wordnet] }\nvariants: { a: {seed: 5} }",
                ["a · train=none", "a · train=wordnet"]
            ),
        ] { #expect(try TemporaryExperiment.spec(Self.head + text).runs.map(\.name) == names) }
        let files = [
            "base.yaml": Self.head + "train: wordnet\nseeds: 2\nlayers: all\n",
            "x.yaml": "extends: base.yaml\ntrain: none\nlayer: 3\n",
        ]
        try TemporaryExperiment.with(files) { experiment in
            let runs = try experiment.load().runs
            #expect(runs.map(\.name) == ["x"] && runs[0].method.layer.index == 3 && runs[0].scoredLayers == nil)
            // A training that the command line turns off leaves the file as it is.
            #expect(experiment.complaint("base.yaml", set: ["train=none"]).isEmpty)
        }
    }

    @Test("A position between two adapters is trained, and has seeds")
    func positions() throws {
        let adapter = "{merge: [./a, ./b], by: self_positioning, probe: {data: wordnet, steps: 2, learning_rate: 0.1}}"
        let runs = try TemporaryExperiment.spec(Self.head + "adapter: \(adapter)\nseeds: 2\n").runs
        #expect(runs.map(\.trainingSeed) == [1, 2])
    }

    @Test(
        "layer and layers said in one place, where nothing is trained at the one",
        arguments: [
            (
                "layer: 3\nlayers: all", [],
                "x.yaml:4:1: expected either layer or layers, found both in a run that isn't"
            ),
            ("variants: { a: {layers: [1], layer: 3} }", [], "x.yaml:3:30: expected either layer or layers"),
            ("layers: all\nmatrix: { layer: [1], layers: [all] }", [], "x.yaml:4:11: expected either"),
            ("", ["layers=all", "layer=2"], "--set layer=2: expected either layer or layers"),
        ])
    func layers(text: String, set: [String], message: String) throws {
        let found = try complaint(text + "\n", set: set)
        #expect(found.hasPrefix(message) && !found.contains("\n"), "\(found)")
    }

    @Test(
        "The nearer one of the two takes the place of an inherited one; where something is trained, both say something")
    func nearest() throws {
        let text = "layers: all\nvariants: { a: {layer: 3}, b: {}, c: {layer: 4, train: wordnet} }\n"
        func layers(_ set: [String] = []) throws -> [String] {
            try TemporaryExperiment.spec(Self.head + text, set: set).runs.map { run in
                "\(run.method.layer) \(run.scoredLayers.map(String.init(describing:)) ?? "")"
            }
        }
        #expect(try layers() == ["3 ", "-1 all", "4 all"])
        #expect(try layers(["a.layers=all"]) == ["-1 all", "-1 all", "4 all"])
        #expect(try layers(["layer=5", "b.layers=all"]) == ["5 ", "-1 all", "5 all"])
    }

    @Test(
        "The resolved experiment says what is read, and reads as itself; that of an earlier version, which said both, too"
    )
    func resolved() throws {
        let text = Self.head + "layers: all\nvariants: { a: {}, b: {layer: 4, train: wordnet} }\n"
        let spec = try TemporaryExperiment.spec(text)
        #expect(spec.resolvedYAML.components(separatedBy: "    layer: ").count == 2)
        #expect(spec.resolvedYAML.contains("    layer: 4\n"))
        #expect(try TemporaryExperiment.spec(spec.resolvedYAML).sha256 == spec.sha256)
        let old = spec.resolvedYAML.replacing(
            "    layers: all\n", with: "    layer: -1\n    layers: all\n", maxReplacements: 1)
        let read = try ExperimentSpec.resolved(old, named: "old", configs: TemporaryExperiment.configs)
        #expect(read.resolvedYAML == spec.resolvedYAML)
    }
}
