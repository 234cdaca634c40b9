import Diagnostics
import Numerics

/// A task, and beside it the similarities that a teacher gives the same pairs:
///
///     (1 − α) · ℓ + α · mean (cosine − t)²
///
/// Distilled Sentence Embeddings, arXiv 1908.05161, whose teacher reads both sentences at once; any similarities will do, such as
/// the cosines of a larger model.
public struct Distillation: Objective {
    /// ℓ
    public var task = AnyObjective(CosineRegression())
    /// α
    public var alpha = 0.5

    public init() {}

    public static let name = "distillation"
    public static let fields: [ObjectiveField<Self>] = [.objective("of", \.task), .number("alpha", \.alpha)]

    private var isTeacherAlone: Bool { alpha == 1 }

    public var idleKeys: [String] { isTeacherAlone ? ["of"] : [] }

    public var takes: [ExampleKind] {
        let kinds = isTeacherAlone ? [.pair, .scoredPair] : task.base.takes.filter { $0.roles.count == 2 }
        return kinds.map(\.taught)
    }

    public func validate() throws {
        guard alpha > 0, alpha <= 1 else {
            throw Diagnostic.expectedNumber("alpha", "above 0 and at most 1", found: alpha)
        }
        guard !isTeacherAlone else { return }
        try task.base.validate()
        guard !task.base.needsTeacher else {
            throw Diagnostic(
                "\(Self.name) is of an objective without a teacher, found \(type(of: task.base).name)", subject: "of")
        }
        guard !takes.isEmpty else {
            throw Diagnostic(
                "\(Self.name) is of an objective that learns from pairs, found \(type(of: task.base).name), which learns from "
                    + task.base.takes.map(\.plural).joined(separator: " or "), subject: "of")
        }
    }

    public func check(_ examples: ExampleBatch) throws {
        if !isTeacherAlone { try task.base.check(examples.untaught) }
    }

    public func check(sizes step: ObjectiveStep) throws {
        if !isTeacherAlone { try task.base.check(sizes: step) }
    }

    /// What the task reads, then the embedding for the teacher.
    public func views(_ step: ObjectiveStep) -> [EmbeddingView] {
        (isTeacherAlone ? [] : task.base.views(step)) + [.whole]
    }

    public func value(of embeddings: [Matrix], _ batch: ExampleBatch, _ step: ObjectiveStep) throws -> ObjectiveValue {
        var sum = ObjectiveValue(value: 0, gradients: [])
        if !isTeacherAlone {
            let own = Array(embeddings.dropLast())
            sum.add(try task.base.value(of: own, batch.untaught, step), weight: 1 - alpha)
        }
        guard let whole = embeddings.last else { preconditionFailure("a distillation without a view") }
        let units = try UnitRows(whole, kind: batch.kind)
        let parts = units.parts(of: batch.kind)
        let cosines = PairSimilarity.cosine.values(parts[0], parts[1])
        let errors = zip(cosines, batch.teacherSimilarities).map { $0 - $1 }
        let weight = alpha / Double(errors.count)
        PairSimilarity.cosine.addGradient(errors.map { 2 * weight * $0 }, parts[0], parts[1])
        sum.value += weight * errors.reduce(0) { $0 + $1 * $1 }
        sum.gradients.append(units.gradientOfEmbeddings())
        return sum
    }
}
