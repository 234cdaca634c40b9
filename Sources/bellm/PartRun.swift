import ArgumentParser
import Diagnostics
import Files
import Foundation
import Launching
import Results
import Running
import Specification

/// `bellm run --launcher …`: an experiment computed in parts.
struct PartRun {
    let plan: ExperimentPlan
    /// The experiment's file.
    let experiment: String
    let output: OutputDestination
    let options: LaunchOptions
    let kind: LauncherKind
    /// Of a local process; nil to share the processors out.
    let threads: Int?

    func run(fresh: Bool) async throws {
        let submission = try Submission(
            plan, output: output.path, launcher: kind, configs: ConfigFolder.find(for: experiment))
        if fresh { try submission.discardParts() }
        let folder = try submission.write()
        switch kind {
        case .local: try await runHere(submission, folder)
        case .slurm: try await submit(submission, folder)
        }
    }

    private func runHere(_ submission: Submission, _ folder: String) async throws {
        let jobs = options.jobs ?? 2
        let launcher = LocalLauncher(
            submission, folder: folder, jobs: jobs, threads: threads ?? max(1, ProcessFacts.processors / jobs))
        let start = ContinuousClock.now
        try await interruptible(keepsWork: true) {
            try await launcher.run { event in
                guard case .ended(let number, let total, let element, let status, let log) = event else { return }
                let elapsed = (ContinuousClock.now - start) / .seconds(1)
                let remaining = elapsed / Double(number) * Double(total - number)
                let outcome =
                    switch status {
                    case 0: ""
                    case 128 + SIGINT, 128 + SIGTERM, 128 + SIGHUP: ": stopped; the same command goes on with it"
                    default: ": failed with \(status), see \(log.visible())"
                    }
                Console.message(
                    "[\(number)/\(total)] \(element.title)\(outcome); ETA \(ProgressReporter.duration(remaining))")
            }
        }
        try await finish(submission)
    }

    private func submit(_ submission: Submission, _ folder: String) async throws {
        guard !submission.missingRuns.isEmpty else { return try await finish(submission) }
        let recorded = try RecordedPeaks(plan, at: output, configs: ConfigFolder.find(for: experiment))
        let forecast = try ArrayForecast(plan, elements: submission.elements, recorded: recorded)
        let launcher = SlurmLauncher(submission, folder: folder, spec: plan.spec, gigabytes: forecast.gigabytes)
        if options.dryRun {
            try launcher.writeScript()
            Console.message("written: \(launcher.script.visible()); nothing was submitted. To submit:")
            for command in launcher.commands { Console.message("  \(command)") }
            return
        }
        let jobs = try await interruptible(keepsWork: true) { try launcher.submit() }
        say(jobs, submission)
        guard options.wait else { return }
        let reporter = ArrayReporter()
        try await interruptible(keepsWork: true) {
            try await launcher.wait(for: jobs) { reporter.update($0) }
        }
        try await finish(submission)
    }

    private func say(_ jobs: SlurmLauncher.Jobs, _ submission: Submission) {
        let arrays = jobs.arrays.joined(separator: ",")
        if jobs.submitted > 0 {
            Console.message("submitted: \(jobs.submitted) elements, job \(jobs.arrays.last ?? "")")
        }
        if jobs.underWay > 0 { Console.message("in the queue already: \(jobs.underWay) elements") }
        Console.message("  follow: squeue --array --jobs \(arrays), or give this command again with --wait")
        Console.message("  cancel: scancel \(arrays) \(jobs.merge ?? "")")
        let merge = jobs.merge.map { "job \($0) merges the parts when all have ended" } ?? "give this command again"
        Console.message("  merge:  \(merge), into \(submission.output.visible())")
    }

    /// Merges the parts, which may wait for another process, or for the reader of a pipe.
    private func finish(_ submission: Submission) async throws {
        let told = try plan.warnings()
        try await interruptible(keepsWork: true) { [output] in
            let lock = try OutputLock.waiting(for: output)
            defer { lock?.release() }
            try MergePartsCommand.merge(submission, told: told)
        }
    }
}

extension Submission {
    /// What `--fresh` computes anew.
    fileprivate func discardParts() throws { for element in elements { try discard(element) } }
}
