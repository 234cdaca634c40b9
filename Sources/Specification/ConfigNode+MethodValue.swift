import Diagnostics
import Embedding

extension ConfigNode {
    /// The value as a field of a method reads it.
    var methodValue: MethodValue {
        let content: MethodValue.Content =
            switch self.content {
            case .text(let text): .text(text)
            case .integer(let integer): .integer(integer)
            case .sequence(let nodes): .list(nodes.map(\.methodValue))
            case .mapping(let entries):
                .mapping(entries.map { MethodValue.Entry($0.key, $0.value.methodValue, at: $0.location) })
            case .number(let number): .number(number)
            case .boolean(let flag): .flag(flag)
            case .null: .other("nothing")
            }
        return MethodValue(content, at: location)
    }

    /// What stands here, in words, for "expected …, found …".
    var kind: String { methodValue.kind }
}

extension ConfigNode.Content {
    /// A value that was written nowhere.
    init(_ value: MethodValue) {
        let nowhere = SourceLocation(file: "")
        func node(_ value: MethodValue) -> ConfigNode { ConfigNode(Self(value), at: nowhere, folder: "") }
        self =
            switch value.content {
            case .text(let text): .text(text)
            case .integer(let integer): .integer(integer)
            case .number(let number): .number(number)
            case .flag(let flag): .boolean(flag)
            case .list(let items): .sequence(items.map(node))
            case .mapping(let entries):
                .mapping(entries.map { ConfigEntry(key: $0.key, at: nowhere, value: node($0.value)) })
            case .other: .null
            }
    }
}
