import CCurl

/// A transfer that came to no end: no response, or not all of one.
struct HTTPFailure: Error, Sendable {
    enum Kind: Sendable {
        /// The host has no address, or nobody answers there.
        case unreachable
        /// Nothing came for too long.
        case timeout
        /// The connection ended too early.
        case cut
        /// A head that libcurl doesn't read.
        case unreadable
        /// What asking again doesn't help.
        case permanent
    }

    let kind: Kind
    let message: String

    init(_ kind: Kind, _ message: String) { (self.kind, self.message) = (kind, message) }

    init(_ code: CURLcode, detail: String) {
        let kind: Kind =
            switch code {
            case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY, CURLE_COULDNT_CONNECT: .unreachable
            case CURLE_OPERATION_TIMEDOUT: .timeout
            case CURLE_PARTIAL_FILE, CURLE_GOT_NOTHING, CURLE_RECV_ERROR, CURLE_SEND_ERROR, CURLE_SSL_CONNECT_ERROR,
                CURLE_HTTP2, CURLE_HTTP2_STREAM:
                .cut
            case CURLE_WEIRD_SERVER_REPLY: .unreadable
            default: .permanent
            }
        self.init(kind, detail.isEmpty ? String(cString: curl_easy_strerror(code)) : detail)
    }

    var isTransient: Bool { kind != .permanent }
}
