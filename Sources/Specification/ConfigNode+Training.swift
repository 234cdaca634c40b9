import Diagnostics
import Tasks
import Training

extension ConfigNode {
    /// How a run is trained: a recipe, or a list of them, stage after stage.
    func stages(in context: ConfigContext) throws -> [TrainingSpec] {
        guard isList else {
            let expectation = "none, the name of a training recipe, a mapping of its keys, or a list of such stages"
            return [try recipe(in: context, orElse: expectation).training(in: context)]
        }
        let items = try list(of: "stages")
        guard !items.isEmpty else { throw Diagnostic("expected at least one stage", at: location) }
        var problems = ConfigProblems()
        let recipes = try items.compactMap { item in
            try problems.collect {
                let expectation = "the name of a training recipe or a mapping of its keys, as a stage"
                guard item.content != .text("none") else { throw item.expected(expectation) }
                return try item.recipe(in: context, orElse: expectation)
            }
        }
        try problems.throwIfAny()
        let first = try problems.collect { try recipes[0].training(in: context) }
        let shared = TrainingKey.ofTrainedPart(first)
        let stages = try recipes.compactMap { recipe in
            try problems.collect { try recipe.inheriting(shared, from: recipes[0]).training(in: context) }
        }
        try problems.throwIfAny()
        for (recipe, stage) in zip(recipes, stages) {
            for problem in recipe.differences(of: stage, from: stages[0]) { problems.add(problem) }
        }
        try problems.throwIfAny()
        return stages
    }

    /// The keys of a recipe: those of a shared one that is named, or a mapping, which may build on a shared one by
    /// `recipe: NAME`.
    private func recipe(in context: ConfigContext, orElse expectation: String) throws -> ConfigNode {
        func shared(_ name: String, at location: SourceLocation) throws -> ConfigNode {
            let part = try context.configs.part(.training, named: name, at: location)
            return ConfigNode(
                .mapping(part.entries.filter { !["description", "name"].contains($0.key) }), at: part.location,
                folder: part.folder)
        }
        switch content {
        case .text(let name): return try shared(name, at: location)
        case .mapping:
            guard let base = self["recipe"] else { return self }
            let own = ConfigNode(.mapping(entries.filter { $0.key != "recipe" }), at: location, folder: folder)
            return try shared(base.text("a recipe's name"), at: base.location).merged(with: own, as: .recipe)
        default: throw expected(expectation)
        }
    }

    /// With what another recipe says of some keys that this one leaves open.
    private func inheriting(_ keys: [TrainingKey], from other: ConfigNode) -> ConfigNode {
        let replaced = keysReplaced(in: other)
        let names = keys.map(\.name).filter { !replaced.contains($0) }
        let inherited = other.entries.filter { names.contains($0.key) && self[$0.key] == nil }
        return ConfigNode(.mapping(entries + inherited), at: location, folder: folder)
    }

    /// What a stage, of this recipe, trains otherwise than the first one: a stage goes on with all numbers of the one before
    /// it, so all train the same ones.
    private func differences(of stage: TrainingSpec, from first: TrainingSpec) -> [Diagnostic] {
        // A head that is only there for the training is each stage's own.
        func part(_ key: TrainingKey, of stage: TrainingSpec) -> Content {
            let isOwn = key.name == TrainingKey.head.name && stage.keptHead == nil
            return (isOwn ? nil : key.write(stage)) ?? .text("none")
        }
        return (TrainingKey.adapterKeys + [TrainingKey.head]).compactMap { key in
            let (own, before) = (part(key, of: stage), part(key, of: first))
            guard own != before else { return nil }
            func text(_ content: Content) -> String { content.yaml.split(separator: "\n").joined(separator: " ") }
            return Diagnostic(
                "expected each stage to have the first one's \(key.name), which is \(text(before)), found \(text(own))",
                at: self[key.name]?.location ?? location,
                suggestion: "a stage that doesn't say \(key.name) has the first one's")
        }
    }

    private func training(in context: ConfigContext) throws -> TrainingSpec {
        var draft = TrainingDraft(context)
        var problems = ConfigProblems()
        for problem in unknownKeys("key of a training recipe", among: TrainingKey.names) { problems.add(problem) }
        for problem in choiceProblems() { problems.add(problem) }
        if let epochs = entries.first(where: { $0.key == "epochs" }), self["steps"] != nil {
            problems.add(Diagnostic("expected either steps or epochs, found both", at: epochs.location))
        }
        for key in TrainingKey.all {
            guard let value = self[key.name] else { continue }
            try problems.collect { try key.read(value, &draft) }
        }
        let spec = draft.finished
        do {
            try spec.recipe.validate()
        } catch let error as Diagnostic {
            problems.add(error.placed(at: location) { self[$0]?.location })
        }
        for problem in developmentProblems(spec) { problems.add(problem) }
        // What is wrong with an objective or a teacher isn't told again as what is wrong between them.
        try problems.throwIfAny()
        for problem in teacherProblems(spec) { problems.add(problem) }
        try problems.throwIfAny()
        return spec
    }

    /// A development set is there to be evaluated on, and evaluations need one; what is wrong with a value is told elsewhere.
    private func developmentProblems(_ spec: TrainingSpec) -> [Diagnostic] {
        let development = self["development"]
        if let evaluations = self["evaluate_every"], development.map({ $0.content == .text("none") }) ?? true {
            return [
                Diagnostic(
                    "evaluate_every needs a development set", at: evaluations.location,
                    suggestion: "set development: STS-B-dev")
            ]
        }
        if let development, spec.development != nil, self["evaluate_every"] == nil {
            return [
                Diagnostic(
                    "development chooses an adapter by evaluations, and there are none", at: development.location,
                    suggestion: "set evaluate_every, in steps, or development: none")
            ]
        }
        return []
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
