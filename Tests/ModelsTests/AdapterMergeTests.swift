import Diagnostics
import Foundation
import Models
import Numerics
import TestSupport
import Testing

/// Tests/Golden/merging.json; dump_merging.py says how it was made.
private struct GoldenMerging: Decodable {
    struct Source: Decodable {
        var name: String
        var rank: Int
        var alpha: Float
        var maps: [String]
    }

    struct Case: Decodable {
        var by: String
        var adapters: [Int]
        var weights: [Double]
        var scale: Double
        var sum: Double
        var squares: Double
        var some: [Double]
        var density: Double?
        var drop: Double?
        var seed: UInt64?
        var rank: Int?
        var kept: Double?
        var offDiagonal: Double?

        enum CodingKeys: String, CodingKey {
            case by, adapters, weights, scale, sum, squares, some, density, drop, seed, rank, kept
            case offDiagonal = "off_diagonal"
        }
    }

    var adapters: [Source]
    var cases: [Case]
}

@Suite("One adapter of several")
struct AdapterMergeTests {
    private let backbone: any AdaptableBackbone
    private let golden: GoldenMerging

    init() throws {
        backbone = try TinyLlama.ofFormula.backbone(LinearMaker(isDifferentiable: true))
        let data = try Data(contentsOf: URL(fileURLWithPath: Fixtures.golden("merging.json")))
        golden = try JSONDecoder().decode(GoldenMerging.self, from: data)
    }

    private func adapter(_ source: GoldenMerging.Source) throws -> Adapter {
        let names = source.maps.map { $0.split(separator: ".").last.map(String.init) ?? $0 }
        let configuration = AdapterConfiguration(
            rank: source.rank, alpha: source.alpha, targets: .named(names), layers: [0, 1])
        let layout = try backbone.parameterLayout(of: configuration)
        let values = try layout.names.flatMap { name -> [Float] in
            let match = try #require(name.firstMatch(of: /layers\.(\d)\.(.*)\.lora_([AB])\.weight/))
            return FormulaNumbers.floats(
                "\(source.name).\(match.1).\(match.2).\(match.3)", count: layout[name]?.count ?? 0, within: 0.5)
        }
        return Adapter(
            configuration: configuration, layout: layout,
            values: FrozenMatrix(freezing: Matrix(rows: 1, columns: layout.count, values)))
    }

    /// What an adapter adds to q_proj and down_proj of two layers, end to end, by plain loops.
    private func change(_ adapter: Adapter) throws -> [Double] {
        var all: [Double] = []
        let configuration = adapter.configuration
        for layer in 0..<2 {
            for (module, outputs, inputs) in [("self_attn.q_proj", 24, 24), ("mlp.down_proj", 24, 40)] {
                let name = "base_model.model.model.layers.\(layer).\(module)"
                func matrix(_ factor: String) -> [Double]? {
                    adapter.layout["\(name).lora_\(factor).weight"].map { place in
                        adapter.values.array(row: 0)[place.range].map(Double.init)
                    }
                }
                guard let a = matrix("A"), let b = matrix("B") else {
                    all += [Double](repeating: 0, count: outputs * inputs)
                    continue
                }
                let rank = configuration.rank
                for row in 0..<outputs {
                    for column in 0..<inputs {
                        let sum = (0..<rank).reduce(0.0) { $0 + b[row * rank + $1] * a[$1 * inputs + column] }
                        all.append(Double(configuration.scale) * sum)
                    }
                }
            }
        }
        return all
    }

    /// What a probe might measure, by the formula; of the last map nothing.
    private func probe(_ merge: AdapterMerge, _ sources: [Adapter], names: [String]) throws -> MergeProbe? {
        guard merge.method.quantity != nil else { return nil }
        let measuring = try merge.measuring(sources, on: backbone.modules)
        let sums = try zip(measuring, names).map { adapter, name in
            let numbers = try adapter.maps.flatMap { map -> [Float] in
                let match = try #require(map.firstMatch(of: /layers\.(\d)\.(.*)$/))
                let (inputs, key) = (map.hasSuffix("down_proj") ? 40 : 24, "\(name).\(match.1).\(match.2)")
                let isLast = map == adapter.maps.last
                guard adapter.quantity == .gram else {
                    let gradient = FormulaNumbers.floats(key + ".g", count: 24 * inputs, within: 0.5)
                    return gradient.map { isLast ? 0 : Float(Double($0) * Double($0)) }
                }
                let x = FormulaNumbers.floats(key + ".x", count: 7 * inputs, within: 0.5).map(Double.init)
                return (0..<inputs * inputs).map { index -> Float in
                    let (row, column) = index.quotientAndRemainder(dividingBy: inputs)
                    var sum = 0.0
                    for token in 0..<7 { sum += x[token * inputs + row] * x[token * inputs + column] }
                    return isLast ? 0 : Float(sum)
                }
            }
            #expect(numbers.count == adapter.count)
            return FrozenMatrix(freezing: Matrix(rows: 1, columns: numbers.count, numbers))
        }
        return MergeProbe(measuring, sums: sums)
    }

    @Test(
        "Merges are numpy's of the dense matrices within 1e-6, of the ranks' sum, or cut to a rank as numpy cuts them")
    func numpy() throws {
        for expected in golden.cases {
            var merge = AdapterMerge()
            merge.method = try #require(AdapterMerge.Method(rawValue: expected.by))
            (merge.weights, merge.scale) = (expected.weights, expected.scale)
            (merge.density, merge.drop, merge.seed) = (expected.density, expected.drop, expected.seed)
            (merge.rank, merge.offDiagonal) = (expected.rank, expected.offDiagonal)
            let sources = try expected.adapters.map { try adapter(golden.adapters[$0]) }
            let probe = try probe(merge, sources, names: expected.adapters.map { golden.adapters[$0].name })
            let made = try merge.merged(sources, on: backbone.modules, probe: probe)
            let merged = made.adapter
            let sum = sources.map(\.configuration.rank).reduce(0, +)
            #expect(merged.configuration.rank == expected.rank ?? sum)
            #expect((made.keptShare == nil) == (expected.kept == nil))
            #expect(abs((made.keptShare ?? 0) - (expected.kept ?? 0)) < 1e-6, "\(expected.by)")
            let found = try change(merged)
            let some = stride(from: 0, to: found.count, by: 97).map { found[$0] }
            #expect(zip(some, expected.some).allSatisfy { abs($0 - $1) < 1e-6 } && some.count == expected.some.count)
            #expect(
                abs(found.reduce(0, +) - expected.sum) < 1e-4
                    && abs(found.reduce(0) { $0 + $1 * $1 } - expected.squares) < 1e-4)
        }
    }

    @Test("What dare drops follows from the seed, and another seed drops otherwise")
    func seeded() throws {
        let sources = try golden.adapters.prefix(2).map(adapter)
        func numbers(seed: UInt64) throws -> [Float] {
            var merge = AdapterMerge()
            (merge.method, merge.drop, merge.seed, merge.rank) = (.dare, 0.5, seed, 8)
            return try merge.merged(sources, on: backbone.modules).adapter.values.array(row: 0)
        }
        #expect(try numbers(seed: 3) == numbers(seed: 3))
        #expect(try numbers(seed: 3) != numbers(seed: 4))
    }

    @Test("A merged adapter written as PEFT's is read back as it is, and changes a model as the sum of its parts does")
    func written() throws {
        let sources = try golden.adapters.map(adapter)
        var merge = AdapterMerge()
        merge.method = .taskArithmetic
        let merged = try merge.merged(sources, on: backbone.modules).adapter
        try Fixtures.withTemporaryFolder { folder in
            try merged.write(folder: folder, base: AdapterBase("tiny"))
            let read = try Adapter(folder: folder).fitted(to: backbone.modules)
            #expect(
                read.values.array(row: 0) == merged.values.array(row: 0) && read.configuration == merged.configuration)
        }
    }

    @Test("What has no sum or no arc is refused")
    func refused() throws {
        let sources = try golden.adapters.map(adapter)
        func message(_ adapters: [Adapter], _ change: (inout AdapterMerge) -> Void) throws -> String {
            var merge = AdapterMerge()
            change(&merge)
            return try #require(throws: Diagnostic.self) { try merge.merged(adapters, on: backbone.modules) }.message
        }
        #expect(try message([sources[0]]) { _ in } == "expected two adapters or more to merge, found 1")
        #expect(try message(sources) { $0.method = .slerp } == "slerp lies between two adapters, found 3")
        #expect(try message(sources) { $0.weights = [1] } == "expected a weight for each of 3 adapters, found 1")
        for wrong in [Double.nan, .infinity, -.infinity, 1e308, 2e6, 1e-300, -1e-7] {
            #expect(
                try message(sources) { $0.weights = [1, wrong, 1] }.hasPrefix("weights: expected 0, or a size from"))
            #expect(try message(sources) { $0.scale = wrong }.hasPrefix("scale: expected 0, or a size from"))
        }
        let large = Adapter(
            configuration: sources[0].configuration, layout: sources[0].layout,
            values: FrozenMatrix(
                freezing: Matrix(
                    rows: 1, columns: sources[0].layout.count, sources[0].values.array(row: 0).map { $0 * 1e36 })))
        #expect(
            try message([large, sources[1]]) { $0.scale = 1e6 }
                == "the merged adapter has NaN or infinity: its factors are beyond single precision")
        #expect(try message(sources) { $0.weights = [0, 0, 0] }.hasPrefix("expected weights of average from 0"))
        #expect(
            try message(Array(sources.prefix(2))) { ($0.method, $0.weights) = (.slerp, [1, -1]) }.hasPrefix(
                "expected weights"))
        let whole = Adapter(
            configuration: AdapterConfiguration(targets: .full),
            layout: try backbone.parameterLayout(of: AdapterConfiguration(targets: .full)),
            values: FrozenMatrix(
                freezing: Matrix(
                    rows: 1, columns: try backbone.parameterLayout(of: AdapterConfiguration(targets: .full)).count)))
        #expect(try message([sources[0], whole]) { _ in }.hasPrefix("only adapters of low-rank factors alone"))
        // What a cut would lose isn't lost unasked.
        #expect(try message(sources) { $0.method = .ties }.hasPrefix("what ties makes has no low rank"))
        #expect(
            try message(sources) { ($0.method, $0.drop) = (.dare, 0.5) }.hasPrefix("what dare makes has no low rank"))
        #expect(try message(sources) { ($0.method, $0.rank) = (.dare, 4) }.hasPrefix("dare drops numbers by chance"))
        for wrong in [Double.nan, 0, 1, -0.1, .infinity] {
            #expect(
                try message(sources) { ($0.method, $0.rank, $0.drop) = (.dare, 4, wrong) }.hasPrefix(
                    "drop: expected a chance above 0 and below 1"))
        }
        for wrong in [Double.nan, 0, 1.1, -0.1] {
            #expect(
                try message(sources) { ($0.method, $0.rank, $0.density) = (.ties, 4, wrong) }.hasPrefix(
                    "density: expected a share above 0, up to 1"))
        }
        #expect(
            try message(sources) { ($0.method, $0.rank, $0.density) = (.ties, 4, 1e-9) }.contains("keeps none of an"))
        #expect(
            try message(sources) { ($0.method, $0.rank, $0.weights) = (.ties, 4, [1, -1, 1]) }.hasPrefix(
                "expected weights of ties from 0"))
        #expect(try message(sources) { $0.rank = 6 } == "rank 6 cuts nothing: the merged adapter has rank 6, exactly")
        #expect(try message(sources) { $0.rank = 0 } == "rank: expected 1 to 16384, found 0")
        #expect(try message(sources) { $0.density = 0.2 } == "density is a key of ties, and this merge is by average")
        #expect(
            try message(sources) { ($0.method, $0.rank, $0.seed) = (.ties, 4, 1) }
                == "seed is a key of dare, and this merge is by ties")
    }
}
