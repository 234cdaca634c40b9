import Diagnostics
import Foundation
import TestSupport
import Testing
import Weights

@Suite("A GGUF file")
struct GGUFFileTests {
    @Test("Versions 2 and 3 are read", arguments: [2, 3])
    func versions(_ version: Int) throws {
        var writer = GGUFWriter.example
        writer.version = UInt32(version)
        let file = try openGGUF(writer.bytes)
        #expect(file.version == version)
        #expect(file.metadata.keys == writer.metadata.map(\.key))
        #expect(file.names == ["output.weight", "blk.0.attn_q.weight"])
    }

    @Test("Metadata of every type comes back as it was written")
    func values() throws {
        let file = try openGGUF(GGUFWriter.example.bytes)
        let metadata = file.metadata
        #expect(try metadata.string("text") == "naïve ½ 🙂")
        #expect(try metadata.integer("llama.block_count") == 30)
        #expect(try ["u8", "i8", "u16", "i16", "i32"].map(metadata.integer) == [255, -128, 65_535, -2, -3])
        #expect(try metadata.integer("i64") == .min)
        #expect(try ["f32", "f64", "i8"].map(metadata.number) == [1.5, -0.25, -128])
        #expect(try ["yes", "no"].map(metadata.flag) == [true, false])
        #expect(try metadata.strings("tokens") == ["a", "", "ç"])
        #expect(try metadata.integers("types") == [1, -6])
        #expect(try metadata.numbers("scores") == [0.5, -1])
        #expect(try metadata.numbers("types") == [1, -6])
        #expect(try metadata.flags("flags") == [true, false])
    }

    @Test("A value of any shape can be read whole")
    func anyValue() throws {
        var writer = GGUFWriter()
        writer.metadata = [
            ("u64", .uint64(.max)), ("nested", .array([.array([.uint8(1), .uint8(2)]), .array([.string("x")])])),
            ("empty", .array([])), ("double", .float64(.infinity)),
        ]
        let file = try openGGUF(writer.bytes)
        #expect(try file.metadata.value("u64") == .large(.max))
        #expect(
            try file.metadata.value("nested")
                == .array([.array([.integer(1), .integer(2)]), .array([.string("x")])]))
        #expect(try file.metadata.value("empty") == .array([]))
        #expect(try file.metadata.value("double") == .number(.infinity))
        #expect(try file.metadata.number("u64") == 0x1p64)
    }

    @Test("An optional key is nil where it is missing, and still an error where its type is wrong")
    func optional() throws {
        let file = try openGGUF(GGUFWriter.example.bytes)
        #expect(try file.metadata.integerIfPresent("llama.block_count") == 30)
        #expect(try file.metadata.integerIfPresent("llama.rope.scaling") == nil)
        #expect(try file.metadata.strings("tokens").count == 3)
        #expect(throws: Diagnostic.self) { try file.metadata.flagIfPresent("text") }
        #expect(file.metadata.contains("text"))
        #expect(!file.metadata.contains("Text"))
    }

    @Test("A wrong type names the key, the expected type and the one found")
    func wrongType() throws {
        let file = try openGGUF(GGUFWriter.example.bytes)
        func message(_ body: (GGUFMetadata) throws -> Void) throws -> String {
            try #require(throws: Diagnostic.self) { try body(file.metadata) }.message
        }
        #expect(
            try message { _ = try $0.integer("text") }
                == "metadata key \"text\": expected an integer, found string \"naïve ½ 🙂\"")
        #expect(
            try message { _ = try $0.string("tokens") }
                == "metadata key \"tokens\": expected a string, found an array of 3 × string")
        #expect(
            try message { _ = try $0.strings("types") }
                == "metadata key \"types\": expected an array of strings, found an array of 2 × int32")
        #expect(
            try message { _ = try $0.integers("f32") }
                == "metadata key \"f32\": expected an array of integers, found float32 1.5")
        #expect(
            try message { _ = try $0.integer("u64") }
                == "metadata key \"u64\": expected an integer, found uint64 18446744073709551615")
    }

    @Test("A missing key or tensor names the nearest")
    func missing() throws {
        let file = try openGGUF(GGUFWriter.example.bytes)
        let key = try #require(throws: Diagnostic.self) { try file.metadata.integer("llama.blok_count") }
        #expect(key.suggestion == "the nearest is \"llama.block_count\"")
        let tensor = try #require(throws: Diagnostic.self) { try file.tensor(named: "blk.0.attn_k.weight") }
        #expect(tensor.message == "expected the tensor \"blk.0.attn_k.weight\", which is not among the 2 there")
        #expect(tensor.suggestion == "the nearest is \"blk.0.attn_q.weight\"")
    }

    @Test("Shapes are outermost first, and data begins at the file's own alignment", arguments: [1, 32, 64, 4096])
    func tensors(_ alignment: Int) throws {
        var writer = GGUFWriter.example
        writer.alignment = alignment
        writer.metadata.append(("general.alignment", .uint32(UInt32(alignment))))
        let file = try openGGUF(writer.bytes)
        let output = try file.tensor(named: "output.weight")
        #expect(output.shape == [2, 4])
        #expect((output.rows, output.columns, output.count) == (2, 4, 8))
        #expect(output.byteRange.lowerBound.isMultiple(of: alignment))
        #expect(try output.decoded() == [0, 1, 2, 3, 4, 5, 6, 7])
        #expect(try output.decoded(rows: 1..<2) == [4, 5, 6, 7])
        let query = try file.tensor(named: "blk.0.attn_q.weight")
        #expect(query.shape == [32])
        #expect(query.type == .q8_0)
        #expect(try query.decoded() == (0..<32).map { Float($0 - 16) / 2 })
    }

    @Test("A file with neither metadata nor tensors, and a scalar, are read")
    func smallest() throws {
        let empty = try openGGUF(GGUFWriter().bytes)
        #expect(empty.names.isEmpty)
        #expect(empty.metadata.keys.isEmpty)
        var writer = GGUFWriter()
        writer.tensors = [.init(dimensions: [], data: littleEndian([Float(7).bitPattern]))]
        let scalar = try openGGUF(writer.bytes).tensor(named: "weight")
        #expect(scalar.shape == [])
        #expect(try scalar.decoded() == [7])
    }

    @Test("A tensor outlives the file that it came from, on disk and in memory")
    func lifetime() throws {
        let tensor = try Fixtures.withTemporaryFolder { folder in
            let path = folder + "/model.gguf"
            try Data(GGUFWriter.example.bytes).write(to: URL(fileURLWithPath: path))
            return try GGUFFile(path).tensor(named: "output.weight")
        }
        #expect(try tensor.decoded(rows: 0..<1) == [0, 1, 2, 3])
    }
}
