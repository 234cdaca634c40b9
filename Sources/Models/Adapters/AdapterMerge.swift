import Diagnostics
import Foundation
import Numerics

/// How several adapters of one backbone become one: a weighted sum of what they change, the task vectors V_i.
///
/// The factors A and B are never averaged apart: Σ g_i s_i B_i A_i is one adapter of the ranks' sum, exactly, which PEFT reads as
/// any other (its own `cat`). What is merged number by number, `ties` and `dare`, is of no low rank, and cut to one that is named.
public struct AdapterMerge: Hashable, Sendable {
    public enum Method: String, CaseIterable, Sendable {
        /// λ Σ w_i V_i / Σ w_i
        case average
        /// λ Σ w_i V_i. Source: Ilharco et al., arXiv 2212.04089.
        case taskArithmetic = "task_arithmetic"
        /// λ (sin(t_1 θ) V_1 + sin(t_2 θ) V_2) / sin θ of two, t_i = w_i / (w_1 + w_2), θ the angle between the task vectors over
        /// all parameters. Source: Self Positioning, arXiv 2410.15035, its spherical interpolation without the search.
        case slerp
        /// Of each V_i its largest numbers; where their weighted sum is above 0, λ times the weighted mean of those above, else of
        /// those below. Source: TIES, Yadav et al., arXiv 2306.01708.
        case ties
        /// λ Σ w_i V̂_i, where V̂_i lacks numbers by chance, and the others are divided by the chance to stay. Source: DARE, Yu et
        /// al., arXiv 2311.03099, with task arithmetic.
        case dare
        /// λ Σ w_i F_i V_i / Σ w_i F_i, number by number, with F_i the mean over a probe's batches of the square of the loss's gradient
        /// under adapter i: the diagonal of the empirical Fisher information. Where all F_i are 0 it is the average. Source: Matena
        /// and Raffel, arXiv 2111.09832, whose expectation is over the model's own labels.
        case fisher
        /// λ (Σ w_i V_i G_i) (Σ w_i G_i)⁺, with G_i the Gram matrix of the inputs that a map gets on a probe under adapter i, numbers
        /// off its diagonal times `off_diagonal`: the map whose outputs are nearest to those of each adapter's. Source: RegMean, Jin
        /// et al., arXiv 2212.09849.
        case regmean

        /// Whether the result has no low rank.
        var isDense: Bool { [.ties, .dare, .fisher, .regmean].contains(self) }
        /// Whether only the weights' shares of their sum count.
        var takesShares: Bool { [.average, .slerp, .ties, .fisher, .regmean].contains(self) }
        /// What a probe measures for it; nil for what needs none.
        public var quantity: MapQuantity? { self == .fisher ? .gradient : self == .regmean ? .gram : nil }
    }

    public var method = Method.average
    /// w_i, one an adapter; empty for 1 each.
    public var weights: [Double] = []
    /// λ
    public var scale = 1.0
    /// The share of an adapter's numbers that `ties` keeps, the largest; nil for other methods.
    public var density: Double?
    /// The chance of each number to be dropped by `dare`; nil for other methods.
    public var drop: Double?
    /// Of what `dare` drops; nil for other methods.
    public var seed: UInt64?
    /// What `regmean` multiplies a Gram matrix's numbers off the diagonal by; nil for other methods.
    public var offDiagonal: Double?
    /// What the result is cut to by singular values; nil for the ranks' sum, which is exact.
    public var rank: Int?

    public init() {}

    /// What came of a merge.
    public struct Merged: Sendable {
        public let adapter: Adapter
        /// What the cut to a rank left of the sum of squares; nil where nothing was cut.
        public let keptShare: Double?
    }

    /// - Parameter count: of adapters
    public func check(_ count: Int) throws(Diagnostic) {
        guard count > 1 else {
            throw Diagnostic("expected two adapters or more to merge, found \(count)", subject: "merge")
        }
        guard method != .slerp || count == 2 else {
            throw Diagnostic("slerp lies between two adapters, found \(count)", subject: "merge")
        }
        guard weights.isEmpty || weights.count == count else {
            throw Diagnostic(
                "expected a weight for each of \(count) adapters, found \(weights.count)", subject: "weights")
        }
        for weight in weights { try Self.check(weight, "weights") }
        try Self.check(scale, "scale")
        guard
            !method.takesShares || weights.isEmpty
                || (weights.allSatisfy { $0 >= 0 } && weights.contains { $0 > 0 })
        else {
            throw Diagnostic(
                "expected weights of \(method.rawValue) from 0, one of them above, found \(weights)", subject: "weights"
            )
        }
        guard scale != 0, weights.isEmpty || weights.contains(where: { $0 != 0 }) else {
            throw Diagnostic(
                "expected another \(scale == 0 ? "scale" : "weight") than 0: the merged adapter would change nothing",
                subject: scale == 0 ? "scale" : "weights")
        }
        try checkParts()
    }

    /// Checks what some methods have alone.
    private func checkParts() throws(Diagnostic) {
        for (name, owner, isSaid) in [
            ("density", Method.ties, density != nil), ("drop", .dare, drop != nil), ("seed", .dare, seed != nil),
            ("off_diagonal", .regmean, offDiagonal != nil),
        ] where isSaid && method != owner {
            throw Diagnostic(
                "\(name) is a key of \(owner.rawValue), and this merge is by \(method.rawValue)", subject: name)
        }
        if let density {
            guard density > 0, density <= 1 else {
                throw Diagnostic("density: expected a share above 0, up to 1, found \(density)", subject: "density")
            }
        }
        if let offDiagonal {
            guard offDiagonal >= 0, offDiagonal <= 1 else {
                throw Diagnostic(
                    "off_diagonal: expected a number from 0 to 1, found \(offDiagonal)", subject: "off_diagonal")
            }
        }
        if method == .dare {
            guard let drop else {
                throw Diagnostic("dare drops numbers by chance: expected drop, the chance, such as 0.9", subject: "by")
            }
            guard drop > 0, drop < 1 else {
                throw Diagnostic("drop: expected a chance above 0 and below 1, found \(drop)", subject: "drop")
            }
        }
        if let rank {
            _ = try NumberRange("rank", 1...16_384).check(rank)
        } else if method.isDense {
            throw Diagnostic(
                "what \(method.rawValue) makes has no low rank, and is cut to one: expected rank, which says what is lost",
                suggestion: "a rank as large as the smaller side of a map loses nothing", subject: "by")
        }
    }

    /// Sizes of weights and of the scale: any sum, product and quotient of them is far from where numbers end.
    private static let sizes = 1e-6...1e6

    private static func check(_ number: Double, _ name: String) throws(Diagnostic) {
        guard number == 0 || sizes.contains(abs(number)) else {
            throw Diagnostic(
                "\(name): expected 0, or a size from \(sizes.lowerBound) to \(sizes.upperBound), found \(number)",
                subject: name)
        }
    }

    /// Merges adapters.
    ///
    /// - Parameters:
    ///   - modules: of the backbone
    ///   - probe: what was measured for a method that asks for it
    /// - Throws: where one was made for another model, changes more than linear maps by low-rank factors, or changes nothing at
    ///   all where an angle is asked for; where a rank cuts nothing
    public func merged(_ adapters: [Adapter], on modules: BackboneModules, probe: MergeProbe? = nil) throws -> Merged {
        try check(adapters.count)
        guard method.quantity == probe?.adapters.first?.quantity else {
            throw Diagnostic(
                "a merge by \(method.rawValue) " + (method.quantity == nil ? "takes no probe" : "needs a probe"),
                subject: "by")
        }
        let fitted = try Self.fitted(adapters, to: modules)
        if let rank {
            let sum = fitted.reduce(0) { $0 + $1.configuration.rank }
            guard method.isDense || rank < sum else {
                throw Diagnostic(
                    "rank \(rank) cuts nothing: the merged adapter has rank \(sum), exactly",
                    suggestion: "leave rank out",
                    subject: "rank")
            }
            let merged = try cut(fitted, to: rank, on: modules, probe: probe)
            try Self.check(merged.adapter, of: [], [])
            return merged
        }
        let factors = try factors(of: fitted, on: modules)
        let merged = try Self.concatenated(fitted, factors: factors, on: modules)
        try Self.check(merged, of: fitted, factors)
        return Merged(adapter: merged, keptShare: nil)
    }

    /// - Throws: where one was made for another model, or changes more than linear maps by low-rank factors
    static func fitted(_ adapters: [Adapter], to modules: BackboneModules) throws(Diagnostic) -> [Adapter] {
        var fitted: [Adapter] = []
        for adapter in adapters {
            guard adapter.configuration.isOfLayersAlone else {
                throw Diagnostic("only adapters of low-rank factors alone can be merged, found one with whole modules")
            }
            fitted.append(try adapter.fitted(to: modules))
        }
        return fitted
    }

    /// The angle between two task vectors over all maps; nil where they lie side by side.
    static func angle(between adapters: [Adapter], on modules: BackboneModules) throws(Diagnostic) -> Double? {
        let products = [(0, 0), (1, 1), (0, 1)].map { adapters[$0].product(with: adapters[$1], on: modules) }
        guard products[0] > 0, products[1] > 0 else {
            throw Diagnostic("slerp needs an angle, and one of the adapters changes nothing")
        }
        let angle = acos(max(-1, min(1, products[2] / (products[0] * products[1]).squareRoot())))
        // Side by side the arc is a line, and opposite each other there is none.
        guard sin(angle) > 1e-6 else {
            guard angle < 1 else {
                throw Diagnostic("slerp has no arc between adapters that are opposite to each other")
            }
            return nil
        }
        return angle
    }

    /// g_i, of which Σ g_i V_i is the result.
    func factors(of adapters: [Adapter], on modules: BackboneModules) throws(Diagnostic) -> [Double] {
        let weights = weights.isEmpty ? adapters.map { _ in 1 } : weights
        let sum = weights.reduce(0, +)
        switch method {
        case .average, .ties, .fisher, .regmean: return weights.map { scale * $0 / sum }
        case .taskArithmetic, .dare: return weights.map { scale * $0 }
        case .slerp:
            let shares = weights.map { $0 / sum }
            guard let angle = try Self.angle(between: adapters, on: modules) else { return shares.map { scale * $0 } }
            return shares.map { scale * sin($0 * angle) / sin(angle) }
        }
    }

    /// - Throws: where the numbers are beyond those of single precision, or so small that nothing is left of a part.
    private static func check(
        _ merged: Adapter, of parts: [Adapter], _ factors: [Double]
    ) throws(Diagnostic) {
        guard merged.values.array(row: 0).allSatisfy(\.isFinite) else {
            throw Diagnostic("the merged adapter has NaN or infinity: its factors are beyond single precision")
        }
        for (part, factor) in zip(parts, factors) where factor != 0 && part.changesSomething {
            let smallest = Double(part.configuration.scale) * factor
            guard Float(smallest) != 0 else {
                throw Diagnostic("the merged adapter lacks a part: its factor \(smallest) is 0 in single precision")
            }
        }
        guard merged.changesSomething || (!parts.isEmpty && !parts.contains(where: \.changesSomething)) else {
            throw Diagnostic("the merged adapter changes nothing: its factors are 0 in single precision")
        }
    }

    static func concatenated(
        _ adapters: [Adapter], factors: [Double], on modules: BackboneModules
    ) throws(Diagnostic) -> Adapter {
        let ranks = adapters.map(\.configuration.rank)
        var configuration = AdapterConfiguration(rank: ranks.reduce(0, +))
        // B A is multiplied by 1: each part has its own scale in B.
        configuration.alpha = Float(configuration.rank)
        (configuration.targets, configuration.layers) = modules.naming(
            Set(adapters.flatMap(\.layout.names).compactMap(modules.adaptedPath)))
        let layout = try modules.parameterLayout(of: configuration)
        let values = Matrix(rows: 1, columns: layout.count)
        for (index, adapter) in adapters.enumerated() {
            let start = ranks[..<index].reduce(0, +)
            let factor = Float(factors[index]) * adapter.configuration.scale
            for name in adapter.layout.names {
                guard let source = adapter.parameter(name), let place = layout[name] else { continue }
                let target = values.view(from: place.offset, rows: place.rows, columns: place.columns)
                let isA = name.hasSuffix(".lora_A.weight")
                for row in 0..<source.place.rows {
                    let numbers = source.values.array(row: row)
                    if isA {
                        target.assign(row: start + row, from: numbers)
                    } else {
                        var whole = target.array(row: row)
                        whole.replaceSubrange(start..<start + numbers.count, with: numbers.map { factor * $0 })
                        target.assign(row: row, from: whole)
                    }
                }
            }
        }
        return Adapter(configuration: configuration, layout: layout, values: FrozenMatrix(freezing: values))
    }
}

extension Adapter {
    /// Whether a factor B has a number.
    fileprivate var changesSomething: Bool {
        layout.names.contains { name in
            guard name.hasSuffix(".lora_B.weight"), let found = parameter(name) else { return false }
            return (0..<found.place.rows).contains { found.values.array(row: $0).contains { $0 != 0 } }
        }
    }

    /// ⟨ΔW_1, ΔW_2⟩ over all linear maps: tr(A_1ᵀ B_1ᵀ B_2 A_2) of each, without the products themselves.
    fileprivate func product(with other: Adapter, on modules: BackboneModules) -> Double {
        let names = layout.names.filter { $0.hasSuffix(".lora_A.weight") }.map { String($0.dropLast(14)) }
        return names.reduce(0) { sum, module in
            guard let own = lowRank(module), let foreign = other.lowRank(module) else { return sum }
            let inner = Self.products(own.b.columnArrays, foreign.b.columnArrays)
            let outer = Self.products(own.a.rowArrays, foreign.a.rowArrays)
            return sum + Double(own.scale) * Double(foreign.scale) * zip(inner, outer).reduce(0) { $0 + $1.0 * $1.1 }
        }
    }

    /// The products of each vector with each.
    private static func products(_ vectors: [[Float]], _ others: [[Float]]) -> [Double] {
        vectors.flatMap { one in
            others.map { other in zip(one, other).reduce(0) { $0 + Double($1.0) * Double($1.1) } }
        }
    }
}

extension FrozenMatrix {
    fileprivate var rowArrays: [[Float]] { (0..<rows).map { array(row: $0) } }
    fileprivate var columnArrays: [[Float]] { (0..<columns).map { column in (0..<rows).map { self[$0, column] } } }
}
