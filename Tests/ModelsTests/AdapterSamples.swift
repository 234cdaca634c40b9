import Diagnostics
import Files
import Models
import Numerics
import TestSupport
import Testing
import Weights

/// Adapters of a tiny backbone, and their folders.
struct AdapterSamples {
    let backbone: any AdaptableBackbone

    init() throws { backbone = try TinyLlama.ofFormula.backbone(LinearMaker(isDifferentiable: true)) }

    func adapter(_ configuration: AdapterConfiguration) throws -> Adapter {
        let layout = try backbone.parameterLayout(of: configuration)
        let values = layout.names.flatMap { FormulaNumbers.floats($0, count: layout[$0]?.count ?? 0, within: 0.2) }
        return Adapter(
            configuration: configuration, layout: layout,
            values: FrozenMatrix(freezing: Matrix(rows: 1, columns: layout.count, values)))
    }

    /// A written adapter's folder, its configuration changed by replacing texts.
    func withFolder<R>(
        _ configuration: AdapterConfiguration = AdapterConfiguration(rank: 2, alpha: 4),
        replacing old: String = "", with new: String = "", _ body: (String) throws -> R
    ) throws -> R {
        try Fixtures.withTemporaryFolder { folder in
            try adapter(configuration).write(folder: folder, base: AdapterBase("tiny \"quoted\""))
            let path = folder + "/adapter_config.json"
            let text = try TextFile.text(of: path)
            #expect(old.isEmpty || text.contains(old), "\(old)")
            if !old.isEmpty { try AtomicFile.replace(path, with: text.replacing(old, with: new)) }
            return try body(folder)
        }
    }

    func message(_ body: () throws -> Void) throws -> String {
        try #require(throws: Diagnostic.self, performing: body).description
    }

    /// What the reader says of a written adapter whose configuration is changed.
    func refusal(_ old: String, _ new: String) throws -> String {
        try withFolder(replacing: old, with: new) { folder in try message { _ = try Adapter(folder: folder) } }
    }
}

extension AdapterConfiguration {
    func saving(_ modules: [String]) -> AdapterConfiguration {
        var configuration = self
        configuration.modulesToSave = modules
        return configuration
    }
}

extension TinyLlama {
    func merged(_ adapter: Adapter, isResident: Bool = true) throws -> any Backbone {
        try Checkpoint(gguf: GGUFFile(MappedFile(gguf, as: "tiny.gguf")))
            .backbone(LinearMaker(), isResident: isResident, merging: adapter)
    }
}
