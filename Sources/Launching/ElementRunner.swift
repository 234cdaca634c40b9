import Diagnostics
import Files
import Foundation
import Numerics
import Results
import Running
import Synchronization

/// Computes one array element, and leaves the part or the blocks that come of it in the work folder.
public struct ElementRunner: Sendable {
    private let submission: Submission
    private let element: ArrayElement
    private let workers: Int
    private let work: WorkFolder
    private let plan: ExperimentPlan
    private let blocks: BlockStore
    private let claims: ClaimFolder
    private let progress = ProgressFlag()

    public enum Outcome: Hashable, Sendable {
        /// The run's part is written.
        case finished
        /// Its blocks are written; others of the run are missing.
        case computedBlocks
        /// All was there.
        case wasThere
        /// Somebody else works on it.
        case isClaimed(by: String)
    }

    /// - Throws: where model, data or program aren't those of the submission.
    public init(_ submission: Submission, element number: Int, workers: Int?) throws {
        guard submission.elements.indices.contains(number) else {
            throw Diagnostic("expected an element from 0 to \(submission.elements.count - 1), found \(number)")
        }
        let spec = try submission.spec()
        (self.submission, element) = (submission, submission.elements[number])
        self.workers = workers ?? spec.threads ?? ProcessFacts.processors
        work = submission.work
        plan = try ExperimentPlan(
            spec, data: submission.data(spec), adapters: work.path, only: [element.run])
        guard let id = try plan.partIDs(by: submission.arithmetic).first?.id, id == element.part else {
            throw Diagnostic(
                "the run \"\(element.run)\" isn't what was submitted: the program, the model, the adapter or the data changed",
                suggestion: "run the experiment again, which submits what it is now")
        }
        claims = ClaimFolder(work.claims)
        blocks = BlockStore(
            folder: work.blocks(of: element.part), blocks: plan.blocks(sentences: submission.blockSentences))
    }

    /// Whether what this process computed is kept, if it is stopped now: being started again makes sense.
    public var keepsWork: Bool { progress.isSet }

    /// - Throws: `CancellationError` when the task is cancelled; the next process goes on from there.
    public func run(observe: @escaping @Sendable (ExperimentRunner.Event) -> Void) async throws -> Outcome {
        guard !work.has(element.part) else { return .wasThere }
        switch try claims.take(element.unit) {
        case .failure(let holder): return .isClaimed(by: holder.owner.description)
        case .success(let claim):
            defer { claim.release() }
            // The one who had it may have finished in between.
            if work.has(element.part) { return .wasThere }
            return try await compute(observe)
        }
    }

    private func compute(_ observe: @escaping @Sendable (ExperimentRunner.Event) -> Void) async throws -> Outcome {
        var runner = ExperimentRunner(plan, workers: workers, limit: submission.limit)
        runner.blocks = blocks
        runner.blocks?.written = { [progress] in progress.set() }
        runner.claims = claims
        let watch: @Sendable (ExperimentRunner.Event) -> Void = { [progress] event in
            if case .training(.saved) = event { progress.set() }
            observe(event)
        }
        guard let chosen = element.blocks else {
            try await finish(by: runner, watch)
            return .finished
        }
        try await runner.computeBlocks(chosen, observe: watch)
        // Whoever writes a run's last block finds all of them, and scores the run; where two do at once, one of them.
        guard blocks.isComplete, case .success(let claim) = try claims.take(element.part + "-score") else {
            return .computedBlocks
        }
        defer { claim.release() }
        if !work.has(element.part) { try await finish(by: runner, watch) }
        return .finished
    }

    private func finish(
        by runner: ExperimentRunner, _ observe: @escaping @Sendable (ExperimentRunner.Event) -> Void
    ) async throws {
        var result = try await runner.run(observe: observe)
        // Other elements may have left blocks of other machines.
        let others = try blocks.arithmetics().filter { $0 != Arithmetic.description }
        result.recordArithmetics([Arithmetic.description] + others)
        result.provenance += PartMerger.provenance(of: plan)
        try result.write(to: work.part(element.part))
        blocks.removeAll()
    }
}

/// Whether anything was kept that a process stopped now leaves to the next.
private final class ProgressFlag: Sendable {
    private let flag = Mutex(false)

    var isSet: Bool { flag.withLock(\.self) }
    func set() { flag.withLock { $0 = true } }
}
