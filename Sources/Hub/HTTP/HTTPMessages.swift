import CCurl
import Diagnostics

/// A request without a body.
struct HTTPRequest: Sendable {
    enum Method: Sendable { case get, head }

    var method = Method.get
    var address: WebAddress
    /// Sent as `Authorization: Bearer …`, and only to the origin of `address`.
    var token: String?
    /// The first byte that is wanted: a range is asked for where it is not 0.
    var offset = 0
}

/// What a server says before the body.
struct HTTPResponse: Sendable {
    let status: Int
    /// What was asked last, behind all redirects that were followed.
    let address: WebAddress
    /// The whole file's length as far as this response says it: nil where it doesn't.
    let fileSize: Int?
    /// `Content-Range: bytes 5-9/10`: the first byte that is sent, and the file's size where it is known.
    let contentRange: (start: Int, size: Int?)?
    private let headers: [String: String]

    /// - Parameter lines: of the head, the last of several heads where there were some.
    /// - Throws: a permanent `HTTPFailure` where a length is none, or is said twice: nobody can tell then where the body
    ///   ends, and who waits for that waits until the stall time.
    init(status: Int, address: WebAddress, lines: [String]) throws(HTTPFailure) {
        (self.status, self.address) = (status, address)
        let all: [String: [String]] = lines.reduce(into: [:]) { headers, line in
            guard let colon = line.firstIndex(of: ":") else { return }
            headers[line[..<colon].lowercased(), default: []].append(line[line.index(after: colon)...].trimmingBlanks)
        }
        headers = all.compactMapValues(\.last)
        let reader = SizeReader(address: address, headers: all)
        let length = try reader.length()
        contentRange = status == 206 ? try reader.range() : nil
        fileSize = status == 206 ? contentRange?.size : length
        try reader.checkEncoding()
    }

    /// The header of that name, in whatever case; nil where it is missing or empty.
    subscript(_ name: String) -> String? {
        headers[name.lowercased()].flatMap { $0.isEmpty ? nil : $0 }
    }

    var isSuccess: Bool { (200..<300).contains(status) }

    /// Whether the body comes in pieces that each say how long they are.
    var isChunked: Bool { self["Transfer-Encoding"]?.lowercased() == SizeReader.chunked }

    /// Where a redirect leads to, as the server wrote it; nil for what is no redirect.
    var redirect: String? { [301, 302, 303, 307, 308].contains(status) ? self["Location"] : nil }

    /// A year: nobody waits so long, and it can be calculated with.
    static let longestWait = Duration.seconds(365 * 24 * 3600)

    /// What the server wrote in the place of a time to wait, where it is none.
    var unreadableRetryAfter: String? { retryAfter == nil ? self["Retry-After"].map { $0.beginning(40) } : nil }

    /// How long to wait before asking again, in seconds or until a date; nil where the server doesn't say.
    var retryAfter: Duration? {
        guard let text = self["Retry-After"] else { return nil }
        if !text.isEmpty, text.allSatisfy({ ("0"..."9").contains($0) }) {
            return Int(text).map { min(.seconds($0), Self.longestWait) } ?? Self.longestWait
        }
        // It would take -5 for a date.
        guard text.contains(" ") else { return nil }
        let date = curl_getdate(text, nil)
        return date < 0 ? nil : min(.seconds(max(0, date - time(nil))), Self.longestWait)
    }

    /// Whether asking again may help.
    var isTransient: Bool { [408, 425, 429].contains(status) || (500...599).contains(status) && status != 501 }
}

extension StringProtocol {
    /// Without blanks and line ends at both ends.
    var trimmingBlanks: String {
        let isBlank = { (character: Character) in character.isWhitespace || character.isNewline }
        return String(self.drop(while: isBlank).reversed().drop(while: isBlank).reversed())
    }
}
