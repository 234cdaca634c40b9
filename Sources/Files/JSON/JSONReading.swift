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
    public func refuseUnread(_ known: KeysWithoutEffect, ignoring policy: KeyPolicy = []) throws(Diagnostic) {
        try document.refuseUnread(known, ignoring: policy)
    }

    /// Says that nothing in this value is passed over: for lists and tables whose keys are data, such as a vocabulary's.
    public func countAllAsRead() { document.reading?.noteWhole(self) }
}

extension JSONDocument {
    /// What was made of each member: the root's, and those of objects that were looked at.
    private func members(_ known: KeysWithoutEffect, _ policy: KeyPolicy) -> [(
        path: String, use: KeyUse, node: JSONNode
    )] {
        guard let reading else { return [] }
        var members: [(path: String, use: KeyUse, node: JSONNode)] = []
        func visit(_ node: JSONNode, path: String) {
            guard !reading.hasWhole(node) else { return }
            switch node.kind {
            case .object:
                node.forEachMember { key, value in
                    let path = path.isEmpty ? key : path + "." + key
                    let use = reading.has(value) ? .read : known.use(path, policy, value: value.text)
                    members.append((path, use, value))
                    if use == .read { visit(value, path: path) }
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
    /// - Parameters:
    ///   - known: what changes nothing, by its path from the root
    ///   - policy: what may be passed over, and who is told what was made of each key
    /// - Throws: a diagnostic at the first such member, with the nearest name that is known.
    public func refuseUnread(_ known: KeysWithoutEffect, ignoring policy: KeyPolicy = []) throws(Diagnostic) {
        let members = members(known, policy)
        let refusal = members.first { $0.use == .unknown }.map { unknown in
            let names = (reading?.names ?? []).union(known.names).sorted()
            return known.refusal(of: unknown.path, among: names, at: location(of: unknown.node.offset))
        }
        try policy.judge(FileKeys(file: file, keys: members.map { ($0.path, $0.use) }), refusal: refusal)
    }
}
