import Diagnostics
import Files
import Foundation
import Weights

/// An adapter file's tensors by module.
struct StoredModules {
    private struct Factors {
        var a: StoredTensor?
        var b: StoredTensor?
    }

    private let file: SafetensorsFile
    /// By the module's path behind PEFT's prefix.
    private var factors: [String: Factors] = [:]
    /// Of modules that were trained whole: weights, and biases.
    private var wholes: [String: StoredTensor] = [:]
    /// In the order of the layout.
    private(set) var inOrder: [(name: String, tensor: StoredTensor)] = []
    /// Modules behind the last hidden states, which no embedding reads: their tensors aren't in ``inOrder``.
    private(set) var heads: Set<String> = []

    /// The heads of transformers' models with a decoder's or a classifier's output, and the dense layer behind an encoder's
    /// first state.
    private static let headNames: Set = ["lm_head", "score", "classifier", "qa_outputs", "pooler"]

    /// The head that a module is or is part of, in the model or behind the backbone's own name; nil where it is of none.
    static func head(of module: String) -> String? {
        module.split(separator: ".").prefix(2).map(String.init).first(where: headNames.contains)
    }

    /// - Throws: for a tensor that is neither a low-rank factor nor of a whole module.
    init(_ file: SafetensorsFile) throws {
        self.file = file
        for tensor in file.tensors {
            guard
                let match = tensor.name.wholeMatch(
                    of: /base_model\.model\.(\w+(?:\.\w+)*?)(?:\.lora_([AB])(?:\.default)?)?\.(weight|bias)/),
                match.2 == nil ? (1...2).contains(tensor.shape.count) : tensor.shape.count == 2 && match.3 == "weight"
            else {
                throw Diagnostic(
                    "expected low-rank factors or whole modules as PEFT names them only, found the tensor "
                        + "\"\(tensor.name)\" of the shape \(tensor.shape)", at: SourceLocation(file: file.path))
            }
            let module = String(match.1)
            if let head = Self.head(of: module) {
                heads.insert(head)
                continue
            }
            let name = BackboneModules.namePrefix + module
            let known: StoredTensor?
            switch match.2 {
            case "A": known = factors[module, default: Factors()].a.exchange(tensor)
            case "B": known = factors[module, default: Factors()].b.exchange(tensor)
            default: known = wholes.updateValue(tensor, forKey: "\(module).\(match.3)")
            }
            if let known {
                throw Diagnostic(
                    "the same low-rank factor twice: \"\(known.name)\" and \"\(tensor.name)\"",
                    at: SourceLocation(file: file.path))
            }
            inOrder.append((name + (match.2.map { ".lora_\($0)" } ?? "") + ".\(match.3)", tensor))
        }
    }

    /// Checks that the tensors are those that the configuration names, and notes which modules and layers they are of.
    func complete(_ configuration: inout AdapterConfiguration, _ said: PEFTModules) throws {
        let adapted = adaptedModules
        guard !factors.isEmpty || !wholes.isEmpty else {
            throw error(
                heads.isEmpty
                    ? "expected an adapter's tensors, found none"
                    : "expected an adapter of the backbone, found \(list(heads.sorted())) alone, which no embedding reads"
            )
        }
        try said.checkHeads(heads)
        try checkTargets(configuration, said)
        if try adapted.contains(where: { try said.isTarget($0) != nil }) { configuration.targets = .named(adapted) }
        try checkModulesToSave(&configuration, said)
        for module in adapted { try check(module, rank: try said.size(of: module, configuration).rank, said) }
        try checkLayers(adapted, configuration, said)
    }

    private func checkTargets(_ configuration: AdapterConfiguration, _ said: PEFTModules) throws {
        let (adapted, key) = (adaptedModules, "target_modules")
        if let module = try adapted.first(where: said.excludes) {
            throw said.error("exclude_modules", "leaves out \(module), of which \(fileName) has low-rank factors")
        }
        guard case .named(let names) = configuration.targets,
            try adapted.allSatisfy({ try said.isTarget($0) == nil })
        else {
            if let strange = try adapted.first(where: { try said.isTarget($0) == false }) {
                throw said.error(key, "doesn't match \(strange), of which \(fileName) has low-rank factors")
            }
            return
        }
        let strange = adapted.filter { module in !names.contains { PEFTModules.isNamed(module, $0) } }
        guard strange.isEmpty else {
            throw said.error(
                key,
                "names \(list(names)); \(fileName) has low-rank factors of \(list(BackboneModules.shortNames(of: strange))) as well"
            )
        }
        // Which modules an exclusion leaves is known with the backbone.
        let missing = names.filter { name in
            // A path in a layer that isn't adapted means nothing there.
            let isElsewhere = Adapter.layer(ofTensor: name).map { configuration.layers?.contains($0) == false } ?? false
            return Self.head(of: name) == nil && !isElsewhere && !adapted.contains { PEFTModules.isNamed($0, name) }
        }
        guard let name = missing.first, !said.excludesAny else { return }
        throw said.error(
            key, naming: name,
            "names \(list(missing)), of which \(fileName) has no low-rank factors, but of \(list(BackboneModules.shortNames(of: adapted)))"
        )
    }

    private func checkModulesToSave(_ configuration: inout AdapterConfiguration, _ said: PEFTModules) throws {
        let key = "modules_to_save"
        var saved = configuration.modulesToSave
        // PEFT saves the embeddings' table too where it was asked to, or where the vocabulary has grown, and doesn't say so.
        if wholes.keys.contains(where: { PEFTModules.isNamed($0, "embed_tokens.weight") }),
            !saved.contains(where: { PEFTModules.isSaved("embed_tokens", as: $0) })
        {
            saved.append("embed_tokens")
        }
        func isIn(_ name: String, _ saved: String) -> Bool { PEFTModules.isSaved(name.droppingSuffix, as: saved) }
        if let strange = wholes.keys.sorted().first(where: { name in !saved.contains { isIn(name, $0) } }) {
            throw said.error(
                key, "names \(list(saved)); \(fileName) has \(strange.droppingSuffix) whole as well")
        }
        // PEFT names both of a classifier's usual heads, and saves the one that there is.
        let backbone = saved.filter { Self.head(of: $0) == nil }
        if let missing = backbone.first(where: { name in !wholes.keys.contains { isIn($0, name) } }) {
            throw said.error(
                key, naming: missing,
                "names \(missing), of which \(fileName) has nothing, but "
                    + list(wholes.keys.map(\.droppingSuffix).sorted()))
        }
        configuration.modulesToSave = backbone
    }

    /// The modules with low-rank factors, in the order of the file.
    var adaptedModules: [String] {
        var seen: Set<String> = []
        return inOrder.compactMap { name, _ in
            name.firstRange(of: ".lora_").map {
                String(name[..<$0.lowerBound].dropFirst(BackboneModules.namePrefix.count))
            }
        }
        .filter { seen.insert($0).inserted }
    }

    private func check(_ module: String, rank: Int, _ said: PEFTModules) throws {
        guard let a = factors[module]?.a, let b = factors[module]?.b else {
            throw error("\(place(module, "lacks a low-rank factor of"))")
        }
        guard a.shape[0] == rank, b.shape[1] == rank else {
            throw said.error(
                "r", "expected the rank \(rank) in \(fileName), found \(a.shape[0]) and \(b.shape[1]) in \(module)")
        }
    }

    private func place(_ module: String, _ verb: String) -> String {
        let layer = Adapter.layer(ofTensor: module).map { "layer \($0)" } ?? "the model"
        return "\(layer) \(verb) \(Adapter.pathInLayer(module))"
    }

    /// - Throws: where other layers have factors than the configuration says. Whether each of those has all of its own is
    ///   known with the backbone.
    private func checkLayers(_ adapted: [String], _ configuration: AdapterConfiguration, _ said: PEFTModules) throws {
        let layers = Set(adapted.compactMap(Adapter.layer(ofTensor:))).sorted()
        if let named = configuration.layers, !layers.allSatisfy(named.contains) {
            throw said.error("layers_to_transform", "adapts the layers \(named), \(fileName) \(layers)")
        }
    }

    private var fileName: String { URL(fileURLWithPath: file.path).lastPathComponent }

    private func error(_ message: String) -> Diagnostic { Diagnostic(message, at: SourceLocation(file: file.path)) }

    private func list(_ names: [String]) -> String { names.isEmpty ? "nothing" : names.joined(separator: ", ") }
}

extension String {
    /// Without `.weight` or `.bias`.
    fileprivate var droppingSuffix: String { replacing(/\.(weight|bias)$/, with: "") }
}

extension Optional {
    /// Puts a value in the place of the present one, which is returned.
    fileprivate mutating func exchange(_ value: Wrapped) -> Wrapped? {
        defer { self = value }
        return self
    }
}
