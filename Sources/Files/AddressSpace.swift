import Diagnostics
import Foundation

/// The addresses that a process may use, where `ulimit -v` limits them.
///
/// What asks for memory beyond that limit gets none: OpenBLAS then asks again for ever, and Swift and oneDNN end the
/// program. So room for all that a computation needs is asked for before it.
package enum AddressSpace {
    /// A product's buffer of OpenBLAS's, 128 MiB by its largest size, the C library's heap of a thread, and a stack.
    private static let bytesPerWorker = 208 << 20
    /// Vectors, tables, texts, the libraries' own.
    private static let fixedBytes = 256 << 20

    /// - Parameter bytes: for weights and intermediate results, beside what the process has
    /// - Throws: where the limit leaves less room.
    package static func check(_ bytes: Double = 0, workers: Int = 1) throws(Diagnostic) {
        for kind in Kind.allCases {
            var limit = rlimit()
            guard getrlimit(__rlimit_resource_t(kind.resource.rawValue), &limit) == 0, limit.rlim_cur < 1 << 62 else {
                continue
            }
            try check(bytes, workers: workers, used: used(kind), limit: Int(limit.rlim_cur), kind)
        }
    }

    /// How many of so many workers have room for their products' buffers, at least one.
    package static func workers(atMost count: Int) -> Int {
        (1...max(1, count)).last { (try? check(workers: $0)) != nil } ?? 1
    }

    /// What may be limited.
    private enum Kind: String, CaseIterable {
        case addresses = "address space"
        /// What is private and may be written, since Linux 4.7.
        case data = "private memory"

        fileprivate var resource: __rlimit_resource { self == .addresses ? RLIMIT_AS : RLIMIT_DATA }
        /// Of `ulimit`.
        fileprivate var option: String { self == .addresses ? "-v" : "-d" }
        /// Which number of proc(5)'s statm counts it.
        fileprivate var place: Int { self == .addresses ? 0 : 5 }
    }

    private static func check(
        _ bytes: Double, workers: Int, used: Int, limit: Int, _ kind: Kind
    ) throws(Diagnostic) {
        let needed = Double(used) + bytes + Double(workers * bytesPerWorker + fixedBytes)
        guard needed > Double(limit) else { return }
        func megabytes(_ bytes: Double) -> String { "\(Int((bytes / 1e6).rounded(.up))) MB" }
        throw Diagnostic(
            "the \(kind.rawValue) is limited to \(megabytes(Double(limit))), and about \(megabytes(needed)) are needed",
            suggestion: "raise the limit with ulimit \(kind.option), or use fewer --threads")
    }

    /// What the process has of it, by proc(5)'s statm, in pages.
    private static func used(_ kind: Kind) -> Int {
        let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
        let numbers = text.split(separator: " ").map { Int($0.trimmingCharacters(in: .whitespacesAndNewlines)) ?? 0 }
        return (numbers.indices.contains(kind.place) ? numbers[kind.place] : 0) * Int(sysconf(Int32(_SC_PAGESIZE)))
    }
}
