import Foundation

/// What decides, on one machine and beside the program and its inputs, which bits a sum of products has.
///
/// Libraries choose their kernels when they are loaded: by the processor, by environment variables, by their version.
/// Two choices add in different orders. So a key by which a number is found again has all of this in it, and a result
/// says it. Threads and chunks are not in it: they leave the bits as they are.
public enum Arithmetic {
    /// The facts by name, in a fixed order.
    public static let facts: [(name: String, value: String)] = facts(
        of: .current, environment: ProcessInfo.processInfo.environment)

    /// All facts in a line.
    public static let description = description(of: facts)

    /// One text for the same facts.
    package static func description(of facts: [(name: String, value: String)]) -> String {
        facts.map { "\($0.name) \($0.value)" }.joined(separator: "; ")
    }

    /// What stands between the descriptions of several, where one attribute lists them.
    package static let separator = " | "

    /// What each description of several says that not all of them do.
    package static func differences(_ descriptions: [String]) -> [String] {
        let facts = descriptions.map { $0.components(separatedBy: "; ") }
        let shared = facts.dropFirst().reduce(into: Set(facts.first ?? [])) { $0.formIntersection($1) }
        return facts.map { own in own.filter { !shared.contains($0) }.joined(separator: "; ") }
    }

    package static func facts(of processor: Processor, environment: [String: String]) -> [(name: String, value: String)]
    {
        let instructions = processor.flags.filter { flag in
            ["sse", "ssse", "avx", "amx", "fma", "f16c"].contains { flag.hasPrefix($0) }
        }
        // oneDNN: the limit of instructions and the precision that products may fall to. OpenMP: both libraries' threads.
        // The C library: which variants of exp and its kin it has, also by the variable.
        let settings = environment.filter { variable in
            ["DNNL_", "ONEDNN_", "OPENBLAS_", "OMP_", "GOTO_", "GLIBC_TUNABLES"].contains { variable.key.hasPrefix($0) }
                && !idle.contains(variable.key)
        }
        return [
            ("processor", processor.name),
            ("instructions", instructions.sorted().joined(separator: " ")),
            ("oneDNN", "\(OneDNN.version), \(OneDNN.instructions)"),
            ("OpenBLAS", "\(OpenBLAS.configuration), \(OpenBLAS.kernel)"),
            ("C library", libraryVersion),
            ("settings", settings.map { "\($0.key)=\($0.value)" }.sorted().joined(separator: " ")),
        ]
    }

    /// The C library's, such as `glibc 2.36`.
    private static let libraryVersion: String = {
        var bytes = [CChar](repeating: 0, count: 64)
        let length = confstr(Int32(_CS_GNU_LIBC_VERSION), &bytes, bytes.count)
        return String(decoding: bytes.prefix(max(0, Int(length) - 1)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }()

    /// Variables that change no bit: what was chosen by the first is the kernel, and the others only report or count
    /// threads, of which each product has one.
    private static let idle: Set = [
        "OPENBLAS_CORETYPE", "OPENBLAS_VERBOSE", "OPENBLAS_NUM_THREADS", "GOTO_NUM_THREADS", "OMP_NUM_THREADS",
        "DNNL_VERBOSE", "ONEDNN_VERBOSE",
    ]
}
