import Foundation
import Numerics
import Objectives
import TestSupport
import Testing

/// Tests/Golden/losses.json; the script beside it says how it was made.
struct GoldenLosses: Decodable {
    struct Case: Decodable, CustomTestStringConvertible {
        var name: String
        var loss: String
        var settings: Settings
        var rows: Int
        var embeddings: [Float]
        var scores: [Double]?
        var value: Double
        var gradient: [Double]

        var testDescription: String { name }
    }

    /// Named as in angle_emb, without the underscores.
    struct Settings: Decodable {
        var kind: String
        var temperature: Double?
        var symmetric: Double?
        var tau: Double?
        var cosineW: Double?
        var ibnW: Double?
        var clnW: Double?
        var angleW: Double?
        var ibnTau: Double?
        var angleTau: Double?
    }

    var hidden: Int
    var cases: [Case]

    static func load() throws -> GoldenLosses {
        let data = try Data(contentsOf: URL(fileURLWithPath: Fixtures.golden("losses.json")))
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(GoldenLosses.self, from: data)
    }
}

extension GoldenLosses.Case {
    var targets: ExampleBatch {
        switch settings.kind {
        case "pairs": .pairs
        case "triplets": .triplets
        default: .scores(scores ?? [])
        }
    }

    var trainingLoss: any Objective {
        switch loss {
        case "in_batch_negatives":
            return InBatchNegatives(temperature: settings.temperature ?? 0, symmetric: settings.symmetric == 1)
        case "cosent":
            return CoSENT(scale: settings.tau ?? 0)
        default:
            var loss = AnglE()
            if let weight = settings.cosineW { loss.cosineWeight = weight }
            if let weight = settings.ibnW { loss.inBatchWeight = weight }
            if let weight = settings.clnW { loss.hardNegativeWeight = weight }
            if let weight = settings.angleW { loss.angleWeight = weight }
            if let scale = settings.ibnTau { loss.inBatchScale = scale }
            if let scale = settings.angleTau { loss.angleScale = scale }
            return loss
        }
    }
}
