import Diagnostics
import Foundation
import Numerics

/// All adapters between two of one backbone: a position on the arc between their task vectors, and a scale. Self Positioning, arXiv
/// 2410.15035.
///
/// V = λ (sin(t_1 θ) V_1 + sin(t_2 θ) V_2) / sin θ, t_i = a_i / (a_1 + a_2). V is linear in the gates g_i of V = Σ g_i V_i, and so
/// are the parameters of the one adapter of both ranks, which has g_i in its B: a loss's gradient of the gates follows from that
/// of the adapter.
public struct AdapterArc: Sendable {
    /// a_1, a_2 and λ: what is trained.
    public struct Position: Hashable, Sendable {
        public var weights: [Double]
        public var scale: Double

        public init(weights: [Double], scale: Double) { (self.weights, self.scale) = (weights, scale) }

        /// t_1 and t_2.
        public var shares: [Double] { weights.map { $0 / weights.reduce(0, +) } }
    }

    public let configuration: AdapterConfiguration
    /// θ; nil where the task vectors lie side by side, and the arc is a line.
    let angle: Double?
    private let layout: ParameterLayout
    /// The adapter's parameters with both gates 0, and what a gate of 1 adds, for each.
    private let base: FrozenMatrix
    private let directions: [FrozenMatrix]

    /// - Throws: where there are others than two; where one was made for another model, changes more than linear maps by low-rank
    ///   factors, or changes nothing; where they are opposite to each other
    public init(_ adapters: [Adapter], on modules: BackboneModules) throws(Diagnostic) {
        var merge = AdapterMerge()
        merge.method = .slerp
        try merge.check(adapters.count)
        let fitted = try AdapterMerge.fitted(adapters, to: modules)
        angle = try AdapterMerge.angle(between: fitted, on: modules)
        let whole = try AdapterMerge.concatenated(fitted, factors: [0, 0], on: modules)
        (configuration, layout, base) = (whole.configuration, whole.layout, whole.values)
        directions = try [[1.0, 0], [0, 1]].map { factors throws(Diagnostic) in
            let values = try AdapterMerge.concatenated(fitted, factors: factors, on: modules).values.copy()
            Kernels.add(whole.values.copy(), row: 0, scale: -1, to: values, row: 0)
            return FrozenMatrix(freezing: values)
        }
    }

    /// g_1 and g_2.
    public func gates(at position: Position) -> [Double] {
        position.shares.map { position.scale * onArc($0) }
    }

    /// The adapter at a position.
    public func adapter(at position: Position) -> Adapter {
        let values = base.copy()
        for (direction, gate) in zip(directions, gates(at: position)) {
            Kernels.add(direction.copy(), row: 0, scale: Float(gate), to: values, row: 0)
        }
        return Adapter(configuration: configuration, layout: layout, values: FrozenMatrix(freezing: values))
    }

    /// A loss's gradient of a_1, a_2 and λ, from that of the adapter's parameters at the position.
    ///
    /// - Parameter parameters: [1, parameters of the adapter]
    public func gradient(of parameters: Matrix, at position: Position) -> [Double] {
        let gradient = parameters.array(row: 0)
        let ofGates = directions.map { direction in
            zip(gradient, direction.array(row: 0)).reduce(0) { $0 + Double($1.0) * Double($1.1) }
        }
        let (shares, sum) = (position.shares, position.weights.reduce(0, +))
        let ofShares = zip(ofGates, shares).map { $0 * position.scale * slope($1) }
        // t_i = a_i / Σ a: ∂t_i/∂a_j = ([i = j] - t_i) / Σ a.
        let mean = zip(ofShares, shares).reduce(0) { $0 + $1.0 * $1.1 }
        return ofShares.map { ($0 - mean) / sum } + [zip(ofGates, shares).reduce(0) { $0 + $1.0 * onArc($1.1) }]
    }

    /// sin(t θ) / sin θ.
    private func onArc(_ share: Double) -> Double { angle.map { sin(share * $0) / sin($0) } ?? share }

    /// Its derivative.
    private func slope(_ share: Double) -> Double { angle.map { $0 * cos(share * $0) / sin($0) } ?? 1 }
}
