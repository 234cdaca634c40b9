import Diagnostics
import Numerics

/// What training makes small: a number, and its gradient, for a batch of embeddings.
///
/// An objective is one file: its numbers, its keys (`fields`), which examples it takes, which views of a sentence it
/// reads, and the value with a gradient for each view; and its entry in `ObjectiveCatalogue`. An objective over others
/// (`Matryoshka`, `WeightedSum`) asks them for their views and hands each its own matrices.
public protocol Objective: Hashable, Sendable {
    /// In experiment files.
    static var name: String { get }
    /// Its keys, in the order in which a resolved recipe writes them.
    static var fields: [ObjectiveField<Self>] { get }

    /// With the values that a recipe may leave out.
    init()

    /// Its keys that say nothing beside the values of others, such as the scale of a term whose weight is 0. They aren't written,
    /// and can't be said together with those others.
    var idleKeys: [String] { get }

    /// What it can learn from.
    var takes: [ExampleKind] { get }

    /// Checks the numbers it is made of.
    func validate() throws

    /// Checks what the kind of the examples doesn't say, of all examples before any work: scores out of their range,
    /// weights that leave nothing to learn.
    func check(_ examples: ExampleBatch) throws

    /// Checks what needs the sizes of the model, before any work.
    func check(sizes step: ObjectiveStep) throws

    /// The views read in a step. They may be drawn at random from the step, so that resumption draws the same.
    func views(_ step: ObjectiveStep) -> [EmbeddingView]

    /// The value of a batch, and a gradient for each view.
    ///
    /// - Parameters:
    ///   - embeddings: of each view of `step`, [examples · roles, the view's dimensions], rows as `ExampleBatch` says
    ///   - batch: what the rows stand for; of a kind that this takes
    /// - Throws: a diagnostic that names the example whose embedding holds a NaN or an infinity or has no direction.
    func value(of embeddings: [Matrix], _ batch: ExampleBatch, _ step: ObjectiveStep) throws -> ObjectiveValue
}

/// A batch's value and where it wants the embeddings to go.
public struct ObjectiveValue {
    public var value: Double
    /// ∂ value / ∂ embeddings for each view, of its shape.
    public var gradients: [Matrix]

    public init(value: Double, gradients: [Matrix]) { (self.value, self.gradients) = (value, gradients) }
}

extension Objective {
    public var idleKeys: [String] { [] }

    /// Whether it learns from nothing that lacks a teacher's similarities.
    public var needsTeacher: Bool {
        let kinds = takes
        return !kinds.isEmpty && kinds.allSatisfy { $0.values.contains(ExampleKind.teacherSimilarity) }
    }

    public func check(_ examples: ExampleBatch) throws {}

    public func check(sizes step: ObjectiveStep) throws {}

    public func views(_ step: ObjectiveStep) -> [EmbeddingView] { [.whole] }

    /// Checks before any work that this objective can learn from such examples.
    public func check(accepts kind: ExampleKind) throws {
        guard !takes.contains(where: kind.offers) else { return }
        let wanted = takes.map(\.plural).joined(separator: " or ")
        let others = ObjectiveCatalogue.plain.filter { $0.init().takes.contains(where: kind.offers) }.map { $0.name }
        throw Diagnostic(
            "the loss \(Self.name) learns from \(wanted), found \(kind.plural)",
            suggestion: others.isEmpty ? nil : "take the loss \(others.joined(separator: " or "))")
    }

    /// The value of a batch after every check, for whoever has no step to tell.
    ///
    /// - Parameter embeddings: whole, of the method's layer: [examples · roles, hidden]
    public func value(of embeddings: Matrix, _ batch: ExampleBatch) throws -> ObjectiveValue {
        try validate()
        try check(accepts: batch.kind)
        try batch.validate(rows: embeddings.rows)
        try check(batch)
        let step = ObjectiveStep(number: 0, seed: 0, layerCount: 0, dimensions: embeddings.columns)
        let plan = try ViewPlan(self, step)
        let found = try value(of: plan.cut([embeddings]), batch, step)
        return ObjectiveValue(value: found.value, gradients: plan.join(found.gradients, of: [embeddings]))
    }
}

extension Objective {
    /// Whether a batch has a gradient at embeddings in general position. One without learns nothing, whatever the model: a
    /// single pair among in-batch negatives, or equal scores under CoSENT.
    ///
    /// - Parameters:
    ///   - count: of the batch's examples
    ///   - step: with the sizes of the model
    package func hasGradient(of batch: ExampleBatch, count: Int, _ step: ObjectiveStep) throws -> Bool {
        let plan = try ViewPlan(self, step)
        let rows = count * batch.kind.roles.count
        let layers = plan.layers.indices.map { layer in
            // Near one another: far apart, a softmax of a low temperature would have no gradient that a float can hold.
            var random = RandomGenerator(seed: 0, for: .views, part: UInt64(layer))
            let numbers = (0..<rows * step.dimensions).map { _ in 1 + Float(random.uniform()) / 8 }
            return Matrix(rows: rows, columns: step.dimensions, numbers)
        }
        guard let own = self as? any ParametricObjective else {
            return try value(of: plan.cut(layers), batch, step).gradients.contains { Kernels.squaredNorm($0) > 0 }
        }
        let head = own.firstValues(step)
        let parameters = Matrix(rows: 1, columns: head.shape.parameterCount)
        let found = try own.value(of: plan.cut(layers), batch, step, through: head, into: parameters)
        return (found.gradients + [parameters]).contains { Kernels.squaredNorm($0) > 0 }
    }
}

/// An objective of one view that looks at directions alone: the gradient of a row is at right angles to it. Similarities
/// are matrix products in float32; sums are in double precision.
protocol DirectionalObjective: Objective {
    /// Adds the gradient with respect to the directions.
    ///
    /// - Returns: the value.
    func addGradient(_ units: UnitRows, _ batch: ExampleBatch) throws -> Double
}

extension DirectionalObjective {
    public func value(of embeddings: [Matrix], _ batch: ExampleBatch, _ step: ObjectiveStep) throws -> ObjectiveValue {
        let units = try UnitRows(embeddings[0], kind: batch.kind)
        let value = try addGradient(units, batch)
        return ObjectiveValue(value: value, gradients: [units.gradientOfEmbeddings()])
    }
}
