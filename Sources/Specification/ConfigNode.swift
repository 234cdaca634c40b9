import Diagnostics

/// A YAML value that knows where it was written, so that an error found long after reading names the line.
///
/// Plain scalars resolve as in YAML 1.2's core schema, without its octal and hexadecimal forms: `on` and `no`
/// are text, not truth values.
struct ConfigNode: Equatable, Sendable {
    indirect enum Content: Equatable, Sendable {
        /// Entries in file order; no key stands twice.
        case mapping([ConfigEntry])
        case sequence([ConfigNode])
        case text(String)
        case integer(Int)
        case number(Double)
        case boolean(Bool)
        case null
    }

    var content: Content
    var location: SourceLocation
    /// What relative paths in this value are relative to.
    var folder: String

    init(_ content: Content, at location: SourceLocation, folder: String) {
        self.content = content
        self.location = location
        self.folder = folder
    }

    /// The entries of a mapping; none for anything else.
    var entries: [ConfigEntry] {
        if case .mapping(let entries) = content { entries } else { [] }
    }

    /// The value of a mapping's key.
    subscript(key: String) -> ConfigNode? {
        entries.first { $0.key == key }?.value
    }
}

/// One key of a mapping and its value. A key is always text, whatever it looks like.
struct ConfigEntry: Equatable, Sendable {
    var key: String
    var location: SourceLocation
    var value: ConfigNode

    init(key: String, at location: SourceLocation, value: ConfigNode) {
        self.key = key
        self.location = location
        self.value = value
    }
}
