import Oniguruma

/// Which version of Unicode a table is of, found out by asking it: no library says.
enum UnicodeVersion {
    /// Characters that a version was the first to have.
    private static let probes: [(version: String, scalar: Unicode.Scalar)] = [
        ("17.0", "\u{1E6C0}"), ("16.0", "\u{1C89}"), ("15.1", "\u{2FFC}"), ("15.0", "\u{1E4D0}"), ("14.0", "\u{1DF00}"),
        ("13.0", "\u{10E80}"),
    ]

    private static func newest(_ has: (Unicode.Scalar) -> Bool) -> String {
        probes.first { has($0.scalar) }?.version ?? "12 or older"
    }

    /// Of Swift's standard library, whose classes and mappings the steps use.
    static let swift = "Unicode \(newest { $0.properties.generalCategory != .unassigned })"

    /// Of Oniguruma, which reads a file's expressions.
    static let oniguruma: String = {
        guard let assigned = try? RegularExpression(#"[^\p{Cn}]"#) else { return RegularExpression.version }
        let found = newest { (try? assigned.matches(in: Array(String($0).utf8)))?.isEmpty == false }
        return "\(RegularExpression.version), Unicode \(found)"
    }()
}
