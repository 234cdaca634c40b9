import Diagnostics
import Files

/// What the hub says of a repository at a revision.
struct HubRepository: Sendable {
    let id: HubID
    /// 40 hexadecimal digits, on the hub itself.
    let commit: String
    /// Paths, in the hub's order.
    let files: [String]
    /// What the listing says of the files' contents, by path.
    private let contents: [String: ListedContent]

    func content(of path: String) -> ListedContent { contents[path] ?? ListedContent() }

    /// Reads the answer of `/api/models/ID/revision/REVISION?blobs=true`.
    ///
    /// - Throws: a diagnostic where it isn't what a hub answers: a page that a firewall sends, for example.
    init(_ id: HubID, json: [UInt8], from address: WebAddress) throws {
        let root = try JSONDocument(json, file: address.description).root
        let sha = try root.required("sha")
        commit = try sha.string()
        guard HubCache.isRelativePath(commit), !commit.contains("/") else { throw sha.expected("a commit") }
        var contents: [String: ListedContent] = [:]
        files = try root.required("siblings").elements().map { sibling in
            let name = try sibling.required("rfilename")
            let path = try name.string()
            guard HubCache.isRelativePath(path) else { throw name.expected("a relative path") }
            contents[path] = try ListedContent(sibling)
            return path
        }
        self.contents = contents
        self.id = id
    }
}

/// What a listing says of a file's content; a mirror may say nothing.
struct ListedContent: Sendable {
    /// In bytes.
    var size: Int?
    var checksum: FileChecksum?

    init() {}

    init(_ sibling: JSONNode) throws {
        let large = sibling["lfs"]
        size = try (large?["size"] ?? sibling["size"]).map { size in
            let number = try size.integer()
            guard (try? NumberRange.fileSize("").check(number)) != nil else { throw size.expected("a file's size") }
            return number
        }
        // The name of a large file's blob is that of a pointer to it.
        let digest = large.map { $0["sha256"] } ?? sibling["blobId"]
        checksum = try digest.map { node in
            guard let checksum = FileChecksum(try node.string()) else {
                throw node.expected("a SHA-256 or git's SHA-1")
            }
            return checksum
        }
    }
}

/// What the hub says of a file, without sending it.
struct HubFile: Sendable {
    let path: String
    /// The name of its content among the blobs: the SHA-256 of a large file, git's name of a small one. Where the server
    /// has neither, it is made of the file's place: another file, whose content may be another, has another name.
    let blob: String
    let checksum: FileChecksum?
    /// In bytes; nil where the hub doesn't say.
    let size: Int?

    /// Reads the answer to a HEAD request for a file.
    ///
    /// - Throws: where the answer and the listing contradict each other
    init(_ path: String, _ response: HTTPResponse, of repository: HubRepository) throws {
        guard let quoted = response["X-Linked-Etag"] ?? response["ETag"] else {
            throw Diagnostic("\(response.address) has no ETag, by which a file of the hub is recognised")
        }
        let etag = Self.normalised(quoted)
        guard HubCache.isRelativePath(etag), !etag.contains("/"), !etag.hasPrefix("."), etag.utf8.count <= 200 else {
            throw Diagnostic("\(response.address) has an ETag that cannot be a file's name: \(quoted.beginning())")
        }
        let listed = repository.content(of: path)
        let announced = FileChecksum(etag)
        if let announced, let expected = listed.checksum, announced.digest == expected.digest, announced != expected {
            throw WrongContent(
                message: "\(path): the hub lists \(expected.expected), the server has \(announced.expected)")
        }
        checksum = listed.checksum ?? announced
        // huggingface_hub names blobs by the ETag; without a hash that would be one name for two contents.
        let place = "\(repository.commit)\n\(path)\n\(etag)"
        blob = announced?.expected ?? checksum?.expected ?? "unhashed-\(SHA256Digest(of: place).description.prefix(40))"
        // A redirect's own length says nothing of the file's.
        let linked = try response["X-Linked-Size"].map {
            try NumberRange.fileSize("\(response.address): X-Linked-Size").parse($0)
        }
        let said = linked ?? (response.isSuccess ? response.fileSize : nil)
        if let said, let size = listed.size, said != size {
            throw WrongContent(message: "\(path): the hub lists \(size) bytes, the server has \(said)")
        }
        size = listed.size ?? said
        self.path = path
    }

    /// Without the mark of a weak ETag and without quotes.
    static func normalised(_ etag: String) -> String {
        var text = etag.hasPrefix("W/") ? etag.dropFirst(2) : Substring(etag)
        while text.first == "\"" { text.removeFirst() }
        while text.last == "\"" { text.removeLast() }
        return String(text)
    }
}
