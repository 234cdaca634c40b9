import Diagnostics
import Foundation
import Numerics
import TestSupport
import Testing
import Training

/// Tests/Golden/optimiser.json; the script beside it says how it was made.
private struct GoldenOptimiser: Decodable {
    struct AdamWRun: Decodable {
        var shapes: [[Int]]
        var start: [[Float]]
        var gradients: [[[Float]]]
        var norms: [Double]
        var end: [[Float]]
    }

    struct Schedule: Decodable {
        var shape: String
        var total: Int
        var warmup: Int
        var rates: [Double]
    }

    var adamw: AdamWRun
    var schedules: [Schedule]

    static func load() throws -> GoldenOptimiser {
        let data = try Data(contentsOf: URL(fileURLWithPath: Fixtures.golden("optimiser.json")))
        return try JSONDecoder().decode(GoldenOptimiser.self, from: data)
    }
}

@Suite("Optimiser and schedule")
struct OptimiserTests {
    @Test("Twenty clipped steps of AdamW equal torch.optim.AdamW's within 1e-6")
    func goldenAdamW() throws {
        let golden = try GoldenOptimiser.load().adamw
        let parameters = matrices(golden.start, golden.shapes)
        var optimiser = try AdamW(settings, counts: golden.start.map(\.count))
        for (step, norm) in zip(golden.gradients, golden.norms) {
            let gradients = matrices(step, golden.shapes)
            let found = try GradientClipping.clip(gradients, to: 1)
            #expect(abs(found - norm) < 1e-5 * norm)
            optimiser.step(parameters, gradients: gradients, learningRate: 0.01)
        }
        for (parameter, expected) in zip(parameters, golden.end) {
            let difference = Difference(elements(parameter), expected)
            #expect(difference.largest < 1e-6, "\(difference)")
        }
        #expect(optimiser.state.steps == 20)
    }

    @Test("Saved after ten steps and restored, AdamW goes on with the same bits")
    func restoring() throws {
        let golden = try GoldenOptimiser.load().adamw
        let counts = golden.start.map(\.count)
        let parameters = matrices(golden.start, golden.shapes)
        var optimiser = try AdamW(settings, counts: counts)
        for step in golden.gradients[..<10] {
            optimiser.step(parameters, gradients: matrices(step, golden.shapes), learningRate: 0.01)
        }
        let saved = try JSONDecoder().decode(AdamWState.self, from: JSONEncoder().encode(optimiser.state))
        #expect(saved == optimiser.state)
        let copies = parameters.map { $0.copy() }
        var restored = try AdamW(settings, counts: counts, resuming: saved)
        for step in golden.gradients[10...] {
            optimiser.step(parameters, gradients: matrices(step, golden.shapes), learningRate: 0.01)
            restored.step(copies, gradients: matrices(step, golden.shapes), learningRate: 0.01)
        }
        #expect(parameters.flatMap(elements).bits == copies.flatMap(elements).bits)
        #expect(throws: Diagnostic.self) { try AdamW(settings, counts: [1], resuming: saved) }
    }

    @Test("A view into wider rows is stepped like a matrix of its own; its neighbours stay")
    func views() throws {
        let wide = Matrix(rows: 2, columns: 5, (0..<10).map(Float.init))
        let own = wide[columns: 1..<4].copy()
        let gradient = Matrix(rows: 2, columns: 3, [1, -2, 3, -4, 5, 0])
        var (one, other) = (try AdamW(settings, counts: [6]), try AdamW(settings, counts: [6]))
        one.step([wide[columns: 1..<4]], gradients: [gradient], learningRate: 0.1)
        other.step([own], gradients: [gradient], learningRate: 0.1)
        #expect(elements(wide[columns: 1..<4]).bits == elements(own).bits)
        #expect([wide[0, 0], wide[0, 4], wide[1, 0], wide[1, 4]] == [0, 4, 5, 9])
    }

    @Test("Short gradients aren't lengthened; a NaN is an error and changes nothing")
    func clipping() throws {
        let short = Matrix(rows: 1, columns: 2, [0.3, 0.4])
        #expect(abs(try GradientClipping.clip([short], to: 1) - 0.5) < 1e-7)
        #expect(elements(short) == [0.3, 0.4])
        let long = Matrix(rows: 1, columns: 2, [3, 4])
        #expect(try GradientClipping.clip([long], to: nil) == 5)
        #expect(elements(long) == [3, 4])
        let bad = Matrix(rows: 1, columns: 2, [.nan, 9])
        #expect(throws: Diagnostic.self) { try GradientClipping.clip([long, bad], to: 1) }
        #expect(elements(long) == [3, 4])
    }

    @Test("Schedules equal transformers'")
    func goldenSchedules() throws {
        for golden in try GoldenOptimiser.load().schedules {
            let shape = try #require(LearningRateSchedule.Shape(rawValue: golden.shape))
            let schedule = try LearningRateSchedule(
                shape, peak: 8e-4, steps: golden.total, warmUp: .steps(golden.warmup))
            for (step, rate) in golden.rates[..<golden.total].enumerated() {
                #expect(abs(schedule.rate(at: step) - rate) < 1e-15, "\(golden.shape) \(golden.total) \(step)")
            }
        }
    }

    @Test("A warm-up by ratio rounds up; past the end the rate is that of the end")
    func warmUp() throws {
        let schedule = try LearningRateSchedule(.cosine, peak: 1, steps: 15, warmUp: .ratio(0.1))
        #expect(schedule.warmUpSteps == 2)
        #expect(schedule.rate(at: 0) == 0)
        #expect(schedule.rate(at: 2) == 1)
        #expect(schedule.rate(at: 15) == 0)
        #expect(schedule.rate(at: 99) == 0)
    }

    @Test("Numbers out of their range are errors that name them")
    func ranges() throws {
        func message(_ body: () throws -> Void) throws -> String {
            try #require(throws: Diagnostic.self, performing: body).message
        }
        #expect(
            try message { _ = try LearningRateSchedule(.linear, peak: -1, steps: 5) }.contains("learning_rate"))
        for tiny in [1e-320, 1e-40] {
            #expect(
                try message { _ = try LearningRateSchedule(.linear, peak: tiny, steps: 5) }
                    .contains("learning_rate to be at least 1.1754944e-38"))
        }
        #expect(try message { _ = try LearningRateSchedule(.linear, peak: 1, steps: 0) }.contains("found 0"))
        #expect(
            try message { _ = try LearningRateSchedule(.linear, peak: 1, steps: 5, warmUp: .steps(6)) }
                .contains("from 0 to the 5 steps, found 6"))
        #expect(
            try message { _ = try LearningRateSchedule(.linear, peak: 1, steps: 5, warmUp: .ratio(.nan)) }
                .contains("warmup to be a share"))
        var settings = AdamW.Settings()
        settings.secondDecay = 1
        #expect(try message { _ = try AdamW(settings, counts: []) }.contains("beta2"))
    }

    private var settings: AdamW.Settings {
        var settings = AdamW.Settings()
        settings.secondDecay = 0.98
        settings.epsilon = 1e-6
        settings.weightDecay = 0.1
        return settings
    }

    private func matrices(_ values: [[Float]], _ shapes: [[Int]]) -> [Matrix] {
        zip(values, shapes).map { Matrix(rows: $1[0], columns: $1[1], $0) }
    }
}
