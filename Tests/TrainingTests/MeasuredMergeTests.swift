import Diagnostics
import Embedding
import Foundation
import Models
import Numerics
import TestSupport
import Testing
import Training

@Suite("Merging by what a probe measures")
struct MeasuredMergeTests {
    private let training: TinyTraining
    private let adapters: [Adapter]
    private let modules: BackboneModules

    init() throws {
        training = try TinyTraining()
        let targets = AdapterConfiguration.Targets.named(["q_proj", "down_proj"])
        adapters = try [(2, Float(4)), (3, 1)].map { [training] rank, alpha in
            try training.adapter(AdapterConfiguration(rank: rank, alpha: alpha, targets: targets))
        }
        modules = try #require(training.model.modules)
    }

    private func trainer(workers: Int = 2) throws -> Trainer {
        var recipe = TrainingRecipe()
        (recipe.steps, recipe.batchSize, recipe.warmUp) = (3, 5, .steps(0))
        return try Trainer(recipe, method: training.method, workers: workers)
    }

    private func merge(_ method: AdapterMerge.Method, rank: Int = 24) -> AdapterMerge {
        var merge = AdapterMerge()
        (merge.method, merge.rank, merge.offDiagonal) = (method, rank, method == .regmean ? 0.9 : nil)
        return merge
    }

    private func merged(
        _ method: AdapterMerge.Method, of adapters: [Adapter], workers: Int = 2
    ) async throws -> (merged: AdapterMerge.Merged, log: [TrainingStep]) {
        try await trainer(workers: workers).merge(
            MeasuredMerge(merge(method), of: adapters, on: modules), training.model, backbone: training.backbone,
            examples: TinyTraining.triplets(40))
    }

    /// scale · B A of a map, [outputs, inputs] row by row, by plain loops.
    private func change(_ adapter: Adapter, _ map: String) throws -> [Double] {
        let a = try #require(adapter.layout[map + ".lora_A.weight"])
        let b = try #require(adapter.layout[map + ".lora_B.weight"])
        let values = adapter.values.array(row: 0).map(Double.init)
        return Self.product(b.rows, a.rows, a.columns) { row, inner in
            values[b.offset + row * b.columns + inner]
        } _: { inner, column in
            values[a.offset + inner * a.columns + column]
        }.map { $0 * Double(adapter.configuration.scale) }
    }

    /// A matrix product by plain loops, row by row.
    private static func product(
        _ rows: Int, _ inner: Int, _ columns: Int, _ left: (Int, Int) -> Double, _ right: (Int, Int) -> Double
    ) -> [Double] {
        var found: [Double] = []
        for row in 0..<rows {
            for column in 0..<columns {
                var sum = 0.0
                for index in 0..<inner { sum += left(row, index) * right(index, column) }
                found.append(sum)
            }
        }
        return found
    }

    @Test("The gradient of a map that is measured makes those of its low-rank factors: s G Aᵀ and s Bᵀ G")
    func gradient() async throws {
        let measuring = try merge(.fisher).measuring(adapters, on: modules)[0]
        let encoder = DifferentiableEncoder(training.method, adapter: measuring.adapter, workers: 2)
        let prompts = try training.prompts(TinyTraining.triplets(6))
        let found = try await encoder.gradient(
            of: prompts, through: training.backbone.adapted(by: measuring.adapter)
        ) { rows in
            let numbers = (0..<rows.rows * rows.columns).map { Float(($0 * 7) % 11) - 5 }
            return Matrix(rows: rows.rows, columns: rows.columns, numbers)
        }
        let own = measuring.own(found.parameters).array(row: 0).map(Double.init)
        let dense = measuring.measured(found.parameters).array(row: 0).map(Double.init)
        let (layout, scale) = (adapters[0].layout, Double(adapters[0].configuration.scale))
        let values = measuring.adapter.values.array(row: 0).map(Double.init)
        var start = 0
        #expect(measuring.maps.count == 6 && dense.count == measuring.count)
        for map in measuring.maps {
            let a = try #require(layout[map + ".lora_A.weight"])
            let b = try #require(layout[map + ".lora_B.weight"])
            let (inputs, width) = (a.columns, b.columns)
            func g(_ row: Int, _ column: Int) -> Double { dense[start + row * inputs + column] }
            func valueOfA(_ row: Int, _ column: Int) -> Double { values[a.offset + row * inputs + column] }
            func valueOfB(_ row: Int, _ column: Int) -> Double { values[b.offset + row * width + column] }
            let ofB = Self.product(b.rows, inputs, a.rows, g) { valueOfA($1, $0) }.map { scale * $0 }
            let ofA = Self.product(a.rows, b.rows, inputs, { valueOfB($1, $0) }, g).map { scale * $0 }
            let differences = [
                Difference(own[b.range].map(Float.init), ofB), Difference(own[a.range].map(Float.init), ofA),
            ]
            #expect(differences.allSatisfy { $0.relative < 1e-4 }, "\(map): \(differences)")
            start += b.rows * a.columns
        }
    }

    @Test("A Gram matrix is the sum over the rows that a map gets: symmetric, and the more prompts the more")
    func gram() async throws {
        let measuring = try merge(.regmean).measuring(adapters, on: modules)[0]
        func gram(_ count: Int) async throws -> [Float] {
            let encoder = DifferentiableEncoder(training.method, adapter: measuring.adapter, workers: 1)
            let found = try await encoder.gradient(
                of: training.prompts(TinyTraining.triplets(count)),
                through: training.backbone.adapted(by: measuring.adapter)
            ) { Matrix(rows: $0.rows, columns: $0.columns) }
            return measuring.measured(found.parameters).array(row: 0)
        }
        let (few, more) = (try await gram(2), try await gram(6))
        // Of 24 × 24 and 40 × 40 numbers in each of three layers.
        #expect(few.count == 6528)
        for row in 0..<24 {
            for column in 0..<row {
                let (one, other) = (few[row * 24 + column], few[column * 24 + row])
                #expect(abs(one - other) < 1e-3)
            }
            let (less, most) = (few[row * 25], more[row * 25])
            #expect(less > 0)
            #expect(most > less)
        }
    }

    @Test(
        "Twice the same adapter is that one, two are neither, and the same bits come of any number of workers",
        arguments: [AdapterMerge.Method.fisher, .regmean])
    func alike(_ method: AdapterMerge.Method) async throws {
        let same = try await merged(method, of: [adapters[0], adapters[0]])
        let between = try await merged(method, of: adapters)
        let again = try await merged(method, of: adapters, workers: 1)
        #expect(between.merged.adapter.bits == again.merged.adapter.bits)
        #expect(same.log.map(\.number) == [1, 2, 3] && same.log.allSatisfy { $0.gradientNorm > 0 && $0.tokens > 0 })
        for map in try merge(method).measuring(adapters, on: modules)[0].maps {
            let expected = try change(adapters[0], map)
            let difference = Difference(try change(same.merged.adapter, map).map(Float.init), expected)
            #expect(difference.relative < 1e-3, "\(map): \(difference)")
            let other = try change(between.merged.adapter, map)
            let mean = zip(expected, try change(adapters[1], map)).map { ($0 + $1) / 2 }
            let fromMean = zip(other, mean).map { abs($0 - $1) }.max() ?? 0
            // The lowest map has the same inputs under both: their regression is the average.
            let isAverage = method == .regmean && map.contains("layers.0.self_attn.q_proj")
            #expect(isAverage == (fromMean < 1e-5), "\(map): \(fromMean) from the average")
        }
    }

    @Test("A probe without a gradient measures nothing, and a merge without its probe is refused")
    func refused() async throws {
        let error = try #require(throws: Diagnostic.self) { try merge(.fisher).merged(adapters, on: modules) }
        #expect(error.message == "a merge by fisher needs a probe")
        let probe = MergeProbe(
            try merge(.fisher).measuring(adapters, on: modules),
            sums: try merge(.fisher).measuring(adapters, on: modules).map {
                FrozenMatrix(freezing: Matrix(rows: 1, columns: $0.count))
            })
        #expect(throws: Diagnostic.self) { try merge(.regmean).merged(adapters, on: modules, probe: probe) }
        #expect(throws: Diagnostic.self) { try merge(.ties).merged(adapters, on: modules, probe: probe) }
        // Where nothing was measured, the average.
        let made = try merge(.fisher).merged(adapters, on: modules, probe: probe).adapter
        let map = try #require(merge(.fisher).measuring(adapters, on: modules)[0].maps.first)
        let mean = zip(try change(adapters[0], map), try change(adapters[1], map)).map { ($0 + $1) / 2 }
        #expect(Difference(try change(made, map).map(Float.init), mean).relative < 1e-4)
        #expect(throws: Diagnostic.self) { try MeasuredMerge(merge(.fisher), of: [adapters[0]], on: modules) }
        // One pair among in-batch negatives has no gradient.
        var recipe = TrainingRecipe()
        (recipe.steps, recipe.batchSize, recipe.warmUp) = (2, 1, .steps(0))
        let pairs = TinyTraining.triplets(4).map {
            TrainingExample.pair(anchor: $0.sentences[0], positive: $0.sentences[1])
        }
        let trainer = try Trainer(recipe, method: training.method, workers: 1)
        await #expect(throws: Diagnostic.self) {
            _ = try await trainer.merge(
                MeasuredMerge(merge(.fisher), of: adapters, on: modules), training.model, backbone: training.backbone,
                examples: pairs)
        }
    }
}
