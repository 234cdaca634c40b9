import Tasks
import Diagnostics
import Files
import Foundation
import Numerics
import Running
import Specification

/// An experiment as it was when it was handed over, with all that an element needs to compute its part: editing the
/// experiment meanwhile changes nothing.
public struct Submission: Codable, Hashable, Sendable {
    /// The resolved experiment.
    var experiment: String
    /// What its file calls it.
    var nameInFile: String
    /// Which shared prompt gave a run its template, where one did; the resolved experiment doesn't say.
    var promptNames: [String: String]
    /// The result's file.
    public var output: String
    /// nil for none.
    var dataFolder: String?
    /// The folder of shared parts, where there is one.
    var configs: String?
    var limit: Int?
    var launcher: String
    var blockSentences: Int?
    /// That of whoever submitted, which the names of the parts have in them. On a cluster, an element's own may differ:
    /// its part and its blocks say by which they were computed.
    var arithmetic: String
    public var elements: [ArrayElement]

    /// - Parameter configs: where the experiment found its shared parts
    public init(
        _ plan: ExperimentPlan, output: String, launcher: LauncherKind, configs: ConfigFolder
    ) throws {
        (experiment, nameInFile) = (plan.spec.resolvedYAML, plan.spec.nameInFile)
        promptNames = Dictionary(
            plan.spec.runs.compactMap { run in run.promptName.map { (run.name, $0) } }, uniquingKeysWith: { $1 })
        self.output = Self.absolute(output)
        // As it was named, for the result says so; a job starts in the same folder as whoever submitted it.
        dataFolder = plan.data.folder.path
        self.configs = configs.path.map(Self.absolute)
        limit = plan.data.limit
        self.launcher = launcher.rawValue
        blockSentences = plan.spec.launcher.blockSentences
        arithmetic = Arithmetic.description
        elements = try plan.elements(plan.spec.launcher)
    }

    private static func absolute(_ path: String) -> String { URL(fileURLWithPath: path).standardizedFileURL.path }

    public var work: WorkFolder { WorkFolder(result: output) }

    private static let name = "submission.json"

    /// Writes it into the work folder; the same submission goes to the same place.
    ///
    /// - Returns: its folder.
    public func write() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        let text = String(decoding: try encoder.encode(self), as: UTF8.self)
        let folder = work.submission(String(SHA256Digest(of: text).description.prefix(12)))
        try AtomicFile.createFolder(folder + "/logs")
        try AtomicFile.replace("\(folder)/\(Self.name)", with: text + "\n")
        return folder
    }

    public init(folder: String) throws {
        let path = "\(folder)/\(Self.name)"
        do {
            self = try JSONDecoder().decode(Submission.self, from: Data(TextFile.text(of: path).utf8))
        } catch is DecodingError {
            throw Diagnostic(
                "expected a submission that this version of bellm wrote", at: SourceLocation(file: path),
                suggestion: "submit the experiment again")
        }
    }

    /// The experiment, as it was.
    public func spec() throws -> ExperimentSpec {
        // A job shares the current folder with whoever submitted it.
        var spec = try ExperimentSpec.resolved(
            experiment, named: "the submitted experiment", configs: ConfigFolder(path: configs))
        for index in spec.runs.indices { spec.runs[index].promptName = promptNames[spec.runs[index].name] }
        spec.launcher.blockSentences = blockSentences
        spec.nameInFile = nameInFile
        return spec
    }

    /// The data, as the experiment had it.
    func data(_ spec: ExperimentSpec) throws -> BenchmarkData {
        let folder = try dataFolder.map { try DataFolder($0, text: spec.text) } ?? .none
        return try BenchmarkData(spec, folder: folder, limit: limit)
    }

    /// Removes an element's part and blocks, where they are there.
    ///
    /// - Throws: where they stay: they would be taken for what is computed anew.
    public func discard(_ element: ArrayElement) throws {
        for path in [work.part(element.part), work.blocks(of: element.part)] {
            do {
                try FileManager.default.removeItem(atPath: path)
            } catch {
                guard access(path, F_OK) != 0 else { throw Diagnostic.system("cannot remove", path) }
            }
        }
    }

    /// The parts that aren't there, in the experiment's order.
    public var missingRuns: [String] {
        let work = work
        var seen: Set<String> = []
        return elements.filter { !work.has($0.part) && seen.insert($0.part).inserted }.map(\.run)
    }
}

/// What computes an experiment's parts.
public enum LauncherKind: String, CaseIterable, Sendable {
    /// Processes of this machine.
    case local
    /// A Slurm cluster.
    case slurm
}
