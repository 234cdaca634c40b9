import Testing
import Files
import Foundation
import TestSupport
import Testing
import Weights

/// A model that transformers has computed: its `config.json`, its tensors, and its hidden states.
struct GoldenModel: Sendable, CustomTestStringConvertible {
    var name: String
    var config: String
    var tensors: [FormulaTensor]
    /// What a GGUF file calls the tensors.
    var ggufNames: [String: String] = [:]
    var tokens: [Int32]
    /// [hidden layer][component of all tokens]; nil for an encoder.
    var causal: [[Float]]?
    var bidirectional: [[Float]]

    var testDescription: String { name }

    /// Writes the model as a Hugging Face folder.
    func write(to folder: String) throws {
        var writer = SafetensorsWriter()
        for tensor in tensors { writer.add(.init(tensor.name, shape: tensor.shape, values: tensor.values)) }
        try writer.write(to: folder + "/model.safetensors")
        try AtomicFile.replace(folder + "/config.json", with: config)
    }

    /// With other members in its `config.json`, as JSON writes them.
    func saying(_ added: [String: String], without removed: Set<String> = []) throws -> GoldenModel {
        let root = try JSONDocument(Array(config.utf8), file: "config.json").root
        let kept = root.members.filter { added[$0.key] == nil && !removed.contains($0.key) }
        let members = kept.map { ($0.key, $0.value.text) } + added.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        var model = self
        model.config = "{" + members.map { "\"\($0.0)\": \($0.1)" }.joined(separator: ", ") + "}"
        return model
    }

    /// The models of `families.json`.
    static func families() throws -> [GoldenModel] {
        let root = try JSONDocument(path: Fixtures.golden("families.json")).root
        let tokens = try root.required("tokens").elements().map { Int32(try $0.integer()) }
        return try root.required("cases").elements().map { node in
            var ggufNames: [String: String] = [:]
            try node.required("gguf").forEachMember { ggufNames[$0] = try $1.string() }
            return GoldenModel(
                name: try node.required("name").string(), config: try node.required("config").text,
                tensors: try node.required("tensors").formulaTensors(), ggufNames: ggufNames, tokens: tokens,
                causal: try node["causal"]?.states(), bidirectional: try node.required("bidirectional").states())
        }
    }
}

extension JSONNode {
    /// Pairs of a name and a shape.
    func formulaTensors() throws -> [FormulaTensor] {
        try elements().map { pair in
            let (name, shape) = try #require(try pair.elements().pair)
            return FormulaTensor(name: try name.string(), shape: try shape.elements().map { try $0.integer() })
        }
    }

    /// Of each layer all tokens' components end to end.
    func states() throws -> [[Float]] {
        try JSONDecoder().decode([[[Float]]].self, from: Data(text.utf8)).map { $0.flatMap(\.self) }
    }
}
