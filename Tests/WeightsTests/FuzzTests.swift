import Diagnostics
import Files
import Foundation
import TestSupport
import Testing
import Weights

@Suite(
    "Any damage to a weights file gives a diagnostic or a file that can be read to the end, never a crash", .serialized)
struct FuzzTests {
    @Test("GGUF")
    func gguf() throws {
        let opened = try fuzz(GGUFWriter.example.bytes, tries: 8000, fragments: []) { bytes in
            let file = try GGUFFile(MappedFile(bytes, as: "fuzzed.gguf"))
            for key in file.metadata.keys { _ = try file.metadata.value(key) }
            return file.tensors
        }
        // Damage to names and numbers leaves a file readable: the walk beyond the header was exercised.
        #expect(opened > 100)
    }

    @Test("safetensors")
    func safetensors() throws {
        let whole = try Fixtures.withTemporaryFolder { folder in
            var writer = SafetensorsWriter(metadata: ["format": "pt", "naïve ½": "🙂"])
            writer.add(.init("model.layers.0.weight", shape: [4, 3], values: (0..<12).map { Float($0) }))
            writer.add(.init("half", shape: [5], values: [1, 2, 3, 4, 5], as: .f16))
            writer.add(.init("scalar", shape: [], values: [1], as: .bf16))
            try writer.write(to: folder + "/whole.safetensors")
            return try TextFile.bytes(of: folder + "/whole.safetensors")
        }
        let opened = try fuzz(whole, tries: 8000, fragments: Mutator.json) { bytes in
            try SafetensorsFile(MappedFile(bytes, as: "fuzzed.safetensors")).tensors
        }
        #expect(opened > 100)
    }

    @Test("A reader that believes a claim about a size is noticed, though it never touches the memory")
    func greed() {
        var budget = FuzzBudget(tries: 1, fixedCost: 100)
        budget.watch(40_000) { _ = [UInt8](unsafeUninitializedCapacity: 80_000) { _, count in count = 0 } }
        #expect(budget.greed == nil)
        budget.watch(100) { _ = [UInt8](unsafeUninitializedCapacity: 1 << 30) { _, count in count = 0 } }
        #expect((budget.greed ?? 0) > 1 << 30 - 1000)
    }

    /// - Returns: how many damaged files could be read
    private func fuzz(
        _ whole: [UInt8], tries: Int, fragments: [String], open: ([UInt8]) throws -> [StoredTensor]
    ) throws -> Int {
        var budget = FuzzBudget(tries: tries, fixedCost: 1 << 10)
        var mutator = Mutator(seed: budget.seed, fragments: fragments)
        var opened = 0
        while budget.takesAnother() {
            let bytes = mutator.damaged(whole)
            guard !bytes.isEmpty else { continue }
            do {
                for tensor in try budget.watch(bytes.count, { try open(bytes) })
                where StorageType.decodable.contains(tensor.type) {
                    #expect(try tensor.decoded().count == tensor.count)
                }
                opened += 1
            } catch is Diagnostic {}
        }
        #expect(budget.greed == nil)
        if let growth = budget.growth { #expect(growth < 64 << 20, "\(growth) bytes") }
        return opened
    }
}
