import Embedding
import Foundation
import Models
import Specification
import TestSupport
import Testing

@Suite("A matrix is every combination of its values")
struct MatrixTests {
    static func names(_ text: String, set: [String] = [], only: [String] = []) throws -> [String] {
        try TemporaryExperiment.spec("model: smollm2-135m\n" + text, set: set, only: only).runs.map(\.name)
    }

    static func complaint(_ text: String, set: [String] = []) throws -> String {
        try TemporaryExperiment.complaint("model: smollm2-135m\n" + text, set: set)
    }

    static let two = "matrix:\n  prompt: [plain, prompteol]\n  pooling: [last, mean]\n"

    @Test("The first key varies slowest; names hold what varies, and only that")
    func names() throws {
        #expect(
            try Self.names(Self.two) == [
                "prompt=plain pooling=last", "prompt=plain pooling=mean", "prompt=prompteol pooling=last",
                "prompt=prompteol pooling=mean",
            ])
        #expect(
            try Self.names("matrix:\n  pooling: [max]\n  layer: [-1, 2]\n  prompt: [plain]\n") == [
                "layer=-1", "layer=2",
            ])
        #expect(try Self.names("matrix: {pooling: [max]}\n") == ["x"])
    }

    @Test("The combinations reach the methods")
    func methods() throws {
        let spec = try TemporaryExperiment.spec(
            "model: smollm2-135m\npooling: max\nbidirectional: all\n"
                + "matrix: {bidirectional: [none, last 2, [28, 29]], layer: [3, -1]}\n")
        #expect(
            spec.runs.map(\.method.attention) == [
                .none, .none, .last(2), .last(2), .layers([28, 29]), .layers([28, 29]),
            ])
        #expect(spec.runs.map(\.method.layer.index) == [3, -1, 3, -1, 3, -1])
        #expect(spec.runs.allSatisfy { $0.method.pooling == .max })
        #expect(spec.runs[4].name == "bidirectional=[28, 29] layer=3")
        let again = try TemporaryExperiment.spec(spec.resolvedYAML)
        #expect(again.sha256 == spec.sha256)
    }

    @Test("Combinations that differ in any run key are different")
    func distinct() throws {
        let names = try Self.names("pooling: max\nmatrix: {precision: [float32, bfloat16], gemm: [onednn]}\n")
        #expect(names == ["precision=float32", "precision=bfloat16"])
    }

    @Test("With variants, each variant has each combination")
    func variants() throws {
        let text = "variants:\n  a: {prompt: plain}\n  b: {prompt: prompteol}\nmatrix: {pooling: [last, mean]}\n"
        #expect(
            try Self.names(text) == ["a · pooling=last", "a · pooling=mean", "b · pooling=last", "b · pooling=mean"])
        #expect(try Self.names("variants: {a: {}, b: {layer: 2}}\nmatrix: {pooling: [last]}\n") == ["a", "b"])
    }

    @Test(
        "A range stands for its numbers, in a plan, a list or alone",
        arguments: [
            ("bidirectional: [last 0..3]", ["last 0", "last 1", "last 2", "last 3"]),
            ("bidirectional: [none, from 28..29]", ["none", "from 28", "from 29"]),
            ("bidirectional: [\"[8..10]\"]", ["[8]", "[9]", "[10]"]),
            ("bidirectional: [[8..9], [1, 8..9]]", ["[8]", "[9]", "[1, 8]", "[1, 9]"]),
            ("bidirectional: [[0..1, 8..9]]", ["[0, 8]", "[0, 9]", "[1, 8]", "[1, 9]"]),
        ])
    func ranges(line: String, values: [String]) throws {
        #expect(try Self.names("pooling: mean\nmatrix:\n  \(line)\n") == values.map { "bidirectional=\($0)" })
    }

    @Test("A range of hidden layers may be negative")
    func negativeRange() throws {
        let spec = try TemporaryExperiment.spec("model: smollm2-135m\npooling: mean\nmatrix: {layer: [-3..-1, 5]}\n")
        #expect(spec.runs.map(\.method.layer.index) == [-3, -2, -1, 5])
    }

    @Test("Exclusions leave out what they match, with one key or several, ranges too")
    func exclusions() throws {
        #expect(
            try Self.names(Self.two + "  exclude: [{prompt: plain, pooling: mean}]\n") == [
                "prompt=plain pooling=last", "prompt=prompteol pooling=last", "prompt=prompteol pooling=mean",
            ])
        #expect(
            try Self.names(Self.two + "  exclude: [{pooling: mean}]\n")
                == ["prompt=plain pooling=last", "prompt=prompteol pooling=last"])
        #expect(
            try Self.names(
                "pooling: max\nmatrix:\n  layer: [1..5]\n  exclude:\n    - layer: 2..4\n") == ["layer=1", "layer=5"])
    }

    @Test("Long texts and paths keep names short, safe and apart")
    func labels() throws {
        let long = "One sentence which is much longer than a name: {text}"
        let names = try Self.names(
            "pooling: max\nmatrix:\n  template: ['\(long) a', '\(long) b', '{text}/', '{text}']\n")
        #expect(Set(names).count == 4)
        #expect(names[0].hasPrefix("template=One sentence which is much longe… "))
        #expect(names[3] == "template={text}")
        #expect(names.allSatisfy { $0.count <= 50 && !$0.contains("/") })
        let accents = try Self.names("pooling: max\nmatrix:\n  template: ['\u{E9} {text}', 'e\u{301} {text}']\n")
        #expect(accents.count == 2 && accents[0] == "template=\u{E9} {text}" && accents[1].contains("… "))
        let models = try TemporaryExperiment.spec("pooling: max\nmatrix: {model: [/w/a.gguf, smollm2-135m]}\n")
        #expect(models.runs.map(\.name) == ["model=a", "model=smollm2-135m"])
    }

    @Test("--only takes names and wildcards, --set fixes a key without renaming the others' runs")
    func commandLine() throws {
        #expect(
            try Self.names(Self.two, only: ["*pooling=last"]) == [
                "prompt=plain pooling=last", "prompt=prompteol pooling=last",
            ])
        #expect(try Self.names(Self.two, only: ["prompt=plain*", "*=prompteol*mean"]).count == 3)
        #expect(
            try Self.names(Self.two, set: ["pooling=mean"]) == [
                "prompt=plain pooling=mean", "prompt=prompteol pooling=mean",
            ])
        #expect(try Self.names(Self.two, set: ["layer=3"]).count == 4)
        #expect(try Self.names(Self.two, set: ["prompt=plain pooling=last.layer=3"]).count == 4)
        #expect(
            try TemporaryExperiment.complaint("model: smollm2-135m\n" + Self.two, only: ["*pooling=max"]).hasPrefix(
                "--only *pooling=max: unknown run \"*pooling=max\"; expected one of: prompt=plain pooling=last, "))
        let lie = "the matrix, whose runs are named by it; choose runs with --only, or change all with --set"
        #expect(
            try Self.complaint(Self.two, set: ["prompt=plain pooling=last.pooling=mean"])
                == "--set prompt=plain pooling=last.pooling=mean: pooling is a key of \(lie) pooling=VALUE")
        #expect(
            try Self.complaint(Self.two, set: ["template='{text}'"])
                == "--set template='{text}': prompt is a key of \(lie) prompt=VALUE")
    }

    @Test(
        "A mistake is named with its line",
        arguments: [
            ("matrix: [a]", "x.yaml:3:9: expected a mapping, found a list"),
            ("matrix: {}", "x.yaml:3:9: expected at least one run key with a list of values"),
            ("matrix: {layer: []}", "x.yaml:3:17: expected at least one value"),
            ("matrix: {layer: 3}", "x.yaml:3:17: expected a list of values, found the integer 3"),
            ("matrix: {layer: [{a: 1}]}", "x.yaml:3:18: expected a value of layer, found a mapping"),
            (
                "matrix: {layr: [3]}",
                "x.yaml:3:10: unknown key of a matrix \"layr\"; expected one of: \(SchemaErrorTests.runKeys.replacing(", label, factors", with: "").replacing("seeds, ", with: "")), exclude; "
                    + "did you mean \"layer\"?"
            ),
            ("matrix: {layer: [2, 3, 2]}", "x.yaml:3:24: the value \"2\" stands twice"),
            ("matrix: {layer: [2..4, 3]}", "x.yaml:3:24: the value \"3\" stands twice"),
            (
                "matrix: {pooling: [mean, max, avg]}",
                "x.yaml:3:31: the runs \"pooling=mean\" and \"pooling=avg\" are the same method on the same backbone"
            ),
            (
                "matrix: {prompt: [plain], template: ['{text}']}",
                "x.yaml:3:27: expected either prompt or template, found both"
            ),
            ("matrix: {layer: [4..2]}", "x.yaml:3:18: expected a range from low to high, found \"4..2\""),
            ("matrix: {layer: [1..x]}", "x.yaml:3:18: expected one range such as 0..30, found \"1..x\""),
            (
                "matrix: {layer: [0..9223372036854775807]}",
                "x.yaml:3:18: expected a range of at most 1000 values, found \"0..9223372036854775807\""
            ),
            (
                "matrix: {layer: [-40..-1, 0..30], bidirectional: [last 1..30]}",
                "x.yaml:3:9: expected at most 1000 runs, found more, exclusions not counted"
            ),
            (
                "matrix: {layer: [1, 2], exclude: [{layer: 3}]}",
                "x.yaml:3:43: unknown value of layer \"3\"; expected one of: 1, 2; did you mean \"1\"?"
            ),
            (
                "matrix: {layer: [1, 2], exclude: [{pooling: max}]}",
                "x.yaml:3:36: unknown key of this matrix \"pooling\"; expected one of: layer"
            ),
            (
                "matrix: {layer: [1, 2], exclude: [{}]}",
                "x.yaml:3:35: expected at least one key of the matrix and its value, found a mapping"
            ),
            ("matrix: {layer: [1, 2], exclude: [{layer: 1..2}]}", "x.yaml:3:9: every combination is excluded"),
            (
                "variants: {a: {layer: 1}}\nmatrix: {layer: [2, 3]}",
                "x.yaml:3:16: layer stands in a variant, though the matrix lists values of layer"
            ),
            (
                "variants: {a: {template: '{text}'}}\nmatrix: {prompt: [plain]}",
                "x.yaml:3:16: template stands in a variant, though the matrix lists values of prompt"
            ),
        ])
    func mistakes(line: String, complaint: String) throws {
        #expect(try Self.complaint("pooling: max\n\(line)\n") == complaint)
    }

    @Test("exclude beside the matrix says where it belongs")
    func misplacedExclude() throws {
        #expect(
            try Self.complaint("pooling: max\nmatrix: {layer: [1, 2]}\nexclude: [{layer: 1}]\n").hasSuffix(
                "exclude belongs inside matrix"))
    }

    @Test("What all combinations lack is told once")
    func missing() throws {
        #expect(
            try Self.complaint("matrix: {layer: [1..20]}\n")
                == "x.yaml:2:9: the run \"layer=1\" says no pooling, which has no default; "
                + "expected one of: \(SchemaErrorTests.poolings)")
    }

    @Test("A matrix may name a thousand runs")
    func large() throws {
        #expect(
            try Self.names("pooling: max\nprompt: prompteol\nmatrix: {layer: [0..24], bidirectional: [last 1..40]}\n")
                .count == 1000)
    }
}

@Suite("What tables call a run")
struct TableNamesTests {
    private func cells(_ yaml: String) throws -> [String] {
        try TemporaryExperiment.spec("model: smollm2-135m\n\(yaml)\n").runs.map { run in
            run.tableNames.cells.map { "\($0.name)=\($0.value)" }.joined(separator: " ")
        }
    }

    @Test("A matrix gives a factor for each key with several values; values and variants may have labels")
    func matrix() throws {
        let matrix = "matrix:\n  pooling: [mean, {value: last, label: \"last token\"}]\n  layer: [-1]\n"
        #expect(try cells(matrix) == ["pooling=mean", "pooling=last token"])
        #expect(
            try cells("variants: {a: {}, b: {label: \"Bé\"}}\n" + matrix) == [
                "run=a pooling=mean", "run=a pooling=last token", "run=Bé pooling=mean", "run=Bé pooling=last token",
            ])
        #expect(
            try cells("pooling: mean\nvariants: {a: {}, b: {label: x}, c: {label: y, factors: {size: \"small\"}}}")
                == ["", "run=x", "run=y size=small"])
    }

    @Test("They survive the resolved experiment, and change neither method nor settings")
    func resolved() throws {
        let text = "model: smollm2-135m\nmatrix: {pooling: [mean, {value: last, label: \"last token\"}]}\nlabel: x\n"
        let spec = try TemporaryExperiment.spec(text)
        let again = try TemporaryExperiment.spec(spec.resolvedYAML)
        #expect(again.resolvedYAML == spec.resolvedYAML && again.runs.map(\.tableNames) == spec.runs.map(\.tableNames))
        let plain = try TemporaryExperiment.spec(text.replacing("label: x\n", with: "name: n\n"))
        func ids(_ spec: ExperimentSpec) -> [String] {
            spec.runs.map { $0.methodID(weightsSHA256: "w", adapterSHA256: nil).description }
        }
        #expect(ids(plain) == ids(spec) && plain.runs.map(\.settingsYAML) == spec.runs.map(\.settingsYAML))
        #expect(plain.runs.map(\.resolvedYAML) != spec.runs.map(\.resolvedYAML))
    }

    @Test(
        "Layers and dimensions that a run stands for are factors beside its name",
        arguments: [
            ("all", [0, 1, 2]), ("[0, 2]", [0, 2]), ("[-1, 1]", [-1, 1]), ("0..1", [0, 1]), ("[0..1, -1]", [0, 1, -1]),
        ])
    func expanded(layers: String, expected: [Int]) throws {
        let text = "model: ./tiny.gguf\npooling: mean\nlayers: \(layers)\ndimensions: [2, 4]\n"
        try TemporaryExperiment.with(["x.yaml": text]) {
            try TinyLlama.writeProgramFile(to: $0.folder + "/tiny.gguf")
            let experiment = try $0.load()
            let run = experiment.runs[0]
            let runs = run.expanded(on: try PretrainedModel(path: run.model.existingFile()).shape)
            #expect(
                runs.map(\.tableNames.cells)
                    == expected.flatMap { layer in
                        [2, 4].map { [.init("run", "x"), .init("layer", "\(layer)"), .init("dimensions", "\($0)")] }
                    })
            #expect(runs.map(\.method.layer) == expected.flatMap { [HiddenLayer($0), HiddenLayer($0)] })
            for name in runs.map(\.name) { #expect(run.makes(name), "\(name)") }
            for name in ["x", "x layer 0", "x layer 7 dimensions 2", "x layer one dimensions 2"] where layers != "all" {
                #expect(!run.makes(name), "\(name)")
            }
            let again = try TemporaryExperiment.spec(experiment.resolvedYAML)
            #expect(again.runs[0].scoredLayers == run.scoredLayers)
        }
    }

    @Test(
        "Layers that aren't all or a list, stand twice, or aren't there, are refused at their place",
        arguments: [
            ("most", "x.yaml:3:9: expected all, or a list of hidden layers such as [2, 4..8, -1], found"),
            ("3", "x.yaml:3:9: expected all, or a list of hidden layers such as [2, 4..8, -1], found"),
            ("[]", "x.yaml:3:9: expected at least one of the layers"),
            ("[1, 1]", "x.yaml:3:13: the integer 1 stands twice among the layers"),
            ("[0..2, 1]", "x.yaml:3:16: hidden layer 1 stands twice among the layers"),
            ("[1, x]", "x.yaml:3:13: expected an integer"),
            ("[2..1]", "x.yaml:3:10: expected a range from low to high"),
            ("[1, 7]", "x.yaml:3:9: there is no hidden layer 7: the model has 2 layers"),
            ("[2, -1]", "x.yaml:3:9: the hidden layers 2 and -1 are the same in a model of 2 layers"),
        ])
    func refusedLayers(layers: String, complaint: String) throws {
        let text = "model: ./tiny.gguf\npooling: mean\nlayers: \(layers)\n"
        try TemporaryExperiment.with(["x.yaml": text]) {
            try TinyLlama.writeProgramFile(to: $0.folder + "/tiny.gguf")
            do {
                let run = try $0.load().runs[0]
                try run.check(try PretrainedModel(path: run.model.existingFile()), roles: [.sentence])
                Issue.record("\(layers) passes")
            } catch {
                let found = "\(error)".replacing($0.folder + "/", with: "")
                #expect(found.hasPrefix(complaint), "\(found)")
            }
        }
    }

    @Test(
        "A label is a line of text, and runs that differ by it alone are still the same",
        arguments: [
            ("label: \"a\\nb\"", "x.yaml:3:8: expected a label of one line"),
            ("label: 3", "x.yaml:3:8: expected a label, found the integer 3"),
            ("factors: [a]", "x.yaml:3:10: expected a mapping"),
            ("factors: {a: 1}", "x.yaml:3:14: expected a label, found the integer 1"),
            (
                "matrix: {layer: [{value: 1, label: a}, {value: 1, label: b}]}",
                "x.yaml:3:48: the value \"1\" stands twice"
            ),
        ])
    func refused(line: String, complaint: String) throws {
        let found = try TemporaryExperiment.complaint("model: smollm2-135m\npooling: mean\n\(line)\n")
        #expect(found.hasPrefix(complaint), "\(found)")
    }
}

@Suite("Several seeds")
struct SeedsTests {
    private static let head = "name: n\nmodel: ./m.gguf\npooling: mean\n"

    private func runs(_ yaml: String, set: [String] = []) throws -> [RunSpec] {
        try TemporaryExperiment.spec(Self.head + yaml, set: set).runs
    }

    @Test("A run that trains is as many runs, from its seed on; one that doesn't is one")
    func multiplied() throws {
        let found = try runs("train: wordnet\nseeds: 3\nvariants: { a: {seed: 5}, b: {train: none}, c: {seeds: 1} }\n")
        #expect(found.map(\.name) == ["a seed=5", "a seed=6", "a seed=7", "b", "c seed=1"])
        #expect(found.map(\.trainingSeed) == [5, 6, 7, nil, 1])
        #expect(found[1].tableNames.cells == [.init("run", "a"), .init("seed", "6")])
        let ids = Set(found.prefix(3).map { $0.methodID(weightsSHA256: "", adapterSHA256: nil) })
        #expect(ids.count == 1)
        let chosen = try TemporaryExperiment.spec(
            Self.head + "train: wordnet\nseeds: 2\nvariants: { a: {}, b: {} }\n", only: ["b"])
        #expect(chosen.runs.map(\.name) == ["b seed=1", "b seed=2"], "the name that the seeds share chooses them all")
        let counted = "train: wordnet\nseeds: 2\nvariants: { a: {}, b: {seed: 7} }\n"
        for (said, seeds) in [
            (["seed=4"], [4, 5, 4, 5]), (["b.seed=3"], [1, 2, 3, 4]), (["a.train=none"], [nil, 7, 8]),
            (["train=none"], [nil, nil]),
        ] as [([String], [UInt64?])] {
            let found = try runs(counted, set: said)
            #expect(found.map(\.trainingSeed) == seeds, "\(said)")
            for run in found where run.trainingSeed != nil {
                #expect(run.tableNames.cells.last == .init("seed", run.trainingSeed.map { String($0) } ?? ""))
            }
        }
        let longer = try runs(counted, set: ["a.train.steps=5"]).map { TrainingText.of($0).contains("steps: 5") }
        #expect(longer == [true, true, false, false], "a change of what has several seeds is of each of them")
        #expect(
            try TemporaryExperiment.complaint(Self.head + counted, set: ["b seed=7.seed=9"])
                == "--set b seed=7.seed=9: the seed of \"b seed=7\" is one of several; "
                + "say b.seed=N, from which they are counted")
        #expect(try runs("train: wordnet\n", set: ["seeds=2"]).map(\.name) == ["n seed=1", "n seed=2"])
        let matrix = try runs("seeds: 2\nmatrix: { train: [none, wordnet] }\n")
        #expect(matrix.map(\.name) == ["train=none", "train=wordnet seed=1", "train=wordnet seed=2"])
        #expect(matrix[2].tableNames.cells == [.init("train", "wordnet"), .init("seed", "2")])
    }

    @Test("The resolved experiment has each of them, and reads as itself")
    func resolved() throws {
        let spec = try TemporaryExperiment.spec(Self.head + "train: wordnet\nseeds: 2\n")
        #expect(try TemporaryExperiment.spec(spec.resolvedYAML).resolvedYAML == spec.resolvedYAML)
    }

    @Test(
        "What can't be multiplied is refused",
        arguments: [
            ("seeds: 0", [], "x.yaml:5:8: seeds: expected 1 to 100, found 0"),
            ("seeds: many", [], "x.yaml:5:8: expected an integer, found the text"),
            ("matrix: {seeds: [1, 2]}", [], "x.yaml:5:10: unknown key of a matrix \"seeds\""),
            ("seed: 9223372036854775807\nseeds: 2", [], "expected a seed from 0"),
            ("seeds: 2", ["n.seeds=3"], "--set n.seeds=3: seeds makes several runs"),
            ("variants: {a: {}}", ["a.seeds=3"], "--set a.seeds=3: seeds makes several runs"),
        ])
    func refused(yaml: String, set: [String], message: String) throws {
        let found = try TemporaryExperiment.complaint(Self.head + "train: wordnet\n" + yaml + "\n", set: set)
        #expect(found.contains(message), "\(found)")
    }
}

private enum TrainingText {
    /// What a run's training is, written out.
    static func of(_ run: RunSpec) -> String {
        guard case .trained(let stages) = run.adapter else { return "" }
        return stages.map(\.resolvedYAML).joined()
    }
}
