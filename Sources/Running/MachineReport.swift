import Tasks
import Files
import Foundation
import HDF5
import Numerics
import Results
import Specification

/// What a user should know of a machine before trusting a number or a time measured on it.
public struct MachineReport: Sendable {
    public struct Line: Sendable {
        public var label: String
        public var text: String
        /// What to do where something isn't as it could be.
        public var advice: String?
    }

    public let lines: [Line]

    /// - Parameter dataFolder: the folder named on the command line
    public init(dataFolder: String?) {
        let cache = CacheFolder()
        lines =
            [
                Line(label: "program", text: ProgramVersion.description),
                Line(label: "processor", text: "\(Processor.current.name), \(ProcessFacts.processors) usable"),
                Line(label: "OpenBLAS", text: OpenBLAS.configuration), Self.kernel, Self.speed,
                Line(label: "HDF5", text: HDF5.version),
                Line(label: "libcrypto", text: SHA256Digest.libraryVersion), Self.cache(cache), Self.model(cache),
            ] + Self.data(dataFolder, cache: cache) + [Self.disk(cache)]
    }

    private static var kernel: Line {
        let isOurs = ProcessInfo.processInfo.environment["BELLM_CHOSE_CORETYPE"] != nil
        let isUsers = !isOurs && ProcessInfo.processInfo.environment["OPENBLAS_CORETYPE"] != nil
        let chooser = isOurs ? "chosen by bellm" : isUsers ? "chosen by OPENBLAS_CORETYPE" : "chosen by OpenBLAS"
        return Line(
            label: "BLAS kernel", text: "\(OpenBLAS.kernel), \(chooser)",
            advice: OpenBLAS.betterKernel().map {
                "the processor could do better: set OPENBLAS_CORETYPE=\($0), or unset it and leave the choice to bellm"
            })
    }

    private static var speed: Line {
        do {
            try AddressSpace.check()
        } catch {
            return Line(label: "float32 products", text: "not measured", advice: "\(error)")
        }
        let threads = AddressSpace.workers(atMost: ProcessFacts.processors)
        let speed = MatrixProductSpeed.measure(LinearMaker(), hiddenSize: 576, rows: 512, threads: threads)
        let gigaflops = speed / 1e9 / Double(threads)
        return Line(label: "float32 products", text: "\(Int(gigaflops)) GFLOP/s a thread")
    }

    private static func cache(_ cache: CacheFolder) -> Line {
        let exists = FileManager.default.fileExists(atPath: cache.path)
        return Line(label: "cache", text: cache.path + (exists ? "" : " (not there yet)"))
    }

    private static func model(_ cache: CacheFolder) -> Line {
        do {
            let model = try ModelCatalogue(configs: ConfigFolder.find(for: "."), cache: cache).model("smollm2-135m")
            return Line(label: "embedded model", text: try model.existingFile())
        } catch {
            return Line(label: "embedded model", text: "missing", advice: "\(error)")
        }
    }

    private static func data(_ path: String?, cache: CacheFolder) -> [Line] {
        do {
            let folder = try BenchmarkData.folder(named: path, cache: cache)
            let tasks = try ConfigFolder.find(for: ".").tasks().tasks
            let here = tasks.filter(folder.has).map(\.name)
            let missing = tasks.filter { !folder.has($0) }.map(\.name)
            return [
                Line(label: "data", text: folder.title),
                Line(label: "tasks here", text: here.isEmpty ? "none" : here.joined(separator: ", ")),
                Line(label: "tasks missing", text: missing.isEmpty ? "none" : missing.joined(separator: ", ")),
            ]
        } catch {
            return [Line(label: "data", text: "none", advice: "\(error)")]
        }
    }

    private static func disk(_ cache: CacheFolder) -> Line {
        var folder = URL(fileURLWithPath: cache.path)
        while folder.path != "/", !FileManager.default.fileExists(atPath: folder.path) {
            folder.deleteLastPathComponent()
        }
        let attributes = try? FileManager.default.attributesOfFileSystem(forPath: folder.path)
        guard let free = (attributes?[.systemFreeSize] as? NSNumber)?.doubleValue else {
            return Line(label: "free disk", text: "unknown")
        }
        return Line(
            label: "free disk", text: "\(Int(free / 1e9)) GB at the cache",
            advice: free < 1e9 ? "less than 1 GB is free at the cache" : nil)
    }
}
