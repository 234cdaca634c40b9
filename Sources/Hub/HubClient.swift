import Diagnostics
import Files
import Foundation

/// Gets repositories from the hub into huggingface_hub's cache, so that either finds what the other downloaded.
///
/// Calls block until the files are there; cancelling the task that calls ends them, and what was downloaded is kept.
public struct HubClient: Sendable {
    public var environment: HubEnvironment
    public var retries = RetryPolicy()
    public var observe: @Sendable (HubEvent) -> Void = { _ in }
    /// Sent with each request.
    public var userAgent = "bellm"
    /// In bytes: what a file whose size nobody says leaves free on the disk.
    public var reservedBytes = 1 << 30
    /// Of names that are known here, besides the cache's repositories: what a misspelt one is compared with.
    public var knownNames: [String] = []

    public init(_ environment: HubEnvironment) { self.environment = environment }

    var cache: HubCache { environment.cache }

    /// What the cache has of a repository, if that is all of what is wanted; the hub isn't asked.
    ///
    /// - Throws: where a link of it leads out of the cache.
    public func cached(_ id: HubID, _ selection: HubSelection) throws(Diagnostic) -> HubSnapshot? {
        guard let snapshot = try cache.snapshot(of: id), selection.isComplete(in: snapshot) else { return nil }
        return snapshot
    }

    /// Downloads the files of a repository that aren't in the cache. Offline, or where the hub doesn't answer, what the
    /// cache has is taken if it is all of what is wanted.
    ///
    /// - Returns: where the files are, all of them.
    /// - Throws: a `Diagnostic` with what to do; `CancellationError`.
    public func fetch(_ id: HubID, _ selection: HubSelection) throws -> HubSnapshot {
        if environment.isOffline {
            if let snapshot = try cached(id, selection) { return snapshot }
            throw Diagnostic(
                "\(absence(of: id, selection)), and HF_HUB_OFFLINE is set", suggestion: nearestLocal(to: id))
        }
        let session = try session()
        do {
            return try fetch(repository(id, session, hasCopy: try cached(id, selection) != nil), selection, session)
        } catch let failure as Unanswered {
            guard let snapshot = try cached(id, selection) else { throw exhausted(failure.cause, id, selection) }
            observe(.unreachable(reason: failure.cause.message))
            return snapshot
        } catch let failure as RetriesExhausted {
            throw exhausted(failure, id, selection)
        } catch let failure as HTTPFailure {
            throw Diagnostic(failure.message)
        } catch let wrong as WrongContent {
            throw Diagnostic(
                wrong.message, suggestion: "nothing was stored; the server, or a proxy before it, has another file")
        }
    }

    /// The hub didn't say what a revision means.
    private struct Unanswered: Error {
        let cause: RetriesExhausted
    }

    func session() throws(Diagnostic) -> HTTPSession {
        var settings = HTTPSession.Settings()
        settings.stallTimeout = environment.stallTimeout
        settings.userAgent = userAgent
        return try HTTPSession(settings)
    }

    /// What the cache lacks.
    private func absence(of id: HubID, _ selection: HubSelection) -> String {
        guard let snapshot = try? cache.snapshot(of: id), let file = selection.missing(in: snapshot) else {
            return "\(id) is not in the hub's cache \(cache.path)"
        }
        return "the hub's cache \(cache.path) has not all of \(id): "
            + "\(file) is neither there nor known not to be in the repository"
    }

    private func exhausted(_ failure: RetriesExhausted, _ id: HubID, _ selection: HubSelection) -> Diagnostic {
        let times = failure.attempts == 1 ? "" : ", tried \(failure.attempts) times"
        guard failure.last.isUnreachable else {
            return Diagnostic(
                failure.message + times, suggestion: "what was downloaded is kept, and running again goes on from there"
            )
        }
        return Diagnostic(
            "cannot reach \(environment.shownEndpoint) (\(failure.message)\(times)), and \(absence(of: id, selection))",
            suggestion: nearestLocal(to: id) ?? "check the network, or HF_ENDPOINT")
    }

    /// The name nearest to a repository's that needs no hub.
    func nearestLocal(to id: HubID) -> String? {
        nearestName(to: id.repository, among: cache.repositories.filter { $0 != id.repository } + knownNames).map {
            "did you mean \"\($0)\", which is here?"
        }
    }

    private func fetch(_ repository: HubRepository, _ selection: HubSelection, _ session: HTTPSession) throws
        -> HubSnapshot
    {
        let (id, commit) = (repository.id, repository.commit)
        let folder = cache.snapshotFolder(id.repository, commit: commit)
        try cache.checkLinks(of: commit, in: id.repository)
        try download(selection.first(of: repository), of: repository, session)
        try download(selection.files(of: repository, in: folder), of: repository, session)
        try download(selection.further(in: folder), of: repository, session)
        for file in try selection.optional(in: folder) where !repository.files.contains(file) {
            try cache.noteAbsence(of: file, in: id.repository, commit: commit)
        }
        // Only now: until all is here, the revision's older snapshot is the one that is whole.
        try cache.note(commit, for: id)
        return HubSnapshot(id: id, commit: commit, folder: folder)
    }
}

// What the hub is asked.
extension HubClient {
    /// - Parameter hasCopy: where the hub doesn't answer, the cache will do, so it isn't asked again.
    private func repository(_ id: HubID, _ session: HTTPSession, hasCopy: Bool) throws -> HubRepository {
        let path = "api/models/\(WebAddress.path(id.repository))/revision/\(WebAddress.segment(id.revision))?blobs=true"
        let address = try address(path)
        var policy = retries
        if hasCopy { policy.attempts = 1 }
        let body: MemoryBody
        do {
            body = try ask(HTTPRequest(address: address, token: environment.token), session, policy) { response in
                HubRefusal(response, id: id).diagnostic(client: self)
            }
        } catch let failure as RetriesExhausted {
            throw Unanswered(cause: failure)
        }
        do {
            return try HubRepository(id, json: body.bytes, from: address)
        } catch let error as Diagnostic {
            throw Diagnostic(
                "this is not what a hub answers: \(error.message)", at: error.location,
                suggestion: "check HF_ENDPOINT, and whether a proxy or a firewall answers in the hub's place")
        }
    }

    /// What the hub says of a file.
    func file(_ path: String, of repository: HubRepository, _ session: HTTPSession) throws -> HubFile {
        let request = HTTPRequest(
            method: .head, address: try resolvedAddress(of: path, in: repository), token: environment.token)
        return try retries.run(willWait: retrying) {
            let response = try passing { try session.send(request) }
            // A redirect out of the hub is its answer: to where the content is.
            if response.redirect == nil { try refusing(response, path, repository) }
            return try HubFile(path, response, of: repository)
        }
    }

    private func refusing(_ response: HTTPResponse, _ path: String, _ repository: HubRepository) throws {
        do {
            try response.check(path)
        } catch is RefusedRequest {
            throw HubRefusal(response, id: repository.id, file: path).diagnostic(client: self, files: repository.files)
        }
    }

    /// A GET request for a small answer.
    private func ask(
        _ request: HTTPRequest, _ session: HTTPSession, _ policy: RetryPolicy, refused: (HTTPResponse) -> Diagnostic
    ) throws -> MemoryBody {
        try policy.run(willWait: retrying) {
            let body = MemoryBody()
            let response = try passing { try session.send(request, to: body) }
            do {
                try response.check(request.address.description)
            } catch is RefusedRequest {
                throw refused(response)
            }
            return body
        }
    }

    private func passing<R>(_ send: () throws -> R) throws -> R {
        do {
            return try send()
        } catch let failure as HTTPFailure where failure.isTransient {
            throw PassingFailure(message: failure.message, isUnreachable: failure.kind != .cut)
        }
    }

    func retrying(_ reason: String, _ delay: Duration) { observe(.retrying(reason: reason, delay: delay)) }

    func address(_ path: String) throws(Diagnostic) -> WebAddress {
        guard let address = WebAddress("\(environment.endpoint)/\(path)") else {
            throw Diagnostic("HF_ENDPOINT: expected an http or https address, found \"\(environment.shownEndpoint)\"")
        }
        return address
    }

    /// By the commit: what a branch means may change between two files.
    func resolvedAddress(of path: String, in repository: HubRepository) throws(Diagnostic) -> WebAddress {
        let name = WebAddress.path(repository.id.repository)
        return try address("\(name)/resolve/\(WebAddress.segment(repository.commit))/\(WebAddress.path(path))")
    }
}
