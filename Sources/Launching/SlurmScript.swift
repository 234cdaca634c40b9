import Foundation
import Specification

/// The one script of a submission: a job array runs it for each element, and the job behind the array to merge.
struct SlurmScript {
    let name: String
    let launcher: LauncherSpec
    /// The submission's folder, absolute.
    let folder: String
    let program: String
    /// Of an element, where the experiment doesn't say it.
    let gigabytes: Int
    /// What elements must find as it is here: folders, mostly.
    let environment: [(name: String, value: String)]
    let currentFolder: String

    /// The variables that decide where a run finds its things.
    static let variables = ["BELLM_CACHE", "BELLM_CONFIGS", "BELLM_WORDNET", "XDG_CACHE_HOME"]
    /// Says that an element was stopped and goes on when it is started again; EX_TEMPFAIL of sysexits(3).
    static let goesOnStatus = 75
    private static let forgivenRestarts = 3
    static let offsetVariable = "BELLM_ELEMENT_OFFSET"

    var text: String {
        (["#!/bin/bash"] + directives.map { "#SBATCH \($0)" } + [body]).joined(separator: "\n") + "\n"
    }

    private var directives: [String] {
        var lines = [
            "--job-name=\(jobName)", "--nodes=1", "--ntasks=1", "--cpus-per-task=\(launcher.cpus)",
            "--mem=\(launcher.memory ?? "\(gigabytes)G")",
        ]
        if let time = launcher.time { lines.append("--time=\(time)") }
        if let partition = launcher.partition { lines.append("--partition=\(partition)") }
        if let account = launcher.account { lines.append("--account=\(account)") }
        lines += [
            "--requeue", "--open-mode=append", "--signal=B:TERM@60",
            "--chdir=\"\(currentFolder)\"",
            "--output=\"\(folder.replacing("%", with: "%%"))/logs/%x-%A_%a.log\"",
        ]
        return lines + launcher.sbatch
    }

    private var jobName: String {
        "bellm-" + String(name.map { $0.isASCII && ($0.isLetter || $0.isNumber || "._-".contains($0)) ? $0 : "-" })
    }

    private var body: String {
        let exports = environment.map { "export \($0.name)=\(Self.quoted($0.value))" }
        return """

            # Written by bellm. An array element computes a run or a part of one; without an array, the parts are merged.
            set -u
            child=
            # Slurm signals this shell a minute before the time limit; the program then keeps what it has and ends.
            trap 'if [[ -n $child ]]; then kill -TERM "$child" 2>/dev/null; else exit 143; fi' TERM
            \((exports + launcher.setup).joined(separator: "\n"))
            program=\(Self.quoted(program))
            submission=\(Self.quoted(folder))

            if [[ -z ${SLURM_ARRAY_TASK_ID:-} ]]; then
                exec "$program" merge-parts "$submission"
            fi

            "$program" run-part "$submission" --element $((SLURM_ARRAY_TASK_ID + ${\(Self.offsetVariable):-0})) \\
                --threads "${SLURM_CPUS_PER_TASK:-1}" &
            child=$!
            wait "$child"
            status=$?
            while kill -0 "$child" 2>/dev/null; do
                wait "$child"
                status=$?
            done
            trap '' TERM

            # Slurm's signal may come a minute early, before an element has kept anything: forgiven a few times.
            if [[ $status -eq 143 && ${SLURM_RESTART_COUNT:-0} -lt \(Self.forgivenRestarts) ]]; then
                status=\(Self.goesOnStatus)
            fi
            # Stopped with something done: to the end of the queue, unless somebody cancelled the job. By its number in the
            # array: the last element's job has the whole array's.
            element=${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID
            if [[ $status -eq \(Self.goesOnStatus) && $(squeue --noheader --jobs "$element" --format %T) == RUNNING ]]; then
                echo "bellm: queued again, to go on from here" >&2
                scontrol requeue "$element"
                sleep 60
            fi
            exit "$status"
            """
    }

    /// A word for the shell.
    static func quoted(_ text: String) -> String { "'" + text.replacing("'", with: #"'\''"#) + "'" }

    /// Numbers as sbatch's `--array` takes them: `0-3,7`.
    static func array(_ numbers: [Int]) -> String {
        var ranges: [ClosedRange<Int>] = []
        for number in numbers.sorted() {
            if let last = ranges.last, last.upperBound + 1 == number {
                ranges[ranges.count - 1] = last.lowerBound...number
            } else {
                ranges.append(number...number)
            }
        }
        return ranges.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }
            .joined(separator: ",")
    }
}
