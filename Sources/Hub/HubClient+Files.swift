import Diagnostics
import Files
import Foundation

// Files of a repository, into the cache.
extension HubClient {
    /// Downloads the files that aren't in the repository's snapshot.
    func download(_ paths: [String], of repository: HubRepository, _ session: HTTPSession) throws {
        let (name, commit) = (repository.id.repository, repository.commit)
        let folder = cache.snapshotFolder(name, commit: commit)
        // A commit's files never change: what is here needs no question.
        let missing = paths.filter { !FileManager.default.fileExists(atPath: "\(folder)/\($0)") }
        let files = try missing.map { try file($0, of: repository, session) }
        var progress = HubProgress(file: "", number: 0, count: files.count, bytes: 0)
        progress.totalBytes = HubProgress.sum(files.map(\.size))
        AtomicFile.removeLeftovers(in: folder)
        for file in files {
            progress.file = file.path
            progress.number += 1
            try store(file, of: repository, session, progress: &progress)
            try cache.link(file.path, in: name, commit: commit, to: file.blob)
        }
    }

    /// Makes sure that a file's content is among the blobs.
    private func store(
        _ file: HubFile, of repository: HubRepository, _ session: HTTPSession, progress: inout HubProgress
    ) throws {
        let name = repository.id.repository
        let blobs = "\(cache.folder(of: name))/blobs"
        let blob = "\(blobs)/\(file.blob)"
        try AtomicFile.createFolder(blobs)
        let locks = "\(cache.path)/.locks/\(HubCache.folderName(name))"
        try AtomicFile.createFolder(locks)
        let before = progress
        try FileLock.whileHolding("\(locks)/\(file.blob).lock") {
            observe(.waiting(file: file.path))
        } do: {
            // Another repository's file, or another process, may have brought it.
            if FileManager.default.fileExists(atPath: blob) { return }
            let download = FileDownload(
                name: file.path, address: try resolvedAddress(of: file.path, in: repository), token: environment.token,
                size: file.size, checksum: file.checksum, partialPath: "\(blob).incomplete")
            do {
                try run(download, session, progress: before)
            } catch let refused as RefusedRequest {
                throw HubRefusal(refused.response, id: repository.id, file: file.path)
                    .diagnostic(client: self, files: repository.files)
            }
            guard rename(download.partialPath, blob) == 0 else { throw Diagnostic.system("cannot write", blob) }
        }
        progress.bytes += file.size ?? 0
    }

    /// Runs a download, and tells how far it is.
    func run(_ download: FileDownload, _ session: HTTPSession, progress: HubProgress) throws {
        let partial = download.partialPath
        var download = download
        download.reservedBytes = reservedBytes
        let resumed = (try? FileManager.default.attributesOfItem(atPath: partial)[.size] as? Int) ?? 0
        let observe = observe
        func report(_ size: Int) {
            var now = progress
            now.bytes += size
            now.resumedBytes = min(resumed, size)
            observe(.progress(now))
        }
        report(resumed)
        try download.run(session, retries, willWait: retrying, didGrow: report)
    }
}

extension FileLock {
    /// Does something as the only one, in this process and others, that holds the lock of that path.
    ///
    /// - Parameter willWait: called once where another holds it.
    static func whileHolding<R>(_ path: String, willWait: () -> Void, do body: () throws -> R) throws -> R {
        var hasWaited = false
        while true {
            let lock = try FileLock(path)
            while try !lock.lock(.exclusive, waiting: false) {
                if !hasWaited { willWait() }
                hasWaited = true
                if Task.isCancelled { throw CancellationError() }
                Thread.sleep(forTimeInterval: 0.05)
            }
            // Python's filelock removes the file when it lets go; the next to come would lock a new one.
            guard lock.isInPlace else { continue }
            defer { lock.unlock() }
            return try body()
        }
    }
}
