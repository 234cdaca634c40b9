import Diagnostics
import Objectives

extension ConfigNode {
    /// The same value for a room that knows no YAML.
    var plainValue: PlainValue {
        let content: PlainValue.Content =
            switch content {
            case .mapping(let entries): .mapping(entries.map { ($0.key, $0.value.plainValue) })
            case .sequence(let nodes): .list(nodes.map(\.plainValue))
            case .text(let text): .text(text)
            case .integer(let integer): .integer(integer)
            case .number(let number): .number(number)
            case .boolean(let flag): .flag(flag)
            case .null: .null
            }
        return PlainValue(content, at: location)
    }
}

extension ConfigNode.Content {
    init(_ value: PlainValue) {
        let nowhere = SourceLocation(file: "")
        func node(_ value: PlainValue) -> ConfigNode { ConfigNode(Self(value), at: nowhere, folder: "") }
        self =
            switch value.content {
            case .mapping(let entries):
                .mapping(entries.map { ConfigEntry(key: $0.key, at: nowhere, value: node($0.value)) })
            case .list(let values): .sequence(values.map(node))
            case .text(let text): .text(text)
            case .integer(let integer): .integer(integer)
            case .number(let number): .number(number)
            case .flag(let flag): .boolean(flag)
            case .null: .null
            }
    }
}
