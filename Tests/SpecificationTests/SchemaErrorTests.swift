import Embedding
import Specification
import TestSupport
import Testing

@Suite("A mistake in an experiment is named with its line and the nearest valid name")
struct SchemaErrorTests {
    static let runKeys =
        "model, prompt, protocol, \(list(MethodField.names)), layers, postprocess, dimensions, adapter, train, seed, seeds, "
        + "precision, gemm, label, factors"
    static let keys =
        "extends, name, description, text, tasks, threads, variants, matrix, published, checks, launcher, \(runKeys)"
    static let poolings = list(Pooling.allCases.map(\.rawValue))
    static let normalisers = list(Normaliser.allCases.map(\.rawValue))
    static let models = list(Fixtures.partNames(in: "models"))
    static let prompts = list(Fixtures.partNames(in: "prompts"))
    /// The suites in their order, then those of no suite by name.
    static let tasks = list(suites + Fixtures.partNames(in: "tasks").filter { !suites.contains($0) })
    private static let suites = [
        "STS12", "STS13", "STS14", "STS15", "STS16", "STS-B", "SICK-R", "MR", "CR", "SUBJ", "MPQA", "SST2", "TREC",
        "MRPC",
    ]
    static let papers = list(Fixtures.publishedPapers)
    static let plan = "native, none, all, last N, from N or a list of layers such as [28, 29]"
    private static func list(_ names: [String]) -> String { names.joined(separator: ", ") }
    static let quote = "put quotes around a text that YAML reads as something else"

    @Test(
        "Each key says what it expects and what it found",
        arguments: [
            ("poling: mean", "x.yaml:3:1: unknown key \"poling\"; expected one of: \(keys); did you mean \"pooling\"?"),
            (
                "pooling: meen",
                "x.yaml:3:10: unknown pooling \"meen\"; expected one of: \(poolings); "
                    + "did you mean \"mean\"?"
            ),
            ("pooling: 3", "x.yaml:3:10: expected a pooling, found the integer 3"),
            ("pooling:", "x.yaml:3:9: expected a pooling, found nothing"),
            ("layer: '-2'", "x.yaml:3:8: expected an integer, found the text \"-2\""),
            ("layer: 1.5", "x.yaml:3:8: expected an integer, found the number 1.5"),
            ("layer: 99999999999999999999", "x.yaml:3:8: expected an integer, found the number 1e+20"),
            (
                "normaliser: promteol",
                "x.yaml:3:13: unknown normaliser \"promteol\"; expected one of: \(normalisers); "
                    + "did you mean \"prompteol\"?"
            ),
            ("template: {text}", "x.yaml:3:11: expected a template such as \"{text}\", found a mapping; \(quote)"),
            ("template: no place", "x.yaml:3:11: expected {text} in the template, found none: no place"),
            (
                "template: '{txt}'",
                "x.yaml:3:11: unknown placeholder \"{txt}\"; expected one of: {text}, {text:pool}, {text:half}, {text:half:pool}, {prepend}, {piece:WORDS}, {end:TOKEN}; did you mean \"{text}\"?"
            ),
            (
                "prompt: promptoel",
                "x.yaml:3:9: unknown prompt \"promptoel\"; expected one of: \(prompts); "
                    + "did you mean \"prompteol\"?"
            ),
            (
                "bidirectional: al",
                "x.yaml:3:16: unreadable attention plan \"al\"; expected \(plan); did you mean \"all\"?"
            ),
            (
                "bidirectional: 3",
                "x.yaml:3:16: expected \(plan), found the integer 3; [3] is that layer alone, last 3 the final 3"
            ),
            ("bidirectional: last", "x.yaml:3:16: unreadable attention plan \"last\"; expected \(plan)"),
            ("bidirectional: {last: 4}", "x.yaml:3:16: expected \(plan), found a mapping"),
            ("bidirectional: [28, x]", "x.yaml:3:21: expected an integer, found the text \"x\""),
            ("bidirectional: [28, -1]", "x.yaml:3:21: expected a layer, counted from 0, found the integer -1"),
            ("bidirectional: '[2 8]'", "x.yaml:3:16: unreadable attention plan \"[2 8]\"; expected \(plan)"),
            (
                "protocol: promteol",
                "x.yaml:3:11: unknown protocol \"promteol\"; expected one of: plain, prompteol, bellm-released, "
                    + "token-prepending; did you mean \"prompteol\"?"
            ),
            (
                "text: sentevl",
                "x.yaml:3:7: unknown text variant \"sentevl\"; expected one of: raw, senteval; "
                    + "did you mean \"senteval\"?"
            ),
            (
                "text: unknown",
                "x.yaml:3:7: unknown text variant \"unknown\"; expected one of: raw, senteval"
            ),
            ("tasks: STS-B", "x.yaml:3:8: expected a list of tasks, such as [STS-B, SICK-R], found the text \"STS-B\""),
            ("tasks: []", "x.yaml:3:8: expected at least one task"),
            ("tasks: [STS-B, STS-B]", "x.yaml:3:16: the task \"STS-B\" stands twice"),
            (
                "tasks: [STSB]",
                "x.yaml:3:9: unknown task \"STSB\"; expected one of: \(tasks); "
                    + "did you mean \"STS-B\"?"
            ),
            (
                "name: a/b",
                "x.yaml:3:7: expected a name without slashes, control characters or white space at its ends, "
                    + "found \"a/b\""
            ),
            ("name: 2024", "x.yaml:3:7: expected a name, found the integer 2024; \(quote)"),
            ("description: true", "x.yaml:3:14: expected text, found the truth value true; \(quote)"),
            ("published: [{paper: a}]", "x.yaml:3:13: the key \"row\" is missing"),
            ("published: {paper: a}", "x.yaml:3:12: expected a list of rows, each with paper and row, found a mapping"),
            (
                "published: [{paper: angle, row: AnglE LLaMA-7B, rwo: c}]",
                "x.yaml:3:49: unknown key of a published row \"rwo\"; expected one of: paper, row, run; did "
                    + "you mean \"row\"?"
            ),
            (
                "published: [{paper: bellm, row: BeLLM LLaMA-2-7B, run: X}]",
                "x.yaml:3:56: unknown run \"X\"; expected one of: x; did you mean \"x\"?"
            ),
            (
                "published: [{paper: BeLLM, row: a}]",
                "x.yaml:3:21: unknown paper \"BeLLM\"; expected one of: \(papers); did you mean \"bellm\"?"
            ),
            (
                "published: [{paper: bellm, row: BeLLM LLaMA-7B}]",
                "x.yaml:3:33: unknown row of bellm \"BeLLM LLaMA-7B\"; expected one of: BeLLM LLaMA-2-7B; "
                    + "did you mean \"BeLLM LLaMA-2-7B\"?"
            ),
            ("published: [{paper: echo, row: a}]", "x.yaml:3:21: no row of echo has scores on tasks"),
            ("checks: [{run: x}]", "x.yaml:3:10: the key \"paper\" is missing"),
            ("checks: {run: x}", "x.yaml:3:9: expected a list of checks, each with paper and run, found a mapping"),
            (
                "checks: [{paper: bellm, run: y}]",
                "x.yaml:3:30: unknown run \"y\"; expected one of: x; did you mean \"x\"?"
            ),
            (
                "checks: [{paper: belm, run: x}]",
                "x.yaml:3:18: unknown paper with cosines \"belm\"; expected one of: bellm; did you mean \"bellm\"?"
            ),
            (
                "checks: [{paper: bellm, run: x, row: x}]",
                "x.yaml:3:33: unknown key of a check \"row\"; expected one of: paper, run"
            ),
            ("variants: {}", "x.yaml:3:11: expected at least one run in variants"),
            ("variants: [a]", "x.yaml:3:11: expected a mapping, found a list"),
            ("variants:\n  a:\n", "x.yaml:4:5: expected a mapping, found nothing"),
            (
                "variants:\n  a: {tasks: [STS-B]}",
                "x.yaml:4:7: unknown run key \"tasks\"; expected one of: \(runKeys); "
                    + "tasks belongs to the experiment, outside variants"
            ),
            (
                "prompt: plain\ntemplate: '{text}'",
                "x.yaml:4:1: expected either prompt or template, found both"
            ),
            (
                "variants:\n  a: {template: '{text}', prompt: plain}",
                "x.yaml:4:27: expected either prompt or template, found both"
            ),
        ])
    func schema(line: String, complaint: String) throws {
        let pooling = line.hasPrefix("pooling") ? "layer: -1" : "pooling: mean"
        let found = try TemporaryExperiment.complaint("model: smollm2-135m\n\(pooling)\n\(line)\n")
        #expect(found == complaint)
    }

    @Test("A run without pooling or model is an error that names the run and the choices")
    func nothingByDefault() throws {
        #expect(
            try TemporaryExperiment.complaint("variants:\n  good: {model: m.gguf, pooling: max}\n  bare: {}\n") == """
                x.yaml:3:3: the run "bare" says no model, which has no default; \
                expected one of: \(Self.models), the path of a .gguf file
                x.yaml:3:3: the run "bare" says no pooling, which has no default; \
                expected one of: \(Self.poolings)
                """)
        #expect(
            try TemporaryExperiment.complaint("model: smollm2-135m\n") == """
                x.yaml:1:1: the run "x" says no pooling, which has no default; \
                expected one of: \(Self.poolings)
                """)
    }

    @Test("An unknown model names the nearest one, and that a path works")
    func unknownModel() throws {
        #expect(
            try TemporaryExperiment.complaint("model: smolm2-135m\npooling: mean\n") == """
                x.yaml:1:8: unknown model "smolm2-135m"; expected one of: \(Self.models); \
                a path to a .gguf file or a model folder works too, and a repository of the hub such as org/name; did you mean "smollm2-135m"?
                """)
        #expect(
            try TemporaryExperiment.complaint("model: llama\npooling: mean\n") == """
                x.yaml:1:8: unknown model "llama"; expected one of: \(Self.models); a path to a .gguf file or a model folder works too, and a repository of the hub such as org/name
                """)
    }

    @Test("All that is wrong is told at once, each line once however many runs inherit it")
    func severalProblems() throws {
        let text = """
            model: smollm2-135m
            layer: deep
            nam: x
            variants:
              a: {pooling: meen, layer: 1}
              b: {pooling: last}
              c: {pooling: mean, bidirectional: sideways}
            """
        let lines = try TemporaryExperiment.complaint(text).split(separator: "\n").map {
            $0.split(separator: " ").first.map(String.init) ?? ""
        }
        #expect(lines == ["x.yaml:3:1:", "x.yaml:2:8:", "x.yaml:5:16:", "x.yaml:7:37:"])
    }

    @Test("A layer that the model does not have is named with the line that says it")
    func layerOutOfRange() throws {
        try TemporaryExperiment.with([
            "x.yaml": "model: smollm2-135m\npooling: mean\nlayer: 31\nvariants:\n  a: {bidirectional: [2, 30]}\n"
        ]) { experiment in
            let run = try #require(try experiment.load().runs.first)
            let problems = #expect(throws: ConfigProblems.self) { try run.check(layerCount: 30, hiddenSize: 576) }
            #expect(
                problems?.description.replacing(experiment.folder + "/", with: "") == """
                    x.yaml:3:8: there is no hidden layer 31: the model has 30 layers, so expected 0…30 or -1…-31
                    x.yaml:5:22: attention plan "[2, 30]": there is no layer 30; the model has 30 layers, 0…29
                    """)
            try run.check(layerCount: 31, hiddenSize: 576)
        }
    }
}
