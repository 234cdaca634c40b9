import Diagnostics
import Files
import Models
import Numerics
import TestSupport
import Testing
import Weights

@Suite("Which maps an adapter's file means")
struct AdapterNamesTests {
    /// A tiny model of a family.
    private static func backbone(_ model: GoldenModel) throws -> any AdaptableBackbone {
        try Fixtures.withTemporaryFolder { folder in
            try model.write(to: folder)
            return try Checkpoint(path: folder).backbone(LinearMaker(isDifferentiable: true))
        }
    }

    private static func adapter(_ configuration: AdapterConfiguration, of backbone: any AdaptableBackbone) throws
        -> Adapter
    {
        let layout = try backbone.parameterLayout(of: configuration)
        let values = layout.names.flatMap { FormulaNumbers.floats($0, count: layout[$0]?.count ?? 0, within: 0.2) }
        return Adapter(
            configuration: configuration, layout: layout,
            values: FrozenMatrix(freezing: Matrix(rows: 1, columns: layout.count, values)))
    }

    /// Paths of linear maps in the model, from the tensors of an adapter of all.
    private static func maps(of backbone: any AdaptableBackbone) throws -> [String] {
        let end = ".lora_A.weight"
        return try backbone.parameterLayout(of: AdapterConfiguration(rank: 1)).names.filter { $0.hasSuffix(end) }.map {
            String($0.dropFirst("base_model.model.".count).dropLast(end.count))
        }
    }

    /// Every end of a map's path, each beside another map's whole path, and with layers chosen.
    private static func choices(_ maps: [String], layerCount: Int) -> [AdapterConfiguration] {
        var ends: Set<String> = []
        // A layer's maps end alike in each.
        for path in maps where path.contains(".\(layerCount - 1).") {
            let parts = path.split(separator: ".")
            for start in parts.indices where Int(parts[start]) == nil {
                ends.insert(parts[start...].joined(separator: "."))
            }
        }
        let first = maps.first ?? ""
        let last = maps.last ?? ""
        return ends.sorted().flatMap { end in
            [
                AdapterConfiguration(rank: 2, targets: .named([end])),
                AdapterConfiguration(rank: 2, targets: .named([end, first].sorted())),
                AdapterConfiguration(rank: 2, targets: .named([end]), layers: [layerCount - 1]),
                AdapterConfiguration(rank: 2, targets: .named([end, last].sorted()), layers: [0, layerCount - 1]),
            ]
        }
    }

    @Test(
        "Whatever maps are trained are read back, whatever their names end in, and written anew",
        arguments: try GoldenModel.families())
    func roundTrips(model: GoldenModel) throws {
        let backbone = try Self.backbone(model)
        let maps = try Self.maps(of: backbone)
        var count = 0
        for configuration in Self.choices(maps, layerCount: backbone.layerCount) {
            // A name that is in no chosen layer is refused.
            guard let adapter = try? Self.adapter(configuration, of: backbone) else { continue }
            count += 1
            try Fixtures.withTemporaryFolder { folder in
                try adapter.write(folder: folder, base: AdapterBase(model.name))
                let read = try Adapter(folder: folder).fitted(to: backbone.modules)
                #expect(read.layout == adapter.layout, "\(configuration.targets)")
                #expect(read.values.array(row: 0) == adapter.values.array(row: 0), "\(configuration.targets)")
                try read.write(folder: folder, base: AdapterBase(model.name))
                let again = try Adapter(folder: folder).fitted(to: backbone.modules)
                #expect(again.layout == adapter.layout, "\(configuration.targets), written anew")
                #expect(again.configuration == read.configuration)
            }
        }
        #expect(count > maps.count / 2)
    }

    @Test(
        "A map that is saved whole in one layer has low-rank factors in the others",
        arguments: try GoldenModel.families())
    func savedInOneLayer(model: GoldenModel) throws {
        let backbone = try Self.backbone(model)
        let maps = try Self.maps(of: backbone)
        // As PEFT does it: what is saved whole is no target.
        let saved = try #require(maps.last)
        let factors = try Self.adapter(
            AdapterConfiguration(rank: 2, targets: .named(maps.filter { $0 != saved })), of: backbone)
        let configuration = factors.configuration.saving([saved])
        let adapter = try Self.adapter(configuration, of: backbone)
        try Fixtures.withTemporaryFolder { folder in
            try adapter.write(folder: folder, base: AdapterBase(model.name))
            let path = folder + "/adapter_config.json"
            let text = try TextFile.text(of: path)
            let name = try #require(saved.split(separator: ".").last)
            let names = Set(maps.compactMap { $0.split(separator: ".").last.map { "\"\($0)\"" } }).sorted()
            #expect(names.contains("\"\(name)\""))
            let list = try #require(text.firstMatch(of: /"target_modules": \[[^\]]*\]/))
            try AtomicFile.replace(
                path, with: text.replacing(list.0, with: "\"target_modules\": [\(names.joined(separator: ", "))]"))
            let read = try Adapter(folder: folder).fitted(to: backbone.modules)
            #expect(read.layout == adapter.layout)
        }
    }

    @Test("The pooler that PEFT adapts beside an encoder's maps is no reason to refuse them")
    func pooler() throws {
        let model = try #require(try GoldenModel.families().first { $0.name.hasPrefix("bert") })
        let backbone = try Self.backbone(model)
        let adapter = try Self.adapter(AdapterConfiguration(rank: 2, targets: .named(["dense"])), of: backbone)
        for prefix in ["", "bert."] {
            try Fixtures.withTemporaryFolder { folder in
                try adapter.write(folder: folder, base: AdapterBase(model.name))
                let path = folder + "/adapter_model.safetensors"
                var writer = SafetensorsWriter()
                for tensor in try SafetensorsFile(path).tensors {
                    let name = tensor.name.replacing("base_model.model.", with: "base_model.model.\(prefix)")
                    writer.add(.init(copying: tensor, as: name))
                }
                for factor in ["A", "B"] {
                    writer.add(
                        .init(
                            "base_model.model.\(prefix)pooler.dense.lora_\(factor).weight",
                            shape: [2, 2], values: Array(repeating: 1, count: 4)))
                }
                try writer.write(to: path)
                let read = try Adapter(folder: folder)
                #expect(read.heads == ["pooler"])
                #expect(try read.fitted(to: backbone.modules).layout == adapter.layout)
            }
        }
    }

    @Test("A target that is in none of the chosen layers is refused; a file that names one is read, as PEFT does")
    func outsideOfLayers() throws {
        let backbone = try TinyLlama.ofFormula.backbone(LinearMaker(isDifferentiable: true))
        let error = try #require(throws: Diagnostic.self) {
            _ = try backbone.parameterLayout(
                of: AdapterConfiguration(targets: .named(["layers.1.mlp.up_proj", "q_proj"]), layers: [0, 2]))
        }
        #expect(
            error.message.contains("the target layers.1.mlp.up_proj is in none of the layers to adapt, [0, 2]"),
            "\(error)")
        let adapter = try Self.adapter(
            AdapterConfiguration(rank: 2, targets: .named(["q_proj"]), layers: [0, 2]), of: backbone)
        try Fixtures.withTemporaryFolder { folder in
            try adapter.write(folder: folder, base: AdapterBase("tiny"))
            let path = folder + "/adapter_config.json"
            try AtomicFile.replace(
                path,
                with: try TextFile.text(of: path).replacing(
                    "[\"q_proj\"]", with: "[\"q_proj\", \"layers.1.mlp.up_proj\"]"))
            #expect(try Adapter(folder: folder).fitted(to: backbone.modules).layout == adapter.layout)
        }
    }

    @Test("Factors that the configuration means and the weights lack are named, in whichever layer")
    func lacking() throws {
        let backbone = try TinyLlama.ofFormula.backbone(LinearMaker(isDifferentiable: true))
        let adapter = try Self.adapter(AdapterConfiguration(rank: 2), of: backbone)
        try Fixtures.withTemporaryFolder { folder in
            try adapter.write(folder: folder, base: AdapterBase("tiny"))
            let path = folder + "/adapter_model.safetensors"
            var writer = SafetensorsWriter()
            for tensor in try SafetensorsFile(path).tensors where !tensor.name.contains("layers.1.mlp.up_proj") {
                writer.add(.init(copying: tensor))
            }
            try writer.write(to: path)
            let found = try #require(throws: Diagnostic.self) {
                _ = try Adapter(folder: folder).fitted(to: backbone.modules)
            }.description
            #expect(
                found.contains("target_modules: means model.layers.1.mlp.up_proj, of which the weights have no"),
                "\(found)")
        }
    }
}
