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
        // A write beyond `ulimit -f` is to fail, with a message, rather than end the program without one.
        signal(SIGXFSZ, SIG_IGN)
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

    /// The stack that systems give by default, in bytes.
    private static let usualStack: rlim_t = 8 << 20
    /// JSON and YAML of the deepest nesting that is read, and the libraries' products, take a fifth of it.
    private static let leastStack: rlim_t = 1 << 20

    private static var stackLimit: rlimit? {
        var limit = rlimit()
        return getrlimit(__rlimit_resource_t(RLIMIT_STACK.rawValue), &limit) == 0 ? limit : nil
    }

    /// Raises a lowered limit of stacks as far as it may be.
    ///
    /// - Returns: whether the program has to start again for it: threads get what the limit was at the start.
    static func raiseStack() -> Bool {
        guard var limit = stackLimit, limit.rlim_cur < usualStack, limit.rlim_cur < limit.rlim_max else { return false }
        limit.rlim_cur = min(limit.rlim_max, usualStack)
        return setrlimit(__rlimit_resource_t(RLIMIT_STACK.rawValue), &limit) == 0
    }

    /// - Throws: where stacks are so small that a thread would end in the middle of something.
    static func checkStack() throws(Diagnostic) {
        guard let limit = stackLimit, limit.rlim_cur < leastStack else { return }
        throw Diagnostic(
            "the stack is limited to \(limit.rlim_cur >> 10) KiB; at least \(leastStack >> 10) are needed",
            suggestion: "raise the limit: ulimit -s \(usualStack >> 10)")
    }

    /// Variables of this program's own; others may have that beginning, which tests and scripts use.
    private static let variables = [
        "BELLM_CACHE", "BELLM_CACHE_SIZE", "BELLM_CONFIGS", "BELLM_DATA", "BELLM_WORDNET",
    ]
    private static let othersVariables = ["BELLM_NLI", "BELLM_TEST_DATA", "BELLM_FUZZ_SECONDS", KernelSelection.marker]

    /// A misspelt variable means the default without a word.
    static func warnOfMisspeltVariables() {
        let set = ProcessInfo.processInfo.environment.keys.filter { $0.hasPrefix("BELLM_") }.sorted()
        for name in set where !(variables + othersVariables).contains(name) {
            guard let meant = nearestName(to: name, among: variables) else { continue }
            Console.warning("no variable \(name) is read; did you mean \(meant)?")
        }
    }

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
