import Diagnostics
import Foundation

/// The descriptors that a process may have open, which `ulimit -n` limits.
///
/// Foundation ends the program, or closes what isn't its own, where it gets none for a program that it starts. So room
/// for what is needed is asked for before it.
package enum OpenFiles {
    /// What most systems give, and more than a launcher's processes need.
    private static let usual: rlim_t = 1024
    /// A model's file, the cache's with its journal, an output, its lock and a started program's streams, twice over.
    private static let least: rlim_t = 64
    /// A started program's log, its pipe with both ends, and what Foundation opens meanwhile.
    private static let ofProgram = 16

    private static var limit: rlimit? {
        var limit = rlimit()
        return getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 ? limit : nil
    }

    /// Raises a lowered limit as far as it may be.
    ///
    /// - Throws: where that isn't enough for anything.
    package static func prepare() throws(Diagnostic) {
        guard var limit, limit.rlim_cur < usual else { return }
        if limit.rlim_cur < limit.rlim_max {
            limit.rlim_cur = min(limit.rlim_max, usual)
            _ = setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        }
        guard limit.rlim_cur < least else { return }
        throw error("\(limit.rlim_cur)", "at least \(least) are needed")
    }

    /// - Throws: where the limit leaves no room for a program to be started.
    package static func checkForProgram() throws(Diagnostic) {
        guard let limit, limit.rlim_cur < 1 << 20 else { return }
        // Listing takes one itself: where there is none, all are taken.
        let open = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd"))?.count ?? Int(limit.rlim_cur)
        guard open + ofProgram > Int(limit.rlim_cur) else { return }
        throw error("\(limit.rlim_cur)", "\(open) are open, and a program that is started needs \(ofProgram)")
    }

    private static func error(_ limit: String, _ needed: String) -> Diagnostic {
        Diagnostic(
            "open files are limited to \(limit); \(needed)",
            suggestion: "raise the limit: ulimit -n \(usual), or start fewer processes at a time")
    }
}
