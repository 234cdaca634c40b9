import Diagnostics
import Embedding
import Files

/// What a model's config says of the method that the model was released with: `method`, `adapter` and `unit_length` of
/// `configs/models/NAME.yaml`. A run has what it doesn't say itself from here.
public struct ModelMethod: Hashable, Sendable {
    /// Run keys, in the file's order.
    let entries: [ConfigEntry]
    /// Whether `bellm embed` brings embeddings to length 1. Scores are cosines, and don't see it.
    public let isNormalised: Bool
    /// The file that says so.
    private let file: String

    /// The fields that a config may say: those that a resolved run always writes out, so that it means the same when the config has
    /// changed.
    static let fields = MethodField.all.filter(\.isAlwaysWritten)

    /// - Returns: nil where the config says none of it.
    init?(_ part: ConfigNode, isNormalised: Bool, _ problems: inout ConfigProblems) throws {
        let method = part["method"]
        let entries = try problems.collect { try method?.mapping() ?? [] } ?? []
        method?.unknownKeys("key of a model's method", among: Self.fields.map(\.name)).forEach { problems.add($0) }
        let values = ConfigNode(.mapping(entries), at: part.location, folder: part.folder)
        var read = EmbeddingMethod.unsaid
        for field in Self.fields {
            guard let value = values[field.name] else { continue }
            try problems.collect { try field.read(value.methodValue, into: &read) }
        }
        let adapter = part.entries.filter { $0.key == RunKey.adapterName }
        guard !entries.isEmpty || !adapter.isEmpty || isNormalised else { return nil }
        self.entries = entries.filter { entry in Self.fields.contains { $0.name == entry.key } } + adapter
        self.isNormalised = isNormalised
        file = part.location.file
    }

    /// What the model is beside its backbone; nil for nothing.
    var adapter: ConfigNode? { entries.first { $0.key == RunKey.adapterName }?.value }

    /// Lays the method's fields over another method.
    ///
    /// - Parameter kept: fields that the user has said, by name
    public func complete(_ method: inout EmbeddingMethod, keeping kept: (String) -> Bool) throws {
        for field in Self.fields {
            guard let entry = entries.first(where: { $0.key == field.name }), !kept(field.name) else { continue }
            try field.read(entry.value.methodValue, into: &method)
        }
    }

    /// Whether a field is said.
    public func says(_ field: String) -> Bool { entries.contains { $0.key == field } }

    /// Whether a key of the config stands for nothing beside what a run says: a prompt has a template and a normaliser of its own, a
    /// protocol a normaliser.
    fileprivate static func isReplaced(_ key: String, by said: Set<String>) -> Bool {
        let others: [String: Set<String>] = [
            MethodField.templateName: ["prompt"], MethodField.normaliserName: ["prompt", "protocol"],
            MethodField.layerName: [RunKey.layersName],
        ]
        return others[key].map { !$0.isDisjoint(with: said) } ?? false
    }

    /// By what is said, wherever it stands.
    public static func == (one: ModelMethod, other: ModelMethod) -> Bool {
        one.isNormalised == other.isNormalised && one.entries.count == other.entries.count
            && zip(one.entries, other.entries).allSatisfy {
                $0.key == $1.key && $0.value.content.yaml == $1.value.content.yaml
            }
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(isNormalised)
        for entry in entries { hasher.combine(entry.key) }
    }
}

extension ModelMethod {
    /// What is taken from which file, such as `configs/models/x.yaml says: template, pooling`.
    ///
    /// - Parameter kept: what the user has said, by name
    public func note(keeping kept: (String) -> Bool) -> String {
        let taken = entries.map(\.key).filter { !kept($0) } + (isNormalised ? ["length 1"] : [])
        return "\(HomeFolder.abbreviated(file)) says: " + taken.joined(separator: ", ")
    }
}

extension ConfigNode {
    /// What a run says over what the config of its model says.
    ///
    /// - Throws: where the run is trained and the model has an adapter of its own, of which a training would begin without a word.
    func completed(by method: ModelMethod?, of model: String) throws(Diagnostic) -> ConfigNode {
        guard let method else { return self }
        let said = Set(entries.map(\.key))
        if let training = entries.first(where: { $0.key == RunKey.trainName && !$0.isNone }), method.adapter != nil,
            !said.contains(RunKey.adapterName)
        {
            throw Diagnostic(
                "the model \(model) is a backbone with adapters of its own, which a training would begin without",
                at: training.location, suggestion: "train the backbone that its config names as hub")
        }
        let added = method.entries.filter { entry in
            !said.contains(entry.key) && !ModelMethod.isReplaced(entry.key, by: said)
        }
        return ConfigNode(.mapping(entries + added), at: location, folder: folder)
    }

    /// The same for the model that the mapping names. One that can't be read says so where it is read.
    ///
    /// - Parameter models: nil to leave it as it is
    func completed(by models: ModelCatalogue?) throws(Diagnostic) -> ConfigNode {
        guard let models, let node = self["model"], case .text(let text) = node.content,
            let model = try? models.model(text, relativeTo: node.folder, at: node.location)
        else { return self }
        return try completed(by: model.method, of: model.name)
    }

    /// The adapter that a run's or a model's key means; nil for `none`.
    func adapter(in context: ConfigContext) throws -> AdapterReference? {
        if case .mapping = content { return try mergedAdapter(in: context) }
        let text = try text(
            "none, the folder of an adapter, a repository of the hub, a run as FILE.yaml:RUN, or a mapping that merges several"
        )
        return text == "none" ? nil : try context.models.adapter(text, relativeTo: folder, at: location)
    }
}
