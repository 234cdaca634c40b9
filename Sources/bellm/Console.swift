import ArgumentParser
import Diagnostics
import Foundation

/// Standard error: messages and progress. Standard output is for results alone.
enum Console {
    static let isTerminal = isatty(STDERR_FILENO) == 1
    static let hasColour = hasColour(on: STDERR_FILENO)

    /// Colour and bold only on a terminal that has them, and that nobody asked to go without (no-color.org).
    static func hasColour(on descriptor: Int32) -> Bool {
        let environment = ProcessInfo.processInfo.environment
        return isatty(descriptor) == 1 && environment["NO_COLOR", default: ""].isEmpty && environment["TERM"] != "dumb"
    }

    static func message(_ text: String) {
        // Where nobody hears a message, the work goes on.
        _ = write(text + "\n", to: STDERR_FILENO)
    }

    static func warning(_ text: String) {
        message((hasColour ? "\u{1B}[33mwarning:\u{1B}[0m " : "warning: ") + text)
    }

    /// Writes over the line that the cursor is on.
    static func status(_ text: String) {
        _ = write("\r\u{1B}[K\(text)", to: STDERR_FILENO)
    }

    /// Writes to standard output, with a final line feed where the text has none.
    ///
    /// - Throws: where it is closed or full; a result that nobody got is no success. A reader that has seen enough, such
    ///   as `head`, ends the program in silence, as SIGPIPE does where it isn't ignored.
    static func print(_ text: String) throws {
        try print(Array((text.utf8.last == UInt8(ascii: "\n") ? text : text + "\n").utf8))
    }

    /// Writes bytes to standard output as they are.
    @Sendable static func print(_ bytes: [UInt8]) throws {
        let error = write(bytes, to: STDOUT_FILENO)
        if error == EPIPE { throw ExitCode(128 + SIGPIPE) }
        guard error == 0 else {
            throw Diagnostic("cannot write to standard output: \(String(cString: strerror(error)))")
        }
    }

    private static func write(_ text: String, to descriptor: Int32) -> Int32 {
        write(Array(text.utf8), to: descriptor)
    }

    /// Writes all bytes.
    ///
    /// - Returns: the system's error number, 0 for none. `FileHandle` ends the program instead.
    private static func write(_ bytes: [UInt8], to descriptor: Int32) -> Int32 {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { return errno }
            rest = rest.dropFirst(count)
        }
        return 0
    }
}
