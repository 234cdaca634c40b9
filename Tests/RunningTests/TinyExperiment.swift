import Files
import Foundation
import Running
import Specification
import Tasks
import TestSupport

/// An experiment on a random model of two layers and five pairs of sentences, in a folder of its own.
struct TinyExperiment {
    let folder: String

    /// Ten sentences, of which one stands twice.
    static let pairs = """
        s,a,b
        5,A girl sings.,A girl is singing.
        1,A dog runs.,A man eats.
        3,One.,A dog runs.
        2,Red,Blue.
        4,Up.,Upwards.

        """

    /// - Parameter keys: of the experiment, besides model, pooling and task
    static func with<R>(_ keys: String, _ body: (TinyExperiment) throws -> R) throws -> R {
        try Fixtures.withTemporaryFolder { folder in
            let experiment = TinyExperiment(folder: folder)
            try experiment.write(keys)
            return try body(experiment)
        }
    }

    static func with<R>(_ keys: String, _ body: (TinyExperiment) async throws -> R) async throws -> R {
        try await Fixtures.withTemporaryFolder { folder in
            let experiment = TinyExperiment(folder: folder)
            try experiment.write(keys)
            return try await body(experiment)
        }
    }

    private func write(_ keys: String) throws {
        try AtomicFile.createFolder(folder + "/data/downstream")
        try TinyLlama.writeProgramFile(to: folder + "/tiny.gguf")
        try AtomicFile.replace(folder + "/pairs.csv", with: Self.pairs)
        try rewrite(keys)
    }

    /// Gives the experiment other keys.
    func rewrite(_ keys: String) throws {
        let text = """
            model: ./tiny.gguf
            pooling: mean
            tasks: [{name: mine, kind: sts, file: pairs.csv, columns: {first: a, second: b, score: s}}]
            \(keys)
            """
        try Data(text.utf8).write(to: URL(fileURLWithPath: folder + "/x.yaml"))
    }

    private static let configs = ConfigFolder(path: Fixtures.packageRoot + "/configs")
    /// Read once.
    private static let tasks = Result { try configs.tasks() }

    var cache: CacheFolder { CacheFolder(path: folder + "/cache") }

    func plan(only: Set<String>? = nil, limit: Int? = nil) throws -> ExperimentPlan {
        let tasks = try Self.tasks.get()
        let spec = try ExperimentSpec.load(path: folder + "/x.yaml", tasks: tasks, configs: Self.configs, cache: cache)
        let data = try BenchmarkData(spec, folder: DataFolder(folder + "/data"), limit: limit)
        return try ExperimentPlan(spec, data: data, cache: cache, only: only)
    }
}
