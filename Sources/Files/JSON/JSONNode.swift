import Diagnostics

/// A value in a JSON text.
public struct JSONNode: Sendable {
    public enum Kind: String, Sendable {
        case object = "an object"
        case array = "an array"
        case string = "a string"
        case number = "a number"
        case flag = "true or false"
        case null = "null"
    }

    let document: JSONDocument
    let offset: Int
    /// Where members are looked for that this object hasn't.
    private var defaults: Defaults?

    init(document: JSONDocument, offset: Int) { (self.document, self.offset) = (document, offset) }

    /// On the heap, so that a node stays small.
    private final class Defaults: Sendable {
        let root: JSONNode
        init(_ root: JSONNode) { self.root = root }
    }

    /// The same object, whose missing members are those of another one. A member that is null is there.
    public func over(_ defaults: JSONNode) -> JSONNode {
        var node = self
        node.defaults = Defaults(defaults)
        return node
    }

    public var kind: Kind {
        switch document.bytes[offset] {
        case UInt8(ascii: "{"): .object
        case UInt8(ascii: "["): .array
        case UInt8(ascii: "\""): .string
        case UInt8(ascii: "t"), UInt8(ascii: "f"): .flag
        case UInt8(ascii: "n"): .null
        default: .number
        }
    }

    /// The digest of the whole text.
    public var documentSHA256: SHA256Digest { SHA256Digest(of: document.bytes) }

    public var isNull: Bool { kind == .null }

    /// The path from the root, such as `model.vocab`; empty for the root.
    public var path: String { document.path(to: offset) }

    /// An error about this value, with its line and path.
    public func error(_ message: String, suggestion: String? = nil) -> Diagnostic {
        let path = path
        return Diagnostic(
            path.isEmpty ? message : "\(path): \(message)", at: document.location(of: offset), suggestion: suggestion)
    }

    /// The error for a value that is not what it should be.
    public func expected(_ what: String) -> Diagnostic { error("expected \(what), found \(excerpt)") }

    /// The value as a message shows it.
    private var excerpt: String {
        switch kind {
        case .object, .array: return kind.rawValue
        case .string, .number, .flag, .null:
            let text = String(decoding: source.prefix(60), as: UTF8.self)
            return source.count > 60 ? text + "…" : text
        }
    }

    /// The value as it is written.
    public var text: String { String(decoding: source, as: UTF8.self) }

    /// The bytes that the value is written with.
    private var source: ArraySlice<UInt8> {
        var scanner = JSONScanner(bytes: document.bytes, offset: offset)
        scanner.skipValue()
        return document.bytes[offset..<min(scanner.offset, document.bytes.count)]
    }
}

// Scalars.
extension JSONNode {
    /// The text of a string.
    public func string() throws -> String {
        guard kind == .string else { throw expected("a string") }
        var scanner = JSONScanner(bytes: document.bytes, offset: offset)
        return Self.string(&scanner)
    }

    public func flag() throws -> Bool {
        guard kind == .flag else { throw expected("true or false") }
        return document.bytes[offset] == UInt8(ascii: "t")
    }

    public func number() throws -> Double {
        guard kind == .number, let number = Double(String(decoding: source, as: UTF8.self)) else {
            throw expected("a number")
        }
        guard number.isFinite else { throw expected("a number within double precision") }
        return number
    }

    /// A whole number, written with or without a point.
    public func integer() throws -> Int {
        guard kind == .number else { throw expected("a whole number") }
        let text = String(decoding: source, as: UTF8.self)
        guard let integer = Int(text) ?? Double(text).flatMap(Int.init(exactly:)) else {
            throw expected("a whole number")
        }
        return integer
    }

    /// Reads a string that has been checked, and leaves the scanner behind it.
    static func string(_ scanner: inout JSONScanner) -> String {
        let start = scanner.offset + 1
        scanner.skipString()
        let body = scanner.bytes[start..<scanner.offset - 1]
        guard body.contains(UInt8(ascii: "\\")) else { return String(decoding: body, as: UTF8.self) }
        var text: [UInt8] = []
        text.reserveCapacity(body.count)
        var inner = JSONScanner(bytes: scanner.bytes, offset: start)
        while inner.offset < body.endIndex {
            let byte = inner.current
            inner.offset += 1
            guard byte == UInt8(ascii: "\\") else {
                text.append(byte)
                continue
            }
            if let scalar = inner.escapedScalar() { text.append(contentsOf: String(scalar).utf8) }
        }
        return String(decoding: text, as: UTF8.self)
    }
}

// Objects and arrays.
extension JSONNode {
    /// Passes each member of an object to `body`, in the order of the file; nothing for another kind of value.
    public func forEachMember<E: Error>(_ body: (String, JSONNode) throws(E) -> Void) throws(E) {
        guard kind == .object else { return }
        var scanner = JSONScanner(bytes: document.bytes, offset: offset + 1)
        scanner.skipSpace()
        while scanner.current == UInt8(ascii: "\"") {
            let key = Self.string(&scanner)
            scanner.skipSpace()
            scanner.offset += 1
            scanner.skipSpace()
            try body(key, JSONNode(document: document, offset: scanner.offset))
            scanner.skipToNext()
        }
    }

    /// The elements of an array.
    public func elements() throws -> JSONElements {
        guard kind == .array else { throw expected("an array") }
        return JSONElements(array: self)
    }

    /// The members of an object, in the order of the file; none for another kind of value. All count as looked at.
    public var members: [(key: String, value: JSONNode)] {
        var members: [(key: String, value: JSONNode)] = []
        forEachMember { key, value in
            document.reading?.note(value)
            members.append((key, value))
        }
        return members
    }

    /// The keys of an object, in the order of the file.
    public var keys: [String] {
        var keys: [String] = []
        forEachMember { key, _ in keys.append(key) }
        return keys
    }

    /// The member of that name, which may be null; nil where there is none.
    public func member(_ name: String) -> JSONNode? {
        var found: JSONNode?
        forEachMember { key, value in
            if found == nil, key.utf8.elementsEqual(name.utf8) { found = value }
        }
        document.reading?.note(name, found)
        return found ?? defaults?.root.member(name)
    }

    /// The member of that name; nil where there is none, or where it is null: for keys of which null says no more than a
    /// missing one.
    public subscript(_ name: String) -> JSONNode? { member(name).flatMap { $0.isNull ? nil : $0 } }

    /// The member of that name.
    ///
    /// - Throws: a diagnostic with the nearest key where it is missing or null.
    public func required(_ name: String) throws -> JSONNode {
        guard kind == .object else { throw expected("an object") }
        if let member = self[name] { return member }
        guard member(name) == nil else { throw error("expected a value of the key \"\(name)\", found null") }
        throw error(
            "expected the key \"\(name)\"",
            suggestion: nearestName(to: name, among: keys).map { "the nearest is \"\($0)\"" })
    }
}
