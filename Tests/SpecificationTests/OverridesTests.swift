import Specification
import Testing

@Suite("The command line changes an experiment")
struct OverridesTests {
    static let text = """
        model: smollm2-135m
        pooling: mean
        variants:
          a: {}
          a.b: {layer: 1}
          with space: {prompt: prompteol}
          a=b: {}
        """

    @Test("A run key is set in every run, or in the run with the longest name that fits; later ones win")
    func runKeys() throws {
        func methods(_ set: String...) throws -> [String] {
            try TemporaryExperiment.spec(Self.text, set: set).runs.map { "\($0.method.pooling) \($0.method.layer)" }
        }
        #expect(try methods() == ["mean -1", "mean 1", "mean -1", "mean -1"])
        #expect(try methods("pooling=last") == ["last -1", "last 1", "last -1", "last -1"])
        #expect(try methods("layer=-2") == ["mean -2", "mean -2", "mean -2", "mean -2"])
        #expect(try methods("a.pooling=last") == ["last -1", "mean 1", "mean -1", "mean -1"])
        #expect(try methods("a.b.pooling=last") == ["mean -1", "last 1", "mean -1", "mean -1"])
        #expect(try methods("with space.layer=3") == ["mean -1", "mean 1", "mean 3", "mean -1"])
        #expect(try methods("a=b.layer=3") == ["mean -1", "mean 1", "mean -1", "mean 3"])
        #expect(try methods("a.layer=3", "layer=4") == ["mean 4", "mean 4", "mean 4", "mean 4"])
        #expect(try methods("layer=4", "a.layer=3") == ["mean 3", "mean 4", "mean 4", "mean 4"])
    }

    @Test("Values are YAML: lists, quoted texts, plans")
    func values() throws {
        let spec = try TemporaryExperiment.spec(
            Self.text,
            set: ["tasks=[STS-B]", "a.bidirectional=[2, 1]", "with space.template='> {text}: '", "description=new"])
        #expect(spec.tasks.map(\.name) == ["STS-B"])
        #expect(spec.description == "new")
        #expect(spec.runs[0].method.attention == .layers([2, 1]))
        #expect(spec.runs[2].method.templates.description == "> {text}: ")
        #expect(spec.runs[2].promptName == nil)
    }

    @Test("An experiment's only run is named by the name that the command line gives")
    func onlyRun() throws {
        let spec = try TemporaryExperiment.spec(
            "model: smollm2-135m\npooling: mean\n", set: ["name=new", "new.pooling=last"])
        #expect(spec.name == "new")
        #expect(spec.runs.map(\.name) == ["new"])
        #expect(spec.runs.map(\.method.pooling) == [.last])
    }

    @Test(
        "A mistake names the argument",
        arguments: [
            ("pooling", "--set pooling: expected KEY=VALUE or RUN.KEY=VALUE"),
            ("=x", "--set =x: expected KEY=VALUE or RUN.KEY=VALUE"),
            (
                "pooling=meen",
                "--set pooling=meen: unknown pooling \"meen\"; expected one of: "
                    + "\(SchemaErrorTests.poolings); did you mean \"mean\"?"
            ),
            (
                "poling=mean",
                "--set poling=mean: unknown key \"poling\"; expected one of: name, description, text, tasks, threads, published, checks, launcher, "
                    + "\(SchemaErrorTests.runKeys); did you mean \"pooling\"?"
            ),
            (
                "a.tasks=[STS-B]",
                "--set a.tasks=[STS-B]: unknown run key \"tasks\"; expected one of: \(SchemaErrorTests.runKeys)"
            ),
            (
                "with spaec.layer=1",
                "--set with spaec.layer=1: unknown run \"with spaec\"; "
                    + "expected one of: a, a.b, with space, a=b; did you mean \"with space\"?"
            ),
            (
                "template={text}",
                "--set template={text}: expected a template such as \"{text}\", found a mapping; "
                    + SchemaErrorTests.quote
            ),
            ("layer=", "--set layer=: expected an integer, found nothing"),
            (
                "tasks=[",
                "--set tasks=[: unreadable YAML: while parsing a flow node, "
                    + "did not find expected node content"
            ),
        ])
    func mistakes(argument: String, complaint: String) throws {
        let found = try TemporaryExperiment.complaint(Self.text, set: [argument])
        #expect(found == complaint)
    }

    @Test(
        "Of alternatives one is said, as in a file; a run may have another than all others",
        arguments: [
            (
                ["train.steps=3", "train.epochs=3"],
                "--set train.epochs=3: expected either train.steps or train.epochs, found both"
            ),
            (
                ["train.epochs=3", "train.steps=3"],
                "--set train.steps=3: expected either train.epochs or train.steps, found both"
            ),
            (
                ["prompt=plain", "template='{text}'"],
                "--set template='{text}': expected either prompt or template, found both"
            ),
            (
                ["a.prompt=plain", "a.template='{text}'"],
                "--set a.template='{text}': expected either prompt or template"
            ),
            (
                ["train.temperature=0.1", "train.loss=cosent"],
                "--set train.loss=cosent: expected either train.temperature or train.loss"
            ),
            (
                ["train.rank=4", "train.targets=full"],
                "--set train.targets=full: expected either train.rank or train.targets"
            ),
            (["prompt=plain", "a.template='{text}'"], ""), (["train.steps=3", "train.steps=4"], ""),
            (["train.steps=3", "train.rank=4", "train.loss=cosent"], ""), (["train=none", "adapter=none"], ""),
        ])
    func alternatives(set: [String], complaint: String) throws {
        let text = Self.text + "\ntrain: {data: wordnet}\n"
        let found = try TemporaryExperiment.complaint(text, set: set)
        #expect(complaint.isEmpty ? found.isEmpty : found.hasPrefix(complaint), "\(found)")
    }

    @Test("Only the named runs stay, in the experiment's order, and the hash is theirs")
    func only() throws {
        let all = try TemporaryExperiment.spec(Self.text)
        let spec = try TemporaryExperiment.spec(Self.text, only: ["with space", "a"])
        #expect(spec.runs.map(\.name) == ["a", "with space"])
        #expect(spec.sha256 != all.sha256)
        #expect(
            try TemporaryExperiment.complaint(Self.text, only: ["a", "with spac"])
                == "--only with spac: unknown run \"with spac\"; expected one of: a, a.b, with space, a=b; "
                + "did you mean \"with space\"?")
    }
}
