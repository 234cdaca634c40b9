import Diagnostics
import Files
import Foundation
import Numerics
import Weights

/// Adapters as PEFT stores them: a folder with `adapter_config.json` and `adapter_model.safetensors`.
/// Source: https://huggingface.co/docs/peft/developer_guides/checkpoint
extension Adapter {
    package static let configName = "adapter_config.json"
    private static let weightsName = "adapter_model.safetensors"
    package static let fileNames = [weightsName, configName]

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
        let said = try PEFTModules(root)
        let tensors = try StoredModules(SafetensorsFile(weights))
        try tensors.complete(&configuration, said)
        var layout = ParameterLayout()
        layout.convention.isTransposed = try root["fan_in_fan_out"]?.flag() ?? false
        layout.convention.modulesToSave = configuration.modulesToSave
        if let task = root["task_type"], task.kind == .string { layout.convention.taskType = try task.string() }
        let scales = said.hasPatterns ? try tensors.unify(&configuration, said) : [:]
        for (name, tensor) in tensors.inOrder {
            var shape = tensor.shape
            if name.hasSuffix(".lora_A.weight") { shape[0] = configuration.rank }
            if name.hasSuffix(".lora_B.weight") { shape[1] = configuration.rank }
            layout.append(
                name, rows: shape.count == 1 ? 1 : shape[0], columns: shape[shape.count - 1],
                isVector: shape.count == 1)
        }
        let values = Matrix(rows: 1, columns: layout.count)
        for (name, tensor) in tensors.inOrder {
            guard let place = layout[name] else { continue }
            let view = values.view(from: place.offset, rows: place.rows, columns: place.columns)
            guard said.hasPatterns else {
                try view.withUnsafeMutableElements(rows: 0..<place.rows) {
                    try tensor.decode(rows: 0..<tensor.rows, into: $0)
                }
                continue
            }
            let room = place.columns - tensor.columns
            for row in 0..<tensor.rows {
                let scaled = try tensor.decoded(rows: row..<row + 1).map { $0 * (scales[name] ?? 1) }
                view.assign(row: row, from: scaled + [Float](repeating: 0, count: room))
            }
        }
        self.init(configuration: configuration, layout: layout, values: FrozenMatrix(freezing: values))
        self.said = said
        heads = tensors.heads.sorted()
    }

    /// The digest of an adapter's two files together.
    public static func sha256(folder: String) throws -> SHA256Digest {
        let url = URL(fileURLWithPath: folder)
        let digests = try [configName, weightsName].map {
            try MappedFile(url.appendingPathComponent($0).path).sha256().description
        }
        return SHA256Digest(of: digests.joined(separator: "\n"))
    }

    /// The text pairs of the weights' header; none where there are no such weights.
    package static func metadata(folder: String) throws -> [String: String] {
        let path = URL(fileURLWithPath: folder).appendingPathComponent(weightsName).path
        guard FileManager.default.fileExists(atPath: path) else { return [:] }
        let file = try SafetensorsFile(path)
        return Dictionary(file.metadata.map { ($0.key, $0.value) }) { first, _ in first }
    }

    /// The files that ``write(folder:base:metadata:)`` makes.
    public static func files(in folder: String) -> [PlannedFile] {
        [(weightsName, OutputKind.safetensors), (configName, .adapterConfiguration)].map { name, kind in
            PlannedFile(URL(fileURLWithPath: folder).appendingPathComponent(name).path, kind)
        }
    }

    /// Writes an adapter's folder: the weights first, the configuration that makes them an adapter last.
    ///
    /// - Parameters:
    ///   - base: the backbone
    ///   - metadata: text pairs for the weights' header: what made the adapter
    public func write(folder: String, base: AdapterBase, metadata: [String: String] = [:]) throws {
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
            .replace(with: configuration.peftJSON(base, layout))
    }
}

extension StoredModules {
    /// Gives modules that have ranks and alphas of their own one rank, the largest, and the scale 1: rows and columns of zeros
    /// change no product, and each module's scale goes into its factor B.
    ///
    /// - Returns: what each factor B is multiplied by, by its name
    fileprivate func unify(
        _ configuration: inout AdapterConfiguration, _ said: PEFTModules
    ) throws -> [String: Float] {
        let sizes = try adaptedModules.map { (module: $0, size: try said.size(of: $0, configuration)) }
        configuration.rank = sizes.map(\.size.rank).max() ?? configuration.rank
        (configuration.alpha, configuration.scalesBySquareRoot) = (Float(configuration.rank), false)
        let scales = sizes.map { ("\(BackboneModules.namePrefix)\($0.module).lora_B.weight", $0.size.scale) }
        return Dictionary(scales) { first, _ in first }
    }
}

/// The model that an adapter is of, as PEFT's configuration names it.
public struct AdapterBase: Hashable, Sendable {
    /// A repository of the hub, or a folder; where only a reader is told, any name.
    public let name: String
    /// The repository's commit; nil for its newest.
    public let revision: String?

    public init(_ name: String, revision: String? = nil) { (self.name, self.revision) = (name, revision) }
}
