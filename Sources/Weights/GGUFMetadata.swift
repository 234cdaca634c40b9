import Diagnostics
import Files
import Synchronization

/// The key-value section of a GGUF file. Values stay in the mapping until they are asked for.
///
/// Every accessor throws a diagnostic that names the file and the key where the key is missing (with the nearest key),
/// or where its value has another type (with the expected type and the one found). The `IfPresent` forms return nil
/// for a missing key, and still throw for a wrong type.
public struct GGUFMetadata: Sendable {
    /// The keys in the order of the file.
    public let keys: [String]
    private let entries: [String: Entry]
    private let file: MappedFile
    private let asked = AskedKeys()

    /// The keys that somebody has asked for, whether they are there or not. Copies of the metadata share it.
    private final class AskedKeys: Sendable {
        private let keys = Mutex<Set<String>>([])

        func note(_ key: String) { _ = keys.withLock { $0.insert(key) } }

        var all: Set<String> { keys.withLock { $0 } }
    }

    /// Where a value lies in the file.
    private struct Entry {
        var type: GGUFValueType
        var offset: Int
    }

    /// Reads `count` keys, and passes over their values after checking that they lie inside the file.
    init(_ count: UInt64, from reader: inout ByteReader, of file: MappedFile) throws {
        // A key's length, its value's type, and a value of one byte.
        try reader.expect(count, ofAtLeast: 8 + 4 + 1, "the number of metadata keys")
        var keys = [String]()
        var entries = [String: Entry]()
        for index in 0..<count {
            let key = try reader.name(atMost: Int(UInt16.max), "metadata key \(index)")
            let type = try reader.valueType("\"\(key)\"")
            guard entries.updateValue(Entry(type: type, offset: reader.offset), forKey: key) == nil else {
                throw reader.error("metadata key \"\(key)\" is there twice")
            }
            keys.append(key)
            try reader.skipValue(type, "\"\(key)\"")
        }
        self.keys = keys
        self.entries = entries
        self.file = file
    }

    /// Refuses metadata with a key that nobody has asked for, unless it is known to change nothing.
    ///
    /// - Parameters:
    ///   - known: what changes nothing, by its whole name
    ///   - selected: which keys are looked at: a model's, or a tokenizer's
    ///   - policy: what may be passed over, and who is told what was made of each key
    public func refuseUnread(
        _ known: KeysWithoutEffect, where selected: (String) -> Bool, ignoring policy: KeyPolicy
    ) throws(Diagnostic) {
        let asked = asked.all
        let uses = keys.filter(selected).map { ($0, asked.contains($0) ? KeyUse.read : known.use($0, policy)) }
        let refusal = uses.first { $0.1 == .unknown }.map { unknown, _ in
            let names = asked.union(known.names).filter(selected).sorted()
            return known.refusal(of: unknown, among: names, at: SourceLocation(file: file.path))
        }
        try policy.judge(FileKeys(file: file.path, keys: uses), refusal: refusal)
    }

    /// Whether a key is there; who asks this knows it, but has not read it.
    public func contains(_ key: String) -> Bool { entries[key] != nil }

    /// The value of `key`, whatever its type, to be shown: this counts as no reading.
    public func value(_ key: String) throws -> GGUFValue {
        try read(key) { reader, type in try reader.value(type, "\"\(key)\"") }
    }

    /// The value of `key`, an integer of any width.
    public func integer(_ key: String) throws -> Int { try scalar(key, "an integer", \.asInteger) }

    /// The value of `key`, an integer or floating-point number.
    public func number(_ key: String) throws -> Double { try scalar(key, "a number", \.asNumber) }

    public func flag(_ key: String) throws -> Bool { try scalar(key, "a bool", \.asFlag) }

    public func string(_ key: String) throws -> String { try scalar(key, "a string", \.asString) }

    /// The value of `key`, an array of integers of any width.
    public func integers(_ key: String) throws -> [Int] {
        try array(key, "an array of integers", where: \.isInteger, \.asInteger)
    }

    /// The value of `key`, an array of integers or floating-point numbers.
    public func numbers(_ key: String) throws -> [Double] {
        try array(key, "an array of numbers", where: \.isNumber, \.asNumber)
    }

    public func flags(_ key: String) throws -> [Bool] {
        try array(key, "an array of bools", where: { $0 == .bool }, \.asFlag)
    }

    public func strings(_ key: String) throws -> [String] {
        try array(key, "an array of strings", where: { $0 == .string }, \.asString)
    }

    public func integerIfPresent(_ key: String) throws -> Int? { try ifPresent(key, integer) }
    public func numberIfPresent(_ key: String) throws -> Double? { try ifPresent(key, number) }
    public func flagIfPresent(_ key: String) throws -> Bool? { try ifPresent(key, flag) }
    public func stringIfPresent(_ key: String) throws -> String? { try ifPresent(key, string) }

    private func ifPresent<T>(_ key: String, _ read: (String) throws -> T) rethrows -> T? {
        asked.note(key)
        return contains(key) ? try read(key) : nil
    }
}

extension GGUFMetadata {
    private func scalar<T>(_ key: String, _ expected: String, _ convert: (GGUFValue) -> T?) throws -> T {
        asked.note(key)
        return try read(key) { reader, type in
            // An array may be large: say what it is without materialising it.
            guard type != .array else {
                let (element, count) = try reader.arrayHeader("\"\(key)\"")
                throw mismatch(key, expected, "an array of \(count) × \(element)", reader)
            }
            let value = try reader.value(type, "\"\(key)\"")
            guard let converted = convert(value) else {
                throw mismatch(key, expected, "\(type) \(value.excerpt)", reader)
            }
            return converted
        }
    }

    private func array<T>(
        _ key: String, _ expected: String, where accepts: (GGUFValueType) -> Bool, _ convert: (GGUFValue) -> T?
    ) throws -> [T] {
        asked.note(key)
        return try read(key) { reader, type in
            guard type == .array else {
                let found = try reader.value(type, "\"\(key)\"")
                throw mismatch(key, expected, "\(type) \(found.excerpt)", reader)
            }
            let (element, count) = try reader.arrayHeader("\"\(key)\"")
            guard accepts(element) else {
                throw mismatch(key, expected, "an array of \(count) × \(element)", reader)
            }
            return try (0..<count).map { index in
                let value = try reader.value(element, "element \(index) of \"\(key)\"")
                guard let converted = convert(value) else {
                    throw mismatch(key, expected, "\(element) \(value.excerpt) as element \(index)", reader)
                }
                return converted
            }
        }
    }

    private func read<R>(_ key: String, _ body: (inout ByteReader, GGUFValueType) throws -> R) throws -> R {
        guard let entry = entries[key] else {
            throw Diagnostic(
                "expected the metadata key \"\(key)\", which is not among the \(keys.count) there",
                at: SourceLocation(file: file.path),
                suggestion: nearestName(to: key, among: keys).map { "the nearest is \"\($0)\"" })
        }
        return try file.withUnsafeBytes { bytes in
            var reader = ByteReader(bytes, of: file.path, at: entry.offset)
            return try body(&reader, entry.type)
        }
    }

    private func mismatch(_ key: String, _ expected: String, _ found: String, _ reader: ByteReader) -> Diagnostic {
        reader.error("metadata key \"\(key)\": expected \(expected), found \(found)")
    }
}

extension GGUFValue {
    fileprivate var asInteger: Int? {
        if case .integer(let integer) = self { Int(exactly: integer) } else { nil }
    }

    fileprivate var asNumber: Double? {
        switch self {
        case .integer(let integer): Double(integer)
        case .large(let integer): Double(integer)
        case .number(let number): number
        case .flag, .string, .array: nil
        }
    }

    fileprivate var asFlag: Bool? {
        if case .flag(let flag) = self { flag } else { nil }
    }

    fileprivate var asString: String? {
        if case .string(let string) = self { string } else { nil }
    }

    /// The value as an error message shows it.
    fileprivate var excerpt: String {
        switch self {
        case .integer(let integer): "\(integer)"
        case .large(let integer): "\(integer)"
        case .number(let number): "\(number)"
        case .flag(let flag): "\(flag)"
        case .string(let string): String(string.prefix(40)).debugDescription + (string.count > 40 ? "…" : "")
        case .array(let elements): "of \(elements.count) elements"
        }
    }
}
