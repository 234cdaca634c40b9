import Diagnostics
import Synchronization

/// How much the tables of one file may hold together: rows that are all alike take a thousandth of their size in a file, and
/// one of a megabyte could fill the machine's memory.
///
/// A real result's tables hold two to four times its bytes. Read, a row takes up to eight times its bytes in the table.
final class TableBudget: Sendable {
    private static let least = 64 << 20
    private static let perByte = 64
    private static let most = 4 << 30

    private let limit: Int
    private let rest: Mutex<Int>

    init(fileBytes: Int) {
        limit = min(max(Self.least, min(fileBytes, Self.most) * Self.perByte), Self.most)
        rest = Mutex(limit)
    }

    /// - Throws: where the file's tables would hold more than they may, with this one.
    func take(_ bytes: Int, for path: String) throws(Diagnostic) {
        let fits = rest.withLock { rest in
            guard bytes <= rest else { return false }
            rest -= bytes
            return true
        }
        guard fits else {
            throw Diagnostic(
                "expected tables of at most \(limit >> 20) MiB together in a file of this size, found more at \"/\(path)\""
            )
        }
    }
}
