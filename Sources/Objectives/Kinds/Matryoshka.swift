import Diagnostics
import Numerics

/// Σ w_d · ℓ(e[:d]): an objective of the embeddings' first dimensions, for several counts of them. Kusupati et al., arXiv
/// 2205.13147, equation 1; sentence-transformers' `MatryoshkaLoss`, by default with all its dimensions in every step.
public struct Matryoshka: Objective {
    /// ℓ
    public var inner = AnyObjective(InBatchNegatives())
    /// Each d.
    public var dimensions: [Int] = []
    /// Each w_d; empty for 1 each.
    public var weights: [Double] = []
    /// How many of the dimensions a step draws; nil for all.
    public var dimensionsPerStep: Int?

    public init() {}

    public static let name = "matryoshka"
    public static let fields: [ObjectiveField<Self>] = [
        .objective("of", \.inner),
        ObjectiveField(
            "dimensions", read: { $1.dimensions = try $0.list(of: "dimensions").map { try $0.integer() } },
            write: { PlainValue(.list($0.dimensions.map { PlainValue(.integer($0)) })) }),
        ObjectiveField(
            "weights", read: { $1.weights = try $0.list(of: "weights").map { try $0.number() } },
            write: { PlainValue(.list($0.everyWeight.map { PlainValue(.number($0)) })) }),
        .count("dimensions_per_step", \.dimensionsPerStep),
    ]

    public var idleKeys: [String] { dimensionsPerStep == dimensions.count ? ["dimensions_per_step"] : [] }

    public var takes: [ExampleKind] { inner.base.takes }

    public func check(_ examples: ExampleBatch) throws { try inner.base.check(examples) }

    public func validate() throws {
        try inner.base.validate()
        guard !dimensions.isEmpty, dimensions.allSatisfy({ $0 > 0 }), Set(dimensions).count == dimensions.count else {
            throw Diagnostic(
                "expected dimensions to be different numbers above 0, found \(dimensions)", subject: "dimensions")
        }
        guard weights.isEmpty || weights.count == dimensions.count else {
            throw Diagnostic(
                "expected \(dimensions.count) weights for as many dimensions, found \(weights.count)",
                subject: "weights")
        }
        if let bad = weights.first(where: { !($0 > 0 && $0.isFinite) }) {
            throw Diagnostic.expectedNumber("weights", "above 0", found: bad)
        }
        if let dimensionsPerStep, !(1...dimensions.count).contains(dimensionsPerStep) {
            throw Diagnostic(
                "expected dimensions_per_step to be all, or from 1 to \(dimensions.count), found \(dimensionsPerStep)",
                subject: "dimensions_per_step")
        }
    }

    /// Of all dimensions, whichever a step draws.
    public func check(sizes step: ObjectiveStep) throws {
        for count in dimensions where count > step.dimensions {
            throw Diagnostic("\(Self.name) reads \(count) dimensions, but embeddings have \(step.dimensions)")
        }
        for count in dimensions { try inner.base.check(sizes: narrowed(step, to: count)) }
    }

    public func views(_ step: ObjectiveStep) -> [EmbeddingView] {
        drawn(step).flatMap { count, _ in
            inner.base.views(narrowed(step, to: count)).map { view in
                EmbeddingView(layer: view.layer, dimensions: view.dimensions ?? count)
            }
        }
    }

    public func value(of embeddings: [Matrix], _ batch: ExampleBatch, _ step: ObjectiveStep) throws -> ObjectiveValue {
        var sum = ObjectiveValue(value: 0, gradients: [])
        for (count, weight) in drawn(step) {
            let step = narrowed(step, to: count)
            let own = embeddings.dropFirst(sum.gradients.count).prefix(inner.base.views(step).count)
            sum.add(try inner.base.value(of: Array(own), batch, step), weight: weight)
        }
        return sum
    }

    /// The dimensions that a step reads, in the order in which they are written, with their weights.
    private func drawn(_ step: ObjectiveStep) -> [(dimensions: Int, weight: Double)] {
        let all = zip(dimensions, everyWeight).map { (dimensions: $0, weight: $1) }
        guard let dimensionsPerStep, dimensionsPerStep < all.count else { return all }
        var random = step.random(for: .dimensions)
        return random.permutation(of: all.count).prefix(dimensionsPerStep).sorted().map { all[$0] }
    }

    private var everyWeight: [Double] { weights.isEmpty ? dimensions.map { _ in 1 } : weights }

    /// The step as the inner objective sees it, whose whole embeddings are the first dimensions.
    private func narrowed(_ step: ObjectiveStep, to dimensions: Int) -> ObjectiveStep {
        var step = step
        step.dimensions = dimensions
        return step
    }
}

extension ObjectiveValue {
    /// Adds another objective's value, and appends its views' gradients, both times a weight.
    mutating func add(_ other: ObjectiveValue, weight: Double) {
        value += weight * other.value
        if weight != 1 {
            for gradient in other.gradients {
                let weights = Array(repeating: weight, count: gradient.rows)
                Kernels.scaleRows(gradient, by: weights, into: gradient)
            }
        }
        gradients += other.gradients
    }
}
