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
        var configuration = try LowRankConfiguration(peft: JSONDocument(path: config).root)
        let tensors = try StoredFactors(SafetensorsFile(weights))
        try tensors.complete(&configuration)
        var layout = ParameterLayout()
        for (name, tensor) in tensors.inOrder {
            layout.append(name, rows: tensor.shape[0], columns: tensor.shape[1])
        }
        let values = Matrix(rows: 1, columns: layout.count)
        for (name, tensor) in tensors.inOrder {
            guard let place = layout[name] else { continue }
            let view = values.view(from: place.offset, rows: place.rows, columns: place.columns)
            try view.withUnsafeMutableElements(rows: 0..<place.rows) {
                try tensor.decode(rows: 0..<place.rows, into: $0)
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
            writer.add(.init(name, shape: [place.rows, place.columns], values: Array(numbers[place.range])))
        }
        let url = URL(fileURLWithPath: folder)
        try writer.write(to: url.appendingPathComponent(Self.weightsName).path)
        try AtomicFile.replace(
            url.appendingPathComponent(Self.configName).path, with: configuration.peftJSON(baseModel: baseModel))
    }
}

/// An adapter file's tensors by layer and linear map.
private struct StoredFactors {
    private struct Key: Hashable {
        var layer: Int
        var projection: Projection
    }

    private struct Factors {
        var a: StoredTensor?
        var b: StoredTensor?
    }

    private let file: SafetensorsFile
    private var factors: [Key: Factors] = [:]
    /// Of linear maps that were trained whole.
    private var wholes: [Key: StoredTensor] = [:]

    /// - Throws: for a tensor that is neither a low-rank factor nor the whole of a known linear map.
    init(_ file: SafetensorsFile) throws {
        self.file = file
        for tensor in file.tensors {
            // PEFT wraps models with and without a head for the vocabulary: "model.model." and "model.".
            guard
                let match = tensor.name.wholeMatch(
                    of:
                        /base_model\.model\.(?:model\.)?layers\.(\d+)\.(\w+)\.(\w+)(?:\.lora_([AB])(?:\.default)?)?\.weight/
                ),
                let layer = Int(match.1), let projection = Projection(rawValue: String(match.3)),
                projection.block == match.2, tensor.shape.count == 2
            else {
                throw Diagnostic(
                    "expected low-rank factors or wholes of "
                        + "\(Projection.allCases.map(\.rawValue).joined(separator: ", ")) only, found the tensor \"\(tensor.name)\" of the shape \(tensor.shape)",
                    at: SourceLocation(file: file.path))
            }
            let key = Key(layer: layer, projection: projection)
            let factor = match.4 == "A" ? \Factors.a : \Factors.b
            if let known = match.4 == nil ? wholes[key] : factors[key]?[keyPath: factor] {
                throw Diagnostic(
                    "the same low-rank factor twice: \"\(known.name)\" and \"\(tensor.name)\"",
                    at: SourceLocation(file: file.path))
            }
            if match.4 == nil {
                wholes[key] = tensor
            } else {
                factors[key, default: Factors()][keyPath: factor] = tensor
            }
        }
    }

    /// Checks that the factors are those that the configuration names, and notes which layers they are of.
    func complete(_ configuration: inout LowRankConfiguration) throws {
        let layers = Set(factors.keys.map(\.layer)).sorted()
        let found = Set(factors.keys.map(\.projection))
        guard found == Set(configuration.targets), !layers.isEmpty || !wholes.isEmpty else {
            throw Diagnostic(
                "the configuration adapts \(list(configuration.targets)), the weights "
                    + "\(list(Projection.allCases.filter(found.contains)))", at: SourceLocation(file: file.path))
        }
        guard wholes.isEmpty == configuration.modulesToSave.isEmpty else {
            throw Diagnostic(
                "the configuration's modules_to_save are \(configuration.modulesToSave), the weights have "
                    + "\(wholes.count) linear maps whole", at: SourceLocation(file: file.path))
        }
        configuration.modulesToSave = wholes.keys.sorted {
            ($0.layer, $0.projection.order) < ($1.layer, $1.projection.order)
        }
        .map { "layers.\($0.layer).\($0.projection.block).\($0.projection.rawValue)" }
        for layer in layers {
            for projection in configuration.targets {
                let factors = factors[Key(layer: layer, projection: projection)]
                guard let a = factors?.a, let b = factors?.b else {
                    throw Diagnostic(
                        "layer \(layer) lacks a low-rank factor of \(projection.rawValue)",
                        at: SourceLocation(file: file.path))
                }
                guard a.shape[0] == configuration.rank, b.shape[1] == configuration.rank else {
                    throw Diagnostic(
                        "expected the rank \(configuration.rank), found \(a.shape[0]) and \(b.shape[1]) in layer \(layer)'s "
                            + projection.rawValue, at: SourceLocation(file: file.path))
                }
            }
        }
        if let named = configuration.layers, named != layers {
            throw Diagnostic(
                "the configuration adapts the layers \(named), the weights \(layers)",
                at: SourceLocation(file: file.path))
        }
        // A file without layers_to_transform adapts all; how many the model has is checked where it is applied.
        if !layers.isEmpty, layers != Array(0..<layers.count) { configuration.layers = layers }
    }

    /// The tensors in the order of a layout, by the names that it gives them.
    var inOrder: [(name: String, tensor: StoredTensor)] {
        Set(factors.keys.map(\.layer)).union(wholes.keys.map(\.layer)).sorted().flatMap { layer in
            Projection.allCases.flatMap { projection -> [(name: String, tensor: StoredTensor)] in
                let key = Key(layer: layer, projection: projection)
                if let whole = wholes[key] { return [(Adapter.wholeName(layer: layer, projection), whole)] }
                guard let pair = factors[key], let a = pair.a, let b = pair.b else { return [] }
                let names = Adapter.names(layer: layer, projection)
                return [(names.a, a), (names.b, b)]
            }
        }
    }

    private func list(_ projections: [Projection]) -> String {
        projections.isEmpty ? "nothing" : projections.map(\.rawValue).joined(separator: ", ")
    }
}
