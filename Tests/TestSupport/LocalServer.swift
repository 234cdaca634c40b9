import Foundation
import Synchronization

/// An HTTP server on the loopback interface that answers as a test says: also wrongly, late, or not to the end.
public final class LocalServer: Sendable {
    public struct Request: Sendable {
        public let method: String
        /// Without the query.
        public let path: String
        /// By lower-case name.
        public let headers: [String: String]

        /// The first byte that is asked for; nil where the whole is.
        public var rangeStart: Int? {
            headers["range"].flatMap { Int($0.dropFirst("bytes=".count).prefix { $0 != "-" }) }
        }
    }

    public struct Answer: Sendable {
        public var status: Int
        public var headers: [String: String]
        /// Of the head, behind `headers`: names may stand twice. A line of Content-Length or Transfer-Encoding replaces
        /// the length that is sent otherwise.
        public var lines: [String] = []
        public var body: [UInt8]
        /// Of the body, how many bytes are sent before the connection is closed; nil for all.
        public var cut: Int?
        /// Seconds before the head is sent.
        public var delay = 0.0
        /// How many bytes of the body are sent every hundredth of a second; nil for all at once.
        public var drip: Int?
        /// After how many bytes of the body the rest waits for a signal, which the next one to wait gets too.
        public var hold: (bytes: Int, semaphore: DispatchSemaphore)?

        public init(_ status: Int, _ body: [UInt8] = [], headers: [String: String] = [:]) {
            (self.status, self.body, self.headers) = (status, body, headers)
        }
    }

    /// Such as `http://127.0.0.1:40123`.
    public let address: String
    private let descriptor: Int32
    private let log: RequestLog

    private final class RequestLog: Sendable {
        let requests = Mutex<[Request]>([])
    }

    /// Starts at once, on a free port.
    public init(_ answer: @escaping @Sendable (Request) -> Answer) throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var place = sockaddr_in()
        place.sin_family = sa_family_t(AF_INET)
        place.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &place) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 && listen(descriptor, 64) == 0
                    && getsockname(descriptor, $0, &length) == 0
            }
        }
        guard isBound else { throw POSIXError(.EADDRNOTAVAIL) }
        address = "http://127.0.0.1:\(UInt16(bigEndian: place.sin_port))"
        let log = RequestLog()
        (self.descriptor, self.log) = (descriptor, log)
        Thread.detachNewThread {
            while true {
                let connection = accept(descriptor, nil, nil)
                if connection < 0, errno == EINTR || errno == ECONNABORTED { continue }
                guard connection >= 0 else {
                    close(descriptor)
                    return
                }
                Thread.detachNewThread {
                    defer { close(connection) }
                    guard let request = Self.request(from: connection) else { return }
                    log.requests.withLock { $0.append(request) }
                    Self.send(answer(request), to: request, over: connection)
                }
            }
        }
    }

    // Ends the wait for connections; closed here, the descriptor might be another server's before this one asks again.
    deinit { shutdown(descriptor, Int32(SHUT_RDWR)) }

    /// What was asked so far.
    public var requests: [Request] { log.requests.withLock(\.self) }

    private static func request(from connection: Int32) -> Request? {
        var head: [UInt8] = []
        var byte: UInt8 = 0
        while !head.suffix(4).elementsEqual("\r\n\r\n".utf8) {
            guard recv(connection, &byte, 1, 0) == 1, head.count < 1 << 16 else { return nil }
            head.append(byte)
        }
        let lines = String(decoding: head, as: UTF8.self).split(separator: "\r\n")
        let words = lines.first?.split(separator: " ") ?? []
        guard words.count == 3 else { return nil }
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            if parts.count == 2 { headers[parts[0].lowercased()] = parts[1].trimmingCharacters(in: .whitespaces) }
        }
        return Request(
            method: String(words[0]), path: String(words[1].prefix { $0 != "?" }), headers: headers)
    }

    private static func send(_ answer: Answer, to request: Request, over connection: Int32) {
        Thread.sleep(forTimeInterval: answer.delay)
        var headers = answer.headers
        headers["Connection"] = "close"
        let saysLength = answer.lines.contains { $0.hasPrefix("Content-Length:") || $0.hasPrefix("Transfer-Encoding:") }
        if headers["Content-Length"] == nil, !saysLength { headers["Content-Length"] = String(answer.body.count) }
        let lines = ["HTTP/1.1 \(answer.status) Something"] + headers.map { "\($0): \($1)" } + answer.lines + ["", ""]
        guard send(Array(lines.joined(separator: "\r\n").utf8)[...], over: connection), request.method != "HEAD" else {
            return
        }
        var rest = answer.body.prefix(answer.cut ?? answer.body.count)
        if let (bytes, semaphore) = answer.hold {
            guard send(rest.prefix(bytes), over: connection) else { return }
            rest = rest.dropFirst(bytes)
            semaphore.wait()
            semaphore.signal()
        }
        while !rest.isEmpty {
            let piece = rest.prefix(answer.drip ?? rest.count)
            guard send(piece, over: connection) else { return }
            rest = rest.dropFirst(piece.count)
            if answer.drip != nil { Thread.sleep(forTimeInterval: 0.01) }
        }
    }

    private static func send(_ bytes: ArraySlice<UInt8>, over connection: Int32) -> Bool {
        var rest = bytes
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                Foundation.send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }
}
