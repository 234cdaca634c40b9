import Embedding

extension ConfigNode {
    /// This value with `other` laid over it: mappings merge key by key, anything else is replaced.
    ///
    /// A key keeps its place in the order; new ones follow. Each value keeps the location it was written at. Where
    /// `other` says one of a pair of alternatives, this one's other alternative goes.
    func merged(with other: ConfigNode) -> ConfigNode {
        guard case .mapping(var merged) = content, case .mapping(let added) = other.content else { return other }
        for pair in Self.alternatives where added.contains(where: { $0.isOne(of: pair) }) {
            merged.removeAll { $0.isOne(of: pair) }
        }
        var places = Dictionary(merged.enumerated().map { ($1.key, $0) }, uniquingKeysWith: { first, _ in first })
        for entry in added {
            if let index = places[entry.key] {
                merged[index].location = entry.location
                merged[index].value = merged[index].value.merged(with: entry.value)
            } else {
                places[entry.key] = merged.count
                merged.append(entry)
            }
        }
        return ConfigNode(.mapping(merged), at: other.location, folder: other.folder)
    }

    /// Keys of which a mapping says at most one.
    static let alternatives = [["prompt", "template"], ["adapter", "train"], ["steps", "epochs"]]
}

extension ConfigEntry {
    /// A mapping is a run that has the name of a key, and no alternative; but for templates by role.
    fileprivate func isOne(of alternatives: [String]) -> Bool {
        if case .mapping = value.content, !isTemplateByRole { false } else { alternatives.contains(key) }
    }

    private var isTemplateByRole: Bool {
        key == MethodField.templateName && !value.entries.isEmpty
            && value.entries.allSatisfy { RoleTemplates.names.contains($0.key) }
    }
}
