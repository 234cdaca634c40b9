import Foundation

/// What the operating system says about this process.
public enum ProcessFacts {
    /// The most memory that was resident so far, in bytes.
    public static var peakResidentBytes: Int {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return usage.ru_maxrss * 1024
    }

    /// The machine's memory, in bytes.
    public static var physicalMemory: Int { Int(clamping: ProcessInfo.processInfo.physicalMemory) }

    /// The machine's own name. Foundation asks the network for it, which may take minutes to answer.
    static let host: String = {
        var name = [CChar](repeating: 0, count: 256)
        guard gethostname(&name, name.count - 1) == 0 else { return "unknown" }
        return String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }()

    /// Processors that this process may use.
    public static var processors: Int { ProcessInfo.processInfo.activeProcessorCount }
}
