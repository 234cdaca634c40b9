import Files
import Foundation
import Specification
import Tasks
import TestSupport

/// A folder of experiment files for one test, beside the repository's `configs`.
struct TemporaryExperiment {
    let folder: String

    static func with<R>(_ files: [String: String], _ body: (TemporaryExperiment) throws -> R) throws -> R {
        try Fixtures.withTemporaryFolder { folder in
            let folder = URL(fileURLWithPath: folder).standardizedFileURL.path
            for (name, text) in files { try AtomicFile.replace("\(folder)/\(name)", with: text) }
            return try body(TemporaryExperiment(folder: folder))
        }
    }

    static let configs = ConfigFolder(path: Fixtures.packageRoot + "/configs")

    func load(
        _ file: String = "x.yaml", set: [String] = [], only: [String] = [], configs: ConfigFolder = Self.configs
    ) throws -> ExperimentSpec {
        try ExperimentSpec.load(
            path: "\(folder)/\(file)", tasks: KnownTasks.all(),
            overrides: Overrides(set: set, only: only), configs: configs, cache: CacheFolder(path: "/cache"))
    }

    /// What loading says is wrong, the folder's path left out; empty where nothing is.
    func complaint(_ file: String = "x.yaml", set: [String] = [], only: [String] = []) -> String {
        do {
            _ = try load(file, set: set, only: only)
            return ""
        } catch {
            return "\(error)".replacing(folder + "/", with: "")
        }
    }

    /// The complaint about one file.
    static func complaint(_ text: String, set: [String] = [], only: [String] = []) throws -> String {
        try with(["x.yaml": text]) { $0.complaint(set: set, only: only) }
    }

    static func spec(_ text: String, set: [String] = [], only: [String] = []) throws -> ExperimentSpec {
        try with(["x.yaml": text]) { try $0.load(set: set, only: only) }
    }
}

/// The tasks that come with the program, read once.
enum KnownTasks {
    private static let read = Result { try TemporaryExperiment.configs.tasks() }

    static func all() throws -> TaskCatalogue { try read.get() }
}
