import Diagnostics

/// What a reader makes of a key of a file.
public enum KeyUse: Hashable, Sendable {
    case read
    /// It changes nothing that is computed.
    case withoutEffect(reason: String)
    /// The user says that it may be passed over.
    case ignored
    /// Nobody here knows what it changes: the file is refused.
    case unknown
}

/// The keys of a file that was read, and what was made of each.
public struct FileKeys: Hashable, Sendable {
    public struct Key: Hashable, Sendable {
        /// From the root, such as `rope_scaling.factor`; an element of a list is `[]`.
        public let path: String
        public let use: KeyUse
    }

    public let file: String
    /// In the file's order; keys of a list's elements once.
    public let keys: [Key]

    public init(file: String, keys: [(path: String, use: KeyUse)]) {
        var seen: Set<Key> = []
        self.file = file
        self.keys = keys.map { Key(path: $0.path, use: $0.use) }.filter { seen.insert($0).inserted }
    }
}

/// What becomes of keys that no reader knows, and who is told of all of them.
public struct KeyPolicy: Sendable, ExpressibleByArrayLiteral {
    /// Paths of keys that the user says may be passed over.
    public var ignored: Set<String>
    /// Called once a file is read, with the refusal where it has an unknown key.
    public var observe: @Sendable (FileKeys, Diagnostic?) -> Void
    /// Whether a file with an unknown key stops its reader, as it should unless the file is only shown.
    public var stopsAtUnknown = true

    public init(
        ignoring ignored: Set<String> = [], observe: @escaping @Sendable (FileKeys, Diagnostic?) -> Void = { _, _ in }
    ) {
        (self.ignored, self.observe) = (ignored, observe)
    }

    public init(arrayLiteral elements: String...) { self.init(ignoring: Set(elements)) }

    /// What a reader calls once it has read a file.
    ///
    /// - Parameter refusal: of the first unknown key; nil where there is none
    /// - Throws: the refusal, unless this policy lets it pass.
    public func judge(_ file: FileKeys, refusal: Diagnostic?) throws(Diagnostic) {
        observe(file, refusal)
        if let refusal, stopsAtUnknown { throw refusal }
    }
}

/// Keys of a kind of file that change nothing of what is read from it, each with the reason. A name that ends in `*` stands
/// for all that begin so.
public struct KeysWithoutEffect: Sendable, ExpressibleByDictionaryLiteral {
    /// What the file is, for messages: "a llama model's config.json".
    public var file = "the file"
    private var reasons: [String: String]
    /// By key, the values with which it changes nothing, as JSON writes them.
    private var offValues: [String: [String]] = [:]

    public init(dictionaryLiteral elements: (String, String)...) {
        reasons = Dictionary(elements) { $1 }
    }

    /// Keys that have one reason.
    public init(uniqueKeysWithReason keys: [String], _ reason: String) {
        reasons = Dictionary(keys.map { ($0, reason) }) { $1 }
    }

    public static func + (first: Self, second: Self) -> Self {
        var sum = second
        sum.reasons = first.reasons.merging(second.reasons) { $1 }
        sum.offValues = first.offValues.merging(second.offValues) { $1 }
        return sum
    }

    /// These keys, and others where they say one of some values: that a choice is off which the file's kind doesn't have.
    ///
    /// - Parameter values: by key, as JSON writes them
    public func orOff(_ values: [String: [String]]) -> Self {
        var sum = self
        sum.offValues.merge(values) { $1 }
        return sum
    }

    public func of(_ file: String) -> Self {
        var named = self
        named.file = file
        return named
    }

    /// What becomes of a key that nobody has looked at.
    ///
    /// - Parameters:
    ///   - path: from the root, such as `vision_config.hidden_size`
    ///   - value: its value as JSON writes it
    public func use(_ path: String, _ policy: KeyPolicy, value: @autoclosure () -> String? = nil) -> KeyUse {
        if let reason = reason(path) { return .withoutEffect(reason: reason) }
        if let off = offValues[Self.inTextPart(path)], let value = value(), off.contains(value) {
            return .withoutEffect(reason: "a choice that the family hasn't, and off")
        }
        return policy.ignored.contains(path) ? .ignored : .unknown
    }

    private func reason(_ path: String) -> String? {
        if let reason = reasons[Self.inTextPart(path)] { return reason }
        return reasons.first { $0.key.hasSuffix("*") && path.hasPrefix($0.key.dropLast()) }?.value
    }

    /// Models that also see pictures keep the language model's configuration in a member of its own, with the same keys.
    private static func inTextPart(_ path: String) -> String {
        let part = "text_config."
        return path.hasPrefix(part) ? String(path.dropFirst(part.count)) : path
    }

    /// The error for a key that nobody knows.
    ///
    /// - Parameter names: those that are known
    public func refusal(of path: String, among names: [String], at location: SourceLocation) -> Diagnostic {
        let key = path.split(separator: ".").last.map(String.init) ?? path
        let others = names.filter { $0 != path }
        let nearest = nearestName(to: key, among: others) ?? nearestName(to: path, among: others)
        let isElsewhere = names.contains(path)
        return Diagnostic(
            "unknown key \"\(path)\" in \(file): what it changes is not known here", at: location,
            suggestion: (isElsewhere
                ? "it is known inside another object of the file, such as text_config; "
                : nearest.map { "the nearest known key is \"\($0)\"; " } ?? "")
                + "if it changes no embedding, say ignore_keys: [\(Self.inYAML(path))] in the model's config")
    }

    /// In quotes where YAML would take it for something else.
    private static func inYAML(_ path: String) -> String {
        path.utf8.allSatisfy {
            $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: ".") || ($0 | 0x20 >= 97 && $0 | 0x20 <= 122)
                || (48...57).contains($0)
        }
            ? path : "\"\(path)\""
    }

    public var names: [String] { reasons.keys.filter { !$0.hasSuffix("*") }.sorted() }
}
