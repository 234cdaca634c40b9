import Foundation
import Launching
import TestSupport
import Testing

struct ClaimTests {
    private func isTaken(_ folder: ClaimFolder, by owner: ClaimOwner? = nil) throws -> Bool {
        guard case .failure(let holder) = try folder.take("run") else { return false }
        if let owner { #expect(holder.owner == owner) }
        return true
    }

    /// Calls `check` with two owners' views of a folder; the first is this process, with the claim `run`.
    private func withClaim(
        _ first: (inout ClaimOwner) -> Void = { _ in }, _ second: (inout ClaimOwner) -> Void = { _ in },
        isQueued: Bool? = nil, check: (_ one: ClaimFolder, _ other: ClaimFolder, _ claim: Claim) throws -> Void
    ) throws {
        try Fixtures.withTemporaryFolder { path in
            var (one, other) = (ClaimFolder(path), ClaimFolder(path))
            first(&one.owner)
            second(&other.owner)
            one.isQueued = { _ in isQueued }
            other.isQueued = { _ in isQueued }
            let claim = try one.take("run").get()
            defer { claim.release() }
            try check(one, other, claim)
        }
    }

    @Test("A claim is its owner's until it is released")
    func taken() throws {
        try withClaim { one, other, claim in
            #expect(try isTaken(other, by: one.owner))
            claim.release()
            let next = try other.take("run").get()
            #expect(try isTaken(one, by: other.owner))
            next.release()
        }
    }

    @Test("Of many that want a claim at once, one has it")
    func race() throws {
        try Fixtures.withTemporaryFolder { path in
            let claims = (0..<8).map { _ in Slot() }
            DispatchQueue.concurrentPerform(iterations: 8) { index in
                if case .success(let claim) = try? ClaimFolder(path).take("run") { claims[index].set(claim) }
            }
            #expect(claims.count { $0.isSet } == 1)
            let files = try FileManager.default.contentsOfDirectory(atPath: path)
            #expect(files == ["run"])
        }
    }

    @Test("A claim of a process that has ended on this machine, or of another one with its number, is taken over")
    func ended() throws {
        for change in [{ $0.process = 4_000_000 }, { $0.started = "1" }] as [(inout ClaimOwner) -> Void] {
            try withClaim(change) { _, other, _ in
                let taken = try isTaken(other)
                #expect(!taken)
            }
        }
    }

    @Test("A claim from another machine is taken over where Slurm doesn't know its job, and else kept")
    func otherMachine() throws {
        for (isQueued, isKept) in [(true, true), (nil, true), (false, false)] as [(Bool?, Bool)] {
            try withClaim({ ($0.host, $0.job) = ("elsewhere", "7") }, isQueued: isQueued) { _, other, _ in
                let taken = try isTaken(other)
                #expect(taken == isKept)
            }
        }
    }

    @Test("A job that was requeued takes over what its earlier life had; another job doesn't")
    func requeued() throws {
        for (job, isKept) in [("7", false), ("8", true)] {
            try withClaim(
                { ($0.host, $0.job) = ("elsewhere", "7") }, { ($0.job, $0.restarts) = (job, 1) }, isQueued: true
            ) { _, other, _ in
                let taken = try isTaken(other)
                #expect(taken == isKept)
            }
        }
    }

    @Test("A claim that wasn't touched for ten minutes means nothing")
    func old() throws {
        try withClaim({ $0.host = "elsewhere" }) { one, other, _ in
            #expect(try isTaken(other))
            let past = Date(timeIntervalSinceNow: -700)
            try FileManager.default.setAttributes([.modificationDate: past], ofItemAtPath: one.path + "/run")
            #expect(try !isTaken(other))
        }
    }
}

/// Where a thread leaves its claim.
private final class Slot: @unchecked Sendable {
    private var claim: Claim?

    var isSet: Bool { claim != nil }
    func set(_ claim: Claim) { self.claim = claim }
}
