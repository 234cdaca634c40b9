import Diagnostics
import Files
import Foundation
import Running
import Synchronization

/// Keeps processes on several machines from doing the same work twice, without locks: NFS keeps those badly.
///
/// A claim is a file that says whose it is, put in place by link(2), which is atomic on every file system. Its owner touches
/// it while it works; one whose owner has ended, or that wasn't touched for long, is taken over. Claims spare work and
/// nothing else: what they guard is named by its content and replaced whole, so that doing it twice does no harm.
package struct ClaimFolder: Sendable {
    package let path: String
    package var owner = ClaimOwner.current
    /// After how many seconds without a touch a claim means nothing.
    var patience = 600.0
    /// Whether Slurm still knows a job; nil where it can't be asked.
    package var isQueued: @Sendable (_ job: String) -> Bool? = { SlurmQueue().isQueued(job: $0) }

    package init(_ path: String) { self.path = path }

    /// Takes a claim.
    ///
    /// - Returns: the claim, or who has it.
    package func take(_ name: String) throws -> Result<Claim, ClaimHolder> {
        try AtomicFile.createFolder(path)
        let target = "\(path)/\(name)"
        let own = "\(path)/.\(UUID().uuidString)"
        defer { unlink(own) }
        try AtomicFile.replace(own, with: String(decoding: try JSONEncoder().encode(owner), as: UTF8.self))
        for _ in 0..<5 {
            if link(own, target) == 0 || isLinked(own) { return .success(Claim(path: target)) }
            guard errno == EEXIST else { throw Diagnostic.system("cannot claim work", target) }
            guard let holder = holder(of: target) else { continue }
            guard isStale(target, holder, now: own) else { return .failure(ClaimHolder(owner: holder)) }
            remove(target, of: holder)
        }
        return .failure(ClaimHolder(owner: holder(of: target) ?? owner))
    }

    /// NFS may repeat a call whose answer was lost: the link is there, and reported as one that was there before.
    private func isLinked(_ file: String) -> Bool {
        let error = errno
        defer { errno = error }
        var status = stat()
        return stat(file, &status) == 0 && status.st_nlink > 1
    }

    private func holder(of claim: String) -> ClaimOwner? {
        guard let text = try? TextFile.text(of: claim) else { return nil }
        return try? JSONDecoder().decode(ClaimOwner.self, from: Data(text.utf8))
    }

    /// - Parameter own: a file written just now: its time is that of the file server, as the claim's is
    private func isStale(_ claim: String, _ holder: ClaimOwner, now own: String) -> Bool {
        if holder.hasEnded(seenBy: owner, isQueued: isQueued) { return true }
        var (touched, now) = (stat(), stat())
        guard stat(claim, &touched) == 0, stat(own, &now) == 0 else { return false }
        return Double(now.st_mtim.tv_sec - touched.st_mtim.tv_sec) > patience
    }

    /// Removes a stale claim, unless somebody else took it over meanwhile.
    private func remove(_ claim: String, of holder: ClaimOwner) {
        let aside = "\(path)/.\(UUID().uuidString)"
        guard rename(claim, aside) == 0 else { return }
        if self.holder(of: aside) != holder { _ = link(aside, claim) }
        unlink(aside)
    }
}

extension ClaimFolder: WorkClaims {
    package func claim(_ work: String) throws -> (() -> Void)? {
        guard case .success(let claim) = try take(work) else { return nil }
        return { claim.release() }
    }
}

/// Who has what one wanted.
package struct ClaimHolder: Error {
    package let owner: ClaimOwner
}

/// Work that this process has for itself, until it is released or the process ends.
package final class Claim: Sendable {
    private let path: String
    private let isReleased = Mutex(false)

    fileprivate init(path: String) {
        self.path = path
        // A thread of its own: a claim stays fresh while the process reads a model, on a machine of one processor too.
        Thread.detachNewThread { [weak self] in
            for second in 1... {
                sleep(1)
                guard let self, !isReleased.withLock(\.self) else { return }
                if second.isMultiple(of: 30) { utimensat(AT_FDCWD, path, nil, 0) }
            }
        }
    }

    package func release() {
        isReleased.withLock { $0 = true }
        unlink(path)
    }
}
