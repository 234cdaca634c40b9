import Diagnostics
import Embedding
import Files
import Foundation
import Specification
import TestSupport
import Testing

@Suite("A model's config says the method that the model was released with")
struct ModelMethodTests {
    private static let model = """
        name: m
        hub: org/m@\(String(repeating: "a", count: 40))
        method:
          template: { sentence: "S {text}", query: "Q {text}{end:</s>}", document: "{text}" }
          normaliser: verbatim
          pooling: last
          bidirectional: all
        unit_length: true

        """
    private static let adapted = """
        name: twice
        hub: org/base
        adapter: { merge: [org/a, org/b], by: task_arithmetic }
        method: { pooling: mean, template: "T {text:pool}", bidirectional: all }

        """

    private func with<R>(_ text: String, _ body: (TemporaryExperiment, ConfigFolder) throws -> R) throws -> R {
        let files = [
            "configs/models/m.yaml": Self.model, "configs/models/twice.yaml": Self.adapted,
            "configs/prompts/p.yaml": "template: \"P {text}\"\n", "x.yaml": text,
        ]
        return try TemporaryExperiment.with(files) {
            try body($0, ConfigFolder(path: $0.folder + "/configs"))
        }
    }

    private func method(_ keys: String, set: [String] = []) throws -> EmbeddingMethod {
        try with("model: m\ntasks: [STS-B]\n" + keys) { experiment, configs in
            try experiment.load(set: set, configs: configs).runs[0].methods[0]
        }
    }

    private func complaint(_ text: String) throws -> String {
        try with(text) { experiment, configs in
            do {
                _ = try experiment.load(configs: configs)
                return ""
            } catch {
                return "\(error)".replacing(experiment.folder + "/", with: "")
            }
        }
    }

    @Test("A run that says the model alone has its method")
    func released() throws {
        let method = try method("")
        #expect(method.pooling == .last && method.normaliser == .verbatim && method.attention == .all)
        #expect(try method.template(for: .query).description == "Q {text}{end:</s>}")
        #expect(try method.template(for: .sentence).description == "S {text}")
    }

    @Test("What a run says counts, key by key; a prompt brings its normaliser, a protocol another one")
    func said() throws {
        let pooled = try method("pooling: mean\n")
        #expect(pooled.pooling == .mean && pooled.attention == .all)
        #expect(try pooled.template(for: .sentence).description == "S {text}")
        let own = try method("template: \"own {text}\"\n")
        #expect(try own.template(for: .query).description == "own {text}" && own.normaliser == .verbatim)
        let prompted = try method("prompt: p\n")
        #expect(try prompted.template(for: .query).description == "P {text}" && prompted.normaliser == .none)
        #expect(try method("protocol: prompteol\n").normaliser == .prompteolQuotes)
        #expect(try method("bidirectional: none\n").attention == .none)
        let changed = try method("", set: ["template.query=other {text}"])
        #expect(try changed.template(for: .query).description == "other {text}")
        #expect(try changed.template(for: .document).description == "{text}")
    }

    @Test("A resolved experiment says the method, and means the same when the config has changed")
    func resolved() throws {
        try with("model: m\ntasks: [STS-B]\n") { experiment, configs in
            let spec = try experiment.load(configs: configs)
            let yaml = spec.resolvedYAML
            #expect(
                yaml.contains("model: \"org/m@aaaaaaaa") && yaml.contains("{end:</s>}")
                    && yaml.contains("pooling: last"))
            try AtomicFile.replace(experiment.folder + "/configs/models/m.yaml", with: "name: m\nhub: org/m\n")
            let again = try ExperimentSpec.resolved(yaml, named: "result", configs: configs)
            #expect(again.runs[0].methods == spec.runs[0].methods && again.resolvedYAML == yaml)
        }
    }

    @Test("A model's adapters are the run's, unless it says others or none; a training would begin without them")
    func adapters() throws {
        let run = "model: twice\ntasks: [STS-B]\n"
        try with(run) { experiment, configs in
            let spec = try experiment.load(configs: configs)
            guard case .merged(let sources, let merge) = spec.runs[0].adapter else {
                Issue.record("expected two adapters, found \(String(describing: spec.runs[0].adapter))")
                return
            }
            #expect(sources.count == 2 && merge.method == .taskArithmetic && merge.weights.isEmpty && merge.scale == 1)
            #expect(spec.missingFromHub.map { $0.reference.id.description }.sorted() == ["org/a", "org/b", "org/base"])
            #expect(try experiment.load(set: ["adapter=none"], configs: configs).runs[0].adapter == nil)
        }
        try with(run + "adapter: none\n") { experiment, configs in
            let spec = try experiment.load(configs: configs)
            let again = try ExperimentSpec.resolved(spec.resolvedYAML, named: "result", configs: configs)
            #expect(again.runs[0].adapter == nil && again.resolvedYAML == spec.resolvedYAML)
        }
        let trained = try complaint(run + "train: { data: wordnet }\n")
        #expect(trained.contains("x.yaml:3:1: the model twice is a backbone with adapters of its own"), "\(trained)")
        let taught = try complaint(
            "model: m\ntasks: [STS-B]\ntrain: { data: STS-B-train, objective: distillation, teacher: { model: twice } }\n"
        )
        #expect(taught.contains("and a teacher has none"), "\(taught)")
    }

    @Test("A mistake in a model's method names the config's line; what can't be released is refused")
    func mistakes() throws {
        func complaint(_ config: String) throws -> String {
            try TemporaryExperiment.with([
                "configs/models/bad.yaml": config, "x.yaml": "model: bad\ntasks: [STS-B]\npooling: mean\n",
            ]) { experiment in
                do {
                    _ = try experiment.load(configs: ConfigFolder(path: experiment.folder + "/configs"))
                    return ""
                } catch {
                    return "\(error)".replacing(experiment.folder + "/configs/models/", with: "")
                }
            }
        }
        let start = "name: bad\nhub: org/m\n"
        #expect(try complaint(start).isEmpty)
        let pooling = try complaint(start + "method: { pooling: meen }\n")
        #expect(
            pooling.hasPrefix("bad.yaml:3:20: unknown pooling \"meen\"") && pooling.contains("did you mean \"mean\"?"))
        let key = try complaint(start + "method: { pool: mean }\n")
        #expect(key.contains("bad.yaml:3:11: unknown key of a model's method \"pool\""), "\(key)")
        #expect(try complaint(start + "method: mean\n").contains("bad.yaml:3:9: expected a mapping"))
        #expect(try complaint(start + "unit_length: 1\n").contains("bad.yaml:3:14: expected true or false"))
        #expect(try complaint(start + "sha256: abc\n").contains("sha256 is of a file, and the model says none"))
        #expect(try complaint("name: bad\n").contains("the key \"file\" is missing"))
        let trained = try complaint(
            start + "adapter: { merge: [org/a, org/b], by: position, steps: 1, data: STS-B-train }\n")
        #expect(trained.contains("bad.yaml:3"), "\(trained)")
        let template = try complaint(start + "method: { template: \"{end:x}{text}\" }\n")
        #expect(template.contains("expected {end:…} once, as the last of the template"), "\(template)")
    }

    @Test("Every committed model makes a run by its name alone where its config has a pooling")
    func committed() throws {
        let catalogue = ModelCatalogue(configs: TemporaryExperiment.configs, cache: CacheFolder(path: "/none"))
        var count = 0
        for name in catalogue.names {
            let model = try catalogue.model(name)
            guard let method = model.method, method.says("pooling") else { continue }
            let spec = try TemporaryExperiment.spec("model: \(name)\ntasks: [STS-B]\n")
            let run = try #require(spec.runs.first)
            for role in [TextRole.sentence, .query, .document] {
                #expect(try run.methods[0].template(for: role).description.contains("{text"), "\(name), \(role)")
            }
            if let hub = model.hub {
                let isPinned = hub.id.revision.wholeMatch(of: /[0-9a-f]{40}/) != nil
                #expect(isPinned || name.hasPrefix("llm2vec-"), "\(name)")
            }
            count += 1
        }
        #expect(count == 24)
    }
}
