import Diagnostics

/// A key of `launcher`: its name, and how it is read.
///
/// A new key is one entry of `all` (and its row in docs/cluster.md).
struct LauncherKey: Sendable {
    let name: String
    let read: @Sendable (ConfigNode, inout LauncherSpec) throws -> Void

    static let names = all.map(\.name)

    /// A year.
    private static let longestMinutes = 366 * 1440
    /// 1 PiB, more than any machine has.
    private static let mostKilobytes = 1 << 40

    static let all: [LauncherKey] = [
        LauncherKey(name: "partition") { $1.partition = try $0.word("a partition's name") },
        LauncherKey(name: "account") { $1.account = try $0.word("an account's name") },
        LauncherKey(name: "time") { node, spec in
            let expectation = "minutes, or a time such as 4:00:00 or 2-12:00:00"
            if case .integer(let minutes) = node.content, minutes > 0 {
                spec.time = String(try NumberRange("time", 1...longestMinutes).check(minutes, at: node.location))
            } else if let text = try? node.text(),
                text.wholeMatch(of: /\d+:[0-5]\d(:[0-5]\d)?|\d+-\d+(:[0-5]\d(:[0-5]\d)?)?/) != nil
            {
                spec.time = text
                let seconds = spec.timeSeconds ?? 0
                guard (1...Double(longestMinutes * 60)).contains(seconds) else {
                    throw node.expected("a time of 1 second to \(longestMinutes / 1440) days")
                }
            } else {
                throw node.expected(expectation)
            }
        },
        LauncherKey(name: "memory") { node, spec in
            if case .integer(let megabytes) = node.content, megabytes > 0 {
                let range = NumberRange("memory in megabytes", 1...mostKilobytes >> 10)
                spec.memory = "\(try range.check(megabytes, at: node.location))M"
            } else if let text = try? node.text(), let match = text.wholeMatch(of: /([1-9]\d*)([KMGT])/) {
                let shift = ["K": 0, "M": 10, "G": 20, "T": 30][match.2] ?? 0
                let range = NumberRange("memory in \(match.2)", 1...mostKilobytes >> shift)
                _ = try range.parse(match.1, at: node.location)
                spec.memory = text
            } else {
                throw node.expected("megabytes, or a size such as 16G")
            }
        },
        LauncherKey(name: "cpus") { $1.cpus = try $0.number("cpus", 1...1024) },
        LauncherKey(name: "array_limit") { $1.arrayLimit = try $0.number("array_limit", 1...1 << 20) },
        LauncherKey(name: "sbatch") { node, spec in
            spec.sbatch = try node.lines(of: "options of sbatch, such as [--constraint=avx512]") { line in
                line.hasPrefix("-") ? nil : "an option, which begins with a hyphen"
            }
        },
        LauncherKey(name: "setup") { node, spec in
            spec.setup = try node.lines(of: "shell commands, such as [module load hdf5]") { _ in nil }
        },
        LauncherKey(name: "block_sentences") { $1.blockSentences = try $0.number("block_sentences", 1...1 << 32) },
        LauncherKey(name: "element_blocks") { $1.elementBlocks = try $0.number("element_blocks", 1...1 << 32) },
    ]
}

extension ConfigNode {
    /// The block `launcher` of an experiment.
    ///
    /// - Throws: `ConfigProblems` with all that is wrong with it.
    func launcher() throws -> LauncherSpec {
        guard case .mapping = content else { throw expected("a mapping of launcher keys, such as partition") }
        var spec = LauncherSpec()
        var problems = ConfigProblems()
        for problem in unknownKeys("key of launcher", among: LauncherKey.names) { problems.add(problem) }
        for key in LauncherKey.all {
            guard let value = self[key.name] else { continue }
            try problems.collect { try key.read(value, &spec) }
        }
        try problems.throwIfAny()
        return spec
    }

    fileprivate func number(_ name: String, _ range: ClosedRange<Int>) throws(Diagnostic) -> Int {
        try NumberRange(name, range).check(integer(), at: location)
    }

    /// A text that goes on a line of a script as one word.
    fileprivate func word(_ expectation: String) throws(Diagnostic) -> String {
        let text = try freeText(expectation)
        guard text.wholeMatch(of: /[A-Za-z0-9._,@+-]+/) != nil else { throw expected(expectation + " without spaces") }
        return text
    }

    /// Texts of one line each.
    ///
    /// - Parameter check: what was expected, where a line isn't that
    fileprivate func lines(
        of items: String, check: (String) -> String?
    ) throws(Diagnostic) -> [String] {
        var lines: [String] = []
        for node in try list(of: items) {
            let line = try node.freeText("a line")
            guard !line.contains(where: \.isNewline), !line.isEmpty else { throw node.expected("text on one line") }
            if let expectation = check(line) { throw node.expected(expectation) }
            lines.append(line)
        }
        return lines
    }
}
