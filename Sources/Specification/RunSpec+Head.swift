import Diagnostics
import Embedding
import Files
import Models
import Objectives

extension RunSpec {
    /// The head that belongs to the run's embedding: of the training, of the adapter's folder, or of the model's.
    ///
    /// - Returns: nil where pooled states are the embedding, or the adapter isn't there yet.
    /// - Throws: where the folder's head is damaged, or takes embeddings of another width than the model's.
    package func head(on shape: BackboneShape) throws -> HeadShape? {
        let head: HeadShape? =
            switch adapter {
            case nil, .merged: nil
            case .folder(let path): try AdapterFolder(path).headShape()
            case .hub(let reference): try reference.path.flatMap { try AdapterFolder($0).headShape() }
            case .run(let trained): try trained.folder.flatMap { try AdapterFolder($0).headShape() }
            case .trained(let stages): stages.last?.keptHead?.shape(inputs: shape.hiddenSize)
            }
        if method.projection == .folder { return try headOfFolder(besides: head, on: shape) }
        do {
            try head?.check(fits: shape.hiddenSize)
        } catch {
            throw Diagnostic(error.message, at: locations["adapter"] ?? location)
        }
        return head
    }

    /// - Parameter own: the adapter's
    private func headOfFolder(besides own: HeadShape?, on shape: BackboneShape) throws -> HeadShape {
        let place = locations[MethodField.projectionName] ?? location
        guard own == nil else {
            throw Diagnostic("expected projection: none, for the adapter has a head of its own", at: place)
        }
        if case .trained = adapter {
            throw Diagnostic(
                "expected projection: none, for training through a folder's layers is not supported", at: place)
        }
        guard let head = try ownFolder()?.headShape() else {
            throw Diagnostic(
                "projection: folder needs a folder of sentence-transformers with modules such as Dense behind its Pooling",
                at: place)
        }
        do {
            try head.check(fits: shape.hiddenSize)
        } catch {
            throw Diagnostic(error.message, at: place)
        }
        return head
    }

    /// The model's folder, where it is one of sentence-transformers.
    private func ownFolder() throws -> SentenceTransformerFolder? {
        guard SentenceTransformerFolder.isOne(model.file) else { return nil }
        return try SentenceTransformerFolder(model.file, ignoring: KeyPolicy(ignoring: model.ignoredKeys))
    }

    /// The numbers of that head.
    ///
    /// - Parameter folder: of the run's adapter; nil where it has none
    /// - Throws: also where the folder of a trained adapter has another head than the recipe says, or has lost it.
    package func head(from folder: AdapterFolder?, on shape: BackboneShape) throws -> Head? {
        let expected = try head(on: shape)
        if method.projection == .folder { return try ownFolder()?.head() }
        let found = try folder?.head()
        guard case .trained = adapter, let folder, found?.shape != expected else { return found }
        throw Diagnostic(
            "expected \(expected.map { "the head \($0.title)" } ?? "no head") beside the trained adapter, found "
                + (found?.shape.title ?? "none"),
            at: SourceLocation(file: folder.path), suggestion: "run with --fresh")
    }

    /// The numbers of an embedding that are compared.
    package func embeddingDimensions(on shape: BackboneShape) throws -> Int {
        try postprocessing.dimensions.first ?? head(on: shape)?.outputs ?? shape.hiddenSize
    }
}

extension RunSpec {
    /// Checks that the model can be trained, and that its pooled states, or what a head makes of them, are as wide as the
    /// objective reads them; that the layers to adapt exist, and one of them is below what is read; and that the objective
    /// learns from such examples, where they are known before they are read.
    func check(_ training: TrainingSpec, on model: PretrainedModel) throws {
        let shape = model.shape
        let place = locations["train"] ?? location
        guard !shape.isStatic, let modules = model.modules else {
            throw Diagnostic(
                "word vectors can be embedded with, but not trained", at: place, suggestion: "set train: none")
        }
        do {
            try modules.checkTrainable()
        } catch {
            throw error.placed(at: place)
        }
        let step = training.firstStep(on: shape, layer: method.layer)
        var problems = ConfigProblems()
        func check(_ key: String, _ body: () throws -> Void) throws {
            try problems.collect {
                do {
                    try body()
                } catch let error as Diagnostic {
                    throw error.placed(at: self.place(inTraining: key), self.place(inTraining:))
                }
            }
        }
        let (objective, adapter) = (training.recipe.objective.base, training.recipe.adapter)
        try check("targets") { try modules.checkTargets(of: adapter) }
        try check("modules_to_save") { try modules.checkModulesToSave(of: adapter) }
        try problems.throwIfAny()
        try check("layers") {
            try adapter.check()
            _ = try adapter.layers(of: shape.layerCount)
            try modules.checkLayers(of: adapter)
        }
        try problems.throwIfAny()
        try check("modules_to_save") { _ = try modules.trained(by: adapter) }
        var layers: [Int] = []
        try check("objective") {
            layers = try ViewPlan(objective, step).layers.map { try $0.resolved(layerCount: shape.layerCount) }
        }
        try problems.throwIfAny()
        let read = layers.max() ?? 0
        try check("norm_exits") {
            guard training.recipe.normsExits, !modules.hasFinalNorm || layers.allSatisfy({ $0 == shape.layerCount })
            else { return }
            let reason =
                !modules.hasFinalNorm
                ? "the model has no final norm" : "the training reads the last layer alone, behind its norm"
            throw Diagnostic("norm_exits changes nothing: \(reason)", suggestion: "leave norm_exits out")
        }
        try check("modules_to_save") {
            let isNormed = training.recipe.normsExits || read == shape.layerCount
            let unread = modules.unread(of: adapter, above: read, isNormed: isNormed)
            guard !unread.isEmpty else { return }
            throw Diagnostic(
                "\(unread.joined(separator: ", ")) would learn nothing: hidden layer \(read) is read, in which \(unread.count == 1 ? "it has" : "they have") no part"
            )
        }
        try check("layers") {
            let layers = try adapter.layers(of: shape.layerCount)
            guard let lowest = layers.first, lowest >= read, adapter.hasLowRankFactors,
                adapter.isOfLayersAlone || adapter.layers != nil
            else { return }
            throw Diagnostic(
                "nothing to train: hidden layer \(read) is read, and the lowest layer to adapt is layer \(lowest), whose "
                    + "output is hidden layer \(lowest + 1)")
        }
        try check("objective") { if let kind = training.kind { try objective.check(accepts: kind) } }
        try problems.throwIfAny()
        try check("batch_size") {
            if let kind = training.kind { try training.recipe.checkGradient(of: kind, step) }
        }
        try problems.throwIfAny()
    }
}

extension RunSpec {
    /// Where a key of its recipe is said; where the training is, if the key isn't said or is in a recipe that is named.
    package func place(inTraining key: String?) -> SourceLocation {
        let keys = key == "objective" ? ["objective", "loss"] : [key].compactMap(\.self)
        return keys.lazy.compactMap { locations["train.\($0)"] }.first ?? locations["train"]
            ?? locations["adapter.probe"] ?? location
    }
}

extension TrainingSpec.Source {
    /// What its examples are; nil where that is known when they are read.
    fileprivate var kind: ExampleKind? {
        switch self {
        case .wordNet(let examples): examples.kind
        case .file: nil
        case .task: .scoredPair
        }
    }
}

extension TrainingSpec {
    /// What its examples are, beside what a teacher says of them; nil where that is known when they are read.
    fileprivate var kind: ExampleKind? { source.kind.map { teacher != nil && $0.roles.count == 2 ? $0.taught : $0 } }

    /// What the objective sees of the first step on a model.
    ///
    /// - Parameter layer: of the embedding, where no method is said
    package func firstStep(on shape: BackboneShape, layer: HiddenLayer = .last) -> ObjectiveStep {
        let dimensions = recipe.head?.shape(inputs: shape.hiddenSize).outputs ?? shape.hiddenSize
        return ObjectiveStep(
            number: 0, seed: recipe.seed, layerCount: shape.layerCount, dimensions: dimensions,
            layer: method?.layer ?? layer)
    }

    /// The head that belongs to the embedding.
    var keptHead: HeadRecipe? { recipe.head.flatMap { $0.isForTrainingOnly ? nil : $0 } }
}
