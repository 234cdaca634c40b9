import Diagnostics
import Embedding
import Tasks

extension ConfigNode {
    /// The shared prompts of a name, or of each name of a list; a name may stand for a set of prompts.
    func prompts(in folder: ConfigFolder) throws -> [EmbeddingMethod] {
        let names = try isList ? distinctItems("prompts") : [self]
        var problems = ConfigProblems()
        let prompts = try names.compactMap { node in
            try problems.collect {
                try PromptConfig(named: node.text("a prompt's name"), in: folder, at: node.location).prompts
            }
        }.flatMap(\.self)
        try problems.throwIfAny()
        guard Set(prompts).count == prompts.count else {
            throw Diagnostic("a prompt stands twice among those to average", at: location)
        }
        return prompts
    }

    /// A transform and what it is fitted to; nil for `none`.
    func fit(among tasks: TaskCatalogue) throws(Diagnostic) -> Postprocessing.Fit? {
        let text = try text("none, or a transform and a task such as whiten STS-B-train")
        return text == "none"
            ? nil
            : try located(text) { text throws(Diagnostic) in
                try Postprocessing.Fit(parsing: text, tasks: tasks.names)
            }
    }

    /// How many dimensions to keep: a number or several.
    func dimensions() throws(Diagnostic) -> [Int] {
        var counts: [Int] = []
        for item in isList ? try distinctItems("dimensions") : [self] {
            let count = try item.integer()
            guard count > 0 else { throw item.expected("at least 1 dimension") }
            counts.append(count)
        }
        return counts
    }

    var isList: Bool { if case .sequence = content { true } else { false } }

    /// The items of a list that has some, each once.
    func distinctItems(_ items: String) throws(Diagnostic) -> [ConfigNode] {
        let nodes = try list(of: items)
        if nodes.isEmpty { throw Diagnostic("expected at least one of the \(items)", at: location) }
        for (index, node) in nodes.enumerated() where nodes[..<index].contains(where: { $0.content == node.content }) {
            throw Diagnostic("\(node.kind) stands twice among the \(items)", at: node.location)
        }
        return nodes
    }
}

extension ConfigNode.Content {
    /// A mapping that was written nowhere.
    static func entries(_ pairs: [(String, Self)]) -> Self {
        let nowhere = SourceLocation(file: "")
        return .mapping(
            pairs.map { key, content in
                ConfigEntry(key: key, at: nowhere, value: ConfigNode(content, at: nowhere, folder: ""))
            })
    }

    /// A value, or a list of several.
    static func oneOrSeveral(_ values: [Self]) -> Self { values.count == 1 ? values[0] : .list(values) }

    static func integers(_ numbers: [Int]) -> Self { .list(numbers.map(Self.integer)) }

    /// A list that was written nowhere.
    static func list(_ items: [Self]) -> Self {
        .sequence(items.map { ConfigNode($0, at: SourceLocation(file: ""), folder: "") })
    }
}
