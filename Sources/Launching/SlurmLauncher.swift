import Diagnostics
import Files
import Foundation
import Specification

/// Hands a submission to Slurm: one array for what is missing, and a job behind it that merges.
public struct SlurmLauncher: Sendable {
    let submission: Submission
    private let folder: String
    private let spec: ExperimentSpec
    private let gigabytes: Int
    let queue = SlurmQueue()

    /// - Parameters:
    ///   - folder: the submission's
    ///   - gigabytes: of an element, where the experiment doesn't say it
    public init(_ submission: Submission, folder: String, spec: ExperimentSpec, gigabytes: Int) {
        (self.submission, self.folder, self.spec, self.gigabytes) = (submission, folder, spec, gigabytes)
    }

    /// Jobs that work on a submission.
    public struct Jobs: Hashable, Sendable {
        public var arrays: [String]
        public var merge: String?
        /// Elements that were submitted now.
        public var submitted: Int
        /// Elements that an earlier submission has in the queue.
        public var underWay: Int
    }

    /// What an array was handed: which unit of work each of its elements is.
    private struct Record: Codable {
        var job: String
        var merge: String?
        var units: [Int: String]
    }

    public var script: String { folder + "/job.sh" }

    /// Writes the script.
    public func writeScript() throws {
        let variables = ProcessInfo.processInfo.environment
        let script = SlurmScript(
            name: spec.name, launcher: spec.launcher, folder: folder, program: ChildProcess.ownProgram,
            gigabytes: gigabytes,
            environment: SlurmScript.variables.compactMap { name in
                variables[name].flatMap { $0.isEmpty ? nil : (name, $0) }
            }, currentFolder: FileManager.default.currentDirectoryPath)
        try AtomicFile.replace(self.script, with: script.text)
    }

    /// The commands that `submit` would give, where nothing is in the queue.
    public var commands: [String] {
        let word = SlurmScript.quoted(script)
        let merge = mergeOptions.map(SlurmScript.quoted).joined(separator: " ")
        return [
            "sbatch --parsable --array=\(arrayOption(missing)) \(word)",
            "sbatch --dependency=afterany:JOB \(merge) \(word)",
        ]
    }

    private var missing: [Int] {
        let work = submission.work
        return submission.elements.indices.filter { !work.has(submission.elements[$0].part) }
    }

    private func arrayOption(_ numbers: [Int]) -> String {
        SlurmScript.array(numbers) + (spec.launcher.arrayLimit.map { "%\($0)" } ?? "")
    }

    private var mergeOptions: [String] {
        ["--cpus-per-task=1", "--mem=2G", "--output=\(folder.replacing("%", with: "%%"))/logs/merge-%j.log"]
    }

    /// Submits what is neither there nor in the queue.
    ///
    /// - Throws: where Slurm refuses, or another process is submitting the same experiment.
    public func submit() throws -> Jobs {
        switch try ClaimFolder(submission.work.claims).take("submit") {
        case .failure(let holder):
            throw Diagnostic("this experiment is being submitted by \(holder.owner.description)")
        case .success(let claim):
            defer { claim.release() }
            return try submitAlone()
        }
    }

    private func submitAlone() throws -> Jobs {
        try writeScript()
        let earlier = try liveRecords()
        let queued = Set(earlier.flatMap(\.units))
        let numbers = missing.filter { !queued.contains(submission.elements[$0].unit) }
        let wanted = Set(submission.elements.map(\.unit))
        let concerned = earlier.filter { !wanted.isDisjoint(with: $0.units) }
        var jobs = Jobs(
            arrays: concerned.map(\.record.job), merge: concerned.last?.record.merge, submitted: numbers.count,
            underWay: missing.count - numbers.count)
        guard !numbers.isEmpty else { return jobs }
        let size = try queue.maximalArraySize()
        var records: [Record] = []
        for (block, members) in Dictionary(grouping: numbers, by: { $0 / size }).sorted(by: { $0.key < $1.key }) {
            var options = ["--array=\(arrayOption(members.map { $0 % size }))"]
            options.append("--export=ALL,\(SlurmScript.offsetVariable)=\(block * size)")
            // One array after the other, so that the limit is kept.
            if let last = records.last { options.append("--dependency=afterany:\(last.job)") }
            let units = members.map { ($0 % size, submission.elements[$0].unit) }
            let record = Record(
                job: try queue.submit(script, options), units: Dictionary(units, uniquingKeysWith: { $1 }))
            try write(record)
            records.append(record)
            jobs.arrays.append(record.job)
        }
        let dependency = "--dependency=afterany:" + jobs.arrays.joined(separator: ":")
        let merge = try queue.submit(script, [dependency] + mergeOptions)
        jobs.merge = merge
        for var record in records {
            record.merge = merge
            try write(record)
        }
        return jobs
    }

    private func write(_ record: Record) throws {
        let text = String(decoding: try JSONEncoder().encode(record), as: UTF8.self)
        try AtomicFile.replace("\(submission.work.jobs)/\(record.job).json", with: text)
    }

    /// The arrays that Slurm still has, with what their remaining elements work on; records of others are removed.
    private func liveRecords() throws -> [(record: Record, units: [String])] {
        try FilePath.names(in: submission.work.jobs).filter { $0.hasSuffix(".json") }.sorted().compactMap { name in
            let path = "\(submission.work.jobs)/\(name)"
            let record: Record
            do {
                record = try JSONDecoder().decode(Record.self, from: Data(TextFile.text(of: path).utf8))
            } catch is DecodingError {
                throw Diagnostic(
                    "the record of a submitted array is damaged", at: SourceLocation(file: path),
                    suggestion: "look with squeue whether it still runs, then delete this file")
            }
            let units = try queue.elements(ofArray: record.job).keys.compactMap { record.units[$0] }
            if units.isEmpty { unlink(path) }
            return units.isEmpty ? nil : (record, units)
        }
    }
}
