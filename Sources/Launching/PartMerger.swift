import Diagnostics
import Foundation
import Results
import Running
import Specification

/// Makes one result of its runs' parts: the one that a single process would have written, but for what says where and
/// when (`docs/cluster.md` lists it).
public struct PartMerger: Sendable {
    private let submission: Submission
    private let spec: ExperimentSpec

    public init(_ submission: Submission) throws {
        self.submission = submission
        spec = try submission.spec()
    }

    /// Attributes of a part that its merged result doesn't have.
    fileprivate enum Key {
        /// Of each stage, with spaces between them.
        static let training = "part_training"
        static let trainingFiles = "part_training_files"
        static let host = "part_host"
        static let own = [training, trainingFiles, host]
    }

    /// What a part says besides what a result does.
    static func provenance(of plan: ExperimentPlan) -> [ProvenanceEntry] {
        [
            ProvenanceEntry(Key.training, plan.trainings.map(\.fingerprint.description).joined(separator: " ")),
            ProvenanceEntry(Key.trainingFiles, plan.trainings.map { String($0.datasets.count) }.joined(separator: " ")),
            ProvenanceEntry(Key.host, ProcessFacts.host),
        ]
    }

    /// Reads all parts and writes the result.
    ///
    /// - Throws: a diagnostic with the runs whose parts are missing; nothing is written then.
    public func merge() throws -> ExperimentResult {
        let missing = submission.missingRuns
        guard missing.isEmpty else {
            let names = missing.prefix(5).joined(separator: ", ") + (missing.count > 5 ? ", …" : "")
            throw Diagnostic(
                "\(missing.count) of \(spec.runs.count) runs have no part: \(names)",
                at: SourceLocation(file: submission.work.path),
                suggestion:
                    "run the experiment again, which computes what is missing; the logs are in submissions/*/logs")
        }
        var ids: [String] = []
        for element in submission.elements where ids.last != element.part { ids.append(element.part) }
        let parts = try ids.map { try ExperimentResult(contentsOf: submission.work.part($0)) }
        let result = merged(parts)
        try result.write(to: submission.output)
        return result
    }

    private func merged(_ parts: [ExperimentResult]) -> ExperimentResult {
        var result = ExperimentResult(name: spec.name)
        result.runs = parts.flatMap(\.runs)
        result.tasks = parts.first?.tasks ?? []
        result.measures = parts.flatMap(\.measures)
        result.items = parts.flatMap(\.items)
        result.training = parts.flatMap(\.training)
        result.datasets = datasets(parts)
        result.leftOut = parts.first?.leftOut ?? []
        result.checks = parts.flatMap(\.checks)
        result.published = spec.published.map(\.row)
        result.provenance = provenance(parts)
        let arithmetics = parts.flatMap(\.arithmetics)
        result.recordArithmetics(
            arithmetics.enumerated().filter { !arithmetics[..<$0.offset].contains($0.element) }.map(\.element))
        result.sayArithmetic(of: parts)
        return result
    }

    /// The benchmarks' files, then those of each stage of a training.
    private func datasets(_ parts: [ExperimentResult]) -> [DatasetRecord] {
        var seen: Set<String> = []
        let trained = parts.flatMap { part -> [DatasetRecord] in
            let stages = part.stages
            var rest = part.datasets.suffix(stages.map(\.files).reduce(0, +))
            return stages.flatMap { stage -> ArraySlice<DatasetRecord> in
                let own = rest.prefix(stage.files)
                rest = rest.dropFirst(stage.files)
                return seen.insert(stage.fingerprint).inserted ? own : []
            }
        }
        guard let first = parts.first else { return [] }
        return first.datasets.dropLast(first.stages.map(\.files).reduce(0, +)) + trained
    }

    /// The keys of a single process' result, in its order: each distinct value of the parts once, then how it was made.
    private func provenance(_ parts: [ExperimentResult]) -> [ProvenanceEntry] {
        let entries = (parts.first?.provenance ?? []).filter { !Key.own.contains($0.key) }.map { entry in
            switch entry.key {
            case ProvenanceEntry.createdKey: return ProvenanceEntry(entry.key, Date().formatted(.iso8601))
            case ProvenanceEntry.experimentKey: return ProvenanceEntry(entry.key, spec.resolvedYAML)
            case "experiment_sha256": return ProvenanceEntry(entry.key, spec.sha256.description)
            case "gemm_library":
                let names = parts.compactMap { $0.value(of: entry.key) }.flatMap { $0.components(separatedBy: ", ") }
                return ProvenanceEntry(entry.key, Set(names).sorted().joined(separator: ", "))
            default: return ProvenanceEntry(entry.key, Self.distinct(entry.key, parts).joined(separator: "; "))
            }
        }
        return entries + [
            ProvenanceEntry("launcher", submission.launcher),
            ProvenanceEntry("parts", String(parts.count)),
            ProvenanceEntry("hosts", Self.distinct(Key.host, parts).joined(separator: ", ")),
        ]
    }

    private static func distinct(_ key: String, _ parts: [ExperimentResult]) -> [String] {
        var seen: Set<String> = []
        return parts.compactMap { $0.value(of: key) }.filter { seen.insert($0).inserted }
    }
}

extension ExperimentResult {
    /// Of the trainings that a part did: what each is, and how many files it read.
    fileprivate var stages: [(fingerprint: String, files: Int)] {
        func words(_ key: String) -> [Substring] { value(of: key)?.split(separator: " ") ?? [] }
        return zip(words(PartMerger.Key.training), words(PartMerger.Key.trainingFiles)).map {
            (String($0), Int($1) ?? 0)
        }
    }
}
