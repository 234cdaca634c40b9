import Diagnostics
import Tasks
import Training

extension ConfigNode {
    /// A recipe for training: the name of a shared one, or a mapping of its keys, which may build on a shared one by
    /// `recipe: NAME`.
    func training(in context: ConfigContext) throws -> TrainingSpec {
        let expectation = "none, the name of a training recipe or a mapping of its keys"
        switch content {
        case .text(let name):
            return try context.configs.part(.training, named: name, at: location)
                .recipe(keepsDescription: true, tasks: context.tasks)
        case .mapping:
            guard let base = self["recipe"] else { return try recipe(keepsDescription: false, tasks: context.tasks) }
            let shared = try context.configs.part(
                .training, named: base.text("a recipe's name"), at: base.location)
            return try shared.merged(withRecipe: self).recipe(keepsDescription: true, tasks: context.tasks)
        default: throw expected(expectation)
        }
    }

    private func recipe(keepsDescription: Bool, tasks: TaskCatalogue) throws -> TrainingSpec {
        var draft = TrainingDraft(tasks: tasks)
        var problems = ConfigProblems()
        let more = keepsDescription ? ["description", "name", "recipe"] : []
        for problem in unknownKeys("key of a training recipe", among: TrainingKey.names + more) {
            problems.add(problem)
        }
        for problem in choiceProblems() { problems.add(problem) }
        for key in TrainingKey.all {
            guard let value = self[key.name] else { continue }
            try problems.collect { try key.read(value, &draft) }
        }
        let spec = draft.finished
        do {
            try spec.recipe.validate()
        } catch let error as Diagnostic {
            problems.add(Diagnostic(error.message, at: error.location ?? location, suggestion: error.suggestion))
        }
        if spec.recipe.evaluationInterval != nil, spec.development == nil {
            problems.add(
                Diagnostic(
                    "evaluate_every needs a development set", at: self["evaluate_every"]?.location ?? location,
                    suggestion: "set development: STS-B-dev"))
        }
        try problems.throwIfAny()
        return spec
    }

    /// A number, whole or not.
    func number() throws(Diagnostic) -> Double {
        switch content {
        case .number(let number): return number
        case .integer(let integer): return Double(integer)
        default: throw expected("a number")
        }
    }

    func positive() throws(Diagnostic) -> Int {
        let value = try integer()
        guard value > 0 else { throw expected("1 or more") }
        return value
    }

    func flag() throws(Diagnostic) -> Bool {
        guard case .boolean(let flag) = content else { throw expected("true or false") }
        return flag
    }
}

extension ConfigNode.Content {
    /// A recipe with every value written out.
    static func training(_ spec: TrainingSpec) -> Self {
        let nowhere = SourceLocation(file: "")
        return .mapping(
            TrainingKey.all.compactMap { key in
                key.write(spec).map {
                    ConfigEntry(key: key.name, at: nowhere, value: ConfigNode($0, at: nowhere, folder: ""))
                }
            })
    }
}

extension TrainingSpec {
    /// The recipe with every value written out: the same recipe gives the same bytes.
    package var resolvedYAML: String { ConfigNode.Content.training(self).yaml }
}
