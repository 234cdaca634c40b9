import Diagnostics
import Files
import Foundation

/// A file that several servers have, known by its content.
public struct MirroredFile: Hashable, Sendable {
    /// Below the folder that it goes into.
    public var path: String
    /// Tried in turn.
    public var addresses: [String]
    /// 64 lower-case hexadecimal digits; nil where nobody has noted them.
    public var sha256: String?
    /// In bytes; nil where it isn't known.
    public var size: Int?

    public init(path: String, addresses: [String], sha256: String?, size: Int? = nil) {
        (self.path, self.addresses, self.sha256, self.size) = (path, addresses, sha256, size)
    }
}

extension HubClient {
    /// What became of files with mirrors.
    public struct MirrorOutcome: Sendable {
        /// Those that were here already, with the right content.
        public var kept: [MirroredFile] = []
        public var fetched: [MirroredFile] = []
        /// Those that no server had, with what each answered.
        public var failed: [(file: MirroredFile, reasons: [String])] = []
    }

    /// Downloads the files that a folder lacks, or has with another content. One that no server has doesn't keep the
    /// others away.
    ///
    /// - Throws: a diagnostic where a file cannot be written; `CancellationError`.
    public func fetch(_ files: [MirroredFile], into folder: String) throws -> MirrorOutcome {
        var outcome = MirrorOutcome()
        let missing = try files.filter { file in
            let isHere = try isHere(file, in: folder)
            if isHere { outcome.kept.append(file) }
            return !isHere
        }
        if environment.isOffline, !missing.isEmpty {
            throw Diagnostic("\(missing.count) files are not in \(folder), and HF_HUB_OFFLINE is set")
        }
        let session = try session()
        var unreachable: Set<String> = []
        var progress = HubProgress(file: "", number: 0, count: missing.count, bytes: 0)
        progress.totalBytes = HubProgress.sum(missing.map(\.size))
        for file in missing {
            progress.file = file.path
            progress.number += 1
            let reasons = try fetch(file, into: folder, session, progress: progress, avoiding: &unreachable)
            if let reasons { outcome.failed.append((file, reasons)) } else { outcome.fetched.append(file) }
            progress.bytes += file.size ?? 0
        }
        return outcome
    }

    private func isHere(_ file: MirroredFile, in folder: String) throws -> Bool {
        let path = "\(folder)/\(file.path)"
        guard FileManager.default.fileExists(atPath: path) else { return false }
        guard let checksum = file.sha256.flatMap(FileChecksum.init) else { return true }
        return try checksum.mismatch(of: path) == nil
    }

    /// - Parameter unreachable: the servers that didn't answer, which aren't asked again.
    /// - Returns: why no server would do; nil where one did.
    private func fetch(
        _ file: MirroredFile, into folder: String, _ session: HTTPSession, progress: HubProgress,
        avoiding unreachable: inout Set<String>
    ) throws -> [String]? {
        let path = "\(folder)/\(file.path)"
        try AtomicFile.createFolder(URL(fileURLWithPath: path).deletingLastPathComponent().path)
        var reasons: [String] = []
        for text in file.addresses {
            guard let address = WebAddress(text) else {
                reasons.append("\(WebAddress.shown(text)) is no http or https address")
                continue
            }
            guard !unreachable.contains(address.origin) else {
                reasons.append("\(address.origin) didn't answer before")
                continue
            }
            let download = FileDownload(
                name: WebAddress.shown(text), address: address, token: nil, size: file.size,
                checksum: file.sha256.flatMap(FileChecksum.init), partialPath: "\(path).incomplete")
            do {
                try run(download, session, progress: progress)
                guard rename(download.partialPath, path) == 0 else { throw Diagnostic.system("cannot write", path) }
                return nil
            } catch let failure as RetriesExhausted {
                if failure.last.isUnreachable { unreachable.insert(address.origin) }
                reasons.append(failure.message)
            } catch let refused as RefusedRequest {
                reasons.append("\(refused.response.address) answers \(refused.response.status)")
            } catch let failure as HTTPFailure {
                reasons.append(failure.message)
            } catch let wrong as WrongContent {
                reasons.append(wrong.message)
            }
        }
        return reasons
    }
}
