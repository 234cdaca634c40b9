import Specification
import Tasks
import Testing

@Suite("A user's own task in an experiment")
struct OwnTaskTests {
    private static let head = "model: smollm2-135m\npooling: mean\ntasks:\n  - STS-B\n"
    private static let own = "  - {name: mine, kind: sts, file: pairs.csv, columns: {first: a, second: b, score: 3}}\n"

    @Test("Its file lies beside the experiment; the resolved experiment says all of it, and reads the same")
    func resolved() throws {
        try TemporaryExperiment.with(["x.yaml": Self.head + Self.own, "pairs.csv": "a,b,s\n"]) { experiment in
            let spec = try experiment.load()
            let task = try #require(spec.tasks.last?.task)
            #expect(spec.tasks.map(\.name) == ["STS-B", "mine"])
            #expect(task.isUsersOwn && task.paths == [experiment.folder + "/pairs.csv"])
            #expect(task.columns == ["first": .name("a"), "second": .name("b"), "score": .number(3)])
            let again = try TemporaryExperiment.with(["x.yaml": spec.resolvedYAML]) { try $0.load() }
            #expect(again.resolvedYAML == spec.resolvedYAML && again.sha256 == spec.sha256)
            #expect(again.tasks.last?.task.paths == task.paths)
        }
    }

    @Test("A data folder is needed for a task of the catalogue, and for a training that looks for others' sentences")
    func dataFolder() throws {
        let head = "model: smollm2-135m\npooling: mean\ntasks:\n"
        let file = "train: {data: pairs.csv, decontaminate: false"
        let cases = [
            (head + Self.own, false), (Self.head + Self.own, true),
            (head + Self.own + "postprocess: whiten STS-B-train\n", true),
            (head + Self.own + "train: {data: pairs.csv}\n", true), (head + Self.own + file + "}\n", false),
            (head + Self.own + file + ", development: STS-B-dev, evaluate_every: 1}\n", true),
            (head + Self.own + "train: {data: STS-B-train, decontaminate: false}\n", true),
        ]
        for (yaml, isNeeded) in cases {
            try TemporaryExperiment.with(["x.yaml": yaml, "pairs.csv": "a,b,s\n"]) { experiment in
                let spec = try experiment.load()
                #expect(spec.needsDataFolder == isNeeded, "\(yaml)")
                #expect(try spec.roles(of: spec.runs[0]) == [.sentence])
            }
        }
    }

    @Test(
        "A training learns from it and is chosen by it, post-processing is fitted to it: by its name, with no data folder"
    )
    func uses() throws {
        let head = "model: smollm2-135m\npooling: mean\ntasks:\n" + Self.own
        let keys = "decontaminate: false, loss: cosent"
        for (use, spelling) in [
            ("train: {data: mine, \(keys)}", "data: mine"),
            ("train: {data: pairs.csv, development: mine, evaluate_every: 1, \(keys)}", "development: mine"),
            ("postprocess: centre mine", "postprocess: centre mine"),
        ] {
            try TemporaryExperiment.with(["x.yaml": head + use + "\n", "pairs.csv": "a,b,s\n"]) { experiment in
                let spec = try experiment.load()
                #expect(!spec.needsDataFolder && spec.resolvedYAML.contains(spelling), "\(use)")
                let again = try TemporaryExperiment.with(["x.yaml": spec.resolvedYAML]) { try $0.load() }
                #expect(again.sha256 == spec.sha256)
            }
        }
        let transfer = "  - {name: topics, kind: transfer, file: pairs.csv, columns: {text: a, label: b}}\n"
        for use in ["data: topics, \(keys)", "data: mine, development: topics, evaluate_every: 1, \(keys)"] {
            let files = ["x.yaml": head + transfer + "train: {\(use)}\n", "pairs.csv": "a,b,s\n"]
            let found = try TemporaryExperiment.with(files) { try $0.complaint() }
            #expect(found.contains("of scored sentence pairs, found topics, which is of the kind transfer"), "\(found)")
        }
    }

    @Test("It isn't called like a column in which runs differ")
    func columns() throws {
        let own = "tasks: [{name: seed, kind: sts, file: p.csv, columns: {first: 1, second: 2, score: 3}}]\n"
        for (keys, isRefused) in [
            ("train: wordnet\nseeds: 2\n", true), ("train: wordnet\nmatrix: {seed: [1, 2]}\n", true),
            ("factors: {seed: high}\n", true), ("train: wordnet\n", false),
        ] {
            let files = ["x.yaml": "model: smollm2-135m\npooling: mean\n" + own + keys, "p.csv": "a,b,s\n"]
            let found = try TemporaryExperiment.with(files) { $0.complaint() }
            #expect(found.contains("x.yaml:3:9: the task \"seed\" has the name of a column") == isRefused, "\(found)")
            #expect(found.isEmpty != isRefused)
        }
    }

    @Test("What is wrong with it is said with its line")
    func mistakes() throws {
        let cases = [
            ("{name: Avg, kind: sts, file: p.csv, columns: {first: 1, second: 2, score: 3}}", "another column's"),
            (
                "{name: Avg (limited), kind: sts, file: p.csv, columns: {first: 1, second: 2, score: 3}}",
                "another column's"
            ),
            (
                "{name: Avg transfer, kind: sts, file: p.csv, columns: {first: 1, second: 2, score: 3}}",
                "another column's"
            ),
            ("{name: Avg2, kind: sts, file: p.csv, columns: {first: 1, second: 2, score: 3}}", "another column's"),
            ("{name: Avg_f1, kind: sts, file: p.csv, columns: {first: 1, second: 2, score: 3}}", "another column's"),
            (
                "{name: m, kind: sts, file: /dev/zero, format: tsv, columns: {first: 1, second: 2, score: 3}}",
                "expected a file, found a folder or a device: /dev/zero"
            ),
            (
                "{name: m, kind: sts, file: ., format: tsv, columns: {first: 1, second: 2, score: 3}}",
                "expected a file, found a folder or a device"
            ),
            (
                "{name: m, kind: sts, file: p.csv, format: jsonl, columns: {first: a, second: 2, score: s}}",
                "expected a key of JSON objects, which have no columns by number, found the integer 2"
            ),
            (
                "{name: none, kind: sts, file: p.csv, columns: {first: 1, second: 2, score: 3}}",
                "means something else where a task is named"
            ),
            (
                "{name: target, kind: sts, file: p.csv, columns: {first: 1, second: 2, score: 3}}",
                "means something else"
            ),
            (
                "{name: wordnet, kind: sts, file: p.csv, columns: {first: 1, second: 2, score: 3}}",
                "means something else"
            ),
            ("{name: kind, kind: sts, file: p.csv, columns: {first: 1, second: 2, score: 3}}", "another column's"),
            ("{name: run, kind: sts, file: p.csv, columns: {first: 1, second: 2, score: 3}}", "another column's"),
            (
                "{name: x, kind: transfer, file: p.csv, columns: {text: 1, label: 2}, classes: [a, b, c], metric: f1}",
                "F1 is of the second of two classes, found 3: a, b, c"
            ),
            ("{name: STS-B, kind: sts, file: p.csv, columns: {first: 1, second: 2, score: 3}}", "is a known task's"),
            ("{name: m, kind: stts, file: p.csv, columns: {first: 1}}", "did you mean \"sts\"?"),
            ("{name: m, kind: sts, file: q.csv, columns: {first: 1, second: 2, score: 3}}", "no such file"),
            ("{name: m, kind: sts, file: p.csv, columns: {frist: 1, second: 2, score: 3}}", "did you mean \"first\"?"),
            ("{name: m, kind: sts, file: p.csv, columns: {first: 0, second: 2, score: 3}}", "its number from 1"),
            ("{name: m, kind: sts, file: p.csv, columns: {first: 1, second: 2}}", "one of the two"),
            ("{name: m, kind: sts, file: p.txt, columns: {first: 1, second: 2, score: 3}}", "ends in .csv"),
            ("{name: m, kind: sts, fille: p.csv, columns: {first: 1}}", "unknown key of a task \"fille\""),
            ("{name: m, kind: sts, file: p.csv}", "the key \"columns\" is missing"),
            ("{name: m, kind: sts, columns: {first: a, second: b, score: s}}", "expected file, the path"),
            (
                "{name: m, kind: sts, file: p.csv, columns: {first: a, second: a, score: s}}",
                "expected a column for each of first and second"
            ),
            ("{name: a/b, kind: sts, file: p.csv, columns: {first: 1, second: 2, score: 3}}", "without slashes"),
            (
                "{name: m, kind: sts, file: p.csv, range: [5, 0], columns: {first: 1, second: 2, score: 3}}",
                "expected the lowest score, then the highest, found [5, 0]"
            ),
            (
                "{name: m, kind: transfer, file: p.csv, metric: spearman, columns: {text: 1, label: 2}}",
                "unknown metric \"spearman\""
            ),
            (
                "{name: m, kind: sts, file: p.csv, classes: [a, b], columns: {first: 1, second: 2, score: 3}}",
                "unknown key of a task \"classes\""
            ),
            (
                "{name: m, kind: transfer, file: p.csv, range: [0, 5], columns: {text: 1, label: 2}}",
                "unknown key of a task \"range\""
            ),
        ]
        for (task, message) in cases {
            let files = ["x.yaml": Self.head + "  - \(task)\n", "p.csv": "", "p.txt": ""]
            let complaint = try TemporaryExperiment.with(files) { $0.complaint() }
            #expect(complaint.contains("x.yaml:5:") && complaint.contains(message), "\(complaint)")
        }
    }

    @Test("A file of configs/tasks makes a task known beside those that come with the program")
    func oneFile() throws {
        let task = """
            kind: sts
            description: pairs of our own
            metric: pearson
            columns: {first: 1, second: 2, score: 3}
            files:
              - {file: OURS/ours.csv, sha256: {raw: \(String(repeating: "0a", count: 32))}}
            """
        let files = [
            "configs/tasks/OURS.yaml": task, "configs/prompts/plain.yaml": "template: '{text}'\n",
            "x.yaml": "model: ./m.gguf\npooling: mean\ntasks: [OURS, STS-B]\n",
        ]
        try TemporaryExperiment.with(files) { experiment in
            let folder = ConfigFolder(path: experiment.folder + "/configs")
            #expect(try folder.tasks().named("OURS").shownMetric == "pearson")
            #expect(PartTable(.tasks, in: folder).text.contains("OURS           sts              pairs of our own"))
            let spec = try ExperimentSpec.load(path: experiment.folder + "/x.yaml", configs: folder)
            #expect(spec.tasks.map(\.name) == ["OURS", "STS-B"])
            #expect(spec.tasks[0].task.isUsersOwn == false)
        }
        let damaged = task.replacing("metric: pearson", with: "metrik: pearson")
        try TemporaryExperiment.with(files.merging(["configs/tasks/OURS.yaml": damaged], uniquingKeysWith: { $1 })) {
            let folder = ConfigFolder(path: $0.folder + "/configs")
            #expect { try folder.tasks() } throws: {
                "\($0)".contains("OURS.yaml:3:1: unknown key of a task \"metrik\"")
            }
        }
    }
}

@Suite("A method's id")
struct MethodIDTests {
    private func ids(_ lines: [String]) throws -> [String] {
        let runs = lines.enumerated().map { "  r\($0): {\($1)}\n" }.joined()
        let spec = try TemporaryExperiment.spec(
            "model: smollm2-135m\npooling: mean\nprecision: float32\nvariants:\n" + runs)
        return spec.runs.map {
            $0.methodID(weightsSHA256: "w", adapterSHA256: $0.adapter == nil ? nil : $0.name)
                .description
        }
    }

    @Test("Runs that differ in seed and name alone share it; a learning rate, a loss or an alpha makes another")
    func seeds() throws {
        let found = try ids([
            "train: {recipe: nli}, seed: 1", "train: {recipe: nli}, seed: 2",
            "train: {recipe: nli, learning_rate: 0.5}, seed: 1", "train: {recipe: nli, alpha: 7}, seed: 2",
            "train: {recipe: nli, dropout: 0.25}, seed: 1", "pooling: last",
        ])
        #expect(found[0] == found[1])
        #expect(Set(found).count == 5)
        #expect(found.allSatisfy { $0.count == 64 })
    }

    @Test("The name of a user's own task is no part of it, wherever a run says it; a known task's is")
    func ownTasks() throws {
        func id(_ keys: String, own name: String) throws -> String {
            let yaml = """
                model: smollm2-135m
                pooling: mean
                tasks: [{name: \(name), kind: sts, file: p.csv, columns: {first: 1, second: 2, score: 3}}]
                \(keys.replacing("OWN", with: name))

                """
            return try TemporaryExperiment.with(["x.yaml": yaml, "p.csv": "a,b,1\n"]) { experiment in
                let spec = try experiment.load()
                return try #require(spec.runs.first).methodID(
                    besides: spec.catalogue.ownNames, weightsSHA256: "w", adapterSHA256: nil, more: ["content"]
                ).description
            }
        }
        for keys in [
            "postprocess: whiten OWN", "train: {data: OWN, loss: cosent, steps: 2}",
            "train: {data: wordnet, steps: 2, development: OWN, evaluate_every: 1}",
        ] {
            let (mine, ours) = (try id(keys, own: "mine"), try id(keys, own: "ours"))
            #expect(mine == ours, "\(keys)")
        }
        let known = try ["whiten STS-B", "whiten STS-B-train", "centre STS-B"].map {
            try id("postprocess: \($0)", own: "mine")
        }
        #expect(Set(known).count == 3)
    }

    @Test("Weights, how texts become ids, and an adapter that the run doesn't train are part of it")
    func files() throws {
        let run = try #require(TemporaryExperiment.spec("model: smollm2-135m\npooling: mean\n").runs.first)
        let ids = [
            ("a", ["b"], nil), ("b", ["b"], nil), ("a", ["c"], nil), ("a", ["b", "c"], nil), ("a", ["b"], "d"),
        ].map { weights, more, adapter in
            run.methodID(weightsSHA256: weights, adapterSHA256: adapter, more: more)
        }
        #expect(Set(ids).count == 5)
    }
}
