import Diagnostics
import Files

/// Slurm's queue, asked by its own commands.
struct SlurmQueue: Sendable {
    /// Whether a job, or an element of an array by its own number, waits, runs or is just ending; nil where Slurm doesn't
    /// answer.
    func isQueued(job: String) -> Bool? {
        guard let outcome = try? squeue(["--jobs", job, "--format", "%T"]) else { return nil }
        if outcome.status == 0 { return !outcome.output.isEmpty }
        return outcome.errors.contains("Invalid job id") ? false : nil
    }

    /// The elements of an array that wait, run or are just ending, with their states.
    func elements(ofArray job: String) throws -> [Int: String] {
        let outcome = try squeue(["--array", "--jobs", job, "--format", "%K %T"])
        guard outcome.status == 0 || outcome.errors.contains("Invalid job id") else {
            throw Diagnostic("squeue: \(Self.line(outcome.errors))")
        }
        let pairs = outcome.output.split(separator: "\n").compactMap { line -> (Int, String)? in
            let words = line.split(separator: " ")
            guard words.count == 2, let number = Int(words[0]) else { return nil }
            return (number, String(words[1]))
        }
        return Dictionary(pairs, uniquingKeysWith: { $1 })
    }

    /// One more than the largest number that an element may have.
    func maximalArraySize() throws -> Int {
        let outcome = try ChildProcess(program: "scontrol", arguments: ["show", "config"]).run()
        guard outcome.status == 0 else { throw Self.missing("scontrol", outcome) }
        let line = outcome.output.split(separator: "\n").first { $0.hasPrefix("MaxArraySize") }
        return line?.split(separator: "=").last.flatMap { Int($0.filter(\.isNumber)) } ?? 1001
    }

    /// Submits a script.
    ///
    /// - Returns: the job's number.
    func submit(_ script: String, _ options: [String]) throws -> String {
        let outcome = try ChildProcess(program: "sbatch", arguments: ["--parsable"] + options + [script])
            .run(patience: Self.patience)
        guard outcome.status == 0 else { throw Self.missing("sbatch", outcome) }
        // NUMBER, or NUMBER;CLUSTER.
        let number = outcome.output.prefix { $0.isNumber }
        guard !number.isEmpty else { throw Diagnostic("sbatch: expected a job's number, found \"\(outcome.output)\"") }
        return String(number)
    }

    /// A job whose number nobody has read runs all the same.
    private static let patience = Duration.seconds(10)

    private func squeue(_ arguments: [String]) throws -> ChildProcess.Outcome {
        try ChildProcess(program: "squeue", arguments: ["--noheader"] + arguments).run()
    }

    private static func missing(_ program: String, _ outcome: ChildProcess.Outcome) -> Diagnostic {
        // 127 is env's answer to a program that isn't there.
        outcome.status == 127
            ? Diagnostic(
                "there is no \(program) here",
                suggestion: "submit from a login node of a cluster that runs Slurm, or use --launcher local")
            : Diagnostic("\(program): \(line(outcome.errors))")
    }

    private static func line(_ text: String) -> String {
        text.split(separator: "\n").last.map(String.init) ?? "failed without a message"
    }
}
