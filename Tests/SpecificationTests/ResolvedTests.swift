import Embedding
import Files
import Foundation
import Models
import Specification
import TestSupport
import Testing

@Suite("The resolved experiment says everything")
struct ResolvedTests {
    static let reproduction = Fixtures.packageRoot + "/experiments/reproduce-bellm.yaml"

    static func reproduce() throws -> ExperimentSpec {
        try ExperimentSpec.load(
            path: reproduction, tasks: KnownTasks.all(), cache: CacheFolder(path: "/cache"))
    }

    @Test("Defaults and inherited values are written out, in one order, quoted where needed")
    func text() throws {
        let spec = try TemporaryExperiment.spec(
            """
            published: [{row: "PromptEOL OPT-125M, in-context", paper: prompteol}]
            pooling: lasttoken
            variants:
              "2": {bidirectional: [29, 28], prompt: prompteol}
              b: {layer: -2, model: /w/b.gguf}
            description: "two\\nlines \\u2028 é 😀"
            tasks: [STS-B, SICK-R]
            model: smollm2-135m
            precision: float32
            gemm: openblas
            """)
        #expect(
            spec.resolvedYAML == #"""
                name: x
                description: "two\nlines \u2028 é 😀"
                tasks: [STS-B, SICK-R]
                variants:
                  "2":
                    model: smollm2-135m
                    template: "This sentence : \"{text}\" means in one word:\""
                    normaliser: prompteol
                    pooling: last
                    layer: -1
                    bidirectional: "[29, 28]"
                    precision: float32
                    gemm: openblas
                  b:
                    model: "/w/b.gguf"
                    template: "{text}"
                    normaliser: none
                    pooling: last
                    layer: -2
                    bidirectional: native
                    precision: float32
                    gemm: openblas
                published:
                  - paper: prompteol
                    row: "PromptEOL OPT-125M, in-context"

                """#)
        #expect(spec.sha256 == SHA256Digest(of: spec.resolvedYAML))
    }

    @Test("Reading the resolved experiment gives the same experiment, byte for byte")
    func roundTrip() throws {
        let texts = [
            "model: smollm2-135m\npooling: mean\n",
            "model: a b.gguf\npooling: max\nname: 'yes'\ntemplate: \"\\t{text}\\u0085\\\\ \\\"\"\nbidirectional: [1,2]\n",
            "model: smollm2-135m\nvariants:\n  'no': {pooling: first}\n  'a: #b': {pooling: avg, prompt: plain}\n",
            try TextFile.text(of: Self.reproduction).replacing(
                "../configs", with: Fixtures.packageRoot + "/configs"),
        ]
        for text in texts {
            let spec = try TemporaryExperiment.spec(text)
            let again = try TemporaryExperiment.spec(spec.resolvedYAML)
            #expect(again.resolvedYAML == spec.resolvedYAML)
            #expect(again.sha256 == spec.sha256)
            #expect(again.runs.map(\.method) == spec.runs.map(\.method))
        }
    }

    @Test("The order of keys and the way a file is split don't change the hash")
    func stability() throws {
        let whole = try TemporaryExperiment.spec(
            "name: x\nmodel: smollm2-135m\nvariants:\n  a: {pooling: mean, prompt: prompteol}\n")
        let split = try TemporaryExperiment.with([
            "base.yaml": "prompt: prompteol\nmodel: smollm2-135m\n",
            "x.yaml": "# a comment\nvariants: {a: {layer: -1, pooling: avg}}\nextends: base.yaml\n",
        ]) { try $0.load() }
        #expect(split.resolvedYAML == whole.resolvedYAML)
    }

    @Test("A resolved experiment means the same files, and has one digest, from whatever folder it is read")
    func places() throws {
        let files = [
            "deep/x.yaml": """
            model: ../m.gguf
            pooling: mean
            tasks: [{name: mine, kind: sts, file: pairs.csv, columns: {first: a, second: b, score: s}}]
            variants:
              trained: {train: {data: ./learn.csv, steps: 2}}
              shared: {train: {data: nli/learn.csv, steps: 2}}
              adapted: {adapter: ./adapters/one}
            """,
            "deep/pairs.csv": "a,b,s\nx,y,1\n", "deep/learn.csv": "sent0,sent1\nx,y\n", "other/y.yaml": "",
        ]
        try TemporaryExperiment.with(files) { experiment in
            let texts = try ["deep/x.yaml", "other/../deep/x.yaml", "other/../deep/../deep/x.yaml"].map {
                try ExperimentSpec.load(path: experiment.folder + "/" + $0, tasks: KnownTasks.all()).resolvedYAML
            }
            #expect(Set(texts).count == 1)
            let folder = URL(fileURLWithPath: experiment.folder).resolvingSymlinksInPath().path
            for path in ["m.gguf", "deep/pairs.csv", "deep/learn.csv", "deep/adapters/one"] {
                #expect(texts[0].contains("\"\(folder)/\(path)\""), "\(path)")
            }
            // What isn't beside the file is the data folder's.
            #expect(texts[0].contains("data: \"nli/learn.csv\""))
            try AtomicFile.replace(experiment.folder + "/other/y.yaml", with: texts[0])
            let again = try ExperimentSpec.load(path: experiment.folder + "/other/y.yaml", tasks: KnownTasks.all())
            #expect(again.resolvedYAML == texts[0])
        }
    }

    @Test("The committed experiment is the runs of the reproduction, two of them trained alike, and the published row")
    func committedExperiment() throws {
        let spec = try Self.reproduce()
        let promptEOL = try PromptTemplate("This sentence : \"{text}\" means in one word:\"")
        let word = try PromptTemplate("The representative word for sentence {text} is:\"")
        func prompted(_ template: PromptTemplate, layer: Int = -1, _ plan: AttentionPlan = .none) -> EmbeddingMethod {
            EmbeddingMethod(
                template: template, normaliser: .prompteol, pooling: .last, layer: HiddenLayer(layer), attention: plan)
        }
        let expected: [(String, EmbeddingMethod)] = [
            ("mean causal", EmbeddingMethod(pooling: .mean)),
            ("mean all layers", EmbeddingMethod(pooling: .mean, attention: .all)),
            ("mean final layer", EmbeddingMethod(pooling: .mean, attention: .last(1))),
            ("PromptEOL", prompted(promptEOL)),
            ("PromptEOL layer -2", prompted(promptEOL, layer: -2)),
            ("representative word causal", prompted(word)),
            ("representative word final layer", prompted(word, .last(1))),
            ("representative word last 4", prompted(word, .last(4))),
            ("trained causal", prompted(promptEOL)),
            ("trained BeLLM last 6", prompted(promptEOL, .last(6))),
        ]
        #expect(spec.name == "reproduce-bellm")
        #expect(try spec.tasks.map(\.name) == KnownTasks.all().standardTasks.map(\.name))
        #expect(spec.runs.map(\.name) == expected.map(\.0))
        #expect(spec.runs.map(\.method) == expected.map(\.1))
        let trained = spec.runs.compactMap { run -> TrainingSpec? in
            if case .trained(let stages) = run.adapter { stages.last } else { nil }
        }
        #expect(trained.map(\.method) == expected.suffix(2).map(\.1))
        #expect(Set(trained.map(\.recipe)).count == 1)
        #expect(spec.published.map(\.row.name) == ["BeLLM LLaMA-2-7B"])
        #expect(spec.published.first?.row.score(of: "STS-B") == 88.89)
        for run in spec.runs {
            #expect(run.model.file == "/cache/models/smollm2-135m/SmolLM2-135M-Instruct.Q4_1.gguf")
            #expect(run.model.sha256 == "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53")
            try run.check(layerCount: 30, hiddenSize: 576)
        }
    }

    @Test("The manual's tables have every key, those of a run in the order in which they are read")
    func manual() throws {
        let manual = try TextFile.text(of: Fixtures.packageRoot + "/docs/experiments.md")
        for key in SchemaErrorTests.keys.components(separatedBy: ", ") {
            #expect(manual.contains("| `\(key)` |"), "docs/experiments.md has no row for \(key)")
        }
        let lines = manual.components(separatedBy: "\n")
        let section = lines.drop { $0 != "## Keys of a run" }.dropFirst().prefix { !$0.hasPrefix("## ") }
        let keys = section.filter { $0.hasPrefix("| `") }.compactMap { $0.split(separator: "`").dropFirst().first }
        #expect(keys.map(String.init) == ExperimentSpec.runKeys)
    }
}
