import Files
import Foundation
import Running

/// Who works on something: a process, and the Slurm job that it belongs to.
package struct ClaimOwner: Codable, Hashable, Sendable {
    package var host: String
    package var process: Int32
    /// Tells processes of one number apart: when the process started, in clock ticks since the machine did.
    package var started: String
    /// Slurm's number of the job, of its own for each array element; nil outside of Slurm.
    package var job: String?
    /// How often the job was requeued.
    package var restarts: Int

    /// This process.
    package static var current: ClaimOwner {
        let environment = ProcessInfo.processInfo.environment
        let process = ProcessInfo.processInfo.processIdentifier
        return ClaimOwner(
            host: ProcessFacts.host, process: process, started: ProcessIdentity.startTime(of: process) ?? "",
            job: environment["SLURM_JOB_ID"], restarts: environment["SLURM_RESTART_COUNT"].flatMap { Int($0) } ?? 0)
    }

    var description: String { (job.map { "job \($0), " } ?? "") + "process \(process) on \(host)" }

    /// Whether it has certainly ended, as far as this machine and Slurm's queue tell.
    ///
    /// - Parameter isQueued: whether Slurm still knows a job; nil where it can't be asked
    func hasEnded(seenBy reader: ClaimOwner, isQueued: (_ job: String) -> Bool?) -> Bool {
        // A job that was requeued meets its own earlier life.
        if let job, job == reader.job, restarts < reader.restarts { return true }
        if host == reader.host { return ProcessIdentity.startTime(of: process) != started }
        guard let job else { return false }
        return isQueued(job) == false
    }
}
