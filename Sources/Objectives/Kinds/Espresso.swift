import Diagnostics
import Foundation
import Models
import Numerics

/// An objective of the embedding, of its first c dimensions, and of those of the hidden layers below, which also learn to be what
/// a layer's embeddings come to in c dimensions: Espresso (ESE), Li et al., arXiv 2402.14776, as angle_emb 0.6's
/// `AngleESETrainer` computes it:
///
///     ℓ(e_n) + ℓ(e_n[:c]) + D(e_n) + 1 / (n − 1) Σ_{k < n − 1} [ℓ(e_k[:c]) + D(e_k)] / (1 + ln(1 + k))
///     D(e) = MSE(e[:c], p) + T · KL(softmax(p / T) ‖ softmax(e[:c] / T))
///
/// over the hidden layers k = 0…n − 2 of the embedding's layer n, where p is ``PrincipalTarget``. The package draws the
/// signs of p's columns with a randomised decomposition; here they are fixed.
public struct Espresso: Objective {
    /// ℓ
    public var inner = AnyObjective(InBatchNegatives())
    /// c
    public var dimensions = 128
    /// Whether D is there.
    public var isAligned = true
    /// T; 0 for no divergence.
    public var temperature = 1.0

    public init() {}

    public static let name = "espresso"
    public static let fields: [ObjectiveField<Self>] = [
        .objective("of", \.inner),
        ObjectiveField(
            "dimensions", read: { $1.dimensions = try $0.integer() }, write: { PlainValue(.integer($0.dimensions)) }),
        .flag("align", \.isAligned), .number("temperature", \.temperature),
    ]

    public var idleKeys: [String] { isAligned ? [] : ["temperature"] }

    public var takes: [ExampleKind] { inner.base.takes }

    public func check(_ examples: ExampleBatch) throws { try inner.base.check(examples) }

    public func validate() throws {
        try inner.base.validate()
        guard dimensions > 0 else {
            throw Diagnostic("expected dimensions to be 1 or more, found \(dimensions)", subject: "dimensions")
        }
        guard temperature >= 0, temperature.isFinite else {
            throw Diagnostic.expectedNumber("temperature", "0 or more", found: temperature)
        }
    }

    public func check(sizes step: ObjectiveStep) throws {
        guard dimensions <= step.dimensions else {
            throw Diagnostic("\(Self.name) reads \(dimensions) dimensions, but embeddings have \(step.dimensions)")
        }
        let last = try step.layer.resolved(layerCount: step.layerCount)
        guard last > 1 else {
            throw Diagnostic(
                "\(Self.name) reads hidden layers below the one below the embedding's, which is hidden layer \(last): there is none"
            )
        }
        for part in parts(step) {
            do {
                try inner.base.check(sizes: part.step)
            } catch let error as Diagnostic where part.step.layer != step.layer {
                let layer = try part.step.layer.resolved(layerCount: step.layerCount)
                throw Diagnostic(
                    "\(Self.name) takes its objective of hidden layer \(layer) too: \(error.message)", subject: "of")
            }
        }
    }

    public func views(_ step: ObjectiveStep) -> [EmbeddingView] {
        parts(step).flatMap { part in
            inner.base.views(part.step).map { view in
                EmbeddingView(
                    layer: view.layer ?? part.step.layer,
                    dimensions: view.dimensions ?? (part.isWhole ? nil : dimensions))
            } + (part.isAligned ? [EmbeddingView(layer: part.step.layer)] : [])
        }
    }

    public func value(of embeddings: [Matrix], _ batch: ExampleBatch, _ step: ObjectiveStep) throws -> ObjectiveValue {
        var sum = ObjectiveValue(value: 0, gradients: [])
        for part in parts(step) {
            let own = embeddings.dropFirst(sum.gradients.count).prefix(inner.base.views(part.step).count)
            sum.add(try inner.base.value(of: Array(own), batch, part.step), weight: part.weight)
            guard part.isAligned else { continue }
            let whole = embeddings[sum.gradients.count]
            let gradient = Matrix(rows: whole.rows, columns: whole.columns)
            sum.gradients.append(gradient)
            let distance = try PrincipalTarget(whole, dimensions: dimensions).distance(
                of: whole[columns: 0..<dimensions], temperature: temperature,
                addingGradientTo: gradient[columns: 0..<dimensions], weight: part.weight)
            sum.value += part.weight * distance
        }
        return sum
    }

    /// What the inner objective is taken of.
    private struct Part {
        /// As the inner objective sees it.
        var step: ObjectiveStep
        var weight = 1.0
        /// Whether it is the embedding itself, not its first dimensions.
        var isWhole = false
        /// Whether D is added.
        var isAligned: Bool
    }

    private func parts(_ step: ObjectiveStep) -> [Part] {
        let last = (try? step.layer.resolved(layerCount: step.layerCount)) ?? 0
        var narrow = step
        narrow.dimensions = min(dimensions, step.dimensions)
        let own = [Part(step: step, isWhole: true, isAligned: false), Part(step: narrow, isAligned: isAligned)]
        return own
            + (0..<max(last - 1, 0)).map { layer in
                var step = narrow
                step.layer = HiddenLayer(layer)
                return Part(
                    step: step, weight: 1 / ((1 + log(1 + Double(layer))) * Double(last - 1)), isAligned: isAligned)
            }
    }
}
