import CCurl

/// One request and its response: what libcurl's functions call back to.
final class HTTPExchange {
    private let handle: UnsafeMutableRawPointer
    private let address: WebAddress
    private let receiver: (any HTTPBodyReceiver)?
    /// Ends a transfer of which only the head is wanted.
    var failureBehindHead: HTTPFailure?
    /// Of the last head; a proxy's or `100 Continue` comes before it.
    private var headLines: [String] = []
    private var response: HTTPResponse?
    private var failure: (any Error)?
    private var hasBegun = false
    private var chunks: ChunkDecoder

    init(handle: UnsafeMutableRawPointer, address: WebAddress, receiver: (any HTTPBodyReceiver)?) {
        (self.handle, self.address, self.receiver) = (handle, address, receiver)
        chunks = ChunkDecoder(address)
    }

    /// Runs the transfer that the handle was set up for.
    func perform() throws -> HTTPResponse {
        let this = Unmanaged.passUnretained(self).toOpaque()
        ccurl_set_pointer(handle, CURLOPT_HEADERDATA, this)
        ccurl_set_data_function(handle, CURLOPT_HEADERFUNCTION) { bytes, size, count, this in
            HTTPExchange.from(this)?.take(UnsafeRawBufferPointer(start: bytes, count: size * count), isHead: true) ?? 0
        }
        ccurl_set_pointer(handle, CURLOPT_WRITEDATA, this)
        ccurl_set_data_function(handle, CURLOPT_WRITEFUNCTION) { bytes, size, count, this in
            HTTPExchange.from(this)?.take(UnsafeRawBufferPointer(start: bytes, count: size * count), isHead: false) ?? 0
        }
        // Called all the time, in a transfer that stands still once a second.
        ccurl_set_number(handle, CURLOPT_NOPROGRESS, 0)
        ccurl_set_progress_function(handle) { _, _, _, _, _ in Task.isCancelled ? 1 : 0 }

        var detail = [CChar](repeating: 0, count: Int(CURL_ERROR_SIZE))
        let code = detail.withUnsafeMutableBytes { buffer in
            ccurl_set_pointer(handle, CURLOPT_ERRORBUFFER, buffer.baseAddress)
            defer { ccurl_set_pointer(handle, CURLOPT_ERRORBUFFER, nil) }
            return withExtendedLifetime(self) { curl_easy_perform(handle) }
        }
        if let failure { throw failure }
        if Task.isCancelled { throw CancellationError() }
        guard code == CURLE_OK else {
            let text = detail.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
            let failure = HTTPFailure(code, detail: String(decoding: text, as: UTF8.self))
            // libcurl doesn't say of whom it speaks; of what passes, the caller says it.
            let isNamed = failure.kind != .permanent && failure.kind != .unreadable
            throw isNamed ? failure : HTTPFailure(failure.kind, "\(address): \(failure.message)")
        }
        return try begin()
    }

    private static func from(_ pointer: UnsafeMutableRawPointer?) -> HTTPExchange? {
        pointer.map { Unmanaged<HTTPExchange>.fromOpaque($0).takeUnretainedValue() }
    }

    /// - Returns: how many bytes were taken: fewer than there are end the transfer.
    private func take(_ bytes: UnsafeRawBufferPointer, isHead: Bool) -> Int {
        do {
            if isHead { try takeHead(String(decoding: bytes, as: UTF8.self)) } else { try takeBody(bytes) }
            return bytes.count
        } catch {
            failure = error
            return 0
        }
    }

    /// A head whose lengths can't be read ends the transfer here: there may be no body to notice them at.
    private func takeHead(_ line: String) throws {
        if line.hasPrefix("HTTP/") { headLines = [] }
        headLines.append(line)
        guard line.allSatisfy(\.isNewline), response == nil, ccurl_status(handle) >= 200 else { return }
        _ = try HTTPResponse(status: Int(ccurl_status(handle)), address: address, lines: headLines)
        if let failureBehindHead { throw failureBehindHead }
    }

    private func takeBody(_ bytes: UnsafeRawBufferPointer) throws {
        let response = try begin()
        let receiver = response.isSuccess ? receiver : nil
        guard response.isChunked else { return try receiver?.append(bytes) ?? () }
        try chunks.decode(bytes) { try receiver?.append($0) }
    }

    /// Hands the head of a success on, once: before the first piece of the body, or behind an empty one.
    private func begin() throws -> HTTPResponse {
        let response = try head()
        if response.isSuccess, !hasBegun {
            hasBegun = true
            try receiver?.begin(response)
        }
        return response
    }

    private func head() throws -> HTTPResponse {
        if let response { return response }
        let status = Int(ccurl_status(handle))
        guard status > 0 else { throw HTTPFailure(.cut, "\(address) sent no response") }
        let new = try HTTPResponse(status: status, address: address, lines: headLines)
        response = new
        return new
    }
}
