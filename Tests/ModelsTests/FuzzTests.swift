import Diagnostics
import Files
import Foundation
import Models
import Numerics
import TestSupport
import Testing

@Suite(
    "Any damage to an adapter's files gives a diagnostic or an adapter that fits or is refused, never a crash",
    .serialized)
struct FuzzTests {
    @Test("adapter_config.json and adapter_model.safetensors")
    func adapters() throws {
        let backbone = try TinyLlama.ofFormula.backbone(LinearMaker(isDifferentiable: true))
        // The Swift runtime makes room for generic types 16 KiB at a time.
        var budget = FuzzBudget(tries: 300, fixedCost: 16 << 10)
        var mutator = Mutator(seed: budget.seed, fragments: Mutator.json)
        var opened = 0
        try Fixtures.withTemporaryFolder { folder in
            var configuration = AdapterConfiguration(
                rank: 2, alpha: 4, targets: .named(["q_proj", "down_proj"]), layers: [0, 2])
            configuration.modulesToSave = ["layers.1.self_attn.k_proj"]
            let layout = try backbone.parameterLayout(of: configuration)
            let values = FrozenMatrix(freezing: Matrix(rows: 1, columns: layout.count))
            try Adapter(configuration: configuration, layout: layout, values: values)
                .write(folder: folder, base: AdapterBase("tiny"))
            let paths = ["adapter_config.json", "adapter_model.safetensors"].map { "\(folder)/\($0)" }
            let files = try paths.map { try TextFile.bytes(of: $0) }
            while budget.takesAnother() {
                let which = budget.tried % 2
                let damaged = mutator.damaged(files[which])
                try Data(damaged).write(to: URL(fileURLWithPath: paths[which]))
                do {
                    let adapter = try budget.watch(damaged.count + files[1 - which].count) {
                        try Adapter(folder: folder)
                    }
                    _ = try TinyLlama.ofFormula.merged(adapter, isResident: false)
                    opened += 1
                } catch is Diagnostic {}
                try Data(files[which]).write(to: URL(fileURLWithPath: paths[which]))
            }
        }
        #expect(opened > 10)
        #expect(budget.greed == nil)
        if let growth = budget.growth { #expect(growth < 128 << 20, "\(growth) bytes") }
    }
}
