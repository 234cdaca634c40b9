import Diagnostics
import Embedding

/// A shared prompt, `configs/prompts/NAME.yaml`: a template and the normaliser that its paper evaluates it with; or a set
/// of shared prompts, whose embeddings are averaged.
package struct PromptConfig {
    /// At least one: what a prompt file says of a method, its template and what goes with it.
    package let prompts: [EmbeddingMethod]

    /// Reads the prompt or the set of that name; errors inside its file name that file.
    package init(named name: String, in folder: ConfigFolder, at location: SourceLocation?) throws {
        try self.init(named: name, in: folder, at: location, isInSet: false)
    }

    private init(named name: String, in folder: ConfigFolder, at location: SourceLocation?, isInSet: Bool) throws {
        let part = try folder.part(.prompt, named: name, at: location)
        let isSet = part["prompts"] != nil
        if isSet, isInSet { throw Diagnostic("\"\(name)\" is a set of prompts, expected a prompt", at: location) }
        var problems = ConfigProblems()
        part.unknownKeys("key of a prompt", among: isSet ? Self.setKeys : Self.keys).forEach { problems.add($0) }
        for key in ["description", "wording", "source"] {
            _ = try problems.collect { try part[key]?.freeText() }
        }
        prompts = try isSet ? Self.set(part, in: folder, &problems) : [Self.prompt(part, &problems)]
        try problems.throwIfAny()
    }

    private static func prompt(_ part: ConfigNode, _ problems: inout ConfigProblems) throws -> EmbeddingMethod {
        _ = try problems.collect { try part.required("template") }
        var prompt = EmbeddingMethod.unsaid
        for field in MethodField.ofPrompts {
            guard let value = part[field.name] else { continue }
            try problems.collect { try field.read(value.methodValue, into: &prompt) }
        }
        return prompt
    }

    private static func set(
        _ part: ConfigNode, in folder: ConfigFolder, _ problems: inout ConfigProblems
    ) throws -> [EmbeddingMethod] {
        try problems.collect {
            try part.required("prompts").distinctItems("prompts").flatMap { item in
                try PromptConfig(named: item.text("a prompt's name"), in: folder, at: item.location, isInSet: true)
                    .prompts
            }
        } ?? []
    }

    private static let keys = ["description"] + MethodField.ofPrompts.map(\.name) + ["wording", "source"]
    private static let setKeys = ["description", "prompts", "source"]
}

extension ConfigNode {
    /// The value of a key that a mapping must have.
    func required(_ key: String) throws(Diagnostic) -> ConfigNode {
        guard let value = self[key] else { throw Diagnostic("the key \"\(key)\" is missing", at: location) }
        return value
    }
}
