import Foundation
import Numerics
import TestSupport
import Testing
import Training

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

    /// Named as in angle_emb.
    struct Settings: Decodable {
        var kind: String
        var temperature: Double?
        var symmetric: Double?
        var tau: Double?
        var cosine_w: Double?
        var ibn_w: Double?
        var cln_w: Double?
        var angle_w: Double?
        var ibn_tau: Double?
        var angle_tau: Double?
    }

    var hidden: Int
    var cases: [Case]

    static func load() throws -> GoldenLosses {
        let data = try Data(contentsOf: URL(fileURLWithPath: Fixtures.golden("losses.json")))
        return try JSONDecoder().decode(GoldenLosses.self, from: data)
    }
}

extension GoldenLosses.Case {
    var targets: LossTargets {
        switch settings.kind {
        case "pairs": .pairs
        case "triplets": .triplets
        default: .scores(scores ?? [])
        }
    }

    var trainingLoss: Loss {
        switch loss {
        case "in_batch_negatives":
            return .inBatchNegatives(
                InBatchNegatives(temperature: settings.temperature ?? 0, symmetric: settings.symmetric == 1))
        case "cosent":
            return .coSENT(CoSENT(scale: settings.tau ?? 0))
        default:
            var loss = AnglE()
            if let weight = settings.cosine_w { loss.cosineWeight = weight }
            if let weight = settings.ibn_w { loss.inBatchWeight = weight }
            if let weight = settings.cln_w { loss.hardNegativeWeight = weight }
            if let weight = settings.angle_w { loss.angleWeight = weight }
            if let scale = settings.ibn_tau { loss.inBatchScale = scale }
            if let scale = settings.angle_tau { loss.angleScale = scale }
            return .angle(loss)
        }
    }
}
