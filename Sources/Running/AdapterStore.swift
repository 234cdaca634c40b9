import Diagnostics
import Embedding
import Files
import Foundation
import Models
import Training

/// Trained adapters in the cache: each is trained once, by one process, and found by everybody else.
struct AdapterStore: Sendable {
    let workers: Int
    /// Whether adapters that are there are trained anew.
    var ignoresKnown = false
    /// What keeps processes on several machines apart; nil for a lock, which keeps those of one apart.
    var claims: (any WorkClaims)?

    private static let logName = "training.json"
    private static let checkpointName = "checkpoint.safetensors"

    /// Trains what isn't there yet.
    ///
    /// - Parameters:
    ///   - examples: the plan's, with what a teacher says of them; called only where they are needed
    ///   - backbone: of the plan's model and differentiable; called only where it is needed
    ///   - wait: called before waiting for another process that trains the same
    /// - Throws: `CancellationError` when the task is cancelled; the next call goes on from there.
    func train(
        _ plan: TrainingPlan, examples: () async throws -> [TrainingExample],
        backbone: () throws -> any AdaptableBackbone, wait: () -> Void,
        observe: @escaping @Sendable (Trainer.Event) -> Void
    ) async throws {
        try AtomicFile.createFolder(plan.folder)
        let release = try await alone(with: plan, wait: wait)
        defer { release() }
        AtomicFile.removeLeftovers(in: plan.folder)
        if plan.isDone, !ignoresKnown { return }
        let checkpoint = plan.folder + "/" + Self.checkpointName
        if ignoresKnown {
            for name in [FileSums.name, Adapter.configName, Self.checkpointName] {
                try? FileManager.default.removeItem(atPath: plan.folder + "/" + name)
            }
        }
        var trainer = try Trainer(plan.spec.recipe, method: plan.method, workers: workers)
        trainer.activationBytes = TrainingPlan.activationBytes
        trainer.checkpoint = (checkpoint, plan.fingerprint.description)
        trainer.development = plan.development
        trainer.furtherMethods = plan.spec.furtherMethods
        trainer.start = try plan.start()
        trainer.positioning = plan.positioning
        trainer.peakBytes = { ProcessFacts.peakResidentBytes }
        // A teacher's model is let go before the pupil's is loaded.
        let examples = try await examples()
        if let measuring = plan.measuring {
            let (merged, log) = try await trainer.merge(
                measuring, plan.model, backbone: backbone(), examples: examples, observe: observe)
            var metadata = [TrainingPlan.metadataKey: plan.fingerprint.description]
            metadata[MergedAdapters.keptKey] = merged.keptShare.map { "\($0)" }
            return try Self.keep(merged.adapter, head: nil, log, metadata, in: plan)
        }
        let trained = try await trainer.train(
            plan.model, backbone: backbone(), examples: examples, observe: observe)
        var metadata = [TrainingPlan.metadataKey: plan.fingerprint.description]
        metadata[TrainingPlan.positionKey] = trained.position?.words
        try Self.keep(trained.adapter, head: trained.head, trained.log, metadata, in: plan)
        try? FileManager.default.removeItem(atPath: checkpoint)
    }

    /// Writes what is done, the seal last.
    private static func keep(
        _ adapter: Adapter, head: Head?, _ log: [TrainingStep], _ metadata: [String: String], in plan: TrainingPlan
    ) throws {
        let text = String(decoding: try JSONEncoder().encode(log), as: UTF8.self)
        try AtomicFile.replace(plan.folder + "/" + logName, with: text)
        let folder = AdapterFolder(plan.folder)
        try folder.write(adapter, head: head, base: AdapterBase(plan.modelName), metadata: metadata)
        try folder.seal(with: [logName])
    }

    /// Waits until this process is the only one that does this training.
    ///
    /// - Returns: what lets the next one in.
    private func alone(with plan: TrainingPlan, wait: () -> Void) async throws -> () -> Void {
        guard let claims else {
            let lock = try FileLock(plan.folder + "/.lock")
            if try !lock.lock(.exclusive, waiting: false) {
                wait()
                _ = try lock.lock(.exclusive, waiting: true)
            }
            return { lock.unlock() }
        }
        var hasSaid = false
        while true {
            if let release = try claims.claim("training-" + plan.fingerprint.description.prefix(24)) { return release }
            if !hasSaid { wait() }
            hasSaid = true
            try await Task.sleep(for: .seconds(10))
        }
    }

    /// The log of a training that is done.
    static func log(of plan: TrainingPlan) throws -> [TrainingStep] {
        let path = plan.folder + "/" + logName
        try FileSums.check(plan.folder, only: logName)
        do {
            return try JSONDecoder().decode([TrainingStep].self, from: Data(TextFile.text(of: path).utf8))
        } catch is DecodingError {
            throw Diagnostic(
                "the training's log is damaged", at: SourceLocation(file: path), suggestion: "run with --fresh")
        }
    }
}

extension AdapterArc.Position {
    /// As a result says it.
    fileprivate var words: String {
        func text(_ number: Double) -> String { "\((1e4 * number).rounded() / 1e4)" }
        return "shares \(shares.map(text).joined(separator: " and ")), scale \(text(scale))"
    }
}
