import CCurl

/// An http or https address, parsed and resolved by libcurl: what is requested and what is compared are one reading.
struct WebAddress: Hashable, Sendable, CustomStringConvertible {
    /// As it is asked for, with a user's name and password where it has them.
    let text: String
    /// As messages have it: without those.
    let description: String
    /// Scheme, host and port: what a token is meant for.
    let origin: String
    let isEncrypted: Bool

    /// - Returns: nil where the text is no address of http or https.
    init?(_ text: String) { self.init(base: nil, text) }

    /// The address that a redirect leads to; nil where it is none of http or https.
    func resolving(_ location: String) -> WebAddress? { WebAddress(base: text, location) }

    private init?(base: String?, _ text: String) {
        let address = curl_url()
        defer { curl_url_cleanup(address) }
        for part in [base, text].compactMap(\.self) {
            // What a server sends is taken as it is, but not with blanks, which would end the request's line.
            guard curl_url_set(address, CURLUPART_URL, part, UInt32(CURLU_URLENCODE)) == CURLUE_OK else { return nil }
        }
        func part(_ part: CURLUPart, _ flags: Int32 = 0) -> String? {
            var text: UnsafeMutablePointer<CChar>?
            guard curl_url_get(address, part, &text, UInt32(flags)) == CURLUE_OK, let text else { return nil }
            defer { curl_free(text) }
            return String(cString: text)
        }
        guard let whole = part(CURLUPART_URL), let scheme = part(CURLUPART_SCHEME), let host = part(CURLUPART_HOST),
            scheme == "http" || scheme == "https"
        else { return nil }
        self.text = whole
        description = Self.shown(whole, upTo: { "/?#".contains($0) })
        origin = "\(scheme)://\(host.lowercased()):\(part(CURLUPART_PORT, CURLU_DEFAULT_PORT) ?? "")"
        isEncrypted = scheme == "https"
    }

    /// A text that may be an address, without a user's name and password. Where it is none, all before the last `@` is taken
    /// for them: a password that isn't written as an address needs it is none to be shown either.
    static func shown(_ text: String) -> String {
        shown(text, upTo: WebAddress(text) == nil ? { _ in false } : { "/?#".contains($0) })
    }

    private static func shown(_ text: String, upTo isEnd: (Character) -> Bool) -> String {
        let scheme = text[..<(text.firstRange(of: "://")?.upperBound ?? text.startIndex)]
        let rest = text.dropFirst(scheme.count)
        let end = rest.firstIndex(where: isEnd) ?? rest.endIndex
        guard let sign = rest[..<end].lastIndex(of: "@") else { return text }
        return String(scheme + rest[rest.index(after: sign)...])
    }

    /// A text as one segment of a path: everything but letters, digits and `-._~` in percent signs.
    static func segment(_ text: String) -> String {
        text.utf8.map { byte in
            let isPlain =
                byte < 128 && (Character(UnicodeScalar(byte)).isLetter || Character(UnicodeScalar(byte)).isNumber)
            let digits = String(byte, radix: 16, uppercase: true)
            return isPlain || "-._~".utf8.contains(byte)
                ? String(UnicodeScalar(byte)) : "%" + (digits.count < 2 ? "0" : "") + digits
        }.joined()
    }

    /// A relative path, segment by segment.
    static func path(_ text: String) -> String {
        text.split(separator: "/", omittingEmptySubsequences: false).map { segment(String($0)) }.joined(separator: "/")
    }
}
