import Diagnostics
import Embedding

/// A key within the mapping that a run key's value is: `train.learning_rate` or `adapter.scale`, as matrices and the command line say it.
enum DottedKey {
    /// The run keys whose values may be mappings.
    private static let outerKeys = [RunKey.trainName, MethodField.templateName, RunKey.adapterName]

    /// Whether a key is written so. Which inner keys there are, the reader of the whole value knows.
    static func isOne(_ key: String) -> Bool {
        let words = key.split(separator: ".", omittingEmptySubsequences: false)
        return words.count > 1 && outerKeys.contains(String(words[0])) && words.allSatisfy { !$0.isEmpty }
    }

    /// The run key that it is within.
    static func outer(of key: String) -> String { String(key.prefix { $0 != "." }) }
}

extension ConfigNode {
    /// Whether a run says a value that a dotted key could change: itself, or templates by a prompt.
    func hasValue(of dottedKey: String, in configs: ConfigFolder) -> Bool {
        let outer = DottedKey.outer(of: dottedKey)
        let own = self[outer].map { $0.content != .text("none") } ?? false
        return own || outer == MethodField.templateName && roleTemplates(of: configs) != nil
    }

    /// What a run's prompt says, where it is one with templates by role.
    private func roleTemplates(of configs: ConfigFolder) -> ConfigNode? {
        guard let prompt = self["prompt"], case .text(let name) = prompt.content,
            let part = try? configs.part(.prompt, named: name, at: prompt.location),
            case .mapping = part[MethodField.templateName]?.content
        else { return nil }
        return part
    }

    /// With what the prompt says in the place of its name, where a dotted key changes one of its templates: as a recipe's name is
    /// short for its keys. What the run says itself, or by a protocol, stands over it.
    private func spellingOutPrompt(of configs: ConfigFolder) -> ConfigNode {
        let isChanged = entries.contains {
            DottedKey.isOne($0.key) && DottedKey.outer(of: $0.key) == MethodField.templateName
        }
        guard isChanged, self[MethodField.templateName] == nil, let part = roleTemplates(of: configs) else {
            return self
        }
        let said = part.entries.filter { entry in
            guard MethodField.ofPrompts.contains(where: { $0.name == entry.key }), self[entry.key] == nil else {
                return false
            }
            return entry.key != MethodField.normaliserName || self["protocol"] == nil
        }
        return ConfigNode(.mapping(entries.filter { $0.key != "prompt" } + said), at: location, folder: folder)
    }

    /// The mapping with its dotted keys put into the values that they belong to.
    ///
    /// - Parameter run: its name
    /// - Throws: where the run has no such value, or one without keys.
    func settlingDottedKeys(of run: String, in configs: ConfigFolder) throws(Diagnostic) -> ConfigNode {
        var settled = spellingOutPrompt(of: configs).entries.filter { !DottedKey.isOne($0.key) }
        for entry in entries where DottedKey.isOne(entry.key) {
            let outer = DottedKey.outer(of: entry.key)
            guard hasValue(of: entry.key, in: configs), let place = settled.firstIndex(where: { $0.key == outer })
            else {
                throw .keyOfNothing(entry.key, "which the run \"\(run)\" doesn't have", at: entry.value.location)
            }
            settled[place].value = try settled[place].value.setting(entry, of: run)
        }
        return ConfigNode(.mapping(settled), at: location, folder: folder)
    }

    private func setting(_ entry: ConfigEntry, of run: String) throws(Diagnostic) -> ConfigNode {
        var added = entry.value
        for word in entry.key.split(separator: ".").dropFirst().reversed() {
            added = added.under(String(word), at: entry.location)
        }
        let level = ConfigLevel.run.level(of: DottedKey.outer(of: entry.key))
        switch content {
        // One role's template, the others stay.
        case .mapping: return merged(with: added, as: level == .templates ? .other : level)
        // A recipe's name is short for what builds on it.
        case .text where level == .recipe:
            return under("recipe", at: location).merged(with: added, as: .recipe)
        default:
            let outer = DottedKey.outer(of: entry.key)
            throw Diagnostic(
                "\(entry.key) is a key of one mapping, and \(outer) of the run \"\(run)\" is \(kindOfValue)",
                at: entry.value.location,
                suggestion: isList ? "set \(outer) as a whole" : nil)
        }
    }

    private func under(_ key: String, at place: SourceLocation) -> ConfigNode {
        ConfigNode(.mapping([ConfigEntry(key: key, at: place, value: self)]), at: location, folder: folder)
    }
}

extension ConfigNode {
    /// What stands where a mapping is expected.
    private var kindOfValue: String {
        switch content {
        case .text("none"): "none"
        case .text(let text): "the text \"\(text)\""
        case .sequence: "a list"
        default: "no mapping"
        }
    }
}

extension Diagnostic {
    /// The error for a dotted key within something that isn't said.
    ///
    /// - Parameter lack: whose it isn't
    static func keyOfNothing(_ key: String, _ lack: String, at location: SourceLocation?) -> Diagnostic {
        let outer = DottedKey.outer(of: key)
        return Diagnostic(
            "\(key) is a key of \(outer), \(lack)", at: location,
            suggestion: outer == MethodField.templateName
                ? "a prompt that has one template for all roles is replaced by a whole \(outer)" : nil)
    }
}
