import Diagnostics

/// Reads what a head says of lengths. libcurl takes `3x`, `3, 4` and the second of two for lengths, and waits for 2^63 bytes.
struct SizeReader {
    static let chunked = "chunked"

    let address: WebAddress
    /// By their names in small letters: the values of all lines of a name.
    let headers: [String: [String]]

    /// `Content-Length`; nil where it is missing.
    func length() throws(HTTPFailure) -> Int? {
        guard let text = try only("Content-Length") else { return nil }
        guard let size = Self.size(text) else { throw refusal("Content-Length", text) }
        return size
    }

    /// `Content-Range` of a part; nil where it is missing.
    func range() throws(HTTPFailure) -> (start: Int, size: Int?)? {
        guard let text = try only("Content-Range") else { return nil }
        guard let match = text.wholeMatch(of: /bytes\s+(\d+)-(\d+)\/(\d+|\*)/.ignoresCase()),
            let start = Self.size(match.1), let end = Self.size(match.2), start <= end
        else { throw refusal("Content-Range", text) }
        if match.3 == "*" { return (start, nil) }
        guard let size = Self.size(match.3), end < size else { throw refusal("Content-Range", text) }
        return (start, size)
    }

    /// No encoding is asked for; only the one that every server may choose is read.
    func checkEncoding() throws(HTTPFailure) {
        guard let text = try only("Transfer-Encoding"), !["identity", Self.chunked].contains(text.lowercased()) else {
            return
        }
        throw refusal("Transfer-Encoding", text)
    }

    /// The length in a line before a piece of a body, whatever stands behind a semicolon left out.
    ///
    /// - Parameter line: without its end
    func chunkSize(_ line: [UInt8]) throws(HTTPFailure) -> Int {
        let text = String(decoding: line, as: UTF8.self)
        let digits = text.prefix { $0 != ";" }.trimmingBlanks
        guard digits.utf8.allSatisfy({ Character(UnicodeScalar($0)).isHexDigit }), let size = Int(digits, radix: 16),
            Self.allowed.contains(size)
        else { throw refusedChunk(line) }
        return size
    }

    func refusedChunk(_ line: [UInt8]) -> HTTPFailure {
        refusal("a chunk's size", String(decoding: line, as: UTF8.self))
    }

    private static let allowed = NumberRange.fileSize("").allowed

    /// Digits alone: no sign, no blank, no list.
    private static func size(_ text: some StringProtocol) -> Int? {
        guard text.utf8.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }), let size = Int(text) else {
            return nil
        }
        return allowed.contains(size) ? size : nil
    }

    /// The value of a header that may stand once.
    private func only(_ name: String) throws(HTTPFailure) -> String? {
        let values = headers[name.lowercased()] ?? []
        guard values.count <= 1 else { throw refusal(name, values.joined(separator: ", ")) }
        return values.first
    }

    private func refusal(_ name: String, _ text: String) -> HTTPFailure {
        HTTPFailure(.permanent, "\(address) sent what cannot be read as \(name): \"\(text.beginning())\"")
    }
}
