import Diagnostics
import Files
import Foundation
import Numerics
import Weights

/// Adapters as PEFT stores them: a folder with `adapter_config.json` and `adapter_model.safetensors`.
/// Source: https://huggingface.co/docs/peft/developer_guides/checkpoint
extension Adapter {
    private static let configName = "adapter_config.json"
    private static let weightsName = "adapter_model.safetensors"

    /// Reads an adapter's folder.
    ///
    /// - Throws: where a file is missing or damaged, where tensors are missing, left over or misshapen, and for every
    ///   setting of PEFT's that would change the result and isn't known here.
    public init(folder: String) throws {
        let url = URL(fileURLWithPath: folder)
        let config = url.appendingPathComponent(Self.configName).path
        guard FileManager.default.fileExists(atPath: config) else {
            throw Diagnostic("expected an \(Self.configName)", at: SourceLocation(file: folder))
        }
        let weights = url.appendingPathComponent(Self.weightsName).path
        if !FileManager.default.fileExists(atPath: weights),
            FileManager.default.fileExists(atPath: url.appendingPathComponent("adapter_model.bin").path)
        {
            throw Diagnostic(
                "adapter_model.bin is a Python pickle, which can run any program; expected \(Self.weightsName)",
                at: SourceLocation(file: folder),
                suggestion: "convert it: PeftModel.from_pretrained(…).save_pretrained(…, safe_serialization=True)")
        }
        let root = try JSONDocument(path: config).root
        var configuration = try AdapterConfiguration(peft: root)
        let tensors = try StoredModules(SafetensorsFile(weights))
        try tensors.complete(&configuration)
        var layout = ParameterLayout()
        layout.convention.isTransposed = try root["fan_in_fan_out"]?.flag() ?? false
        if let task = root["task_type"], task.kind == .string { layout.convention.taskType = try task.string() }
        for (name, tensor) in tensors.inOrder {
            let shape = tensor.shape
            layout.append(
                name, rows: shape.count == 1 ? 1 : shape[0], columns: shape[shape.count - 1],
                isVector: shape.count == 1)
        }
        let values = Matrix(rows: 1, columns: layout.count)
        for (name, tensor) in tensors.inOrder {
            guard let place = layout[name] else { continue }
            let view = values.view(from: place.offset, rows: place.rows, columns: place.columns)
            try view.withUnsafeMutableElements(rows: 0..<place.rows) {
                try tensor.decode(rows: 0..<tensor.rows, into: $0)
            }
        }
        self.init(configuration: configuration, layout: layout, values: FrozenMatrix(freezing: values))
    }

    /// The digest of an adapter's two files together.
    public static func sha256(folder: String) throws -> SHA256Digest {
        let url = URL(fileURLWithPath: folder)
        let digests = try [configName, weightsName].map {
            try MappedFile(url.appendingPathComponent($0).path).sha256().description
        }
        return SHA256Digest(of: digests.joined(separator: "\n"))
    }

    /// The text pairs of the weights' header.
    package static func metadata(folder: String) throws -> [String: String] {
        let file = try SafetensorsFile(URL(fileURLWithPath: folder).appendingPathComponent(weightsName).path)
        return Dictionary(file.metadata.map { ($0.key, $0.value) }) { first, _ in first }
    }

    /// The files that ``write(folder:baseModel:metadata:)`` makes.
    public static func files(in folder: String) -> [String] {
        [weightsName, configName].map { URL(fileURLWithPath: folder).appendingPathComponent($0).path }
    }

    /// Writes an adapter's folder: the weights first, the configuration that makes them an adapter last.
    ///
    /// - Parameters:
    ///   - baseModel: the backbone's name, for the reader
    ///   - metadata: text pairs for the weights' header: what made the adapter
    public func write(folder: String, baseModel: String, metadata: [String: String] = [:]) throws {
        try AtomicFile.createFolder(folder)
        var writer = SafetensorsWriter(metadata: metadata.merging(["format": "pt"]) { own, _ in own })
        let numbers = values.array(row: 0)
        for name in layout.names {
            guard let place = layout[name] else { continue }
            writer.add(.init(name, shape: place.shape, values: Array(numbers[place.range])))
        }
        let url = URL(fileURLWithPath: folder)
        try writer.write(to: url.appendingPathComponent(Self.weightsName).path)
        try OutputDestination(url.appendingPathComponent(Self.configName).path)
            .replace(with: configuration.peftJSON(baseModel: baseModel, layout))
    }
}

/// An adapter file's tensors by module.
private struct StoredModules {
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

    /// Checks that the tensors are those that the configuration names, and notes which layers they are of.
    func complete(_ configuration: inout AdapterConfiguration) throws {
        let adapted = adaptedModules
        let names: [String]? = if case .named(let names) = configuration.targets { names } else { nil }
        let isNamed = { (module: String, name: String) in ".\(module)".hasSuffix(".\(name)") }
        if let names {
            let strange = adapted.filter { module in !names.contains { isNamed(module, $0) } }
            let missing = names.filter { name in !adapted.contains { isNamed($0, name) } }
            guard strange.isEmpty, missing.isEmpty else {
                throw error("the configuration adapts \(list(names)), the weights \(list(shortNames(adapted)))")
            }
        }
        guard !factors.isEmpty || !wholes.isEmpty else { throw error("expected an adapter's tensors, found none") }
        // A module that is saved whole may be named by a path that has others in it.
        let saved = configuration.modulesToSave
        let strange = wholes.keys.filter { name in
            !saved.contains { isNamed(name.droppingSuffix, $0) || ".\(name)".contains(".\($0).") }
        }
        let missing = saved.filter { name in
            !wholes.keys.contains { isNamed($0.droppingSuffix, name) || ".\($0)".contains(".\(name).") }
        }
        guard strange.isEmpty, missing.isEmpty else {
            throw error(
                "the configuration's modules_to_save are \(saved), the weights have whole "
                    + list(wholes.keys.map(\.droppingSuffix).sorted()))
        }
        for module in adapted { try check(module, rank: configuration.rank) }
        try noteLayers(adapted, names, &configuration)
        // Names in whole mean what the short ones do.
        if names != nil {
            configuration.targets = .named(shortNames(adapted))
        }
    }

    /// The modules with low-rank factors, in the order of the file.
    private var adaptedModules: [String] {
        var seen: Set<String> = []
        return inOrder.compactMap { name, _ in
            name.firstRange(of: ".lora_").map {
                String(name[..<$0.lowerBound].dropFirst(BackboneModules.namePrefix.count))
            }
        }
        .filter { seen.insert($0).inserted }
    }

    private func check(_ module: String, rank: Int) throws {
        guard let a = factors[module]?.a, let b = factors[module]?.b else {
            throw error("\(place(module, "lacks a low-rank factor of"))")
        }
        guard a.shape[0] == rank, b.shape[1] == rank else {
            throw error("expected the rank \(rank), found \(a.shape[0]) and \(b.shape[1]) in \(module)")
        }
    }

    private func place(_ module: String, _ verb: String) -> String {
        let layer = Adapter.layer(ofTensor: module).map { "layer \($0)" } ?? "the model"
        return "\(layer) \(verb) \(Adapter.pathInLayer(module))"
    }

    private func noteLayers(
        _ adapted: [String], _ names: [String]?, _ configuration: inout AdapterConfiguration
    ) throws {
        let layers = Set(adapted.compactMap(Adapter.layer(ofTensor:))).sorted()
        for layer in layers {
            let own = Set(adapted.filter { Adapter.layer(ofTensor: $0) == layer }.map(Adapter.pathInLayer))
            let all = Set(adapted.map(Adapter.pathInLayer))
            if let lacking = all.subtracting(own).sorted().first {
                throw error("layer \(layer) lacks a low-rank factor of \(lacking)")
            }
        }
        if let named = configuration.layers, named != layers {
            throw error("the configuration adapts the layers \(named), the weights \(layers)")
        }
        // A file without layers_to_transform adapts all; how many the model has is checked where it is applied.
        if !layers.isEmpty, layers != Array(0..<layers.count) { configuration.layers = layers }
    }

    /// The adapted maps by the shortest names that tell them apart, in the order of their first tensors.
    private func shortNames(_ modules: [String]) -> [String] {
        var seen: Set<String> = []
        return BackboneModules.shortened(modules.map(Adapter.pathInLayer).filter { seen.insert($0).inserted })
    }

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
