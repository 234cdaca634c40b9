import Diagnostics
import Embedding
import Numerics

/// An objective with parameters of its own: dense layers that are trained beside the model and thrown away after the training.
///
/// It stands by itself: no other objective is over it, for those know nothing of its parameters.
public protocol ParametricObjective: Objective {
    /// What its parameters are of, by the sizes of the model.
    func layers(_ step: ObjectiveStep) -> HeadShape

    /// The value of a batch, and a gradient for each view and for its own parameters.
    ///
    /// - Parameters:
    ///   - head: of the shape of `layers`
    ///   - parameters: the gradient of the head's, [1, parameters], added to
    func value(
        of embeddings: [Matrix], _ batch: ExampleBatch, _ step: ObjectiveStep, through head: Head,
        into parameters: Matrix
    ) throws -> ObjectiveValue
}

extension ParametricObjective {
    /// What its parameters begin with: drawn with the training's seed, apart from a head's.
    public func firstValues(_ step: ObjectiveStep) -> Head { Head(layers(step), seed: step.seed, for: .objective) }

    /// - Throws: always, for there is nobody who has its parameters
    public func value(of embeddings: [Matrix], _ batch: ExampleBatch, _ step: ObjectiveStep) throws -> ObjectiveValue {
        throw Diagnostic(
            "the objective \(Self.name) has parameters of its own, and can't stand within another one",
            subject: "objective")
    }
}
