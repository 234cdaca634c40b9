import Diagnostics
import Numerics
import Workers

// Merging number by number: the sum is of no low rank any more, and is cut to one.

extension AdapterMerge {
    /// Merges the adapters' task vectors as dense matrices, map by map, each cut to a rank.
    ///
    /// - Parameter adapters: fitted to the backbone
    func cut(
        _ adapters: [Adapter], to rank: Int, on modules: BackboneModules, probe: MergeProbe?
    ) throws -> Merged {
        let configuration = cutConfiguration(adapters, to: rank, on: modules)
        let layout = try modules.parameterLayout(of: configuration)
        let maps = layout.names.filter { $0.hasSuffix(Self.aSuffix) }.map { String($0.dropLast(Self.aSuffix.count)) }
        let combine = try combination(of: adapters, maps: maps, on: modules, probe)
        let cuts = try WorkerPool.shared.map(maps.count) { index in
            let changes = adapters.map { $0.change(maps[index]) }
            guard let first = changes.lazy.compactMap(\.self).first else {
                preconditionFailure("a map that no adapter changes")
            }
            let whole = combine(changes.map { $0?.numbers }, index)
            guard
                let cut = LowRankApproximation(
                    of: whole, rows: first.rows, columns: first.columns, rank: rank)
            else {
                throw Diagnostic("the merged adapter has NaN or infinity: its factors are beyond single precision")
            }
            return Cut(
                a: cut.right.map(Float.init), b: cut.left.map(Float.init), squares: cut.squares,
                keptSquares: cut.keptSquares)
        }
        let values = Matrix(rows: 1, columns: layout.count)
        for (map, cut) in zip(maps, cuts) {
            for (suffix, numbers) in [(Self.aSuffix, cut.a), (Self.bSuffix, cut.b)] {
                guard let place = layout[map + suffix] else { continue }
                let target = values.view(from: place.offset, rows: place.rows, columns: place.columns)
                for row in 0..<place.rows {
                    target.assign(row: row, from: numbers[row * place.columns..<(row + 1) * place.columns])
                }
            }
        }
        let (squares, kept) = cuts.reduce((0.0, 0.0)) { ($0.0 + $1.squares, $0.1 + $1.keptSquares) }
        guard squares > 0 else { throw Diagnostic("the merged adapter changes nothing: nothing is left of its parts") }
        let merged = Adapter(configuration: configuration, layout: layout, values: FrozenMatrix(freezing: values))
        return Merged(adapter: merged, keptShare: min(1, kept / squares))
    }

    /// What the result changes.
    private func cutConfiguration(
        _ adapters: [Adapter], to rank: Int, on modules: BackboneModules
    ) -> AdapterConfiguration {
        var configuration = AdapterConfiguration(rank: rank)
        // B A is multiplied by 1.
        configuration.alpha = Float(rank)
        (configuration.targets, configuration.layers) = modules.naming(
            Set(adapters.flatMap(\.layout.names).compactMap(modules.adaptedPath)))
        return configuration
    }

    /// What a merge that is cut to a rank changes, known before it is made.
    ///
    /// - Throws: where an adapter was made for another model, or changes more than linear maps by low-rank factors
    public func configuration(
        of adapters: [Adapter], on modules: BackboneModules
    ) throws(Diagnostic) -> AdapterConfiguration {
        cutConfiguration(try Self.fitted(adapters, to: modules), to: rank ?? 1, on: modules)
    }

    private static let (aSuffix, bSuffix) = (".lora_A.weight", ".lora_B.weight")

    private struct Cut: Sendable {
        var a: [Float]
        var b: [Float]
        var squares: Double
        var keptSquares: Double
    }

    /// Makes one map's numbers of each adapter's, which are nil where it doesn't change the map.
    private typealias Combination = @Sendable (_ changes: [[Float]?], _ map: Int) -> [Double]

    private func combination(
        of adapters: [Adapter], maps: [String], on modules: BackboneModules, _ probe: MergeProbe?
    ) throws(Diagnostic) -> Combination {
        switch method {
        case .fisher, .regmean:
            guard let probe else { throw Diagnostic("a merge by \(method.rawValue) needs a probe", subject: "by") }
            let shares = try factors(of: adapters, on: modules).map { $0 / scale }
            return { [self] changes, map in
                let measured = probe.numbers(of: maps[map])
                return measuredMean(changes, shares, measured).map { scale * $0 }
            }
        case .average, .taskArithmetic, .slerp:
            let factors = try factors(of: adapters, on: modules)
            return { changes, _ in Self.sum(changes, factors) }
        case .dare:
            let (drop, seed) = (drop ?? 0, seed ?? 1)
            let factors = try factors(of: adapters, on: modules).map { $0 / (1 - drop) }
            return { changes, map in
                let kept = changes.enumerated().map { index, numbers in
                    var random = RandomGenerator(
                        seed: seed, for: .merging, part: UInt64(index * maps.count + map))
                    return numbers?.map { random.uniform() < drop ? 0 : $0 }
                }
                return Self.sum(kept, factors)
            }
        case .ties:
            let weights = weights.isEmpty ? adapters.map { _ in 1 } : weights
            let (density, scale) = (density ?? 1, scale)
            let smallest = try adapters.map { adapter throws(Diagnostic) in try adapter.smallest(ofShare: density, maps)
            }
            return { changes, _ in Self.elected(changes, weights, smallest: smallest).map { scale * $0 } }
        }
    }

    private static func sum(_ changes: [[Float]?], _ factors: [Double]) -> [Double] {
        var sum = [Double](repeating: 0, count: changes.lazy.compactMap { $0?.count }.first ?? 0)
        for (numbers, factor) in zip(changes, factors) {
            guard let numbers else { continue }
            for index in sum.indices { sum[index] += factor * Double(numbers[index]) }
        }
        return sum
    }

    /// The weighted mean of those numbers, among the large ones, that have the sign of their weighted sum; 0 where the sum is 0.
    private static func elected(_ changes: [[Float]?], _ weights: [Double], smallest: [Float]) -> [Double] {
        let parts = zip(changes, zip(weights, smallest)).compactMap { numbers, others in
            numbers.map { (numbers: $0, weight: others.0, smallest: others.1) }
        }
        return (parts.first?.numbers.indices ?? 0..<0).map { index in
            var (positive, negative) = (0.0, 0.0)
            var (positiveWeight, negativeWeight) = (0.0, 0.0)
            for part in parts {
                let number = part.numbers[index]
                guard number != 0, abs(number) >= part.smallest else { continue }
                if number > 0 {
                    positive += part.weight * Double(number)
                    positiveWeight += part.weight
                } else {
                    negative += part.weight * Double(number)
                    negativeWeight += part.weight
                }
            }
            let sum = positive + negative
            return sum == 0 ? 0 : sum > 0 ? positive / positiveWeight : negative / negativeWeight
        }
    }
}

extension Adapter {
    /// scale · B A of a linear map, row by row; nil where it doesn't change the map.
    fileprivate func change(_ module: String) -> (numbers: [Float], rows: Int, columns: Int)? {
        guard let part = lowRank(module) else { return nil }
        let product = Matrix(rows: part.b.rows, columns: part.a.columns)
        MatrixProduct.multiply(part.b.factor, part.a.factor, into: product, scale: part.scale)
        return ((0..<product.rows).flatMap { product.array(row: $0) }, product.rows, product.columns)
    }

    /// The smallest size among the share of its numbers that are largest, over all maps together.
    ///
    /// By two counts, of the upper and of the lower halves of the sizes' bits, which are in the order of the sizes: all numbers
    /// of a model's maps together would be as large as the model.
    fileprivate func smallest(ofShare share: Double, _ maps: [String]) throws(Diagnostic) -> Float {
        var count = 0
        var upper = [Int](repeating: 0, count: 1 << 16)
        for map in maps {
            for number in change(map)?.numbers ?? [] {
                upper[Int(abs(number).bitPattern >> 16)] += 1
                count += 1
            }
        }
        var left = Int(share * Double(count))
        guard left > 0 else {
            throw Diagnostic("density \(share) keeps none of an adapter's \(count) numbers", subject: "density")
        }
        func last(_ counts: [Int]) -> Int {
            for index in counts.indices.reversed() {
                guard left > counts[index] else { return index }
                left -= counts[index]
            }
            return 0
        }
        let high = last(upper)
        var lower = [Int](repeating: 0, count: 1 << 16)
        for map in maps {
            for number in change(map)?.numbers ?? [] where Int(abs(number).bitPattern >> 16) == high {
                lower[Int(abs(number).bitPattern & 0xFFFF)] += 1
            }
        }
        return Float(bitPattern: UInt32(high) << 16 | UInt32(last(lower)))
    }
}
