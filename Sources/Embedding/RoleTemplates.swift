import Diagnostics

/// The templates of a method: one for all texts, or some for texts of one role, as instruction-tuned embedders have them
/// (`Instruct: … Query: {text}` for queries, `{text}` for documents).
public struct RoleTemplates: Hashable, Sendable {
    /// Of each text whose role has none of its own; nil where such texts are refused.
    public private(set) var standard: PromptTemplate?
    /// Of the roles that have one of their own.
    public private(set) var byRole: [TextRole: PromptTemplate]

    /// The same template for every text.
    public init(_ template: PromptTemplate) { (standard, byRole) = (template, [:]) }

    /// - Throws: where there is no template at all.
    public init(standard: PromptTemplate?, byRole: [TextRole: PromptTemplate]) throws(Diagnostic) {
        guard standard != nil || !byRole.isEmpty else { throw Diagnostic("expected at least one template") }
        (self.standard, self.byRole) = (standard, byRole)
    }

    /// - Throws: where neither the role nor every text has one.
    public subscript(role: TextRole) -> PromptTemplate {
        get throws(Diagnostic) {
            if let template = byRole[role] ?? standard { return template }
            let said = entries.map(\.name)
            throw Diagnostic(
                "no template for the role \(role); expected one beside those for \(said.joined(separator: ", "))",
                suggestion: "\(Self.standardName) names the template of all other roles")
        }
    }

    /// How prompts of all these templates become tokens.
    public var tokenisation: Tokenisation {
        get { all.first?.tokenisation ?? .whole }
        set {
            standard?.tokenisation = newValue
            for role in byRole.keys { byRole[role]?.tokenisation = newValue }
        }
    }

    /// How the template of the other roles is named where a mapping gives templates by role.
    public static let standardName = "default"

    /// The names of a mapping that gives templates by role.
    public static let names = [standardName] + TextRole.all.map(\.description)

    /// Each template with its name, the roles' own in the order of `TextRole.all`.
    public var entries: [(name: String, template: PromptTemplate)] {
        (standard.map { [(Self.standardName, $0)] } ?? [])
            + TextRole.all.compactMap { role in byRole[role].map { (role.description, $0) } }
    }

    /// Every template there is.
    public var all: [PromptTemplate] { entries.map(\.template) }
}

extension RoleTemplates: CustomStringConvertible {
    /// The template, or one a line with its role before it.
    public var description: String {
        if let standard, byRole.isEmpty { return standard.description }
        return entries.map { "\($0.name): \($0.template)" }.joined(separator: "\n")
    }
}
