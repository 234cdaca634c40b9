import Diagnostics
import Embedding
import Specification
import Testing

struct MethodKeysTests {
    private func text(_ keys: String) -> String {
        "model: smollm2-135m\npooling: last\ntasks: [STS-B]\n\(keys)\n"
    }

    @Test("Post-processing, padding and several prompts survive being resolved and read again")
    func resolved() throws {
        let yaml = """
            variants:
              a: { prompt: metaeol, postprocess: whiten STS-B-train, dimensions: [64, 128] }
              b: { prompt: [prompteol, metaeol-rating], padding: visible, dimensions: 3 }
              c: { template: ["x {text}", "y {text}"], normaliser: [none, prompteol], postprocess: centre target }
              d: { prompt: [prompteol, metaeol-rating], protocol: plain, postprocess: none }
            """
        try TemporaryExperiment.with(["x.yaml": text(yaml)]) { experiment in
            let spec = try experiment.load()
            #expect(spec.runs[0].methods.count == 8)
            #expect(spec.runs[0].methods.allSatisfy { $0.normaliser == .prompteolQuotes && $0.pooling == .last })
            #expect(spec.runs[0].postprocessing.fit?.description == "whiten STS-B-train")
            #expect(spec.runs[1].methods.map(\.normaliser) == [.prompteol, .prompteolQuotes])
            #expect(spec.runs[1].methods.allSatisfy { $0.padding == .visible })
            #expect(spec.runs[2].methods.map(\.normaliser) == [.none, .prompteol])
            #expect(spec.runs[3].methods.map(\.normaliser) == [.none, .none])
            #expect(spec.runs[3].postprocessing == Postprocessing())
            #expect(spec.fittingTasks.map(\.name) == ["STS-B-train"])
            try TemporaryExperiment.with(["x.yaml": spec.resolvedYAML]) { again in
                let read = try again.load()
                #expect(read.runs.map(\.methods) == spec.runs.map(\.methods))
                #expect(read.runs.map(\.postprocessing) == spec.runs.map(\.postprocessing))
                #expect(read.sha256 == spec.sha256)
            }
        }
    }

    @Test("How a prompt is tokenised belongs to its template: a prompt file says it, a run may say otherwise")
    func tokenise() throws {
        let yaml = """
            variants:
              a: { prompt: echo-pieces }
              b: { prompt: echo-pieces, tokenise: whole }
              c: { template: "x {text:pool}{piece:</s>:pool}", tokenise: pieces }
              d: { prompt: [echo-sentence, echo-pieces] }
            """
        try TemporaryExperiment.with(["x.yaml": text(yaml)]) { experiment in
            let spec = try experiment.load()
            let tokenisations = spec.runs.map { $0.methods.map(\.templates.tokenisation) }
            #expect(tokenisations == [[.pieces], [.whole], [.pieces], [.whole, .pieces]])
            try TemporaryExperiment.with(["x.yaml": spec.resolvedYAML]) { again in
                let read = try again.load()
                #expect(read.runs.map(\.methods) == spec.runs.map(\.methods))
            }
        }
    }

    @Test("Templates may differ by the text's role, in a run and in a prompt file, and resolve to themselves")
    func roles() throws {
        let yaml = """
            model: ./x.gguf
            variants:
              a: { template: { query: "Q: {text}", default: "{text}" } }
              b: { prompt: instruct }
              c: { template: [{ query: "Q: {text}", document: "{text}" }, "x {text}"] }
            """
        let prompt = """
            template: { query: "Instruct: {text}", document: "{text}", sentence: "S {text}" }
            source: nowhere
            """
        let files = ["x.yaml": "pooling: last\ntasks: [STS-B]\n" + yaml, "configs/prompts/instruct.yaml": prompt]
        try TemporaryExperiment.with(files) { experiment in
            let spec = try experiment.load(configs: ConfigFolder(path: experiment.folder + "/configs"))
            #expect(try spec.runs[0].method.template(for: .query).description == "Q: {text}")
            #expect(try spec.runs[0].method.template(for: .sentence) == .plain)
            #expect(try spec.runs[1].method.template(for: .query).description == "Instruct: {text}")
            #expect(throws: Diagnostic.self) { try spec.runs[2].methods[0].template(for: .sentence) }
            #expect(try spec.runs[2].methods[1].template(for: .query).description == "x {text}")
            try TemporaryExperiment.with(["x.yaml": spec.resolvedYAML]) { again in
                let read = try again.load()
                #expect(read.runs.map(\.methods) == spec.runs.map(\.methods))
                #expect(read.sha256 == spec.sha256)
            }
        }
    }

    @Test("A matrix lists post-processings, dimensions and sets of prompts like any values")
    func matrix() throws {
        let yaml = """
            matrix:
              prompt: [prompteol, [prompteol, summarize]]
              postprocess: [none, centre target]
              dimensions: [64, 128]
            """
        try TemporaryExperiment.with(["x.yaml": text(yaml)]) { experiment in
            let names = try experiment.load().runs.map(\.name)
            #expect(names.count == 8)
            #expect(names.last == "prompt=[prompteol, summarize] postprocess=centre target dimensions=128")
        }
    }

    @Test(
        "What can't be meant says where, and what was expected",
        arguments: [
            ("postprocess: whitn STS-B", "x.yaml:4:14: unknown post-processing \"whitn\"", "did you mean \"whiten\"?"),
            (
                "template: { qury: \"{text}\" }",
                "x.yaml:4:13: unknown role \"qury\"; expected one of: default, sentence, query, document, word",
                "did you mean \"query\"?"
            ),
            (
                "tokenise: piece", "x.yaml:4:11: unknown tokenisation \"piece\"; expected one of: whole, pieces",
                "did you mean \"pieces\"?"
            ),
            ("template: {}", "x.yaml:4:11: expected at least one template", ""),
            ("postprocess: whiten", "x.yaml:4:14: expected whiten and the task to fit to", ""),
            ("postprocess: whiten STSB-train", "unknown task \"STSB-train\"", "did you mean \"STS-B-train\"?"),
            ("postprocess: 3", "x.yaml:4:14: expected none, or a transform and a task", ""),
            ("dimensions: 0", "x.yaml:4:13: expected at least 1 dimension", ""),
            ("dimensions: [8, 8]", "x.yaml:4:17: the integer 8 stands twice among the dimensions", ""),
            ("dimensions: []", "x.yaml:4:13: expected at least one of the dimensions", ""),
            ("padding: right", "unknown padding \"right\"; expected one of: none, visible", ""),
            (
                "prompt: [prompteol, promptol]", "x.yaml:4:21: unknown prompt \"promptol\"",
                "did you mean \"prompteol\"?"
            ),
            ("prompt: [metaeol, metaeol-rating]", "x.yaml:4:9: a prompt stands twice among those to average", ""),
            ("template: [\"{text}\", \"no place\"]", "expected {text} in the template, found none: no place", ""),
            (
                "template: [\"a {text}\", \"b {text}\"]\nnormaliser: [none, none, none]", "one for each of 2 templates",
                ""
            ),
        ])
    func errors(keys: String, message: String, suggestion: String) throws {
        let complaint = try TemporaryExperiment.complaint(text(keys))
        #expect(complaint.contains(message), "\(complaint)")
        #expect(suggestion.isEmpty || complaint.contains(suggestion), "\(complaint)")
    }
}
