import Diagnostics
import Foundation

/// The addresses that a process may use, where `ulimit -v` limits them.
///
/// What asks for memory beyond that limit gets none: OpenBLAS then asks again for ever, and Swift and oneDNN end the
/// program. So room for all that a computation needs is asked for before it.
enum AddressSpace {
    /// A product's buffer of OpenBLAS's, 128 MiB by its largest size, the C library's heap of a thread, and a stack.
    private static let bytesPerWorker = 208 << 20
    /// Vectors, tables, texts, the libraries' own.
    private static let fixedBytes = 256 << 20

    /// - Parameter bytes: for weights and intermediate results, beside what the process has
    /// - Throws: where the limit leaves less room.
    static func check(_ bytes: Double, workers: Int) throws(Diagnostic) {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit) == 0, limit.rlim_cur < 1 << 62 else { return }
        try check(bytes, workers: workers, used: used, limit: Int(limit.rlim_cur))
    }

    static func check(_ bytes: Double, workers: Int, used: Int, limit: Int) throws(Diagnostic) {
        let needed = Double(used) + bytes + Double(workers * bytesPerWorker + fixedBytes)
        guard needed > Double(limit) else { return }
        func megabytes(_ bytes: Double) -> String { "\(Int((bytes / 1e6).rounded(.up))) MB" }
        throw Diagnostic(
            "the address space is limited to \(megabytes(Double(limit))), and about \(megabytes(needed)) are needed",
            suggestion: "raise the limit with ulimit -v, or use fewer --threads")
    }

    /// What the process has of it: the first number of proc(5)'s statm, in pages.
    private static var used: Int {
        let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
        return (text.split(separator: " ").first.flatMap { Int($0) } ?? 0) * Int(sysconf(Int32(_SC_PAGESIZE)))
    }
}
