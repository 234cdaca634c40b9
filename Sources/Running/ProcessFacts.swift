import Foundation

/// What the operating system says about this process.
public enum ProcessFacts {
    /// Memory that this process may fill, in bytes: the machine's, or what a container or Slurm grants of it.
    public static let memory = memory(
        of: Int(clamping: ProcessInfo.processInfo.physicalMemory),
        limitFiles: ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"],
        environment: ProcessInfo.processInfo.environment)

    /// - Parameters:
    ///   - limitFiles: of control groups, as a container sees its own; a file without a number, or none, is no limit
    ///   - environment: with `SLURM_MEM_PER_NODE` in MiB inside a job that asked for so much
    package static func memory(of machine: Int, limitFiles: [String], environment: [String: String]) -> Int {
        let limits = limitFiles.compactMap { path in
            (try? String(contentsOfFile: path, encoding: .utf8)).flatMap {
                Int($0.trimmingCharacters(in: .whitespacesAndNewlines))
            }
        }
        let granted = environment["SLURM_MEM_PER_NODE"].flatMap(Int.init).map { $0 << 20 }
        return ([machine] + limits + [granted].compactMap(\.self)).filter { $0 > 0 }.min() ?? machine
    }

    /// The machine's own name. Foundation asks the network for it, which may take minutes to answer.
    package static let host: String = {
        var name = [CChar](repeating: 0, count: 256)
        guard gethostname(&name, name.count - 1) == 0 else { return "unknown" }
        return String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }()

    /// Processors that this process may use.
    public static var processors: Int { ProcessInfo.processInfo.activeProcessorCount }
}
