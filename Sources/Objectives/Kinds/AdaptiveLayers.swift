import Diagnostics
import Foundation
import Models
import Numerics

/// An objective of the embedding and of hidden layers below it, which also learn to point where the embedding does:
///
///     w·ℓ(e_n) + Σ_k [v · u(k) · ℓ(e_k) / K + t(k) · κ · T · KL(softmax(e_n / T) ‖ softmax(e_k / T))]
///
/// over the K layers k that a step draws, the mean of KL over the rows. Over `Matryoshka` it is 2D Matryoshka: Li et al., arXiv
/// 2402.14776. By default it is sentence-transformers' `AdaptiveLayerLoss` and `Matryoshka2dLoss`; its authors' first release
/// begins at layer 1, has T = 1, and lets the gradient into the teacher.
public struct AdaptiveLayers: Objective {
    /// How a layer's weight depends on its number k.
    public enum Weighting: String, CaseIterable, Sendable {
        case uniform
        /// 1 / (1 + ln(1 + k)), of ESE.
        case log
        /// 1 / (1 + k), of sentence-transformers until 2025.
        case linear
        /// 1 / k, of 2D Matryoshka's second release.
        case inverse
        /// ln(2 + k), of the second release's divergence.
        case growing

        func weight(_ layer: Int) -> Double {
            let layer = Double(layer)
            return switch self {
            case .uniform: 1
            case .log: 1 / (1 + Foundation.log(1 + layer))
            case .linear: 1 / (1 + layer)
            case .inverse: 1 / layer
            case .growing: Foundation.log(2 + layer)
            }
        }
    }

    /// ℓ
    public var inner = AnyObjective(InBatchNegatives())
    /// K; nil for all layers in each step.
    public var layersPerStep: Int? = 1
    /// The lowest layer that may be drawn; 0 is the embedding layer's output.
    public var firstLayer = 0
    /// w
    public var lastWeight = 1.0
    /// v
    public var layerWeight = 1.0
    /// u
    public var weighting = Weighting.uniform
    /// κ
    public var divergenceWeight = 1.0
    /// t
    public var divergenceWeighting = Weighting.uniform
    /// T; 0 for no divergence.
    public var temperature = 0.3
    /// Whether the divergence leaves the embedding as it is.
    public var isTeacherDetached = true

    public init() {}

    public static let name = "adaptive_layers"
    public static let fields: [ObjectiveField<Self>] = [
        .objective("of", \.inner),
        .count("layers_per_step", \.layersPerStep),
        ObjectiveField(
            "first_layer", read: { $1.firstLayer = try $0.integer() }, write: { PlainValue(.integer($0.firstLayer)) }),
        .number("last_weight", \.lastWeight), .number("layer_weight", \.layerWeight), .choice("weighting", \.weighting),
        .number("divergence_weight", \.divergenceWeight), .choice("divergence_weighting", \.divergenceWeighting),
        .number("temperature", \.temperature), .flag("detach", \.isTeacherDetached),
    ]

    public var idleKeys: [String] {
        if temperature == 0 { return ["divergence_weight", "divergence_weighting", "detach"] }
        return divergenceWeight == 0 ? ["divergence_weighting", "temperature", "detach"] : []
    }

    public var takes: [ExampleKind] { inner.base.takes }

    public func check(_ examples: ExampleBatch) throws { try inner.base.check(examples) }

    public func validate() throws {
        try inner.base.validate()
        if let count = layersPerStep, count < 1 {
            throw Diagnostic(
                "expected layers_per_step to be 1 or more, or all, found \(count)", subject: "layers_per_step")
        }
        let lowest = [weighting, divergenceWeighting].contains(.inverse) ? 1 : 0
        guard firstLayer >= lowest else {
            throw Diagnostic(
                "expected first_layer to be \(lowest) or more, found \(firstLayer)", subject: "first_layer")
        }
        for (name, weight) in [("last_weight", lastWeight), ("layer_weight", layerWeight)]
        where !(weight > 0 && weight.isFinite) {
            throw Diagnostic.expectedNumber(name, "above 0", found: weight)
        }
        for (name, number) in [("divergence_weight", divergenceWeight), ("temperature", temperature)]
        where !(number >= 0 && number.isFinite) {
            throw Diagnostic.expectedNumber(name, "0 or more", found: number)
        }
    }

    public func check(sizes step: ObjectiveStep) throws {
        let last = try step.layer.resolved(layerCount: step.layerCount)
        guard last > 0 else {
            throw Diagnostic("\(Self.name) reads layers below the embedding's, which is hidden layer 0: there is none")
        }
        guard firstLayer < last else {
            throw Diagnostic(
                "expected first_layer to be a hidden layer below the embedding's, 0…\(last - 1), found \(firstLayer)")
        }
        if let layersPerStep, layersPerStep > last - firstLayer {
            throw Diagnostic(
                "expected layers_per_step to be at most \(last - firstLayer), which are the hidden layers \(firstLayer)…\(last - 1), "
                    + "found \(layersPerStep)", suggestion: "layers_per_step: all takes each of them")
        }
        try inner.base.check(sizes: step)
    }

    /// Of the embedding and of each layer in turn: what the inner objective reads, then the whole for the divergence.
    public func views(_ step: ObjectiveStep) -> [EmbeddingView] {
        parts(step).flatMap { part in
            inner.base.views(part).map { EmbeddingView(layer: $0.layer ?? part.layer, dimensions: $0.dimensions) }
                + (hasDivergence ? [EmbeddingView(layer: part.layer)] : [])
        }
    }

    public func value(of embeddings: [Matrix], _ batch: ExampleBatch, _ step: ObjectiveStep) throws -> ObjectiveValue {
        var sum = ObjectiveValue(value: 0, gradients: [])
        var teacher: (rows: SoftenedRows, gradient: Matrix)?
        let parts = parts(step)
        for (place, part) in parts.enumerated() {
            let layer = part.layer.index
            let own = embeddings.dropFirst(sum.gradients.count).prefix(inner.base.views(part).count)
            let weight = place == 0 ? lastWeight : layerWeight * weighting.weight(layer) / Double(parts.count - 1)
            sum.add(try inner.base.value(of: Array(own), batch, part), weight: weight)
            guard hasDivergence else { continue }
            let whole = embeddings[sum.gradients.count]
            let rows = SoftenedRows(whole, temperature: temperature)
            let gradient = Matrix(rows: whole.rows, columns: whole.columns)
            sum.gradients.append(gradient)
            if let teacher {
                let weight = divergenceWeight * divergenceWeighting.weight(layer) * temperature
                let divergence = teacher.rows.divergence(
                    from: rows, addingGradientTo: gradient, teacher: isTeacherDetached ? nil : teacher.gradient,
                    weight: weight)
                sum.value += weight * divergence
            } else {
                teacher = (rows, gradient)
            }
        }
        return sum
    }

    private var hasDivergence: Bool { temperature > 0 && divergenceWeight > 0 }

    /// The step as the inner objective sees it: of the embedding first, then of each layer drawn.
    private func parts(_ step: ObjectiveStep) -> [ObjectiveStep] {
        let last = (try? step.layer.resolved(layerCount: step.layerCount)) ?? 0
        let below = Array(firstLayer..<max(firstLayer, last))
        var drawn = below
        if let layersPerStep, layersPerStep < below.count {
            var random = step.random()
            drawn = random.permutation(of: below.count).prefix(layersPerStep).map { below[$0] }
        }
        return [step]
            + drawn.map { layer in
                var part = step
                part.layer = HiddenLayer(layer)
                return part
            }
    }
}
