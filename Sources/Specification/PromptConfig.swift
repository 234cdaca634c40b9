import Diagnostics
import Embedding

/// A shared prompt, `configs/prompts/NAME.yaml`: a template and the normaliser that its paper evaluates it with; or a set
/// of shared prompts, whose embeddings are averaged.
package struct PromptConfig {
    /// At least one.
    package let prompts: [SentencePrompt]

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

    private static func prompt(_ part: ConfigNode, _ problems: inout ConfigProblems) throws -> SentencePrompt {
        let templates = try problems.collect { try part.required("template").roleTemplates() }
        let normaliser = try problems.collect { try part["normaliser"]?.normaliser() ?? Normaliser.none }
        let tokenisation = try problems.collect { try part["tokenise"]?.tokenisation() ?? Tokenisation.whole }
        guard var templates, let normaliser, let tokenisation else { throw problems }
        templates.tokenisation = tokenisation
        return SentencePrompt(templates: templates, normaliser: normaliser)
    }

    private static func set(
        _ part: ConfigNode, in folder: ConfigFolder, _ problems: inout ConfigProblems
    ) throws -> [SentencePrompt] {
        try problems.collect {
            try part.required("prompts").distinctItems("prompts").flatMap { item in
                try PromptConfig(named: item.text("a prompt's name"), in: folder, at: item.location, isInSet: true)
                    .prompts
            }
        } ?? []
    }

    private static let keys = ["description", "template", "tokenise", "normaliser", "wording", "source"]
    private static let setKeys = ["description", "prompts", "source"]
}

extension ConfigNode {
    /// The value of a key that a mapping must have.
    func required(_ key: String) throws(Diagnostic) -> ConfigNode {
        guard let value = self[key] else { throw Diagnostic("the key \"\(key)\" is missing", at: location) }
        return value
    }
}
