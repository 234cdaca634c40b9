import Embedding
import Objectives

extension ConfigNode {
    /// This value with `other` laid over it: mappings merge key by key, anything else is replaced.
    ///
    /// A key keeps its place in the order; new ones follow. Each value keeps the location it was written at. Where
    /// `other` says one of a pair of alternatives, this one's other alternative goes.
    func merged(with other: ConfigNode, as level: ConfigLevel = .run) -> ConfigNode {
        // What is said over a recipe's name builds on it.
        if level == .recipe, case .text = content, content != .text("none"), case .mapping = other.content,
            other["recipe"] == nil
        {
            let named = ConfigEntry(key: "recipe", at: location, value: self)
            return ConfigNode(.mapping([named]), at: location, folder: folder).merged(with: other, as: .recipe)
        }
        guard level != .templates, case .mapping(var merged) = content, case .mapping(let added) = other.content
        else { return other }
        // An objective's name has numbers of its own.
        if level == .objective, !added.contains(where: { entry in merged.contains { $0.key == entry.key } }) {
            return other
        }
        if level == .recipe {
            let replaced = other.keysReplaced(in: self)
            merged.removeAll { replaced.contains($0.key) }
        }
        for pair in level.alternatives {
            guard let chosen = added.first(where: { pair.contains($0.key) && !$0.isNone }) else { continue }
            merged.removeAll { pair.contains($0.key) && $0.key != chosen.key }
        }
        var places = Dictionary(merged.enumerated().map { ($1.key, $0) }, uniquingKeysWith: { first, _ in first })
        for entry in added {
            if let index = places[entry.key] {
                merged[index].location = entry.location
                merged[index].value = merged[index].value.merged(with: entry.value, as: level.level(of: entry.key))
            } else {
                places[entry.key] = merged.count
                merged.append(entry)
            }
        }
        let whole = ConfigNode(.mapping(merged), at: other.location, folder: other.folder)
        return level == .objective ? whole.droppingIdleNumbers(besides: other) : whole
    }

    /// An objective without the numbers that say nothing beside those laid over them; none of those themselves.
    private func droppingIdleNumbers(besides added: ConfigNode) -> ConfigNode {
        guard case .mapping(let entries) = content else { return self }
        let kept = entries.map { entry in
            guard case .mapping(let numbers) = entry.value.content else { return entry }
            let idle = ObjectiveCatalogue.idleKeys(of: entry.key, numbers.map { ($0.key, $0.value.plainValue) })
            var entry = entry
            entry.value = ConfigNode(
                .mapping(numbers.filter { !idle.contains($0.key) || added[entry.key]?[$0.key] != nil }),
                at: entry.value.location, folder: entry.value.folder)
            return entry
        }
        return ConfigNode(.mapping(kept), at: location, folder: folder)
    }
}

/// What a mapping in an experiment file stands for, which decides what of its keys stand for the same thing.
enum ConfigLevel {
    /// An experiment, its matrix, or one of its runs.
    case run
    /// Runs by their names, which may be those of keys.
    case variants
    /// How a run is trained.
    case recipe
    /// Templates by role: which roles have one of their own is one decision, so they are replaced together.
    case templates
    /// An objective's name, and the numbers of that objective.
    case objective
    case objectiveNumbers
    /// A mapping without alternatives.
    case other

    /// Keys of which a mapping chooses at most one; `none` is no choice.
    var alternatives: [[String]] {
        switch self {
        case .run: [["prompt", MethodField.templateName], [RunKey.adapterName, RunKey.trainName]]
        case .recipe: [["steps", "epochs"]]
        case .variants, .templates, .objective, .objectiveNumbers, .other: []
        }
    }

    /// What the value of a key of this mapping is, where it is a mapping.
    func level(of key: String) -> ConfigLevel {
        switch (self, key) {
        case (.run, "variants"): .variants
        case (.run, "matrix"), (.variants, _): .run
        case (.run, RunKey.trainName): .recipe
        // A teacher is named with how it embeds: another one has nothing of it.
        case (.run, MethodField.templateName), (.recipe, TrainingKey.teacherName): .templates
        case (.recipe, "objective"), (.objectiveNumbers, "of"): .objective
        case (.objective, _): .objectiveNumbers
        default: .other
        }
    }
}

extension ConfigEntry {
    /// Whether the key's value is `none`: what it names is off, and its alternative stands.
    var isNone: Bool { value.content == .text("none") }
}
