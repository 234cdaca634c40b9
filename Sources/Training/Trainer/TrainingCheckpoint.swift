import Diagnostics
import Files
import Foundation
import Models
import Numerics
import Weights

/// All that training needs to go on as if it had never stopped: one file, replaced whole.
struct TrainingCheckpoint {
    /// Of model, method, data and recipe: training goes on only where it is the same.
    var fingerprint: String
    var parameters: [Float]
    var optimiser: AdamWState
    /// Steps done; the order of the examples and the learning rate follow from it and the seed.
    var log: [TrainingStep] = []
    /// The parameters with the best development score.
    var best: [Float]?

    private static let fingerprintKey = "fingerprint"
    private static let logKey = "log"
    private static let digestKey = "sha256"

    /// Of all that a training goes on from, log and numbers: one bit that is another is another training.
    private func digest(log: String) -> String {
        var hasher = SHA256Hasher()
        hasher.update(Array("\(fingerprint)\n\(log)\n\(best == nil ? 0 : 1)\n".utf8))
        let moments = zip(optimiser.firstMoments, optimiser.secondMoments).flatMap { [$0, $1] }
        for values in [parameters] + moments + [best].compactMap(\.self) {
            values.withUnsafeBytes { hasher.update(bytes: $0) }
        }
        return hasher.finalize().description
    }

    func write(to path: String) throws {
        let log = String(decoding: try JSONEncoder().encode(log), as: UTF8.self)
        var writer = SafetensorsWriter(
            metadata: [
                Self.fingerprintKey: fingerprint, Self.logKey: log, Self.digestKey: digest(log: log),
            ])
        func add(_ name: String, _ values: [Float]) {
            writer.add(.init(name, shape: [values.count], values: values))
        }
        add("parameters", parameters)
        if let best { add("best", best) }
        for (index, (first, second)) in zip(optimiser.firstMoments, optimiser.secondMoments).enumerated() {
            add("first_moments.\(index)", first)
            add("second_moments.\(index)", second)
        }
        try writer.write(to: path)
    }

    /// The checkpoint of a training; nil where there is none.
    ///
    /// - Throws: where the file is damaged, or another training's.
    static func read(_ path: String, fingerprint: String, count: Int) throws -> TrainingCheckpoint? {
        guard FileManager.default.fileExists(atPath: path) else { return nil }
        let file = try SafetensorsFile(path)
        let metadata = Dictionary(file.metadata.map { ($0.key, $0.value) }, uniquingKeysWith: { $1 })
        func damaged(_ what: String) -> Diagnostic {
            Diagnostic(
                "the checkpoint \(what)", at: SourceLocation(file: path), suggestion: "delete it, or train with --fresh"
            )
        }
        guard let found = metadata[fingerprintKey] else { throw damaged("doesn't say which training it is of") }
        guard found == fingerprint else { throw damaged("is of another training") }
        guard let text = metadata[logKey],
            let log = try? JSONDecoder().decode([TrainingStep].self, from: Data(text.utf8))
        else { throw damaged("has no readable log") }
        func values(_ name: String) throws -> [Float] {
            let values = try file.tensor(named: name).decoded()
            guard values.count == count else { throw damaged("has \(values.count) \(name), expected \(count)") }
            return values
        }
        let checkpoint = TrainingCheckpoint(
            fingerprint: fingerprint, parameters: try values("parameters"),
            optimiser: AdamWState(
                steps: log.count, firstMoments: [try values("first_moments.0")],
                secondMoments: [try values("second_moments.0")]),
            log: log, best: file.names.contains("best") ? try values("best") : nil)
        // Behind the rest, which says what is wrong more closely.
        guard metadata[digestKey] == checkpoint.digest(log: text) else {
            throw damaged("is damaged: its numbers and its log have another SHA-256 than it says")
        }
        return checkpoint
    }
}
