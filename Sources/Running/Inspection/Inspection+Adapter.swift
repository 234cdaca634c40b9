import Embedding
import Files
import Foundation
import Models
import Weights

extension Inspection {
    /// An adapter's folder, checked as it is before it is merged.
    ///
    /// - Throws: where a file is missing or damaged, or the adapter is of a kind that can't be merged.
    public init(adapter folder: String) throws {
        let adapter = try Adapter(folder: folder)
        let configuration = adapter.configuration
        let url = URL(fileURLWithPath: folder)
        add("path", folder)
        let config = try JSONDocument(path: url.appendingPathComponent("adapter_config.json").path).root
        if let base = config["base_model_name_or_path"], base.kind == .string { add("base model", try base.string()) }
        add("rank", configuration.rank)
        add("alpha", .number(Double(configuration.alpha)))
        add("scale", .number(Double(configuration.scale)))
        add("scaled by", configuration.scalesBySquareRoot ? "alpha / √rank" : "alpha / rank")
        add("dropout", .number(configuration.dropout))
        add("linear maps", adapter.adaptedMaps.isEmpty ? "none" : adapter.adaptedMaps.joined(separator: ", "))
        if !configuration.modulesToSave.isEmpty {
            add("trained whole", configuration.modulesToSave.joined(separator: ", "))
        }
        if !adapter.heads.isEmpty { add("not read, no embedding does", adapter.heads.joined(separator: ", ")) }
        let layers = Set(adapter.layout.names.compactMap(Adapter.layer(ofTensor:))).sorted()
        add("layers", .integers(layers))
        add("tensors", adapter.layout.names.count)
        add("parameters", adapter.layout.count)
        let whole = AdapterFolder(folder)
        if let head = try whole.headShape() { add("head", head.title) }
        add("SHA-256 in results", try whole.sha256().description)
        tables.append(Table(try SafetensorsFile(url.appendingPathComponent("adapter_model.safetensors").path).tensors))
    }
}
