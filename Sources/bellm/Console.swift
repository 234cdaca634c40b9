import ArgumentParser
import Diagnostics
import Files
import Foundation
import Results

/// Standard error: messages and progress. Standard output is for results alone.
///
/// All text leaves the program here, and nothing in it acts on a terminal but what this type adds.
enum Console {
    /// Whether a line can be written over: a terminal that can do that is there.
    static let isTerminal =
        isatty(STDERR_FILENO) == 1 && ProcessInfo.processInfo.environment["TERM"] != "dumb"
    static let hasColour = hasColour(on: STDERR_FILENO)

    /// Colour and bold only on a terminal that has them, and that nobody asked to go without (no-color.org).
    static func hasColour(on descriptor: Int32) -> Bool {
        let environment = ProcessInfo.processInfo.environment
        return isatty(descriptor) == 1 && environment["NO_COLOR", default: ""].isEmpty && environment["TERM"] != "dumb"
    }

    static func message(_ text: String) { say("", text) }

    static func warning(_ text: String) {
        say(hasColour ? "\u{1B}[33mwarning:\u{1B}[0m " : "warning: ", text)
    }

    private static func say(_ start: String, _ text: String) {
        // Where nobody hears a message, the work goes on.
        _ = write(start + text.visible(lines: true) + "\n", to: STDERR_FILENO)
    }

    /// Writes over the line that the cursor is on.
    static func status(_ text: String) {
        _ = write("\r\u{1B}[K\(cut(text.visible()))", to: STDERR_FILENO)
    }

    /// A line that fits on the terminal: a longer one ends in an ellipsis. Elsewhere it stays whole.
    static func cut(_ line: String) -> String {
        var size = winsize()
        guard isTerminal, ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 1 else { return line }
        return line.cut(toWidth: Int(size.ws_col) - 1)
    }

    /// Prints a result's table, its best numbers in bold where the terminal can.
    static func print(_ table: ResultTable) throws {
        let (bold, plain) = ("\u{1B}[1m", "\u{1B}[0m")
        guard hasColour(on: STDOUT_FILENO) else { return try print(table.rendered(as: .table)) }
        // The table's own texts have no escapes left.
        let lines = table.rendered(as: .table, highlighting: true).split(
            separator: bold, omittingEmptySubsequences: false
        )
        .map { part in
            part.split(separator: plain, omittingEmptySubsequences: false).map { $0.visible(lines: true) }
                .joined(separator: plain)
        }.joined(separator: bold)
        try print(Array(lines.utf8))
    }

    /// Ends the program as the error says, which is a message, the help that was asked for, or an exit code alone.
    static func end(with error: any Error) -> Never {
        let code = Bellm.exitCode(for: error)
        let text = Bellm.fullMessage(for: error)
        guard code.isSuccess, !text.isEmpty else {
            if !text.isEmpty { message(text) }
            Foundation.exit(code.rawValue)
        }
        do {
            try print(text + "\n")
        } catch {
            // The help that nobody got is no success either; a code alone has no text.
            end(with: error)
        }
        Foundation.exit(code.rawValue)
    }

    /// Writes to standard output, with a final line feed where the text has none. Only a terminal gets other bytes than
    /// those of the text: a file or a program gets it as it is.
    ///
    /// - Throws: where it is closed or full; a result that nobody got is no success. A reader that has seen enough, such
    ///   as `head`, ends the program in silence, as SIGPIPE does where it isn't ignored; a signal ends the
    ///   wait for one that doesn't read.
    static func print(_ text: String) throws {
        let shown = isatty(STDOUT_FILENO) == 1 ? text.visible(lines: true) : text
        try print(Array((shown.utf8.last == UInt8(ascii: "\n") ? shown : shown + "\n").utf8))
    }

    /// Prints a table in one of the languages that other programs read. A terminal gets a line of CSV as one, whatever is in it.
    static func print(_ text: String, as format: ResultTable.Format) throws {
        guard format == .csv, isatty(STDOUT_FILENO) == 1 else { return try print(text) }
        let lines = text.split(separator: "\r\n" as Character, omittingEmptySubsequences: false)
        try print(lines.map { $0.visible() }.joined(separator: "\n"))
    }

    /// Prints a path that is the whole answer, for a program to take as a name: as it is, but on one line of a terminal.
    /// A path within a line is shown, wherever the line goes.
    static func print(path: String) throws {
        try print(isatty(STDOUT_FILENO) == 1 ? path.visible() : path)
    }

    /// Writes a part of a result to standard output: as it is, or escaped on a terminal.
    @Sendable static func stream(_ bytes: [UInt8]) throws {
        guard isatty(STDOUT_FILENO) == 1 else { return try print(bytes) }
        try print(Array(String(decoding: bytes, as: UTF8.self).visible(lines: true).utf8))
    }

    /// Writes bytes to standard output as they are.
    ///
    /// - Throws: also where standard output is a file that the command has read.
    private static func print(_ bytes: [UInt8]) throws {
        try (try? OutputDestination("/dev/stdout"))?.refuseInputs()
        switch write(bytes, to: STDOUT_FILENO) {
        case .done: return
        case .stopped(let signal): throw ExitCode(128 + signal)
        case .failed(EPIPE): throw ExitCode(128 + SIGPIPE)
        case .failed(let error):
            throw Diagnostic("cannot write to standard output: \(String(cString: strerror(error)))")
        }
    }

    private enum Outcome {
        case done
        /// With the system's error number.
        case failed(Int32)
        /// A signal asked to stop while nobody read.
        case stopped(Int32)
    }

    private static func write(_ text: String, to descriptor: Int32) -> Outcome {
        write(Array(text.utf8), to: descriptor)
    }

    /// Writes all bytes. `FileHandle` ends the program where that fails.
    private static func write(_ bytes: [UInt8], to descriptor: Int32) -> Outcome {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = PatientFile.write(rest, to: descriptor) { StopSignals.received != nil }
            guard let count else { return .stopped(StopSignals.received ?? SIGINT) }
            guard count >= 0 else { return .failed(errno) }
            rest = rest.dropFirst(count)
        }
        return .done
    }
}
