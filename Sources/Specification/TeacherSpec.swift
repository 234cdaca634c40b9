import Diagnostics
import Embedding
import Numerics
import Training

/// Where a training has a teacher's similarities from.
public enum TeacherSpec: Hashable, Sendable {
    /// A column of the file that is learnt from.
    case column(TeacherColumn)
    /// The cosines of a backbone under a method, as a run declares them.
    case model(RunSpec)
    /// The cosines in a result's file.
    case result(TeacherResult)

    /// The run keys that say how a backbone embeds as a teacher: whole, as it is.
    static let runKeys: [RunKey] = RunKey.all.filter { key in
        ["model", "prompt", "protocol", "precision", "gemm"].contains(key.name) || MethodField.names.contains(key.name)
    }

    static let columnKeys = ["column", "lowest", "highest", "lowest_cosine"]

    /// The same wherever its model or its result lies: what they say is known by its content.
    var withoutPlace: TeacherSpec {
        switch self {
        case .column: return self
        case .model(var run):
            run.model = .nowhere
            return .model(run)
        case .result: return .result(TeacherResult(file: "", run: nil))
        }
    }
}

extension TrainingSpec {
    /// The model that teaches; nil for none.
    package var teacherModel: RunSpec? {
        if case .model(let run) = teacher { run } else { nil }
    }

    /// The column that a teacher's similarities are in; nil for none.
    package var teacherColumn: TeacherColumn? {
        if case .column(let column) = teacher { column } else { nil }
    }

    /// The result that a teacher's similarities are in; nil for none.
    package var teacherResult: TeacherResult? {
        if case .result(let result) = teacher { result } else { nil }
    }
}

extension RunSpec {
    /// The models that teach its training, stage after stage.
    package var teacherModels: [RunSpec] {
        guard case .trained(let stages) = adapter else { return [] }
        return stages.compactMap(\.teacherModel)
    }
}

extension ConfigNode {
    /// `{column: NAME, lowest: 0, highest: 5}`, `{result: FILE.h5, run: NAME}`, or a model with the keys of a run; nil for `none`.
    func teacher(in context: ConfigContext) throws -> TeacherSpec? {
        if content == .text("none") { return nil }
        guard case .mapping = content else {
            throw expected(
                "none, or a mapping: a column of the data with its range, a result with the name of a run, or a model with "
                    + "the keys of a run")
        }
        if self["column"] != nil { return .column(try teacherColumn()) }
        return self["result"] == nil ? .model(try teachingModel(in: context)) : .result(try teacherResult())
    }

    private func teacherColumn() throws -> TeacherColumn {
        var problems = ConfigProblems()
        for problem in unknownKeys("key of a teacher that is a column", among: TeacherSpec.columnKeys) {
            problems.add(problem)
        }
        try problems.throwIfAny()
        let name = try required("column").text("the name of a column")
        let (lowest, highest) = (try required("lowest").number(), try required("highest").number())
        do {
            return try TeacherColumn(
                name, lowest: lowest, highest: highest, lowestCosine: try self["lowest_cosine"]?.number() ?? 0)
        } catch {
            throw error.placed(at: location) { self[$0]?.location }
        }
    }

    private func teachingModel(in context: ConfigContext) throws -> RunSpec {
        var problems = ConfigProblems()
        let names = TeacherSpec.runKeys.map(\.name)
        for problem in unknownKeys("key of a teacher", among: names + TeacherSpec.columnKeys + TeacherResult.keys) {
            problems.add(problem)
        }
        if let run = entries.first(where: { $0.key == TeacherResult.runKey }) {
            problems.add(
                Diagnostic(
                    "\(run.key) is a key of a teacher that is a result", at: run.location,
                    suggestion: "name the result: {result: FILE.h5, run: NAME}"))
        }
        if let entry = entries.first(where: { TeacherSpec.columnKeys.contains($0.key) }) {
            problems.add(
                Diagnostic(
                    "\(entry.key) is a key of a teacher that is a column", at: entry.location,
                    suggestion: "name the column: {column: NAME, lowest: 0, highest: 5}"))
        }
        if let template = entries.first(where: { $0.key == MethodField.templateName }), self["prompt"] != nil {
            problems.add(Diagnostic("expected either prompt or template, found both", at: template.location))
        }
        let whole = try completed(by: context.models)
        var draft = RunDraft()
        for key in TeacherSpec.runKeys {
            guard let value = whole[key.name] else { continue }
            try problems.collect { try key.read(value, &draft, context) }
        }
        try problems.collect { try draft.complete(whole) }
        try problems.throwIfAny()
        guard let model = draft.model else {
            throw Diagnostic(
                "the teacher says no model, no column of the data and no result", at: location,
                suggestion: "model is one of: \((context.models.names).joined(separator: ", ")), or a path")
        }
        guard model.method?.adapter == nil else {
            throw Diagnostic(
                "the model \(model.name) is a backbone with adapters of its own, and a teacher has none", at: location)
        }
        let awaitsModel = !draft.said.contains("pooling") && model.isMissing
        guard draft.said.contains("pooling") || awaitsModel else {
            throw Diagnostic(
                "the teacher says no pooling, which has no default; expected one of: "
                    + Pooling.allCases.map(\.rawValue).joined(separator: ", "), at: location)
        }
        if Set(draft.methods).count < draft.methods.count {
            throw Diagnostic("a prompt stands twice among those to average", at: location)
        }
        var run = RunSpec(
            name: "teacher", model: model, methods: draft.methods, postprocessing: Postprocessing(), adapter: nil,
            linear: LinearMaker(precision: draft.precision, library: draft.library), scoredLayers: nil,
            promptName: draft.promptName, location: location,
            locations: Dictionary(entries.map { ($0.key, $0.value.location) }) { _, last in last }, matrixKeys: [])
        run.awaitsModel = awaitsModel
        return run
    }

    /// What is wrong between a recipe's teacher and what it is for; what is wrong with either is told elsewhere.
    func teacherProblems(_ spec: TrainingSpec) -> [Diagnostic] {
        let objective = spec.recipe.objective.base
        guard let teacher = entries.first(where: { $0.key == TrainingKey.teacherName && !$0.isNone }) else {
            guard objective.needsTeacher else { return [] }
            return [
                Diagnostic(
                    "the objective \(type(of: objective).name) learns from a teacher, and there is none",
                    at: self["objective"]?.location ?? location,
                    suggestion: "set teacher: {column: NAME, lowest: 0, highest: 5}, or teacher: {model: NAME, …}")
            ]
        }
        guard objective.needsTeacher else {
            return [
                Diagnostic(
                    "teacher says nothing: the objective \(type(of: objective).name) learns from none",
                    at: teacher.location,
                    suggestion: "set objective: {distillation: {alpha: 0.5}}, or teacher: none")
            ]
        }
        if spec.teacherResult != nil {
            if case .task = spec.source { return [] }
            return [
                Diagnostic(
                    "a teacher that is a result needs data that is a task it scored, found \(spec.sourceName)",
                    at: teacher.location,
                    suggestion:
                        "set data to the task, such as STS-B-train; a file of your own is one by four lines under tasks"
                )
            ]
        }
        guard spec.teacherColumn != nil else { return [] }
        if case .file = spec.source { return [] }
        return [
            Diagnostic(
                "a teacher that is a column needs data that is a file, found \(spec.sourceName)", at: teacher.location,
                suggestion: "set data to a .csv or .jsonl file with the column, or name a model as the teacher")
        ]
    }
}

extension ConfigNode.Content {
    static func teacher(_ teacher: TeacherSpec) -> Self {
        switch teacher {
        case .column(let column):
            entries([
                ("column", .text(column.name)), ("lowest", .number(column.lowest)),
                ("highest", .number(column.highest)),
                ("lowest_cosine", .number(column.lowestCosine)),
            ])
        case .model(let run): Self.run(run, keys: TeacherSpec.runKeys)
        case .result(let result): .result(result)
        }
    }
}
