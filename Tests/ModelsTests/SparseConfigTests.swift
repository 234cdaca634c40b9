import Files
import Foundation
import Models
import Numerics
import TestSupport
import Testing

/// Configurations that say little, against transformers.
@Suite struct SparseConfigTests {
    private static let models: [GoldenModel] = (try? GoldenModel.sparse()) ?? []

    @Test("What a config.json leaves out or says null to is what transformers takes for it", arguments: models)
    func golden(model: GoldenModel) throws {
        let backbone = try Fixtures.withTemporaryFolder { folder in
            try model.write(to: folder)
            return try Checkpoint(path: folder).backbone(LinearMaker())
        }
        let readout = try Readout(
            attention: backbone.shape.isEncoder ? .all : .none, layer: HiddenLayer(backbone.layerCount), rows: .all,
            layerCount: backbone.layerCount)
        let found = try read([readout], of: [model.tokens], by: backbone)[0][0]
        let difference = Difference(found, try #require(model.bidirectional.first))
        #expect(difference.largest / max(1, difference.scale) < 1e-4, "\(model.name): \(difference)")
    }

    @Test("The golden file has a least configuration and one of nulls of each family that has its own defaults")
    func complete() {
        #expect(Self.models.count == 44)
        #expect(Set(Self.models.map(\.name)).count == 44)
    }
}

extension GoldenModel {
    /// The models of `sparse_configs.json`, whose states are those of the last layer.
    fileprivate static func sparse() throws -> [GoldenModel] {
        let root = try JSONDocument(path: Fixtures.golden("sparse_configs.json")).root
        let tokens = try root.required("tokens").elements().map { Int32(try $0.integer()) }
        return try root.required("cases").elements().map { node in
            GoldenModel(
                name: try node.required("name").string(), config: try node.required("config").text,
                tensors: try node.required("tensors").formulaTensors(), tokens: tokens,
                bidirectional: try node.required("states").states())
        }
    }
}
