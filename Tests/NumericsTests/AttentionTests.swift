import Foundation
import Numerics
import TestSupport
import Testing

@Suite struct AttentionTests {
    /// A sequence of `keys` tokens, the first `prefix` of them shared, and queries for its last ones.
    private struct Case {
        var shape = Attention(heads: 4, keyValueHeads: 2, headDimension: 16)
        var keys: Int
        var prefix = 0
        var queries: Int
        var visible: VisibleKeys
        let query: Matrix
        let keysValues: Matrix

        init(
            _ shape: Attention = Attention(heads: 4, keyValueHeads: 2, headDimension: 16), keys: Int, prefix: Int = 0,
            queries: Int, causal: Bool
        ) {
            (self.shape, self.keys, self.prefix, self.queries) = (shape, keys, prefix, queries)
            visible = VisibleKeys(
                limits: (0..<queries).map { Int32(causal ? keys - queries + $0 + 1 : keys) }[...])
            query = .random(rows: queries, columns: shape.heads * shape.headDimension, seed: 1, within: 3)
            keysValues = .random(
                rows: keys, columns: 2 * shape.keyValueHeads * shape.headDimension, seed: 2, within: 2)
        }

        /// The module's result for some of the queries.
        func attended(_ range: Range<Int>? = nil, prefix: Int? = nil) -> Matrix {
            let shared = prefix ?? self.prefix
            return attended(
                range,
                over: SequenceKeys(
                    prefix: shared > 0 ? keysValues[rows: 0..<shared].copy().frozen : nil,
                    rows: keysValues[rows: shared..<keys], runs: [RowRun(first: 0, count: keys - shared)]))
        }

        func attended(_ range: Range<Int>? = nil, over keys: SequenceKeys) -> Matrix {
            let range = range ?? 0..<queries
            let out = Matrix.random(rows: range.count, columns: query.columns, seed: 3)
            var scratch: [Float] = []
            shape.attend(
                queries: query[rows: range], visible: visible[range], keys: keys, into: out, scratch: &scratch)
            return out
        }

        /// A bias of scores that a sequence of so many keys may have: each distance's own for each head.
        static func distanceBias(heads: Int, positions: Int) -> DistanceBias {
            let table = Matrix(rows: 2 * positions - 1, columns: heads)
            for distance in 1 - positions..<positions {
                for head in 0..<heads { table[distance + positions - 1, head] = Float(bias(head, distance)) }
            }
            return DistanceBias(table.frozen, positions: positions) { $0 + positions - 1 }
        }

        private static func bias(_ head: Int, _ distance: Int) -> Double {
            2 * sin(Double(distance) * 0.7 + Double(head))
        }

        private func bias(_ head: Int, _ distance: Int) -> Double { Self.bias(head, distance) }

        /// Softmax(q kᵀ / √d) v, query by query and head by head.
        var expected: [Double] {
            let d = shape.headDimension
            let group = shape.heads / shape.keyValueHeads
            let keysValues = keysValues.doubles
            return query.doubles.enumerated().flatMap { row, query in
                (0..<shape.heads).flatMap { head in
                    let (key, value) = (head / group * d, (shape.keyValueHeads + head / group) * d)
                    let seen = Int(visible.firsts?[row] ?? 0)..<Int(visible.limits[row])
                    let scores = seen.map { position in
                        let product = (0..<d).reduce(0) { $0 + query[head * d + $1] * keysValues[position][key + $1] }
                        let biased = shape.distanceBias == nil ? 0 : bias(head, position - (keys - queries + row))
                        let score = product * Double(shape.scale) + biased
                        return shape.scoreCap.map { Double($0) * tanh(score / Double($0)) } ?? score
                    }
                    let highest = scores.max() ?? 0
                    let weights = scores.map { exp($0 - highest) }
                    let total = weights.reduce(0, +)
                    return (0..<d).map { component in
                        zip(seen, weights).reduce(0) { $0 + $1.1 / total * keysValues[$1.0][value + component] }
                    }
                }
            }
        }
    }

    @Test(
        "attention equals the formula in double precision for every head dimension",
        arguments: [2, 6, 16, 64, 80], [(4, 2), (3, 1), (2, 2)])
    func everyDimension(dimension: Int, heads: (Int, Int)) {
        let shape = Attention(heads: heads.0, keyValueHeads: heads.1, headDimension: dimension)
        for causal in [true, false] {
            for keys in [1, 5, 17, 33] {
                let sample = Case(shape, keys: keys, queries: keys, causal: causal)
                let difference = Difference(sample.attended().elements, sample.expected)
                #expect(difference.relative < 2e-6, "\(keys) keys, causal \(causal): \(difference)")
            }
        }
    }

    @Test("attention equals the formula for 1 to 70 keys, causal and bidirectional", arguments: 1...70)
    func everyKeyCount(keys: Int) {
        for causal in [true, false] {
            let sample = Case(keys: keys, queries: min(keys, 5), causal: causal)
            let difference = Difference(sample.attended().elements, sample.expected)
            #expect(difference.relative < 2e-6, "causal \(causal): \(difference)")
        }
    }

    @Test("any number of queries works, none too", arguments: awkwardRows)
    func everyQueryCount(queries: Int) {
        let sample = Case(keys: 9, queries: queries, causal: true)
        let difference = Difference(sample.attended().elements, sample.expected)
        #expect(difference.relative < 2e-6, "\(difference)")
    }

    @Test("a shared prefix gives the bits of the same keys without one", arguments: [1, 5], [2, 16, 64, 80])
    func prefixIsBitEqual(prefix: Int, dimension: Int) {
        let shape = Attention(heads: 4, keyValueHeads: 2, headDimension: dimension)
        for keys in [prefix + 1, 16, 17, 40] {
            for causal in [true, false] {
                let sample = Case(shape, keys: keys, prefix: prefix, queries: keys - prefix, causal: causal)
                #expect(sample.attended().elements.bits == sample.attended(prefix: 0).elements.bits)
            }
        }
    }

    @Test("a query gets the same bits alone and among others", arguments: [2, 16, 64, 80])
    func queriesAreIndependent(dimension: Int) {
        let shape = Attention(heads: 6, keyValueHeads: 2, headDimension: dimension)
        for causal in [true, false] {
            let sample = Case(shape, keys: 23, prefix: 5, queries: 7, causal: causal)
            let together = sample.attended()
            for query in 0..<7 {
                #expect(sample.attended(query..<query + 1).elements.bits == together.array(row: query).bits)
            }
        }
    }

    /// Expects what the formula gives, and the same bits without a shared prefix and of each query alone.
    private func expectFormula(_ sample: Case, _ what: String) {
        let together = sample.attended()
        let difference = Difference(together.elements, sample.expected)
        #expect(difference.relative < 4e-6, "\(what): \(difference)")
        #expect(together.elements.bits == sample.attended(prefix: 0).elements.bits)
        for query in 0..<sample.queries {
            #expect(sample.attended(query..<query + 1).elements.bits == together.array(row: query).bits)
        }
    }

    @Test(
        "windows and capped scores equal the formula, and a query's bits don't depend on others or on a shared prefix",
        arguments: [1, 3, 16, 30], [2, 16, 80])
    func windows(window: Int, dimension: Int) {
        let shape = Attention(heads: 4, keyValueHeads: 2, headDimension: dimension, scale: 0.7, scoreCap: 3)
        for causal in [true, false] {
            for (keys, prefix) in [(7, 2), (33, 20), (50, 1)] {
                var sample = Case(shape, keys: keys, prefix: prefix, queries: keys - prefix, causal: causal)
                let positions = (prefix..<keys).map { Int32($0) }
                sample.visible = VisibleKeys(
                    firsts: positions.map { max(0, $0 + 1 - Int32(window)) }[...],
                    limits: zip(positions, sample.visible.limits).map { min($0 + Int32(window), $1) }[...])
                expectFormula(sample, "\(keys) keys, causal \(causal)")
            }
        }
    }

    @Test(
        "what is added to scores by distance equals the formula, and changes no bit with a prefix or other queries",
        arguments: [2, 16, 80], [nil, 5])
    func distanceBias(dimension: Int, window: Int32?) {
        for (keys, prefix) in [(1, 0), (7, 2), (33, 20), (50, 1)] {
            for causal in [true, false] {
                let shape = Attention(
                    heads: 4, keyValueHeads: 2, headDimension: dimension, scale: 0.3,
                    distanceBias: Case.distanceBias(heads: 4, positions: keys))
                var sample = Case(shape, keys: keys, prefix: prefix, queries: keys - prefix, causal: causal)
                let positions = (prefix..<keys).map { Int32($0) }
                sample.visible.positions = positions[...]
                if let window { sample.visible.firsts = positions.map { max(0, $0 + 1 - window) }[...] }
                expectFormula(sample, "\(keys) keys, causal \(causal)")
            }
        }
    }

    @Test("a distance that the bias has no number for stops the program, and so does a query without a position")
    func distancesAreChecked() async {
        await #expect(processExitsWith: .success) { attendOnce(limit: 2, position: 1, positions: 2) }
        await #expect(processExitsWith: .failure) { attendOnce(limit: 2, position: 2, positions: 2) }
        await #expect(processExitsWith: .failure) { attendOnce(limit: 2, position: 0, positions: 1) }
        await #expect(processExitsWith: .failure) { attendOnce(limit: 2, position: nil, positions: 2) }
    }

    @Test("the gradient under a window equals that of the keys that are seen alone", arguments: [0, 3])
    func windowGradient(prefix: Int) {
        let shape = Attention(heads: 4, keyValueHeads: 2, headDimension: 16)
        let (keys, first, limit) = (40, 18, 30)
        let all = Matrix.random(rows: keys, columns: 64, seed: 2, within: 2)
        let query = Matrix.random(rows: 2, columns: 64, seed: 1, within: 3)
        let gradient = Matrix.random(rows: 2, columns: 64, seed: 4)
        func gradients(_ rows: Range<Int>, prefix: Int, _ visible: VisibleKeys) -> (query: [Float], keys: [Float]) {
            let (own, shared) = (rows.lowerBound + prefix..<rows.upperBound, rows.lowerBound..<rows.lowerBound + prefix)
            let queryGradient = Matrix(rows: 2, columns: 64)
            let ownGradient = Matrix(rows: own.count, columns: 64)
            let sharedGradient = prefix > 0 ? Matrix(rows: prefix, columns: 64) : nil
            var scratch: [Float] = []
            shape.backward(
                queries: query, visible: visible,
                keys: SequenceKeys(
                    prefix: prefix > 0 ? all[rows: shared].copy().frozen : nil, rows: all[rows: own],
                    runs: [RowRun(first: 0, count: own.count)]),
                gradient: gradient,
                into: (queryGradient, SequenceKeyGradients(prefix: sharedGradient, rows: ownGradient)),
                scratch: &scratch)
            return (queryGradient.elements, (sharedGradient?.elements ?? []) + ownGradient.elements)
        }
        let whole = gradients(
            0..<keys, prefix: prefix,
            VisibleKeys(firsts: [Int32(first), Int32(first)], limits: [Int32(limit), Int32(limit)]))
        let part = gradients(
            first..<limit, prefix: 0, VisibleKeys(limits: [Int32(limit - first), Int32(limit - first)]))
        #expect(Difference(whole.query, part.query).relative < 1e-5)
        #expect(Difference(Array(whole.keys[first * 64..<limit * 64]), part.keys).relative < 1e-5)
        #expect(
            whole.keys[..<(first * 64)].allSatisfy { $0 == 0 } && whole.keys[(limit * 64)...].allSatisfy { $0 == 0 })
    }

    @Test("keys that stand in several runs among other rows give the bits of those in one", arguments: [0, 5])
    func runsAreBitEqual(prefix: Int) {
        let sample = Case(keys: 40, queries: 3, causal: true)
        // The last run's rows first, each run between rows of others.
        let runs = [prefix..<prefix + 1, prefix + 1..<20, 20..<20, 20..<40]
        let scattered = Matrix.random(rows: 60, columns: 64, seed: 9)
        var places: [RowRun] = []
        for (index, run) in runs.enumerated() {
            let first = [55, 25, 0, 3][index]
            scattered[rows: first..<first + run.count].assign(sample.keysValues[rows: run])
            places.append(RowRun(first: first, count: run.count))
        }
        let shared = prefix > 0 ? sample.keysValues[rows: 0..<prefix].copy().frozen : nil
        let keys = SequenceKeys(prefix: shared, rows: scattered, runs: places[...])
        #expect(sample.attended(over: keys).elements.bits == sample.attended(prefix: 0).elements.bits)

        func gradients(_ keys: SequenceKeys) -> (query: Matrix, keys: SequenceKeyGradients) {
            let query = Matrix(rows: 3, columns: 64)
            let below = SequenceKeyGradients(
                prefix: keys.prefix.map { Matrix(rows: $0.rows, columns: 64) },
                rows: Matrix(rows: keys.rows.rows, columns: 64))
            var scratch: [Float] = []
            sample.shape.backward(
                queries: sample.query, visible: sample.visible, keys: keys,
                gradient: .random(rows: 3, columns: 64, seed: 4), into: (query, below), scratch: &scratch)
            return (query, below)
        }
        let found = gradients(keys)
        let expected = gradients(
            SequenceKeys(prefix: nil, rows: sample.keysValues, runs: [RowRun(first: 0, count: 40)]))
        #expect(found.query.elements.bits == expected.query.elements.bits)
        let gathered = places.flatMap { found.keys.rows[rows: $0.first..<$0.first + $0.count].elements }
        #expect(((found.keys.prefix?.elements ?? []) + gathered).bits == expected.keys.rows.elements.bits)
        // Rows of others keep what they had.
        #expect(found.keys.rows[rows: 23..<25].elements.allSatisfy { $0 == 0 })
    }

    @Test("a causal query is deaf to later keys")
    func laterKeysDoNotMatter() {
        let sample = Case(keys: 20, queries: 20, causal: true)
        let before = sample.attended()
        sample.keysValues.assign(row: 19, from: [Float](repeating: 1e6, count: sample.keysValues.columns))
        let after = sample.attended()
        for query in 0..<19 { #expect(after.array(row: query).bits == before.array(row: query).bits) }
        #expect(after.array(row: 19).bits != before.array(row: 19).bits)
    }

    @Test("scores that exp would overflow on stay finite: the highest is subtracted first")
    func hugeScores() {
        let sample = Case(keys: 18, queries: 3, causal: false)
        for row in 0..<3 { sample.query.assign(row: row, from: sample.query.array(row: row).map { $0 * 1000 }) }
        let difference = Difference(sample.attended().elements, sample.expected)
        #expect(difference.relative < 1e-3, "\(difference)")
    }

    @Test("a NaN in a key that is seen reaches the query's head, an infinity does not crash", arguments: [0, 7, 16])
    func notANumberPropagates(position: Int) {
        let sample = Case(keys: 17, queries: 1, causal: true)
        sample.keysValues[position, 0] = .nan
        let out = sample.attended().array(row: 0)
        // Key head 0 serves the first two of four heads.
        #expect(out[..<32].areNaN && out[32...].areFinite)
        sample.keysValues[position, 0] = .infinity
        #expect(sample.attended().array(row: 0)[32...].areFinite)
    }

    @Test("a query that sees no key, or one too many, stops the program")
    func limitsAreChecked() async {
        await #expect(processExitsWith: .failure) { attendOnce(limit: 0) }
        await #expect(processExitsWith: .failure) { attendOnce(limit: 3) }
        await #expect(processExitsWith: .failure) { attendOnce(first: 1, limit: 1) }
        await #expect(processExitsWith: .failure) { attendOnce(first: -1, limit: 1) }
        await #expect(processExitsWith: .success) { attendOnce(limit: 2) }
    }
}

private func attendOnce(first: Int32 = 0, limit: Int32, position: Int32? = nil, positions: Int? = nil) {
    var scratch: [Float] = []
    let bias = positions.map { DistanceBias(Matrix(rows: 1, columns: 1).frozen, positions: $0) { _ in 0 } }
    Attention(heads: 1, keyValueHeads: 1, headDimension: 2, distanceBias: bias).attend(
        queries: Matrix(rows: 1, columns: 2),
        visible: VisibleKeys(firsts: [first], limits: [limit], positions: position.map { [$0] }),
        keys: SequenceKeys(prefix: nil, rows: Matrix(rows: 2, columns: 4), runs: [RowRun(first: 0, count: 2)]),
        into: Matrix(rows: 1, columns: 2), scratch: &scratch)
}
