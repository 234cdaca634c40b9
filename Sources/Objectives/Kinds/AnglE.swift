import Diagnostics

/// The weighted sum of AnglE, arXiv 2309.12871, equation 8, as angle_emb 0.6's `AngleLoss` computes it.
///
/// - Pairs with scores (format A): `cosineWeight` · CoSENT + `inBatchWeight` · in-batch loss of labelled pairs +
///   `angleWeight` · angle loss. The in-batch loss takes a pair as positive where its score's integer part is not 0.
/// - Pairs (format B): the in-batch loss of pairs at `inBatchScale`, unweighted.
/// - Triplets (format C): half of `inBatchWeight` · in-batch loss without and `hardNegativeWeight` · the one with hard
///   negatives; CoSENT and angle loss over the anchor with its positive, scored 1, and its negative, scored 0.
public struct AnglE: DirectionalObjective {
    /// `cosine_w`
    public var cosineWeight = 0.0
    /// `ibn_w`
    public var inBatchWeight = 1.0
    /// `cln_w`
    public var hardNegativeWeight = 1.0
    /// `angle_w`
    public var angleWeight = 0.02
    /// `cosine_tau`
    public var cosineScale = 20.0
    /// `ibn_tau`: one over the temperature.
    public var inBatchScale = 20.0
    /// `angle_tau`
    public var angleScale = 20.0

    /// The package's defaults.
    public init() {}

    public static let name = "angle"
    public static let fields: [ObjectiveField<Self>] = [
        .number("cosine_w", \.cosineWeight), .number("ibn_w", \.inBatchWeight), .number("cln_w", \.hardNegativeWeight),
        .number("angle_w", \.angleWeight), .number("cosine_tau", \.cosineScale), .number("ibn_tau", \.inBatchScale),
        .number("angle_tau", \.angleScale),
    ]

    public var idleKeys: [String] {
        (cosineWeight == 0 ? ["cosine_tau"] : []) + (angleWeight == 0 ? ["angle_tau"] : [])
    }

    public var takes: [ExampleKind] { [.pair, .triplet, .scoredPair] }

    func addGradient(_ units: UnitRows, _ batch: ExampleBatch) throws -> Double {
        guard angleWeight == 0 || batch.kind.offers(.pair) || units.rows.columns % 2 == 0 else {
            throw Diagnostic(
                "the angle loss takes embeddings of an even length, found \(units.rows.columns)",
                suggestion: "set angle_w to 0")
        }
        let parts = units.parts(of: batch.kind)
        if batch.kind.offers(.pair) { return contrast(parts[0], [parts[1]], weight: 1) }
        if batch.kind.offers(.triplet) {
            return contrast(parts[0], [parts[1]], weight: inBatchWeight / 2)
                + contrast(parts[0], [parts[1], parts[2]], weight: hardNegativeWeight / 2)
                + ranking(units, batch)
        }
        let labelled = LabelledContrast(units: units, labels: batch.scores, scale: inBatchScale)
        return (inBatchWeight > 0 ? labelled.addGradient(weight: inBatchWeight) : 0) + ranking(units, batch)
    }

    private func contrast(_ queries: UnitRows, _ candidates: [UnitRows], weight: Double) -> Double {
        guard weight > 0 else { return 0 }
        let contrast = SoftmaxContrast(queries: queries, candidates: candidates, scale: inBatchScale)
        return contrast.addGradient(weight: weight)
    }

    private func ranking(_ units: UnitRows, _ batch: ExampleBatch) -> Double {
        let pairs = RankedPairs(units, batch)
        var value = 0.0
        if cosineWeight > 0 { value += pairs.addGradient(of: .cosine, scale: cosineScale, weight: cosineWeight) }
        if angleWeight > 0 { value += pairs.addGradient(of: .angle, scale: angleScale, weight: angleWeight) }
        return value
    }

    public func validate() throws {
        let weights = [
            ("cosine_w", cosineWeight), ("ibn_w", inBatchWeight), ("cln_w", hardNegativeWeight),
            ("angle_w", angleWeight),
        ]
        for (name, weight) in weights where !(weight >= 0 && weight.isFinite) {
            throw Diagnostic.expectedNumber(name, "0 or above", found: weight)
        }
        let scales = [("cosine_tau", cosineScale), ("ibn_tau", inBatchScale), ("angle_tau", angleScale)]
        for (name, scale) in scales where !(scale > 0 && scale.isFinite) {
            throw Diagnostic.expectedNumber(name, "above 0", found: scale)
        }
    }

    /// Checks that something is left to learn from such examples.
    public func check(_ examples: ExampleBatch) throws {
        let kind = examples.kind
        var used = [cosineWeight, inBatchWeight, angleWeight]
        if kind.offers(.pair) { used = [1] }
        if kind.offers(.triplet) { used.append(hardNegativeWeight) }
        guard used.contains(where: { $0 > 0 }) else {
            throw Diagnostic("expected a weight of the loss angle above 0 for \(kind.plural), found none")
        }
    }
}
