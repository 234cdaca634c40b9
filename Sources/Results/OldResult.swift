import Diagnostics
import Files
import Foundation
import HDF5
import Synchronization

/// Results whose structures have no checksums, of schema version 1 above all: damaged ones crash the HDF5 library, or keep
/// it busy for ever. A process of their own reads them, with a limit of time and memory, and leaves a copy of this version.
package enum OldResult {
    /// The command of the program that makes the copy: `PROGRAM read-result RESULT COPY`.
    package static let command = "read-result"

    private static let reader = Mutex<String?>(nil)
    /// The processor's time that reading may take, in seconds: a hundred times what the largest take.
    private static let seconds: UInt = 30
    /// The address space that it may take, in bytes; a result's tables may have half of it.
    private static let bytes: UInt = 8 << 30

    /// Has such results read by the program from now on. Where nobody says so, they are read here, at the caller's risk.
    package static func read(by program: String) { reader.withLock { $0 = program } }

    /// What the process of their own does.
    package static func copy(_ path: String, to copy: String) throws {
        for (resource, most) in [(RLIMIT_CPU, seconds), (RLIMIT_AS, bytes), (RLIMIT_CORE, 0)] {
            let resource = __rlimit_resource_t(resource.rawValue)
            var limit = rlimit()
            guard getrlimit(resource, &limit) == 0 else { throw Diagnostic.system("cannot limit the reading of", path) }
            limit.rlim_cur = min(most, limit.rlim_max)
            guard setrlimit(resource, &limit) == 0 else { throw Diagnostic.system("cannot limit the reading of", path) }
        }
        try ExperimentResult(contentsOf: path).write(to: copy)
    }

    /// A copy that can be read here; nil where the file itself can.
    ///
    /// - Throws: what reading it says, or that the library crashed.
    static func safeCopy(of path: String) throws -> String? {
        guard let program = reader.withLock({ $0 }), !HDF5.hasChecksums(path), let real = realpath(path, nil) else {
            return nil
        }
        defer { free(real) }
        try HDF5.refuseOtherNodes(path)
        // Not /dev/stdin, which is another file there.
        let path = String(cString: real)
        let copy = try FilePath.join(TemporaryFile.folder(), "bellm-result-" + UUID().uuidString)
        let outcome = try ChildProcess(program: program, arguments: [command, path, copy]).run()
        if !outcome.wasKilled, outcome.status == 0 { return copy }
        unlink(copy)
        let message = outcome.errors.split(separator: "\n").last { $0.hasPrefix("Error: ") }?.dropFirst(7)
        guard !outcome.wasKilled, let message else {
            let end =
                [SIGXCPU, SIGKILL].contains(outcome.status)
                ? "took more than \(seconds) seconds" : "crashed the HDF5 library"
            throw Diagnostic("the file is damaged: reading it \(end)")
        }
        throw Diagnostic(String(message.hasPrefix(path + ": ") ? message.dropFirst(path.count + 2) : message))
    }
}
