import Diagnostics
import Foundation

extension VectorCache {
    /// 2 GB.
    public static let defaultLimit = 2_000_000_000

    /// The limit that `BELLM_CACHE_SIZE` names, such as `500 MB` or `10GB`; an empty variable counts as unset.
    public static func limit(environment: [String: String] = ProcessInfo.processInfo.environment) throws(Diagnostic)
        -> Int
    {
        guard let text = environment["BELLM_CACHE_SIZE"], !text.isEmpty else { return defaultLimit }
        guard let bytes = bytes(parsing: text) else {
            throw Diagnostic(
                "BELLM_CACHE_SIZE: expected a size below 1000000 TB such as 500 MB or 10 GB, found \"\(text)\"")
        }
        return bytes
    }

    /// Reads a number of bytes with a decimal unit; a number without one counts bytes.
    static func bytes(parsing text: String) -> Int? {
        let units = [
            "": 1.0, "B": 1, "K": 1e3, "KB": 1e3, "M": 1e6, "MB": 1e6, "G": 1e9, "GB": 1e9, "T": 1e12, "TB": 1e12,
        ]
        let number = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
        let unit = text.dropFirst(number.count).filter { $0 != " " }.uppercased()
        guard let value = Double(number), let scale = units[unit], value * scale < 1e18 else { return nil }
        return Int(value * scale)
    }
}
