import Diagnostics
import Foundation

/// Keeps the descriptors 0, 1 and 2 for what they are meant for.
enum StandardStreams {
    /// Occupies those that the program was started without.
    ///
    /// The next file to be opened would get such a number, and a message to standard error would then go into the
    /// result. Opened the wrong way round, reading and writing them fails as it should.
    static func reserve() {
        for (descriptor, mode) in [(STDIN_FILENO, O_WRONLY), (STDOUT_FILENO, O_RDONLY), (STDERR_FILENO, O_RDONLY)]
        where fcntl(descriptor, F_GETFD) == -1 {
            // The lowest free number is this one: those below are open by now.
            _ = open("/dev/null", mode)
        }
    }
}

/// What the program was started with, made fit before anything reads it.
enum StartConditions {
    /// Variables by which libraries write to standard output or into the working folder: into the data, or beside it.
    private static let chatter = [
        "ONEDNN_VERBOSE", "DNNL_VERBOSE", "ONEDNN_JIT_DUMP", "DNNL_JIT_DUMP", "ONEDNN_JIT_PROFILE", "DNNL_JIT_PROFILE",
        "ONEDNN_ITT_TASK_LEVEL", "OPENBLAS_VERBOSE",
    ]

    static func silenceLibraries() { chatter.forEach { unsetenv($0) } }

    /// - Throws: where an argument is no UTF-8: decoded, it would name another file.
    static func checkArguments() throws(Diagnostic) {
        for index in 0..<Int(CommandLine.argc) {
            guard let argument = CommandLine.unsafeArgv[index], String(validatingCString: argument) == nil else {
                continue
            }
            throw Diagnostic(
                "argument \(index) is no UTF-8: \(String(cString: argument).visible())",
                suggestion: "name the file otherwise, or use a link to it")
        }
    }
}
