import Diagnostics
import Files

/// What the hub says of a repository at a revision.
struct HubRepository: Sendable {
    let id: HubID
    /// 40 hexadecimal digits, on the hub itself.
    let commit: String
    /// Paths, in the hub's order.
    let files: [String]

    /// Reads the answer of `/api/models/ID/revision/REVISION`.
    ///
    /// - Throws: a diagnostic where it isn't what a hub answers: a page that a firewall sends, for example.
    init(_ id: HubID, json: [UInt8], from address: WebAddress) throws {
        let root = try JSONDocument(json, file: address.description).root
        let sha = try root.required("sha")
        commit = try sha.string()
        guard HubCache.isRelativePath(commit), !commit.contains("/") else { throw sha.expected("a commit") }
        files = try root.required("siblings").elements().map { sibling in
            let name = try sibling.required("rfilename")
            let path = try name.string()
            guard HubCache.isRelativePath(path) else { throw name.expected("a relative path") }
            return path
        }
        self.id = id
    }
}

/// What the hub says of a file, without sending it.
struct HubFile: Sendable {
    let path: String
    /// The name of its content: the SHA-256 of a large file, git's name of a small one.
    let etag: String
    /// In bytes; nil where the hub doesn't say.
    let size: Int?

    /// Reads the answer to a HEAD request for a file.
    init(_ path: String, _ response: HTTPResponse) throws {
        guard let quoted = response["X-Linked-Etag"] ?? response["ETag"] else {
            throw Diagnostic("\(response.address) has no ETag, by which a file of the hub is recognised")
        }
        let etag = Self.normalised(quoted)
        guard HubCache.isRelativePath(etag), !etag.contains("/"), !etag.hasPrefix("."), etag.utf8.count <= 200 else {
            throw Diagnostic("\(response.address) has an ETag that cannot be a file's name: \(quoted)")
        }
        self.etag = etag
        // A redirect's own length says nothing of the file's.
        size = response["X-Linked-Size"].flatMap { Int($0) } ?? (response.isSuccess ? response.fileSize : nil)
        self.path = path
    }

    /// Without the mark of a weak ETag and without quotes.
    static func normalised(_ etag: String) -> String {
        var text = etag.hasPrefix("W/") ? etag.dropFirst(2) : Substring(etag)
        while text.first == "\"" { text.removeFirst() }
        while text.last == "\"" { text.removeLast() }
        return String(text)
    }

    var checksum: FileChecksum? { FileChecksum(etag) }
}
