import Diagnostics

/// A repository of models on the hub, at a revision: `org/name`, or `org/name@revision`.
public struct HubID: Hashable, Sendable, CustomStringConvertible {
    /// `org/name`; models of the hub's first days have no organisation: `gpt2`.
    public let repository: String
    /// A branch, a tag or a commit.
    public let revision: String

    public static let defaultRevision = "main"

    /// - Throws: a diagnostic where the text is no name that the hub allows.
    public init(_ text: String, revision: String? = nil, at location: SourceLocation? = nil) throws(Diagnostic) {
        let parts = text.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        if parts.count > 1, let revision, parts[1] != revision {
            throw Diagnostic("expected one revision, found \"\(parts[1])\" and \"\(revision)\"", at: location)
        }
        repository = parts[0]
        self.revision = revision ?? (parts.count > 1 ? parts[1] : Self.defaultRevision)
        guard Self.isRepository(repository) else {
            throw Diagnostic(
                "expected a repository of the hub such as org/name, found \"\(repository)\"", at: location)
        }
        guard HubCache.isRelativePath(self.revision) else {
            throw Diagnostic("expected a branch, a tag or a commit, found \"\(self.revision)\"", at: location)
        }
    }

    /// Whether a text has the shape `org/name` or `org/name@revision`: one slash before the revision.
    public static func isQualified(_ text: String) -> Bool {
        guard let id = try? HubID(text) else { return false }
        return id.repository.contains("/")
    }

    /// As huggingface_hub's `validate_repo_id`: letters, digits, `-`, `_` and `.`; no `--` or `..`; at most 96 characters,
    /// the first and last of them no `-` or `.`.
    private static func isRepository(_ text: String) -> Bool {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), !text.contains("--"), !text.contains(".."), !text.hasSuffix(".git"),
            text.utf8.count <= 96
        else { return false }
        return parts.allSatisfy { part in
            guard let first = part.first, let last = part.last else { return false }
            return part.utf8.allSatisfy(allowed.contains) && !"-.".contains(first) && !"-.".contains(last)
        }
    }

    private static let allowed = Set(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.".utf8)

    public var description: String {
        revision == Self.defaultRevision ? repository : "\(repository)@\(revision)"
    }
}
