import CAllocations
import Foundation

/// How long a reader is tried: a few times in every test run, as long as `BELLM_FUZZ_SECONDS` says by `make fuzz`; and
/// what memory it may ask for.
public struct FuzzBudget {
    private let seconds = ProcessInfo.processInfo.environment["BELLM_FUZZ_SECONDS"].flatMap(Double.init)
    private let tries: Int
    private let fixedCost: Int
    private let start = ContinuousClock.now
    private let startBytes = FuzzBudget.peakBytes
    public private(set) var tried = 0
    private var largest = 0
    private var largestExcess = 0

    /// By how much the greediest reading asked for more than it may, in bytes; nil where none did.
    public var greed: Int? { largestExcess > fixedCost ? largestExcess - fixedCost : nil }

    /// - Parameters:
    ///   - tries: in a test run without a time
    ///   - fixedCost: what a reader may ask for at once besides twice its file, in bytes: buffers and tables that are as
    ///     large for a file of one byte
    public init(tries: Int, fixedCost: Int = 0) {
        self.tries = tries
        self.fixedCost = fixedCost
    }

    /// A seed that no earlier long run had; the same one in every test run.
    public var seed: UInt64 { seconds == nil ? 1 : UInt64(Date().timeIntervalSince1970) }

    /// Whether another try is due; counts it. At the end of a long run it says on standard error what the run was.
    public mutating func takesAnother() -> Bool {
        guard let seconds else {
            tried += 1
            return tried <= tries
        }
        if (ContinuousClock.now - start) / .seconds(1) < seconds {
            tried += 1
            return true
        }
        let line =
            "tried \(tried) files; the largest allocation was of \(largest) bytes, at most \(largestExcess) beyond twice "
            + "the file, and memory grew by \(growth ?? 0)\n"
        FileHandle.standardError.write(Data(line.utf8))
        return false
    }

    /// Lets a reader read a file on this thread, and looks whether it asks for more than twice the file's size at once.
    ///
    /// A reader that believes what a damaged file claims about a size asks for that much. Growth wouldn't tell: memory that
    /// nobody has touched is none, and what is freed leaves no trace.
    /// - Parameter size: the file's, in bytes; of all where it reads several
    public mutating func watch<Result>(_ size: Int, _ read: () throws -> Result) rethrows -> Result {
        allocations_reset()
        defer {
            var asked = Int(clamping: allocations_largest())
            if asked - 2 * size > fixedCost {
                // What the process keeps, such as its list of the files that it has read, grows now and then on whoever's
                // account, but not twice.
                allocations_reset()
                _ = try? read()
                asked = min(asked, Int(clamping: allocations_largest()))
            }
            largest = max(largest, asked)
            largestExcess = max(largestExcess, asked - 2 * size)
        }
        return try read()
    }

    /// By how much memory at its peak has grown; nil in a test run, where other tests grow too.
    public var growth: Int? { seconds == nil ? nil : Self.peakBytes - startBytes }

    private static var peakBytes: Int {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return usage.ru_maxrss * 1024
    }
}
