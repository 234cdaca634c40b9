import Specification
import TestSupport
import Testing

@Suite("A recipe's teacher")
struct TeacherTests {
    private static let head = "model: ./m.gguf\npooling: last\n"

    private func complaint(_ recipe: String) throws -> String {
        try TemporaryExperiment.complaint(Self.head + "train: \(recipe)\n")
    }

    private func stages(_ text: String) throws -> [TrainingSpec] {
        try TemporaryExperiment.spec(Self.head + text).runs.flatMap { run -> [TrainingSpec] in
            guard case .trained(let stages) = run.adapter else { return [] }
            return stages
        }
    }

    @Test(
        "What a recipe's teacher lacks or has too much of is told with its line",
        arguments: [
            (
                "{ data: STS-B-train, objective: distillation }",
                "3:40: the objective distillation learns from a teacher, and there is none; set teacher: {column: NAME"
            ),
            (
                "{ data: STS-B-train, objective: {matryoshka: {of: {distillation: {alpha: 1}}, dimensions: [4]}} }",
                "3:40: the objective matryoshka learns from a teacher, and there is none"
            ),
            (
                "{ data: STS-B-train, loss: cosent, teacher: {model: ./t.gguf, pooling: mean} }",
                "3:43: teacher says nothing: the objective cosent learns from none"
            ),
            (
                "{ data: STS-B-train, objective: distillation, teacher: {column: t, lowest: 0, highest: 1} }",
                "3:54: a teacher that is a column needs data that is a file, found STS-B-train"
            ),
            (
                "{ data: x.csv, objective: distillation, teacher: {column: t, lowest: 5, highest: 1} }",
                "3:89: expected highest to be above lowest (5.0), found 1.0"
            ),
            (
                "{ data: x.csv, objective: distillation, teacher: {column: t, highest: 1} }",
                "3:57: the key \"lowest\" is missing"
            ),
            (
                "{ data: x.csv, objective: distillation, teacher: {column: t, lowest: 0, highest: 1, pooling: mean} }",
                "3:92: unknown key of a teacher that is a column \"pooling\""
            ),
            (
                "{ data: x.csv, objective: distillation, teacher: {model: ./t.gguf, pooling: mean, lowest: 0} }",
                "3:90: lowest is a key of a teacher that is a column"
            ),
            (
                "{ data: x.csv, objective: distillation, teacher: {model: ./t.gguf, pooling: meen} }",
                "3:84: unknown pooling \"meen\""
            ),
            (
                "{ data: x.csv, objective: distillation, teacher: {model: ./t.gguf} }",
                "3:57: the teacher says no pooling, which has no default"
            ),
            (
                "{ data: x.csv, objective: distillation, teacher: {pooling: mean} }",
                "3:57: the teacher says no model, no column of the data and no result"
            ),
            (
                "{ data: x.csv, objective: distillation, teacher: {model: ./t.gguf, pooling: mean, train: wordnet} }",
                "3:90: unknown key of a teacher \"train\""
            ),
            (
                "{ data: x.csv, objective: distillation, teacher: mpnet }",
                "3:57: expected none, or a mapping: a column of the data with its range, a result with the name of a run, or a model"
            ),
            (
                "{ data: x.csv, objective: distillation, teacher: {result: ./t.h5} }",
                "3:48: a teacher that is a result needs data that is a task it scored, found x.csv"
            ),
            (
                "{ data: STS-B-train, objective: distillation, teacher: {result: ./t.h5, runs: a} }",
                "3:80: unknown key of a teacher that is a result \"runs\""
            ),
            (
                "{ data: STS-B-train, objective: distillation, teacher: {model: ./t.gguf, pooling: mean, run: a} }",
                "3:96: run is a key of a teacher that is a result"
            ),
            (
                "{ data: x.csv, objective: {distillation: {alpha: 1, of: cosent}}, teacher: {column: t, lowest: 0, highest: 1} }",
                "3:64: of says nothing in the objective distillation beside its other numbers, alpha"
            ),
            (
                "{ data: STS-B-train, objective: {matryoshka: {of: {pair_head: {alpha: 0}}, dimensions: [4]}} }",
                "3:58: the objective pair_head has parameters of its own, and can't stand within another one"
            ),
            (
                "{ data: STS-B-train, objective: {sum: {terms: [{of: {pair_head: {alpha: 0}}}]}} }",
                "3:60: the objective pair_head has parameters of its own, and can't stand within another one"
            ),
            (
                "{ data: STS-B-train, objective: {pair_head: {alpha: 0}}, teacher: {model: ./t.gguf, pooling: mean} }",
                "3:65: teacher says nothing: the objective pair_head learns from none"
            ),
            (
                "{ data: STS-B-train, objective: {pair_head: {alpha: 0, hidden: [], activation: tanh}} }",
                "3:87: activation says nothing in the objective pair_head beside its other numbers"
            ),
            (
                "{ data: x.csv, objective: {distillation: {alpha: 2}}, teacher: {column: t, lowest: 0, highest: 1} }",
                "3:57: expected alpha to be above 0 and at most 1, found 2.0"
            ),
        ])
    func wrong(_ recipe: String, expected: String) throws {
        let found = try complaint(recipe)
        #expect(found.contains("x.yaml:\(expected)"), "\(found)")
    }

    @Test(
        "A teacher is resolved with every value, and read again as the same",
        arguments: [
            "{column: grade, lowest: 1, highest: 7}", "{column: grade, lowest: -1, highest: 1, lowest_cosine: -1}",
            "{model: ./t.gguf, pooling: mean}", "{result: ./t.h5}", "{result: ./t.h5, run: a b}",
            "{model: ./t.gguf, prompt: prompteol, pooling: last, layer: 3, precision: bfloat16}",
        ])
    func resolved(_ teacher: String) throws {
        let data = teacher.contains("result") ? "STS-B-train" : "x.csv"
        let text = Self.head + "train: { data: \(data), objective: distillation, teacher: \(teacher) }\n"
        let spec = try TemporaryExperiment.spec(text)
        #expect(spec.resolvedYAML.contains("teacher:"))
        #expect(try TemporaryExperiment.spec(spec.resolvedYAML).sha256 == spec.sha256)
        let none = Self.head + "train: { data: x.csv, loss: cosent, teacher: none }\n"
        #expect(try !TemporaryExperiment.spec(none).resolvedYAML.contains("teacher"))
    }

    @Test("In a matrix of objectives, one that learns from no teacher drops the one that others share")
    func matrix() throws {
        let stages = try stages(
            """
            train: { data: x.csv, objective: distillation, teacher: {model: ./t.gguf, pooling: mean} }
            matrix:
              train.objective: [cosine_regression, {distillation: {alpha: 0.5}}, {distillation: {alpha: 1}}]
            """)
        #expect(stages.map { $0.teacher == nil } == [true, false, false])
    }

    @Test("Another teacher takes the first one's place whole")
    func replaced() throws {
        let stages = try stages(
            """
            train: { data: x.csv, objective: distillation, teacher: {model: ./t.gguf, pooling: mean, layer: 2} }
            variants:
              a: {}
              b: { train: { teacher: {column: t, lowest: 0, highest: 1} } }
            """)
        #expect(stages.count == 2)
        guard case .model(let run) = stages[0].teacher, case .column(let column) = stages[1].teacher else {
            Issue.record("expected a model and a column")
            return
        }
        #expect(run.method.layer.index == 2 && column.name == "t")
    }
}
