import Foundation

/// What huggingface.co answers for one repository.
public struct FakeHub: Sendable {
    public struct File: Sendable {
        public let content: [UInt8]
        public let etag: String

        public init(_ content: [UInt8], etag: String) { (self.content, self.etag) = (content, etag) }
    }

    public var repository = "org/name"
    public var commit = String(repeating: "c", count: 40)
    public var files: [String: File]
    /// What the listing says of files besides their names, as JSON's members: `"size": 3`.
    public var listing: [String: String] = [:]
    /// Where large files are redirected to; nil where the hub sends them itself.
    public var contentAddress: String?

    public init(_ files: [String: File]) { self.files = files }

    /// The answer to one request.
    public func answer(_ request: LocalServer.Request) -> LocalServer.Answer {
        let resolve = "/\(repository)/resolve/"
        if request.path.hasPrefix("/api/models/\(repository)/revision/") {
            let siblings = files.keys.sorted().map { name in
                #"{"rfilename": "\#(name)"\#(listing[name].map { ", " + $0 } ?? "")}"#
            }.joined(separator: ", ")
            return .init(200, Array(#"{"sha": "\#(commit)", "siblings": [\#(siblings)]}"#.utf8))
        }
        guard request.path.hasPrefix(resolve) else { return .init(404, headers: ["X-Error-Code": "RepoNotFound"]) }
        let name = request.path.dropFirst(resolve.count).drop { $0 != "/" }.dropFirst()
        guard let file = files[String(name)] else { return .init(404, headers: ["X-Error-Code": "EntryNotFound"]) }
        if file.etag.count == 64, let contentAddress {
            return .init(
                302,
                headers: [
                    "X-Repo-Commit": commit, "X-Linked-Etag": "\"\(file.etag)\"",
                    "X-Linked-Size": "\(file.content.count)",
                    "ETag": "\"of-the-redirect\"", "Location": "\(contentAddress)/\(name)?signature=a%2Fb",
                ])
        }
        return Self.ranged(
            file.content, for: request, headers: ["X-Repo-Commit": commit, "ETag": "W/\"\(file.etag)\""])
    }

    /// A content, or what is asked for of it.
    public static func ranged(
        _ content: [UInt8], for request: LocalServer.Request, headers: [String: String] = [:]
    ) -> LocalServer.Answer {
        guard let start = request.rangeStart else { return .init(200, content, headers: headers) }
        guard start < content.count else {
            return .init(416, headers: headers.merging(["Content-Range": "bytes */\(content.count)"]) { $1 })
        }
        let range = "bytes \(start)-\(content.count - 1)/\(content.count)"
        return .init(206, Array(content[start...]), headers: headers.merging(["Content-Range": range]) { $1 })
    }
}
