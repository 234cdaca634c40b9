import CCurl
import Diagnostics

/// What takes a response's body, piece by piece.
protocol HTTPBodyReceiver: AnyObject {
    /// Called before the first piece; throwing ends the transfer.
    func begin(_ response: HTTPResponse) throws
    func append(_ bytes: UnsafeRawBufferPointer) throws
}

/// Requests over libcurl, one at a time, over connections that are kept open.
final class HTTPSession {
    struct Settings: Sendable {
        var connectTimeout = Duration.seconds(10)
        /// How long a transfer may stand still: whole seconds.
        var stallTimeout = 30
        /// In bytes a second: a transfer that is slower for so long drips, as far as anybody who waits can tell.
        var leastSpeed = 1000
        var userAgent = "bellm"
    }

    private static let isReady = ccurl_initialise() == CURLE_OK
    private static let maximumRedirects = 10

    private let handle: UnsafeMutableRawPointer
    private let settings: Settings

    init(_ settings: Settings = Settings()) throws(Diagnostic) {
        guard Self.isReady, let handle = curl_easy_init() else { throw Diagnostic("libcurl cannot be initialised") }
        (self.handle, self.settings) = (handle, settings)
    }

    deinit { curl_easy_cleanup(handle) }

    /// Sends a request, and follows redirects.
    ///
    /// A token goes only to the origin it was given for, and never from https to http. A `head` request doesn't leave that
    /// origin: the hub says what a file is in the redirect to its content network.
    /// - Parameter receiver: takes the body of a success; other bodies are dropped.
    /// - Throws: `HTTPFailure`, what `receiver` throws, `CancellationError` where the task is cancelled.
    func send(_ request: HTTPRequest, to receiver: (any HTTPBodyReceiver)? = nil) throws -> HTTPResponse {
        var request = request
        let origin = request.address.origin
        for _ in 0...Self.maximumRedirects {
            let response = try perform(request, receiver)
            guard let location = response.redirect else { return response }
            guard let next = request.address.resolving(location) else {
                throw HTTPFailure(.permanent, "\(request.address) redirects to \"\(location.beginning())\"")
            }
            if request.method == .head, next.origin != origin { return response }
            guard next.isEncrypted || !request.address.isEncrypted else {
                throw HTTPFailure(.permanent, "\(request.address) redirects from https to \(next)")
            }
            if next.origin != origin { request.token = nil }
            request.address = next
        }
        throw HTTPFailure(.permanent, "more than \(Self.maximumRedirects) redirects, the last to \(request.address)")
    }

    private func perform(_ request: HTTPRequest, _ receiver: (any HTTPBodyReceiver)?) throws -> HTTPResponse {
        do {
            return try transfer(request, receiver)
        } catch let failure as HTTPFailure where failure.kind == .unreadable {
            // libcurl keeps the line for itself; asked again without reading it, it hands it on to be refused.
            return try transfer(request, nil, elseFailure: failure)
        }
    }

    /// - Parameter elseFailure: makes it a look at the head alone, which is refused, or ends in this failure
    private func transfer(
        _ request: HTTPRequest, _ receiver: (any HTTPBodyReceiver)?, elseFailure: HTTPFailure? = nil
    ) throws -> HTTPResponse {
        curl_easy_reset(handle)
        let exchange = HTTPExchange(handle: handle, address: request.address, receiver: receiver)
        exchange.failureBehindHead = elseFailure
        ccurl_allow_only_http(handle)
        ccurl_set_text(handle, CURLOPT_URL, request.address.text)
        ccurl_set_text(handle, CURLOPT_USERAGENT, settings.userAgent)
        ccurl_set_number(handle, CURLOPT_NOSIGNAL, 1)
        ccurl_set_number(handle, CURLOPT_IGNORE_CONTENT_LENGTH, elseFailure == nil ? 0 : 1)
        // The exchange takes chunks apart.
        ccurl_set_number(handle, CURLOPT_HTTP_TRANSFER_DECODING, 0)
        ccurl_set_number(handle, CURLOPT_NOBODY, request.method == .head ? 1 : 0)
        ccurl_set_number(
            handle, CURLOPT_CONNECTTIMEOUT_MS, Int(settings.connectTimeout / .milliseconds(1)))
        ccurl_set_number(handle, CURLOPT_LOW_SPEED_LIMIT, settings.leastSpeed)
        ccurl_set_number(handle, CURLOPT_LOW_SPEED_TIME, settings.stallTimeout)
        if request.offset > 0 { ccurl_set_text(handle, CURLOPT_RANGE, "\(request.offset)-") }
        // Files are stored as they are, and hashed so.
        var lines = ["Accept-Encoding: identity"]
        if let token = request.token { lines.append("Authorization: Bearer \(token)") }
        let headers = lines.reduce(nil) { curl_slist_append($0, $1) }
        defer { curl_slist_free_all(headers) }
        ccurl_set_headers(handle, headers)
        return try exchange.perform()
    }
}
