import Foundation
import Specification
import TestSupport
import Testing

@Suite("Experiments extend shared parts")
struct ExtendsTests {
    @Test("Mappings merge, anything else is replaced, later files win and keys keep their order")
    func merging() throws {
        let files = [
            "parts/a.yaml": """
            model: smollm2-135m
            tasks: [STS12, STS13]
            variants:
              one: {pooling: mean, layer: 3}
              two: {pooling: last}
            """,
            "parts/b.yaml": "tasks: [STS14]\nlayer: 2\n",
            "x.yaml": """
            extends: [parts/a.yaml, parts/b.yaml]
            variants:
              three: {pooling: max}
              one: {pooling: first}
            """,
        ]
        try TemporaryExperiment.with(files) { experiment in
            let spec = try experiment.load()
            #expect(spec.name == "x")
            #expect(spec.tasks.map(\.name) == ["STS14"])
            #expect(spec.runs.map(\.name) == ["one", "two", "three"])
            #expect(spec.runs.map(\.method.pooling) == [.first, .last, .max])
            #expect(spec.runs.map(\.method.layer.index) == [3, 2, 2])
            #expect(spec.runs[0].locations["layer"]?.description == "\(experiment.folder)/parts/a.yaml:4:31")
            #expect(spec.runs[0].locations["pooling"]?.description == "\(experiment.folder)/x.yaml:4:18")
        }
    }

    @Test("A mistake in an extended file names that file, through any number of steps")
    func locations() throws {
        let files = [
            "x.yaml": "extends: parts/b.yaml\npooling: mean\n",
            "parts/b.yaml": "extends: deeper/a.yaml\nlayr: 1\n",
            "parts/deeper/a.yaml": "model: smollm2-135m\nbidirectional: sideways\n",
            "broken.yaml": "extends: parts/bad.yaml\n",
            "parts/bad.yaml": "a: [1\n",
        ]
        try TemporaryExperiment.with(files) { experiment in
            let lines = experiment.complaint().split(separator: "\n")
            #expect(lines.count == 2)
            #expect(lines.first?.hasPrefix("parts/b.yaml:2:1: unknown key \"layr\"") == true)
            #expect(lines.last?.hasPrefix("parts/deeper/a.yaml:2:16: unreadable attention plan") == true)
            #expect(experiment.complaint("broken.yaml").hasPrefix("parts/bad.yaml:2:1: unreadable YAML: "))
        }
    }

    @Test("A chain of thousands of files is refused at the file where it is too long")
    func longChain() throws {
        var files = ["x3000.yaml": "name: x\n"]
        for number in 0..<3000 { files["x\(number).yaml"] = "extends: x\(number + 1).yaml\nk\(number): 1\n" }
        try TemporaryExperiment.with(files) { experiment in
            #expect(
                experiment.complaint("x0.yaml") == "x63.yaml:1:10: expected at most 64 files that extend each other")
        }
    }

    @Test("A circle, a missing file and a wrong type show the chain")
    func chains() throws {
        let files = [
            "a.yaml": "extends: b.yaml\n", "b.yaml": "extends:\n  - c.yaml\n", "c.yaml": "extends: ./a.yaml\n",
            "self.yaml": "extends: self.yaml\n", "gone.yaml": "model: x\nextends: [lost.yaml]\n",
            "typed.yaml": "extends: 3\n", "listed.yaml": "extends: [3]\n", "none.yaml": "extends:\n",
        ]
        try TemporaryExperiment.with(files) { experiment in
            #expect(
                experiment.complaint("a.yaml")
                    == "c.yaml:1:10: extends goes in a circle: a.yaml -> b.yaml -> c.yaml -> ./a.yaml")
            #expect(
                experiment.complaint("self.yaml")
                    == "self.yaml:1:10: extends goes in a circle: self.yaml -> self.yaml")
            #expect(
                experiment.complaint("gone.yaml")
                    == "gone.yaml:2:11: no such file to extend: gone.yaml -> lost.yaml")
            #expect(
                experiment.complaint("typed.yaml")
                    == "typed.yaml:1:10: expected a path or a list of paths, found the integer 3")
            #expect(
                experiment.complaint("listed.yaml").hasPrefix("listed.yaml:1:11: expected a path, found the integer"))
            #expect(
                experiment.complaint("none.yaml")
                    == "none.yaml:1:9: expected a path or a list of paths, found nothing")
        }
    }

    @Test("Files that extend one file many times over read it once")
    func diamonds() throws {
        var files = ["f0.yaml": "model: smollm2-135m\npooling: mean\n"]
        for level in 1...24 { files["f\(level).yaml"] = "extends: [f\(level - 1).yaml, f\(level - 1).yaml]\n" }
        try TemporaryExperiment.with(files) { experiment in
            let spec = try experiment.load("f24.yaml")
            #expect(spec.runs.count == 1)
        }
    }

    @Test("Prompt and template replace each other; an explicit normaliser beats the prompt's")
    func prompts() throws {
        let spec = try TemporaryExperiment.spec(
            """
            model: smollm2-135m
            pooling: last
            prompt: prompteol
            variants:
              inherited: {}
              other prompt: {prompt: plain}
              template: {template: 'x {text}'}
              normaliser: {normaliser: none}
            """)
        let templates = spec.runs.map(\.method.templates.description)
        let promptEOL = "This sentence : \"{text}\" means in one word:\""
        #expect(templates == [promptEOL, "{text}", "x {text}", promptEOL])
        #expect(spec.runs.map(\.method.normaliser) == [.prompteol, .none, .none, .none])
        #expect(spec.runs.map(\.promptName) == ["prompteol", "plain", nil, "prompteol"])

        let other = try TemporaryExperiment.spec(
            "model: smollm2-135m\npooling: last\ntemplate: 'x {text}'\nnormaliser: prompteol\n"
                + "variants:\n  a: {prompt: plain}\n  prompt: {}\n  template: {}\n")
        #expect(other.runs.map(\.method.templates.description) == ["{text}", "x {text}", "x {text}"])
        #expect(other.runs.map(\.method.normaliser) == [.prompteol, .prompteol, .prompteol])
    }

    @Test("Another loss, objective or choice of targets leaves behind what an inherited one says of itself")
    func replacedChoices() throws {
        func recipe(_ base: String, _ own: String) throws -> TrainingSpec {
            let files = [
                "base.yaml": "model: ./m.gguf\npooling: mean\ntrain: {data: STS-B-train, \(base)}\n",
                "x.yaml": "extends: base.yaml\ntrain: {\(own)}\n",
            ]
            return try TemporaryExperiment.with(files) { experiment in
                guard case .trained(let stages) = try #require(try experiment.load().runs[0].adapter) else {
                    return TrainingSpec()
                }
                return try #require(stages.first)
            }
        }
        let text = try ["loss: angle, ibn_tau: 9", "objective: {angle: {ibn_tau: 9}}"].flatMap { base in
            try ["loss: cosent", "objective: cosent", "objective: {cosent: {scale: 20}}", "loss: cosent, scale: 20"].map
            {
                try recipe(base, $0).resolvedYAML
            }
        }
        #expect(Set(text).count == 1)
        #expect(text[0].contains("scale: 20") && !text[0].contains("tau"))
        // The numbers of the same objective are kept, however deep it is.
        let deep = "objective: {matryoshka: {of: {angle: {ibn_tau: 9, angle_tau: 3}}, dimensions: [4, 2]}}"
        let same = try recipe(deep, "objective: {matryoshka: {of: {angle: {angle_tau: 2}}}}").resolvedYAML
        #expect(same.contains("ibn_tau: 9") && same.contains("angle_tau: 2") && same.contains("dimensions: [4, 2]"))
        let other = try recipe(deep, "objective: {matryoshka: {of: {cosent: {scale: 7}}}}").resolvedYAML
        #expect(other.contains("scale: 7") && !other.contains("tau") && other.contains("dimensions: [4, 2]"))
        // What says nothing beside what is laid over it is no mistake of who inherits it.
        let layered = "objective: {adaptive_layers: {divergence_weight: 2, detach: false}}"
        let off = try recipe(layered, "objective: {adaptive_layers: {temperature: 0}}").resolvedYAML
        #expect(off.contains("temperature: 0") && !off.contains("detach") && !off.contains("divergence_weight"))
        // The same kind of head keeps its keys, another kind has its own.
        let head = "head: {kind: mlp, hidden: [16], dimensions: 6, activation: relu}"
        let narrower = try recipe(head, "head: {kind: mlp, hidden: [12]}").resolvedYAML
        #expect(narrower.contains("hidden: [12]") && narrower.contains("dimensions: 6") && narrower.contains("relu"))
        let linear = try recipe(head, "head: {kind: linear}").resolvedYAML
        #expect(linear.contains("kind: linear") && !linear.contains("dimensions") && !linear.contains("relu"))
        for targets in ["full", "none, modules_to_save: [norm]"] {
            let whole = try recipe("rank: 4, alpha: 2, dropout: 0.1, layers: [0]", "targets: \(targets)")
            #expect(whole.recipe.adapter.layers == nil && whole.recipe.adapter.dropout == 0)
        }
    }

    @Test("A protocol's normaliser beats the prompt's, an explicit one beats both")
    func protocols() throws {
        let spec = try TemporaryExperiment.spec(
            """
            model: smollm2-135m
            pooling: last
            prompt: prompteol
            variants:
              prompt: {}
              paper: {protocol: prompteol}
              bellm: {protocol: bellm-released}
              prepending: {protocol: token-prepending, prompt: plain}
              plain: {protocol: plain}
              explicit: {normaliser: prompteol, protocol: plain}
            """)
        #expect(
            spec.runs.map(\.method.normaliser) == [
                .prompteol, .prompteolQuotes, .bellmReleased, .prompteolQuotes, .none, .prompteol,
            ])
        #expect(!spec.resolvedYAML.contains("protocol"))
    }

    @Test("Runs named like alternative keys survive a merge")
    func runsNamedLikeKeys() throws {
        let files = [
            "base.yaml": "model: smollm2-135m\nvariants:\n  prompt: {pooling: mean}\n",
            "x.yaml": "extends: base.yaml\nvariants:\n  template: {pooling: mean}\n",
        ]
        try TemporaryExperiment.with(files) { experiment in
            let spec = try experiment.load()
            #expect(spec.runs.map(\.name) == ["prompt", "template"])
        }
    }

    @Test("A model's path starts at the file that says it")
    func modelPaths() throws {
        let files = [
            "parts/base.yaml": "model: weights/a.gguf\n", "x.yaml": "extends: parts/base.yaml\npooling: mean\n",
        ]
        try TemporaryExperiment.with(files) { experiment in
            let inherited = try #require(try experiment.load().runs.first).model
            #expect(inherited.file == experiment.folder + "/parts/weights/a.gguf")
            #expect(inherited.name == "a")
            #expect(inherited.sha256 == nil)
            let given = try #require(try experiment.load(set: ["model=weights/b.gguf"]).runs.first).model
            #expect(given.file == "weights/b.gguf")
        }
    }
}
