import Diagnostics
import Synchronization

/// Which members of a JSON text somebody has looked at.
///
/// A reader that asks for each key by its name notes so what it knows; what it has not asked for can change what the file
/// means, and is refused by ``JSONDocument/refuseUnread(_:ignoring:)``.
final class JSONReading: Sendable {
    private struct State {
        /// Where the values begin.
        var values: Set<Int> = []
        /// The names that were asked for, whether they are there or not.
        var names: Set<String> = []
        /// Values of which everything counts as looked at.
        var wholes: Set<Int> = []
    }

    private let state = Mutex(State())

    func note(_ name: String, _ value: JSONNode?) {
        state.withLock { state in
            state.names.insert(name)
            if let value { state.values.insert(value.offset) }
        }
    }

    func note(_ value: JSONNode) { _ = state.withLock { $0.values.insert(value.offset) } }

    func has(_ value: JSONNode) -> Bool { state.withLock { $0.values.contains(value.offset) } }

    func noteWhole(_ value: JSONNode) { _ = state.withLock { $0.wholes.insert(value.offset) } }

    func hasWhole(_ value: JSONNode) -> Bool { state.withLock { $0.wholes.contains(value.offset) } }

    var names: Set<String> { state.withLock { $0.names } }
}

extension JSONNode {
    /// The document's ``JSONDocument/refuseUnread(_:ignoring:)``.
    public func refuseUnread(_ known: KeysWithoutEffect, ignoring ignored: Set<String> = []) throws(Diagnostic) {
        try document.refuseUnread(known, ignoring: ignored)
    }

    /// Says that nothing in this value is passed over: for lists and tables whose keys are data, such as a vocabulary's.
    public func countAllAsRead() { document.reading?.noteWhole(self) }
}

/// Keys of a kind of file that change nothing of what is read from it, each with the reason.
public struct KeysWithoutEffect: Sendable, ExpressibleByDictionaryLiteral {
    /// What the file is, for messages: "a llama model's config.json".
    public var file = "the file"
    private var reasons: [String: String]

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
        return sum
    }

    public func of(_ file: String) -> Self {
        var named = self
        named.file = file
        return named
    }

    /// - Parameter path: from the root, such as `vision_config.hidden_size`
    func reason(_ path: String) -> String? {
        reasons[path] ?? (path.hasPrefix(Self.textPart) ? reasons[String(path.dropFirst(Self.textPart.count))] : nil)
    }

    /// Models that also see pictures keep the language model's configuration in a member of its own, with the same keys.
    private static let textPart = "text_config."

    var names: [String] { reasons.keys.sorted() }
}

/// What a reader makes of a member of a file.
public struct JSONMember: Sendable {
    public enum Part: Hashable, Sendable {
        case read
        /// It changes nothing that is computed.
        case withoutEffect(reason: String)
        /// The user says that it may be passed over.
        case ignored
        case unknown
    }

    /// From the root, such as `rope_scaling.factor`.
    public let path: String
    public let part: Part
    let node: JSONNode
}

extension JSONDocument {
    /// What was made of each member: the root's, and those of objects that were looked at.
    ///
    /// - Parameters:
    ///   - known: what changes nothing, by its path from the root
    ///   - ignored: paths that the user says may be passed over
    public func reading(_ known: KeysWithoutEffect, ignoring ignored: Set<String> = []) -> [JSONMember] {
        guard let reading else { return [] }
        var members: [JSONMember] = []
        func visit(_ node: JSONNode, path: String) {
            guard !reading.hasWhole(node) else { return }
            switch node.kind {
            case .object:
                node.forEachMember { key, value in
                    let path = path.isEmpty ? key : path + "." + key
                    let part: JSONMember.Part =
                        if reading.has(value) {
                            .read
                        } else if let reason = known.reason(path) {
                            .withoutEffect(reason: reason)
                        } else {
                            ignored.contains(path) ? .ignored : .unknown
                        }
                    members.append(JSONMember(path: path, part: part, node: value))
                    if part == .read { visit(value, path: path) }
                }
            case .array:
                for element in JSONElements(array: node) where element.kind == .object {
                    visit(element, path: path + "[]")
                }
            default: break
            }
        }
        visit(root, path: "")
        return members
    }

    /// Refuses a file with a member that nobody has looked at, unless it is known to change nothing.
    ///
    /// - Throws: a diagnostic at the first such member, with the nearest name that is known.
    public func refuseUnread(_ known: KeysWithoutEffect, ignoring ignored: Set<String> = []) throws(Diagnostic) {
        guard let unknown = reading(known, ignoring: ignored).first(where: { $0.part == .unknown }) else { return }
        let key = unknown.path.split(separator: ".").last.map(String.init) ?? unknown.path
        let names = (reading?.names ?? []).union(known.names).sorted()
        let nearest = nearestName(to: key, among: names).map { "the nearest known key is \"\($0)\"; " } ?? ""
        throw Diagnostic(
            "unknown key \"\(unknown.path)\" in \(known.file): what it changes is not known here",
            at: location(of: unknown.node.offset),
            suggestion: nearest + "if it changes no embedding, say ignore_keys: [\(unknown.path)] in the model's config"
        )
    }
}
