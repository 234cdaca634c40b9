import Diagnostics
import Files
import Foundation

/// One file on its way from a server to the disk: resumed, retried, and checked before anybody sees it.
struct FileDownload {
    /// For messages.
    var name: String
    var address: WebAddress
    var token: String?
    /// In bytes; nil where it isn't known.
    var size: Int?
    var checksum: FileChecksum?
    /// Where the bytes go: what is there already is the file's beginning.
    var partialPath: String
    /// What is left free on the disk where the size isn't known: a server that never ends would fill it.
    var reservedBytes = 0

    /// Downloads what is missing, until the file has the size and the checksum that it should have.
    ///
    /// - Parameters:
    ///   - willWait: told of each failure that is followed by another attempt.
    ///   - didGrow: told of each new size of the partial file, in bytes.
    /// - Throws: `RefusedRequest`, `RetriesExhausted`, `HTTPFailure`, `WrongContent` where it came wrong twice, a
    ///   `Diagnostic` where it cannot be written, `CancellationError`. What came stays, but where it is wrong.
    func run(
        _ session: HTTPSession, _ retries: RetryPolicy, willWait: (_ reason: String, _ delay: Duration) -> Void,
        didGrow: @escaping (_ size: Int) -> Void
    ) throws {
        var mismatch = ""
        for round in 1...2 {
            let file = try PartialFile(partialPath, expectedSize: size, didGrow: didGrow)
            if size == nil { file.checkSpace = { try checkReserve() } }
            try checkSpace(for: file)
            var transfer = Transfer(download: self, file: file)
            try retries.run(willWait: willWait) { try transfer.attempt(session) }
            try file.synchronise()
            guard let checksum, let found = try checksum.mismatch(of: partialPath) else { return }
            unlink(partialPath)
            mismatch = "\(name): expected \(checksum.name) \(checksum.expected), the server sent \(found)"
            // What an earlier program left may be to blame.
            if round == 1 { willWait("\(mismatch); starting over", .zero) }
        }
        throw WrongContent(message: mismatch)
    }

    private func checkReserve() throws {
        guard let free = FileSystem.freeBytes(at: partialPath), free < reservedBytes else { return }
        throw Diagnostic(
            "nobody says how large \(name) is, and the disk has \(ByteCount(free)) left; it was stopped at "
                + "\(ByteCount(reservedBytes))",
            at: SourceLocation(file: partialPath), suggestion: "make room, or name another folder with HF_HUB_CACHE")
    }

    private func checkSpace(for file: PartialFile) throws {
        guard let size, let free = FileSystem.freeBytes(at: partialPath), size - file.size > free else { return }
        throw Diagnostic(
            "\(name) needs \(ByteCount(size - file.size)) more, the disk has \(ByteCount(free))",
            at: SourceLocation(file: partialPath), suggestion: "make room, or name another folder with HF_HUB_CACHE")
    }
}

/// A download between its attempts.
private struct Transfer {
    let download: FileDownload
    let file: PartialFile
    /// The most that any attempt had.
    private var furthest: Int
    private var usesRanges = true

    init(download: FileDownload, file: PartialFile) {
        (self.download, self.file) = (download, file)
        furthest = file.size
    }

    /// - Throws: `PassingFailure` where another attempt may help.
    mutating func attempt(_ session: HTTPSession) throws {
        if let size = download.size, file.size == size { return }
        if !usesRanges { try file.truncate() }
        let response: HTTPResponse
        do {
            var request = HTTPRequest(address: download.address, token: download.token)
            request.offset = file.size
            response = try session.send(request, to: file)
        } catch let failure as HTTPFailure where failure.isTransient {
            throw passing(
                "\(download.name): \(failure.message)", isUnreachable: failure.kind == .unreachable,
                least: failure.kind == .timeout ? Self.leastProgress : 1)
        } catch let failure as WrongRange {
            usesRanges = false
            throw passing(failure.message)
        }
        if response.status == 416, file.size > 0 {
            if response["Content-Range"] == "bytes */\(file.size)" { return }
            usesRanges = false
            throw passing("\(download.name): the server has no bytes from \(file.size)")
        }
        try response.check(download.name)
        if let size = download.size, file.size < size {
            throw passing("\(download.name): \(file.size) of \(size) bytes came")
        }
    }

    /// A server that drips would be asked for ever, if each drop were progress.
    private static let leastProgress = 1 << 16

    /// - Parameter least: how many bytes more than before are progress
    private mutating func passing(
        _ message: String, isUnreachable: Bool = false, least: Int = 1
    ) -> PassingFailure {
        defer { furthest = max(furthest, file.size) }
        return PassingFailure(
            message: message, hasProgress: file.size - furthest >= least, isUnreachable: isUnreachable)
    }
}

/// A server that has another file than the one that is wanted.
struct WrongContent: Error {
    let message: String
}

/// A request that the server understood and won't answer.
struct RefusedRequest: Error {
    let response: HTTPResponse
}

extension HTTPResponse {
    /// - Throws: `PassingFailure` where asking again may help, `RefusedRequest` for every other answer but a success.
    func check(_ what: String) throws {
        if isSuccess { return }
        guard isTransient else { throw RefusedRequest(response: self) }
        let said = self["X-Error-Message"].map { ": \($0.beginning(200))" } ?? ""
        let time = unreadableRetryAfter.map { ", with a Retry-After that is no time: \"\($0)\"" } ?? ""
        throw PassingFailure(message: "\(what): the server answers \(status)\(said)\(time)", retryAfter: retryAfter)
    }
}

extension FileChecksum {
    /// For messages.
    fileprivate var name: String { digest == .sha256 ? "SHA-256" : "git's SHA-1" }
}
